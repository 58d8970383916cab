//! Pages of the Command Center as they are read: what stands around them, and the sentences in them.

use serde_json::json;

use crate::browser::Browser;
use crate::fixtures::{draft, kind, open, plan};
use crate::partners::{partner, review, text, upload};
use crate::support::Site;

#[tokio::test]
async fn a_page_that_is_not_there_keeps_the_menu_and_says_where_to_go() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let mut staff = Browser::of_staff(&site, &admin);
    let lost = staff.get("/no/such/page").await.is(404, "/no/such/page");
    lost.says(&["Page not found", "aria-label=\"Main\"", "href=\"/events\"", "Go to overview", "Use the menu"]);
    let record = "/events/01a216e0-d627-73c3-9a8a-000000000000";
    staff.get(record).await.is(404, record).says(&["Not found", "Go to Events", "aria-label=\"Main\""]);
    let auditor = site.person("auditor@example.com", "auditor").await;
    let forbidden = Browser::of_staff(&site, &auditor).get("/mail-templates").await.is(403, "/mail-templates");
    forbidden.says(&["You don't have access", "Go to overview", "href=\"/audit\""]);
    let nobody = Browser::new(&site).get("/no/such/page").await.is(404, "/no/such/page");
    nobody.says(&["Page not found", "Go to start page"]).hides(&["aria-label=\"Main\"", "Use the menu"]);
}

#[tokio::test]
async fn the_list_of_events_is_exported_and_keeps_what_was_looked_for() {
    let site = Site::start().await;
    let admin = site.admin().await;
    open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let mut staff = Browser::of_staff(&site, &admin);
    let list = staff.get("/events?city=Bengaluru&q=monsoon&limit=25").await;
    let list = list.says(&["Export CSV", "/api/v1/events/export?", "Monsoon Jazz", "Kolkata time", "1 event"]);
    assert_eq!(list.text.matches("Kolkata time").count(), 1, "the zone is said once, in the heading of the day");
    for part in ["live", "past", "drafts", "all"] {
        let kept = format!("/events?city=Bengaluru&amp;q=monsoon&amp;limit=25&amp;when={part}");
        assert!(list.text.contains(&kept), "{part}: {}", list.text);
    }
    staff.get("/events?when=drafts").await.says(&["No drafts"]).hides(&["0 events", "class=\"pager\""]);
    // Sorted otherwise there is no heading to say it.
    staff.get("/events?sort=title").await.says(&["Kolkata time"]).hides(&["scope=\"rowgroup\""]);
}

#[tokio::test]
async fn what_was_done_to_a_partner_reads_as_sentences() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Marigold Halls").await;
    let document = upload(&admin, &made, "pan").await;
    review(&admin, &made, &document, "rejected").await.expect(200);
    let id = text(&made, "id");
    for (status, reason) in [("active", json!(null)), ("suspended", json!("Papers missing"))] {
        let version = admin.get(&format!("/partners/{id}")).await.expect(200)["version"].clone();
        let change = json!({ "status": status, "reason": reason, "version": version });
        admin.patch(&format!("/partners/{id}/status"), change).await.expect(200);
    }
    let page = Browser::of_staff(&site, &admin).get(&format!("/partners/{id}?tab=activity")).await;
    page.says(&[
        "Test Person",
        "added this partner",
        "uploaded a document: PAN (tax number)",
        "rejected PAN (tax number)",
        "activated this partner",
        "suspended this partner",
        "“Papers missing”",
    ])
    .hides(&["partner created", "by system"]);
}

#[tokio::test]
async fn who_was_invited_has_not_joined_and_a_role_says_when_it_ends() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let event = draft(&site, &admin, 20).await;
    let input = json!({ "email": "g@example.com", "full_name": "Gabi", "role_id": site.role("gate_staff").await,
                        "event_id": event["id"], "expires_at": event["start_at"] });
    let staff = admin.post("/admin/users", input).await.expect(201);
    assert_eq!(staff["scoped_roles_end"], json!([event["start_at"]]));
    let path = format!("/team/{}", text(&staff, "id"));
    let mut browser = Browser::of_staff(&site, &admin);
    let page = browser.get(&path).await.says(&["Gate Staff at Monsoon Jazz until ", "just now"]);
    assert!(!page.text.contains(">Joined<"), "nobody has joined by being invited");
    browser.get(&format!("/team/{}", admin.id)).await.says(&[">Joined<"]);
}

