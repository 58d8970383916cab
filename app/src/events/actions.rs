//! What can be done to an event, and who organises beside its host.

use eventify::events::operations::{
    event_cancel, event_co_host_add, event_co_host_remove, event_duplicate, event_end, event_publish, event_reschedule,
    event_start,
};
use eventify::events::{
    CancelEvent, CoHost, DuplicateEvent, Event, EventStatus, EventTitle, NewCoHost, PlaceText, Reschedule, Zone,
};
use eventify::kernel::error::{FieldErrors, Validate};
use eventify::kernel::patch::Patch;
use eventify::kernel::text::Reason;
use eventify::kernel::timestamp::Timestamp;
use eventify::search::HitKind;
use eventify::tickets::GuestTotals;
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::detail::{Data, Rights};
use super::{afterwards, clock};
use crate::ui::{Area, Confirm, Field, Find, Icon, Loading, Nothing, Toasts, card, rule, submit, use_go};

/// The buttons that make sense for this event now.
pub fn of(data: Loading<Data>, event: &Event, zone: &Zone, totals: Option<&GuestTotals>, rights: Rights) -> AnyView {
    use EventStatus::{Draft, Live, Published};
    let is = |states: &[EventStatus]| states.contains(&event.status);
    let (manages, publishes) = (rights.manages, rights.publishes);
    let open = is(&[Draft, Published, Live]);
    let edit = || {
        let href = format!("/events/{}/edit", event.id);
        view! { <a class="btn" href=href>{Icon::EDIT.svg()}"Edit"</a> }
    };
    view! {
        {(publishes && is(&[Draft])).then(|| publish(data, event))}
        {(manages && is(&[Published])).then(|| start(data, event))}
        {(manages && is(&[Live])).then(|| end(data, event))}
        {(manages && open).then(edit)}
        {(manages && open).then(|| reschedule(data, event, zone))}
        {rights.duplicates.then(|| duplicate(event, zone))}
        {(publishes && open).then(|| cancel(data, event, totals))}
    }
    .into_any()
}

fn publish(data: Loading<Data>, event: &Event) -> AnyView {
    let id = event.id;
    let run = submit(move |_: Nothing| event_publish(id), afterwards::<_, Event>(data, "It is published"));
    view! {
        <Confirm id="event-publish" label="Publish" icon=Icon::CHECK title=format!("Publish {}?", event.title) confirm="Publish" run=run class="btn primary" danger=false>
            <p>"Everybody can see it and come in from now on. Without a ticket type of your own it gets a free one."</p>
        </Confirm>
    }
    .into_any()
}

fn start(data: Loading<Data>, event: &Event) -> AnyView {
    let id = event.id;
    let run = submit(move |_: Nothing| event_start(id), afterwards::<_, Event>(data, "It is on"));
    view! {
        <Confirm id="event-start" label="Start now" icon=Icon::ACTIVITY title=format!("Start {} by hand?", event.title) confirm="Start now" run=run danger=false>
            <p>"It starts by itself at its time. By hand it can start up to a day before."</p>
        </Confirm>
    }
    .into_any()
}

fn end(data: Loading<Data>, event: &Event) -> AnyView {
    let id = event.id;
    let run = submit(move |_: Nothing| event_end(id), afterwards::<_, Event>(data, "It is over"));
    view! {
        <Confirm id="event-end" label="End now" icon=Icon::CLOCK title=format!("End {} by hand?", event.title) confirm="End now" run=run>
            <p>"It ends by itself at its time. Nobody can come in once it is over."</p>
        </Confirm>
    }
    .into_any()
}

fn cancel(data: Loading<Data>, event: &Event, totals: Option<&GuestTotals>) -> AnyView {
    let id = event.id;
    let run =
        submit(move |input: CancelEvent| event_cancel(id, input), afterwards::<_, Event>(data, "Event cancelled"));
    let title = event.title.clone();
    let numbers = totals.map(GuestTotals::cancellation).unwrap_or_default();
    let numbers = numbers.into_iter().map(|said| view! { <p>{said}</p> }).collect_view();
    view! {
        <Confirm id="event-cancel" label="Cancel event" icon=Icon::X title="Cancel this event?" confirm="Cancel event" keep="Keep event" run=run class="btn danger" typed=title>
            {numbers}
            <p>"The venue is released. This can't be undone."</p>
            <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Sent to the guests and shown on the event's page"/>
        </Confirm>
    }
    .into_any()
}

/// Hours by the clock there, and perhaps another place.
#[derive(Clone, Debug, Deserialize)]
struct Moved {
    starts: Timestamp,
    ends: Timestamp,
    #[serde(default)]
    new_venue: Option<eventify::events::VenueId>,
    #[serde(default)]
    new_place: Option<PlaceText>,
    version: i64,
}
impl Validate for Moved {
    fn check(&self, errors: &mut FieldErrors) {
        if self.ends <= self.starts {
            errors.entry("ends".to_owned()).or_default().push("must be after the start".to_owned());
        }
        if self.new_venue.is_some() && self.new_place.is_some() {
            errors.entry("new_place".to_owned()).or_default().push("say a venue or a place, not both".to_owned());
        }
    }
}

