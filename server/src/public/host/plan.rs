//! What an event is: the form for a new one, and for changing one.

use axum::response::Response;
use eventify::events::operations::{event_create, event_list, event_update};
use eventify::events::{
    AllowedGenders, City, Description, Event, EventFilter, EventPatch, EventSort, EventStatus, EventTitle, Mood,
    NewEvent, PlaceText, Seats, TimeZone,
};
use eventify::kernel::error::{Error, Result};
use eventify::kernel::page::{Limit, every};
use eventify::organisation::operations::organisation_get;
use eventify::people::operations::interest_list;
use eventify::people::{Interest, InterestId};
use eventify::zones::Zone;
use eventify::zones::operations::time_zone_list;
use maud::{Markup, html};

use super::super::fields::Fields;
use super::super::sent::{Reading, Sent, new_key, number};
use super::super::view::{Head, place as shown_place, when};
use super::super::visitor::Visitor;
use super::{Pairs, find, hours, outcome, path, tag, top};
use crate::web::parts::{Form, Path};

/// `GET /host/new`
pub async fn new(visitor: Visitor) -> Response {
    if let Some(first) = visitor.name_first().await {
        return first;
    }
    let newest = EventFilter {
        mine: Some(true),
        sort: Some(EventSort::CreatedDesc),
        limit: Limit::try_from(1).ok(),
        ..EventFilter::default()
    };
    // Whoever has hosted before hosts in the same zone again.
    let before = visitor.own(event_list(newest)).await.ok().and_then(|page| page.items.into_iter().next());
    let timezone = match before {
        Some(event) => event.timezone,
        None => match visitor.openly(organisation_get()).await {
            Ok(organisation) => organisation.timezone.into(),
            Err(error) => return visitor.refused(&error),
        },
    };
    let sent = Sent(vec![("timezone".to_owned(), timezone)]);
    new_page(&visitor, &sent, None).await
}

/// `POST /host/new`
pub async fn create(visitor: Visitor, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let made = async {
        let input = read_new(&visitor, &sent).await?;
        visitor.once(sent.key(), event_create(input)).await
    };
    let made = made.await;
    let to = made.as_ref().map(path).unwrap_or_default();
    match outcome(&visitor, "/host/new", &to, made) {
        Ok(response) => response,
        Err(error) => new_page(&visitor, &sent, Some(&error)).await,
    }
}

async fn new_page(visitor: &Visitor, sent: &Sent, error: Option<&Error>) -> Response {
    let (interests, zones) = match choices(visitor).await {
        Ok(choices) => choices,
        Err(error) => return visitor.refused(&error),
    };
    let fields = Fields::new(sent, error);
    let form = html! {
        form method="post" action="/host/new" {
            (new_key())
            (title(&fields))
            (time_and_place(&fields, &zones, true))
            (more(&fields, &interests, false))
            p .hint { "Pictures, tickets and questions come next." }
            button { "Create draft" }
        }
    };
    let body = html! {
        h1 { "New event" }
        p { "Your event is a draft that only you see, until you publish it." }
        (fields.under_summary(&form))
    };
    visitor.page(error.map_or(200, Error::status), &Head::own("New event"), &body)
}

/// `GET /host/{id}/edit`
pub async fn edit(visitor: Visitor, Path(event): Path<String>) -> Response {
    match find(&visitor, &event).await {
        Ok(event) => edit_page(&visitor, &event, &values(&event), None).await,
        Err(error) => visitor.refused(&error),
    }
}

/// `POST /host/{id}/edit`
pub async fn save(visitor: Visitor, Path(event): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let (sent, here) = (Sent::typed(pairs), format!("/host/{event}/edit"));
    let event = match find(&visitor, &event).await {
        Ok(event) => event,
        Err(error) => return visitor.refused(&error),
    };
    let saved = async {
        let patch = read_patch(&visitor, &event, &sent).await?;
        visitor.own(event_update(event.id, patch)).await
    };
    match outcome(&visitor, &here, &path(&event), saved.await) {
        Ok(response) => response,
        Err(error) => edit_page(&visitor, &event, &sent, Some(&error)).await,
    }
}

