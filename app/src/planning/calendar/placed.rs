//! Where the events of a lane stand: a bar over the days of each, in as few rows as hold them without overlapping.

use eventify::planning::CalendarEvent;

use super::Days;

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
}

/// All that are to be seen, earliest first, and how many rows they take.
pub fn placed(days: &Days, events: &[CalendarEvent]) -> (Vec<Placed>, usize) {
    let mut all: Vec<Placed> = Vec::new();
    for (event, one) in events.iter().enumerate() {
        let shown = |day: &String| one.first_day <= *day && *day <= one.last_day;
        let Some(first) = days.all.iter().position(shown) else { continue };
        let length = days.all[first..].iter().take_while(|day| shown(day)).count();
        all.push(Placed { event, first, days: length, row: 0 });
    }
    all.sort_by_key(|one| (one.first, events[one.event].starts_at, one.event));
    // Of each row, the column behind its last event.
    let mut rows: Vec<usize> = Vec::new();
    for one in &mut all {
        one.row = rows.iter().position(|free| *free <= one.first).unwrap_or_else(|| {
            rows.push(0);
            rows.len() - 1
        });
        rows[one.row] = one.first + one.days;
    }
    (all, rows.len())
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
    fn what_reaches_beyond_the_days_is_cut() {
        assert_eq!(rows(true, &[of("2026-12-01", "2026-12-31")]), [(0, 7, 0)]);
        assert_eq!(rows(false, &[of("2026-12-31", "2027-01-02")]), [(30, 1, 0)]);
        assert_eq!(rows(false, &[of("2027-01-29", "2027-01-31")]), []);
    }
}
