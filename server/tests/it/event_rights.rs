//! Who may make and move which events, and where: duplicates, venues, limits.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fixtures::{draft, make_guests, plan};
use crate::partners::{partner, text, within};
use crate::support::{Answer, PASSWORD, Person, Site};

const RUNS: [&str; 3] = ["events.read", "events.manage", "events.publish"];

async fn duplicate(person: &Person, event: &Value, start: &Value) -> Answer {
    person.post(&format!("/events/{}/duplicate", text(event, "id")), json!({ "start_at": start })).await
}

async fn venue(person: &Person, name: &str, more: Value) -> Value {
    let mut input = json!({ "name": name, "city": "Bengaluru" });
    for (field, value) in more.as_object().expect("fields") {
        input[field] = value.clone();
    }
    person.post("/venues", input).await.expect(201)
}

#[tokio::test]
async fn duplicating_takes_the_right_to_create_for_that_organiser() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 2).await;
    let (host, co_host) = (&people[0], &people[1]);
    let later = plan(&site, 10, 40)["start_at"].clone();

    let event = draft(&site, &admin, 10).await;
    let organiser = json!({ "id": event["organizer_partner_id"] });
    let own = within(&site, &admin, &organiser, "own@example.com", &RUNS).await;
    let copy = duplicate(&own, &event, &later).await.expect(201);
    assert_eq!(copy["organizer_partner_id"], organiser["id"]);
    assert_eq!(own.get(&format!("/events/{}", text(&copy, "id"))).await.expect(200), copy);

    // Whoever runs that one event, by a role or as a co-host, does not make more in the organiser's name.
    let role = admin.post("/admin/roles", json!({ "name": "At one event", "permissions": RUNS })).await.expect(201);
    let mut at_event = site.account("e@example.com", "talent").await;
    let scoped = json!({ "role_id": role["id"], "event_id": event["id"] });
    admin.post(&format!("/admin/users/{}/assignments", at_event.id), scoped).await.expect(201);
    at_event.sign_in().await;
    let other = partner(&admin, "The DJ").await;
    let dj = within(&site, &admin, &other, "dj@example.com", &RUNS).await;
    let hosts = format!("/events/{}/co-hosts", text(&event, "id"));
    admin.post(&hosts, json!({ "partner_id": other["id"] })).await.expect(201);
    admin.post(&hosts, json!({ "user_id": co_host.id })).await.expect(201);
    for person in [&at_event, &dj, co_host] {
        let change = json!({ "mood": "Jazz", "version": admin.get(&format!("/events/{}", text(&event, "id"))).await.body["version"] });
        person.patch(&format!("/events/{}", text(&event, "id")), change).await.expect(200);
        duplicate(person, &event, &later).await.refused(403, "forbidden");
    }

    let event = host.post("/events", plan(&site, 20, 5)).await.expect(201);
    let hosts = format!("/events/{}/co-hosts", text(&event, "id"));
    host.post(&hosts, json!({ "user_id": co_host.id })).await.expect(201);
    duplicate(co_host, &event, &later).await.refused(403, "forbidden");
    duplicate(host, &event, &later).await.expect(201);
    duplicate(&admin, &event, &later).await.expect(201);
    // Ends of the calendar.
    for far in ["9998-12-31T20:00:00Z", "9999-12-31T23:59:59Z"] {
        duplicate(host, &event, &json!(far)).await.refused(422, "invalid_input");
    }
}

