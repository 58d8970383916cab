//! The public site: pages and plain forms, as a browser without script uses them.

use eventify::kernel::timestamp::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{COOKIE, ETAG, IF_NONE_MATCH, ORIGIN};
use serde_json::{Value, json};

use crate::browser::{Browser, slug};
use crate::desk::add_guest;
use crate::fixtures::{draft, kind, make_guests, must_hold, open, plan, reserve};
use crate::partners::{partner, text};
use crate::people::{PHONE, newest_code};
use crate::support::Site;

#[tokio::test]
async fn what_is_published_can_be_found_and_shared() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = open(&site, &admin, 10, &[("Standard", Some(5), 0), ("Front row", None, 129_900)]).await;
    let hidden = json!({ "name": "Family only", "hidden": true });
    admin.post(&format!("/events/{}/ticket-types", text(&event, "id")), hidden).await.expect(201);
    let change =
        json!({ "title": "Jazz & </script><b>", "description": "One.\n\nTwo </script>.", "version": event["version"] });
    let changed = admin.patch(&format!("/events/{}", text(&event, "id")), change).await.expect(200);
    let planned = draft(&site, &admin, 5).await;
    let mut anyone = Browser::new(&site);
    let list = anyone.get("/e").await.is(200, "/e").says(&[&slug(&event), "Jazz &amp; &lt;/script&gt;"]);
    list.hides(&[text(&planned, "slug")]);
    anyone.get("/e?q=nothing-like-it").await.says(&["No events for “nothing-like-it”"]);
    anyone.get("/e?city=bengaluru").await.says(&[&slug(&event)]);
    anyone.get("/e?city=Oslo").await.hides(&[&slug(&event)]);
    assert_eq!(anyone.get("/e?from=tomorrow").await.status, 422);

    let page = anyone.get(&slug(&event)).await;
    let page =
        page.says(&["Standard", "Front row", "₹1,299", "5 left", "og:title", "/preview.png", "rel=\"canonical\""]);
    let page = page.hides(&["Family only", "name=\"robots\"", "<script src"]);
    let data = page.text.split_once("application/ld+json\">").expect("data").1.split_once("</script>").unwrap().0;
    let data: Value = serde_json::from_str(data).expect("JSON");
    assert_eq!((&data["@type"], &data["name"]), (&json!("Event"), &changed["title"]));
    assert!(data["startDate"].as_str().unwrap().ends_with("+05:30"), "{data}");
    assert_eq!(data["offers"][1]["price"], "1299.00");
    let tag = page.headers[ETAG].clone();
    let again = anyone.http.get(format!("{}{}", site.url, slug(&event))).header(IF_NONE_MATCH, tag);
    assert_eq!(again.send().await.unwrap().status(), StatusCode::NOT_MODIFIED);

    // Drafts are nowhere, not even for those who may see them elsewhere.
    let mut staff = Browser::of(&site, &admin);
    for browser in [&mut anyone, &mut staff] {
        browser.get(&slug(&planned)).await.is(404, &slug(&planned)).hides(&[text(&planned, "title")]);
        browser.get(&format!("{}/join", slug(&planned))).await.hides(&[text(&planned, "title")]);
    }
    anyone.get("/e/no-such-event").await.is(404, "/e/no-such-event");
}

/// Berlin's clocks go back in the night of 31 October 2027.
#[tokio::test]
async fn a_night_in_which_the_clocks_change_has_its_own_hours_at_both_ends() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let owner = partner(&admin, "Night owls").await;
    let plan = json!({ "title": "The long night", "city": "Berlin", "venue_text": "The yard", "capacity": 10,
                       "timezone": "Europe/Berlin", "start_at": "2027-10-30T20:00:00Z",
                       "end_at": "2027-10-31T05:00:00Z", "organizer_partner_id": owner["id"] });
    let event = admin.post("/events", plan).await.expect(201);
    assert_eq!((text(&event, "event_date"), text(&event, "start_time")), ("2027-10-30", "22:00"));
    assert_eq!((text(&event, "end_date"), text(&event, "end_time")), ("2027-10-31", "06:00"));
    admin.post(&format!("/events/{}/publish", text(&event, "id")), json!({})).await.expect(200);
    let page = Browser::new(&site).get(&slug(&event)).await;
    page.says(&[
        "22:00 CEST (GMT+2) – Sun 06:00 CET (GMT+1)",
        "2027-10-30T22:00:00+02:00",
        "2027-10-31T06:00:00+01:00",
    ]);
}