async fn edit_page(visitor: &Visitor, event: &Event, sent: &Sent, error: Option<&Error>) -> Response {
    let ((interests, zones), zone) = match tokio::try_join!(choices(visitor), visitor.zone(event)) {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let present = present(error).map(|event| (values(&event), event.version));
    let fields = Fields::beside(sent, error, present.as_ref().map(|(present, _)| present));
    let version = present.as_ref().map_or(sent.get("version").to_owned(), |(_, version)| version.to_string());
    let path = path(event);
    let form = html! {
        @if present.is_some() { p { "Someone else saved changes in the meantime. They are shown next to yours; save to keep yours." } }
        form method="post" action={ (path) "/edit" } {
            (new_key())
            input type="hidden" name="version" value=(version);
            (title(&fields))
            @if event.status == EventStatus::Draft {
                (time_and_place(&fields, &zones, event.venue_id.is_none()))
            } @else { (seats(&fields)) }
            (more(&fields, &interests, true))
            button { "Save" }
        }
    };
    let body = html! {
        (top(visitor, event, "Edit event"))
        (at_a_glance(event, &zone))
        (fields.under_summary(&form))
        @if event.status.is_open() { p { a href={ (path) "/move" } { "Reschedule" } } }
        p { a href={ (path) "/pictures" } { "Pictures" } }
    };
    visitor.page(error.map_or(200, Error::status), &Head::own(&format!("Edit: {}", event.title)), &body)
}

/// Which event a form is about: its day, hour and place.
fn at_a_glance(event: &Event, zone: &Zone) -> Markup {
    html! { p .hint { (tag(event)) " " (when(event, zone)) " · " bdi { (shown_place(event)) } } }
}

/// The event as it stands, where somebody else has saved meanwhile.
pub fn present(error: Option<&Error>) -> Option<Event> {
    let record = error?.current_record()?;
    serde_json::from_value(record.clone()).ok()
}

/// An event as its form holds it.
pub fn values(event: &Event) -> Sent {
    let (start, end) = hours::shown(event);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut pairs = vec![
        ("version", event.version.to_string()),
        ("title", event.title.clone()),
        ("mood", text(&event.mood)),
        ("description", event.description.clone()),
        ("venue_text", text(&event.venue_text)),
        ("city", event.city.clone()),
        ("start_at", start),
        ("end_at", end),
        ("timezone", event.timezone.clone()),
        ("capacity", event.capacity.to_string()),
        ("allowed_genders", event.allowed_genders.as_str().to_owned()),
    ];
    if event.allow_plus_one {
        pairs.push(("allow_plus_one", "yes".to_owned()));
    }
    if event.smaller_parties_pass {
        pairs.push(("smaller_parties_pass", "yes".to_owned()));
    }
    pairs.extend(event.interests.iter().map(|interest| ("interests", interest.to_string())));
    Sent(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn interests(sent: &Sent) -> Vec<InterestId> {
    sent.all("interests").iter().filter_map(|id| id.parse().ok()).collect()
}

fn genders(word: &str) -> AllowedGenders {
    AllowedGenders::ALL.iter().copied().find(|who| who.as_str() == word).unwrap_or_default()
}

/// The field comes filled; emptied, it asks for one.
fn zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::parse(text)
}

async fn read_new(visitor: &Visitor, sent: &Sent) -> Result<NewEvent> {
    let mut reading = Reading::of(sent);
    let (title, capacity) = (reading.one("title", EventTitle::parse), reading.one("capacity", number::<Seats>));
    let (mood, description) = (reading.maybe("mood", Mood::parse), reading.maybe("description", Description::parse));
    let (city, venue_text) = (reading.one("city", City::parse), reading.maybe("venue_text", PlaceText::parse));
    let clocks = hours::zone(visitor, &mut reading, zone).await?;
    let hours = hours::read(&mut reading, clocks.as_deref());
    let (Some(title), Some(capacity), Some((start_at, end_at))) = (title, capacity, hours) else {
        return Err(reading.refusal());
    };
    reading.checked()?;
    Ok(NewEvent {
        title,
        mood,
        description,
        organizer_partner_id: None,
        host_user_id: None,
        venue_id: None,
        venue_text,
        city,
        start_at,
        end_at,
        timezone: zone(sent.get("timezone")).ok(),
        capacity,
        currency: None,
        gst_number: None,
        gst_percent: None,
        allow_plus_one: sent.ticked("allow_plus_one"),
        smaller_parties_pass: sent.ticked("smaller_parties_pass"),
        allowed_genders: genders(sent.get("allowed_genders")),
        interests: interests(sent),
    })
}

/// A draft's time and place are changed here too; those of an event that guests know have a form of their own.
async fn read_patch(visitor: &Visitor, event: &Event, sent: &Sent) -> Result<EventPatch> {
    let mut reading = Reading::of(sent);
    let mut patch = EventPatch {
        title: reading.one("title", EventTitle::parse),
        mood: reading.patch("mood", Mood::parse),
        description: reading.one("description", Description::parse),
        capacity: reading.one("capacity", number::<Seats>),
        allow_plus_one: Some(sent.ticked("allow_plus_one")),
        smaller_parties_pass: Some(sent.ticked("smaller_parties_pass")),
        allowed_genders: Some(genders(sent.get("allowed_genders"))),
        interests: Some(interests(sent)),
        version: sent.get("version").parse().unwrap_or_default(),
        ..EventPatch::default()
    };
    if event.status != EventStatus::Draft {
        return reading.checked().map(|()| patch);
    }
    patch.city = reading.one("city", City::parse);
    patch.venue_text = reading.patch("venue_text", PlaceText::parse);
    let clocks = hours::zone(visitor, &mut reading, zone).await?;
    let hours = hours::read(&mut reading, clocks.as_deref());
    let Some(times) = hours else { return Err(reading.refusal()) };
    reading.checked()?;
    let (start_at, end_at) = match sent.get("timezone") == event.timezone {
        true => hours::unless_left(sent, event, times),
        false => times,
    };
    Ok(EventPatch {
        start_at: Some(start_at),
        end_at: Some(end_at),
        timezone: zone(sent.get("timezone")).ok(),
        ..patch
    })
}

fn title(fields: &Fields<'_>) -> Markup {
    fields.must("title", "Title", "text", "")
}

/// What can wait, folded until it is asked for, something was typed into it, or something in it is wrong.
fn more(fields: &Fields<'_>, interests: &[Interest], open: bool) -> Markup {
    let called = |who: &AllowedGenders| match who {
        AllowedGenders::All => "Everyone",
        AllowedGenders::Male => "Men",
        AllowedGenders::Female => "Women",
        AllowedGenders::NonBinary => "Non-binary people",
    };
    let genders: Vec<_> =
        AllowedGenders::ALL.iter().map(|who| (who.as_str().to_owned(), called(who).to_owned())).collect();
    let interests: Vec<_> = interests.iter().map(|one| (one.id.to_string(), one.name.clone())).collect();
    let chosen = fields.sent.all("interests").len();
    let wrong = |names: &[&str]| names.iter().any(|name| fields.error.is_some_and(|e| e.for_field(name).is_some()));
    let inside = ["description", "mood", "interests", "allowed_genders", "allow_plus_one", "smaller_parties_pass"];
    let typed = ["description", "mood", "allow_plus_one", "smaller_parties_pass"];
    let filled = chosen > 0 || typed.iter().any(|name| !fields.sent.get(name).is_empty());
    html! {
        details open[open || filled || wrong(&inside)] {
            summary { "More: description, interests, guests" }
            (fields.area("description", "Description", 6, "Bold, lists and links work: **bold**, - item", false))
            (fields.may("mood", "Category", "text", "Concert, party, picnic …"))
            details open[wrong(&["interests"])] {
                summary { "Choose interests" @if chosen > 0 { span .tag { (chosen) " chosen" } } }
                (fields.boxes("interests", "Interests", &interests))
            }
            (fields.pick("allowed_genders", "Who can attend", &genders, ""))
            (fields.tick("allow_plus_one", "Allow guests to bring others"))
            (fields.tick("smaller_parties_pass", "Waiting list: skip to the next guest when a group is too large"))
        }
    }
}

/// What can be chosen: interests and time zones.
async fn choices(visitor: &Visitor) -> Result<(Vec<Interest>, Vec<String>)> {
    let interests = every(|page| visitor.openly(interest_list(page))).await?;
    Ok((interests, visitor.openly(time_zone_list()).await?.items))
}

/// The fields for when and where, and for how many.
fn time_and_place(fields: &Fields<'_>, zones: &[String], in_words: bool) -> Markup {
    html! {
        div .duo {
            (fields.must("start_at", "Starts", "datetime-local", "Local time at the venue"))
            (fields.must("end_at", "Ends", "datetime-local", ""))
        }
        (place(fields, in_words))
        div .duo {
            (fields.zone("timezone", zones, "Where the event takes place"))
            (seats(fields))
        }
    }
}

/// Where it is. A venue that staff has chosen stays, unless a place is written instead.
pub fn place(fields: &Fields<'_>, in_words: bool) -> Markup {
    let hint = if in_words { "" } else { "Leave empty to keep the chosen venue" };
    html! {
        div .duo {
            (fields.may("venue_text", "Venue or address", "text", hint))
            (fields.must("city", "City", "text", ""))
        }
    }
}

fn seats(fields: &Fields<'_>) -> Markup {
    fields.must("capacity", "Seats", "number", "Of all ticket types together")
}