#[tokio::test]
async fn a_suspended_partner_is_no_co_host() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, other) = (draft(&site, &admin, 10).await, partner(&admin, "Late Payers").await);
    let status = format!("/partners/{}/status", text(&other, "id"));
    let hosts = format!("/events/{}/co-hosts", text(&event, "id"));
    admin.patch(&status, json!({ "status": "active" })).await.expect(200);
    let contact = within(&site, &admin, &other, "late@example.com", &RUNS).await;
    let co_host = admin.post(&hosts, json!({ "partner_id": other["id"] })).await.expect(201);
    admin.patch(&status, json!({ "status": "suspended", "reason": "Unpaid" })).await.expect(200);
    // Somebody else's event that it co-hosts is out of its hands as well.
    let path = format!("/events/{}", text(&event, "id"));
    contact.patch(&path, json!({ "mood": "Jazz", "version": 1 })).await.refused(409, "partner_suspended");
    contact.post(&format!("{path}/publish"), json!({})).await.refused(409, "partner_suspended");
    contact.get(&path).await.expect(200);
    // Nor does it come along into a copy.
    let copy = duplicate(&admin, &event, &plan(&site, 10, 40)["start_at"]).await.expect(201);
    assert_eq!(admin.rows(&format!("/events/{}/co-hosts", text(&copy, "id"))).await, json!([]));
    admin.delete(&format!("{hosts}/{}", text(&co_host, "id"))).await.expect(204);
    admin.post(&hosts, json!({ "partner_id": other["id"] })).await.refused(409, "partner_suspended");
}

#[tokio::test]
async fn people_of_a_suspended_partner_see_their_event_and_why_they_change_nothing() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let event = draft(&site, &admin, 10).await;
    let partner = json!({ "id": event["organizer_partner_id"] });
    let status = format!("/partners/{}/status", text(&partner, "id"));
    admin.patch(&status, json!({ "status": "active" })).await.expect(200);
    admin.post(&format!("/events/{}/publish", text(&event, "id")), json!({})).await.expect(200);
    let shared = json!({ "invite_type": "share_link" });
    admin.post(&format!("/events/{}/invites", text(&event, "id")), shared).await.expect(201);
    admin.patch(&status, json!({ "status": "suspended", "reason": "Unpaid" })).await.expect(200);
    let may = [
        "events.read",
        "events.manage",
        "events.publish",
        "tickets.read",
        "tickets.scan",
        "production.manage",
        "partners.read",
    ];
    let contact = within(&site, &admin, &partner, "late@example.com", &may).await;
    let path = format!("/events/{}", text(&event, "id"));
    // Also what only those read who manage it.
    contact.get(&format!("{path}/activity")).await.expect(200);
    contact.patch(&path, json!({ "mood": "Jazz", "version": 1 })).await.refused(409, "partner_suspended");
    // What opens a gate or a plan for whoever has it is no mere reading; a link that others book by is not shown.
    for handed_out in [format!("/live/manifest/{}", text(&event, "id")), format!("{path}/plan/links")] {
        contact.get(&handed_out).await.refused(409, "partner_suspended");
    }
    let link = |invites: Value| invites[0]["link"].clone();
    let invites = format!("{path}/invites");
    assert!(link(admin.rows(&invites).await).is_string(), "for those who manage the event");
    assert_eq!(link(contact.rows(&invites).await), Value::Null);
    let me = contact.get("/auth/me").await.expect(200);
    let has = |list: &str, permission: &str| {
        me["scopes"][0][list].as_array().expect("permissions").contains(&json!(permission))
    };
    assert!(has("permissions", "events.read") && !has("permissions", "events.manage"), "{me}");
    assert!(has("withheld", "events.manage") && !has("withheld", "events.read"), "{me}");
    let mut browser = Browser::of_staff(&site, &contact);
    let first = browser.get(&path).await.is(200, &path);
    first
        .says(&["Monsoon Jazz", "is suspended", "but not change it", text(&partner, "id")])
        .hides(&["load this page", &format!("href=\"{path}/edit\"")]);
    browser.get("/events/new").await.says(&["Your partner is suspended"]).hides(&["Ask an admin"]);
    // Nobody else is told of it.
    Browser::of_staff(&site, &admin).get(&path).await.says(&["Monsoon Jazz"]).hides(&["but not change it"]);
}

