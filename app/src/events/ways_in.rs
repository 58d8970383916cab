//! Requests to join, and the waiting list.

use eventify::events::Zone;
use eventify::kernel::page::Page;
use eventify::kernel::text::Note;
use eventify::tickets::operations::{event_request_decide, waiting_list_leave};
use eventify::tickets::{
    EventRequest, EventSummary, RequestDecision, RequestFilter, RequestId, RequestStatus, TicketType, WaitingEntry,
    WaitingStatus,
};
use leptos::prelude::*;
use serde_json::json;

use super::detail::{Data, Rights};
use super::{afterwards, clock, kinds};
use crate::ui::{
    Area, Bulk, Column, Confirm, Icon, ListQuery, Loading, Nothing, Pick, Table, Toasts, Tone, badge, live, rule,
    submit,
};

fn request_title(status: RequestStatus) -> &'static str {
    match status {
        RequestStatus::Pending => "Waiting",
        RequestStatus::Accepted => "Accepted",
        RequestStatus::Declined => "Declined",
        RequestStatus::Cancelled => "Withdrawn",
    }
}

/// What the URL asks for.
pub fn filter(q: &ListQuery) -> RequestFilter {
    RequestFilter {
        status: q.word::<RequestStatus>("status").map(|status| vec![status]),
        cursor: q.text("cursor"),
        limit: q.word("limit"),
    }
}

