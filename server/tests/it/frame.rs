//! What stands around every page: what waits for somebody, by whose clock times are told, which permissions there
//! are, and what the one search finds.

use serde_json::{Value, json};

use crate::fixtures::open;
use crate::partners::{mailed, partner, text, within};
use crate::people::{PHONE, end_user};
use crate::support::{PASSWORD, Person, Site};

async fn titles(person: &Person, q: &str) -> Vec<String> {
    let q: String = q.bytes().map(|b| format!("%{b:02X}")).collect();
    let found = person.rows(&format!("/search?q={q}")).await;
    found.as_array().expect("hits").iter().map(|hit| text(hit, "title").to_owned()).collect()
}

#[tokio::test]
async fn an_account_keeps_the_clock_it_reads_times_by() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let version = admin.get("/auth/me").await.expect(200)["version"].clone();
    assert!(admin.get("/auth/me").await.expect(200)["timezone"].is_null());
    for zone in ["Asia/Kolkata", "UTC", "Asia/Calcutta"] {
        admin.put("/auth/me/timezone", json!({ "timezone": zone })).await.expect(204);
        let me = admin.get("/auth/me").await.expect(200);
        assert_eq!(
            (&me["timezone"], &me["version"]),
            (&json!(zone), &version),
            "no form of the account is stale by it"
        );
    }
    for bad in ["IST", "Mars/Olympus", "posix/Asia/Kolkata", ""] {
        let refused = admin.put("/auth/me/timezone", json!({ "timezone": bad })).await;
        refused.refused(422, "invalid_input");
        assert!(refused.body["errors"]["timezone"].is_array(), "{bad}: {}", refused.body);
    }
    site.anonymous().put("/auth/me/timezone", json!({ "timezone": "UTC" })).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn mails_to_staff_tell_times_by_their_own_clock() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let kept = site.person("oslo@example.com", "auditor").await;
    kept.put("/auth/me/timezone", json!({ "timezone": "Europe/Oslo" })).await.expect(204);
    let never_said = site.person("new@example.com", "auditor").await;
    let house = admin.get("/organisation").await.expect(200);
    for (person, zone) in [(&kept, "Europe/Oslo"), (&never_said, text(&house, "timezone"))] {
        let change = json!({ "current_password": PASSWORD, "new_password": "another velvet rope" });
        person.post("/auth/password/change", change).await.expect(204);
        let mails = mailed(&site, "password_changed").await;
        let last = mails.last().expect("a mail");
        assert!(last.contains(&format!("({zone})")), "{zone}: {last}");
    }
    let path = format!("/admin/users/{}", kept.id);
    let version = admin.get(&path).await.expect(200)["version"].clone();
    admin.patch(&path, json!({ "email": "bergen@example.com", "version": version })).await.expect(200);
    let told = mailed(&site, "email_changed").await;
    assert!(told[0].contains("(Europe/Oslo)"), "the old address reads the same clock: {told:?}");
}

