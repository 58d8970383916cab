//! What tickets sends and takes, on both sides of the wire.

use crate::{id_type, text_type};

mod attendees;
mod desk;
mod door_list;
mod imports;
mod mine;
mod offer;
mod requests;
mod reservations;
mod ticket_types;
mod tickets;

pub use attendees::*;
pub use desk::*;
pub use door_list::*;
pub use imports::*;
pub use mine::*;
pub use offer::*;
pub use requests::*;
pub use reservations::*;
pub use ticket_types::*;
pub use tickets::*;

id_type! {
    /// A ticket type of an event.
    TicketTypeId,
    /// A promo code.
    PromoCodeId,
    /// Seats held for a while.
    ReservationId,
    /// Somebody who takes part.
    AttendeeId,
    /// A ticket.
    TicketId,
    /// A place in the line for seats.
    WaitingId,
    /// A guest requests to attend.
    RequestId,
    /// A guest is invited.
    InviteId,
}

fn promo_rule(text: String) -> Result<String, String> {
    let text = text.to_uppercase();
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        Ok(text)
    } else {
        Err("must be letters, digits and dashes".to_owned())
    }
}

text_type! {
    /// A promo code; case does not matter.
    PromoWord(3, 40, "EARLYBIRD", promo_rule),
    /// What somebody answers to a question.
    AnswerText(1, 1000, "No nuts, please") lines,
    /// The token of a share link.
    ShareToken(16, 100, "q0e1Zb1m5eVnqB0sZcK0h2mRrX3w"),
}

/// Seats one person takes: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "i32", into = "i32")]
pub struct Party(i32);

impl Party {
    /// One alone.
    pub const ONE: Party = Party(1);
    /// How many.
    pub fn count(self) -> i32 {
        self.0
    }
}
impl Default for Party {
    fn default() -> Self {
        Self::ONE
    }
}
impl TryFrom<i32> for Party {
    type Error = String;
    fn try_from(count: i32) -> Result<Self, String> {
        if (1..=100).contains(&count) { Ok(Self(count)) } else { Err("must be between 1 and 100".to_owned()) }
    }
}
impl From<Party> for i32 {
    fn from(party: Party) -> i32 {
        party.0
    }
}
#[cfg(feature = "ssr")]
impl schemars::JsonSchema for Party {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Party".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": 100, "examples": [2] })
    }
}
