//! Arrivals per minute beside those that were expected: bars and a line, and the same figures as a table.

use eventify::kernel::money::count;
use eventify::kernel::timestamp::Timestamp;
use eventify::zones::Zone;
use leptos::prelude::*;

use crate::ui::figures;

/// How many bars there are at most.
const BARS: i64 = 48;
/// Nobody for so many minutes: the arrivals have come to rest.
const REST: i64 = 30;
/// What the picture shows.
pub struct Arrivals<'a> {
    pub zone: &'a Zone,
    /// When the event begins.
    pub start_at: Timestamp,
    pub now: Timestamp,
    /// How many came in within each minute, the earliest first; minutes in which nobody came may be left out.
    pub minutes: &'a [(Timestamp, i64)],
    /// How many were expected within each minute, the earliest first.
    pub expected: &'a [(Timestamp, f64)],
    /// All of the event, however long it went on; else what matters now.
    pub whole: bool,
}

fn minute(at: Timestamp) -> i64 {
    at.0.unix_timestamp().div_euclid(60)
}

fn moment(minute: i64) -> Timestamp {
    time::OffsetDateTime::from_unix_timestamp(minute * 60)
        .map(Timestamp)
        .unwrap_or(Timestamp(time::OffsetDateTime::UNIX_EPOCH))
}

/// From when to when the picture reaches, and the minutes of one bar: the doors and the hours after them, of an event
/// that goes on for longer its last six hours, from the first to the last who came in them, or the whole of it.
fn window(start: i64, now: i64, came: &[i64], whole: bool) -> (i64, i64, i64) {
    let doors = came.first().map_or(start - 120, |first| *first).min(start - 120).max(start - 360);
    let long = now > start + 360;
    let lately = came.iter().find(|at| **at >= now - 360);
    let from = if long && !whole { lately.map_or(now - 360, |first| *first) } else { doors };
    // Where arrivals have come to rest within it the hours since then say nothing more.
    let end = came.last().filter(|last| **last >= from && now - **last >= REST).map_or(now, |last| *last + 1);
    // Of the whole of it nothing comes after whoever came last.
    let until = if whole { now + 1 } else { (start + 75).max(end) }.max(from + 60);
    // Quarters of the hour stand under it.
    let whole_hours = |from: i64| from + (until - from + 59) / 60 * 60;
    let from = from.div_euclid(30) * 30;
    let long = whole_hours(from) - from;
    let step = [1, 2, 5, 10, 15, 30, 60, 120].into_iter().find(|step| long / step <= BARS).unwrap_or(240);
    let from = from.div_euclid(step) * step;
    (from, whole_hours(from), step)
}

/// A round number above what there is, for the axis.
fn top(most: f64) -> i64 {
    let steps = [2, 4, 6, 10, 20, 40, 60, 100, 200, 400, 600, 1_000, 2_000, 4_000, 10_000];
    steps.into_iter().find(|step| *step as f64 >= most).unwrap_or(most.ceil() as i64)
}

