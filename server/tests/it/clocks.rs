//! Hours: which moment people mean, and by whose clocks they are told.

use eventify::kernel::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fixtures::{make_guests, plan, reserve};
use crate::partners::{partner, text};
use crate::support::Site;

const NO_ZONES: [&str; 10] = [
    "IST",
    "EST",
    "localtime",
    "Factory",
    "posixrules",
    "right/UTC",
    "posix/Asia/Kolkata",
    "asia/kolkata",
    "Asia/Nowhere",
    "Asia/Nowhere5",
];

#[tokio::test]
async fn a_time_zone_is_one_of_the_time_zone_database() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let owner = partner(&admin, "Owner").await;
    let mut plan = plan(&site, 5, 5);
    plan["organizer_partner_id"] = owner["id"].clone();
    let event = admin.post("/events", plan.clone()).await.expect(201);
    let path = format!("/events/{}", text(&event, "id"));
    for zone in NO_ZONES {
        plan["timezone"] = json!(zone);
        let refused = admin.post("/events", plan.clone()).await;
        refused.refused(422, "invalid_input");
        assert!(refused.body["errors"]["timezone"].is_array(), "{zone}: {}", refused.body);
        admin.patch(&path, json!({ "timezone": zone, "version": 1 })).await.refused(422, "invalid_input");
        let venue = json!({ "name": "A hall", "city": "Pune", "timezone": zone });
        admin.post("/venues", venue).await.refused(422, "invalid_input");
        let changes = format!("/time-zones/changes?timezone={zone}");
        site.anonymous().get(&changes).await.refused(422, "invalid_input");
    }
    let zones = site.anonymous().rows("/time-zones").await;
    let zones: Vec<&str> = zones.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(zones.contains(&"Asia/Kolkata") && zones.contains(&"UTC"));
    assert!(NO_ZONES.iter().all(|zone| !zones.contains(zone)));
    let kolkata = site.anonymous().get("/time-zones/changes?timezone=Asia/Kolkata").await.expect(200);
    let change = &kolkata["changes"][0];
    assert_eq!((&change["offset_seconds"], text(change, "abbreviation")), (&json!(19_800), "IST"));
    plan["timezone"] = json!("America/New_York");
    admin.post("/events", plan).await.expect(201);
}

#[tokio::test]
async fn a_host_types_hours_that_the_clocks_there_show() {
    let site = Site::start().await;
    let people = make_guests(&site, 1).await;
    let mut host = Browser::of(&site, &people[0]);
    let plan = |start, end| {
        [
            ("title", "The night the clocks change"),
            ("venue_text", "The pier"),
            ("city", "New York"),
            ("start_at", start),
            ("end_at", end),
            ("timezone", "America/New_York"),
            ("capacity", "12"),
        ]
    };
    host.get("/host/new").await.says(&["<optgroup label=\"Europe\">", "value=\"Europe/Berlin\""]);
    // Clocks go forward from 02:00 to 03:00.
    let skipped = host.post("/host/new", &plan("2027-03-14T02:30", "2027-03-14T05:00")).await.is(422, "/host/new");
    skipped.says(&["the clocks go forward from 02:00 to 03:00", "value=\"2027-03-14T02:30\""]);
    // They go back from 02:00 to 01:00: half past one comes twice, and is the first.
    let made = host.post("/host/new", &plan("2027-11-07T01:30", "2027-11-07T04:00")).await;
    let start = || async {
        let sql = "select extract(epoch from start_at)::bigint from events";
        Timestamp(time::OffsetDateTime::from_unix_timestamp(site.number(sql).await).unwrap()).rfc3339()
    };
    assert_eq!(start().await, "2027-11-07T05:30:00Z", "{}", made.text);
    made.says(&["Sun 7 Nov 2027, 01:30 EDT (GMT-4) – 04:00 EST (GMT-5)"]);
    // What nobody touches stays, though its clock shows the other one.
    let second = "update events set start_at = '2027-11-07T06:30:00Z'";
    sqlx::query(second).execute(&mut site.test.owner().await).await.expect("the second half past one");
    let id: String = sqlx::query_scalar("select id::text from events").fetch_one(&site.test.reader).await.unwrap();
    let path = format!("/host/{id}");
    let edited = [("version", "1"), ("description", "With tea")];
    let edited: Vec<_> = plan("2027-11-07T01:30", "2027-11-07T04:00").into_iter().chain(edited).collect();
    host.post(&format!("{path}/edit"), &edited).await.is(200, &path);
    assert_eq!(start().await, "2027-11-07T06:30:00Z");
    let forward = [("start_at", "2027-03-14T02:30")];
    let refused = host.post(&format!("{path}/duplicate"), &forward).await.is(422, &format!("{path}/duplicate"));
    refused.says(&["the clocks go forward", "EST (GMT-5), America/New York"]);
}

