use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::events::{EVENT_TABLES, event_row, select};
use crate::events::rules::{Viewer, audience, push_lists, push_runs};
use crate::events::{Event, EventChoices, EventFilter, EventSort, NEAR_KM};
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::found::{push_found, push_updated_since};
use crate::kernel::page::{Page, Paged, Paging, count, paged};
use crate::kernel::permissions::Permission;
use crate::kernel::timestamp::Timestamp;

paged!(EventFilter);

/// Kilometres from one parallel to the next.
const KM_PER_DEGREE: f64 = 111.2;

/// Sort key in SQL, its type, and whether it is descending. Each has its index.
fn order(sort: EventSort) -> (&'static str, &'static str, bool) {
    match sort {
        EventSort::Start => ("e.start_at", "timestamptz", false),
        EventSort::StartDesc => ("e.start_at", "timestamptz", true),
        EventSort::Title => ("lower(e.title)", "text", false),
        EventSort::TitleDesc => ("lower(e.title)", "text", true),
        EventSort::Created => ("e.created_at", "timestamptz", false),
        EventSort::CreatedDesc => ("e.created_at", "timestamptz", true),
    }
}

fn narrow(query: &mut QueryBuilder<Postgres>, audience: &Viewer, filter: &EventFilter) {
    if filter.mine == Some(true) {
        push_runs(query, audience);
    } else {
        push_lists(query, audience);
        if filter.status.is_none() && !matches!(audience, Viewer::Staff(_)) {
            query.push(" and e.status in ('published', 'live')");
        }
    }
    if let Some(statuses) = &filter.status {
        let words: Vec<&str> = statuses.iter().map(|s| s.as_str()).collect();
        query.push(" and e.status = any(").push_bind(words).push(")");
    }
    push_found(query, &["e.search_text"], filter.q.as_ref());
    if let Some(ids) = &filter.id {
        query.push(" and e.id = any(").push_bind(ids.iter().map(|id| id.0).collect::<Vec<_>>()).push(")");
    }
    if let Some(city) = &filter.city {
        query.push(" and lower(e.city) = lower(").push_bind(city.as_str().to_owned()).push(")");
    }
    if let Some(interests) = &filter.interest {
        let ids: Vec<uuid::Uuid> = interests.iter().map(|interest| interest.0).collect();
        query.push(" and exists (select 1 from event_interest_map m where m.event_id = e.id and m.interest_id = any(");
        query.push_bind(ids).push("))");
    }
    if let Some(from) = filter.from {
        query.push(" and e.end_at >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        query.push(" and e.start_at < ").push_bind(to);
    }
    // Each event's own day; with a bound that no clock on earth is beyond, for which there is an index.
    if let Some(day) = &filter.from_day {
        query.push(" and (e.end_at at time zone e.timezone)::date >= ").push_bind(day.as_str().to_owned());
        query.push("::date and e.end_at >= ").push_bind(day.as_str().to_owned());
        query.push("::date::timestamp at time zone 'UTC' - interval '16 hours'");
    }
    if let Some(day) = &filter.to_day {
        query.push(" and (e.start_at at time zone e.timezone)::date <= ").push_bind(day.as_str().to_owned());
        query.push("::date and e.start_at < ").push_bind(day.as_str().to_owned());
        query.push("::date::timestamp at time zone 'UTC' + interval '40 hours'");
    }
    if let Some(minor) = filter.price_min {
        query.push(" and e.ticket_price_minor >= ").push_bind(minor);
    }
    if let Some(minor) = filter.price_max {
        query.push(" and e.ticket_price_minor <= ").push_bind(minor);
    }
    if let Some(venue) = filter.venue_id {
        query.push(" and e.venue_id = ").push_bind(venue);
    }
    if let Some(partner) = filter.organizer_partner_id {
        query.push(" and e.organizer_partner_id = ").push_bind(partner);
    }
    if let Some(user) = filter.host_user_id {
        query.push(" and e.host_user_id = ").push_bind(user);
    }
    if filter.has_requests == Some(true) {
        // Guests are not told how many asked.
        query.push(" and e.requests_count > 0 and ");
        push_runs(query, audience);
    }
    push_updated_since(query, &["e.updated_at"], filter.updated_since);
    if let (Some(lat), Some(lon)) = (filter.lat, filter.lon) {
        near(query, lat, lon, filter.radius_km.unwrap_or(NEAR_KM));
    }
}

/// Within so many kilometres: first a box, for which there is an index, then the great circle.
fn near(query: &mut QueryBuilder<Postgres>, lat: f64, lon: f64, km: f64) {
    let tall = km / KM_PER_DEGREE;
    query.push(" and v.latitude between ").push_bind(lat - tall);
    query.push("::float8::numeric and ").push_bind(lat + tall).push("::float8::numeric");
    let wide = tall / (lat.abs() + tall).min(89.9).to_radians().cos();
    // A box over the antimeridian would be two; the circle alone is right there too.
    if lon - wide > -180.0 && lon + wide < 180.0 {
        query.push(" and v.longitude between ").push_bind(lon - wide);
        query.push("::float8::numeric and ").push_bind(lon + wide).push("::float8::numeric");
    }
    query.push(" and 2 * 6371.0 * asin(least(1, sqrt(power(sin(radians(v.latitude::float8 - ").push_bind(lat);
    query.push(") / 2), 2) + cos(radians(").push_bind(lat);
    query.push(")) * cos(radians(v.latitude::float8)) * power(sin(radians(v.longitude::float8 - ").push_bind(lon);
    query.push(") / 2), 2)))) <= ").push_bind(km);
}

pub async fn event_list(db: &mut impl Db, filter: &EventFilter) -> Result<Page<Event>> {
    let (expression, cast, descending) = order(filter.sort.unwrap_or_default());
    let keyset = filter.keyset(db.cx(), (expression, cast, descending))?;
    let audience = audience(db.cx(), Permission::EventsRead);
    let mut query = select(&audience);
    query.push(format_args!(", ({expression})::text as sort_key{EVENT_TABLES} where "));
    narrow(&mut query, &audience, filter);
    let mut page = keyset.rows(db, query, "e.id").await?.page(event_row, |event| event.id.0)?;
    if filter.cursor.is_none() {
        let from = format!("{EVENT_TABLES} where ");
        page.total_estimate = Some(count(db, &from, |query| narrow(query, &audience, filter)).await?);
    }
    Ok(page)
}

/// Events that are on now, those that began last first.
pub async fn event_live_list(db: &mut impl Db, paging: &Paging) -> Result<Page<Event>> {
    let keyset = paging.keyset(db.cx(), ("e.start_at", "timestamptz", true), "live", ())?;
    let audience = audience(db.cx(), Permission::EventsRead);
    let mut query = select(&audience);
    query.push(EVENT_TABLES).push(" where e.status = 'live' and ");
    push_lists(&mut query, &audience);
    keyset.rows(db, query, "e.id").await?.page_by(event_row, |event| (event.start_at, event.id.0))
}

/// Cities and months in which something is on. A city's name is the one that is written most.
pub async fn event_choices(db: &mut PgConnection, now: Timestamp) -> Result<EventChoices> {
    let row = sqlx::query!(
        r#"with coming as (
               select city, to_char(greatest(start_at, $1) at time zone timezone, 'YYYY-MM') as month
               from events where status in ('published', 'live') and end_at >= $1)
           select array(select mode() within group (order by city) from coming where city <> ''
                        group by lower(city) order by count(*) desc, lower(city) limit 12) as "cities!",
                  array(select month from coming group by month order by month limit 12) as "months!""#,
        now.0,
    )
    .fetch_one(db)
    .await?;
    Ok(EventChoices { cities: row.cities, months: row.months })
}
