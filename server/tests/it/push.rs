//! Push messages, to a double of a push service that holds the browsers' keys and opens what it gets, by RFC 8291 and with
//! other code than the server's.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::signature::{self, ECDSA_P256_SHA256_FIXED};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use eventify::kernel::timestamp::Timestamp;
use reqwest::header::{COOKIE, ORIGIN};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::browser::Browser;
use crate::finance::buy;
use crate::fixtures::{make_guests, open, reserve};
use crate::notifications::{listen, told};
use crate::partners::text;
use crate::support::{Person, Site};
use crate::webhook_sending::comes_to;

/// One request as it came in.
#[derive(Clone, Debug)]
struct Got {
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

struct Received {
    got: watch::Sender<Vec<Got>>,
    answer: Mutex<u16>,
}

/// The push service.
#[derive(Clone)]
struct Service {
    url: String,
    kept: Arc<Received>,
}

impl Service {
    async fn start() -> Service {
        let kept = Arc::new(Received { got: watch::Sender::default(), answer: Mutex::new(201) });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = axum::Router::new().fallback(take).with_state(kept.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Service { url, kept }
    }

    fn answers(&self, status: u16) {
        *self.kept.answer.lock().unwrap() = status;
    }

    fn got(&self) -> Vec<Got> {
        self.kept.got.borrow().clone()
    }

    /// What it has got, once there are so many.
    async fn comes(&self, count: usize) -> Vec<Got> {
        let mut got = self.kept.got.subscribe();
        let all = got.wait_for(|got| got.len() >= count);
        tokio::time::timeout(Duration::from_secs(30), all).await.expect("push messages").expect("a service").clone()
    }
}

async fn take(State(kept): State<Arc<Received>>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
    let status = *kept.answer.lock().unwrap();
    kept.got.send_modify(|got| got.push(Got { path: uri.path().to_owned(), headers, body: body.to_vec() }));
    StatusCode::from_u16(status).expect("a status")
}

/// A browser with its keys.
struct Subscriber {
    endpoint: String,
    key: PrivateKey,
    secret: Vec<u8>,
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derived(salt: &[u8], secret: &[u8], info: &[&[u8]], length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let key = Salt::new(HKDF_SHA256, salt).extract(secret);
    key.expand(info, Length(length)).and_then(|okm| okm.fill(&mut bytes)).expect("bytes");
    bytes
}

impl Subscriber {
    fn new(service: &Service, name: &str) -> Subscriber {
        let key = PrivateKey::generate(&ECDH_P256).expect("a key");
        Subscriber { endpoint: format!("{}/{name}", service.url), key, secret: name.bytes().cycle().take(16).collect() }
    }

    fn public(&self) -> Vec<u8> {
        self.key.compute_public_key().expect("a key").as_ref().to_vec()
    }

    /// As its `PushManager` gives it.
    fn input(&self) -> Value {
        json!({ "endpoint": self.endpoint, "p256dh": BASE64.encode(self.public()), "auth": BASE64.encode(&self.secret) })
    }

    /// Opens one record by RFC 8188 and 8291.
    fn open(&self, body: &[u8]) -> Vec<u8> {
        let (salt, rest) = body.split_at(16);
        let (size, rest) = rest.split_at(4);
        assert!(u32::from_be_bytes(size.try_into().unwrap()) as usize >= rest.len() - 66, "one record");
        let (sender, sealed) = rest[1..].split_at(rest[0].into());
        let peer = UnparsedPublicKey::new(&ECDH_P256, sender);
        let shared = agree(&self.key, peer, (), |shared| Ok(shared.to_vec())).expect("a shared secret");
        let secret = derived(&self.secret, &shared, &[b"WebPush: info\0", &self.public(), sender], 32);
        let key = derived(salt, &secret, &[b"Content-Encoding: aes128gcm\0"], 16);
        let nonce = derived(salt, &secret, &[b"Content-Encoding: nonce\0"], 12);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).expect("a key"));
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(&nonce).expect("a nonce");
        let plain = key.open_in_place(nonce, Aad::empty(), &mut sealed).expect("it opens");
        let end = plain.iter().rposition(|byte| *byte != 0).expect("a delimiter");
        assert_eq!(plain[end], 2, "the last record");
        plain[..end].to_vec()
    }

