//! What is personal: nothing of an erased person is stored, an export is whole, settings do what they say.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use eventify::people::EndUserId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, slug};
use crate::fixtures::{make_guests, open, plan, reserve, run_queued};
use crate::partners::text;
use crate::people_profiles::add;
use crate::pictures::png;
use crate::secrets::whole_database;
use crate::support::{Person, Site, read};

const NAME: &str = "Quillon Markbearer";
const EMAIL: &str = "quillon.markbearer@example.com";

/// Words that stand nowhere once the person is gone.
const MARKS: [&str; 12] = [
    "Markbearer",
    "markbearer",
    "mark-bio",
    "mark-ask",
    "mark-answer",
    "mark-invite",
    "mark-ban",
    "mark-note",
    "mark-listed",
    "mark-national",
    "mark-cancelled",
    "mark-told",
];

/// Passes the first ticket of a booking on.
async fn pass_on(admin: &Person, booking: &Value, to: Value) -> Value {
    let tickets = admin.get(&format!("/tickets?attendee_id={}", text(booking, "id"))).await.expect(200);
    admin.post(&format!("/tickets/{}/transfer", text(&tickets["items"][0], "id")), to).await.expect(200)
}

/// Every uploaded or made file that is stored.
fn stored_files(site: &Site) -> Vec<Vec<u8>> {
    fn within(folder: &std::path::Path, all: &mut Vec<Vec<u8>>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => within(&path, all),
                path => all.push(std::fs::read(path).expect("a file")),
            }
        }
    }
    let mut all = Vec::new();
    within(&site.test.config.data.join("files"), &mut all);
    all
}

/// The person's picture and a copy of all that is known of them, both stored; answers the copy.
async fn with_files(site: &Site, admin: &Person, person: &Person) -> Value {
    add(person, &png(60, 40)).await.expect(201);
    run_queued(site, "people.make_picture").await;
    let asked = person.post("/me/privacy-requests", json!({ "request_type": "export" })).await.expect(201);
    admin.post(&format!("/privacy/requests/{}/run", text(&asked, "id")), json!({})).await.expect(200);
    run_queued(site, "people.make_export").await;
    let link = format!("/me/privacy-requests/{}/link", text(&asked, "id"));
    let link = person.get(&link).await.expect(200);
    let file = site.anonymous().http.get(format!("{}{}", site.url, text(&link, "url"))).send().await.expect("a file");
    serde_json::from_slice(&file.bytes().await.expect("its bytes")).expect("JSON")
}

