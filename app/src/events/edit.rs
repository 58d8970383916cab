//! A new event, and changing what one is. Time and place of one that is there have a dialog of their own, because
//! guests are told of them.

use eventify::Error;
use eventify::access::Me;
use eventify::events::operations::{event_create, event_get, event_list, event_update, venue_get};
use eventify::events::{
    AllowedGenders, City, Description, Event, EventFilter, EventId, EventPatch, EventStatus, EventTitle, GstNumber,
    Mood, NewEvent, Percent, PlaceText, Seats, TimeZone, Venue, VenueHolder, VenueId,
};
use eventify::kernel::error::{invalid_input, not_found};
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission;
use eventify::organisation::operations::organisation_get;
use eventify::people::Interest;
use eventify::people::operations::interest_list;
use eventify::search::HitKind;
use eventify::tickets::operations::event_summary;
use eventify::zones::operations::{time_zone_get, time_zone_list};
use eventify::zones::{Zone, ZoneQuery, day_in_words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use uuid::Uuid;

use super::{clock, guarded, place, standing, venue_is_smaller, venue_is_taken};
use crate::ui::{
    Area, Field, Find, Flag, Form, FormState, Loading, Options, PageHead, Pick, PickMany, Toasts, Tone, currencies,
    id_of_path, integer, loaded, odd, rule, submit, use_go, zones,
};

fn genders() -> Options {
    let title = |who: &AllowedGenders| match who {
        AllowedGenders::All => "Everyone",
        AllowedGenders::Male => "Men",
        AllowedGenders::Female => "Women",
        AllowedGenders::NonBinary => "Non-binary people",
    };
    AllowedGenders::ALL.iter().map(|who| (who.as_str().to_owned(), title(who).to_owned())).collect()
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
    let choices = Loading::new(|| (), |()| choices());
    loaded(choices, |choices, me| guarded(&me, Permission::EventsManage, || new(choices, &me)))
}

/// The hours typed are those of the event's place: whose zone that is must be known before they are moments. Answers with
/// who has the venue then, where somebody has.
async fn create(input: NewEvent) -> Result<(Event, Option<String>), Error> {
    let zone = match (&input.timezone, input.venue_id) {
        (Some(zone), _) => zone.as_str().to_owned(),
        (None, Some(venue)) => venue_get(venue).await?.timezone,
        (None, None) => organisation_get().await?.timezone.into(),
    };
    let zone = TimeZone::parse(&zone).map_err(|message| invalid_input().field("timezone", message))?;
    let zone = time_zone_get(ZoneQuery { timezone: zone }).await?;
    let start_at = clock::moment(input.start_at, &zone, "start_at")?;
    let end_at = clock::moment(input.end_at, &zone, "end_at")?;
    let event = event_create(NewEvent { start_at, end_at, ..input }).await?;
    // The draft stands whatever becomes of this question: its page asks again.
    let holder = event_summary(event.id).await.ok().and_then(|summary| summary.venue_holder);
    Ok((event, holder.map(|holder| venue_is_taken(&holder, &zone))))
}

/// A part of a long form. Fields find their form around them: `body` is made inside it.
fn section(title: &'static str, body: impl IntoAny) -> AnyView {
    view! { <fieldset class="form-section"><legend>{title}</legend>{body.into_any()}</fieldset> }.into_any()
}

/// What is odd about more seats than the venue holds; what it holds is known once one is chosen.
fn more_than_venue(holds: impl Fn() -> Option<i32> + Send + Sync + 'static) -> Callback<String, Option<String>> {
    Callback::new(move |typed: String| {
        let (holds, seats) = (holds()?, typed.trim().parse::<i32>().ok()?);
        (seats > holds).then(|| venue_is_smaller(holds, seats))
    })
}

/// The number of seats, and who may have them; `warns` of seats that the venue has not.
fn guests_part(event: Option<&Event>, warns: Callback<String, Option<String>>) -> AnyView {
    let seats = event.map(|e| e.capacity.to_string()).unwrap_or_default();
    let hint =
        if event.is_some() { "Can't be lower than the seats already taken" } else { "Of all ticket types together" };
    let who = event.map_or("all", |e| e.allowed_genders.as_str());
    let (others, smaller) = event.map_or((false, false), |e| (e.allow_plus_one, e.smaller_parties_pass));
    let body = view! {
        <div class="form-grid">
            <Field name="capacity" label="Seats" kind="number" check={integer::<Seats>} required=true value=seats hint=hint warns=warns/>
            <Pick name="allowed_genders" label="Who can attend" options=genders() value=who required=true/>
        </div>
        <Flag name="allow_plus_one" label="Allow guests to bring others" value=others/>
        <Flag name="smaller_parties_pass" label="Skip to the next guest when a group is too large" hint="For seats offered to the waiting list. Otherwise they are kept until the first group fits" value=smaller/>
    };
    section("Seats and guests", body)
}

/// A venue that was chosen: what it is, its clocks, and who has it when.
#[derive(Clone)]
struct Chosen {
    venue: Venue,
    zone: Zone,
    held: Vec<Event>,
}

async fn look_up(id: VenueId) -> Result<Chosen, Error> {
    let venue = venue_get(id).await?;
    let zone = clock::named(&venue.timezone).await?;
    let open = Some(vec![EventStatus::Published, EventStatus::Live]);
    let held = EventFilter { venue_id: Some(id), status: open, ..EventFilter::default() };
    Ok(Chosen { venue, zone, held: event_list(held).await?.items })
}

impl Chosen {
    /// Who has it between these hours, as they were typed.
    fn taken(&self, [from, to]: [String; 2]) -> Option<String> {
        let at = |typed: &str| self.zone.moment_typed(clock::read(typed)?).ok();
        let (from, to) = (at(&from)?, at(&to)?);
        let event = self.held.iter().find(|event| event.start_at < to && from < event.end_at)?;
        let (event_id, title, venue) = (event.id, event.title.clone(), self.venue.name.clone());
        let holder = VenueHolder { event_id, title, venue, start_at: event.start_at, end_at: event.end_at };
        Some(venue_is_taken(&holder, &self.zone))
    }
}

/// Keeps the venue that is chosen, as soon as it is known.
fn looked_up(venue: RwSignal<Option<Chosen>>) -> Callback<Option<Uuid>> {
    let wanted = StoredValue::new(None::<Uuid>);
    Callback::new(move |id: Option<Uuid>| {
        if wanted.get_value() == id {
            return;
        }
        wanted.set_value(id);
        venue.set(None);
        let Some(id) = id else { return };
        spawn_local(async move {
            let found = look_up(VenueId(id)).await.ok();
            // Another one may have been chosen meanwhile, or the form be gone.
            if wanted.try_get_value() == Some(Some(id)) {
                let _ = venue.try_set(found);
            }
        });
    })
}

fn new((interests, all_zones): Choices, me: &Me) -> AnyView {
    let (go, toasts) = (use_go(), Toasts::get());
    let run = submit(create, move |(event, taken): (Event, Option<String>)| {
        let done = format!("Draft of {} created", event.title);
        match taken {
            None => toasts.done(done),
            Some(taken) => toasts.push(Tone::Warning, format!("{done}, but the venue is taken"), taken),
        }
        go(&format!("/events/{}", event.id));
    });
    let basics = move || {
        view! {
            <Field name="title" label="Title" check={rule::<EventTitle>} required=true/>
            <div class="form-grid">
                <Field name="start_at" label="Starts" kind="datetime-local" required=true hint="Local time at the venue"/>
                <Field name="end_at" label="Ends" kind="datetime-local" required=true after=("start_at", "the start") hint="Local time at the venue"/>
            </div>
        }
    };
    let venue = RwSignal::new(None::<Chosen>);
    let place = move || {
        view! {
            <div class="form-grid">
                <Find name="venue_id" label="Venue" of=HitKind::Venue required=false chooses=looked_up(venue) adds=("/venues/new", "Add a venue")/>
                <Field name="venue_text" label="Or enter an address" check={rule::<PlaceText>}/>
                <Field name="city" label="City" check={rule::<City>} unless="venue_id" hint="Required with an address. Defaults to the venue's"/>
                <Pick name="timezone" label="Time zone" options=zones(all_zones) hint="Defaults to the venue's, else your organisation's"/>
            </div>
            {odd(["start_at", "end_at"], move |hours| venue.with(|chosen| chosen.as_ref()?.taken(hours)))}
        }
    };
    let anyone = me.may(Permission::EventsManage);
    let about = move || {
        view! {
            <Area name="description" label="Description" check={rule::<Description>}/>
            <Field name="mood" label="Category" check={rule::<Mood>} hint="Concert, party, picnic …"/>
            {interest_boxes(interests, Vec::new())}
        }
    };
    let money = move || {
        view! {
            <Pick name="currency" label="Currency" options=currencies() hint="Defaults to your organisation's"/>
            {tax(None)}
        }
    };
    let form = view! {
        <Form id="event" submit=run label="Create draft" cancel="/events">
            {section("Title and date", basics())}
            {section("Venue", place())}
            {section("Organiser", view! { <Organiser anyone=anyone/> })}
            {guests_part(None, more_than_venue(move || venue.with(|chosen| chosen.as_ref()?.venue.capacity)))}
            {section("Description", about())}
            {section("Money and tax", money())}
        </Form>
    };
    let crumbs = vec![("Events".to_owned(), "/events".to_owned())];
    view! {
        <div class="page narrow sectioned">
            <PageHead title="New event" crumbs=crumbs subtitle="Only the organisers see a draft. You publish it when it is ready."/>
            {form}
        </div>
    }
    .into_any()
}

/// Who organises: a partner, or a user as host. The field of the other one is out of the form, so it is neither asked
/// for nor sent.
#[component]
fn Organiser(
    /// Whether the reader may plan for everybody. Who plans for partners of their own need not say for which, where there
    /// is only one.
    anyone: bool,
) -> impl IntoView {
    if !anyone {
        return view! { <Find name="organizer_partner_id" label="Partner" of=HitKind::Partner required=false hint="Defaults to your own partner"/> }
            .into_any();
    }
    let (form, hosted) = (expect_context::<FormState>(), RwSignal::new(false));
    let choose = move |host: bool| {
        hosted.set(host);
        form.forget(&["organizer_partner_id", "host_user_id"]);
    };
    let choice = move |host: bool, label: &'static str| {
        view! {
            <label class="check">
                <input type="radio" name="organiser" checked=!host prop:checked=move || hosted.get() == host on:change=move |_| choose(host)/>
                <span>{label}</span>
            </label>
        }
    };
    // What is chosen counts as the other one's value.
    let said = move |name: &'static str, host: bool| view! { <input type="hidden" name=name prop:value=move || if hosted.get() == host { "1" } else { "" }/> };
    view! {
        <fieldset class="group">
            <legend>"Organised by"</legend>
            <div class="row">{choice(false, "Partner")}{choice(true, "Host")}</div>
        </fieldset>
        {said("by_partner", false)}
        {said("by_host", true)}
        <fieldset hidden=move || hosted.get() disabled=move || hosted.get()>
            <Find name="organizer_partner_id" label="Partner" of=HitKind::Partner required=true unless="by_host"/>
        </fieldset>
        <fieldset hidden=move || !hosted.get() disabled=move || !hosted.get()>
            <Find name="host_user_id" label="Host" of=HitKind::User required=true unless="by_partner" hint="A user who runs the event in person"/>
        </fieldset>
    }
    .into_any()
}

