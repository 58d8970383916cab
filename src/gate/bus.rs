//! What the gate tells the bus, which of its records are audited, and what its constraints mean.

use super::sql;
use super::{AuditedScan, Conflict, ConflictId, Gate, GateDevice, GateId, LiveUpdateId};
use crate::access::GateDeviceId;
use crate::bus::audiences;
use crate::events::records::EventRecords;
use crate::events::{ActivityOf, EventId};
use crate::kernel::audit::{Audited, audited};
use crate::kernel::error::constraints;
use crate::kernel::outbox::bus_events;
use crate::kernel::permissions::Permission;

audited!(Gate "gate", GateDevice "gate_device", Conflict "checkin_conflict", AuditedScan "ticket_checkin");

impl Audited for super::GateSettings {
    const OBJECT: &'static str = "event_gate_settings";
    fn audit_id(&self) -> String {
        self.event_id.to_string()
    }
}

/// An update as it is audited.
#[derive(serde::Serialize)]
pub struct AuditedUpdate(pub eventify_gate::LiveUpdate);

impl Audited for AuditedUpdate {
    const OBJECT: &'static str = "live_update";
    fn audit_id(&self) -> String {
        self.0.id.to_string()
    }
}

inventory::submit!(
    EventRecords::of_kinds(
        ActivityOf::Gate,
        Permission::LiveRead,
        &["gate", "gate_device", "live_update", "ticket_checkin"],
    )
    .and(|db, event| Box::pin(sql::settled_at_event(db, event)))
);

constraints! {
    "gates_name" "name" "already_exists" "Another gate of this event has this name.";
    "gates_hours" "closes_at" "invalid_input" "It must close after it opens.";
}

audiences! {
    "live." LiveRead;
}

bus_events! {
    "event" event_id: EventId;
    /// A gate was added, changed or removed.
    GateChanged "live.gate_changed" { gate_id: GateId }
    /// A gate phone was paired, moved, renamed or revoked.
    DeviceChanged "live.device_changed" { device_id: GateDeviceId }
    /// The scan counts of an event changed. Sent at most once per second and event.
    GatesCounted "live.counted" {}
    /// A ticket was admitted twice, or a void ticket was admitted.
    ConflictFound "live.conflict_found" { conflict_id: ConflictId }
    /// A scan conflict was resolved.
    ConflictResolved "live.conflict_resolved" { conflict_id: ConflictId }
    /// A live update was posted, pinned or removed.
    UpdateChanged "live.update_changed" { update_id: LiveUpdateId }
}
