//! Faults of tickets that cost people money, time or trust: each as a kind.

use serde_json::{Value, json};
use time::Duration;

use crate::fixtures::{draft, kind, make_guests, must_hold, open, reserve, run_queued};
use crate::partners::text;
use crate::support::{Person, Site};

async fn promo(person: &Person, event: &Value, kind: &Value, code: &str, seats: i32) -> crate::support::Answer {
    let input = json!({ "ticket_type_id": kind["id"], "promo_code": code, "seats": seats });
    person.post(&format!("/events/{}/reservations", text(event, "id")), input).await
}

#[tokio::test]
async fn a_promo_code_counts_tickets_and_gets_them_back() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 10_000)]).await;
    let people = make_guests(&site, 4).await;
    let codes = format!("/events/{}/promo-codes", text(&event, "id"));
    let input = json!({ "code": "FREE", "discount_percent": "100", "max_uses": 3 });
    let code = admin.post(&codes, input.clone()).await.expect(201);
    let uses = async || admin.rows(&codes).await[0]["uses"].as_i64().unwrap();
    promo(&people[0], &event, &kinds[0], "FREE", 4).await.refused(409, "promo_code_invalid");
    let two = promo(&people[0], &event, &kinds[0], "FREE", 2).await.expect(201);
    assert_eq!(uses().await, 2);
    promo(&people[1], &event, &kinds[0], "FREE", 2).await.refused(409, "promo_code_invalid");
    promo(&people[1], &event, &kinds[0], "FREE", 1).await.expect(201);
    // A ticket somebody else has by now is used all the same.
    let tickets = people[0].get("/tickets").await.expect(200);
    let ticket = format!("/tickets/{}/transfer", text(&tickets["items"][0], "id"));
    people[0].post(&ticket, json!({ "user_id": people[2].id })).await.expect(200);
    assert_eq!(uses().await, 3);
    let cancel = format!("/attendees/{}/cancel", text(&two, "attendee_id"));
    people[0].post(&cancel, json!({})).await.expect(200);
    assert_eq!(uses().await, 2, "the one that was given back, not the one that was passed on");
    promo(&people[3], &event, &kinds[0], "FREE", 1).await.expect(201);
    // Revoked, and restored.
    let one = format!("/promo-codes/{}", text(&code, "id"));
    admin.post(&format!("{one}/restore"), json!({})).await.refused(409, "invalid_transition");
    admin.delete(&one).await.expect(204);
    let again = admin.post(&codes, input).await;
    again.refused(409, "already_exists");
    assert!(text(&again.body, "detail").contains("restore"), "{}", again.body);
    let restored = admin.post(&format!("{one}/restore"), json!({})).await.expect(200);
    assert!(restored["revoked_at"].is_null(), "{restored}");
    must_hold(&site, &event, "the promo codes").await;
}

#[tokio::test]
async fn a_guest_gets_a_new_code_for_a_ticket_somebody_has_seen() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 2).await;
    reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    let ticket = people[0].get("/tickets").await.expect(200)["items"][0].clone();
    let path = format!("/tickets/{}", text(&ticket, "id"));
    let old = people[0].get(&format!("{path}/code")).await.expect(200);
    people[1].post(&format!("{path}/reissue"), json!({})).await.refused(404, "not_found");
    let new = people[0].post(&format!("{path}/reissue"), json!({})).await.expect(200);
    assert_eq!(new["generation"], 2);
    let code = people[0].get(&format!("{path}/code")).await.expect(200);
    assert_ne!(code["short_code"], old["short_code"]);
    assert_ne!(code["code"], old["code"]);
    assert_eq!(site.number("select count(*) from outbox_events where type = 'ticket.reissued'").await, 1);
    people[0].post(&format!("{path}/revoke"), json!({ "reason": "Lost" })).await;
    admin.post(&format!("{path}/revoke"), json!({ "reason": "Lost" })).await;
    people[0].post(&format!("{path}/reissue"), json!({})).await.refused(409, "invalid_transition");
}

