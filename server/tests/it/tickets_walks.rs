//! What the walks over everything need to know of tickets.

use reqwest::Method;
use serde_json::{Value, json};

use crate::areas::{AreaTests, Write, add};
use crate::fixtures::{kind, make_guests, open, reserve};
use crate::partners::text;
use crate::support::{Person, Site};

inventory::submit!(AreaTests {
    records: &[
        ("/attendees/{id}", "select attendee_id from tickets where status = 'issued' and user_id is not null"),
        ("/invites/link/{token}", "select encode(token_hash, 'hex') from event_invites where token_hash is not null"),
        ("/invites/{id}", "select id from event_invites"),
        ("/promo-codes/{id}", "select id from promo_codes"),
        ("/requests/{id}", "select id from event_requests where status = 'pending'"),
        ("/reservations/{id}", "select id from capacity_reservations where user_id is not null"),
        (
            "/ticket-types/{id}",
            "select t.id from ticket_types t join events e on e.id = t.event_id where e.status = 'live'",
        ),
        ("/tickets/status/{id}", "select id from tickets"),
        ("/tickets/{id}", "select id from tickets where status = 'issued' and user_id is not null"),
        ("/waiting-list/{id}", "select id from waiting_list_entries"),
    ],
    tables: &[
        (
            "event_requests",
            "id event_id requester_user_id message status host_message seats_requested created_at updated_at"
        ),
        (
            "event_invites",
            "id event_id host_user_id invited_user_id status message invite_type expires_at created_at updated_at"
        ),
        (
            "ticket_types",
            "id event_id name price_minor currency quota sales_start_at sales_end_at per_order_limit hidden"
        ),
        (
            "capacity_reservations",
            "id reservation_key event_id ticket_type_id user_id seats_reserved consumed expires_at created_at updated_at"
        ),
        (
            "event_attendees",
            "id event_id user_id request_id ticket_type seats is_paid price_paid_minor platform_fee_minor status checked_in_at created_at updated_at"
        ),
        ("tickets", "id event_id ticket_type_id user_id attendee_id status generation issued_at"),
        ("ticket_secrets", "ticket_id secret_hash secret_salt is_redeemed redeemed_at created_at updated_at"),
        ("waiting_list_entries", "id event_id ticket_type_id user_id seats status offer_expires_at created_at"),
        ("promo_codes", "id event_id code ticket_type_id max_uses valid_from valid_until created_at"),
    ],
    takes_no_markup: &[
        ("attendee_move", "ids"),
        ("event_invite_decide", "a word of a list"),
        ("promo_code_add", "a code"),
        ("reservation_create", "a code"),
        ("waiting_list_join", "a code"),
        ("share_link_accept", "a link's token"),
        ("attendee_contact_add", "an email, and a phone number"),
    ],
    ..AreaTests::writes(40, |s| Box::pin(writes(s.site, s.admin, s.tag, s.out)))
});

