//! Plans and shifts for people without an account: by secret links, which show no more than they should, answer offers
//! without signing in, and work no longer once they were replaced.

use serde_json::{Value, json};
use time::Duration;

use crate::browser::Browser;
use crate::partners::text;
use crate::planning::{Day, booked, nothing_is_double_booked, slot, works};
use crate::support::{Person, Site};

/// The path of an address that was handed out.
fn path_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest[rest.find('/').expect("a path")..].to_owned()
}

async fn link(admin: &Person, member: &Value) -> (String, String) {
    let link = admin.get(&format!("/staff/{}/link", text(member, "id"))).await.expect(200);
    let path = path_of(text(&link, "url"));
    let token = path.rsplit('/').next().expect("a token").to_owned();
    (path, token)
}

fn mails(site: &Site, template: &'static str) -> impl Future<Output = i64> {
    let sql = match template {
        "offered" => "select count(*) from job_runs where payload::text like '%shift_offered%'",
        "changed" => "select count(*) from job_runs where payload::text like '%shift_changed%'",
        _ => "select count(*) from job_runs where payload::text like '%shift_cancelled%'",
    };
    site.number(sql)
}

#[tokio::test]
async fn a_link_shows_what_is_confirmed_and_no_more_until_it_is_revoked() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let mut noted = slot(&day, 0, 1);
    noted["note"] = "Pays in cash".into();
    admin.post("/talent/schedules", noted).await.expect(201);
    let mut idea = booked(&day, 4, 0, 1);
    idea["status"] = "pencilled".into();
    admin.post("/production/equipment", idea).await.expect(201);
    let mut comes = works(&day, 0, 2);
    comes["status"] = "accepted".into();
    admin.post("/staff/assignments", comes).await.expect(201);
    let links = format!("/events/{}/plan/links", text(&day.event, "id"));
    let vendor = admin.post(&links, json!({ "name": "Sound company" })).await.expect(201);
    let team = admin.post(&links, json!({ "name": "Stage team", "shows_crew": true })).await.expect(201);
    assert_eq!(admin.get(&links).await.expect(200)["items"].as_array().map(Vec::len), Some(2));
    let mut anyone = Browser::new(&site);
    let path = path_of(text(&vendor, "url"));
    anyone
        .get(&path)
        .await
        .is(200, &path)
        .says(&["Monsoon Jazz", "The Salt Coast a", "Sea Stage", "Sound company"])
        .hides(&["Joy", "Radio", "cash"]);
    anyone.get(&path_of(text(&team, "url"))).await.says(&["The Salt Coast a", "Joy a"]).hides(&["Radio", "cash"]);
    let file = anyone.get(&path_of(text(&vendor, "calendar_url"))).await;
    file.says(&["BEGIN:VCALENDAR", "SUMMARY:The Salt Coast a", "END:VCALENDAR"]).hides(&["Joy", "cash"]);
    // Neither a guessed token nor another link's opens it, and it is not said whether there is such a link.
    let token = |of: &Value| text(of, "url").rsplit('/').next().expect("a token").to_owned();
    let id = |of: &Value| text(&of["link"], "id").to_owned();
    for (link, token) in [
        (id(&vendor), token(&team)),
        (id(&vendor), "AAAA".to_owned()),
        (eventify::kernel::clock::new_uuid().to_string(), token(&vendor)),
    ] {
        let shared = format!("/plan-links/{link}?token={token}");
        site.anonymous().get(&shared).await.refused(410, "link_invalid");
        anyone.get(&format!("/p/{link}/{token}")).await.says(&["This link no longer works"]);
    }
    admin.delete(&format!("/plan-links/{}", id(&vendor))).await.expect(204);
    anyone.get(&path).await.says(&["This link no longer works"]).hides(&["Salt Coast"]);
    anyone.get(&path_of(text(&team, "url"))).await.says(&["The Salt Coast a"]);
    // Who may not plan makes no links.
    let reader = site.person("reader@example.com", "auditor").await;
    reader.post(&links, json!({ "name": "Mine" })).await.refused(403, "forbidden");
    reader.get(&links).await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_calendar_and_a_time_sheet_tell_a_night_with_an_hour_more_as_long_as_it_is() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let path = format!("/events/{}", text(&day.event, "id"));
    let zone = json!({ "timezone": "Europe/Oslo", "version": day.event["version"] });
    admin.patch(&path, zone).await.expect(200);
    let mut night = works(&day, 0, 1);
    // 02:00 comes twice in it: from 22:00 to 06:00 by the clocks on the wall are nine hours.
    night["starts_at"] = "2026-10-24T22:00:00+02:00".into();
    night["ends_at"] = "2026-10-25T06:00:00+01:00".into();
    night["status"] = "accepted".into();
    admin.post("/staff/assignments", night).await.expect(201);
    let team = json!({ "name": "Team", "shows_crew": true });
    let team = admin.post(&format!("{path}/plan/links"), team).await.expect(201);
    let file = Browser::new(&site).get(&path_of(text(&team, "calendar_url"))).await;
    file.says(&["DTSTART:20261024T200000Z", "DTEND:20261025T050000Z"]);
    let sheet = admin.get(&format!("{path}/time-sheet")).await;
    let sheet = sheet.body.as_str().expect("a file").to_owned();
    let cells = "Joy a,Gate steward,,accepted,2026-10-24 22:00+02:00,2026-10-25 06:00+01:00,,,540,600.00,5400.00,INR";
    assert!(sheet.contains(cells), "{sheet}");
}

