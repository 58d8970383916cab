//! The door: guesses from one network or many, devices that are trusted, codes.

use reqwest::Method;
use serde_json::{Value, json};
use time::Duration;

use crate::access::{code, enrol, link, work};
use crate::support::{Answer, PASSWORD, Person, Site, read};

/// A server behind one proxy, so that callers can come from anywhere; at the beginning of a window, so that no count
/// ends while a test runs.
async fn site() -> Site {
    let site = Site::start_with(&["--trusted-proxies", "1"]).await;
    let into = site.test.clock.now().0.unix_timestamp().rem_euclid(900);
    site.test.clock.advance(Duration::seconds(901 - into));
    site
}

/// A browser: where it is, and the device cookie it has.
#[derive(Clone)]
struct Browser {
    at: String,
    cookie: Option<String>,
}

impl Browser {
    fn at(ip: &str) -> Browser {
        Browser { at: ip.to_owned(), cookie: None }
    }

    async fn post(&mut self, site: &Site, path: &str, body: Value) -> Answer {
        let mut request = site.anonymous().request(Method::POST, path).header("x-forwarded-for", &self.at).json(&body);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("evf_device={cookie}"));
        }
        let answer = read(request.send().await.expect("an answer")).await;
        let set = answer.headers.get_all("set-cookie").iter().filter_map(|v| v.to_str().ok());
        let device = set.filter_map(|c| c.strip_prefix("evf_device=")?.split(';').next().map(str::to_owned)).next();
        self.cookie = device.or(self.cookie.take());
        answer
    }

    async fn login(&mut self, site: &Site, who: &Person, password: &str) -> Answer {
        self.post(site, "/auth/login", json!({ "email": who.email, "password": password })).await
    }

    /// Both steps.
    async fn enter(&mut self, site: &Site, who: &Person, seed: &[u8], trust: bool) -> Person {
        site.test.clock.advance(Duration::seconds(30));
        let challenge = self.login(site, who, PASSWORD).await.expect(200)["challenge"].clone();
        let code = code(site, seed, &who.email);
        let second = json!({ "challenge": challenge, "code": code, "trust_device": trust });
        signed_in(who, self.post(site, "/auth/login/totp", second).await)
    }
}

fn signed_in(who: &Person, answer: Answer) -> Person {
    let answer = answer.expect(200);
    let token = answer["tokens"]["access_token"].as_str().map(str::to_owned);
    assert!(token.is_some(), "{answer}");
    Person { token, ..who.clone() }
}

/// Somebody whose second factor is on, and its seed.
async fn twofold(site: &Site, email: &str, role: &str) -> (Person, Vec<u8>) {
    let person = site.person(email, role).await;
    let seed = enrol(&person).await;
    let first = code(site, &seed, email);
    person.post("/auth/totp/confirm", json!({ "code": first })).await.expect(200);
    (person, seed)
}

#[tokio::test]
async fn a_strangers_guesses_do_not_keep_the_owner_out() {
    let site = site().await;
    let person = site.account("p@example.com", "auditor").await;
    let mut stranger = Browser::at("203.0.113.5");
    for _ in 0..5 {
        stranger.login(&site, &person, "wrong password").await.refused(401, "invalid_credentials");
    }
    stranger.login(&site, &person, PASSWORD).await.refused(429, "account_locked");
    Browser::at("198.51.100.7").login(&site, &person, PASSWORD).await.expect(200);
    stranger.login(&site, &person, PASSWORD).await.refused(429, "account_locked");
    // One line's many addresses are one network.
    for n in 1..=5 {
        let mut line = Browser::at(&format!("2001:db8:1:2::{n}"));
        line.login(&site, &person, "wrong password").await.refused(401, "invalid_credentials");
    }
    Browser::at("2001:db8:1:2::99").login(&site, &person, PASSWORD).await.refused(429, "account_locked");
    let mails = "select count(*) from job_runs where payload->'mail'->>'template' = 'account_locked'";
    assert_eq!(site.number(mails).await, 1, "its owner is told once");
}

