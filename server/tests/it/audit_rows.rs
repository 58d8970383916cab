//! One audit row for each write: also of end users who run an event, and of uploads. Staff's other writes are cut in
//! pieces in `faults`.

use eventify::kernel::registry::{Access, operations};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::fixtures::{draft, make_guests, plan, reserve};
use crate::partners::{BOUNDARY, PDF, form, partner, text};
use crate::pictures::png;
use crate::support::{Person, Site, read};

/// Writes, and what each left in the audit.
struct Walk<'s> {
    site: &'s Site,
    stranger: &'s Person,
    walked: Vec<&'static str>,
}

impl Walk<'_> {
    async fn rows(&self) -> i64 {
        self.site.number("select count(*) from audit_logs").await
    }

    /// Who may not leaves no row, who may leaves one.
    async fn send(&mut self, name: &'static str, person: &Person, ask: impl Fn(&Person) -> RequestBuilder) -> Value {
        let before = self.rows().await;
        let refused = read(ask(self.stranger).send().await.expect("an answer")).await;
        // Anybody plans an event of their own.
        let own = name == "event_create";
        assert!(own || [403, 404].contains(&refused.status.as_u16()), "{name}: {}", refused.body);
        let refused = self.rows().await;
        assert_eq!(refused - before, i64::from(own), "{name} by a stranger");
        let answer = read(ask(person).send().await.expect("an answer")).await;
        assert!(answer.status.is_success(), "{name}: {}", answer.body);
        assert_eq!(self.rows().await - refused, 1, "{name}");
        self.walked.push(name);
        answer.body
    }

    async fn json(&mut self, name: &'static str, person: &Person, method: Method, path: &str, body: Value) -> Value {
        self.send(name, person, |person| {
            let request = person.request(method.clone(), path);
            if body.is_null() { request } else { request.json(&body) }
        })
        .await
    }

    async fn post(&mut self, name: &'static str, person: &Person, path: &str, body: Value) -> Value {
        self.json(name, person, Method::POST, path, body).await
    }

    async fn file(&mut self, name: &'static str, person: &Person, path: &str, (kind, body): (&str, Vec<u8>)) -> Value {
        self.send(name, person, |person| {
            person.request(Method::POST, path).header("content-type", kind).body(body.clone())
        })
        .await
    }
}

/// A file in a form.
pub fn upload(kind: Option<&str>, file: &[u8]) -> (&'static str, Vec<u8>) {
    assert_eq!(BOUNDARY, "a-line-that-is-in-no-file");
    ("multipart/form-data; boundary=a-line-that-is-in-no-file", form(kind, "a file", file))
}

/// The same form, of which the choice is called `kind`.
fn as_kind(form: Vec<u8>) -> Vec<u8> {
    String::from_utf8(form).expect("text").replacen("name=\"type\"", "name=\"kind\"", 1).into_bytes()
}

fn list(name: &str) -> (&'static str, Vec<u8>) {
    ("text/csv", format!("Name,Email\n{name},{name}@example.com\n").into_bytes())
}

/// What is planned: the event and what belongs to it.
async fn planned(walk: &mut Walk<'_>, host: &Person, friend: &Person) -> (Value, [Value; 2]) {
    let event = walk.post("event_create", host, "/events", plan(walk.site, 20, 10)).await;
    let path = format!("/events/{}", text(&event, "id"));
    let renamed = json!({ "title": "Monsoon Blues", "version": event["version"] });
    walk.json("event_update", host, Method::PATCH, &path, renamed).await;
    let asked = json!({ "questions": [{ "label": "What do you eat?", "kind": "text", "required": false }] });
    walk.json("event_question_set", host, Method::PUT, &format!("{path}/questions"), asked).await;
    let hosts = format!("{path}/co-hosts");
    let co_host = walk.post("event_co_host_add", host, &hosts, json!({ "user_id": friend.id })).await;
    let gone = format!("{hosts}/{}", text(&co_host, "id"));
    walk.json("event_co_host_remove", host, Method::DELETE, &gone, Value::Null).await;
    let stream = json!({ "provider": "youtube", "stream_key": "a-key-of-some-length" });
    let stream = walk.post("event_stream_add", host, &format!("{path}/streams"), stream).await;
    let one = format!("{path}/streams/{}", text(&stream, "id"));
    let change = json!({ "playback_url": "https://example.com/live", "version": stream["version"] });
    walk.json("event_stream_update", host, Method::PATCH, &one, change).await;
    walk.post("event_stream_reveal_key", host, &format!("{one}/key"), json!({})).await;
    walk.json("event_stream_remove", host, Method::DELETE, &one, Value::Null).await;
    let mut kinds = Vec::new();
    for (name, quota, minor) in [("Standard", None, 0), ("Paid", Some(1), 50_000), ("Last", None, 0)] {
        let price = json!({ "minor": minor, "currency": "INR" });
        let input = json!({ "name": name, "quota": quota, "price": price, "per_order_limit": 4 });
        kinds.push(walk.post("ticket_type_add", host, &format!("{path}/ticket-types"), input).await);
    }
    let [standard, paid, last] = kinds.try_into().expect("three");
    let one = format!("/ticket-types/{}", text(&last, "id"));
    let change = json!({ "name": "The last", "version": last["version"] });
    walk.json("ticket_type_update", host, Method::PATCH, &one, change).await;
    walk.json("ticket_type_retire", host, Method::DELETE, &one, Value::Null).await;
    let code = json!({ "code": "EARLYBIRD", "discount_percent": "10.00" });
    let code = walk.post("promo_code_add", host, &format!("{path}/promo-codes"), code).await;
    let one = format!("/promo-codes/{}", text(&code, "id"));
    walk.json("promo_code_revoke", host, Method::DELETE, &one, Value::Null).await;
    walk.post("promo_code_restore", host, &format!("{one}/restore"), json!({})).await;
    let images = format!("{path}/images");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let image = walk.file("event_image_add", host, &images, upload(None, &png(40, 30))).await;
        ids.insert(0, text(&image, "id").to_owned());
    }
    let order = json!({ "images": ids, "covers": [ids[0]] });
    walk.json("event_image_order", host, Method::PUT, &images, order).await;
    walk.json("event_image_remove", host, Method::DELETE, &format!("{images}/{}", ids[1]), Value::Null).await;
    walk.post("event_publish", host, &format!("{path}/publish"), json!({})).await;
    (event, [standard, paid])
}

