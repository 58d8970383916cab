//! Changes to a plan that are not saved yet: each can be undone, and what is saved is where each entry came to stand.

use eventify::Error;
use eventify::kernel::patch::Patch;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::operations::{
    equipment_booking_update, production_schedule_update, staff_assignment_update, talent_slot_update,
};
use eventify::planning::{
    CheckOnly, Clash, EntryKind, EquipmentBookingId, EquipmentBookingPatch, Plan, PlanEntry, ProductionId,
    ProductionPatch, SlotId, StaffAssignmentId, StaffAssignmentPatch, StageId, TalentSlotPatch,
};
use time::Duration;
use uuid::Uuid;

/// What a bar moves by.
pub const STEP: i64 = 5;

/// Where an entry stands: its hours, and its stage where it is on one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub stage: Option<StageId>,
}

impl Spot {
    pub fn of(entry: &PlanEntry) -> Spot {
        Spot { starts_at: entry.starts_at, ends_at: entry.ends_at, stage: entry.stage_id }
    }

    /// So many minutes later, or only its end; nothing is shorter than a step.
    pub fn later(self, minutes: i64, end_only: bool) -> Spot {
        let by = Duration::minutes(minutes);
        let shortest = self.starts_at.plus(Duration::minutes(STEP));
        match end_only {
            true => Spot { ends_at: self.ends_at.plus(by).max(shortest), ..self },
            false => Spot { starts_at: self.starts_at.plus(by), ends_at: self.ends_at.plus(by), ..self },
        }
    }

    /// The same with what moves (the beginning, or only the end) at a full step of the clock.
    pub fn snapped(self, end_only: bool) -> Spot {
        let at = if end_only { self.ends_at } else { self.starts_at };
        let step = STEP * 60;
        let over = at.0.unix_timestamp().rem_euclid(step);
        let back = if over * 2 < step { -over } else { step - over };
        let by = Duration::seconds(back);
        match end_only {
            true => Spot { ends_at: self.ends_at.plus(by), ..self },
            false => Spot { starts_at: self.starts_at.plus(by), ends_at: self.ends_at.plus(by), ..self },
        }
    }

    /// Beside the nearest of its neighbours, with their change-over between, where one is within half an hour.
    pub fn fitted(self, neighbours: &[(Timestamp, Timestamp)], changeover: i64) -> Spot {
        let gap = Duration::minutes(changeover);
        let after = neighbours.iter().map(|(_, end)| end.plus(gap).0 - self.starts_at.0);
        let before = neighbours.iter().map(|(start, _)| start.plus(-gap).0 - self.ends_at.0);
        match after.chain(before).min_by_key(|by| by.abs()) {
            Some(by) if by.abs() <= Duration::minutes(30) => {
                Spot { starts_at: self.starts_at.plus(by), ends_at: self.ends_at.plus(by), ..self }
            }
            _ => self.snapped(false),
        }
    }
}

/// One entry, moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub kind: EntryKind,
    pub id: Uuid,
    pub title: String,
    pub from: Spot,
    pub to: Spot,
    /// What it would clash with, as it was looked at.
    pub clashes: usize,
}

/// All of them, and those that were undone.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    done: Vec<Change>,
    undone: Vec<Change>,
}

impl Changes {
    pub fn keep(&mut self, change: Change) {
        if change.from != change.to {
            self.done.push(change);
            self.undone.clear();
        }
    }

    /// Takes the last one back, and says what it was.
    pub fn undo(&mut self) -> Option<Change> {
        let last = self.done.pop()?;
        self.undone.push(last.clone());
        Some(last)
    }

    pub fn redo(&mut self) -> Option<Change> {
        let last = self.undone.pop()?;
        self.done.push(last.clone());
        Some(last)
    }

    pub fn discard(&mut self) {
        *self = Changes::default();
    }

    /// Those of this entry are saved, or not wanted.
    pub fn forget(&mut self, id: Uuid) {
        self.done.retain(|change| change.id != id);
        self.undone.clear();
    }

    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    pub fn last(&self) -> Option<&Change> {
        self.done.last()
    }

    /// Where an entry stands now, if it was moved.
    pub fn spot(&self, id: Uuid) -> Option<Spot> {
        self.done.iter().rev().find(|change| change.id == id).map(|change| change.to)
    }

    /// What is to be saved: each entry once, from where it was to where it is, the one that was moved last at the end.
    /// What is back where it was is not among them.
    pub fn to_save(&self) -> Vec<Change> {
        let mut all: Vec<Change> = Vec::new();
        for change in &self.done {
            let known = all.iter().position(|one| one.id == change.id).map(|at| all.remove(at));
            let from = known.map_or(change.from, |known| known.from);
            all.push(Change { from, ..change.clone() });
        }
        all.retain(|change| change.from != change.to);
        all
    }

    /// The plan as it would be.
    pub fn applied(&self, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        for entry in &mut plan.entries {
            if let Some(spot) = self.spot(entry.id) {
                (entry.starts_at, entry.ends_at, entry.stage_id) = (spot.starts_at, spot.ends_at, spot.stage);
            }
        }
        plan
    }

