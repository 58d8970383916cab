//! The door list: who has a ticket, on paper.

use serde::Serialize;

use super::{AttendeeId, TicketId, TicketStatus, TicketTypeId};
use crate::access::wire;
use crate::kernel::timestamp::Timestamp;

wire! {
    /// A ticket on the door list.
    pub struct DoorTicket {
        pub id: TicketId,
        pub attendee_id: AttendeeId,
        /// Who uses the ticket, if a name is known.
        pub name: Option<String>,
        /// The code that can be typed.
        pub short_code: String,
        pub ticket_type_id: TicketTypeId,
        /// The type's name as it was when the ticket was booked.
        pub ticket_type: String,
        pub status: TicketStatus,
        /// When it was first used, if it was.
        pub used_at: Option<Timestamp>,
        /// Why it is void.
        pub revoke_reason: Option<String>,
        /// The organiser's note about the guest.
        pub note: Option<String>,
    }
}
