//! Requests to join, and answering them.

use eventify::events::EventStatus;
use eventify::kernel::page::Page;
use eventify::kernel::text::{Note, counted};
use eventify::tickets::operations::event_request_decide;
use eventify::tickets::{EventRequest, EventSummary, RequestDecision, RequestId, RequestStatus, TicketType};
use eventify::zones::Zone;
use leptos::prelude::*;
use serde_json::json;

use super::data::{Data, requests_wanted};
use super::head::Rights;
use super::{clock, nothing, ticket_types};
use crate::ui::{
    Area, Bulk, Column, Confirm, Icon, ListQuery, Loading, Pick, Table, Toasts, Tone, badge, live, rule, submit,
};

fn request_title(status: RequestStatus) -> &'static str {
    match status {
        RequestStatus::Pending => "Open",
        RequestStatus::Accepted => "Accepted",
        RequestStatus::Declined => "Declined",
        RequestStatus::Cancelled => "Withdrawn",
    }
}

/// The requests.
pub fn requests(
    data: Loading<Data>,
    query: ListQuery,
    (status, zone): (EventStatus, &Zone),
    page: Page<EventRequest>,
    ticket_types: &[TicketType],
    summary: &EventSummary,
    rights: Rights,
) -> AnyView {
    let figures = summary.clone();
    let answered = RequestStatus::ALL.iter().filter(|status| **status != RequestStatus::Pending);
    let answered = answered.map(|status| (status.as_str().to_owned(), request_title(*status).to_owned()));
    let statuses = [("any".to_owned(), "Any status".to_owned())].into_iter().chain(answered).collect();
    let clocks = zone.clone();
    let wanted = requests_wanted(&query);
    let empty = nothing(
        status,
        ("No open requests", "Requests to join appear here until you accept or decline them."),
        ("No open requests", "The event is over: nobody can request to join."),
    );
    let mut table = Table::new("Requests", query)
        .counts("request", "requests")
        .csv_of(format!("/events/{}/requests/export", summary.event_id), &wanted)
        .select("status", "Open", statuses)
        .column(Column::head("Guest", |r: &EventRequest| {
            let name = r.requester_name.clone().unwrap_or_else(|| "No name".to_owned());
            view! { <bdi>{name}</bdi><small dir="auto">{r.message.clone()}</small> }.into_any()
        }))
        .column(
            Column::new("Seats", move |r: &EventRequest| {
                view! { {counted(r.seats_requested, "seat")}<small>{too_many(r, &figures)}</small> }.into_any()
            })
            .said(),
        )
        .column(Column::new("Status", request_state))
        .column(Column::new("Requested", move |r: &EventRequest| clock::brief(&clocks, r.created_at)).low())
        .empty(empty.0, empty.1, None);
    if rights.manages {
        let answer = Answer::new(summary, ticket_types, rights);
        let named =
            |r: &EventRequest| (r.id.to_string(), r.requester_name.clone().unwrap_or_else(|| "No name".to_owned()));
        table = table
            .bulk(vec![accept_all(ticket_types), decline_all()], named, move || data.refetch())
            .column(Column::actions(move |request: &EventRequest| answer.buttons(request, move || data.refetch())));
    }
    let (asked, free) = (counted(summary.requested_seats, "seat"), counted(summary.free, "free seat"));
    let said = match (summary.requests, i64::from(summary.free) >= summary.requested_seats) {
        (0, _) => "No open requests".to_owned(),
        (n, true) => format!("{} for {asked} · {free}, enough for all", counted(n, "open request")),
        (n, false) => format!("{} for {asked} · {free}", counted(n, "open request")),
    };
    let shown = page.items.iter().map(|request| request.id.to_string()).collect();
    let of = summary.event_id.to_string();
    let new = move |heard: &live::Heard| match heard.aggregate_id == of && heard.payload["status"] == "pending" {
        true => live::field(heard, "request_id"),
        false => Vec::new(),
    };
    let kinds_of_news = &["event_request.changed"];
    let news = live::newcomers(kinds_of_news, ("request", "requests"), shown, new, move || data.refetch());
    view! { <div class="stack">{news}<p class="muted">{said}</p>{table.page(page)}</div> }.into_any()
}