/// Somebody with a profile, who asked, was invited, hosts, helps to host, was banned, is on guest lists by email and
/// by phone, got a ticket from somebody and gave one away.
async fn known_everywhere(site: &Site, admin: &Person, people: &[Person]) -> (Person, Value) {
    let person = people[0].clone();
    let own = person.get("/me").await.expect(200);
    let profile = json!({ "name": NAME, "email": EMAIL, "bio": "mark-bio", "version": own["version"] });
    let own = person.patch("/me", profile).await.expect(200);
    let token = crate::access::link(site, "email_verification").await;
    site.anonymous().post("/auth/email-verification/confirm", json!({ "token": token })).await.expect(204);
    let phone = text(&own, "phone").to_owned();
    let (event, kinds) = open(site, admin, 40, &[("Standard", None, 0)]).await;
    let path = format!("/events/{}", text(&event, "id"));
    let kind = text(&kinds[0], "id");
    // Asked and declined, invited, listed, cancelled.
    let ask = json!({ "message": "mark-ask", "seats_requested": 1 });
    let request = person.post(&format!("{path}/requests"), ask).await.expect(201);
    let no = json!({ "status": "declined", "host_message": "mark-answer" });
    admin.patch(&format!("/requests/{}", text(&request, "id")), no).await.expect(200);
    let invite = json!({ "invite_type": "direct", "invited_user_id": person.id, "message": "mark-invite" });
    admin.post(&format!("{path}/invites"), invite).await.expect(201);
    let comp = json!({ "ticket_type_id": kind, "email": EMAIL, "name": NAME, "note": "mark-note" });
    let comp = admin.post(&format!("{path}/attendees"), comp).await.expect(201);
    let by_phone = json!({ "ticket_type_id": kind, "phone": phone, "name": "mark-listed" });
    let by_phone = admin.post(&format!("{path}/attendees"), by_phone).await.expect(201);
    let national = json!({ "ticket_type_id": kind, "phone": format!("0{}", &phone[3..]), "name": "mark-national" });
    admin.post(&format!("{path}/attendees"), national).await.expect(201);
    let off = format!("/attendees/{}/cancel", text(&comp, "id"));
    admin.post(&off, json!({ "reason": "mark-cancelled" })).await.expect(200);
    let list = format!("{path}/attendees/import?ticket_type_id={kind}");
    let body = format!("name,email\n{NAME},{EMAIL}\n");
    let sent = admin.request(Method::POST, &list).header("content-type", "text/csv").body(body).send().await;
    read(sent.expect("an answer")).await.expect(200);
    let member = json!({ "ticket_type_id": kind, "user_id": person.id, "seats": 2, "note": "mark-note" });
    let member = admin.post(&format!("{path}/attendees"), member).await.expect(201);
    // One goes to somebody with an account, who loses it for a reason of their own; the one of the guest list to
    // somebody without.
    let given = pass_on(admin, &member, json!({ "user_id": people[2].id })).await;
    pass_on(admin, &by_phone, json!({ "name": "Taker", "email": "taker@example.com" })).await;
    let void = json!({ "reason": "The taker's own" });
    admin.post(&format!("/tickets/{}/revoke", text(&given, "id")), void).await.expect(200);
    // Hosts an event, and helps with another.
    person.post("/events", plan(site, 20, 12)).await.expect(201);
    let helped = people[1].post("/events", plan(site, 20, 14)).await.expect(201);
    let co_host = format!("/events/{}/co-hosts", text(&helped, "id"));
    people[1].post(&co_host, json!({ "user_id": person.id })).await.expect(201);
    // Another system told something of them that could not be taken in.
    sqlx::query(
        "insert into bus_dead_letters (id, place, subject, body, error_code, error, received_at)
         values (gen_random_uuid(), '1', 'eventify.in.user.praised', 'mark-told ' || $1, 'invalid_input', 'x', now())",
    )
    .bind(&person.id)
    .execute(&mut site.test.owner().await)
    .await
    .expect("a dead letter");
    let ban = format!("/users/{}", person.id);
    admin.post(&format!("{ban}/ban"), json!({ "reason": "mark-ban" })).await.expect(200);
    admin.post(&format!("{ban}/unban"), json!({ "reason": "mark-ban over" })).await.expect(200);
    (person, own)
}

/// A ban ended the session.
async fn renew_session(site: &Site, person: &mut Person, phone: &str) {
    site.test.clock.advance(time::Duration::seconds(61));
    *person = crate::people::end_user(site, phone).await;
}

async fn erase(admin: &Person, person: &Person) {
    let asked = person.post("/me/privacy-requests", json!({ "request_type": "erasure" })).await.expect(201);
    let run = format!("/privacy/requests/{}/run", text(&asked, "id"));
    assert_eq!(admin.post(&run, json!({})).await.expect(200)["status"], "completed");
}

