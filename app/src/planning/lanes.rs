//! A plan in lanes: stages, the rest of the production, crew by role, equipment; and the days it takes.

use eventify::kernel::timestamp::Timestamp;
use eventify::planning::{EntryKind, Plan, PlanEntry, Shift, StageId};
use eventify::zones::{Zone, day_in_words};
use time::Duration;
use uuid::Uuid;

/// How wide the hours are together at the least, in pixels: as the style sheet has it.
const TRACK: i64 = 840;

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

impl PlanDay {
    /// `Sat 12 Dec`, for a row of them.
    pub fn short(&self) -> String {
        let first_three = |word: &str| word.chars().take(3).collect::<String>();
        self.title.split(' ').take(3).map(first_three).collect::<Vec<_>>().join(" ")
    }
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
    /// When the next one in its row begins.
    pub next_at: Option<Timestamp>,
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
/// Until then a morning is the night's before it.
const NOON: u8 = 12;

/// The day of a moment, by the clocks of the place: `2026-12-12`.
pub fn day_of(zone: &Zone, at: Timestamp) -> String {
    let local = zone.local(at);
    format!("{:04}-{:02}-{:02}", local.year(), u8::from(local.month()), local.day())
}

/// The day on whose plan something stands: the one it begins on, but the morning on which a night ends belongs to the night.
pub fn plan_day((from, to): (Timestamp, Timestamp), zone: &Zone, at: Timestamp) -> String {
    let (day, last) = (day_of(zone, at), day_of(zone, to));
    let morning = |at| zone.local(at).hour() < NOON;
    if day != last || last == day_of(zone, from) || !morning(at) || !morning(to) {
        return day;
    }
    zone.day_begins(&day, 0).map_or(day, |midnight| day_of(zone, midnight.plus(-Duration::seconds(1))))
}

/// Hours of an event, as they say which plan something stands on.
fn own(plan: &Plan) -> (Timestamp, Timestamp) {
    (plan.event.start_at, plan.event.end_at)
}

/// The event's own days and those something else begins on, in order.
pub fn days(plan: &Plan, zone: &Zone) -> Vec<PlanDay> {
    // A day later by the clocks there, until it is over; what ends at midnight has no part in that day.
    let first = day_of(zone, plan.event.start_at);
    let later = (0..MOST_DAYS).map_while(|later| zone.day_begins(&first, later)).skip(1);
    let later = later.take_while(|begins| *begins < plan.event.end_at);
    let begins =
        plan.entries.iter().map(|entry| entry.starts_at).chain(plan.shifts.iter().map(|shift| shift.starts_at));
    let all = begins.chain([plan.event.start_at]).chain(later);
    let mut days: Vec<String> = all.map(|at| plan_day(own(plan), zone, at)).collect();
    days.sort();
    days.dedup();
    days.into_iter().map(|day| PlanDay { title: day_in_words(&day), day }).collect()
}

/// The day that is looked at: the one that was asked for, else today while the event is on, else its first.
pub fn chosen(days: &[PlanDay], asked: Option<&str>, plan: &Plan, zone: &Zone, now: Timestamp) -> Option<PlanDay> {
    let on = plan.event.start_at <= now && now < plan.event.end_at;
    let its = plan_day(own(plan), zone, if on { now } else { plan.event.start_at });
    let find = |wanted: &str| days.iter().find(|day| day.day == wanted);
    asked.and_then(find).or_else(|| find(&its)).or(days.first()).cloned()
}

/// From which hour to which the board goes, for what begins on this day: whole hours, as they really pass. Equipment that
/// is kept for longer than anything else goes on past its end.
pub fn hours(plan: &Plan, zone: &Zone, day: &str) -> (Timestamp, i64) {
    let entries = plan.entries.iter().map(|entry| (entry.starts_at, entry.ends_at));
    let all = entries.chain(plan.shifts.iter().map(|shift| (shift.starts_at, shift.ends_at)));
    let all: Vec<_> = all.filter(|(from, _)| plan_day(own(plan), zone, *from) == day).collect();
    let from = all.iter().map(|(from, _)| *from).min().unwrap_or(plan.event.start_at);
    let kept = plan.entries.iter().filter(|entry| entry.kind == EntryKind::Equipment);
    let kept: Vec<_> = kept.map(|entry| (entry.starts_at, entry.ends_at)).collect();
    let to = all.iter().filter(|hours| !kept.contains(hours)).map(|(_, to)| *to).max();
    let to = to.or(all.iter().map(|(_, to)| *to).max()).unwrap_or(plan.event.end_at);
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
        next_at: None,
    }
}

