//! Events: places, life cycle, lists, organisers. Rules, refusals and races.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fixtures::{draft, make_guests, open, plan, reserve};
use crate::partners::{BOUNDARY, partner, text, within};
use crate::support::{Answer, Person, Site, read};

async fn venue(admin: &Person, name: &str, position: (f64, f64)) -> Value {
    let input = json!({ "name": name, "city": "Bengaluru", "address": "1 Road",
                        "position": { "latitude": position.0, "longitude": position.1 } });
    admin.post("/venues", input).await.expect(201)
}

async fn publish(person: &Person, event: &Value) -> Answer {
    person.post(&format!("/events/{}/publish", text(event, "id")), json!({})).await
}

fn titles(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|event| text(event, "title").to_owned()).collect()
}

#[tokio::test]
async fn an_event_from_draft_to_its_end() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let anyone = site.anonymous();
    let event = draft(&site, &admin, 40).await;
    let path = format!("/events/{}", text(&event, "id"));
    assert_eq!((text(&event, "status"), text(&event, "duration")), ("draft", "PT4H"));
    anyone.get(&path).await.refused(404, "not_found");
    admin.post(&format!("{path}/end"), json!({})).await.refused(409, "invalid_transition");
    publish(&anyone, &event).await.refused(401, "unauthenticated");
    let published = publish(&admin, &event).await.expect(200);
    assert_eq!(anyone.get(&path).await.expect(200)["status"], "published");
    publish(&admin, &event).await.refused(409, "invalid_transition");
    // An event without kinds of tickets got a free one.
    let kinds = anyone.rows(&format!("{path}/ticket-types")).await;
    assert_eq!((text(&kinds[0], "name"), &kinds[0]["available"]), ("Standard", &json!(40)));
    admin.post(&format!("{path}/start"), json!({})).await.refused(409, "invalid_transition");

    // The clock starts and ends it, once however many turn it.
    let start = eventify::kernel::timestamp::Timestamp::parse(text(&published, "start_at")).unwrap();
    site.test.clock.advance(start.0 - site.test.clock.now().0);
    let turns = join_all((0..4).map(|_| eventify::events::jobs::advance(&site.test.app))).await;
    assert_eq!(turns.into_iter().map(|turn| turn.expect("a turn")).sum::<u64>(), 1);
    assert_eq!(anyone.rows("/events/live").await[0]["id"], event["id"]);
    site.test.clock.advance(time::Duration::hours(4));
    assert_eq!(eventify::events::jobs::advance(&site.test.app).await.expect("a turn"), 1);
    assert_eq!(anyone.get(&path).await.expect(200)["status"], "ended");
    assert_eq!(anyone.rows("/events/live").await, json!([]));
    assert_eq!(
        site.number("select count(*) from audit_logs where action in ('event.started', 'event.ended')").await,
        2
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_place_holds_one_published_event_at_a_time() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let place = venue(&admin, "The Terrace", (12.97, 77.59)).await;
    let mut drafts = Vec::new();
    for _ in 0..8 {
        let event = draft(&site, &admin, 10).await;
        let path = format!("/events/{}", text(&event, "id"));
        let moved = json!({ "venue_id": place["id"], "version": event["version"] });
        drafts.push(admin.patch(&path, moved).await.expect(200));
    }
    assert_eq!((text(&drafts[0], "venue_name"), &drafts[0]["venue_text"]), ("The Terrace", &Value::Null));
    let answers = join_all(drafts.iter().map(|event| publish(&admin, event))).await;
    let won = answers.iter().position(|answer| answer.status == 200).expect("one");
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.refused(409, "venue_taken");
    }
    // A draft says who has its venue, before anybody tries to publish it; the venue says when it is taken.
    let holder = async |event: &Value| {
        let summary = admin.get(&format!("/events/{}/summary", text(event, "id"))).await.expect(200);
        summary["venue_holder"]["event_id"].clone()
    };
    let other = (won + 1) % drafts.len();
    assert_eq!((holder(&drafts[other]).await, holder(&drafts[won]).await), (drafts[won]["id"].clone(), Value::Null));
    let there = admin.get(&format!("/venues/{}", text(&place, "id"))).await.expect(200);
    assert_eq!((&there["upcoming_events"], &there["next_event_at"]), (&json!(1), &drafts[won]["start_at"]));
    let mut page = Browser::of_staff(&site, &admin);
    page.get(&format!("/events/{}", text(&drafts[other], "id"))).await.says(&["Choose another date or venue"]);
    page.get(&format!("/venues/{}", text(&place, "id")))
        .await
        .says(&["Same time as", "Free on 29 of the next 30 days."]);
    // The list counts what is published: the page names the drafts apart.
    page.get("/venues").await.says(&["1<small>Next on "]);
    let venue = page.get(&format!("/venues/{}", text(&place, "id"))).await.text;
    let (upcoming, planned) =
        venue.split_once(">Drafts<").unwrap_or_else(|| panic!("no drafts by themselves: {venue}"));
    for event in &drafts {
        let link = format!("href=\"/events/{}\"", text(event, "id"));
        assert_eq!(
            (upcoming.contains(&link), planned.contains(&link)),
            match event["id"] == drafts[won]["id"] {
                true => (true, false),
                false => (false, true),
            }
        );
    }
    // Cancelling frees it; a published event cannot be moved into another's time.
    let cancel = |event: &Value| format!("/events/{}/cancel", text(event, "id"));
    admin.post(&cancel(&drafts[won]), json!({ "reason": "Rain" })).await.expect(200);
    publish(&admin, &drafts[other]).await.expect(200);
    assert_eq!(holder(&drafts[(won + 2) % drafts.len()]).await, drafts[other]["id"]);
    let (later, days) = ((won + 2) % drafts.len(), 20);
    let mut times = plan(&site, 10, days);
    let path = format!("/events/{}", text(&drafts[later], "id"));
    let input =
        json!({ "start_at": times["start_at"], "end_at": times["end_at"], "version": drafts[later]["version"] });
    let moved = admin.post(&format!("{path}/reschedule"), input).await.expect(200);
    assert_eq!(moved["sequence"], 0, "a draft has nobody to tell");
    let moved = publish(&admin, &moved).await.expect(200);
    times = json!({ "start_at": drafts[other]["start_at"], "end_at": drafts[other]["end_at"], "version": moved["version"] });
    admin.post(&format!("{path}/reschedule"), times).await.refused(409, "venue_taken");
}

