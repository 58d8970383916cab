//! What became of each email, text and push message, attempt by attempt: so that "why did I not get it?" has an answer.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::Duration;
use uuid::Uuid;

use super::{Channel, DeliveryOutcome, sql};
use crate::bus::audiences;
use crate::bus_events;
use crate::kernel::app::App;
use crate::kernel::clock::new_uuid;
use crate::kernel::crypto::Keys;
use crate::kernel::error::{Error, Result};
use crate::kernel::jobs::{Job, Pending};
use crate::kernel::outbox;
use crate::kernel::text::{E164Phone, Email, masked};
use crate::kernel::timestamp::Timestamp;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::ops::periodic::{DAY, Periodic};

audiences! {
    "notification." NotificationsManage;
}

bus_events! {
    "delivery" delivery_id: Uuid;
    /// An email, text message or push message was sent.
    NotificationSent "notification.sent" { channel: Channel, kind: String, attempt: i32 }
    /// An email, text message or push message could not be sent.
    NotificationFailed "notification.failed" { channel: Channel, kind: String, attempt: i32 }
}

/// What of an address is kept: enough to know it again, and what it is found by.
pub(super) struct Recipient {
    pub masked: String,
    pub hash: [u8; 32],
}

impl Recipient {
    /// Of an email address or a phone number.
    pub(super) fn of(keys: &Keys, address: &str) -> Recipient {
        Recipient { masked: masked(address), hash: keys.derive("delivery", &[address.as_bytes()]) }
    }

    /// Of what somebody typed, if it is an address or a number.
    pub(super) fn typed(keys: &Keys, typed: &str) -> Option<Recipient> {
        let email = Email::parse(typed).ok().map(String::from);
        let address = email.or_else(|| E164Phone::parse(typed).ok().map(String::from))?;
        Some(Self::of(keys, &address))
    }
}

/// An attempt that was made.
pub struct Attempt<'a> {
    /// The way it went.
    pub channel: Channel,
    /// What was sent.
    pub kind: String,
    /// To which address.
    pub to: &'a str,
    /// After so many it is given up.
    pub most: i32,
}

/// Notes an attempt and says what came of it. What was sent stays sent where the note fails: sending it again would be
/// worse than a gap in the log.
pub async fn note(app: &Arc<App>, context: &JobContext, attempt: Attempt<'_>, result: &Result<(), Failure>) {
    if let Err(error) = write(app, context, attempt, result).await {
        tracing::warn!(?error, job = %context.id, "an attempt at a message could not be noted");
    }
}

async fn write(
    app: &Arc<App>,
    context: &JobContext,
    Attempt { channel, kind, to, most }: Attempt<'_>,
    result: &Result<(), Failure>,
) -> Result<()> {
    let outcome = match result {
        Ok(()) => DeliveryOutcome::Sent,
        Err(Failure::NotBefore(..)) => DeliveryOutcome::Postponed,
        Err(Failure::Again(_)) if context.attempt < most => DeliveryOutcome::Retried,
        Err(_) => DeliveryOutcome::Failed,
    };
    let reason = match result {
        Ok(()) => None,
        Err(Failure::Again(error) | Failure::NotBefore(_, error) | Failure::Never(error)) => Some(why(error)),
    };
    let (id, now) = (new_uuid(), app.clock.now());
    let recipient = Recipient::of(&app.keys, to);
    let mut tx = app.begin().await?;
    let row = sql::NewDelivery {
        id,
        job: context.id.0,
        attempt: context.attempt,
        channel,
        kind: &kind,
        recipient: &recipient,
        outcome,
        reason: reason.as_deref(),
    };
    sql::delivery_insert(&mut tx, &row, now).await?;
    sql::message_note(&mut tx, &row, now).await?;
    let attempt = context.attempt;
    let news = match outcome {
        DeliveryOutcome::Sent => {
            Some(outbox::Pending::new(&NotificationSent { delivery_id: id, channel, kind, attempt }))
        }
        DeliveryOutcome::Failed => {
            Some(outbox::Pending::new(&NotificationFailed { delivery_id: id, channel, kind, attempt }))
        }
        DeliveryOutcome::Retried | DeliveryOutcome::Postponed => None,
    };
    if let Some(news) = news {
        outbox::insert(&mut tx, &context.request(), None, &[news]).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What is to be known of a failure, in one line.
fn why(error: &Error) -> String {
    const LONGEST: usize = 300;
    let text = error.internal_detail().unwrap_or_else(|| error.message());
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST).collect()
}

/// How long attempts are kept.
const KEPT: Duration = Duration::days(90);
const PORTION: i64 = 5_000;

/// Deletes messages and attempts that are older.
#[derive(Serialize, Deserialize)]
struct Sweep {}

impl Job for Sweep {
    const TYPE: &'static str = "notify.sweep";
    const ATTEMPTS: i32 = 3;
}
inventory::submit!(JobHandler::of::<Sweep>());
inventory::submit!(Periodic::new::<Sweep>("notify.sweep", DAY, || Pending::new(&Sweep {})));

impl Run for Sweep {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        let before = Timestamp(app.clock.now().0 - KEPT);
        let mut db = app.pool.acquire().await?;
        while sql::delivery_sweep(&mut db, before, PORTION).await? > 0 {}
        while sql::message_sweep(&mut db, before, PORTION).await? > 0 {}
        Ok(())
    }
}

/// What was sent to somebody's addresses, for their own export.
pub async fn gather(db: &mut sqlx::PgConnection, keys: &Keys, addresses: &[&str]) -> Result<Value> {
    sql::delivery_gather(db, &hashes(keys, addresses)).await
}

/// Forgets what was sent to somebody's addresses.
pub async fn forget(db: &mut sqlx::PgConnection, keys: &Keys, addresses: &[&str]) -> Result<()> {
    sql::delivery_forget(db, &hashes(keys, addresses)).await
}

fn hashes(keys: &Keys, addresses: &[&str]) -> Vec<Vec<u8>> {
    addresses.iter().map(|address| Recipient::of(keys, address).hash.to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_again() {
        let keys = Keys::new(&[7; 32]);
        let typed = |text: &str| Recipient::typed(&keys, text).map(|found| found.hash);
        assert_eq!(typed(" Rehana@Example.com"), Some(Recipient::of(&keys, "rehana@example.com").hash));
        assert_eq!(typed("+91 90000 10011"), Some(Recipient::of(&keys, "+919000010011").hash));
        assert_ne!(typed("rehana@example.com"), typed("rehana@example.org"));
        assert_eq!(typed("rehana"), None);
    }
}
