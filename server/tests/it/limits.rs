//! What one network, one phone and one country may take, and what nobody can take from others.

use eventify::access::one_time_code;
use eventify::kernel::rate::network;
use serde_json::{Value, json};
use time::Duration;

use crate::fixtures::open;
use crate::partners::text;
use crate::people::PHONE;
use crate::support::{Answer, PASSWORD, Person, Site};
use crate::webhook_sending::comes_to;

const HOME: &str = "203.0.113.7";

/// A site behind a proxy that tells where calls come from.
async fn site_with(settings: &[&str]) -> Site {
    let site = Site::start_with(&[settings, &["--trusted-proxies", "1"]].concat()).await;
    // At the beginning of a day, so that no window ends meanwhile.
    let now = site.test.clock.now().0.unix_timestamp();
    site.test.clock.advance(Duration::seconds(86_400 - now.rem_euclid(86_400) + 5));
    site
}

async fn ask(site: &Site, ip: &str, phone: &str) -> Answer {
    site.anonymous().post_from(ip, "/auth/otp/request", json!({ "phone": phone })).await
}

/// The open code that was asked for from there.
async fn code(site: &Site, ip: &str, phone: &str) -> String {
    let network = network(ip.parse().unwrap()).to_string();
    let open = "select id from user_phone_otps where phone_number = $1 and network = $2 and closed_at is null";
    let id: uuid::Uuid =
        sqlx::query_scalar(open).bind(phone).bind(network).fetch_one(&site.test.pool).await.expect("an open code");
    one_time_code::code(&site.test.keys, id)
}

async fn try_code(site: &Site, ip: &str, phone: &str, code: &str) -> Answer {
    site.anonymous().post_from(ip, "/auth/otp/verify", json!({ "phone": phone, "code": code })).await
}

async fn sign_in(site: &Site, ip: &str, phone: &str) -> Value {
    ask(site, ip, phone).await.expect(200);
    try_code(site, ip, phone, &code(site, ip, phone).await).await.expect(200)
}

fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn one_line_is_one_address_to_every_limit() {
    let site = site_with(&["--otp-requests", "5", "--login-failures", "3"]).await;
    for n in 0..8 {
        let answer = ask(&site, &format!("2001:db8:1:2::{n}"), &format!("+9198450210{n:02}")).await;
        assert_eq!(answer.status.as_u16(), if n < 5 { 200 } else { 429 }, "{n}");
    }
    ask(&site, "2001:db8:1:3::1", "+919845021099").await.expect(200);

    let person = site.account("p@example.com", "auditor").await;
    let login = |ip: String, email: String, password: &'static str| {
        let anyone = site.anonymous();
        async move { anyone.post_from(&ip, "/auth/login", json!({ "email": email, "password": password })).await }
    };
    for n in 0..3 {
        let wrong = login(format!("2001:db8:1:2:{n}::"), format!("other{n}@example.com"), "wrong password").await;
        wrong.refused(401, "invalid_credentials");
    }
    // The network has had its share, and says so; nobody's account is locked.
    login("2001:db8:1:2::9".into(), person.email.clone(), PASSWORD).await.refused(429, "rate_limited");
    login("2001:db8:1:3::9".into(), person.email.clone(), PASSWORD).await.expect(200);
}

#[tokio::test]
async fn texts_have_a_budget_for_each_country_and_over_all() {
    let site = site_with(&["--texts-per-country", "5,91=30", "--texts-per-hour", "10"]).await;
    let (abroad, known) = (|n: usize| format!("+25261712340{n}"), "+252617123499");
    sign_in(&site, HOME, known).await;
    let mut refused = 0;
    for n in 0..8 {
        let answer = ask(&site, &format!("2001:db8:{n}::1"), &abroad(n)).await;
        if answer.status != 200 {
            answer.refused(503, "texts_used_up");
            assert!(answer.headers.contains_key("retry-after"));
            refused += 1;
        }
    }
    assert_eq!(refused, 5, "three more, and the last fifth is not for strangers");
    site.test.clock.advance(Duration::seconds(31));
    ask(&site, HOME, known).await.expect(200);
    site.test.clock.advance(Duration::seconds(31));
    ask(&site, HOME, known).await.refused(503, "texts_used_up");
    // Other countries have their own, until the whole is used up: five were sent.
    for n in 0..5 {
        let answer = ask(&site, "198.51.100.9", &format!("+9198450310{n:02}")).await;
        assert_eq!(answer.status.as_u16(), if n < 3 { 200 } else { 503 }, "{n}: {}", answer.body);
    }
    assert_eq!(site.number("select count(*) from job_runs where job_type = 'text.send'").await, 8);
    site.test.clock.advance(Duration::hours(1));
    ask(&site, "2001:db8:77::1", &abroad(0)).await.expect(200);
}

#[tokio::test]
async fn guests_beyond_the_texts_of_an_hour_are_told_in_the_next() {
    let site = site_with(&["--texts-per-hour", "2"]).await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    for n in 0..5 {
        let guest = json!({ "ticket_type_id": kinds[0]["id"], "phone": format!("+25261712340{n}"), "name": "Amina" });
        admin.post(&format!("/events/{}/attendees", text(&event, "id")), guest).await.expect(201);
    }
    let background = eventify_server::serve::background(&site.test.app, true);
    let sent = "select count(*) from job_runs where job_type = 'text.send' and status = 'done'";
    let wait = "select count(*) from job_runs where job_type = 'text.send' and status = 'retry' and attempts = 0";
    for (told, left) in [(2, 3), (4, 1), (5, 0)] {
        comes_to(&site, sent, told).await;
        comes_to(&site, wait, left).await;
        site.test.clock.advance(Duration::HOUR);
    }
    drop(background);
}

