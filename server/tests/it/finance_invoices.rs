//! Invoices and credit notes: gapless numbers, taxes that add up, and nobody else's.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::finance::{buy, checkout, must_balance, say};
use crate::fixtures::{make_guests, open, reserve};
use crate::partners::text;
use crate::support::{Person, Site};

const NUMBER: &str = "29ABCDE1234F1Z5";

const RECEIPTS: &str = "select count(*) from job_runs where payload::text like '%payment_received%'";
const SENT_BACK: &str = "select count(*) from job_runs where payload::text like '%refund_sent%'";

/// An event with paid tickets whose organiser has this GST number.
async fn taxed(site: &Site, admin: &Person, city: &str, number: Option<&str>) -> (Value, Value) {
    let (event, kinds) = open(site, admin, 40, &[("Paid", None, 118_001)]).await;
    let path = format!("/events/{}", text(&event, "id"));
    let known = admin.get(&path).await.expect(200);
    let change = json!({ "gst_number": number, "gst_percent": "18.00", "city": city, "version": known["version"] });
    (admin.patch(&path, change).await.expect(200), kinds[0].clone())
}

fn minor(money: &Value) -> i64 {
    money["minor"].as_i64().expect("an amount")
}

/// Taxable, CGST, SGST, IGST, other tax and total.
fn sums(of: &Value) -> [i64; 6] {
    ["taxable", "cgst", "sgst", "igst", "other_tax", "total"].map(|part| minor(&of["sums"][part]))
}

async fn all(admin: &Person, path: &str) -> Vec<Value> {
    let mut items = admin.get(path).await.expect(200)["items"].as_array().unwrap().clone();
    // The latest first; the tests read them as they were issued.
    items.reverse();
    items
}

#[tokio::test]
async fn whoever_paid_gets_an_invoice_and_a_credit_note_for_what_went_back() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kind) = taxed(&site, &admin, "Bengaluru", Some(NUMBER)).await;
    let people = make_guests(&site, 2).await;
    let paid = buy(&site, &people[0], &event, &kind, 2).await;
    let of_event = format!("/invoices?event_id={}", text(&event, "id"));
    let invoice = all(&admin, &of_event).await.remove(0);
    // ₹2,360.02 with 18 % in it, in halves: the event is in the state of the number.
    assert_eq!(sums(&invoice), [200_002, 18_000, 18_000, 0, 0, 236_002]);
    assert_eq!((text(&invoice, "gst_number"), text(&invoice, "place_of_supply")), (NUMBER, "Karnataka (29)"));
    let first = format!("INV/{}/000001", text(&invoice, "financial_year"));
    assert_eq!((text(&invoice, "reference"), invoice["number"].as_i64()), (first.as_str(), Some(1)));

    let of_partner = format!("/invoices?partner_id={}", text(&event, "organizer_partner_id"));
    assert_eq!(all(&admin, &of_partner).await.len(), 1);
    let of_another = "/invoices?partner_id=01990000-0000-7000-8000-000000000001";
    assert_eq!(all(&admin, of_another).await.len(), 0, "of the supplier asked for alone");
    let named = format!("{of_event}&q=inv%2F&credited=false");
    assert_eq!(all(&admin, &named).await.len(), 1, "nothing was credited yet");
    let refund = format!("/payments/{}/refund", text(&paid["payment"], "id"));
    for (amount, reason) in [(Some(1), "A coin"), (Some(100_000), "A part"), (None, "The rest")] {
        let input = match amount {
            Some(minor) => json!({ "amount_minor": minor, "reason": reason }),
            None => json!({ "reason": reason }),
        };
        admin.post(&refund, input).await.expect(201);
    }
    // A receipt went out by mail; a refund is told once the provider has sent it.
    assert_eq!((site.number(RECEIPTS).await, site.number(SENT_BACK).await), (1, 0));
    let refunds =
        admin.get(&format!("/payments/{}", text(&paid["payment"], "id"))).await.expect(200)["refunds"].clone();
    for _ in 0..2 {
        crate::finance::say_refund(&site, &paid, &refunds[0], "refund.processed").await;
    }
    assert_eq!(site.number(SENT_BACK).await, 1);
    let notes = all(&admin, &format!("/credit-notes?payment_id={}", text(&paid["payment"], "id"))).await;
    let mut sum = [0; 6];
    for (note, number) in notes.iter().zip(1..) {
        assert_eq!(note["number"], number);
        for (sum, part) in sum.iter_mut().zip(sums(note)) {
            *sum += part;
        }
    }
    assert_eq!((notes.len(), sum), (3, sums(&invoice)), "all of it went back");
    let credited = named.replace("=false", "=true");
    assert_eq!((all(&admin, &named).await.len(), all(&admin, &credited).await.len()), (0, 1));
    must_balance(&site, &event, "credit notes").await;

    // The guest reads and prints it; nobody else does.
    let attendee = text(&paid["order"]["lines"][0], "attendee_id").to_owned();
    let own = format!("/attendees/{attendee}/invoice");
    let read = people[0].get(&own).await.expect(200);
    assert_eq!((&read["invoice"]["id"], read["credit_notes"].as_array().unwrap().len()), (&invoice["id"], 3));
    assert_eq!(read["lines"][0]["seats"], 2);
    assert_eq!(admin.get(&format!("/invoices/{}", text(&invoice, "id"))).await.expect(200), read);
    people[1].get(&own).await.refused(404, "not_found");
    let moderator = site.person("moderator@example.com", "moderator").await;
    moderator.get(&of_event).await.refused(403, "forbidden");
    let path = format!("/my/invoices/{attendee}");
    let page = Browser::of(&site, &people[0]).get(&path).await;
    page.says(&[
        "Tax invoice INV/",
        NUMBER,
        "CGST 9%",
        "₹180",
        "Karnataka (29)",
        "Billed to",
        "Credit note CRN/",
        "A coin",
        "Refunded",
    ]);
    Browser::of(&site, &people[1]).get(&path).await.is(404, &path);
    let file = admin.request(reqwest::Method::GET, "/invoices/export?columns=number,cgst,total").send().await;
    let file = file.expect("an answer").text().await.expect("a file");
    assert!(file.contains(&format!("{first},180.00,2360.02")), "{file}");
}

