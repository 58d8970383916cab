//! Somebody is asked to come: one person, or whoever has a link. [004 §2.7]

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::tickets::{
    EventInvite, InviteDecision, InviteId, NewInvite, Reservation, ShareLinkUse, ShareToken, SharedInvite,
};

#[cfg(feature = "ssr")]
use {
    super::reach,
    crate::access::EndUserId,
    crate::events::{
        Event,
        rules::{by_id, end_user, find_run, lock, lock_open, this_user},
    },
    crate::kernel::{
        context::{Cx, Db, Reader, Tx},
        crypto::sha256,
        error::{invalid_input, link_invalid, over_the_limit},
        permissions::Permission::{EventsManage, EventsRead},
        timestamp::Timestamp,
    },
    crate::tickets::{
        AttendeeSource, InviteStatus, InviteType,
        bus::InviteChanged,
        mails, rules,
        seats::{self, Going, Wish},
        secrets::share_token,
        sql,
    },
    serde_json::Value,
    time::Duration,
};

/// How long an invitation stands, where nobody says otherwise.
#[cfg(feature = "ssr")]
const LIFE: Duration = Duration::days(14);
/// How often a share link works, where nobody says otherwise.
#[cfg(feature = "ssr")]
const USES: i32 = 50;

#[cfg(feature = "ssr")]
fn hash(token: &str) -> [u8; 32] {
    sha256(&[b"event_invite", token.as_bytes()])
}

/// With the link, for those who run the event.
#[cfg(feature = "ssr")]
fn with_link(cx: &Cx, mut invite: EventInvite) -> EventInvite {
    if invite.invite_type == InviteType::ShareLink {
        let (base, token) = (cx.app().config.base_url(), share_token(&cx.app().keys, invite.id.0));
        invite.link = Some(format!("{base}/i/{token}"));
    }
    invite
}

/// The invitations to an event, the latest first
#[operation(GET "/events/{id}/invites", staff = EventsRead, end_user, scoped)]
pub async fn event_invite_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<EventInvite>> {
    find_run(db, id, EventsRead).await?;
    let invites = sql::invite_list(db, id, &query).await?;
    Ok(invites.map(|invite| with_link(db, invite)))
}

/// Your invitations, the latest first
#[operation(GET "/me/invites", end_user)]
pub async fn my_invite_list(db: &mut Reader, query: Paging) -> Result<Page<EventInvite>> {
    let user = this_user(db)?;
    sql::invites_of(db, user, None, &query).await
}

/// Invite somebody to an event, or make a link that can be shared
#[operation(POST "/events/{id}/invites", staff = EventsManage, end_user, status = 201, scoped,
    errors(event_closed, not_admitted, already_exists, unknown_reference))]
pub async fn event_invite_create(tx: &mut Tx, id: EventId, input: NewInvite) -> Result<EventInvite> {
    let event = lock(tx, id, EventsManage).await?;
    rules::must_be_open(tx, &event).await?;
    let now = tx.now;
    let types = sql::type_list(tx.conn(), id, now, true).await?;
    rules::chosen_or_first(&types, input.ticket_type_id)?;
    if let Some(user) = input.invited_user_id {
        rules::takes_invites(tx, &event, user).await?;
        rules::admitted_as(tx, &event, user, "invited_user_id").await?;
    }
    let latest = Timestamp(event.end_at.0);
    let expires_at = input.expires_at.unwrap_or((now.0 + LIFE).into()).min(latest);
    if expires_at <= now {
        return Err(invalid_input().field("expires_at", "must be still to come"));
    }
    let shared = input.invite_type == InviteType::ShareLink;
    let invite = EventInvite {
        id: InviteId::new(),
        event_id: id,
        host_user_id: end_user(&tx.caller),
        invited_user_id: input.invited_user_id,
        invited_name: None,
        status: InviteStatus::Pending,
        message: input.message.map(String::from).unwrap_or_default(),
        invite_type: input.invite_type,
        ticket_type_id: input.ticket_type_id,
        seats: input.seats.count(),
        uses_left: shared.then(|| input.max_uses.map_or(USES, |uses| uses.count())),
        link: None,
        expires_at,
        reservation: None,
        created_at: now,
        updated_at: now,
    };
    let (token, by) = (hash(&share_token(&tx.app().keys, invite.id.0)), tx.actor());
    sql::invite_insert(tx.conn(), &invite, Some(&token), by).await?;
    let invite = sql::invite_find(tx.conn(), invite.id, now).await?;
    tx.audit_created("event_invite.created", &invite);
    tx.emit(&InviteChanged { event_id: id, invite_id: invite.id, status: invite.status });
    if let Some(user) = invite.invited_user_id {
        mails::invited(tx, &event, user, &invite.message).await?;
    }
    Ok(with_link(tx, invite))
}

