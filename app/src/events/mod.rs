//! Events: what is planned and on, who comes and how they come in, and the places it happens at.

mod actions;
mod activity;
mod check_in;
pub(crate) mod clock;
mod data;
mod detail;
mod edit;
mod guest_panel;
mod guest_words;
mod guests;
pub(crate) mod head;
mod images;
mod import;
mod interests;
mod invitations;
mod list;
mod money;
mod notes;
mod overview;
mod promos;
mod public_page;
mod questions;
mod streams;
mod tabs;
pub(crate) mod ticket_types;
mod venues;
mod waiting;
pub(crate) mod ways_in;
pub(crate) use head::{Head, Here, Rights, parts};

use eventify::access::Me;
use eventify::events::{CoHost, Event, EventStatus, VenueHolder};
use eventify::kernel::error::forbidden;
use eventify::kernel::money::count;
use eventify::kernel::permissions::Permission;
use eventify::zones::Zone;
use leptos::prelude::*;
use uuid::Uuid;

use crate::ui::{Loading, Toasts, Tone, badge, failed, set_status};
use detail::event;
use edit::{event_edit, event_new};
use interests::interests;
use list::events;
use tabs::fetch_here;
use venues::{venue, venue_edit, venue_new, venues};

crate::ui::bundles! {
    events: events;
    event: event => fetch_here;
    new_event: event_new, event_edit;
    venues: venues, venue, venue_new, venue_edit;
    interests: interests;
}

/// Whether this person may do this to the event: everywhere, at it alone, or at a partner that organises it.
pub(crate) fn may_run(me: &Me, permission: Permission, event: &Event, co_hosts: &[CoHost]) -> bool {
    let partner = |id: Uuid| {
        event.organizer_partner_id.is_some_and(|own| own.0 == id)
            || co_hosts.iter().any(|host| host.partner_id.is_some_and(|own| own.0 == id))
    };
    let within = me.scopes.iter().filter(|scope| scope.permissions.contains(&permission));
    let mut reaching = within.filter(|s| s.event_id == Some(event.id.0) || s.partner_id.is_some_and(partner));
    me.may(permission) || !me.two_factor_required && reaching.next().is_some()
}

/// The page, for those who may do this somewhere; lists of events are public and would show others what is published.
pub(crate) fn guarded(me: &Me, permission: Permission, view: impl FnOnce() -> AnyView) -> AnyView {
    if me.may_somewhere(permission) {
        return view();
    }
    set_status(403);
    view! { <div class="page">{failed(&forbidden(), None)}</div> }.into_any()
}

/// Says so, and shows the record as it now is.
pub(crate) fn afterwards<D, T: 'static>(data: Loading<D>, said: &'static str) -> impl Fn(T) + Send + Sync + 'static
where
    D: 'static,
{
    let toasts = Toasts::get();
    move |_| {
        toasts.done(said);
        data.refetch();
    }
}

/// What is odd about an event with more seats than its venue has.
fn venue_is_smaller(holds: i32, seats: i32) -> String {
    format!("The venue holds {}, the event has {} seats", count(holds.into()), count(seats.into()))
}

/// Who has the venue at the hours of a draft.
fn venue_is_taken(holder: &VenueHolder, zone: &Zone) -> String {
    let hours = zone.display_span(holder.start_at, holder.end_at);
    format!("“{}” is at {} then: {hours}.", holder.title, holder.venue)
}

fn status_title(status: EventStatus) -> &'static str {
    match status {
        EventStatus::Draft => "Draft",
        EventStatus::Published => "Published",
        EventStatus::Live => "Live",
        EventStatus::Ended => "Ended",
        EventStatus::Cancelled => "Cancelled",
    }
}

/// Its status as a badge.
fn status_badge(status: EventStatus) -> AnyView {
    let tone = match status {
        EventStatus::Draft | EventStatus::Ended => Tone::Neutral,
        EventStatus::Published => Tone::Info,
        // The lime of what is on, as on the overview.
        EventStatus::Live => return view! { <span class="badge live-badge">{status_title(status)}</span> }.into_any(),
        EventStatus::Cancelled => Tone::Danger,
    };
    badge(tone, status_title(status))
}

/// Where an event stands, as a badge: its status, or that there is nothing left to sell.
pub(crate) fn standing(event: &Event) -> AnyView {
    match event.status {
        EventStatus::Published if sold_out(event) => badge(Tone::Warning, "Sold out"),
        status => status_badge(status),
    }
}

/// Whether every seat is booked.
pub(crate) fn sold_out(event: &Event) -> bool {
    event.going_count >= event.capacity
}

/// Where it takes place, in a line.
pub(crate) fn place(event: &Event) -> String {
    let place = event.venue_name.clone().or(event.venue_text.clone()).unwrap_or_else(|| "No venue yet".to_owned());
    if event.city.is_empty() { place } else { format!("{place}, {}", event.city) }
}

/// Who organises it.
fn organiser(event: &Event) -> String {
    event.organizer_name.clone().or(event.host_name.clone()).unwrap_or_else(|| "A user".to_owned())
}

/// Seats of those who go, of all there are.
fn going(event: &Event) -> String {
    format!("{} / {}", count(event.going_count.into()), count(event.capacity.into()))
}

/// What an empty list of an event says: what would appear there, or once the event is over that nothing did.
type Empty = (&'static str, &'static str);

/// The words of an empty list: of an event to come, or of one that is over.
fn nothing(status: EventStatus, yet: Empty, over: Empty) -> Empty {
    if status.is_over() { over } else { yet }
}
