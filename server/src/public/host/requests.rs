//! Who asks to come, and the host's answer.

use std::sync::Arc;

use axum::response::Response;
use eventify::events::operations::event_question_list;
use eventify::events::{Event, Question};
use eventify::kernel::error::{Error, Result};
use eventify::kernel::page::{Limit, Page};
use eventify::kernel::text::Note;
use eventify::tickets::operations::{event_request_decide, event_request_get, event_request_list};
use eventify::tickets::{EventRequest, RequestDecision, RequestFilter, RequestStatus, ReservationStatus, TicketType};
use eventify::zones::Zone;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::super::sent::{Reading, Sent, done_before, new_key};
use super::super::view::{Head, described, done, quoted, refusal, seats, wrong};
use super::super::visitor::{Visitor, id};
use super::{Pairs, find, outcome, path, ticket_types, top};
use crate::web::forms::see_other;
use crate::web::parts::{Form, Path, Query};

/// How many requests a page shows.
const ROWS: u32 = 20;

/// Which page of them.
#[derive(Default, Deserialize)]
pub struct Wanted {
    cursor: Option<String>,
    /// A request that was just answered.
    done: Option<String>,
}

/// What the answer was, whether the guest was told of it, and how it can be undone.
fn answered(event: &Event, request: &EventRequest) -> Markup {
    let (who, wanted) = (who(request), seats(request.seats_requested));
    match (request.status, request.reservation.as_ref().map(|held| held.status)) {
        (RequestStatus::Accepted, Some(ReservationStatus::Active)) => {
            done(&format!("You accepted {who}: {wanted} held until they are paid"), &["They have been notified."])
        }
        (RequestStatus::Accepted, Some(ReservationStatus::Consumed)) => html! {
            (done(&format!("You accepted {who}: {wanted} confirmed"), &["Their tickets have been sent."]))
            p .hint { "To undo it, remove them under " a href={ (path(event)) "/guests" } { "Guests" } "." }
        },
        (RequestStatus::Declined, _) => done(
            &format!("You declined {who}"),
            &["They have been notified. This can't be undone, but you can invite them."],
        ),
        _ => html! {},
    }
}

/// What somebody who asks is called.
fn who(request: &EventRequest) -> &str {
    request.requester_name.as_deref().filter(|name| !name.is_empty()).unwrap_or("No name")
}

/// A refused answer, and to whom.
struct Refused<'a> {
    request: &'a str,
    sent: &'a Sent,
    error: &'a Error,
}

/// `GET /host/{id}/requests`
pub async fn show(visitor: Visitor, Path(event): Path<String>, Query(wanted): Query<Wanted>) -> Response {
    page(&visitor, &event, wanted, None).await
}

/// `GET /host/{id}/requests/{request}`: back to all of them.
pub async fn back(Path((event, _)): Path<(String, String)>) -> Response {
    see_other(&format!("/host/{event}/requests"))
}

/// `POST /host/{id}/requests/{request}`
pub async fn decide(
    visitor: Visitor,
    Path((event, request)): Path<(String, String)>,
    Form(pairs): Form<Pairs>,
) -> Response {
    let sent = Sent::typed(pairs);
    let decided = async {
        let mut reading = Reading::of(&sent);
        let host_message = reading.maybe("host_message", Note::parse);
        reading.checked()?;
        let accepts = sent.get("status") == "accepted";
        let status = if accepts { RequestStatus::Accepted } else { RequestStatus::Declined };
        let add_seats = (accepts && sent.ticked("add_seats")).then_some(true);
        let decision = RequestDecision { status, host_message, ticket_type_id: None, add_seats };
        match visitor.own(event_request_decide(id(&request)?, decision)).await {
            Err(error) if done_before(&error) => already(&visitor, &request, status, error).await,
            decided => decided.map(drop),
        }
    };
    let decided = decided.await;
    let here = format!("/host/{event}/requests");
    match outcome(&visitor, &here, &format!("{here}?done={request}"), decided) {
        Ok(response) => response,
        Err(error) => {
            let refused = Refused { request: &request, sent: &sent, error: &error };
            page(&visitor, &event, Wanted::default(), Some(refused)).await
        }
    }
}

