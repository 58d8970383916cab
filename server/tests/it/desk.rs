//! The pages of an event for those who run it: figures, activity, the guest list and one guest.

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fixtures::{draft, kind, make_guests, must_hold, open, reserve, run_queued};
use crate::partners::{text, within};
use crate::support::{Person, Site, read};

pub async fn add_guest(admin: &Person, event: &Value, kind: &Value, name: &str, seats: i32) -> Value {
    let email = format!("{}@x.test", name.to_lowercase().replace(' ', "."));
    let guest = json!({ "ticket_type_id": kind["id"], "name": name, "email": email, "seats": seats });
    admin.post(&format!("/events/{}/attendees", text(event, "id")), guest).await.expect(201)
}

/// What was done, as the page says it.
fn sentences(page: &Value) -> Vec<String> {
    let items: Vec<eventify::tickets::EventActivity> = serde_json::from_value(page["items"].clone()).expect("activity");
    items.iter().map(|one| format!("{} {}", one.by, one.said(&eventify::WORDS))).collect()
}

#[tokio::test]
async fn an_event_at_a_glance() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", Some(12), 0), ("Front row", Some(5), 250_000)]).await;
    let people = make_guests(&site, 2).await;
    reserve(&people[0], &event, &kinds[0], 3).await.expect(201);
    // Nobody has paid for these yet: they are held.
    reserve(&people[1], &event, &kinds[1], 2).await.expect(201);
    let gone = add_guest(&admin, &event, &kinds[0], "Ira Bose", 2).await;
    add_guest(&admin, &event, &kinds[0], "Om Das", 4).await;
    let off = json!({ "reason": "Asked to be removed" });
    admin.post(&format!("/attendees/{}/cancel", text(&gone, "id")), off).await.expect(200);
    let path = format!("/events/{}/summary", text(&event, "id"));
    let seen = admin.get(&path).await.expect(200);
    let number = |field: &str| seen[field].as_i64().expect("a number");
    assert_eq!((number("booked"), number("held"), number("free")), (7, 2, 11));
    assert_eq!((number("guests"), number("gone"), number("last_week"), number("week_before")), (2, 1, 7, 0));
    let from = |source: &str, seats: i64| json!({ "source": source, "at_door": false, "seats": seats });
    assert_eq!(seen["sources"], json!([from("comp", 4), from("direct", 3)]));
    assert_eq!(seen["income"], json!([]), "nothing was paid yet");
    assert!(number("offer_minutes") > 0, "an offer says how long it holds");
    let types = seen["types"].as_array().expect("types");
    assert_eq!((&types[0]["booked"], &types[0]["available"]), (&json!(7), &json!(5)));
    assert_eq!((&types[1]["booked"], &types[1]["available"]), (&json!(0), &json!(3)));
    let days: i64 = seen["days"].as_array().unwrap().iter().map(|day| day["seats"].as_i64().unwrap()).sum();
    assert_eq!(days, 7);
    let url = text(&seen, "public_url");
    assert!(url.ends_with(&format!("/e/{}", text(&event, "slug"))) && text(&seen, "qr").contains("<svg"), "{url}");
    people[0].get(&path).await.refused(403, "forbidden");
    site.anonymous().get(&path).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn what_was_done_is_told_in_sentences() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 120_000)]).await;
    let path = format!("/events/{}", text(&event, "id"));
    let now = admin.get(&path).await.expect(200);
    let change = json!({ "title": "Monsoon Jazz II", "description": "New words", "version": now["version"] });
    admin.patch(&path, change).await.expect(200);
    let price = json!({ "price": { "minor": 140_000, "currency": "INR" }, "version": kinds[0]["version"] });
    admin.patch(&format!("/ticket-types/{}", text(&kinds[0], "id")), price).await.expect(200);
    let stream = json!({ "provider": "Example TV", "stream_key": "live_abc_123456" });
    let stream = admin.post(&format!("{path}/streams"), stream).await.expect(201);
    admin.delete(&format!("{path}/streams/{}", text(&stream, "id"))).await.expect(204);
    let guest = add_guest(&admin, &event, &kinds[0], "Kabir Anand", 1).await;
    let off = json!({ "reason": "Came twice" });
    admin.post(&format!("/attendees/{}/cancel", text(&guest, "id")), off).await.expect(200);

    let who: String = sqlx::query_scalar("select full_name from admin_users where id = $1::uuid")
        .bind(&admin.id)
        .fetch_one(&site.test.reader)
        .await
        .unwrap();
    let page = admin.get(&format!("{path}/activity")).await.expect(200);
    let said = sentences(&page);
    let expected = [
        "removed Kabir Anand",
        "added Kabir Anand",
        "removed the stream Example TV",
        "added the stream Example TV",
        "changed Standard: price from ₹1,200 to ₹1,400",
        "changed description and title from “Monsoon Jazz” to “Monsoon Jazz II”",
        "published the event",
        "added the ticket type Standard",
        "created the event",
    ];
    let expected: Vec<String> = expected.iter().map(|words| format!("{who} {words}")).collect();
    assert_eq!(said, expected);
    assert_eq!(page["items"][0]["reason"], "Came twice");
    let latest = &page["items"][0];
    assert_eq!((text(latest, "object_type"), text(latest, "object_id")), ("event_attendee", text(&guest, "id")));
    // A page at a time.
    let first = admin.get(&format!("{path}/activity?limit=4")).await.expect(200);
    let cursor = text(&first, "next_cursor");
    let second = admin.get(&format!("{path}/activity?limit=100&cursor={cursor}")).await.expect(200);
    assert_eq!([sentences(&first), sentences(&second)].concat(), expected);

    // A partner's own people learn nothing of who works here; without the right to see guests, nothing of guests.
    let partner = json!({ "id": event["organizer_partner_id"] });
    let own = within(&site, &admin, &partner, "own@x.test", &["events.read", "events.manage"]).await;
    let theirs = sentences(&own.get(&format!("{path}/activity")).await.expect(200));
    assert_eq!(theirs.len(), expected.len() - 2, "{theirs:?}");
    assert!(theirs.iter().all(|said| said.starts_with("Eventify ") && !said.contains("Kabir")), "{theirs:?}");
    let reader = within(&site, &admin, &partner, "reader@x.test", &["events.read", "tickets.read"]).await;
    reader.get(&format!("{path}/activity")).await.refused(403, "forbidden");
    let people = make_guests(&site, 1).await;
    people[0].get(&format!("{path}/activity")).await.refused(403, "forbidden");

    // By kind, each for those who may see it: the plan's and the gates' records are the event's as well.
    let stage = json!({ "name": "Lake stage" });
    admin.post(&format!("{path}/stages"), stage).await.expect(201);
    admin.post(&format!("{path}/gates"), json!({ "name": "North gate" })).await.expect(201);
    let of = async |who: &Person, of: &str| sentences(&who.get(&format!("{path}/activity?of={of}")).await.expect(200));
    assert_eq!(of(&admin, "plan").await, [format!("{who} added the stage Lake stage")]);
    assert_eq!(of(&admin, "gate").await, [format!("{who} added the gate North gate")]);
    assert_eq!(of(&admin, "guests").await, expected[..2]);
    assert_eq!(of(&admin, "event").await, expected[2..]);
    assert_eq!(of(&admin, "money").await, Vec::<String>::new());
    for kind in ["guests", "money", "gate", "plan"] {
        assert_eq!(of(&own, kind).await, Vec::<String>::new(), "{kind}");
    }
    // Of the plan each part is told to those who may see that part.
    let shift = json!({ "role": "Rigger", "headcount": 1, "starts_at": event["start_at"], "ends_at": event["end_at"] });
    admin.post(&format!("{path}/shifts"), shift).await.expect(201);
    assert_eq!(of(&admin, "plan").await.len(), 2);
    let scoped = ["events.read", "events.manage", "production.read"];
    let stages = within(&site, &admin, &partner, "stages@x.test", &scoped).await;
    assert_eq!(of(&stages, "plan").await, ["Eventify added the stage Lake stage"]);
    let scoped = ["events.read", "events.manage", "staffing.read"];
    let crew = within(&site, &admin, &partner, "crew@x.test", &scoped).await;
    assert_eq!(of(&crew, "plan").await.len(), 1);
    admin.get(&format!("{path}/activity?of=weather")).await.refused(422, "invalid_input");
    admin.get(&format!("{path}/activity?of=plan&cursor={cursor}")).await.refused(422, "invalid_input");
}

