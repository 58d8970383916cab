//! The public site's ways: the front door, from a ticket type to a ticket, and a host's answers to requests.

use reqwest::header::COOKIE;
use serde_json::{Value, json};

use crate::browser::{Browser, slug};
use crate::fixtures::{kind, make_guests, must_hold, open, plan, reserve};
use crate::partners::text;
use crate::support::Site;

#[tokio::test]
async fn the_front_door_leads_guests_to_events_and_staff_to_the_command_center() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (free, _) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let change = json!({ "title": "Kite <b>festival</b>", "version": free["version"] });
    admin.patch(&format!("/events/{}", text(&free, "id")), change).await.expect(200);
    let month = &text(&free, "event_date")[..7];
    let mut anyone = Browser::new(&site);
    let home = anyone.get("/").await.is(200, "/");
    let home = home.says(&["Find your seat.", &slug(&free), "Kite &lt;b&gt;", "Plan an event", "href=\"/sign-in\""]);
    // Without a picture a cover is drawn; nothing on the page acts, and it fits a slow line.
    let home = home.says(&["<svg class=\"cover\"", "See all events"]).hides(&["<script", "style=\"", "noindex"]);
    assert!(home.text.len() < 40_000, "{} bytes", home.text.len());
    assert_eq!(home.headers["cache-control"], "private, no-cache", "staff find another page here");
    anyone.get("/team").await.says(&["Sign in"]);
    anyone.get("/sign-in").await.is(200, "/sign-in");
    let request = site.anonymous().http.get(format!("{}/", site.url));
    let cookie = format!("evf_staff={}", admin.token.clone().unwrap());
    let staff = request.header(COOKIE, cookie).send().await.unwrap().text().await.unwrap();
    assert!(!staff.contains("Find your seat") && staff.contains("/pkg/"), "{staff}");

    // Cities and months are links; a month without anything says so, and one that is none is named.
    let choices = site.anonymous().get("/events/choices").await.expect(200);
    assert_eq!(choices, json!({ "cities": ["Bengaluru"], "months": [month] }));
    let (elsewhere, _) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let elsewhere = admin
        .patch(
            &format!("/events/{}", text(&elsewhere, "id")),
            json!({ "city": "Oslo", "version": elsewhere["version"] }),
        )
        .await
        .expect(200);
    anyone.get("/").await.says(&["href=\"/e?city=Oslo\"", "Everywhere"]);
    anyone
        .get("/e?city=oslo")
        .await
        .says(&[&slug(&elsewhere), "aria-current=\"true\"><bdi>Oslo"])
        .hides(&[&slug(&free)]);
    anyone.get(&format!("/e?month={month}")).await.says(&[&slug(&free)]);
    // The list is dense: rows with small pictures, and no second front door.
    let list =
        anyone.get("/e").await.says(&["class=\"line entry\"", "class=\"cover\"", "aria-current=\"page\">Events"]);
    list.hides(&["Find your seat."]);
    anyone.get("/e?month=2031-01").await.says(&["No events in January 2031", "See all events"]);
    anyone
        .get("/e?month=2031-01&city=Oslo")
        .await
        .says(&["No events in Oslo in January 2031", "Nothing matches all of it"]);
    for wrong in ["/e?month=soon", "/e?by=nobody"] {
        let wrong = anyone.get(wrong).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text);
    }
    let event = anyone.get(&slug(&free)).await.says(&[
        "openstreetmap.org",
        "Hosted by",
        "id=\"share\"",
        "wa.me",
        "class=\"way ink\"",
        "Get free ticket",
        "10 left",
    ]);
    assert_eq!(event.text.matches("wa.me").count(), 1, "shared in one place");
    assert!(event.text.len() < 40_000, "{} bytes", event.text.len());
}