#[tokio::test]
async fn sales_move_with_the_event() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 1).await;
    for is_published in [true, false] {
        let event = draft(&site, &admin, 20).await;
        let path = format!("/events/{}", text(&event, "id"));
        let at = |days: i64| {
            (site.test.clock.now().0 + Duration::days(days))
                .format(&time::format_description::well_known::Rfc3339)
                .unwrap()
        };
        let types = format!("{path}/ticket-types");
        let never = admin.post(&types, json!({ "name": "Never", "sales_start_at": at(12) })).await;
        never.refused(422, "invalid_input");
        assert!(never.body["errors"]["sales_start_at"].is_array(), "{}", never.body);
        let soon = json!({ "name": "Std", "sales_end_at": at(9) });
        let std = admin.post(&types, soon).await.expect(201);
        let later = json!({ "name": "Late", "sales_start_at": at(5), "sales_end_at": at(8) });
        admin.post(&types, later).await.expect(201);
        if is_published {
            admin.post(&format!("{path}/publish"), json!({})).await.expect(200);
        }
        let now = admin.get(&path).await.expect(200);
        let moved = json!({ "start_at": at(40), "end_at": at(41), "version": now["version"] });
        admin.post(&format!("{path}/reschedule"), moved).await.expect(200);
        let seen = admin.rows(&types).await;
        let day = |number: usize, field: &str| text(&seen[number], field)[..10].to_owned();
        assert_eq!(day(0, "sales_end_at"), at(39)[..10], "{seen}");
        assert_eq!(
            (day(1, "sales_start_at"), day(1, "sales_end_at")),
            (at(35)[..10].to_owned(), at(38)[..10].to_owned())
        );
        if is_published {
            reserve(&people[0], &event, &std, 1).await.expect(201);
        }
    }
}

#[tokio::test]
async fn ids_of_nothing_and_of_other_events_are_refused_by_their_field() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let (_, others) = open(&site, &admin, 20, &[("Elsewhere", None, 0)]).await;
    let people = make_guests(&site, 2).await;
    let path = format!("/events/{}", text(&event, "id"));
    let nothing = json!("4d5b662a-41b6-427d-aa65-6dafd2976b6e");
    let request = people[0].post(&format!("{path}/requests"), json!({})).await.expect(201);
    let one = format!("/requests/{}", text(&request, "id"));
    for wrong in [&nothing, &others[0]["id"]] {
        for (person, status) in [(&people[0], "cancelled"), (&admin, "declined"), (&admin, "accepted")] {
            let answer = person.patch(&one, json!({ "status": status, "ticket_type_id": wrong })).await;
            answer.refused(422, "invalid_input");
            assert!(answer.body["errors"]["ticket_type_id"].is_array(), "{status}: {}", answer.body);
        }
        for (what, body, field) in [
            ("reservations", json!({ "ticket_type_id": wrong }), "ticket_type_id"),
            ("waiting-list", json!({ "ticket_type_id": wrong }), "ticket_type_id"),
            ("requests", json!({ "ticket_type_id": wrong }), "ticket_type_id"),
        ] {
            let answer = people[1].post(&format!("{path}/{what}"), body).await;
            answer.refused(422, "invalid_input");
            assert!(answer.body["errors"][field].is_array(), "{what}: {}", answer.body);
        }
        for (what, body, field) in [
            ("invites", json!({ "invite_type": "share_link", "ticket_type_id": wrong }), "ticket_type_id"),
            ("invites", json!({ "invite_type": "direct", "invited_user_id": wrong }), "invited_user_id"),
            ("attendees", json!({ "ticket_type_id": wrong, "name": "Om" }), "ticket_type_id"),
            (
                "promo-codes",
                json!({ "code": "WRONG", "unlocks_hidden": true, "ticket_type_id": wrong }),
                "ticket_type_id",
            ),
            ("co-hosts", json!({ "user_id": wrong }), "user_id"),
            ("co-hosts", json!({ "partner_id": wrong }), "partner_id"),
        ] {
            let answer = admin.post(&format!("{path}/{what}"), body).await;
            assert_eq!(answer.status.as_u16(), 422, "{what}: {}", answer.body);
            assert!(answer.body["errors"][field].is_array(), "{what}: {}", answer.body);
        }
    }
    // What no sentence of ours stands for is named by its column all the same.
    let foreign = sqlx::query("insert into ticket_secrets (ticket_id, secret_hash, secret_salt) values ($1, '', '')")
        .bind(uuid::Uuid::nil())
        .execute(&mut site.test.owner().await)
        .await
        .unwrap_err();
    let error = eventify::Error::from(foreign);
    assert_eq!((error.status(), error.code()), (422, "unknown_reference"));
    assert!(error.for_field("ticket_id").is_some(), "{error:?}");
}