/// A draft was never public; nor is it when it is discarded.
#[tokio::test]
async fn a_discarded_draft_stays_private() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let event = draft(&site, &admin, 20).await;
    let path = format!("/events/{}", text(&event, "id"));
    admin.post(&format!("{path}/cancel"), json!({ "reason": "Not this year" })).await.expect(200);
    site.anonymous().get(&path).await.refused(404, "not_found");
    let people = make_guests(&site, 1).await;
    people[0].get(&path).await.refused(404, "not_found");
    assert_eq!(admin.get(&format!("{path}/summary")).await.expect(200)["public_url"], Value::Null);
    assert_eq!(admin.get(&path).await.expect(200)["status"], "cancelled");
}

/// That nothing is left to sell stands beside the title, wherever the event is shown.
#[tokio::test]
async fn a_sold_out_event_says_so_beside_its_title() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 1, &[("Standard", None, 0)]).await;
    let path = format!("/events/{}", text(&event, "id"));
    let mut browser = Browser::of_staff(&site, &admin);
    let title = ["", "?tab=guests", "/edit", "/gates"].map(|page| format!("{path}{page}"));
    let sold_out = "class=\"badge\">Sold out<";
    let beside = |page: &str| page.split_once("<h1>").map(|(_, rest)| rest.split("</h1>").next().unwrap().to_owned());
    for page in &title {
        assert!(!beside(&browser.get(page).await.text).unwrap().contains(sold_out), "{page}");
    }
    add_guest(&admin, &event, &kinds[0], "Ira Bose", 1).await;
    for page in &title {
        assert!(beside(&browser.get(page).await.text).unwrap().contains(sold_out), "{page}");
    }
}

