//! Artists at events: the checklist of a booking, their documents, and that whoever signs in as one sees what is theirs
//! and nothing else.

use eventify::kernel::timestamp::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use time::Duration;

use crate::audit_rows::upload;
use crate::browser::Browser;
use crate::partners::{PDF, text};
use crate::planning::{Day, slot};
use crate::support::{Person, Site, read};

async fn hand_in(admin: &Person, artist: &Value, kind: &str) -> Value {
    let path = format!("/talent/{}/documents", text(artist, "id"));
    let (media, form) = upload(Some(kind), PDF);
    let request = admin.request(Method::POST, &path).header("content-type", media).body(form);
    read(request.send().await.expect("an answer")).await.expect(201)
}

async fn bookings(person: &Person, artist: &Value) -> Value {
    person.get(&format!("/talent/{}/bookings", text(artist, "id"))).await.expect(200)["items"].clone()
}

/// Somebody who signs in as this artist, with the role there is for it.
async fn signed_in(site: &Site, admin: &Person, artist: &Value) -> Person {
    let mut person = site.account("artist@example.com", "author").await;
    let scoped = json!({ "role_id": site.role("talent").await, "talent_id": artist["id"] });
    admin.post(&format!("/admin/users/{}/assignments", person.id), scoped).await.expect(201);
    person.sign_in().await;
    person
}

#[tokio::test]
async fn a_booking_begins_with_a_checklist_that_is_worked_off() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    admin.post("/talent/schedules", slot(&day, 0, 1)).await.expect(201);
    admin.post("/talent/schedules", slot(&day, 2, 3)).await.expect(201);
    let booked = bookings(&admin, &day.artist).await;
    let tasks = booked[0]["tasks"].as_array().expect("tasks").clone();
    let mut kinds: Vec<&str> = tasks.iter().map(|task| text(task, "kind")).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["contract", "hotel", "sound_check", "travel"], "each once, whatever slots there are");
    assert_eq!((booked.as_array().map(Vec::len), booked[0]["slots"].as_array().map(Vec::len)), (Some(1), Some(2)));
    assert!(tasks.iter().all(|task| text(task, "due_at") <= text(&booked[0]["slots"][0], "starts_at")));
    let add = format!("/talent/{}/tasks", text(&day.artist, "id"));
    let more = json!({ "event_id": day.event["id"], "kind": "other", "title": "Names for the guest list" });
    admin.post(&add, more).await.expect(201);
    let again = json!({ "event_id": day.event["id"], "kind": "hotel" });
    admin.post(&add, again).await.refused(409, "already_exists");
    let unnamed = json!({ "event_id": day.event["id"], "kind": "other" });
    assert!(admin.post(&add, unnamed).await.body["errors"]["title"].is_array());
    let elsewhere = Day::new(&site, &admin, "b").await;
    let not_booked = json!({ "event_id": elsewhere.event["id"], "kind": "hotel" });
    assert!(admin.post(&add, not_booked).await.body["errors"]["event_id"].is_array());
    let one = format!("/talent-tasks/{}", text(&tasks[0], "id"));
    let done = admin.patch(&one, json!({ "done": true, "version": 1 })).await.expect(200);
    admin.patch(&one, json!({ "done": false, "version": 1 })).await.refused(409, "conflict");
    // What is not done yet is due as much later as the event is.
    let path = format!("/events/{}", text(&day.event, "id"));
    let later = |at: &Value| {
        let at = Timestamp::parse(at.as_str().expect("a time")).expect("a time");
        at.plus(Duration::days(1)).rfc3339()
    };
    let now = admin.get(&path).await.expect(200);
    let moved =
        json!({ "start_at": later(&now["start_at"]), "end_at": later(&now["end_at"]), "version": now["version"] });
    admin.post(&format!("{path}/reschedule"), moved).await.expect(200);
    let after = bookings(&admin, &day.artist).await;
    for task in &tasks {
        let now = after[0]["tasks"].as_array().expect("tasks").iter().find(|one| one["id"] == task["id"]);
        let now = now.expect("it is still there");
        let due = if task["id"] == done["id"] { task["due_at"].clone() } else { json!(later(&task["due_at"])) };
        assert_eq!(now["due_at"], due, "{now}");
    }
    admin.delete(&one).await.expect(204);
    admin.delete(&one).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_artist_reads_own_schedule_checklist_and_documents_and_changes_nothing() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (day, other) = (Day::new(&site, &admin, "a").await, Day::new(&site, &admin, "b").await);
    admin.post("/talent/schedules", slot(&day, 0, 1)).await.expect(201);
    let mut theirs = slot(&day, 1, 2);
    theirs["talent_id"] = other.artist["id"].clone();
    admin.post("/talent/schedules", theirs).await.expect(201);
    // What the team notes is the team's.
    for table in ["talents", "talent_schedules", "talent_tasks"] {
        let note = sqlx::AssertSqlSafe(format!("update {table} set note = 'Between us'"));
        sqlx::query(note).execute(&mut site.test.owner().await).await.expect("noted");
    }
    let (own, foreign) = (hand_in(&admin, &day.artist, "rider").await, hand_in(&admin, &other.artist, "rider").await);
    let artist = signed_in(&site, &admin, &day.artist).await;
    let paths = ["", "/bookings"].map(|path| format!("/talent/{}{path}", text(&day.artist, "id")));
    for path in paths.into_iter().chain(["/talent".to_owned(), format!("/talent/schedules/{}", text(&day.event, "id"))])
    {
        assert!(admin.get(&path).await.expect(200).to_string().contains("Between us"), "{path}");
        assert!(!artist.get(&path).await.expect(200).to_string().contains("Between us"), "{path}");
    }
    let booked = bookings(&artist, &day.artist).await;
    assert_eq!((booked.as_array().map(Vec::len), booked[0]["slots"].as_array().map(Vec::len)), (Some(1), Some(1)));
    assert!(booked[0]["slots"][0]["talent_id"] == day.artist["id"], "{booked}");
    // Who to write to is the organiser's contact.
    let partner = admin.get(&format!("/partners/{}", text(&day.event, "organizer_partner_id"))).await.expect(200);
    assert_eq!(booked[0]["contact_name"], partner["name"]);
    assert_eq!(booked[0]["contact_email"], partner["primary_contact_email"]);
    let documents = format!("/talent/{}/documents", text(&day.artist, "id"));
    assert_eq!(artist.get(&documents).await.expect(200)["items"], json!([own]));
    let link = artist.get(&format!("/talent-documents/{}/link", text(&own, "id"))).await.expect(200);
    let file = artist.http.get(format!("{}{}", site.url, text(&link, "url"))).send().await.expect("an answer");
    assert_eq!((file.status().as_u16(), file.bytes().await.expect("a file").as_ref()), (200, PDF));
    // A link to a partner's file of this id is none to an artist's.
    let swapped = text(&link, "url").replace("talent-documents", "partner-documents");
    assert_eq!(artist.http.get(format!("{}{swapped}", site.url)).send().await.expect("an answer").status(), 410);
    let calendar = artist.request(Method::GET, &format!("/talent/{}/calendar.ics", text(&day.artist, "id")));
    let calendar = calendar.send().await.expect("an answer").text().await.expect("a calendar");
    assert_eq!(calendar.matches("BEGIN:VEVENT").count(), 1, "{calendar}");
    let them = text(&other.artist, "id");
    for path in ["", "/bookings", "/documents", "/calendar.ics"] {
        artist.get(&format!("/talent/{them}{path}")).await.refused(404, "not_found");
    }
    artist.get(&format!("/talent-documents/{}/link", text(&foreign, "id"))).await.refused(404, "not_found");
    let task = format!("/talent-tasks/{}", text(&booked[0]["tasks"][0], "id"));
    artist.patch(&task, json!({ "done": true, "version": 1 })).await.refused(403, "forbidden");
    artist.delete(&format!("/talent-documents/{}", text(&own, "id"))).await.refused(403, "forbidden");
    for path in ["/staff", "/production/equipment", &format!("/events/{}/plan", text(&day.event, "id"))] {
        artist.get(path).await.refused(403, "forbidden");
    }
    let mut browser = Browser::of_staff(&site, &artist);
    let page = browser.get("/talent").await;
    let mail = format!("mailto:{}?subject=Contract", text(&partner, "primary_contact_email"));
    page.says(&["My schedule", "The Salt Coast a", "Sea Stage", "4 to do", &mail, "Checklist", "a file"]).hides(&[
        "The Salt Coast b",
        "Mark as done",
        "Upload",
    ]);
    browser.get(&format!("/talent/{them}")).await.is(404, &format!("/talent/{them}"));
    // What is still to be done stands on the first page too.
    let first = browser.get("/").await;
    first.says(&["My schedule", "Your next bookings", "Sea Stage", "Contract"]).hides(&["all caught up"]);
    let page = Browser::of_staff(&site, &admin).get(&format!("/talent/{them}")).await;
    page.says(&["The Salt Coast b", "Mark as done", "Add to calendar"]);
}

