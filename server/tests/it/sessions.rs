//! The edges of sessions: refresh tokens whose answer was lost, signing out, and two sessions in one browser.

use std::collections::BTreeMap;

use futures::future::join_all;
use reqwest::Method;
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use serde_json::{Value, json};
use time::Duration;

use crate::people::{PHONE, ask, end_user};
use crate::support::{Answer, PASSWORD, Person, Site, read};

async fn exchange(site: &Site, token: &str) -> Answer {
    site.anonymous().post("/auth/refresh", json!({ "refresh_token": token })).await
}

async fn successor(site: &Site, token: &str) -> String {
    exchange(site, token).await.expect(200)["refresh_token"].as_str().expect("a token").to_owned()
}

/// One of staff and an end user.
async fn both(site: &Site) -> [Person; 2] {
    [site.admin().await, end_user(site, PHONE).await]
}

async fn reused(site: &Site) -> i64 {
    site.number(
        "select (select count(*) from admin_sessions where revoke_reason = 'refresh_reuse')
              + (select count(*) from end_user_sessions where revoke_reason = 'refresh_reuse')",
    )
    .await
}

#[tokio::test]
async fn an_answer_that_was_lost_ends_no_session() {
    let site = Site::start().await;
    for person in both(&site).await {
        let lost = successor(&site, &person.refresh).await;
        site.test.clock.advance(Duration::seconds(5));
        assert_eq!(successor(&site, &person.refresh).await, lost, "several requests at once get the same");
        site.test.clock.advance(Duration::hours(1));
        let next = successor(&site, &person.refresh).await;
        assert_ne!(next, lost);
        // And again, and then it arrives.
        site.test.clock.advance(Duration::hours(5));
        let next = successor(&site, &person.refresh).await;
        let newest = successor(&site, &next).await;
        // From here on the first one is old.
        exchange(&site, &person.refresh).await.refused(401, "session_expired");
        exchange(&site, &newest).await.refused(401, "session_expired");
    }
    assert_eq!(reused(&site).await, 2);
}

#[tokio::test]
async fn of_two_who_hold_a_token_one_is_found_out() {
    let site = Site::start().await;
    for person in both(&site).await {
        // Somebody copied the token and exchanges it first; the owner does so later.
        let copied = successor(&site, &person.refresh).await;
        site.test.clock.advance(Duration::seconds(30));
        let owners = successor(&site, &person.refresh).await;
        exchange(&site, &copied).await.refused(401, "session_expired");
        exchange(&site, &owners).await.refused(401, "session_expired");
    }
    assert_eq!(reused(&site).await, 2);
}

#[tokio::test]
async fn a_replaced_refresh_token_is_old_after_a_day() {
    let site = Site::start().await;
    for person in both(&site).await {
        let unused = successor(&site, &person.refresh).await;
        site.test.clock.advance(Duration::hours(25));
        exchange(&site, &person.refresh).await.refused(401, "session_expired");
        exchange(&site, &unused).await.refused(401, "session_expired");
    }
    assert_eq!(reused(&site).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_repetitions_at_once_get_one_successor() {
    let site = Site::start().await;
    for person in both(&site).await {
        let lost = successor(&site, &person.refresh).await;
        site.test.clock.advance(Duration::minutes(3));
        let answers = join_all((0..32).map(|_| successor(&site, &person.refresh))).await;
        assert!(answers.iter().all(|token| *token == answers[0] && *token != lost));
        successor(&site, &answers[0]).await;
    }
    assert_eq!(reused(&site).await, 0);
}

#[tokio::test]
async fn signed_out_is_said_when_it_is_true() {
    let site = Site::start().await;
    for person in both(&site).await {
        site.test.clock.advance(Duration::minutes(11));
        let out = |token: String| {
            let person = person.clone();
            async move { person.post("/auth/logout", json!({ "refresh_token": token })).await }
        };
        // The access token has expired and says nothing about a session.
        person.post("/auth/logout", json!({})).await.refused(401, "session_expired");
        for bad in ["evr_AAAA".to_owned(), "nonsense".to_owned(), person.refresh.replace("evr_", "evu_") + "AA"] {
            out(bad).await.refused(401, "session_expired");
        }
        let fresh = successor(&site, &person.refresh).await;
        // Any token of the chain ends it, once and again.
        out(person.refresh.clone()).await.expect(204);
        out(fresh.clone()).await.expect(204);
        exchange(&site, &fresh).await.refused(401, "session_expired");
    }
    assert_eq!(reused(&site).await, 0);
    assert_eq!(site.number("select count(*) from user_activity_logs where action = 'logout'").await, 2);
    // Nobody is signed in, and so it is.
    site.anonymous().post("/auth/logout", json!({})).await.expect(204);
}

#[tokio::test]
async fn only_who_is_not_recognised_is_nobody() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let key = admin.post("/admin/api-keys", json!({ "key_name": "K", "scope": ["staff.read"] })).await.expect(201);
    let program = Person { token: key["secret"].as_str().map(str::to_owned), ..site.anonymous() };
    program.post("/auth/logout", json!({})).await.refused(403, "forbidden");
    let mut stale = site.anonymous();
    stale.token = Some("made.up.token".to_owned());
    stale.get("/events").await.expect(200);
    // A fault while somebody is recognised says nothing about who it is.
    let mut owner = site.test.owner().await;
    sqlx::query("alter table admin_sessions rename to elsewhere").execute(&mut owner).await.unwrap();
    site.test.callers.invalidate_all();
    for answer in [admin.get("/events").await, admin.post("/auth/logout", json!({})).await] {
        assert!(answer.status.as_u16() >= 500, "{}", answer.body);
    }
    sqlx::query("alter table elsewhere rename to admin_sessions").execute(&mut owner).await.unwrap();
    admin.get("/auth/me").await.expect(200);
    exchange(&site, &admin.refresh).await.expect(200);
}

#[tokio::test]
async fn noting_who_was_here_is_never_in_the_way() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let mut owner = site.test.owner().await;
    let long_ago = "update admin_sessions set last_seen_at = last_seen_at - interval '5 minutes'";
    sqlx::query(long_ago).execute(&mut owner).await.unwrap();
    // The keys that tokens are signed with are known; who calls is not.
    admin.get("/auth/me").await.expect(200);
    sqlx::query(long_ago).execute(&mut owner).await.unwrap();
    site.test.forget_callers();
    let busy = join_all((0..8).map(|_| site.test.pool.acquire())).await;
    assert!(busy.iter().all(Result::is_ok));
    let since = std::time::Instant::now();
    admin.get("/auth/me").await.expect(200);
    assert!(since.elapsed() < std::time::Duration::from_secs(3), "{:?}", since.elapsed());
}