/// The requests.
pub fn requests(
    data: Loading<Data>,
    query: ListQuery,
    zone: &Zone,
    page: Page<EventRequest>,
    kinds: &[TicketType],
    summary: &EventSummary,
    rights: Rights,
) -> AnyView {
    let figures = summary.clone();
    let statuses = RequestStatus::ALL.iter().map(|s| (s.word().to_owned(), request_title(*s).to_owned())).collect();
    let clocks = zone.clone();
    let mut table = Table::new("Requests", query)
        .counts("request", "requests")
        .select("status", "Any status", statuses)
        .column(Column::head("Guest", |r: &EventRequest| {
            let name = r.requester_name.clone().unwrap_or_else(|| "No name".to_owned());
            view! { <bdi>{name}</bdi><small dir="auto">{r.message.clone()}</small> }.into_any()
        }))
        .column(
            Column::new("Seats", move |r: &EventRequest| {
                view! { {r.seats_requested}<small>{too_many(r, &figures)}</small> }.into_any()
            })
            .number(),
        )
        .column(Column::new("Status", request_state))
        .column(Column::new("Requested", move |r: &EventRequest| clock::brief(&clocks, r.created_at)).low())
        .empty("No requests yet", "Requests to join appear here.", None);
    if rights.manages {
        let options = kinds::choices(kinds);
        let named =
            |r: &EventRequest| (r.id.to_string(), r.requester_name.clone().unwrap_or_else(|| "No name".to_owned()));
        table = table
            .bulk(vec![accept_all(kinds), decline_all()], named, move || data.refetch())
            .column(Column::actions(move |request: &EventRequest| decide(data, request, &options)));
    }
    let said = match summary.requests {
        0 => format!("{} seats free", summary.free),
        1 => format!("1 request for {} seats, {} free", summary.requested_seats, summary.free),
        n => format!("{n} requests for {} seats, {} free", summary.requested_seats, summary.free),
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
    let kind = summary.types.iter().find(|kind| Some(kind.ticket_type_id) == request.ticket_type_id);
    let left = kind.map_or(summary.free, |kind| kind.available.min(summary.free));
    let name = kind.map_or("", |kind| kind.name.as_str());
    let said = match left {
        left if left >= request.seats_requested => return None,
        ..=0 if name.is_empty() => "Sold out".to_owned(),
        ..=0 => format!("{name} is sold out"),
        left if name.is_empty() => format!("only {left} left"),
        left => format!("only {left} of {name} left"),
    };
    Some(view! { " "{badge(Tone::Warning, said)} }.into_any())
}

fn accept_all(kinds: &[TicketType]) -> Bulk {
    let options = kinds::choices(kinds);
    Bulk::new("accept", "Accept", Icon::CHECK, |id: RequestId, input: RequestDecision| event_request_decide(id, input))
        .extra(json!({ "status": RequestStatus::Accepted }))
        .asks("Accept the selected requests?", move || {
            view! {
                <p>"Free seats are confirmed at once and the tickets sent. Paid seats are held for a while until they are paid. Who no longer fits is skipped and named."</p>
                <Pick name="ticket_type_id" label="Ticket type" options=options.clone() hint="Defaults to what was asked for, else the first public ticket type"/>
                <Area name="host_message" label="Message" check={rule::<Note>} hint="Sent to each guest"/>
            }
            .into_any()
        })
}

fn decline_all() -> Bulk {
    Bulk::new("decline", "Decline", Icon::X, |id: RequestId, input: RequestDecision| event_request_decide(id, input))
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

/// The two answers to a request.
pub fn decide(data: Loading<Data>, request: &EventRequest, kinds: &[(String, String)]) -> AnyView {
    if request.status != RequestStatus::Pending {
        return ().into_any();
    }
    let id = request.id;
    let name = request.requester_name.clone().unwrap_or_else(|| "this guest".to_owned());
    let toasts = Toasts::get();
    let run = |said: &'static str| {
        let said = format!("{name}'s request {said}");
        let done = move |_: EventRequest| {
            toasts.done(said.clone());
            data.refetch();
        };
        submit(move |input: RequestDecision| event_request_decide(id, input), done)
    };
    let (yes, no) = (json!({ "status": RequestStatus::Accepted }), json!({ "status": RequestStatus::Declined }));
    let kinds = kinds.to_vec();
    let wanted = request.ticket_type_id.map(|kind| kind.to_string()).unwrap_or_default();
    view! {
        <div class="row">
            <Confirm id=format!("yes-{id}") label="Accept" icon=Icon::CHECK title=format!("Accept {name}'s request?") confirm="Accept request" run=run("accepted") extra=yes class="btn small" danger=false>
                <p>"Free seats are confirmed at once and the tickets sent. Paid seats are held for a while until they are paid."</p>
                <Pick name="ticket_type_id" label="Ticket type" options=kinds value=wanted hint="Defaults to what was asked for, else the first public ticket type"/>
                <Area name="host_message" label="Message" check={rule::<Note>} hint="Sent to the guest"/>
            </Confirm>
            <Confirm id=format!("no-{id}") label="Decline" icon=Icon::X title=format!("Decline {name}'s request?") confirm="Decline request" run=run("declined") extra=no class="btn small quiet">
                <Area name="host_message" label="Message" check={rule::<Note>} hint="Sent to the guest"/>
            </Confirm>
        </div>
    }
    .into_any()
}

/// The waiting list.
pub fn waiting(data: Loading<Data>, zone: &Zone, list: Vec<WaitingEntry>, rights: Rights) -> AnyView {
    let (ends, since) = (zone.clone(), zone.clone());
    let mut table = Table::new("Waiting list", ListQuery::default())
        .counts("guest", "guests")
        .column(Column::head("Guest", |w: &WaitingEntry| {
            let name = w.user_name.clone().unwrap_or_else(|| "No name".to_owned());
            view! { {name}<small>{w.ticket_type.clone()}</small> }.into_any()
        }))
        .column(Column::new("Seats", |w: &WaitingEntry| w.seats.into_any()).number())
        .column(Column::new("Status", |w: &WaitingEntry| match w.status {
            WaitingStatus::Waiting => badge(Tone::Warning, "Waiting"),
            WaitingStatus::Offered => badge(Tone::Info, "Offered"),
            WaitingStatus::Taken => badge(Tone::Success, "Taken"),
            WaitingStatus::Lapsed => badge(Tone::Neutral, "Lapsed"),
            WaitingStatus::Left => badge(Tone::Neutral, "Left"),
        }))
        .column(
            Column::new("Offer ends", move |w: &WaitingEntry| match w.offer_expires_at {
                Some(moment) => clock::brief(&ends, moment),
                None => view! { <span class="muted">"no offer"</span> }.into_any(),
            })
            .low(),
        )
        .column(Column::new("Since", move |w: &WaitingEntry| clock::brief(&since, w.created_at)).low())
        .empty("No one waiting", "When seats are gone, guests can wait for some to come free.", None);
    if rights.manages_tickets {
        table = table.column(Column::actions(move |entry: &WaitingEntry| out_of_line(data, entry)));
    }
    table.all(list)
}

fn out_of_line(data: Loading<Data>, entry: &WaitingEntry) -> AnyView {
    if !matches!(entry.status, WaitingStatus::Waiting | WaitingStatus::Offered) {
        return ().into_any();
    }
    let id = entry.id;
    let name = entry.user_name.clone().unwrap_or_else(|| "this guest".to_owned());
    let run =
        submit(move |_: Nothing| waiting_list_leave(id), afterwards::<_, ()>(data, "Removed from the waiting list"));
    view! {
        <Confirm id=format!("line-{id}") label="Remove" icon=Icon::TRASH title=format!("Remove {name} from the waiting list?") confirm="Remove" keep="Keep" run=run square=format!("Remove {name} from the waiting list")>
            <p>"Seats that were offered go to the next party. Nobody is notified."</p>
        </Confirm>
    }
    .into_any()
}
