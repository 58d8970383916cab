//! The calendar on a phone: no lanes, but days with what is on.

use eventify::kernel::timestamp::Timestamp;
use eventify::planning::CalendarEvent;
use eventify::zones::{day_in_short, day_in_words};
use leptos::prelude::*;
use time::{Date, Duration};

use super::placed::{mark, plan_of};
use super::{Days, Lane, number, read, word};

/// A day, and what stands on it.
struct Day<'l> {
    day: &'l str,
    events: Vec<(&'l Lane, &'l CalendarEvent)>,
}

/// The day on which an event is listed: today while it goes on, also after midnight, else its first that is shown.
fn listed<'d>(event: &'d CalendarEvent, shown: (&'d str, &str), (now, today): (Timestamp, &'d str)) -> &'d str {
    let (begins, ends) = (event.first_day.as_str().max(shown.0), event.last_day.as_str().min(shown.1));
    let is_on = event.starts_at <= now && now < event.ends_at && (shown.0..=shown.1).contains(&today);
    if is_on || begins <= today && today <= ends { today } else { begins }
}

/// The days on which there is something; those that are over before today are folded.
pub fn by_day(days: &Days, (now, today): (Timestamp, &str), lanes: &[Lane]) -> AnyView {
    let [first, last] = [days.all.first(), days.all.last()].map(|day| day.map_or("", String::as_str));
    let of = |day: &str| -> Vec<(&Lane, &CalendarEvent)> {
        let all = lanes.iter().flat_map(|lane| lane.events.iter().map(move |event| (lane, event)));
        let mut here: Vec<_> = all.filter(|(_, event)| listed(event, (first, last), (now, today)) == day).collect();
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
    let quiet = coming.is_empty().then(|| view! { <p class="muted">{nothing_left(days)}</p> });
    let coming = coming.iter().map(|day| one(day, today)).collect_view();
    let next = Days::of(read(&days.after).unwrap_or(Date::MIN), days.week).title();
    let next = view! { <a class="btn" href=days.href(&days.after, days.week)>{next}</a> };
    view! { <div class="cal-days">{earlier}{coming}{quiet}{next}</div> }.into_any()
}

/// Said where all that was on is over.
fn nothing_left(days: &Days) -> &'static str {
    if days.week { "Nothing more this week." } else { "Nothing more this month." }
}

fn one(day: &Day<'_>, today: &str) -> AnyView {
    let now = (day.day == today).then_some("Today, ");
    let events = day.events.iter().map(|(lane, event)| line(day.day, today, lane, event)).collect_view();
    let short = day_in_words(day.day).chars().take(3).collect::<String>();
    view! {
        <section>
            <h2 class:today=now.is_some()>
                <span aria-hidden="true"><small>{short}</small><b>{number(day.day)}</b></span>
                <span class="sr">{now}{day_in_words(day.day)}</span>
            </h2>
            <ul role="list">{events}</ul>
        </section>
    }
    .into_any()
}

/// A day beside the one that is looked at: `yesterday` where that is today, else `Fri 27 Nov,`.
fn beside(other: &str, day: &str, today: &str) -> String {
    let later = |by| read(day).and_then(|day: Date| day.checked_add(Duration::days(by))).map(word);
    match Some(other.to_owned()) {
        before if day == today && before == later(-1) => "yesterday".to_owned(),
        after if day == today && after == later(1) => "tomorrow".to_owned(),
        _ => format!("{},", day_in_short(other)),
    }
}

/// When it is, as of this day: an hour of another day says so.
fn when(event: &CalendarEvent, day: &str, today: &str) -> String {
    let (from, to) = (&event.start_time, &event.end_time);
    let before = (event.first_day.as_str() < day).then(|| beside(&event.first_day, day, today));
    let after = (event.last_day.as_str() > day).then(|| beside(&event.last_day, day, today));
    match (before, after.map(|last| last.trim_end_matches(',').to_owned())) {
        (None, None) => format!("{from}–{to}"),
        (None, Some(last)) => format!("{from}, until {last}"),
        (Some(first), None) => format!("Since {first} {from}, until {to}"),
        (Some(first), Some(last)) => format!("Since {first} {from}, until {last}"),
    }
}

fn line(day: &str, today: &str, lane: &Lane, event: &CalendarEvent) -> AnyView {
    view! {
        <li data-status=event.status.as_str()>
            <a href=plan_of(event)>
                <strong><bdi>{event.event.clone()}</bdi></strong>
                <span>{when(event, day, today)}</span>
                <small><bdi>{lane.name.clone()}</bdi></small>
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

    const NOVEMBER: (&str, &str) = ("2026-11-01", "2026-11-30");

    fn noon(day: &str) -> Timestamp {
        Timestamp::parse(&format!("{day}T12:00:00Z")).expect("a time")
    }

    #[test]
    fn what_goes_on_is_listed_today_and_all_else_where_it_begins() {
        let event = of("2026-11-26", "2026-11-28");
        let on = |today| listed(&event, NOVEMBER, (noon(today), today));
        assert_eq!([on("2026-11-25"), on("2026-11-27"), on("2026-11-29")], ["2026-11-26", "2026-11-27", "2026-11-26"]);
        // Its first day is not shown, nor is today.
        let later = ("2026-11-28", "2026-12-04");
        assert_eq!(listed(&event, later, (noon("2026-11-27"), "2026-11-27")), "2026-11-28");
        // A night that goes on after midnight takes the day before, and is on today.
        let ends_at = Timestamp::parse("2026-11-27T02:00:00Z").expect("a time");
        let night = CalendarEvent { ends_at, end_time: "02:00".to_owned(), ..of("2026-11-26", "2026-11-26") };
        let late = Timestamp::parse("2026-11-27T01:00:00Z").expect("a time");
        assert_eq!(listed(&night, NOVEMBER, (late, "2026-11-27")), "2026-11-27");
        assert_eq!(listed(&night, NOVEMBER, (noon("2026-11-27"), "2026-11-27")), "2026-11-26");
        assert_eq!(when(&night, "2026-11-27", "2026-11-27"), "Since yesterday 20:00, until 02:00");
        assert_eq!(when(&night, "2026-11-26", "2026-11-27"), "20:00–02:00");
    }

    #[test]
    fn an_hour_of_another_day_says_so() {
        let event = of("2026-11-26", "2026-11-28");
        let today = |day| when(&event, day, day);
        assert_eq!(today("2026-11-26"), "20:00, until Sat 28 Nov");
        assert_eq!(today("2026-11-27"), "Since yesterday 20:00, until tomorrow");
        assert_eq!(today("2026-11-28"), "Since Thu 26 Nov, 20:00, until 22:00");
        assert_eq!(when(&event, "2026-11-27", "2026-11-01"), "Since Thu 26 Nov, 20:00, until Sat 28 Nov");
    }
}
