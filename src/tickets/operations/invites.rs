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
        Event, EventStatus,
        rules::{by_id, end_user, find_run, lock, lock_open, this_user},
    },
    crate::kernel::{
        app::App,
        context::{Db, Reader, RequestContext, Tx},
        crypto::sha256,
        error::{Error, invalid_input, link_invalid},
        permissions::Permission::{EventsManage, EventsRead},
        text::E164Phone,
        timestamp::Timestamp,
    },
    crate::notify::guests,
    crate::tickets::errors::over_the_limit,
    crate::tickets::{
        AttendeeSource, InviteStatus, InviteType,
        bus::InviteChanged,
        mails, rules,
        seats::{self, GuestDetails, SeatRequest},
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

/// How many addresses an end user may invite in a day: mails and texts to people who have asked for nothing.
#[cfg(feature = "ssr")]
const ADDRESSES_A_DAY: i64 = 50;

#[cfg(feature = "ssr")]
fn hash(token: &str) -> [u8; 32] {
    sha256(&[b"event_invite", token.as_bytes()])
}

/// What is kept of the token in an invitation's link.
#[cfg(feature = "ssr")]
pub(crate) fn token_hash(app: &App, id: InviteId) -> [u8; 32] {
    hash(&guests::invite_token(&app.keys, id.0))
}

/// With the link, for those who manage the event: it can be copied again.
#[cfg(feature = "ssr")]
fn with_link(cx: &RequestContext, mut invite: EventInvite) -> EventInvite {
    if invite.uses_left.is_some() {
        invite.link = Some(guests::invite_url(cx.app(), invite.id.0));
    }
    invite
}

/// As the invited person sees it.
#[cfg(feature = "ssr")]
fn as_guest(invite: EventInvite) -> EventInvite {
    EventInvite { uses: None, created_by_name: None, ..invite }
}

/// Whether this invitation is to the caller: by account, or by the number it signs in with.
#[cfg(feature = "ssr")]
async fn invited_here(tx: &mut Tx, invite: &EventInvite) -> Result<Option<EndUserId>> {
    let Some(user) = end_user(&tx.caller) else { return Ok(None) };
    let by_phone = match &invite.invited_phone {
        Some(phone) => sql::phone_of(tx.conn(), user).await?.as_ref() == Some(phone),
        None => false,
    };
    Ok((by_phone || invite.invited_user_id == Some(user)).then_some(user))
}

/// List the invitations to an event
///
/// Newest first.
#[operation(GET "/events/{id}/invites", staff = EventsRead, end_user, scoped)]
pub async fn event_invite_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<EventInvite>> {
    find_run(db, id, EventsRead).await?;
    // Whoever has a link comes in by it: people of a suspended partner only look.
    let looks = db.caller.staff().is_some_and(|staff| staff.is_withheld(EventsManage));
    let manages = !looks && find_run(db, id, EventsManage).await.is_ok();
    let invites = sql::invite_list(db, id, &query).await?;
    Ok(invites.map(|invite| if manages { with_link(db, invite) } else { invite }))
}

/// List your invitations
///
/// Newest first.
#[operation(GET "/me/invites", end_user)]
pub async fn my_invite_list(db: &mut Reader, query: Paging) -> Result<Page<EventInvite>> {
    let user = this_user(db)?;
    Ok(sql::invites_of(db, user, None, &query).await?.map(as_guest))
}

/// Invite a guest, or create a share link
///
/// Invite a user, an email address or a phone number. Addresses get a link that works once: anyone can use the link in
/// an email, but the link in a text message only works for someone signed in with that number. End users can invite 50
/// addresses a day.
#[operation(POST "/events/{id}/invites", staff = EventsManage, end_user, status = 201, scoped,
    errors(event_closed, not_admitted, already_exists, unknown_reference, over_the_limit))]
