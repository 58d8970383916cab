use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access::EndUserId;
use crate::events::rules::{Viewer, push_runs, push_sees};
use crate::events::{Event, EventId, EventImageId, EventStatus, VenueHolder};
use crate::kernel::error::{Result, internal};
use crate::kernel::money::{Currency, Money};
use crate::kernel::timestamp::Timestamp;
use crate::people::InterestId;

/// Every column of an event as [`Event`] has it, but for the host's name: see [`select`].
const EVENT_COLUMNS: &str = "select e.id, e.host_user_id, e.organizer_partner_id,
    op.name as organizer_name, e.title, e.slug, e.mood, e.description, e.venue_id, v.name as venue_name,
    v.address as venue_address, e.venue_text, e.city, v.latitude::float8 as latitude,
    v.longitude::float8 as longitude, e.start_at, e.end_at, e.timezone,
    to_char(e.start_at at time zone e.timezone, 'YYYY-MM-DD') as event_date,
    to_char(e.start_at at time zone e.timezone, 'HH24:MI') as start_time,
    to_char(e.end_at at time zone e.timezone, 'YYYY-MM-DD') as end_date,
    to_char(e.end_at at time zone e.timezone, 'HH24:MI') as end_time,
    e.capacity, e.is_paid, e.ticket_price_minor, e.currency::text as currency, e.gst_number,
    e.gst_percent::text as gst_percent, e.allow_plus_one, e.smaller_parties_pass, e.allowed_genders,
    array(select c.id::uuid from jsonb_array_elements_text(e.cover_images) with ordinality as c (id, place)
          join event_images i on i.id = c.id::uuid and i.status = 'ready' order by c.place) as cover_images,
    array(select m.interest_id from event_interest_map m where m.event_id = e.id order by 1) as interests,
    e.status, e.published_at, e.cancelled_at, e.cancellation_reason, e.refund_window_until, e.sequence,
    e.going_count, e.requests_count, e.version, e.created_at, e.updated_at";
/// The tables of [`EVENT_COLUMNS`] and of a host's name.
pub const EVENT_TABLES: &str = " from events e
    left join venues v on v.id = e.venue_id
    left join partners op on op.id = e.organizer_partner_id
    left join user_profiles hp on hp.user_id = e.host_user_id
    left join privacy_settings hs on hs.user_id = e.host_user_id";

/// Every column of an event; [`EVENT_TABLES`] follows. Its host is named to those who run it, and else to whom the
/// host's own privacy settings say: everyone, its guests, nobody.
pub fn select(audience: &Viewer) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(EVENT_COLUMNS);
    query.push(", case when ");
    push_runs(&mut query, audience);
    query.push(" or hs.profile_visibility = 'everyone'");
    if let Viewer::User(user) = audience {
        query.push(
            " or hs.profile_visibility = 'attendees' and exists (
              select 1 from event_attendees g where g.event_id = e.id and g.status in ('going', 'checked_in')
                                                and g.user_id = ",
        );
        query.push_bind(*user).push(")");
    }
    query.push(" then nullif(hp.name, '') end as host_name");
    query
}

/// The name of an event's host for those whom Eventify writes to on the host's behalf: guests, and who asks to be one.
pub async fn host_for_guests(db: &mut PgConnection, host: EndUserId) -> Result<Option<String>> {
    let name = sqlx::query_scalar!(
        r#"select nullif(p.name, '') as "name?" from user_profiles p join privacy_settings s on s.user_id = p.user_id
           where p.user_id = $1 and s.profile_visibility <> 'nobody'"#,
        host.0,
    );
    Ok(name.fetch_optional(db).await?.flatten())
}

/// How long something takes, as ISO 8601 writes it.
fn iso_duration(from: Timestamp, to: Timestamp) -> String {
    let minutes = (to.0 - from.0).whole_minutes();
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("PT{minutes}M"),
        (hours, 0) => format!("PT{hours}H"),
        (hours, minutes) => format!("PT{hours}H{minutes}M"),
    }
}

