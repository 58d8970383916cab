//! What the day itself sends and takes: stages, production, equipment, crew, talent, and what clashes among them.

use operation::FieldErrors;

use crate::kernel::error::{Error, invalid_transition};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;
use crate::{id_type, text_type};

mod booking;
mod calendar;
mod crew;
mod crew_documents;
mod equipment;
mod handouts;
mod links;
mod plan;
mod production;
mod talent;
mod versions;

pub use booking::*;
pub use calendar::*;
pub use crew::*;
pub use crew_documents::*;
pub use equipment::*;
pub use handouts::*;
pub use links::*;
pub use plan::*;
pub use production::*;
pub use talent::*;
pub use versions::*;

id_type! {
    /// A stage or a room.
    StageId,
    /// An entry of the production schedule.
    ProductionId,
    /// A kind of equipment.
    EquipmentId,
    /// One piece of equipment.
    EquipmentUnitId,
    /// Equipment that an event needs.
    EquipmentBookingId,
    /// A unit that was handed out.
    EquipmentHandoutId,
    /// A crew member.
    CrewId,
    /// An absence of a crew member.
    AvailabilityId,
    /// A document of somebody of the crew.
    CrewDocumentId,
    /// A shift.
    ShiftId,
    /// Somebody's part in a shift.
    StaffAssignmentId,
    /// A performer, speaker or VIP.
    TalentId,
    /// A slot of an artist.
    SlotId,
    /// Something on the checklist of an artist's booking.
    TalentTaskId,
    /// A document of an artist.
    TalentDocumentId,
    /// A link to a plan.
    PlanLinkId,
    /// A version of a plan.
    PlanVersionId,
}

text_type! {
    /// What an entry of the schedule is called.
    PlanTitle(1, 120, "Load-in main stage"),
    /// What a stage or a room is called.
    StageName(1, 60, "Sea Stage"),
    /// The address.
    PlanPlace(1, 120, "North gate"),
    /// A note.
    PlanNote(1, 1000, "Bring the long ladder") lines,
    /// What equipment is called.
    EquipmentName(1, 120, "Radio, 16 channels"),
    /// What equipment is kept under.
    EquipmentCategory(0, 60, "Radio"),
    /// What stands on a unit, to be scanned or typed.
    UnitCode(1, 40, "RAD-014"),
    /// A maker's serial number.
    SerialNumber(1, 80, "SN-88213"),
    /// What somebody does, or can do.
    CrewSkill(1, 60, "Rigging"),
    /// Where somebody sets out from.
    CrewArea(1, 80, "Bandra West"),
    /// Under which name an artist appears.
    StageTitle(1, 120, "The Salt Coast"),
    /// What is to be done.
    TaskTitle(1, 120, "Names for the guest list"),
    /// What an artist needs.
    Rider(1, 4000, "Two monitors, still water") lines,
}

wire_enum! {
    /// The type of a production schedule entry.
    pub enum ProductionKind {
        /// Things are brought and built.
        LoadIn "load_in" "Load_In",
        /// It is tried.
        Rehearsal "rehearsal" "Rehearsal",
        /// The event is live.
        Show "show" "Show",
        /// Things are taken down and away.
        LoadOut "load_out" "Load_Out",
    }

    /// Whether an entry is pencilled or confirmed.
    pub enum PlanStatus {
        /// An idea: it may overlap another entry.
        Pencilled "pencilled" "Pencilled",
        /// It reserves its people, stages and units.
        Confirmed "confirmed" "Confirmed",
        /// The event has ended.
        Done "done" "Done",
        /// It was cancelled.
        Cancelled "cancelled" "Cancelled",
    }

    /// The status of an equipment booking.
    pub enum BookingStatus {
        /// An idea: it takes nothing yet.
        Pencilled "pencilled" "Pencilled",
        /// It reserves its units.
        Confirmed "confirmed" "Confirmed",
        /// The units were handed out.
        Out "out" "Out",
        /// They came back.
        Returned "returned" "Returned",
        /// They are not needed.
        Cancelled "cancelled" "Cancelled",
    }

    /// The status of an assignment.
    pub enum AssignmentStatus {
        /// An idea: it may overlap another one.
        Pencilled "pencilled" "Pencilled",
        /// It was offered and is reserved until they answer.
        Offered "offered" "Offered",
        /// Accepted.
        Accepted "accepted" "Accepted",
        /// Declined.
        Declined "declined" "Declined",
        /// Checked in.
        CheckedIn "checked_in" "Checked_In",
        /// Checked out.
        Done "done" "Done",
        /// It is not needed.
        Cancelled "cancelled" "Cancelled",
    }

    /// The status of a unit.
    pub enum UnitState {
        /// Can be used.
        Ok "ok" "OK",
        /// Is being mended.
        InRepair "in_repair" "In_Repair",
        /// Cannot be found.
        Lost "lost" "Lost",
    }

    /// Who appears.
    pub enum TalentKind {
        /// A performer.
        Performer "performer" "Performer",
        /// A speaker.
        Speaker "speaker" "Speaker",
        /// A VIP.
        Vip "vip" "VIP",
    }

    /// The type of a slot.
    pub enum SlotKind {
        /// A set.
        Set "set" "Set",
        /// A sound check.
        SoundCheck "sound_check" "Sound_Check",
        /// A talk.
        Talk "talk" "Talk",
        /// An appearance.
        Appearance "appearance" "Appearance",
    }

    /// The type of a stage.
    pub enum StageKind {
        /// A stage.
        Stage "stage" "Stage",
        /// A room.
        Room "room" "Room",
    }
}

