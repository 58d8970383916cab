//! A whole plan, and what clashes in it.

use operation::{FieldErrors, Validate};
use serde::Serialize;
use uuid::Uuid;

use super::{PlanChange, PlanVersion, ProductionKind, Shift, SlotKind, Stage, StageId, say};
use crate::access::wire;
use crate::events::{Event, EventId, VenueId};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

wire_enum! {
    /// The type of a plan entry.
    #[derive(PartialOrd, Ord)]
    pub enum EntryKind {
        /// Of the production schedule.
        Production "production" "Production",
        /// A crew member.
        Crew "crew" "Crew",
        /// An artist's slot.
        Talent "talent" "Talent",
        /// Equipment.
        Equipment "equipment" "Equipment",
    }

    /// A clash between entries, or a problem with one.
    #[derive(PartialOrd, Ord)]
    pub enum ClashRule {
        /// One person, artist, stage or unit is in two entries at a time.
        DoubleBooked "double_booked" "Double_Booked",
        /// More units are needed than there are.
        ShortOfUnits "short_of_units" "Short_Of_Units",
        /// They declined.
        NotAvailable "not_available" "Not_Available",
        /// Too little rest between two shifts.
        ShortRest "short_rest" "Short_Rest",
        /// Too little time between two entries on a stage.
        ShortChangeover "short_changeover" "Short_Changeover",
        /// Too little time from one venue to the next.
        TravelTooTight "travel_too_tight" "Travel_Too_Tight",
        /// They lack a required skill.
        SkillMissing "skill_missing" "Skill_Missing",
        /// Too many hours within a day.
        LongDay "long_day" "Long_Day",
        /// Every unit is in use.
        AllInUse "all_in_use" "All_In_Use",
    }

    /// How serious a clash is.
    #[derive(PartialOrd, Ord)]
    pub enum Severity {
        /// It cannot be confirmed.
        MustFix "must_fix" "Must_Fix",
        /// It should be checked.
        Check "check" "Check",
        /// Good to know.
        Note "note" "Note",
        /// Nobody wants to know.
        Off "off" "Off",
    }
}

impl EntryKind {
    /// What an entry of this kind is, as people read it: `Load-in`. Roles and categories are words of their own.
    pub fn detail_title(self, detail: &str) -> String {
        let known = match self {
            EntryKind::Production => {
                ProductionKind::ALL.iter().find(|kind| kind.as_str() == detail).map(|kind| kind.title())
            }
            EntryKind::Talent => SlotKind::ALL.iter().find(|kind| kind.as_str() == detail).map(|kind| kind.title()),
            EntryKind::Crew | EntryKind::Equipment => None,
        };
        known.unwrap_or(detail).to_owned()
    }
}

impl ClashRule {
    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            ClashRule::DoubleBooked => "Double booked",
            ClashRule::ShortOfUnits => "Short of units",
            ClashRule::NotAvailable => "Not available",
            ClashRule::ShortRest => "Short rest",
            ClashRule::ShortChangeover => "Short change-over",
            ClashRule::TravelTooTight => "Travel too tight",
            ClashRule::SkillMissing => "Skill missing",
            ClashRule::LongDay => "Long day",
            ClashRule::AllInUse => "All in use",
        }
    }
    /// Whether the database itself keeps it: no organisation can lower it.
    pub fn is_hard(self) -> bool {
        matches!(self, ClashRule::DoubleBooked | ClashRule::ShortOfUnits)
    }
    /// How serious it is, and its minutes where it has some, unless the organisation says otherwise.
    pub fn default(self) -> (Severity, Option<i32>) {
        match self {
            ClashRule::DoubleBooked | ClashRule::ShortOfUnits | ClashRule::NotAvailable => (Severity::MustFix, None),
            ClashRule::ShortRest => (Severity::Check, Some(660)),
            ClashRule::LongDay => (Severity::Check, Some(720)),
            ClashRule::ShortChangeover | ClashRule::TravelTooTight | ClashRule::SkillMissing => (Severity::Check, None),
            ClashRule::AllInUse => (Severity::Note, None),
        }
    }
}

impl Severity {
    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Severity::MustFix => "Must fix",
            Severity::Check => "Check",
            Severity::Note => "Note",
            Severity::Off => "Off",
        }
    }
}

