//! The steps of an event's life, and making another one like it.

use axum::response::Response;
use eventify::events::operations::{event_cancel, event_duplicate, event_end, event_publish, event_start};
use eventify::events::{CancelEvent, DuplicateEvent, Event, EventTitle};
use eventify::kernel::error::{Error, Result};
use eventify::kernel::text::Reason;
use eventify::tickets::GuestTotals;
use eventify::tickets::operations::event_guest_totals;
use eventify::zones::Zone;
use maud::{Markup, html};

use super::super::fields::Fields;
use super::super::sent::{Reading, Sent, done_already, new_key};
use super::super::view::Head;
use super::super::visitor::{Visitor, id};
use super::{Pairs, board, find, hours, outcome, path, top};
use crate::web::parts::{Form, Path};

/// Back to the event once the step is taken, or was taken already: the second click of two.
async fn stepped(visitor: &Visitor, event: &str, step: Result<Event>) -> Response {
    let here = format!("/host/{event}");
    match outcome(visitor, &here, &here, done_already(step)) {
        Ok(response) => response,
        Err(error) => board::page(visitor, event, Some(&error)).await,
    }
}

/// `POST /host/{id}/publish`
pub async fn publish(visitor: Visitor, Path(event): Path<String>) -> Response {
    let step = async { visitor.own(event_publish(id(&event)?)).await };
    stepped(&visitor, &event, step.await).await
}

/// `POST /host/{id}/start`
pub async fn start(visitor: Visitor, Path(event): Path<String>) -> Response {
    let step = async { visitor.own(event_start(id(&event)?)).await };
    stepped(&visitor, &event, step.await).await
}

/// `POST /host/{id}/end`
pub async fn end(visitor: Visitor, Path(event): Path<String>) -> Response {
    let step = async { visitor.own(event_end(id(&event)?)).await };
    stepped(&visitor, &event, step.await).await
}

/// `GET /host/{id}/cancel`
pub async fn cancel(visitor: Visitor, Path(event): Path<String>) -> Response {
    cancel_page(&visitor, &event, &Sent::default(), None).await
}

/// What it means comes first, in numbers.
async fn cancel_page(visitor: &Visitor, event: &str, sent: &Sent, error: Option<&Error>) -> Response {
    let read = async {
        let event = find(visitor, event).await?;
        let totals = visitor.own(event_guest_totals(event.id)).await?;
        Ok::<_, Error>((event, totals))
    };
    match read.await {
        Ok((event, totals)) => {
            let fields = Fields::new(sent, error);
            let body = html! {
                (top(visitor, &event, "Cancel this event?"))
                (fields.under_summary(&cancel_form(&event, &totals, &fields)))
            };
            let head = Head::own(&format!("Cancel event: {}", event.title));
            visitor.page(error.map_or(200, Error::status), &head, &body)
        }
        Err(error) => visitor.refused(&error),
    }
}

/// `POST /host/{id}/cancel`
pub async fn do_cancel(visitor: Visitor, Path(event): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let cancelled = async {
        let mut reading = Reading::of(&sent);
        let reason = reading.one("reason", Reason::parse);
        let Some(reason) = reason else { return Err(reading.refusal()) };
        visitor.own(event_cancel(id(&event)?, CancelEvent { reason })).await
    };
    let to = format!("/host/{event}");
    match outcome(&visitor, &format!("{to}/cancel"), &to, done_already(cancelled.await)) {
        Ok(response) => response,
        Err(error) => cancel_page(&visitor, &event, &sent, Some(&error)).await,
    }
}

fn cancel_form(event: &Event, totals: &GuestTotals, fields: &Fields<'_>) -> Markup {
    html! {
        div .note data-tone="warn" {
            @for said in totals.cancellation() { p { (said) } }
            p { "This can't be undone." }
        }
        form method="post" action={ (path(event)) "/cancel" } {
            (new_key())
            (fields.area("reason", "Reason", 3, "Sent to the guests and shown on the event's page", true))
            div .acts {
                button .danger { "Cancel event" }
                a .button .quiet href=(path(event)) { "Keep event" }
            }
        }
    }
}

/// `GET /host/{id}/duplicate`
pub async fn duplicate(visitor: Visitor, Path(event): Path<String>) -> Response {
    form_page(&visitor, &event, "Duplicate", &Sent::default(), None, duplicate_form).await
}

/// `POST /host/{id}/duplicate`
pub async fn make_duplicate(visitor: Visitor, Path(event): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let made = async {
        let original = find(&visitor, &event).await?;
        let zone = visitor.zone(&original).await?;
        let mut reading = Reading::of(&sent);
        let (title, from) = (reading.maybe("title", EventTitle::parse), reading.one("start_at", hours::moment(&zone)));
        let Some(start_at) = from else { return Err(reading.refusal()) };
        reading.checked()?;
        let input = DuplicateEvent { start_at, end_at: None, title };
        visitor.once(sent.key(), event_duplicate(original.id, input)).await
    };
    let made = made.await;
    let to = made.as_ref().map(path).unwrap_or_default();
    match outcome(&visitor, &format!("/host/{event}/duplicate"), &to, made) {
        Ok(response) => response,
        Err(error) => form_page(&visitor, &event, "Duplicate", &sent, Some(&error), duplicate_form).await,
    }
}

fn duplicate_form(event: &Event, zone: &Zone, fields: &Fields<'_>) -> Markup {
    let zone = format!("{} It lasts as long as this one.", hours::hint(zone, event));
    html! {
        p { "A new draft with the same venue, pictures, ticket types and questions, but no guests." }
        form method="post" action={ (path(event)) "/duplicate" } {
            (new_key())
            (fields.must("start_at", "Starts", "datetime-local", &zone))
            (fields.may("title", "Title", "text", "Leave empty to keep the title"))
            button { "Create draft" }
        }
    }
}

async fn form_page(
    visitor: &Visitor,
    event: &str,
    title: &str,
    sent: &Sent,
    error: Option<&Error>,
    form: fn(&Event, &Zone, &Fields<'_>) -> Markup,
) -> Response {
    let read = async {
        let event = find(visitor, event).await?;
        let zone = visitor.zone(&event).await?;
        Ok::<_, Error>((event, zone))
    };
    match read.await {
        Ok((event, zone)) => {
            let fields = Fields::new(sent, error);
            let body = html! {
                (top(visitor, &event, title))
                (fields.under_summary(&form(&event, &zone, &fields)))
            };
            let head = Head::own(&format!("{title}: {}", event.title));
            visitor.page(error.map_or(200, Error::status), &head, &body)
        }
        Err(error) => visitor.refused(&error),
    }
}
