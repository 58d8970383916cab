//! The way in and the tickets: requests, invitations, promo codes, guest lists, codes, transfer.

use eventify::kernel::registry::operations;
use eventify::tickets::code::{CodeBody, is_genuine};
use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::add_guest;
use crate::fixtures::{kind, make_guests, must_hold, open, plan, reserve};
use crate::partners::text;
use crate::support::{Answer, Person, Site, read};

async fn import(person: &Person, event: &Value, kind: &Value, list: &str) -> Answer {
    let path = format!("/events/{}/attendees/import?ticket_type_id={}", text(event, "id"), text(kind, "id"));
    let request = person.request(Method::POST, &path).header("content-type", "text/csv");
    read(request.body(list.to_owned()).send().await.expect("an answer")).await
}

#[tokio::test]
async fn seats_that_are_added_for_a_guest_are_that_guests() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 2, &[("Standard", Some(2), 0)]).await;
    let people = make_guests(&site, 3).await;
    reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    add_guest(&admin, &event, &kinds[0], "Om Das", 1).await;
    let path = format!("/events/{}", text(&event, "id"));
    let waits = people[1].post(&format!("{path}/waiting-list"), json!({ "ticket_type_id": kinds[0]["id"] })).await;
    let waits = waits.expect(201);
    let ask = json!({ "message": "May we?", "seats_requested": 2 });
    let request = people[2].post(&format!("{path}/requests"), ask).await.expect(201);
    let one = format!("/requests/{}", text(&request, "id"));
    admin.patch(&one, json!({ "status": "accepted" })).await.refused(409, "sold_out");
    let reads = site.person("reads@example.com", "auditor").await;
    let more = json!({ "status": "accepted", "add_seats": true });
    reads.patch(&one, more.clone()).await.refused(403, "forbidden");
    // The second click changes nothing.
    let (first, second) = tokio::join!(admin.patch(&one, more.clone()), admin.patch(&one, more.clone()));
    let mut codes = [first.status.as_u16(), second.status.as_u16()];
    codes.sort_unstable();
    assert_eq!(codes, [200, 409], "{} {}", first.body, second.body);
    let (now, kind) = (admin.get(&path).await.expect(200), admin.rows(&format!("{path}/ticket-types")).await);
    assert_eq!((&now["capacity"], &kind[0]["quota"]), (&json!(4), &json!(4)), "two more");
    let line = admin.rows(&format!("{path}/waiting-list")).await;
    assert_eq!((&line[0]["id"], &line[0]["status"]), (&waits["id"], &json!("waiting")), "{line}");
    assert_eq!(people[2].rows("/tickets").await.as_array().map(Vec::len), Some(2));
    must_hold(&site, &event, "seats that were added").await;
}

#[tokio::test]
async fn a_request_from_asking_to_tickets_and_back() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 4).await;
    let event = people[0].post("/events", plan(&site, 3, 5)).await.expect(201);
    let path = format!("/events/{}", text(&event, "id"));
    let ask = |seats: i32| json!({ "message": "May I?", "seats_requested": seats });
    people[1].post(&format!("{path}/requests"), ask(1)).await.refused(404, "not_found");
    people[0].post(&format!("{path}/publish"), json!({})).await.expect(200);
    let request = people[1].post(&format!("{path}/requests"), ask(2)).await.expect(201);
    people[1].post(&format!("{path}/requests"), ask(1)).await.refused(409, "already_exists");
    let other = people[2].post(&format!("{path}/requests"), ask(2)).await.expect(201);
    assert_eq!(people[0].get(&path).await.expect(200)["requests_count"], 2);
    let list = |person: &Person| {
        let (p, path) = (person.clone(), format!("{path}/requests"));
        async move { p.get(&path).await.expect(200)["items"].as_array().unwrap().len() }
    };
    assert_eq!((list(&people[0]).await, list(&people[1]).await, list(&people[3]).await), (2, 1, 0));
    let one = format!("/requests/{}", text(&request, "id"));
    people[3].get(&one).await.refused(404, "not_found");
    people[1].patch(&one, json!({ "status": "accepted" })).await.refused(403, "forbidden");
    people[0].patch(&one, json!({ "status": "cancelled" })).await.refused(403, "forbidden");
    let accepted = people[0].patch(&one, json!({ "status": "accepted", "host_message": "Welcome" })).await.expect(200);
    assert_eq!((&accepted["reservation"]["status"], text(&accepted, "host_message")), (&json!("consumed"), "Welcome"));
    people[0].patch(&one, json!({ "status": "declined" })).await.refused(409, "invalid_transition");
    // Two of three seats are gone: the second party does not fit, and stays where it is.
    let two = format!("/requests/{}", text(&other, "id"));
    people[0].patch(&two, json!({ "status": "accepted" })).await.refused(409, "sold_out");
    must_hold(&site, &event, "a refused acceptance").await;
    people[1].patch(&one, json!({ "status": "cancelled" })).await.expect(200);
    assert_eq!(site.number("select count(*) from tickets where status = 'revoked'").await, 2);
    people[0].patch(&two, json!({ "status": "accepted" })).await.expect(200);
    must_hold(&site, &event, "the second acceptance").await;
    admin.get(&two).await.expect(200);
}