#[tokio::test]
async fn the_list_finds_by_city_date_price_text_and_nearness() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let interests = site.anonymous().rows("/interests").await;
    for (n, (title, city, position)) in [
        ("Jazz by the Lake", "Bengaluru", (12.97, 77.59)),
        ("Techno in the Mill", "Bengaluru", (13.20, 77.71)),
        ("Poetry 100%", "Mumbai", (19.07, 72.87)),
    ]
    .into_iter()
    .enumerate()
    {
        let place = venue(&admin, &format!("Place {n}"), position).await;
        let event = draft(&site, &admin, 10).await;
        let input = json!({ "title": title, "venue_id": place["id"], "city": city, "version": event["version"],
                            "interests": [interests[n]["id"]] });
        let path = format!("/events/{}", text(&event, "id"));
        let event = admin.patch(&path, input).await.expect(200);
        let price = json!({ "minor": 10_000 * n, "currency": "INR" });
        let kind = json!({ "name": "Standard", "price": price });
        admin.post(&format!("{path}/ticket-types"), kind).await.expect(201);
        publish(&admin, &event).await.expect(200);
    }
    draft(&site, &admin, 10).await;
    let anyone = site.anonymous();
    let interest = format!("interest={}", text(&interests[1], "id"));
    let soon = eventify::kernel::timestamp::Timestamp(site.test.clock.now().0 + time::Duration::days(5)).rfc3339();
    let (from, to) = (format!("from={soon}"), format!("to={soon}"));
    for (query, expected) in [
        ("", 3),
        ("q=LAKE", 1),
        ("q=place+2", 1),
        ("q=%25", 1),
        ("city=bengaluru", 2),
        ("price_max=0", 1),
        ("price_min=10000", 2),
        (interest.as_str(), 1),
        (from.as_str(), 3),
        (to.as_str(), 0),
        ("lat=12.97&lon=77.60", 1),
        ("lat=12.97&lon=77.60&radius_km=60", 2),
        ("status=draft", 0),
        ("mine=true", 0),
    ] {
        let page = anyone.get(&format!("/events?{query}")).await.expect(200);
        assert_eq!(titles(&page).len(), expected, "{query}: {:?}", titles(&page));
        assert_eq!(page["total_estimate"], expected, "{query}");
    }
    assert_eq!(titles(&admin.get("/events").await.expect(200)).len(), 4, "staff sees drafts");
    let first = anyone.get("/events?sort=title&limit=2").await.expect(200);
    let next = format!("/events?sort=title&limit=2&cursor={}", text(&first, "next_cursor"));
    let rest = anyone.get(&next).await.expect(200);
    assert_eq!([titles(&first), titles(&rest)].concat(), ["Jazz by the Lake", "Poetry 100%", "Techno in the Mill"]);
    anyone.get("/events?lat=99&lon=1").await.refused(422, "invalid_input");
    anyone.get("/events?radius_km=5").await.refused(422, "invalid_input");
}

