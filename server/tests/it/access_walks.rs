//! What the walks over everything need to know of access.

use reqwest::Method;
use serde_json::{Value, json};

use crate::areas::{AreaTests, Write, add};
use crate::fixtures::draft;
use crate::partners::text;
use crate::support::{Person, Site};

inventory::submit!(AreaTests {
    records: &[
        ("/admin/api-keys/{id}", "select id from api_keys"),
        ("/admin/ip-allowlist/{id}", "select id from ip_allowlist where not cidr >>= '127.0.0.1'"),
        ("/admin/roles/{id}", "select id from roles where code = 'auditor'"),
        ("/admin/users/{id}", "select user_id from user_role_assignments where event_id is not null"),
        (
            "/admin/users/{id}/assignments/{assignment_id}",
            "select user_id, id from user_role_assignments where event_id is not null",
        ),
        ("/auth/devices/{id}", "select id from admin_devices"),
        ("/auth/sessions/{id}", "select id from admin_sessions"),
    ],
    tables: &[
        (
            "admin_users",
            "id email password_hash full_name status last_active_at totp_secret_enc totp_enabled_at locked_until created_at updated_at"
        ),
        ("roles", "id code name description is_system requires_2fa created_at updated_at"),
        ("permissions", "id name group_name created_at"),
        ("role_permissions", "role_id permission_id created_at"),
        (
            "user_role_assignments",
            "id user_id role_id event_id partner_id talent_id assigned_by assigned_at revoked_at revoked_by created_at"
        ),
        (
            "admin_sessions",
            "id user_id device_id refresh_token_hash ip_address user_agent last_seen_at expires_at revoked_at revoke_reason created_at"
        ),
        ("admin_devices", "id user_id device_fingerprint platform trusted risk_state last_seen_at created_at"),
        ("recovery_codes", "id user_id code_hash used_at created_at"),
        ("api_keys", "id key_name key_prefix key_hash scope expires_at active created_by last_used_at created_at"),
        ("ip_allowlist", "id cidr note created_at"),
        ("user_activity_logs", "id actor_user_id action target_type target_id metadata created_at"),
        ("auth_tokens", "id purpose token_hash expires_at used_at created_at"),
        ("signing_keys", "id purpose secret_enc expires_at created_at"),
    ],
    takes_no_markup: &[
        ("assignment_add", "ids"),
        ("staff_reactivate", "ids"),
        ("staff_set_role", "ids"),
        ("invitation_accept", "a link's token, and a password"),
        ("login", "an email, and a password"),
        ("logout", "a token"),
        ("login_totp", "a code"),
        ("password_change", "passwords"),
        ("password_forgot", "an email"),
        ("password_reset", "a link's token, and a password"),
        ("recovery_codes_renew", "a password"),
        ("refresh_session", "a token"),
        ("totp_confirm", "a code"),
        ("totp_disable", "a password"),
        ("totp_enrol", "a password"),
    ],
    elsewhere: &[("/team", "/admin/users"), ("/roles", "/admin/roles")],
    ..AreaTests::writes(10, |s| Box::pin(writes(s.site, s.admin, s.tag, s.out)))
});