fn tax(event: Option<&Event>) -> AnyView {
    let number = event.and_then(|e| e.gst_number.clone()).unwrap_or_default();
    let percent = event.and_then(|e| e.gst_percent.clone()).unwrap_or_default();
    view! {
        <div class="form-grid">
            <Field name="gst_number" label="GST number" check={rule::<GstNumber>} emptyable=event.is_some() value=number/>
            <Field name="gst_percent" label="GST in percent" check={rule::<Percent>} emptyable=event.is_some() value=percent/>
        </div>
    }
    .into_any()
}

/// The form for what an event is.
pub fn event_edit() -> AnyView {
    let id = id_of_path::<EventId>();
    let data = Loading::new(move || id.get(), fetch);
    loaded(data, |(event, holds, choices), me| guarded(&me, Permission::EventsManage, || edit(event, holds, choices)))
}

/// The event, how many its venue holds, and what there is to choose from.
async fn fetch(id: Option<EventId>) -> Result<(Event, Option<i32>, Choices), Error> {
    let event = event_get(id.ok_or_else(not_found)?).await?;
    let holds = match event.venue_id {
        Some(venue) => venue_get(venue).await?.capacity,
        None => None,
    };
    Ok((event, holds, choices().await?))
}

fn edit(event: Event, holds: Option<i32>, (interests, all_zones): Choices) -> AnyView {
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
    let hours = format!("{}, {}", day_in_words(&event.event_date), clock::hour(&event));
    let when_and_where = format!("{hours} · {}", place(&event));
    let badge = standing(&event);
    let chosen = event.interests.iter().map(ToString::to_string).collect();
    let mood = event.mood.clone().unwrap_or_default();
    let (described, zoned) = (event.clone(), event.timezone.clone());
    let about = move || {
        view! {
            <Field name="title" label="Title" check={rule::<EventTitle>} required=true value=described.title.clone()/>
            <Area name="description" label="Description" check={rule::<Description>} emptyable=true value=described.description.clone()/>
            <Field name="mood" label="Category" check={rule::<Mood>} emptyable=true value=mood hint="Concert, party, picnic …"/>
            {interest_boxes(interests, chosen)}
        }
    };
    let clocks = move || {
        view! {
            <Pick name="timezone" label="Time zone" options=zones(all_zones) required=true value=zoned hint="Only changes how times are displayed. To change the date, reschedule the event"/>
        }
    };
    let form = view! {
        <Form id="event" submit=run label="Save changes" cancel=path extra=json!({ "version": event.version })>
            {section("Details", about())}
            {guests_part(Some(&event), more_than_venue(move || holds))}
            {section("Time zone", clocks())}
            {section("Tax", tax(Some(&event)))}
        </Form>
    };
    view! {
        <div class="page narrow sectioned"><PageHead title=title crumbs=crumbs badge=badge subtitle=when_and_where/>{form}</div>
    }
    .into_any()
}