/// That there are not enough seats for a request, where it is so.
pub fn too_many(request: &EventRequest, summary: &EventSummary) -> Option<AnyView> {
    if request.status != RequestStatus::Pending {
        return None;
    }
    let ticket_type =
        summary.types.iter().find(|ticket_type| Some(ticket_type.ticket_type_id) == request.ticket_type_id);
    let left = ticket_type.map_or(summary.free, |ticket_type| ticket_type.available.min(summary.free));
    let name = ticket_type.map_or("", |ticket_type| ticket_type.name.as_str());
    let said = match left {
        left if left >= request.seats_requested => return None,
        ..=0 if name.is_empty() => "Sold out".to_owned(),
        ..=0 => format!("{name} is sold out"),
        left if name.is_empty() => format!("only {left} left"),
        left => format!("only {left} of {name} left"),
    };
    Some(view! { " "{badge(Tone::Warning, said)} }.into_any())
}

fn accept_all(ticket_types: &[TicketType]) -> Bulk {
    let options = ticket_types::choices(ticket_types);
    Bulk::new("accept", "Accept", Icon::CHECK, |id: RequestId, input: RequestDecision| event_request_decide(id, input))
        .done("accepted")
        .extra(json!({ "status": RequestStatus::Accepted }))
        .asks("Accept the selected requests?", move || {
            view! {
                <p>"Free seats are confirmed at once and the tickets sent. Paid seats are held for a while until they are paid. Who no longer fits is skipped and named."</p>
                <Pick name="ticket_type_id" label="Ticket type" options=options.clone() hint="Defaults to the requested type, else the first public one"/>
                <Area name="host_message" label="Message" check={rule::<Note>} hint="Sent to each guest"/>
            }
            .into_any()
        })
}

fn decline_all() -> Bulk {
    Bulk::new("decline", "Decline", Icon::X, |id: RequestId, input: RequestDecision| event_request_decide(id, input))
        .done("declined")
        .extra(json!({ "status": RequestStatus::Declined }))
        .asks("Decline the selected requests?", || {
            view! { <Area name="host_message" label="Message" check={rule::<Note>} hint="Sent to each guest"/> }
                .into_any()
        })
        .danger()
}

fn request_state(request: &EventRequest) -> AnyView {
    let tone = match request.status {
        RequestStatus::Pending => Tone::Warning,
        RequestStatus::Accepted => Tone::Success,
        RequestStatus::Declined => Tone::Danger,
        RequestStatus::Cancelled => Tone::Neutral,
    };
    let said = request.host_message.clone().filter(|text| !text.is_empty()).map(|text| view! { <small>{text}</small> });
    view! { {badge(tone, request_title(request.status))}{said} }.into_any()
}

/// What has to be known of an event to answer its requests.
#[derive(Clone)]
pub struct Answer {
    summary: EventSummary,
    ticket_types: Vec<TicketType>,
    /// Whether this person may add seats.
    adds: bool,
}

/// A request that does not fit: its ticket type, and how many seats that and the event are short of.
struct Short {
    ticket_type: TicketType,
    of_kind: i32,
    of_event: i32,
}

impl Short {
    fn seats(&self) -> i32 {
        self.of_kind.max(self.of_event)
    }

    /// `Standard is sold out (80 of 80).`
    fn said(&self) -> String {
        let name = &self.ticket_type.name;
        match (self.ticket_type.quota, self.ticket_type.available) {
            (Some(quota), ..=0) => format!("{name} is sold out ({} of {quota}).", self.ticket_type.sold_count),
            (None, ..=0) => format!("{name} is sold out."),
            (_, left) => format!("Only {} of {name} left.", counted(left, "seat")),
        }
    }
}

impl Answer {
    pub fn new(summary: &EventSummary, ticket_types: &[TicketType], rights: Rights) -> Self {
        let adds = rights.manages && rights.manages_tickets;
        Self { summary: summary.clone(), ticket_types: ticket_types.to_vec(), adds }
    }

    /// The ticket type that was asked for, else the first public one.
    fn wanted(&self, request: &EventRequest) -> Option<&TicketType> {
        let asked = self.ticket_types.iter().find(|ticket_type| Some(ticket_type.id) == request.ticket_type_id);
        asked.or_else(|| self.ticket_types.iter().find(|ticket_type| !ticket_type.hidden))
    }

