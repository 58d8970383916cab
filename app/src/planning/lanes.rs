//! A plan in lanes: stages, the rest of the production, crew by role, equipment; and the days it takes.

use eventify::events::{Zone, day_in_words};
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::{EntryKind, Plan, PlanEntry, Shift, StageId};
use time::Duration;
use uuid::Uuid;

/// The longest day the board draws, in hours.
pub const MOST_HOURS: i64 = 26;

/// A day of a plan, by the clocks of the place.
#[derive(Clone, PartialEq)]
pub struct PlanDay {
    /// `2026-12-12`.
    pub day: String,
    /// `Saturday 12 December 2026`.
    pub title: String,
}

/// What is drawn in a lane.
pub struct Bar {
    pub title: String,
    pub small: String,
    pub status: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// Where the list says more.
    pub anchor: String,
    /// The entry it is; a shift is none.
    pub entry: Option<Uuid>,
    /// It lies over another one.
    pub second: bool,
}

/// A lane of the board.
pub struct Lane {
    pub group: &'static str,
    pub title: String,
    pub small: String,
    /// The stage it is the lane of.
    pub stage: Option<StageId>,
    pub bars: Vec<Bar>,
    pub entries: Vec<PlanEntry>,
    pub shifts: Vec<Shift>,
}

/// More days of its own no event is shown with.
const MOST_DAYS: i64 = 31;

/// The day of a moment, by the clocks of the place: `2026-12-12`.
pub fn day_of(zone: &Zone, at: Timestamp) -> String {
    let local = zone.local(at);
    format!("{:04}-{:02}-{:02}", local.year(), u8::from(local.month()), local.day())
}

/// The event's own days and those something else begins on, in order.
pub fn days(plan: &Plan, zone: &Zone) -> Vec<PlanDay> {
    // A day later by the clocks there, until it is over; what ends at midnight has no part in that day.
    let first = day_of(zone, plan.event.start_at);
    let own = (0..MOST_DAYS).map_while(|later| zone.day_begins(&first, later)).skip(1);
    let own = own.take_while(|begins| *begins < plan.event.end_at);
    let begins =
        plan.entries.iter().map(|entry| entry.starts_at).chain(plan.shifts.iter().map(|shift| shift.starts_at));
    let mut days: Vec<String> = begins.chain([plan.event.start_at]).chain(own).map(|at| day_of(zone, at)).collect();
    days.sort();
    days.dedup();
    days.into_iter().map(|day| PlanDay { title: day_in_words(&day), day }).collect()
}

/// The day that is looked at: the one that was asked for, else today while the event is on, else its first.
pub fn chosen(days: &[PlanDay], asked: Option<&str>, plan: &Plan, zone: &Zone, now: Timestamp) -> Option<PlanDay> {
    let on = plan.event.start_at <= now && now < plan.event.end_at;
    let own = day_of(zone, if on { now } else { plan.event.start_at });
    let find = |wanted: &str| days.iter().find(|day| day.day == wanted);
    asked.and_then(find).or_else(|| find(&own)).or(days.first()).cloned()
}

/// From which hour to which the board goes, for what begins on this day: whole hours, as they really pass.
pub fn hours(plan: &Plan, zone: &Zone, day: &str) -> (Timestamp, i64) {
    let entries = plan.entries.iter().map(|entry| (entry.starts_at, entry.ends_at));
    let all = entries.chain(plan.shifts.iter().map(|shift| (shift.starts_at, shift.ends_at)));
    let all: Vec<_> = all.filter(|(from, _)| day_of(zone, *from) == day).collect();
    let from = all.iter().map(|(from, _)| *from).min().unwrap_or(plan.event.start_at);
    let to = all.iter().map(|(_, to)| *to).max().unwrap_or(plan.event.end_at);
    let local = zone.local(from);
    let from = from.plus(-Duration::minutes(i64::from(local.minute())) - Duration::seconds(i64::from(local.second())));
    let hours = ((to.0 - from.0).whole_minutes() + 59) / 60;
    (from, hours.clamp(1, MOST_HOURS))
}

fn of(entry: &PlanEntry, title: String, small: String) -> Bar {
    Bar {
        title,
        small,
        status: entry.status.clone(),
        starts_at: entry.starts_at,
        ends_at: entry.ends_at,
        anchor: format!("#entry-{}", entry.id),
        entry: Some(entry.id),
        second: false,
    }
}

/// People of a shift: `3 of 4 · needs 1`.
fn shift_bar(shift: &Shift) -> Bar {
    let missing = i64::from(shift.headcount) - shift.taken;
    let (small, status) = match missing > 0 {
        true => (format!("{} of {} · needs {missing}", shift.taken, shift.headcount), "needed"),
        false => (format!("{} of {} · full", shift.taken, shift.headcount), "confirmed"),
    };
    Bar {
        title: shift.role.clone(),
        small,
        status: status.to_owned(),
        starts_at: shift.starts_at,
        ends_at: shift.ends_at,
        anchor: format!("#shift-{}", shift.id),
        entry: None,
        second: false,
    }
}

fn lane(group: &'static str, title: String, small: String) -> Lane {
    Lane { group, title, small, stage: None, bars: Vec::new(), entries: Vec::new(), shifts: Vec::new() }
}

