//! The places events are held at.

use eventify::Error;
use eventify::access::Me;
use eventify::events::operations::{event_list, venue_create, venue_get, venue_list, venue_retire, venue_update};
use eventify::events::{
    Address, City, Event, EventFilter, EventSort, EventStatus, NewVenue, Position, Seats, TimeZone, Venue, VenueFilter,
    VenueId, VenuePatch,
};
use eventify::kernel::error::{FieldErrors, Validate, not_found};
use eventify::kernel::money::count;
use eventify::kernel::page::Page;
use eventify::kernel::patch::Patch;
use eventify::kernel::permissions::Permission::{EventsManage, EventsRead};
use eventify::kernel::text::Title;
use eventify::kernel::timestamp::Timestamp;
use eventify::partners::PartnerId;
use eventify::search::HitKind;
use eventify::zones::operations::time_zone_list;
use eventify::zones::{Zone, day_in_short};
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::{afterwards, clock, going, guarded, standing};
use crate::ui::{
    Column, Confirm, Facts, Field, Find, Form, Icon, ListQuery, Loading, Nothing, PageHead, Pick, Submit, Table,
    Toasts, Tone, badge, card, id_of_path, integer, loaded, menu, menu_act, note, now, own_zone, rule, submit, use_go,
    zones,
};

/// The list, by name.
pub fn venues() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(move || query.get(), move |q| venue_list(filter(&q)));
    loaded(data, move |page, me| guarded(&me, EventsRead, || list(query.get_untracked(), page, &me)))
}

