//! The one way to each ticket type, and what is said of what is left of it.

use eventify::events::{Event, EventStatus};
use eventify::kernel::money::count as grouped;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::TicketType;
use eventify::zones::Zone;
use maud::{Markup, html};

/// Whether there is a waiting list: seats are offered until the event begins.
fn waits_for_seats(event: &Event, now: Timestamp) -> bool {
    event.status == EventStatus::Published && event.start_at > now
}

/// So few seats are worth a warning.
pub const FEW: i32 = 20;

/// The one way to a ticket of a kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BookingMode {
    /// It is yours at once.
    Take,
    /// It costs something: it is paid for, then yours.
    Pay,
    /// It costs something, which cannot be paid here: the organiser is asked.
    Ask,
    Wait,
    /// Not now.
    None,
}

/// So many of a kind can be had at once.
pub fn most(event: &Event, ticket_type: &TicketType) -> i32 {
    if event.allow_plus_one { ticket_type.per_order_limit } else { 1 }
}

impl BookingMode {
    pub fn of(event: &Event, ticket_type: &TicketType, now: Timestamp, pays: bool) -> BookingMode {
        let price = ticket_type.promo_price.as_ref().unwrap_or(&ticket_type.price);
        match ticket_type {
            ticket_type if ticket_type.sales_start_at.is_some_and(|start| start > now) => BookingMode::None,
            ticket_type if ticket_type.sale_is_over(now) => BookingMode::None,
            ticket_type if ticket_type.available <= 0 && waits_for_seats(event, now) => BookingMode::Wait,
            ticket_type if ticket_type.available <= 0 => BookingMode::None,
            _ if price.minor == 0 => BookingMode::Take,
            _ if pays => BookingMode::Pay,
            _ => BookingMode::Ask,
        }
    }

    /// What its button says, where one can have so many at once.
    pub fn label(self, most: i32) -> &'static str {
        match self {
            BookingMode::Take if most == 1 => "Get free ticket",
            BookingMode::Take => "Get free tickets",
            BookingMode::Pay if most == 1 => "Buy ticket",
            BookingMode::Pay => "Buy tickets",
            BookingMode::Ask => "Request to join",
            BookingMode::Wait => "Join waiting list",
            BookingMode::None => "",
        }
    }

    /// Where its form is sent to, below the event.
    pub fn target(self) -> &'static str {
        match self {
            BookingMode::Take | BookingMode::Pay => "take",
            BookingMode::Ask => "ask",
            BookingMode::Wait | BookingMode::None => "wait",
        }
    }
}

/// Said where something costs money that cannot be paid here.
pub const NO_PAYMENT: &str =
    "Online payment isn't available yet. Send a request: the organiser answers, and nothing is charged now.";

/// How to pay then.
pub const ASK_HOW: &str = "Online payment isn't available yet: ask the organiser how to pay.";

/// What can be had of a kind: its state as a tag, and a sentence; `waiting` is how many wait for it, where that is known.
pub fn left(event: &Event, ticket_type: &TicketType, zone: &Zone, now: Timestamp, waiting: i64) -> Markup {
    let tag = |tone: &str, text: &str| html! { span .tag data-tone=(tone) { (text) } };
    match ticket_type {
        ticket_type if ticket_type.sales_start_at.is_some_and(|start| start > now) => {
            html! { span .hint { "On sale " (zone.display(ticket_type.sales_start_at.unwrap_or(now))) } }
        }
        ticket_type if ticket_type.sale_is_over(now) => html! { span .hint { "Sales ended" } },
        ticket_type if ticket_type.available <= 0 => html! {
            (tag("bad", "Sold out"))
            @if waits_for_seats(event, now) {
                " " span .hint { @if waiting > 0 { (waiting) " on the waiting list" } @else { "Waiting list open" } }
            }
        },
        ticket_type if ticket_type.available <= FEW => tag("warn", &format!("{} left", ticket_type.available)),
        ticket_type => html! { span .hint { (grouped(ticket_type.available.into())) " left" } },
    }
}
