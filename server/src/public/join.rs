//! The way in: taking free seats, asking for seats, and standing in line for them, on one form.

use axum::extract::{Form, Path, Query};
use axum::response::Response;
use eventify::events::operations::event_question_list;
use eventify::events::{Event, Question, Zone};
use eventify::kernel::error::{Error, Result, payment_required, promo_code_invalid};
use eventify::kernel::money::Money;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{event_request_create, reservation_create, waiting_list_join};
use eventify::tickets::{JoinWaitingList, NewRequest, NewReservation, TicketType};
use maud::{Markup, html};

use super::event::{find, left, types, waits_for_seats};
use super::sent::{Sent, new_key, plainly};
use super::view::{Head, described, price, questions, refusal, when, wrong};
use super::visitor::Visitor;
use crate::web::forms::see_other;

type Pairs = Vec<(String, String)>;

/// `GET /e/{slug}/join`
pub async fn show(visitor: Visitor, Path(slug): Path<String>, Query(pairs): Query<Pairs>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    form_page(&visitor, &slug, &Sent::typed(pairs), None).await
}

/// `POST /e/{slug}/join`: the same form with what a promo code changes, and with everything that was typed.
pub async fn with_promo(visitor: Visitor, Path(slug): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_for(&format!("/e/{slug}/join"));
    }
    form_page(&visitor, &slug, &Sent::typed(pairs), None).await
}

/// `POST /e/{slug}/ask`
pub async fn ask(visitor: Visitor, Path(slug): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let asked = async {
        let event = find(&visitor, &slug).await?;
        let input = NewRequest {
            message: sent.message()?,
            seats_requested: sent.seats()?,
            ticket_type_id: sent.kind()?,
            answers: sent.answers()?,
        };
        visitor.once(sent.key(), event_request_create(event.id, input)).await
    };
    let outcome = asked.await.map(|_| format!("/e/{slug}"));
    answer(&visitor, &slug, &sent, outcome).await
}

/// `POST /e/{slug}/take`
pub async fn take(visitor: Visitor, Path(slug): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let taken = async {
        let event = find(&visitor, &slug).await?;
        let kind = sent.one_kind()?;
        let promo_code = sent.promo()?;
        let kinds = types(&visitor, &event, promo_code.clone()).await?;
        if let Some(paid) = kinds.iter().find(|one| one.id == kind && costs(one).minor > 0) {
            return Err(payment_required().detail(format!(
                "{} costs {}. Ask the organiser for a seat: once you are accepted it is held for you until you pay",
                paid.name,
                price(costs(paid)),
            )));
        }
        let (seats, answers) = (sent.seats()?, sent.answers()?);
        let input = NewReservation { ticket_type_id: kind, seats, promo_code, answers };
        visitor.once(sent.key(), reservation_create(event.id, input)).await
    };
    let outcome = taken.await.map(|reservation| match reservation.attendee_id {
        Some(attendee) => format!("/my/tickets?of={attendee}"),
        None => format!("/my/held/{}", reservation.id),
    });
    answer(&visitor, &slug, &sent, outcome).await
}

/// `POST /e/{slug}/wait`
pub async fn wait(visitor: Visitor, Path(slug): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let waits = async {
        let event = find(&visitor, &slug).await?;
        let input = JoinWaitingList { ticket_type_id: sent.one_kind()?, seats: sent.seats()? };
        visitor.own(waiting_list_join(event.id, input)).await
    };
    let outcome = waits.await.map(|_| format!("/e/{slug}"));
    answer(&visitor, &slug, &sent, outcome).await
}

/// Onwards, or the form again with what was typed and what is wrong with it.
async fn answer(visitor: &Visitor, slug: &str, sent: &Sent, outcome: Result<String>) -> Response {
    match outcome {
        Ok(target) => see_other(&target),
        // It is done already: a second click, or a second window.
        Err(error) if error.code() == "already_exists" => see_other(&format!("/e/{slug}")),
        Err(error) if error.status() == 401 => visitor.sign_in_for(&format!("/e/{slug}/join")),
        Err(error) => form_page(visitor, slug, sent, Some(&plainly(error))).await,
    }
}

async fn form_page(visitor: &Visitor, slug: &str, sent: &Sent, error: Option<&Error>) -> Response {
    let read = async {
        let event = find(visitor, slug).await?;
        // A code that is none is told like one that does not work.
        let kinds = types(visitor, &event, sent.promo().unwrap_or_default()).await?;
        let asked = visitor.openly(event_question_list(event.id)).await?.items;
        let zone = visitor.zone(&event).await?;
        Ok::<_, Error>((event, kinds, asked, zone))
    };
    match read.await {
        Ok((event, kinds, asked, zone)) => {
            let useless = !sent.get("promo").is_empty() && kinds.iter().all(|kind| kind.promo_price.is_none());
            let fault = useless.then(|| promo_code_invalid().field("promo", "does not work here, or not any more"));
            let error = error.or(fault.as_ref());
            let title = format!("Get a seat: {}", event.title);
            let body = form(&event, &kinds, &asked, sent, error, (&zone, visitor.now()));
            visitor.page(error.map_or(200, Error::status), &Head::own(&title), &body)
        }
        Err(error) => visitor.refused(&error),
    }
}

