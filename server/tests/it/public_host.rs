//! Hosting from a phone, without script: planning an event, and answering those who want to come.

use serde_json::json;

use crate::browser::{Browser, Page};
use crate::fixtures::{kind, make_guests, plan, reserve};
use crate::partners::text;
use crate::support::Site;

/// What the form for a new event sends.
const PLAN: [(&str, &str); 8] = [
    ("title", "Chess by the lake"),
    ("venue_text", "The pier"),
    ("city", "Berlin"),
    ("start_at", "2027-01-15T19:00"),
    ("end_at", "2027-01-15T23:00"),
    ("timezone", "Europe/Berlin"),
    ("capacity", "12"),
    ("allow_plus_one", "yes"),
];

/// The same with some of it changed.
fn plan_with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = PLAN.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name)).copied();
    changes.iter().copied().chain(kept).collect()
}

#[tokio::test]
async fn hosts_plan_on_forms_that_keep_what_was_typed() {
    let site = Site::start().await;
    let people = make_guests(&site, 1).await;
    let mut host = Browser::of(&site, &people[0]);
    host.get("/host").await.is(200, "/host").says(&["No upcoming events", "New event", "/host?past=yes"]);
    host.get("/host?past=yes").await.says(&["No past events"]);
    // What can wait is folded.
    let form = host.get("/host/new").await.says(&["value=\"Asia/Kolkata\" selected>Kolkata", "Waiting list: skip to"]);
    let key = form.says(&["<details><summary>More: description", "<details><summary>Choose interests"]).key();
    let refused = host.post("/host/new", &plan_with(&[("city", ""), ("capacity", "many")])).await.is(422, "/host/new");
    refused.says(&["is required", "must be a number", "value=\"many\"", "value=\"Chess by the lake\"", "checked"]);
    // Everything that is wrong is said at once, with the way to each field.
    let several = plan_with(&[("title", ""), ("city", ""), ("capacity", "many"), ("end_at", "2027-01-15T18:00")]);
    host.post("/host/new", &several).await.is(422, "/host/new").says(&[
        "4 fields need attention:",
        "<a href=\"#title\">Title is required</a>",
        "<a href=\"#end_at\">Ends: must be after the start</a>",
        "<a href=\"#city\">City is required</a>",
        "<a href=\"#capacity\">Seats: must be a number</a>",
    ]);
    let two = plan_with(&[("title", ""), ("end_at", "2027-01-15T18:00")]);
    host.post("/host/new", &two).await.says(&["2 fields need attention:"]);
    let refused = host.post("/host/new", &plan_with(&[("timezone", "Europe/Nowhere")])).await.is(422, "/host/new");
    refused.says(&["must be the name of a time zone", "value=\"2027-01-15T19:00\"", "<option value=\"\">Choose"]);
    host.post("/host/new", &plan_with(&[("end_at", "2027-01-15T18:00")])).await.says(&["must be after the start"]);
    // Twice with one key is one draft.
    let plan = plan_with(&[("key", &key)]);
    let made = host.post("/host/new", &plan).await.says(&["Only you see it", "19:00 – 23:00", "Publish"]);
    host.post("/host/new", &plan).await.is(200, &made.path);
    assert_eq!(site.number("select count(*) from events").await, 1);
    assert_eq!(site.number("select extract(hour from start_at at time zone 'UTC')::bigint from events").await, 18);
    host.get("/host/new").await.says(&["value=\"Europe/Berlin\" selected"]);

    // Somebody else saves first: both are shown, and saving again has it one's own way.
    let edit = format!("{}/edit", made.path);
    let version = |page: &Page| {
        let (_, rest) = page.text.split_once("name=\"version\" value=\"").expect("a version");
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    let form = host.get(&edit).await.says(&["Fri 15 Jan 2027, 19:00 – 23:00 CET (GMT+1)"]);
    let stale = version(&form);
    host.post(&edit, &plan_with(&[("version", &stale), ("title", "Chess at the lake")])).await.is(200, &made.path);
    let clash = host.post(&edit, &plan_with(&[("version", &stale), ("title", "Chess on the lake")])).await;
    let clash = clash.is(409, &edit).says(&["Saved meanwhile", "Chess at the lake", "value=\"Chess on the lake\""]);
    let fresh = version(&clash);
    host.post(&edit, &plan_with(&[("version", &fresh), ("title", "Chess on the lake")])).await.is(200, &made.path);

    // Times of sale are what clocks there show, and stay so.
    let kinds = format!("{}/ticket-types", made.path);
    let early = [("name", "Early bird"), ("sales_start_at", "2026-12-24T18:00"), ("sales_end_at", "2027-01-01T12:00")];
    let upside_down =
        [("name", "Early bird"), ("sales_start_at", "2027-01-01T12:00"), ("sales_end_at", "2026-12-24T18:00")];
    host.post(&kinds, &upside_down).await.is(422, &kinds).says(&["must be after the start", "2027-01-01T12:00"]);
    host.post(&kinds, &early).await.is(200, &made.path).says(&["Early bird"]);
    let sale =
        "select to_char(sales_start_at at time zone 'UTC', 'DD HH24') from ticket_types where name = 'Early bird'";
    let sale: String = sqlx::query_scalar(sale).fetch_one(&site.test.reader).await.expect("a time");
    assert_eq!(sale, "24 17");
    let kind: String = sqlx::query_scalar("select id::text from ticket_types where name = 'Early bird'")
        .fetch_one(&site.test.reader)
        .await
        .expect("a kind");
    let kind = format!("{kinds}/{kind}");
    let page = host.get(&kind).await.says(&["value=\"2026-12-24T18:00\"", "Times are in CET (GMT+1), Europe/Berlin"]);
    let always = [("version", &*version(&page)), ("name", "Early bird"), ("per_order_limit", "4")];
    host.post(&kind, &always).await.is(200, &made.path);
    host.get(&kind).await.hides(&["2026-12-24T18:00"]);
    let promos = format!("{}/promo-codes", made.path);
    let code = [("code", "SNOW"), ("discount_percent", "20"), ("valid_until", "2027-01-10T20:00")];
    host.post(&promos, &code).await.is(200, &promos).says(&["SNOW", "until Sun 10 Jan 2027, 20:00 CET (GMT+1)"]);

    // What goes on sale is said before it does.
    host.get(&made.path).await.says(&["Everyone can see it and book", "Early bird goes on sale: "]);
    // Once it is published it moves by a form of its own.
    host.post(&format!("{}/publish", made.path), &[]).await.is(200, &made.path).says(&["View public page"]);
    host.post(&format!("{}/publish", made.path), &[]).await.is(200, &made.path);
    host.get(&edit).await.hides(&["name=\"start_at\""]).says(&["Reschedule"]);
    let page = host.get(&format!("{}/move", made.path)).await.says(&["value=\"2027-01-15T19:00\"", "notify guests"]);
    let version = version(&page);
    let moved =
        [("version", &*version), ("start_at", "2027-07-15T19:00"), ("end_at", "2027-07-15T23:00"), ("city", "Berlin")];
    host.post(&format!("{}/move", made.path), &moved).await.is(200, &made.path).says(&["19:00 – 23:00"]);
    assert_eq!(site.number("select extract(hour from start_at at time zone 'UTC')::bigint from events").await, 17);
    host.post(&format!("{}/cancel", made.path), &[("reason", "")]).await.says(&["is required"]);
    host.post(&format!("{}/cancel", made.path), &[("reason", "Ice")])
        .await
        .is(200, &made.path)
        .says(&["was cancelled"]);
}

#[tokio::test]
async fn nobody_but_its_hosts_finds_an_event_among_ones_own() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 2).await;
    let (mut host, mut stranger) = (Browser::of(&site, &people[0]), Browser::of(&site, &people[1]));
    let event = host.post("/host/new", &PLAN).await.path;
    host.post(&format!("{event}/promo-codes"), &[("code", "LAKE"), ("discount_percent", "5")]).await.says(&["LAKE"]);
    let promo = "select count(*) from promo_codes where revoked_at is null";
    let pages =
        ["", "/edit", "/move", "/duplicate", "/cancel", "/pictures", "/ticket-types", "/promo-codes", "/questions"];
    let lists = ["/requests", "/waiting-list", "/guests", "/guests/new", "/guests/list", "/invitations"];
    let forms =
        ["/publish", "/start", "/end", "/edit", "/move", "/duplicate", "/cancel", "/ticket-types", "/promo-codes"];
    for published in [false, true] {
        if published {
            host.post(&format!("{event}/publish"), &[]).await.says(&["View public page"]);
        }
        for page in pages.iter().chain(&lists) {
            let page = format!("{event}{page}");
            stranger.get(&page).await.is(404, &page).hides(&["Chess by the lake"]);
            host.get(&page).await.is(200, &page);
        }
        for form in forms.iter().chain(&lists[3..]).chain(&["/questions", "/pictures"]) {
            let sent = [("reason", "Because"), ("list", "name"), ("code", "MINE"), ("name", "Mine")];
            let answer = stranger.post(&format!("{event}{form}"), &sent).await;
            assert_eq!(answer.status, 404, "{form}: {}", answer.text);
        }
        // Nobody is asked to sign in, and comes back.
        for page in pages.iter().chain(&lists).chain(&forms[..1]) {
            let door = Browser::new(&site).get(&format!("{event}{page}")).await.says(&["Your phone number"]);
            assert!(door.path.starts_with("/my/sign-in?next=%2Fhost%2F"), "{}", door.path);
        }
        let door = Browser::new(&site).post(&format!("{event}/publish"), &[]).await.says(&["Your phone number"]);
        assert!(door.path.starts_with("/my/sign-in?next=%2Fhost%2F"), "{}", door.path);
    }
    // Staff runs events elsewhere: here it is nobody.
    Browser::of(&site, &admin).get(&event).await.says(&["Your phone number"]);
    assert_eq!(site.number(promo).await, 1);
    assert_eq!(site.number("select count(*) from events where status = 'published'").await, 1);
    host.get("/host/not-an-id").await.is(404, "/host/not-an-id");
}