pub(super) fn event_row(row: &sqlx::postgres::PgRow) -> Result<Event> {
    let currency: String = row.try_get("currency")?;
    let currency = Currency::stored(&currency)?;
    let covers: Vec<Uuid> = row.try_get("cover_images")?;
    let interests: Vec<Uuid> = row.try_get("interests")?;
    let status: EventStatus = row.try_get("status")?;
    let (start_at, end_at): (Timestamp, Timestamp) = (row.try_get("start_at")?, row.try_get("end_at")?);
    Ok(Event {
        id: row.try_get("id")?,
        host_user_id: row.try_get("host_user_id")?,
        host_name: row.try_get("host_name")?,
        organizer_partner_id: row.try_get("organizer_partner_id")?,
        organizer_name: row.try_get("organizer_name")?,
        title: row.try_get("title")?,
        slug: row.try_get("slug")?,
        mood: row.try_get("mood")?,
        description: row.try_get("description")?,
        venue_id: row.try_get("venue_id")?,
        venue_name: row.try_get("venue_name")?,
        venue_address: row.try_get("venue_address")?,
        venue_text: row.try_get("venue_text")?,
        city: row.try_get("city")?,
        latitude: row.try_get("latitude")?,
        longitude: row.try_get("longitude")?,
        start_at,
        end_at,
        timezone: row.try_get("timezone")?,
        event_date: row.try_get("event_date")?,
        start_time: row.try_get("start_time")?,
        end_date: row.try_get("end_date")?,
        end_time: row.try_get("end_time")?,
        duration: iso_duration(start_at, end_at),
        capacity: row.try_get("capacity")?,
        is_paid: row.try_get("is_paid")?,
        ticket_price: Money { minor: row.try_get("ticket_price_minor")?, currency },
        gst_number: row.try_get("gst_number")?,
        gst_percent: row.try_get("gst_percent")?,
        allow_plus_one: row.try_get("allow_plus_one")?,
        smaller_parties_pass: row.try_get("smaller_parties_pass")?,
        allowed_genders: row.try_get("allowed_genders")?,
        cover_images: covers.into_iter().map(EventImageId).collect(),
        interests: interests.into_iter().map(InterestId).collect(),
        status,
        is_published: status != EventStatus::Draft,
        is_active: status != EventStatus::Cancelled,
        published_at: row.try_get("published_at")?,
        cancelled_at: row.try_get("cancelled_at")?,
        cancellation_reason: row.try_get("cancellation_reason")?,
        refund_window_until: row.try_get("refund_window_until")?,
        sequence: row.try_get("sequence")?,
        going_count: row.try_get("going_count")?,
        requests_count: row.try_get("requests_count")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// The event, if the audience sees it.
pub async fn event_seen(db: &mut PgConnection, audience: &Viewer, id: EventId) -> Result<Option<Event>> {
    let mut query = select(audience);
    query.push(EVENT_TABLES).push(" where e.id = ").push_bind(id).push(" and ");
    push_sees(&mut query, audience);
    query.build().fetch_optional(db).await?.as_ref().map(event_row).transpose()
}

/// The event of that word in addresses, if the audience sees it.
pub async fn event_by_slug(db: &mut PgConnection, audience: &Viewer, slug: &str) -> Result<Option<Event>> {
    let mut query = select(audience);
    query.push(EVENT_TABLES).push(" where e.slug = ").push_bind(slug).push(" and ");
    push_sees(&mut query, audience);
    query.build().fetch_optional(db).await?.as_ref().map(event_row).transpose()
}

/// Locks an event's row: whoever changes what belongs to it does so first.
pub async fn event_row_lock(db: &mut PgConnection, id: EventId) -> Result<()> {
    sqlx::query!("select id from events where id = $1 for no key update", id.0).fetch_optional(db).await?;
    Ok(())
}

/// The event, if the audience runs it; locked if that is asked for.
pub async fn event_run(db: &mut PgConnection, audience: &Viewer, id: EventId, lock: bool) -> Result<Option<Event>> {
    if lock {
        // Alone and first: what is read after it is as it stands under the lock.
        event_row_lock(&mut *db, id).await?;
    }
    let mut query = select(audience);
    query.push(EVENT_TABLES).push(" where e.id = ").push_bind(id).push(" and ");
    push_runs(&mut query, audience);
    query.build().fetch_optional(db).await?.as_ref().map(event_row).transpose()
}

/// Adds an event as the record says; derived fields follow.
pub async fn event_insert(db: &mut PgConnection, event: &Event, original: Option<EventId>) -> Result<()> {
    sqlx::query!(
        "insert into events (id, host_user_id, organizer_partner_id, title, slug, mood, description, venue_id,
                             venue_text, city, start_at, end_at, timezone, capacity, currency, gst_number,
                             gst_percent, allow_plus_one, allowed_genders, duplicated_from, created_at, updated_at,
                             smaller_parties_pass)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17::text::numeric, $18, $19,
                 $20, $21, $21, $22)",
        event.id.0,
        event.host_user_id.map(|id| id.0),
        event.organizer_partner_id.map(|id| id.0),
        event.title,
        event.slug,
        event.mood,
        event.description,
        event.venue_id.map(|id| id.0),
        event.venue_text,
        event.city,
        event.start_at.0,
        event.end_at.0,
        event.timezone,
        event.capacity,
        event.ticket_price.currency.as_str(),
        event.gst_number,
        event.gst_percent,
        event.allow_plus_one,
        event.allowed_genders.as_str(),
        original.map(|id| id.0),
        event.created_at.0,
        event.smaller_parties_pass,
    )
    .execute(&mut *db)
    .await?;
    event_set_interests(db, event.id, &event.interests).await
}

/// Writes what a person may change.
pub async fn event_update(db: &mut PgConnection, event: &Event) -> Result<()> {
    sqlx::query!(
        "update events
         set title = $2, mood = $3, description = $4, venue_id = $5, venue_text = $6, city = $7, start_at = $8,
             end_at = $9, timezone = $10, capacity = $11, gst_number = $12, gst_percent = $13::text::numeric,
             allow_plus_one = $14, allowed_genders = $15, sequence = $16, refund_window_until = $17,
             smaller_parties_pass = $18, version = version + 1
         where id = $1",
        event.id.0,
        event.title,
        event.mood,
        event.description,
        event.venue_id.map(|id| id.0),
        event.venue_text,
        event.city,
        event.start_at.0,
        event.end_at.0,
        event.timezone,
        event.capacity,
        event.gst_number,
        event.gst_percent,
        event.allow_plus_one,
        event.allowed_genders.as_str(),
        event.sequence,
        event.refund_window_until.map(|at| at.0),
        event.smaller_parties_pass,
    )
    .execute(&mut *db)
    .await?;
    event_set_interests(db, event.id, &event.interests).await
}

async fn event_set_interests(db: &mut PgConnection, id: EventId, interests: &[InterestId]) -> Result<()> {
    let ids: Vec<Uuid> = interests.iter().map(|interest| interest.0).collect();
    sqlx::query!("delete from event_interest_map where event_id = $1 and interest_id <> all($2)", id.0, &ids)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "insert into event_interest_map (event_id, interest_id) select $1, unnest($2::uuid[]) on conflict do nothing",
        id.0,
        &ids,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Something that belongs to the event changed.
pub async fn event_touch(db: &mut PgConnection, id: EventId) -> Result<()> {
    sqlx::query!("update events set version = version + 1 where id = $1", id.0).execute(db).await?;
    Ok(())
}

pub async fn event_set_covers(db: &mut PgConnection, id: EventId, covers: &[EventImageId]) -> Result<()> {
    let covers = serde_json::to_value(covers).map_err(|e| internal().internal(e))?;
    sqlx::query!("update events set cover_images = $2, version = version + 1 where id = $1", id.0, covers)
        .execute(db)
        .await?;
    Ok(())
}

/// Makes a picture the cover of an event that has none.
pub async fn event_cover_if_none(db: &mut PgConnection, id: EventId, image: EventImageId) -> Result<()> {
    sqlx::query!(
        "update events set cover_images = jsonb_build_array($2::text), version = version + 1
         where id = $1 and cover_images = '[]'",
        id.0,
        image.0.to_string(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A picture is no cover any more; where it was the only one, the first of the others becomes it.
pub async fn event_uncover(db: &mut PgConnection, id: EventId, image: EventImageId) -> Result<()> {
    sqlx::query!(
        "update events e
         set version = version + 1,
             cover_images = case
                 when e.cover_images - $2::text <> '[]' then e.cover_images - $2::text
                 else coalesce((select jsonb_build_array(i.id) from event_images i
                                where i.event_id = e.id and i.status <> 'unreadable' order by i.position limit 1),
                               '[]')
             end
         where e.id = $1",
        id.0,
        image.0.to_string(),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn event_count_going(db: &mut PgConnection, id: EventId, seats: i32) -> Result<()> {
    sqlx::query!("update events set going_count = going_count + $2 where id = $1", id.0, seats).execute(db).await?;
    Ok(())
}

pub async fn event_count_requests(db: &mut PgConnection, id: EventId, more: i32) -> Result<()> {
    sqlx::query!("update events set requests_count = requests_count + $2 where id = $1", id.0, more)
        .execute(db)
        .await?;
    Ok(())
}

/// Drafts that this end user hosts.
pub async fn event_count_drafts(db: &mut PgConnection, user: EndUserId) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from events where host_user_id = $1 and status = 'draft'"#,
        user.0,
    )
    .fetch_one(db)
    .await?)
}

pub async fn event_exists(db: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select exists (select 1 from events) as "exists!""#).fetch_one(db).await?)
}

/// The published event that holds the place at that time, if there is one.
pub async fn event_in_the_way(db: &mut PgConnection, event: &Event) -> Result<Option<VenueHolder>> {
    Ok(sqlx::query_as!(
        VenueHolder,
        r#"select e.id as "event_id: EventId", e.title, v.name as venue, e.start_at, e.end_at
           from events e join venues v on v.id = e.venue_id
           where e.venue_id = $1 and e.id <> $2 and e.status in ('published', 'live')
                 and tstzrange(e.start_at, e.end_at) && tstzrange($3, $4)
           order by e.start_at limit 1"#,
        event.venue_id.map(|id| id.0),
        event.id.0,
        event.start_at.0,
        event.end_at.0,
    )
    .fetch_optional(db)
    .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_iso_writes_them() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let start = at("2026-11-21T20:00:00Z");
        for (end, expected) in [("20:45", "PT45M"), ("23:00", "PT3H"), ("21:30", "PT1H30M")] {
            assert_eq!(iso_duration(start, at(&format!("2026-11-21T{end}:00Z"))), expected);
        }
    }
}