/// What was booked when an event was cancelled is still known.
#[tokio::test]
async fn a_cancelled_event_tells_what_was_booked() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    add_guest(&admin, &event, &kinds[0], "Ira Bose", 2).await;
    add_guest(&admin, &event, &kinds[0], "Om Das", 3).await;
    let path = format!("/events/{}", text(&event, "id"));
    admin.post(&format!("{path}/cancel"), json!({ "reason": "The river is too high." })).await.expect(200);
    let seen = admin.get(&format!("{path}/summary")).await.expect(200);
    assert_eq!((&seen["booked"], &seen["gone"], &seen["gone_seats"]), (&json!(0), &json!(2), &json!(5)));
    assert_eq!(seen["types"][0]["gone"], json!(5));
    let page = Browser::of_staff(&site, &admin).get(&path).await;
    page.says(&["Seats booked before", "The river is too high<!></bdi>.”"]).hides(&["high.<!></bdi>"]);
}

/// Who books is told by name to those who see guests, and to nobody else.
#[tokio::test]
async fn who_books_is_told_with_the_number_of_tickets() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 9, &[("Standard", None, 0), ("VIP", None, 50_000)]).await;
    let people = make_guests(&site, 2).await;
    let me = people[0].get("/me").await.expect(200);
    people[0].patch("/me", json!({ "name": "Ritu Das", "version": me["version"] })).await.expect(200);
    let taken = reserve(&people[0], &event, &kinds[0], 2).await.expect(201);
    reserve(&people[1], &event, &kinds[0], 1).await.expect(201);
    // What is held is not booked.
    reserve(&people[1], &event, &kinds[1], 1).await.expect(201);
    let path = format!("/events/{}/activity", text(&event, "id"));
    let said = sentences(&admin.get(&path).await.expect(200));
    assert!(said[0].ends_with(" booked a ticket") && said[1] == "Ritu Das booked 2 tickets", "{said:?}");
    people[0].post(&format!("/attendees/{}/cancel", text(&taken, "attendee_id")), json!({})).await.expect(200);
    let history = format!("/attendees/{}/history", text(&taken, "attendee_id"));
    let history = json!({ "items": admin.get(&history).await.expect(200)["activity"] });
    assert_eq!(sentences(&history), ["Ritu Das cancelled their booking", "Ritu Das booked 2 tickets"]);
    let noted = "select count(*) from audit_values v join audit_logs l on l.seq = v.audit_seq
                 where l.action = 'attendee.booked' and v.field not in ('tickets', '$ip')";
    assert_eq!(site.number(noted).await, 0, "nothing of whom");
    let partner = json!({ "id": event["organizer_partner_id"] });
    let own = within(&site, &admin, &partner, "own@x.test", &["events.read", "events.manage"]).await;
    let theirs = sentences(&own.get(&path).await.expect(200));
    assert!(theirs.iter().all(|said| !said.contains("booked")), "{theirs:?}");
}

