//! Ticket types: adding one, changing it, taking it off sale.

use std::sync::Arc;

use axum::response::Response;
use eventify::events::{Event, Seats};
use eventify::kernel::error::{Error, Result, not_found};
use eventify::kernel::money::{Currency, Money};
use eventify::kernel::text::{Note, Title};
use eventify::tickets::operations::{
    TicketTypeQuery, ticket_type_add, ticket_type_list, ticket_type_retire, ticket_type_update,
};
use eventify::tickets::{NewTicketType, Party, TicketType, TicketTypePatch};
use eventify::zones::Zone;
use maud::{Markup, html};

use super::super::fields::Fields;
use super::super::sent::{Reading, Sent, amount, new_key, number};
use super::super::view::{Head, act_sure};
use super::super::visitor::{Visitor, id};
use super::{Pairs, find, hours, outcome, path, top};
use crate::web::parts::{Form, Path};

/// Every ticket type of an event, hidden ones too.
pub async fn all(visitor: &Visitor, event: &Event) -> Result<Vec<TicketType>> {
    Ok(visitor.own(ticket_type_list(event.id, TicketTypeQuery::default())).await?.items)
}

/// The kinds to choose from, as a field has them.
pub fn options(ticket_types: &[TicketType]) -> Vec<(String, String)> {
    ticket_types.iter().map(|ticket_type| (ticket_type.id.to_string(), ticket_type.name.clone())).collect()
}

/// An event, and its kinds to choose from.
pub async fn choices(visitor: &Visitor, event: &str) -> Result<(Event, Vec<(String, String)>)> {
    let event = find(visitor, event).await?;
    let ticket_types = options(&all(visitor, &event).await?);
    Ok((event, ticket_types))
}

/// An event and one of its kinds.
async fn one(visitor: &Visitor, event: &str, ticket_type: &str) -> Result<(Event, TicketType, Arc<Zone>)> {
    let event = find(visitor, event).await?;
    let ticket_types = all(visitor, &event).await?;
    let ticket_type = ticket_types.into_iter().find(|one| one.id.to_string() == ticket_type).ok_or_else(not_found)?;
    let zone = visitor.zone(&event).await?;
    Ok((event, ticket_type, zone))
}

/// `GET /host/{id}/ticket-types`
pub async fn new(visitor: Visitor, Path(event): Path<String>) -> Response {
    let sent = Sent(vec![("per_order_limit".to_owned(), "4".to_owned())]);
    new_page(&visitor, &event, &sent, None).await
}

/// `POST /host/{id}/ticket-types`
pub async fn add(visitor: Visitor, Path(event): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let added = async {
        let event = find(&visitor, &event).await?;
        let input = read_new(&visitor, &event, &sent).await?;
        visitor.once(sent.key(), ticket_type_add(event.id, input)).await
    };
    match outcome(&visitor, &visitor.here, &format!("/host/{event}"), added.await) {
        Ok(response) => response,
        Err(error) => new_page(&visitor, &event, &sent, Some(&error)).await,
    }
}

async fn new_page(visitor: &Visitor, event: &str, sent: &Sent, error: Option<&Error>) -> Response {
    let read = async {
        let event = find(visitor, event).await?;
        let zone = visitor.zone(&event).await?;
        Ok::<_, Error>((event, zone))
    };
    let (event, zone) = match read.await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let shown = Fields::new(sent, error);
    let form = html! {
        form method="post" action={ (path(&event)) "/ticket-types" } {
            (new_key())
            (fields(&shown, &event, &zone))
            button { "Add ticket type" }
        }
    };
    let body = html! { (top(visitor, &event, "Add ticket type")) (shown.under_summary(&form)) };
    visitor.page(error.map_or(200, Error::status), &Head::own("Add ticket type"), &body)
}

/// `GET /host/{id}/ticket-types/{kind}`
pub async fn edit(visitor: Visitor, Path((event, ticket_type)): Path<(String, String)>) -> Response {
    edit_page(&visitor, &event, &ticket_type, None, None).await
}

/// `POST /host/{id}/ticket-types/{kind}`
pub async fn save(
    visitor: Visitor,
    Path((event, ticket_type)): Path<(String, String)>,
    Form(pairs): Form<Pairs>,
) -> Response {
    let sent = Sent::typed(pairs);
    let saved = async {
        let (event, ticket_type, zone) = one(&visitor, &event, &ticket_type).await?;
        let patch = read_patch(&event, &zone, &sent)?;
        visitor.own(ticket_type_update(ticket_type.id, patch)).await
    };
    match outcome(&visitor, &visitor.here, &format!("/host/{event}"), saved.await) {
        Ok(response) => response,
        Err(error) => edit_page(&visitor, &event, &ticket_type, Some(&sent), Some(&error)).await,
    }
}

/// `POST /host/{id}/ticket-types/{kind}/retire`
pub async fn retire(visitor: Visitor, Path((event, ticket_type)): Path<(String, String)>) -> Response {
    let to = format!("/host/{event}");
    let gone = async { visitor.own(ticket_type_retire(id(&ticket_type)?)).await };
    let gone = match gone.await {
        // The second click of two.
        Err(error) if error.status() == 404 => Ok(()),
        gone => gone,
    };
    match outcome(&visitor, &to, &to, gone) {
        Ok(response) => response,
        Err(error) => edit_page(&visitor, &event, &ticket_type, None, Some(&error)).await,
    }
}