/// The team, its roles and keys, and the installation.
async fn writes(site: &Site, admin: &Person, tag: &str, out: &mut Vec<Write>) {
    let (auditor, finance) = (site.role("auditor").await, site.role("finance").await);
    let invite = json!({ "email": format!("{tag}i@example.com"), "full_name": "I", "role_id": auditor });
    add(out, "staff_create", Method::POST, "/admin/users".to_owned(), invite);
    let a = site.account(&format!("{tag}a@example.com"), "auditor").await;
    let change = json!({ "full_name": "Changed", "version": 3 });
    add(out, "staff_update", Method::PATCH, format!("/admin/users/{}", a.id), change);
    let b = site.account(&format!("{tag}b@example.com"), "auditor").await;
    let role = json!({ "role_id": finance, "version": 3 });
    add(out, "staff_set_role", Method::PATCH, format!("/admin/users/{}/role", b.id), role);
    let c = site.person(&format!("{tag}c@example.com"), "auditor").await;
    add(out, "staff_revoke", Method::DELETE, format!("/admin/users/{}", c.id), Value::Null);
    let d = site.person(&format!("{tag}d@example.com"), "auditor").await;
    add(out, "staff_sessions_revoke", Method::DELETE, format!("/admin/users/{}/sessions", d.id), Value::Null);
    let scoped = json!({ "role_id": finance, "event_id": draft(site, admin, 10).await["id"] });
    add(out, "assignment_add", Method::POST, format!("/admin/users/{}/assignments", d.id), scoped);
    let role = json!({ "name": format!("Role {tag}"), "permissions": ["staff.read"] });
    add(out, "role_create", Method::POST, "/admin/roles".to_owned(), role);
    let made = admin.post("/admin/roles", json!({ "name": format!("Other {tag}") })).await.expect(201);
    let path = format!("/admin/roles/{}/permissions", text(&made, "id"));
    let matrix = json!({ "permissions": ["audit.read"], "version": made["version"] });
    add(out, "role_set_permissions", Method::PUT, path, matrix);
    let gone = admin.post("/admin/roles", json!({ "name": format!("Gone {tag}") })).await.expect(201);
    add(out, "role_delete", Method::DELETE, format!("/admin/roles/{}", text(&gone, "id")), Value::Null);
    let key = json!({ "key_name": format!("K {tag}"), "scope": ["staff.read"] });
    add(out, "api_key_create", Method::POST, "/admin/api-keys".to_owned(), key.clone());
    let made = admin.post("/admin/api-keys", key).await.expect(201);
    let path = format!("/admin/api-keys/{}", text(&made["key"], "id"));
    add(out, "api_key_revoke", Method::DELETE, path, Value::Null);
    let third = admin.post("/admin/roles", json!({ "name": format!("Third {tag}") })).await.expect(201);
    let renamed = json!({ "name": format!("Fourth {tag}"), "version": third["version"] });
    add(out, "role_update", Method::PATCH, format!("/admin/roles/{}", text(&third, "id")), renamed);
    let me = admin.get("/auth/me").await.expect(200);
    let renamed = json!({ "full_name": format!("Admin {tag}"), "version": me["version"] });
    add(out, "me_update", Method::PATCH, "/auth/me".to_owned(), renamed);
    let invited = json!({ "email": format!("{tag}inv@example.com"), "full_name": "Inv", "role_id": auditor });
    let invited = admin.post("/admin/users", invited).await.expect(201);
    let path = format!("/admin/users/{}/invite", text(&invited, "id"));
    add(out, "staff_invite_again", Method::POST, path, json!({}));
    let gone = site.account(&format!("{tag}gone@example.com"), "auditor").await;
    admin.delete(&format!("/admin/users/{}", gone.id)).await.expect(200);
    let now = admin.get(&format!("/admin/users/{}", gone.id)).await.expect(200);
    let back = json!({ "role_id": auditor, "version": now["version"] });
    add(out, "staff_reactivate", Method::POST, format!("/admin/users/{}/reactivate", gone.id), back);
    let factor = site.account(&format!("{tag}totp@example.com"), "auditor").await;
    sqlx::query("update admin_users set totp_enabled_at = now(), totp_secret_enc = '\\x00' where id = $1::uuid")
        .bind(&factor.id)
        .execute(&mut site.test.owner().await)
        .await
        .expect("a second factor");
    let path = format!("/admin/users/{}/reset-2fa", factor.id);
    add(out, "staff_reset_second_factor", Method::POST, path, json!({}));
    let scoped = json!({ "role_id": finance, "event_id": draft(site, admin, 10).await["id"] });
    let path = format!("/admin/users/{}/assignments", factor.id);
    let given = admin.post(&path, scoped).await.expect(201);
    add(out, "assignment_close", Method::DELETE, format!("{path}/{}", text(&given, "id")), Value::Null);
    let now = admin.get("/organisation").await.expect(200);
    let settings = json!({ "name": format!("House {tag}"), "primary_colour": "#006469", "accent_colour": "#d2f13c",
                           "timezone": "Asia/Kolkata", "currency": "INR", "version": now["version"] });
    add(out, "organisation_update", Method::PUT, "/admin/organisation".to_owned(), settings);
    add(out, "organisation_remove_logo", Method::DELETE, "/admin/organisation/logo".to_owned(), Value::Null);
    // The caller's own network comes first.
    admin.post("/admin/ip-allowlist", json!({ "cidr": "127.0.0.0/8" })).await.expect(201);
    let other = admin.post("/admin/ip-allowlist", json!({ "cidr": "10.9.0.0/16" })).await.expect(201);
    let path = format!("/admin/ip-allowlist/{}", text(&other, "id"));
    add(out, "allowlist_remove", Method::DELETE, path, Value::Null);
    add(out, "allowlist_add", Method::POST, "/admin/ip-allowlist".to_owned(), json!({ "cidr": "10.8.0.0/16" }));
    add(out, "signing_key_rotate", Method::POST, "/admin/signing-keys/rotate".to_owned(), json!({}));
}
