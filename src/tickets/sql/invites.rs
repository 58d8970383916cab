use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::access::{EndUserId, StaffId};
use crate::events::EventId;
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::{Page, Paging};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{EventInvite, InviteId, InviteStatus, InviteType, TicketTypeId};

const INVITE: &str = "select i.id, i.event_id, i.host_user_id, i.invited_user_id, i.invited_email, i.invited_phone,
    coalesce(nullif(p.name, ''), nullif(a.name, '')) as invited_name, i.status, i.message, i.invite_type,
    i.ticket_type_id, t.name as ticket_type, t.price_minor, t.currency::text as currency, i.seats, i.uses_left, i.expires_at, i.revoked_at, i.created_at, i.updated_at,
    coalesce(s.full_name, nullif(h.name, '')) as created_by_name,
    (select count(*) from capacity_reservations c where c.invite_id = i.id and c.consumed) as uses
    from event_invites i left join user_profiles p on p.user_id = i.invited_user_id
    left join user_profiles a on a.user_id = i.accepted_by left join user_profiles h on h.user_id = i.host_user_id
    left join ticket_types t on t.id = i.ticket_type_id left join admin_users s on s.id = i.created_by where ";

/// What a ticket of the type costs, where one was chosen.
fn price(minor: Option<i64>, currency: Option<String>) -> Option<Money> {
    Some(Money { minor: minor?, currency: Currency::parse(&currency?).ok()? })
}