/// An event of New York, its sale and what is held there: pages, refusals and mails tell their times by its clocks.
#[tokio::test]
async fn guests_read_the_time_of_the_place_and_never_utc() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let owner = partner(&admin, "Owner").await;
    let input = json!({ "title": "Harbour lights", "city": "New York", "venue_text": "Pier 4", "capacity": 2,
                        "timezone": "America/New_York", "start_at": "2026-12-16T01:30:00Z",
                        "end_at": "2026-12-16T04:00:00Z", "organizer_partner_id": owner["id"] });
    let event = admin.post("/events", input).await.expect(201);
    let path = format!("/events/{}", text(&event, "id"));
    let kind = async |input: Value| admin.post(&format!("{path}/ticket-types"), input).await.expect(201);
    let free = kind(json!({ "name": "Free", "quota": 1 })).await;
    let paid = kind(json!({ "name": "Dear", "price": { "minor": 90_000, "currency": "INR" } })).await;
    let later = kind(json!({ "name": "Late", "sales_start_at": "2026-12-01T15:00:00Z" })).await;
    let over = kind(json!({ "name": "Early", "sales_end_at": "2026-11-01T15:00:00Z" })).await;
    admin.post(&format!("{path}/publish"), json!({})).await.expect(200);
    let people = make_guests(&site, 3).await;
    let (guest, payer, waiter) = (&people[0], &people[1], &people[2]);
    let refused = reserve(guest, &event, &later, 1).await;
    refused.refused(409, "sales_closed");
    assert_eq!(refused.body["detail"], "Late is on sale from Tue 1 Dec 2026, 10:00 EST (GMT-5).");
    let refused = reserve(guest, &event, &over, 1).await;
    assert_eq!(refused.body["detail"], "Early was on sale until Sun 1 Nov 2026, 10:00 EST (GMT-5).");

    let when = "Tue 15 Dec 2026, 20:30 – 23:00 EST (GMT-5)";
    let attendee = reserve(guest, &event, &free, 1).await.expect(201)["attendee_id"].clone();
    let held = reserve(payer, &event, &paid, 1).await.expect(201);
    let line = json!({ "ticket_type_id": free["id"], "seats": 1 });
    waiter.post(&format!("{path}/waiting-list"), line).await.expect(201);
    let slug = format!("/e/{}", text(&event, "slug"));
    let mut browser = Browser::of(&site, guest);
    browser.get("/e").await.says(&["Tue 15 Dec, 20:30 EST"]).hides(&["UTC"]);
    let hours = ["Tuesday 15 December 2026", "20:30 – 23:00 EST (GMT-5)", "On sale Tue 1 Dec 2026, 10:00 EST (GMT-5)"];
    browser.get(&slug).await.says(&hours).hides(&["UTC"]);
    browser.get(&format!("{slug}/join")).await.says(&[when, "10:00 EST (GMT-5)"]).hides(&["UTC"]);
    browser.get("/my").await.says(&["Tue 15 Dec, 20:30 EST"]).hides(&["UTC"]);
    let all = format!("/my/tickets?of={}", attendee.as_str().expect("an id"));
    let tickets = browser.get(&all).await.says(&[when]).hides(&["UTC"]);
    let (_, ticket) = tickets.text.split_once("href=\"/my/tickets/").expect("a ticket");
    let ticket = format!("/my/tickets/{}", ticket.split(['"', '/']).next().expect("an id"));
    browser.get(&ticket).await.says(&[when]).hides(&["UTC"]);
    let joined = format!("/my/in/{}", attendee.as_str().expect("an id"));
    browser.get(&joined).await.says(&["20:30 – 23:00 EST (GMT-5)"]).hides(&["UTC"]);
    let held = format!("/my/held/{}", text(&held, "id"));
    // 09:15 UTC, when what is held runs out, is a quarter past four there.
    Browser::of(&site, payer).get(&held).await.says(&["until 04:1", "EST"]).hides(&["UTC"]);

    // A seat comes free: the mail and the page say until when by the same clocks; so does the mail of a change.
    let cancel = format!("/attendees/{}/cancel", attendee.as_str().expect("an id"));
    guest.post(&cancel, json!({})).await.expect(200);
    let mut waits = Browser::of(&site, waiter);
    waits.get(&slug).await.says(&["yours until Wed 25 Nov 2026, 04:", "EST (GMT-5)"]).hides(&["UTC"]);
    let mails: Vec<Value> = sqlx::query_scalar("select payload->'mail' from job_runs where payload ? 'mail'")
        .fetch_all(&site.test.reader)
        .await
        .expect("mails");
    let of =
        |template: &str| mails.iter().find(|mail| mail["template"] == template).unwrap_or_else(|| panic!("{mails:?}"));
    assert_eq!(of("tickets_issued")["event"]["when"], "Tue 15 Dec 2026, 20:30 EST (GMT-5)");
    let until = of("seats_offered")["event"]["until"].as_str().expect("until");
    assert!(until.starts_with("Wed 25 Nov 2026, 04:") && until.ends_with("EST (GMT-5)"), "{until}");
}