wire! {
    /// One side of a clash.
    pub struct ClashSide {
        pub kind: EntryKind,
        /// The entry.
        pub id: Uuid,
        pub event_id: EventId,
        /// The event's title.
        pub event: String,
        /// The title of the entry.
        pub title: String,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        /// Whether it is confirmed; otherwise it is pencilled.
        pub firm: bool,
        /// The page that shows it.
        pub link: String,
    }

    /// Something that is wrong in a plan.
    pub struct Clash {
        pub rule: ClashRule,
        pub severity: Severity,
        /// What is wrong: the actual and the required value.
        pub sentence: String,
        /// The person, artist, stage or equipment it is about.
        pub resource: String,
        /// When it begins.
        pub starts_at: Timestamp,
        /// When it ends.
        pub ends_at: Timestamp,
        /// The entry it is found at.
        pub entry: ClashSide,
        /// The other entry it clashes with, if any.
        pub other: Option<ClashSide>,
    }

    /// An entry of a plan: a bar of the board.
    pub struct PlanEntry {
        pub kind: EntryKind,
        pub id: Uuid,
        pub title: String,
        /// The kind, the role or the category.
        pub detail: String,
        pub stage_id: Option<StageId>,
        /// The person, artist or equipment.
        pub subject_id: Option<Uuid>,
        /// The shift it belongs to.
        pub group_id: Option<Uuid>,
        /// How many units.
        pub units: i32,
        pub place: Option<String>,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        pub status: String,
        pub note: Option<String>,
        /// When they asked to swap.
        #[serde(default)]
        pub swap_asked_at: Option<Timestamp>,
        pub version: i64,
    }

    /// The whole plan of an event.
    pub struct Plan {
        pub event: Event,
        pub stages: Vec<Stage>,
        pub shifts: Vec<Shift>,
        pub entries: Vec<PlanEntry>,
        pub clashes: Vec<Clash>,
        /// How it was last printed or sent.
        #[serde(default)]
        pub version: Option<PlanVersion>,
        /// How its entries have changed since then.
        #[serde(default)]
        pub changes: Vec<PlanChange>,
        /// When it was looked at.
        pub checked_at: Timestamp,
    }

    /// Whether this is only a preview.
    #[derive(Default, Copy)]
    #[serde(deny_unknown_fields)]
    pub struct CheckOnly {
        /// Answers what would happen, and writes nothing.
        #[serde(default)]
        pub check: bool,
    }

    /// Another time for an event.
    #[serde(deny_unknown_fields)]
    pub struct MoveQuery {
        /// When the event would start.
        pub start_at: Timestamp,
        /// The new location; unchanged if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub venue_id: Option<VenueId>,
    }

    /// A preview of the plan if the event is moved.
    pub struct MoveCheck {
        pub start_at: Timestamp,
        /// How many entries would move along.
        pub entries: i64,
        /// The clashes after the move; entries that must be fixed would become pencilled.
        pub clashes: Vec<Clash>,
        /// Other events that would be at the same venue at the same time: for one that is published those that keep it from
        /// moving there.
        #[serde(default)]
        pub same_venue: Vec<String>,
    }

    /// How strict the organisation is.
    pub struct PlanRule {
        pub rule: ClashRule,
        pub severity: Severity,
        /// The duration in minutes.
        pub minutes: Option<i32>,
        /// Whether it can be changed.
        pub changeable: bool,
        pub version: i64,
    }

    /// How strict the organisation wants to be.
    #[serde(deny_unknown_fields)]
    pub struct PlanRuleInput {
        pub rule: ClashRule,
        pub severity: Severity,
        /// Of rest between shifts, or of work within a day; as it is if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub minutes: Option<i32>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }
}

impl Validate for CheckOnly {}
impl Validate for MoveQuery {}
impl Validate for PlanRuleInput {
    fn check(&self, errors: &mut FieldErrors) {
        if self.rule.is_hard() {
            say(errors, "rule", "cannot be changed: double bookings are never allowed");
        }
        if self.minutes.is_some_and(|minutes| !(0..=10_080).contains(&minutes)) {
            say(errors, "minutes", "must be between 0 and 10,080");
        } else if self.minutes.is_some() && self.rule.default().1.is_none() {
            say(errors, "minutes", "must be left out: this rule has none");
        }
    }
}
