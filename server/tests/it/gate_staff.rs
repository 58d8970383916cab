//! Supervisors and stewards at the gate: what each may, and what is audited.

use serde_json::json;
use time::Duration;

use crate::fixtures::make_guests;
use crate::gate::{asks, code, gate, passes, phone, said, scan, scan_with, ticket_id, tonight};
use crate::gate_devices::{counted, opened, within_event};
use crate::partners::text;
use crate::support::Site;

#[tokio::test]
async fn a_supervisor_forces_and_it_is_audited() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard", "VIP"]).await;
    let vip = gate(&admin, &event, json!({ "name": "VIP", "ticket_types": [kinds[1]["id"]] })).await;
    let phone_of = |supervisor| phone(&site, &admin, &event, &vip, supervisor);
    let (plain, theirs) = (phone_of(false).await, phone_of(true).await);
    let guests = make_guests(&site, 4).await;
    let pass = |n: usize| passes(&admin, &guests[n], &event, &kinds[0], 1);
    let first = pass(0).await.remove(0);
    let force = |pin: Option<&str>| json!({ "force": { "reason": "The band's guest", "pin": pin } });
    scan_with(&plain, code(&first), force(None)).await.refused(403, "pin_wrong");
    said(&scan_with(&theirs, code(&first), force(None)).await.expect(200), "admitted", None);
    // Anybody's own PIN, as long as they may manage the event's tickets.
    admin.put("/auth/gate-pin", json!({ "pin": "48291" })).await.expect(204);
    let second = pass(1).await.remove(0);
    let answer = scan_with(&plain, code(&second), force(Some("48291"))).await.expect(200);
    said(&answer, "admitted", None);
    assert_eq!(answer["forced"], "wrong_gate");
    let row = admin.rows("/admin/audit?action=ticket.forced").await;
    assert_eq!(row.as_array().map(Vec::len), Some(2), "{row}");
    // Whoever comes in on a ticket that was used is one person more, on the phones as on the board.
    let beyond =
        async || opened(&plain.get(&format!("/live/manifest/{}", text(&event, "id"))).await.expect(200)).beyond;
    assert_eq!(beyond().await, 0);
    said(&scan_with(&theirs, code(&second), force(None)).await.expect(200), "admitted", None);
    assert_eq!(beyond().await, 1);
    counted(&site).await;
    assert_eq!(beyond().await, 1, "added up or not");
    let board = admin.get(&format!("/events/{}/gate-board", text(&event, "id"))).await.expect(200);
    assert_eq!(board["inside"], 3, "{board}");
    // What is void stays void, whoever asks.
    let void = pass(2).await.remove(0);
    admin.post(&format!("/tickets/{}/revoke", ticket_id(&void)), json!({ "reason": "Stolen" })).await.expect(200);
    said(&scan_with(&theirs, code(&void), force(None)).await.expect(200), "rejected", Some("revoked"));
    // Guessing is slow.
    let third = pass(3).await.remove(0);
    for n in 0..5 {
        scan_with(&plain, code(&third), force(Some(&format!("1000{n}")))).await.refused(403, "pin_wrong");
    }
    scan_with(&plain, code(&third), force(Some("48291"))).await.refused(429, "rate_limited");
    let secrets = "select count(*) from gate_pins where pin_hash like '%48291%'";
    assert_eq!(site.number(secrets).await, 0);
}

#[tokio::test]
async fn an_admission_is_annulled_within_a_quarter_of_an_hour() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    let (phone, other) =
        (phone(&site, &admin, &event, &main, false).await, phone(&site, &admin, &event, &main, false).await);
    let guests = make_guests(&site, 2).await;
    let party = passes(&admin, &guests[0], &event, &kinds[0], 2).await;
    let both = scan_with(&phone, code(&party[0]), json!({ "admit": "all" })).await.expect(200);
    let annul = format!("/tickets/checkins/{}/annul", text(&both, "checkin_id"));
    let why = json!({ "reason": "Wrong queue" });
    other.post(&annul, why.clone()).await.refused(403, "pin_wrong");
    let taken_back = phone.post(&annul, why.clone()).await.expect(200);
    assert_eq!(taken_back["tickets"].as_array().map(Vec::len), Some(2), "{taken_back}");
    phone.post(&annul, why.clone()).await.refused(409, "invalid_transition");
    assert_eq!(site.number("select count(*) from tickets where status = 'issued'").await, 2);
    assert_eq!(site.number("select count(*) from ticket_secrets where is_redeemed").await, 0);
    assert_eq!(site.number("select count(*) from event_attendees where status = 'going'").await, 1);
    assert_eq!(site.number("select sum(people)::bigint from ticket_checkins").await, 0);
    // The ticket is as good as before, and what was annulled is no first use.
    let again = scan(&phone, code(&party[0])).await;
    said(&again, "admitted", None);
    assert_eq!(again["first_scan"], json!(null));
    site.test.clock.advance(Duration::minutes(16));
    let annul = format!("/tickets/checkins/{}/annul", text(&again, "checkin_id"));
    phone.post(&annul, why.clone()).await.refused(409, "too_late_to_undo");
    let rejected = scan(&phone, code(&party[0])).await;
    let annul = format!("/tickets/checkins/{}/annul", text(&rejected, "checkin_id"));
    phone.post(&annul, why).await.refused(409, "invalid_transition");
}

#[tokio::test]
async fn stewards_scan_at_their_own_event_and_nothing_else() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let (elsewhere, others) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    let foreign = gate(&admin, &elsewhere, json!({ "name": "Far" })).await;
    let guests = make_guests(&site, 2).await;
    let own = passes(&admin, &guests[0], &event, &kinds[0], 1).await.remove(0);
    let other = passes(&admin, &guests[1], &elsewhere, &others[0], 1).await.remove(0);
    let steward = within_event(&site, &admin, &event, "steward@example.com", "gate_staff").await;
    said(&scan(&steward, code(&other)).await, "rejected", Some("wrong_event"));
    scan_with(&steward, code(&own), json!({ "gate": foreign["id"] })).await.refused(422, "invalid_input");
    let answer = scan_with(&steward, code(&own), json!({ "gate": "main" })).await.expect(200);
    said(&answer, "admitted", None);
    assert_eq!(text(&answer["gate"], "id"), text(&main, "id"));
    // They read what they need, and change nothing.
    let path = format!("/events/{}", text(&event, "id"));
    steward.get(&format!("{path}/gates")).await.expect(200);
    steward.get(&format!("{path}/gate-board")).await.expect(200);
    steward.post(&format!("{path}/gates"), json!({ "name": "Mine" })).await.refused(403, "forbidden");
    steward.get(&format!("/events/{}/gate-board", text(&elsewhere, "id"))).await.refused(403, "forbidden");
    steward.get(&format!("/tickets/status/{}", ticket_id(&other))).await.refused(404, "not_found");
    let live = steward.rows("/live/events").await;
    assert_eq!(live.as_array().map(Vec::len), Some(1), "{live}");
    let auditor = site.person("auditor@example.com", "auditor").await;
    auditor.post("/tickets/scan", asks(code(&own))).await.refused(403, "forbidden");
}
