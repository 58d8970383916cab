//! Notifications that go by email as well.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::Connection;
use uuid::Uuid;

use super::sql;
use crate::kernel::app::App;
use crate::kernel::jobs::{Job, Pending};
use crate::kernel::queues::Queue;
use crate::kernel::timestamp::Timestamp;
use crate::notify::{Template, queue_mail};
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};

/// Sends one notification by email, unless its reader has seen it or left meanwhile.
#[derive(Serialize, Deserialize)]
pub struct MailNotice {
    queued: Uuid,
}

impl MailNotice {
    /// What is queued under this id, not before that time.
    pub fn pending(queued: Uuid, not_before: Timestamp) -> Pending {
        let mut job = Pending::new(&MailNotice { queued });
        job.run_at(not_before);
        job
    }
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
                (_, true) => Some("It was read before the email was due."),
                (None, _) => Some("The account is not active any more."),
                _ => None,
            };
            if let (None, Some(to)) = (skipped, found.email) {
                let name = found.name.unwrap_or_default();
                let mail = Template::Notice { name, title: found.title, message: found.message, href: found.href };
                queue_mail(&mut tx, &context.request(), now, &to, mail).await?;
            }
            let status = if skipped.is_some() { "skipped" } else { "sent" };
            sql::queued_end(&mut tx, self.queued, status, skipped).await?;
        }
        context.done(&mut tx, now).await?;
        tx.commit().await?;
        Ok(())
    }
}