#[tokio::test]
async fn nothing_of_an_erased_person_is_stored() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 3).await;
    let (mut person, own) = known_everywhere(&site, &admin, &people).await;
    renew_session(&site, &mut person, text(&own, "phone")).await;
    with_files(&site, &admin, &person).await;
    let files = stored_files(&site);
    assert!(files.len() >= 4 && files.iter().any(|file| String::from_utf8_lossy(file).contains(NAME)));
    let before = whole_database(&site).await.expect("a dump");
    for mark in MARKS {
        assert!(before.contains(mark), "{mark} was never stored: the test proves nothing");
    }
    erase(&admin, &person).await;
    assert_eq!(stored_files(&site), Vec::<Vec<u8>>::new(), "pictures and copies are gone");
    let after = whole_database(&site).await.expect("a dump");
    let phone = text(&own, "phone");
    for mark in MARKS.into_iter().chain([phone, &phone[1..], EMAIL]) {
        if let Some(at) = after.find(mark) {
            let around = &after[at.saturating_sub(200)..(at + 80).min(after.len())];
            panic!("{mark} is still stored: …{around}…");
        }
    }
    let takers = "select count(*) from audit_values v join audit_logs l on l.seq = v.audit_seq
                  where l.action = 'ticket.revoked' and v.field = '$reason' and v.after is not null";
    assert_eq!(site.number(takers).await, 1, "what was done to the ticket once it was somebody else's stays");
    // What was proven about it still is; the others are untouched.
    let mut owner = site.test.owner().await;
    let verdict = eventify::audit::verify::verify(&mut owner, site.test.clock.now()).await.expect("a verdict");
    assert!(verdict.broken.is_none(), "{:?}", verdict.broken.map(|broken| broken.to_string()));
    assert!(verdict.erased > 10, "only {} values were blanked", verdict.erased);
    assert!(after.contains("Monsoon Jazz"), "the events stay");
}

#[tokio::test]
async fn an_export_holds_what_every_area_knows_and_no_note_of_an_organiser() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 3).await;
    let (person, _) = known_everywhere(&site, &admin, &people).await;
    let user: uuid::Uuid = person.id.parse().expect("an id");
    let mut tx = site.test.tx().await;
    let bundle = eventify::people::export::bundle(&mut tx, EndUserId(user)).await.expect("a bundle");
    let text = bundle.to_string();
    for mark in
        ["Markbearer", "mark-bio", "mark-ask", "mark-answer", "mark-invite", "mark-ban", "mark-told", "Monsoon Jazz"]
    {
        assert!(text.contains(mark), "{mark} is not in the export");
    }
    for note in ["mark-note", "short_code_hash", "token_hash", "storage_key"] {
        assert!(!text.contains(note), "{note} is in the export");
    }
    let tickets = &bundle["tickets"];
    let count = |name: &str| tickets[name].as_array().map_or(0, Vec::len);
    assert_eq!((count("requests"), count("invitations")), (1, 1), "{tickets}");
    let bookings = tickets["bookings"].as_array().expect("bookings");
    let own: Vec<_> = bookings.iter().filter(|booking| booking["user_id"] == person.id.as_str()).collect();
    assert_eq!((own.len(), own[0]["tickets"].as_array().map(Vec::len)), (1, Some(1)), "{tickets}");
    // Guest lists name them by phone, in two writings, and by email.
    for name in ["mark-listed", "mark-national", NAME] {
        assert!(bookings.iter().any(|booking| booking["guest_name"] == name), "{name} is not in {tickets}");
    }
    let hosting = &bundle["hosting"];
    assert_eq!(hosting["events"].as_array().expect("events").len(), 1);
    assert_eq!(hosting["co_hosting"].as_array().expect("events").len(), 1);
}

#[tokio::test]
async fn a_copy_holds_pictures_and_every_row() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let person = make_guests(&site, 1).await.remove(0);
    sqlx::query(
        "insert into user_activity_logs (id, action, target_type, target_id)
         select gen_random_uuid(), 'login', 'end_user', $1::uuid from generate_series(1, 101)",
    )
    .bind(&person.id)
    .execute(&mut site.test.owner().await)
    .await
    .expect("rows");
    let copy = with_files(&site, &admin, &person).await;
    let rows = |name: &str| copy[name].as_array().map_or(0, Vec::len);
    assert!(rows("activity") > 100, "{} rows", rows("activity"));
    assert_eq!((rows("sessions"), rows("privacy_requests")), (1, 1));
    let picture = copy["profile"]["pictures"][0].as_str().expect("a picture");
    let bytes = STANDARD.decode(picture.strip_prefix("data:image/jpeg;base64,").expect("its type")).expect("base64");
    let picture = image::load_from_memory(&bytes).expect("a picture that needs no link");
    assert_eq!((picture.width(), picture.height()), (60, 40));
    assert!(!copy.to_string().contains("refresh_token"), "{copy}");
}

