//! Equipment on its way: the pick list, units handed out and taken back by code, and what is going to be short.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::partners::text;
use crate::planning::{Day, booked};
use crate::support::{Person, Site};

/// Units of the day's equipment, by these codes.
async fn units(admin: &Person, day: &Day, codes: &[(&str, Option<&str>)]) {
    let path = format!("/equipment/{}/units", text(&day.gear, "id"));
    for (code, serial) in codes {
        admin.post(&path, json!({ "code": code, "serial_number": serial })).await.expect(201);
    }
}

async fn line(admin: &Person, day: &Day) -> Value {
    let list = admin.get(&format!("/events/{}/pick-list", text(&day.event, "id"))).await.expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    list["items"][0].clone()
}

#[tokio::test]
async fn units_go_out_and_come_back_by_what_stands_on_them() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (day, other) = (Day::new(&site, &admin, "a").await, Day::new(&site, &admin, "b").await);
    let at = |day: &Day, step: &str| format!("/events/{}/equipment/{step}", text(&day.event, "id"));
    units(&admin, &day, &[("RAD-1", Some("SN-1")), ("RAD-2", Some("SN-9")), ("RAD-3", Some("SN-9"))]).await;
    let out = async |code: &'static str| admin.post(&at(&day, "check-out"), json!({ "code": code })).await;
    let refused = out("RAD-1").await;
    refused.refused(409, "invalid_transition");
    assert_eq!(refused.body["detail"], "Radio of a is not booked for this event.");
    let booking = admin.post("/production/equipment", booked(&day, 2, 0, 4)).await.expect(201);
    assert_eq!(out("RAD-7").await.body["errors"]["code"], json!(["no unit has this code or serial number"]));
    let first = out("rad-1").await.expect(201);
    assert_eq!((text(&first, "code"), text(&first, "booking_status")), ("RAD-1", "out"));
    assert_eq!(out("RAD-1").await.body["detail"], "RAD-1 is already checked out, here.");
    assert!(out("SN-9").await.body["errors"]["code"].is_array(), "two units have this serial number");
    let now = line(&admin, &day).await;
    assert_eq!((&now["status"], &now["out"], &now["returned"]), (&json!("out"), &json!(["RAD-1"]), &json!(0)));
    out("RAD-2").await.expect(201);
    assert_eq!(out("RAD-3").await.body["detail"], "All of Radio of a that this event needs were checked out.");
    // As a whole it is not back while a unit is out.
    let path = format!("/equipment-bookings/{}", text(&booking, "id"));
    let version = line(&admin, &day).await;
    assert_eq!(version["status"], "out");
    let kept = admin.get(&format!("/production/equipment/{}", text(&day.event, "id"))).await.expect(200);
    let back = json!({ "status": "returned", "version": kept["items"][0]["version"] });
    let refused = admin.patch(&path, back).await;
    assert_eq!(refused.body["detail"], "2 units are still out: check them in first.");
    // Nor is less needed than is out, and no fewer are owned than are known by their code.
    let fewer = json!({ "units": 1, "version": kept["items"][0]["version"] });
    let refused = admin.patch(&path, fewer).await;
    refused.refused(422, "invalid_input");
    assert_eq!(refused.body["errors"]["units"], json!(["must be at least the 2 that are handed out"]));
    let gear = format!("/equipment/{}", text(&day.gear, "id"));
    let version = admin.get(&gear).await.expect(200)["version"].clone();
    let refused = admin.patch(&gear, json!({ "units_owned": 2, "version": version })).await;
    refused.refused(422, "invalid_input");
    assert_eq!(refused.body["errors"]["units_owned"], json!(["must be at least 3: so many are known by their code"]));
    let elsewhere = admin.post(&at(&other, "check-in"), json!({ "code": "RAD-1" })).await;
    elsewhere.refused(409, "invalid_transition");
    let back = admin.post(&at(&day, "check-in"), json!({ "code": "SN-1" })).await.expect(200);
    assert_eq!((&back["code"], &back["booking_status"]), (&json!("RAD-1"), &json!("out")));
    // A unit that goes out and comes back again is one unit all the same.
    out("RAD-1").await.expect(201);
    admin.post(&at(&day, "check-in"), json!({ "code": "RAD-1" })).await.expect(200);
    let now = line(&admin, &day).await;
    assert_eq!((&now["out"], &now["returned"]), (&json!(["RAD-2"]), &json!(1)));
    // Checked in by mistake, all of it, and taken again.
    let back = admin.post(&at(&day, "check-in"), json!({ "code": "RAD-2" })).await.expect(200);
    assert_eq!(back["booking_status"], "returned");
    assert_eq!(out("RAD-2").await.expect(201)["booking_status"], "out");
    let broken = json!({ "code": "RAD-2", "state": "in_repair" });
    let back = admin.post(&at(&day, "check-in"), broken).await.expect(200);
    assert_eq!((&back["state"], &back["booking_status"]), (&json!("in_repair"), &json!("returned")));
    let now = line(&admin, &day).await;
    assert_eq!((&now["status"], &now["out"], &now["returned"]), (&json!("returned"), &json!([]), &json!(2)));
    assert_eq!(admin.post(&at(&day, "check-in"), json!({ "code": "RAD-2" })).await.body["detail"], "RAD-2 is not out.");
    admin.post("/production/equipment", booked(&day, 1, 6, 7)).await.expect(201);
    assert_eq!(out("RAD-2").await.body["detail"], "RAD-2 is in repair.");
    crate::planning::nothing_is_double_booked(&site, "at the end").await;
}

