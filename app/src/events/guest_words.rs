//! What is said of a guest: how they came, how they stand, what was sent to them.

use crate::ui::{Tone, badge};
use eventify::events::EventStatus;
use eventify::kernel::text::grouped;
use eventify::tickets::{Attendee, AttendeeSource, AttendeeStatus};
use leptos::prelude::*;

/// What a guest's status is called, at an event that stands so: who was going to what is over did not come, and what was
/// cancelled was cancelled for all.
pub fn status_title(status: AttendeeStatus, event: EventStatus) -> &'static str {
    match status {
        AttendeeStatus::Going if event == EventStatus::Ended => "Didn't come",
        AttendeeStatus::Going => "Going",
        AttendeeStatus::NotGoing => "Cancelled",
        AttendeeStatus::CheckedIn => "Checked in",
        AttendeeStatus::Cancelled if event == EventStatus::Cancelled => "Event cancelled",
        AttendeeStatus::Cancelled => "Removed",
    }
}

pub fn source_title(source: AttendeeSource) -> &'static str {
    match source {
        AttendeeSource::Direct => "Booked",
        AttendeeSource::Request => "Request",
        AttendeeSource::Invite => "Invitation",
        AttendeeSource::WaitingList => "Waiting list",
        AttendeeSource::Comp => "Complimentary",
        AttendeeSource::Import => "Imported",
        AttendeeSource::Transfer => "Transfer",
    }
}

/// How guests came: who bought a ticket at the door did not book it.
pub fn came_from(source: AttendeeSource, at_door: bool) -> &'static str {
    if source == AttendeeSource::Direct && at_door { "Door" } else { source_title(source) }
}

/// The same of one.
pub fn came_by(guest: &Attendee) -> &'static str {
    came_from(guest.source, guest.at_door)
}

/// What became of a guest's tickets.
pub fn sent(guest: &Attendee) -> String {
    let name = guest.name.as_deref().unwrap_or("The guest");
    match guest.reach().address() {
        Some(address) => format!("{name} is on the list. Tickets sent to {}", grouped(address)),
        None => format!("{name} is on the list. {}: {name} can't be notified", guest.unreachable()),
    }
}

/// Where a guest stands, with the reason where there is one.
pub fn standing(guest: &Attendee, event: EventStatus) -> AnyView {
    let partly = guest.partly_in();
    let tone = match guest.status {
        AttendeeStatus::CheckedIn if partly.is_none() => Tone::Success,
        AttendeeStatus::Going if event == EventStatus::Ended => Tone::Neutral,
        AttendeeStatus::Going | AttendeeStatus::CheckedIn => Tone::Info,
        AttendeeStatus::NotGoing | AttendeeStatus::Cancelled => Tone::Neutral,
    };
    // Why an event was cancelled stands above its pages.
    let own = guest.cancellation_reason.clone().filter(|_| event != EventStatus::Cancelled);
    let why = own.map(|reason| view! { <small>{reason}</small> });
    view! { {badge(tone, partly.unwrap_or_else(|| status_title(guest.status, event).to_owned()))}" "{why} }.into_any()
}