#[tokio::test]
async fn invitations_direct_and_by_link() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 5).await;
    let path = format!("/events/{}/invites", text(&event, "id"));
    let hidden = json!({ "name": "Family", "hidden": true });
    let family = admin.post(&format!("/events/{}/ticket-types", text(&event, "id")), hidden).await.expect(201);
    reserve(&people[0], &event, &family, 1).await.refused(409, "sales_closed");
    let input = json!({ "invite_type": "direct", "invited_user_id": people[0].id, "ticket_type_id": family["id"] });
    let invite = admin.post(&path, input.clone()).await.expect(201);
    admin.post(&path, input).await.refused(409, "already_exists");
    people[1].post(&path, json!({ "invite_type": "share_link" })).await.refused(403, "forbidden");
    let one = format!("/invites/{}", text(&invite, "id"));
    people[1].patch(&one, json!({ "status": "accepted" })).await.refused(404, "not_found");
    assert_eq!(people[0].rows("/me/invites").await[0]["id"], invite["id"]);
    let accepted = people[0].patch(&one, json!({ "status": "accepted" })).await.expect(200);
    assert_eq!(accepted["reservation"]["ticket_type_id"], family["id"]);
    people[0].patch(&one, json!({ "status": "declined" })).await.refused(409, "invalid_transition");

    let link = json!({ "invite_type": "share_link", "max_uses": 2, "ticket_type_id": kinds[0]["id"] });
    let link = admin.post(&path, link).await.expect(201);
    // An invitation is good until the event ends, whatever it says, and the document says so.
    let late = json!({ "invite_type": "share_link", "expires_at": "2038-01-01T00:00:00Z" });
    assert_eq!(admin.post(&path, late).await.expect(201)["expires_at"], event["end_at"]);
    let document = eventify::kernel::openapi::document();
    let said = &document["components"]["schemas"]["NewInvite"]["properties"]["expires_at"]["description"];
    assert!(said.as_str().is_some_and(|said| said.contains("at latest when the event ends")), "{said}");
    let token = text(&link, "link").rsplit('/').next().unwrap().to_owned();
    let dump = crate::secrets::whole_database(&site).await.expect("a dump");
    assert!(!dump.contains(&token), "the link's token is stored");
    let come = json!({ "token": token });
    people[1].post("/invites/accept", come.clone()).await.expect(201);
    people[1].post("/invites/accept", come.clone()).await.refused(409, "over_the_limit");
    people[2].post("/invites/accept", come.clone()).await.expect(201);
    people[3].post("/invites/accept", come).await.refused(410, "link_invalid");
    people[3].post("/invites/accept", json!({ "token": "somebody-made-this-up" })).await.refused(410, "link_invalid");
    let direct = json!({ "invite_type": "direct", "invited_user_id": people[4].id });
    let direct = admin.post(&path, direct).await.expect(201);
    let one = format!("/invites/{}", text(&direct, "id"));
    admin.patch(&one, json!({ "status": "expired" })).await.expect(200);
    people[4].patch(&one, json!({ "status": "accepted" })).await.refused(409, "invalid_transition");
    must_hold(&site, &event, "the invitations").await;
}

