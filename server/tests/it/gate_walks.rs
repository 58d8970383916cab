//! What the walks over everything need to know of the gate.

use eventify::gate::Moment;
use reqwest::Method;
use serde_json::{Value, json};

use crate::areas::{AreaTests, Write, add};
use crate::fixtures::make_guests;
use crate::gate::{code, gate, passes, phone, scan, tonight};
use crate::partners::text;
use crate::support::{Person, Site};

inventory::submit!(AreaTests {
    records: &[
        ("/checkin-conflicts/{id}", "select id from checkin_conflicts"),
        (
            "/gate-devices/{id}",
            "select d.id from gate_devices d join events e on e.id = d.event_id where e.status = 'live'",
        ),
        ("/gates/{id}", "select g.id from gates g join events e on e.id = g.event_id where e.status = 'live'"),
        ("/live/manifest/{event_id}", "select id from events where status = 'live'"),
        ("/live/updates/{event_id}", "select event_id from live_updates"),
        ("/live/updates/{event_id}/{id}", "select event_id, id from live_updates"),
        (
            "/tickets/checkins/{id}",
            "select id from ticket_checkins where result = 'admitted' and ticket_id is not null"
        ),
    ],
    tables: &[
        ("gates", "id event_id name direction opens_at closes_at version created_at updated_at"),
        (
            "gate_devices",
            "id event_id gate_id token_hash revoked_at last_seen_at battery app_version created_at updated_at"
        ),
        ("ticket_checkins", "id ticket_id checked_in_by gate checked_in_at direction result reason nonce created_at"),
        ("checkin_conflicts", "id event_id ticket_id kind note resolved_at created_at updated_at"),
        ("live_updates", "id event_id kind body author_id created_at updated_at"),
    ],
    takes_no_markup: &[
        ("gate_pairing_create", "ids"),
        ("gate_pin_set", "a PIN"),
        ("live_pair", "a pairing code; what a phone is called is filled where it is renamed"),
        ("live_sync", "what phones have scanned"),
        ("live_update_pin", "a yes or no"),
        ("ticket_scan", "a code"),
    ],
    ..AreaTests::writes(80, |s| Box::pin(writes(s.site, s.admin, s.tag, s.out)))
});

/// Gates, phones, conflicts and updates of one event.
async fn writes(site: &Site, admin: &Person, tag: &str, out: &mut Vec<Write>) {
    let (event, kinds) = tonight(site, admin, &["Standard"]).await;
    let path = format!("/events/{}", text(&event, "id"));
    let main = gate(admin, &event, json!({ "name": "Main" })).await;
    let side = gate(admin, &event, json!({ "name": "Side" })).await;
    let gone = gate(admin, &event, json!({ "name": "Gone" })).await;
    add(out, "gate_add", Method::POST, format!("{path}/gates"), json!({ "name": format!("North {tag}") }));
    let renamed = json!({ "name": format!("South {tag}"), "version": 1 });
    add(out, "gate_update", Method::PATCH, format!("/gates/{}", text(&side, "id")), renamed);
    add(out, "gate_remove", Method::DELETE, format!("/gates/{}", text(&gone, "id")), Value::Null);
    let settings = json!({ "reentry": true, "version": 0 });
    add(out, "gate_settings_update", Method::PATCH, format!("{path}/gate-settings"), settings);
    let pairing = json!({ "gate_id": main["id"] });
    add(out, "gate_pairing_create", Method::POST, format!("{path}/gate-devices/pairing"), pairing);
    let (one, two) = (phone(site, admin, &event, &main, false).await, phone(site, admin, &event, &main, false).await);
    let moved = json!({ "name": format!("Phone {tag}") });
    add(out, "gate_device_update", Method::PATCH, format!("/gate-devices/{}", one.id), moved);
    let why = json!({ "reason": format!("Lost {tag}") });
    add(out, "gate_device_revoke", Method::POST, format!("/gate-devices/{}/revoke", two.id), why);
    add(out, "gate_pin_set", Method::PUT, "/auth/gate-pin".to_owned(), json!({ "pin": "48291" }));
    let guests = make_guests(site, 2).await;
    let pass = passes(admin, &guests[0], &event, &kinds[0], 1).await.remove(0);
    let scanned = scan(&one, code(&pass)).await;
    let annul = format!("/tickets/checkins/{}/annul", text(&scanned, "checkin_id"));
    add(out, "checkin_annul", Method::POST, annul, json!({ "reason": format!("Mistake {tag}") }));
    let now = Moment((site.test.clock.now().0.unix_timestamp_nanos() / 1_000_000) as i64);
    let again = passes(admin, &guests[1], &event, &kinds[0], 1).await.remove(0);
    scan(&one, code(&again)).await;
    let queued = json!({ "code": code(&again), "direction": "in", "nonce": format!("{tag}-q"), "device_time": now,
                         "result": "admitted" });
    let sync = json!({ "sent_at": now, "scans": [queued] });
    let synced = one.post("/live/sync", sync).await.expect(200);
    let conflict = format!("/checkin-conflicts/{}/resolve", text(&synced["scans"][0], "conflict_id"));
    let settled = json!({ "resolution": "same_person", "note": format!("Seen twice {tag}"), "version": 1 });
    add(out, "checkin_conflict_resolve", Method::POST, conflict, settled);
    let guest = json!({ "name": format!("Door {tag}"), "note": "Crew" });
    add(out, "door_guest_add", Method::POST, format!("{path}/door/guests"), guest);
    let news = json!({ "event_id": event["id"], "kind": "info", "body": format!("Doors {tag}"), "audience": "guests" });
    add(out, "live_update_post", Method::POST, "/live/updates".to_owned(), news.clone());
    for (name, method) in [("live_update_pin", Method::PATCH), ("live_update_remove", Method::DELETE)] {
        let made = admin.post("/live/updates", news.clone()).await.expect(201);
        let one = format!("/live/updates/{}/{}", text(&event, "id"), text(&made, "id"));
        let body = if method == Method::PATCH { json!({ "pinned": true }) } else { Value::Null };
        add(out, name, method, one, body);
    }
}
