//! What can be done to an event, and who organises beside its host.

use eventify::events::operations::{
    event_cancel, event_co_host_add, event_co_host_remove, event_duplicate, event_end, event_publish, event_reschedule,
    event_start,
};
use eventify::events::{
    CancelEvent, CoHost, DuplicateEvent, Event, EventId, EventStatus, EventTitle, NewCoHost, PlaceText, Reschedule,
};
use eventify::kernel::error::{FieldErrors, Validate};
use eventify::kernel::money::count;
use eventify::kernel::patch::Patch;
use eventify::kernel::text::Reason;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::operations::plan_move_check;
use eventify::planning::{MoveCheck, MoveQuery};
use eventify::search::HitKind;
use eventify::tickets::{EventSummary, GuestTotals, TicketType, going_on_sale};
use eventify::zones::Zone;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::json;

use super::data::Data;
use super::head::{Acts, Entry, Rights, board, invite};
use super::public_page::PublicPage;
use super::{afterwards, clock, venue_is_taken};
use crate::planning::clashes;
use crate::ui::{
    Area, Confirm, Field, Find, Icon, Loading, Nothing, Toasts, Tone, card, menu_act, note, rule, submit, typed, use_go,
};

/// The buttons of the event's own page, with the dialogs of all its acts; inviting is no button where the page has it
/// (`inviting`).
pub fn of(
    data: Loading<Data>,
    event: &Event,
    zone: &Zone,
    totals: Option<&GuestTotals>,
    (summary, sells, inviting): (&EventSummary, &[TicketType], bool),
    rights: Rights,
) -> AnyView {
    let acts = Acts::of(event, rights, summary.as_of);
    let inside = if event.status == EventStatus::Live { summary.came_in } else { 0 };
    let next = view! {
        {acts.publishes.then(|| publish(data, (event, zone), sells, summary))}
        {(acts.invites && !inviting).then(|| invite(event, "btn primary"))}
        {board(event, rights, "btn primary")}
    };
    let entry = |(id, label, icon, danger): Entry| menu_act(id, label, icon, danger);
    view! {
        {acts.view(event, PublicPage::of(summary).as_ref(), next.into_any(), entry)}
        {acts.starts.then(|| start(data, event))}
        {acts.moves.then(|| reschedule(data, event, zone, summary.guests))}
        {acts.duplicates.then(|| duplicate(event, zone))}
        {acts.ends.then(|| end(data, event))}
        {acts.cancels.then(|| cancel(data, event, totals, inside))}
    }
    .into_any()
}

fn publish(
    data: Loading<Data>,
    (event, zone): (&Event, &Zone),
    sells: &[TicketType],
    summary: &EventSummary,
) -> AnyView {
    let id = event.id;
    let run = submit(move |_: Nothing| event_publish(id), afterwards::<_, Event>(data, "Event published"));
    let ticket_types = going_on_sale(sells, event.capacity, zone, summary.as_of);
    let ticket_types = ticket_types.into_iter().map(|said| view! { <li>{said}</li> }).collect_view();
    let told = format!("Everyone can see it and book one of {} seats:", count(event.capacity.into()));
    let taken = summary.venue_holder.as_ref().map(|holder| {
        let text = format!("{} Choose another date or venue first.", venue_is_taken(holder, zone));
        note(Tone::Warning, "The venue is taken", view! { <p>{text}</p> }, None)
    });
    view! {
        <Confirm id="event-publish" label="Publish" icon=Icon::CHECK title=format!("Publish {}?", event.title) confirm="Publish event" keep="Keep draft" run=run class="btn primary" danger=false>
            {taken}
            <p>{told}</p>
            <ul class="stack tight" role="list">{ticket_types}</ul>
        </Confirm>
    }
    .into_any()
}

fn start(data: Loading<Data>, event: &Event) -> AnyView {
    let id = event.id;
    let run = submit(move |_: Nothing| event_start(id), afterwards::<_, Event>(data, "Event is live"));
    view! {
        <Confirm id="event-start" label="Go live now" icon=Icon::ACTIVITY title=format!("Go live with {} now?", event.title) confirm="Go live now" run=run danger=false in_menu=true>
            <p>"Guests see that it has started. Otherwise it goes live automatically at its start time."</p>
        </Confirm>
    }
    .into_any()
}