/// `POST /host/{id}/requests`: accepts those that were on the page and fit, in their order; the first that is refused
/// ends it.
pub async fn accept_first(visitor: Visitor, Path(event): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let (mut done, mut refused) = (Vec::new(), None);
    for request in sent.all("request").into_iter().take(ROWS as usize) {
        let accepted = async {
            let status = RequestStatus::Accepted;
            let decision = RequestDecision { status, host_message: None, ticket_type_id: None, add_seats: None };
            visitor.own(event_request_decide(id(request)?, decision)).await
        };
        let accepted = match accepted.await {
            Err(error) if done_before(&error) => already(&visitor, request, RequestStatus::Accepted, error).await,
            accepted => accepted.map(drop),
        };
        match accepted {
            Ok(()) => done.push(request),
            Err(error) => {
                refused = Some((request, error));
                break;
            }
        }
    }
    let here = format!("/host/{event}/requests");
    let outcome = match &refused {
        Some((_, error)) => outcome(&visitor, &here, &here, Err::<(), _>(error.clone())),
        None => outcome(&visitor, &here, &format!("{here}?done={}", done.join(",")), Ok(())),
    };
    match (outcome, refused) {
        (Err(error), Some((request, _))) => {
            let wanted = Wanted { done: Some(done.join(",")), ..Wanted::default() };
            page(&visitor, &event, wanted, Some(Refused { request, sent: &Sent::default(), error: &error })).await
        }
        (Ok(response), _) => response,
        (Err(error), None) => visitor.refused(&error),
    }
}

/// The ticket type of a request: the one asked for, else the first that everybody sees.
fn ticket_type_of<'k>(request: &EventRequest, ticket_types: &'k [TicketType]) -> Option<&'k TicketType> {
    match request.ticket_type_id {
        Some(id) => ticket_types.iter().find(|ticket_type| ticket_type.id == id),
        None => ticket_types.iter().find(|ticket_type| !ticket_type.hidden),
    }
}

/// How many seats are missing for each request, where those before it are accepted.
fn missing(requests: &[EventRequest], ticket_types: &[TicketType]) -> Vec<i32> {
    let mut left: Vec<i32> = ticket_types.iter().map(|ticket_type| ticket_type.available.max(0)).collect();
    let mut of = |request: &EventRequest| {
        let ticket_type = ticket_type_of(request, ticket_types);
        let at = ticket_type.and_then(|ticket_type| ticket_types.iter().position(|one| one.id == ticket_type.id));
        let Some(at) = at else { return request.seats_requested };
        let short = request.seats_requested - left[at];
        if short <= 0 {
            left[at] -= request.seats_requested;
        }
        short.max(0)
    };
    requests.iter().map(&mut of).collect()
}

/// Of a request that was answered before: the second click of two is no fault, another answer is.
async fn already(visitor: &Visitor, request: &str, wanted: RequestStatus, error: Error) -> Result<()> {
    let now = visitor.own(event_request_get(id(request)?)).await?.status;
    let said = match now {
        now if now == wanted => return Ok(()),
        RequestStatus::Accepted => "This request was accepted already. To undo it, remove them under Guests.",
        RequestStatus::Declined => "This request was declined already. You can invite them instead.",
        RequestStatus::Cancelled => "The guest withdrew this request.",
        RequestStatus::Pending => return Err(error),
    };
    Err(error.detail(said))
}

/// What the page shows.
struct Read {
    event: Event,
    requests: Page<EventRequest>,
    questions: Vec<Question>,
    ticket_types: Vec<TicketType>,
    said: Markup,
    zone: Arc<Zone>,
}

async fn read(visitor: &Visitor, event: &str, wanted: Wanted) -> Result<Read> {
    let event = find(visitor, event).await?;
    let filter = RequestFilter {
        status: Some(vec![RequestStatus::Pending]),
        cursor: wanted.cursor.clone(),
        limit: Limit::try_from(ROWS).ok(),
        ..RequestFilter::default()
    };
    let requests = visitor.own(event_request_list(event.id, filter)).await?;
    let questions = visitor.own(event_question_list(event.id)).await?.items;
    let ticket_types = ticket_types::all(visitor, &event).await?;
    let said = match &wanted.done {
        Some(done) => {
            let mut said = Vec::new();
            for done in done.split(',').filter(|done| !done.is_empty()).take(ROWS as usize) {
                let request = visitor.own(event_request_get(id(done)?)).await?;
                if request.event_id == event.id {
                    said.push(answered(&event, &request));
                }
            }
            html! { @for one in &said { (one) } }
        }
        None => html! {},
    };
    let zone = visitor.zone(&event).await?;
    Ok(Read { event, requests, questions, ticket_types, said, zone })
}

