use std::collections::HashMap;

use super::*;
use crate::events::EventId;
use crate::planning::EntryKind;
use crate::planning::engine::{Crew, Stock};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-12-12T{text}:00Z")).unwrap()
}

fn side(id: u128, event: u128, from: &str, to: &str, firm: bool) -> Side {
    Side {
        kind: EntryKind::Talent,
        id: Uuid::from_u128(id),
        event_id: EventId(Uuid::from_u128(event)),
        event: format!("Event {event}"),
        name: format!("Act {id}"),
        title: format!("Act {id}"),
        starts_at: at(from),
        ends_at: at(to),
        firm,
        venue: Some(Uuid::from_u128(100 + event)),
        // Two places some 20 km apart.
        place: Some((19.0 + 0.18 * event as f64, 72.8)),
    }
}

fn near(kind: &str, entry: u128, other: u128) -> Near {
    Near {
        entry: Uuid::from_u128(entry),
        other: Uuid::from_u128(other),
        kind: kind.to_owned(),
        name: (kind == "stage").then(|| "Sea Stage".to_owned()),
        changeover: if kind == "stage" { 30 } else { 0 },
    }
}

fn facts(sides: Vec<Side>, near: Vec<Near>) -> Facts {
    let rules = ClashRule::ALL.iter().map(|rule| {
        let (severity, minutes) = rule.default();
        (*rule, (severity, i64::from(minutes.unwrap_or(0))))
    });
    Facts {
        sides: sides.into_iter().map(|side| (side.id, side)).collect::<HashMap<_, _>>(),
        near,
        stocks: Vec::new(),
        crew: Vec::new(),
        rules: rules.collect(),
    }
}

fn told(clashes: &[Clash]) -> Vec<(ClashRule, &str)> {
    clashes.iter().map(|clash| (clash.rule, clash.sentence.as_str())).collect()
}

#[test]
fn two_on_one_stage_are_told_once_at_the_one_that_waits_for_a_decision() {
    let sides = vec![side(1, 1, "18:00", "19:00", true), side(2, 1, "18:30", "19:30", false)];
    let clashes = judge(&facts(sides, vec![near("stage", 1, 2), near("stage", 2, 1)]));
    assert_eq!(told(&clashes), [(ClashRule::DoubleBooked, "Sea Stage already has “Act 1” at that time")]);
    let clash = &clashes[0];
    assert_eq!((clash.entry.id, clash.severity), (Uuid::from_u128(2), Severity::MustFix));
    assert_eq!((clash.starts_at, clash.ends_at), (at("18:30"), at("19:00")), "where both are");
}

#[test]
fn back_to_back_is_no_overlap_and_a_stage_wants_its_changeover() {
    let sides = || vec![side(1, 1, "18:00", "19:00", true), side(2, 1, "19:00", "20:00", true)];
    assert_eq!(told(&judge(&facts(sides(), vec![near("unit", 1, 2)]))), []);
    let clashes = judge(&facts(sides(), vec![near("stage", 1, 2)]));
    assert_eq!(told(&clashes), [(ClashRule::ShortChangeover, "Change-over 0 min, needs 30")]);
}

#[test]
fn a_person_needs_rest_and_the_way_between_two_venues() {
    let sides = vec![side(1, 1, "10:00", "12:00", true), side(2, 2, "12:20", "14:00", true)];
    let clashes = judge(&facts(sides, vec![near("person", 1, 2)]));
    assert_eq!(clashes.len(), 1, "a break is no rest: {:?}", told(&clashes));
    assert_eq!(clashes[0].rule, ClashRule::TravelTooTight);
    assert!(
        clashes[0].sentence.starts_with("20 min to get from one venue to the next, needs 5"),
        "{:?}",
        told(&clashes)
    );
    let sides = vec![side(1, 1, "06:00", "12:00", true), side(2, 1, "15:30", "20:00", true)];
    let clashes = judge(&facts(sides, vec![near("person", 1, 2)]));
    assert_eq!(told(&clashes), [(ClashRule::ShortRest, "Rest 3 h 30 min, needs 11 h")]);
}

#[test]
fn units_hours_skill_and_absence_are_told_of_one_entry_alone() {
    let mut known = facts(vec![side(1, 1, "06:00", "16:00", true)], Vec::new());
    let entry = Uuid::from_u128(1);
    let stock = |units, peak| Stock { entry, name: "Radio".to_owned(), units, usable: 10, peak, other: None };
    known.stocks = vec![stock(5, 4)];
    assert_eq!(told(&judge(&known)), []);
    known.stocks = vec![stock(6, 4)];
    assert_eq!(told(&judge(&known)), [(ClashRule::AllInUse, "All 10 of Radio are in use")]);
    known.stocks = vec![stock(7, 4)];
    assert_eq!(told(&judge(&known)), [(ClashRule::ShortOfUnits, "6 of Radio free, needs 7")]);
    known.stocks.clear();
    known.crew = vec![Crew {
        entry,
        name: "Joy Thomas".to_owned(),
        skill: Some("Rigging".to_owned()),
        can: false,
        away: true,
        other_minutes: 180,
    }];
    let clashes = judge(&known);
    assert_eq!(
        told(&clashes),
        [
            (ClashRule::NotAvailable, "Joy Thomas is not available at that time"),
            (ClashRule::SkillMissing, "The shift needs Rigging"),
            (ClashRule::LongDay, "13 h on that day, at most 12 h"),
        ]
    );
    known.rules.insert(ClashRule::LongDay, (Severity::Off, 720));
    assert_eq!(judge(&known).len(), 2, "what the organisation does not want to know is not told");
}