/// A browser's cookies.
struct Jar(BTreeMap<String, String>);

impl Jar {
    fn keep(&mut self, headers: &reqwest::header::HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let (name, rest) = cookie.split_once('=').expect("a cookie");
            match rest.split(';').next().unwrap_or_default() {
                "" => self.0.remove(name),
                value => self.0.insert(name.to_owned(), value.to_owned()),
            };
        }
    }

    async fn call(&mut self, site: &Site, method: Method, path: &str, body: Option<Value>) -> Answer {
        let cookies: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = site.anonymous().http.request(method, format!("{}{path}", site.url));
        let request = request.header(COOKIE, cookies.join("; ")).header(ORIGIN, &site.url);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = read(request.send().await.expect("an answer")).await;
        self.keep(&answer.headers);
        answer
    }

    async fn staff_signs_in(&mut self, site: &Site) {
        let person = site.account("p@example.com", "super_admin").await;
        let login = json!({ "email": person.email, "password": PASSWORD, "session": "cookie" });
        self.call(site, Method::POST, "/api/v1/auth/login", Some(login)).await.expect(200);
    }

    async fn guest_signs_in(&mut self, site: &Site) {
        let code = ask(site, PHONE).await;
        let guest = json!({ "phone": PHONE, "code": code, "session": "cookie" });
        self.call(site, Method::POST, "/api/v1/auth/otp/verify", Some(guest)).await.expect(200);
    }
}

#[tokio::test]
async fn staff_and_guests_are_signed_in_side_by_side() {
    let site = Site::start().await;
    let mut jar = Jar(BTreeMap::new());
    jar.staff_signs_in(&site).await;
    jar.guest_signs_in(&site).await;
    let names: Vec<&str> = jar.0.keys().map(String::as_str).filter(|name| *name != "evf_device").collect();
    let all = ["evf_access", "evf_guest", "evf_guest_refresh", "evf_refresh", "evf_staff", "evf_staff_refresh"];
    assert_eq!(names, all);
    for path in ["/team", "/my", "/api/v1/auth/me", "/api/v1/me", "/api/v1/admin/users"] {
        assert_eq!(jar.call(&site, Method::GET, path, None).await.status, 200, "{path}");
    }
    // Both renew themselves, wherever they are used.
    site.test.clock.advance(Duration::minutes(11));
    let before = jar.0.clone();
    for path in ["/team", "/my"] {
        assert_eq!(jar.call(&site, Method::GET, path, None).await.status, 200, "{path}");
    }
    assert!(before.iter().all(|(name, value)| name == "evf_device" || jar.0[name] != *value));
    // A guest's cookies open nothing of the house, nor the other way round.
    let mut only = Jar(jar.0.clone().into_iter().filter(|(name, _)| name.starts_with("evf_guest")).collect());
    let sent = only.call(&site, Method::GET, "/team", None).await;
    assert_eq!((sent.status.as_u16(), sent.headers[LOCATION].to_str().unwrap()), (303, "/sign-in?next=%2Fteam"));
    only.call(&site, Method::GET, "/api/v1/auth/me", None).await.refused(401, "unauthenticated");
    // Signing out of one leaves the other.
    let out = jar.call(&site, Method::POST, "/my/sign-out", None).await;
    assert_eq!((out.status.as_u16(), out.headers[LOCATION].to_str().unwrap()), (303, "/e"));
    assert!(!jar.0.contains_key("evf_guest_refresh") && jar.0.contains_key("evf_staff_refresh"));
    only.call(&site, Method::POST, "/api/v1/auth/refresh", Some(json!({}))).await.refused(401, "session_expired");
    assert_eq!(jar.call(&site, Method::GET, "/team", None).await.status, 200);
    let out = jar.call(&site, Method::POST, "/sign-out", None).await;
    assert_eq!(out.headers[LOCATION].to_str().unwrap(), "/sign-in?done=signed-out");
    // But for the administrator's.
    for (table, left) in [("admin_sessions", 1), ("end_user_sessions", 0)] {
        let open = format!("select count(*) from {table} where revoked_at is null");
        let open: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(open)).fetch_one(&site.test.reader).await.unwrap();
        assert_eq!(open, left, "{table}");
    }
}

