//! What the plan tells the bus, which of its records are audited, and what its constraints mean.

use uuid::Uuid;

use super::{
    CrewAbsence, CrewDocument, CrewMember, EntryKind, Equipment, EquipmentBooking, EquipmentHandout, EquipmentUnit,
    PlanLink, PlanRule, PlanVersion, ProductionEntry, Shift, StaffAssignment, Stage, Talent, TalentDocument,
    TalentSlot, TalentTask,
};
use crate::events::records::EventRecords;
use crate::events::{ActivityOf, EventId};
use crate::kernel::audit::{Audited, audited};
use crate::kernel::error::constraints;
use crate::kernel::outbox::bus_events;
use crate::kernel::permissions::Permission;

audited!(Stage "stage", ProductionEntry "production_schedule", Equipment "equipment", EquipmentUnit "equipment_unit",
         EquipmentBooking "equipment_booking", EquipmentHandout "equipment_handout", CrewMember "staff_member", CrewAbsence "staff_availability",
         CrewDocument "staff_document",
         Shift "staff_shift", StaffAssignment "staff_assignment", Talent "talent", TalentSlot "talent_schedule",
         TalentTask "talent_task", TalentDocument "talent_document", PlanLink "plan_link",
         PlanVersion "plan_version");

impl Audited for PlanRule {
    const OBJECT: &'static str = "plan_rule";
    fn audit_id(&self) -> String {
        self.rule.as_str().to_owned()
    }
}

inventory::submit!(EventRecords::of_kinds(
    ActivityOf::Plan,
    Permission::ProductionRead,
    &["stage", "production_schedule", "equipment_booking", "equipment_handout", "plan_version"],
));
inventory::submit!(EventRecords::of_kinds(ActivityOf::Plan, Permission::ProductionManage, &["plan_link"]));
inventory::submit!(EventRecords::of_kinds(
    ActivityOf::Plan,
    Permission::StaffingRead,
    &["staff_shift", "staff_assignment"]
));
inventory::submit!(EventRecords::of_kinds(
    ActivityOf::Plan,
    Permission::TalentRead,
    &["talent_schedule", "talent_task"]
));

constraints! {
    "stages_name" "name" "already_exists" "Another stage there has this name.";
    "equipment_name" "name" "already_exists" "Other equipment has this name.";
    "equipment_units_code" "code" "already_exists" "Another unit has this code.";
    "equipment_bookings_unit_id_fkey" "unit_id" "invalid_input" "Choose a unit of this equipment.";
    "equipment_handouts_open" "code" "already_exists" "Someone else checked it out at the same moment.";
    "staff_members_email" "email" "already_exists" "Another crew member has this email.";
    "talent_tasks_once" "kind" "already_exists" "It is already on the checklist.";
    "plan_holds_free" "starts_at" "clash" "Someone else booked this at the same moment.";
}

bus_events! {
    "event" event_id: EventId;
    /// A plan entry was added, changed or removed.
    PlanChanged "plan.changed" { kind: EntryKind, entry_id: Uuid }
    /// A stage or a shift of an event was added, changed or removed.
    PlanFrameChanged "plan.frame_changed" {}
    /// A plan was moved because its event was rescheduled.
    PlanMoved "plan.moved" { entries: i64 }
    /// A plan version was created. Lists the accounts whose own part has changed since the previous version.
    PlanVersionMade "plan.version_made" { number: i32, changed: i64, crew: Vec<Uuid>, artists: Vec<Uuid> }
}