#[tokio::test]
async fn a_calendar_says_what_is_off_and_opens_no_door() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 2).await;
    let taken = reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    reserve(&people[1], &event, &kinds[0], 1).await.expect(201);
    let ticket = async |person: &Person| text(&person.get("/tickets").await.expect(200)["items"][0], "id").to_owned();
    let (first, second) = (ticket(&people[0]).await, ticket(&people[1]).await);
    let file = async |person: &Person, ticket: &str| {
        let answer = person.get(&format!("/tickets/{ticket}/calendar.ics")).await;
        answer.body.as_str().expect("a file").replace("\r\n ", "")
    };
    let code = people[0].get(&format!("/tickets/{first}/code")).await.expect(200);
    let good = file(&people[0], &first).await;
    assert!(good.contains("STATUS:CONFIRMED") && good.contains("SEQUENCE:0"), "{good}");
    assert!(!good.contains(text(&code, "short_code")), "{good}");
    people[0].post(&format!("/attendees/{}/cancel", text(&taken, "attendee_id")), json!({})).await.expect(200);
    let void = file(&people[0], &first).await;
    assert!(void.contains("STATUS:CANCELLED") && void.contains("SEQUENCE:1"), "{void}");
    assert!(file(&people[1], &second).await.contains("STATUS:CONFIRMED"));
    admin.post(&format!("/events/{}/cancel", text(&event, "id")), json!({ "reason": "Rain" })).await.expect(200);
    assert!(file(&people[1], &second).await.contains("STATUS:CANCELLED"));
}

#[tokio::test]
async fn what_the_organiser_notes_stays_with_the_organiser() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 1).await;
    let path = format!("/events/{}/attendees", text(&event, "id"));
    let secret = "Owes us money";
    let comp = json!({ "ticket_type_id": kinds[0]["id"], "user_id": people[0].id, "note": secret });
    let guest = admin.post(&path, comp).await.expect(201);
    assert_eq!(guest["note"], secret, "those who run the event read it");
    let id = text(&guest, "id");
    let token = eventify::notify::guests::token(&site.test.keys, id.parse().unwrap(), 1);
    for read in [
        people[0].get("/me/attendances").await,
        people[0].get(&format!("/attendees/{id}")).await,
        people[0].get(&format!("/attendees/{id}/tickets")).await,
        site.anonymous().get(&format!("/attendees/{id}/tickets?token={token}")).await,
        people[0].get(&format!("/events/{}/mine", text(&event, "id"))).await,
        people[0].get("/tickets").await,
        people[0].post(&format!("/attendees/{id}/cancel"), json!({})).await,
    ] {
        let said = read.expect(200).to_string();
        assert!(said.contains(id) && !said.contains(secret), "{said}");
    }
    assert_eq!(admin.get(&format!("/attendees/{id}")).await.expect(200)["note"], secret);
    let queued = "select count(*) from job_runs where payload::text like '%Owes us money%'";
    assert_eq!(site.number(queued).await, 0, "no mail says it");
    assert_eq!(site.number("select count(*) from outbox_events where payload::text like '%Owes us money%'").await, 0);
}