/// Who waits, and a seat out of turn.
#[tokio::test]
async fn hosts_see_who_waits_and_offer_seats_out_of_turn() {
    let site = Site::start().await;
    let people = make_guests(&site, 4).await;
    let (mut host, mut stranger) = (Browser::of(&site, &people[0]), Browser::of(&site, &people[1]));
    let event = people[0].post("/events", plan(&site, 4, 10)).await.expect(201);
    let board_seat = kind(&people[0], &event, "Board", Some(1), 0).await;
    people[0].post(&format!("/events/{}/publish", text(&event, "id")), json!({})).await.expect(200);
    let board = format!("/host/{}", text(&event, "id"));
    let page = format!("{board}/waiting-list");
    host.get(&page).await.is(200, &page).says(&["Nobody is waiting"]);
    reserve(&people[1], &event, &board_seat, 1).await.expect(201);
    let mut entries = Vec::new();
    for (person, name) in people[2..].iter().zip(["Ada Wong", "Bo Lindt"]) {
        let me = person.get("/me").await.expect(200);
        person.patch("/me", json!({ "name": name, "version": me["version"] })).await.expect(200);
        let join = json!({ "ticket_type_id": board_seat["id"], "seats": 1 });
        let entry = person.post(&format!("/events/{}/waiting-list", text(&event, "id")), join).await.expect(201);
        entries.push(text(&entry, "id").to_owned());
    }
    host.get(&board).await.says(&["/waiting-list\">2</a>"]);
    // Positions, and what an offer means; who is first passes nobody over.
    let listed = host.get(&page).await.says(&["1.</span> <bdi>Ada Wong", "2.</span> <bdi>Bo Lindt", "Board"]);
    listed
        .says(&["3 of 4 seats free", "Offer 1 seat now", "Offer 1 seat<", "The guest ahead keeps their position."])
        .says(&["Board has too few: it grows from 1 to 2 seats."])
        .hides(&[">Offered<", "Offer seats"]);
    let offer = format!("{page}/{}/offer", entries[1]);
    stranger.post(&offer, &[]).await.hides(&["Bo Lindt"]);
    host.post(&offer, &[]).await.is(200, &page).says(&["Bo Lindt", ">Offered<", "until "]);
    host.post(&offer, &[]).await.says(&["Bo Lindt", "role=\"alert\"", "1.</span> <bdi>Ada Wong"]);
    // Where nothing is free, that is said before, and there is no button to try it.
    let chair = kind(&people[0], &event, "Chair", None, 0).await;
    let club = json!({ "ticket_type_id": chair["id"], "seats": 2, "name": "The club" });
    people[0].post(&format!("/events/{}/attendees", text(&event, "id")), club).await.expect(201);
    host.get(&page)
        .await
        .says(&["No seat is free to offer now: all 4 are taken or held.", "Add seats"])
        .hides(&["Offer 1"]);
}

