//! The calendar on a phone: no lanes, but days with what is on.

use eventify::events::{day_in_short, day_in_words};
use eventify::planning::CalendarEvent;
use leptos::prelude::*;

use super::{Days, Lane, mark, plan_of};

/// A day, and what stands on it.
struct Day<'l> {
    day: &'l str,
    events: Vec<(&'l Lane, &'l CalendarEvent)>,
}

/// The day on which an event is listed: today while it goes on, else its first that is shown.
fn listed<'d>(event: &'d CalendarEvent, first: &'d str, last: &str, today: &'d str) -> &'d str {
    let (begins, ends) = (event.first_day.as_str().max(first), event.last_day.as_str().min(last));
    if begins <= today && today <= ends { today } else { begins }
}

/// The days on which there is something; those that are over before today are folded.
pub fn by_day(days: &Days, today: &str, lanes: &[Lane]) -> AnyView {
    let [first, last] = [days.all.first(), days.all.last()].map(|day| day.map_or("", String::as_str));
    let of = |day: &str| -> Vec<(&Lane, &CalendarEvent)> {
        let all = lanes.iter().flat_map(|lane| lane.events.iter().map(move |event| (lane, event)));
        let mut here: Vec<_> = all.filter(|(_, event)| listed(event, first, last, today) == day).collect();
        here.sort_by_key(|(_, event)| event.starts_at);
        here
    };
    let all = days.all.iter().map(|day| Day { day, events: of(day) });
    let (over, coming): (Vec<_>, Vec<_>) = all.filter(|day| !day.events.is_empty()).partition(|day| day.day < today);
    let earlier = (!over.is_empty()).then(|| {
        let said = match over.iter().map(|day| day.events.len()).sum() {
            1 => "1 earlier event".to_owned(),
            n => format!("{n} earlier events"),
        };
        let over = over.iter().map(|day| one(day, today)).collect_view();
        view! { <details open=coming.is_empty()><summary>{said}</summary>{over}</details> }
    });
    let coming = coming.iter().map(|day| one(day, today)).collect_view();
    view! { <div class="cal-days">{earlier}{coming}</div> }.into_any()
}

fn one(day: &Day<'_>, today: &str) -> AnyView {
    let now = (day.day == today).then_some("Today, ");
    let events = day.events.iter().map(|(lane, event)| line(day.day, lane, event)).collect_view();
    view! {
        <section>
            <h2 class:today=now.is_some()>{now}{day_in_words(day.day)}</h2>
            <ul role="list">{events}</ul>
        </section>
    }
    .into_any()
}

/// When it is, beyond the hour: of one that goes over more than a day.
fn over_days(day: &str, event: &CalendarEvent) -> Option<String> {
    let until = (event.last_day > event.first_day).then(|| format!("until {}", day_in_short(&event.last_day)))?;
    let since = (event.first_day.as_str() < day).then(|| format!("since {}, ", day_in_short(&event.first_day)));
    Some(format!("{}{until} · ", since.unwrap_or_default()))
}

fn line(day: &str, lane: &Lane, event: &CalendarEvent) -> AnyView {
    view! {
        <li data-status=event.status.word()>
            <a href=plan_of(event)>
                <span>{event.start_time.clone()}" "<strong><bdi>{event.event.clone()}</bdi></strong></span>
                <small>{over_days(day, event)}<bdi>{lane.name.clone()}</bdi></small>
            </a>
            {mark(event)}
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planning::calendar::placed::tests::of;

    #[test]
    fn what_goes_on_is_listed_today_and_all_else_where_it_begins() {
        let event = of("2026-11-26", "2026-11-28");
        let on = |today| listed(&event, "2026-11-01", "2026-11-30", today);
        assert_eq!([on("2026-11-25"), on("2026-11-27"), on("2026-11-29")], ["2026-11-26", "2026-11-27", "2026-11-26"]);
        // Its first day is not shown, nor is today.
        assert_eq!(listed(&event, "2026-11-28", "2026-12-04", "2026-11-27"), "2026-11-28");
        assert_eq!(over_days("2026-11-26", &event).as_deref(), Some("until Sat 28 Nov · "));
        assert_eq!(over_days("2026-11-27", &event).as_deref(), Some("since Thu 26 Nov, until Sat 28 Nov · "));
        assert_eq!(over_days("2026-11-26", &of("2026-11-26", "2026-11-26")), None);
    }
}