#[tokio::test]
async fn everybody_who_hoped_to_come_is_told_that_it_is_off() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 3, &[("Standard", Some(1), 0), ("Paid", Some(1), 5_000)]).await;
    let people = make_guests(&site, 6).await;
    let path = format!("/events/{}", text(&event, "id"));
    reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    people[1].post(&format!("{path}/requests"), json!({})).await.expect(201);
    people[2].post(&format!("{path}/waiting-list"), json!({ "ticket_type_id": kinds[0]["id"] })).await.expect(201);
    reserve(&people[3], &event, &kinds[1], 1).await.expect(201);
    let invite = json!({ "invite_type": "direct", "invited_user_id": people[4].id });
    admin.post(&format!("{path}/invites"), invite).await.expect(201);
    // The guest with tickets asks for more: one mail is enough.
    people[0].post(&format!("{path}/requests"), json!({ "ticket_type_id": kinds[1]["id"] })).await.expect(201);
    let own = people[3].get(&format!("{path}/mine")).await.expect(200);
    assert_eq!(own["attendees"], json!([]), "seats that are held are no guest yet");
    admin.post(&format!("{path}/cancel"), json!({ "reason": "The hall is flooded" })).await.expect(200);
    for (kind, status, count) in [
        ("event_request.changed", "declined", 2_i64),
        ("waiting_list.changed", "lapsed", 1),
        ("event_invite.changed", "expired", 1),
    ] {
        let said = "select count(*) from outbox_events where type = $1 and payload->>'status' = $2";
        let said: i64 = sqlx::query_scalar(said).bind(kind).bind(status).fetch_one(&site.test.reader).await.unwrap();
        assert_eq!(said, count, "{kind}");
    }
    assert_eq!(site.number("select count(*) from outbox_events where type = 'reservation.released'").await, 1);
    run_queued(&site, "tickets.tell_others").await;
    run_queued(&site, "tickets.tell_guests").await;
    let mails: Vec<(String, bool)> = sqlx::query_as(
        "select payload->>'to', (payload->'mail'->>'tickets')::boolean from job_runs
         where payload->'mail'->>'template' = 'event_cancelled' order by 1",
    )
    .fetch_all(&site.test.reader)
    .await
    .unwrap();
    assert_eq!(mails.len(), 5, "{mails:?}");
    assert_eq!(mails.iter().filter(|(_, tickets)| *tickets).count(), 1, "{mails:?}");
    must_hold(&site, &event, "the cancellation").await;
}

#[tokio::test]
async fn what_of_an_event_is_ones_own_is_one_call() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 3, &[("Standard", Some(1), 0)]).await;
    let paid = kind(&admin, &event, "Paid", None, 5_000).await;
    let people = make_guests(&site, 2).await;
    let path = format!("/events/{}", text(&event, "id"));
    let request =
        people[0].post(&format!("{path}/requests"), json!({ "ticket_type_id": paid["id"] })).await.expect(201);
    admin.patch(&format!("/requests/{}", text(&request, "id")), json!({ "status": "accepted" })).await.expect(200);
    reserve(&people[1], &event, &kinds[0], 1).await.expect(201);
    people[0].post(&format!("{path}/waiting-list"), json!({ "ticket_type_id": kinds[0]["id"] })).await.expect(201);
    let own = people[0].get(&format!("{path}/mine")).await.expect(200);
    assert_eq!(own["requests"][0]["reservation"]["status"], "active", "{own}");
    assert_eq!((own["waiting"].as_array().unwrap().len(), own["invites"].as_array().unwrap().len()), (1, 0));
    let own = people[1].get(&format!("{path}/mine")).await.expect(200);
    assert_eq!((own["attendees"].as_array().unwrap().len(), &own["waiting"]), (1, &json!([])));
    admin.get(&format!("{path}/mine")).await.refused(403, "forbidden");
    let two = format!("/events?id={0},{0}", text(&event, "id"));
    assert_eq!(people[0].get(&two).await.expect(200)["items"].as_array().unwrap().len(), 1);
}
