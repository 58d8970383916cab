//! What people call the records of gate, what is done to them, and the work behind it.

use crate::audit::words::Area;

/// The area's own.
pub const WORDS: Area = Area {
    kinds: &[
        ("gate", "Gate"),
        ("gate_device", "Gate phone"),
        ("checkin_conflict", "Double admission"),
        ("event_gate_settings", "Gate settings"),
        ("live_update", "Live update"),
        ("ticket_checkin", "Scan"),
    ],
    actions: &[
        ("attendee.added_at_door", "added {|a guest} at the door"),
        ("checkin_conflict.resolved", "resolved an admission to check[ of {}]"),
        ("event.gate_settings_changed", "changed the gate settings: <details>"),
        ("gate.created", "added the gate {}"),
        ("gate.pairing_shown", "showed the pairing code of {|a gate}"),
        ("gate.removed", "removed the gate {}"),
        ("gate.updated", "changed <details>[ of the gate {}]"),
        ("gate_device.paired", "paired the phone {}"),
        ("gate_device.revoked", "disconnected the phone {}"),
        ("gate_device.updated", "changed <details>[ of the phone {}]"),
        ("live_update.pinned", "pinned an update to the team"),
        ("live_update.posted", "posted an update to the team"),
        ("live_update.removed", "removed an update to the team"),
        ("staff.gate_pin_set", "set the gate PIN of {|a team member}"),
        ("staff.gate_pin_set:own", "set their gate PIN"),
        ("ticket.forced", "admitted {|a guest} against the rules"),
        ("ticket.scan_annulled", "annulled a scan[ of {}]"),
    ],
    ..Area::NONE
};
