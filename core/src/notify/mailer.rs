//! Where mail goes: to an SMTP server, or, without one, into files for the development mailbox.

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::response::Category;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use time::macros::format_description;
use uuid::Uuid;

use super::render::Rendered;
use crate::kernel::config::Config;
use crate::kernel::error::{Error, Result, internal};
use crate::kernel::text::Email;
use crate::kernel::timestamp::Timestamp;
use crate::ops::handlers::Failure;

const TIMEOUT: Duration = Duration::from_secs(20);

/// Sends mail.
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

enum Way {
    /// Never dropped: its pool's destructor needs a running tokio, which is gone when the process
    /// ends, and would abort it.
    Smtp(&'static AsyncSmtpTransport<Tokio1Executor>),
    Files(PathBuf),
}

/// Where mails and text messages are kept that nobody takes.
pub(super) fn folder(config: &Config) -> PathBuf {
    config.data.join("mail")
}

impl Mailer {
    /// From the settings; a bad one names itself. Nothing is connected yet, but tokio must run.
    pub fn new(config: &Config) -> Result<Self> {
        let from = config.mail_from.parse().map_err(|error| {
            bad_setting(format!(
                "MAIL_FROM must look like Eventify <no-reply@example.com>, not {:?}: {error}",
                config.mail_from
            ))
        })?;
        let way = match &config.smtp_url {
            None => Way::Files(folder(config)),
            Some(url) => Way::Smtp(Box::leak(Box::new(smtp(url)?))),
        };
        Ok(Self { from, way })
    }

    /// Sends one mail. The id becomes its Message-ID: a repeated mail is recognisable as such.
    pub async fn send(&self, id: Uuid, to: &Email, mail: Rendered, now: Timestamp) -> Result<(), Failure> {
        let message = self.message(id, to, mail, now).map_err(Failure::Never)?;
        match &self.way {
            Way::Files(folder) => Ok(keep(folder, id, "eml", &message.formatted(), now).await?),
            Way::Smtp(smtp) => match smtp.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if refused(&error) => Err(Failure::Never(internal().internal(format!("SMTP: {error:?}")))),
                Err(error) => Err(Failure::Again(internal().internal(format!("SMTP: {error:?}")))),
            },
        }
    }

    fn message(&self, id: Uuid, to: &Email, mail: Rendered, now: Timestamp) -> Result<Message> {
        let address = to.as_str().parse().map_err(|error| internal().internal(format!("address: {error}")))?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(mail.subject)
            .date(std::time::SystemTime::from(now.0))
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(|error| internal().internal(error))
    }
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
