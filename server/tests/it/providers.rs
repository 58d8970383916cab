//! Stripe and Razorpay, played by servers of the test's own that answer as their documentation says: what they are asked,
//! and what follows from what they say. No call here leaves the machine.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, Method as Verb, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use eventify::kernel::crypto::plain_mac;
use eventify::ops::handlers::{Failure, JobContext, JobHandler};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::finance::{checkout, must_balance, with_fees};
use crate::fixtures::{make_guests, open, reserve, run_queued};
use crate::partners::text;
use crate::support::{Answer, Person, Site, read};

/// One request to a provider.
#[derive(Clone, Debug)]
struct Got {
    verb: Verb,
    path: String,
    headers: HeaderMap,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
    /// A value of a form.
    fn field(&self, name: &str) -> String {
        let fields: Vec<(String, String)> = serde_urlencoded::from_str(&self.body).expect("a form");
        fields.into_iter().find(|(of, _)| of == name).map(|(_, value)| value).unwrap_or_default()
    }
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// What a provider answers, by everything that it was asked before.
type Plays = fn(&str, &Got, &[Got]) -> (u16, Value);

/// A provider's API.
#[derive(Clone)]
struct Double {
    url: String,
    got: Arc<Mutex<Vec<Got>>>,
    /// What it answers instead, in order.
    instead: Arc<Mutex<VecDeque<(u16, Value)>>>,
    plays: Plays,
}

impl Double {
    async fn start(plays: Plays) -> Double {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let double = Double { url, got: Arc::default(), instead: Arc::default(), plays };
        let router = axum::Router::new().fallback(any(answer)).with_state(double.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        double
    }

    fn got(&self, path: &str) -> Vec<Got> {
        self.got.lock().unwrap().iter().filter(|got| got.path.contains(path)).cloned().collect()
    }

    fn instead(&self, status: u16, body: Value) {
        self.instead.lock().unwrap().push_back((status, body));
    }
}

async fn answer(State(double): State<Double>, verb: Verb, uri: Uri, headers: HeaderMap, body: String) -> Response {
    let path = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let got = Got { verb, path, headers, body };
    let mut before = double.got.lock().unwrap();
    let (status, body) = match double.instead.lock().unwrap().pop_front() {
        Some(instead) => instead,
        None => (double.plays)(&double.url, &got, &before),
    };
    before.push(got);
    (StatusCode::from_u16(status).expect("a status"), axum::Json(body)).into_response()
}

/// Stripe: a key that was used is answered as before, and refused for anything else.
fn stripe(url: &str, got: &Got, before: &[Got]) -> (u16, Value) {
    if got.header("authorization") != "Bearer sk_test_1" {
        return (401, json!({ "error": { "type": "invalid_request_error" } }));
    }
    let key = got.header("idempotency-key");
    let same_key = |other: &&Got| other.path == got.path && other.header("idempotency-key") == key;
    if before.iter().find(same_key).is_some_and(|first| first.body != got.body) {
        return (400, json!({ "error": { "type": "idempotency_error" } }));
    }
    match got.path.as_str() {
        "/v1/checkout/sessions" => (200, json!({ "id": format!("cs_{key}"), "url": format!("{url}/c/pay/cs_{key}") })),
        "/v1/refunds" => (200, json!({ "id": format!("re_{key}"), "object": "refund", "status": "pending" })),
        _ => (404, json!({ "error": { "type": "invalid_request_error" } })),
    }
}

/// Razorpay: one link of each name.
fn razorpay(url: &str, got: &Got, before: &[Got]) -> (u16, Value) {
    // rzp_test_1:sec_1
    if got.header("authorization") != "Basic cnpwX3Rlc3RfMTpzZWNfMQ==" {
        return (401, json!({ "error": { "code": "BAD_REQUEST_ERROR", "description": "Authentication failed" } }));
    }
    let made: Vec<Value> = before.iter().filter(|got| got.path == "/v1/payment_links").map(Got::json).collect();
    let link = |name: &str| {
        json!({ "id": format!("plink_{name}"), "reference_id": name, "status": "created",
                                    "short_url": format!("{url}/i/{name}") })
    };
    if let Some(name) = got.path.strip_prefix("/v1/payment_links?reference_id=") {
        let found = made.iter().any(|made| made["reference_id"] == name);
        return (200, json!({ "payment_links": found.then(|| link(name)).into_iter().collect::<Vec<_>>() }));
    }
    if got.path == "/v1/payment_links" {
        let name = got.json()["reference_id"].as_str().expect("a name").to_owned();
        return match made.iter().any(|made| made["reference_id"] == name.as_str()) {
            true => (400, json!({ "error": { "code": "BAD_REQUEST_ERROR", "description": "reference_id exists" } })),
            false => (200, link(&name)),
        };
    }
    (200, json!({ "id": "rfnd_1", "entity": "refund", "status": "pending" }))
}

const STRIPE: [&str; 4] = ["--stripe-secret-key", "sk_test_1", "--stripe-webhook-secret", "whsec_1"];
const RAZORPAY: [&str; 6] =
    ["--razorpay-key-id", "rzp_test_1", "--razorpay-key-secret", "sec_1", "--razorpay-webhook-secret", "hook_1"];

/// A site that takes payments by a provider, and two seats that somebody is about to pay for.
struct Harness {
    site: Site,
    double: Double,
    admin: Person,
    people: Vec<Person>,
    event: Value,
    kind: Value,
    provider: &'static str,
}

impl Harness {
    async fn start(provider: &'static str, plays: Plays, settings: &[&str]) -> Harness {
        let double = Double::start(plays).await;
        let at = format!("--{provider}-url");
        let settings: Vec<&str> = settings.iter().copied().chain([at.as_str(), double.url.as_str()]).collect();
        let site = Site::start_with(&settings).await;
        let admin = site.admin().await;
        with_fees(&admin).await;
        let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
        let people = make_guests(&site, 3).await;
        Harness { site, double, admin, people, event, kind: kinds[0].clone(), provider }
    }