#[tokio::test]
async fn codes_are_signed_and_die_with_their_generation() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 3).await;
    let taken = reserve(&people[0], &event, &kinds[0], 2).await.expect(201);
    let own = people[0].get("/tickets").await.expect(200);
    assert_eq!(own["items"].as_array().unwrap().len(), 2);
    let id = text(&own["items"][0], "id").to_owned();
    let code = people[0].get(&format!("/tickets/{id}/code")).await.expect(200);
    people[1].get(&format!("/tickets/{id}/code")).await.refused(404, "not_found");
    let public: Vec<u8> = sqlx::query_scalar("select public_key from signing_keys where purpose = 'event'")
        .fetch_one(&site.test.reader)
        .await
        .unwrap();
    assert!(is_genuine(text(&code, "code"), &public) && text(&code, "svg").starts_with("<svg"));
    let body = CodeBody::read(text(&code, "code")).expect("a code");
    assert_eq!(
        (body.ticket.to_string(), body.event.to_string(), body.generation),
        (id.clone(), text(&event, "id").to_owned(), 1)
    );
    // Shown again it says the same; in the database stands neither secret nor short code.
    assert_eq!(people[0].get(&format!("/tickets/{id}/code")).await.expect(200)["short_code"], code["short_code"]);
    let fits = "select count(*) from ticket_secrets where ticket_id = $1::uuid
                and secret_hash = sha256(int8send(16) || secret_salt || int8send(16) || $2)";
    let fitting = async |secret: &[u8]| -> i64 {
        sqlx::query_scalar(fits).bind(&id).bind(secret).fetch_one(&site.test.reader).await.unwrap()
    };
    assert_eq!(fitting(&body.secret).await, 1);
    let dump = crate::secrets::whole_database(&site).await.expect("a dump");
    assert!(!dump.contains(text(&code, "short_code")) && !dump.contains(&hex::encode(body.secret)));

    let transfer = format!("/tickets/{id}/transfer");
    people[1].post(&transfer, json!({ "user_id": people[1].id })).await.refused(404, "not_found");
    let moved = people[0].post(&transfer, json!({ "user_id": people[1].id })).await.expect(200);
    assert_eq!((&moved["generation"], &moved["user_id"]), (&json!(2), &json!(people[1].id)));
    assert_eq!(fitting(&body.secret).await, 0, "the old code is dead");
    people[0].get(&format!("/tickets/{id}/code")).await.refused(404, "not_found");
    let new = people[1].get(&format!("/tickets/{id}/code")).await.expect(200);
    assert_eq!(fitting(&CodeBody::read(text(&new, "code")).unwrap().secret).await, 1);
    must_hold(&site, &event, "the transfer").await;
    let guest = people[0].get(&format!("/attendees/{}", text(&taken, "attendee_id"))).await.expect(200);
    assert_eq!((&guest["seats"], text(&guest, "status")), (&json!(1), "going"));

    let by_name = json!({ "name": "Ira Bose", "email": "ira@example.com" });
    people[1].post(&transfer, by_name).await.expect(200);
    let status = admin.get(&format!("/tickets/status/{id}")).await.expect(200);
    assert_eq!((text(&status, "holder_name"), &status["generation"]), ("Ira Bose", &json!(3)));
    let again = admin.post(&format!("/tickets/{id}/resend"), json!({ "reissue": true })).await.expect(200);
    assert_eq!(again["generation"], 4);
    admin.post(&format!("/tickets/{id}/revoke"), json!({ "reason": "Sold on" })).await.expect(200);
    admin
        .post(&format!("/tickets/{id}/revoke"), json!({ "reason": "Sold on" }))
        .await
        .refused(409, "invalid_transition");
    admin.get(&format!("/tickets/{id}/code")).await.refused(409, "invalid_transition");
    must_hold(&site, &event, "the revocation").await;
    let calendar = people[0].get(&format!("/tickets/{}/calendar.ics", text(&own["items"][1], "id"))).await;
    assert!(calendar.body.as_str().is_some_and(|file| file.contains("BEGIN:VEVENT")));
}

