use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access::EndUserId;
use crate::events::EventId;
use crate::kernel::context::Db;
use crate::kernel::error::{Result, internal, not_found};
use crate::kernel::found::{push_person_found, push_updated_since};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::{Limit, Page, Paged, Paging, count, paged};
use crate::kernel::text::{E164Phone, Email};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{
    Attendee, AttendeeFilter, AttendeeId, AttendeeSort, AttendeeStatus, GuestTotals, RequestId, ReservationId,
};

paged!(AttendeeFilter);

const ATTENDEE: &str = "select a.id, a.event_id, a.user_id, coalesce(a.guest_name, nullif(p.name, '')) as name,
    coalesce(a.guest_email, u.email) as email, coalesce(a.guest_phone, u.phone) as phone, a.request_id,
    a.ticket_type_id, a.ticket_type, a.seats,
    (select count(*) from tickets k where k.attendee_id = a.id and k.status in ('inside', 'outside'))::int as seats_in,
    (select count(*) from tickets k where k.attendee_id = a.id and k.status in ('revoked', 'refunded'))::int as seats_gone,
    a.is_paid, a.price_paid_minor, a.currency::text as currency, a.status, a.source,
    coalesce((select l.refunded_minor from payment_order_lines l where l.reservation_id = a.reservation_id),
             (select d.amount_minor from door_sales d where d.attendee_id = a.id and d.refunded_at is not null), 0) as refunded_minor,
    exists (select 1 from door_sales d where d.attendee_id = a.id) as at_door,
    a.checked_in_at, a.cancelled_at, a.cancellation_reason, a.answers, a.note, a.version, a.created_at, a.updated_at";
const FROM: &str = " from event_attendees a left join end_users u on u.id = a.user_id
    left join user_profiles p on p.user_id = a.user_id";