async fn page(visitor: &Visitor, event: &str, wanted: Wanted, refused: Option<Refused<'_>>) -> Response {
    let Read { event, requests, questions, ticket_types, said, zone } = match read(visitor, event, wanted).await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let path = format!("{}/requests", path(&event));
    let here = |request: &EventRequest| refused.as_ref().filter(|one| one.request == request.id.to_string());
    let elsewhere = refused.as_ref().filter(|one| !requests.items.iter().any(|r| r.id.to_string() == one.request));
    let missing = missing(&requests.items, &ticket_types);
    let fitting: Vec<_> =
        requests.items.iter().zip(&missing).filter(|(_, short)| **short == 0).map(|(one, _)| one).collect();
    let body = html! {
        (top(visitor, &event, "Requests"))
        (refusal(elsewhere.map(|one| one.error)))
        (said)
        @if requests.items.is_empty() {
            div .state { p { "No requests waiting. New requests to join appear here." } }
        } @else {
            (room_left(&event, &requests.items, &ticket_types))
        }
        @if fitting.len() > 1 {
            form method="post" action=(path) {
                @for request in &fitting { input type="hidden" name="request" value=(request.id); }
                button .quiet { @if fitting.len() < requests.items.len() { "Accept the " (fitting.len()) " that fit" } @else { "Accept all " (fitting.len()) } }
            }
        }
        ul .kinds {
            @for (request, short) in requests.items.iter().zip(missing) {
                (card(&path, request, (&questions, &zone), (&ticket_types, short), here(request)))
            }
        }
        @if let Some(cursor) = &requests.next_cursor {
            p .more { a .button .quiet href={ (path) "?cursor=" (cursor) } rel="next" { "The next ones" } }
        }
    };
    let status = refused.as_ref().map_or(200, |refused| refused.error.status());
    visitor.page(status, &Head::own(&format!("Requests: {}", event.title)), &body)
}

/// The seats that are left of what is asked for.
fn room_left(event: &Event, requests: &[EventRequest], ticket_types: &[TicketType]) -> Markup {
    let asked = |ticket_type: &TicketType| {
        requests.iter().any(|request| ticket_type_of(request, ticket_types).is_some_and(|one| one.id == ticket_type.id))
    };
    html! {
        p .hint {
            (event.going_count) " of " (seats(event.capacity)) " taken"
            @for ticket_type in ticket_types.iter().filter(|ticket_type| asked(ticket_type)) { " · " bdi { (ticket_type.name) } ": " (ticket_type.available.max(0)) " left" }
        }
    }
}

/// That a request does not fit: none of its ticket type is left, or how many are missing.
fn too_few(ticket_type: &TicketType, short: i32) -> String {
    if ticket_type.available > 0 { format!("{} short", seats(short)) } else { "Sold out".to_owned() }
}

/// One request with its two answers.
fn card(
    path: &str,
    request: &EventRequest,
    (questions, zone): (&[Question], &Zone),
    (ticket_types, short): (&[TicketType], i32),
    refused: Option<&Refused<'_>>,
) -> Markup {
    let ticket_type = ticket_type_of(request, ticket_types);
    let who = who(request);
    html! {
        li .request {
            strong dir="auto" { (who) } span .price { (seats(request.seats_requested)) }
            p .tags {
                span .hint {
                    @if let Some(ticket_type) = ticket_type { bdi { (ticket_type.name) } " · " (ticket_type.price.price()) " · " }
                    "Requested " (zone.brief(request.created_at))
                }
                @if let Some(ticket_type) = ticket_type.filter(|_| short > 0) { span .tag data-tone="warn" { (too_few(ticket_type, short)) } }
            }
            @if !request.message.is_empty() { (quoted(&request.message)) }
            (answers(&request.answers, questions))
            (refusal(refused.map(|refused| refused.error)))
            form method="post" action={ (path) "/" (request.id) } {
                (new_key())
                (line_back(request, refused))
                div .acts {
                    @if short > 0 {
                        input type="hidden" name="add_seats" value="yes";
                        button .quiet name="status" value="accepted" {
                            "Accept and add " (seats(short)) span .vh { ": " (who) }
                        }
                    } @else {
                        button name="status" value="accepted" aria-label={ "Accept " (who) } { "Accept" }
                    }
                    button .quiet name="status" value="declined" aria-label={ "Decline " (who) } { "Decline" }
                }
            }
        }
    }
}

/// What somebody has answered to the questions that are asked now.
pub fn answers(given: &Value, questions: &[Question]) -> Markup {
    let given = questions.iter().filter_map(|question| {
        let answer = given.get(question.id.to_string())?.as_str()?;
        Some((&question.label, answer))
    });
    html! {
        @for (label, answer) in given { p { span .hint { bdi { (label) } } br; bdi { (answer) } } }
    }
}

/// A line that goes with the answer; for each request it has an id of its own.
fn line_back(request: &EventRequest, refused: Option<&Refused<'_>>) -> Markup {
    let (typed, error) = (refused.map_or("", |one| one.sent.get("host_message")), refused.map(|one| one.error));
    let name = format!("line-{}", request.id);
    html! {
        details open[!typed.is_empty()] {
            summary { "Add a message" }
            div .field {
                label for=(name) { "Message, sent to the guest" }
                input id=(name) name="host_message" value=(typed) maxlength="500" autocomplete="off" dir="auto"
                    aria-describedby=[described(error, "host_message")];
                (wrong(error, "host_message"))
            }
        }
    }
}