#[tokio::test]
async fn end_users_host_their_own_and_nobody_elses() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 3).await;
    let (host, friend, stranger) = (&people[0], &people[1], &people[2]);
    let event = host.post("/events", plan(&site, 20, 5)).await.expect(201);
    assert_eq!((text(&event, "host_user_id"), text(&event, "host_name")), (host.id.as_str(), "Guest 1"));
    let mut foreign = plan(&site, 20, 5);
    foreign["host_user_id"] = json!(friend.id);
    host.post("/events", foreign).await.refused(422, "invalid_input");
    let path = format!("/events/{}", text(&event, "id"));
    stranger.get(&path).await.refused(404, "not_found");
    friend.post(&format!("{path}/publish"), json!({})).await.refused(404, "not_found");
    let co_host = host.post(&format!("{path}/co-hosts"), json!({ "user_id": friend.id })).await.expect(201);
    host.post(&format!("{path}/co-hosts"), json!({ "user_id": friend.id })).await.refused(409, "already_exists");
    friend.post(&format!("{path}/publish"), json!({})).await.expect(200);
    assert_eq!(titles(&friend.get("/events?mine=true").await.expect(200)), ["Monsoon Jazz"]);
    stranger.post(&format!("{path}/end"), json!({})).await.refused(403, "forbidden");
    stranger.get(&format!("{path}/attendees")).await.refused(403, "forbidden");
    friend.delete(&format!("{path}/co-hosts/{}", text(&co_host, "id"))).await.expect(204);
    friend.patch(&path, json!({ "title": "Mine now", "version": 2 })).await.refused(403, "forbidden");
    let actors = "select count(*) from audit_logs where action = 'event.published' and actor_kind = 'end_user'";
    assert_eq!(site.number(actors).await, 1);
    admin.get(&path).await.expect(200);
}