#[tokio::test]
async fn guesses_from_everywhere_are_slowed_down_but_not_for_the_owners_devices() {
    let site = site().await;
    let person = site.account("p@example.com", "auditor").await;
    let mut own = Browser::at("198.51.100.7");
    own.login(&site, &person, PASSWORD).await.expect(200);
    for network in 1..=4 {
        for _ in 0..5 {
            let mut guesser = Browser::at(&format!("203.0.113.{network}"));
            guesser.login(&site, &person, "wrong password").await.refused(401, "invalid_credentials");
        }
    }
    let mut another = Browser::at("203.0.113.77");
    let slowed = another.login(&site, &person, PASSWORD).await;
    slowed.refused(429, "account_locked");
    let wait: u64 = slowed.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(wait <= 10, "slowed down, not locked: {wait} s");
    // A device it has signed in on, from a network nobody guessed from or from the worst of them.
    own.login(&site, &person, PASSWORD).await.expect(200);
    own.at = "203.0.113.1".to_owned();
    own.login(&site, &person, PASSWORD).await.expect(200);
    // One more in ten seconds, from anywhere.
    site.test.clock.advance(Duration::seconds(10));
    another.login(&site, &person, "wrong password").await.refused(401, "invalid_credentials");
    Browser::at("203.0.113.78").login(&site, &person, PASSWORD).await.refused(429, "account_locked");
    site.test.clock.advance(Duration::seconds(10));
    Browser::at("203.0.113.78").login(&site, &person, PASSWORD).await.expect(200);
    // At its own device, too, guesses are few.
    for _ in 0..5 {
        own.login(&site, &person, "wrong password").await.refused(401, "invalid_credentials");
    }
    own.login(&site, &person, PASSWORD).await.refused(429, "account_locked");
    // A new password lets its owner in at once, everywhere.
    site.anonymous().post("/auth/password/forgot", json!({ "email": person.email })).await.expect(204);
    work(&site).await;
    let reset = json!({ "token": link(&site, "password_reset").await, "password": "another long phrase" });
    site.anonymous().post("/auth/password/reset", reset).await.expect(204);
    Browser::at("203.0.113.1").login(&site, &person, "another long phrase").await.expect(200);
}

#[tokio::test]
async fn of_many_guesses_at_once_five_are_answered_whatever_they_were() {
    let site = site().await;
    let (person, _) = twofold(&site, "p@example.com", "auditor").await;
    let guesses = (0..16).map(|_| {
        let (site, person) = (&site, &person);
        async move { Browser::at("203.0.113.5").login(site, person, "wrong password").await.status.as_u16() }
    });
    let answers = futures::future::join_all(guesses).await;
    assert_eq!(answers.iter().filter(|status| **status == 401).count(), 5, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 11, "{answers:?}");
    Browser::at("203.0.113.5").login(&site, &person, PASSWORD).await.refused(429, "account_locked");
}

