use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::events::{Venue, VenueFilter, VenueId};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::found::{push_found, push_updated_since};
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;

paged!(VenueFilter);

const VENUE: &str = "select v.id, v.name, v.address, v.city, v.latitude::float8 as latitude,
    v.longitude::float8 as longitude, v.timezone, v.capacity, v.partner_id, p.name as partner_name, v.metadata,
    n.upcoming_events, n.next_event_at, v.retired_at, v.version, v.created_at, v.updated_at";
const FROM: &str = " from venues v left join partners p on p.id = v.partner_id
    cross join lateral (select count(*) as upcoming_events, min(e.start_at) as next_event_at from events e
                        where e.venue_id = v.id and e.status in ('published', 'live')) n";

fn venue_row(row: &sqlx::postgres::PgRow) -> sqlx::Result<Venue> {
    Ok(Venue {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        address: row.try_get("address")?,
        city: row.try_get("city")?,
        latitude: row.try_get("latitude")?,
        longitude: row.try_get("longitude")?,
        timezone: row.try_get("timezone")?,
        capacity: row.try_get("capacity")?,
        partner_id: row.try_get("partner_id")?,
        partner_name: row.try_get("partner_name")?,
        upcoming_events: row.try_get("upcoming_events")?,
        next_event_at: row.try_get("next_event_at")?,
        metadata: row.try_get("metadata")?,
        retired_at: row.try_get("retired_at")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// Places that can be chosen, by name.
pub async fn venue_list(db: &mut impl Db, filter: &VenueFilter) -> Result<Page<Venue>> {
    let keyset = filter.keyset(db.cx(), ("lower(v.name)", "text", false))?;
    let mut query = QueryBuilder::<Postgres>::new(VENUE);
    query.push(format_args!(", lower(v.name) as sort_key{FROM} where v.retired_at is null"));
    push_found(&mut query, &["search_fold(v.name)", "search_fold(v.address)"], filter.q.as_ref());
    if let Some(city) = &filter.city {
        query.push(" and lower(v.city) = lower(").push_bind(city.as_str().to_owned()).push(")");
    }
    push_updated_since(&mut query, &["v.updated_at"], filter.updated_since);
    keyset.rows(db, query, "v.id").await?.page(venue_row, |venue| venue.id.0)
}

/// One place, or 404.
pub async fn venue_find(db: &mut PgConnection, id: VenueId) -> Result<Venue> {
    let mut query = QueryBuilder::<Postgres>::new(VENUE);
    query.push(FROM).push(" where v.id = ").push_bind(id);
    Ok(venue_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)?)
}

/// The same, locked until the transaction ends: nobody else changes it, and events can be planned there.
pub async fn venue_lock(db: &mut PgConnection, id: VenueId) -> Result<Venue> {
    sqlx::query!("select id from venues where id = $1 for no key update", id.0)
        .fetch_optional(&mut *db)
        .await?
        .ok_or_else(not_found)?;
    venue_find(db, id).await
}

/// The same, and no event can be planned there until the transaction ends.
pub async fn venue_close(db: &mut PgConnection, id: VenueId) -> Result<Venue> {
    sqlx::query!("select id from venues where id = $1 for update", id.0)
        .fetch_optional(&mut *db)
        .await?
        .ok_or_else(not_found)?;
    venue_find(db, id).await
}

/// Waits for the turn at this venue, which ends with the transaction.
pub async fn venue_turn(db: &mut PgConnection, id: VenueId) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", format!("venue:{id}")).execute(db).await?;
    Ok(())
}

pub async fn venue_insert(db: &mut PgConnection, venue: &Venue) -> Result<()> {
    sqlx::query!(
        "insert into venues (id, name, address, city, latitude, longitude, timezone, capacity, partner_id, metadata,
                             created_at, updated_at)
         values ($1, $2, $3, $4, $5::float8::numeric, $6::float8::numeric, $7, $8, $9, $10, $11, $11)",
        venue.id.0,
        venue.name,
        venue.address,
        venue.city,
        venue.latitude,
        venue.longitude,
        venue.timezone,
        venue.capacity,
        venue.partner_id.map(|id| id.0),
        venue.metadata,
        venue.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn venue_update(db: &mut PgConnection, venue: &Venue) -> Result<()> {
    sqlx::query!(
        "update venues
         set name = $2, address = $3, city = $4, latitude = $5::float8::numeric, longitude = $6::float8::numeric,
             capacity = $7, metadata = $8, version = version + 1
         where id = $1",
        venue.id.0,
        venue.name,
        venue.address,
        venue.city,
        venue.latitude,
        venue.longitude,
        venue.capacity,
        venue.metadata,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn venue_retire(db: &mut PgConnection, id: VenueId, now: Timestamp) -> Result<()> {
    sqlx::query!("update venues set retired_at = $2, version = version + 1 where id = $1", id.0, now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Whether an event that is not over is planned there.
pub async fn venue_in_use(db: &mut PgConnection, id: VenueId, now: Timestamp) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from events where venue_id = $1 and status in ('draft', 'published', 'live')
                          and end_at > $2) as "used!""#,
        id.0,
        now.0,
    )
    .fetch_one(db)
    .await?)
}