    /// Whether all that a refusal names is about to move itself: then only saving, one after the other, tells.
    pub fn moves_all(&self, named: &[Clash], id: Uuid) -> bool {
        let firm = |clash: &&Clash| clash.severity == eventify::planning::Severity::MustFix;
        let other = |clash: &Clash| match &clash.other {
            Some(other) if clash.entry.id == id => Some(other.id),
            Some(_) => Some(clash.entry.id),
            None => None,
        };
        let mut against = named.iter().filter(firm).peekable();
        against.peek().is_some() && against.all(|clash| other(clash).is_some_and(|id| self.spot(id).is_some()))
    }
}

/// Asks for the change, or only what it would come to; answers what it clashes with.
pub async fn send(change: &Change, version: i64, check: bool) -> Result<Vec<Clash>, Error> {
    let query = CheckOnly { check };
    let (starts_at, ends_at) = (Some(change.to.starts_at), Some(change.to.ends_at));
    let stage_id = match (change.from.stage == change.to.stage, change.to.stage) {
        (true, _) => Patch::Absent,
        (false, Some(stage)) => Patch::Value(stage),
        (false, None) => Patch::Null,
    };
    Ok(match change.kind {
        EntryKind::Production => {
            let patch = ProductionPatch { starts_at, ends_at, stage_id, version, ..ProductionPatch::default() };
            production_schedule_update(ProductionId(change.id), query, patch).await?.clashes
        }
        EntryKind::Talent => {
            let patch = TalentSlotPatch { starts_at, ends_at, stage_id, version, ..TalentSlotPatch::default() };
            talent_slot_update(SlotId(change.id), query, patch).await?.clashes
        }
        EntryKind::Crew => {
            let patch = StaffAssignmentPatch { starts_at, ends_at, version, ..StaffAssignmentPatch::default() };
            staff_assignment_update(StaffAssignmentId(change.id), query, patch).await?.clashes
        }
        EntryKind::Equipment => {
            let patch = EquipmentBookingPatch { starts_at, ends_at, version, ..EquipmentBookingPatch::default() };
            equipment_booking_update(EquipmentBookingId(change.id), query, patch).await?.clashes
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(&format!("2026-12-12T{text}:00Z")).unwrap()
    }

    fn spot(from: &str, to: &str) -> Spot {
        Spot { starts_at: at(from), ends_at: at(to), stage: None }
    }

    fn moved(id: u128, from: Spot, to: Spot) -> Change {
        Change { kind: EntryKind::Talent, id: Uuid::from_u128(id), title: String::new(), from, to, clashes: 0 }
    }

    #[test]
    fn a_bar_moves_in_steps_and_never_ends_before_it_begins() {
        let set = spot("19:00", "19:50");
        assert_eq!(set.later(5, false), spot("19:05", "19:55"));
        assert_eq!(set.later(-120, true), spot("19:00", "19:05"));
        assert_eq!(spot("19:03", "19:53").snapped(false), spot("19:05", "19:55"));
        assert_eq!(spot("19:02", "19:52").snapped(false), spot("19:00", "19:50"));
        assert_eq!(spot("19:00", "19:52").snapped(true), spot("19:00", "19:50"));
        // Beside a neighbour, with the change-over between.
        assert_eq!(set.fitted(&[(at("18:00"), at("18:40"))], 30), spot("19:10", "20:00"));
        assert_eq!(set.fitted(&[(at("20:15"), at("21:00"))], 30), spot("18:55", "19:45"));
        assert_eq!(set.fitted(&[(at("22:00"), at("23:00"))], 30), set);
    }

    #[test]
    fn what_is_undone_comes_back_and_each_entry_is_saved_once() {
        let (a, b, c) = (spot("19:00", "20:00"), spot("19:05", "20:05"), spot("21:00", "22:00"));
        let mut changes = Changes::default();
        changes.keep(moved(1, a, b));
        changes.keep(moved(2, c, a));
        changes.keep(moved(1, b, c));
        assert_eq!(changes.to_save(), [moved(2, c, a), moved(1, a, c)]);
        assert_eq!(changes.spot(Uuid::from_u128(1)), Some(c));
        assert_eq!(changes.undo(), Some(moved(1, b, c)));
        assert_eq!(changes.spot(Uuid::from_u128(1)), Some(b));
        assert!(changes.can_redo());
        assert_eq!(changes.redo(), Some(moved(1, b, c)));
        changes.undo();
        changes.keep(moved(1, b, a));
        assert!(!changes.can_redo(), "another step ends what could be done again");
        assert_eq!(changes.to_save(), [moved(2, c, a)], "what is back where it was is not saved");
        changes.keep(moved(3, a, a));
        assert_eq!(changes.last(), Some(&moved(1, b, a)), "what did not move is no change");
        changes.forget(Uuid::from_u128(2));
        assert_eq!(changes.to_save(), []);
    }
}