#[tokio::test]
async fn a_document_that_was_removed_is_gone_with_its_file() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let (media, form) = upload(Some("diary"), PDF);
    let path = format!("/talent/{}/documents", text(&day.artist, "id"));
    let request = admin.request(Method::POST, &path).header("content-type", media).body(form);
    let refused = read(request.send().await.expect("an answer")).await;
    assert_eq!(refused.body["errors"]["type"], json!(["must be rider, technical, contract or other"]));
    assert_eq!(site.number("select count(*) from stored_files").await, 0, "a refused file is not left behind");
    let made = hand_in(&admin, &day.artist, "technical").await;
    let one = format!("/talent-documents/{}", text(&made, "id"));
    let link = admin.get(&format!("{one}/link")).await.expect(200);
    admin.delete(&one).await.expect(204);
    assert_eq!(site.number("select count(*) from stored_files where kept_at is not null").await, 0);
    let gone = admin.http.get(format!("{}{}", site.url, text(&link, "url"))).send().await.expect("an answer");
    assert_eq!(gone.status(), 404);
}

/// A list with nothing in it leads to the first of it.
#[tokio::test]
async fn an_empty_list_says_what_to_do_next() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let mut browser = Browser::of_staff(&site, &admin);
    for (path, next) in [("/crew", "Add crew member"), ("/talent", "Add talent"), ("/equipment", "Add equipment")] {
        let page = browser.get(path).await.is(200, path);
        let empty = page.text.split("state-cell").nth(1).and_then(|rest| rest.split("</td>").next());
        assert!(empty.is_some_and(|cell| cell.contains(next)), "{path}: {empty:?}");
    }
}
