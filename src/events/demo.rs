//! The demo's places and events: a quarter in several cities, in every state there is, the same every
//! time. Their guests come with the tickets.

use std::sync::Arc;

use serde_json::json;
use time::{Duration, PrimitiveDateTime, Time};

use super::operations::{EVENT_CREATE_META, slug};
use super::rules::{by_id, system_cx};
use super::{AllowedGenders, Event, EventId, EventImageId, EventStatus, Venue, VenueId, sql};
use crate::access::EndUserId;
use crate::access::demo::{PLANNER, doer, guest};
use crate::kernel::app::App;
use crate::kernel::caller::Caller;
use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::error::{Result, internal};
use crate::kernel::files;
use crate::kernel::money::{Currency, Money};
use crate::kernel::pictures::drawn;
use crate::kernel::timestamp::Timestamp;
use crate::partners;
use crate::people::InterestId;
use crate::zones::{self, Zone};

/// Name, address, city, north, east, seats, and the partner whose place it is.
type Place = (&'static str, &'static str, &'static str, f64, f64, i32, Option<&'static str>);

const PLACES: &[Place] = &[
    ("Marigold Grand Hall", "14 Link Road, Andheri", "Mumbai", 19.1197, 72.8464, 900, Some("Marigold Halls")),
    ("Marigold Studio", "16 Link Road, Andheri", "Mumbai", 19.1201, 72.8471, 120, Some("Marigold Halls")),
    ("Old Mill Warehouse", "3 Mill Lane, Whitefield", "Bengaluru", 12.9698, 77.7499, 450, Some("Old Mill Warehouse")),
    ("Kaveri Amphitheatre", "Kanakapura Road", "Bengaluru", 12.8456, 77.5466, 1500, Some("Kaveri Open Air")),
    ("Lantern Courtyard", "7 Hauz Khas Village", "Delhi", 28.5494, 77.1932, 200, None),
    ("Riverside Pavilion", "Sabarmati Front", "Ahmedabad", 23.0339, 72.5850, 600, None),
    ("Harbour Lights Deck", "Miramar Circle", "Panaji", 15.4826, 73.8070, 260, None),
    ("Aker Scene", "Maridalsveien 3", "Oslo", 59.9190, 10.7520, 300, None),
];

/// One event of the demo.
struct Demo {
    title: &'static str,
    mood: &'static str,
    about: &'static str,
    place: usize,
    /// The partner that organises; else the end user of that number hosts.
    organiser: Result<&'static str, usize>,
    co_host: Option<&'static str>,
    day: i64,
    hour: u8,
    hours: i64,
    capacity: i32,
    interests: &'static [&'static str],
    status: EventStatus,
}

use EventStatus::{Cancelled, Draft, Ended, Live, Published};

