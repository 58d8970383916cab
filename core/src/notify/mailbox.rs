//! The mails and text messages that were kept instead of sent, for development.

use std::path::Path;

use mail_parser::MessageParser;

use super::mailer::folder;
use super::texter::read_kept;
use crate::kernel::app::App;
use crate::kernel::error::{Result, internal, not_found};
use crate::kernel::timestamp::Timestamp;

/// Mails read at most; older ones stay on the disk.
const NEWEST: usize = 200;

/// A kept mail.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptMail {
    /// The file's name, for [`read`].
    pub name: String,
    /// When it would have been sent.
    pub at: Option<Timestamp>,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its plain text.
    pub text: String,
    /// Its HTML; a text message has none.
    pub html: String,
}

/// The kept mails, newest first.
pub async fn list(app: &App) -> Result<Vec<KeptMail>> {
    let folder = folder(&app.config);
    let mut names = Vec::new();
    match tokio::fs::read_dir(&folder).await {
        Ok(mut entries) => {
            while let Some(entry) = entries.next_entry().await.map_err(unreadable)? {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        // Nothing was ever kept.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(unreadable(error)),
    }
    names.retain(|name| is_mail(name));
    // Names begin with the time.
    names.sort_unstable_by(|a, b| b.cmp(a));
    names.truncate(NEWEST);
    let mut mails = Vec::with_capacity(names.len());
    for name in names {
        mails.push(parse(&folder, name).await?);
    }
    Ok(mails)
}

/// One kept mail by its file's name, or 404.
pub async fn read(app: &App, name: &str) -> Result<KeptMail> {
    if !is_mail(name) {
        return Err(not_found());
    }
    parse(&folder(&app.config), name.to_owned()).await
}

/// A name we gave; anything else, such as a path, is not looked at.
fn is_mail(name: &str) -> bool {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    plain && (name.ends_with(".eml") || name.ends_with(".sms")) && !name.starts_with('.') && !name.contains("..")
}

async fn parse(folder: &Path, name: String) -> Result<KeptMail> {
    if name.ends_with(".sms") {
        let text = read_kept(folder, &name).await.map_err(gone)?.ok_or_else(not_found)?;
        let (at, to) = (Some(text.at), text.to.to_string());
        return Ok(KeptMail { at, to, subject: "Text message".to_owned(), text: text.body, html: String::new(), name });
    }
    let bytes = tokio::fs::read(folder.join(&name)).await.map_err(gone)?;
    let mail = MessageParser::default().parse(&bytes).ok_or_else(|| internal().internal(format!("{name}: no mail")))?;
    let to = mail.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default().to_owned();
    let at = mail.date().and_then(|date| time::OffsetDateTime::from_unix_timestamp(date.to_timestamp()).ok());
    Ok(KeptMail {
        at: at.map(Timestamp),
        to,
        subject: mail.subject().unwrap_or_default().to_owned(),
        text: mail.body_text(0).unwrap_or_default().into_owned(),
        html: mail.body_html(0).unwrap_or_default().into_owned(),
        name,
    })
}

fn gone(error: std::io::Error) -> crate::Error {
    if error.kind() == std::io::ErrorKind::NotFound { not_found() } else { unreadable(error) }
}

fn unreadable(error: std::io::Error) -> crate::Error {
    internal().internal(format!("mail folder: {error}"))
}
