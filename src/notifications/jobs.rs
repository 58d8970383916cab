//! Notifications that go by email, or to a browser, as well.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use time::{Duration, PrimitiveDateTime};
use uuid::Uuid;

use super::push::{self, Browser, Shown};
use super::sql::{self, Due, Notice, Quiet, ToShow};
use super::{KINDS, NoticeSeverity, templates};
use crate::kernel::app::App;
use crate::kernel::error::{Result as Answer, internal};
use crate::kernel::jobs::{self, Job, Pending};
use crate::kernel::outbound::Outcome;
use crate::kernel::queues::Queue;
use crate::kernel::timestamp::Timestamp;
use crate::notify::deliveries::{self, Attempt};
use crate::notify::{Channel, envelope, pending_mail};
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::zones::{self, Zone};

/// Why something waits that is told at night.
const QUIET: &str = "Quiet hours.";
const READ: &str = "Already read in Eventify.";
const OFF: &str = "They turned it off before it was due.";
const NOT_THEIRS: &str = "They no longer have permission.";

/// When quiet hours end that are on now, as the clocks there show it: of an hour that comes twice the first ends them.
fn quiet_until(quiet: &Quiet, zone: &Zone, now: Timestamp) -> Option<Timestamp> {
    let here = zone.local(now);
    let (day, time) = (here.date(), here.time());
    let over_midnight = quiet.starts > quiet.ends;
    let on = match over_midnight {
        true => time >= quiet.starts || time < quiet.ends,
        false => time >= quiet.starts && time < quiet.ends,
    };
    let last = if over_midnight && time >= quiet.starts { day.next_day()? } else { day };
    let end = PrimitiveDateTime::new(last, quiet.ends);
    // Clocks that jump over their end show a later minute next.
    let ends = (0..=180).find_map(|minutes| zone.moment(end + Duration::minutes(minutes)).ok());
    ends.filter(|ends| on && *ends > now)
}

/// The same of somebody's, if they have any.
pub async fn waits_until(db: &mut PgConnection, quiet: Option<&Quiet>, now: Timestamp) -> Answer<Option<Timestamp>> {
    let Some(quiet) = quiet else { return Ok(None) };
    let zone = zones::zone(db, &quiet.timezone).await?;
    Ok(quiet_until(quiet, &zone, now))
}

