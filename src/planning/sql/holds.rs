//! What holds whom when, and what is known of those it is about.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::planning::EntryKind;
use crate::planning::engine::{Crew, Near, Side, Stock, Taken};

/// Waits for the turn at all of these, in one order for everybody; it ends with the transaction.
pub async fn lock_resources(db: &mut PgConnection, resources: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "with waited as materialized (select distinct r from unnest($1::uuid[]) as r order by r)
         select pg_advisory_xact_lock(hashtextextended('plan:' || r::text, 0)) from waited",
        resources,
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

/// Notes what an entry takes, for the time being without holding it.
pub async fn holds_set(db: &mut PgConnection, taken: &Taken) -> Result<()> {
    sqlx::query!("delete from plan_holds where entry_id = $1", taken.id).execute(&mut *db).await?;
    if !taken.alive {
        return Ok(());
    }
    let (kinds, ids): (Vec<String>, Vec<Uuid>) = taken.takes.iter().map(|(kind, id)| ((*kind).to_owned(), *id)).unzip();
    sqlx::query!(
        "insert into plan_holds (entry_id, entry_kind, event_id, resource_kind, resource_id, during)
         select $1, $2, $3, k, r, tstzrange($4, $5) from unnest($6::text[], $7::uuid[]) as t (k, r)",
        taken.id,
        taken.kind.as_str(),
        taken.event.0,
        taken.starts_at.0,
        taken.ends_at.0,
        &kinds,
        &ids,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Holds what these entries take; the exclusion constraint has the last word.
pub async fn holds_firm(db: &mut PgConnection, entries: &[Uuid]) -> Result<()> {
    sqlx::query!("update plan_holds set firm = true where entry_id = any($1)", entries).execute(db).await?;
    Ok(())
}

/// Who and what is held within a day before and after each of these entries, by others.
pub async fn near(db: &mut PgConnection, entries: &[Uuid]) -> Result<Vec<Near>> {
    let rows = sqlx::query!(
        r#"select h.entry_id, o.entry_id as other_id, h.resource_kind,
                  coalesce(s.name, u.code) as name, coalesce(s.changeover_minutes, 0) as "changeover!"
           from plan_holds h
           join plan_holds o on o.resource_id = h.resource_id and o.entry_id <> h.entry_id
                and o.during && tstzrange(lower(h.during) - interval '1 day', upper(h.during) + interval '1 day')
           left join stages s on s.id = h.resource_id left join equipment_units u on u.id = h.resource_id
           where h.entry_id = any($1)"#,
        entries,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Near {
            entry: row.entry_id,
            other: row.other_id,
            kind: row.resource_kind,
            name: row.name,
            changeover: i64::from(row.changeover),
        })
        .collect())
}

/// These entries, as a clash names them.
pub async fn sides(db: &mut PgConnection, entries: &[Uuid]) -> Result<Vec<Side>> {
    let rows = sqlx::query!(
        r#"select p.kind as "kind!: EntryKind", p.id as "id!", p.event_id as "event_id!", e.title as "event!",
                  p.title as "name!", case when p.kind = 'crew' then p.title || ', ' || p.detail else p.title end as "title!",
                  p.starts_at as "starts_at!", p.ends_at as "ends_at!", p.status as "status!", e.venue_id,
                  v.latitude::float8 as latitude, v.longitude::float8 as longitude
           from plan_entries p join events e on e.id = p.event_id left join venues v on v.id = e.venue_id
           where p.id = any($1)"#,
        entries,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Side {
            kind: row.kind,
            id: row.id,
            event_id: EventId(row.event_id),
            event: row.event,
            name: row.name,
            title: row.title,
            starts_at: Timestamp(row.starts_at),
            ends_at: Timestamp(row.ends_at),
            firm: matches!(row.status.as_str(), "confirmed" | "done" | "out" | "offered" | "accepted" | "checked_in"),
            venue: row.venue_id,
            place: row.latitude.zip(row.longitude),
        })
        .collect())
}

/// What there is of the equipment that these entries need, and how much of it others take at the worst moment.
pub async fn stocks(db: &mut PgConnection, entries: &[Uuid]) -> Result<Vec<Stock>> {
    let rows = sqlx::query!(
        r#"with wanted as (
               select b.*, q.name, q.units_owned - (select count(*) from equipment_units u
                                                    where u.equipment_id = q.id and u.state <> 'ok') as usable
               from equipment_bookings b join equipment q on q.id = b.equipment_id
               where b.id = any($1) and b.status in ('pencilled', 'confirmed', 'out')),
           others as (
               select w.id as entry, o.id, o.units, o.starts_at, o.ends_at, greatest(o.starts_at, w.starts_at) as at
               from wanted w join equipment_bookings o on o.equipment_id = w.equipment_id and o.id <> w.id
                    and o.status in ('confirmed', 'out')
                    and tstzrange(o.starts_at, o.ends_at) && tstzrange(w.starts_at, w.ends_at)),
           peaks as (
               select p.entry, max((select sum(o.units) from others o where o.entry = p.entry and o.starts_at <= p.at
                                                                      and o.ends_at > p.at)) as peak
               from others p group by p.entry)
           select w.id, w.name, w.units, w.usable as "usable!", coalesce(k.peak, 0)::bigint as "peak!",
                  (select o.id from others o where o.entry = w.id order by o.units desc, o.id limit 1) as "other?"
           from wanted w left join peaks k on k.entry = w.id"#,
        entries,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Stock {
            entry: row.id,
            name: row.name,
            units: i64::from(row.units),
            usable: row.usable.max(0),
            peak: row.peak,
            other: row.other,
        })
        .collect())
}

