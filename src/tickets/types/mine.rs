//! What guests see of their own beside tickets, and what everybody sees of seats.

use operation::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};

use super::{AttendeeId, WaitingEntry};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;

/// So many events are looked at in one call.
const MOST_EVENTS: usize = 100;

wire! {
    /// A ticket that went to somebody else.
    pub struct PassedTicket {
        /// Whose ticket it is now.
        pub attendee_id: AttendeeId,
        pub event_id: EventId,
        pub event_title: String,
        pub event_slug: String,
        pub ticket_type: String,
        /// Who has it, as the ticket says.
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

    /// Which events' seats to look at.
    #[serde(deny_unknown_fields)]
    pub struct SeatsQuery {
        /// At most 100.
        pub event_id: Vec<EventId>,
    }

    /// The seats of an event that everybody can have, and what they cost.
    pub struct EventSeats {
        pub event_id: EventId,
        /// Seats that are left, of the event and of its ticket types; absent where no ticket is on show.
        pub left: Option<i32>,
        /// The lowest price on sale; where nothing is, the lowest on show.
        pub lowest: Option<Money>,
        /// The highest price on sale; where nothing is, the highest on show.
        pub highest: Option<Money>,
        /// Parties on its waiting list.
        pub waiting: i64,
    }
}

impl Validate for SeatsQuery {
    fn check(&self, errors: &mut FieldErrors) {
        if self.event_id.len() > MOST_EVENTS {
            errors.entry("event_id".to_owned()).or_default().push(format!("must be at most {MOST_EVENTS}"));
        }
    }
}
