//! End users: signing in by phone. Rules, refusals and races.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use eventify::access::one_time_code;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::access::base32;
use crate::partners::text;
use crate::support::{Answer, Person, Site};

pub const PHONE: &str = "+919845012345";

/// Asks for a code and reads it where only this server can: from its row and key.
pub async fn ask(site: &Site, phone: &str) -> String {
    site.anonymous().post("/auth/otp/request", json!({ "phone": phone })).await.expect(200);
    newest_code(site, phone).await
}

pub async fn newest_code(site: &Site, phone: &str) -> String {
    let id: uuid::Uuid =
        sqlx::query_scalar("select id from user_phone_otps where phone_number = $1 and closed_at is null")
            .bind(phone)
            .fetch_one(&site.test.pool)
            .await
            .expect("a code");
    one_time_code::code(&site.test.keys, id)
}

pub async fn verify(person: &Person, phone: &str, code: &str) -> Answer {
    person.post("/auth/otp/verify", json!({ "phone": phone, "code": code })).await
}

fn signed_in(site: &Site, answer: &Value) -> Person {
    let mut person = site.anonymous();
    person.token = Some(text(&answer["tokens"], "access_token").to_owned());
    person.refresh = text(&answer["tokens"], "refresh_token").to_owned();
    person
}

/// An end user with an open session. Asking again for the same phone takes half a minute of the server's clock.
pub async fn end_user(site: &Site, phone: &str) -> Person {
    let code = ask(site, phone).await;
    let mut person = signed_in(site, &verify(&site.anonymous(), phone, &code).await.expect(200));
    person.id = text(&person.get("/me").await.expect(200), "id").to_owned();
    person
}

fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn the_first_code_signs_up_the_next_signs_in() {
    let site = Site::start().await;
    let sent = site.anonymous().post("/auth/otp/request", json!({ "phone": "+91 98450-12345" })).await.expect(200);
    assert_eq!(sent, json!({ "expires_in": 300, "resend_in": 30 }));
    let code = newest_code(&site, PHONE).await;
    let first = verify(&site.anonymous(), PHONE, &format!("{} {}", &code[..3], &code[3..])).await.expect(200);
    assert_eq!((&first["is_new"], &first["mfa_required"]), (&json!(true), &json!(false)));
    let me = signed_in(&site, &first).get("/me").await.expect(200);
    assert_eq!((text(&me, "phone"), text(&me, "name"), &me["is_verified"]), (PHONE, "", &json!(true)));
    site.test.clock.advance(time::Duration::seconds(31));
    let again = verify(&site.anonymous(), PHONE, &ask(&site, PHONE).await).await.expect(200);
    assert_eq!(again["is_new"], false);
    assert_eq!(signed_in(&site, &again).get("/me").await.expect(200)["id"], me["id"]);
    for (sql, expected) in [
        ("select count(*) from end_users", 1),
        ("select count(*) from privacy_settings", 1),
        ("select count(*) from outbox_events where type = 'user.created'", 1),
        ("select count(*) from search_entries where kind = 'user'", 1),
    ] {
        assert_eq!(site.number(sql).await, expected, "{sql}");
    }
    for bad in ["9845012345", "", "+91", "no phone"] {
        site.anonymous().post("/auth/otp/request", json!({ "phone": bad })).await.refused(422, "invalid_input");
    }
}

#[tokio::test]
async fn a_code_works_once_for_five_minutes_and_until_the_next() {
    let site = Site::start().await;
    let anyone = site.anonymous();
    let first = ask(&site, PHONE).await;
    site.test.clock.advance(time::Duration::seconds(31));
    let second = ask(&site, PHONE).await;
    if first != second {
        verify(&anyone, PHONE, &first).await.refused(401, "invalid_code");
    }
    verify(&anyone, "+919845099999", &second).await.refused(401, "invalid_code");
    verify(&anyone, PHONE, &second).await.expect(200);
    verify(&anyone, PHONE, &second).await.refused(401, "invalid_code");
    site.test.clock.advance(time::Duration::seconds(31));
    let late = ask(&site, PHONE).await;
    site.test.clock.advance(time::Duration::seconds(301));
    verify(&anyone, PHONE, &late).await.refused(401, "invalid_code");
}

