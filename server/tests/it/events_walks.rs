//! What the walks over everything need to know of events.

use reqwest::Method;
use serde_json::{Value, json};

use crate::areas::{AreaTests, Write, add};
use crate::fixtures::{draft, open, plan};
use crate::partners::{partner, text};
use crate::support::{Person, Site};

inventory::submit!(AreaTests {
    records: &[
        (
            "/event-images/{id}",
            "select i.id from event_images i join events e on e.id = i.event_id where e.status = 'draft' and i.status = 'ready'",
        ),
        ("/events/by-slug/{slug}", "select slug from events where status = 'draft'"),
        ("/events/{id}", "select id from events where status = 'live'"),
        ("/events/{id}/co-hosts/{co_host_id}", "select event_id, id from event_co_hosts"),
        ("/events/{id}/images/{image_id}", "select event_id, id from event_images"),
        ("/events/{id}/streams/{stream_id}", "select event_id, id from event_streams"),
        ("/interests/{id}", "select id from event_interests"),
        ("/venues/{id}", "select id from venues where partner_id is not null"),
    ],
    tables: &[
        ("event_interests", "id name slug description is_active created_at updated_at"),
        ("venues", "id name address latitude longitude metadata created_at updated_at"),
        (
            "events",
            "id host_user_id organizer_partner_id title slug mood description venue_id venue_text city start_at end_at timezone capacity is_paid ticket_price_minor currency gst_number gst_percent allow_plus_one allowed_genders cover_images status going_count requests_count version created_at updated_at"
        ),
        ("event_interest_map", "event_id interest_id created_at"),
        ("event_images", "id event_id storage_key position created_at updated_at"),
        ("event_streams", "id event_id provider stream_key_enc stream_status"),
    ],
    takes_no_markup: &[
        ("own_zone_set", "a time zone"),
        ("event_co_host_add", "ids"),
        ("event_stream_update", "a key that is shown to nobody, and an address"),
    ],
    not_cut: &[("event_stream_reveal_key", "it changes nothing but the audit")],
    ..AreaTests::writes(30, |s| Box::pin(writes(s.site, s.admin, s.tag, s.out)))
});

/// What is planned: events, places, interests.
async fn writes(site: &Site, admin: &Person, tag: &str, out: &mut Vec<Write>) {
    let owner = partner(admin, &format!("Planner {tag}")).await;
    let friend = partner(admin, &format!("Friend {tag}")).await;
    let mut fresh = plan(site, 10, 12);
    fresh["organizer_partner_id"] = owner["id"].clone();
    add(out, "event_create", Method::POST, "/events".to_owned(), fresh);
    let event = draft(site, admin, 10).await;
    let path = format!("/events/{}", text(&event, "id"));
    let renamed = json!({ "title": format!("Renamed {tag}"), "version": event["version"] });
    add(out, "event_update", Method::PATCH, path.clone(), renamed);
    let asked = json!({ "questions": [{ "label": "What do you eat?", "kind": "text", "required": false }] });
    add(out, "event_question_set", Method::PUT, format!("{path}/questions"), asked);
    add(out, "event_co_host_add", Method::POST, format!("{path}/co-hosts"), json!({ "partner_id": friend["id"] }));
    let guest = admin.post(&format!("{path}/co-hosts"), json!({ "partner_id": owner["id"] })).await.expect(201);
    let gone = format!("{path}/co-hosts/{}", text(&guest, "id"));
    add(out, "event_co_host_remove", Method::DELETE, gone, Value::Null);
    let stream = json!({ "provider": "youtube", "stream_key": "a-key-of-some-length" });
    add(out, "event_stream_add", Method::POST, format!("{path}/streams"), stream.clone());
    for (name, method) in [("event_stream_update", Method::PATCH), ("event_stream_remove", Method::DELETE)] {
        let made = admin.post(&format!("{path}/streams"), stream.clone()).await.expect(201);
        let change = json!({ "playback_url": "https://example.com/live", "version": made["version"] });
        let body = if method == Method::PATCH { change } else { Value::Null };
        add(out, name, method, format!("{path}/streams/{}", text(&made, "id")), body);
    }
    let start = site.test.clock.now().0 + time::Duration::days(40);
    let at = |moment: time::OffsetDateTime| eventify::kernel::timestamp::Timestamp(moment).rfc3339();
    let times = json!({ "start_at": at(start), "end_at": at(start + time::Duration::hours(3)) });
    add(out, "event_duplicate", Method::POST, format!("{path}/duplicate"), times.clone());
    let moved = draft(site, admin, 10).await;
    let mut later = times;
    later["version"] = moved["version"].clone();
    add(out, "event_reschedule", Method::POST, format!("/events/{}/reschedule", text(&moved, "id")), later);
    let shown = draft(site, admin, 10).await;
    add(out, "event_publish", Method::POST, format!("/events/{}/publish", text(&shown, "id")), json!({}));
    for (name, step) in [("event_start", "start"), ("event_end", "end")] {
        let mut soon = plan(site, 10, 0);
        soon["start_at"] = at(site.test.clock.now().0 + time::Duration::hours(2)).into();
        soon["organizer_partner_id"] = owner["id"].clone();
        let soon = format!("/events/{}", text(&admin.post("/events", soon).await.expect(201), "id"));
        admin.post(&format!("{soon}/publish"), json!({})).await.expect(200);
        if step == "end" {
            admin.post(&format!("{soon}/start"), json!({})).await.expect(200);
        }
        add(out, name, Method::POST, format!("{soon}/{step}"), json!({}));
    }
    let (off, _) = open(site, admin, 10, &[("Standard", None, 0)]).await;
    let why = json!({ "reason": "The roof leaks" });
    add(out, "event_cancel", Method::POST, format!("/events/{}/cancel", text(&off, "id")), why);
    let pictured = draft(site, admin, 10).await;
    let mut images = Vec::new();
    for _ in 0..3 {
        images.push(crate::events::image(admin, &pictured).await.expect(201)["id"].clone());
    }
    let path = format!("/events/{}/images", text(&pictured, "id"));
    images.reverse();
    let order = json!({ "images": images, "covers": [images[0]] });
    add(out, "event_image_order", Method::PUT, path.clone(), order);
    let gone = format!("{path}/{}", images[1].as_str().expect("an id"));
    add(out, "event_image_remove", Method::DELETE, gone, Value::Null);
    let place = json!({ "name": format!("Place {tag}"), "city": "Pune" });
    add(out, "venue_create", Method::POST, "/venues".to_owned(), place.clone());
    for (name, method) in [("venue_update", Method::PATCH), ("venue_retire", Method::DELETE)] {
        let made = admin.post("/venues", place.clone()).await.expect(201);
        let change = json!({ "name": format!("Hall {tag}"), "version": made["version"] });
        let body = if method == Method::PATCH { change } else { Value::Null };
        add(out, name, method, format!("/venues/{}", text(&made, "id")), body);
    }
    let word = |n: u8| json!({ "name": format!("Interest {tag} {n}") });
    add(out, "interest_create", Method::POST, "/interests".to_owned(), word(0));
    for (n, name, method) in [(1, "interest_update", Method::PATCH), (2, "interest_delete", Method::DELETE)] {
        let made = admin.post("/interests", word(n)).await.expect(201);
        let change = json!({ "is_active": false, "version": made["version"] });
        let body = if method == Method::PATCH { change } else { Value::Null };
        add(out, name, method, format!("/interests/{}", text(&made, "id")), body);
    }
}