#[tokio::test]
async fn erasing_takes_the_events_first_like_everybody() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let person = make_guests(&site, 1).await.remove(0);
    let (event, kinds) = open(&site, &admin, 5, &[("Standard", None, 0)]).await;
    reserve(&person, &event, &kinds[0], 1).await.expect(201);
    let asked = person.post("/me/privacy-requests", json!({ "request_type": "erasure" })).await.expect(201);
    let run = format!("/privacy/requests/{}/run", text(&asked, "id"));
    // Somebody cancels a booking there, and has begun with the event.
    let mut db = site.test.owner().await;
    let mut cancelling = sqlx::Connection::begin(&mut db).await.expect("begins");
    let lock = "select id from events where id = $1::uuid for update";
    sqlx::query(lock).bind(text(&event, "id")).execute(&mut *cancelling).await.expect("is locked");
    let erasing = tokio::spawn(async move { admin.post(&run, json!({})).await });
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let mut watch = site.test.owner().await;
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut watch).await.expect("a number") == 0 {
        assert!(!erasing.is_finished(), "it did not wait for the event");
        tokio::task::yield_now().await;
    }
    let mine = "select id from event_attendees where user_id = $1::uuid for update nowait";
    sqlx::query(mine).bind(&person.id).execute(&mut *cancelling).await.expect("nobody waits crosswise");
    cancelling.commit().await.expect("commits");
    assert_eq!(erasing.await.expect("answers").expect(200)["status"], "completed");
}

#[tokio::test]
async fn an_export_whose_job_died_can_be_run_again() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let person = make_guests(&site, 1).await.remove(0);
    let asked = person.post("/me/privacy-requests", json!({ "request_type": "export" })).await.expect(201);
    assert_eq!(asked["status"], "requested");
    let run = format!("/privacy/requests/{}/run", text(&asked, "id"));
    assert_eq!(admin.post(&run, json!({})).await.expect(200)["status"], "in_progress");
    // While its job lives, running it again makes no second one.
    admin.post(&run, json!({})).await.expect(200);
    let jobs = "select count(*) from job_runs where job_type = 'people.make_export'";
    assert_eq!(site.number(jobs).await, 1);
    sqlx::query("update job_runs set status = 'dead' where job_type = 'people.make_export'")
        .execute(&site.test.pool)
        .await
        .expect("a dead job");
    admin.post(&run, json!({})).await.expect(200);
    assert_eq!(site.number(jobs).await, 2);
    admin.get("/privacy/requests?status=in_progress").await.expect(200);
    admin.get("/privacy/requests?status=running").await.expect(200);
}