#[tokio::test]
async fn scoped_staff_sees_and_touches_its_own_events_alone() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (own, other) = (draft(&site, &admin, 10).await, open(&site, &admin, 10, &[]).await.0);
    let partner = json!({ "id": own["organizer_partner_id"] });
    let permissions = ["events.read", "events.manage", "events.publish", "tickets.read", "tickets.manage"];
    let caller = within(&site, &admin, &partner, "p@example.com", &permissions).await;
    let role =
        admin.post("/admin/roles", json!({ "name": "At one event", "permissions": permissions })).await.expect(201);
    let mut at_event = site.account("e@example.com", "talent").await;
    let scoped = json!({ "role_id": role["id"], "event_id": own["id"] });
    admin.post(&format!("/admin/users/{}/assignments", at_event.id), scoped).await.expect(201);
    at_event.sign_in().await;
    let (id, hidden) = (text(&other, "id"), draft(&site, &admin, 10).await);
    for person in [&caller, &at_event] {
        assert_eq!(person.get("/events").await.expect(200)["items"].as_array().unwrap().len(), 1);
        person.get(&format!("/events/{}", text(&own, "id"))).await.expect(200);
        // Of that one they see what anybody sees, and no more.
        for part in ["", "/images", "/calendar.ics", "/ticket-types", "/questions", "/co-hosts"] {
            let path = format!("/events/{id}{part}");
            assert_eq!(person.get(&path).await.body, site.anonymous().get(&path).await.expect(200), "{path}");
        }
        for (method, path, body) in [
            (Method::PATCH, format!("/events/{id}"), Some(json!({ "title": "Mine", "version": 1 }))),
            (Method::POST, format!("/events/{id}/cancel"), Some(json!({ "reason": "Because" }))),
            (Method::GET, format!("/events/{id}/attendees"), None),
            (Method::GET, format!("/events/{id}/requests"), None),
            (Method::GET, format!("/events/{id}/streams"), None),
            (Method::POST, format!("/events/{id}/ticket-types"), Some(json!({ "name": "Mine" }))),
        ] {
            person.send(method, &path, body).await.refused(403, "forbidden");
        }
        let hidden = format!("/events/{}", text(&hidden, "id"));
        person.get(&hidden).await.refused(404, "not_found");
        person.patch(&hidden, json!({ "title": "Mine", "version": 1 })).await.refused(404, "not_found");
        assert_eq!(person.get("/tickets").await.expect(200)["items"], json!([]));
    }
    // A suspended partner's own people change and publish nothing; nor does anybody for it.
    let status = format!("/partners/{}/status", text(&partner, "id"));
    admin.patch(&status, json!({ "status": "active" })).await.expect(200);
    admin.patch(&status, json!({ "status": "suspended", "reason": "Unpaid" })).await.expect(200);
    let path = format!("/events/{}", text(&own, "id"));
    caller.patch(&path, json!({ "title": "Other", "version": 1 })).await.refused(409, "partner_suspended");
    publish(&admin, &own).await.refused(409, "partner_suspended");
    let mut more = plan(&site, 5, 9);
    more["organizer_partner_id"] = partner["id"].clone();
    admin.post("/events", more).await.refused(409, "partner_suspended");
}

