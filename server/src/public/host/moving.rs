//! Another time or place for an event that guests know of already: they are told.

use axum::response::Response;
use eventify::events::operations::event_reschedule;
use eventify::events::{City, Event, PlaceText, Reschedule};
use eventify::kernel::error::{Error, Result};
use maud::html;

use super::super::fields::Fields;
use super::super::sent::{Reading, Sent, new_key};
use super::super::view::{Head, seats};
use super::super::visitor::Visitor;
use super::plan::{place, present, values};
use super::{Pairs, find, hours, outcome, path, top};
use crate::web::parts::{Form, Path};

/// `GET /host/{id}/move`
pub async fn show(visitor: Visitor, Path(event): Path<String>) -> Response {
    match find(&visitor, &event).await {
        Ok(event) => form_page(&visitor, &event, &values(&event), None).await,
        Err(error) => visitor.refused(&error),
    }
}

/// `POST /host/{id}/move`
pub async fn save(visitor: Visitor, Path(event): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let (sent, here) = (Sent::typed(pairs), format!("/host/{event}/move"));
    let event = match find(&visitor, &event).await {
        Ok(event) => event,
        Err(error) => return visitor.refused(&error),
    };
    let moved = async {
        let input = read(&visitor, &event, &sent).await?;
        visitor.own(event_reschedule(event.id, input)).await
    };
    match outcome(&visitor, &here, &path(&event), moved.await) {
        Ok(response) => response,
        Err(error) => form_page(&visitor, &event, &sent, Some(&error)).await,
    }
}

async fn read(visitor: &Visitor, event: &Event, sent: &Sent) -> Result<Reschedule> {
    let zone = visitor.zone(event).await?;
    let mut reading = Reading::of(sent);
    let (venue_text, city) = (reading.patch("venue_text", PlaceText::parse), reading.one("city", City::parse));
    let Some(times) = hours::read(&mut reading, Some(&zone)) else { return Err(reading.refusal()) };
    reading.checked()?;
    let (start_at, end_at) = hours::unless_left(sent, event, times);
    let version = sent.get("version").parse().unwrap_or_default();
    Ok(Reschedule { start_at, end_at, venue_id: Default::default(), venue_text, city, version })
}

async fn form_page(visitor: &Visitor, event: &Event, sent: &Sent, error: Option<&Error>) -> Response {
    let zone = match visitor.zone(event).await {
        Ok(zone) => hours::hint(&zone, event),
        Err(error) => return visitor.refused(&error),
    };
    let present = present(error).map(|event| values(&event));
    let fields = Fields::beside(sent, error, present.as_ref());
    let version = present.as_ref().unwrap_or(sent).get("version").to_owned();
    let told = match event.going_count {
        0 => "Everyone sees the new time and venue at once.".to_owned(),
        count => {
            format!("{} booked. Guests with an email or phone are notified and can cancel their booking.", seats(count))
        }
    };
    let form = html! {
        p .note data-tone="warn" { (told) " Ticket sales move with it." }
        form method="post" action={ (path(event)) "/move" } {
            (new_key())
            input type="hidden" name="version" value=(version);
            (fields.must("start_at", "Starts", "datetime-local", &zone))
            (fields.must("end_at", "Ends", "datetime-local", ""))
            (place(&fields, event.venue_id.is_none()))
            button { "Reschedule and notify guests" }
        }
    };
    let body = html! { (top(visitor, event, "Reschedule")) (fields.under_summary(&form)) };
    visitor.page(error.map_or(200, Error::status), &Head::own(&format!("Reschedule: {}", event.title)), &body)
}
