//! What is wrong among entries, from what is known of them: a pure function.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::engine::{Facts, Near, Side};
use super::{Clash, ClashRule, ClashSide, Severity};
use crate::kernel::timestamp::Timestamp;

/// Under so many minutes it is a break within one shift, no rest between two.
const BREAK: i64 = 120;
/// Minutes to leave one venue and to be at work in the next one.
const ON_FOOT: f64 = 15.0;
/// Minutes for a kilometre, in a city.
const PER_KM: f64 = 2.0;

impl Side {
    fn shown(&self) -> ClashSide {
        ClashSide {
            kind: self.kind,
            id: self.id,
            event_id: self.event_id,
            event: self.event.clone(),
            title: self.title.clone(),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            firm: self.firm,
            link: format!("/events/{}/plan#entry-{}", self.event_id, self.id),
        }
    }
}

/// Minutes in hours, as people say them.
pub fn hours(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, m) => format!("{m} min"),
        (h, 0) => format!("{h} h"),
        (h, m) => format!("{h} h {m} min"),
    }
}

/// All clashes, each pair once, the most serious first.
pub fn judge(facts: &Facts) -> Vec<Clash> {
    let mut found: Vec<Clash> = facts.near.iter().flat_map(|near| between(facts, near)).collect();
    found.extend(alone(facts));
    let mut once: BTreeMap<(ClashRule, String, Uuid, Uuid), Clash> = BTreeMap::new();
    for clash in found {
        let (a, b) = (clash.entry.id, clash.other.as_ref().map_or(clash.entry.id, |other| other.id));
        let key = (clash.rule, clash.resource.clone(), a.min(b), a.max(b));
        // It is told of the one that waits for a decision.
        let better = once.get(&key).is_none_or(|known| known.entry.firm && !clash.entry.firm);
        if better {
            once.insert(key, clash);
        }
    }
    let mut all: Vec<Clash> = once.into_values().filter(|clash| clash.severity != Severity::Off).collect();
    all.sort_by_key(|a| (a.severity, a.starts_at, a.rule));
    all
}

/// What is wrong between two entries that take the same.
fn between(facts: &Facts, near: &Near) -> Vec<Clash> {
    let (Some(one), Some(other)) = (facts.sides.get(&near.entry), facts.sides.get(&near.other)) else {
        return Vec::new();
    };
    let resource = near.name.clone().unwrap_or_else(|| one.name.clone());
    let clash = |rule: ClashRule, sentence: String, (from, to): (Timestamp, Timestamp)| Clash {
        rule,
        severity: facts.rules.get(&rule).map_or(Severity::Check, |rule| rule.0),
        sentence,
        resource: resource.clone(),
        starts_at: from,
        ends_at: to,
        entry: one.shown(),
        other: Some(other.shown()),
    };
    let overlap = (one.starts_at.max(other.starts_at), one.ends_at.min(other.ends_at));
    if overlap.0 < overlap.1 {
        let at = if one.event_id == other.event_id { String::new() } else { format!(" ({})", other.event) };
        let sentence = format!("{resource} already has “{}”{at} at that time", other.title);
        return vec![clash(ClashRule::DoubleBooked, sentence, overlap)];
    }
    let gap = (overlap.1, overlap.0);
    let minutes = (gap.1.0 - gap.0.0).whole_minutes();
    let mut found = Vec::new();
    if near.kind == "stage" && minutes < near.changeover {
        let sentence = format!("Change-over {minutes} min, needs {}", near.changeover);
        found.push(clash(ClashRule::ShortChangeover, sentence, gap));
    }
    if (near.kind == "person" || near.kind == "talent")
        && let Some(needs) = travel(one, other).filter(|needs| minutes < *needs)
    {
        let sentence = format!("{} to get from one venue to the next, needs {}", hours(minutes), hours(needs));
        found.push(clash(ClashRule::TravelTooTight, sentence, gap));
    }
    let rest = facts.rules.get(&ClashRule::ShortRest).map_or(0, |rule| rule.1);
    if near.kind == "person" && (BREAK..rest).contains(&minutes) {
        let sentence = format!("Rest {}, needs {}", hours(minutes), hours(rest));
        found.push(clash(ClashRule::ShortRest, sentence, gap));
    }
    found
}

/// Minutes it takes from one entry's venue to the other's, where both are known and not the same.
fn travel(one: &Side, other: &Side) -> Option<i64> {
    if one.venue == other.venue {
        return None;
    }
    let (from, to) = one.place.zip(other.place)?;
    let (a, b) = ((from.0.to_radians(), from.1.to_radians()), (to.0.to_radians(), to.1.to_radians()));
    let half = ((b.0 - a.0) / 2.0).sin().powi(2) + a.0.cos() * b.0.cos() * ((b.1 - a.1) / 2.0).sin().powi(2);
    let km = 2.0 * 6371.0 * half.sqrt().min(1.0).asin();
    Some((ON_FOOT + km * PER_KM).ceil() as i64)
}

/// What is wrong with an entry by itself: units, absence, skill, hours.
fn alone(facts: &Facts) -> Vec<Clash> {
    let mut found = Vec::new();
    let mut add = |entry: &Uuid, rule: ClashRule, resource: &str, sentence: String, other: Option<Uuid>| {
        let Some(one) = facts.sides.get(entry) else { return };
        found.push(Clash {
            rule,
            severity: facts.rules.get(&rule).map_or(Severity::Check, |rule| rule.0),
            sentence,
            resource: resource.to_owned(),
            starts_at: one.starts_at,
            ends_at: one.ends_at,
            entry: one.shown(),
            other: other.and_then(|id| facts.sides.get(&id)).map(Side::shown),
        });
    };
    for stock in &facts.stocks {
        let (free, name) = (stock.usable - stock.peak, stock.name.as_str());
        if stock.units > free {
            let sentence = format!("{} of {name} free, needs {}", free.max(0), stock.units);
            add(&stock.entry, ClashRule::ShortOfUnits, name, sentence, stock.other);
        } else if stock.units == free {
            add(&stock.entry, ClashRule::AllInUse, name, format!("All {} of {name} are in use", stock.usable), None);
        }
    }
    let most = facts.rules.get(&ClashRule::LongDay).map_or(0, |rule| rule.1);
    for crew in &facts.crew {
        if crew.away {
            let sentence = format!("{} is not available at that time", crew.name);
            add(&crew.entry, ClashRule::NotAvailable, &crew.name, sentence, None);
        }
        if let Some(skill) = crew.skill.as_ref().filter(|_| !crew.can) {
            let sentence = format!("The shift needs {skill}");
            add(&crew.entry, ClashRule::SkillMissing, &crew.name, sentence, None);
        }
        let own = facts.sides.get(&crew.entry).map_or(0, |side| (side.ends_at.0 - side.starts_at.0).whole_minutes());
        if most > 0 && own + crew.other_minutes > most {
            let sentence = format!("{} on that day, at most {}", hours(own + crew.other_minutes), hours(most));
            add(&crew.entry, ClashRule::LongDay, &crew.name, sentence, None);
        }
    }
    found
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