#[tokio::test]
async fn who_leaves_is_not_said_to_remove_themselves() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 2, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 2).await;
    let me = people[1].get("/me").await.expect(200);
    people[1].patch("/me", json!({ "name": "Ritu Das", "version": me["version"] })).await.expect(200);
    let taken = reserve(&people[0], &event, &kinds[0], 2).await.expect(201);
    let join = json!({ "ticket_type_id": kinds[0]["id"], "seats": 1 });
    let waits = people[1].post(&format!("/events/{}/waiting-list", text(&event, "id")), join).await.expect(201);
    people[1].delete(&format!("/waiting-list/{}", text(&waits, "id"))).await.expect(204);
    people[0].post(&format!("/attendees/{}/cancel", text(&taken, "attendee_id")), json!({})).await.expect(200);
    let page = admin.get(&format!("/events/{}/activity", text(&event, "id"))).await.expect(200);
    assert!(sentences(&page)[0].ends_with(" cancelled their booking"), "{page}");
    let told = [("attendee.cancelled", "cancelled their booking"), ("waiting_list.left", "left the waiting list")];
    for (action, said) in told {
        let log = admin.get(&format!("/admin/audit?action={action}")).await.expect(200);
        let row: eventify::audit::AuditRow = serde_json::from_value(log["items"][0].clone()).expect("an entry");
        assert_eq!(row.said(&eventify::WORDS).text(), said);
    }
}