#[tokio::test]
async fn cancelling_and_rescheduling_reach_the_guests() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 4).await;
    // One of them has only a phone, and so has a guest of the organiser; another has neither.
    sqlx::query("update end_users set email = null where id = $1")
        .bind(people[2].id.parse::<uuid::Uuid>().unwrap())
        .execute(&mut site.test.owner().await)
        .await
        .unwrap();
    for person in &people[..3] {
        reserve(person, &event, &kinds[0], 1).await.expect(201);
    }
    let path = format!("/events/{}", text(&event, "id"));
    for (name, phone) in [("Ira", json!("+91 98450 77001")), ("Rohit", Value::Null)] {
        let comp = json!({ "ticket_type_id": kinds[0]["id"], "name": name, "phone": phone });
        admin.post(&format!("{path}/attendees"), comp).await.expect(201);
    }
    let totals = admin.get(&format!("{path}/guest-totals")).await.expect(200);
    assert_eq!(totals, json!({ "guests": 5, "tickets": 5, "unreachable": 1, "paid": [] }));
    people[3].post(&format!("{path}/requests"), json!({})).await.expect(201);
    let background = eventify_server::serve::background(&site.test.app, true);
    let version = admin.get(&path).await.expect(200)["version"].clone();
    let times = plan(&site, 10, 12);
    let input = json!({ "start_at": times["start_at"], "end_at": times["end_at"], "version": version });
    let moved = admin.post(&format!("{path}/reschedule"), input).await.expect(200);
    assert!(moved["sequence"] == 1 && moved["refund_window_until"].is_string(), "{moved}");
    let told = async |template: &'static str, by_mail: i64, by_text: i64| {
        let expected = (by_mail, by_text);
        for attempt in 0.. {
            let found: (i64, i64) =
                sqlx::query_as("select count(*) filter (where payload->'mail'->>'template' = $1),
                                       count(*) filter (where payload->'message'->'notice'->>'template' = $1) from job_runs")
                    .bind(template)
                    .fetch_one(&site.test.reader)
                    .await
                    .unwrap();
            if found == expected {
                break;
            }
            assert!(attempt < 100, "{found:?} told {template}");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    told("tickets_issued", 2, 2).await;
    told("event_rescheduled", 2, 2).await;
    admin.post(&format!("{path}/cancel"), json!({ "reason": "The roof leaks" })).await.expect(200);
    // The guests, and whoever has asked to come.
    told("event_cancelled", 3, 2).await;
    let after = admin.get(&path).await.expect(200);
    assert_eq!((&after["going_count"], &after["requests_count"]), (&json!(0), &json!(0)));
    assert_eq!(site.number("select count(*) from tickets where status = 'revoked'").await, 5);
    let own = people[0].rows("/me/attendances").await;
    assert_eq!((text(&own[0], "status"), text(&own[0], "cancellation_reason")), ("cancelled", "The roof leaks"));
    reserve(&people[3], &event, &kinds[0], 1).await.refused(409, "event_closed");
    admin.post(&format!("{path}/cancel"), json!({ "reason": "Again" })).await.refused(409, "invalid_transition");
    drop(background);
}

#[tokio::test]
async fn a_duplicate_has_everything_but_the_guests() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = open(&site, &admin, 10, &[("Floor", Some(6), 5_000), ("Free", None, 0)]).await;
    let path = format!("/events/{}", text(&event, "id"));
    image(&admin, &event).await.expect(201);
    let questions = json!({ "questions": [{ "label": "Diet?", "kind": "choice", "options": ["Any", "Vegan"] }] });
    admin.put(&format!("{path}/questions"), questions).await.expect(200);
    let start = plan(&site, 10, 30)["start_at"].clone();
    let copy = admin.post(&format!("{path}/duplicate"), json!({ "start_at": start })).await.expect(201);
    assert_eq!((text(&copy, "status"), text(&copy, "duration"), &copy["going_count"]), ("draft", "PT4H", &json!(0)));
    assert_ne!(copy["slug"], event["slug"]);
    let there = format!("/events/{}", text(&copy, "id"));
    let names: Vec<String> = admin
        .rows(&format!("{there}/ticket-types"))
        .await
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| text(kind, "name").to_owned())
        .collect();
    assert_eq!(names, ["Floor", "Free"]);
    assert_eq!(admin.rows(&format!("{there}/questions")).await[0]["options"], json!(["Any", "Vegan"]));
    let images = admin.rows(&format!("{there}/images")).await;
    assert_eq!(images[0]["is_cover"], true);
    // The file is shared: removing it from one event leaves it to the other.
    let image_path = format!("{path}/images/{}", text(&admin.rows(&format!("{path}/images")).await[0], "id"));
    admin.delete(&image_path).await.expect(204);
    assert_eq!(site.number("select count(*) from stored_files where kept_at is not null").await, 1);
    admin.delete(&format!("{there}/images/{}", text(&images[0], "id"))).await.expect(204);
    assert_eq!(site.number("select count(*) from stored_files where kept_at is not null").await, 0);
}

