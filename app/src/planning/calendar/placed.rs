//! How the events of a lane stand and are drawn: a bar over the days of each, its words in it or beside it, in as few rows as hold them
//! without overlapping.

use eventify::events::EventStatus;
use eventify::planning::CalendarEvent;
use eventify::zones::day_in_short;
use leptos::prelude::*;

use super::Days;
use crate::ui::{Tone, badge};

/// How wide a day of a month is at the least, and a letter, in pixels: as the style sheet has them.
const DAY: usize = 26;
const LETTER: usize = 7;
/// Over so many days words stand beside their bar at the least, which is their hours, and at the most.
const WORDS: (usize, usize) = (4, 8);

/// Where the words of a bar stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Words {
    /// In it; what is too long ends in an ellipsis.
    Inside,
    /// Over so many days behind its end.
    Behind(usize),
    /// Before it begins, where the days end too soon behind it.
    Before(usize),
}

/// An event in its lane, in columns of days that are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Which of the lane's events.
    pub event: usize,
    /// Its first day that is shown, and over how many it goes.
    pub first: usize,
    pub days: usize,
    /// Its row in the lane, from the top.
    pub row: usize,
    pub words: Words,
}

impl Placed {
    /// The columns it takes with its words: from the first to the one behind the last.
    fn taken(&self) -> (usize, usize) {
        let (first, end) = (self.first, self.first + self.days);
        match self.words {
            Words::Inside => (first, end),
            Words::Behind(days) => (first, end + days),
            Words::Before(days) => (first - days, end),
        }
    }
}

/// Where there is room for a title: a day of a month is narrower than most.
fn words(days: &Days, title: &str, first: usize, length: usize) -> Words {
    let needed = (title.chars().count() * LETTER + LETTER * 2).div_ceil(DAY);
    let beside = needed.clamp(WORDS.0, WORDS.1);
    if days.week || needed <= length || WORDS.1 <= length {
        Words::Inside
    } else if first + length + beside <= days.all.len() {
        Words::Behind(beside)
    } else if beside <= first {
        Words::Before(beside)
    } else {
        Words::Inside
    }
}

/// All that are to be seen, earliest first, and how many rows they take.
pub fn placed(days: &Days, events: &[CalendarEvent]) -> (Vec<Placed>, usize) {
    let mut all: Vec<Placed> = Vec::new();
    for (event, one) in events.iter().enumerate() {
        let shown = |day: &String| one.first_day <= *day && *day <= one.last_day;
        let Some(first) = days.all.iter().position(shown) else { continue };
        let length = days.all[first..].iter().take_while(|day| shown(day)).count();
        all.push(Placed { event, first, days: length, row: 0, words: words(days, &one.event, first, length) });
    }
    all.sort_by_key(|one| (one.first, events[one.event].starts_at, one.event));
    // What each row holds already.
    let mut rows: Vec<Vec<(usize, usize)>> = Vec::new();
    for one in &mut all {
        let (from, to) = one.taken();
        let free = |row: &Vec<(usize, usize)>| row.iter().all(|(begins, ends)| to <= *begins || *ends <= from);
        one.row = rows.iter().position(free).unwrap_or_else(|| {
            rows.push(Vec::new());
            rows.len() - 1
        });
        rows[one.row].push((from, to));
    }
    (all, rows.len())
}

pub fn plan_of(event: &CalendarEvent) -> String {
    format!("/events/{}/plan", event.event_id)
}

/// What is to be seen to first: that it is cancelled, clashes, or is a draft.
fn marked(event: &CalendarEvent) -> Option<(Tone, &'static str)> {
    match (event.status, event.must_fix > 0 || !event.same_venue.is_empty(), event.to_check > 0) {
        (EventStatus::Cancelled, ..) => Some((Tone::Neutral, "Cancelled")),
        (_, true, _) => Some((Tone::Danger, if event.must_fix > 0 { "Must fix" } else { "Same venue" })),
        (_, false, true) => Some((Tone::Warning, "Check")),
        (EventStatus::Draft, ..) => Some((Tone::Neutral, "Draft")),
        _ => None,
    }
}

pub fn mark(event: &CalendarEvent) -> Option<AnyView> {
    marked(event).map(|(tone, said)| badge(tone, said))
}

