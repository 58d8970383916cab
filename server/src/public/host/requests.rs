//! Who asks to come, and the host's answer.

use axum::extract::{Form, Path, Query};
use axum::response::Response;
use eventify::events::operations::event_question_list;
use eventify::events::{Event, Question};
use eventify::kernel::error::{Error, Result};
use eventify::kernel::page::{Limit, Page};
use eventify::kernel::text::Note;
use eventify::tickets::operations::{event_request_decide, event_request_get, event_request_list};
use eventify::tickets::{EventRequest, RequestDecision, RequestFilter, RequestStatus, ReservationStatus, TicketType};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::super::sent::{Reading, Sent, done_already, new_key};
use super::super::view::{Head, described, done, quoted, refusal, seats, wrong};
use super::super::visitor::{Visitor, id};
use super::{Pairs, find, kinds, outcome, path, top};
use crate::web::forms::see_other;

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
    request.requester_name.as_deref().filter(|name| !name.is_empty()).unwrap_or("Somebody without a name")
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
        let decision = RequestDecision { status, host_message, ticket_type_id: None };
        visitor.own(event_request_decide(id(&request)?, decision)).await
    };
    let here = format!("/host/{event}/requests");
    match outcome(&visitor, &here, &format!("{here}?done={request}"), done_already(decided.await)) {
        Ok(response) => response,
        Err(error) => {
            let refused = Refused { request: &request, sent: &sent, error: &error };
            page(&visitor, &event, Wanted::default(), Some(refused)).await
        }
    }
}

/// What the page shows.
struct Read {
    event: Event,
    requests: Page<EventRequest>,
    questions: Vec<Question>,
    kinds: Vec<TicketType>,
    said: Markup,
}

async fn read(visitor: &Visitor, event: &str, wanted: Wanted) -> Result<Read> {
    let event = find(visitor, event).await?;
    let filter = RequestFilter {
        status: Some(vec![RequestStatus::Pending]),
        cursor: wanted.cursor.clone(),
        limit: Limit::try_from(ROWS).ok(),
    };
    let requests = visitor.own(event_request_list(event.id, filter)).await?;
    let questions = visitor.own(event_question_list(event.id)).await?.items;
    let kinds = kinds::all(visitor, &event).await?;
    let said = match &wanted.done {
        Some(done) => {
            let request = visitor.own(event_request_get(id(done)?)).await?;
            if request.event_id == event.id {
                answered(&event, &request)
            } else {
                html! {}
            }
        }
        None => html! {},
    };
    Ok(Read { event, requests, questions, kinds, said })
}

async fn page(visitor: &Visitor, event: &str, wanted: Wanted, refused: Option<Refused<'_>>) -> Response {
    let Read { event, requests, questions, kinds, said } = match read(visitor, event, wanted).await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let path = format!("{}/requests", path(&event));
    let here = |request: &EventRequest| refused.as_ref().filter(|one| one.request == request.id.to_string());
    let elsewhere = refused.as_ref().filter(|one| !requests.items.iter().any(|r| r.id.to_string() == one.request));
    let body = html! {
        (top(visitor, &event, "Requests"))
        (refusal(elsewhere.map(|one| one.error)))
        (said)
        @if requests.items.is_empty() {
            p { "No requests are waiting for your answer." }
        } @else {
            p { (event.going_count) " of " (seats(event.capacity)) " taken" }
        }
        ul .kinds {
            @for request in &requests.items { (card(&path, request, &questions, &kinds, here(request))) }
        }
        @if let Some(cursor) = &requests.next_cursor {
            p .more { a .button .quiet href={ (path) "?cursor=" (cursor) } rel="next" { "The next ones" } }
        }
    };
    let status = refused.as_ref().map_or(200, |refused| refused.error.status());
    visitor.page(status, &Head::own(&format!("Requests: {}", event.title)), &body)
}

/// One request with its two answers.
fn card(
    path: &str,
    request: &EventRequest,
    questions: &[Question],
    kinds: &[TicketType],
    refused: Option<&Refused<'_>>,
) -> Markup {
    let kind = kinds.iter().find(|kind| Some(kind.id) == request.ticket_type_id);
    let who = who(request);
    html! {
        li .request {
            strong dir="auto" { (who) } span .price { (seats(request.seats_requested)) }
            @if let Some(kind) = kind { p .hint { (kind.name) } }
            @if !request.message.is_empty() { (quoted(&request.message)) }
            (answers(&request.answers, questions))
            (refusal(refused.map(|refused| refused.error)))
            form method="post" action={ (path) "/" (request.id) } {
                (new_key())
                (line_back(request, refused))
                div .acts {
                    button name="status" value="accepted" aria-label={ "Accept " (who) } { "Accept" }
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
