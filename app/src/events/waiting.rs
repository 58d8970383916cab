//! The waiting list: who waits, in which order, and offering seats out of turn.

use eventify::events::{Event, EventStatus};
use eventify::kernel::text::{counted, lasting};
use eventify::tickets::operations::{waiting_list_leave, waiting_list_offer};
use eventify::tickets::{EventSummary, WaitingEntry, WaitingId, WaitingStatus, offers_none};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::data::Data;
use super::head::Rights;
use super::{afterwards, clock, nothing};
use crate::ui::{Column, Confirm, Icon, ListQuery, Loading, Nothing, Table, Toasts, Tone, badge, submit};

/// What has to be known of an event to offer its seats.
struct Desk {
    data: Loading<Data>,
    event: Event,
    zone: Zone,
    summary: EventSummary,
    rights: Rights,
    /// Those who wait, the first in line first.
    line: Vec<WaitingId>,
}

/// The tab.
pub fn tab(
    data: Loading<Data>,
    (event, zone): (&Event, &Zone),
    mut list: Vec<WaitingEntry>,
    summary: &EventSummary,
    rights: Rights,
) -> AnyView {
    // Who has an offer, who waits in the order of the line, and what is over.
    list.sort_by_key(|entry| (rank(entry.status), entry.created_at, entry.id));
    let waiting = list.iter().filter(|entry| entry.status == WaitingStatus::Waiting);
    let line = waiting.map(|entry| entry.id).collect();
    let said = figures(&list, event, summary);
    let begun = event.start_at <= summary.as_of;
    let none = refusal(event.status, begun, 1, (summary.free, summary.capacity));
    let none = none.filter(|_| list.iter().any(|entry| entry.status == WaitingStatus::Waiting));
    let none = none.map(|why| nothing_to_offer(event, why, rights));
    let empty = nothing(
        event.status,
        ("No one is waiting", "When seats are gone, guests can join the waiting list. They appear here in order."),
        ("Nobody was waiting", "The event is over: no one can join the waiting list."),
    );
    let offered = list.iter().any(|entry| entry.offer_expires_at.is_some());
    let (ends, since) = (zone.clone(), zone.clone());
    let desk = StoredValue::new(Desk {
        data,
        event: event.clone(),
        zone: zone.clone(),
        summary: summary.clone(),
        rights,
        line,
    });
    let mut table = Table::new("Waiting list", ListQuery::default())
        .counts("guest", "guests")
        .csv_of(format!("/events/{}/waiting-list/export", event.id), &())
        .column(Column::head("Guest", move |entry: &WaitingEntry| {
            let place = desk.with_value(|desk| desk.place(entry.id));
            let place = place.map(|at| view! { <span class="muted">{format!("{}. ", at + 1)}</span> });
            view! { {place}<bdi>{entry.called()}</bdi><small>{entry.ticket_type.clone()}</small> }.into_any()
        }))
        .column(Column::new("Seats", |entry: &WaitingEntry| entry.seats.into_any()).number())
        .column(Column::new("Status", |entry: &WaitingEntry| status(entry.status)))
        .column(Column::new("Joined", move |entry: &WaitingEntry| clock::brief(&since, entry.created_at)).low())
        .empty(empty.0, empty.1, None);
    if offered {
        let ends = move |entry: &WaitingEntry| match entry.offer_expires_at {
            Some(moment) => clock::brief(&ends, moment),
            None => ().into_any(),
        };
        table = table.column(Column::new("Offer held until", ends));
    }
    if rights.manages_tickets {
        table = table.column(Column::actions(move |entry: &WaitingEntry| desk.with_value(|desk| desk.acts(entry))));
    }
    view! { <div class="stack">{said}{none}{table.all(list)}</div> }.into_any()
}

fn rank(status: WaitingStatus) -> u8 {
    match status {
        WaitingStatus::Offered => 0,
        WaitingStatus::Waiting => 1,
        WaitingStatus::Taken | WaitingStatus::Lapsed | WaitingStatus::Left => 2,
    }
}