#[tokio::test]
async fn thirty_two_guesses_at_once_are_five_attempts() {
    let site = Site::start().await;
    end_user(&site, PHONE).await;
    site.test.clock.advance(time::Duration::seconds(31));
    let code = ask(&site, PHONE).await;
    let guesses = (0..32).map(|_| {
        let (anyone, guess) = (site.anonymous(), wrong(&code));
        async move { verify(&anyone, PHONE, &guess).await }
    });
    const TOLD: [&str; 5] = ["4 attempts", "3 attempts", "2 attempts", "1 attempt left", "No attempts are left"];
    let mut left = Vec::new();
    for answer in futures::future::join_all(guesses).await {
        answer.refused(401, "invalid_code");
        let said = answer.body["errors"]["code"][0].as_str().unwrap();
        assert!(said.starts_with("That code isn't right."), "{said}");
        left.push(TOLD.map(|count| said.contains(count)));
    }
    // Each of the five was told how many are left; those after them, nothing.
    let told = |number: usize| left.iter().filter(|said| said[number]).count();
    assert_eq!((0..5).map(told).collect::<Vec<_>>(), [1; 5]);
    assert_eq!(site.number("select max(attempts)::bigint from user_phone_otps").await, 5);
    verify(&site.anonymous(), PHONE, &code).await.refused(401, "invalid_code");
    assert_eq!(site.number("select count(*) from outbox_events where type = 'user.flagged'").await, 1);
}

