//! Signing in, second factor, links, roles, keys, allowlist.

use serde_json::{Value, json};
use time::Duration;

use crate::support::{PASSWORD, Person, Site};

/// Lets a worker do what is queued.
pub async fn work(site: &Site) {
    let background = eventify_server::serve::background(&site.test.app, true);
    run_jobs(site).await;
    drop(background);
}

async fn run_jobs(site: &Site) {
    for _ in 0..500 {
        let waiting = site.number("select count(*) from job_runs where status in ('queued', 'retry', 'running')").await;
        if waiting == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("jobs are stuck");
}

/// The token of the newest link for an account, as its mail carries it.
pub async fn link(site: &Site, purpose: &'static str) -> String {
    let id: uuid::Uuid =
        sqlx::query_scalar("select id from auth_tokens where purpose = $1 order by created_at desc limit 1")
            .bind(purpose)
            .fetch_one(&site.test.reader)
            .await
            .expect("a link");
    eventify::access::links::token(&site.test.keys, id)
}

/// The seed of an authenticator that is not on yet.
pub async fn enrol(person: &Person) -> Vec<u8> {
    let enrolment = person.post("/auth/totp/enrol", json!({ "password": PASSWORD })).await.expect(200);
    assert!(enrolment["qr_svg"].as_str().unwrap().contains("<svg"));
    assert!(enrolment["otpauth_url"].as_str().unwrap().starts_with("otpauth://totp/Eventify"));
    base32(enrolment["secret"].as_str().unwrap())
}

pub fn base32(text: &str) -> Vec<u8> {
    let mut bits: u64 = 0;
    let (mut count, mut out) = (0, Vec::new());
    for c in text.bytes().filter(|c| *c != b'=') {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|a| *a == c).expect("base 32") as u64;
        bits = (bits << 5) | value;
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

pub fn code(site: &Site, seed: &[u8], email: &str) -> String {
    eventify::access::code_at(seed, email, site.test.clock.now()).expect("a code")
}

#[tokio::test]
async fn wrong_password_and_unknown_account_answer_alike() {
    let site = Site::start().await;
    let person = site.account("p@example.com", "auditor").await;
    let wrong = person.login("not the password").await;
    let unknown =
        site.anonymous().post("/auth/login", json!({ "email": "x@example.com", "password": "any password" })).await;
    wrong.refused(401, "invalid_credentials");
    unknown.refused(401, "invalid_credentials");
    let strip = |mut body: Value| {
        body.as_object_mut().unwrap().remove("request_id");
        body
    };
    assert_eq!(strip(wrong.body), strip(unknown.body));
    assert_eq!(site.number("select count(*) from user_activity_logs where action = 'login.failed'").await, 1);
}

#[tokio::test]
async fn five_failures_lock_known_and_unknown_accounts_alike() {
    let site = Site::start().await;
    let person = site.account("p@example.com", "auditor").await;
    let mut unknown = site.anonymous();
    unknown.email = "nobody@example.com".to_owned();
    for who in [&person, &unknown] {
        for _ in 0..5 {
            who.login("wrong password").await.refused(401, "invalid_credentials");
        }
        let locked = who.login(PASSWORD).await;
        locked.refused(429, "account_locked");
        assert!(locked.headers.contains_key("retry-after"));
    }
    site.test.clock.advance(Duration::minutes(16));
    person.login(PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_rush_of_guesses_is_counted_over_all_processes() {
    let site = Site::start().await;
    let person = site.account("p@example.com", "auditor").await;
    let (_other, url) = site.another().await;
    let there = person.at(&url);
    let guesses = (0..24).map(|i| {
        let who = if i % 2 == 0 { person.clone() } else { there.clone() };
        async move { who.login("wrong password").await }
    });
    let answers = futures::future::join_all(guesses).await;
    assert!(answers.iter().all(|a| matches!(a.status.as_u16(), 401 | 429)));
    person.login(PASSWORD).await.refused(429, "account_locked");
    there.login(PASSWORD).await.refused(429, "account_locked");
}

#[tokio::test]
async fn the_second_factor_from_enrolment_to_recovery() {
    let site = Site::start().await;
    let person = site.person("p@example.com", "auditor").await;
    let seed = enrol(&person).await;
    person.post("/auth/totp/confirm", json!({ "code": "000000" })).await.refused(401, "invalid_code");
    let first = code(&site, &seed, &person.email);
    let confirmed = person.post("/auth/totp/confirm", json!({ "code": first })).await.expect(200);
    let codes: Vec<String> = serde_json::from_value(confirmed["codes"].clone()).unwrap();
    assert_eq!(codes.len(), 10);

    let login = person.login(PASSWORD).await.expect(200);
    assert_eq!(login["mfa_required"], true);
    assert!(login["tokens"].is_null());
    let second = |code: String| {
        let (person, challenge) = (person.clone(), login["challenge"].clone());
        async move { person.post("/auth/login/totp", json!({ "challenge": challenge, "code": code })).await }
    };
    // The code that confirmed does not work a second time.
    second(first).await.refused(401, "invalid_code");
    site.test.clock.advance(Duration::seconds(30));
    let fresh = code(&site, &seed, &person.email);
    let opened = second(fresh.clone()).await.expect(200);
    assert!(opened["tokens"]["access_token"].is_string());
    second(fresh).await.refused(401, "invalid_code");
    // A recovery code stands in, once, however it is typed.
    second(codes[3].to_uppercase().replace('-', " ")).await.expect(200);
    second(codes[3].clone()).await.refused(401, "invalid_code");
    // The challenge ends.
    site.test.clock.advance(Duration::minutes(6));
    second(codes[4].clone()).await.refused(401, "session_expired");
    // And it cannot be forged or bent to another account.
    let bad = json!({ "challenge": "AAAA", "code": codes[4] });
    person.post("/auth/login/totp", bad).await.refused(401, "session_expired");
}

#[tokio::test]
async fn of_many_uses_of_one_code_one_signs_in() {
    let site = Site::start().await;
    let person = site.person("p@example.com", "auditor").await;
    let seed = enrol(&person).await;
    let first = code(&site, &seed, &person.email);
    person.post("/auth/totp/confirm", json!({ "code": first })).await.expect(200);
    site.test.clock.advance(Duration::seconds(30));
    let challenge = person.login(PASSWORD).await.expect(200)["challenge"].clone();
    let now = code(&site, &seed, &person.email);
    let tries = (0..4).map(|_| {
        let (person, challenge, now) = (person.clone(), challenge.clone(), now.clone());
        async move { person.post("/auth/login/totp", json!({ "challenge": challenge, "code": now })).await.status }
    });
    let statuses = futures::future::join_all(tries).await;
    assert_eq!(statuses.iter().filter(|s| s.as_u16() == 200).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn a_role_that_asks_for_a_second_factor_rests_until_there_is_one() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let role = admin.get(&format!("/admin/roles/{}", site.role("auditor").await)).await.expect(200);
    let change = json!({ "requires_2fa": true, "version": role["version"] });
    admin.patch(&format!("/admin/roles/{}", role["id"].as_str().unwrap()), change).await.expect(200);
    let person = site.person("p@example.com", "auditor").await;
    person.get("/admin/users").await.refused(403, "two_factor_required");
    assert_eq!(person.get("/auth/me").await.expect(200)["two_factor_required"], true);
    let seed = enrol(&person).await;
    let now = code(&site, &seed, &person.email);
    person.post("/auth/totp/confirm", json!({ "code": now })).await.expect(200);
    site.test.forget_callers();
    person.get("/admin/users").await.expect(200);
}

#[tokio::test]
async fn invitation_by_mailed_link() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let role = site.role("event_manager").await;
    let input = json!({ "email": "New@Example.com", "full_name": "New Person", "role_id": role });
    let staff = admin.post("/admin/users", input.clone()).await.expect(201);
    assert_eq!((staff["email"].as_str(), staff["status"].as_str()), (Some("new@example.com"), Some("invited")));
    let again = admin.post("/admin/users", input).await;
    again.refused(409, "already_exists");
    assert!(again.body["errors"]["email"].is_array());

    let old = link(&site, "invitation").await;
    admin.post(&format!("/admin/users/{}/invite", staff["id"].as_str().unwrap()), json!({})).await.expect(204);
    let token = link(&site, "invitation").await;
    let visitor = site.anonymous();
    visitor.get(&format!("/auth/invitation?token={old}")).await.refused(410, "link_invalid");
    let shown = visitor.get(&format!("/auth/invitation?token={token}")).await.expect(200);
    assert_eq!((&shown["email"], &shown["role"]), (&json!("new@example.com"), &json!("Event Manager")));
    let weak = json!({ "token": token, "full_name": "New Person", "password": "short" });
    let refused = visitor.post("/auth/invitation/accept", weak).await;
    refused.refused(422, "invalid_input");
    assert!(refused.body["errors"]["password"][0].as_str().unwrap().contains("12 characters"));
    let good = json!({ "token": token, "full_name": "Newly Named", "password": PASSWORD });
    visitor.post("/auth/invitation/accept", good.clone()).await.expect(204);
    visitor.post("/auth/invitation/accept", good).await.refused(410, "link_invalid");
    let mut person = site.anonymous();
    person.email = "new@example.com".to_owned();
    person.sign_in().await;
    assert_eq!(person.get("/auth/me").await.expect(200)["full_name"], "Newly Named");
    assert_eq!(site.number("select count(*) from audit_logs where action = 'staff.joined'").await, 1);
}

#[tokio::test]
async fn password_reset_and_change() {
    let site = Site::start().await;
    let person = site.person("p@example.com", "auditor").await;
    let visitor = site.anonymous();
    visitor.post("/auth/password/forgot", json!({ "email": "nobody@example.com" })).await.expect(204);
    visitor.post("/auth/password/forgot", json!({ "email": person.email })).await.expect(204);
    work(&site).await;
    let token = link(&site, "password_reset").await;
    let new = "a different long phrase";
    visitor.post("/auth/password/reset", json!({ "token": token, "password": new })).await.expect(204);
    visitor.post("/auth/password/reset", json!({ "token": token, "password": new })).await.refused(410, "link_invalid");
    site.test.forget_callers();
    person.get("/auth/me").await.refused(401, "session_expired");
    person.login(PASSWORD).await.refused(401, "invalid_credentials");
    let opened = person.login(new).await.expect(200);
    let mut person = person;
    person.token = opened["tokens"]["access_token"].as_str().map(str::to_owned);
    let wrong = json!({ "current_password": "nope nope nope", "new_password": PASSWORD });
    let refused = person.post("/auth/password/change", wrong).await;
    refused.refused(401, "invalid_credentials");
    assert!(refused.body["errors"]["current_password"].is_array());
    person
        .post("/auth/password/change", json!({ "current_password": new, "new_password": PASSWORD }))
        .await
        .expect(204);
    person.get("/auth/me").await.expect(200);
    person.login(PASSWORD).await.expect(200);
    // A link that was asked for before it expired does not work after.
    visitor.post("/auth/password/forgot", json!({ "email": person.email })).await.expect(204);
    work(&site).await;
    let token = link(&site, "password_reset").await;
    site.test.clock.advance(Duration::minutes(61));
    visitor.post("/auth/password/reset", json!({ "token": token, "password": new })).await.refused(410, "link_invalid");
}

#[tokio::test]
async fn nobody_hands_out_more_than_they_hold() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let limited = json!({ "name": "Team lead", "permissions": ["staff.read", "staff.manage", "roles.read", "roles.manage", "apikeys.manage"] });
    admin.post("/admin/roles", limited).await.expect(201);
    let lead = site.person("lead@example.com", "team_lead").await;
    let other = site.account("other@example.com", "auditor").await;
    let (super_admin, team_lead) = (site.role("super_admin").await, site.role("team_lead").await);
    let me = lead.get(&format!("/admin/users/{}", lead.id)).await.expect(200);
    let climb = json!({ "role_id": super_admin, "version": me["version"] });
    lead.patch(&format!("/admin/users/{}/role", lead.id), climb).await.refused(403, "forbidden");
    let invite = json!({ "email": "x@example.com", "full_name": "X", "role_id": super_admin });
    lead.post("/admin/users", invite).await.refused(403, "forbidden");
    lead.post("/admin/api-keys", json!({ "key_name": "K", "scope": ["audit.read"] })).await.refused(403, "forbidden");
    lead.delete(&format!("/admin/users/{}", admin.id)).await.refused(403, "forbidden");
    lead.delete(&format!("/admin/users/{}", other.id)).await.refused(403, "forbidden");
    let role = lead.get(&format!("/admin/roles/{team_lead}")).await.expect(200);
    let widen = json!({ "permissions": ["staff.read", "audit.read"], "version": role["version"] });
    lead.put(&format!("/admin/roles/{team_lead}/permissions"), widen).await.refused(403, "forbidden");
    lead.post("/admin/roles", json!({ "name": "More", "permissions": ["audit.read"] })).await.refused(403, "forbidden");
}

#[tokio::test]
async fn roles_and_their_matrix() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made =
        admin.post("/admin/roles", json!({ "name": "Box office", "permissions": ["tickets.read"] })).await.expect(201);
    assert_eq!((&made["code"], &made["is_system"]), (&json!("box_office"), &json!(false)));
    let path = format!("/admin/roles/{}", made["id"].as_str().unwrap());
    let change = json!({ "permissions": ["tickets.read", "tickets.scan"], "version": made["version"] });
    let changed = admin.put(&format!("{path}/permissions"), change.clone()).await.expect(200);
    assert_eq!(changed["permissions"], json!(["tickets.read", "tickets.scan"]));
    let stale = admin.put(&format!("{path}/permissions"), change).await;
    stale.refused(409, "conflict");
    assert_eq!(stale.body["current"]["version"], changed["version"]);
    let unknown = json!({ "permissions": ["tickets.fly"], "version": changed["version"] });
    let refused = admin.put(&format!("{path}/permissions"), unknown).await;
    refused.refused(422, "invalid_input");
    // The audit holds the difference.
    let diff: Value = sqlx::query_scalar(
        "select jsonb_build_array(v.before, v.after) from audit_values v join audit_logs l on l.seq = v.audit_seq
         where l.action = 'role.permissions_changed' and v.field = 'permissions'",
    )
    .fetch_one(&site.test.reader)
    .await
    .unwrap();
    assert_eq!(diff, json!([["tickets.read"], ["tickets.read", "tickets.scan"]]));
    let system = site.role("auditor").await;
    admin.delete(&format!("/admin/roles/{system}")).await.refused(409, "system_role");
    let super_admin = site.role("super_admin").await;
    let role = admin.get(&format!("/admin/roles/{super_admin}")).await.expect(200);
    let weaken = json!({ "permissions": ["staff.read"], "version": role["version"] });
    admin.put(&format!("/admin/roles/{super_admin}/permissions"), weaken).await.refused(403, "forbidden");
    let holder = site.account("h@example.com", "box_office").await;
    admin.delete(&path).await.refused(409, "role_in_use");
    admin.delete(&format!("/admin/users/{}", holder.id)).await.expect(200);
    admin.delete(&path).await.refused(409, "role_in_use");
    let unused = admin.post("/admin/roles", json!({ "name": "Unused" })).await.expect(201);
    admin.delete(&format!("/admin/roles/{}", unused["id"].as_str().unwrap())).await.expect(204);
}

#[tokio::test]
async fn scoped_assignments_do_not_reach_further() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let person = site.person("p@example.com", "talent").await;
    let auditor = site.role("auditor").await;
    let event = crate::fixtures::draft(&site, &admin, 10).await["id"].clone();
    let path = format!("/admin/users/{}/assignments", person.id);
    let nowhere = json!({ "role_id": auditor, "event_id": "01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90" });
    admin.post(&path, nowhere).await.refused(422, "unknown_reference");
    let both = json!({ "role_id": auditor, "event_id": event, "partner_id": event });
    admin.post(&path, both).await.refused(422, "invalid_input");
    let made = admin.post(&path, json!({ "role_id": auditor, "event_id": event })).await.expect(201);
    admin.post(&path, json!({ "role_id": auditor, "event_id": event })).await.refused(409, "already_exists");
    site.test.forget_callers();
    // staff.read within one event is not staff.read.
    person.get("/admin/users").await.refused(403, "forbidden");
    let me = person.get("/auth/me").await.expect(200);
    assert_eq!(me["scopes"][0]["event_id"], event);
    admin.delete(&format!("{path}/{}", made["id"].as_str().unwrap())).await.expect(204);
    assert_eq!(person.get("/auth/me").await.expect(200)["roles"], json!(["Talent"]));
}

#[tokio::test]
async fn the_allowlist_never_locks_out_its_caller() {
    let site = Site::start_with(&["--trusted-proxies", "1"]).await;
    let admin = site.admin().await;
    let refused = admin.post("/admin/ip-allowlist", json!({ "cidr": "203.0.113.0/24" })).await;
    refused.refused(409, "would_lock_you_out");
    admin.post("/admin/ip-allowlist", json!({ "cidr": "not a network" })).await.refused(422, "invalid_input");
    let own = admin.post("/admin/ip-allowlist", json!({ "cidr": "127.0.0.1", "note": "Here" })).await.expect(201);
    assert_eq!(own["cidr"], "127.0.0.1/32");
    admin.post("/admin/ip-allowlist", json!({ "cidr": "203.0.113.9/24" })).await.expect(201);
    admin.post("/admin/ip-allowlist", json!({ "cidr": "203.0.113.77/24" })).await.refused(409, "already_exists");
    let own = format!("/admin/ip-allowlist/{}", own["id"].as_str().unwrap());
    admin.delete(&own).await.refused(409, "would_lock_you_out");
    let from = |ip: &'static str| {
        let request = admin.request(reqwest::Method::GET, "/admin/users").header("x-forwarded-for", ip);
        async move { crate::support::read(request.send().await.unwrap()).await }
    };
    from("203.0.113.50").await.expect(200);
    from("198.51.100.1").await.refused(403, "ip_not_allowed");
    // What a caller puts in front of the proxy's own entry is not believed.
    from("203.0.113.50, 198.51.100.1").await.refused(403, "ip_not_allowed");
}