/// What is sold: kinds of tickets, codes, requests, invitations, seats.
async fn writes(site: &Site, admin: &Person, tag: &str, out: &mut Vec<Write>) {
    let kinds = [("Standard", Some(13), 0), ("Paid", Some(5), 50_000)];
    let (event, kinds) = open(site, admin, 24, &kinds).await;
    let path = format!("/events/{}", text(&event, "id"));
    let price = json!({ "minor": 100, "currency": "INR" });
    let another = json!({ "name": format!("Another {tag}"), "price": price });
    add(out, "ticket_type_add", Method::POST, format!("{path}/ticket-types"), another);
    let third = kind(admin, &event, "Third", None, 0).await;
    let change = json!({ "name": "Third place", "version": third["version"] });
    add(out, "ticket_type_update", Method::PATCH, format!("/ticket-types/{}", text(&third, "id")), change);
    let last = kind(admin, &event, "Last", None, 0).await;
    let gone = format!("/ticket-types/{}", text(&last, "id"));
    add(out, "ticket_type_retire", Method::DELETE, gone, Value::Null);
    let code = |n: u8| json!({ "code": format!("CODE-{tag}-{n}"), "discount_percent": "10.00" });
    add(out, "promo_code_add", Method::POST, format!("{path}/promo-codes"), code(0));
    let made = admin.post(&format!("{path}/promo-codes"), code(1)).await.expect(201);
    add(out, "promo_code_revoke", Method::DELETE, format!("/promo-codes/{}", text(&made, "id")), Value::Null);
    let made = admin.post(&format!("{path}/promo-codes"), code(2)).await.expect(201);
    let revoked = format!("/promo-codes/{}", text(&made, "id"));
    admin.delete(&revoked).await.expect(204);
    add(out, "promo_code_restore", Method::POST, format!("{revoked}/restore"), json!({}));
    let people = make_guests(site, 8).await;
    let link = json!({ "invite_type": "share_link", "max_uses": 3 });
    add(out, "event_invite_create", Method::POST, format!("{path}/invites"), link);
    let direct = json!({ "invite_type": "direct", "invited_user_id": people[0].id });
    let made = admin.post(&format!("{path}/invites"), direct).await.expect(201);
    let invite = made.get("invite").unwrap_or(&made);
    let back = format!("/invites/{}", text(invite, "id"));
    add(out, "event_invite_decide", Method::PATCH, back, json!({ "status": "expired" }));
    let request = people[1].post(&format!("{path}/requests"), json!({ "ticket_type_id": kinds[0]["id"] })).await;
    let path_of = format!("/requests/{}", text(&request.expect(201), "id"));
    add(out, "event_request_decide", Method::PATCH, path_of, json!({ "status": "accepted" }));
    let held = reserve(&people[2], &event, &kinds[1], 1).await.expect(201);
    add(out, "reservation_release", Method::DELETE, format!("/reservations/{}", text(&held, "id")), Value::Null);
    for (n, name) in [(3, "ticket_transfer"), (4, "ticket_revoke"), (6, "ticket_resend"), (7, "ticket_reissue")] {
        let taken = reserve(&people[n], &event, &kinds[0], 1).await.expect(201);
        let tickets = admin.get(&format!("/attendees/{}/tickets", text(&taken, "attendee_id"))).await.expect(200);
        let ticket = tickets["tickets"][0]["ticket"].clone();
        let step = name.trim_start_matches("ticket_");
        let body = match step {
            "revoke" => json!({ "reason": "Sold twice" }),
            "resend" => json!({ "reissue": true }),
            "reissue" => json!({}),
            _ => json!({ "name": "A friend", "email": format!("{tag}friend@example.com") }),
        };
        add(out, name, Method::POST, format!("/tickets/{}/{step}", text(&ticket, "id")), body);
    }
    let comp = json!({ "ticket_type_id": kinds[0]["id"], "name": "A guest", "email": "g@example.com", "seats": 2 });
    add(out, "attendee_comp", Method::POST, format!("{path}/attendees"), comp.clone());
    let guest = admin.post(&format!("{path}/attendees"), comp).await.expect(201);
    let off = format!("/attendees/{}/cancel", text(&guest, "id"));
    add(out, "attendee_cancel", Method::POST, off, json!({ "reason": "No seat" }));
    let silent = json!({ "ticket_type_id": kinds[0]["id"], "name": "Rohit" });
    let silent = admin.post(&format!("{path}/attendees"), silent).await.expect(201);
    let contact = format!("/attendees/{}/contact", text(&silent, "id"));
    add(out, "attendee_contact_add", Method::POST, contact, json!({ "email": format!("{tag}rohit@example.com") }));
    let moved = json!({ "ticket_type_id": kinds[0]["id"], "name": "Mo" });
    let moved = admin.post(&format!("{path}/attendees"), moved).await.expect(201);
    let other = kind(admin, &event, "Moved to", None, 0).await;
    let to = json!({ "ticket_type_id": other["id"] });
    add(out, "attendee_move", Method::POST, format!("/attendees/{}/move", text(&moved, "id")), to);
    let (full, one) = open(site, admin, 1, &[("Only", None, 0)]).await;
    reserve(&people[0], &full, &one[0], 1).await.expect(201);
    let line = format!("/events/{}/waiting-list", text(&full, "id"));
    let waits = people[5].post(&line, json!({ "ticket_type_id": one[0]["id"] })).await.expect(201);
    add(out, "waiting_list_leave", Method::DELETE, format!("/waiting-list/{}", text(&waits, "id")), Value::Null);
    let (roomy, few) = open(site, admin, 5, &[("Few", Some(1), 0)]).await;
    reserve(&people[0], &roomy, &few[0], 1).await.expect(201);
    let line = format!("/events/{}/waiting-list", text(&roomy, "id"));
    let waits = people[5].post(&line, json!({ "ticket_type_id": few[0]["id"] })).await.expect(201);
    let offer = format!("/waiting-list/{}/offer", text(&waits, "id"));
    add(out, "waiting_list_offer", Method::POST, offer, Value::Null);
}