/// Who comes: invitations, requests, guests, tickets, those who wait.
async fn guests(walk: &mut Walk<'_>, host: &Person, people: &[Person], event: &Value, [free, paid]: &[Value; 2]) {
    let path = format!("/events/{}", text(event, "id"));
    let direct = json!({ "invite_type": "direct", "invited_user_id": people[0].id });
    let invite = walk.post("event_invite_create", host, &format!("{path}/invites"), direct).await;
    let one = format!("/invites/{}", text(&invite, "id"));
    walk.json("event_invite_decide", host, Method::PATCH, &one, json!({ "status": "expired" })).await;
    let guests = format!("{path}/attendees");
    let silent = json!({ "ticket_type_id": free["id"], "name": "Rohit" });
    let silent = walk.post("attendee_comp", host, &guests, silent).await;
    let one = format!("/attendees/{}", text(&silent, "id"));
    walk.post("attendee_contact_add", host, &format!("{one}/contact"), json!({ "email": "rohit@example.com" })).await;
    walk.post("attendee_cancel", host, &format!("{one}/cancel"), json!({ "reason": "No seat" })).await;
    let import = format!("{guests}/import?ticket_type_id={}", text(free, "id"));
    walk.file("attendee_import", host, &import, list("asha")).await;
    let ask = json!({ "ticket_type_id": free["id"] });
    let request = people[1].post(&format!("{path}/requests"), ask).await.expect(201);
    let one = format!("/requests/{}", text(&request, "id"));
    walk.json("event_request_decide", host, Method::PATCH, &one, json!({ "status": "accepted" })).await;
    let held = reserve(&people[2], event, paid, 1).await.expect(201);
    let line = json!({ "ticket_type_id": paid["id"] });
    let waits = people[3].post(&format!("{path}/waiting-list"), line).await.expect(201);
    let one = format!("/waiting-list/{}", text(&waits, "id"));
    walk.json("waiting_list_offer", host, Method::POST, &format!("{one}/offer"), Value::Null).await;
    walk.json("waiting_list_leave", host, Method::DELETE, &one, Value::Null).await;
    let one = format!("/reservations/{}", text(&held, "id"));
    walk.json("reservation_release", host, Method::DELETE, &one, Value::Null).await;
    let moved = json!({ "ticket_type_id": free["id"], "name": "Mira" });
    let moved = host.post(&guests, moved).await.expect(201);
    let to = json!({ "ticket_type_id": paid["id"] });
    walk.post("attendee_move", host, &format!("/attendees/{}/move", text(&moved, "id")), to).await;
    let taken = reserve(&people[4], event, free, 1).await.expect(201);
    let tickets = host.get(&format!("/attendees/{}/tickets", text(&taken, "attendee_id"))).await.expect(200);
    let one = format!("/tickets/{}", text(&tickets["tickets"][0]["ticket"], "id"));
    let friend = json!({ "name": "A friend", "email": "friend@example.com" });
    for (name, step, body) in [
        ("ticket_resend", "resend", json!({})),
        ("ticket_reissue", "reissue", json!({})),
        ("ticket_transfer", "transfer", friend),
        ("ticket_revoke", "revoke", json!({ "reason": "Sold twice" })),
    ] {
        walk.post(name, host, &format!("{one}/{step}"), body).await;
    }
}

