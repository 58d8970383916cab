use sqlx::PgConnection;
use uuid::Uuid;

use crate::access::{EndUserId, StaffId};
use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::secrets::TicketHashes;
use crate::tickets::{AttendeeId, InviteId, RequestId, TicketType};

/// An event of the demo, as far as its guests need it.
pub struct DemoEvent {
    pub id: EventId,
    pub title: String,
    pub status: String,
    pub capacity: i32,
    pub currency: String,
    pub host_user_id: Option<EndUserId>,
    pub published_at: Option<Timestamp>,
    pub start_at: Timestamp,
    pub end_at: Timestamp,
}

impl DemoEvent {
    /// Whether an end user hosts it.
    pub fn hosted(&self) -> bool {
        self.host_user_id.is_some()
    }
}

/// The demo's events without guests yet, in the order of their days.
pub async fn demo_events(db: &mut PgConnection) -> Result<Vec<DemoEvent>> {
    Ok(sqlx::query_as!(
        DemoEvent,
        r#"select e.id as "id: EventId", e.title, e.status, e.capacity, e.currency as "currency!",
                  e.host_user_id as "host_user_id: EndUserId", e.published_at as "published_at: Timestamp",
                  e.start_at, e.end_at
           from events e where not exists (select 1 from ticket_types t where t.event_id = e.id)
           order by e.start_at, e.title"#,
    )
    .fetch_all(db)
    .await?)
}

pub async fn ticket_type_exists(db: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select exists (select 1 from ticket_types) as "exists!""#).fetch_one(db).await?)
}

/// End users who go out, the same order every time.
pub async fn demo_guests(db: &mut PgConnection) -> Result<Vec<EndUserId>> {
    let ids = sqlx::query_scalar!("select id from end_users where status = 'active' order by phone");
    Ok(ids.fetch_all(db).await?.into_iter().map(EndUserId).collect())
}

/// Guests of one event, each column an array, so that hundreds are one statement.
#[derive(Default)]
pub struct DemoGuests {
    pub ids: Vec<Uuid>,
    pub users: Vec<Option<Uuid>>,
    pub names: Vec<Option<String>>,
    pub emails: Vec<Option<String>>,
    pub types: Vec<Uuid>,
    pub type_names: Vec<String>,
    pub seats: Vec<i32>,
    pub prices: Vec<i64>,
    pub statuses: Vec<String>,
    pub sources: Vec<String>,
    pub came: Vec<time::OffsetDateTime>,
}

/// So many bookings of an event stand in the log: the first and the latest. All of them would take longer than
/// everything else.
const LOGGED: (usize, usize) = (6, 25);
/// So many accepted requests, and invitations, stand there.
const ACCEPTED: i64 = 8;

impl DemoGuests {
    /// Of those who have booked by themselves the first, the latest and whoever stepped back, in the order they came.
    pub fn told(&self) -> Vec<AttendeeId> {
        let mut direct: Vec<_> = (0..self.ids.len()).filter(|at| self.sources[*at] == "direct").collect();
        direct.sort_by_key(|at| self.came[*at]);
        let (first, latest) = (LOGGED.0, direct.len().saturating_sub(LOGGED.1));
        let told = |n: usize, at: usize| n < first || n >= latest || self.statuses[at] == "not_going";
        let told = direct.iter().enumerate().filter(|(n, at)| told(*n, **at));
        told.map(|(_, at)| AttendeeId(self.ids[*at])).collect()
    }
}

pub async fn demo_guests_insert(
    db: &mut PgConnection,
    event: &DemoEvent,
    guests: &DemoGuests,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    // Who cancels does so before the event begins, and not later than now; the event's own end takes all with it.
    sqlx::query!(
        "insert into event_attendees (id, event_id, user_id, guest_name, guest_email, ticket_type_id, ticket_type, seats,
             price_paid_minor, currency, is_paid, status, source, checked_in_at, cancelled_at, cancellation_reason,
             created_at, updated_at)
         select g.id, $1, g.user_id, g.name, g.email, g.type, g.type_name, g.seats, g.price, $2::text, g.price > 0,
                g.status, g.source, case when g.status = 'checked_in' then $3::timestamptz end,
                case g.status
                    when 'cancelled' then (select e.cancelled_at from events e where e.id = $1)
                    when 'not_going' then
                        least(g.came + interval '1 day', g.came + (least($3::timestamptz, $16::timestamptz) - g.came) / 2)
                end,
                case when g.status = 'cancelled' then $15 end, g.came, g.came
         from unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::uuid[], $9::text[], $10::int[], $11::bigint[],
                     $12::text[], $13::text[], $14::timestamptz[])
              as g (id, user_id, name, email, type, type_name, seats, price, status, source, came)",
        event.id.0,
        event.currency,
        event.start_at.0,
        &guests.ids,
        &guests.users as &[Option<Uuid>],
        &guests.names as &[Option<String>],
        &guests.emails as &[Option<String>],
        &guests.types,
        &guests.type_names,
        &guests.seats,
        &guests.prices,
        &guests.statuses,
        &guests.sources,
        &guests.came,
        reason,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Their tickets: of those who do not go they are void, of those who are in one is used.