async fn edit_page(
    visitor: &Visitor,
    event: &str,
    ticket_type: &str,
    sent: Option<&Sent>,
    error: Option<&Error>,
) -> Response {
    let (event, ticket_type, zone) = match one(visitor, event, ticket_type).await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let present = values(&ticket_type, hours::fields(&zone, (ticket_type.sales_start_at, ticket_type.sales_end_at)));
    let conflict = error.is_some_and(|error| error.current_record().is_some());
    let sent = sent.unwrap_or(&present);
    let shown = Fields::beside(sent, error, conflict.then_some(&present));
    let version = if conflict { &present } else { sent }.get("version");
    let path = format!("{}/ticket-types/{}", path(&event), ticket_type.id);
    let form = html! {
        form method="post" action=(path) {
            (new_key())
            input type="hidden" name="version" value=(version);
            (fields(&shown, &event, &zone))
            button { "Save" }
        }
    };
    let body = html! {
        (top(visitor, &event, &ticket_type.name))
        (shown.under_summary(&form))
        (act_sure(&format!("{path}/retire"), "Stop selling", "This can't be undone. Tickets already sold stay valid; guests on the waiting list are notified.", "Stop selling"))
    };
    visitor.page(error.map_or(200, Error::status), &Head::own(&format!("Ticket: {}", ticket_type.name)), &body)
}

/// A kind as its form holds it.
fn values(ticket_type: &TicketType, (from, until): (String, String)) -> Sent {
    let price = if ticket_type.price.minor == 0 { String::new() } else { ticket_type.price.decimal() };
    let mut pairs = vec![
        ("version", ticket_type.version.to_string()),
        ("name", ticket_type.name.clone()),
        ("description", ticket_type.description.clone()),
        ("cost", if ticket_type.price.minor == 0 { "free" } else { "paid" }.to_owned()),
        ("price", price),
        ("quota", ticket_type.quota.map(|seats| seats.to_string()).unwrap_or_default()),
        ("per_order_limit", ticket_type.per_order_limit.to_string()),
        ("sales_start_at", from),
        ("sales_end_at", until),
    ];
    if ticket_type.hidden {
        pairs.push(("hidden", "yes".to_owned()));
    }
    Sent(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn fields(fields: &Fields<'_>, event: &Event, zone: &Zone) -> Markup {
    let price = format!("Price in {}", event.ticket_price.currency);
    let from = format!("{} Leave empty to start now.", hours::hint(zone, event));
    html! {
        (fields.must("name", "Name", "text", "Such as Standard, Front row, Friends"))
        (fields.may("description", "Description", "text", ""))
        (fields.one("cost", "Tickets are", &[("free", "Free"), ("paid", "Paid")]))
        div .when-paid { (fields.may("price", &price, "text", "Locked after the first sale")) }
        (fields.may("quota", "Quantity", "number", "Leave empty for no limit"))
        (fields.must("per_order_limit", "Max per person", "number", ""))
        (fields.may("sales_start_at", "On sale from", "datetime-local", &from))
        (fields.may("sales_end_at", "On sale until", "datetime-local", "Leave empty to sell until the event ends"))
        (fields.tick("hidden", "Hidden: only by invitation or with a promo code that unlocks it"))
    }
}

/// Free is free, whatever was typed before; paid needs a price.
fn cost(ticket_type: &str, text: &str, currency: &Currency) -> Result<Money, String> {
    match (ticket_type, text) {
        ("free", _) | ("", "") => Ok(Money { minor: 0, currency: currency.clone() }),
        (_, "") => Err("is required, or choose Free".to_owned()),
        (_, text) => amount(text, currency),
    }
}

async fn read_new(visitor: &Visitor, event: &Event, sent: &Sent) -> Result<NewTicketType> {
    let currency = &event.ticket_price.currency;
    let zone = visitor.zone(event).await?;
    let mut reading = Reading::of(sent);
    let (name, description) = (reading.one("name", Title::parse), reading.maybe("description", Note::parse));
    let price = reading.one("price", |text| cost(sent.get("cost"), text, currency));
    let quota = reading.maybe("quota", number::<Seats>);
    let per_order_limit = reading.maybe("per_order_limit", number::<Party>);
    let sales_start_at = reading.maybe("sales_start_at", hours::moment(&zone));
    let sales_end_at = reading.maybe("sales_end_at", hours::moment(&zone));
    hours::later(&mut reading, "sales_end_at", (sales_start_at, sales_end_at), "must be after the start");
    let Some(name) = name else { return Err(reading.refusal()) };
    reading.checked()?;
    let hidden = sent.ticked("hidden");
    Ok(NewTicketType { name, description, price, quota, sales_start_at, sales_end_at, per_order_limit, hidden })
}

fn read_patch(event: &Event, zone: &Zone, sent: &Sent) -> Result<TicketTypePatch> {
    let currency = &event.ticket_price.currency;
    let mut reading = Reading::of(sent);
    let mut patch = TicketTypePatch {
        name: reading.one("name", Title::parse),
        description: reading.one("description", Note::parse),
        price: reading.one("price", |text| cost(sent.get("cost"), text, currency)),
        quota: reading.patch("quota", number::<Seats>),
        per_order_limit: reading.one("per_order_limit", number::<Party>),
        hidden: Some(sent.ticked("hidden")),
        version: sent.get("version").parse().unwrap_or_default(),
        ..TicketTypePatch::default()
    };
    patch.sales_start_at = reading.patch("sales_start_at", hours::moment(zone));
    patch.sales_end_at = reading.patch("sales_end_at", hours::moment(zone));
    let sales = (patch.sales_start_at.clone().apply(None), patch.sales_end_at.clone().apply(None));
    hours::later(&mut reading, "sales_end_at", sales, "must be after the start");
    reading.checked()?;
    Ok(patch)
}