#[tokio::test]
async fn the_guest_list_is_counted_newest_first_and_a_file() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 50, &[("Standard", None, 0), ("VIP", None, 0)]).await;
    for (name, at) in [("Asha Rao", 0), ("=1+1", 1), ("Dev Nair", 0)] {
        add_guest(&admin, &event, &kinds[at], name, 1).await;
    }
    let silent = json!({ "ticket_type_id": kinds[0]["id"], "name": "Rohit" });
    let path = format!("/events/{}/attendees", text(&event, "id"));
    admin.post(&path, silent).await.expect(201);
    let names = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|guest| text(guest, "name").to_owned()).collect()
    };
    let first = admin.get(&format!("{path}?limit=2")).await.expect(200);
    assert_eq!((names(&first), &first["total_estimate"]), (vec!["Rohit".into(), "Dev Nair".into()], &json!(4)));
    let next = format!("{path}?limit=2&cursor={}", text(&first, "next_cursor"));
    assert_eq!(names(&admin.get(&next).await.expect(200)), ["=1+1", "Asha Rao"]);
    let oldest = admin.get(&format!("{path}?sort=created&reachable=true&source=comp")).await.expect(200);
    assert_eq!(
        (names(&oldest), &oldest["total_estimate"]),
        (vec!["Asha Rao".into(), "=1+1".into(), "Dev Nair".into()], &json!(3))
    );
    assert_eq!(names(&admin.get(&format!("{path}?reachable=false")).await.expect(200)), ["Rohit"]);

    let export = format!("{path}/export?columns=name,ticket_type,email&ticket_type_id={}", text(&kinds[1], "id"));
    let file = admin.request(Method::GET, &export).send().await.expect("an answer").text().await.expect("a file");
    assert_eq!(file, "\u{feff}name,ticket_type,email\r\n'=1+1,VIP,'=1+1@x.test\r\n");
    admin.get(&format!("{path}/export?columns=secret")).await.refused(422, "invalid_input");
    let people = make_guests(&site, 1).await;
    people[0].get(&format!("{path}/export")).await.refused(403, "forbidden");

    let events =
        admin.request(Method::GET, "/events/export?columns=title,going,status").send().await.expect("an answer");
    assert!(events.text().await.expect("a file").contains("\r\nMonsoon Jazz,4,published\r\n"));
    people[0].get("/events/export").await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_guest_moves_to_another_ticket_type() {
    let site = Site::start().await;
    let admin = site.admin().await;
    // The event is full, which is no reason not to change a type.
    let (event, kinds) =
        open(&site, &admin, 5, &[("Standard", None, 0), ("VIP", Some(2), 0), ("Front", Some(1), 0)]).await;
    let guest = add_guest(&admin, &event, &kinds[0], "Ira Bose", 2).await;
    add_guest(&admin, &event, &kinds[0], "Om Das", 3).await;
    let path = format!("/attendees/{}", text(&guest, "id"));
    let before = admin.get(&format!("{path}/tickets")).await.expect(200);
    let to = |kind: &Value| json!({ "ticket_type_id": kind["id"] });
    let moved = admin.post(&format!("{path}/move"), to(&kinds[1])).await.expect(200);
    assert_eq!((&moved["ticket_type"], &moved["seats"]), (&json!("VIP"), &json!(2)));
    let after = admin.get(&format!("{path}/tickets")).await.expect(200);
    for (old, new) in before["tickets"].as_array().unwrap().iter().zip(after["tickets"].as_array().unwrap()) {
        assert_eq!(new["ticket"]["ticket_type"], "VIP");
        assert_ne!(old["code"]["code"], new["code"]["code"], "the old code no longer works");
        assert_eq!(new["ticket"]["generation"], 2);
    }
    must_hold(&site, &event, "a move").await;
    let mails = "select count(*) from job_runs where payload #>> '{mail,template}' = 'tickets_issued'";
    assert_eq!(site.number(mails).await, 3, "the guest is sent the new ones");

    admin.post(&format!("{path}/move"), to(&kinds[1])).await.refused(422, "invalid_input");
    let refused = admin.post(&format!("{path}/move"), to(&kinds[2])).await;
    assert!(text(&refused.body, "detail").contains("1 of Front is left"), "{}", refused.body);
    refused.refused(409, "sold_out");
    let (other, elsewhere) = open(&site, &admin, 5, &[("Elsewhere", None, 0)]).await;
    admin.post(&format!("{path}/move"), to(&elsewhere[0])).await.refused(422, "invalid_input");
    let stranger = json!({ "id": other["organizer_partner_id"] });
    let stranger =
        within(&site, &admin, &stranger, "other@x.test", &["events.read", "tickets.read", "tickets.manage"]).await;
    stranger.post(&format!("{path}/move"), to(&kinds[0])).await.refused(404, "not_found");
    let off = json!({ "reason": "Came twice" });
    admin.post(&format!("{path}/cancel"), off).await.expect(200);
    admin.post(&format!("{path}/move"), to(&kinds[0])).await.refused(409, "invalid_transition");
    must_hold(&site, &event, "refusals").await;
    let page = admin.get(&format!("/events/{}/activity", text(&event, "id"))).await.expect(200);
    assert!(sentences(&page).iter().any(|said| said.ends_with("moved Ira Bose to VIP")), "{page}");
}

#[tokio::test]
async fn who_waits_comes_before_who_is_moved() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 3, &[("Standard", None, 0), ("VIP", Some(1), 0)]).await;
    let holder = add_guest(&admin, &event, &kinds[1], "Holds Vip", 1).await;
    let guest = add_guest(&admin, &event, &kinds[0], "Wants Vip", 1).await;
    let people = make_guests(&site, 1).await;
    let join = json!({ "ticket_type_id": kinds[1]["id"], "seats": 1 });
    people[0].post(&format!("/events/{}/waiting-list", text(&event, "id")), join).await.expect(201);
    let off = json!({ "reason": "Cannot come" });
    admin.post(&format!("/attendees/{}/cancel", text(&holder, "id")), off).await.expect(200);
    let to = json!({ "ticket_type_id": kinds[1]["id"] });
    let path = format!("/attendees/{}/move", text(&guest, "id"));
    admin.post(&path, to).await.refused(409, "sold_out");
    must_hold(&site, &event, "a refused move").await;
}