#[tokio::test]
async fn a_spare_takes_the_place_of_a_unit_that_came_back_broken() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let at = |step: &str| format!("/events/{}/equipment/{step}", text(&day.event, "id"));
    units(&admin, &day, &[("RAD-1", None), ("RAD-2", None), ("RAD-3", None), ("RAD-4", None)]).await;
    admin.post("/production/equipment", booked(&day, 2, 0, 4)).await.expect(201);
    let out = async |code: &'static str| admin.post(&at("check-out"), json!({ "code": code })).await;
    let back = async |code: &str, state: Value| {
        let input = if state.is_null() { json!({ "code": code }) } else { json!({ "code": code, "state": state }) };
        admin.post(&at("check-in"), input).await.expect(200)
    };
    out("RAD-1").await.expect(201);
    out("RAD-2").await.expect(201);
    assert_eq!(out("RAD-3").await.body["detail"], "All of Radio of a that this event needs were checked out.");
    // One comes back broken: one spare goes out for it, and no second one.
    assert_eq!(back("RAD-1", "in_repair".into()).await["booking_status"], "out");
    assert_eq!(out("RAD-3").await.expect(201)["booking_status"], "out");
    assert_eq!(out("RAD-4").await.body["detail"], "All of Radio of a that this event needs were checked out.");
    assert_eq!(line(&admin, &day).await["out"], json!(["RAD-2", "RAD-3"]));
    // The last ones come back, one of them given up as lost: the booking is returned, and goes out again with a spare.
    back("RAD-2", Value::Null).await;
    assert_eq!(back("RAD-3", "lost".into()).await["booking_status"], "returned");
    assert_eq!(out("RAD-4").await.expect(201)["booking_status"], "out");
    assert_eq!(back("RAD-4", Value::Null).await["booking_status"], "returned");
    // Mended, the first one has its place again, once: what is whole takes a place as before.
    let list = admin.get(&format!("/equipment/{}/units", text(&day.gear, "id"))).await.expect(200);
    let mended = json!({ "state": "ok", "version": list["items"][0]["version"] });
    admin.patch(&format!("/equipment-units/{}", text(&list["items"][0], "id")), mended).await.expect(200);
    out("RAD-1").await.refused(409, "invalid_transition");
    crate::planning::nothing_is_double_booked(&site, "at the end").await;
}

#[tokio::test]
async fn once_a_booking_is_over_no_spare_goes_out_for_it() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let at = |step: &str| format!("/events/{}/equipment/{step}", text(&day.event, "id"));
    units(&admin, &day, &[("RAD-1", None), ("RAD-2", None)]).await;
    admin.post("/production/equipment", booked(&day, 1, 0, 4)).await.expect(201);
    admin.post(&at("check-out"), json!({ "code": "RAD-1" })).await.expect(201);
    site.test.clock.advance(time::Duration::days(11));
    let mut admin = admin;
    admin.sign_in().await;
    let broken = json!({ "code": "RAD-1", "state": "in_repair" });
    assert_eq!(admin.post(&at("check-in"), broken).await.expect(200)["booking_status"], "returned");
    admin.post(&at("check-out"), json!({ "code": "RAD-2" })).await.refused(409, "invalid_transition");
}