/// The names the version before knows, and reads alone.
fn old_names(jar: &Jar) -> Jar {
    Jar(jar.0.clone().into_iter().filter(|(name, _)| matches!(name.as_str(), "evf_access" | "evf_refresh")).collect())
}

#[tokio::test]
async fn old_and_new_version_side_by_side_see_the_same_session() {
    let site = Site::start().await;
    let mut jar = Jar(BTreeMap::new());
    jar.staff_signs_in(&site).await;
    // Signed in at a process of the version before: this one knows who it is, for staff and not for a guest.
    let mut before = old_names(&jar);
    assert_eq!(before.call(&site, Method::GET, "/team", None).await.status, 200);
    before.call(&site, Method::GET, "/api/v1/me", None).await.refused(401, "unauthenticated");
    assert_eq!(before.call(&site, Method::GET, "/my", None).await.status, 303);
    // It renews the session under both names, so that the version before goes on.
    site.test.clock.advance(Duration::minutes(11));
    assert_eq!(before.call(&site, Method::GET, "/team", None).await.status, 200);
    assert_eq!(before.0["evf_access"], before.0["evf_staff"]);
    assert_eq!(before.0["evf_refresh"], before.0["evf_staff_refresh"]);
    // The version before renews it next, and knows its own names only: what it gave is the newest.
    for _ in 0..3 {
        site.test.clock.advance(Duration::minutes(11));
        let mut theirs = old_names(&before);
        assert_eq!(theirs.call(&site, Method::GET, "/team", None).await.status, 200);
        before.0.extend(old_names(&theirs).0);
        assert_ne!(before.0["evf_refresh"], before.0["evf_staff_refresh"]);
    }
    site.test.clock.advance(Duration::minutes(11));
    assert_eq!(before.call(&site, Method::GET, "/team", None).await.status, 200);
    assert_eq!(before.0["evf_refresh"], before.0["evf_staff_refresh"]);
    // A guest beside staff takes nothing of it; and whoever signs out is signed out under both names.
    before.guest_signs_in(&site).await;
    assert!(before.0["evf_refresh"].starts_with("evr_"), "the old names stay with staff");
    before.call(&site, Method::POST, "/my/sign-out", None).await;
    assert!(before.0.contains_key("evf_refresh"));
    before.call(&site, Method::POST, "/sign-out", None).await;
    assert!(!before.0.contains_key("evf_refresh") && !before.0.contains_key("evf_staff_refresh"));
}

#[tokio::test]
async fn a_session_that_cannot_be_renewed_just_now_is_not_over() {
    let site = Site::start().await;
    let mut jar = Jar(BTreeMap::new());
    jar.staff_signs_in(&site).await;
    jar.guest_signs_in(&site).await;
    let paths = ["/team", "/my", "/api/v1/auth/me", "/api/v1/me"];
    site.test.clock.advance(Duration::minutes(11));
    // A fault of ours.
    let mut owner = site.test.owner().await;
    for (from, to) in [("admin_sessions", "there"), ("end_user_sessions", "here")] {
        let sql = format!("alter table {from} rename to {to}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    }
    for path in paths {
        let status = jar.call(&site, Method::GET, path, None).await.status.as_u16();
        assert!(status >= 500, "{path}: {status}");
    }
    for (from, to) in [("there", "admin_sessions"), ("here", "end_user_sessions")] {
        let sql = format!("alter table {from} rename to {to}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    }
    // Somebody behind the same address sends tokens that are made up.
    let now = site.test.clock.now();
    while site.test.limiter.not_recognised("ip:127.0.0.1", now).is_ok() {}
    for path in paths {
        assert_eq!(jar.call(&site, Method::GET, path, None).await.status.as_u16(), 429, "{path}");
    }
    site.test.clock.advance(Duration::MINUTE);
    for path in paths {
        assert_eq!(jar.call(&site, Method::GET, path, None).await.status, 200, "{path}");
    }
}