#[tokio::test]
async fn a_trusted_device_needs_no_code_for_thirty_days() {
    let site = site().await;
    let admin = site.admin().await;
    let (person, seed) = twofold(&site, "p@example.com", "auditor").await;
    let role = admin.get(&format!("/admin/roles/{}", site.role("auditor").await)).await.expect(200);
    let change = json!({ "requires_2fa": true, "version": role["version"] });
    admin.patch(&format!("/admin/roles/{}", role["id"].as_str().unwrap()), change).await.expect(200);

    let mut plain = Browser::at("198.51.100.1");
    plain.enter(&site, &person, &seed, false).await;
    assert_eq!(plain.login(&site, &person, PASSWORD).await.expect(200)["mfa_required"], true, "known, not trusted");
    let mut own = Browser::at("198.51.100.2");
    own.enter(&site, &person, &seed, true).await;
    let spared = signed_in(&person, own.login(&site, &person, PASSWORD).await);
    spared.get("/admin/users").await.expect(200);
    own.login(&site, &person, "wrong password").await.refused(401, "invalid_credentials");
    // Such a session does not pass the trust on.
    let devices = spared.rows("/auth/devices").await;
    let device = |current: bool| {
        let found = devices.as_array().unwrap().iter().find(|d| d["current"] == current && d["trusted"] == current);
        format!("/auth/devices/{}", found.unwrap()["id"].as_str().unwrap())
    };
    spared.patch(&device(false), json!({ "trusted": true })).await.refused(403, "forbidden");
    // Without trust it is a session without a second factor.
    spared.patch(&device(true), json!({ "trusted": false })).await.expect(200);
    spared.get("/admin/users").await.refused(403, "two_factor_required");
    assert_eq!(own.login(&site, &person, PASSWORD).await.expect(200)["mfa_required"], true);
    assert_eq!(site.number("select count(*) from admin_devices where trusted or trusted_until is not null").await, 0);

    own.enter(&site, &person, &seed, true).await;
    site.test.clock.advance(Duration::days(29));
    let spared = signed_in(&person, own.login(&site, &person, PASSWORD).await);
    let me = spared.get("/auth/me").await.expect(200);
    assert_eq!(me["two_factor_required"], false);
    site.test.clock.advance(Duration::days(2));
    assert_eq!(own.login(&site, &person, PASSWORD).await.expect(200)["mfa_required"], true);
}

#[tokio::test]
async fn trust_ends_with_the_device_the_password_and_the_factor() {
    let site = site().await;
    let admin = site.admin().await;
    let (person, seed) = twofold(&site, "p@example.com", "auditor").await;
    let mut own = Browser::at("198.51.100.2");
    let asks = |answer: Answer| answer.expect(200)["mfa_required"] == true;

    let session = own.enter(&site, &person, &seed, true).await;
    assert!(!asks(own.login(&site, &person, PASSWORD).await));
    let devices = session.rows("/auth/devices").await;
    let device = devices.as_array().unwrap().iter().find(|d| d["current"] == true).unwrap()["id"].clone();
    session.delete(&format!("/auth/devices/{}", device.as_str().unwrap())).await.expect(204);
    assert!(asks(own.login(&site, &person, PASSWORD).await));

    let session = own.enter(&site, &person, &seed, true).await;
    assert!(!asks(own.login(&site, &person, PASSWORD).await));
    let change = json!({ "current_password": PASSWORD, "new_password": "another long phrase" });
    session.post("/auth/password/change", change).await.expect(204);
    assert!(asks(own.login(&site, &person, "another long phrase").await));
    let change = json!({ "current_password": "another long phrase", "new_password": PASSWORD });
    session.post("/auth/password/change", change).await.expect(204);

    own.enter(&site, &person, &seed, true).await;
    assert!(!asks(own.login(&site, &person, PASSWORD).await));
    admin.delete(&format!("/admin/users/{}/sessions", person.id)).await.expect(200);
    assert!(asks(own.login(&site, &person, PASSWORD).await));
    own.enter(&site, &person, &seed, true).await;
    admin.post(&format!("/admin/users/{}/reset-2fa", person.id), json!({})).await.expect(200);
    assert_eq!(site.number("select count(*) from admin_devices where trusted").await, 0);
}

#[tokio::test]
async fn codes_are_guessed_five_times_whatever_the_network() {
    let site = site().await;
    let (person, seed) = twofold(&site, "p@example.com", "auditor").await;
    let mut own = Browser::at("198.51.100.2");
    own.enter(&site, &person, &seed, false).await;
    let challenge = own.login(&site, &person, PASSWORD).await.expect(200)["challenge"].clone();
    let wrong = json!({ "challenge": challenge, "code": "000000" });
    for n in 1..=5 {
        let mut guesser = Browser::at(&format!("203.0.113.{n}"));
        guesser.post(&site, "/auth/login/totp", wrong.clone()).await.refused(401, "invalid_code");
    }
    let mut guesser = Browser::at("203.0.113.9");
    guesser.post(&site, "/auth/login/totp", wrong).await.refused(429, "account_locked");
    own.enter(&site, &person, &seed, false).await;
}

