//! Where mail goes: to an SMTP server, or, without one, into files for the development mailbox.

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::response::Category;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use time::macros::format_description;
use uuid::Uuid;

use super::render::Rendered;
use crate::kernel::components::{Component, Made};
use crate::kernel::config::Config;
use crate::kernel::error::{Error, Result, internal};
use crate::kernel::text::Email;
use crate::kernel::timestamp::Timestamp;
use crate::ops::handlers::Failure;

/// Who mails are from where nobody says otherwise; the organisation's name says more.
const DEFAULT_SENDER: &str = "Eventify";
const TIMEOUT: Duration = Duration::from_secs(20);

/// Sends mail.
pub struct Mailer {
    from: Mailbox,
    transport: Transport,
}

enum Transport {
    /// Never dropped: its pool's destructor needs a running tokio, which is gone when the process
    /// ends, and would abort it.
    Smtp(&'static AsyncSmtpTransport<Tokio1Executor>),
    Files(PathBuf),
}

/// Where mails and text messages are kept that nobody takes.
pub(super) fn folder(config: &Config) -> PathBuf {
    config.data.join("mail")
}

impl Made for Mailer {
    fn made(config: &Config) -> Result<Self> {
        Self::new(config)
    }
}
inventory::submit!(Component::of::<Mailer>());

impl Mailer {
    /// From the settings; a bad one names itself. Nothing is connected yet, but tokio must run.
    pub fn new(config: &Config) -> Result<Self> {
        let from = config.mail_from.parse().map_err(|error| {
            bad_setting(format!(
                "MAIL_FROM must look like Eventify <no-reply@example.com>, not {:?}: {error}",
                config.mail_from
            ))
        })?;
        let transport = match &config.smtp_url {
            None => Transport::Files(folder(config)),
            Some(url) => Transport::Smtp(Box::leak(Box::new(smtp(url)?))),
        };
        Ok(Self { from, transport })
    }

    /// Sends one mail. The id becomes its Message-ID: a repeated mail is recognisable as such.
    pub async fn send(&self, id: Uuid, to: &Email, mail: Rendered, now: Timestamp) -> Result<(), Failure> {
        let message = self.message(id, to, mail, now).map_err(Failure::Never)?;
        match &self.transport {
            Transport::Files(folder) => Ok(keep(folder, id, "eml", &message.formatted(), now).await?),
            Transport::Smtp(smtp) => match smtp.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if refused(&error) => Err(Failure::Never(internal().internal(format!("SMTP: {error:?}")))),
                Err(error) => Err(Failure::Again(internal().internal(format!("SMTP: {error:?}")))),
            },
        }
    }

    /// Who it is from: as the organisation says, or else the operator.
    fn sender(&self, mail: &Rendered) -> String {
        let operator = self.from.name.clone().filter(|name| name != DEFAULT_SENDER);
        mail.sender.clone().or(operator).unwrap_or_else(|| mail.house.clone())
    }

    fn message(&self, id: Uuid, to: &Email, mail: Rendered, now: Timestamp) -> Result<Message> {
        let address = to.as_str().parse().map_err(|error| internal().internal(format!("address: {error}")))?;
        let from = Mailbox::new(Some(self.sender(&mail)), self.from.email.clone());
        let mut message = Message::builder()
            .from(from)
            .to(Mailbox::new(None, address))
            .subject(mail.subject.clone())
            .date(std::time::SystemTime::from(now.0))
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())));
        // An address of somebody's that is none is no reason not to send.
        if let Some(answers) = mail.reply_to.as_deref().and_then(|address| address.parse().ok()) {
            message = message.reply_to(Mailbox::new(None, answers));
        }
        message.multipart(body(mail)?).map_err(|error| internal().internal(error))
    }
}

/// Text and HTML with its pictures, and what is attached.
fn body(mail: Rendered) -> Result<MultiPart> {
    let plain = SinglePart::plain(mail.text);
    let html = SinglePart::html(mail.html);
    let kind = |media_type: &str| ContentType::parse(media_type).map_err(|error| internal().internal(error));
    let both = MultiPart::alternative().singlepart(plain);
    let both = match mail.pictures.is_empty() {
        true => both.singlepart(html),
        false => {
            let mut related = MultiPart::related().singlepart(html);
            for picture in mail.pictures {
                let shown = Attachment::new_inline(picture.name).body(picture.bytes, kind(picture.media_type)?);
                related = related.singlepart(shown);
            }
            both.multipart(related)
        }
    };
    Ok(match mail.calendar {
        None => both,
        Some(file) => {
            let file = Attachment::new("event.ics".to_owned()).body(file, kind("text/calendar; charset=utf-8")?);
            MultiPart::mixed().multipart(both).singlepart(file)
        }
    })
}

/// The server will never take this mail to this address (55x). Other lasting refusals, such as of our
/// password, are for people to mend: worth trying again.
fn refused(error: &lettre::transport::smtp::Error) -> bool {
    error.is_permanent() && error.status().is_some_and(|code| code.category == Category::MailSystem)
}

fn smtp(url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    // The error must not repeat the URL: it may hold a password.
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|error| {
        bad_setting(format!("SMTP_URL must look like smtps://user:password@mail.example.com: {error}"))
    })?;
    Ok(builder.timeout(Some(TIMEOUT)).build())
}

fn bad_setting(detail: String) -> Error {
    internal().detail(detail.clone()).internal(detail)
}

/// Written aside and renamed: a reader never sees half a message.
pub(super) async fn keep(
    folder: &std::path::Path,
    id: Uuid,
    ending: &str,
    message: &[u8],
    now: Timestamp,
) -> Result<()> {
    let unwritable = |error: std::io::Error| internal().internal(format!("mail folder: {error}"));
    tokio::fs::create_dir_all(folder).await.map_err(unwritable)?;
    let format = format_description!("[year][month][day]T[hour][minute][second].[subsecond digits:3]Z");
    let time = now.0.format(&format).unwrap_or_default();
    let aside = folder.join(format!(".{id}.part"));
    tokio::fs::write(&aside, message).await.map_err(unwritable)?;
    tokio::fs::rename(&aside, folder.join(format!("{time}-{id}.{ending}"))).await.map_err(unwritable)
}