#[tokio::test]
async fn a_lost_authenticator_and_a_way_back_in() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let person = site.person("p@example.com", "auditor").await;
    let seed = enrol(&person).await;
    let now = code(&site, &seed, &person.email);
    person.post("/auth/totp/confirm", json!({ "code": now })).await.expect(200);
    admin.post(&format!("/admin/users/{}/reset-2fa", person.id), json!({})).await.expect(200);
    assert_eq!(person.login(PASSWORD).await.expect(200)["mfa_required"], false);
    admin
        .post(&format!("/admin/users/{}/reset-2fa", person.id), json!({}))
        .await
        .refused(409, "two_factor_not_enabled");
    let gone = admin.delete(&format!("/admin/users/{}", person.id)).await.expect(200);
    let auditor = site.role("auditor").await;
    let back = json!({ "role_id": auditor, "version": gone["version"] });
    let again = admin.post(&format!("/admin/users/{}/reactivate", person.id), back).await.expect(200);
    assert_eq!(again["status"], "invited");
    let token = link(&site, "invitation").await;
    let accept = json!({ "token": token, "full_name": "Back Again", "password": PASSWORD });
    site.anonymous().post("/auth/invitation/accept", accept).await.expect(204);
    person.login(PASSWORD).await.expect(200);
}

#[tokio::test]
async fn mails_are_sent_with_working_links() {
    let site = Site::start().await;
    let background = eventify_server::serve::background(&site.test.app, true);
    let person = site.account("p@example.com", "auditor").await;
    site.anonymous().post("/auth/password/forgot", json!({ "email": person.email })).await.expect(204);
    run_jobs(&site).await;
    let mails = eventify::notify::mailbox::list(&site.test).await.expect("the mail-box");
    assert_eq!(mails.len(), 1);
    assert!(mails[0].text.contains(&format!("/reset-password?token={}", link(&site, "password_reset").await)));
    assert_eq!(mails[0].to, person.email);
    drop(background);
}