pub async fn demo_tickets_insert(db: &mut PgConnection, attendees: &[Uuid], all: &[TicketHashes]) -> Result<()> {
    let ids: Vec<Uuid> = all.iter().map(|one| one.ticket.0).collect();
    let codes: Vec<Vec<u8>> = all.iter().map(|one| one.short_code_hash.clone()).collect();
    let hashes: Vec<Vec<u8>> = all.iter().map(|one| one.secret_hash.clone()).collect();
    let salts: Vec<Vec<u8>> = all.iter().map(|one| one.secret_salt.clone()).collect();
    sqlx::query!(
        "insert into tickets (id, event_id, ticket_type_id, attendee_id, user_id, short_code_hash, issued_at, status,
                              revoked_at, revoke_reason, created_at, updated_at)
         select t.id, a.event_id, a.ticket_type_id, a.id, a.user_id, t.code, a.created_at,
                case a.status when 'checked_in' then 'inside' when 'going' then 'issued' else 'revoked' end,
                a.cancelled_at, coalesce(a.cancellation_reason, case when a.cancelled_at is not null then 'Stepped back' end),
                a.created_at, a.created_at
         from unnest($1::uuid[], $2::bytea[], $3::uuid[]) as t (id, code, attendee)
         join event_attendees a on a.id = t.attendee",
        &ids,
        &codes,
        attendees,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into ticket_secrets (ticket_id, secret_hash, secret_salt, is_redeemed, redeemed_at)
         select s.id, s.hash, s.salt, a.status = 'checked_in', case when a.status = 'checked_in' then a.checked_in_at end
         from unnest($1::uuid[], $2::bytea[], $3::bytea[]) as s (id, hash, salt)
         join tickets k on k.id = s.id join event_attendees a on a.id = k.attendee_id",
        &ids,
        &hashes,
        &salts,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The counters as the guests have made them.
pub async fn demo_count(db: &mut PgConnection, event: EventId) -> Result<()> {
    sqlx::query!(
        "update ticket_types t set sold_count = coalesce((select sum(seats) from event_attendees a
             where a.ticket_type_id = t.id and a.status in ('going', 'checked_in')), 0)
         where event_id = $1",
        event.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update events set going_count = coalesce((select sum(seats) from event_attendees
                 where event_id = $1 and status in ('going', 'checked_in')), 0),
             requests_count = (select count(*) from event_requests where event_id = $1 and status = 'pending')
         where id = $1",
        event.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What the guests who were invited have accepted, made a day before they came and not before the event was published.
pub async fn demo_invites_insert(
    db: &mut PgConnection,
    event: EventId,
    by: Option<StaffId>,
    published: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into event_invites (id, event_id, host_user_id, invited_user_id, status, invite_type, ticket_type_id,
                                    seats, expires_at, created_by, created_at, updated_at)
         select gen_random_uuid(), e.id, e.host_user_id, a.user_id, 'accepted', 'direct', a.ticket_type_id, a.seats,
                least(a.created_at + interval '13 days', e.end_at), $2,
                greatest(a.created_at - interval '1 day', $3::timestamptz), a.created_at
         from event_attendees a join events e on e.id = a.event_id
         where e.id = $1 and a.source = 'invite' and a.user_id is not null",
        event.0,
        by.map(|id| id.0),
        published.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The requests of guests who were let come on theirs, made some hours before and not before the event was published.
pub async fn demo_requests_accepted_insert(db: &mut PgConnection, event: EventId, published: Timestamp) -> Result<()> {
    sqlx::query!(
        "with asked as (
             select gen_random_uuid() as id, a.id as attendee, a.user_id, a.seats, a.created_at as at
             from event_attendees a where a.event_id = $1 and a.source = 'request' and a.user_id is not null),
         made as (
             insert into event_requests (id, event_id, requester_user_id, seats_requested, status, decided_at, created_at,
                                         updated_at)
             select id, $1, user_id, seats, 'accepted', at, greatest(at - interval '5 hours', $2::timestamptz), at
             from asked returning id)
         update event_attendees a set request_id = asked.id
         from asked join made on made.id = asked.id where a.id = asked.attendee",
        event.0,
        published.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The latest of an event that were accepted: requests, and invitations.
pub async fn demo_accepted(db: &mut PgConnection, event: EventId) -> Result<(Vec<RequestId>, Vec<InviteId>)> {
    let requests = sqlx::query_scalar!(
        r#"select id as "id: RequestId" from event_requests where event_id = $1 and status = 'accepted'
           order by decided_at desc, id limit $2"#,
        event.0,
        ACCEPTED,
    );
    let invites = sqlx::query_scalar!(
        r#"select id as "id: InviteId" from event_invites where event_id = $1 and status = 'accepted'
           order by updated_at desc, id limit $2"#,
        event.0,
        ACCEPTED,
    );
    Ok((requests.fetch_all(&mut *db).await?, invites.fetch_all(db).await?))
}

/// People who ask to come.
pub async fn demo_requests_insert(
    db: &mut PgConnection,
    event: EventId,
    ids: &[Uuid],
    users: &[Uuid],
    messages: &[String],
    at: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into event_requests (id, event_id, requester_user_id, message, seats_requested, created_at, updated_at)
         select r.id, $1, r.user_id, r.message, 1, $5::timestamptz + r.n * interval '37 minutes', $5
         from unnest($2::uuid[], $3::uuid[], $4::text[]) with ordinality as r (id, user_id, message, n)",
        event.0,
        ids,
        users,
        messages,
        at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// People in line.
pub async fn demo_line_insert(
    db: &mut PgConnection,
    kind: &TicketType,
    ids: &[Uuid],
    users: &[Uuid],
    at: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into waiting_list_entries (id, event_id, ticket_type_id, user_id, seats, created_at, updated_at)
         select w.id, $1, $2, w.user_id, 1, $5::timestamptz + w.n * interval '13 minutes', $5
         from unnest($3::uuid[], $4::uuid[]) with ordinality as w (id, user_id, n)",
        kind.event_id.0,
        kind.id.0,
        ids,
        users,
        at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}
