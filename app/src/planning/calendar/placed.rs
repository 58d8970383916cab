//! Where the events of a lane stand: a bar over the days of each, in as few rows as hold them without overlapping.

use eventify::planning::CalendarEvent;

use super::{Days, marked};

/// Days that the words of an event are given in a month, whose columns are narrow; and with a badge behind them.
const WORDS: usize = 5;
const WORDS_AND_BADGE: usize = 7;
/// With fewer up to the end of the month they stand before the event.
const LEAST: usize = 4;

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
    /// Days that it takes with its words, which begin in its bar and run on behind it, and by how many these begin
    /// before its first: at the end of a month there is no room behind it.
    pub span: usize,
    pub shift: usize,
}

impl Placed {
    fn new(count: usize, room: usize, event: usize, (first, days): (usize, usize)) -> Placed {
        let (span, shift) = match room.min(count - first) {
            _ if days >= room => (days, 0),
            there if there >= room.min(LEAST) => (days.max(there), 0),
            _ => (days + room.min(first), room.min(first)),
        };
        Placed { event, first, days, row: 0, span, shift }
    }
}

/// Days that all words of an event would take: three letters are as wide as two thirds of a column.
fn wanted(event: &CalendarEvent) -> usize {
    let letters = event.event.chars().count() + event.start_time.len() + 1;
    let badge = if marked(event).is_some() { WORDS_AND_BADGE - WORDS + 1 } else { 0 };
    (letters * 21 + 50).div_ceil(100) + badge
}

/// All that are to be seen, earliest first, and how many rows they take.
pub fn placed(days: &Days, events: &[CalendarEvent]) -> (Vec<Placed>, usize) {
    let count = days.all.len();
    let mut all: Vec<Placed> = Vec::new();
    for (event, one) in events.iter().enumerate() {
        let shown = |day: &String| one.first_day <= *day && *day <= one.last_day;
        let Some(first) = days.all.iter().position(shown) else { continue };
        let length = days.all[first..].iter().take_while(|day| shown(day)).count();
        let room = match (days.week, marked(one)) {
            (true, _) => 0,
            (false, None) => wanted(one).min(WORDS),
            (false, Some(_)) => wanted(one).min(WORDS_AND_BADGE),
        };
        all.push(Placed::new(count, room, event, (first, length)));
    }
    all.sort_by_key(|one| (one.first, events[one.event].starts_at, one.event));
    // Of each row, the columns that are taken.
    let mut rows: Vec<Vec<bool>> = Vec::new();
    for one in &mut all {
        let from = one.first - one.shift;
        let free = |row: &Vec<bool>| row[from..from + one.span].iter().all(|taken| !taken);
        one.row = rows.iter().position(free).unwrap_or_else(|| {
            rows.push(vec![false; count]);
            rows.len() - 1
        });
        rows[one.row][from..from + one.span].fill(true);
    }
    // What nobody else took is for words that would be cut.
    for one in all.iter_mut().filter(|one| !days.week && one.shift == 0) {
        let row = &mut rows[one.row];
        while one.span < wanted(&events[one.event]) && row.get(one.first + one.span) == Some(&false) {
            row[one.first + one.span] = true;
            one.span += 1;
        }
    }
    (all, rows.len())
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::planning::calendar::read;

    fn event(first: &str, last: &str, must_fix: i64) -> CalendarEvent {
        let json = serde_json::json!({
            "event_id": "01a21cc0-cd44-7771-965f-20037b8c9906", "event": "Night", "status": "published", "place": "Hall",
            "city": "", "venue_id": null, "timezone": "UTC", "first_day": first, "last_day": last,
            "starts_at": format!("{first}T20:00:00Z"), "ends_at": format!("{last}T22:00:00Z"), "start_time": "20:00",
            "entries": 0, "crew_hours": 0, "people_needed": 0, "must_fix": must_fix, "to_check": 0, "same_venue": [],
        });
        serde_json::from_value(json).expect("an event")
    }

    pub fn of(first: &str, last: &str) -> CalendarEvent {
        event(first, last, 0)
    }

    /// Of each: first day, days, row, and all that it takes with its words.
    fn rows(week: bool, events: &[CalendarEvent]) -> Vec<(usize, usize, usize, usize, usize)> {
        let days = Days::of(read("2026-12-09").expect("a day"), week);
        let told = |one: &Placed| (one.first, one.days, one.row, one.span, one.shift);
        placed(&days, events).0.iter().map(told).collect()
    }

    #[test]
    fn bars_lie_side_by_side_and_below_each_other_only_where_they_must() {
        let nights = [of("2026-12-12", "2026-12-13"), of("2026-12-07", "2026-12-08"), of("2026-12-08", "2026-12-08")];
        // A week from Monday the 7th: the earliest first, the second below it, the third beside it.
        let week = [(0, 2, 0, 2, 0), (1, 1, 1, 1, 0), (5, 2, 0, 2, 0)];
        assert_eq!(rows(true, &nights), week);
        // In a month each has room for its words.
        let month = [(6, 2, 0, 3, 0), (7, 1, 1, 3, 0), (11, 2, 0, 3, 0)];
        assert_eq!(rows(false, &nights), month);
        // One that is marked takes room for its badge.
        assert_eq!(rows(false, &[event("2026-12-08", "2026-12-08", 1)]), [(7, 1, 0, 6, 0)]);
        assert_eq!(rows(false, &[of("2026-12-08", "2026-12-12")]), [(7, 5, 0, 5, 0)]);
    }

    #[test]
    fn long_words_take_what_is_free_behind_them() {
        let long = |day: &str| CalendarEvent { event: "The longest night of the year".to_owned(), ..of(day, day) };
        assert_eq!(rows(false, &[long("2026-12-08")]), [(7, 1, 0, 8, 0)], "all of them");
        let two = [long("2026-12-08"), of("2026-12-14", "2026-12-14")];
        assert_eq!(rows(false, &two), [(7, 1, 0, 6, 0), (13, 1, 0, 3, 0)], "up to the next");
        assert_eq!(rows(false, &[long("2026-12-27")]), [(26, 1, 0, 5, 0)], "up to the end of the month");
    }

    #[test]
    fn what_reaches_beyond_the_days_is_cut_and_words_at_the_end_stand_before() {
        assert_eq!(rows(true, &[of("2026-12-01", "2026-12-31")]), [(0, 7, 0, 7, 0)]);
        assert_eq!(rows(false, &[of("2026-12-31", "2027-01-02")]), [(30, 1, 0, 4, 3)]);
        assert_eq!(rows(false, &[of("2026-12-29", "2026-12-31")]), [(28, 3, 0, 3, 0)]);
        assert_eq!(rows(false, &[of("2027-01-29", "2027-01-31")]), []);
    }
}