/// When it is: `19:00–02:00`, or over days `Fri 27 Nov, 12:00, until Sun 29 Nov`.
fn hours(event: &CalendarEvent) -> String {
    let (from, to) = (&event.start_time, &event.end_time);
    match event.last_day > event.first_day {
        true => format!("{}, {from}, until {}", day_in_short(&event.first_day), day_in_short(&event.last_day)),
        false => format!("{from}–{to}"),
    }
}

/// What of it clashes, in words: `2 clashes to fix · Same venue as Open Mic`.
pub fn trouble(event: &CalendarEvent) -> Option<String> {
    let fix = (event.must_fix > 0).then(|| match event.must_fix {
        1 => "1 clash to fix".to_owned(),
        n => format!("{n} clashes to fix"),
    });
    let venue = (!event.same_venue.is_empty()).then(|| format!("Same venue as {}", event.same_venue.join(", ")));
    let check = (event.to_check > 0 && fix.is_none()).then(|| match event.to_check {
        1 => "1 clash to check".to_owned(),
        n => format!("{n} clashes to check"),
    });
    let parts: Vec<_> = [fix, venue, check].into_iter().flatten().collect();
    (!parts.is_empty() && event.status != EventStatus::Cancelled).then(|| parts.join(" · "))
}

/// How much is planned, in the order of what a day costs: entries, hours of crew, and who is missing.
fn load(event: &CalendarEvent) -> Vec<String> {
    let mut load = vec![match event.entries {
        0 => "nothing planned".to_owned(),
        1 => "1 entry".to_owned(),
        n => format!("{n} entries"),
    }];
    if event.crew_hours > 0 {
        load.push(format!("{} h of crew", event.crew_hours));
    }
    match event.people_needed {
        ..=0 => {}
        1 => load.push("1 person needed".to_owned()),
        n => load.push(format!("{n} people needed")),
    }
    load
}

/// All that is known of it, part by part.
fn said(event: &CalendarEvent) -> Vec<String> {
    let mut said = vec![hours(event)];
    said.extend(load(event));
    if event.must_fix > 0 {
        said.push(format!("{} must fix", event.must_fix));
    }
    if event.to_check > 0 {
        said.push(format!("{} to check", event.to_check));
    }
    if !event.same_venue.is_empty() {
        said.push(format!("same venue as {}", event.same_venue.join(", ")));
    }
    said
}

