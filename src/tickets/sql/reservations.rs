use serde_json::Value;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access::EndUserId;
use crate::events::EventId;
use crate::kernel::error::{Result, internal, not_found};
use crate::kernel::money::{Currency, Money};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{
    InviteId, PromoCodeId, RequestId, Reservation, ReservationId, ReservationStatus, TicketTypeId, WaitingId,
};

/// A reservation with its guest; a condition follows.
pub const RESERVATION_WHERE: &str =
    "select r.id, r.reservation_key, r.event_id, r.ticket_type_id, t.name as ticket_type, r.user_id,
    r.seats_reserved, r.unit_price_minor, r.currency::text as currency, r.consumed, r.released_at, r.expires_at,
    r.request_id, r.waiting_list_entry_id, a.id as attendee_id, r.created_at
    from capacity_reservations r join ticket_types t on t.id = r.ticket_type_id
    left join event_attendees a on a.reservation_id = r.id where ";

/// As of `now`: past its time it has expired, though nobody has written so.
fn reservation_row(row: &sqlx::postgres::PgRow, now: Timestamp) -> Result<Reservation> {
    let currency: String = row.try_get("currency")?;
    let currency = Currency::parse(&currency).map_err(|e| internal().internal(e))?;
    let (seats, minor): (i32, i64) = (row.try_get("seats_reserved")?, row.try_get("unit_price_minor")?);
    let (consumed, expires_at): (bool, Timestamp) = (row.try_get("consumed")?, row.try_get("expires_at")?);
    let released: Option<Timestamp> = row.try_get("released_at")?;
    let status = match (consumed, released) {
        (true, _) => ReservationStatus::Consumed,
        (_, Some(_)) => ReservationStatus::Released,
        _ if expires_at <= now => ReservationStatus::Expired,
        _ => ReservationStatus::Active,
    };
    Ok(Reservation {
        id: row.try_get("id")?,
        reservation_key: row.try_get("reservation_key")?,
        event_id: row.try_get("event_id")?,
        ticket_type_id: row.try_get("ticket_type_id")?,
        ticket_type: row.try_get("ticket_type")?,
        user_id: row.try_get("user_id")?,
        seats_reserved: seats,
        unit_price: Money { minor, currency: currency.clone() },
        total: Money { minor: minor * i64::from(seats), currency },
        status,
        consumed,
        expires_at,
        request_id: row.try_get("request_id")?,
        waiting_list_entry_id: row.try_get("waiting_list_entry_id")?,
        attendee_id: row.try_get("attendee_id")?,
        created_at: row.try_get("created_at")?,
    })
}

/// A reservation as of now, or 404.
pub async fn reservation_find(db: &mut PgConnection, id: ReservationId, now: Timestamp) -> Result<Reservation> {
    let mut query = QueryBuilder::<Postgres>::new(RESERVATION_WHERE);
    query.push("r.id = ").push_bind(id);
    reservation_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?, now)
}

/// What the requests of a person to come to an event, or to any, have come to, the latest first.
pub async fn reservations_of_requests(
    db: &mut PgConnection,
    user: EndUserId,
    event: Option<EventId>,
    now: Timestamp,
) -> Result<Vec<Reservation>> {
    let mut query = QueryBuilder::<Postgres>::new(RESERVATION_WHERE);
    query.push("r.request_id is not null");
    reservations_of(db, query, (user, event), " order by r.created_at desc, r.id desc", now).await
}

/// What is held for a person now, at an event or anywhere, the first to end first.
pub async fn reservations_open(
    db: &mut PgConnection,
    user: EndUserId,
    event: Option<EventId>,
    now: Timestamp,
) -> Result<Vec<Reservation>> {
    let mut query = QueryBuilder::<Postgres>::new(RESERVATION_WHERE);
    query.push("not r.consumed and r.released_at is null and r.expires_at > ").push_bind(now);
    reservations_of(db, query, (user, event), " order by r.expires_at, r.id", now).await
}

/// Those of the query that are one person's, at an event or anywhere.
async fn reservations_of(
    db: &mut PgConnection,
    mut query: QueryBuilder<Postgres>,
    (user, event): (EndUserId, Option<EventId>),
    order: &str,
    now: Timestamp,
) -> Result<Vec<Reservation>> {
    query.push(" and r.user_id = ").push_bind(user);
    if let Some(event) = event {
        query.push(" and r.event_id = ").push_bind(event);
    }
    query.push(order);
    query.build().fetch_all(db).await?.iter().map(|row| reservation_row(row, now)).collect()
}