impl ProductionKind {
    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            ProductionKind::LoadIn => "Load-in",
            ProductionKind::Rehearsal => "Rehearsal",
            ProductionKind::Show => "Show",
            ProductionKind::LoadOut => "Load-out",
        }
    }
}

impl SlotKind {
    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            SlotKind::Set => "Set",
            SlotKind::SoundCheck => "Sound check",
            SlotKind::Talk => "Talk",
            SlotKind::Appearance => "Appearance",
        }
    }
}

fn no_step(what: &str) -> Error {
    invalid_transition().detail(format!("It is {} now.", what.replace('_', " ")))
}

impl PlanStatus {
    /// Whether it holds what it takes.
    pub fn is_firm(self) -> bool {
        matches!(self, PlanStatus::Confirmed | PlanStatus::Done)
    }
    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: PlanStatus) -> Result<PlanStatus, Error> {
        use PlanStatus::{Cancelled, Confirmed, Done, Pencilled};
        match (self, to) {
            (Pencilled, Confirmed) | (Confirmed, Pencilled | Done) | (Pencilled | Confirmed, Cancelled) => Ok(to),
            _ if self == to => Ok(to),
            _ => Err(no_step(self.as_str())),
        }
    }
}

impl BookingStatus {
    /// Whether it takes its units.
    pub fn is_firm(self) -> bool {
        matches!(self, BookingStatus::Confirmed | BookingStatus::Out)
    }
    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: BookingStatus) -> Result<BookingStatus, Error> {
        use BookingStatus::{Cancelled, Confirmed, Out, Pencilled, Returned};
        match (self, to) {
            (Pencilled, Confirmed)
            | (Confirmed, Pencilled | Out)
            | (Out, Returned)
            | (Pencilled | Confirmed, Cancelled) => Ok(to),
            _ if self == to => Ok(to),
            _ => Err(no_step(self.as_str())),
        }
    }
}

impl AssignmentStatus {
    /// Whether it holds the person: an offer keeps the hours until it is answered.
    pub fn is_firm(self) -> bool {
        use AssignmentStatus::{Accepted, CheckedIn, Done, Offered};
        matches!(self, Offered | Accepted | CheckedIn | Done)
    }
    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: AssignmentStatus) -> Result<AssignmentStatus, Error> {
        use AssignmentStatus::{Accepted, Cancelled, CheckedIn, Declined, Done, Offered, Pencilled};
        match (self, to) {
            (Pencilled | Declined, Offered)
            | (Offered, Accepted | Declined | Pencilled)
            | (Accepted, CheckedIn | Declined | Pencilled)
            | (CheckedIn, Done)
            | (Pencilled | Offered | Accepted | Declined, Cancelled) => Ok(to),
            _ if self == to => Ok(to),
            _ => Err(no_step(self.as_str())),
        }
    }
}

/// The longest that one entry takes.
pub const LONGEST_ENTRY: time::Duration = time::Duration::days(14);

fn say(errors: &mut FieldErrors, field: &str, message: &str) {
    errors.entry(field.to_owned()).or_default().push(message.to_owned());
}

/// An entry has a beginning and an end, and is no longer than two weeks.
fn check_hours(errors: &mut FieldErrors, from: Option<Timestamp>, to: Option<Timestamp>) {
    let Some((from, to)) = from.zip(to) else { return };
    if from >= to {
        say(errors, "ends_at", "must be after the start");
    } else if to.0 - from.0 > LONGEST_ENTRY {
        say(errors, "ends_at", "must be at most 14 days after the start");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_stays_so_and_only_what_is_firm_holds() {
        for to in PlanStatus::ALL {
            assert_eq!(PlanStatus::Cancelled.next(*to).is_ok(), *to == PlanStatus::Cancelled);
            assert_eq!(PlanStatus::Done.next(*to).is_ok(), *to == PlanStatus::Done);
        }
        for to in AssignmentStatus::ALL {
            assert_eq!(AssignmentStatus::Done.next(*to).is_ok(), *to == AssignmentStatus::Done);
        }
        assert!(BookingStatus::Out.next(BookingStatus::Cancelled).is_err(), "it has to come back first");
        assert!(AssignmentStatus::Offered.is_firm() && !AssignmentStatus::Declined.is_firm());
        assert!(!PlanStatus::Pencilled.is_firm() && !BookingStatus::Returned.is_firm());
    }
    #[test]
    fn what_an_entry_is_reads_as_people_say_it() {
        assert_eq!(EntryKind::Production.detail_title("load_out"), "Load-out");
        assert_eq!(EntryKind::Talent.detail_title("sound_check"), "Sound check");
        assert_eq!(EntryKind::Crew.detail_title("set"), "set", "a role is a word of its own");
    }
}