/// People of a shift: `3 of 4 · needs 1`, and once it is over `3 of 4 · 1 short`.
fn shift_bar(shift: &Shift, now: Timestamp) -> Bar {
    let of = format!("{} of {}", shift.taken, shift.headcount);
    let (small, status) = match (shift.needed(now), shift.short()) {
        (0, 0) => (format!("{of} · full"), "confirmed"),
        (0, short) => (format!("{of} · {short} short"), "done"),
        (needed, _) => (format!("{of} · needs {needed}"), "needed"),
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
        next_at: None,
    }
}

fn lane(group: &'static str, title: String, small: String) -> Lane {
    Lane { group, title, small, stage: None, bars: Vec::new(), entries: Vec::new(), shifts: Vec::new() }
}

/// The lanes of what begins on a day, in the order people read them. A stage has its lane also while it is empty.
pub fn lanes(plan: &Plan, zone: &Zone, day: &str) -> Vec<Lane> {
    let stands = |at: Timestamp| plan_day(own(plan), zone, at) == day;
    let here: Vec<&PlanEntry> = plan.entries.iter().filter(|entry| stands(entry.starts_at)).collect();
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
            one.bars.push(of(entry, entry.title.clone(), entry.kind.detail_title(&entry.detail)));
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
    let shifts: Vec<&Shift> = plan.shifts.iter().filter(|shift| stands(shift.starts_at)).collect();
    let crew = |entry: &&&PlanEntry| entry.kind == EntryKind::Crew;
    let mut roles: Vec<String> = here.iter().filter(crew).map(|entry| entry.detail.clone()).collect();
    roles.extend(shifts.iter().map(|shift| shift.role.clone()));
    roles.sort();
    roles.dedup();
    for role in roles {
        let mut one = lane("Crew", role.clone(), String::new());
        one.shifts = shifts.iter().filter(|shift| shift.role == role).map(|shift| (*shift).clone()).collect();
        one.bars.extend(one.shifts.iter().map(|shift| shift_bar(shift, plan.checked_at)));
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
    for at in 0..bars.len() {
        let second = bars[at].second;
        bars[at].next_at = bars[at + 1..].iter().find(|later| later.second == second).map(|later| later.starts_at);
    }
}

/// Where the words of a bar stand, and how many of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Words {
    /// In it; what is too long ends in an ellipsis.
    Inside,
    /// Behind its end: it is too short for them, and nothing else is there.
    Beside,
    /// In it, the title alone on two lines.
    Title,
    /// Nowhere until somebody looks closer: not even a short word has room.
    Hidden,
}

/// A bar narrower than this says nothing, in pixels.
const SPEECHLESS: i64 = 36;

/// Where there is room for the words of a bar, on the narrowest board of so many hours.
pub fn words(bar: &Bar, from: Timestamp, hours: i64) -> Words {
    let pixels = |columns: i64| columns * TRACK / (hours * 12);
    let (start, length) = columns((bar.starts_at, bar.ends_at), from, hours);
    let end = start + length;
    let next = bar.next_at.map_or(hours * 12, |at| columns((at, at), from, hours).0);
    // A letter is about seven and a half pixels wide, and there is some air on both sides.
    let wide = |letters: usize| i64::try_from(letters).unwrap_or(i64::MAX / 32) * 15 / 2 + 18;
    let needed = wide(bar.title.chars().count().max(bar.small.chars().count()));
    let longest = bar.title.split(' ').map(|word| word.chars().count()).max().unwrap_or_default();
    let (inside, beside) = (pixels(length), pixels(next - end));
    if needed <= inside {
        Words::Inside
    } else if needed <= beside {
        Words::Beside
    } else if inside < SPEECHLESS {
        Words::Hidden
    } else if wide(longest) <= inside {
        Words::Title
    } else {
        Words::Inside
    }
}

