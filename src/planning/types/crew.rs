//! Crew: who there is, which shifts there are, and who takes which.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{
    AssignmentStatus, AvailabilityId, Clash, CrewArea, CrewId, CrewSkill, PlanNote, PlanPlace, ShiftId,
    StaffAssignmentId, check_hours, say,
};
use crate::access::wire;
use crate::events::EventId;
use crate::gate::GateId;
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::Limit;
use crate::kernel::patch::Patch;
use crate::kernel::text::{Email, PersonName, Phone, SearchText};
use crate::kernel::timestamp::Timestamp;

wire! {
    /// A crew member.
    pub struct CrewMember {
        pub id: CrewId,
        pub full_name: String,
        /// Their skills.
        pub skills: Vec<String>,
        /// For an hour.
        pub rate: Money,
        pub email: Option<String>,
        pub phone: Option<String>,
        /// Where they travel from.
        pub area: Option<String>,
        pub note: Option<String>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Filter for crew members.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct CrewFilter {
        /// Part of the name, the email or the phone number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
        /// Only those with this skill.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub skill: Option<CrewSkill>,
        /// Changed at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub updated_since: Option<Timestamp>,
        /// The `next_cursor` of the previous page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        /// How many rows it holds at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// A new crew member.
    #[serde(deny_unknown_fields)]
    pub struct NewCrewMember {
        pub full_name: PersonName,
        /// Their skills.
        #[serde(default)]
        pub skills: Vec<CrewSkill>,
        /// For an hour, in minor units.
        #[serde(default)]
        pub rate_minor: i64,
        /// The organisation's if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub currency: Option<Currency>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<Email>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub phone: Option<Phone>,
        /// Where they travel from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub area: Option<CrewArea>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
    }

    /// The new record of a crew member. Fields that are left out are cleared.
    #[serde(deny_unknown_fields)]
    pub struct CrewMemberUpdate {
        pub full_name: PersonName,
        /// Their skills.
        #[serde(default)]
        pub skills: Vec<CrewSkill>,
        /// For an hour, in minor units.
        #[serde(default)]
        pub rate_minor: i64,
        /// Unchanged if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub currency: Option<Currency>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<Email>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub phone: Option<Phone>,
        /// Where they travel from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub area: Option<CrewArea>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// An absence of a crew member.
    pub struct CrewAbsence {
        pub id: AvailabilityId,
        pub staff_id: CrewId,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        pub note: Option<String>,
        pub created_at: Timestamp,
    }

    /// A new absence of a crew member.
    #[serde(deny_unknown_fields)]
    pub struct NewCrewAbsence {
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
    }

    /// A shift: how many are needed, for what, when and where.
    pub struct Shift {
        pub id: ShiftId,
        pub event_id: EventId,
        pub role: String,
        /// The skills needed.
        pub skill: Option<String>,
        pub place: Option<String>,
        pub gate_id: Option<GateId>,
        /// The lead.
        #[serde(default)]
        pub lead_id: Option<CrewId>,
        /// How many are needed.
        pub headcount: i32,
        /// How many hold it, or have an offer.
        pub taken: i64,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        pub note: Option<String>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// A new shift.
    #[serde(deny_unknown_fields)]
    pub struct NewShift {
        pub role: CrewSkill,
        /// The skills needed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub skill: Option<CrewSkill>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub place: Option<PlanPlace>,
        /// The gate it is at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub gate_id: Option<GateId>,
        /// The crew lead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub lead_id: Option<CrewId>,
        /// How many are needed.
        pub headcount: i32,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
    }

    /// Changes to a shift; who holds it keeps their own hours.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct ShiftPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<CrewSkill>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub skill: Patch<CrewSkill>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub place: Patch<PlanPlace>,
        /// The crew lead.
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub lead_id: Patch<CrewId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub headcount: Option<i32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub starts_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ends_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub note: Patch<PlanNote>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// A crew member who could take a shift, with reasons for and against.
    pub struct ShiftSuggestion {
        pub staff_id: CrewId,
        pub full_name: String,
        /// The reasons for them.
        pub pros: Vec<String>,
        /// The reasons against them.
        pub cons: Vec<String>,
        /// Whether they are free at that time.
        pub free: bool,
    }

    /// Somebody's part in an event.
    pub struct StaffAssignment {
        pub id: StaffAssignmentId,
        pub event_id: EventId,
        pub staff_id: CrewId,
        /// The person's name.
        pub full_name: String,
        pub shift_id: Option<ShiftId>,
        pub role: String,
        pub place: Option<String>,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        pub status: AssignmentStatus,
        /// For an hour, as agreed for this one.
        pub rate: Money,
        /// How long it takes, in minutes that really pass.
        pub minutes: i64,
        /// The cost: by minutes worked after check-out, or else by planned minutes.
        pub cost: Money,
        pub answered_at: Option<Timestamp>,
        /// When they asked to swap.
        #[serde(default)]
        pub swap_asked_at: Option<Timestamp>,
        /// Why they asked.
        #[serde(default)]
        pub swap_note: Option<String>,
        pub checked_in_at: Option<Timestamp>,
        pub checked_out_at: Option<Timestamp>,
        pub note: Option<String>,
        /// Its clashes. Returned by writes.
        #[serde(default)]
        pub clashes: Vec<Clash>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Assigns a crew member to an event: to one of its shifts, or with a role and hours of their own.
    #[serde(deny_unknown_fields)]
    pub struct NewStaffAssignment {
        pub event_id: EventId,
        pub staff_id: CrewId,
        /// The shift it is for; its role and hours hold where none are said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub shift_id: Option<ShiftId>,
        /// Their role; required without a shift.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<CrewSkill>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub place: Option<PlanPlace>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub starts_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ends_at: Option<Timestamp>,
        /// Offered if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<AssignmentStatus>,
        /// For an hour, in minor units; the person's own if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub rate_minor: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
    }

    /// Changes to somebody's part in an event.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct StaffAssignmentPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<CrewSkill>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub place: Patch<PlanPlace>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub starts_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ends_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<AssignmentStatus>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub note: Patch<PlanNote>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }
}

/// What this long costs at a rate for an hour, to the nearest minor unit: by the minutes that really pass, whatever
/// the clocks on the wall do.
pub fn cost_of(rate: &Money, (from, to): (Timestamp, Timestamp)) -> Money {
    let minutes = i128::from((to.0 - from.0).whole_minutes().max(0));
    let minor = (i128::from(rate.minor) * minutes + 30) / 60;
    Money { minor: i64::try_from(minor).unwrap_or(i64::MAX), currency: rate.currency.clone() }
}

fn check_person(errors: &mut FieldErrors, skills: &[CrewSkill], rate: i64) {
    if skills.len() > 30 {
        say(errors, "skills", "at most 30");
    }
    check_rate(errors, rate);
}

fn check_rate(errors: &mut FieldErrors, rate: i64) {
    if !(0..=1_000_000_000).contains(&rate) {
        say(errors, "rate_minor", "must be between 0 and 1,000,000,000");
    }
}

fn check_headcount(errors: &mut FieldErrors, headcount: i32) {
    if !(1..=1000).contains(&headcount) {
        say(errors, "headcount", "must be between 1 and 1,000");
    }
}

impl Shift {
    /// How many people it is short of.
    pub fn short(&self) -> i64 {
        (i64::from(self.headcount) - self.taken).max(0)
    }

    /// How many people it still needs: nobody can come to one that is over.
    pub fn needed(&self, now: Timestamp) -> i64 {
        if self.ends_at <= now { 0 } else { self.short() }
    }
}

impl Validate for CrewFilter {}
impl Validate for NewCrewMember {
    fn check(&self, errors: &mut FieldErrors) {
        check_person(errors, &self.skills, self.rate_minor);
    }
}
impl Validate for CrewMemberUpdate {
    fn check(&self, errors: &mut FieldErrors) {
        check_person(errors, &self.skills, self.rate_minor);
    }
}
impl Validate for NewCrewAbsence {
    fn check(&self, errors: &mut FieldErrors) {
        if self.starts_at >= self.ends_at {
            say(errors, "ends_at", "must be after the start");
        }
    }
}
impl Validate for NewShift {
    fn check(&self, errors: &mut FieldErrors) {
        check_hours(errors, Some(self.starts_at), Some(self.ends_at));
        check_headcount(errors, self.headcount);
    }
}
impl Validate for ShiftPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self == &(ShiftPatch { version: self.version, ..ShiftPatch::default() }) {
            say(errors, "role", "change at least one field");
        }
        check_hours(errors, self.starts_at, self.ends_at);
        check_headcount(errors, self.headcount.unwrap_or(1));
    }
}
impl Validate for NewStaffAssignment {
    fn check(&self, errors: &mut FieldErrors) {
        use AssignmentStatus::{Accepted, Offered, Pencilled};
        if self.shift_id.is_none() {
            for (field, missing) in [
                ("role", self.role.is_none()),
                ("starts_at", self.starts_at.is_none()),
                ("ends_at", self.ends_at.is_none()),
            ] {
                if missing {
                    say(errors, field, "is required without a shift");
                }
            }
        }
        check_hours(errors, self.starts_at, self.ends_at);
        check_rate(errors, self.rate_minor.unwrap_or(0));
        if !matches!(self.status, None | Some(Pencilled | Offered | Accepted)) {
            say(errors, "status", "must be pencilled, offered or accepted");
        }
    }
}
impl Validate for StaffAssignmentPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self == &(StaffAssignmentPatch { version: self.version, ..StaffAssignmentPatch::default() }) {
            say(errors, "status", "change at least one field");
        }
        check_hours(errors, self.starts_at, self.ends_at);
    }
}
