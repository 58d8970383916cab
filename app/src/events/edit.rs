//! A new event, and changing what one is. Time and place of one that is there have a dialog of their own, because
//! guests are told of them.

use eventify::Error;
use eventify::events::operations::{event_create, event_get, event_update, time_zone_get, time_zone_list, venue_get};
use eventify::events::{
    AllowedGenders, City, Description, Event, EventId, EventPatch, EventTitle, GstNumber, Mood, NewEvent, Percent,
    PlaceText, Seats, TimeZone, ZoneQuery,
};
use eventify::kernel::error::{invalid_input, not_found};
use eventify::kernel::money::Currency;
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission;
use eventify::people::Interest;
use eventify::people::operations::interest_list;
use eventify::search::HitKind;
use leptos::prelude::*;
use serde_json::json;

use super::{clock, event_of_path, guarded};
use crate::ui::{
    Area, Field, Find, Flag, Form, Options, PageHead, Pick, PickMany, Toasts, card, loaded, rule, submit, use_go, whole,
};

/// Where nobody says another; as the operation has it.
const TIMEZONE: &str = "Asia/Kolkata";

fn genders() -> Options {
    let title = |who: &AllowedGenders| match who {
        AllowedGenders::All => "Everybody",
        AllowedGenders::Male => "Men",
        AllowedGenders::Female => "Women",
        AllowedGenders::NonBinary => "Non-binary people",
    };
    AllowedGenders::ALL.iter().map(|who| (who.word().to_owned(), title(who).to_owned())).collect()
}

/// All interests as boxes.
fn interest_boxes(all: Vec<Interest>, chosen: Vec<String>) -> AnyView {
    let options = all.into_iter().map(|one| (one.id.to_string(), one.name)).collect();
    view! { <PickMany name="interests" label="Interests" groups=vec![("Interests".to_owned(), options)] value=chosen quiet=true/> }
        .into_any()
}

/// Interests and time zones.
type Choices = (Vec<Interest>, Vec<String>);

async fn choices() -> Result<Choices, Error> {
    Ok((every(interest_list).await?, time_zone_list().await?.items))
}

/// The form for a new event.
pub fn event_new() -> AnyView {
    let choices = Resource::new_blocking(|| (), |()| choices());
    loaded(choices, |choices, me| guarded(&me, Permission::EventsManage, || new(choices)))
}

/// The hours typed are those of the event's place: whose zone that is must be known before they are moments.
async fn create(input: NewEvent) -> Result<Event, Error> {
    let zone = match (&input.timezone, input.venue_id) {
        (Some(zone), _) => zone.as_str().to_owned(),
        (None, Some(venue)) => venue_get(venue).await?.timezone,
        (None, None) => TIMEZONE.to_owned(),
    };
    let zone = TimeZone::parse(&zone).map_err(|message| invalid_input().field("timezone", message))?;
    let zone = time_zone_get(ZoneQuery { timezone: zone }).await?;
    let start_at = clock::moment(input.start_at, &zone, "start_at")?;
    let end_at = clock::moment(input.end_at, &zone, "end_at")?;
    event_create(NewEvent { start_at, end_at, ..input }).await
}

fn new((interests, zones): Choices) -> AnyView {
    let (go, toasts) = (use_go(), Toasts::get());
    let run = submit(create, move |event: Event| {
        toasts.done(format!("{} is drafted", event.title));
        go(&format!("/events/{}", event.id));
    });
    let form = view! {
        <Form id="event" submit=run label="Create draft" cancel="/events">
            <Field name="title" label="Title" check={rule::<EventTitle>} required=true/>
            <Area name="description" label="What it is about" check={rule::<Description>}/>
            <div class="form-grid">
                <Field name="mood" label="Mood" check={rule::<Mood>} hint="Concert, party, picnic …"/>
                <Find name="organizer_partner_id" label="Organised by" of=HitKind::Partner required=false hint="The partner; your own if you have one."/>
                <Find name="host_user_id" label="Or hosted by" of=HitKind::User required=false hint="An end user, where no partner organises."/>
                <Find name="venue_id" label="Venue" of=HitKind::Venue required=false/>
                <Field name="venue_text" label="Or a place in words" check={rule::<PlaceText>}/>
                <Field name="city" label="City" check={rule::<City>} hint="Empty: the venue's."/>
                <Field name="start_at" label="Starts" kind="datetime-local" required=true hint="Local time at the event."/>
                <Field name="end_at" label="Ends" kind="datetime-local" required=true/>
                <Field name="timezone" label="Time zone" check={rule::<TimeZone>} choices=zones hint="Empty: the venue's, else Asia/Kolkata."/>
                <Field name="capacity" label="Seats" kind="number" check={whole::<Seats>} required=true/>
                <Field name="currency" label="Currency" check={rule::<Currency>} value="INR"/>
                <Pick name="allowed_genders" label="Admits" options=genders() value="all" required=true/>
            </div>
            {tax(None)}
            <Flag name="allow_plus_one" label="One person may take several seats"/>
            <Flag name="smaller_parties_pass" label="Smaller parties may pass on the waiting list" hint="Off: seats that come free are kept until there are enough for the first in line."/>
            {interest_boxes(interests, Vec::new())}
        </Form>
    };
    let crumbs = vec![("Events".to_owned(), "/events".to_owned())];
    view! {
        <div class="page narrow">
            <PageHead title="New event" crumbs=crumbs subtitle="It is a draft, which only its organisers see, until it is published."/>
            {card("event-form", "What is planned", None, form)}
        </div>
    }
    .into_any()
}