/// An event over all of its days that are shown, in the cell of the first. What does not fit is cut, and said whole by its
/// title and to whoever hears it.
pub fn bar(days: &Days, place: &Placed, event: &CalendarEvent) -> AnyView {
    let said = said(event);
    // What clashes goes before how much there is.
    let load = days.week.then(|| match trouble(event) {
        Some(trouble) => view! { <small class="cal-load wrong">{trouble}</small> }.into_any(),
        None => view! { <small class="cal-load">{load(event).join(" · ")}</small> }.into_any(),
    });
    let (class, room) = match place.words {
        Words::Inside => ("cal-event", None),
        Words::Behind(days) => ("cal-event beside", Some(days)),
        Words::Before(days) => ("cal-event beside before", Some(days)),
    };
    // The hour is that of its first day: where this is not shown it would be another day's.
    let when = match (days.all.first().is_some_and(|first| event.first_day < *first), room) {
        (true, _) => format!("since {}", day_in_short(&event.first_day)),
        (false, Some(_)) if event.last_day > event.first_day => {
            format!("{}, until {}", event.start_time, day_in_short(&event.last_day))
        }
        (false, Some(_)) => format!("{}–{}", event.start_time, event.end_time),
        (false, None) if !days.week => event.start_time.clone(),
        (false, None) if event.last_day > event.first_day => {
            let weekday = |day: &str| day_in_short(day).chars().take(3).collect::<String>();
            let (first, last) = (weekday(&event.first_day), weekday(&event.last_day));
            format!("{first} {} – {last} {}", event.start_time, event.end_time)
        }
        (false, None) => hours(event),
    };
    view! {
        <div class=class data-status=event.status.as_str() data-event=event.event_id.to_string() data-days=place.days data-row=place.row data-room=room>
            <a href=plan_of(event) title=format!("{} · {}", event.event, said.join(" · ")) draggable="false">
                <span class="words"><small aria-hidden="true">{when}" "</small><bdi>{event.event.clone()}</bdi></span><span class="sr">", "{said.join(", ")}</span>
            </a>
            {mark(event)}
            {load}
        </div>
    }
    .into_any()
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::planning::calendar::read;

    pub fn of(first: &str, last: &str) -> CalendarEvent {
        let json = serde_json::json!({
            "event_id": "01a21cc0-cd44-7771-965f-20037b8c9906", "event": "Night", "status": "published", "place": "Hall",
            "city": "", "venue_id": null, "timezone": "UTC", "first_day": first, "last_day": last,
            "starts_at": format!("{first}T20:00:00Z"), "ends_at": format!("{last}T22:00:00Z"), "start_time": "20:00",
            "end_time": "22:00", "entries": 0, "crew_hours": 0, "people_needed": 0, "must_fix": 0, "to_check": 0,
            "same_venue": [],
        });
        serde_json::from_value(json).expect("an event")
    }

    /// Of each: first day, days and row.
    fn rows(week: bool, events: &[CalendarEvent]) -> Vec<(usize, usize, usize)> {
        let days = Days::of(read("2026-12-09").expect("a day"), week);
        placed(&days, events).0.iter().map(|one| (one.first, one.days, one.row)).collect()
    }

    #[test]
    fn bars_lie_side_by_side_and_below_each_other_only_where_they_must() {
        let nights = [of("2026-12-12", "2026-12-13"), of("2026-12-07", "2026-12-08"), of("2026-12-08", "2026-12-08")];
        // A week from Monday the 7th: the earliest first, the second below it, the third beside it.
        assert_eq!(rows(true, &nights), [(0, 2, 0), (1, 1, 1), (5, 2, 0)]);
        assert_eq!(rows(false, &nights), [(6, 2, 0), (7, 1, 1), (11, 2, 0)]);
    }

    #[test]
    fn words_too_long_for_a_month_s_days_stand_beside_their_bar() {
        let days = Days::of(read("2026-12-09").expect("a day"), false);
        let words = |event: CalendarEvent| placed(&days, &[event]).0[0].words;
        let titled = |title: &str, event| CalendarEvent { event: title.to_owned(), ..event };
        assert_eq!(words(of("2026-12-12", "2026-12-12")), Words::Behind(4), "its hours take four days");
        assert_eq!(words(of("2026-12-12", "2026-12-13")), Words::Inside, "Night is short");
        let long = "An Evening of Hindustani Strings";
        assert_eq!(words(titled(long, of("2026-12-12", "2026-12-12"))), Words::Behind(8));
        assert_eq!(words(titled(long, of("2026-12-30", "2026-12-31"))), Words::Before(8), "the month ends there");
        assert_eq!(words(titled(long, of("2026-12-12", "2026-12-20"))), Words::Inside, "what is too long is cut");
        let week = Days::of(read("2026-12-09").expect("a day"), true);
        assert_eq!(placed(&week, &[titled(long, of("2026-12-09", "2026-12-09"))]).0[0].words, Words::Inside);
    }

    #[test]
    fn a_clash_says_what_clashes() {
        let night = of("2026-12-12", "2026-12-12");
        assert_eq!(trouble(&night), None);
        let clashing = CalendarEvent { must_fix: 2, same_venue: vec!["Open Mic".to_owned()], ..night.clone() };
        assert_eq!(trouble(&clashing).as_deref(), Some("2 clashes to fix · Same venue as Open Mic"));
        let checked = CalendarEvent { to_check: 1, ..night.clone() };
        assert_eq!(trouble(&checked).as_deref(), Some("1 clash to check"));
        let cancelled = CalendarEvent { status: EventStatus::Cancelled, must_fix: 1, ..night };
        assert_eq!(trouble(&cancelled), None);
    }

    #[test]
    fn what_reaches_beyond_the_days_is_cut() {
        assert_eq!(rows(true, &[of("2026-12-01", "2026-12-31")]), [(0, 7, 0)]);
        assert_eq!(rows(false, &[of("2026-12-31", "2027-01-02")]), [(30, 1, 0)]);
        assert_eq!(rows(false, &[of("2027-01-29", "2027-01-31")]), []);
    }
}