/// Adds a picture to an event.
pub async fn image(person: &Person, event: &Value) -> Answer {
    upload_image(person, event, &crate::pictures::png(40, 30)).await
}

/// Adds a file to an event as a picture.
pub async fn upload_image(person: &Person, event: &Value, file: &[u8]) -> Answer {
    let body = crate::partners::form(None, "cover.png", file);
    let request = person.request(Method::POST, &format!("/events/{}/images", text(event, "id")));
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    read(request.header("content-type", kind).body(body).send().await.expect("an answer")).await
}

#[tokio::test]
async fn images_have_an_order_and_one_to_three_covers() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let event = draft(&site, &admin, 10).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(text(&image(&admin, &event).await.expect(201), "id").to_owned());
    }
    let path = format!("/events/{}/images", text(&event, "id"));
    let order = json!({ "images": [ids[2], ids[0], ids[1]], "covers": [ids[2], ids[1]] });
    let images = admin.put(&path, order).await.expect(200)["items"].clone();
    assert_eq!((&images[0]["id"], &images[1]["is_cover"]), (&json!(ids[2]), &json!(false)));
    admin.put(&path, json!({ "images": [ids[0]], "covers": [ids[0]] })).await.refused(422, "invalid_input");
    admin.put(&path, json!({ "images": ids, "covers": [] })).await.refused(422, "invalid_input");
    let shown = admin.get(&format!("/events/{}", text(&event, "id"))).await.expect(200);
    assert_eq!(shown["cover_images"], json!([]), "none is made yet");
    for id in &ids {
        crate::pictures::make(&site, id).await;
    }
    let shown = admin.get(&format!("/events/{}", text(&event, "id"))).await.expect(200);
    assert_eq!(shown["cover_images"], json!([ids[2], ids[1]]));
    let file = text(&images[0], "image_url").trim_start_matches("/api/v1").to_owned();
    site.anonymous().get(&file).await.refused(404, "not_found");
    publish(&admin, &event).await.expect(200);
    let answer = site.anonymous().get(&file).await;
    assert_eq!((answer.status.as_u16(), &answer.headers["content-type"]), (200, &"image/jpeg".parse().unwrap()));
}

#[tokio::test]
async fn stream_keys_are_kept_encrypted_and_calendars_follow() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let event = draft(&site, &admin, 10).await;
    let path = format!("/events/{}/streams", text(&event, "id"));
    let input =
        json!({ "provider": "youtube", "stream_key": "abcd-efgh-1234", "playback_url": "https://video.example.com/x" });
    let stream = admin.post(&path, input).await.expect(201);
    assert!(!stream.to_string().contains("abcd"));
    let dump = crate::secrets::whole_database(&site).await.expect("a dump");
    assert!(!dump.contains("abcd-efgh-1234") && !dump.contains(&hex::encode("abcd-efgh-1234")));
    let one = format!("{path}/{}", text(&stream, "id"));
    assert_eq!(admin.post(&format!("{one}/key"), json!({})).await.expect(200)["stream_key"], "abcd-efgh-1234");
    assert_eq!(site.number("select count(*) from audit_logs where action = 'event.stream_key_shown'").await, 1);
    // As long as its schema says, and no longer.
    for (length, status) in [(3, 422), (200, 201), (201, 422), (4_000, 422)] {
        let answer = admin.post(&path, json!({ "provider": "vimeo", "stream_key": "k".repeat(length) })).await;
        assert_eq!(answer.status.as_u16(), status, "{length}: {}", answer.body);
        assert_eq!(answer.body["errors"]["stream_key"].is_array(), status == 422, "{length}: {}", answer.body);
        let change = json!({ "stream_key": "k".repeat(length), "version": 9 });
        let answer = admin.patch(&one, change).await;
        assert_eq!(answer.body["errors"]["stream_key"].is_array(), status == 422, "{length}: {}", answer.body);
    }
    let live = admin.patch(&one, json!({ "stream_status": "live", "version": 1 })).await.expect(200);
    admin
        .patch(&one, json!({ "stream_status": "idle", "version": live["version"] }))
        .await
        .refused(409, "invalid_transition");
    let file = admin.get(&format!("/events/{}/calendar.ics", text(&event, "id"))).await;
    let calendar = file.body.as_str().unwrap_or_default();
    assert_eq!(file.headers["content-type"], "text/calendar; charset=utf-8");
    for line in ["BEGIN:VEVENT", "SUMMARY:Monsoon Jazz", "STATUS:TENTATIVE", "SEQUENCE:0", "LOCATION:The terrace"] {
        assert!(calendar.contains(line), "{line} in {calendar}");
    }
}