/// Answer an invitation, or take it back
///
/// Accepting and declining is the invited person's; `expired` takes it back and is the organiser's.
#[operation(PATCH "/invites/{id}", staff = EventsManage, end_user, scoped,
    errors(invalid_transition, event_closed, sold_out, not_admitted, over_the_limit, reservation_expired))]
pub async fn event_invite_decide(tx: &mut Tx, id: InviteId, input: InviteDecision) -> Result<EventInvite> {
    let now = tx.now;
    let seen = sql::invite_find(tx.conn(), id, now).await?;
    let invited = seen.invited_user_id.filter(|user| end_user(&tx.caller) == Some(*user));
    let event = match (input.status, invited) {
        (InviteStatus::Accepted | InviteStatus::Declined, Some(_)) => lock_open(tx, seen.event_id).await?,
        (InviteStatus::Accepted | InviteStatus::Declined, None) => {
            lock(tx, seen.event_id, EventsManage).await.map_err(reach::hidden)?;
            return Err(crate::kernel::error::forbidden().detail("The answer is the invited person's."));
        }
        _ => lock(tx, seen.event_id, EventsManage).await.map_err(reach::hidden)?,
    };
    let before = sql::invite_find(tx.conn(), id, now).await?;
    let to = before.status.next(input.status)?;
    sql::invite_set_status(tx.conn(), id, to, now).await?;
    let mut reservation = None;
    if let (InviteStatus::Accepted, Some(user)) = (to, invited) {
        let answers = rules::answered(tx, event.id, &input.answers).await?;
        reservation = Some(come(tx, &event, &before, user, before.seats, answers).await?);
    }
    let after = sql::invite_find(tx.conn(), id, now).await?;
    tx.audit("event_invite.decided", &before, &after);
    tx.emit(&InviteChanged { event_id: event.id, invite_id: id, status: to });
    Ok(EventInvite { reservation, ..after })
}

/// What a share link is for
///
/// For whoever has the link, before it is used. 410 where it works no longer.
#[operation(GET "/invites/link/{token}", end_user, public, errors(link_invalid))]
pub async fn share_link_get(db: &mut Reader, token: ShareToken) -> Result<SharedInvite> {
    let now = db.now;
    let invite = sql::invite_by_token(db.conn(), &hash(token.as_str()), now).await?.ok_or_else(link_invalid)?;
    let works = invite.status == InviteStatus::Pending && invite.uses_left.is_some_and(|left| left > 0);
    if !works {
        return Err(link_invalid());
    }
    let event = by_id(db.conn(), invite.event_id).await?;
    Ok(SharedInvite { event, seats: invite.seats, message: invite.message, expires_at: invite.expires_at })
}

/// Come by a share link
///
/// Free seats are yours at once, with tickets; others are held until they are paid.
#[operation(POST "/invites/accept", end_user, status = 201, idempotent,
    errors(link_invalid, event_closed, sold_out, not_admitted, over_the_limit, already_exists))]
pub async fn share_link_accept(tx: &mut Tx, input: ShareLinkUse) -> Result<Reservation> {
    let (user, now) = (this_user(tx)?, tx.now);
    let token = hash(input.token.as_str());
    let seen = sql::invite_by_token(tx.conn(), &token, now).await?.ok_or_else(link_invalid)?;
    let event = lock_open(tx, seen.event_id).await?;
    let invite = sql::invite_find(tx.conn(), seen.id, now).await?;
    if invite.status != InviteStatus::Pending || !sql::invite_use(tx.conn(), invite.id).await? {
        return Err(link_invalid());
    }
    if input.seats.count() > invite.seats {
        return Err(over_the_limit().detail(format!("The link is good for {} seats.", invite.seats)));
    }
    let answers = rules::answered(tx, event.id, &input.answers).await?;
    let reservation = come(tx, &event, &invite, user, input.seats.count(), answers).await?;
    tx.emit(&InviteChanged { event_id: event.id, invite_id: invite.id, status: InviteStatus::Accepted });
    Ok(reservation)
}

/// Seats for whoever was invited, of hidden kinds too.
#[cfg(feature = "ssr")]
async fn come(
    tx: &mut Tx,
    event: &Event,
    invite: &EventInvite,
    user: EndUserId,
    count: i32,
    answers: Value,
) -> Result<Reservation> {
    rules::must_be_open(tx, event).await?;
    rules::admitted(tx, event, user).await?;
    let now = tx.now;
    let types = sql::type_list(tx.conn(), event.id, now, true).await?;
    let kind = rules::chosen_or_first(&types, invite.ticket_type_id)?;
    if sql::seats_of(tx.conn(), kind.id, user, now).await? > 0 {
        return Err(over_the_limit().detail("You have seats of that kind already."));
    }
    let minutes = tx.app().config.reservation_minutes;
    let mut wish = Wish::new(kind.id, Some(user), count, kind.price.clone(), minutes);
    wish.invite = Some(invite.id);
    wish.answers = answers;
    seats::take(tx, event, wish, Going::by(AttendeeSource::Invite)).await
}