#[tokio::test]
async fn what_waits_is_counted_for_whom_it_waits() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let own = partner(&admin, "Riverside One").await;
    let (event, kinds) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let guest = end_user(&site, PHONE).await;
    let ask = json!({ "ticket_type_id": kinds[0]["id"] });
    guest.post(&format!("/events/{}/requests", text(&event, "id")), ask).await.expect(201);
    let waiting = admin.get("/overview/waiting").await.expect(200);
    assert_eq!((&waiting["requests"], &waiting["live_events"]), (&json!(1), &json!(0)), "{waiting}");
    assert_eq!(waiting["failed_jobs"], 0);
    assert_eq!((&waiting["fraud_signals"], &waiting["exceptions"]), (&json!(0), &json!(0)));
    let asked = admin.get("/events?has_requests=true").await.expect(200);
    assert_eq!(asked["items"].as_array().expect("events").len(), 1);
    let insider =
        within(&site, &admin, &own, "insider@example.com", &["events.read", "events.manage", "kyc.review"]).await;
    let theirs = insider.get("/overview/waiting").await.expect(200);
    assert_eq!(theirs["requests"], 0, "another organiser's event: {theirs}");
    assert!(theirs["documents"] == 0 && theirs["failed_jobs"].is_null() && theirs["privacy_requests"].is_null());
    let reader = site.person("auditor@example.com", "auditor").await.get("/overview/waiting").await.expect(200);
    assert!(
        reader["requests"].is_null() && reader["live_events"] == 0,
        "who only reads has nothing to answer: {reader}"
    );
    assert!(reader["fraud_signals"].is_null() && reader["exceptions"].is_null(), "nor to resolve: {reader}");
    let none = site.person("talent@example.com", "talent").await.get("/overview/waiting").await.expect(200);
    // What they are told themselves is everybody's own.
    assert_eq!(none["notifications"], 0, "{none}");
    let of_others = |(name, count): (&String, &Value)| name == "notifications" || count.is_null();
    assert!(none.as_object().expect("counts").iter().all(of_others), "{none}");
    // Guests are not told where others asked.
    assert_eq!(guest.get("/events?has_requests=true").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn only_permissions_that_something_asks_for_are_listed() {
    let site = Site::start().await;
    let listed = site.person("keys@example.com", "talent").await.rows("/admin/permissions").await;
    let listed: Vec<&str> = listed.as_array().expect("permissions").iter().map(|p| text(p, "id")).collect();
    assert!(listed.contains(&"events.read") && listed.contains(&"staff.manage"), "{listed:?}");
    let asked: Vec<&str> = eventify::kernel::registry::operations()
        .iter()
        .filter_map(|operation| operation.permission().map(|permission| permission.code()))
        .collect();
    assert!(listed.iter().all(|code| asked.contains(code)), "nothing is listed that nothing asks for: {listed:?}");
    assert!(asked.iter().all(|code| listed.contains(code)));
    assert!(!listed.contains(&"experiments.manage"), "what is planned is not there yet");
}

#[tokio::test]
async fn users_are_found_by_their_phone_and_tickets_by_their_code() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let user = end_user(&site, "+919000010011").await;
    user.patch("/me", json!({ "name": "Kavya Nair", "version": 1 })).await.expect(200);
    for typed in ["+919000010011", "9000010011", "90000 10011", "+91 90000-10011", "090000 10011", "10011"] {
        assert_eq!(titles(&admin, typed).await, ["Kavya Nair"], "{typed}");
    }
    assert!(titles(&admin, "9000010012").await.is_empty());
    assert!(titles(&site.person("talent@example.com", "talent").await, "9000010011").await.is_empty());

    let (event, kinds) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let guest = json!({ "ticket_type_id": kinds[0]["id"], "name": "Rehana Sethi", "email": "rehana@example.com" });
    admin.post(&format!("/events/{}/attendees", text(&event, "id")), guest).await.expect(201);
    let ticket = admin.get("/tickets").await.expect(200)["items"][0].clone();
    assert_eq!(ticket["event_over"], false);
    let code = admin.get(&format!("/tickets/{}/code", text(&ticket, "id"))).await.expect(200);
    let code = text(&code, "short_code");
    for typed in [code.to_owned(), code.to_lowercase(), code.replace('-', ""), code.replace('-', "%20")] {
        let found = admin.get(&format!("/tickets?q={typed}")).await.expect(200);
        assert_eq!(found["items"].as_array().expect("tickets").len(), 1, "{typed}");
    }
    assert_eq!(admin.get("/tickets?q=ZZZZZ-00000").await.expect(200)["items"], json!([]));
    // Names of ten letters are still names.
    assert_eq!(admin.get("/tickets?q=rehana%20set").await.expect(200)["items"].as_array().expect("tickets").len(), 1);
    let other = site.person("author@example.com", "author").await;
    other.get(&format!("/tickets?q={code}")).await.refused(403, "forbidden");
}

#[tokio::test]
async fn events_are_found_by_who_organises_them_whatever_that_is_called_by_now() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let host = partner(&admin, "Marigold Halls").await;
    let path = format!("/partners/{}", text(&host, "id"));
    let change = json!({ "status": "active", "version": host["version"] });
    let host = admin.patch(&format!("{path}/status"), change).await.expect(200);
    let event = json!({
        "title": "Lantern Walk", "organizer_partner_id": host["id"], "city": "Pune", "venue_text": "The lake",
        "start_at": "2030-12-05T14:00:00Z", "end_at": "2030-12-05T17:00:00Z", "timezone": "Asia/Kolkata",
        "capacity": 10, "currency": "INR",
    });
    admin.post("/events", event).await.expect(201);
    let found = titles(&admin, "marigold").await;
    assert!(found.contains(&"Lantern Walk".to_owned()), "{found:?}");
    let renamed = json!({ "name": "Saffron Halls", "version": host["version"] });
    admin.patch(&path, renamed).await.expect(200);
    assert_eq!(titles(&admin, "lantern saffron").await, ["Lantern Walk"]);
    assert!(!titles(&admin, "marigold").await.contains(&"Lantern Walk".to_owned()));
}
