//! Versions of a plan: what it was when it was last printed or sent, and what has changed since.

use std::collections::BTreeMap;

use operation::Validate;
use serde::Serialize;
use uuid::Uuid;

use super::{EntryKind, PlanEntry, PlanVersionId, Stage};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

wire_enum! {
    /// How a version of a plan was sent.
    pub enum VersionKind {
        /// On paper.
        Printed "printed" "Printed",
        /// To those it concerns.
        Sent "sent" "Sent",
    }

    /// How an entry has changed since a version.
    pub enum PlanChangeKind {
        /// It was not there then.
        Added "added" "Added",
        /// It has changed.
        Changed "changed" "Changed",
        /// It no longer exists.
        Removed "removed" "Removed",
    }
}

wire! {
    /// A version of a plan: what it was when it went out.
    pub struct PlanVersion {
        pub id: PlanVersionId,
        pub event_id: EventId,
        /// The first is 1.
        pub number: i32,
        pub kind: VersionKind,
        /// Who created it, if known.
        pub made_by: Option<String>,
        pub created_at: Timestamp,
    }

    /// How a plan is sent.
    #[serde(deny_unknown_fields)]
    pub struct NewPlanVersion {
        pub kind: VersionKind,
    }

    /// An entry as a version has it.
    pub struct VersionEntry {
        pub id: Uuid,
        pub kind: EntryKind,
        pub title: String,
        /// The kind, the role or the category.
        pub detail: String,
        /// The person, artist or equipment.
        pub subject_id: Option<Uuid>,
        /// The stage's name.
        pub stage: Option<String>,
        pub place: Option<String>,
        pub units: i32,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        /// Whether it is confirmed; otherwise it is pencilled.
        pub decided: bool,
    }

    /// How an entry has changed since the last version.
    pub struct PlanChange {
        pub entry_id: Uuid,
        pub kind: EntryKind,
        pub change: PlanChangeKind,
        /// The entry's title, as it is or was.
        pub title: String,
        /// The previous entry, unless it is new.
        pub was: Option<VersionEntry>,
        /// The entry, unless it was removed.
        pub now: Option<VersionEntry>,
    }
}

impl Validate for NewPlanVersion {}

impl VersionEntry {
    /// What a version keeps of an entry.
    pub fn of(entry: &PlanEntry, stages: &[Stage]) -> Self {
        let stage = entry.stage_id.and_then(|id| stages.iter().find(|stage| stage.id == id));
        Self {
            id: entry.id,
            kind: entry.kind,
            title: entry.title.clone(),
            detail: entry.detail.clone(),
            subject_id: entry.subject_id,
            stage: stage.map(|stage| stage.name.clone()),
            place: entry.place.clone(),
            units: entry.units,
            starts_at: entry.starts_at,
            ends_at: entry.ends_at,
            decided: entry.status != "pencilled",
        }
    }
}

/// What is another one now than it was, by the time it is or was at.
pub fn changes(was: &[VersionEntry], now: &[VersionEntry]) -> Vec<PlanChange> {
    let by_id = |all: &[VersionEntry]| all.iter().map(|one| (one.id, one.clone())).collect::<BTreeMap<_, _>>();
    let (was, now) = (by_id(was), by_id(now));
    let mut all: Vec<PlanChange> = Vec::new();
    for (id, new) in &now {
        let old = was.get(id);
        if old == Some(new) {
            continue;
        }
        let change = if old.is_some() { PlanChangeKind::Changed } else { PlanChangeKind::Added };
        let title = new.title.clone();
        all.push(PlanChange {
            entry_id: *id,
            kind: new.kind,
            change,
            title,
            was: old.cloned(),
            now: Some(new.clone()),
        });
    }
    for (id, old) in was.iter().filter(|(id, _)| !now.contains_key(id)) {
        let (title, was) = (old.title.clone(), Some(old.clone()));
        all.push(PlanChange { entry_id: *id, kind: old.kind, change: PlanChangeKind::Removed, title, was, now: None });
    }
    all.sort_by_key(|one| one.now.as_ref().or(one.was.as_ref()).map(|entry| (entry.starts_at, entry.id)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u128, title: &str, hour: u8) -> VersionEntry {
        let at = |hour: u8| Timestamp::parse(&format!("2026-12-12T{hour:02}:00:00Z")).unwrap();
        VersionEntry {
            id: Uuid::from_u128(n),
            kind: EntryKind::Talent,
            title: title.to_owned(),
            detail: "set".to_owned(),
            subject_id: None,
            stage: Some("Sea Stage".to_owned()),
            place: None,
            units: 1,
            starts_at: at(hour),
            ends_at: at(hour + 1),
            decided: true,
        }
    }

    #[test]
    fn what_stayed_is_no_change_and_each_other_says_what_it_was() {
        let was = [entry(1, "Stays", 10), entry(2, "Moves", 11), entry(3, "Goes", 12)];
        let now = [entry(1, "Stays", 10), entry(2, "Moves", 13), entry(4, "Comes", 9)];
        let told: Vec<_> = changes(&was, &now).into_iter().map(|one| (one.title, one.change)).collect();
        use PlanChangeKind::{Added, Changed, Removed};
        assert_eq!(
            told,
            [("Comes".to_owned(), Added), ("Goes".to_owned(), Removed), ("Moves".to_owned(), Changed)],
            "by the time it is at"
        );
        assert_eq!(changes(&was, &was), []);
    }
}