fn filter(q: &ListQuery) -> VenueFilter {
    VenueFilter {
        q: q.parsed("q"),
        city: q.parsed::<City>("city"),
        updated_since: None,
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

fn list(query: ListQuery, page: Page<Venue>, me: &Me) -> AnyView {
    let wanted = filter(&query);
    let table = Table::new("Venues", query)
        .counts("venue", "venues")
        .csv("/venues/export", &wanted)
        .by_letter("")
        .views("venues")
        .search("Name or address")
        .input("city", "text", "City")
        .column(
            Column::head("Name", |v: &Venue| {
                let href = format!("/venues/{}", v.id);
                view! { <a href=href>{v.name.clone()}</a><small>{v.address.clone()}</small> }.into_any()
            })
            .key("name"),
        )
        .column(Column::new("City", |v: &Venue| v.city.clone().into_any()).key("city"))
        .column(
            Column::new("Capacity", |v: &Venue| v.capacity.map(|n| count(n.into())).into_any())
                .key("capacity")
                .number(),
        )
        .column(Column::new("Upcoming events", |v: &Venue| next_event(v)).key("upcoming_events"))
        .column(
            Column::new("Partner", |v: &Venue| {
                let whose = v.partner_id.zip(v.partner_name.clone());
                whose.map(|(id, name)| view! { <a href=format!("/partners/{id}")>{name}</a> }).into_any()
            })
            .key("partner_name")
            .rare(),
        )
        .empty("No venues yet", "Add the venues you hold events at.", None)
        .page(page);
    let new = || view! { <a class="btn primary" href="/venues/new">{Icon::PLUS.svg()}"New venue"</a> }.into_any();
    let actions = me.may_somewhere(EventsManage).then(new).into_any();
    view! { <div class="page"><PageHead title="Venues" actions=actions/>{table}</div> }.into_any()
}

/// How many events are still to come there, and when the first one is.
fn next_event(venue: &Venue) -> AnyView {
    let Some(at) = venue.next_event_at else { return view! { <span class="muted">"None"</span> }.into_any() };
    let when = match at <= now() {
        true => "On now".to_owned(),
        false => format!("Next on {}", own_zone().display_day(at)),
    };
    view! { {count(venue.upcoming_events)}<small>{when}</small> }.into_any()
}

fn crumbs() -> Vec<(String, String)> {
    vec![("Venues".to_owned(), "/venues".to_owned())]
}

/// Whether this person looks after the place.
fn may_change(me: &Me, venue: &Venue) -> bool {
    match venue.partner_id {
        Some(partner) => me.may_at_partner(EventsManage, partner.0),
        None => me.may(EventsManage),
    }
}

/// A place, and what is held there.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Data {
    venue: Venue,
    /// Its clocks.
    zone: Zone,
    /// What is not over, in order of time: the drafts too.
    coming: Vec<Event>,
    /// The latest of what is over or was cancelled.
    past: Vec<Event>,
}

/// One place, and what is held there.
pub fn venue() -> AnyView {
    let id = id_of_path::<VenueId>();
    let data = Loading::new(move || id.get(), fetch);
    loaded(data, move |record, me| guarded(&me, EventsRead, || detail(data, record, &me)))
}

async fn fetch(id: Option<VenueId>) -> Result<Data, Error> {
    let id = id.ok_or_else(not_found)?;
    let there = EventFilter { venue_id: Some(id), ..EventFilter::default() };
    let (is_over, to_come): (Vec<_>, Vec<_>) = EventStatus::ALL.iter().copied().partition(|status| status.is_over());
    let coming = EventFilter { status: Some(to_come), ..there.clone() };
    let past = EventFilter { status: Some(is_over), sort: Some(EventSort::StartDesc), ..there };
    let venue = venue_get(id).await?;
    let zone = clock::named(&venue.timezone).await?;
    let (coming, past) = (event_list(coming).await?.items, event_list(past).await?.items);
    Ok(Data { venue, zone, coming, past })
}

/// Whether the two want the place at the same time.
fn overlaps(one: &Event, other: &Event) -> bool {
    let there = |event: &Event| event.status != EventStatus::Cancelled;
    one.id != other.id && there(one) && there(other) && one.start_at < other.end_at && other.start_at < one.end_at
}

/// A table of events at the venue; `among` are those that could want it at the same time.
fn events(title: &'static str, zone: &Zone, among: &[Event]) -> Table<Event> {
    let (clocks, others) = (zone.clone(), among.to_vec());
    Table::new(title, ListQuery::default())
        .counts("event", "events")
        .column(Column::head("Title", move |event: &Event| {
            let same = others.iter().filter(|other| overlaps(event, other)).map(|other| {
                view! { <small>{badge(Tone::Warning, format!("Same time as “{}”", other.title))}</small> }
            });
            view! { <a href=format!("/events/{}", event.id)>{event.title.clone()}</a>{same.collect_view()} }.into_any()
        }))
        .column(Column::new("When", move |event: &Event| clocks.display_span(event.start_at, event.end_at).into_any()))
        .column(Column::new("Status", standing))
        .column(Column::new("Going", |event: &Event| going(event).into_any()).number())
}

/// How many days are looked at for [`free`].
const DAYS: i64 = 30;

/// When nobody has it: `Free on 28 of the next 30 days. Taken on Thu 10 Dec and Sat 12 Dec.`
fn free(zone: &Zone, coming: &[Event], now: Timestamp) -> String {
    let today: String = zone.field(now).chars().take(10).collect();
    let open: Vec<_> = coming.iter().filter(|event| event.status.is_open()).collect();
    let taken = (0..DAYS).filter_map(|later| {
        let (from, to) = (zone.day_begins(&today, later)?, zone.day_begins(&today, later + 1)?);
        let day: String = zone.field(from).chars().take(10).collect();
        open.iter().any(|event| event.start_at < to && from < event.end_at).then(|| day_in_short(&day))
    });
    let taken: Vec<String> = taken.collect();
    match taken.split_last() {
        None => format!("Free on each of the next {DAYS} days."),
        Some((last, before)) => {
            let left = DAYS - i64::try_from(taken.len()).unwrap_or(DAYS);
            let days = if before.is_empty() { last.clone() } else { format!("{} and {last}", before.join(", ")) };
            format!("Free on {left} of the next {DAYS} days. Taken on {days}.")
        }
    }
}

/// When a venue can be had, while anything can be planned there.
fn open_at(venue: &Venue, zone: &Zone, coming: &[Event]) -> Option<AnyView> {
    let said = || view! { <p>{free(zone, coming, now())}</p> };
    venue.retired_at.is_none().then(|| card("venue-free", "Availability", None, said()))
}

fn detail(data: Loading<Data>, record: Data, me: &Me) -> AnyView {
    let Data { venue, zone, coming, past } = record;
    let changes = may_change(me, &venue) && venue.retired_at.is_none();
    let actions = changes.then(|| actions(data, &venue)).into_any();
    let free = open_at(&venue, &zone, &coming);
    // Drafts by themselves, as the list of venues counts them: none.
    let both = coming.clone();
    let (drafts, coming): (Vec<_>, Vec<_>) = coming.into_iter().partition(|event| !event.status.is_open());
    let next = events("Upcoming events", &zone, &both)
        .empty("No upcoming events", "Events at this venue appear here once they are published.", None)
        .all(coming);
    let drafts = (!drafts.is_empty()).then(|| {
        let table = events("Drafts", &zone, &both).all(drafts);
        view! { <h2>"Drafts"</h2>{table} }
    });
    let past = (!past.is_empty()).then(|| {
        let table = events("Past and cancelled events", &zone, &past).all(past.clone());
        view! { <h2>"Past and cancelled events"</h2>{table} }
    });
    let whose = venue.partner_id.zip(venue.partner_name.clone());
    let whose = whose.map(|(id, name)| view! { <a href=format!("/partners/{id}")>{name}</a> });
    let map = venue.latitude.zip(venue.longitude).map(|(north, east)| {
        let href = format!("https://www.openstreetmap.org/?mlat={north:.5}&mlon={east:.5}#map=17/{north:.5}/{east:.5}");
        view! { <a href=href rel="external noopener noreferrer" target="_blank" class="row">"View on map"{Icon::EXTERNAL.small()}</a> }
    });
    let facts = Facts::new()
        .maybe("Address", Some(venue.address.clone()).filter(|text| !text.is_empty()))
        .add("City", venue.city.clone())
        .maybe("Capacity", venue.capacity.map(|n| count(n.into())))
        .add("Time zone", clock::zone_in_words(&venue.timezone))
        .maybe("Partner", whose)
        .maybe("Map", map)
        .add("Last changed", clock::at(&zone, venue.updated_at))
        .id(venue.id);
    let retired = venue.retired_at.map(|since| {
        let text = view! { <p>"Since "{clock::at(&zone, since)}". Nothing new can be planned there."</p> };
        note(Tone::Warning, "This venue is archived", text, None)
    });
    let holds = venue.capacity.map(|seats| format!(" · capacity {}", count(seats.into()))).unwrap_or_default();
    view! {
        <div class="page">
            <PageHead title=venue.name.clone() crumbs=crumbs() subtitle=format!("{}{holds}", venue.city) actions=actions/>
            {retired}
            <div class="detail">
                <div class="stack tight"><h2>"Upcoming events"</h2>{next}{drafts}{past}</div>
                <aside class="stack" aria-label="Details">{free}{card("venue-glance", "Details", None, facts.view())}</aside>
            </div>
        </div>
    }
    .into_any()
}

fn actions(data: Loading<Data>, venue: &Venue) -> AnyView {
    let id = venue.id;
    let run = submit(move |_: Nothing| venue_retire(id), afterwards::<_, ()>(data, "Venue archived"));
    view! {
        <a class="btn" href=format!("/venues/{id}/edit")>{Icon::EDIT.svg()}"Edit"</a>
        {menu(format!("More for {}", venue.name), vec![menu_act("venue-retire", "Archive venue…", Icon::TRASH, true)])}
        <Confirm id="venue-retire" label="Archive venue" icon=Icon::TRASH title=format!("Archive {}?", venue.name) confirm="Archive venue" keep="Keep venue" run=run in_menu=true>
            <p>"No new events can be planned here. Not possible while an event is still to come."</p>
        </Confirm>
    }
    .into_any()
}

/// What the form holds: a place on earth is two fields there.
#[derive(Clone, Debug, Deserialize)]
struct Fields {
    name: Title,
    #[serde(default)]
    address: Option<Address>,
    city: City,
    #[serde(default)]
    north: Option<Degrees>,
    #[serde(default)]
    east: Option<Degrees>,
    #[serde(default)]
    timezone: Option<TimeZone>,
    #[serde(default)]
    capacity: Option<Seats>,
    #[serde(default)]
    partner_id: Option<PartnerId>,
    #[serde(default)]
    version: i64,
}
impl Validate for Fields {
    fn check(&self, errors: &mut FieldErrors) {
        if self.north.is_some() != self.east.is_some() {
            errors.entry("east".to_owned()).or_default().push("is needed with latitude, or neither".to_owned());
        }
    }
}
impl Fields {
    fn position(&self) -> Option<Position> {
        self.north.zip(self.east).map(|(north, east)| Position { latitude: north.0, longitude: east.0 })
    }
}

/// A number of degrees as people type it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Degrees(f64);
impl TryFrom<String> for Degrees {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let number = text.trim().parse().ok().filter(|number: &f64| (-180.0..=180.0).contains(number));
        number.map(Self).ok_or_else(|| "must be degrees such as 19.1197".to_owned())
    }
}

