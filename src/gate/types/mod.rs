//! What the Command Center sends and takes of gates; what phones do stands in `eventify-gate`.

use eventify_gate::Moment;

use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;
use crate::{id_type, text_type};

mod happened;
mod setup;

pub use happened::*;
pub use setup::*;

/// As phones tell it, to the millisecond.
pub fn moment(at: Timestamp) -> Moment {
    Moment((at.0.unix_timestamp_nanos() / 1_000_000) as i64)
}

/// As the database and people are told it; within what the database takes, however wrong a clock is.
pub fn timestamp(at: Moment) -> Timestamp {
    let nanos = i128::from(at.0) * 1_000_000;
    let end = if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let at = time::OffsetDateTime::from_unix_timestamp_nanos(nanos).map_or(end, Timestamp);
    at.clamp(Timestamp::MIN, Timestamp::MAX)
}

id_type! {
    /// A gate of an event.
    GateId,
    /// The record of an attempt to come in or go out.
    CheckinId,
    /// Something two records disagree on.
    ConflictId,
    /// A live update.
    LiveUpdateId,
}

fn pin_rule(text: String) -> Result<String, String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { Ok(text) } else { Err("must be digits".to_owned()) }
}

text_type! {
    /// What a gate or a phone is called.
    GateTitle(1, 60, "Gate A"),
    /// A supervisor's PIN.
    GatePin(4, 12, "482910", pin_rule; "pattern" = "^[0-9]*$"),
}

wire_enum! {
    /// Items that need attention.
    pub enum ConflictKind {
        /// One ticket let two people in.
        DoubleAdmission "double_admission" "Double_Admission",
        /// A void ticket was admitted.
        VoidTicket "void_ticket" "Void_Ticket",
        /// A revoked phone reports that it admitted a guest.
        RevokedDevice "revoked_device" "Revoked_Device",
        /// A phone admitted a guest the gate would have refused: blocked, not paid, or at the wrong gate.
        AgainstRules "against_rules" "Against_Rules",
    }

    /// What happened, as a person found out.
    pub enum Resolution {
        /// Two guests of one booking showed one code: the unused ticket is closed as used.
        TwoGuests "two_guests" "Two_Guests",
        /// The same person twice, who had left without a scan: one less inside.
        SamePerson "same_person" "Same_Person",
        /// Someone was admitted with a copy.
        Copied "copied" "Copied",
        /// Nobody can tell.
        Unknown "unknown" "Unknown",
        /// One of its scans was annulled, which settled it.
        Annulled "annulled" "Annulled",
    }

    /// The status of a phone.
    pub enum DeviceHealth {
        /// Was heard of within two minutes, and nothing waits.
        Well "well" "Well",
        /// Has scans that wait to be sent, or that were not taken.
        Waiting "waiting" "Waiting",
        /// Was not heard of for two minutes.
        Silent "silent" "Silent",
        /// Was revoked.
        Revoked "revoked" "Revoked",
        /// Its token ran out.
        Expired "expired" "Expired",
    }
}