fn end(data: Loading<Data>, event: &Event) -> AnyView {
    let id = event.id;
    let run = submit(move |_: Nothing| event_end(id), afterwards::<_, Event>(data, "Event ended"));
    view! {
        <Confirm id="event-end" label="End event" icon=Icon::CLOCK title="End this event?" confirm="End event" keep="Keep it live" run=run in_menu=true>
            <p>"Nobody can book or check in after that, and this can't be undone. Otherwise it ends automatically at its end time."</p>
        </Confirm>
    }
    .into_any()
}

fn cancel(data: Loading<Data>, event: &Event, totals: Option<&GuestTotals>, inside: i64) -> AnyView {
    let id = event.id;
    let said = if event.status == EventStatus::Draft { "Draft discarded" } else { "Event cancelled" };
    let run = submit(move |input: CancelEvent| event_cancel(id, input), afterwards::<_, Event>(data, said));
    if event.status == EventStatus::Draft {
        return view! {
            <Confirm id="event-cancel" label="Discard draft" icon=Icon::TRASH title="Discard this draft?" confirm="Discard draft" keep="Keep draft" run=run in_menu=true>
                <p>"It was never public, so nobody is notified. It stays in the list of cancelled events. This can't be undone."</p>
                <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Shown to your team only"/>
            </Confirm>
        }
        .into_any();
    }
    let title = event.title.clone();
    let inside = match inside {
        0 => None,
        1 => Some("1 person has come in. The ticket stays valid.".to_owned()),
        many => Some(format!("{} people have come in. Their tickets stay valid.", count(many))),
    };
    let inside = inside.map(|said| view! { <p><strong>{said}</strong></p> });
    let numbers = totals.map(GuestTotals::cancellation).unwrap_or_default();
    let numbers = numbers.into_iter().map(|said| view! { <p>{said}</p> }).collect_view();
    view! {
        <Confirm id="event-cancel" label="Cancel event" icon=Icon::X title="Cancel this event?" confirm="Cancel event" keep="Keep event" run=run in_menu=true typed=title>
            {inside}
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
            errors
                .entry("new_place".to_owned())
                .or_default()
                .push("choose a venue or enter an address, not both".to_owned());
        }
    }
}

fn reschedule(data: Loading<Data>, event: &Event, zone: &Zone, guests: i64) -> AnyView {
    let (id, clocks, before) = (event.id, zone.clone(), (event.start_at, event.end_at));
    let kept = (zone.field(event.start_at), zone.field(event.end_at));
    let (unchanged, there) = (kept.clone(), clocks.clone());
    let call = move |input: Moved| {
        let (zone, unchanged) = (there.clone(), unchanged.clone());
        async move {
            // What nobody touched stays to the second, whatever the clocks do in between.
            let at = |wall: Timestamp, typed: &str, before: Timestamp, field: &str| match clock::typed(wall) == typed {
                true => Ok(before),
                false => clock::moment(wall, &zone, field),
            };
            let (start_at, end_at) =
                (at(input.starts, &unchanged.0, before.0, "starts")?, at(input.ends, &unchanged.1, before.1, "ends")?);
            let venue_id = input.new_venue.map_or(Patch::Absent, Patch::Value);
            let venue_text = input.new_place.map_or(Patch::Absent, Patch::Value);
            let change = Reschedule { start_at, end_at, venue_id, venue_text, city: None, version: input.version };
            event_reschedule(id, change).await
        }
    };
    let run = submit(call, afterwards::<_, Event>(data, "Event rescheduled"));
    let told = match (event.status.is_open(), guests) {
        (true, 0) => "Nobody has booked yet. Ticket sales move with it.".to_owned(),
        (true, 1) => "Your guest is notified by email or phone. Ticket sales move with it.".to_owned(),
        (true, many) => format!("All {many} guests with an email or phone are notified. Ticket sales move with it."),
        (false, _) => "Nobody is notified while it is a draft. Ticket sales move with it.".to_owned(),
    };
    let zone = format!("Times are in {}.", clock::label(zone, event));
    view! {
        <Confirm id="event-move" label="Change date or venue" icon=Icon::CALENDAR title=format!("Reschedule {}", event.title) confirm="Reschedule" run=run extra=json!({ "version": event.version }) danger=false in_menu=true>
            <p>{zone}" "{told}</p>
            <Field name="starts" label="Starts" kind="datetime-local" required=true value=kept.0/>
            <Field name="ends" label="Ends" kind="datetime-local" required=true after=("starts", "the start") value=kept.1/>
            <Find name="new_venue" label="New venue" of=HitKind::Venue required=false hint="Leave empty to keep the venue"/>
            <Field name="new_place" label="Or enter an address" check={rule::<PlaceText>}/>
            {with_plan(id, clocks, before.0)}
        </Confirm>
    }
    .into_any()
}

