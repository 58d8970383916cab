//! How long somebody waits for a code by text while thousands of messages wait for an endpoint that does not answer.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use eventify::kernel::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::types::Uuid;
use time::OffsetDateTime;
use tokio::net::TcpListener;

use crate::subject::Subject;
use crate::{Row, row};

/// Messages that wait for the endpoint.
const WAITING: i32 = 10_000;
/// Codes that are asked for, one after the other.
const CODES: u32 = 40;
/// From one to the next: together they are longer than the endpoint takes.
const APART: Duration = Duration::from_millis(500);
/// How long the endpoint keeps everybody waiting.
const SLOW: Duration = Duration::from_secs(15);

/// The figure.
pub async fn figures(subject: &Subject, _: Duration) -> Result<Vec<Row>> {
    eprintln!("sending codes");
    let alone = codes(subject, 0).await?;
    let endpoint = endpoint(subject).await?;
    queue(subject, endpoint).await?;
    let beside = codes(subject, CODES).await?;
    for rest in [
        "update webhook_endpoints set status = 'disabled', disabled_at = now(), disabled_reason = 'Measured' where id = $1",
        "delete from job_runs where lane = $1::uuid::text and status in ('queued', 'retry')",
    ] {
        sqlx::query(rest).bind(endpoint).execute(&subject.owner).await?;
    }
    Ok(vec![row(
        format!("a code, from asking for it to the text, beside {WAITING} messages to an endpoint that takes 15 s"),
        beside,
        alone,
        "floor: with nothing else to do; aim: below 2 s",
    )])
}

/// Asks for codes, each for another phone, and says how long it took until each had left.
async fn codes(subject: &Subject, first: u32) -> Result<String> {
    let mut took = Vec::new();
    for n in first..first + CODES {
        let asked = Clock::default().now().0;
        let input = json!({ "phone": format!("+9198765{n:05}") });
        let call = subject.http.post(format!("{}/api/v1/auth/otp/request", subject.url)).json(&input);
        call.send().await?.error_for_status()?;
        tokio::time::sleep(APART).await;
        let left = loop {
            let sql = "select finished_at from job_runs
                       where job_type = 'text.send' and status = 'done' and created_at >= $1";
            let left: Option<OffsetDateTime> =
                sqlx::query_scalar(sql).bind(asked).fetch_optional(&subject.owner).await?;
            if let Some(left) = left {
                break left;
            }
            ensure!(Clock::default().now().0 - asked < 2 * SLOW, "a code never left");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        took.push(left - asked);
    }
    took.sort_unstable();
    let ms = |at: usize| took.get(at).map_or(0.0, |took: &time::Duration| took.as_seconds_f64() * 1000.0);
    Ok(format!("p50 {:.0} ms, at most {:.0} ms", ms(took.len() / 2), ms(took.len() - 1)))
}

/// An endpoint that takes every call and hangs up after a long while.
async fn endpoint(subject: &Subject) -> Result<Uuid> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((call, _)) = listener.accept().await {
            tokio::spawn(async move {
                tokio::time::sleep(SLOW).await;
                drop(call);
            });
        }
    });
    let input = json!({ "url": url, "description": "It takes its time", "event_types": ["partner.created"] });
    let made = subject.send(Method::POST, "/api/v1/webhooks/endpoints").json(&input).send().await?;
    let made: Value = made.error_for_status()?.json().await?;
    Ok(made["endpoint"]["id"].as_str().context("an id")?.parse()?)
}

/// Its messages, of which the first are on their way when this is done.
async fn queue(subject: &Subject, endpoint: Uuid) -> Result<()> {
    let messages = "insert into webhook_deliveries (id, endpoint_id, event_id, event_type, event_at, payload, next_attempt_at)
        select gen_random_uuid(), $1, gen_random_uuid(), 'partner.created', now(), '{}', now() from generate_series(1, $2)";
    sqlx::query(messages).bind(endpoint).bind(WAITING).execute(&subject.owner).await?;
    let jobs = "insert into job_runs (id, queue_name, lane, job_type, payload, run_at)
        select gen_random_uuid(), 'webhook', $1::uuid::text, 'webhook.deliver',
               jsonb_build_object('delivery', id, 'attempts', 0), now()
        from webhook_deliveries where endpoint_id = $1";
    sqlx::query(jobs).bind(endpoint).execute(&subject.owner).await?;
    let running = "select count(*) from job_runs where lane = $1::uuid::text and status = 'running'";
    let begun = std::time::Instant::now();
    while sqlx::query_scalar::<_, i64>(running).bind(endpoint).fetch_one(&subject.owner).await? < 2 {
        ensure!(begun.elapsed() < SLOW, "no message is on its way");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
