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

/// A job that stands so after `attempts`, last begun so many hours ago and ended there if it has.
async fn begun(site: &Site, status: &str, attempts: i32, hours_ago: i64, ended: bool) {
    let at = site.test.clock.now().0 - time::Duration::hours(hours_ago);
    sqlx::query(
        "insert into job_runs (id, queue_name, job_type, status, payload, attempts, started_at, finished_at)
         values ($1, 'default', 'mail.send', $2, '{}', $3, $4, case when $5 then $4 end)",
    )
    .bind(eventify::kernel::clock::new_uuid())
    .bind(status)
    .bind(attempts)
    .bind(at)
    .bind(ended)
    .execute(&site.test.pool)
    .await
    .expect("a job");
}

#[tokio::test]
async fn the_history_counts_attempts_by_the_hour_they_ended_in() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let quiet = admin.get("/ops/jobs/history").await.expect(200);
    assert!(quiet["summary"].as_str().unwrap().contains("No job ran"), "{quiet}");
    begun(&site, "done", 1, 0, true).await;
    begun(&site, "done", 3, 0, true).await;
    begun(&site, "dead", 8, 5, true).await;
    begun(&site, "retry", 2, 5, false).await;
    begun(&site, "running", 1, 0, false).await;
    begun(&site, "cancelled", 0, 5, true).await;
    begun(&site, "done", 1, 47, true).await;
    begun(&site, "done", 1, 48, true).await;
    let chart = admin.get("/ops/jobs/history").await.expect(200);
    let rows = chart["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 48, "hours in which nothing happened are there too");
    let figures = |hours_ago: usize| json!(rows[47 - hours_ago].as_array().unwrap()[1..]);
    assert_eq!(chart["columns"], json!(["Hour (UTC)", "Succeeded", "Retried", "Failed"]));
    assert_eq!(figures(0), json!(["2", "2", "0"]));
    assert_eq!(figures(5), json!(["0", "9", "1"]), "seven of the dead one's eight, and two of the one that waits");
    assert_eq!(figures(47), json!(["1", "0", "0"]));
    assert_eq!(figures(46), json!(["0", "0", "0"]));
    let drawn = chart["option"]["series"].as_array().expect("series");
    assert_eq!((drawn.len(), &drawn[1]["data"][42]), (3, &json!(9)), "the drawing says what the table says");
    let summary = chart["summary"].as_str().unwrap();
    assert!(summary.contains("3 succeeded, 11 retried, 1 failed in the last 48 hours"), "{summary}");
    // By the clocks of whoever looks; half an hour apart other jobs share an hour.
    let there = admin.get("/ops/jobs/history?utc_offset_minutes=330").await.expect(200);
    assert_eq!((&there["columns"][0], there["rows"].as_array().unwrap().len()), (&json!("Hour"), 48));
    let hour = |chart: &serde_json::Value| chart["rows"][47][0].as_str().unwrap().to_owned();
    let now = site.test.clock.now().0;
    let told = |minutes: i64| {
        let there = now + time::Duration::minutes(minutes);
        format!("{} {}, {:02}:00", there.day(), &there.month().to_string()[..3], there.hour())
    };
    assert_eq!((hour(&chart), hour(&there)), (told(0), told(330)));
    admin.get("/ops/jobs/history?utc_offset_minutes=900").await.refused(422, "invalid_input");
    let powerless = site.person("gate@example.com", "gate_staff").await;
    powerless.get("/ops/jobs/history").await.refused(403, "forbidden");
}

#[tokio::test]
async fn the_stream_needs_a_caller() {
    let site = Site::start().await;
    site.anonymous().get("/bus/stream").await.refused(401, "unauthenticated");
}