fn status(status: WaitingStatus) -> AnyView {
    match status {
        WaitingStatus::Waiting => badge(Tone::Neutral, "Waiting"),
        WaitingStatus::Offered => badge(Tone::Info, "Offered"),
        WaitingStatus::Taken => badge(Tone::Success, "Booked"),
        WaitingStatus::Lapsed => badge(Tone::Neutral, "Offer expired"),
        WaitingStatus::Left => badge(Tone::Neutral, "Left the list"),
    }
}

/// How many wait for how many seats, and what happens by itself.
fn figures(list: &[WaitingEntry], event: &Event, summary: &EventSummary) -> Option<AnyView> {
    let seats = |of: WaitingStatus| -> (i64, i64) {
        let all = list.iter().filter(|entry| entry.status == of);
        all.fold((0, 0), |(guests, seats), entry| (guests + 1, seats + i64::from(entry.seats)))
    };
    let ((guests, wanted), (_, offered)) = (seats(WaitingStatus::Waiting), seats(WaitingStatus::Offered));
    if guests + offered == 0 {
        return None;
    }
    let noun = if guests == 1 { "guest waits" } else { "guests wait" };
    let mut said = vec![format!("{guests} {noun} for {}", counted(wanted, "seat"))];
    if offered > 0 {
        said.push(format!("{offered} offered"));
    }
    said.push(format!("{} free of {}", summary.free, summary.capacity));
    // Until it begins.
    let offers = event.status == EventStatus::Published && event.start_at > summary.as_of;
    let how = offers.then(|| {
        let time = lasting(summary.offer_minutes);
        view! { <p class="muted">{format!("Seats that come free are offered automatically, in this order. An offer holds them for {time}.")}</p> }
    });
    Some(view! { <div><p><strong>{said.join(" · ")}</strong></p>{how}</div> }.into_any())
}

/// Why seats cannot be offered now.
#[derive(Debug, PartialEq)]
enum Refusal {
    /// The event itself offers none.
    Closed(&'static str),
    /// All its seats are gone.
    Full,
    /// It has fewer seats than this guest needs.
    Few(String),
}

/// What stands against an offer of so many seats, where something does.
fn refusal(status: EventStatus, begun: bool, seats: i32, (free, capacity): (i32, i32)) -> Option<Refusal> {
    if let Some(why) = offers_none(status, begun) {
        return Some(Refusal::Closed(why));
    }
    let wanted = counted(seats, "seat");
    let left = match free {
        free if free >= seats => return None,
        ..=0 => return Some(Refusal::Full),
        1 => format!("Only 1 of {capacity} seats is free"),
        free => format!("Only {free} of {capacity} seats are free"),
    };
    Some(Refusal::Few(format!("{left}, and this guest needs {wanted}.")))
}

/// Why nobody can be offered seats, said once for the whole list, and what would make it possible.
fn nothing_to_offer(event: &Event, why: Refusal, rights: Rights) -> AnyView {
    let (why, full) = match why {
        Refusal::Closed(why) => (why.to_owned(), false),
        Refusal::Full => (format!("No seat is free to offer now: all {} are taken or held.", event.capacity), true),
        Refusal::Few(few) => (few, true),
    };
    let more = (full && rights.manages).then(|| {
        let href = format!("/events/{}/edit#event-capacity", event.id);
        view! { " "<a href=href>"Change capacity"</a> }
    });
    view! { <p class="muted">{why}{more}</p> }.into_any()
}

impl Desk {
    /// Where somebody stands in the line, from 0.
    fn place(&self, id: WaitingId) -> Option<usize> {
        self.line.iter().position(|waiting| *waiting == id)
    }

    fn acts(&self, entry: &WaitingEntry) -> AnyView {
        match entry.status {
            WaitingStatus::Waiting => {
                view! { <div class="row">{self.offer(entry)}{self.remove(entry)}</div> }.into_any()
            }
            WaitingStatus::Offered => self.remove(entry),
            WaitingStatus::Taken | WaitingStatus::Lapsed | WaitingStatus::Left => ().into_any(),
        }
    }

