//! What guests see of their own beside tickets, and what everybody sees of seats.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{AttendeeId, WaitingEntry};
use crate::access::wire;
use crate::events::{Event, EventId};
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;

/// So many events are looked at in one call.
const MOST_EVENTS: usize = 100;

wire! {
    /// A ticket that was transferred to someone else.
    pub struct PassedTicket {
        /// The current holder.
        pub attendee_id: AttendeeId,
        pub event_id: EventId,
        pub event_title: String,
        pub event_slug: String,
        pub ticket_type: String,
        /// The name on the ticket.
        pub to_name: String,
        /// The beginning of the address it was sent to, such as `kabir@…`.
        pub to_email: Option<String>,
        pub passed_at: Timestamp,
    }

    /// A place in the line for seats, for the guest who waits.
    pub struct WaitingPlace {
        pub entry: WaitingEntry,
        pub event_title: String,
        pub event_slug: String,
        /// The place among those who wait for the same ticket type, from 1; absent once seats are offered.
        pub place: Option<i64>,
    }

    /// The events to get seats for.
    #[serde(deny_unknown_fields)]
    pub struct SeatsQuery {
        /// At most 100.
        pub event_id: Vec<EventId>,
    }

    /// The seats of an event that everybody can have, and what they cost.
    pub struct EventSeats {
        pub event_id: EventId,
        /// Seats left in the event and its ticket types; absent if there are no public ticket types.
        pub left: Option<i32>,
        /// The lowest price on sale or, if nothing is on sale, the lowest public price.
        pub lowest: Option<Money>,
        /// The highest price on sale or, if nothing is on sale, the highest public price.
        pub highest: Option<Money>,
        /// Parties on its waiting list.
        pub waiting: i64,
    }
}

/// The price an event is had from, on every page: the lowest that is on sale now or later, else the lowest of all.
pub fn price_from<'a>(event: &'a Event, seats: Option<&'a EventSeats>) -> &'a Money {
    seats.and_then(|seats| seats.lowest.as_ref()).unwrap_or(&event.ticket_price)
}

impl Validate for SeatsQuery {
    fn check(&self, errors: &mut FieldErrors) {
        if self.event_id.len() > MOST_EVENTS {
            errors.entry("event_id".to_owned()).or_default().push(format!("must be at most {MOST_EVENTS}"));
        }
    }
}