/// The reservation that a request or an invitation has come to, the latest first.
pub async fn reservation_of(
    db: &mut PgConnection,
    request: Option<RequestId>,
    invite: Option<InviteId>,
    user: EndUserId,
    now: Timestamp,
) -> Result<Option<Reservation>> {
    let mut query = QueryBuilder::<Postgres>::new(RESERVATION_WHERE);
    query.push("r.user_id = ").push_bind(user);
    match (request, invite) {
        (Some(request), _) => query.push(" and r.request_id = ").push_bind(request),
        (None, Some(invite)) => query.push(" and r.invite_id = ").push_bind(invite),
        (None, None) => return Ok(None),
    };
    query.push(" order by r.created_at desc limit 1");
    query.build().fetch_optional(db).await?.map(|row| reservation_row(&row, now)).transpose()
}

/// Seats to be held.
pub struct NewReservation {
    pub id: ReservationId,
    pub event_id: EventId,
    pub ticket_type_id: TicketTypeId,
    pub user_id: Option<EndUserId>,
    pub seats: i32,
    pub unit_price: Money,
    pub expires_at: Timestamp,
    pub request_id: Option<RequestId>,
    pub invite_id: Option<InviteId>,
    pub entry_id: Option<WaitingId>,
    pub promo_id: Option<PromoCodeId>,
    pub answers: Value,
}

pub async fn reservation_insert(db: &mut PgConnection, hold: &NewReservation, key: Uuid, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into capacity_reservations (id, reservation_key, event_id, ticket_type_id, user_id, seats_reserved,
             expires_at, unit_price_minor, currency, request_id, invite_id, waiting_list_entry_id, promo_code_id,
             answers, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)",
        hold.id.0,
        key,
        hold.event_id.0,
        hold.ticket_type_id.0,
        hold.user_id.map(|id| id.0),
        hold.seats,
        hold.expires_at.0,
        hold.unit_price.minor,
        hold.unit_price.currency.as_str(),
        hold.request_id.map(|id| id.0),
        hold.invite_id.map(|id| id.0),
        hold.entry_id.map(|id| id.0),
        hold.promo_id.map(|id| id.0),
        hold.answers,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn reservation_answers(db: &mut PgConnection, id: ReservationId) -> Result<Value> {
    Ok(sqlx::query_scalar!("select answers from capacity_reservations where id = $1", id.0).fetch_one(db).await?)
}

pub async fn reservation_set_answers(db: &mut PgConnection, id: ReservationId, answers: &Value) -> Result<()> {
    sqlx::query!("update capacity_reservations set answers = $2 where id = $1", id.0, answers).execute(db).await?;
    Ok(())
}

pub async fn reservation_consume(db: &mut PgConnection, id: ReservationId, now: Timestamp) -> Result<()> {
    sqlx::query!("update capacity_reservations set consumed = true, consumed_at = $2 where id = $1", id.0, now.0)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn reservation_release(db: &mut PgConnection, id: ReservationId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update capacity_reservations set released_at = $2 where id = $1 and not consumed and released_at is null",
        id.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Holds seats until then.
pub async fn reservation_extend(db: &mut PgConnection, id: ReservationId, until: Timestamp) -> Result<()> {
    sqlx::query!("update capacity_reservations set expires_at = $2 where id = $1", id.0, until.0).execute(db).await?;
    Ok(())
}

/// Whether an invitation came to these seats.
pub async fn reservation_is_invited(db: &mut PgConnection, id: ReservationId) -> Result<bool> {
    let invited = sqlx::query_scalar!(
        r#"select invite_id is not null as "invited!" from capacity_reservations where id = $1"#,
        id.0,
    );
    Ok(invited.fetch_one(db).await?)
}

/// Gives back everything that is held for an event; answers what was, and for whom.
pub async fn reservations_release_all(
    db: &mut PgConnection,
    event: EventId,
    now: Timestamp,
) -> Result<Vec<(ReservationId, Option<EndUserId>)>> {
    let rows = sqlx::query!(
        "update capacity_reservations set released_at = $2
         where event_id = $1 and not consumed and released_at is null and expires_at > $2
         returning id, user_id",
        event.0,
        now.0,
    );
    let released = rows.fetch_all(db).await?.into_iter();
    Ok(released.map(|row| (ReservationId(row.id), row.user_id.map(EndUserId))).collect())
}

/// Seats of one kind that a person has, held or taken.
pub async fn seats_of(
    db: &mut PgConnection,
    ticket_type: TicketTypeId,
    user: EndUserId,
    now: Timestamp,
) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select coalesce((select sum(seats) from event_attendees
                           where ticket_type_id = $1 and user_id = $2 and status in ('going', 'checked_in')), 0)
                + coalesce((select sum(seats_reserved) from capacity_reservations
                           where ticket_type_id = $1 and user_id = $2 and not consumed and released_at is null
                                 and expires_at > $3), 0) as "seats!""#,
        ticket_type.0,
        user.0,
        now.0,
    )
    .fetch_one(db)
    .await?)
}
