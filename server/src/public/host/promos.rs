//! Promo codes: those there are, and a new one.

use axum::response::Response;
use eventify::events::{Event, Percent, Seats, percent_in_words};
use eventify::kernel::error::{Error, Result};
use eventify::kernel::page::every;
use eventify::tickets::operations::{promo_code_add, promo_code_list, promo_code_restore, promo_code_revoke};
use eventify::tickets::{NewPromoCode, PromoCode, PromoWord, TicketType};
use eventify::zones::Zone;
use maud::{Markup, html};

use super::super::fields::Fields;
use super::super::sent::{Reading, Sent, done_already, new_key, number};
use super::super::view::{Head, act, act_sure};
use super::super::visitor::{Visitor, id};
use super::{Pairs, find, hours, outcome, path, ticket_types, top};
use crate::web::parts::{Form, Path};

/// `GET /host/{id}/promo-codes`
pub async fn show(visitor: Visitor, Path(event): Path<String>) -> Response {
    page(&visitor, &event, &Sent::default(), None).await
}

/// `POST /host/{id}/promo-codes`
pub async fn add(visitor: Visitor, Path(event): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let added = async {
        let event = find(&visitor, &event).await?;
        let input = read(&visitor, &event, &sent).await?;
        visitor.once(sent.key(), promo_code_add(event.id, input)).await
    };
    match outcome(&visitor, &visitor.here, &visitor.here, added.await) {
        Ok(response) => response,
        Err(error) => page(&visitor, &event, &sent, Some(&error)).await,
    }
}

/// `POST /host/{id}/promo-codes/{promo}/revoke`
pub async fn revoke(visitor: Visitor, Path((event, promo)): Path<(String, String)>) -> Response {
    let to = format!("/host/{event}/promo-codes");
    let revoked = async { visitor.own(promo_code_revoke(id(&promo)?)).await };
    outcome(&visitor, &to, &to, done_already(revoked.await)).unwrap_or_else(|error| visitor.refused(&error))
}

/// `POST /host/{id}/promo-codes/{promo}/restore`
pub async fn restore(visitor: Visitor, Path((event, promo)): Path<(String, String)>) -> Response {
    let to = format!("/host/{event}/promo-codes");
    let restored = async { visitor.own(promo_code_restore(id(&promo)?)).await };
    outcome(&visitor, &to, &to, done_already(restored.await)).unwrap_or_else(|error| visitor.refused(&error))
}

async fn read(visitor: &Visitor, event: &Event, sent: &Sent) -> Result<NewPromoCode> {
    let zone = visitor.zone(event).await?;
    let mut reading = Reading::of(sent);
    let code = reading.one("code", PromoWord::parse);
    let discount_percent = reading.maybe("discount_percent", Percent::parse);
    let (ticket_type_id, max_uses) = (reading.chosen("ticket_type_id"), reading.maybe("max_uses", number::<Seats>));
    let valid_from = reading.maybe("valid_from", hours::moment(&zone));
    let valid_until = reading.maybe("valid_until", hours::moment(&zone));
    hours::later(&mut reading, "valid_until", (valid_from, valid_until), "must be after the start");
    let Some(code) = code else { return Err(reading.refusal()) };
    reading.checked()?;
    let unlocks_hidden = sent.ticked("unlocks_hidden");
    Ok(NewPromoCode { code, ticket_type_id, discount_percent, unlocks_hidden, max_uses, valid_from, valid_until })
}

async fn page(visitor: &Visitor, event: &str, sent: &Sent, error: Option<&Error>) -> Response {
    let read = async {
        let event = find(visitor, event).await?;
        let promos = every(|page| visitor.own(promo_code_list(event.id, page))).await?;
        let ticket_types = ticket_types::all(visitor, &event).await?;
        let zone = visitor.zone(&event).await?;
        Ok::<_, Error>((event, promos, ticket_types, zone))
    };
    let (event, promos, ticket_types, zone) = match read.await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let path = format!("{}/promo-codes", path(&event));
    let fields = Fields::new(sent, error);
    let from = format!("{} Leave empty to start now.", hours::hint(&zone, &event));
    let mut options = vec![(String::new(), "Every ticket type".to_owned())];
    options.extend(ticket_types::options(&ticket_types));
    let form = html! {
        ul .kinds { @for promo in &promos { (line(&path, promo, &zone, &ticket_types)) } }
        section aria-labelledby="new" {
            h2 #new { "New promo code" }
            form method="post" action=(path) {
                (new_key())
                (fields.must("code", "Code", "text", "Letters, digits and dashes, such as EARLYBIRD"))
                (fields.may("discount_percent", "Percent off", "text", "Such as 20 or 12.5"))
                (fields.tick("unlocks_hidden", "Shows hidden ticket types"))
                (fields.pick("ticket_type_id", "For", &options, ""))
                (fields.may("max_uses", "Maximum tickets", "number", "Leave empty for no limit"))
                (fields.may("valid_from", "Valid from", "datetime-local", &from))
                (fields.may("valid_until", "Valid until", "datetime-local", "Leave empty for as long as tickets are sold"))
                button { "Add promo code" }
            }
        }
    };
    let body = html! {
        (top(visitor, &event, "Promo codes"))
        (fields.under_summary(&form))
    };
    visitor.page(error.map_or(200, Error::status), &Head::own(&format!("Promo codes: {}", event.title)), &body)
}

/// What a code takes off; nothing is said where it takes nothing.
fn gives(percent: &str) -> String {
    match percent_in_words(percent).as_str() {
        "%" | "0%" => String::new(),
        percent => format!("{percent} off"),
    }
}

fn line(path: &str, promo: &PromoCode, zone: &Zone, ticket_types: &[TicketType]) -> Markup {
    let ticket_type = ticket_types.iter().find(|ticket_type| Some(ticket_type.id) == promo.ticket_type_id);
    let uses = match promo.max_uses {
        Some(most) => format!("used for {} of {most} tickets", promo.uses),
        None if promo.uses == 1 => "used for 1 ticket".to_owned(),
        None => format!("used for {} tickets", promo.uses),
    };
    html! {
        li {
            strong { (promo.code) } span .price { (gives(&promo.discount_percent)) }
            p .hint {
                (uses)
                @if let Some(ticket_type) = ticket_type { " · for " (ticket_type.name) }
                @if promo.unlocks_hidden { " · shows hidden ticket types" }
                @if let Some(from) = promo.valid_from { " · from " (zone.display(from)) }
                @if let Some(until) = promo.valid_until { " · until " (zone.display(until)) }
                @if promo.revoked_at.is_some() { " · revoked" }
            }
            @if promo.revoked_at.is_none() {
                (act_sure(
                    &format!("{path}/{}/revoke", promo.id),
                    "Revoke",
                    "The code stops working. Tickets booked with it keep their price.",
                    "Revoke code",
                ))
            } @else {
                (act(&format!("{path}/{}/restore", promo.id), "Restore", true))
            }
        }
    }
}
