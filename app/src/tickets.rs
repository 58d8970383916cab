//! What a ticket is called, wherever one is shown.

use eventify::tickets::TicketStatus;
use leptos::prelude::*;

use crate::ui::{Tone, badge};

/// The status of a ticket.
pub fn ticket_badge(status: TicketStatus) -> AnyView {
    let tone = match status {
        TicketStatus::Inside => Tone::Success,
        TicketStatus::Issued | TicketStatus::Outside => Tone::Info,
        TicketStatus::Revoked | TicketStatus::Refunded => Tone::Neutral,
    };
    badge(tone, status.title())
}
