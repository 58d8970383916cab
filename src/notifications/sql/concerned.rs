//! Whom something concerns, and what it is called.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// Active team members who hold a permission: everywhere, at this event, or at this partner, which is not suspended. Who
/// has to set up a second factor first holds none yet.
pub async fn holders(
    db: &mut PgConnection,
    permission: &str,
    event: Option<Uuid>,
    partner: Option<Uuid>,
    at: Timestamp,
) -> Result<Vec<Uuid>> {
    let holders = sqlx::query_scalar!(
        "select distinct a.user_id from user_role_assignments a
         join role_permissions r on r.role_id = a.role_id and r.permission_id = $1
         join admin_users u on u.id = a.user_id and u.status = 'active'
         where a.revoked_at is null and (a.expires_at is null or a.expires_at > $4)
               and (num_nonnulls(a.event_id, a.partner_id, a.talent_id) = 0 or a.event_id = $2 or a.partner_id = $3)
               and not exists (select from partners p where p.id = a.partner_id and p.status = 'suspended')
               and (u.totp_enabled_at is not null
                    or not exists (select from user_role_assignments o join roles l on l.id = o.role_id
                                   where o.user_id = a.user_id and o.revoked_at is null and l.requires_2fa
                                         and (o.expires_at is null or o.expires_at > $4)))
         order by a.user_id",
        permission,
        event,
        partner,
        at.0,
    );
    Ok(holders.fetch_all(db).await?)
}

/// An event, as far as it is spoken of.
pub struct OfEvent {
    pub title: String,
    pub slug: String,
    pub partner: Option<Uuid>,
    pub host: Option<Uuid>,
}

pub async fn event(db: &mut PgConnection, id: Uuid) -> Result<Option<OfEvent>> {
    Ok(sqlx::query_as!(
        OfEvent,
        "select title, slug, organizer_partner_id as partner, host_user_id as host from events where id = $1",
        id
    )
    .fetch_optional(db)
    .await?)
}

/// An admission that somebody has to look at: of what kind, and where and when its ticket was scanned.
pub struct OfConflict {
    pub kind: String,
    pub timezone: String,
    pub first_gate: Option<String>,
    pub first_at: Option<Timestamp>,
    pub second_gate: String,
    pub second_at: Timestamp,
}

pub async fn conflict(db: &mut PgConnection, id: Uuid) -> Result<Option<OfConflict>> {
    Ok(sqlx::query_as!(
        OfConflict,
        r#"select x.kind, e.timezone, f.gate as "first_gate?", f.checked_in_at as "first_at?: Timestamp",
                  c.gate as second_gate, c.checked_in_at as "second_at: Timestamp"
           from checkin_conflicts x join events e on e.id = x.event_id join ticket_checkins c on c.id = x.second_checkin_id
           left join ticket_checkins f on f.id = x.first_checkin_id where x.id = $1"#,
        id
    )
    .fetch_optional(db)
    .await?)
}

/// Users who are going to an event, by their account; of one that was cancelled those who were until then.
pub async fn going(db: &mut PgConnection, event: Uuid) -> Result<Vec<Uuid>> {
    let rows = sqlx::query_scalar!(
        r#"select distinct a.user_id as "user_id!" from event_attendees a join events e on e.id = a.event_id
           where a.event_id = $1 and a.user_id is not null
                 and (a.status in ('going', 'checked_in')
                      or a.status = 'cancelled' and a.cancelled_at >= e.cancelled_at)"#,
        event
    );
    Ok(rows.fetch_all(db).await?)
}

/// Who asked to come to which event.
pub async fn requester(db: &mut PgConnection, request: Uuid) -> Result<Option<(Uuid, String, i32)>> {
    let row = sqlx::query!(
        r#"select r.requester_user_id, coalesce(nullif(p.name, ''), 'A guest') as "name!", r.seats_requested
           from event_requests r left join user_profiles p on p.user_id = r.requester_user_id where r.id = $1"#,
        request
    );
    Ok(row.fetch_optional(db).await?.map(|row| (row.requester_user_id, row.name, row.seats_requested)))
}

/// Whether seats of an accepted request wait to be paid.
pub async fn is_unpaid(db: &mut PgConnection, request: Uuid) -> Result<bool> {
    let unpaid = sqlx::query_scalar!(
        r#"select exists (select from capacity_reservations
                          where request_id = $1 and not consumed and released_at is null and unit_price_minor > 0)
               as "unpaid!""#,
        request
    );
    Ok(unpaid.fetch_one(db).await?)
}

/// Whose account a booking is, how many seats and of which kind; none where somebody took free seats themselves.
pub async fn booked(db: &mut PgConnection, attendee: Uuid) -> Result<Option<(Uuid, i32, String)>> {
    let row = sqlx::query!(
        r#"select user_id as "user!", seats, ticket_type from event_attendees
           where id = $1 and user_id is not null and (is_paid or source in ('comp', 'import'))"#,
        attendee
    );
    Ok(row.fetch_optional(db).await?.map(|row| (row.user, row.seats, row.ticket_type)))
}

/// Who has these tickets, if it is an account.
pub async fn holder(db: &mut PgConnection, attendee: Uuid) -> Result<Option<Uuid>> {
    let row = sqlx::query_scalar!("select user_id from event_attendees where id = $1", attendee);
    Ok(row.fetch_optional(db).await?.flatten())
}

/// Who was invited, if by their account.
pub async fn invited(db: &mut PgConnection, invite: Uuid) -> Result<Option<(Uuid, String)>> {
    let row = sqlx::query!(
        r#"select invited_user_id as "user!", message from event_invites
           where id = $1 and invited_user_id is not null"#,
        invite
    );
    Ok(row.fetch_optional(db).await?.map(|row| (row.user, row.message)))
}

/// Who waits for seats.
pub async fn waits(db: &mut PgConnection, entry: Uuid) -> Result<Option<(Uuid, i32)>> {
    let row = sqlx::query!("select user_id, seats from waiting_list_entries where id = $1", entry);
    Ok(row.fetch_optional(db).await?.map(|row| (row.user_id, row.seats)))
}

/// What a partner is called.
pub async fn partner(db: &mut PgConnection, id: Uuid) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("select name from partners where id = $1", id).fetch_optional(db).await?)
}

/// What a user is called.
pub async fn user(db: &mut PgConnection, id: Uuid) -> Result<String> {
    let name = sqlx::query_scalar!(r#"select nullif(name, '') as "name?" from user_profiles where user_id = $1"#, id);
    Ok(name.fetch_optional(db).await?.flatten().unwrap_or_else(|| "a guest without a name".to_owned()))
}

/// Who paid.
pub async fn payer(db: &mut PgConnection, payment: Uuid) -> Result<Option<Uuid>> {
    let user = sqlx::query_scalar!(
        "select o.user_id from payments p join payment_orders o on o.id = p.order_id where p.id = $1",
        payment
    );
    Ok(user.fetch_optional(db).await?)
}