#[tokio::test]
async fn what_lasts_over_days_is_told_with_the_first_and_the_last() {
    let site = Site::start().await;
    let host = make_guests(&site, 1).await.remove(0);
    let mut input = plan(&site, 10, 10);
    let start = Timestamp::parse(text(&input, "start_at")).unwrap();
    input["end_at"] = Timestamp(start.0 + time::Duration::days(2)).rfc3339().into();
    let made = host.post("/events", input).await.expect(201);
    let event = host.post(&format!("/events/{}/publish", text(&made, "id")), json!({})).await.expect(200);
    let day = |field: &str| text(&event, field).rsplit('-').next().unwrap().trim_start_matches('0').to_owned();
    let (first, last) = (day("event_date"), day("end_date"));
    let mut anyone = Browser::new(&site);
    let tile = format!("<em class=\"days\">{first}–{last}</em>");
    anyone.get(&slug(&event)).await.says(&[&tile, &format!("{last} ")]);
    anyone.get("/e").await.says(&[", from "]);
}

#[tokio::test]
async fn from_a_phone_number_to_a_ticket() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let (page, join) = (slug(&event), format!("{}/join", slug(&event)));
    let mut guest = Browser::new(&site);
    let door = guest.get(&join).await.says(&["Your phone number", "name=\"next\""]);
    assert!(door.path.starts_with("/my/sign-in?next="), "{}", door.path);
    guest.post("/my/sign-in", &[("phone", "12")]).await.is(422, "/my/sign-in").says(&["value=\"12\"", "country"]);
    guest.post("/my/sign-in", &[("phone", PHONE), ("next", &join)]).await.says(&["six digits"]);
    guest.post("/my/sign-in", &[("phone", PHONE)]).await.is(429, "/my/sign-in").says(&["Too many", "Try again in"]);
    let code = newest_code(&site, PHONE).await;
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    guest.post("/my/code", &[("code", &wrong)]).await.is(401, "/my/code").says(&[
        "That code isn't right. Check the latest text message",
        "4 attempts left",
        "Use another number",
    ]);
    // Another code so soon is refused where one types it.
    let again = guest.post("/my/sign-in", &[("again", "yes"), ("next", &join)]).await.is(429, "/my/sign-in");
    again.says(&["Try again in", "Code from the text message"]);
    let details = guest.post("/my/code", &[("code", &code), ("next", &join)]).await.says(&["Your name"]);
    // In the middle of buying the event stays in sight, and nothing is asked that can wait.
    let details = details.says(&["Monsoon Jazz", "Continue"]).hides(&["Gender (optional)", "Who can see your name"]);
    assert!(details.path.starts_with("/my/details"), "{}", details.path);
    let version = details.text.split_once("name=\"version\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let about =
        [("name", "Mira Sen"), ("email", "mira@example.com"), ("version", version.as_str()), ("next", join.as_str())];
    let form = guest
        .post("/my/details", &about)
        .await
        .is(200, &join)
        .says(&["Get free ticket", "Total", "Confirmed right away"])
        .hides(&["Request to join"]);
    let (key, chosen) = (form.key(), text(&kinds[0], "id"));
    let ask = [("kind", chosen), ("seats", "2"), ("message", "May we?"), ("key", key.as_str())];
    guest.post(&format!("{page}/ask"), &ask).await.is(200, &page).says(&["Request sent", "You asked for 2 seats"]);
    // Twice with one key, and once more with another: there is one request.
    guest.post(&format!("{page}/ask"), &ask).await.is(200, &page);
    guest.post(&format!("{page}/ask"), &[("kind", chosen), ("seats", "1")]).await.is(200, &page);
    assert_eq!(site.number("select count(*) from event_requests").await, 1);
    guest.get("/my").await.says(&["Request for 2 seats"]);
    // Who is signed in is so at the front door, too.
    guest.get("/").await.says(&["My tickets"]).hides(&["Sign in"]);

    let asked = admin.get(&format!("/events/{}/requests", text(&event, "id"))).await.expect(200);
    let one = format!("/requests/{}", text(&asked["items"][0], "id"));
    admin.patch(&one, json!({ "status": "accepted" })).await.expect(200);
    let going = guest.get(&page).await.says(&["You are going"]);
    let of = going.text.split_once("/my/tickets?of=").unwrap().1.split('"').next().unwrap().to_owned();
    let passes = guest.get(&format!("/my/tickets?of={of}")).await.says(&["<svg", "Mira Sen", "Monsoon Jazz"]);
    assert_eq!(passes.text.matches("class=\"qr\"").count(), 2);
    let first = passes.text.split_once("href=\"/my/tickets/").unwrap().1.split(['"', '/']).next().unwrap().to_owned();
    let path = format!("/my/tickets/{first}");
    guest.get(&path).await.is(200, &path).says(&["<svg", "Transfer ticket", "calendar.ics"]);

    // Nobody else sees any of it; the link of the mail shows it to whoever has it.
    let others = make_guests(&site, 1).await;
    let mut other = Browser::of(&site, &others[0]);
    other.get(&path).await.is(404, &path).hides(&["Mira Sen", "class=\"qr\""]);
    other.get(&format!("/my/tickets?of={of}")).await.hides(&["Mira Sen", "class=\"qr\""]);
    other.get(&page).await.hides(&["You are going"]);
    let token = eventify::notify::guests::token(&site.test.keys, of.parse().unwrap(), 1);
    let mut anyone = Browser::new(&site);
    let linked = anyone.get(&format!("/t/{of}/{token}")).await.says(&["class=\"qr\"", "Mira Sen"]);
    let screen = linked.text.split_once(&format!("href=\"/t/{of}/{token}/")).unwrap().1.split('"').next().unwrap();
    let screen = format!("/t/{of}/{token}/{screen}");
    anyone.get(&screen).await.is(200, &screen).says(&["class=\"qr\"", "Mira Sen"]).hides(&["Sign in"]);
    for bad in [format!("/t/{of}/{}", token.to_lowercase()), screen.replace(&token, &token.to_lowercase())] {
        anyone.get(&bad).await.is(404, &bad).hides(&["Mira Sen", "class=\"qr\""]);
    }
    let code = format!("{path}/code");
    guest.get(&code).await.is(200, &code).says(&["class=\"qr\"", &format!("/my/tickets?of={of}")]);
    other.get(&code).await.is(404, &code).hides(&["class=\"qr\""]);

    // Passing one on leaves the other; stepping back leaves none.
    guest.post(&format!("{path}/pass-on"), &[("name", "Om"), ("to", "om")]).await.says(&["value=\"Om\"", "email"]);
    guest.post(&format!("{path}/resend"), &[]).await.says(&["Ticket sent to mira@example.com"]);
    guest.post(&format!("{path}/reissue"), &[]).await.says(&["new code; the old one no longer works", "class=\"qr\""]);
    guest.post(&format!("{path}/pass-on"), &[("name", "Om"), ("to", "om@example.com")]).await.says(&[
        "Ticket sent to <bdi>Om</bdi> (om@…)",
        "This can't be undone. If it was a mistake",
        "Transferred tickets",
    ]);
    guest.get(&path).await.is(404, &path);
    guest
        .get("/my")
        .await
        .hides(&["This can't be undone. If it was a mistake"])
        .says(&["Sent to <bdi>Om</bdi> (om@…)"]);
    other.get("/my").await.hides(&["Transferred tickets"]);
    let left = guest.post(&format!("{page}/step-back/{of}"), &[]).await.hides(&["You are going"]);
    left.says(&["Your booking is cancelled: 1 seat, Standard", "Your tickets no longer work", "can't be undone"]);
    guest.get(&format!("{page}?done=left&of={of}")).await.hides(&["You left the waiting list"]);
    must_hold(&site, &event, "all of it").await;
    guest.post("/my/sign-out", &[]).await.is(200, "/e").says(&["Sign in"]);
    assert!(!guest.jar.contains_key("evf_guest"));
}