#[tokio::test]
async fn each_ticket_has_one_way_and_tells_its_total() {
    // Where nobody can pay, paid tickets are asked for.
    let site = Site::start_with(&["--payments-sandbox", "false"]).await;
    let admin = site.admin().await;
    let (event, kinds) =
        open(&site, &admin, 20, &[("Lawn", None, 0), ("Front row", None, 129_900), ("Gone", Some(1), 0)]).await;
    let people = make_guests(&site, 2).await;
    reserve(&people[0], &event, &kinds[2], 1).await.expect(201);
    let (page, id) = (slug(&event), |kind: &Value| text(kind, "id").to_owned());
    let mut guest = Browser::of(&site, &people[1]);
    let shown = guest.get(&page).await;
    for (kind, label) in
        [(&kinds[0], "Get free ticket"), (&kinds[1], "Request to join"), (&kinds[2], "Join waiting list")]
    {
        let link = format!("/join?kind={}\"", id(kind));
        assert_eq!(shown.text.matches(&link).count(), 1, "one way to {label}");
        let button = shown.text.split_once(&link).unwrap().1.split("</a>").next().unwrap();
        assert!(button.contains(label), "{button}");
    }
    shown.says(&["₹1,299", "Online payment isn't available yet"]);
    // The way of the type is the form's only way, and its total follows the number.
    let ask = guest.get(&format!("{page}/join?kind={}", id(&kinds[1]))).await;
    let ask = ask.says(&["₹1,299", "/ask\"", "Update total"]).hides(&["/take\"", "/wait\"", "Get free ticket"]);
    let typed = [("kind", &*id(&kinds[1])), ("seats", "2"), ("message", "Two of us"), ("key", &*ask.key())];
    guest.post(&format!("{page}/join"), &typed).await.says(&["₹2,598", "value=\"2\"", "Two of us"]);
    guest.post(&format!("{page}/ask"), &typed).await.is(200, &page).says(&["Request sent"]).hides(&["Request to join"]);
    guest.get(&format!("{page}/join?kind={}", id(&kinds[2]))).await.says(&["/wait\""]).hides(&["Total"]);
    // No type chosen: all of them, with a place for a promo code.
    guest.get(&format!("{page}/join")).await.says(&["Choose a ticket", "Lawn", "Front row", "Your code"]);
    guest.get("/my").await.says(&["Upcoming", "Request for 2 seats", "Waiting for approval", "View request"]);
    let taken = guest.post(&format!("{page}/take"), &[("kind", &*id(&kinds[0])), ("seats", "2")]).await;
    let taken = taken.says(&["re in.", "2 tickets", "calendar.ics", "Show my tickets", "wa.me"]);
    // Whoever looks at somebody else's finds nothing.
    Browser::of(&site, &people[0]).get(&taken.path).await.is(404, &taken.path);
    let of = taken.path.rsplit('/').next().unwrap().to_owned();
    guest.get("/my").await.says(&["Upcoming", &format!("/my/tickets?of={of}"), "2 × <bdi>Lawn", "Confirmed"]);
    let tickets = guest.get(&format!("/my/tickets?of={of}")).await;
    let tickets = tickets.says(&["Cancel both tickets", "can't be undone", "1 of 2", "Keep tickets"]);
    assert_eq!(tickets.text.matches("class=\"cover\"").count(), 1, "the event stands once above its tickets");
    guest.post(&format!("{page}/step-back/{of}"), &[]).await.says(&["Your booking is cancelled"]);
    // One comes back to a booking that is no more: the page says so.
    guest.get(&taken.path).await.is(200, &format!("/my/tickets?of={of}")).says(&["no valid tickets"]);
    guest.get("/my").await.says(&["Past and cancelled", ">Cancelled<", "Request for 2 seats"]).hides(&["Confirmed"]);
}

/// Each end of an invitation has words of its own, and one that costs something says what.
#[tokio::test]
async fn a_link_that_is_dead_says_why() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let mut anyone = Browser::new(&site);
    for end in ["revoke", "cancel", "time", "over"] {
        let (event, kinds) = open(&site, &admin, 20, &[("Front row", None, 70_000)]).await;
        let path = format!("/events/{}", text(&event, "id"));
        let input = json!({ "invite_type": "share_link", "ticket_type_id": kinds[0]["id"], "seats": 2 });
        let link = admin.post(&format!("{path}/invites"), input).await.expect(201);
        assert_eq!(link["price"]["minor"], 70_000);
        let address = format!("/i/{}", text(&link, "link").rsplit('/').next().unwrap());
        let shown = anyone.get(&address).await.is(200, &address);
        shown.says(&["<dt>Price</dt><dd>₹700 each</dd>", "holds your seats while you pay"]);
        let invite = format!("/invites/{}", text(&link, "id"));
        let why = match end {
            "revoke" => {
                admin.patch(&invite, json!({ "status": "expired" })).await.expect(200);
                "The organiser revoked this invitation to Monsoon Jazz"
            }
            "cancel" => {
                admin.post(&format!("{path}/cancel"), json!({ "reason": "The stage is flooded" })).await.expect(200);
                "Monsoon Jazz was cancelled by its organiser"
            }
            "time" => {
                let mut db = site.test.owner().await;
                let soon = "update event_invites set expires_at = created_at - interval '1 hour' where id = $1::uuid";
                sqlx::query(soon).bind(text(&link, "id")).execute(&mut db).await.unwrap();
                "This invitation to Monsoon Jazz has expired"
            }
            _ => {
                let mut db = site.test.owner().await;
                let over = "update events set status = 'ended' where id = $1::uuid";
                sqlx::query(over).bind(text(&event, "id")).execute(&mut db).await.unwrap();
                let closed = "update event_invites set status = 'expired', revoked_at = now() where id = $1::uuid";
                sqlx::query(closed).bind(text(&link, "id")).execute(&mut db).await.unwrap();
                "Monsoon Jazz has ended"
            }
        };
        anyone.get(&address).await.is(410, &address).says(&["This link no longer works", why]);
    }
}