/// The lanes of what begins on a day, in the order people read them. A stage has its lane also while it is empty.
pub fn lanes(plan: &Plan, zone: &Zone, day: &str) -> Vec<Lane> {
    let here: Vec<&PlanEntry> = plan.entries.iter().filter(|entry| day_of(zone, entry.starts_at) == day).collect();
    let mut lanes = Vec::new();
    for stage in &plan.stages {
        let small = match stage.changeover_minutes {
            0 => String::new(),
            minutes => format!("Change-over {minutes} min"),
        };
        let mut one = lane("Stages", stage.name.clone(), small);
        one.stage = Some(stage.id);
        let on_it = |entry: &&&PlanEntry| entry.stage_id == Some(stage.id) && entry.kind != EntryKind::Equipment;
        for entry in here.iter().filter(on_it) {
            one.bars.push(of(entry, entry.title.clone(), entry.detail.replace('_', " ")));
            one.entries.push((*entry).clone());
        }
        lanes.push(one);
    }
    let mut rest = lane("Stages", "Elsewhere".to_owned(), String::new());
    for entry in here
        .iter()
        .filter(|entry| entry.stage_id.is_none() && matches!(entry.kind, EntryKind::Production | EntryKind::Talent))
    {
        rest.bars.push(of(entry, entry.title.clone(), entry.place.clone().unwrap_or_default()));
        rest.entries.push((*entry).clone());
    }
    if !rest.bars.is_empty() {
        lanes.push(rest);
    }
    let shifts: Vec<&Shift> = plan.shifts.iter().filter(|shift| day_of(zone, shift.starts_at) == day).collect();
    let crew = |entry: &&&PlanEntry| entry.kind == EntryKind::Crew;
    let mut roles: Vec<String> = here.iter().filter(crew).map(|entry| entry.detail.clone()).collect();
    roles.extend(shifts.iter().map(|shift| shift.role.clone()));
    roles.sort();
    roles.dedup();
    for role in roles {
        let mut one = lane("Crew", role.clone(), String::new());
        one.shifts = shifts.iter().filter(|shift| shift.role == role).map(|shift| (*shift).clone()).collect();
        one.bars.extend(one.shifts.iter().map(shift_bar));
        for entry in here.iter().filter(crew).filter(|entry| entry.detail == role) {
            if entry.group_id.is_none() {
                one.bars.push(of(entry, entry.title.clone(), entry.place.clone().unwrap_or_default()));
            }
            one.entries.push((*entry).clone());
        }
        lanes.push(one);
    }
    let gear = |entry: &&&PlanEntry| entry.kind == EntryKind::Equipment;
    let mut kinds: Vec<String> = here.iter().filter(gear).map(|entry| entry.title.clone()).collect();
    kinds.sort();
    kinds.dedup();
    for kind in kinds {
        let mut one = lane("Equipment", kind.clone(), String::new());
        for entry in here.iter().filter(gear).filter(|entry| entry.title == kind) {
            let units = if entry.units == 1 { "1 unit".to_owned() } else { format!("{} units", entry.units) };
            one.bars.push(of(entry, units, String::new()));
            one.entries.push((*entry).clone());
        }
        lanes.push(one);
    }
    for lane in &mut lanes {
        stack(&mut lane.bars);
    }
    lanes
}

/// What overlaps one that stands in the first row goes into the second; what is pencilled first.
fn stack(bars: &mut [Bar]) {
    bars.sort_by_key(|bar| (bar.status == "pencilled", bar.starts_at));
    let mut first: Vec<(Timestamp, Timestamp)> = Vec::new();
    for bar in bars.iter_mut() {
        bar.second = first.iter().any(|(from, to)| bar.starts_at < *to && *from < bar.ends_at);
        if !bar.second {
            first.push((bar.starts_at, bar.ends_at));
        }
    }
    bars.sort_by_key(|bar| bar.starts_at);
}

/// Which columns of five minutes these hours take, where the board begins then and has so many hours.
pub fn columns((starts_at, ends_at): (Timestamp, Timestamp), from: Timestamp, hours: i64) -> (i64, i64) {
    let most = hours * 12;
    let start = ((starts_at.0 - from.0).whole_minutes() / 5).clamp(0, most - 1);
    let end = (((ends_at.0 - from.0).whole_minutes() + 4) / 5).clamp(start + 1, most);
    (start, end - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(from: &str, to: &str, status: &str) -> Bar {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        Bar {
            title: String::new(),
            small: String::new(),
            status: status.to_owned(),
            starts_at: at(from),
            ends_at: at(to),
            anchor: String::new(),
            entry: None,
            second: false,
        }
    }

    #[test]
    fn bars_stand_in_columns_of_five_minutes_and_never_leave_the_board() {
        let from = Timestamp::parse("2026-12-12T12:00:00Z").unwrap();
        let one = bar("2026-12-12T12:10:00Z", "2026-12-12T13:00:00Z", "confirmed");
        assert_eq!(columns((one.starts_at, one.ends_at), from, 6), (2, 10));
        let long = bar("2026-12-12T11:00:00Z", "2026-12-13T13:00:00Z", "confirmed");
        assert_eq!(columns((long.starts_at, long.ends_at), from, 6), (0, 72));
    }

    #[test]
    fn what_is_pencilled_over_another_one_stands_in_the_second_row() {
        let mut bars = vec![
            bar("2026-12-12T12:00:00Z", "2026-12-12T13:00:00Z", "pencilled"),
            bar("2026-12-12T12:30:00Z", "2026-12-12T13:30:00Z", "confirmed"),
            bar("2026-12-12T13:30:00Z", "2026-12-12T14:00:00Z", "confirmed"),
        ];
        stack(&mut bars);
        assert_eq!(bars.iter().map(|bar| bar.second).collect::<Vec<_>>(), [true, false, false]);
    }
}