pub async fn event_invite_create(tx: &mut Tx, id: EventId, input: NewInvite) -> Result<EventInvite> {
    let event = lock(tx, id, EventsManage).await?;
    rules::must_be_open(tx, &event).await?;
    let now = tx.now;
    let types = sql::type_list(tx.conn(), id, now, true).await?;
    rules::chosen_or_first(&types, input.ticket_type_id)?;
    if let Some(user) = input.invited_user_id {
        rules::takes_invites(tx, &event, user, "invited_user_id").await?;
        rules::admitted_as(tx, &event, user, "invited_user_id").await?;
    }
    let addressed = input.invited_email.is_some() || input.invited_phone.is_some();
    let phone = input.invited_phone.map(|phone| E164Phone::given(&phone, &event.timezone)).transpose();
    let phone = phone.map_err(|error| invalid_input().field("invited_phone", error))?;
    if let (true, Some(host)) = (addressed, end_user(&tx.caller)) {
        let since = Timestamp(now.0 - Duration::days(1));
        if sql::invites_to_addresses(tx.conn(), host, since).await? >= ADDRESSES_A_DAY {
            let most = format!("At most {ADDRESSES_A_DAY} addresses can be invited in a day. Share a link instead.");
            return Err(over_the_limit().detail(most));
        }
    }
    let latest = Timestamp(event.end_at.0);
    let expires_at = input.expires_at.unwrap_or((now.0 + LIFE).into()).min(latest);
    if expires_at <= now {
        return Err(invalid_input().field("expires_at", "must be in the future"));
    }
    let shared = input.invite_type == InviteType::ShareLink;
    let invite = EventInvite {
        id: InviteId::new(),
        event_id: id,
        host_user_id: end_user(&tx.caller),
        invited_user_id: input.invited_user_id,
        invited_name: None,
        invited_email: input.invited_email.map(String::from),
        invited_phone: phone.map(String::from),
        status: InviteStatus::Pending,
        message: input.message.map(String::from).unwrap_or_default(),
        invite_type: input.invite_type,
        ticket_type_id: input.ticket_type_id,
        ticket_type: None,
        price: None,
        revoked_at: None,
        seats: input.seats.count(),
        uses_left: match (addressed, shared) {
            (true, _) => Some(1),
            (false, true) => Some(input.max_uses.map_or(USES, |uses| uses.count())),
            (false, false) => None,
        },
        uses: None,
        link: None,
        created_by_name: None,
        expires_at,
        reservation: None,
        created_at: now,
        updated_at: now,
    };
    let (token, by) = (token_hash(tx.app(), invite.id), tx.actor());
    sql::invite_insert(tx.conn(), &invite, Some(&token), by).await?;
    let invite = sql::invite_find(tx.conn(), invite.id, now).await?;
    tx.audit_created("event_invite.created", &invite);
    tx.emit(&InviteChanged { event_id: id, invite_id: invite.id, status: invite.status });
    if let Some(user) = invite.invited_user_id {
        mails::invited(tx, &event, user, &invite.message).await?;
    }
    if addressed && wants(tx, &event, &invite).await? {
        mails::invited_there(tx, &event, &invite).await?;
    }
    Ok(with_link(tx, invite))
}

/// Whether this number's owner, where it has one here, takes invitations. Who invites is not told: that would tell who
/// has an account.
#[cfg(feature = "ssr")]
async fn wants(tx: &mut Tx, event: &Event, invite: &EventInvite) -> Result<bool> {
    let Some(phone) = &invite.invited_phone else { return Ok(true) };
    match sql::user_by_phone(tx.conn(), phone).await? {
        Some(user) => sql::guest_takes_invites(tx.conn(), user, event.id).await,
        None => Ok(true),
    }
}

/// Accept, decline or revoke an invitation
///
/// The invited person can accept or decline. The organiser revokes it with `expired`.
#[operation(PATCH "/invites/{id}", staff = EventsManage, end_user, scoped,
    errors(invalid_transition, event_closed, sold_out, not_admitted, over_the_limit, reservation_expired,
        link_invalid))]
pub async fn event_invite_decide(tx: &mut Tx, id: InviteId, input: InviteDecision) -> Result<EventInvite> {
    let now = tx.now;
    let seen = sql::invite_find(tx.conn(), id, now).await?;
    let invited = invited_here(tx, &seen).await?;
    let event = match (input.status, invited) {
        (InviteStatus::Accepted | InviteStatus::Declined, Some(_)) => lock_open(tx, seen.event_id).await?,
        (InviteStatus::Accepted | InviteStatus::Declined, None) => {
            lock(tx, seen.event_id, EventsManage).await.map_err(reach::hidden)?;
            return Err(crate::kernel::error::forbidden().detail("Only the invited person can answer."));
        }
        _ => lock(tx, seen.event_id, EventsManage).await.map_err(reach::hidden)?,
    };
    let before = sql::invite_find(tx.conn(), id, now).await?;
    let to = before.status.next(input.status)?;
    let mut reservation = None;
    if let (InviteStatus::Accepted, Some(user)) = (to, invited) {
        if before.is_addressed() {
            if !sql::invite_use(tx.conn(), id).await? {
                return Err(link_invalid());
            }
            sql::invite_accepted(tx.conn(), id, user).await?;
        } else {
            sql::invite_set_status(tx.conn(), id, to, now).await?;
        }
        let answers = rules::answered(tx, event.id, &input.answers).await?;
        reservation = Some(come(tx, &event, &before, user, before.seats, answers).await?);
    } else {
        sql::invite_set_status(tx.conn(), id, to, now).await?;
    }
    let after = sql::invite_find(tx.conn(), id, now).await?;
    tx.audit("event_invite.decided", &before, &after);
    tx.emit(&InviteChanged { event_id: event.id, invite_id: id, status: to });
    let after = EventInvite { reservation, ..after };
    Ok(if invited.is_some() { as_guest(after) } else { after })
}