fn form(venue: Option<&Venue>, all_zones: Vec<String>, run: Submit, cancel: String) -> AnyView {
    let text = |of: fn(&Venue) -> String| venue.map(of).unwrap_or_default();
    let degrees = |of: fn(&Venue) -> Option<f64>| venue.and_then(of).map(|n| n.to_string()).unwrap_or_default();
    let (name, address, city) = (text(|v| v.name.clone()), text(|v| v.address.clone()), text(|v| v.city.clone()));
    let (north, east) = (degrees(|v| v.latitude), degrees(|v| v.longitude));
    let label = if venue.is_some() { "Save changes" } else { "Add venue" };
    let extra = venue.map_or_else(|| json!({}), |venue| json!({ "version": venue.version }));
    let fresh = venue.is_none();
    // These two are decided once: events that are planned there keep their hours.
    let once = || {
        view! {
            <Pick name="timezone" label="Time zone" options=zones(all_zones) hint="Defaults to your organisation's"/>
            <Find name="partner_id" label="Partner" of=HitKind::Partner required=false hint="The partner who runs it, if any"/>
        }
    };
    let holds = text(|v| v.capacity.map(|n| n.to_string()).unwrap_or_default());
    let form = view! {
        <Form id="venue" submit=run label=label cancel=cancel extra=extra>
            <Field name="name" label="Name" check={rule::<Title>} required=true value=name/>
            <div class="form-grid">
                <Field name="address" label="Address" check={rule::<Address>} emptyable=true value=address/>
                <Field name="city" label="City" check={rule::<City>} required=true value=city/>
                <Field name="capacity" label="Capacity" kind="number" check={integer::<Seats>} value=holds/>
                {fresh.then(once)}
                <Field name="north" label="Latitude" check={rule::<Degrees>} value=north/>
                <Field name="east" label="Longitude" check={rule::<Degrees>} value=east/>
            </div>
        </Form>
    };
    card("venue-form", "Details", None, form)
}