#[tokio::test]
async fn a_second_factor_is_set_up_with_the_password() {
    let site = Site::start().await;
    let person = site.person("p@example.com", "auditor").await;
    let refused = person.post("/auth/totp/enrol", json!({ "password": "not the password" })).await;
    refused.refused(401, "invalid_credentials");
    assert!(refused.body["errors"]["password"].is_array(), "{}", refused.body);
    person.post("/auth/totp/enrol", json!({})).await.refused(422, "invalid_input");
    assert_eq!(site.number("select count(*) from admin_users where totp_secret_enc is not null").await, 0);
    for _ in 0..20 {
        person.post("/auth/totp/enrol", json!({ "password": "not the password" })).await;
    }
    person.post("/auth/totp/enrol", json!({ "password": PASSWORD })).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn recovery_codes_are_kept_under_the_servers_key_and_old_ones_work() {
    let site = site().await;
    let person = site.person("p@example.com", "auditor").await;
    let seed = enrol(&person).await;
    let first = code(&site, &seed, &person.email);
    let codes = person.post("/auth/totp/confirm", json!({ "code": first })).await.expect(200)["codes"].clone();
    let user = person.id.parse().expect("an id");
    let plain = |n: usize| eventify::access::totp::recovery_hash_before(user, codes[n].as_str().unwrap());
    for n in 0..10 {
        let kept: i64 = sqlx::query_scalar("select count(*) from recovery_codes where code_hash = $1")
            .bind(plain(n))
            .fetch_one(&site.test.reader)
            .await
            .unwrap();
        assert_eq!(kept, 0, "a dump could be searched for code {n}");
    }
    // One that an earlier version wrote.
    sqlx::query("update recovery_codes set code_hash = $1 where id = (select id from recovery_codes limit 1)")
        .bind(plain(0))
        .execute(&mut site.test.owner().await)
        .await
        .unwrap();
    let mut own = Browser::at("198.51.100.2");
    for (expected, n) in [(200, 0), (401, 0)] {
        let challenge = own.login(&site, &person, PASSWORD).await.expect(200)["challenge"].clone();
        let second = json!({ "challenge": challenge, "code": codes[n] });
        own.post(&site, "/auth/login/totp", second).await.expect(expected);
    }
}

#[tokio::test]
async fn a_session_ends_once() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let mut laptop = admin.clone();
    laptop.sign_in().await;
    let sessions = admin.rows("/auth/sessions").await;
    let other = sessions.as_array().unwrap().iter().find(|s| s["current"] == false).unwrap()["id"].clone();
    let path = format!("/auth/sessions/{}", other.as_str().unwrap());
    let ends = (0..6).map(|_| admin.delete(&path));
    let mut statuses: Vec<u16> =
        futures::future::join_all(ends).await.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 404, 404, 404, 404, 404]);
    assert_eq!(site.number("select count(*) from user_activity_logs where action = 'session.revoked'").await, 1);
    assert_eq!(site.number("select count(*) from outbox_events where type = 'session.invalidated'").await, 1);
}

#[tokio::test]
async fn a_stranger_does_not_use_up_the_owners_links() {
    let site = site().await;
    let person = site.account("p@example.com", "auditor").await;
    let ask = json!({ "email": person.email });
    let mut stranger = Browser::at("203.0.113.5");
    for _ in 0..5 {
        stranger.post(&site, "/auth/password/forgot", ask.clone()).await.expect(204);
    }
    stranger.post(&site, "/auth/password/forgot", ask.clone()).await.refused(429, "rate_limited");
    let queued = "select count(*) from job_runs where job_type = 'access.reset_link'";
    assert_eq!(site.number(queued).await, 5);
    Browser::at("198.51.100.7").post(&site, "/auth/password/forgot", ask.clone()).await.expect(204);
    assert_eq!(site.number(queued).await, 6);
    // Nor does anybody fill the owner's mail-box.
    for n in 0..20 {
        Browser::at(&format!("192.0.2.{n}")).post(&site, "/auth/password/forgot", ask.clone()).await.expect(204);
    }
    assert_eq!(site.number(queued).await, 20);
}