#[tokio::test]
async fn of_many_right_codes_at_once_one_signs_in() {
    let site = Site::start().await;
    let code = ask(&site, PHONE).await;
    let calls = (0..8).map(|_| {
        let (anyone, code) = (site.anonymous(), code.clone());
        async move { verify(&anyone, PHONE, &code).await }
    });
    let answers = futures::future::join_all(calls).await;
    let (opened, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(opened.len(), 1);
    refused.iter().for_each(|answer| answer.refused(401, "invalid_code"));
    assert_eq!(site.number("select count(*) from end_user_sessions").await, 1);
    assert_eq!(site.number("select count(*) from end_users").await, 1);
}

#[tokio::test]
async fn requests_are_limited_per_phone_and_per_network_on_all_processes() {
    let site = Site::start_with(&["--otp-requests", "20"]).await;
    let (elsewhere, url) = site.another().await;
    let there = site.anonymous().at(&url);
    let anyone = site.anonymous();
    // At the beginning of an hour, so that no window ends meanwhile.
    let now = site.test.clock.now().0.unix_timestamp();
    let ahead = time::Duration::seconds(86_400 - now.rem_euclid(86_400) + 5);
    site.test.clock.advance(ahead);
    let request = |phone: String| json!({ "phone": phone });
    anyone.post("/auth/otp/request", request(PHONE.to_owned())).await.expect(200);
    let refused = anyone.post("/auth/otp/request", request(PHONE.to_owned())).await;
    refused.refused(429, "rate_limited");
    assert!(refused.body["retry_after"].as_u64().is_some_and(|wait| wait <= 30), "{}", refused.body);
    for _ in 0..5 {
        site.test.clock.advance(time::Duration::seconds(30));
        anyone.post("/auth/otp/request", request(PHONE.to_owned())).await.expect(200);
    }
    site.test.clock.advance(time::Duration::seconds(30));
    anyone.post("/auth/otp/request", request(PHONE.to_owned())).await.refused(429, "rate_limited");
    assert_eq!(site.number("select count(*) from user_phone_otps where closed_at is null").await, 1);
    // Other phones are free until the network has had its share: six are used, refusals were not kept.
    let calls = (0..40).map(|n| {
        let anyone = anyone.clone();
        async move { anyone.post("/auth/otp/request", json!({ "phone": format!("+9198450200{n:02}") })).await.status }
    });
    let sent = futures::future::join_all(calls).await.into_iter().filter(|status| *status == 200).count();
    assert_eq!(sent, 14);
    assert_eq!(site.number("select count(*) from user_phone_otps").await, 20);
    // Another process counts in the same table.
    elsewhere.clock.advance(ahead + time::Duration::seconds(180));
    there.post("/auth/otp/request", request("+919845033333".to_owned())).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn known_and_unknown_phones_answer_alike() {
    let site = Site::start().await;
    end_user(&site, PHONE).await;
    site.test.clock.advance(time::Duration::seconds(31));
    let anyone = site.anonymous();
    let mut answers = Vec::new();
    for phone in [PHONE, "+919845077777"] {
        let sent = anyone.post("/auth/otp/request", json!({ "phone": phone })).await.expect(200);
        let code = newest_code(&site, phone).await;
        let mut refused = verify(&anyone, phone, &wrong(&code)).await.expect(401);
        refused["request_id"] = Value::Null;
        answers.push((sent, refused));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn tokens_of_staff_and_end_users_are_never_taken_for_each_other() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let user = end_user(&site, PHONE).await;
    user.get("/admin/users").await.refused(403, "forbidden");
    user.get("/auth/me").await.refused(403, "forbidden");
    admin.get("/me").await.refused(403, "forbidden");
    admin.patch("/me", json!({ "version": 1 })).await.refused(403, "forbidden");
    // Nor does an end user's cookie open a page of the Command Center.
    let cookie = format!("evf_staff={0}; evf_guest={0}", user.token.as_deref().unwrap());
    let page = site.anonymous().http.get(format!("{}/team", site.url)).header("cookie", cookie).send().await.unwrap();
    assert_eq!((page.status().as_u16(), page.headers()["location"].to_str().unwrap()), (303, "/sign-in?next=%2Fteam"));
    // The prefix is part of what a refresh token is.
    let (staff, theirs) = (admin.refresh.replacen("evr_", "evu_", 1), user.refresh.replacen("evu_", "evr_", 1));
    for token in [staff, theirs] {
        let answer = site.anonymous().post("/auth/refresh", json!({ "refresh_token": token })).await;
        answer.refused(401, "session_expired");
    }
    let fresh = site.anonymous().post("/auth/refresh", json!({ "refresh_token": user.refresh })).await.expect(200);
    let mut renewed = site.anonymous();
    renewed.token = Some(text(&fresh, "access_token").to_owned());
    assert_eq!(renewed.get("/me").await.expect(200)["id"], user.id);
    // The first token again, later: somebody copied it, and the session ends.
    site.anonymous().post("/auth/refresh", json!({ "refresh_token": fresh["refresh_token"] })).await.expect(200);
    site.test.clock.advance(time::Duration::seconds(20));
    site.anonymous()
        .post("/auth/refresh", json!({ "refresh_token": user.refresh }))
        .await
        .refused(401, "session_expired");
    renewed.patch("/me", json!({ "bio": "x", "version": 1 })).await.refused(401, "session_expired");
    assert_eq!(site.number("select count(*) from end_user_sessions where revoke_reason = 'refresh_reuse'").await, 1);
}

#[tokio::test]
async fn sessions_are_listed_ended_and_signed_out_of() {
    let site = Site::start().await;
    let first = end_user(&site, PHONE).await;
    site.test.clock.advance(time::Duration::seconds(31));
    let second = end_user(&site, PHONE).await;
    let other = end_user(&site, "+919845088888").await;
    let sessions = second.rows("/me/sessions").await;
    assert_eq!((sessions.as_array().unwrap().len(), &sessions[0]["current"]), (2, &json!(true)));
    let path = format!("/me/sessions/{}", text(&sessions[1], "id"));
    other.delete(&path).await.refused(404, "not_found");
    second.delete(&path).await.expect(204);
    second.delete(&path).await.refused(404, "not_found");
    first.patch("/me", json!({ "bio": "x", "version": 1 })).await.refused(401, "session_expired");
    second.post("/auth/logout", json!({})).await.expect(204);
    second.patch("/me", json!({ "bio": "x", "version": 1 })).await.refused(401, "session_expired");
    other.get("/me").await.expect(200);
}

#[tokio::test]
async fn a_session_that_somebody_found_sets_up_no_second_factor() {
    let site = Site::start().await;
    let mut found = end_user(&site, PHONE).await;
    site.test.clock.advance(time::Duration::minutes(16));
    // A session that goes on is as old as it was.
    let renewed = found.post("/auth/refresh", json!({ "refresh_token": found.refresh })).await.expect(200);
    found.token = Some(text(&renewed, "access_token").to_owned());
    let refused = found.post("/me/totp/enrol", json!({})).await;
    refused.refused(403, "forbidden");
    assert!(text(&refused.body, "detail").contains("Sign in again"), "{}", refused.body);
    end_user(&site, PHONE).await.post("/me/totp/enrol", json!({})).await.expect(200);
}

#[tokio::test]
async fn the_second_factor_of_an_end_user() {
    let site = Site::start().await;
    let user = end_user(&site, PHONE).await;
    let enrolment = user.post("/me/totp/enrol", json!({})).await.expect(200);
    let seed = base32(text(&enrolment, "secret"));
    let code = |site: &Site| {
        let now = site.test.clock.now();
        eventify::access::code_at(&seed, PHONE, now).expect("a code")
    };
    user.post("/me/totp/confirm", json!({ "code": "000000" })).await;
    user.post("/me/totp/confirm", json!({ "code": code(&site) })).await.expect(204);
    user.post("/me/totp/enrol", json!({})).await.refused(409, "two_factor_already_enabled");
    site.test.clock.advance(time::Duration::seconds(60));
    let answer = verify(&site.anonymous(), PHONE, &ask(&site, PHONE).await).await.expect(200);
    assert_eq!((&answer["mfa_required"], answer.get("tokens")), (&json!(true), None));
    let step = |code: String| {
        let (anyone, challenge) = (site.anonymous(), answer["challenge"].clone());
        async move { anyone.post("/auth/otp/totp", json!({ "challenge": challenge, "code": code })).await }
    };
    // A challenge of end users is none of staff.
    let crossed = json!({ "challenge": answer["challenge"], "code": code(&site) });
    site.anonymous().post("/auth/login/totp", crossed).await.refused(401, "session_expired");
    step(wrong(&code(&site))).await.refused(401, "invalid_code");
    let opened = step(code(&site)).await.expect(200);
    step(code(&site)).await.refused(401, "invalid_code");
    let person = signed_in(&site, &opened);
    assert_eq!(person.rows("/me/sessions").await[0]["mfa"], true);
    // The house takes it away: with permission, for a reason, once.
    let admin = site.admin().await;
    let path = format!("/users/{}/reset-2fa", user.id);
    let support = site.person("finance@example.com", "finance").await;
    support.post(&path, json!({ "reason": "Lost phone" })).await.refused(403, "forbidden");
    admin.post(&path, json!({ "reason": "" })).await.refused(422, "invalid_input");
    admin.post(&path, json!({ "reason": "Lost phone" })).await.expect(200);
    admin.post(&path, json!({ "reason": "Lost phone" })).await.refused(409, "two_factor_not_enabled");
    person.patch("/me", json!({ "bio": "x", "version": 1 })).await.refused(401, "session_expired");
    site.test.clock.advance(time::Duration::seconds(60));
    end_user(&site, PHONE).await;
}

/// What a provider was sent, and what it answers to the next messages.
#[derive(Default)]
struct Provider {
    got: Vec<(String, String, String)>,
    answers: Vec<(StatusCode, &'static str)>,
}

async fn messages(
    State(provider): State<Arc<Mutex<Provider>>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, &'static str) {
    let signed = headers["authorization"].to_str().unwrap().to_owned();
    let mut provider = provider.lock().unwrap();
    provider.got.push((uri.path().to_owned(), signed, body));
    provider.answers.pop().unwrap_or((StatusCode::CREATED, "{}"))
}

#[tokio::test]
async fn codes_go_out_by_the_provider_and_are_kept_nowhere() {
    let provider = Arc::new(Mutex::new(Provider {
        answers: vec![(StatusCode::SERVICE_UNAVAILABLE, "{}")],
        ..Provider::default()
    }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(messages).with_state(provider.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings =
        ["--sms-url", &url, "--sms-account", "AC0123", "--sms-token", "the-token", "--sms-from", "+15005550006"];
    let site = Site::start_with(&settings).await;
    let background = eventify_server::serve::background(&site.test.app, true);
    let code = ask(&site, PHONE).await;
    for attempt in 0.. {
        // The first try was refused for a while: the queue tries again by itself.
        if provider.lock().unwrap().got.len() >= 2 {
            break;
        }
        assert!(attempt < 300, "it was never sent again");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let (path, signed, body) = provider.lock().unwrap().got[1].clone();
    assert_eq!(path, "/2010-04-01/Accounts/AC0123/Messages.json");
    assert_eq!(signed, "Basic QUMwMTIzOnRoZS10b2tlbg==");
    assert!(body.starts_with("To=%2B919845012345&From=%2B15005550006&Body="), "{body}");
    assert!(body.contains(&code), "{body}");
    // Neither queue nor log nor row holds the code.
    let payload: String = sqlx::query_scalar("select payload::text from job_runs where job_type = 'text.send'")
        .fetch_one(&site.test.reader)
        .await
        .unwrap();
    assert!(payload.contains("one_time_code") && !payload.contains(&code), "{payload}");
    let kept: Vec<u8> = sqlx::query_scalar("select otp_hash || otp_salt from user_phone_otps")
        .fetch_one(&site.test.pool)
        .await
        .unwrap();
    assert!(kept.len() == 48 && !kept.windows(6).any(|window| window == code.as_bytes()));
    // A number that takes no messages is not tried again.
    provider.lock().unwrap().answers.push((StatusCode::BAD_REQUEST, "{\"code\": 21211}"));
    ask(&site, "+919845099999").await;
    for attempt in 0.. {
        let dead = "select count(*) from job_runs where job_type = 'text.send' and status = 'dead' and attempts = 1";
        if site.number(dead).await == 1 {
            break;
        }
        assert!(attempt < 100, "it is tried again");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    drop(background);
}

#[tokio::test]
async fn without_a_provider_messages_are_kept_for_the_mailbox() {
    let site = Site::start_with(&["--dev-mailbox", "true"]).await;
    let background = eventify_server::serve::background(&site.test.app, true);
    let code = ask(&site, PHONE).await;
    for attempt in 0.. {
        let page = site.anonymous().http.get(format!("{}/dev/mail", site.url)).send().await.unwrap();
        let page = page.text().await.unwrap();
        if page.contains("Text message") {
            assert!(page.contains(PHONE) && page.contains(&code), "{page}");
            break;
        }
        assert!(attempt < 100, "it never came");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    drop(background);
}