/// Get the event and invitation of a share link
///
/// For anyone with the link. Returns 410 if the link no longer works.
#[operation(GET "/invites/link/{token}", end_user, public, errors(link_invalid))]
pub async fn share_link_get(db: &mut Reader, token: ShareToken) -> Result<SharedInvite> {
    let now = db.now;
    let invite = sql::invite_by_token(db.conn(), &hash(token.as_str()), now).await?.ok_or_else(link_invalid)?;
    let event = by_id(db.conn(), invite.event_id).await?;
    let works = invite.status == InviteStatus::Pending && invite.uses_left.is_some_and(|left| left > 0);
    if !works {
        return Err(no_longer(&event, &invite, now));
    }
    let ticket_type = sql::invited_type(db.conn(), invite.event_id, invite.ticket_type_id).await?;
    let (ticket_type, price) = ticket_type.map_or((None, None), |(name, price)| (Some(name), price));
    let EventInvite { seats, message, expires_at, .. } = invite;
    Ok(SharedInvite { event, seats, ticket_type, price, message, expires_at })
}

/// Why a link works no longer, in the words of whoever follows it.
#[cfg(feature = "ssr")]
fn no_longer(event: &Event, invite: &EventInvite, now: Timestamp) -> Error {
    let title = &event.title;
    link_invalid().detail(match (event.status, invite.status) {
        (EventStatus::Cancelled, _) => format!("{title} was cancelled by its organiser."),
        (EventStatus::Ended, _) => format!("{title} has ended."),
        _ if event.end_at <= now => format!("{title} has ended."),
        (_, InviteStatus::Accepted) => {
            "This invitation was already accepted. Your tickets are under My tickets.".to_owned()
        }
        (_, InviteStatus::Declined) => "This invitation was declined. Ask the organiser for a new one.".to_owned(),
        _ if invite.revoked_at.is_some() => {
            format!("The organiser revoked this invitation to {title}. Ask them for a new one.")
        }
        (_, InviteStatus::Expired) => {
            format!("This invitation to {title} has expired. Ask the organiser for a new one.")
        }
        (_, InviteStatus::Pending) => {
            format!("This invitation to {title} was used as often as it allows. Ask the organiser for a new one.")
        }
    })
}

/// Accept an invitation by share link
///
/// Free seats are booked at once, with tickets; paid seats are held until they are paid.
#[operation(POST "/invites/accept", end_user, status = 201, idempotent,
    errors(link_invalid, event_closed, sold_out, not_admitted, over_the_limit, already_exists))]
pub async fn share_link_accept(tx: &mut Tx, input: ShareLinkUse) -> Result<Reservation> {
    let (user, now) = (this_user(tx)?, tx.now);
    let token = hash(input.token.as_str());
    let seen = sql::invite_by_token(tx.conn(), &token, now).await?.ok_or_else(link_invalid)?;
    let event = lock_open(tx, seen.event_id).await?;
    let invite = sql::invite_find(tx.conn(), seen.id, now).await?;
    if invite.status != InviteStatus::Pending || !sql::invite_use(tx.conn(), invite.id).await? {
        return Err(no_longer(&event, &invite, now));
    }
    if invite.invited_phone.is_some() && invited_here(tx, &invite).await?.is_none() {
        let other = "This invitation was sent to another phone number: sign in with that number to accept it.";
        return Err(link_invalid().detail(other));
    }
    if input.seats.count() > invite.seats {
        return Err(over_the_limit().detail(format!("The link is good for {} seats.", invite.seats)));
    }
    let answers = rules::answered(tx, event.id, &input.answers).await?;
    let reservation = come(tx, &event, &invite, user, input.seats.count(), answers).await?;
    if invite.is_addressed() {
        sql::invite_accepted(tx.conn(), invite.id, user).await?;
    }
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
    let ticket_type = rules::chosen_or_first(&types, invite.ticket_type_id)?;
    if sql::seats_of(tx.conn(), ticket_type.id, user, now).await? > 0 {
        return Err(over_the_limit().detail("You already have seats of that type."));
    }
    let minutes = tx.app().config.reservation_minutes;
    let mut seat_request = SeatRequest::new(ticket_type.id, Some(user), count, ticket_type.price.clone(), minutes);
    seat_request.invite = Some(invite.id);
    seat_request.answers = answers;
    seats::take(tx, event, seat_request, GuestDetails::by(AttendeeSource::Invite)).await
}
