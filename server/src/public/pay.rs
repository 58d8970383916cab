//! Paying: seats that are held, the order that was made of them, and what came of it. Every page says until when the seats
//! are held; a second click, a reload or a way back changes nothing.

use axum::response::Response;
use eventify::events::Event;
use eventify::events::operations::event_get;
use eventify::finance::operations::{payment_checkout, payment_status};
use eventify::finance::provider::hosted;
use eventify::finance::{Checkout, OrderState, OrderStatus, PaymentOrderId, PaymentStatus};
use eventify::kernel::error::{Error, Result};
use eventify::kernel::text::counted;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::reservation_get;
use eventify::tickets::{Reservation, ReservationId, ReservationStatus};
use eventify::zones::Zone;
use maud::{Markup, html};
use serde::Deserialize;

use super::answers::beside;
use super::booking::ASK_HOW;
use super::contact::{label_of, page_of};
use super::sent::{Sent, new_key, plainly};
use super::total::with_tax;
use super::view::{Ground, Head, act, refusal, seats};
use super::visitor::{Visitor, id};
use crate::web::forms::see_other;
use crate::web::parts::{Form, Path, Query};

type Pairs = Vec<(String, String)>;

/// How long somebody waits before the page looks again by itself.
const SECONDS: u32 = 3;

/// `GET /my/held/{reservation}`
pub async fn held(visitor: Visitor, Path(reservation): Path<String>) -> Response {
    held_page(&visitor, &reservation, None).await
}

async fn held_page(visitor: &Visitor, reservation: &str, error: Option<&Error>) -> Response {
    let read = async {
        let held = visitor.own(reservation_get(id(reservation)?)).await?;
        let event = visitor.own(event_get(held.event_id)).await?;
        let zone = visitor.zone(&event).await?;
        Ok::<_, Error>((held, event, zone))
    };
    match read.await {
        Ok((held, event, zone)) => {
            let body = html! {
                h1 { "Your seats" }
                (refusal(error))
                (held_body(visitor, &held, &event, &zone))
            };
            let head = Head::own("Your seats").coloured(&event.title).on(Ground::Wide);
            visitor.page(error.map_or(200, Error::status), &head, &beside(&event, &zone, &body))
        }
        Err(error) => visitor.refused(&error),
    }
}

fn held_body(visitor: &Visitor, held: &Reservation, event: &Event, zone: &Zone) -> Markup {
    let path = format!("/my/held/{}", held.id);
    html! {
        @if held.status == ReservationStatus::Active {
            (until(held.expires_at, visitor.now(), zone, &path))
            div .surface .flow {
                dl .facts {
                    dt { (held.seats_reserved) " × " bdi { (held.ticket_type) } }
                    dd { (held.unit_price.price()) " each" }
                    dt .sum { "To pay" }
                    dd .sum { (held.total.display()) }
                }
                (with_tax(event, &held.total))
            }
            @if visitor.pays() {
                form method="post" action={ (path) "/pay" } {
                    (new_key())
                    button .full { "Pay " (held.total.display()) }
                }
            } @else {
                p .note { (ASK_HOW) }
            }
            (act(&path, "Release seats", true))
        } @else if let Some(attendee) = held.attendee_id {
            p { a .button href={ "/my/tickets?of=" (attendee) } { "Show my tickets" } }
        } @else {
            p { (seats(held.seats_reserved)) " of " bdi { (held.ticket_type) } }
            (released(event))
        }
    }
}

/// Until when, and how long that is: the page needs no script to be right when it is looked at again.
fn until(end: Timestamp, now: Timestamp, zone: &Zone, path: &str) -> Markup {
    let minutes = (end.0 - now.0).whole_seconds().max(0).div_euclid(60);
    let left = match minutes {
        0 => "Less than a minute".to_owned(),
        1..=120 => counted(minutes, "minute"),
        more => counted(more.div_euclid(60), "hour"),
    };
    html! {
        div .note data-tone="warn" {
            p { strong { (left) " left to pay" } }
            p { "Held for you until " (until_when(end, now, zone)) ". " a href=(path) { "Refresh" } }
        }
    }
}

/// The hour alone, as seats are held for minutes: `21:46 IST`.
fn hour(end: Timestamp, zone: &Zone) -> String {
    let label = zone.label(end);
    format!("{} {}", zone.clock(end), label.split(' ').next().unwrap_or_default())
}

/// Until when seats are held: `21:46 IST`, with the day where that is not about to come.
pub fn until_when(end: Timestamp, now: Timestamp, zone: &Zone) -> String {
    if (end.0 - now.0).whole_hours() < 12 { hour(end, zone) } else { zone.brief(end) }
}

fn released(event: &Event) -> Markup {
    html! {
        p .note data-tone="plain" role="status" { "These seats were released: they are no longer held for you. You haven't been charged." }
        p { a .button href={ "/e/" (event.slug) } { "Back to event" } }
    }
}