#[tokio::test]
async fn what_stands_on_a_unit_is_no_other_units() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (day, other) = (Day::new(&site, &admin, "a").await, Day::new(&site, &admin, "b").await);
    let add = async |of: &Day, code: &str, serial: Option<&str>| {
        let path = format!("/equipment/{}/units", text(&of.gear, "id"));
        admin.post(&path, json!({ "code": code, "serial_number": serial })).await
    };
    let unit = add(&day, "RAD-1", Some("SN-1")).await.expect(201);
    // Also of another kind of equipment, and however it is written.
    let refused = add(&other, "sn-1", None).await;
    refused.refused(409, "already_exists");
    assert_eq!(refused.body["errors"]["code"], json!(["is the serial number of RAD-1: choose another one"]));
    let refused = add(&other, "RAD-2", Some("rad-1")).await;
    assert_eq!(refused.body["errors"]["serial_number"], json!(["is the code of RAD-1"]));
    // Its own code may be its serial number, and makers use one number twice.
    let own = add(&day, "RAD-3", Some("RAD-3")).await.expect(201);
    add(&day, "RAD-4", Some("SN-1")).await.expect(201);
    let path = format!("/equipment-units/{}", text(&own, "id"));
    let refused = admin.patch(&path, json!({ "serial_number": "RAD-4", "version": own["version"] })).await;
    refused.refused(409, "already_exists");
    assert_eq!(refused.body["errors"]["serial_number"], json!(["is the code of RAD-4"]));
    admin.patch(&path, json!({ "serial_number": "SN-7", "version": own["version"] })).await.expect(200);
    let cleared = json!({ "serial_number": null, "version": unit["version"] });
    let unit = admin.patch(&format!("/equipment-units/{}", text(&unit, "id")), cleared).await.expect(200);
    assert_eq!(unit["serial_number"], Value::Null);
    // At once, from two processes: one of the two has it.
    let (_, elsewhere) = site.another().await;
    let there = admin.at(&elsewhere);
    let path = format!("/equipment/{}/units", text(&other.gear, "id"));
    for n in 0..4 {
        let mark = format!("MARK-{n}");
        let (code, serial) = (json!({ "code": mark }), json!({ "code": format!("X-{n}"), "serial_number": mark }));
        let (first, second) = futures::join!(admin.post(&path, code), there.post(&path, serial));
        let mut answers = [first.status, second.status];
        answers.sort_unstable();
        assert_eq!(answers, [201, 409], "{} {}", first.body, second.body);
    }
}

#[tokio::test]
async fn a_unit_that_was_never_booked_can_be_removed() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    units(&admin, &day, &[("RAD-1", None), ("RAD-2", None), ("RAD-3", None)]).await;
    let list = admin.get(&format!("/equipment/{}/units", text(&day.gear, "id"))).await.expect(200);
    let path = |n: usize| format!("/equipment-units/{}", text(&list["items"][n], "id"));
    let mut booking = booked(&day, 1, 0, 1);
    booking["unit_id"] = list["items"][0]["id"].clone();
    let booking = admin.post("/production/equipment", booking).await.expect(201);
    admin.post("/production/equipment", booked(&day, 1, 0, 1)).await.expect(201);
    let out = format!("/events/{}/equipment/check-out", text(&day.event, "id"));
    admin.post(&out, json!({ "code": "RAD-2" })).await.expect(201);
    for n in [0, 1] {
        let refused = admin.delete(&path(n)).await;
        refused.refused(409, "invalid_transition");
        let detail = format!("RAD-{} was booked or checked out: mark it as lost instead.", n + 1);
        assert_eq!(refused.body["detail"], detail);
    }
    // A booking that was cancelled stays on record all the same.
    admin.delete(&format!("/equipment-bookings/{}", text(&booking, "id"))).await.expect(204);
    admin.delete(&path(0)).await.refused(409, "invalid_transition");
    let reader = site.person("reader@example.com", "auditor").await;
    reader.delete(&path(2)).await.refused(403, "forbidden");
    // Booked and removed at once: never both.
    let (_, elsewhere) = site.another().await;
    let there = admin.at(&elsewhere);
    let mut wish = booked(&day, 1, 5, 6);
    wish["unit_id"] = list["items"][2]["id"].clone();
    let gone = path(2);
    let (removed, wished) = futures::join!(admin.delete(&gone), there.post("/production/equipment", wish));
    let both = (removed.status.as_u16(), wished.status.as_u16());
    assert!(matches!(both, (204, 422) | (409, 201)), "{} {}", removed.body, wished.body);
    if removed.status == 204 {
        admin.delete(&path(2)).await.refused(404, "not_found");
    }
    assert_eq!(
        site.number("select count(*) from audit_logs where action = 'equipment_unit.removed'").await,
        i64::from(removed.status == 204)
    );
    let mut browser = Browser::of_staff(&site, &admin);
    browser.get(&format!("/equipment/{}", text(&day.gear, "id"))).await.says(&["Remove unit RAD-1?", "Serial number"]);
}