#[tokio::test]
async fn an_offer_is_mailed_and_answered_without_signing_in() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let staff = format!("/staff/{}", text(&day.member, "id"));
    let mut member =
        json!({ "full_name": "Joy Thomas", "email": "joy@example.com", "rate_minor": 60_000, "version": 1 });
    admin.put(&staff, member.clone()).await.expect(200);
    member["full_name"] = "Leela Menon".into();
    member["email"] = "leela@example.com".into();
    member.as_object_mut().expect("a body").remove("version");
    member["phone"] = "+919820000041".into();
    let lead = admin.post("/staff", member).await.expect(201);
    let mut shift = json!({ "role": "Gate steward", "headcount": 2, "place": "North gate", "lead_id": lead["id"] });
    day.hours(&mut shift, 0, 4);
    let shift = admin.post(&format!("/events/{}/shifts", text(&day.event, "id")), shift).await.expect(201);
    let offer = json!({ "event_id": day.event["id"], "staff_id": day.member["id"], "shift_id": shift["id"] });
    admin.post("/staff/assignments?check=true", offer.clone()).await.expect(201);
    assert_eq!(mails(&site, "offered").await, 0, "a dry run tells nobody");
    let offer = admin.post("/staff/assignments", offer).await.expect(201);
    assert_eq!(mails(&site, "offered").await, 1);
    let (page, token) = link(&admin, &day.member).await;
    let mut phone = Browser::new(&site);
    let told = ["1 offer for you, Joy", "North gate", "Leela Menon", "+91 98200 00041", "Accept", "Decline"];
    phone.get(&page).await.is(200, &page).says(&told);
    let still = admin.get(&format!("/staff/assignments/{}", text(&day.event, "id"))).await.expect(200);
    assert_eq!(still["items"][0]["status"], "offered", "looking answers nothing");
    let id = text(&offer, "id");
    phone.post(&format!("{page}/{id}/answer"), &[("answer", "accepted")]).await.says(&["Accepted", "Your shifts, Joy"]);
    // The same answer again changes nothing, also where it comes twice at once.
    let answer = json!({ "token": token, "answer": "accepted" });
    let again = site.anonymous().post(&format!("/staff-assignments/{id}/answer"), answer).await.expect(200);
    assert_eq!(again["status"], "accepted");
    // Moved by a planner: told. Moved to where it is: not.
    let read = async || {
        let all = admin.get(&format!("/staff/assignments/{}", text(&day.event, "id"))).await.expect(200);
        all["items"].as_array().expect("all").iter().find(|one| one["id"] == offer["id"]).cloned().expect("it")
    };
    let mut moved = json!({ "version": read().await["version"] });
    day.hours(&mut moved, 1, 5);
    admin.patch(&format!("/staff-assignments/{id}"), moved).await.expect(200);
    assert_eq!(mails(&site, "changed").await, 1);
    let note = json!({ "note": "Brings a ladder", "version": read().await["version"] });
    admin.patch(&format!("/staff-assignments/{id}"), note).await.expect(200);
    assert_eq!(mails(&site, "changed").await, 1, "a note of the planners is no news");
    // Asking to swap is seen by the planners; the shift stays theirs until it is declined.
    phone
        .post(&format!("{page}/{id}/swap"), &[("asked", "yes"), ("note", "An exam")])
        .await
        .says(&["You asked to swap"]);
    let asked = read().await;
    assert_eq!((&asked["status"], &asked["swap_note"]), (&json!("accepted"), &json!("An exam")));
    let plan = admin.get(&format!("/events/{}/plan", text(&day.event, "id"))).await.expect(200);
    assert_eq!(plan["entries"][0]["swap_asked_at"], asked["swap_asked_at"]);
    phone.post(&format!("{page}/{id}/answer"), &[("answer", "declined")]).await.says(&["Declined"]);
    assert_eq!(site.number("select count(*) from plan_holds").await, 0, "who declined is free");
    let late = phone.post(&format!("{page}/{id}/answer"), &[("answer", "accepted")]).await;
    late.says(&["You have declined this shift"]);
    let answers = "select count(*) from audit_logs where action = 'staff_assignment.answered'";
    let swaps = "select count(*) from audit_logs where action = 'staff_assignment.swap_asked'";
    assert_eq!(
        (site.number(answers).await, site.number(swaps).await),
        (2, 1),
        "a row for each step, none for one again"
    );
    // Offered again, then cancelled with the event: told each time.
    let offered = json!({ "status": "offered", "version": read().await["version"] });
    admin.patch(&format!("/staff-assignments/{id}"), offered).await.expect(200);
    assert_eq!(mails(&site, "offered").await, 2);
    assert_eq!(read().await["swap_asked_at"], Value::Null, "what was asked before is over");
    let path = format!("/events/{}/cancel", text(&day.event, "id"));
    admin.post(&path, json!({ "reason": "The roof leaks" })).await.expect(200);
    assert_eq!(mails(&site, "cancelled").await, 1);
    nothing_is_double_booked(&site, "at the end").await;
}

