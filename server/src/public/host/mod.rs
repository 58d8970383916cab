//! Hosting from a phone: the events one runs, what they are, and who comes. Whoever does not run an event finds
//! nothing here.

mod board;
mod guest;
mod guest_list;
mod guests;
mod hours;
mod invitations;
mod list;
mod moving;
mod pictures;
mod plan;
mod promos;
mod questions;
mod requests;
mod steps;
mod ticket_types;
mod waiting;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use eventify::events::operations::{event_get, event_stream_list};
use eventify::events::{Event, EventId, EventStatus};
use eventify::kernel::error::{Error, Result, not_found, unauthenticated};
use eventify::kernel::page::Paging;
use maud::{Markup, html};

use super::sent::plainly;
use super::visitor::{Visitor, id};
use crate::web::Web;
use crate::web::forms::see_other;

/// What a form sends.
type Pairs = Vec<(String, String)>;

/// The pages of hosts, each with the forms that stand on it.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/host", get(list::show))
        .route("/host/new", get(plan::new).post(plan::create))
        .route("/host/{id}", get(board::show))
        .route("/host/{id}/edit", get(plan::edit).post(plan::save))
        .route("/host/{id}/move", get(moving::show).post(moving::save))
        .route("/host/{id}/publish", get(board::show).post(steps::publish))
        .route("/host/{id}/start", get(board::show).post(steps::start))
        .route("/host/{id}/end", get(board::show).post(steps::end))
        .route("/host/{id}/duplicate", get(steps::duplicate).post(steps::make_duplicate))
        .route("/host/{id}/cancel", get(steps::cancel).post(steps::do_cancel))
        // What the version before called it: its open pages lead here while both run side by side.
        .route("/host/{id}/call-off", get(steps::cancel).post(steps::do_cancel))
        .route("/host/{id}/pictures", get(pictures::show).post(pictures::add))
        .route("/host/{id}/pictures/{image}/cover", post(pictures::choose))
        .route("/host/{id}/pictures/{image}/remove", post(pictures::remove))
        .route("/host/{id}/ticket-types", get(ticket_types::new).post(ticket_types::add))
        .route("/host/{id}/ticket-types/{kind}", get(ticket_types::edit).post(ticket_types::save))
        .route("/host/{id}/ticket-types/{kind}/retire", get(ticket_types::edit).post(ticket_types::retire))
        // As above.
        .route("/host/{id}/kinds", get(ticket_types::new).post(ticket_types::add))
        .route("/host/{id}/kinds/{kind}", get(ticket_types::edit).post(ticket_types::save))
        .route("/host/{id}/kinds/{kind}/retire", get(ticket_types::edit).post(ticket_types::retire))
        .route("/host/{id}/promo-codes", get(promos::show).post(promos::add))
        .route("/host/{id}/promo-codes/{promo}/revoke", post(promos::revoke))
        .route("/host/{id}/promo-codes/{promo}/restore", post(promos::restore))
        .route("/host/{id}/questions", get(questions::show).post(questions::save))
        .route("/host/{id}/requests", get(requests::show).post(requests::accept_first))
        .route("/host/{id}/requests/{request}", get(requests::back).post(requests::decide))
        .route("/host/{id}/waiting-list", get(waiting::show))
        .route("/host/{id}/waiting-list/{entry}/offer", get(waiting::show_again).post(waiting::offer))
        .route("/host/{id}/guests", get(guests::show))
        .route("/host/{id}/guests/new", get(guests::new).post(guests::add))
        .route("/host/{id}/guests/list", get(guest_list::show).post(guest_list::import))
        .route("/host/{id}/guests/{guest}", get(guest::show))
        .route("/host/{id}/guests/{guest}/take-off", get(guest::show).post(guest::take_off))
        .route("/host/{id}/guests/{guest}/contact", get(guest::show).post(guest::contact))
        .route("/host/{id}/guests/{guest}/resend", get(guest::show).post(guest::resend))
        .route("/host/{id}/invitations", get(invitations::show).post(invitations::make))
        .route("/host/{id}/invitations/{invite}/revoke", post(invitations::revoke))
}

/// What one may not do here is not here.
fn hidden(error: Error) -> Error {
    if error.code() == "forbidden" { not_found() } else { error }
}

/// An event, for those who run it.
async fn find(visitor: &Visitor, event: &str) -> Result<Event> {
    if visitor.user.is_none() {
        return Err(unauthenticated());
    }
    let event = visitor.own(event_get(id::<EventId>(event)?)).await?;
    // Everybody sees a published event, but its streams are for those alone who run it.
    visitor.own(event_stream_list(event.id, Paging::default())).await.map_err(hidden)?;
    Ok(event)
}

/// Where a form leads: onwards to `to`, to the door and then back to `here`, or to nothing. What was refused comes
/// back, to stand beside the form.
fn outcome<T>(visitor: &Visitor, here: &str, to: &str, done: Result<T>) -> Result<Response> {
    match done.map_err(hidden) {
        Ok(_) => Ok(see_other(to)),
        Err(error) if error.status() == 401 => Ok(visitor.sign_in_for(here)),
        Err(error) if error.status() == 404 => Ok(visitor.refused(&error)),
        Err(error) => Err(plainly(error)),
    }
}

/// Where an event's pages are.
fn path(event: &Event) -> String {
    format!("/host/{}", event.id)
}

/// What stands above each page of an event: its title, and the way to its other pages.
fn top(visitor: &Visitor, event: &Event, title: &str) -> Markup {
    let path = path(event);
    let here = visitor.here.split('?').next().unwrap_or_default();
    let current = |page: &str| (here == format!("{path}{page}")).then_some("page");
    let asks = match event.requests_count {
        0 => "Requests".to_owned(),
        count => format!("Requests ({count})"),
    };
    html! {
        @if title != event.title { p .of dir="auto" { a href=(path) { (event.title) } } }
        h1 dir="auto" { (title) }
        nav .tabs aria-label=(event.title) {
            a href=(path) aria-current=[current("")] { "Overview" }
            a href={ (path) "/requests" } aria-current=[current("/requests")] { (asks) }
            a href={ (path) "/waiting-list" } aria-current=[current("/waiting-list")] { "Waiting list" }
            a href={ (path) "/guests" } aria-current=[current("/guests")] { "Guests" }
            a href={ (path) "/invitations" } aria-current=[current("/invitations")] { "Invitations" }
            a href={ (path) "/promo-codes" } aria-current=[current("/promo-codes")] { "Promo codes" }
        }
    }
}

/// Where an event stands, as a tag.
fn tag(event: &Event) -> Markup {
    let tone = match event.status {
        EventStatus::Published => Some("ok"),
        EventStatus::Live => Some("live"),
        EventStatus::Cancelled => Some("bad"),
        EventStatus::Draft | EventStatus::Ended => None,
    };
    html! { span .tag data-tone=[tone] { (word(event.status)) } }
}

/// Where an event stands, in a word.
fn word(status: EventStatus) -> &'static str {
    match status {
        EventStatus::Draft => "Draft",
        EventStatus::Published => "Published",
        EventStatus::Live => "Live now",
        EventStatus::Ended => "Ended",
        EventStatus::Cancelled => "Cancelled",
    }
}
