//! What a ticket is called, wherever one is shown.

use eventify::tickets::TicketStatus;
use leptos::prelude::*;

use crate::ui::{Tone, badge};

/// What a ticket's status is called.
pub fn ticket_title(status: TicketStatus) -> &'static str {
    match status {
        TicketStatus::Issued => "Issued",
        TicketStatus::Inside => "Inside",
        TicketStatus::Outside => "Outside",
        TicketStatus::Revoked => "Void",
        TicketStatus::Refunded => "Refunded",
    }
}

/// The status of a ticket.
pub fn ticket_badge(status: TicketStatus) -> AnyView {
    let tone = match status {
        TicketStatus::Inside => Tone::Success,
        TicketStatus::Issued | TicketStatus::Outside => Tone::Info,
        TicketStatus::Revoked | TicketStatus::Refunded => Tone::Neutral,
    };
    badge(tone, ticket_title(status))
}
