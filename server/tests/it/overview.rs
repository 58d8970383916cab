//! The figures of the first page: right, and only of what the caller may see.

use serde_json::{Value, json};

use crate::partners::{partner, within};
use crate::support::Site;

/// A document of this partner that waits for review since so many hours.
async fn waiting(site: &Site, partner: &Value, hours: i64) {
    let (file, now) = (eventify::kernel::clock::new_uuid(), site.test.clock.now().0);
    sqlx::query(
        "with file as (insert into stored_files (id, storage_key, kept_at) values ($1, $1::text, $4) returning *)
         insert into partner_documents (id, partner_id, type, file_id, storage_key, file_name, media_type, size_bytes,
                                        sha256, uploaded_at)
         select $2, $3, 'other', id, storage_key, 'paper.pdf', 'application/pdf', 1, 'hash', $4 from file",
    )
    .bind(file)
    .bind(eventify::kernel::clock::new_uuid())
    .bind(uuid::Uuid::parse_str(partner["id"].as_str().expect("an id")).expect("an id"))
    .bind(now - time::Duration::hours(hours))
    .execute(&site.test.pool)
    .await
    .expect("a document");
}

#[tokio::test]
async fn the_figures_are_those_of_the_lists() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (one, two) = (partner(&admin, "Harbour Hall").await, partner(&admin, "Riverside").await);
    let path = format!("/partners/{}/status", two["id"].as_str().expect("an id"));
    let active = admin.patch(&path, json!({ "status": "active", "version": two["version"] })).await.expect(200);
    let suspended = json!({ "status": "suspended", "reason": "checks", "version": active["version"] });
    admin.patch(&path, suspended).await.expect(200);
    waiting(&site, &one, 30).await;
    waiting(&site, &two, 3).await;
    site.account("gate@example.com", "gate_staff").await;
    sqlx::query(
        "insert into job_runs (id, queue_name, job_type, status, payload, attempts)
         select gen_random_uuid(), 'default', 'mail.send', status, '{}', 8 from unnest(array['dead', 'dead', 'retry', 'done']) status",
    )
    .execute(&site.test.pool)
    .await
    .expect("jobs");
    let seen = admin.get("/overview").await.expect(200);
    assert_eq!(seen["own_sessions"], 1);
    assert_eq!(seen["partners"], json!({ "active": 0, "invited": 1, "suspended": 1 }));
    assert_eq!(seen["documents"], json!({ "waiting": 2, "oldest_hours": 30 }));
    // Partners' people have accounts as well: the two primary contacts.
    let invited = admin.get("/admin/users?status=invited").await.expect(200)["items"].as_array().map(Vec::len);
    assert_eq!(invited, Some(2));
    assert_eq!(seen["team"], json!({ "active": 2, "invited": invited, "without_second_factor": 2 }));
    assert_eq!((&seen["jobs"]["dead"], &seen["jobs"]["retrying"]), (&json!(2), &json!(1)));
    // No worker and no relay runs: what waits is seen to wait.
    assert!(seen["jobs"]["lag_seconds"].is_u64() && seen["jobs"]["unpublished_seconds"].is_u64(), "{seen}");
    let chain = admin.get("/admin/audit/chain").await.expect(200);
    assert_eq!(seen["audit"]["unsealed"], chain["unsealed"]);
    site.anonymous().get("/overview").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn nobody_counts_what_they_may_not_see() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (own, other) = (partner(&admin, "Riverside One").await, partner(&admin, "Riverside Two").await);
    waiting(&site, &own, 1).await;
    waiting(&site, &other, 9).await;
    let everything = ["partners.read", "kyc.review", "staff.read", "audit.read"];
    let insider = within(&site, &admin, &own, "insider@example.com", &everything).await;
    let seen = insider.get("/overview").await.expect(200);
    assert_eq!(seen["partners"], json!({ "active": 0, "invited": 1, "suspended": 0 }), "theirs alone");
    assert_eq!(seen["documents"], json!({ "waiting": 1, "oldest_hours": 1 }));
    assert!(seen["team"].is_null() && seen["audit"].is_null(), "what belongs to no partner is not theirs: {seen}");
    let role = json!({ "name": "Nothing at all" });
    admin.post("/admin/roles", role).await.expect(201);
    let powerless = site.person("powerless@example.com", "nothing_at_all").await;
    let seen = powerless.get("/overview").await.expect(200);
    assert_eq!(seen["own_sessions"], 1);
    for part in ["partners", "documents", "team", "jobs", "audit"] {
        assert!(seen[part].is_null(), "{part}: {seen}");
    }
}