#[tokio::test]
async fn a_guests_link_shows_the_tickets_until_it_is_renewed() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let path = format!("/events/{}/attendees", text(&event, "id"));
    let comp = json!({ "ticket_type_id": kinds[0]["id"], "name": "Ira Bose", "email": "ira@example.com", "seats": 2 });
    let guest = admin.post(&path, comp).await.expect(201);
    assert_eq!((text(&guest, "source"), &guest["price_paid"]["minor"]), ("comp", &json!(0)));
    let id: uuid::Uuid = text(&guest, "id").parse().unwrap();
    let link = |generation| {
        let token = eventify::notify::guests::token(&site.test.keys, id, generation);
        format!("/attendees/{id}/tickets?token={token}")
    };
    let shown = site.anonymous().get(&link(1)).await.expect(200);
    assert_eq!(shown["tickets"].as_array().unwrap().len(), 2);
    site.anonymous().get(&link(2)).await.refused(404, "not_found");
    site.anonymous().get(&format!("/attendees/{id}/tickets")).await.refused(404, "not_found");
    let ticket = text(&shown["tickets"][0]["ticket"], "id").to_owned();
    admin.post(&format!("/tickets/{ticket}/resend"), json!({ "reissue": true })).await.expect(200);
    site.anonymous().get(&link(1)).await.refused(404, "not_found");
    site.anonymous().get(&link(2)).await.expect(200);
    let mails = "select count(*) from job_runs where payload->'mail'->>'template' = 'tickets_issued'";
    assert_eq!(site.number(mails).await, 2);
}

#[tokio::test]
async fn promo_codes_sales_windows_and_limits() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 9_999)]).await;
    let people = make_guests(&site, 4).await;
    let path = format!("/events/{}", text(&event, "id"));
    let hidden = json!({ "name": "Backstage", "hidden": true, "price": { "minor": 500, "currency": "INR" } });
    let hidden = admin.post(&format!("{path}/ticket-types"), hidden).await.expect(201);
    let promo = json!({ "code": "early", "discount_percent": "12.5", "max_uses": 1 });
    admin.post(&format!("{path}/promo-codes"), promo.clone()).await.expect(201);
    admin.post(&format!("{path}/promo-codes"), promo).await.refused(409, "already_exists");
    let key =
        json!({ "code": "BACK", "unlocks_hidden": true, "discount_percent": "100", "ticket_type_id": hidden["id"] });
    let key = admin.post(&format!("{path}/promo-codes"), key).await.expect(201);
    let reserve = |person: &Person, kind: &Value, code: &str| {
        let input = json!({ "ticket_type_id": kind["id"], "promo_code": code });
        let (person, path) = (person.clone(), format!("{path}/reservations"));
        async move { person.post(&path, input).await }
    };
    let two = json!({ "ticket_type_id": kinds[0]["id"], "promo_code": "EARLY", "seats": 2 });
    let refused = people[0].post(&format!("{path}/reservations"), two).await;
    refused.refused(409, "promo_code_invalid");
    assert_eq!(text(&refused.body, "detail"), "This code is good for 1 more ticket.");
    let held = reserve(&people[0], &kinds[0], "Early").await.expect(201);
    assert_eq!(held["unit_price"]["minor"], 8_749, "rounded in the guest's favour");
    reserve(&people[1], &kinds[0], "EARLY").await.refused(409, "promo_code_invalid");
    reserve(&people[1], &kinds[0], "BACK").await.refused(409, "promo_code_invalid");
    let seen = |query: &str| {
        let (p, path) = (people[1].clone(), format!("{path}/ticket-types{query}"));
        async move { p.rows(&path).await.as_array().unwrap().len() }
    };
    assert_eq!((seen("").await, seen("?promo_code=back").await), (1, 2));
    assert_eq!(reserve(&people[1], &hidden, "back").await.expect(201)["status"], "consumed");
    admin.delete(&format!("/promo-codes/{}", text(&key, "id"))).await.expect(204);
    reserve(&people[2], &hidden, "back").await.refused(409, "promo_code_invalid");
    // Given back, the code can be used again.
    people[0].delete(&format!("/reservations/{}", text(&held, "id"))).await.expect(204);
    reserve(&people[1], &kinds[0], "EARLY").await.expect(201);

    let later = plan(&site, 1, 2)["start_at"].clone();
    let patch = json!({ "sales_start_at": later, "version": 1 });
    let kind_path = format!("/ticket-types/{}", text(&kinds[0], "id"));
    let closed = admin.patch(&kind_path, patch).await.expect(200);
    crate::fixtures::reserve(&people[2], &event, &kinds[0], 1).await.refused(409, "sales_closed");
    let taken = json!({ "price": { "minor": 1, "currency": "INR" }, "version": closed["version"] });
    admin.patch(&kind_path, taken).await.refused(409, "invalid_transition");
    let euros = json!({ "name": "Euro", "price": { "minor": 1, "currency": "EUR" } });
    admin.post(&format!("{path}/ticket-types"), euros).await.refused(422, "invalid_input");
    // The event's price follows what is on show.
    assert_eq!(admin.get(&path).await.expect(200)["ticket_price"]["minor"], 9_999);
    kind(&admin, &event, "Cheap", None, 100).await;
    assert_eq!(admin.get(&path).await.expect(200)["ticket_price"]["minor"], 100);
    must_hold(&site, &event, "the promo codes").await;
}

