//! Paying on the public site, without script.

use eventify::finance::provider::sandbox::SLOW;
use serde_json::json;
use time::Duration;

use crate::browser::{Browser, Page, slug};
use crate::fixtures::{make_guests, open, renew, run_queued};
use crate::partners::text;
use crate::support::{Person, Site};

/// From the event's page to the provider's.
async fn to_the_provider(guest: &mut Browser, page: &str, kind: &str, seats: &str) -> Page {
    guest.get(page).await.says(&["Buy ticket", "₹1,299"]).hides(&["Request to join", "isn't available yet"]);
    let form = guest.get(&format!("{page}/join?kind={kind}")).await.says(&[
        "Buy ticket",
        "/take\"",
        "Update total",
        "/total.js",
    ]);
    let form = form.says(&["data-totals=\"₹1,299|₹2,598|₹3,897|₹5,196\">₹1,299<"]);
    let typed = [("kind", kind), ("seats", seats), ("key", &*form.key())];
    let held = guest.post(&format!("{page}/take"), &typed).await;
    let held =
        held.says(&["Held for you until", "minutes left to pay", "To pay", "Release seats"]).hides(&["http-equiv"]);
    let pay = format!("{}/pay", held.path);
    let at = guest.post(&pay, &[("key", &*held.key())]).await;
    // The same form once more leads to the same page.
    let again = guest.post(&pay, &[("key", &*held.key())]).await;
    assert_eq!(at.path, again.path);
    at.says(&["Test payment", "No money moves", "4242 4242 4242 4242"])
}

async fn start() -> (Site, Person, String, String, Vec<Person>) {
    let site = Site::start_reachable().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Front row", None, 129_900)]).await;
    let people = make_guests(&site, 2).await;
    (site, admin, slug(&event), text(&kinds[0], "id").to_owned(), people)
}

#[tokio::test]
async fn a_guest_buys_a_ticket() {
    let (site, _, page, kind, people) = start().await;
    let mut guest = Browser::of(&site, &people[0]);
    let bill = to_the_provider(&mut guest, &page, &kind, "2").await.says(&["Pay ₹2,598"]);
    // Whoever leaves finds the way back: the seats are theirs for a while.
    let left = bill.text.split_once("href=\"/my/orders/").unwrap().1.split('"').next().unwrap().to_owned();
    let left = guest.get(&format!("/my/orders/{left}")).await.hides(&["http-equiv", "hasn't arrived"]);
    left.says(&["Payment not finished", "Held for you until", "Pay now · ₹2,598", "Release seats"]);
    guest.get("/my").await.says(&["Waiting for you", "Not paid", "2 × <bdi>Front row", "Finish paying", "/my/held/"]);
    let event = guest.get(&page).await.hides(&["Buy ticket"]);
    event.says(&["Your seats are held", "Finish paying · ₹2,598", "Release seats", "Held for you"]);
    guest.post(&bill.path, &[("card", "1234")]).await.is(422, &bill.path).says(&["Must be one of the test cards"]);
    let waits = guest.post(&bill.path, &[("card", "4000 0000 0000 0341")]).await;
    let waits = waits.says(&["Waiting for your payment", "http-equiv=\"refresh\"", "won't be charged twice"]);
    guest.post(&bill.path, &[("card", "4000 0000 0000 0002")]).await;
    guest.get(&bill.path).await.says(&["was made already"]);
    Browser::of(&site, &people[1]).get(&waits.path).await.is(404, &waits.path);
    run_queued(&site, "sandbox.send").await;
    let done = guest.get(&waits.path).await;
    assert!(done.path.starts_with("/my/in/"), "{}", done.path);
    let done = done.says(&["You're in.", "2 tickets", "₹2,598", "Show my tickets"]);
    guest.get("/my").await.says(&["Upcoming", "2 × "]).hides(&["Finish paying"]);
    guest.get(done.path.as_str()).await.is(200, &done.path);
}

#[tokio::test]
async fn a_declined_card_and_a_late_guest_are_told_so() {
    let (site, _, page, kind, mut people) = start().await;
    let mut guest = Browser::of(&site, &people[0]);
    let bill = to_the_provider(&mut guest, &page, &kind, "1").await;
    let waits = guest.post(&bill.path, &[("card", "4000000000000002")]).await;
    run_queued(&site, "sandbox.send").await;
    let failed = guest.get(&waits.path).await.is(200, &waits.path);
    let failed = failed.says(&[
        "Payment failed",
        "Your card was declined.",
        "charged, and your seats are still held",
        "Try again",
    ]);
    let again = guest.post(&format!("{}/pay", failed.path), &[("key", &*failed.key())]).await;
    assert_ne!(again.path, bill.path, "another attempt");
    // A slow card: the seats' time is over before the bank answers, and they are still free.
    guest.post(&again.path, &[("card", "4000000000003220")]).await.says(&["Waiting for your payment"]);
    let times = "select count(distinct run_at) from job_runs where job_type = 'sandbox.send' and status = 'queued'";
    assert_eq!((site.number(times).await, SLOW), (2, Duration::minutes(2)));
    site.test.clock.advance(Duration::minutes(20));
    renew(&site, &mut people[0]).await;
    let mut guest = Browser::of(&site, &people[0]);
    let over = guest.get(&waits.path).await.says(&["Your seats were released", "haven't been charged"]);
    run_queued(&site, "sandbox.send").await;
    guest.get(&over.path).await.says(&["You're in."]);
}

#[tokio::test]
async fn an_accepted_request_is_paid_and_without_a_provider_one_asks() {
    let site = Site::start_reachable().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Front row", None, 129_900)]).await;
    let people = make_guests(&site, 1).await;
    let path = format!("/events/{}/requests", text(&event, "id"));
    let asked = people[0].post(&path, json!({ "ticket_type_id": kinds[0]["id"] })).await.expect(201);
    let yes = json!({ "status": "accepted" });
    admin.patch(&format!("/requests/{}", text(&asked, "id")), yes).await.expect(200);
    let mut guest = Browser::of(&site, &people[0]);
    guest.get(&slug(&event)).await.says(&["Request accepted", "Pay ₹1,299", "/my/held/"]);
    let mine = guest.get("/my").await.says(&["Accepted: pay now"]);
    let held = mine.text.split_once("/my/held/").unwrap().1.split('"').next().unwrap().to_owned();
    let held = guest.get(&format!("/my/held/{held}")).await.says(&["Pay ₹1,299"]);
    let bill = guest.post(&format!("{}/pay", held.path), &[("key", &*held.key())]).await;
    guest.post(&bill.path, &[("card", "4242424242424242")]).await;
    run_queued(&site, "sandbox.send").await;
    guest.get("/my").await.says(&["Upcoming"]);
    assert_eq!(site.number("select count(*) from event_attendees where source = 'request' and is_paid").await, 1);

    let without = Site::start_with(&["--payments-sandbox", "false"]).await;
    let admin = without.admin().await;
    let (event, kinds) = open(&without, &admin, 20, &[("Front row", None, 129_900)]).await;
    let people = make_guests(&without, 1).await;
    Browser::of(&without, &people[0]).get(&slug(&event)).await.says(&["Request to join", "isn't available yet"]);
    let held = crate::fixtures::reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    crate::finance::checkout(&people[0], &[&held]).await.refused(409, "payments_off");
    let gone = people[0].post("/payments/webhooks/sandbox", json!({})).await;
    gone.refused(404, "not_found");
}