#[tokio::test]
async fn what_is_not_recognised_is_limited_before_it_is_looked_up() {
    let site = site_with(&["--rate-per-minute", "80"]).await;
    let admin = site.admin().await;
    let mut keys = Vec::new();
    for name in ["Used", "Unused"] {
        let made =
            admin.post("/admin/api-keys", json!({ "key_name": name, "scope": ["staff.read"] })).await.expect(201);
        keys.push(made["secret"].as_str().unwrap().to_owned());
    }
    let call = |token: &str, ip: &'static str| {
        let person = Person { token: Some(token.to_owned()), ..site.anonymous() };
        async move {
            let request = person.request(reqwest::Method::GET, "/admin/users").header("x-forwarded-for", ip);
            crate::support::read(request.send().await.unwrap()).await
        }
    };
    call(&keys[0], HOME).await.expect(200);
    let jwt = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOTM0YzJlLTdhMTAtN2QzZS05YjYyLTJmNmMxYTVkOGU5MCJ9.e30.AAAA";
    for n in 0..30 {
        let answer = call(&if n % 2 == 0 { format!("evk_garbage{n}") } else { jwt.to_owned() }, HOME).await;
        assert_eq!(answer.status.as_u16(), if n < 20 { 401 } else { 429 }, "{n}");
    }
    // Who was good lately, or has what we have signed, is not held up by it; others elsewhere neither.
    call(&keys[0], HOME).await.expect(200);
    call(admin.token.as_deref().unwrap(), HOME).await.expect(200);
    call(&keys[1], HOME).await.refused(429, "rate_limited");
    call(&keys[1], "198.51.100.1").await.expect(200);
    call("evk_garbage", "198.51.100.1").await.refused(401, "unauthenticated");
    site.test.clock.advance(Duration::MINUTE);
    call("evk_garbage", HOME).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_session_that_has_ended_is_not_looked_up_for_ever() {
    let site = site_with(&["--rate-per-minute", "80"]).await;
    let user: Value = sign_in(&site, HOME, PHONE).await;
    let mut person = site.anonymous();
    person.token = user["tokens"]["access_token"].as_str().map(str::to_owned);
    person.post("/auth/logout", json!({})).await.expect(204);
    site.test.callers.invalidate_all();
    for n in 0..25 {
        let answer = person.patch("/me", json!({ "bio": "x", "version": 1 })).await;
        assert_eq!(answer.status.as_u16(), if n < 20 { 401 } else { 429 }, "{n}");
    }
}

#[tokio::test]
async fn the_guests_of_a_venue_are_not_one_person() {
    let site = site_with(&[]).await;
    for n in 0..25 {
        sign_in(&site, HOME, &format!("+9198450410{n:02}")).await;
    }
    // For each of them the network may ask no more often than anybody; half a minute may end in between.
    let again = [ask(&site, HOME, "+919845041024").await, ask(&site, HOME, "+919845041024").await];
    assert!(again.iter().any(|answer| answer.code() == "rate_limited"), "{again:?}");
}

#[tokio::test]
async fn a_stranger_cannot_use_up_the_owners_codes() {
    let site = site_with(&[]).await;
    sign_in(&site, HOME, PHONE).await;
    let stranger = "198.51.100.66";
    for _ in 0..6 {
        ask(&site, stranger, PHONE).await.expect(200);
        site.test.clock.advance(Duration::seconds(31));
    }
    ask(&site, stranger, PHONE).await.refused(429, "rate_limited");
    // From many networks: until the phone has had its share.
    for n in 1..=8 {
        ask(&site, &format!("198.51.100.{n}"), PHONE).await.expect(200);
    }
    ask(&site, "198.51.100.10", PHONE).await.refused(429, "rate_limited");
    // Where the owner has signed in before, all that is nothing.
    ask(&site, HOME, PHONE).await.expect(200);
    let right = code(&site, HOME, PHONE).await;
    let theirs = code(&site, "198.51.100.8", PHONE).await;
    for _ in 0..6 {
        // Their own code, and then the owner's.
        try_code(&site, "198.51.100.8", PHONE, &wrong(&theirs)).await.refused(401, "invalid_code");
        try_code(&site, "198.51.100.11", PHONE, &wrong(&right)).await.refused(401, "invalid_code");
    }
    try_code(&site, HOME, PHONE, &wrong(&right)).await.refused(401, "invalid_code");
    try_code(&site, HOME, PHONE, &right).await.expect(200);
    assert_eq!(site.number("select count(*) from user_phone_otps where closed_at is null").await, 0);
}

#[tokio::test]
async fn a_code_may_be_typed_in_another_network() {
    let site = site_with(&[]).await;
    ask(&site, HOME, PHONE).await.expect(200);
    let right = code(&site, HOME, PHONE).await;
    // Three guesses from elsewhere, and the owner's five are left.
    for _ in 0..2 {
        try_code(&site, "198.51.100.2", PHONE, &wrong(&right)).await.refused(401, "invalid_code");
    }
    try_code(&site, "198.51.100.3", PHONE, &right).await.expect(200);
    site.test.clock.advance(Duration::seconds(31));
    ask(&site, HOME, PHONE).await.expect(200);
    let right = code(&site, HOME, PHONE).await;
    for _ in 0..3 {
        try_code(&site, "198.51.100.2", PHONE, &wrong(&right)).await.refused(401, "invalid_code");
    }
    try_code(&site, "198.51.100.3", PHONE, &right).await.refused(401, "invalid_code");
    assert_eq!(site.number("select count(*) from outbox_events where type = 'user.flagged'").await, 1);
    try_code(&site, HOME, PHONE, &right).await.expect(200);
}