#[tokio::test]
async fn a_form_says_which_event_it_changes() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let mut planned = plan(&site, 20, 10);
    planned["organizer_partner_id"] = partner(&admin, "Marigold Halls").await["id"].clone();
    let event = admin.post("/events", planned).await.expect(201);
    let page = Browser::of_staff(&site, &admin).get(&format!("/events/{}/edit", text(&event, "id"))).await;
    page.says(&["Edit Monsoon Jazz", "The terrace, Bengaluru", text(&event, "start_time"), "Draft"]);
}

#[tokio::test]
async fn an_event_s_hour_says_whose_it_is_where_the_reader_s_clocks_are_others() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let venue = json!({ "name": "Aker Scene", "city": "Oslo", "timezone": "Europe/Oslo" });
    let venue = admin.post("/venues", venue).await.expect(201);
    let organiser = partner(&admin, "Nordlys").await;
    let mut planned = plan(&site, 20, 10);
    planned["venue_id"] = venue["id"].clone();
    planned["organizer_partner_id"] = organiser["id"].clone();
    planned["timezone"] = json!("Europe/Oslo");
    for field in ["city", "venue_text"] {
        planned.as_object_mut().expect("fields").remove(field);
    }
    let event = admin.post("/events", planned).await.expect(201);
    kind(&admin, &event, "Standard", None, 0).await;
    admin.post(&format!("/events/{}/publish", text(&event, "id")), json!({})).await.expect(200);
    let places = [
        (format!("/partners/{}", text(&organiser, "id")), format!("{} Oslo time", text(&event, "start_time"))),
        ("/".to_owned(), format!("{} Oslo time", text(&event, "start_time"))),
    ];
    for (zone, differs) in [("Asia/Kolkata", true), ("Europe/Oslo", false)] {
        admin.put("/auth/me/timezone", json!({ "timezone": zone })).await.expect(204);
        let mut browser = Browser::of_staff(&site, &admin);
        // What is held at one venue is told by its clocks, whoever reads it.
        browser.get(&format!("/venues/{}", text(&venue, "id"))).await.says(&["Monsoon Jazz", "CET (GMT+1)"]);
        for (path, said) in &places {
            let page = browser.get(path).await.is(200, path).says(&["Monsoon Jazz"]);
            assert_eq!(page.text.contains(said), differs, "{path} read in {zone}: {}", page.text);
        }
    }
}

#[tokio::test]
async fn what_was_cancelled_before_its_day_is_no_past_and_takes_nobody_in() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let path = format!("/events/{}", text(&event, "id"));
    crate::events::image(&admin, &event).await.expect(201);
    let mut staff = Browser::of_staff(&site, &admin);
    staff.get(&path).await.says(&["Add co-host", "Remove picture 1"]);
    admin.post(&format!("{path}/cancel"), json!({ "reason": "The roof leaks" })).await.expect(200);
    staff.get(&path).await.hides(&["Add co-host", "Remove picture 1"]);
    staff.get("/events?when=past").await.says(&["No past events"]).hides(&["Monsoon Jazz"]);
    staff.get("/events?when=cancelled").await.says(&["Monsoon Jazz"]);
}

#[tokio::test]
async fn large_halls_are_written_like_everything_large() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let venue = json!({ "name": "Riverside Arena", "address": "1 River Road", "city": "Pune", "timezone": "Asia/Kolkata",
                        "capacity": 1500 });
    let venue = admin.post("/venues", venue).await.expect(201);
    let mut staff = Browser::of_staff(&site, &admin);
    for path in ["/venues".to_owned(), format!("/venues/{}", text(&venue, "id"))] {
        staff.get(&path).await.says(&["1,500"]);
    }
}

#[tokio::test]
async fn the_code_to_sign_in_with_can_be_seen_before_it_is_sent() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let mut staff = Browser::of_staff(&site, &admin);
    staff.get("/mail-templates").await.says(&["Sign-in code", "/mail-templates?mail=code"]);
    staff.get("/mail-templates?mail=code").await.says(&["482913 is your Eventify code. It works for five minutes."]);
    let lost = staff.get("/mail-templates?mail=none").await;
    lost.hides(&["482913"]);
}