    fn short(&self, request: &EventRequest) -> Option<Short> {
        let (ticket_type, seats) = (self.wanted(request)?.clone(), request.seats_requested);
        let left = ticket_type.quota.map_or(i32::MAX, |quota| (quota - ticket_type.sold_count).max(0));
        let (of_kind, of_event) = ((seats - left).max(0), (seats - self.summary.free).max(0));
        // Seats that are held by somebody who pays are not counted twice.
        let short = Short { ticket_type, of_kind, of_event };
        (short.seats() > 0).then_some(short)
    }

    /// The two answers to a request, and a third way where seats would have to be added.
    pub fn buttons(&self, request: &EventRequest, done: impl Fn() + Copy + Send + Sync + 'static) -> AnyView {
        if request.status != RequestStatus::Pending {
            return ().into_any();
        }
        let id = request.id;
        let name = request.requester_name.clone().unwrap_or_else(|| "this guest".to_owned());
        let toasts = Toasts::get();
        let finish = move |said: String| {
            move |_: EventRequest| {
                toasts.done(said.clone());
                done();
            }
        };
        let run = submit(
            move |input: RequestDecision| event_request_decide(id, input),
            finish(format!("{name}'s request declined")),
        );
        let no = json!({ "status": RequestStatus::Declined });
        view! {
            <div class="row">
                {self.accept(request, &name, finish(format!("{name}'s request accepted")))}
                <Confirm id=format!("no-{id}") label="Decline" icon=Icon::X title=format!("Decline {name}'s request?") confirm="Decline request" run=run extra=no class="btn small quiet">
                    <Area name="host_message" label="Message" check={rule::<Note>} hint="Sent to the guest"/>
                </Confirm>
            </div>
        }
        .into_any()
    }

    fn accept(
        &self,
        request: &EventRequest,
        name: &str,
        done: impl Fn(EventRequest) + Clone + Send + Sync + 'static,
    ) -> AnyView {
        let (id, seats) = (request.id, request.seats_requested);
        let short = self.short(request);
        // Another type may have seats, where one is offered instead.
        let options: Vec<_> = match &short {
            Some(_) => self.ticket_types.iter().filter(|ticket_type| ticket_type.available >= seats).cloned().collect(),
            None => self.ticket_types.clone(),
        };
        let wanted = self.wanted(request).filter(|ticket_type| options.iter().any(|one| one.id == ticket_type.id));
        let wanted = wanted.map(|ticket_type| ticket_type.id.to_string()).unwrap_or_default();
        let options = ticket_types::choices(&options);
        let plain = (short.is_none() || !options.is_empty()).then(|| {
            let run = submit(move |input: RequestDecision| event_request_decide(id, input), done.clone());
            let full = short.as_ref().map(|short| view! { <p>{format!("{} Choose another ticket type.", short.said())}</p> });
            let (label, required) = if short.is_some() { ("Accept with another type", true) } else { ("Accept", false) };
            view! {
                <Confirm id=format!("yes-{id}") label=label icon=Icon::CHECK title=format!("Accept {name}'s request?") confirm="Accept request" run=run extra=json!({ "status": RequestStatus::Accepted }) class="btn small" danger=false>
                    {full}
                    <p>"Free seats are confirmed at once and the tickets sent. Paid seats are held for a while until they are paid."</p>
                    <Pick name="ticket_type_id" label="Ticket type" options=options value=wanted required=required hint="Defaults to the requested type, else the first public one"/>
                    <Area name="host_message" label="Message" check={rule::<Note>} hint="Sent to the guest"/>
                </Confirm>
            }
        });
        let adding = short.filter(|_| self.adds).map(|short| {
            let (said, more, ticket_type) = (short.said(), short.seats(), short.ticket_type.id);
            let adds = counted(more, "seat");
            let call = move |input: RequestDecision| event_request_decide(id, input);
            let label = if more == 1 { "Accept and add 1 seat" } else { "Accept and add seats" };
            let extra = json!({ "status": RequestStatus::Accepted, "ticket_type_id": ticket_type, "add_seats": true });
            view! {
                <Confirm id=format!("add-{id}") label=label icon=Icon::PLUS title=format!("Accept {name}'s request and add {adds}?") confirm=label run=submit(call, done.clone()) extra=extra class="btn small" danger=false>
                    <p>{said}" "{format!("This adds {adds} for this guest: the waiting list isn’t offered them.")}</p>
                    <Area name="host_message" label="Message" check={rule::<Note>} hint="Sent to the guest"/>
                </Confirm>
            }
        });
        view! { {adding}{plain} }.into_any()
    }
}