#[rustfmt::skip]
const EVENTS: &[Demo] = &[
    demo("Monsoon Jazz on the Terrace", "Concert", 6, Ok("Blue Lotus Presents"), -24, 19, 4, 220, &["live-music"], Ended,
        "Three quartets, one terrace, doors at seven. Bring a shawl: it is windy by the water."),
    demo("Warehouse Techno: Opening Night", "Party", 2, Ok("Blue Lotus Presents"), -9, 22, 8, 420, &["electronic"], Ended,
        "Eight hours, two rooms, no phones on the floor."),
    demo("Riverside Food Weekend", "Food", 5, Ok("Marigold Halls"), -1, 12, 58, 600, &["food-and-drink", "family"], Live,
        "Forty kitchens along the water, from noon until the stoves go out, three days long."),
    demo("Sunrise Yoga by the River", "Wellness", 5, Err(4), 5, 6, 2, 60, &["wellness", "outdoors"], Published,
        "Mats are there. Come quietly, leave slowly."),
    demo("Founders' Breakfast Bengaluru", "Meet-up", 2, Err(11), 8, 8, 3, 80, &["business", "technology"], Published,
        "Ten tables, eight seats each, one question per table."),
    demo("An Evening of Hindustani Strings", "Concert", 0, Ok("Marigold Halls"), 12, 18, 4, 850, &["classical", "live-music"], Published,
        "Sarangi, sitar and violin, with tabla. Seated; latecomers wait for the pause."),
    demo("Open Mic, Closed Doors", "Comedy", 1, Err(19), 15, 20, 3, 110, &["comedy"], Published,
        "Twelve comedians try what they have never tried. What is said here stays here."),
    demo("Kaveri Open Air: Day One", "Festival", 3, Ok("Kaveri Open Air"), 26, 14, 9, 1400, &["live-music", "electronic", "outdoors"], Published,
        "Fourteen bands on two stages under the rain trees."),
    demo("Kaveri Open Air: Day Two", "Festival", 3, Ok("Kaveri Open Air"), 27, 14, 9, 1400, &["live-music", "outdoors"], Published,
        "Thirteen bands, one choir, and the sun going down behind them."),
    demo("Nordlys Chamber Night", "Concert", 7, Ok("Studio Nordlys"), 33, 19, 3, 280, &["classical"], Published,
        "Grieg, Saariaho and a first performance."),
    demo("Women in Film: Shorts and Talk", "Screening", 4, Err(27), 41, 17, 4, 150, &["film", "art"], Draft,
        "Nine shorts, then the people who made them."),
    demo("Lantern Walk and Storytelling", "Outdoors", 4, Ok("Blue Lotus Presents"), 47, 18, 3, 180, &["books", "family"], Cancelled,
        "Stories at five stops, told by those who were there."),
];

#[allow(clippy::too_many_arguments, reason = "one line of a table")]
const fn demo(
    title: &'static str,
    mood: &'static str,
    place: usize,
    organiser: Result<&'static str, usize>,
    day: i64,
    hour: u8,
    hours: i64,
    capacity: i32,
    interests: &'static [&'static str],
    status: EventStatus,
    about: &'static str,
) -> Demo {
    let co_host = if place == 3 { Some("Lantern Sound & Light") } else { None };
    Demo { title, mood, about, place, organiser, co_host, day, hour, hours, capacity, interests, status }
}