#[tokio::test]
async fn a_venue_is_chosen_by_those_whose_it_is() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 1).await;
    let (keeper, other) = (partner(&admin, "Hall Keepers").await, partner(&admin, "Others").await);
    let own = within(&site, &admin, &keeper, "own@example.com", &RUNS).await;
    let stranger = within(&site, &admin, &other, "other@example.com", &RUNS).await;
    let theirs = venue(&own, "Their hall", json!({ "partner_id": keeper["id"] })).await;
    let house = venue(&admin, "House hall", json!({})).await;
    let planned = |at: &Value| {
        let mut plan = plan(&site, 20, 5);
        plan["venue_id"] = at["id"].clone();
        plan.as_object_mut().expect("a plan").remove("venue_text");
        plan
    };
    let refused = |answer: Answer| {
        answer.refused(422, "invalid_input");
        assert!(answer.body["errors"]["venue_id"].is_array(), "{}", answer.body);
    };
    refused(people[0].post("/events", planned(&theirs)).await);
    refused(people[0].post("/events", planned(&house)).await);
    refused(stranger.post("/events", planned(&theirs)).await);
    refused(own.post("/events", planned(&house)).await);
    let event = people[0].post("/events", plan(&site, 20, 5)).await.expect(201);
    let patch = json!({ "venue_id": theirs["id"], "version": 1 });
    let path = format!("/events/{}", text(&event, "id"));
    refused(people[0].patch(&path, patch.clone()).await);
    let moved =
        json!({ "start_at": event["start_at"], "end_at": event["end_at"], "venue_id": theirs["id"], "version": 1 });
    refused(people[0].post(&format!("{path}/reschedule"), moved).await);
    own.post("/events", planned(&theirs)).await.expect(201);

    // What staff has chosen stays through changes; a copy of the event has its name in words.
    let event = admin.patch(&path, patch).await.expect(200);
    let patch = json!({ "venue_id": theirs["id"], "title": "Jazz again", "version": event["version"] });
    let event = people[0].patch(&path, patch).await.expect(200);
    let later = plan(&site, 10, 40)["start_at"].clone();
    let copy = duplicate(&people[0], &event, &later).await.expect(201);
    assert_eq!((&copy["venue_id"], text(&copy, "venue_text")), (&Value::Null, "Their hall"));
    let copy = duplicate(&admin, &event, &later).await.expect(201);
    assert_eq!(copy["venue_id"], theirs["id"]);
}

#[tokio::test]
async fn plans_have_their_limits() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 1).await;
    let host = &people[0];
    // No more seats than the place holds.
    let hall = venue(&admin, "Small hall", json!({ "capacity": 100 })).await;
    let event = draft(&site, &admin, 120).await;
    let path = format!("/events/{}", text(&event, "id"));
    let answer = admin.patch(&path, json!({ "venue_id": hall["id"], "version": 1 })).await;
    answer.refused(422, "invalid_input");
    assert!(answer.body["errors"]["capacity"][0].as_str().unwrap().contains("at most 100"), "{}", answer.body);
    let fits = json!({ "venue_id": hall["id"], "capacity": 100, "version": 1 });
    let event = admin.patch(&path, fits).await.expect(200);
    admin.patch(&path, json!({ "capacity": 101, "version": event["version"] })).await.refused(422, "invalid_input");

    // A month for end users, two for those who run a season; whichever field says so.
    let (start, long) = (plan(&site, 5, 5)["start_at"].clone(), plan(&site, 5, 40)["start_at"].clone());
    let mut month = plan(&site, 5, 5);
    month["end_at"] = long.clone();
    host.post("/events", month).await.refused(422, "invalid_input");
    let event = host.post("/events", plan(&site, 5, 5)).await.expect(201);
    let path = format!("/events/{}", text(&event, "id"));
    host.patch(&path, json!({ "end_at": long, "version": 1 })).await.refused(422, "invalid_input");
    let copy = json!({ "start_at": start, "end_at": long });
    host.post(&format!("{path}/duplicate"), copy).await.refused(422, "invalid_input");
    let event = admin.patch(&path, json!({ "end_at": long, "version": 1 })).await.expect(200);
    let longer = plan(&site, 5, 70)["start_at"].clone();
    let answer = admin.patch(&path, json!({ "end_at": longer, "version": event["version"] })).await;
    answer.refused(422, "invalid_input");

    // So many drafts, until one is published or cancelled.
    for _ in 1..25 {
        host.post("/events", plan(&site, 5, 5)).await.expect(201);
    }
    host.post("/events", plan(&site, 5, 5)).await.refused(409, "too_many_drafts");
    host.post(&format!("{path}/cancel"), json!({ "reason": "Rain" })).await.expect(200);
    host.post("/events", plan(&site, 5, 5)).await.expect(201);
    duplicate(host, &event, &start).await.refused(409, "too_many_drafts");
}

