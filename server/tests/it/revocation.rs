//! Invariant 9: who was revoked cannot write from the next request on, and cannot read after a
//! second, on every process, whatever happens to notifications.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Person, Site};

/// The next write is refused at once; reads end within a second.
async fn shut_out(person: &Person, write: (&str, serde_json::Value), expected: u16) {
    let answer = person.post(write.0, write.1).await;
    assert_eq!(answer.status.as_u16(), expected, "a write went through: {}", answer.body);
    let since = Instant::now();
    loop {
        let answer = person.get("/admin/users").await;
        if answer.status.as_u16() == expected {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(1), "still reading after a second: {}", answer.body);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn new_role(name: &str) -> (&'static str, serde_json::Value) {
    ("/admin/roles", json!({ "name": name }))
}

/// Cuts what the processes listen with, once there is something to cut.
async fn cut_listeners(site: &Site) {
    let mut owner = site.test.owner().await;
    for _ in 0..100 {
        let cut = sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen%'",
        )
        .execute(&mut owner)
        .await
        .unwrap();
        if cut.rows_affected() > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody listens");
}

#[tokio::test]
async fn a_revoked_role_ends_on_another_process_without_any_notification() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let second = site.person("second@example.com", "super_admin").await;
    let (elsewhere, url) = site.another().await;
    let _listening = eventify_server::serve::background(&elsewhere, false);
    let there = second.at(&url);
    there.get("/admin/users").await.expect(200);
    cut_listeners(&site).await;
    let author = site.role("author").await;
    let version = admin.get(&format!("/admin/users/{}", second.id)).await.expect(200)["version"].clone();
    let change = json!({ "role_id": author, "version": version });
    admin.patch(&format!("/admin/users/{}/role", second.id), change).await.expect(200);
    shut_out(&there, new_role("Sneaky"), 403).await;
}

#[tokio::test]
async fn a_deactivated_account_is_out_everywhere() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let second = site.person("second@example.com", "super_admin").await;
    let (_elsewhere, url) = site.another().await;
    let there = second.at(&url);
    there.get("/admin/users").await.expect(200);
    let gone = admin.delete(&format!("/admin/users/{}?reason=Left%20the%20company", second.id)).await.expect(200);
    assert_eq!(gone["status"], "inactive");
    shut_out(&there, new_role("Sneaky"), 401).await;
    second.post("/auth/refresh", json!({ "refresh_token": second.refresh })).await.refused(401, "session_expired");
    second.login(crate::support::PASSWORD).await.refused(401, "invalid_credentials");
    assert_eq!(site.number("select count(*) from user_role_assignments where revoked_at is null").await, 1);
}

#[tokio::test]
async fn a_revoked_session_device_or_key_is_out() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let mut laptop = admin.clone();
    laptop.sign_in().await;
    let sessions = admin.rows("/auth/sessions").await;
    let other = sessions.as_array().unwrap().iter().find(|s| s["current"] == false).unwrap()["id"].clone();
    laptop.get("/admin/users").await.expect(200);
    admin.delete(&format!("/auth/sessions/{}", other.as_str().unwrap())).await.expect(204);
    shut_out(&laptop, new_role("Sneaky"), 401).await;

    let key = json!({ "key_name": "Reports", "scope": ["staff.read", "roles.manage"] });
    let made = admin.post("/admin/api-keys", key).await.expect(201);
    let mut program = site.anonymous();
    program.token = made["secret"].as_str().map(str::to_owned);
    program.get("/admin/users").await.expect(200);
    program.get("/admin/roles").await.refused(403, "forbidden");
    program.get("/auth/me").await.refused(403, "forbidden");
    program.post("/admin/roles", json!({ "name": "By a program" })).await.expect(201);
    admin.delete(&format!("/admin/api-keys/{}", made["key"]["id"].as_str().unwrap())).await.expect(200);
    shut_out(&program, new_role("Sneaky"), 401).await;

    let devices = admin.rows("/auth/devices").await;
    let device = devices.as_array().unwrap().iter().find(|d| d["current"] == true).unwrap()["id"].clone();
    admin.delete(&format!("/auth/devices/{}", device.as_str().unwrap())).await.expect(204);
    shut_out(&admin, new_role("Sneaky"), 401).await;
}

#[tokio::test]
async fn signing_keys_change_without_signing_anyone_out() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (elsewhere, url) = site.another().await;
    admin.at(&url).get("/auth/me").await.expect(200);
    admin.post("/admin/signing-keys/rotate", json!({})).await.expect(201);
    admin.get("/auth/me").await.expect(200);
    let mut later = admin.clone();
    later.sign_in().await;
    assert_ne!(kid(later.token.as_deref()), kid(admin.token.as_deref()), "new tokens carry the new key");
    // A process that has not heard of the new key asks for it, once a second at most.
    elsewhere.clock.advance(time::Duration::seconds(2));
    later.at(&url).get("/auth/me").await.expect(200);
    admin.at(&url).get("/auth/me").await.expect(200);
}

fn kid(token: Option<&str>) -> String {
    token.unwrap_or_default().split('.').next().unwrap_or_default().to_owned()
}