/// What becomes of an event.
async fn steps(walk: &mut Walk<'_>, host: &Person, event: &Value) {
    let at = |moment: time::OffsetDateTime| eventify::kernel::timestamp::Timestamp(moment).rfc3339();
    let start = walk.site.test.clock.now().0 + time::Duration::days(40);
    let path = format!("/events/{}", text(event, "id"));
    let mut times = json!({ "start_at": at(start), "end_at": at(start + time::Duration::hours(3)) });
    walk.post("event_duplicate", host, &format!("{path}/duplicate"), times.clone()).await;
    times["version"] = host.get(&path).await.expect(200)["version"].clone();
    walk.post("event_reschedule", host, &format!("{path}/reschedule"), times).await;
    walk.post("event_cancel", host, &format!("{path}/cancel"), json!({ "reason": "The roof leaks" })).await;
    let mut soon = plan(walk.site, 10, 0);
    soon["start_at"] = at(walk.site.test.clock.now().0 + time::Duration::hours(2)).into();
    let soon = walk.post("event_create", host, "/events", soon).await;
    let path = format!("/events/{}", text(&soon, "id"));
    walk.post("event_publish", host, &format!("{path}/publish"), json!({})).await;
    for (name, step) in [("event_start", "start"), ("event_end", "end")] {
        walk.post(name, host, &format!("{path}/{step}"), json!({})).await;
    }
}

#[tokio::test]
async fn whatever_a_host_changes_is_audited_once() {
    let site = Site::start().await;
    let people = make_guests(&site, 8).await;
    let (host, stranger) = (&people[6], &people[7]);
    let mut walk = Walk { site: &site, stranger, walked: Vec::new() };
    let (event, kinds) = planned(&mut walk, host, &people[5]).await;
    guests(&mut walk, host, &people, &event, &kinds).await;
    steps(&mut walk, host, &event).await;
    let left: Vec<&str> = operations()
        .into_iter()
        .filter(|o| o.writes() && o.unaudited.is_none() && o.access.contains(&Access::EndUser))
        .filter(|o| o.access.iter().any(|access| matches!(access, Access::Staff(_))))
        .map(|o| o.id)
        .filter(|id| !walk.walked.contains(id))
        .collect();
    assert!(left.is_empty(), "a host's writes that were not looked at: {left:?}");
}

#[tokio::test]
async fn what_staff_upload_is_audited_once() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let stranger = site.person("nobody@example.com", "auditor").await;
    let mut walk = Walk { site: &site, stranger: &stranger, walked: Vec::new() };
    let owner = partner(&admin, "Harbour Hall").await;
    let event = draft(&site, &admin, 10).await;
    let kind = crate::fixtures::kind(&admin, &event, "Standard", None, 0).await;
    admin.post(&format!("/events/{}/publish", text(&event, "id")), json!({})).await.expect(200);
    let documents = format!("/partners/{}/documents", text(&owner, "id"));
    walk.file("partner_document_upload", &admin, &documents, upload(Some("pan"), PDF)).await;
    let artist = json!({ "stage_name": "Night Ferry", "kind": "performer" });
    let artist = admin.post("/talent", artist).await.expect(201);
    let riders = format!("/talent/{}/documents", text(&artist, "id"));
    walk.file("talent_document_upload", &admin, &riders, upload(Some("rider"), PDF)).await;
    let member = admin.post("/staff", json!({ "full_name": "Joy Thomas" })).await.expect(201);
    let papers = format!("/staff/{}/documents", text(&member, "id"));
    walk.file("crew_document_upload", &admin, &papers, upload(Some("contract"), PDF)).await;
    let images = format!("/events/{}/images", text(&event, "id"));
    walk.file("event_image_add", &admin, &images, upload(None, &png(40, 30))).await;
    let import = format!("/events/{}/attendees/import?ticket_type_id={}", text(&event, "id"), text(&kind, "id"));
    walk.file("attendee_import", &admin, &import, list("noor")).await;
    walk.file("organisation_set_logo", &admin, "/admin/organisation/logo", upload(None, &png(40, 30))).await;
    let people = make_guests(&site, 1).await;
    let paid = crate::fixtures::kind(&admin, &event, "Paid", None, 50_000).await;
    let paid = crate::finance::buy(&site, &people[0], &event, &paid, 1).await;
    // Of a provider that has taken something.
    let report = "type,reference,amount,fee,currency,settlement,settled_on\npayment,x,30.00,0,INR,S1,2026-11-24\n";
    let path = "/finance/settlements?provider=sandbox";
    walk.file("settlement_import", &admin, path, ("text/csv", report.as_bytes().to_vec())).await;
    let asked = json!({ "reason": "A letter came", "due_at": "2026-12-24T12:00:00Z" });
    let asked = admin.post(&format!("/payments/{}/disputes", text(&paid["payment"], "id")), asked).await.expect(201);
    let evidence = format!("/disputes/{}/evidence", text(&asked, "id"));
    let (kind, form) = upload(Some("receipt"), PDF);
    walk.file("dispute_evidence_add", &admin, &evidence, (kind, as_kind(form))).await;
    let left: Vec<&str> = operations()
        .into_iter()
        .filter(|o| o.writes() && o.takes_raw_body() && o.unaudited.is_none())
        .filter(|o| o.access.iter().any(|access| matches!(access, Access::Staff(_))))
        .map(|o| o.id)
        .filter(|id| !walk.walked.contains(id))
        .collect();
    assert!(left.is_empty(), "uploads that were not looked at: {left:?}");
}