    /// Offering, or why it is not possible and what would make it so.
    fn offer(&self, entry: &WaitingEntry) -> AnyView {
        let label = if entry.seats == 1 { "Offer seat" } else { "Offer seats" };
        let begun = self.event.start_at <= self.summary.as_of;
        let seats = (self.summary.free, self.summary.capacity);
        let few = match refusal(self.event.status, begun, entry.seats, seats) {
            None => return self.ask(entry, label),
            // Nothing to offer to anybody, which is said once above the list.
            Some(Refusal::Closed(_) | Refusal::Full) => return ().into_any(),
            Some(Refusal::Few(few)) => few,
        };
        let more = self.rights.manages.then(|| {
            let href = format!("/events/{}/edit#event-capacity", self.event.id);
            view! { <div class="dialog-foot"><a class="btn primary" href=href>"Change capacity"</a></div> }
        });
        // A dialog of the browser's own: it opens without script.
        let id = format!("full-{}", entry.id);
        let (opens, closes, heading) = (id.clone(), id.clone(), format!("{id}-title"));
        view! {
            <button class="btn small" type="button" popovertarget=opens>{Icon::TICKET.svg()}{label}</button>
            <div class="dialog" popover="auto" id=id role="dialog" aria-labelledby=heading>
                <div class="dialog-head">
                    <h2 id=heading.clone()>{format!("No seats to offer {} now", entry.called())}</h2>
                    <button class="btn square quiet" type="button" popovertarget=closes popovertargetaction="hide" aria-label="Close">{Icon::X.svg()}</button>
                </div>
                <div class="dialog-body"><p>{few}</p></div>
                {more}
            </div>
        }
        .into_any()
    }

    fn ask(&self, entry: &WaitingEntry, label: &'static str) -> AnyView {
        let (id, data, zone, toasts) = (entry.id, self.data, self.zone.clone(), Toasts::get());
        let (name, seats) = (entry.called().to_owned(), counted(entry.seats, "seat"));
        let title = format!("Offer {seats} to {name} now?");
        let done = move |offer: WaitingEntry| {
            let until = offer.offer_expires_at.map(|at| format!(", held until {}", zone.brief(at))).unwrap_or_default();
            toasts.done(format!("{seats} offered to {name}{until}"));
            data.refetch();
        };
        let run = submit(move |_: Nothing| waiting_list_offer(id), done);
        let ticket_type =
            self.summary.types.iter().find(|ticket_type| ticket_type.ticket_type_id == entry.ticket_type_id);
        let said = entry.offer_means(self.place(id).unwrap_or_default(), ticket_type, self.summary.offer_minutes);
        let said = said.into_iter().map(|one| view! { <p>{one}</p> }).collect_view();
        view! {
            <Confirm id=format!("offer-{id}") label=label icon=Icon::TICKET title=title confirm=label run=run danger=false class="btn small">
                {said}
            </Confirm>
        }
        .into_any()
    }

    fn remove(&self, entry: &WaitingEntry) -> AnyView {
        let id = entry.id;
        let run = submit(
            move |_: Nothing| waiting_list_leave(id),
            afterwards::<_, ()>(self.data, "Removed from the waiting list"),
        );
        let text = match entry.status {
            WaitingStatus::Offered => "The offer ends and its seats go to the next guest. The guest is not notified.",
            _ => "The guest loses their position and is not notified.",
        };
        view! {
            <Confirm id=format!("line-{id}") label="Remove" icon=Icon::X title=format!("Remove {} from the waiting list?", entry.called()) confirm="Remove guest" keep="Keep guest" run=run class="btn small quiet">
                <p>{text}</p>
            </Confirm>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_says_before_whether_it_can_be_made() {
        let of = |status, begun, seats, free| refusal(status, begun, seats, (free, 80));
        assert_eq!(of(EventStatus::Published, false, 2, 2), None);
        assert_eq!(of(EventStatus::Published, false, 1, 0), Some(Refusal::Full), "said once for all");
        assert_eq!(of(EventStatus::Published, false, 4, 0), Some(Refusal::Full));
        let few = Refusal::Few("Only 1 of 80 seats is free, and this guest needs 2 seats.".to_owned());
        assert_eq!(of(EventStatus::Published, false, 2, 1), Some(few));
        let begun = Refusal::Closed("The event has begun: no more seats are offered.");
        assert_eq!(of(EventStatus::Live, true, 1, 5), Some(begun));
        assert_eq!(of(EventStatus::Ended, true, 1, 5), Some(Refusal::Closed("The event is over.")));
    }
}