/// What becomes of something that is due.
enum Decision {
    /// Its notification was erased.
    Gone,
    /// There is no reason for it any more.
    Skip(&'static str),
    /// Its reader wants to be left alone until then.
    Wait(Timestamp),
    Go,
}

/// Looks at it once more: much can have happened since it was queued.
async fn decide(db: &mut PgConnection, queued: Uuid, channel: Channel, now: Timestamp) -> Answer<Decision> {
    let Some(found) = sql::standing(db, queued, channel.as_str()).await? else { return Ok(Decision::Gone) };
    let usual = match channel {
        Channel::Email => KINDS.iter().find(|kind| kind.kind == found.kind).and_then(|kind| kind.email) == Some(true),
        _ => true,
    };
    if found.is_read {
        return Ok(Decision::Skip(READ));
    }
    if !found.enabled.unwrap_or(usual) {
        return Ok(Decision::Skip(OFF));
    }
    if found.of_team && !sql::heard(db, found.recipient, Some(now)).await?.contains(&found.kind) {
        return Ok(Decision::Skip(NOT_THEIRS));
    }
    Ok(match waits_until(db, found.quiet.as_ref(), now).await? {
        Some(until) => Decision::Wait(until),
        None => Decision::Go,
    })
}

fn wait(until: Timestamp) -> Failure {
    Failure::NotBefore(until, internal().internal(QUIET))
}

impl Due {
    /// As a job, with its row of the queue; it waits until then.
    pub fn pending(self, app: &App, notice: &Notice, now: Timestamp, until: Option<Timestamp>) -> Pending {
        let channel = if self.device.is_some() { Channel::Push } else { Channel::Email };
        let mut message = envelope(&app.keys, channel, notice.kind.to_owned(), &self.address);
        message.notification = Some(self.notification);
        message.reason = until.map(|_| QUIET);
        let mut job = match self.device {
            Some(device) => Pending::new(&PushNotice { queued: message.id, device }),
            None => Pending::new(&MailNotice { queued: message.id }),
        };
        // A push service that hangs keeps only its own messages waiting.
        job.run_at(until.unwrap_or(now)).lane(self.service.unwrap_or_default()).message(message);
        job
    }
}

/// Sends one notification by email, unless there is no reason for it any more.
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
        let mut tx = app.begin().await?;
        let found = sql::queued(&mut tx, self.queued).await?.filter(|found| found.status == "queued");
        let decision = decide(&mut tx, self.queued, Channel::Email, now).await?;
        if let (Some(_), Decision::Wait(until)) = (&found, &decision) {
            return Err(wait(*until));
        }
        // One that was erased has nobody to go to.
        if let Some(found) = found {
            let skipped = match (&found.email, decision) {
                (None, _) => Some("The account is no longer active."),
                (_, Decision::Skip(why)) => Some(why),
                _ => None,
            };
            if let (None, Some(to)) = (skipped, found.email) {
                let (kind, name) = (found.kind, found.name.unwrap_or_default());
                let (title, message, href) = (found.title, found.message, found.href);
                let mail = templates::Notice { kind, name, title, message, href };
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

/// Has one browser show a notification, unless there is no reason for it any more.
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
        let now = app.clock.now();
        let mut db = app.pool.acquire().await?;
        match decide(&mut db, self.queued, Channel::Push, now).await? {
            // One that was erased is shown nowhere.
            Decision::Gone => return Ok(()),
            Decision::Skip(why) => return Ok(self.skip(&app, &context, why, false).await?),
            Decision::Wait(until) => return Err(wait(until)),
            Decision::Go => {}
        }
        let Some(found) = sql::to_show(&mut db, self.queued, self.device, now).await? else { return Ok(()) };
        drop(db);
        let (Some(endpoint), Some(keys)) = (&found.endpoint, &found.keys) else {
            let why = "Push messages are off on that device, or it was signed out.";
            return Ok(self.skip(&app, &context, why, false).await?);
        };
        let browser = Browser::open(&app.keys, endpoint, keys).map_err(Failure::Never)?;
        let outcome = push::send(&app, &browser, &shown(&found), NoticeSeverity::of(&found.severity)).await?;
        let (gone, sent) = came_of(&outcome);
        let attempt = Attempt { channel: Channel::Push, kind: found.kind, to: &found.address, most: Self::ATTEMPTS };
        deliveries::note(&app, &context, attempt, &sent).await;
        match gone {
            true => Ok(self.skip(&app, &context, "The browser no longer accepts our push messages.", true).await?),
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
        let mut tx = app.begin().await?;
        if gone {
            sql::device_gone(&mut tx, self.device).await?;
        }
        sql::queued_end(&mut tx, self.queued, "skipped", Some(why)).await?;
        context.done(&mut tx, app.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use time::macros::time;

    use super::*;
    use crate::zones::ZoneChange;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    /// Berlin around two changes of its clocks.
    fn berlin() -> Zone {
        let change = |since: &str, hours: i32, name: &str| ZoneChange {
            since: at(since),
            offset_seconds: hours * 3_600,
            abbreviation: name.to_owned(),
        };
        let changes = vec![
            change("1990-01-01T00:00:00Z", 1, "CET"),
            change("2026-03-29T01:00:00Z", 2, "CEST"),
            change("2026-10-25T01:00:00Z", 1, "CET"),
        ];
        Zone { name: "Europe/Berlin".to_owned(), changes }
    }

    #[test]
    fn quiet_hours_end_by_the_clocks_there() {
        let zone = berlin();
        let night = Quiet { starts: time!(22:00), ends: time!(2:30), timezone: zone.name.clone() };
        let noon = Quiet { starts: time!(12:00), ends: time!(14:00), timezone: zone.name.clone() };
        for (quiet, now, until) in [
            (&night, "2026-07-01T19:59:00Z", None),
            (&night, "2026-07-01T20:00:00Z", Some("2026-07-02T00:30:00Z")),
            (&night, "2026-07-01T23:00:00Z", Some("2026-07-02T00:30:00Z")),
            (&night, "2026-07-02T00:30:00Z", None),
            (&noon, "2026-07-01T11:00:00Z", Some("2026-07-01T12:00:00Z")),
            (&noon, "2026-07-01T12:00:00Z", None),
            // The hour from two to three comes twice: the first ends them, and the second begins none.
            (&night, "2026-10-25T00:10:00Z", Some("2026-10-25T00:30:00Z")),
            (&night, "2026-10-25T01:10:00Z", None),
            // Clocks jump from two to three.
            (&night, "2026-03-29T00:30:00Z", Some("2026-03-29T01:00:00Z")),
        ] {
            assert_eq!(quiet_until(quiet, &zone, at(now)), until.map(at), "at {now}");
        }
    }
}
