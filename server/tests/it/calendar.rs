//! The calendar of all events: what is where, how much is planned, and what clashes.

use eventify::kernel::timestamp::Timestamp;
use serde_json::{Value, json};
use time::Duration;

use crate::browser::Browser;
use crate::partners::text;
use crate::planning::{Day, slot, works};
use crate::support::{Person, Site};

fn days_from(at: &str, days: i64) -> String {
    Timestamp::parse(at).expect("a time").plus(Duration::days(days)).rfc3339()
}

async fn seen(admin: &Person, day: &Day) -> Vec<Value> {
    let start = text(&day.event, "start_at");
    let path = format!("/production/calendar?from={}&to={}", days_from(start, -1), days_from(start, 3));
    admin.get(&path).await.expect(200)["items"].as_array().expect("events").clone()
}

#[tokio::test]
async fn the_calendar_shows_load_and_what_clashes_over_events() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let other = Day::new(&site, &admin, "b").await.beside(&day);
    admin.post("/talent/schedules", slot(&day, 0, 1)).await.expect(201);
    admin.post("/staff/assignments", works(&day, 0, 3)).await.expect(201);
    let mut shift = json!({ "role": "Rigger", "headcount": 4 });
    day.hours(&mut shift, 0, 4);
    admin.post(&format!("/events/{}/shifts", text(&day.event, "id")), shift).await.expect(201);
    // The same artist is pencilled at the other event: both say so.
    let mut twice = slot(&other, 0, 1);
    twice["talent_id"] = day.artist["id"].clone();
    twice["status"] = "pencilled".into();
    admin.post("/talent/schedules", twice).await.expect(201);
    let events = seen(&admin, &day).await;
    let of = |day: &Day| events.iter().find(|one| one["event_id"] == day.event["id"]).expect("the event").clone();
    let (mine, theirs) = (of(&day), of(&other));
    assert_eq!((&mine["entries"], &mine["crew_hours"], &mine["people_needed"]), (&json!(2), &json!(3), &json!(4)));
    assert_eq!((&mine["must_fix"], &theirs["must_fix"]), (&json!(1), &json!(1)));
    assert!(mine["same_venue"].as_array().is_some_and(Vec::is_empty), "places in words are not the same venue: {mine}");
    let first = text(&mine, "first_day");
    let mut browser = Browser::of_staff(&site, &admin);
    for view in ["month", "week"] {
        let page = browser.get(&format!("/calendar?view={view}&day={first}")).await;
        page.says(&[text(&day.event, "title"), "Must fix", "2 entries", "4 people needed", "aria-current=\"true\">"]);
    }
    browser.get("/calendar?view=week&day=2001-02-31").await.says(&["Week from"]);
    browser.get("/calendar?day=2001-02-03").await.says(&["February 2001", "No events on these days"]);
    let long = format!(
        "/production/calendar?from={}&to={}",
        days_from(text(&day.event, "start_at"), 0),
        days_from(text(&day.event, "start_at"), 63)
    );
    admin.get(&long).await.refused(422, "invalid_input");
    let stranger = site.person("nobody@example.com", "author").await;
    let path = format!(
        "/production/calendar?from={}&to={}",
        days_from(text(&day.event, "start_at"), 0),
        days_from(text(&day.event, "start_at"), 1)
    );
    stranger.get(&path).await.refused(403, "forbidden");
}