#[tokio::test]
async fn one_guest_with_history_and_messages() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let guest = add_guest(&admin, &event, &kinds[0], "Ira Bose", 1).await;
    let another = add_guest(&admin, &event, &kinds[0], "Om Das", 1).await;
    let path = format!("/attendees/{}/history", text(&guest, "id"));
    let waiting = admin.get(&path).await.expect(200);
    assert_eq!(waiting["messages"].as_array().unwrap().len(), 1, "nothing of other guests: {waiting}");
    assert_eq!(
        (&waiting["messages"][0]["status"], &waiting["messages"][0]["about"]),
        (&json!("waiting"), &json!("tickets_issued"))
    );
    run_queued(&site, "mail.send").await;
    let tickets = admin.get(&format!("/attendees/{}/tickets", text(&guest, "id"))).await.expect(200);
    let ticket = tickets["tickets"][0]["ticket"]["id"].as_str().unwrap().to_owned();
    admin.post(&format!("/tickets/{ticket}/resend"), json!({})).await.expect(200);
    let seen = admin.get(&path).await.expect(200);
    let messages = seen["messages"].as_array().unwrap();
    assert_eq!((&messages[0]["status"], &messages[1]["status"]), (&json!("waiting"), &json!("sent")));
    assert_eq!((&messages[1]["to"], &messages[1]["channel"]), (&json!("ira.bose@x.test"), &json!("email")));
    let said: Vec<_> = seen["activity"].as_array().unwrap().iter().map(|one| text(one, "action")).collect();
    assert_eq!(said, ["ticket.resent", "attendee.comp_issued"]);
    let people = make_guests(&site, 1).await;
    people[0].get(&path).await.refused(404, "not_found");
    let other = kind(&admin, &event, "VIP", None, 0).await;
    admin
        .post(&format!("/attendees/{}/move", text(&another, "id")), json!({ "ticket_type_id": other["id"] }))
        .await
        .expect(200);
    assert_eq!(admin.get(&path).await.expect(200)["activity"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_list_is_checked_cell_by_cell_before_it_is_imported() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 50, &[("Standard", None, 0)]).await;
    let path = |more: &str| {
        format!("/events/{}/attendees/import?ticket_type_id={}{more}", text(&event, "id"), text(&kinds[0], "id"))
    };
    let list = "First name\tLast name\tE-mail\tSeats\nAsha\tRao\ta@x.test\t2\n\nOm\tDas\tnonsense\tmany\n";
    let send = async |more: &str| {
        let request = admin.request(Method::POST, &path(more)).header("content-type", "text/csv");
        read(request.body(list).send().await.expect("an answer")).await
    };
    let checked = send("&dry_run=true").await.expect(200);
    let rows = checked["rows"].as_array().expect("rows");
    assert_eq!((rows.len(), &rows[0]["row"], &rows[1]["row"]), (2, &json!(2), &json!(4)));
    assert_eq!((&rows[0]["name"], &rows[0]["seats"]), (&json!("Asha Rao"), &json!("2")));
    assert_eq!((&rows[1]["email"], &rows[1]["seats"]), (&json!("nonsense"), &json!("many")));
    let wrong: Vec<_> =
        checked["errors"].as_array().unwrap().iter().map(|e| (e["row"].clone(), text(e, "column"))).collect();
    assert_eq!(wrong, [(json!(4), "email"), (json!(4), "seats")]);
    assert_eq!(site.number("select count(*) from event_attendees").await, 0);
    let done = send("&skip_errors=true").await.expect(200);
    assert_eq!((&done["imported"], &done["failed"], done.get("rows")), (&json!(1), &json!(1), None));
}