#[tokio::test]
async fn refusals_stand_beside_the_form_and_keep_what_was_typed() {
    let site = Site::start_with(&["--payments-sandbox", "false"]).await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 5, &[("Standard", Some(3), 0), ("Front row", None, 500)]).await;
    let question = json!({ "questions": [{ "label": "Anything you cannot eat?", "kind": "text", "required": true }] });
    let asked = admin.put(&format!("/events/{}/questions", text(&event, "id")), question).await.expect(200);
    let answer = format!("answer-{}", text(&asked["items"][0], "id"));
    let people = make_guests(&site, 3).await;
    let (page, standard, paid) = (slug(&event), text(&kinds[0], "id"), text(&kinds[1], "id"));
    let (take, wait) = (format!("{page}/take"), format!("{page}/wait"));
    let mut guest = Browser::of(&site, &people[0]);
    let refused = guest.post(&take, &[("kind", standard), ("seats", "2")]).await.is(422, &take);
    refused.says(&["wants an answer", "value=\"2\""]);
    guest.post(&take, &[("kind", standard), ("seats", "99"), (&answer, "Nuts")]).await.is(409, &take).says(&[
        "A person can book at most 4",
        "<option value=\"3\" selected>",
        "value=\"Nuts\"",
    ]);
    guest.post(&take, &[("kind", standard), ("seats", "none")]).await.is(422, &take).says(&["Must be a number."]);
    guest.post(&take, &[("kind", paid), (&answer, "Nuts")]).await.is(402, &take).says(&["₹5"]);
    // A second click takes nothing more.
    let key = guest.get(&format!("{page}/join?kind={standard}")).await.key();
    let two = [("kind", standard), ("seats", "2"), (answer.as_str(), "Nuts"), ("key", key.as_str())];
    let taken = guest.post(&take, &two).await;
    let taken = taken.says(&["You're in."]);
    assert!(taken.path.starts_with("/my/in/"), "{}", taken.path);
    guest.post(&take, &two).await.is(200, &taken.path);
    assert_eq!(site.number("select going_count::bigint from events where going_count > 0").await, 2);

    let mut late = Browser::of(&site, &people[1]);
    late.post(&take, &[("kind", standard), ("seats", "2"), (&answer, "-")])
        .await
        .is(409, &take)
        .says(&["1 of Standard is left"]);
    late.post(&wait, &[("kind", standard), ("seats", "1")]).await.is(409, &wait).says(&["1 of Standard is left"]);
    late.post(&wait, &[("kind", standard), ("seats", "2")]).await.is(200, &page).says(&[
        "You are 1st on the waiting list",
        "You are next.",
        "What happens next",
        "goes to the next person",
    ]);
    late.get("/my").await.says(&["1st on the waiting list", "2 seats, ", &page]);
    let of = taken.path.rsplit('/').next().unwrap();
    guest.post(&format!("{page}/step-back/{of}"), &[]).await.says(&["Your booking is cancelled"]);
    let offered = late.get(&page).await.says(&["2 seats came free for you"]);
    let entry = offered.text.split_once("/offer/").unwrap().1.split('"').next().unwrap().to_owned();
    let offer = format!("{page}/offer/{entry}");
    late.post(&offer, &[]).await.is(422, &offer).says(&["wants an answer"]);
    guest.get(&offer).await.is(404, &offer);
    late.post(&offer, &[(&answer, "Nothing")]).await.says(&["re in."]);
    must_hold(&site, &event, "the offer").await;

    // Without a session one is asked to sign in; a form of another site is not taken at all.
    Browser::new(&site).post(&take, &[("kind", standard)]).await.says(&["Your phone number"]);
    let token = people[2].token.clone().unwrap();
    let forged = late.http.post(format!("{}{take}", site.url)).header(COOKIE, format!("evf_guest={token}"));
    let forged = forged.header(ORIGIN, "https://evil.example").form(&two).send().await.unwrap();
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn invitations_are_answered_by_those_who_have_them() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    kind(&admin, &event, "Front row", None, 500).await;
    let people = make_guests(&site, 3).await;
    let path = format!("/events/{}/invites", text(&event, "id"));
    let direct = json!({ "invite_type": "direct", "invited_user_id": people[0].id, "message": "Do come" });
    let invite = admin.post(&path, direct).await.expect(201);
    let address = format!("{}/invite/{}", slug(&event), text(&invite, "id"));
    let (mut invited, mut other) = (Browser::of(&site, &people[0]), Browser::of(&site, &people[1]));
    invited.get("/my").await.says(&["Upcoming", "re invited", "Reply by ", ">Reply<", &address]);
    other.get(&address).await.is(404, &address).hides(&["Do come"]);
    other.post(&address, &[("status", "accepted")]).await.hides(&["re in."]);
    invited.get(&address).await.says(&["Do come", "Accept invitation", "Standard", "The terrace"]);
    invited.post(&address, &[("status", "accepted")]).await.says(&["re in."]);
    invited.post(&address, &[("status", "accepted")]).await.is(200, &slug(&event));

    let link = admin.post(&path, json!({ "invite_type": "share_link", "max_uses": 1 })).await.expect(201);
    let address = format!("/i/{}", text(&link, "link").rsplit('/').next().unwrap());
    let mut anyone = Browser::new(&site);
    anyone.get(&address).await.says(&[
        "Monsoon Jazz",
        "Accept invitation",
        "/my/sign-in?next=",
        "Standard",
        "The terrace",
        "Reply by",
    ]);
    // One that was made up, and one that cannot be: said once, alike, with the ways on.
    let mut told = Vec::new();
    for made_up in ["/i/somebody-made-this-up-himself", "/i/x"] {
        let page = anyone.get(made_up).await.is(410, made_up).says(&[
            "<h1>This link no longer works</h1>",
            "ask the sender for a new one",
            "href=\"/e\"",
            "href=\"/my/sign-in?next=%2Fmy\"",
        ]);
        assert_eq!(page.text.matches("no longer works").count(), 2, "in the title and in the heading");
        told.push(page.text.split_once("<main").unwrap().1.to_owned());
    }
    assert_eq!(told[0], told[1]);
    anyone.get(&address).await.says(&["<dt>Price</dt><dd>Free</dd>"]);
    let key = other.get(&address).await.says(&["Accept invitation"]).key();
    other.post(&address, &[("key", &key)]).await.says(&["re in."]);
    let mut third = Browser::of(&site, &people[2]);
    assert_eq!(third.get(&address).await.says(&["was used as often as it allows"]).status, 410);
    // Where every seat is taken, that is said at once.
    let (full, kinds) = open(&site, &admin, 1, &[("Standard", None, 0)]).await;
    add_guest(&admin, &full, &kinds[0], "Ira Bose", 1).await;
    let link =
        admin.post(&format!("/events/{}/invites", text(&full, "id")), json!({ "invite_type": "share_link" })).await;
    let address = format!("/i/{}", text(&link.expect(201), "link").rsplit('/').next().unwrap());
    let page = anyone.get(&address).await.says(&["All seats are taken right now", "Join the waiting list"]);
    page.hides(&["Accept invitation"]);
    let mut nameless = Browser::new(&site);
    let guest = nameless.sign_in(&site, PHONE, "https://evil.example").await;
    assert!(guest.path.starts_with("/my/details?next=%2Fmy"), "{}", guest.path);
    // Whoever hosts or books has a name first.
    let asked = nameless.get("/host/new").await.says(&["Your name"]);
    assert!(asked.path.starts_with("/my/details?next=%2Fhost%2Fnew"), "{}", asked.path);
}

