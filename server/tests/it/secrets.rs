//! Invariant 12: what is secret stands nowhere in the database.

use eventify::kernel::error::Result;
use serde_json::json;
use sqlx::{AssertSqlSafe, Row};

use crate::support::{PASSWORD, Site};

/// Every text, JSON and byte value of every table, as text.
pub async fn whole_database(site: &Site) -> Result<String> {
    let mut owner = site.test.owner().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I', relname) from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')",
    )
    .fetch_all(&mut owner)
    .await?;
    let mut all = String::new();
    for table in tables {
        let sql = format!("select coalesce(string_agg(t::text, E'\\n'), '') as text from {table} t");
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut owner).await?;
        all.push_str(&row.try_get::<String, _>("text")?);
    }
    Ok(all)
}

#[tokio::test]
async fn nothing_secret_is_stored() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let key = admin.post("/admin/api-keys", json!({ "key_name": "K", "scope": ["staff.read"] })).await.expect(201);
    let enrolment = admin.post("/auth/totp/enrol", json!({ "password": PASSWORD })).await.expect(200);
    let role = site.role("auditor").await;
    let invite = json!({ "email": "new@example.com", "full_name": "New", "role_id": role });
    admin.post("/admin/users", invite).await.expect(201);
    let hook = json!({ "url": "https://hooks.example.com/", "event_types": ["*"] });
    let hook = admin.post("/webhooks/endpoints", hook).await.expect(201);
    admin.post("/auth/password/forgot", json!({ "email": admin.email })).await.expect(204);
    crate::fixtures::run_queued(&site, "access.reset_link").await;
    let tokens: Vec<(uuid::Uuid,)> =
        sqlx::query_as("select id from auth_tokens").fetch_all(&site.test.reader).await.unwrap();
    assert_eq!(tokens.len(), 2);

    let dump = whole_database(&site).await.expect("a dump");
    assert!(dump.contains("new@example.com"), "the dump really holds the tables");
    let mut secrets = vec![
        PASSWORD.to_owned(),
        key["secret"].as_str().unwrap().to_owned(),
        enrolment["secret"].as_str().unwrap().to_owned(),
        admin.token.clone().unwrap(),
        admin.refresh.clone(),
        hook["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap().to_owned(),
    ];
    secrets.extend(tokens.iter().map(|(id,)| eventify::access::links::token(&site.test.keys, *id)));
    for secret in secrets {
        assert!(!dump.contains(&secret), "stored as it is: {}…", &secret[..8]);
        // Nor inside a byte column, which PostgreSQL prints in hex.
        assert!(!dump.contains(&hex::encode(&secret)), "stored in hex: {}…", &secret[..8]);
    }
}

#[tokio::test]
async fn the_apps_role_cannot_rewrite_history() {
    let site = Site::start().await;
    let admin = site.admin().await;
    admin.post("/admin/roles", json!({ "name": "Anything" })).await.expect(201);
    for sql in [
        "update audit_logs set action = 'x'",
        "delete from audit_logs",
        "delete from audit_values",
        "update audit_blocks set hash = ''",
        "delete from audit_blocks",
        "delete from user_role_assignments",
        "update user_role_assignments set role_id = role_id, revoked_at = null",
        "truncate audit_logs",
        "alter table audit_logs disable trigger all",
    ] {
        let refused = sqlx::query(sql).execute(&site.test.pool).await;
        let error = refused.expect_err(sql).to_string();
        assert!(
            error.contains("permission denied") || error.contains("must be owner") || error.contains("history"),
            "{sql}: {error}"
        );
    }
}

#[tokio::test]
async fn assignments_are_history() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let person = site.account("p@example.com", "auditor").await;
    let version = admin.get(&format!("/admin/users/{}", person.id)).await.expect(200)["version"].clone();
    let finance = site.role("finance").await;
    let change = json!({ "role_id": finance, "version": version });
    admin.patch(&format!("/admin/users/{}/role", person.id), change).await.expect(200);
    let history = admin.rows(&format!("/admin/users/{}/assignments", person.id)).await;
    let rows = history.as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[0]["role_name"], &rows[0]["revoked_at"]), (&json!("Finance"), &json!(null)));
    assert_eq!(rows[1]["role_name"], "Auditor");
    assert!(rows[1]["revoked_at"].is_string());
    // Even the owner's hand is stayed by the trigger.
    let mut owner = site.test.owner().await;
    for sql in [
        "update user_role_assignments set revoked_at = now() where revoked_at is not null",
        "update user_role_assignments set revoked_at = null",
        "update user_role_assignments set user_id = assigned_by, revoked_at = now() where revoked_at is null",
        "delete from user_role_assignments",
    ] {
        assert!(sqlx::query(sql).execute(&mut owner).await.is_err(), "{sql}");
    }
}
