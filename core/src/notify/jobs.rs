//! A mail or a text message is a job: queued in the transaction it speaks of, sent after that has committed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;

use super::deliveries::{Attempt, Recipient};
use super::render::{Rendered, render};
use super::template::{Message, Template};
use super::texter::Text;
use super::{Channel, Mailer, Texter, budget, deliveries, enclosed};
use crate::kernel::app::App;
use crate::kernel::clock::new_uuid;
use crate::kernel::context::Tx;
use crate::kernel::crypto::Keys;
use crate::kernel::error::{Result, internal};
use crate::kernel::jobs::{self, Envelope, Job, Pending};
use crate::kernel::queues::Queue;
use crate::kernel::text::{E164Phone, Email};
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::organisation;

/// Sends one mail.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SendMail {
    pub to: String,
    pub mail: Template,
}
impl Job for SendMail {
    const TYPE: &'static str = "mail.send";
    const QUEUE: Queue = Queue::Mail;
    const ATTEMPTS: i32 = 10;
}
inventory::submit!(JobHandler::of::<SendMail>());

/// The mail that such a job was told to send.
pub(super) fn mail_of(payload: Value) -> Option<Template> {
    serde_json::from_value::<SendMail>(payload).ok().map(|job| job.mail)
}

/// A mail as a job, for whoever queues many at once ([`jobs::insert_all`]), or has more to say of it.
pub fn pending_mail(keys: &Keys, to: &str, mail: impl Into<Template>) -> Pending {
    let mail = mail.into();
    let (queue, envelope) = (mail.queue(), envelope(keys, Channel::Email, mail.kind().to_owned(), to));
    let mut job = Pending::new(&SendMail { to: to.to_owned(), mail });
    job.queue(queue).message(envelope);
    job
}

/// What is kept of a message to this address.
pub fn envelope(keys: &Keys, channel: Channel, kind: String, to: &str) -> Envelope {
    let Recipient { masked, hash } = Recipient::of(keys, to);
    let (id, channel) = (new_uuid(), channel.as_str());
    Envelope { id, notification: None, channel, kind, recipient: masked, recipient_hash: hash, reason: None }
}

/// Queues a mail; it is sent if and only if the transaction commits.
pub fn mail(tx: &mut Tx, to: &str, mail: impl Into<Template>) {
    let job = pending_mail(&tx.app().keys, to, mail);
    tx.enqueue_pending(job);
}

/// The same outside an operation.
pub async fn queue_mail(
    db: &mut PgConnection,
    app: &App,
    request_id: &str,
    to: &str,
    mail: impl Into<Template>,
) -> Result<()> {
    jobs::insert(db, request_id, app.clock.now(), &pending_mail(&app.keys, to, mail)).await
}

/// The mail as it goes out, with all that goes along.
pub(super) async fn ready(app: &Arc<App>, mail: &Template) -> Result<Rendered> {
    let organisation = organisation::current(app).await?;
    let logo = organisation::logo(app).await?;
    Ok(render(app, &organisation, logo, mail, enclosed::gather(app, mail).await?))
}

impl Run for SendMail {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let sent = self.send(&app, &context).await;
        let kind = self.mail.kind().to_owned();
        let attempt = Attempt { channel: Channel::Email, kind, to: &self.to, most: Self::ATTEMPTS };
        deliveries::note(&app, &context, attempt, &sent).await;
        sent
    }
}

impl SendMail {
    async fn send(&self, app: &Arc<App>, context: &JobContext) -> Result<(), Failure> {
        let to = Email::parse(&self.to).map_err(|error| Failure::Never(internal().internal(error)))?;
        let rendered = ready(app, &self.mail).await?;
        app.component::<Mailer>().send(context.id.0, &to, rendered, app.clock.now()).await
    }
}

/// Sends one text message.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SendText {
    pub to: E164Phone,
    pub message: Message,
}
impl Job for SendText {
    const TYPE: &'static str = "text.send";
    const QUEUE: Queue = Queue::Text;
    const ATTEMPTS: i32 = 6;
}
inventory::submit!(JobHandler::of::<SendText>());

/// Queues a text message; it is sent if and only if the transaction commits.
///
/// Thousands of notices to guests never stand before a code.
pub fn text(tx: &mut Tx, to: &E164Phone, message: Message) {
    let queue = match &message {
        Message::OneTimeCode { .. } => Queue::Text,
        Message::Notice { .. } => Queue::Mail,
    };
    let envelope = envelope(&tx.app().keys, Channel::Sms, kind_of(&message), to.as_str());
    tx.enqueue(&SendText { to: to.clone(), message }).queue(queue).message(envelope);
}

fn kind_of(message: &Message) -> String {
    match message {
        Message::OneTimeCode { .. } => "one_time_code".to_owned(),
        Message::Notice { notice } => notice.kind().to_owned(),
    }
}

impl Run for SendText {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let sent = self.send(&app, &context).await;
        let (channel, kind) = (Channel::Sms, kind_of(&self.message));
        let attempt = Attempt { channel, kind, to: self.to.as_str(), most: Self::ATTEMPTS };
        deliveries::note(&app, &context, attempt, &sent).await;
        sent
    }
}

impl SendText {
    async fn send(&self, app: &Arc<App>, context: &JobContext) -> Result<(), Failure> {
        let at = app.clock.now();
        let is_notice = matches!(self.message, Message::Notice { .. });
        let organisation = organisation::current(app).await?;
        let Some(body) = self.message.body(app, &organisation, at) else {
            // Nobody is helped by a code that no longer works; but that it came to this somebody must see.
            let why = match is_notice {
                true => "There is no text message for this notice, or its seats were no longer held.",
                false => "The code expired before the text message was sent.",
            };
            return Err(Failure::Never(internal().detail(why)));
        };
        if is_notice {
            budget::spend_on_notice(app, &self.to).await?;
        }
        app.component::<Texter>().send(&Text { id: context.id.0, to: self.to.clone(), body, at }).await
    }
}