/// Seats that are neither free nor taken are said to whoever hosts.
#[tokio::test]
async fn a_host_is_told_of_seats_that_wait_to_be_paid() {
    let site = Site::start().await;
    let people = make_guests(&site, 2).await;
    let event = people[0].post("/events", plan(&site, 10, 10)).await.expect(201);
    let front = kind(&people[0], &event, "Front row", None, 70_000).await;
    let id = text(&event, "id");
    people[0].post(&format!("/events/{id}/publish"), json!({})).await.expect(200);
    let mut host = Browser::of(&site, &people[0]);
    let page = format!("/host/{id}");
    host.get(&page).await.hides(&["not paid yet"]);
    reserve(&people[1], &event, &front, 2).await.expect(201);
    host.get(&page).await.says(&["2 seats are held for guests who have not paid yet."]);
}

#[tokio::test]
async fn a_host_sees_which_requests_fit_and_adds_seats_for_those_that_do_not() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 4).await;
    let event = people[0].post("/events", plan(&site, 3, 3)).await.expect(201);
    let id = text(&event, "id").to_owned();
    kind(&people[0], &event, "Standard", Some(3), 0).await;
    people[0].post(&format!("/events/{id}/publish"), json!({})).await.expect(200);
    for (person, seats) in people[1..].iter().zip([1, 2, 2]) {
        let ask = json!({ "seats_requested": seats });
        person.post(&format!("/events/{id}/requests"), ask).await.expect(201);
    }
    let mut host = Browser::of(&site, &people[0]);
    let requests = format!("/host/{id}/requests");
    let page = host.get(&requests).await.says(&[
        "Standard</bdi>: 3 left",
        "Requested Wed 25 Nov, ",
        "2 seats short",
        "Accept and add 2 seats",
        "Accept the 2 that fit",
    ]);
    let all = page.text.matches("name=\"request\" value=\"").count();
    assert_eq!(all, 2);
    let fit: Vec<(&str, &str)> = page
        .text
        .split("name=\"request\" value=\"")
        .skip(1)
        .map(|rest| ("request", rest.split('"').next().unwrap()))
        .collect();
    host.post(&requests, &fit).await.says(&[
        "1 seat confirmed",
        "2 seats confirmed",
        "Sold out",
        "Accept and add 2 seats",
    ]);
    let last = host.get(&requests).await;
    let action = last.text.split_once(&format!("action=\"{requests}/")).unwrap().1.split('"').next().unwrap();
    let answer = format!("{requests}/{action}");
    // Declining adds nothing.
    host.post(&answer, &[("status", "accepted")]).await.is(409, &answer).says(&["sold out"]);
    host.post(&answer, &[("status", "accepted"), ("add_seats", "yes")]).await.says(&["2 seats confirmed"]);
    let now = admin.get(&format!("/events/{id}")).await.expect(200);
    assert_eq!((&now["capacity"], &now["going_count"]), (&json!(5), &json!(5)));
    // The board's numbers come first, with the public link.
    let board = host.get(&format!("/host/{id}")).await;
    board.says(&["class=\"house\"", "of 5 seats taken", "Public link", "/e/monsoon-jazz-", "View public page"]);
    must_hold(&site, &event, "all requests").await;
}