/// What becomes of the plan, as the new hours are typed.
fn with_plan(id: EventId, zone: Zone, from: Timestamp) -> AnyView {
    let fields = typed(["starts", "new_venue"]);
    let (looked, asked) = (RwSignal::new(None::<MoveCheck>), StoredValue::new(None::<MoveQuery>));
    let clocks = zone.clone();
    Effect::new(move |_| {
        let wanted = fields().and_then(|[starts, venue]| {
            let start_at = clocks.moment_typed(clock::read(&starts)?).ok()?;
            Some(MoveQuery { start_at, venue_id: venue.parse().ok() })
        });
        if asked.get_value() == wanted {
            return;
        }
        asked.set_value(wanted.clone());
        looked.set(None);
        let Some(query) = wanted else { return };
        spawn_local(async move {
            let check = plan_move_check(id, query.clone()).await.ok();
            // Another hour may have been typed meanwhile, or the page be gone.
            if asked.try_get_value() == Some(Some(query)) {
                let _ = looked.try_set(check);
            }
        });
    });
    let told = move || looked.get().map(|check| clashes::along(&zone, from, &check));
    view! { <div role="status" class="stack">{told}</div> }.into_any()
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
        toasts.done("Draft created");
        go(&format!("/events/{}", copy.id));
    });
    let zone = format!("It takes as long as the original. Times are in {}.", clock::label(zone, event));
    let title = event.title.clone();
    view! {
        <Confirm id="event-copy" label="Duplicate" icon=Icon::COPY title=format!("Duplicate {}", event.title) confirm="Create draft" run=run danger=false in_menu=true>
            <p>"Copies the venue, organisers, pictures, questions and ticket types, but no guests. "{zone}</p>
            <Field name="title" label="Title" check={rule::<EventTitle>} value=title/>
            <Field name="start_at" label="Starts" kind="datetime-local" required=true/>
        </Confirm>
    }
    .into_any()
}

/// Who organises beside the host.
pub fn co_hosts(data: Loading<Data>, event: &Event, list: Vec<CoHost>, rights: Rights) -> AnyView {
    let (id, over) = (event.id, event.status.is_over());
    let add = (rights.manages && !over).then(|| {
        let run = submit(move |input: NewCoHost| event_co_host_add(id, input), afterwards::<_, CoHost>(data, "Co-host added"));
        view! {
            <Confirm id="host-add" label="Add" icon=Icon::PLUS title="Add co-host" confirm="Add co-host" run=run danger=false class="btn small">
                <p>"Its people can manage the event like the organiser's."</p>
                <Find name="partner_id" label="Partner" of=HitKind::Partner/>
            </Confirm>
        }
        .into_any()
    });
    let one = |host: CoHost| {
        let name = host.name.clone().unwrap_or_else(|| "A user".to_owned());
        let gone = rights.manages.then(|| {
            let run =
                submit(move |_: Nothing| event_co_host_remove(id, host.id), afterwards::<_, ()>(data, "Co-host removed"));
            view! {
                <Confirm id=format!("host-{}", host.id) label="Remove" icon=Icon::TRASH title=format!("Remove {name}?") confirm="Remove co-host" keep="Keep co-host" run=run in_row=format!("Remove {name}")>
                    <p>"Its people can no longer see or manage this event."</p>
                </Confirm>
            }
        });
        view! { <li class="row spread"><span>{name.clone()}</span>{gone}</li> }
    };
    let body = match list.is_empty() {
        true => view! { <p class="muted">"No co-hosts"</p> }.into_any(),
        false => {
            view! { <ul class="stack tight" role="list">{list.into_iter().map(one).collect_view()}</ul> }.into_any()
        }
    };
    card("event-hosts", "Co-hosts", add, body)
}