#[tokio::test]
async fn hosts_are_told_what_was_done_and_who_cannot_be_reached() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 3).await;
    let event = people[0].post("/events", plan(&site, 10, 10)).await.expect(201);
    let kind = kind(&people[0], &event, "Standard", None, 0).await;
    let id = text(&event, "id").to_owned();
    people[0].post(&format!("/events/{id}/publish"), json!({})).await.expect(200);
    let mut host = Browser::of(&site, &people[0]);
    let add = |name: &'static str, reach: (&'static str, &'static str)| {
        [("name", name), reach, ("ticket_type_id", text(&kind, "id")), ("seats", "2")]
    };
    let new = format!("/host/{id}/guests/new");
    let added = host.post(&new, &add("Rohit", ("email", ""))).await;
    let added = added.says(&["<bdi>Rohit</bdi> is on the list", "No email or phone", "can't be notified"]);
    let (_, guest) = added.text.split_once("can't be notified. <a href=\"").expect("a link to the guest");
    let guest = guest.split('"').next().unwrap().to_owned();
    host.get(&guest).await.says(&["No email or phone", "Show or print the tickets", "Save and send tickets"]);
    host.post(&format!("{guest}/resend"), &[]).await.says(&["no email or phone to send it to"]);
    let path = format!("{guest}/contact");
    host.post(&path, &[("email", ""), ("phone", "")]).await.is(422, &path).says(&["or phone is required"]);
    host.post(&path, &[("phone", "12345")]).await.is(422, &path);
    host.post(&path, &[("phone", "+91 98450 99887")]).await.says(&["Tickets sent to +91 98450 99887"]);
    host.post(&path, &[("phone", "+91 98450 99888")]).await.hides(&["99888"]);
    assert_eq!(texts(&site, "tickets_issued").await, ["+919845099887"]);

    let ask = people[1].post(&format!("/events/{id}/requests"), json!({})).await.expect(201);
    let answer = format!("/host/{id}/requests/{}", text(&ask, "id"));
    host.post(&answer, &[("status", "accepted"), ("host_message", "Bring string")]).await.says(&[
        "You accepted",
        "1 seat confirmed",
        "Their tickets have been sent",
    ]);
    let said = "select count(*) from job_runs where payload->'mail'->>'message' = 'Bring string'";
    assert_eq!(site.number(said).await, 1, "what the host says goes with the tickets");
    // A second click says the same; another answer is not taken for it, nor is one to whoever is gone.
    host.post(&answer, &[("status", "accepted")]).await.says(&["You accepted"]);
    let undone = host.post(&answer, &[("status", "declined")]).await;
    undone.is(409, &answer).says(&["was accepted already", "under Guests"]).hides(&["You accepted", "You declined"]);
    let ask = people[2].post(&format!("/events/{id}/requests"), json!({})).await.expect(201);
    let gone = format!("/requests/{}", text(&ask, "id"));
    people[2].patch(&gone, json!({ "status": "cancelled" })).await.expect(200);
    let answer = format!("/host/{id}{gone}");
    host.post(&answer, &[("status", "accepted")]).await.is(409, &answer).says(&["The guest withdrew this request"]);
    host.get(&format!("/host/{id}/cancel")).await.says(&[
        "Cancel this event?",
        "3 tickets will be voided. 2 guests will be notified",
        "Keep event",
    ]);
    host.post(&format!("{guest}/take-off"), &[("reason", "Too windy")])
        .await
        .says(&["<bdi>Rohit</bdi> was removed", "The reason was sent to +91 98450 99887"]);
    let link = eventify::notify::guests::token(&site.test.keys, guest.rsplit('/').next().unwrap().parse().unwrap(), 1);
    let link = format!("/t/{}/{link}", guest.rsplit('/').next().unwrap());
    Browser::new(&site).get(&link).await.says(&["This booking was cancelled", "Too windy"]);
    let totals = format!("/events/{id}/guest-totals");
    people[1].get(&totals).await.refused(403, "forbidden");
    assert_eq!(admin.get(&totals).await.expect(200)["guests"], 1);
}

/// The numbers that were texted a notice of this kind.
async fn texts(site: &Site, template: &str) -> Vec<String> {
    sqlx::query_scalar(
        "select payload->>'to' from job_runs where payload->'message'->'notice'->>'template' = $1 order by id",
    )
    .bind(template)
    .fetch_all(&site.test.reader)
    .await
    .expect("texts")
}
