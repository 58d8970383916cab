//! Guests who are signed in, and a hot event for them to go to.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use eventify::access::keys::{self, TokenAudience};
use eventify::kernel::app::App;
use eventify::kernel::clock::Clock;
use eventify::kernel::config::Config;
use eventify::kernel::timestamp::Timestamp;
use eventify::people::demo;
use eventify_server::{boot, database};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::types::Uuid;

use crate::subject::Subject;

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// Signed-in end users, each good for one call.
pub struct Guests {
    /// Their ids.
    pub users: Vec<Uuid>,
    tokens: Vec<String>,
    next: AtomicUsize,
}

impl Guests {
    /// Makes them straight in the database, and signs their tokens with the server's own key.
    pub async fn gather(subject: &Subject, count: usize) -> Result<Guests> {
        let made = demo::crowd(&mut *subject.owner.acquire().await?, count).await?;
        let data = subject.data.to_str().context("the data folder")?;
        let config = Settings::try_parse_from(["bench", "--data", data])?.config;
        let key = database::master_key(&config)?;
        let options: PgConnectOptions = subject.database.parse()?;
        let app = App::connect(config, options, &key).await.map_err(boot::describe)?;
        let mut tokens = Vec::with_capacity(count);
        for (user, session) in &made {
            tokens.push(keys::issue(&app, TokenAudience::EndUser, *user, *session).await.map_err(boot::describe)?);
        }
        app.pool.close().await;
        let users = made.into_iter().map(|(user, _)| user).collect();
        Ok(Guests { users, tokens, next: AtomicUsize::new(0) })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Somebody who has not called yet.
    pub fn next(&self) -> Result<usize> {
        let guest = self.next.fetch_add(1, Ordering::Relaxed);
        ensure!(guest < self.len(), "more than {} guests are needed", self.len());
        Ok(guest)
    }

    /// A call of one of them.
    pub fn post(&self, subject: &Subject, path: &str, guest: usize) -> reqwest::RequestBuilder {
        subject.http.post(format!("{}/api/v1{path}", subject.url)).bearer_auth(&self.tokens[guest])
    }

    /// One seat for one of them. Sent again, it is the same request.
    pub fn reserve(&self, subject: &Subject, event: &HotEvent, guest: usize) -> reqwest::RequestBuilder {
        let call = self.post(subject, &format!("/events/{}/reservations", event.id), guest);
        let call = call.header("idempotency-key", format!("seat-of-{}", self.users[guest]));
        call.timeout(Duration::from_secs(30)).json(&json!({ "ticket_type_id": event.kind, "seats": 1 }))
    }
}

/// A published event with one kind of ticket.
pub struct HotEvent {
    /// Its id.
    pub id: Uuid,
    /// Where its page is.
    pub slug: String,
    /// The kind's id.
    pub kind: Uuid,
}

impl HotEvent {
    /// Made as an admin would.
    pub async fn open(subject: &Subject, capacity: i32) -> Result<HotEvent> {
        HotEvent::priced(subject, capacity, 0).await
    }

    /// One whose seats cost so many paise.
    pub async fn priced(subject: &Subject, capacity: i32, minor: i64) -> Result<HotEvent> {
        let partner: Uuid = sqlx::query_scalar("select id from partners where status = 'active' limit 1")
            .fetch_one(&subject.owner)
            .await?;
        let start = Clock::default().now().0 + time::Duration::days(10);
        let at = |moment| Timestamp(moment).rfc3339();
        let event = json!({ "title": "Monsoon Jazz on the Terrace", "city": "Bengaluru", "venue_text": "The terrace",
            "mood": "Concert", "description": "Three quartets, one terrace, doors at seven. ".repeat(8),
            "start_at": at(start), "end_at": at(start + time::Duration::hours(4)), "capacity": capacity,
            "organizer_partner_id": partner });
        let event = post(subject, "/events", &event).await?;
        let id: Uuid = event["id"].as_str().context("an id")?.parse()?;
        let kind = json!({ "name": "Entry", "price": { "minor": minor, "currency": "INR" }, "per_order_limit": 1 });
        let kind = post(subject, &format!("/events/{id}/ticket-types"), &kind).await?;
        post(subject, &format!("/events/{id}/publish"), &json!({})).await?;
        Ok(HotEvent {
            id,
            slug: event["slug"].as_str().context("a slug")?.to_owned(),
            kind: kind["id"].as_str().context("an id")?.parse()?,
        })
    }
}

/// Posts as an admin, and answers what came of it.
pub async fn post(subject: &Subject, path: &str, input: &Value) -> Result<Value> {
    let answer = subject.send(Method::POST, &format!("/api/v1{path}")).json(input).send().await?;
    let (status, body) = (answer.status(), answer.text().await?);
    ensure!(status.is_success(), "POST {path}: {status} {body}");
    Ok(serde_json::from_str(&body)?)
}