#[tokio::test]
async fn a_unit_goes_out_once_however_many_scan_it_over_two_processes() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    units(&admin, &day, &[("RAD-1", None)]).await;
    admin.post("/production/equipment", booked(&day, 9, 0, 4)).await.expect(201);
    let (_, elsewhere) = site.another().await;
    let there = admin.at(&elsewhere);
    let path = format!("/events/{}/equipment/check-out", text(&day.event, "id"));
    let calls = (0..16).map(|n| {
        let who = if n % 2 == 0 { &admin } else { &there };
        who.post(&path, json!({ "code": "RAD-1" }))
    });
    let answers = futures::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(site.number("select count(*) from equipment_handouts where in_at is null").await, 1);
}

#[tokio::test]
async fn a_unit_that_is_promised_to_another_event_stays() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let other = Day::new(&site, &admin, "b").await.beside(&day);
    units(&admin, &day, &[("RAD-1", None), ("RAD-2", None)]).await;
    let list = admin.get(&format!("/equipment/{}/units", text(&day.gear, "id"))).await.expect(200);
    let mut promised = booked(&other, 1, 1, 2);
    promised["equipment_id"] = day.gear["id"].clone();
    promised["unit_id"] = list["items"][0]["id"].clone();
    admin.post("/production/equipment", promised).await.expect(201);
    admin.post("/production/equipment", booked(&day, 1, 0, 4)).await.expect(201);
    let path = format!("/events/{}/equipment/check-out", text(&day.event, "id"));
    let refused = admin.post(&path, json!({ "code": "RAD-1" })).await;
    refused.refused(409, "invalid_transition");
    assert!(text(&refused.body, "detail").contains("choose another unit"), "{}", refused.body);
    admin.post(&path, json!({ "code": "RAD-2" })).await.expect(201);
}

#[tokio::test]
async fn a_shortage_over_two_events_is_shown_before_it_happens() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let other = Day::new(&site, &admin, "b").await.beside(&day);
    admin.post("/production/equipment", booked(&day, 7, 0, 4)).await.expect(201);
    let mut wish = booked(&other, 5, 2, 6);
    wish["equipment_id"] = day.gear["id"].clone();
    admin.post("/production/equipment", wish.clone()).await.refused(409, "clash");
    assert_eq!(admin.get("/equipment/shortages").await.expect(200)["items"], json!([]));
    wish["status"] = "pencilled".into();
    let pencilled = admin.post("/production/equipment", wish).await.expect(201);
    let short = admin.get("/equipment/shortages").await.expect(200)["items"].clone();
    assert_eq!(short.as_array().map(Vec::len), Some(1), "{short}");
    let one = &short[0];
    assert_eq!((&one["needed"], &one["usable"]), (&json!(12), &json!(10)));
    assert_eq!((&one["starts_at"], &one["bookings"][1]["event_id"]), (&pencilled["starts_at"], &other.event["id"]));
    let page = Browser::of_staff(&site, &admin).get("/equipment").await;
    page.says(&["Short of units", "2 short", "12 needed, 10 usable", "pencilled"]);
    admin.delete(&format!("/equipment-bookings/{}", text(&pencilled, "id"))).await.expect(204);
    assert_eq!(admin.get("/equipment/shortages").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn the_pick_list_reads_and_is_saved_as_csv() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    units(&admin, &day, &[("RAD-1", None)]).await;
    admin.post("/production/equipment", booked(&day, 3, 0, 4)).await.expect(201);
    let event = text(&day.event, "id");
    admin.post(&format!("/events/{event}/equipment/check-out"), json!({ "code": "RAD-1" })).await.expect(201);
    let mut browser = Browser::of_staff(&site, &admin);
    let page = browser.get(&format!("/events/{event}/pick-list")).await;
    page.says(&["Pick list", "Radio of a", "RAD-1", "Check out", "Check in", "Export CSV"]);
    let page = browser.get(&format!("/equipment/{}", text(&day.gear, "id"))).await;
    page.says(&["Radio of a", "RAD-1", "10 units · 10 free now"]);
    let file = admin.request(reqwest::Method::GET, &format!("/events/{event}/pick-list/export"));
    let file = file.send().await.expect("an answer").text().await.expect("a file");
    let row = file.lines().nth(1).expect("a row");
    assert!(row.starts_with("Radio of a,") && row.contains(",3,") && row.contains("RAD-1"), "{file}");
    let stranger = site.person("nobody@example.com", "author").await;
    stranger.get(&format!("/events/{event}/pick-list")).await.refused(403, "forbidden");
    // Whoever only reads sees the list and no way to hand out.
    let auditor = site.person("auditor@example.com", "auditor").await;
    let page = Browser::of_staff(&site, &auditor).get(&format!("/events/{event}/pick-list")).await;
    page.says(&["Radio of a"]).hides(&["Check out"]);
    auditor
        .post(&format!("/events/{event}/equipment/check-in"), json!({ "code": "RAD-1" }))
        .await
        .refused(403, "forbidden");
}