/// As of `now`: past its time it has expired, though nobody has written so.
fn invite_row(row: &sqlx::postgres::PgRow, now: Timestamp) -> sqlx::Result<EventInvite> {
    let mut status: InviteStatus = row.try_get("status")?;
    let expires_at: Timestamp = row.try_get("expires_at")?;
    if status == InviteStatus::Pending && expires_at <= now {
        status = InviteStatus::Expired;
    }
    let (invited_email, invited_phone): (Option<String>, Option<String>) =
        (row.try_get("invited_email")?, row.try_get("invited_phone")?);
    let kept: InviteType = row.try_get("invite_type")?;
    // What goes to an address is kept as a link that works once.
    let addressed = invited_email.is_some() || invited_phone.is_some();
    Ok(EventInvite {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        host_user_id: row.try_get("host_user_id")?,
        invited_user_id: row.try_get("invited_user_id")?,
        invited_name: row.try_get("invited_name")?,
        invited_email,
        invited_phone,
        status,
        message: row.try_get("message")?,
        invite_type: if addressed { InviteType::Direct } else { kept },
        ticket_type_id: row.try_get("ticket_type_id")?,
        ticket_type: row.try_get("ticket_type")?,
        price: price(row.try_get("price_minor")?, row.try_get("currency")?),
        revoked_at: row.try_get("revoked_at")?,
        seats: row.try_get("seats")?,
        uses_left: row.try_get("uses_left")?,
        uses: row.try_get("uses")?,
        link: None,
        created_by_name: row.try_get("created_by_name")?,
        expires_at,
        reservation: None,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// One invitation as of now, or 404; whoever asks has to ask the event first.
pub async fn invite_find(db: &mut PgConnection, id: InviteId, now: Timestamp) -> Result<EventInvite> {
    let mut query = QueryBuilder::<Postgres>::new(INVITE);
    query.push("i.id = ").push_bind(id);
    Ok(invite_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?, now)?)
}

/// The share link with this token.
pub async fn invite_by_token(db: &mut PgConnection, hash: &[u8], now: Timestamp) -> Result<Option<EventInvite>> {
    let mut query = QueryBuilder::<Postgres>::new(INVITE);
    query.push("i.token_hash = ").push_bind(hash);
    Ok(query.build().fetch_optional(db).await?.map(|row| invite_row(&row, now)).transpose()?)
}

/// The invitations of an event, the latest first.
pub async fn invite_list(db: &mut impl Db, event: EventId, paging: &Paging) -> Result<Page<EventInvite>> {
    invites(db, None, Some(event), paging).await
}

/// The invitations of one person, the latest first; to one event where that is asked for.
pub async fn invites_of(
    db: &mut impl Db,
    user: EndUserId,
    event: Option<EventId>,
    paging: &Paging,
) -> Result<Page<EventInvite>> {
    invites(db, Some(user), event, paging).await
}

async fn invites(
    db: &mut impl Db,
    user: Option<EndUserId>,
    event: Option<EventId>,
    paging: &Paging,
) -> Result<Page<EventInvite>> {
    let now = db.cx().now;
    let keyset = paging.keyset(db.cx(), ("i.created_at", "timestamptz", true), "invites", (user, event))?;
    let mut query = QueryBuilder::<Postgres>::new(INVITE);
    query.push("true");
    if let Some(user) = user {
        query.push(" and (i.invited_user_id = ").push_bind(user).push(" or i.accepted_by = ").push_bind(user);
        query.push(" or i.status = 'pending' and i.invited_phone = (select u.phone from end_users u where u.id = ");
        query.push_bind(user).push("))");
    }
    if let Some(event) = event {
        query.push(" and i.event_id = ").push_bind(event);
    }
    keyset.rows(db, query, "i.id").await?.page_by(|row| invite_row(row, now), |invite| (invite.created_at, invite.id.0))
}

pub async fn invite_insert(
    db: &mut PgConnection,
    invite: &EventInvite,
    token_hash: Option<&[u8]>,
    by: Option<StaffId>,
) -> Result<()> {
    let shared = invite.invite_type == InviteType::ShareLink || invite.is_addressed();
    let kept = if shared { InviteType::ShareLink } else { InviteType::Direct };
    sqlx::query!(
        "insert into event_invites (id, event_id, host_user_id, invited_user_id, message, invite_type, ticket_type_id,
                                    seats, token_hash, uses_left, expires_at, created_by, created_at, updated_at,
                                    invited_email, invited_phone)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15)",
        invite.id.0,
        invite.event_id.0,
        invite.host_user_id.map(|id| id.0),
        invite.invited_user_id.map(|id| id.0),
        invite.message,
        kept.as_str(),
        invite.ticket_type_id.map(|id| id.0),
        invite.seats,
        token_hash.filter(|_| shared),
        invite.uses_left,
        invite.expires_at.0,
        by.map(|id| id.0),
        invite.created_at.0,
        invite.invited_email,
        invite.invited_phone,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn invite_set_status(
    db: &mut PgConnection,
    id: InviteId,
    status: InviteStatus,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update event_invites set status = $2, revoked_at = case when $2 = 'expired' then $3::timestamptz end
         where id = $1",
        id.0,
        status.as_str(),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Uses a share link once; false if it was used up.
pub async fn invite_use(db: &mut PgConnection, id: InviteId) -> Result<bool> {
    let done = sqlx::query!(
        "update event_invites set uses_left = uses_left - 1 where id = $1 and uses_left > 0 and status = 'pending'",
        id.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// An invitation to an address was accepted by this person.
pub async fn invite_accepted(db: &mut PgConnection, id: InviteId, by: EndUserId) -> Result<()> {
    sqlx::query!("update event_invites set status = 'accepted', accepted_by = $2 where id = $1", id.0, by.0)
        .execute(db)
        .await?;
    Ok(())
}

/// The number somebody signs in with.
pub async fn phone_of(db: &mut PgConnection, user: EndUserId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("select phone from end_users where id = $1", user.0).fetch_optional(db).await?.flatten())
}

/// Who signs in with this number.
pub async fn user_by_phone(db: &mut PgConnection, phone: &str) -> Result<Option<EndUserId>> {
    let id = sqlx::query_scalar!("select id from end_users where phone = $1", phone).fetch_optional(db).await?;
    Ok(id.map(EndUserId))
}

/// How many invitations to addresses this host has made since then. One at a time asks.
pub async fn invites_to_addresses(db: &mut PgConnection, host: EndUserId, since: Timestamp) -> Result<i64> {
    let turn = sqlx::query!("select pg_advisory_xact_lock(hashtextextended('event_invites ' || $1::uuid, 0))", host.0);
    turn.execute(&mut *db).await?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from event_invites
           where host_user_id = $1 and created_at > $2 and num_nonnulls(invited_email, invited_phone) = 1"#,
        host.0,
        since.0,
    );
    Ok(count.fetch_one(db).await?)
}

/// Invitations to an event that is cancelled or over mean nothing any more. Answers those that did, and who was
/// invited; nobody where it was a link.
pub async fn invites_close(
    db: &mut PgConnection,
    event: EventId,
    now: Timestamp,
) -> Result<Vec<(InviteId, Option<EndUserId>)>> {
    let rows = sqlx::query!(
        "update event_invites set status = 'expired', revoked_at = $2
         where event_id = $1 and status = 'pending' and expires_at > $2
         returning id, invited_user_id",
        event.0,
        now.0,
    );
    let closed = rows.fetch_all(db).await?.into_iter();
    Ok(closed.map(|row| (InviteId(row.id), row.invited_user_id.map(EndUserId))).collect())
}

/// The ticket an invitation is for and what it costs: its own type, else the first on show.
pub async fn invited_type(
    db: &mut PgConnection,
    event: EventId,
    kind: Option<TicketTypeId>,
) -> Result<Option<(String, Option<Money>)>> {
    let found = sqlx::query!(
        r#"select name, price_minor, currency::text as "currency!" from ticket_types
         where event_id = $1 and retired_at is null and case when $2::uuid is null then not hidden else id = $2 end
         order by position, id limit 1"#,
        event.0,
        kind.map(|kind| kind.0),
    );
    let found = found.fetch_optional(db).await?;
    Ok(found.map(|kind| (kind.name, price(Some(kind.price_minor), Some(kind.currency)))))
}