#[tokio::test]
async fn numbers_have_no_gaps_whoever_pays_at_once() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (here, near) = taxed(&site, &admin, "Bengaluru", Some(NUMBER)).await;
    let (there, far) = taxed(&site, &admin, "Mumbai", Some(NUMBER)).await;
    let (plain, untaxed) = taxed(&site, &admin, "Bengaluru", None).await;
    let people = make_guests(&site, 8).await;
    let mut orders = Vec::new();
    for (at, person) in people.iter().enumerate() {
        let (event, kind) = if at % 2 == 0 { (&here, &near) } else { (&there, &far) };
        let held = reserve(person, event, kind, 1).await.expect(201);
        orders.push(checkout(person, &[&held]).await.expect(201));
    }
    // What does not come takes no number, nor does what comes twice.
    say(&site, &orders[0], "evt-failed", "payment.failed").await.expect(200);
    let names: Vec<String> = (0..16).map(|at| format!("evt-{at}")).collect();
    let said = names.iter().enumerate().map(|(at, name)| say(&site, &orders[at / 2], name, "payment.captured"));
    let answers = join_all(said).await;
    assert!(answers.iter().all(|answer| answer.status.is_success()), "{:?}", answers[0].body);
    let invoices = all(&admin, "/invoices").await;
    let mut numbers: Vec<i64> = invoices.iter().map(|invoice| invoice["number"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=8).collect::<Vec<_>>(), "one series for one GST number");
    for invoice in &invoices {
        let local = invoice["event_id"] == here["id"];
        let expected = if local { [100_001, 9_000, 9_000, 0, 0, 118_001] } else { [100_001, 0, 0, 18_000, 0, 118_001] };
        assert_eq!(sums(invoice), expected);
    }
    // Without a GST number: a series of the organiser's own, by the calendar's year, and no tax invoice.
    buy(&site, &people[0], &plain, &untaxed, 1).await;
    let invoice = all(&admin, &format!("/invoices?event_id={}", text(&plain, "id"))).await.remove(0);
    assert_eq!((sums(&invoice), invoice["number"].as_i64()), ([100_001, 0, 0, 0, 18_000, 118_001], Some(1)));
    assert_eq!(text(&invoice, "financial_year").len(), 4);
    for event in [&here, &there, &plain] {
        must_balance(&site, event, "invoices").await;
    }
    // Nobody rewrites one.
    let mut db = site.test.owner().await;
    let rewritten = sqlx::query("update invoices set number = 9").execute(&mut db).await;
    assert!(rewritten.is_err());
}
