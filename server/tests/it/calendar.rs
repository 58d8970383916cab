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
    browser.get("/calendar?view=week&day=2001-02-31").await.says(&["November 2026"]);
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

/// A shift that is over needs nobody any more.
#[tokio::test]
async fn nobody_is_needed_for_a_shift_that_is_over() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let shifts = format!("/events/{}/shifts", text(&day.event, "id"));
    let over = json!({ "role": "Rigger", "headcount": 3, "starts_at": "2026-11-24T08:00:00Z",
        "ends_at": "2026-11-24T12:00:00Z" });
    admin.post(&shifts, over).await.expect(201);
    let mut shift = json!({ "role": "Gate", "skill": "Gate", "headcount": 1 });
    day.hours(&mut shift, 0, 4);
    let shift = admin.post(&shifts, shift).await.expect(201);
    let events = seen(&admin, &day).await;
    let mine = events.iter().find(|one| one["event_id"] == day.event["id"]).expect("the event");
    assert_eq!(mine["people_needed"], 1, "of the shift to come alone");
    let mut browser = Browser::of_staff(&site, &admin);
    let plan = format!("/events/{}", text(&day.event, "id"));
    let first = format!("{plan}/plan?day=2026-11-24");
    let page = browser.get(&first).await;
    page.says(&["3 short", "0 of 3 · 3 short", "1 person needed"]).hides(&["3 needed", "Offer shift", "needs 3"]);
    browser.get(&format!("{plan}/run-sheet?day=2026-11-24")).await.says(&["3 short"]).hides(&["Nobody yet"]);
    let page = browser.get(&format!("{plan}/plan?day={}", text(mine, "first_day"))).await;
    page.says(&["1 needed", "Offer shift"]);
    // Why somebody is suggested, in plain words.
    let path = format!("/shifts/{}/suggestions", text(&shift, "id"));
    let suggested = admin.get(&path).await.expect(200)["items"][0].clone();
    assert_eq!(suggested["pros"], json!(["Has the Gate skill", "Free at that time", "No other shifts that week"]));
    assert_eq!(suggested["cons"], json!([]));
}

/// A published event at a venue, so many days from now.
async fn published(site: &Site, admin: &Person, venue: &Value, days: i64) -> Value {
    let mut plan = crate::fixtures::plan(site, 10, days);
    let owner = crate::partners::partner(admin, &format!("Hall {days}")).await;
    plan["organizer_partner_id"] = owner["id"].clone();
    plan["venue_id"] = venue["id"].clone();
    plan.as_object_mut().expect("a plan").remove("venue_text");
    let event = admin.post("/events", plan).await.expect(201);
    admin.post(&format!("/events/{}/publish", text(&event, "id")), json!({})).await.expect(200)
}

#[tokio::test]
async fn before_an_event_moves_it_is_said_who_is_there() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let hall = admin.post("/venues", json!({ "name": "Hall 4", "city": "Delhi" })).await.expect(201);
    let (one, other) = (published(&site, &admin, &hall, 10).await, published(&site, &admin, &hall, 20).await);
    let draft = Day::new(&site, &admin, "a").await.event;
    let at = |event: &Value, more: &str| {
        let start = days_from(text(&other, "start_at"), 0);
        format!("/events/{}/plan/move?start_at={start}{more}", text(event, "id"))
    };
    let there = format!("&venue_id={}", text(&hall, "id"));
    let check = admin.get(&at(&one, "")).await.expect(200);
    assert_eq!(check["same_venue"], json!([other["title"]]), "it stays at its venue");
    let start = days_from(text(&other, "start_at"), 1);
    let free = admin.get(&format!("/events/{}/plan/move?start_at={start}", text(&one, "id"))).await.expect(200);
    assert_eq!(free["same_venue"], json!([]));
    assert_eq!(admin.get(&at(&draft, "")).await.expect(200)["same_venue"], json!([]), "in words it is nowhere else");
    assert_eq!(admin.get(&at(&draft, &there)).await.expect(200)["same_venue"], json!([other["title"]]));
    // What is a draft holds nothing: it is named where a draft moves there, and stops no published one.
    let mut also = crate::fixtures::plan(&site, 10, 30);
    also["organizer_partner_id"] = draft["organizer_partner_id"].clone();
    also["venue_id"] = hall["id"].clone();
    also.as_object_mut().expect("a plan").remove("venue_text");
    also["title"] = "Yacht night".into();
    let also = admin.post("/events", also).await.expect(201);
    let then = |event: &Value| {
        let start = days_from(text(&also, "start_at"), 0);
        format!("/events/{}/plan/move?start_at={start}{there}", text(event, "id"))
    };
    assert_eq!(admin.get(&then(&draft)).await.expect(200)["same_venue"], json!(["Yacht night"]));
    assert_eq!(admin.get(&then(&one)).await.expect(200)["same_venue"], json!([]));
    // Nothing of it was written.
    let still = admin.get(&format!("/events/{}", text(&one, "id"))).await.expect(200);
    assert_eq!((&still["start_at"], &still["version"]), (&one["start_at"], &one["version"]));
}

#[tokio::test]
async fn a_night_takes_one_day_and_says_until_when() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let owner = crate::partners::partner(&admin, "Night Hall").await;
    let evening = site.test.clock.now().0.replace_time(time::macros::time!(16:30)) + Duration::days(30);
    let night = async |title: &str, hours: i64| {
        let mut plan = crate::fixtures::plan(&site, 10, 30);
        plan["organizer_partner_id"] = owner["id"].clone();
        plan["title"] = title.into();
        plan["timezone"] = "Asia/Kolkata".into();
        plan["start_at"] = Timestamp(evening).rfc3339().into();
        plan["end_at"] = Timestamp(evening + Duration::hours(hours)).rfc3339().into();
        admin.post("/events", plan).await.expect(201)
    };
    // From ten in the evening until two, and until eight in the morning.
    let (short, long) = (night("Until two", 4).await, night("Until eight", 10).await);
    let path = format!(
        "/production/calendar?from={}&to={}",
        days_from(text(&short, "start_at"), -1),
        days_from(text(&short, "start_at"), 3)
    );
    let events = admin.get(&path).await.expect(200)["items"].as_array().expect("events").clone();
    let of = |event: &Value| events.iter().find(|one| one["event_id"] == event["id"]).expect("the event").clone();
    let (short, long) = (of(&short), of(&long));
    assert_eq!((text(&short, "last_day"), text(&short, "end_time")), (text(&short, "first_day"), "02:00"));
    assert!(text(&long, "last_day") > text(&long, "first_day"), "{long}");
    let mut browser = Browser::of_staff(&site, &admin);
    let page = browser.get(&format!("/calendar?day={}", text(&short, "first_day"))).await;
    page.says(&["Until two · 22:00–02:00", "22:00, until "]);
}