/// `POST /my/held/{reservation}/pay`
pub async fn start(visitor: Visitor, Path(reservation): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let begun = async { begin(&visitor, &sent, vec![id::<ReservationId>(&reservation)?]).await };
    match begun.await {
        Ok(state) => see_other(&onwards(&visitor, &state)),
        Err(error) if error.status() == 401 => visitor.sign_in_for(&format!("/my/held/{reservation}")),
        Err(error) => held_page(&visitor, &reservation, Some(&plainly(error))).await,
    }
}

async fn begin(visitor: &Visitor, sent: &Sent, reservation_ids: Vec<ReservationId>) -> Result<OrderState> {
    visitor.once(sent.key(), payment_checkout(Checkout { reservation_ids })).await
}

/// To where one pays, or to what came of it.
fn onwards(visitor: &Visitor, state: &OrderState) -> String {
    let own = || format!("/my/orders/{}", state.order.id);
    state.pay_url.as_deref().map_or_else(own, |url| here(visitor, url))
}

/// Without our own name, where it is a page of ours: whoever came by another name stays there.
fn here(visitor: &Visitor, url: &str) -> String {
    url.strip_prefix(&visitor.base()).unwrap_or(url).to_owned()
}

/// `GET /pay/{provider}/{reference}`
///
/// A page that leads on rather than a redirect: what a form is answered with may not lead to another site.
pub async fn onward(visitor: Visitor, Path((provider, reference)): Path<(String, String)>) -> Response {
    let way = match hosted::hosted_page(&visitor.call.app, &provider, &reference).await {
        Ok(way) => way,
        Err(error) => return visitor.refused(&error),
    };
    let Some(to) = way.to else { return see_other(&format!("/my/orders/{}", way.order.id)) };
    let mut head = Head::own("Go to payment");
    head.tags = html! { meta http-equiv="refresh" content={ "0; url=" (to) }; };
    let body = html! {
        h1 { "Pay " (way.order.amount.display()) }
        p { bdi { (way.order.event_title) } " · " span .whole { "Order " (way.order.order_reference) } }
        p { "You pay on the payment provider's own page." }
        p { a .button .full href=(to) { "Go to the payment page" } }
        p { a href={ "/my/orders/" (way.order.id) "?left=yes" } { "Cancel" } }
    };
    visitor.page(200, &head, &body)
}

/// `POST /my/orders/{order}/pay`
pub async fn again(visitor: Visitor, Path(order): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let begun = async {
        let order = visitor.own(payment_status(id::<PaymentOrderId>(&order)?)).await?.order;
        begin(&visitor, &sent, order.lines.iter().map(|line| line.reservation_id).collect()).await
    };
    match begun.await {
        Ok(state) => see_other(&onwards(&visitor, &state)),
        Err(error) if error.status() == 401 => visitor.sign_in_for(&format!("/my/orders/{order}")),
        Err(error) => order_page(&visitor, &order, false, Some(&plainly(error))).await,
    }
}

/// How one came to the order.
#[derive(Deserialize)]
pub struct Came {
    /// From the payment page, without having paid.
    left: Option<String>,
}

/// `GET /my/orders/{order}`
pub async fn order(visitor: Visitor, Path(order): Path<String>, Query(came): Query<Came>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    order_page(&visitor, &order, came.left.is_some(), None).await
}

async fn order_page(visitor: &Visitor, order: &str, left: bool, error: Option<&Error>) -> Response {
    let read = async {
        let state = visitor.own(payment_status(id::<PaymentOrderId>(order)?)).await?;
        let event = visitor.own(event_get(state.order.event_id)).await?;
        let zone = visitor.zone(&event).await?;
        Ok::<_, Error>((state, event, zone))
    };
    match read.await {
        Ok((state, event, zone)) => {
            let seated = state.order.lines.iter().find_map(|line| line.attendee_id);
            if let (OrderStatus::Paid, Some(attendee)) = (state.order.status, seated) {
                return see_other(&format!("/my/in/{attendee}"));
            }
            let page = Page { visitor, state: &state, event: &event, zone: &zone, left };
            let (title, body) = page.body();
            let mut head = Head::own(title).coloured(&event.title).on(Ground::Wide);
            if page.waits() {
                head.tags = html! { meta http-equiv="refresh" content=(SECONDS); };
            }
            let body = html! { h1 { (title) } (refusal(error)) (body) };
            visitor.page(error.map_or(200, Error::status), &head, &beside(&event, &zone, &body))
        }
        Err(error) => visitor.refused(&error),
    }
}

/// What is told of an order.
struct Page<'p> {
    visitor: &'p Visitor,
    state: &'p OrderState,
    event: &'p Event,
    zone: &'p Zone,
    /// Whether the payment page was left without having paid.
    left: bool,
}