#[tokio::test]
async fn plus_ones_genders_and_questions_are_asked_for() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 3).await;
    let path = format!("/events/{}", text(&event, "id"));
    let version = admin.get(&path).await.expect(200)["version"].clone();
    let rules = json!({ "allow_plus_one": false, "allowed_genders": "female", "version": version });
    admin.patch(&path, rules).await.expect(200);
    reserve(&people[0], &event, &kinds[0], 1).await.refused(409, "not_admitted");
    let me = people[0].get("/me").await.expect(200);
    people[0].patch("/me", json!({ "gender": "female", "version": me["version"] })).await.expect(200);
    reserve(&people[0], &event, &kinds[0], 2).await.refused(409, "over_the_limit");
    let asked = json!({ "questions": [
        { "label": "Diet?", "kind": "choice", "options": ["Any", "Vegan"], "required": true },
        { "label": "Anything else?", "kind": "text" },
    ] });
    let asked = admin.put(&format!("{path}/questions"), asked).await.expect(200);
    let refused = reserve(&people[0], &event, &kinds[0], 1).await;
    refused.refused(422, "invalid_input");
    assert!(
        refused.body["errors"][format!("answers.{}", text(&asked["items"][0], "id"))].is_array(),
        "{}",
        refused.body
    );
    let answer =
        |word: &str| json!({ "ticket_type_id": kinds[0]["id"], "answers": { text(&asked["items"][0], "id"): word } });
    let reservations = format!("{path}/reservations");
    people[0].post(&reservations, answer("Meat")).await.refused(422, "invalid_input");
    let taken = people[0].post(&reservations, answer("Vegan")).await.expect(201);
    let guest = admin.get(&format!("/attendees/{}", text(&taken, "attendee_id"))).await.expect(200);
    assert_eq!(guest["answers"][text(&asked["items"][0], "id")], "Vegan");
    people[0].post(&reservations, answer("Vegan")).await.refused(409, "over_the_limit");
    let cancel = format!("/attendees/{}/cancel", text(&taken, "attendee_id"));
    people[1].post(&cancel, json!({})).await.refused(404, "not_found");
    admin.post(&cancel, json!({})).await.refused(422, "invalid_input");
    admin.post(&cancel, json!({ "reason": "No seat" })).await.expect(200);
    admin.post(&cancel, json!({ "reason": "No seat" })).await.refused(409, "invalid_transition");
}

#[tokio::test]
async fn erasing_somebody_takes_what_they_wrote() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 2).await;
    for person in &people {
        let input = json!({ "message": format!("I am {}", person.id) });
        person.post(&format!("/events/{}/requests", text(&event, "id")), input).await.expect(201);
    }
    let asked = people[0].post("/me/privacy-requests", json!({ "request_type": "erasure" })).await.expect(201);
    admin.post(&format!("/privacy/requests/{}/run", text(&asked, "id")), json!({})).await.expect(200);
    let blank = "select count(*) from event_requests where message = '' and status = 'cancelled'";
    assert_eq!(site.number(blank).await, 1);
    must_hold(&site, &event, "the erasure").await;
    assert_eq!(site.number("select requests_count::bigint from events").await, 1);
}

