//! Notifications that go by email, or to a browser, as well.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::Connection;
use uuid::Uuid;

use super::NoticeSeverity;
use super::push::{self, Browser, Shown};
use super::sql::{self, Due, Notice, ToShow};
use crate::kernel::app::App;
use crate::kernel::error::{Result as Answer, internal};
use crate::kernel::jobs::{self, Job, Pending};
use crate::kernel::outbound::Outcome;
use crate::kernel::queues::Queue;
use crate::kernel::timestamp::Timestamp;
use crate::notify::deliveries::{self, Attempt};
use crate::notify::{Channel, Template, envelope, pending_mail};
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};

/// Why something waits that is told at night.
const QUIET: &str = "Quiet hours.";
const READ: &str = "It was read before it was due.";

impl Due {
    /// As a job, with its row of the queue.
    pub fn pending(self, app: &App, notice: &Notice, now: Timestamp) -> Pending {
        let channel = if self.device.is_some() { Channel::Push } else { Channel::Email };
        let mut message = envelope(&app.keys, channel, notice.kind.to_owned(), &self.address);
        message.notification = Some(self.notification);
        message.reason = (self.not_before > now).then_some(QUIET);
        let mut job = match self.device {
            Some(device) => Pending::new(&PushNotice { queued: message.id, device }),
            None => Pending::new(&MailNotice { queued: message.id }),
        };
        // A push service that hangs keeps only its own messages waiting.
        job.run_at(self.not_before).lane(self.service.unwrap_or_default()).message(message);
        job
    }
}

/// Sends one notification by email, unless its reader has seen it or left meanwhile.
#[derive(Serialize, Deserialize)]
pub struct MailNotice {
    queued: Uuid,
}

impl Job for MailNotice {
    const TYPE: &'static str = "notifications.mail";
    const QUEUE: Queue = Queue::Mail;
}
inventory::submit!(JobHandler::of::<MailNotice>());

impl Run for MailNotice {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let now = app.clock.now();
        let mut db = app.pool.acquire().await?;
        let mut tx = db.begin().await?;
        // One that was erased has nobody to go to.
        if let Some(found) = sql::queued(&mut tx, self.queued).await?.filter(|found| found.status == "queued") {
            let skipped = match (&found.email, found.is_read) {
                (_, true) => Some(READ),
                (None, _) => Some("The account is not active any more."),
                _ => None,
            };
            if let (None, Some(to)) = (skipped, found.email) {
                let (kind, name) = (found.kind, found.name.unwrap_or_default());
                let (title, message, href) = (found.title, found.message, found.href);
                let mail = Template::Notice { kind, name, title, message, href };
                let mut job = pending_mail(&app.keys, &to, mail);
                // The row goes on with the job that sends it.
                job.continues(self.queued);
                jobs::insert(&mut tx, &context.request(), now, &job).await?;
            } else {
                sql::queued_end(&mut tx, self.queued, "skipped", skipped).await?;
            }
        }
        context.done(&mut tx, now).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Has one browser show a notification, unless its reader has seen it or turned that off meanwhile.
#[derive(Serialize, Deserialize)]
struct PushNotice {
    queued: Uuid,
    device: Uuid,
}

impl Job for PushNotice {
    const TYPE: &'static str = "push.send";
    const QUEUE: Queue = Queue::Webhook;
}
inventory::submit!(JobHandler::of::<PushNotice>());

impl Run for PushNotice {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let found = sql::to_show(&mut *app.pool.acquire().await?, self.queued, self.device, app.clock.now()).await?;
        // One that was erased is shown nowhere.
        let Some(found) = found else { return Ok(()) };
        let (true, Some(endpoint), Some(keys)) = (!found.is_read, &found.endpoint, &found.keys) else {
            let why = if found.is_read { READ } else { "Push messages are off on that device, or it was signed out." };
            return Ok(self.skip(&app, &context, why, false).await?);
        };
        let browser = Browser::open(&app.keys, endpoint, keys).map_err(Failure::Never)?;
        let outcome = push::send(&app, &browser, &shown(&found), NoticeSeverity::of(&found.severity)).await?;
        let (gone, sent) = came_of(&outcome);
        let attempt = Attempt { channel: Channel::Push, kind: found.kind, to: &found.address, most: Self::ATTEMPTS };
        deliveries::note(&app, &context, attempt, &sent).await;
        match gone {
            true => Ok(self.skip(&app, &context, "The browser takes no push messages from us any more.", true).await?),
            false => sent,
        }
    }
}

fn shown(found: &ToShow) -> Shown<'_> {
    Shown { title: &found.title, body: &found.message, href: &found.href, tag: found.id.to_string() }
}

/// Whether the push service does not know the browser any more; and what came of the attempt. A refusal that is not about
/// load will be the same next time.
fn came_of(outcome: &Outcome) -> (bool, Result<(), Failure>) {
    let said = |why: String| internal().internal(format!("push service: {why}"));
    match &outcome.answer {
        Ok(answer) if (200..300).contains(&answer.status) => (false, Ok(())),
        Ok(answer) => {
            let (status, why) = (answer.status, said(format!("answered {}", answer.status)));
            let again = status == 429 || status >= 500;
            (matches!(status, 404 | 410), Err(if again { Failure::Again(why) } else { Failure::Never(why) }))
        }
        Err(unanswered) => (false, Err(Failure::Again(said(unanswered.reason.clone())))),
    }
}

impl PushNotice {
    /// Ends it without showing it; a browser that is gone is forgotten.
    async fn skip(&self, app: &App, context: &JobContext, why: &str, gone: bool) -> Answer<()> {
        let mut tx = app.pool.begin().await?;
        if gone {
            sql::device_gone(&mut tx, self.device).await?;
        }
        sql::queued_end(&mut tx, self.queued, "skipped", Some(why)).await?;
        context.done(&mut tx, app.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}