fn reschedule(data: Loading<Data>, event: &Event, zone: &Zone) -> AnyView {
    let (id, clocks, before) = (event.id, zone.clone(), (event.start_at, event.end_at));
    let kept = (zone.field(event.start_at), zone.field(event.end_at));
    let typed = kept.clone();
    let call = move |input: Moved| {
        let (zone, typed) = (clocks.clone(), typed.clone());
        async move {
            // What nobody touched stays to the second, whatever the clocks do in between.
            let at = |wall: Timestamp, typed: &str, before: Timestamp, field: &str| match clock::typed(wall) == typed {
                true => Ok(before),
                false => clock::moment(wall, &zone, field),
            };
            let (start_at, end_at) =
                (at(input.starts, &typed.0, before.0, "starts")?, at(input.ends, &typed.1, before.1, "ends")?);
            let venue_id = input.new_venue.map_or(Patch::Absent, Patch::Value);
            let venue_text = input.new_place.map_or(Patch::Absent, Patch::Value);
            let change = Reschedule { start_at, end_at, venue_id, venue_text, city: None, version: input.version };
            event_reschedule(id, change).await
        }
    };
    let run = submit(call, afterwards::<_, Event>(data, "Time and place are set"));
    let told = match event.status.is_open() {
        true => "Guests with an email or phone are notified. Ticket sales move with it.",
        false => "Nobody is told while it is a draft. Ticket sales move with it.",
    };
    let zone = format!("Times are in {}.", clock::label(zone, event));
    view! {
        <Confirm id="event-move" label="Time and place" icon=Icon::CALENDAR title=format!("When and where is {}?", event.title) confirm="Set time and place" run=run extra=json!({ "version": event.version }) danger=false>
            <p>{zone}" "{told}</p>
            <Field name="starts" label="Starts" kind="datetime-local" required=true value=kept.0/>
            <Field name="ends" label="Ends" kind="datetime-local" required=true value=kept.1/>
            <Find name="new_venue" label="Another venue" of=HitKind::Venue required=false hint="Empty: the place stays."/>
            <Field name="new_place" label="Or a place in words" check={rule::<PlaceText>}/>
        </Confirm>
    }
    .into_any()
}

fn duplicate(event: &Event, zone: &Zone) -> AnyView {
    let (id, clocks, go, toasts) = (event.id, zone.clone(), use_go(), Toasts::get());
    let call = move |input: DuplicateEvent| {
        let zone = clocks.clone();
        async move {
            let start_at = clock::moment(input.start_at, &zone, "start_at")?;
            event_duplicate(id, DuplicateEvent { start_at, ..input }).await
        }
    };
    let run = submit(call, move |copy: Event| {
        toasts.done("A new draft like it is there");
        go(&format!("/events/{}", copy.id));
    });
    let zone = format!("It takes as long as the original. Times are in {}.", clock::label(zone, event));
    let title = event.title.clone();
    view! {
        <Confirm id="event-copy" label="Duplicate" icon=Icon::COPY title=format!("Make a draft like {}?", event.title) confirm="Create draft" run=run danger=false>
            <p>"With its place, organisers, images, questions and ticket types; without its guests. "{zone}</p>
            <Field name="title" label="Title" check={rule::<EventTitle>} value=title/>
            <Field name="start_at" label="Starts" kind="datetime-local" required=true/>
        </Confirm>
    }
    .into_any()
}

/// Who organises beside the host.
pub fn co_hosts(data: Loading<Data>, event: &Event, list: Vec<CoHost>, rights: Rights) -> AnyView {
    let id = event.id;
    let add = rights.manages.then(|| {
        let run = submit(move |input: NewCoHost| event_co_host_add(id, input), afterwards::<_, CoHost>(data, "Added"));
        view! {
            <Confirm id="host-add" label="Add" icon=Icon::PLUS title="Which partner organises too?" confirm="Add" run=run danger=false class="btn small">
                <p>"Its people run the event like those of its host."</p>
                <Find name="partner_id" label="Partner" of=HitKind::Partner/>
            </Confirm>
        }
        .into_any()
    });
    let one = |host: CoHost| {
        let name = host.name.clone().unwrap_or_else(|| "An end user".to_owned());
        let gone = rights.manages.then(|| {
            let run =
                submit(move |_: Nothing| event_co_host_remove(id, host.id), afterwards::<_, ()>(data, "Removed"));
            view! {
                <Confirm id=format!("host-{}", host.id) label="Remove" icon=Icon::TRASH title=format!("Remove {name}?") confirm="Remove" run=run square=format!("Remove {name}")>
                    <p>"Its people see and run this event no more."</p>
                </Confirm>
            }
        });
        view! { <li class="row spread"><span>{name.clone()}</span>{gone}</li> }
    };
    let body = match list.is_empty() {
        true => view! { <p class="muted">"Nobody else."</p> }.into_any(),
        false => {
            view! { <ul class="stack tight" role="list">{list.into_iter().map(one).collect_view()}</ul> }.into_any()
        }
    };
    card("event-hosts", "Co-hosts", add, body)
}