/// What is known of the people in these entries.
pub async fn crew_of(db: &mut PgConnection, entries: &[Uuid]) -> Result<Vec<Crew>> {
    let rows = sqlx::query!(
        r#"select a.id, m.full_name, s.skill as "skill?",
                  s.skill is null or exists (select 1 from unnest(m.skills) as k where lower(k) = lower(s.skill))
                      as "can!",
                  exists (select 1 from staff_availability v where v.staff_id = a.staff_id
                          and tstzrange(v.starts_at, v.ends_at) && tstzrange(a.starts_at, a.ends_at)) as "away!",
                  coalesce((select sum(extract(epoch from upper(h.during) - lower(h.during)) / 60)::bigint
                            from plan_holds h where h.resource_id = a.staff_id and h.entry_id <> a.id and h.firm
                            and h.during && tstzrange(a.starts_at - interval '36 hours', a.ends_at + interval '36 hours')
                            and (lower(h.during) at time zone e.timezone)::date
                                = (a.starts_at at time zone e.timezone)::date), 0) as "other_minutes!"
           from staff_assignments a join staff_members m on m.id = a.staff_id join events e on e.id = a.event_id
           left join staff_shifts s on s.id = a.shift_id
           where a.id = any($1) and a.status in ('pencilled', 'offered', 'accepted', 'checked_in', 'done')"#,
        entries,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Crew {
            entry: row.id,
            name: row.full_name,
            skill: row.skill,
            can: row.can,
            away: row.away,
            other_minutes: row.other_minutes,
        })
        .collect())
}

/// The entries of an event that hold or want something, and whatever they take.
pub async fn event_takes(db: &mut PgConnection, event: EventId) -> Result<(Vec<Uuid>, Vec<Uuid>)> {
    let row = sqlx::query!(
        r#"select array(select distinct entry_id from plan_holds where event_id = $1
                        union select id from equipment_bookings
                        where event_id = $1 and status in ('pencilled', 'confirmed', 'out')) as "entries!",
                  array(select distinct resource_id from plan_holds where event_id = $1
                        union select equipment_id from equipment_bookings where event_id = $1) as "resources!""#,
        event.0,
    );
    let row = row.fetch_one(db).await?;
    Ok((row.entries, row.resources))
}

/// What other events have pencilled of the equipment that this one has, at the same time.
pub async fn pencilled_elsewhere(db: &mut PgConnection, event: EventId) -> Result<Vec<Uuid>> {
    let entries = sqlx::query_scalar!(
        "select distinct o.id from equipment_bookings w join equipment_bookings o on o.equipment_id = w.equipment_id
             and o.event_id <> w.event_id and o.status = 'pencilled'
             and tstzrange(o.starts_at, o.ends_at) && tstzrange(w.starts_at, w.ends_at)
         where w.event_id = $1 and w.status in ('confirmed', 'out')",
        event.0,
    );
    Ok(entries.fetch_all(db).await?)
}