#[tokio::test]
async fn a_shift_is_come_to_and_left_by_ones_own_link_and_paid_by_what_was_worked() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let mut comes = works(&day, 0, 4);
    comes["status"] = "accepted".into();
    let comes = admin.post("/staff/assignments", comes).await.expect(201);
    let (page, token) = link(&admin, &day.member).await;
    let step = format!("/staff-assignments/{}/step", text(&comes, "id"));
    let go = async |step_is: &str| site.anonymous().post(&step, json!({ "token": token, "step": step_is })).await;
    let early = go("in").await;
    early.refused(409, "invalid_transition");
    assert!(text(&early.body, "detail").starts_with("Check-in opens on "), "{}", early.body);
    let start = eventify::kernel::timestamp::Timestamp::parse(text(&comes, "starts_at")).expect("a time");
    site.test.clock.advance(start.0 - site.test.clock.now().0 - Duration::minutes(10));
    let mut phone = Browser::new(&site);
    phone.get(&page).await.says(&["Check in"]);
    assert_eq!(go("in").await.expect(200)["status"], "checked_in");
    site.test.clock.advance(Duration::minutes(190));
    phone.get(&page).await.says(&["You are here", "Check out"]);
    let left = go("out").await.expect(200);
    assert_eq!((&left["minutes"], &left["pay"]["minor"]), (&json!(190), &json!(190_000)));
    assert_eq!(go("out").await.expect(200)["status"], "done", "twice is once");
    go("in").await.refused(409, "invalid_transition");
}

#[tokio::test]
async fn a_link_of_the_crew_is_theirs_alone_and_dies_with_the_next_one() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (day, other) = (Day::new(&site, &admin, "a").await, Day::new(&site, &admin, "b").await);
    let mine = admin.post("/staff/assignments", works(&day, 0, 1)).await.expect(201);
    let theirs = admin.post("/staff/assignments", works(&other, 2, 3)).await.expect(201);
    let (page, token) = link(&admin, &day.member).await;
    let anyone = site.anonymous();
    let own = anyone.get(&format!("/staff/{}/shifts?token={token}", text(&day.member, "id"))).await.expect(200);
    assert_eq!((own["shifts"].as_array().map(Vec::len), &own["shifts"][0]["id"]), (Some(1), &mine["id"]));
    let answer = json!({ "token": token, "answer": "declined" });
    let path = format!("/staff-assignments/{}/answer", text(&theirs, "id"));
    anyone.post(&path, answer.clone()).await.refused(410, "link_invalid");
    anyone
        .get(&format!("/staff/{}/shifts?token={token}", text(&other.member, "id")))
        .await
        .refused(410, "link_invalid");
    let renewed = admin.post(&format!("/staff/{}/link", text(&day.member, "id")), json!({})).await.expect(200);
    assert_ne!(path_of(text(&renewed, "url")), page);
    anyone.get(&format!("/staff/{}/shifts?token={token}", text(&day.member, "id"))).await.refused(410, "link_invalid");
    let path = format!("/staff-assignments/{}/answer", text(&mine, "id"));
    anyone.post(&path, answer).await.refused(410, "link_invalid");
    Browser::new(&site).get(&page).await.says(&["This link no longer works"]);
    let crew = admin.get("/staff").await.expect(200).to_string();
    assert!(!crew.contains(&token), "no list holds a link");
}