/// The form for a new place.
pub fn venue_new() -> AnyView {
    let zones = Loading::new(|| (), |()| async { time_zone_list().await.map(|page| page.items) });
    loaded(zones, |zones, me| guarded(&me, EventsManage, || new(zones)))
}

fn new(zones: Vec<String>) -> AnyView {
    let (go, toasts) = (use_go(), Toasts::get());
    let call = |fields: Fields| {
        let position = fields.position();
        let Fields { name, address, city, timezone, capacity, partner_id, .. } = fields;
        venue_create(NewVenue { name, address, city, position, timezone, capacity, partner_id, metadata: None })
    };
    let run = submit(call, move |venue: Venue| {
        toasts.done(format!("{} added", venue.name));
        go(&format!("/venues/{}", venue.id));
    });
    let form = form(None, zones, run, "/venues".to_owned());
    view! { <div class="page narrow"><PageHead title="New venue" crumbs=crumbs()/>{form}</div> }.into_any()
}

/// The form for what a place is.
pub fn venue_edit() -> AnyView {
    let id = id_of_path::<VenueId>();
    let fetch = |id: Option<VenueId>| async move { venue_get(id.ok_or_else(not_found)?).await };
    let data = Loading::new(move || id.get(), fetch);
    loaded(data, |venue, me| guarded(&me, EventsManage, || edit(venue)))
}

fn edit(venue: Venue) -> AnyView {
    let (go, toasts, id) = (use_go(), Toasts::get(), venue.id);
    let path = format!("/venues/{id}");
    let back = path.clone();
    let call = move |fields: Fields| {
        let position = fields.position().map_or(Patch::Null, Patch::Value);
        let capacity = fields.capacity.map_or(Patch::Null, Patch::Value);
        let (name, city, address, version) = (Some(fields.name), Some(fields.city), fields.address, fields.version);
        venue_update(id, VenuePatch { name, address, city, position, capacity, metadata: None, version })
    };
    let run = submit(call, move |_: Venue| {
        toasts.done("Saved");
        go(&back);
    });
    let mut way = crumbs();
    way.push((venue.name.clone(), path.clone()));
    let form = form(Some(&venue), Vec::new(), run, path);
    view! { <div class="page narrow"><PageHead title=format!("Edit {}", venue.name) crumbs=way/>{form}</div> }
        .into_any()
}