fn tax(event: Option<&Event>) -> AnyView {
    let number = event.and_then(|e| e.gst_number.clone()).unwrap_or_default();
    let percent = event.and_then(|e| e.gst_percent.clone()).unwrap_or_default();
    view! {
        <div class="form-grid">
            <Field name="gst_number" label="GST number" check={rule::<GstNumber>} clearable=event.is_some() value=number/>
            <Field name="gst_percent" label="GST in percent" check={rule::<Percent>} clearable=event.is_some() value=percent/>
        </div>
    }
    .into_any()
}

/// The form for what an event is.
pub fn event_edit() -> AnyView {
    let id = event_of_path();
    let data = Resource::new_blocking(id, fetch);
    loaded(data, |(event, choices), me| guarded(&me, Permission::EventsManage, || edit(event, choices)))
}

async fn fetch(id: Option<EventId>) -> Result<(Event, Choices), Error> {
    Ok((event_get(id.ok_or_else(not_found)?).await?, choices().await?))
}

fn edit(event: Event, (interests, zones): Choices) -> AnyView {
    let (go, toasts, id) = (use_go(), Toasts::get(), event.id);
    let path = format!("/events/{id}");
    let back = path.clone();
    let run = submit(
        move |input: EventPatch| event_update(id, input),
        move |_: Event| {
            toasts.done("Saved");
            go(&back);
        },
    );
    let crumbs = vec![("Events".to_owned(), "/events".to_owned()), (event.title.clone(), path.clone())];
    let title = format!("Edit {}", event.title);
    let chosen = event.interests.iter().map(ToString::to_string).collect();
    let mood = event.mood.clone().unwrap_or_default();
    let form = view! {
        <Form id="event" submit=run label="Save changes" cancel=path extra=json!({ "version": event.version })>
            <Field name="title" label="Title" check={rule::<EventTitle>} required=true value=event.title.clone()/>
            <Area name="description" label="What it is about" check={rule::<Description>} emptyable=true value=event.description.clone()/>
            <div class="form-grid">
                <Field name="mood" label="Mood" check={rule::<Mood>} clearable=true value=mood hint="Concert, party, picnic …"/>
                <Field name="capacity" label="Seats" kind="number" check={whole::<Seats>} required=true value=event.capacity.to_string() hint="Never fewer than are taken."/>
                <Pick name="allowed_genders" label="Admits" options=genders() value=event.allowed_genders.word() required=true/>
                <Field name="timezone" label="Time zone" check={rule::<TimeZone>} choices=zones required=true value=event.timezone.clone() hint="Changes how its hours are shown, not when it is."/>
            </div>
            {tax(Some(&event))}
            <Flag name="allow_plus_one" label="One person may take several seats" value=event.allow_plus_one/>
            <Flag name="smaller_parties_pass" label="Smaller parties may pass on the waiting list" hint="Off: seats that come free are kept until there are enough for the first in line." value=event.smaller_parties_pass/>
            {interest_boxes(interests, chosen)}
        </Form>
    };
    view! {
        <div class="page narrow"><PageHead title=title crumbs=crumbs/>{card("event-form", "What it is", None, form)}</div>
    }
    .into_any()
}
