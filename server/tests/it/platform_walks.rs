//! What the walks over everything need to know of the house's own: audit, bus, jobs and messages.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::areas::{AreaTests, Write, add};
use crate::support::Site;

inventory::submit!(AreaTests {
    records: &[
        ("/admin/audit/{id}", "select id from audit_logs"),
        ("/admin/mail-templates/{number}", "select 1"),
        ("/admin/messages/{id}", "select id from notification_queue"),
        ("/bus/dead-letters/{id}", "select id from bus_dead_letters"),
        ("/ops/jobs/{id}", "select id from job_runs where status = 'queued'"),
        ("/organisation/logo/{id}", "select gen_random_uuid()"),
        ("/views/{id}", "select id from saved_views"),
    ],
    tables: &[
        ("audit_logs", "seq id actor_id action object_type object_id change_set created_at"),
        ("audit_values", "audit_seq field salt before after"),
        ("audit_blocks", "no prev_hash hash sealed_at"),
        ("outbox_events", "seq aggregate_type aggregate_id type payload published_seq published_at"),
        ("bus_consumers", "name position"),
        ("idempotency_keys", "caller operation key input_hash status answer expires_at"),
        ("job_runs", "id queue_name job_type status started_at finished_at"),
    ],
    takes_no_markup: &[("bus_event_take", "words of its own, by the type of event")],
    elsewhere: &[("/jobs", "/ops/jobs")],
    ..AreaTests::writes(70, |s| Box::pin(writes(s.site, s.out)))
});

/// Messages that were given up, and jobs.
async fn writes(site: &Site, out: &mut Vec<Write>) {
    let db = &mut site.test.owner().await;
    for (name, step, status) in [("job_redrive", "redrive", "dead"), ("job_cancel", "cancel", "retry")] {
        let job: Uuid = sqlx::query_scalar(
            "insert into job_runs (id, queue_name, job_type, status, payload)
             values (gen_random_uuid(), 'default', 'mail.send', $1, '{}') returning id",
        )
        .bind(status)
        .fetch_one(&mut *db)
        .await
        .expect("a job");
        add(out, name, Method::POST, format!("/ops/jobs/{job}/{step}"), json!({}));
    }
    let message: Uuid = sqlx::query_scalar(
        "with job as (
             insert into job_runs (id, queue_name, job_type, status, payload)
             values (gen_random_uuid(), 'bulk', 'mail.send', 'dead', '{}') returning id)
         insert into notification_queue (id, job_id, channel, kind, recipient, recipient_hash, status, not_before, created_at)
         select gen_random_uuid(), id, 'email', 'tickets_issued', 'a•••@b.c', '', 'failed', now(), now() from job
         returning id",
    )
    .fetch_one(&mut *db)
    .await
    .expect("a message");
    add(out, "message_retry", Method::POST, format!("/admin/messages/{message}/retry"), json!({}));
    dead_letters(db, out).await;
}

/// Messages that could not be taken in; what one of them tells is known by now, so that it brings nothing else about.
async fn dead_letters(db: &mut sqlx::PgConnection, out: &mut Vec<Write>) {
    let known: Uuid = sqlx::query_scalar(
        "insert into inbound_events (told_by, id, type, created_at)
         values ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'user.flagged', now()) returning id",
    )
    .fetch_one(&mut *db)
    .await
    .expect("a known event");
    let body = json!({ "id": known, "type": "user.flagged", "payload": {} });
    let letters: Vec<Uuid> = sqlx::query_scalar(
        "insert into bus_dead_letters (id, place, subject, body, error_code, error, received_at)
         select gen_random_uuid(), gen_random_uuid()::text, 'eventify.in.user.flagged', $1, 'invalid_input', 'x', now()
         from generate_series(1, 2) returning id",
    )
    .bind(body.to_string())
    .fetch_all(&mut *db)
    .await
    .expect("dead letters");
    add(out, "bus_dead_letter_retry", Method::POST, format!("/bus/dead-letters/{}/retry", letters[0]), json!({}));
    out.push(("bus_dead_letter_discard", Method::DELETE, format!("/bus/dead-letters/{}", letters[1]), None));
}
