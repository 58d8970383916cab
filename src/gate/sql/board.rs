use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::events::EventId;
use crate::events::rules::{Viewer, push_runs};
use crate::gate::{LiveEvent, MinuteCount};
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::kernel::timestamp::Timestamp;
use sqlx::{Postgres, QueryBuilder, Row};

/// What happened at an event, added up over its minutes.
pub struct Counted {
    pub gate_id: Uuid,
    pub ticket_type_id: Uuid,
    pub direction: String,
    pub result: String,
    pub reason: String,
    pub scans: i64,
    pub people: i64,
}

pub async fn counted(db: &mut PgConnection, event: EventId) -> Result<Vec<Counted>> {
    Ok(sqlx::query_as!(
        Counted,
        r#"select gate_id, ticket_type_id, direction, result, reason, sum(scans) as "scans!", sum(people) as "people!"
           from gate_tallies where event_id = $1 group by 1, 2, 3, 4, 5"#,
        event.0,
    )
    .fetch_all(db)
    .await?)
}

/// People inside when the day of this moment began, at 6 a.m. by the event's clocks; none where it began before `first`,
/// for that is the event's own first day.
pub async fn inside_before_day(
    db: &mut PgConnection,
    event: EventId,
    at: Timestamp,
    zone: &str,
    first: Timestamp,
) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select coalesce(sum(case t.direction when 'in' then t.people else -t.people end), 0) as "people!"
           from gate_tallies t,
                lateral (select (date_trunc('day', ($2::timestamptz at time zone $3) - interval '6 hours')
                                 + interval '6 hours') at time zone $3 as begins) d
           where t.event_id = $1 and t.minute < d.begins and d.begins > $4"#,
        event.0,
        at.0,
        zone,
        first.0,
    )
    .fetch_one(db)
    .await?)
}

/// The last minutes in which something happened, in order.
pub async fn minutes(db: &mut PgConnection, event: EventId, most: i64) -> Result<Vec<MinuteCount>> {
    let rows = sqlx::query!(
        r#"select * from (
               select minute, coalesce(sum(people) filter (where direction = 'in'), 0) as "came_in!",
                      coalesce(sum(people) filter (where direction = 'out'), 0) as "went_out!",
                      coalesce(sum(scans) filter (where result = 'rejected'), 0) as "refused!"
               from gate_tallies where event_id = $1 group by minute order by minute desc limit $2) m
           order by minute"#,
        event.0,
        most,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| MinuteCount {
            minute: Timestamp(row.minute),
            came_in: row.came_in,
            went_out: row.went_out,
            refused: row.refused,
        })
        .collect())
}

/// People of admissions that clash with another, or were by a void ticket, and that nobody has resolved: by ticket type.
/// They are beside those who came in by a ticket of their own.
pub async fn unresolved(db: &mut PgConnection, event: EventId) -> Result<Vec<(Option<Uuid>, i64)>> {
    let rows = sqlx::query!(
        r#"select c.ticket_type_id, sum(c.people - (c.was is not null)::int) as "people!"
           from checkin_conflicts x join ticket_checkins c on c.id = x.second_checkin_id
           where x.event_id = $1 and x.resolved_at is null and x.kind in ('double_admission', 'void_ticket')
                 and c.annulled_at is null and not c.untrusted
           group by 1"#,
        event.0,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.ticket_type_id, row.people)).collect())
}

/// A ticket type, and its tickets that stand.
pub async fn types_sold(db: &mut PgConnection, event: EventId) -> Result<Vec<(Uuid, String, i32)>> {
    let rows = sqlx::query!(
        "select id, name, sold_count from ticket_types where event_id = $1 and (retired_at is null or sold_count > 0)
         order by position, id",
        event.0
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.name, row.sold_count)).collect())
}

/// Events that go on now, or soon or lately enough for their codes to be good, of those the audience runs.
pub async fn live_events(
    db: &mut impl Db,
    audience: &Viewer,
    only: Option<Uuid>,
    (from, until): (OffsetDateTime, OffsetDateTime),
    paging: &Paging,
) -> Result<Page<LiveEvent>> {
    let whose = format!("{audience:?} {only:?}");
    let keyset = paging.keyset(db.cx(), ("e.start_at", "timestamptz", false), "live events", whose)?;
    let mut query = QueryBuilder::<Postgres>::new(
        "select e.id, e.title, e.city, e.start_at, e.end_at, e.timezone, e.going_count,
                (select coalesce(sum(case t.direction when 'in' then t.people else -t.people end), 0)
                 from gate_tallies t where t.event_id = e.id) as inside,
                (select count(*) from gate_devices d where d.event_id = e.id and d.revoked_at is null) as devices,
                (select count(*) from checkin_conflicts x where x.event_id = e.id and x.resolved_at is null) as conflicts
         from events e where (e.status = 'live' or e.status = 'published' and e.start_at < ",
    );
    query.push_bind(until).push(" and e.end_at > ").push_bind(from).push(") and ");
    match only {
        Some(event) => drop(query.push("e.id = ").push_bind(event)),
        None => push_runs(&mut query, audience),
    }
    let event = |row: &sqlx::postgres::PgRow| -> sqlx::Result<LiveEvent> {
        Ok(LiveEvent {
            event_id: row.try_get("id")?,
            title: row.try_get("title")?,
            city: row.try_get("city")?,
            start_at: row.try_get("start_at")?,
            end_at: row.try_get("end_at")?,
            timezone: row.try_get("timezone")?,
            tickets: row.try_get("going_count")?,
            inside: row.try_get("inside")?,
            devices: row.try_get("devices")?,
            conflicts: row.try_get("conflicts")?,
        })
    };
    keyset.rows(db, query, "e.id").await?.page_by(event, |event| (event.start_at, event.event_id.0))
}