    async fn order(&self, person: usize) -> (Value, String) {
        let held = reserve(&self.people[person], &self.event, &self.kind, 2).await.expect(201);
        let state = checkout(&self.people[person], &[&held]).await.expect(201);
        assert_eq!(state["payment"]["provider"], self.provider);
        let name = text(&state["payment"], "provider_ref").to_owned();
        (state, name)
    }

    /// The page that leads on to the provider.
    async fn page(&self, name: &str) -> (u16, String) {
        let page = reqwest::get(format!("{}/pay/{}/{name}", self.site.url, self.provider)).await.expect("an answer");
        (page.status().as_u16(), page.text().await.expect("a page"))
    }

    async fn post(&self, header: (&'static str, String), body: String) -> Answer {
        let path = format!("/payments/webhooks/{}", self.provider);
        let request = self.site.anonymous().request(Method::POST, &path).header(header.0, header.1);
        read(request.header("content-type", "application/json").body(body).send().await.expect("an answer")).await
    }

    /// A message as the provider signs it.
    async fn say(&self, message: &Value) -> Value {
        let body = message.to_string();
        let header = match self.provider {
            "stripe" => ("stripe-signature", self.stripe_signed("whsec_1", 0, &body)),
            _ => ("x-razorpay-signature", hex::encode(plain_mac(b"hook_1", &[body.as_bytes()]))),
        };
        self.post(header, body).await.expect(200)["outcome"].clone()
    }

    fn stripe_signed(&self, secret: &str, age: i64, body: &str) -> String {
        let at = (self.site.test.clock.now().0.unix_timestamp() - age).to_string();
        let right = hex::encode(plain_mac(secret.as_bytes(), &[at.as_bytes(), b".", body.as_bytes()]));
        format!("t={at},v1={right}")
    }

    async fn refund(&self, state: &Value, minor: i64) -> Value {
        let input = json!({ "amount_minor": minor, "reason": "Rain" });
        self.admin.post(&format!("/payments/{}/refund", text(&state["payment"], "id")), input).await.expect(201)
    }

    /// Asks the provider for a refund, as a worker does.
    async fn ask(&self, refund: &Value) -> Result<(), Failure> {
        let handler = JobHandler::find("finance.send_refund").expect("a kind of job");
        let context = JobContext::new(eventify::ops::JobId(uuid::Uuid::nil()), 1, None, "test");
        (handler.run)(self.site.test.app.clone(), context, json!({ "refund": refund["id"] })).await
    }

    async fn detail(&self, state: &Value) -> Value {
        self.admin.get(&format!("/payments/{}", text(&state["payment"], "id"))).await.expect(200)
    }

    /// Taken at the first answer, refused for good at the second, sent again by another key.
    async fn refunds_are_asked_for_once(&self, state: &Value, refused: Value) -> Vec<Got> {
        let refund = self.refund(state, 30_000).await;
        self.double.instead(500, json!({}));
        assert!(matches!(self.ask(&refund).await, Err(Failure::Again(_))), "a provider that is down is asked again");
        assert_eq!(self.detail(state).await["refunds"][0]["status"], "processing");
        self.double.instead(400, refused);
        self.ask(&refund).await.expect("refused");
        let now = &self.detail(state).await["refunds"][0];
        assert_eq!((&now["status"], &now["failure_reason"]), (&json!("failed"), &json!("The card was closed.")));
        self.ask(&refund).await.expect("nothing to ask for");
        self.admin.post(&format!("/refunds/{}/retry", text(&refund, "id")), json!({})).await.expect(200);
        run_queued(&self.site, "finance.send_refund").await;
        let asked = self.double.got("refund");
        // Two jobs were waiting by then; both ask for the same.
        assert_eq!(asked.len(), 4);
        asked
    }

    /// Nothing that a message told of a card or a person is kept.
    async fn nothing_of_a_card_is_kept(&self) {
        let all = crate::secrets::whole_database(&self.site).await.expect("the database");
        for secret in ["last4", "buyer@example.com", "sk_test_1", "whsec_1", "sec_1", "hook_1"] {
            assert!(!all.contains(secret), "{secret} is stored");
        }
    }
}

fn event(id: &str, kind: &str, object: Value) -> Value {
    json!({ "id": id, "object": "event", "type": kind, "livemode": false, "data": { "object": object } })
}

fn session(name: &str, paid: &str) -> Value {
    json!({ "id": format!("cs_{name}"), "object": "checkout.session", "client_reference_id": name, "currency": "inr",
            "amount_total": 100_000, "payment_intent": format!("pi_{name}"), "payment_status": paid,
            "customer_details": { "email": "buyer@example.com", "card": { "last4": "4242" } } })
}

#[tokio::test]
async fn stripe_takes_the_money_on_its_own_page() {
    let stage = Harness::start("stripe", stripe, &STRIPE).await;
    let (state, name) = stage.order(0).await;
    assert!(text(&state, "pay_url").ends_with(&format!("/pay/stripe/{name}")));
    // Opened twice, it is one session.
    for _ in 0..2 {
        let (status, page) = stage.page(&name).await;
        assert_eq!(status, 200);
        assert!(page.contains(&format!("href=\"{}/c/pay/cs_{name}\"", stage.double.url)), "{page}");
    }
    let asked = stage.double.got("/v1/checkout/sessions");
    assert_eq!((asked.len(), asked[0].header("idempotency-key")), (2, name.as_str()));
    assert_eq!(asked[0].body, asked[1].body);
    for (field, value) in [
        ("mode", "payment"),
        ("client_reference_id", name.as_str()),
        ("line_items[0][price_data][unit_amount]", "100000"),
        ("line_items[0][price_data][currency]", "inr"),
        ("payment_intent_data[metadata][payment]", name.as_str()),
    ] {
        assert_eq!(asked[0].field(field), value, "{field}");
    }
    assert!(asked[0].field("success_url").ends_with(&format!("/my/orders/{}", text(&state["order"], "id"))));
    let lives = asked[0].field("expires_at").parse::<i64>().unwrap() - stage.site.test.clock.now().0.unix_timestamp();
    assert!((30 * 60..24 * 3600).contains(&lives), "Stripe takes half an hour to a day: {lives}");
    assert_eq!(stage.page("st_none").await.0, 404);
    stage.double.instead(500, json!({}));
    let (status, page) = stage.page(&name).await;
    assert!(status == 503 && page.contains("You haven't been charged."), "{status}: {page}");

    // What is not signed by it is not its.
    let paid = event("evt_2", "checkout.session.completed", session(&name, "paid"));
    let body = paid.to_string();
    let right = stage.stripe_signed("whsec_1", 0, &body);
    for forged in [
        stage.stripe_signed("whsec_2", 0, &body),
        stage.stripe_signed("whsec_1", 301, &body),
        stage.stripe_signed("whsec_1", -301, &body),
        right.replace("v1=", "v0="),
        right.replace("t=", "x="),
        right.replace("t=", "t=1"),
        String::new(),
    ] {
        stage.post(("stripe-signature", forged), body.clone()).await.refused(401, "signature_invalid");
    }
    stage
        .post(("stripe-signature", right.clone()), body.replace("100000", "1"))
        .await
        .refused(401, "signature_invalid");
    stage.post(("webhook-signature", right), body).await.refused(401, "signature_invalid");
    assert_eq!(stage.site.number("select count(*) from payment_webhooks").await, 0);

    // A bank that takes its time, then the money, twice.
    let slow = event("evt_1", "checkout.session.completed", session(&name, "unpaid"));
    assert_eq!(stage.say(&slow).await, "applied");
    assert_eq!(stage.detail(&state).await["payment"]["status"], "authorised");
    assert_eq!(stage.say(&event("evt_0", "customer.created", json!({ "id": "cus_1" }))).await, "ignored");
    // Two signatures, as while a secret is replaced.
    let done = event("evt_3", "checkout.session.async_payment_succeeded", session(&name, "paid"));
    let (body, v1) = (done.to_string(), "v1=00,v1=");
    let both = stage.stripe_signed("whsec_1", 0, &body).replace("v1=", v1);
    assert_eq!(stage.post(("stripe-signature", both), body).await.expect(200)["outcome"], "applied");
    assert_eq!(stage.say(&done).await, "duplicate");
    assert_eq!(stage.say(&paid).await, "ignored");
    assert_eq!(stage.say(&event("evt_4", "checkout.session.expired", session(&name, "paid"))).await, "ignored");
    assert_eq!(stage.site.number("select count(*) from event_attendees").await, 1);
    assert_eq!(stage.page(&name).await.0, 200, "the order's page is where it leads now");
    must_balance(&stage.site, &stage.event, "a payment by Stripe").await;

    let refused = json!({ "error": { "code": "charge_already_refunded", "message": "The card was closed." } });
    let asked = stage.refunds_are_asked_for_once(&state, refused).await;
    let keys: Vec<&str> = asked.iter().map(|got| got.header("idempotency-key")).collect();
    assert!(keys[0] == keys[1] && keys[1] != keys[2] && keys[2] == keys[3], "{keys:?}");
    assert_eq!(asked[0].field("payment_intent"), format!("pi_{name}"));
    assert_eq!(asked[0].field("amount"), "30000");
    let refund = json!({ "id": "re_1", "object": "refund", "amount": 30_000, "currency": "inr", "status": "succeeded",
                         "payment_intent": format!("pi_{name}"),
                         "metadata": { "refund": asked[0].field("metadata[refund]"), "payment": name } });
    assert_eq!(stage.say(&event("evt_5", "refund.updated", refund)).await, "applied");
    assert_eq!(stage.detail(&state).await["refunds"][0]["status"], "processed");

    let dispute = |status: &str| {
        json!({ "id": "du_1", "object": "dispute", "amount": 70_000, "currency": "inr",
        "payment_intent": format!("pi_{name}"), "reason": "product_not_received", "status": status,
        "evidence_details": { "due_by": 1_796_000_000 } })
    };
    assert_eq!(
        stage.say(&event("evt_6", "charge.dispute.created", dispute("warning_needs_response"))).await,
        "ignored"
    );
    assert_eq!(stage.say(&event("evt_7", "charge.dispute.created", dispute("needs_response"))).await, "applied");
    let opened = stage.admin.rows("/disputes").await[0].clone();
    assert_eq!((text(&opened, "reason"), text(&opened, "due_at")), ("Product not received", "2026-11-30T00:53:20Z"));
    assert_eq!(stage.say(&event("evt_8", "charge.dispute.closed", dispute("won"))).await, "applied");
    must_balance(&stage.site, &stage.event, "a dispute at Stripe").await;

    // Nobody paid: another attempt is another session.
    let (state, first) = stage.order(1).await;
    assert_eq!(stage.say(&event("evt_9", "checkout.session.expired", session(&first, "unpaid"))).await, "applied");
    assert_eq!(stage.detail(&state).await["payment"]["status"], "failed");
    stage.nothing_of_a_card_is_kept().await;
}

fn told(kind: &str, payload: Value) -> Value {
    json!({ "entity": "event", "account_id": "acc_1", "event": kind, "created_at": 1_796_000_000, "payload": payload })
}

fn link_paid(name: &str, minor: i64) -> Value {
    told(
        "payment_link.paid",
        json!({
            "payment_link": { "entity": { "id": "plink_1", "reference_id": name, "status": "paid", "amount": 100_000 } },
            "payment": { "entity": { "id": format!("pay_{name}"), "amount": minor, "currency": "INR",
                "status": "captured", "email": "buyer@example.com", "card": { "last4": "4242" } } },
        }),
    )
}

#[tokio::test]
async fn razorpay_takes_the_money_on_its_own_page() {
    let stage = Harness::start("razorpay", razorpay, &RAZORPAY).await;
    let (state, name) = stage.order(0).await;
    for _ in 0..2 {
        let (status, page) = stage.page(&name).await;
        assert_eq!(status, 200);
        assert!(page.contains(&format!("href=\"{}/i/{name}\"", stage.double.url)), "{page}");
    }
    let made: Vec<Got> = stage.double.got("/v1/payment_links").into_iter().filter(|got| got.verb == "POST").collect();
    assert_eq!(made.len(), 1, "opened twice, it is one link");
    let link = made[0].json();
    assert_eq!(
        (&link["amount"], &link["currency"], &link["accept_partial"]),
        (&100_000.into(), &"INR".into(), &false.into())
    );
    assert_eq!(link["notify"], json!({ "sms": false, "email": false }));
    let lives = link["expire_by"].as_i64().unwrap() - stage.site.test.clock.now().0.unix_timestamp();
    assert!(lives > 15 * 60, "Razorpay takes a quarter of an hour at least: {lives}");

    let paid = link_paid(&name, 100_000);
    let body = paid.to_string();
    let right = hex::encode(plain_mac(b"hook_1", &[body.as_bytes()]));
    for (forged, body) in [
        (hex::encode(plain_mac(b"hook_2", &[body.as_bytes()])), body.clone()),
        (right.clone(), body.replace("captured", "Captured")),
        (String::new(), body.clone()),
    ] {
        stage.post(("x-razorpay-signature", forged), body).await.refused(401, "signature_invalid");
    }
    stage.post(("stripe-signature", right), body).await.refused(401, "signature_invalid");
    assert_eq!(stage.site.number("select count(*) from payment_webhooks").await, 0);

    assert_eq!(stage.say(&link_paid(&name, 1)).await, "amount_differs");
    assert_eq!(stage.say(&link_paid("rp_none", 100_000)).await, "unknown_payment");
    assert_eq!(stage.say(&told("payment.authorized", json!({}))).await, "ignored");
    assert_eq!(stage.say(&paid).await, "applied");
    assert_eq!(stage.say(&paid).await, "duplicate");
    assert_eq!(stage.site.number("select count(*) from event_attendees").await, 1);
    must_balance(&stage.site, &stage.event, "a payment by Razorpay").await;

    let refused = json!({ "error": { "code": "BAD_REQUEST_ERROR", "description": "The card was closed." } });
    let asked = stage.refunds_are_asked_for_once(&state, refused).await;
    let keys: Vec<&str> = asked.iter().map(|got| got.header("x-refund-idempotency")).collect();
    assert!(keys[0] == keys[1] && keys[1] != keys[2] && keys[2] == keys[3] && keys[0].len() >= 10, "{keys:?}");
    assert_eq!(asked[0].path, format!("/v1/payments/pay_{name}/refund"));
    let refund = asked[2].json();
    assert_eq!(refund["amount"], 30_000);
    assert!(text(&refund, "receipt").len() <= 40, "{refund}");
    let entity = json!({ "id": "rfnd_1", "payment_id": format!("pay_{name}"), "amount": 30_000, "currency": "INR",
                         "status": "processed", "notes": refund["notes"] });
    assert_eq!(stage.say(&told("refund.processed", json!({ "refund": { "entity": entity } }))).await, "applied");
    assert_eq!(stage.detail(&state).await["refunds"][0]["status"], "processed");

    let dispute = json!({ "dispute": { "entity": { "id": "disp_1", "payment_id": format!("pay_{name}"),
        "amount": 70_000, "currency": "INR", "reason_code": "chargeback", "respond_by": 1_796_000_000,
        "status": "open", "phase": "chargeback" } } });
    assert_eq!(stage.say(&told("payment.dispute.created", dispute.clone())).await, "applied");
    assert_eq!(text(&stage.admin.rows("/disputes").await[0], "reason"), "Chargeback");
    assert_eq!(stage.say(&told("payment.dispute.lost", dispute)).await, "applied");
    must_balance(&stage.site, &stage.event, "a dispute at Razorpay").await;

    let (state, second) = stage.order(1).await;
    let expired =
        json!({ "payment_link": { "entity": { "reference_id": second, "amount": 100_000, "currency": "INR" } } });
    assert_eq!(stage.say(&told("payment_link.expired", expired)).await, "applied");
    assert_eq!(stage.detail(&state).await["payment"]["status"], "failed");
    stage.nothing_of_a_card_is_kept().await;
}

#[tokio::test]
async fn of_several_providers_one_takes_new_payments() {
    let both: Vec<&str> = STRIPE.iter().chain(&RAZORPAY).copied().chain(["--payments-by", "razorpay"]).collect();
    let stage = Harness::start("razorpay", razorpay, &both).await;
    stage.order(0).await;
    // What the others took goes on with them.
    let unsigned = stage.site.anonymous().post("/payments/webhooks/stripe", json!({})).await;
    unsigned.refused(401, "signature_invalid");
    // One that is not set up is not there.
    let stage = Harness::start("stripe", stripe, &STRIPE).await;
    stage.order(0).await;
    stage.site.anonymous().post("/payments/webhooks/razorpay", json!({})).await.refused(404, "not_found");
}