/// The hours proposed for what is new on a day: the event's own where it takes one day, else as its clocks open and
/// close it, on that day.
pub fn proposed(own: (Timestamp, Timestamp), zone: &Zone, day: &str) -> (Timestamp, Timestamp) {
    let short = (own.1.0 - own.0.0) <= Duration::days(1);
    let begins = zone.day_begins(day, 0).filter(|_| !short || day != day_of(zone, own.0));
    let Some(begins) = begins else { return own };
    let at = |moment: Timestamp| {
        let clock = zone.local(moment);
        begins.plus(Duration::minutes(i64::from(clock.hour()) * 60 + i64::from(clock.minute())))
    };
    let (from, to) = (at(own.0), at(own.1));
    (from, if from < to { to } else { to.plus(Duration::days(1)) })
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
    use eventify::zones::ZoneChange;

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
            next_at: None,
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
        assert_eq!(bars.iter().map(|bar| bar.next_at).collect::<Vec<_>>(), [None, Some(bars[2].starts_at), None]);
    }

    #[test]
    fn words_that_do_not_fit_stand_beside_their_bar_where_it_is_free() {
        let from = Timestamp::parse("2026-12-12T12:00:00Z").unwrap();
        let mut one = bar("2026-12-12T12:00:00Z", "2026-12-12T12:30:00Z", "confirmed");
        one.title = "The Salt Coast".to_owned();
        assert_eq!(words(&one, from, 4), Words::Beside, "105 pixels for 123");
        assert_eq!(words(&one, from, 3), Words::Inside, "140 are enough");
        one.next_at = Some(Timestamp::parse("2026-12-12T13:00:00Z").unwrap());
        assert_eq!(words(&one, from, 4), Words::Title, "beside it is no room either, but each word has some");
        one.title = "Saltcoastersband".to_owned();
        assert_eq!(words(&one, from, 4), Words::Inside, "one long word is cut");
        assert_eq!(words(&one, from, 12), Words::Hidden, "35 pixels are too few for any");
    }

    #[test]
    fn the_morning_on_which_a_night_ends_stands_with_the_night() {
        let always = ZoneChange { since: Timestamp::MIN, offset_seconds: 0, abbreviation: "UTC".to_owned() };
        let zone = Zone { name: "UTC".to_owned(), changes: vec![always] };
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let night = (at("2026-12-12T22:00:00Z"), at("2026-12-13T06:00:00Z"));
        let day = |own, text: &str| plan_day(own, &zone, at(text));
        assert_eq!(day(night, "2026-12-12T15:00:00Z"), "2026-12-12");
        assert_eq!(day(night, "2026-12-13T02:00:00Z"), "2026-12-12", "a set after midnight");
        assert_eq!(day(night, "2026-12-13T07:00:00Z"), "2026-12-12", "load-out");
        assert_eq!(day(night, "2026-12-13T14:00:00Z"), "2026-12-13", "what is brought back in the afternoon");
        let evening = (at("2026-12-12T18:00:00Z"), at("2026-12-12T22:00:00Z"));
        assert_eq!(day(evening, "2026-12-12T02:00:00Z"), "2026-12-12");
        let weekend = (at("2026-12-11T12:00:00Z"), at("2026-12-13T22:00:00Z"));
        assert_eq!(day(weekend, "2026-12-13T08:00:00Z"), "2026-12-13", "a day of its own");
    }

    #[test]
    fn what_is_new_is_proposed_for_the_day_that_is_looked_at() {
        let always = ZoneChange { since: Timestamp::MIN, offset_seconds: 0, abbreviation: "UTC".to_owned() };
        let zone = Zone { name: "UTC".to_owned(), changes: vec![always] };
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let night = (at("2026-12-12T20:00:00Z"), at("2026-12-13T04:00:00Z"));
        assert_eq!(proposed(night, &zone, "2026-12-12"), night);
        let before = (at("2026-12-11T20:00:00Z"), at("2026-12-12T04:00:00Z"));
        assert_eq!(proposed(night, &zone, "2026-12-11"), before);
        let days = (at("2026-12-12T12:00:00Z"), at("2026-12-14T22:00:00Z"));
        let second = (at("2026-12-13T12:00:00Z"), at("2026-12-13T22:00:00Z"));
        assert_eq!(proposed(days, &zone, "2026-12-13"), second);
    }

    #[test]
    fn days_are_short_in_a_row_of_them() {
        let day = PlanDay { day: "2026-12-12".to_owned(), title: day_in_words("2026-12-12") };
        assert_eq!(day.short(), "Sat 12 Dec");
    }
}