#[tokio::test]
async fn who_takes_no_invitations_gets_none() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 2).await;
    let (event, kinds) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let path = format!("/events/{}", text(&event, "id"));
    let settings = people[0].get("/me/privacy").await.expect(200);
    let mut version = settings["version"].as_i64().expect("a version");
    let mut take = async |from: &str| {
        let change = json!({ "invites_from": from, "version": version });
        version = people[0].patch("/me/privacy", change).await.expect(200)["version"].as_i64().expect("a version");
    };
    let invite = json!({ "invite_type": "direct", "invited_user_id": people[0].id });
    let nobody = json!({ "invite_type": "direct", "invited_user_id": "01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90" });
    let mails = "select count(*) from job_runs where job_type = 'mail.send'";
    let unknown = admin.post(&format!("{path}/invites"), nobody).await;
    unknown.refused(422, "invalid_input");
    // Nobody gets them in unasked either: not with seats of the organiser, nor with a friend's ticket.
    let attendee = text(&reserve(&people[1], &event, &kinds[0], 1).await.expect(201), "attendee_id").to_owned();
    let tickets = people[1].get(&format!("/tickets?attendee_id={attendee}")).await.expect(200);
    let transfer = format!("/tickets/{}/transfer", text(&tickets["items"][0], "id"));
    let comp = |user: &str| json!({ "ticket_type_id": text(&kinds[0], "id"), "user_id": user });
    let attendees = format!("{path}/attendees");
    let sent = site.number(mails).await;
    let stranger = "01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90";
    let no_comp = admin.post(&attendees, comp(stranger)).await;
    let no_transfer = people[1].post(&transfer, json!({ "user_id": stranger })).await;
    take("nobody").await;
    for (known, other) in [
        (admin.post(&attendees, comp(&people[0].id)).await, no_comp),
        (people[1].post(&transfer, json!({ "user_id": people[0].id })).await, no_transfer),
    ] {
        known.refused(422, "invalid_input");
        assert!(known.body["errors"]["user_id"].is_array(), "{}", known.body);
        assert_eq!(known.body["errors"], other.body["errors"], "nor does it tell who exists");
    }
    let refused = admin.post(&format!("{path}/invites"), invite.clone()).await;
    // The same answer: nobody learns what somebody has set.
    assert_eq!((refused.status, &refused.body["errors"]), (unknown.status, &unknown.body["errors"]));
    assert_eq!(site.number(mails).await, sent, "a mail would tell who exists");
    // From organisers whose events one goes to.
    take("attendees").await;
    admin.post(&format!("{path}/invites"), invite.clone()).await.refused(422, "invalid_input");
    admin.post(&attendees, comp(&people[0].id)).await.refused(422, "invalid_input");
    take("everyone").await;
    admin.post(&attendees, comp(&people[0].id)).await.expect(201);
    take("attendees").await;
    admin.post(&format!("{path}/invites"), invite).await.expect(201);
}

#[tokio::test]
async fn a_host_is_named_to_whom_the_host_allows() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 4).await;
    let (host, guest, stranger, co_host) = (&people[0], &people[1], &people[2], &people[3]);
    let mut plan = plan(&site, 20, 5);
    plan["host_user_id"] = json!(host.id);
    let event = admin.post("/events", plan).await.expect(201);
    let path = format!("/events/{}", text(&event, "id"));
    let free = json!({ "name": "Free", "price": { "minor": 0, "currency": "INR" } });
    let kind = admin.post(&format!("{path}/ticket-types"), free).await.expect(201);
    admin.post(&format!("{path}/publish"), json!({})).await.expect(200);
    host.post(&format!("{path}/co-hosts"), json!({ "user_id": co_host.id })).await.expect(201);
    reserve(guest, &event, &kind, 1).await.expect(201);
    let anyone = site.anonymous();
    let listed = async |reader: &Person| {
        let one = reader.get(&path).await.expect(200)["host_name"].clone();
        let list = reader.get("/events").await.expect(200)["items"][0]["host_name"].clone();
        assert_eq!(one, list, "a list names the host as the record does");
        one
    };
    for (visibility, to_guests, to_all) in
        [("everyone", true, true), ("attendees", true, false), ("nobody", false, false)]
    {
        let version = host.get("/me/privacy").await.expect(200)["version"].clone();
        host.patch("/me/privacy", json!({ "profile_visibility": visibility, "version": version })).await.expect(200);
        for (reader, named) in
            [(host, true), (co_host, true), (&admin, true), (guest, to_guests), (stranger, to_all), (&anyone, to_all)]
        {
            assert_eq!(listed(reader).await == json!("Guest 1"), named, "{visibility}: {}", reader.id);
        }
        for (mut browser, named) in [(Browser::of(&site, guest), to_guests), (Browser::new(&site), to_all)] {
            let page = browser.get(&slug(&event)).await.is(200, &slug(&event));
            assert_eq!(page.text.contains("Guest 1"), named, "{visibility}");
        }
    }
}