impl Arrivals<'_> {
    /// How many come in a minute now, and how many were expected to.
    pub fn rate(&self) -> (i64, i64) {
        let now = minute(self.now);
        let recent: i64 =
            self.minutes.iter().filter(|(at, _)| (now - 5..now).contains(&minute(*at))).map(|(_, n)| n).sum();
        ((recent + 2) / 5, self.due(now, now + 1).round() as i64)
    }

    /// The last minute in which somebody came.
    pub fn last(&self) -> Option<Timestamp> {
        self.minutes.iter().rev().find(|(_, came)| *came > 0).map(|(at, _)| *at)
    }

    /// Since when nobody came, where that is long ago.
    pub fn at_rest(&self) -> Option<Timestamp> {
        self.last().filter(|at| minute(self.now) - minute(*at) >= REST)
    }

    /// Whether the picture has anybody to show: what is older than its hours is said in words alone.
    pub fn drawn(&self) -> bool {
        self.bars().0.iter().any(|(_, came, _)| *came > 0.0)
    }

    /// Whether anybody is expected at the times that are drawn.
    pub fn expects(&self) -> bool {
        self.bars().0.iter().any(|(.., due)| *due > 0.0)
    }

    /// How many were expected in a minute, from this one until before that one.
    fn due(&self, from: i64, until: i64) -> f64 {
        let within = self.expected.iter().filter(|(at, _)| (from..until).contains(&minute(*at)));
        // From zero on: the sum of nothing is below it, and would be read as “-0”.
        within.fold(0.0, |sum, (_, people)| sum + people) / (until - from).max(1) as f64
    }

    /// One bar for each step: its minute, how many came in a minute of it, and how many were expected.
    fn bars(&self) -> (Vec<(i64, f64, f64)>, i64, i64, i64) {
        let (start, now) = (minute(self.start_at), minute(self.now));
        let came: Vec<_> = self.minutes.iter().filter(|(_, n)| *n > 0).map(|(at, _)| minute(*at)).collect();
        let (from, until, step) = window(start, now, &came, self.whole);
        let bars = (from..until).step_by(usize::try_from(step).unwrap_or(1)).map(|begins| {
            let within = |at: &Timestamp| (begins..begins + step).contains(&minute(*at));
            let came: i64 = self.minutes.iter().filter(|(at, _)| within(at)).map(|(_, n)| n).sum();
            // A step that is not over yet counts by the minutes there were.
            let length = (now - begins + 1).clamp(1, step);
            (begins, came as f64 / length as f64, self.due(begins, begins + step))
        });
        (bars.collect(), from, until, step)
    }

    /// The picture.
    pub fn view(&self) -> AnyView {
        let (bars, from, until, step) = self.bars();
        let top = top(bars.iter().map(|(_, came, due)| came.max(*due)).fold(1.0, f64::max));
        let x = |at: i64| (at - from) as f64 * 100.0 / (until - from).max(1) as f64;
        let y = |rate: f64| 100.0 - rate * 100.0 / top as f64;
        let width = step as f64 * 100.0 / (until - from).max(1) as f64;
        let drawn = bars.iter().filter(|(_, came, _)| *came > 0.0).map(|(at, came, _)| {
            let (left, up) = (format!("{:.2}", x(*at) + width * 0.1), format!("{:.2}", y(*came)));
            view! { <rect x=left y=up width=format!("{:.2}", width * 0.8) height=format!("{:.2}", 100.0 - y(*came))></rect> }
        });
        let due = bars.iter().any(|(.., due)| *due > 0.0);
        let line = bars.iter().map(|(at, _, due)| format!("{:.2},{:.2}", x(*at) + width / 2.0, y(*due)));
        let line = line.collect::<Vec<_>>().join(" ");
        let line = due.then(|| view! { <polyline class="expected" points=line></polyline> });
        let now = minute(self.now);
        let today = (!self.whole && (from..until).contains(&now))
            .then(|| view! { <path class="today" d=format!("M{:.2} 0V100", x(now))></path> });
        let hours = self.hours(from, until);
        let total: i64 = self.minutes.iter().map(|(_, n)| n).sum();
        let beside = if due { ", compared with those expected" } else { "" };
        let label = format!("{} arrivals, by the minute{beside}", count(total));
        view! {
            <div class="curve arrivals">
                <div class="curve-plot">
                    <ol class="y" aria-hidden="true"><li>{count(top)}</li><li>{count(top / 2)}</li><li>"0"</li></ol>
                    <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label=label>
                        <path class="grid" d="M0 0H100M0 50H100"></path>
                        <path class="base" d="M0 100H100"></path>
                        <g class="bars">{drawn.collect_view()}</g>
                        {line}
                        {today}
                    </svg>
                    <ol class="x" aria-hidden="true">{hours.into_iter().map(|hour| view! { <li>{hour}</li> }).collect_view()}</ol>
                </div>
                {self.table(&bars)}
            </div>
        }
        .into_any()
    }

    /// What stands under the picture: hours, with the day where another one begins. Whose clocks they are is said above.
    fn hours(&self, from: i64, until: i64) -> Vec<String> {
        let mut day = self.zone.local(moment(from)).date();
        let said = |k| {
            let at = moment(from + k * (until - from) / 4);
            let own = self.zone.local(at).date();
            let new = std::mem::replace(&mut day, own) != own;
            // `28 Nov, 00:30`, of `Sat 28 Nov, 00:30 IST`.
            let brief = || self.zone.brief(at).split(' ').skip(1).take(3).collect::<Vec<_>>().join(" ");
            if new { brief() } else { self.zone.clock(at) }
        };
        (0..=4).map(said).collect()
    }

    fn hour(&self, at: i64) -> String {
        self.zone.clock(moment(at))
    }

    fn table(&self, bars: &[(i64, f64, f64)]) -> AnyView {
        let now = minute(self.now);
        let rows = bars.iter().filter(|(at, ..)| *at <= now).map(|(at, came, due)| {
            view! { <tr><th scope="row">{self.hour(*at)}</th><td class="num">{format!("{came:.0}")}</td><td class="num">{format!("{due:.0}")}</td></tr> }
        });
        let head = view! { <th scope="col">"From"</th><th scope="col">"Arrivals a minute"</th><th scope="col">"Expected"</th> };
        let rows = rows.collect_view().into_any();
        figures("more", "Arrivals by time".to_owned(), Signal::stored(false), head.into_any(), rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_holds_the_doors_and_what_came_and_few_bars() {
        let start = 1_000_000;
        for (now, first) in [(start - 200, None), (start - 30, Some(start - 100)), (start + 200, Some(start - 300))] {
            let came: Vec<_> = first.into_iter().chain(first.map(|_| now - 1)).collect();
            let (from, until, step) = window(start, now, &came, false);
            assert!(from <= start - 119 && until > start, "{from} {until}");
            assert!(first.is_none_or(|first| from <= first));
            assert!((until - from) / step <= BARS, "{} bars", (until - from) / step);
        }
        // On the second day the board shows what comes now, and the report all of it.
        let now = start + 30 * 60;
        let (from, until, step) = window(start, now, &[start - 60], false);
        assert!(now - from >= 360 && now - from < 390 + step && until >= now, "{from} {until}");
        let (from, until, step) = window(start, now, &[start - 60], true);
        assert!(from <= start - 60 && until >= now && (until - from) / step <= BARS, "{from} {until}");
        // Of a night that came to rest: from the first to the last who came, not the empty hours since.
        let (from, until, _) = window(start, now, &[start - 60, now - 300, now - 200], false);
        assert!((now - 330..=now - 300).contains(&from) && (now - 200..now - 100).contains(&until), "{from} {until}");
    }

    #[test]
    fn the_rate_is_that_of_the_last_five_minutes() {
        let zone = Zone { name: "UTC".to_owned(), changes: Vec::new() };
        let (start, now) = (moment(1_000_000), moment(1_000_000 - 15));
        let minutes: Vec<_> = (1..=10).map(|ago| (moment(minute(now) - ago), 40)).collect();
        let expected: Vec<_> = (0..30).map(|ago| (moment(minute(now) - ago), 12.2)).collect();
        let arrivals =
            Arrivals { zone: &zone, start_at: start, now, minutes: &minutes, expected: &expected, whole: false };
        assert_eq!(arrivals.rate(), (40, 12));
        assert_eq!(format!("{:.0}", arrivals.due(0, 1)), "0", "where nobody is expected");
        let (bars, _, _, step) = arrivals.bars();
        let full = bars.iter().find(|(at, ..)| *at == minute(now) - 5).map(|(_, came, _)| *came);
        assert_eq!((step, full), (5, Some(40.0)));
    }
}