#[tokio::test]
async fn one_ticket_of_several_is_cancelled_alone() {
    let site = Site::start().await;
    let people = make_guests(&site, 2).await;
    let event = people[0].post("/events", plan(&site, 10, 10)).await.expect(201);
    let standard = kind(&people[0], &event, "Standard", None, 0).await;
    let id = text(&event, "id");
    people[0].post(&format!("/events/{id}/publish"), json!({})).await.expect(200);
    reserve(&people[1], &event, &standard, 2).await.expect(201);
    let mut guest = Browser::of(&site, &people[1]);
    let mine = guest.get("/my").await.says(&["2 × "]);
    let of = mine.text.split_once("/my/tickets?of=").unwrap().1.split('"').next().unwrap().to_owned();
    let booking = format!("/my/tickets?of={of}");
    let passes = guest.get(&booking).await.says(&["Transfer, resend or cancel", "Cancel both tickets"]);
    let first = passes.text.split_once("href=\"/my/tickets/").unwrap().1.split(['"', '/']).next().unwrap().to_owned();
    let ticket = format!("/my/tickets/{first}");
    guest.get(&ticket).await.says(&["Cancel this ticket"]).hides(&["Cancel both tickets"]);
    guest.post(&format!("{ticket}/cancel"), &[]).await.says(&["One ticket was cancelled. 1 ticket left."]);
    guest.get("/my").await.says(&["1 × ", "1 ticket cancelled"]);
    guest.get(&format!("/my/in/{of}")).await.says(&["1 × ", "1 ticket cancelled"]);
    // A second click says how it stands, and takes nothing more.
    guest.post(&format!("{ticket}/cancel"), &[]).await.hides(&["1 ticket left"]);
    let now = people[0].get(&format!("/events/{id}")).await.expect(200);
    assert_eq!(now["going_count"], 1);
    // The last one is the booking.
    let last = guest.get(&booking).await.says(&["Transfer or resend"]);
    let last = last.text.split_once("href=\"/my/tickets/").unwrap().1.split(['"', '/']).next().unwrap().to_owned();
    guest
        .get(&format!("/my/tickets/{last}"))
        .await
        .says(&["Cancel ticket", "Keep ticket"])
        .hides(&["Cancel this ticket"]);
    must_hold(&site, &event, "one ticket").await;
}

#[tokio::test]
async fn whoever_has_a_ticket_knows_who_to_ask() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 2).await;
    let (page, address) = (slug(&event), "@partner.example.com");
    // An address is not for everybody: a phone number is proven first, and what one came for stays in sight.
    let mut anyone = Browser::new(&site);
    anyone.get(&page).await.says(&["Contact organiser"]).hides(&[address]);
    let door = anyone.get(&format!("{page}/contact")).await;
    door.says(&["Your phone number", "Sign in to continue", "Monsoon Jazz", "to keep them from spam"])
        .hides(&[address]);
    let join = format!("{page}/join?kind={}", text(&kinds[0], "id"));
    anyone.get(&join).await.says(&["Sign in to continue", "Monsoon Jazz", "<bdi>Standard</bdi>", "<dd>Free</dd>"]);
    let mut guest = Browser::of(&site, &people[0]);
    guest.get(&format!("{page}/contact")).await.says(&[address, "mailto:"]);
    guest.get("/my").await.says(&["No tickets yet", "Find an event"]);
    reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    let mine = guest.get("/my").await;
    let of = mine.text.split_once("/my/tickets?of=").unwrap().1.split('"').next().unwrap().to_owned();
    for path in [format!("/my/in/{of}"), format!("/my/tickets?of={of}")] {
        guest.get(&path).await.is(200, &path).says(&["Questions? Ask", address, &format!("href=\"{page}/contact\"")]);
    }
    // A host's own address is nobody's to give away; the house has none here.
    let hosted = people[1].post("/events", plan(&site, 10, 10)).await.expect(201);
    people[1].post(&format!("/events/{}/publish", text(&hosted, "id")), json!({})).await.expect(200);
    let contact = format!("{}/contact", slug(&hosted));
    guest.get(&contact).await.says(&["no email address"]).hides(&["mailto:"]);
    // Once it has one it answers for the host, who is named all the same.
    let house = admin.get("/organisation").await.expect(200);
    let house = admin.put("/admin/organisation", crate::organisation::settings(&house)).await.expect(200);
    let address = text(&house, "reply_to");
    guest.get(&contact).await.says(&["answers questions about this event for", address, "mailto:"]);
    let kinds = people[1].rows(&format!("/events/{}/ticket-types", text(&hosted, "id"))).await;
    let wanted = [("kind", text(&kinds[0], "id")), ("seats", "1")];
    let taken = guest.post(&format!("{}/take", slug(&hosted)), &wanted).await;
    taken.says(&["Questions? Write to the host", &format!("href=\"{contact}\"")]).hides(&[address]);
    // A host who is named to nobody has a card all the same.
    let settings = people[1].get("/me/privacy").await.expect(200);
    let hidden = json!({ "profile_visibility": "nobody", "version": settings["version"] });
    people[1].patch("/me/privacy", hidden).await.expect(200);
    anyone.get(&slug(&hosted)).await.says(&["Hosted by", "A private host", "Contact host"]);
    guest.get(&contact).await.says(&["Contact the host", "for <bdi>the host</bdi>"]);
}
