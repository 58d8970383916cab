//! Jobs over HTTP: what people may do with a job that failed.

use serde_json::json;

use crate::support::Site;

async fn job(site: &Site, status: &str) -> String {
    let id = eventify::kernel::clock::new_uuid();
    sqlx::query(
        "insert into job_runs (id, queue_name, job_type, status, payload, attempts) values ($1, 'default', 'mail.send', $2, '{}', 8)",
    )
    .bind(id)
    .bind(status)
    .execute(&site.test.pool)
    .await
    .expect("a job");
    id.to_string()
}

#[tokio::test]
async fn dead_jobs_are_redriven_and_waiting_ones_cancelled() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let dead = job(&site, "dead").await;
    let redriven = admin.post(&format!("/ops/jobs/{dead}/redrive"), json!({})).await.expect(200);
    assert_eq!((&redriven["status"], &redriven["attempts"]), (&json!("queued"), &json!(0)));
    let again = admin.post(&format!("/ops/jobs/{dead}/redrive"), json!({})).await;
    again.refused(409, "invalid_transition");
    assert!(again.body["detail"].as_str().unwrap().contains("queued"), "{}", again.body);
    let cancelled = admin.post(&format!("/ops/jobs/{dead}/cancel"), json!({})).await.expect(200);
    assert_eq!(cancelled["status"], "cancelled");
    let done = job(&site, "done").await;
    admin.post(&format!("/ops/jobs/{done}/cancel"), json!({})).await.refused(409, "invalid_transition");
    let audits = site.number("select count(*) from audit_logs where object_type = 'job'").await;
    assert_eq!(audits, 2, "each act is audited once");
    let list = admin.get("/ops/jobs?status=cancelled").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_stream_needs_a_caller() {
    let site = Site::start().await;
    site.anonymous().get("/bus/stream").await.refused(401, "unauthenticated");
}