#[tokio::test]
async fn a_guest_list_is_taken_whole_or_not_at_all() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 6, &[("Standard", None, 0), ("VIP", Some(1), 0)]).await;
    let list = "name,email,seats,ticket type\nAsha,a@example.com,2,\nDev,,1,vip\nIra,i@example.com,1,\n";
    let done = import(&admin, &event, &kinds[0], list).await.expect(200);
    assert_eq!((&done["imported"], &done["seats"], &done["skipped"]), (&json!(3), &json!(4), &json!(0)));
    must_hold(&site, &event, "the import").await;
    let again = "name,email,seats\nAsha,A@example.com,2\nOm,o@example.com,1\n";
    assert_eq!(import(&admin, &event, &kinds[0], again).await.expect(200)["skipped"], 1);
    let too_many = import(&admin, &event, &kinds[0], "name,seats\nOne,1\nTwo,1\n").await;
    too_many.refused(409, "sold_out");
    assert!(too_many.body["errors"]["row 3, seats"].is_array(), "{}", too_many.body);
    let wrong = import(&admin, &event, &kinds[0], "name,email\nOk,\n,x\n").await;
    wrong.refused(422, "invalid_input");
    assert!(wrong.body["errors"]["row 3, name"].is_array(), "{}", wrong.body);
    assert_eq!(site.number("select count(*) from event_attendees").await, 4);
    let stranger = site.person("s@example.com", "auditor").await;
    import(&stranger, &event, &kinds[0], list).await.refused(403, "forbidden");
    let found = admin.get(&format!("/events/{}/attendees?q=ASHA", text(&event, "id"))).await.expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_demo_is_whole_and_the_paths_are_there() {
    let all = operations();
    for (method, path) in [
        ("GET", "/events"),
        ("GET", "/events/{id}"),
        ("POST", "/events"),
        ("PATCH", "/events/{id}"),
        ("GET", "/events/live"),
        ("POST", "/events/{id}/requests"),
        ("PATCH", "/requests/{id}"),
        ("POST", "/events/{id}/invites"),
        ("PATCH", "/invites/{id}"),
        ("GET", "/events/{id}/calendar.ics"),
        ("GET", "/tickets/status/{id}"),
    ] {
        assert!(all.iter().any(|o| o.method == method && o.path == path), "{method} {path}");
    }
    let site = Site::start_with_nobody(&[]).await;
    let began = std::time::Instant::now();
    eventify_server::boot::seed_demo(&site.test.app).await.expect("the demo");
    println!("seeded in {:?}", began.elapsed());
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar("select id from events").fetch_all(&site.test.reader).await.unwrap();
    assert_eq!(ids.len(), 12);
    for id in ids {
        must_hold(&site, &json!({ "id": id.to_string() }), "the demo").await;
    }
    assert!(site.number("select count(*) from event_attendees").await > 600);
    assert_eq!(site.number("select count(distinct status) from events").await, 5);
    assert!(site.number("select count(*) from waiting_list_entries").await > 5);
    demo_invitations(&site).await;
    demo_in_order(&site).await;
    eventify_server::boot::seed_demo(&site.test.app).await.expect("the demo again");
    assert_eq!(site.number("select count(*) from events").await, 12);
}

/// What the demo's log tells happened in that order, was done by people, and guests came one after another.
async fn demo_in_order(site: &Site) {
    let back =
        "select count(*) from (select created_at < lag(created_at) over (order by seq) as back from audit_logs) l
                where back";
    assert_eq!(site.number(back).await, 0);
    let nobodys = "select count(*) from audit_logs where actor_kind = 'system' and object_type in
                   ('event', 'ticket_type', 'gate', 'event_invite', 'event_attendee')
                   and action not in ('event.started', 'event.ended')";
    assert_eq!(site.number(nobodys).await, 0);
    assert!(site.number("select count(*) from audit_logs where action = 'attendee.booked'").await > 50);
    let moments = "select count(distinct checked_in_at) from event_attendees where checked_in_at is not null";
    assert!(site.number(moments).await > 100, "nobody comes at the same second");
    let others = "select count(*) from event_attendees a where a.checked_in_at <>
                  (select min(c.checked_in_at) from ticket_checkins c join tickets k on k.id = c.ticket_id
                   where k.attendee_id = a.id and c.result = 'admitted')";
    assert_eq!(site.number(others).await, 0, "the door list says when the ticket was shown");
}

/// Whoever is said to have come by an invitation has accepted one, and other invitations are open or were declined.
async fn demo_invitations(site: &Site) {
    let odd = "select count(*) from event_attendees a where a.source = 'invite' and not exists
               (select 1 from event_invites i where i.event_id = a.event_id and i.invited_user_id = a.user_id
                and i.status = 'accepted' and i.seats = a.seats)";
    assert_eq!(site.number(odd).await, 0);
    let of_live = "select count(distinct i.status) from event_invites i join events e on e.id = i.event_id
                   where e.status = 'live'";
    assert_eq!(site.number(of_live).await, 3, "accepted, open and declined");
    let guests = "select count(*) from event_invites i join event_attendees a
                  on a.event_id = i.event_id and a.user_id = i.invited_user_id where i.status <> 'accepted'";
    assert_eq!(site.number(guests).await, 0, "nobody who goes is still asked to come");
}
