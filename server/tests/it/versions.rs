//! Versions of a plan: what changed since it was printed or sent is marked, and whom it concerns is told.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::notifications::{listen, titles, told};
use crate::partners::text;
use crate::planning::{Day, slot, works};
use crate::support::{Person, Site};

async fn changes(admin: &Person, event: &str) -> Vec<(String, String)> {
    let plan = admin.get(&format!("{event}/plan")).await.expect(200);
    let one = |change: &Value| (text(change, "change").to_owned(), text(change, "title").to_owned());
    plan["changes"].as_array().expect("changes").iter().map(one).collect()
}

#[tokio::test]
async fn what_changed_since_a_version_is_marked_on_the_board_and_on_paper() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let event = format!("/events/{}", text(&day.event, "id"));
    let versions = format!("{event}/plan/versions");
    let made = admin.post("/talent/schedules", slot(&day, 0, 1)).await.expect(201);
    admin.post("/staff/assignments", works(&day, 0, 1)).await.expect(201);
    assert_eq!(changes(&admin, &event).await, [], "without a version nothing is marked");
    let first = admin.post(&versions, json!({ "kind": "printed" })).await.expect(201);
    assert_eq!(first["number"], 1);
    assert_eq!(changes(&admin, &event).await, []);
    let mut later = json!({ "version": made["version"] });
    day.hours(&mut later, 3, 4);
    admin.patch(&format!("/talent-schedules/{}", text(&made, "id")), later).await.expect(200);
    let crew = admin.get(&format!("/staff/assignments/{}", text(&day.event, "id"))).await.expect(200);
    admin.delete(&format!("/staff-assignments/{}", text(&crew["items"][0], "id"))).await.expect(204);
    let mut build = json!({ "event_id": day.event["id"], "title": "Load-in", "kind": "load_in" });
    day.hours(&mut build, -4, -2);
    admin.post("/production/schedules", build).await.expect(201);
    let mut marked = changes(&admin, &event).await;
    marked.sort();
    let one = |change: &str, title: &str| (change.to_owned(), title.to_owned());
    assert_eq!(marked, [one("added", "Load-in"), one("changed", "The Salt Coast a"), one("removed", "Joy a")]);
    let mut browser = Browser::of_staff(&site, &admin);
    let board = browser.get(&format!("{event}/plan")).await;
    board.says(&["3 changed since version 1, printed", "Δ", "was ", "removed, was ", "Send version"]);
    let paper = browser.get(&format!("{event}/run-sheet")).await;
    paper.says(&[
        "Version 2, replaces version 1",
        "(was ",
        "(new)",
        "Removed since then",
        "Joy a",
        "class=\"changed\"",
    ]);
    let second = admin.post(&versions, json!({ "kind": "sent" })).await.expect(201);
    assert_eq!(second["number"], 2);
    assert_eq!(changes(&admin, &event).await, []);
    browser.get(&format!("{event}/plan")).await.says(&["No changes since version 2, sent"]).hides(&["Δ"]);
    let list = admin.get(&versions).await.expect(200);
    let numbers: Vec<_> = list["items"].as_array().expect("versions").iter().map(|one| one["number"].clone()).collect();
    assert_eq!(numbers, [json!(2), json!(1)]);
    // Whoever does not see the crew is not told of its changes either.
    admin.post("/staff/assignments", works(&day, 5, 6)).await.expect(201);
    let role = json!({ "name": "Stage hand", "permissions": ["production.read", "events.read"] });
    let role = admin.post("/admin/roles", role).await.expect(201);
    let mut hand = site.account("hand@example.com", "author").await;
    let scoped = json!({ "role_id": role["id"], "event_id": day.event["id"] });
    admin.post(&format!("/admin/users/{}/assignments", hand.id), scoped).await.expect(201);
    hand.sign_in().await;
    assert_eq!(changes(&hand, &event).await, []);
    hand.post(&versions, json!({ "kind": "printed" })).await.refused(403, "forbidden");
}

#[tokio::test]
async fn whose_own_part_changed_is_told_and_nobody_else() {
    let site = Site::start().await;
    let _bus = listen(&site).await;
    let admin = site.admin().await;
    let (day, other) = (Day::new(&site, &admin, "a").await, Day::new(&site, &admin, "b").await);
    let mut people = Vec::new();
    for (email, artist) in [("one@example.com", &day.artist), ("two@example.com", &other.artist)] {
        let mut person = site.account(email, "author").await;
        let scoped = json!({ "role_id": site.role("talent").await, "talent_id": artist["id"] });
        admin.post(&format!("/admin/users/{}/assignments", person.id), scoped).await.expect(201);
        person.sign_in().await;
        people.push(person);
    }
    let mine = admin.post("/talent/schedules", slot(&day, 0, 1)).await.expect(201);
    let mut theirs = slot(&day, 2, 3);
    theirs["talent_id"] = other.artist["id"].clone();
    admin.post("/talent/schedules", theirs).await.expect(201);
    let versions = format!("/events/{}/plan/versions", text(&day.event, "id"));
    admin.post(&versions, json!({ "kind": "sent" })).await.expect(201);
    let mut later = json!({ "version": mine["version"] });
    day.hours(&mut later, 4, 5);
    admin.patch(&format!("/talent-schedules/{}", text(&mine, "id")), later).await.expect(200);
    admin.post(&versions, json!({ "kind": "sent" })).await.expect(201);
    told(&site).await;
    let title = format!("Your part in {} changed", text(&day.event, "title"));
    assert_eq!(titles(&people[0]).await, [title]);
    assert_eq!(titles(&people[1]).await, Vec::<String>::new());
}

#[tokio::test]
async fn each_page_of_a_plan_keeps_the_event_in_sight() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let event = format!("/events/{}", text(&day.event, "id"));
    let mut browser = Browser::of_staff(&site, &admin);
    for path in ["plan", "run-sheet", "pick-list", "plan/links"] {
        let page = browser.get(&format!("{event}/{path}")).await;
        // The event's own head and tabs, and the parts of the plan; clashes are spoken of where something is planned.
        page.says(&[text(&day.event, "title"), "Ticket types", "Run sheet", "Pick list", "Share the plan"])
            .hides(&["No clashes"]);
    }
    admin.post("/talent/schedules", slot(&day, 0, 1)).await.expect(201);
    browser.get(&format!("{event}/plan")).await.says(&["No clashes"]);
    // On paper nothing is said of what is not there; who is missing is.
    browser.get(&format!("{event}/run-sheet")).await.hides(&["No clashes", "Nobody yet"]);
    let mut shift = json!({ "role": "Rigger", "headcount": 2 });
    day.hours(&mut shift, 0, 2);
    admin.post(&format!("{event}/shifts"), shift).await.expect(201);
    browser.get(&format!("{event}/run-sheet")).await.says(&["Rigger", " × 2", "Nobody yet"]);
    // Where: its stage, and for whoever has no place of their own the venue; what they do stands with their name.
    admin.post("/staff/assignments", works(&day, 0, 4)).await.expect(201);
    let venue =
        day.event["venue_name"].as_str().or(day.event["venue_text"].as_str()).unwrap_or(text(&day.event, "city"));
    let sheet = browser.get(&format!("{event}/run-sheet")).await;
    sheet.says(&["<bdi>Sea Stage", "Gate steward", &format!("<td><bdi>{venue}")]);
}