#[tokio::test]
async fn days_are_those_of_each_event() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let owner = partner(&admin, "Owner").await;
    // Half past one in the night of the eleventh there; the tenth in UTC.
    let input = json!({ "title": "After hours", "city": "Mumbai", "venue_text": "The mill", "capacity": 5,
                        "timezone": "Asia/Kolkata", "start_at": "2026-12-10T20:00:00Z",
                        "end_at": "2026-12-10T22:00:00Z", "organizer_partner_id": owner["id"] });
    let event = admin.post("/events", input).await.expect(201);
    admin.post(&format!("/events/{}/publish", text(&event, "id")), json!({})).await.expect(200);
    for (query, found) in [
        ("from_day=2026-12-11", 1),
        ("from_day=2026-12-12", 0),
        ("to_day=2026-12-11", 1),
        ("to_day=2026-12-10", 0),
        ("from_day=2026-12-11&to_day=2026-12-11", 1),
        ("from_day=0001-01-01&to_day=9998-12-31", 1),
    ] {
        let page = site.anonymous().get(&format!("/events?{query}")).await.expect(200);
        assert_eq!(page["items"].as_array().map(Vec::len), Some(found), "{query}");
    }
    for bad in ["2026-02-30", "0000-01-01", "11.12.2026", "-001-01-01", "tomorrow"] {
        site.anonymous().get(&format!("/events?from_day={bad}")).await.refused(422, "invalid_input");
    }
    let mut anyone = Browser::new(&site);
    anyone.get("/e?from=2026-12-11").await.says(&["After hours", "Fri 11 Dec, 01:30 IST"]);
    anyone.get("/e?from=2026-12-12").await.hides(&["After hours"]);
}

/// Pages of guests and hosts, and what the areas they read of say, know the clocks of the event.
#[test]
fn nothing_that_guests_read_asks_for_utc() {
    fn walk(folder: &std::path::Path, found: &mut usize) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).expect("a file");
                assert!(!text.contains("display_utc"), "{}", path.display());
                *found += 1;
            }
        }
    }
    let (root, mut found) = (std::path::Path::new(env!("CARGO_MANIFEST_DIR")), 0);
    for folder in ["src/public", "../src/tickets", "../src/events", "../src/people"] {
        walk(&root.join(folder), &mut found);
    }
    assert!(found > 50, "{found} files");
}