fn attendee_row(row: &sqlx::postgres::PgRow) -> Result<Attendee> {
    let currency: String = row.try_get("currency")?;
    let currency = Currency::parse(&currency).map_err(|e| internal().internal(e))?;
    let refunded = Money { minor: row.try_get("refunded_minor")?, currency: currency.clone() };
    Ok(Attendee {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        user_id: row.try_get("user_id")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        phone: row.try_get("phone")?,
        request_id: row.try_get("request_id")?,
        ticket_type_id: row.try_get("ticket_type_id")?,
        ticket_type: row.try_get("ticket_type")?,
        seats: row.try_get("seats")?,
        seats_in: row.try_get("seats_in")?,
        seats_gone: row.try_get("seats_gone")?,
        is_paid: row.try_get("is_paid")?,
        price_paid: Money { minor: row.try_get("price_paid_minor")?, currency },
        refunded: (refunded.minor > 0).then_some(refunded),
        status: row.try_get("status")?,
        source: row.try_get("source")?,
        at_door: row.try_get("at_door")?,
        checked_in_at: row.try_get("checked_in_at")?,
        cancelled_at: row.try_get("cancelled_at")?,
        cancellation_reason: row.try_get("cancellation_reason")?,
        answers: row.try_get("answers")?,
        note: row.try_get("note")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// One guest, or 404; whoever asks has to ask the event first.
pub async fn attendee_find(db: &mut PgConnection, id: AttendeeId) -> Result<Attendee> {
    let mut query = QueryBuilder::<Postgres>::new(ATTENDEE);
    query.push(FROM).push(" where a.id = ").push_bind(id);
    attendee_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

/// What a guest's own words are found by.
pub const GUEST_TEXT: &str = "search_fold(concat_ws(' ', a.guest_name, a.guest_email, a.guest_phone))";

fn narrow(query: &mut QueryBuilder<Postgres>, event: EventId, filter: &AttendeeFilter) {
    query.push(" where a.event_id = ").push_bind(event);
    push_person_found(query, &[GUEST_TEXT, "u.search_text"], filter.q.as_ref());
    if let Some(statuses) = &filter.status {
        let words: Vec<&str> = statuses.iter().map(|s| s.as_str()).collect();
        query.push(" and a.status = any(").push_bind(words).push(")");
    }
    if let Some(ticket_type) = filter.ticket_type_id {
        query.push(" and a.ticket_type_id = ").push_bind(ticket_type);
    }
    if let Some(sources) = &filter.source {
        let words: Vec<&str> = sources.iter().map(|s| s.as_str()).collect();
        query.push(" and a.source = any(").push_bind(words).push(")");
    }
    if let Some(at_door) = filter.at_door {
        query.push(" and exists (select 1 from door_sales d where d.attendee_id = a.id) = ").push_bind(at_door);
    }
    if let Some(reachable) = filter.reachable {
        query.push(" and (coalesce(a.guest_email, u.email) is not null");
        query.push(r" or coalesce(a.guest_phone, u.phone, '') ~ '^\+[1-9][0-9]{7,14}$') = ").push_bind(reachable);
    }
    const SEATS: &str = "(select max(k.updated_at) from tickets k where k.attendee_id = a.id)";
    push_updated_since(query, &["a.updated_at", "u.updated_at", "p.updated_at", SEATS], filter.updated_since);
}

/// The guests of an event, the newest first unless the filter says otherwise, with how many there are.
pub async fn attendee_list(db: &mut impl Db, event: EventId, filter: &AttendeeFilter) -> Result<Page<Attendee>> {
    let descending = filter.sort.unwrap_or_default() == AttendeeSort::CreatedDesc;
    let keyset = filter.keyset_of(db.cx(), ("a.created_at", "timestamptz", descending), event)?;
    let mut query = QueryBuilder::<Postgres>::new(ATTENDEE);
    query.push(format_args!(", a.created_at::text as sort_key{FROM}"));
    narrow(&mut query, event, filter);
    let mut page = keyset.rows(db, query, "a.id").await?.page(attendee_row, |attendee| attendee.id.0)?;
    // A file needs no number of rows.
    if filter.limit != Some(Limit::EXPORT) {
        page.total_estimate = Some(count(db, FROM, |query| narrow(query, event, filter)).await?);
    }
    Ok(page)
}

/// What an end user takes part in, the latest first; at one event where that is asked for.
pub async fn attendees_of(
    db: &mut impl Db,
    user: EndUserId,
    event: Option<EventId>,
    paging: &Paging,
) -> Result<Page<Attendee>> {
    let keyset = paging.keyset(db.cx(), ("a.created_at", "timestamptz", true), "attendances", (user, event))?;
    let mut query = QueryBuilder::<Postgres>::new(ATTENDEE);
    query.push(FROM).push(" where a.user_id = ").push_bind(user);
    if let Some(event) = event {
        query.push(" and a.event_id = ").push_bind(event);
    }
    keyset.rows(db, query, "a.id").await?.page_by(attendee_row, |attendee| (attendee.created_at, attendee.id.0))
}

/// Who stands for a request.
pub async fn attendee_of_request(db: &mut PgConnection, request: RequestId) -> Result<Option<AttendeeId>> {
    let id = sqlx::query_scalar!(
        "select id from event_attendees where request_id = $1 and status = 'going' order by created_at desc limit 1",
        request.0,
    );
    Ok(id.fetch_optional(db).await?.map(AttendeeId))
}

/// Beside the record: where the guest came from.
pub struct Origin {
    pub reservation: Option<ReservationId>,
    pub from: Option<AttendeeId>,
}

/// Adds a guest as the record says; name, email and phone are kept only of those without an account.
pub async fn attendee_insert(db: &mut PgConnection, attendee: &Attendee, origin: &Origin) -> Result<()> {
    let known = attendee.user_id.is_some();
    sqlx::query!(
        "insert into event_attendees (id, event_id, user_id, guest_name, guest_email, guest_phone, request_id,
             reservation_id, transferred_from, ticket_type_id, ticket_type, seats, is_paid, price_paid_minor, currency,
             status, source, answers, note, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20)",
        attendee.id.0,
        attendee.event_id.0,
        attendee.user_id.map(|id| id.0),
        attendee.name.as_ref().filter(|_| !known),
        attendee.email.as_ref().filter(|_| !known),
        attendee.phone.as_ref().filter(|_| !known),
        attendee.request_id.map(|id| id.0),
        origin.reservation.map(|id| id.0),
        origin.from.map(|id| id.0),
        attendee.ticket_type_id.0,
        attendee.ticket_type,
        attendee.seats,
        attendee.is_paid,
        attendee.price_paid.minor,
        attendee.price_paid.currency.as_str(),
        attendee.status.as_str(),
        attendee.source.as_str(),
        attendee.answers,
        attendee.note,
        attendee.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn attendee_set_status(
    db: &mut PgConnection,
    id: AttendeeId,
    status: AttendeeStatus,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update event_attendees
         set status = $2, cancellation_reason = $3,
             cancelled_at = case when $2 in ('cancelled', 'not_going') then $4::timestamptz end, version = version + 1
         where id = $1",
        id.0,
        status.as_str(),
        reason,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn attendee_set_seats(db: &mut PgConnection, id: AttendeeId, seats: i32) -> Result<()> {
    sqlx::query!("update event_attendees set seats = $2, version = version + 1 where id = $1", id.0, seats)
        .execute(db)
        .await?;
    Ok(())
}

/// The generation of the links in a guest's mails; raised where older ones have to die.
pub async fn attendee_link_generation(db: &mut PgConnection, id: AttendeeId) -> Result<i32> {
    Ok(sqlx::query_scalar!("select link_generation from event_attendees where id = $1", id.0).fetch_one(db).await?)
}

pub async fn attendee_raise_link(db: &mut PgConnection, id: AttendeeId) -> Result<()> {
    sqlx::query!("update event_attendees set link_generation = link_generation + 1 where id = $1", id.0)
        .execute(db)
        .await?;
    Ok(())
}

/// The event is cancelled: nobody goes, tickets are void, counters follow. Who is in already stays as
/// it was. Answers how many guests that concerns.
pub async fn attendees_cancel_all(db: &mut PgConnection, event: EventId, reason: &str, now: Timestamp) -> Result<u64> {
    sqlx::query!(
        "update tickets set status = 'revoked', revoked_at = $2, revoke_reason = $3, version = version + 1
         where event_id = $1 and status in ('issued', 'outside')",
        event.0,
        now.0,
        reason,
    )
    .execute(&mut *db)
    .await?;
    let done = sqlx::query!(
        "update event_attendees
         set status = 'cancelled', cancelled_at = $2, cancellation_reason = $3, version = version + 1
         where event_id = $1 and status = 'going'",
        event.0,
        now.0,
        reason,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update ticket_types t
         set sold_count = coalesce((select sum(seats) from event_attendees a
                                    where a.ticket_type_id = t.id and a.status = 'checked_in'), 0)
         where event_id = $1",
        event.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update events set going_count = coalesce((select sum(seats) from event_attendees
                                                   where event_id = $1 and status = 'checked_in'), 0)
         where id = $1",
        event.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Whom a notice about an event goes to.
pub struct Addressee {
    pub id: Uuid,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub link_generation: i32,
    /// Whether it is an account, and the address one that was not confirmed.
    pub unproven: bool,
    /// Whether the tickets went with the event; who was in already keeps them.
    pub lost: bool,
}

/// The next guests who can be told, in the order of their ids, who are concerned: those who go,
/// or those whom the event's end has taken off.
pub async fn addressees(
    db: &mut PgConnection,
    event: EventId,
    statuses: &[&str],
    after: Uuid,
    limit: i64,
) -> Result<Vec<Addressee>> {
    Ok(sqlx::query_as!(
        Addressee,
        r#"select a.id, coalesce(a.guest_name, nullif(p.name, ''), '') as "name!",
                  coalesce(a.guest_email, u.email) as email, coalesce(a.guest_phone, u.phone) as phone,
                  a.link_generation, (a.user_id is not null and (a.guest_email is not null or u.email_verified_at is null)) as "unproven!", a.status = 'cancelled' as "lost!"
           from event_attendees a left join end_users u on u.id = a.user_id
           left join user_profiles p on p.user_id = a.user_id
           where a.event_id = $1 and a.status = any($2) and a.id > $3
                 and (a.status <> 'cancelled'
                      or a.cancelled_at = (select e.cancelled_at from events e where e.id = a.event_id))
                 and coalesce(a.guest_email, u.email, a.guest_phone, u.phone) is not null
           order by a.id limit $4"#,
        event.0,
        statuses as &[&str],
        after,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// How a guest can be told from now on.
pub async fn attendee_set_contact(
    db: &mut PgConnection,
    id: AttendeeId,
    email: Option<&Email>,
    phone: Option<&E164Phone>,
) -> Result<()> {
    sqlx::query!(
        "update event_attendees
         set guest_email = $2, guest_phone = coalesce($3, guest_phone), version = version + 1 where id = $1",
        id.0,
        email.map(Email::as_str),
        phone.map(E164Phone::as_str),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Who goes, in numbers. Who is in already keeps the ticket when the event is cancelled.
pub async fn guest_totals(db: &mut PgConnection, event: EventId) -> Result<GuestTotals> {
    let rows = sqlx::query!(
        r#"select a.currency::text as "currency!", count(*) as "guests!",
                  coalesce(sum(a.seats) filter (where a.status = 'going'), 0) as "tickets!",
                  count(*) filter (where coalesce(a.guest_email, u.email) is null
                      and coalesce(a.guest_phone, u.phone, '') !~ '^\+[1-9][0-9]{7,14}$') as "unreachable!",
                  coalesce(sum(a.price_paid_minor) filter (where a.status = 'going'), 0)::bigint as "paid!"
           from event_attendees a left join end_users u on u.id = a.user_id
           where a.event_id = $1 and a.status in ('going', 'checked_in') group by 1 order by 1"#,
        event.0,
    )
    .fetch_all(db)
    .await?;
    let mut totals = GuestTotals { guests: 0, tickets: 0, unreachable: 0, paid: Vec::new() };
    for row in rows {
        totals.guests += row.guests;
        totals.tickets += row.tickets;
        totals.unreachable += row.unreachable;
        if row.paid > 0 {
            let currency = Currency::parse(&row.currency).map_err(|e| internal().internal(e))?;
            totals.paid.push(Money { minor: row.paid, currency });
        }
    }
    Ok(totals)
}

/// What the organiser is charged for a guest.
pub async fn attendee_set_fee(db: &mut PgConnection, id: AttendeeId, minor: i64) -> Result<()> {
    sqlx::query!("update event_attendees set platform_fee_minor = $2 where id = $1", id.0, minor).execute(db).await?;
    Ok(())
}