fn form(
    event: &Event,
    kinds: &[TicketType],
    asked: &[Question],
    sent: &Sent,
    error: Option<&Error>,
    (zone, now): (&Zone, Timestamp),
) -> Markup {
    let path = format!("/e/{}", event.slug);
    let has = |test: fn(&TicketType) -> bool| kinds.iter().any(test);
    let free = has(|kind| costs(kind).minor == 0 && kind.available > 0);
    let some_left = has(|kind| kind.available > 0);
    let sold_out = has(|kind| kind.available <= 0) && waits_for_seats(event, now);
    html! {
        h1 { "Get a seat" }
        p { a href=(path) { bdi { (event.title) } } " · " (when(event, zone)) }
        (refusal(error))
        form method="post" {
            (new_key())
            (kinds_field(event, kinds, sent, error, (zone, now)))
            (seats_field(event, kinds, sent, error))
            (questions(asked, |name| sent.get(name).to_owned(), error))
            @if some_left {
                div .field {
                    label for="message" { "A line to the organiser" span .hint { " (if you ask for a seat)" } }
                    textarea id="message" name="message" rows="3" maxlength="500" dir="auto"
                        aria-describedby=[described(error, "message")] { (sent.get("message")) }
                    (wrong(error, "message"))
                }
            }
            div .acts {
                @if free { button formaction={ (path) "/take" } { "Take free seats" } }
                @if some_left { button .quiet[free] formaction={ (path) "/ask" } { "Ask for seats" } }
                @if sold_out { button .quiet[some_left] formaction={ (path) "/wait" } { "Join the waiting list" } }
            }
            @if some_left {
                (promo_field(&path, sent, error))
                p .hint { "Free seats are yours at once. What you ask for the organiser has to grant." }
            }
        }
    }
}

fn kinds_field(
    event: &Event,
    kinds: &[TicketType],
    sent: &Sent,
    error: Option<&Error>,
    (zone, now): (&Zone, Timestamp),
) -> Markup {
    let chosen = sent.get("kind");
    let first = kinds.iter().find(|kind| kind.available > 0).or(kinds.first()).map(|kind| kind.id.to_string());
    let described = described(error, "kind").or(described_by_operation(error));
    html! {
        fieldset .choices aria-describedby=[described] {
            legend { "Ticket type" }
            @for kind in kinds {
                @let id = kind.id.to_string();
                @let is_chosen = if chosen.is_empty() { first.as_ref() == Some(&id) } else { chosen == id };
                label .choice {
                    input type="radio" name="kind" value=(id) checked[is_chosen];
                    span {
                        strong dir="auto" { (kind.name) } " "
                        @if costs(kind) != &kind.price { s { (price(&kind.price)) } " " }
                        span .price { (price(costs(kind))) }
                        span .hint { (left(event, kind, zone, now)) }
                    }
                }
            }
            (wrong(error, "kind"))
            (wrong(error, "ticket_type_id"))
        }
    }
}

/// What a seat costs whoever fills this form.
fn costs(kind: &TicketType) -> &Money {
    kind.promo_price.as_ref().unwrap_or(&kind.price)
}

/// The code is looked at before anything is taken: prices change and hidden kinds appear.
fn promo_field(path: &str, sent: &Sent, error: Option<&Error>) -> Markup {
    let typed = sent.get("promo");
    html! {
        details .promo open[!typed.is_empty()] {
            summary { "I have a promo code" }
            div .field {
                label for="promo" { "Promo code" }
                div .row {
                    input id="promo" name="promo" value=(typed) maxlength="40" autocomplete="off" autocapitalize="characters"
                        spellcheck="false" aria-describedby=[described(error, "promo")];
                    button .quiet formaction={ (path) "/join" } formnovalidate { "Apply" }
                }
                (wrong(error, "promo"))
            }
        }
    }
}

fn described_by_operation(error: Option<&Error>) -> Option<String> {
    described(error, "ticket_type_id")
}

fn seats_field(event: &Event, kinds: &[TicketType], sent: &Sent, error: Option<&Error>) -> Markup {
    let most = kinds.iter().map(|kind| kind.per_order_limit).max().unwrap_or(1);
    let value = if sent.get("seats").is_empty() { "1" } else { sent.get("seats") };
    html! {
        @if event.allow_plus_one && most > 1 {
            div .field {
                label for="seats" { "Seats" }
                input id="seats" name="seats" type="number" inputmode="numeric" min="1" max=(most) value=(value)
                    aria-describedby=[described(error, "seats").or(Some("hint-seats".to_owned()))];
                p #hint-seats .hint { "You, and whom you bring: at most " (most) "." }
                (wrong(error, "seats"))
            }
        } @else {
            input type="hidden" name="seats" value="1";
        }
    }
}