#[tokio::test]
async fn what_is_sold_out_says_so_and_a_pasted_link_stays_on_the_page() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (full, kinds) = open(&site, &admin, 10, &[("Standard", Some(1), 0)]).await;
    let (mixed, _) = open(&site, &admin, 10, &[("Student", None, 0), ("Front row", None, 70_000)]).await;
    let (dear, _) = open(&site, &admin, 100, &[("Early bird", None, 50_000), ("Late", None, 90_000)]).await;
    let (later, first) = open(&site, &admin, 10, &[("First", Some(1), 0), ("Later", None, 70_000)]).await;
    let people = make_guests(&site, 2).await;
    reserve(&people[0], &full, &kinds[0], 1).await.expect(201);
    reserve(&people[0], &later, &first[0], 1).await.expect(201);
    let change = json!({ "description": "Doors 19:00\nShow 20:00", "version": full["version"] });
    admin.patch(&format!("/events/{}", text(&full, "id")), change).await.expect(200);
    let list = Browser::new(&site).get("/e").await.text;
    let card = |event: &Value| {
        let (_, card) = list.split_once(&format!("href=\"{}\"", slug(event))).expect("a card");
        card.split("</li>").next().unwrap().to_owned()
    };
    assert!(card(&full).contains("Sold out") && card(&full).contains("Free"), "{}", card(&full));
    assert!(card(&mixed).contains("Free–₹700") && card(&mixed).contains("10 left"), "{}", card(&mixed));
    assert!(card(&dear).contains("From ₹500") && !card(&dear).contains("left"), "{}", card(&dear));
    // What is sold out is no price that anybody can have.
    assert!(card(&later).contains(">₹700<") && !card(&later).contains("Free"), "{}", card(&later));
    Browser::new(&site).get(&slug(&later)).await.says(&["Get tickets · ₹700"]);
    // Nor is one whose sales are over, for the team either; one that is on sale later is.
    let (over, types) =
        open(&site, &admin, 10, &[("Early", None, 70_000), ("Standard", None, 120_000), ("Door", None, 150_000)]).await;
    let sells = async |ticket_type: &Value, change: Value| {
        let path = format!("/ticket-types/{}", text(ticket_type, "id"));
        let mut change = change;
        change["version"] = ticket_type["version"].clone();
        admin.patch(&path, change).await.expect(200)
    };
    sells(&types[0], json!({ "sales_end_at": "2026-11-01T15:00:00Z" })).await;
    let row = async || {
        let list = Browser::of_staff(&site, &admin).get("/events").await.text;
        let at = format!("href=\"/events/{}\"", text(&over, "id"));
        list.split_once(&at).expect("a row").1.split("</tr>").next().unwrap().to_owned()
    };
    let card = async || {
        let list = Browser::new(&site).get("/e").await.text;
        let (_, card) = list.split_once(&format!("href=\"{}\"", slug(&over))).expect("a card");
        card.split("</li>").next().unwrap().to_owned()
    };
    assert!(card().await.contains("From ₹1,200"), "{}", card().await);
    assert!(row().await.contains("₹1,200") && !row().await.contains("₹700"), "{}", row().await);
    sells(&types[1], json!({ "sales_start_at": "2026-12-01T15:00:00Z" })).await;
    assert!(card().await.contains("From ₹1,200"), "{}", card().await);
    assert!(row().await.contains("₹1,200"), "{}", row().await);
    // Drafts are not told of, and neither are too many at once.
    let planned = draft(&site, &admin, 5).await;
    let seats = site.anonymous().rows(&format!("/events/seats?event_id={}", text(&planned, "id"))).await;
    assert_eq!(seats, json!([]));
    let many = vec![text(&full, "id"); 101].join(",");
    site.anonymous().get(&format!("/events/seats?event_id={many}")).await.refused(422, "invalid_input");

    // Who waits for the one kind there is has nothing more to join.
    let mut late = Browser::of(&site, &people[1]);
    late.get(&slug(&full)).await.says(&["Join waiting list", "Doors 19:00<br />\nShow 20:00"]);
    let wait = format!("{}/wait", slug(&full));
    let waits = late.post(&wait, &[("kind", text(&kinds[0], "id")), ("seats", "1")]).await;
    let waits = waits.hides(&["Join waiting list"]);
    let entry = waits.text.split_once("/leave/").unwrap().1.split('"').next().unwrap().to_owned();
    late.post(&format!("{}/leave/{entry}", slug(&full)), &[]).await.says(&["You left the waiting list"]);
    // Without a description, when and where is told once.
    let page = Browser::new(&site).get(&slug(&mixed)).await.text;
    let og = page.split_once("og:description\" content=\"").unwrap().1.split('"').next().unwrap();
    assert_eq!(og.matches("The terrace").count(), 1, "{og}");
}