#[tokio::test]
async fn places_and_interests_are_looked_after() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let place = venue(&admin, "Old Hall", (12.9, 77.5)).await;
    let path = format!("/venues/{}", text(&place, "id"));
    let patch = json!({ "name": "New Hall", "position": null, "version": place["version"] });
    let changed = admin.patch(&path, patch.clone()).await.expect(200);
    assert!(changed["latitude"].is_null());
    admin.patch(&path, patch).await.refused(409, "conflict");
    let owner = partner(&admin, "Hall Keepers").await;
    let caller = within(&site, &admin, &owner, "v@example.com", &["events.read", "events.manage"]).await;
    caller.patch(&path, json!({ "name": "Mine", "version": 2 })).await.refused(403, "forbidden");
    let own = json!({ "name": "Own", "city": "Delhi", "partner_id": owner["id"] });
    let own = caller.post("/venues", own).await.expect(201);
    let hits = caller.rows("/search?q=own").await;
    assert_eq!((text(&hits[0], "kind"), &hits[0]["id"]), ("venue", &own["id"]));
    let event = draft(&site, &admin, 5).await;
    let input = json!({ "venue_id": place["id"], "version": event["version"] });
    let event = admin.patch(&format!("/events/{}", text(&event, "id")), input).await.expect(200);
    admin.delete(&path).await.refused(409, "invalid_transition");
    admin.post(&format!("/events/{}/cancel", text(&event, "id")), json!({ "reason": "Moved" })).await.expect(200);
    admin.delete(&path).await.expect(204);
    assert_eq!(site.anonymous().get("/venues?q=hall").await.expect(200)["items"], json!([]));
    assert_eq!(text(&admin.rows("/search?q=monsoon").await[0], "kind"), "event");
    let interest = admin.post("/interests", json!({ "name": "Street food & chai" })).await.expect(201);
    assert_eq!(text(&interest, "slug"), "street-food-chai");
    admin.post("/interests", json!({ "name": "street food chai" })).await.refused(409, "already_exists");
    let off = json!({ "is_active": false, "version": 1 });
    let path = format!("/interests/{}", text(&interest, "id"));
    admin.patch(&path, off).await.expect(200);
    let all = admin.rows("/interests/all").await;
    let find = |slug: &str| all.as_array().unwrap().iter().find(|i| i["interest"]["slug"] == slug).unwrap().clone();
    assert_eq!(find("street-food-chai")["interest"]["is_active"], false);
    // What an event has stays, whoever wants it gone; what nobody has goes.
    let jazz = &find("live-music")["interest"];
    let event = draft(&site, &admin, 5).await;
    let input = json!({ "interests": [jazz["id"]], "version": event["version"] });
    admin.patch(&format!("/events/{}", text(&event, "id")), input).await.expect(200);
    admin.delete(&format!("/interests/{}", text(jazz, "id"))).await.refused(409, "interest_in_use");
    caller.delete(&path).await.refused(403, "forbidden");
    admin.delete(&path).await.expect(204);
    admin.delete(&path).await.refused(404, "not_found");
}
