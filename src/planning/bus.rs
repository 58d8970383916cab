//! What the plan tells the bus, which of its records are audited, and what its constraints mean.

use uuid::Uuid;

use super::{
    CrewAbsence, CrewMember, EntryKind, Equipment, EquipmentBooking, EquipmentUnit, PlanLink, PlanRule,
    ProductionEntry, Shift, StaffAssignment, Stage, Talent, TalentSlot,
};
use crate::events::EventId;
use crate::kernel::audit::{Audited, audited};
use crate::kernel::error::constraints;
use crate::kernel::outbox::bus_events;

audited!(Stage "stage", ProductionEntry "production_schedule", Equipment "equipment", EquipmentUnit "equipment_unit",
         EquipmentBooking "equipment_booking", CrewMember "staff_member", CrewAbsence "staff_availability",
         Shift "staff_shift", StaffAssignment "staff_assignment", Talent "talent", TalentSlot "talent_schedule",
         PlanLink "plan_link");

impl Audited for PlanRule {
    const OBJECT: &'static str = "plan_rule";
    fn audit_id(&self) -> String {
        self.rule.word().to_owned()
    }
}

constraints! {
    "stages_name" "name" "already_exists" "Another stage there has this name.";
    "equipment_name" "name" "already_exists" "Other equipment has this name.";
    "equipment_units_code" "code" "already_exists" "Another unit has this code.";
    "staff_members_email" "email" "already_exists" "Somebody else of the crew has this email.";
    "plan_holds_free" "starts_at" "clash" "Somebody else booked this at the same moment.";
}

bus_events! {
    "event" event_id: EventId;
    /// An entry of a plan was added, changed or removed.
    PlanChanged "plan.changed" { kind: EntryKind, entry_id: Uuid }
    /// A stage or a shift of an event was added, changed or removed.
    PlanFrameChanged "plan.frame_changed" {}
    /// A plan moved along with its event.
    PlanMoved "plan.moved" { entries: i64 }
}