    /// What it shows.
    fn shown(&self, got: &Got) -> Value {
        assert!(self.endpoint.ends_with(&got.path), "{}", got.path);
        serde_json::from_slice(&self.open(&got.body)).expect("JSON")
    }
}

#[test]
fn the_double_opens_the_example_of_the_specification() {
    let of = |text: &str| BASE64.decode(text).expect("base64");
    let secret = of("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94");
    let browser = Subscriber {
        endpoint: String::new(),
        key: PrivateKey::from_private_key(&ECDH_P256, &secret).expect("a key"),
        secret: of("BTBZMqHH6r4Tts7J_aSIgg"),
    };
    let body =
        of("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w\
                   EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN");
    assert_eq!(browser.open(&body), b"When I grow up, I want to be a watermelon");
}

/// Who the request is from, by the key that the browser was given.
fn signed_by(got: &Got, key: &str, service: &Service) {
    let said = got.headers["authorization"].to_str().expect("text");
    let (token, by) = said.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect("vapid");
    assert_eq!(by, key);
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let key = signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, BASE64.decode(key).expect("a key"));
    key.verify(signed.as_bytes(), &BASE64.decode(signature).expect("bytes")).expect("it is theirs");
    let claims = BASE64.decode(signed.split_once('.').expect("claims").1).expect("base64");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!(service.url), &json!("mailto:no-reply@localhost")));
    let hours = (claims["exp"].as_i64().expect("a time") - 1_795_597_200) / 3600;
    assert!((1..=24).contains(&hours), "{claims}");
}

async fn turn_on(person: &Person, browser: &Subscriber) -> Value {
    person.post("/notifications/devices", browser.input()).await.expect(201)
}

/// A dispute, of which those who see to disputes are told.
async fn dispute(site: &Site, admin: &Person, guest: &Person) -> Value {
    let (event, kinds) = open(site, admin, 20, &[("Paid", None, 100_000)]).await;
    let paid = buy(site, guest, &event, &kinds[0], 1).await;
    let by_hand = json!({ "reason": "A letter came", "due_at": "2026-12-24T12:00:00Z" });
    let path = format!("/payments/{}/disputes", text(&paid["payment"], "id"));
    admin.post(&path, by_hand).await.expect(201)
}

#[tokio::test]
async fn a_browser_shows_what_its_person_is_told_and_nobody_between_can_read_it() {
    let site = Site::start_with(&["--webhook-allow-private"]).await;
    let _background = listen(&site).await;
    let service = Service::start().await;
    let (admin, finance) = (site.admin().await, site.person("finance@example.com", "finance").await);
    let browser = Subscriber::new(&service, "laptop");
    let device = turn_on(&finance, &browser).await;
    assert_eq!((&device["is_this"], text(&device, "name")), (&json!(true), "Program"));
    let settings = finance.get("/notifications/settings").await.expect(200);
    assert_eq!(settings["devices"][0]["id"], device["id"]);
    let people = make_guests(&site, 2).await;
    let about = dispute(&site, &admin, &people[0]).await;
    let got = service.comes(1).await;
    let shown = browser.shown(&got[0]);
    assert_eq!(
        (text(&shown, "title"), text(&shown, "href")),
        ("A guest disputes ₹1,000", &*format!("/disputes/{}", text(&about, "id")))
    );
    signed_by(&got[0], text(&settings, "push_key"), &service);
    let header = |name: &str| got[0].headers[name].to_str().expect("text").to_owned();
    assert_eq!(
        (header("content-encoding"), header("ttl"), header("urgency")),
        ("aes128gcm".into(), "86400".into(), "high".into())
    );
    assert!(!got[0].body.windows(8).any(|part| part == b"disputes"), "what is carried says nothing");
    comes_to(&site, "select count(*) from delivery_logs where channel = 'push' and outcome = 'sent'", 1).await;
    comes_to(&site, "select count(*) from notification_queue where channel = 'push' and status = 'sent'", 1).await;
    let found = admin.rows("/admin/messages?to=finance@example.com&channel=push").await;
    assert_eq!((text(&found[0], "kind"), text(&found[0], "recipient")), ("dispute_opened", "fi•••@example.com"));
    // Who reads the database reaches no browser.
    let open = "select count(*) from push_subscriptions where push_subscriptions::text like '%laptop%'
                or encode(endpoint_enc, 'escape') like '%laptop%'";
    assert_eq!(site.number(open).await, 0);

    // A kind that is not to be shown there is not; and at night nothing is, until it is over.
    let quiet = json!({ "in_app": ["dispute_opened"], "push": [] });
    finance.put("/notifications/settings", quiet).await.expect(200);
    dispute(&site, &admin, &people[1]).await;
    told(&site).await;
    assert_eq!(site.number("select count(*) from notification_queue where channel = 'push'").await, 1);
    let quiet = json!({ "in_app": ["dispute_opened"], "push": ["dispute_opened"], "quiet_from": "08:00",
                        "quiet_until": "10:00", "quiet_timezone": "UTC" });
    finance.put("/notifications/settings", quiet).await.expect(200);
    dispute(&site, &admin, &people[1]).await;
    told(&site).await;
    let waits = "select count(*) from notification_queue where channel = 'push' and status = 'queued'
                 and reason = 'Quiet hours.' and not_before = '2026-11-25 10:00 UTC'";
    assert_eq!((site.number(waits).await, service.got().len()), (1, 1));
    site.test.clock.set(Timestamp(time::macros::datetime!(2026-11-25 10:00 UTC)));
    assert_eq!(text(&browser.shown(&service.comes(2).await[1]), "title"), "A guest disputes ₹1,000");
}