#[tokio::test]
async fn the_door_list_names_every_ticket_once_void_ones_too() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let ira = add_guest(&admin, &event, &kinds[0], "Ira Bose", 2).await;
    for name in ["Åsa Berg", "om Das", "Zoya Khan"] {
        add_guest(&admin, &event, &kinds[0], name, 1).await;
    }
    let off = json!({ "reason": "Asked to be removed" });
    admin.post(&format!("/attendees/{}/cancel", text(&ira, "id")), off).await.expect(200);
    let path = format!("/events/{}/door-list", text(&event, "id"));
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("{path}?limit=2{cursor}")).await.expect(200);
        seen.extend(page["items"].as_array().expect("tickets").clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let names: Vec<_> = seen.iter().map(|ticket| text(ticket, "name")).collect();
    assert_eq!(names, ["Åsa Berg", "Ira Bose", "Ira Bose", "om Das", "Zoya Khan"], "as one looks for a name");
    let (void, valid): (Vec<_>, Vec<_>) = seen.iter().partition(|ticket| text(ticket, "name") == "Ira Bose");
    assert!(void.iter().all(|ticket| ticket["status"] == "revoked"), "{void:?}");
    assert!(valid.iter().all(|ticket| ticket["status"] == "issued" && ticket["used_at"].is_null()), "{valid:?}");
    // The code on paper is the one that the ticket shows.
    let guest = text(valid[0], "attendee_id");
    let own = admin.get(&format!("/attendees/{guest}/tickets")).await.expect(200);
    assert_eq!(own["tickets"][0]["code"]["short_code"], valid[0]["short_code"]);
    let codes: std::collections::BTreeSet<_> = seen.iter().map(|ticket| text(ticket, "short_code")).collect();
    assert_eq!(codes.len(), 5);
    let stranger = site.person("author@example.com", "author").await;
    stranger.get(&path).await.refused(403, "forbidden");
}

/// For whoever comes without a code that can be read: from twelve hours before the start, to those who scan.
#[tokio::test]
async fn a_guest_can_be_checked_in_from_the_list_when_the_doors_are_near() {
    let site = Site::start().await;
    let mut admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let guests = format!("/events/{}/attendees", text(&event, "id"));
    let guest = json!({ "ticket_type_id": kinds[0]["id"], "name": "Ira Menon", "email": "ira@example.com" });
    let guest = admin.post(&guests, guest).await.expect(201);
    let panel = format!("/events/{}?tab=guests&guest={}", text(&event, "id"), text(&guest, "id"));
    Browser::of_staff(&site, &admin).get(&panel).await.says(&["Transfer this ticket"]).hides(&["Check in Ira Menon?"]);
    site.test.clock.advance(time::Duration::days(9) + time::Duration::hours(23));
    admin.sign_in().await;
    Browser::of_staff(&site, &admin).get(&panel).await.says(&["Check in Ira Menon?", "The ticket counts as used."]);
}

#[tokio::test]
async fn an_event_that_is_over_promises_nothing() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = open(&site, &admin, 5, &[("Standard", None, 0)]).await;
    let path = format!("/events/{}", text(&event, "id"));
    let mut page = Browser::of_staff(&site, &admin);
    let promises = [
        ("requests", "appear here until you accept or decline them", "nobody can request to join"),
        ("waiting", "guests can join the waiting list", "Nobody was waiting"),
        ("promos", "Add one to take a percentage off", "There were none for this event"),
        ("guests", "Guests appear here as they book", "Nobody booked this event"),
        ("updates", "What the team posts during the event appears here", "Nothing was posted for this event"),
        ("updates", "The team and guests", "only the team sees this"),
    ];
    for (tab, yet, over) in promises {
        page.get(&format!("{path}?tab={tab}")).await.says(&[yet]).hides(&[over]);
    }
    admin.post(&format!("{path}/cancel"), json!({ "reason": "Rain" })).await.expect(200);
    for (tab, yet, over) in promises {
        page.get(&format!("{path}?tab={tab}")).await.says(&[over]).hides(&[yet]);
    }
}
