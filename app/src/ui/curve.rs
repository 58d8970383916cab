//! How a number grew from day to day: a line, and the same figures as a table.

use eventify_core::kernel::money::count;
use eventify_core::kernel::timestamp::Timestamp;
use leptos::prelude::*;

use super::chart::figures;

/// The number of a day such as `2026-11-26`.
fn number(day: &str) -> Option<i64> {
    Some(Timestamp::parse(&format!("{day}T00:00:00Z")).ok()?.0.unix_timestamp() / 86_400)
}

/// `26 Nov`, of a day such as `2026-11-26`.
fn short(day: &str) -> String {
    let at = Timestamp::parse(&format!("{day}T00:00:00Z")).map(Timestamp::display_day).unwrap_or_default();
    // Without its year: the page says which it is.
    at.rsplit_once(' ').map_or(at.clone(), |(day, _)| day.to_owned())
}

/// The day at the right end: some book also after it began.
fn last_day<'a>(days: &'a [(String, i64)], until: &'a str) -> &'a str {
    days.last().map_or(until, |(day, _)| until.max(day))
}

/// The points of a line that climbs by these steps, in percent of the picture; the day at the right end is `until`.
fn points(days: &[(String, i64)], until: i64, top: i64) -> Vec<(f64, f64)> {
    let Some(first) = days.first().and_then(|(day, _)| number(day)) else { return Vec::new() };
    let (first, span) = (first - 1, (until - first + 1).max(1));
    let (mut points, mut total) = (vec![(0.0, 100.0)], 0);
    for (day, more) in days {
        let Some(day) = number(day) else { continue };
        let x = (day - first) as f64 * 100.0 / span as f64;
        // Nothing happened in between: the line stays where it was until the day before.
        let before = ((day - first - 1) as f64 * 100.0 / span as f64).max(0.0);
        points.push((before, 100.0 - total as f64 * 100.0 / top.max(1) as f64));
        total += more;
        points.push((x, 100.0 - total as f64 * 100.0 / top.max(1) as f64));
    }
    points
}

/// The line up to today (or the last day), over the days until `until`; `top` is the most there can be. Each of `days`
/// adds to the number. With fewer than two days there is nothing to draw.
pub fn curve(title: &str, days: &[(String, i64)], today: &str, until: &str, top: i64) -> AnyView {
    let (Some(end), Some(now)) = (number(until), number(today)) else { return ().into_any() };
    let Some(first) = days.first().filter(|_| days.len() > 1) else {
        return view! { <p class="muted">"Bookings by day appear here after two days with bookings."</p> }.into_any();
    };
    let last = number(last_day(days, until)).unwrap_or(end);
    let mut line = points(days, last, top);
    let (begin, height) = (number(&first.0).unwrap_or(now) - 1, line.last().map_or(100.0, |(_, y)| *y));
    let so_far = (now.min(last) - begin) as f64 * 100.0 / (last - begin).max(1) as f64;
    if line.last().is_some_and(|(x, _)| *x < so_far) {
        line.push((so_far, height));
    }
    let text =
        |points: &[(f64, f64)]| points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ");
    let right = line.last().map_or(0.0, |(x, _)| *x);
    let area = format!("0,100 {} {right:.1},100", text(&line));
    let today_line = (now < last).then(|| view! { <path class="today" d=format!("M{so_far:.1} 0V100")></path> });
    let total: i64 = days.iter().map(|(_, more)| more).sum();
    let mut sum = 0;
    let rows = days.iter().map(|(day, more)| {
        sum += more;
        view! { <tr><th scope="row">{short(day)}</th><td class="num">{count(*more)}</td><td class="num">{count(sum)}</td></tr> }
    });
    let rows = rows.collect_view();
    let head = view! { <th scope="col">"Day"</th><th scope="col">"Seats booked"</th><th scope="col">"In total"</th> };
    view! {
        <figure class="curve" aria-labelledby="curve-title">
            <figcaption><h2 id="curve-title">{title.to_owned()}</h2></figcaption>
            <div class="curve-plot">
                <ol class="y" aria-hidden="true"><li>{count(top)}</li><li>{count(top / 2)}</li><li>"0"</li></ol>
                <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label=format!("{total} seats over {} days with bookings", days.len())>
                    <path class="grid" d="M0 0H100M0 50H100"></path>
                    <path class="base" d="M0 100H100"></path>
                    <polygon class="area" points=area></polygon>
                    {today_line}
                    <polyline class="line" points=text(&line)></polyline>
                </svg>
                <ol class="x" aria-hidden="true"><li>{short(&first.0)}</li><li>{short(last_day(days, until))}</li></ol>
            </div>
            {figures("more", "Seats by day".to_owned(), Signal::stored(false), head.into_any(), rows.into_any())}
        </figure>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_climbs_on_the_days_of_bookings() {
        let days = [("2026-11-01".to_owned(), 10), ("2026-11-05".to_owned(), 30)];
        let until = number("2026-11-10").unwrap();
        let line = points(&days, until, 40);
        assert_eq!(line.first(), Some(&(0.0, 100.0)));
        assert_eq!(line[2], (10.0, 75.0));
        assert_eq!(line[3], (40.0, 75.0), "level until the next bookings");
        assert_eq!(line[4], (50.0, 0.0));
        assert_eq!(short("2026-11-05"), "5 Nov");
    }

    #[test]
    fn the_axis_ends_with_the_last_day_of_the_table() {
        let days = [("2026-11-01".to_owned(), 10), ("2026-11-28".to_owned(), 30)];
        assert_eq!(last_day(&days, "2026-11-27"), "2026-11-28");
        assert_eq!(last_day(&days, "2026-12-01"), "2026-12-01");
    }
}
