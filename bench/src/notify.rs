//! Notifications: from what happened, by the bus and its consumer, to the bell of who is told.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sqlx::types::Uuid;

use crate::subject::Subject;
use crate::{Row, floor, per_second, ratio, row};

/// Things that happen, each of which one person is told of.
const EVENTS: i64 = 2_000;
/// Longer than any run.
const PATIENCE: Duration = Duration::from_secs(300);

/// What `notify` does for one person, by itself: the notification, its message, and the job that sends it.
const FLOOR: &str = "begin;
    with told as (
        insert into notifications (id, recipient_id, recipient_kind, type, severity, title, message, reference_type,
                                   reference_id, metadata, dedupe_key, created_at)
        values (gen_random_uuid(), ':person', 'staff', 'bench', 'critical', 'Look at the account of Bench', 'Why',
                'end_user', 'x', '{\"href\": \"/users/x\"}', gen_random_uuid()::text, now()) returning id),
    job as (
        insert into job_runs (id, queue_name, job_type, payload, run_at, max_attempts, status)
        values (gen_random_uuid(), 'mail', 'bench.none', '{}', 'infinity', 8, 'cancelled') returning id)
    insert into notification_queue (id, notification_id, job_id, channel, kind, recipient, recipient_hash, status,
                                    not_before, created_at)
    select gen_random_uuid(), told.id, job.id, 'email', 'bench', 'be•••@example.com', '', 'queued', now(), now()
    from told, job;
    end;\n";

/// The figure.
pub async fn figures(subject: &Subject, time: Duration) -> Result<Vec<Row>> {
    eprintln!("telling people");
    let me: serde_json::Value = subject.get("/api/v1/auth/me").send().await?.error_for_status()?.json().await?;
    let me: Uuid = me["id"].as_str().context("an id")?.parse()?;
    let mut bell = Bell::watch(subject, me).await?;
    let before = bell.next().await?;
    let begun = Instant::now();
    sqlx::query(
        "insert into outbox_events (id, aggregate_type, aggregate_id, type, payload, request_id)
         select gen_random_uuid(), 'user', gen_random_uuid()::text, 'user.flagged', '{\"reason\": \"A bench\"}', 'bench'
         from generate_series(1, $1)",
    )
    .bind(EVENTS)
    .execute(&subject.owner)
    .await?;
    while bell.next().await? < before + EVENTS {
        if begun.elapsed() > PATIENCE {
            bail!("not all of {EVENTS} were told within {PATIENCE:?}");
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "some thousands")]
    let ours = EVENTS as f64 / begun.elapsed().as_secs_f64();
    let floor = floor::pgbench(subject, &FLOOR.replace(":person", &me.to_string()), 1, time).await?;
    Ok(vec![row(
        "notifications, from the event to the bell",
        per_second(ours),
        per_second(floor),
        format!("{}; the bell is looked at once a second", ratio(ours, floor)),
    )])
}

/// The stream of a browser, on which the bell is watched.
struct Bell {
    answer: reqwest::Response,
    read: String,
}

impl Bell {
    async fn watch(subject: &Subject, person: Uuid) -> Result<Bell> {
        let path = format!("/api/v1/bus/stream?types=notifications:{person}");
        let answer = subject.get(&path).send().await?.error_for_status()?;
        Ok(Bell { answer, read: String::new() })
    }

    /// How many are unread, once it is another number.
    async fn next(&mut self) -> Result<i64> {
        loop {
            while let Some((line, rest)) = self.read.split_once('\n') {
                let (line, rest) = (line.to_owned(), rest.to_owned());
                self.read = rest;
                let said = line.strip_prefix("data:").and_then(|json| serde_json::from_str(json).ok());
                let said: Option<serde_json::Value> = said;
                if let Some(unread) = said.and_then(|said| said["payload"]["unread"].as_i64()) {
                    return Ok(unread);
                }
            }
            let chunk = self.answer.chunk().await?.context("the stream ended")?;
            self.read.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}