#[tokio::test]
async fn a_browser_that_is_gone_is_forgotten_and_one_that_hangs_ends_with_the_failed_messages() {
    let site = Site::start_with(&["--webhook-allow-private"]).await;
    let _background = listen(&site).await;
    let service = Service::start().await;
    let (mut admin, finance) = (site.admin().await, site.person("finance@example.com", "finance").await);
    let people = make_guests(&site, 2).await;
    turn_on(&finance, &Subscriber::new(&service, "gone")).await;
    service.answers(410);
    dispute(&site, &admin, &people[0]).await;
    comes_to(&site, "select count(*) from push_subscriptions", 0).await;
    let skipped =
        "select count(*) from notification_queue where channel = 'push' and status = 'skipped' and attempts = 1";
    comes_to(&site, skipped, 1).await;
    comes_to(&site, "select count(*) from job_runs where job_type = 'push.send' and status = 'done'", 1).await;

    let browser = Subscriber::new(&service, "again");
    turn_on(&finance, &browser).await;
    service.answers(503);
    dispute(&site, &admin, &people[1]).await;
    let dead = "select count(*) from notification_queue where channel = 'push' and status = 'failed' and attempts = 8";
    let given_up = async {
        while site.number(dead).await == 0 {
            // The next attempt is due at once.
            let next = "select run_at from job_runs where job_type = 'push.send' and status = 'retry'";
            if let Some(at) = sqlx::query_scalar(next).fetch_optional(&site.test.reader).await.expect("a job") {
                site.test.clock.set(Timestamp(at));
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), given_up).await.expect("given up");
    admin.sign_in().await;
    let failed = admin.rows("/admin/messages?status=failed").await;
    let failed = &failed.as_array().expect("rows")[0];
    assert!(text(failed, "reason").contains("answered 503"), "{failed}");
    let path = format!("/admin/messages/{}", text(failed, "id"));
    assert_eq!(admin.get(&path).await.expect(200)["deliveries"].as_array().map(Vec::len), Some(8));
    // Once the service is well again, somebody sends it.
    service.answers(201);
    let before = service.got().len();
    assert_eq!(admin.post(&format!("{path}/retry"), json!({})).await.expect(200)["status"], "queued");
    let got = service.comes(before + 1).await;
    assert_eq!(text(&browser.shown(&got[before]), "title"), "A guest disputes ₹1,000");
}

#[tokio::test]
async fn a_browser_tells_one_person_for_as_long_as_they_are_signed_in() {
    let site = Site::start_with(&["--webhook-allow-private"]).await;
    let service = Service::start().await;
    let mut first = site.person("first@example.com", "finance").await;
    let second = site.person("second@example.com", "finance").await;
    let browser = Subscriber::new(&service, "shared");
    let device = turn_on(&first, &browser).await;
    let path = format!("/notifications/devices/{}", text(&device, "id"));
    second.delete(&path).await.refused(404, "not_found");
    // The same browser again is the same row; in somebody else's hands it is theirs.
    turn_on(&first, &browser).await;
    assert_eq!(site.number("select count(*) from push_subscriptions").await, 1);
    turn_on(&second, &browser).await;
    first.delete(&path).await.refused(404, "not_found");
    let devices = first.get("/notifications/settings").await.expect(200)["devices"].clone();
    assert_eq!(devices, json!([]));
    let own = second.get("/notifications/settings").await.expect(200)["devices"][0]["id"].clone();
    second.delete(&format!("/notifications/devices/{}", own.as_str().expect("an id"))).await.expect(204);
    // Of two at once the later has it.
    let at_once = futures::future::join_all([&first, &second].map(|person| turn_on(person, &browser)));
    assert_eq!(at_once.await.len(), 2);
    assert_eq!(site.number("select count(*) from push_subscriptions").await, 1);
    sqlx::query("delete from push_subscriptions").execute(&mut site.test.owner().await).await.expect("gone");
    // Signing out ends it, and so does anybody who ends the session.
    let other = Subscriber::new(&service, "mine");
    turn_on(&first, &other).await;
    first.post("/auth/logout", json!({})).await.expect(204);
    assert_eq!(site.number("select count(*) from push_subscriptions").await, 0);
    first.sign_in().await;
    turn_on(&first, &other).await;
    let mut again = first.clone();
    again.sign_in().await;
    again.post("/auth/sessions/revoke-others", json!({})).await.expect(200);
    assert_eq!(site.number("select count(*) from push_subscriptions").await, 0);
    // Nobody sends to an address inside, or encrypts for what is no key.
    let guarded = Site::start().await;
    let person = guarded.person("first@example.com", "finance").await;
    for (field, value) in [
        ("endpoint", json!("https://127.0.0.1/push")),
        ("endpoint", json!("https://169.254.169.254/latest")),
        ("endpoint", json!("http://push.example.com/a")),
        ("p256dh", json!(BASE64.encode([4_u8; 65]))),
        ("auth", json!("short")),
    ] {
        let mut input = browser.input();
        input["endpoint"] = json!("https://push.example.com/a");
        input[field] = value;
        let answer = person.post("/notifications/devices", input).await;
        answer.refused(422, "invalid_input");
        assert!(answer.body["errors"][field][0].is_string(), "{field}: {}", answer.body);
    }
    let key = json!({ "key_name": "Bot", "scope": ["events.read"] });
    let key = guarded.admin().await.post("/admin/api-keys", key).await.expect(201);
    let mut program = guarded.anonymous();
    program.token = key["secret"].as_str().map(str::to_owned);
    program.post("/notifications/devices", browser.input()).await.refused(403, "forbidden");
}

/// Both a guest and somebody of the team may be signed in in one browser: on the public site it is the guest's.
#[tokio::test]
async fn a_guests_browser_shows_what_is_theirs() {
    let site = Site::start_with(&["--webhook-allow-private"]).await;
    let _background = listen(&site).await;
    let service = Service::start().await;
    let (admin, people) = (site.admin().await, make_guests(&site, 1).await);
    let (event, kinds) = open(&site, &admin, 5, &[("Standard", None, 0)]).await;
    reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    let browser = Subscriber::new(&service, "phone");
    let call = |method: reqwest::Method, path: String| {
        let cookies = [&admin, &people[0]].map(|person| person.token.clone().expect("a token"));
        let request = site.anonymous().http.request(method, format!("{}/my/notifications/devices{path}", site.url));
        request.header(COOKIE, format!("evf_staff={}; evf_guest={}", cookies[0], cookies[1])).header(ORIGIN, &site.url)
    };
    let answer = call(reqwest::Method::POST, String::new()).json(&browser.input()).send().await.expect("an answer");
    assert_eq!(answer.status(), 201);
    let device: Value = answer.json().await.expect("JSON");
    let of_guest = "select count(*) from push_subscriptions where recipient_kind = 'end_user'";
    assert_eq!(site.number(of_guest).await, 1);
    let settings = "/my/notifications?tab=settings";
    let page = Browser::of(&site, &people[0]).get(settings).await.is(200, settings);
    page.says(&[&format!("data-device=\"{}\"", text(&device, "id")), "data-scope=\"/my/\"", "src=\"/push.js\""]);
    let cancel = format!("/events/{}/cancel", text(&event, "id"));
    admin.post(&cancel, json!({ "reason": "The roof leaks" })).await.expect(200);
    let shown = browser.shown(&service.comes(1).await[0]);
    assert_eq!(text(&shown, "title"), format!("{} was cancelled", text(&event, "title")));
    let gone = call(reqwest::Method::DELETE, format!("/{}", text(&device, "id"))).send().await.expect("an answer");
    assert_eq!((gone.status().as_u16(), site.number(of_guest).await), (204, 0));
    let nobody = site.anonymous().http.post(format!("{}/my/notifications/devices", site.url));
    let nobody = nobody.header(ORIGIN, &site.url).json(&browser.input()).send().await.expect("an answer");
    assert_eq!(nobody.status(), 401);
}