/// Publishing asks for the place, renaming the place asks for its events: neither waits for the other for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn events_are_published_while_their_place_gets_another_name() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let hall = venue(&admin, "The hall", json!({})).await;
    let path = format!("/venues/{}", text(&hall, "id"));
    let owner = partner(&admin, "Owner").await;
    let mut version = 1;
    for round in 0..6 {
        let mut events = Vec::new();
        for night in 0..6 {
            let mut plan = plan(&site, 5, 5 + round * 10 + night);
            plan["organizer_partner_id"] = owner["id"].clone();
            plan["venue_id"] = hall["id"].clone();
            plan.as_object_mut().expect("a plan").remove("venue_text");
            events.push(admin.post("/events", plan).await.expect(201));
        }
        let publish = join_all(events.iter().map(|event| {
            let (admin, path) = (admin.clone(), format!("/events/{}/publish", text(event, "id")));
            async move { admin.post(&path, json!({})).await }
        }));
        let rename = admin.patch(&path, json!({ "name": format!("Hall {round}"), "version": version }));
        let (published, renamed) = tokio::join!(publish, rename);
        version = renamed.expect(200)["version"].as_i64().expect("a version");
        for answer in published {
            answer.expect(200);
        }
    }
}

#[tokio::test]
async fn interests_have_names_in_every_script() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let mut slugs = std::collections::BTreeSet::new();
    for name in ["नृत्य", "音楽", "Café", "Cafe", "موسيقى حية"] {
        let made = admin.post("/interests", json!({ "name": name })).await.expect(201);
        assert_eq!(text(&made, "name"), name);
        assert!(slugs.insert(text(&made, "slug").to_owned()), "{slugs:?}");
    }
    assert!(slugs.contains("cafe"), "{slugs:?}");
    admin.post("/interests", json!({ "name": "!!!" })).await.refused(422, "invalid_input");
}

/// What the form offers for a role to be held at: what stands in the tag of its choice.
fn choice<'p>(page: &'p str, role: &str) -> &'p str {
    let tag = page.split(&format!("value=\"{role}\"")).nth(1).and_then(|rest| rest.split('>').next());
    tag.expect("a choice")
}

/// From the invitation on: there is no moment at which the role holds anywhere else.
#[tokio::test]
async fn any_role_but_the_highest_can_be_invited_to_one_event() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (one, other) = (draft(&site, &admin, 10).await, draft(&site, &admin, 20).await);
    let page = Browser::of_staff(&site, &admin).get("/team/invite").await;
    assert!(!choice(&page.text, &site.role("super_admin").await).contains("data-part"));
    let wide = "select count(*) from user_role_assignments a join admin_users u on u.id = a.user_id
                where u.full_name = 'Ravi' and a.event_id is null";
    for role in ["finance", "moderator", "event_manager"] {
        let id = site.role(role).await;
        assert!(choice(&page.text, &id).contains("data-part=\"any\""), "{role}");
        let email = format!("{role}@example.com");
        let input = json!({ "email": email, "full_name": "Ravi", "role_id": id, "event_id": one["id"] });
        let staff = admin.post("/admin/users", input).await.expect(201);
        assert!(staff["role_name"].is_null(), "{role} holds everywhere: {staff}");
        assert_eq!(site.number(wide).await, 0, "{role}");
        site.test.clock.advance(time::Duration::seconds(1));
    }
    let token = crate::access::link(&site, "invitation").await;
    let accept = json!({ "token": token, "full_name": "Ravi", "password": PASSWORD });
    site.anonymous().post("/auth/invitation/accept", accept).await.expect(204);
    let mut manager = Person { email: "event_manager@example.com".to_owned(), ..site.anonymous() };
    manager.sign_in().await;
    manager.get(&format!("/events/{}", text(&one, "id"))).await.expect(200);
    manager.get(&format!("/events/{}", text(&other, "id"))).await.refused(404, "not_found");
}