impl Page<'_> {
    /// Whether something is about to come: the bank has been asked.
    fn waits(&self) -> bool {
        self.state.pay_url.is_some() && !self.left
    }

    /// Title and content.
    fn body(&self) -> (&'static str, Markup) {
        let order = &self.state.order;
        let path = format!("/my/orders/{}", order.id);
        let failed = self.state.payment.as_ref().filter(|payment| payment.status == PaymentStatus::Failed);
        match order.status {
            OrderStatus::Created => match (&self.state.pay_url, failed) {
                (_, Some(payment)) => ("Payment failed", self.failed(&path, payment.failure_reason.as_deref())),
                (Some(to), None) if self.left => {
                    ("Payment not finished", self.unfinished(&path, &here(self.visitor, to)))
                }
                (Some(to), None) => ("Waiting for your payment", self.waiting(&path, &here(self.visitor, to))),
                (None, None) => ("Your order", self.failed(&path, None)),
            },
            OrderStatus::Failed | OrderStatus::Expired => ("Your seats were released", released(self.event)),
            OrderStatus::Paid => ("Your order", self.facts()),
            OrderStatus::PartiallyRefunded | OrderStatus::Refunded => ("Refunded", self.refunded()),
        }
    }

    fn waiting(&self, path: &str, to: &str) -> Markup {
        html! {
            div .note role="status" {
                p { strong { "Your payment hasn't arrived yet." } }
                p { "If you have paid, your bank may need a moment: this page refreshes automatically, and we send your tickets once it's confirmed. " a href=(path) { "Refresh now" } }
                p { "Your seats are held until " (until_when(self.state.order.expires_at, self.visitor.now(), self.zone)) "." }
            }
            (self.facts())
            p { a .button .full href=(to) { "Pay " (self.state.order.amount.display()) } }
            p .hint { "You won't be charged twice." }
            (self.ways_out())
        }
    }

    /// Whoever left the payment page without paying has lost nothing yet.
    fn unfinished(&self, path: &str, to: &str) -> Markup {
        html! {
            p role="status" { "You left the payment page before paying. Your seats are still held for you." }
            (until(self.state.order.expires_at, self.visitor.now(), self.zone, &format!("{path}?left=yes")))
            (self.facts())
            p { a .button .full href=(to) { "Pay now · " (self.state.order.amount.display()) } }
            (self.ways_out())
            p .hint { "Paid after all? " a href=(path) { "See whether your payment arrived" } }
        }
    }

    fn failed(&self, path: &str, reason: Option<&str>) -> Markup {
        html! {
            div .note data-tone="bad" role="alert" {
                p { strong { (reason.unwrap_or("The payment was not completed.")) } }
                p { "You haven't been charged, and your seats are still held. Try again, with another card if you like." }
            }
            (self.facts())
            (until(self.state.order.expires_at, self.visitor.now(), self.zone, path))
            form method="post" action={ (path) "/pay" } {
                (new_key())
                button .full { "Try again: pay " (self.state.order.amount.display()) }
            }
            (self.ways_out())
        }
    }

    /// For whoever does not want to pay after all, or wants to ask first.
    fn ways_out(&self) -> Markup {
        html! {
            div .acts {
                @if let [line] = self.state.order.lines.as_slice() {
                    (act(&format!("/my/held/{}", line.reservation_id), "Release seats", true))
                }
                a .button .quiet href=(page_of(self.event)) { (label_of(self.event)) }
            }
        }
    }

    fn refunded(&self) -> Markup {
        let order = &self.state.order;
        let seated = order.lines.iter().find_map(|line| line.attendee_id);
        html! {
            div .note role="status" {
                p { strong { (order.refunded.display()) " of " (order.amount.display()) " is refunded to you." } }
                @if seated.is_none() { p { "Your payment came after your seats were released, and they are taken." } }
                p { "It takes a few days to reach your account." }
            }
            (self.facts())
            @if let Some(attendee) = seated {
                p .acts {
                    a .button href={ "/my/tickets?of=" (attendee) } { "Show my tickets" }
                    a .button .quiet href={ "/my/invoices/" (attendee) } { "Invoice and credit notes" }
                }
            } @else {
                p { a .button href={ "/e/" (self.event.slug) } { "Back to event" } }
            }
        }
    }

    fn facts(&self) -> Markup {
        let order = &self.state.order;
        html! {
            div .surface .flow {
                dl .facts {
                    @for line in &order.lines {
                        dt { (line.seats) " × " bdi { (line.ticket_type) } }
                        dd { (line.amount.display()) }
                    }
                    dt .sum { "Total" }
                    dd .sum { (order.amount.display()) }
                }
                p .hint .whole { "Order " (order.order_reference) }
            }
        }
    }
}