/// Adds the demo's places and events to its partners and end users; where there are events already,
/// nothing happens.
pub async fn seed(app: &Arc<App>) -> Result<()> {
    let ready = {
        let mut db = app.reader.acquire().await?;
        !sql::event_exists(&mut db).await? && partners::by_name(&mut db, "Marigold Halls").await?.is_some()
    };
    if !ready {
        return Ok(());
    }
    let mut tx = Tx::begin(system_cx(app, &EVENT_CREATE_META)).await?;
    let venues = places(&mut tx).await?;
    let hosts = sql::demo_hosts(tx.conn()).await?;
    let interests = sql::interests_by_slug(tx.conn()).await?;
    tx.commit().await?;
    for demo in EVENTS {
        let event = one(app, demo, &venues, &hosts, &interests).await?;
        if demo.status == Live {
            let mut tx = app.begin().await?;
            crate::access::demo::seed_gate(&mut tx, event.0, app.clock.now()).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// A GST number of Karnataka, one for each partner.
fn gst_number(organiser: Result<&str, usize>) -> String {
    let name = organiser.unwrap_or_default();
    let first = name.chars().next().filter(char::is_ascii_alphabetic).map_or('X', |c| c.to_ascii_uppercase());
    format!("29AABC{first}{:04}F1Z5", name.len() * 137)
}

async fn places(tx: &mut Tx) -> Result<Vec<Venue>> {
    let mut venues = Vec::new();
    for (name, address, city, latitude, longitude, capacity, partner) in PLACES {
        let partner_id = match partner {
            Some(partner) => partners::by_name(tx.conn(), partner).await?,
            None => None,
        };
        let venue = Venue {
            id: VenueId::new(),
            name: (*name).to_owned(),
            address: (*address).to_owned(),
            city: (*city).to_owned(),
            latitude: Some(*latitude),
            longitude: Some(*longitude),
            timezone: if *city == "Oslo" { "Europe/Oslo" } else { "Asia/Kolkata" }.to_owned(),
            capacity: Some(*capacity),
            partner_id,
            partner_name: None,
            upcoming_events: 0,
            next_event_at: None,
            metadata: json!({ "indoor": *capacity < 500, "step_free": true }),
            retired_at: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        sql::venue_insert(tx.conn(), &venue).await?;
        tx.audit_created("venue.created", &venue);
        venues.push(venue);
    }
    Ok(venues)
}

/// The event's hours: whole hours in its time zone.
fn hours(demo: &Demo, now: Timestamp, zone: &Zone) -> Result<(Timestamp, Timestamp)> {
    let day = zone.local(now).date() + Duration::days(demo.day);
    let hour = Time::from_hms(demo.hour, 0, 0).map_err(|error| internal().internal(error))?;
    let start = zone.moment(PrimitiveDateTime::new(day, hour)).map_err(|error| internal().internal(error))?;
    Ok((start, Timestamp(start.0 + Duration::hours(demo.hours))))
}

/// Draws the event's cover and stores it, whole and as a preview.
async fn cover(tx: &mut Tx, event: &Event) -> Result<()> {
    let (app, now) = (tx.app().clone(), tx.now);
    let (bytes, folder) = (drawn::cover(&event.title), format!("events/{}", event.id));
    let size_bytes = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let full = files::store(&app, &folder, bytes.clone()).await?;
    let cover = files::store(&app, &folder, bytes).await?;
    for file in [full.0, cover.0] {
        if !files::keep(tx.conn(), file, now).await? {
            return Err(internal().internal("the sweeper has taken a cover of the demo"));
        }
    }
    let id = EventImageId::new();
    let (file_id, storage_key, media_type) = (full.0, full.1.as_str(), "image/png");
    let image = sql::NewImage { id, event_id: event.id, file_id, storage_key, media_type, size_bytes };
    sql::image_insert(tx.conn(), &image, now).await?;
    sql::image_ready(tx.conn(), id, &sql::MadeImage { media_type, full, size_bytes, cover }).await?;
    sql::event_cover_if_none(tx.conn(), event.id, id).await?;
    Ok(())
}

async fn one(
    app: &Arc<App>,
    demo: &Demo,
    venues: &[Venue],
    hosts: &[EndUserId],
    interests: &[(String, InterestId)],
) -> Result<EventId> {
    let now = app.clock.now();
    let venue = &venues[demo.place];
    let zone = zones::zone_of(app, &venue.timezone).await?;
    let (start_at, end_at) = hours(demo, now, &zone)?;
    let made = Timestamp((start_at.0 - Duration::days(45)).min(now.0 - Duration::days(6)));
    let mut cx = RequestContext { now: made, ..system_cx(app, &EVENT_CREATE_META) };
    match demo.organiser {
        Ok(partner) => {
            let email = if partner == "Marigold Halls" { partners::demo::CONTACT } else { PLANNER };
            cx.caller = doer(&mut *app.reader.acquire().await?, email, made).await?;
        }
        Err(number) => {
            if let Some(host) = hosts.get(number) {
                cx.caller = guest(*host, made);
            }
        }
    }
    let planner = cx.caller.clone();
    let mut tx = Tx::begin(cx).await?;
    let (host_user_id, organizer_partner_id) = match demo.organiser {
        Ok(partner) => (None, partners::by_name(tx.conn(), partner).await?),
        Err(number) => (hosts.get(number).copied(), None),
    };
    if host_user_id.is_none() && organizer_partner_id.is_none() {
        return Err(internal().internal(format!("the demo has nobody to organise {}", demo.title)));
    }
    let id = EventId::new();
    let currency = if venue.city == "Oslo" { "EUR" } else { "INR" };
    let currency = Currency::parse(currency).map_err(|e| internal().internal(e))?;
    let chosen = |word: &&str| interests.iter().find(|(slug, _)| slug == word).map(|(_, id)| *id);
    let event = Event {
        id,
        host_user_id,
        host_name: None,
        organizer_partner_id,
        organizer_name: None,
        title: demo.title.to_owned(),
        slug: slug(demo.title, id),
        mood: Some(demo.mood.to_owned()),
        description: demo.about.to_owned(),
        venue_id: Some(venue.id),
        venue_name: None,
        venue_address: None,
        venue_text: None,
        city: venue.city.clone(),
        latitude: None,
        longitude: None,
        start_at,
        end_at,
        timezone: venue.timezone.clone(),
        event_date: String::new(),
        start_time: String::new(),
        end_date: String::new(),
        end_time: String::new(),
        duration: String::new(),
        capacity: demo.capacity,
        is_paid: false,
        ticket_price: Money { minor: 0, currency: currency.clone() },
        gst_number: organizer_partner_id.filter(|_| currency.as_str() == "INR").map(|_| gst_number(demo.organiser)),
        gst_percent: organizer_partner_id.filter(|_| currency.as_str() == "INR").map(|_| "18.00".to_owned()),
        allow_plus_one: demo.capacity > 100,
        smaller_parties_pass: false,
        allowed_genders: AllowedGenders::All,
        cover_images: Vec::new(),
        interests: demo.interests.iter().filter_map(chosen).collect(),
        status: Draft,
        is_published: false,
        is_active: true,
        published_at: None,
        cancelled_at: None,
        cancellation_reason: None,
        refund_window_until: None,
        sequence: 0,
        going_count: 0,
        requests_count: 0,
        version: 1,
        created_at: made,
        updated_at: made,
    };
    sql::event_insert(tx.conn(), &event, None).await?;
    // A draft shows what is missing.
    if demo.status != Draft {
        cover(&mut tx, &event).await?;
    }
    co_host(&mut tx, demo, &event).await?;
    tx.audit_created("event.created", &event);
    tx.commit().await?;
    steps(app, demo, &event, &planner).await?;
    Ok(id)
}

/// Adds who organises beside.
async fn co_host(tx: &mut Tx, demo: &Demo, event: &Event) -> Result<()> {
    let made = tx.now;
    if let Some(name) = demo.co_host
        && let Some(partner) = partners::by_name(tx.conn(), name).await?
    {
        let (id, partner_id) = (super::CoHostId::new(), Some(partner));
        let co_host = super::CoHost { id, event_id: event.id, user_id: None, partner_id, name: None, created_at: made };
        sql::co_host_insert(tx.conn(), &co_host).await?;
    }
    Ok(())
}

/// Takes the event to where it stands, each step at its time: by who plans it, or by the clock.
async fn steps(app: &Arc<App>, demo: &Demo, event: &Event, planner: &Arc<Caller>) -> Result<()> {
    let (start, end) = (event.start_at, event.end_at);
    let published = Timestamp(event.created_at.0 + Duration::days(2));
    let path: &[(EventStatus, Timestamp)] = match demo.status {
        Draft => &[],
        Published => &[(Published, published)],
        Live => &[(Published, published), (Live, start)],
        Ended => &[(Published, published), (Live, start), (Ended, end)],
        Cancelled => &[(Published, published), (Cancelled, Timestamp(published.0 + Duration::days(2)))],
    };
    for (status, at) in path {
        let (action, by_clock) = match status {
            Live => ("event.started", true),
            Ended => ("event.ended", true),
            Cancelled => ("event.cancelled", false),
            Draft | Published => ("event.published", false),
        };
        let mut cx = RequestContext { now: *at, ..system_cx(app, &EVENT_CREATE_META) };
        if !by_clock {
            cx.caller = planner.clone();
        }
        let mut tx = Tx::begin(cx).await?;
        let before = by_id(tx.conn(), event.id).await?;
        let reason = (*status == Cancelled).then_some("The permit for the lanes was withdrawn.");
        sql::event_set_status(tx.conn(), event.id, *status, reason, *at).await?;
        let after = by_id(tx.conn(), event.id).await?;
        let entry = tx.audit(action, &before, &after);
        if let Some(reason) = reason {
            entry.reason(reason);
        }
        tx.commit().await?;
    }
    Ok(())
}
