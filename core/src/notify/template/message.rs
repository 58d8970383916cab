//! Text messages, and what mails say as one.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Template;
use crate::access::one_time_code;
use crate::kernel::app::App;
use crate::kernel::timestamp::Timestamp;
use crate::notify::{render::text_of, sign_in_text};
use crate::organisation::Organisation;

/// A text message that can be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "message", rename_all = "snake_case")]
pub enum Message {
    /// The code to sign in with.
    OneTimeCode {
        /// The row of the code.
        otp: Uuid,
        /// When it stops working.
        until: Timestamp,
    },
    /// What a mail says, in short, to a guest who has only a phone.
    Notice {
        /// The mail.
        notice: Template,
    },
}

impl Message {
    /// What it says, if it is still worth saying; the code is derived here, at the last moment.
    pub fn body(&self, app: &App, organisation: &Organisation, now: Timestamp) -> Option<String> {
        match self {
            Message::OneTimeCode { otp, until } => (*until > now).then(|| {
                let code = one_time_code::code(&app.keys, *otp);
                sign_in_text(&code, &organisation.name)
            }),
            Message::Notice { notice } if notice.is_over(now) => None,
            Message::Notice { notice } => notice.in_short().map(|source| {
                let mut values = notice.values(app, organisation);
                let said = values.iter().find(|(name, _)| *name == "message").map(|(_, text)| sentence(text));
                values.extend(said.map(|text| ("said", text)));
                text_of(source, &values)
            }),
        }
    }
}

/// What somebody wrote, with an end: more follows in the same line.
fn sentence(text: &str) -> String {
    let text = text.trim();
    match text.chars().last() {
        None => String::new(),
        Some('.' | '!' | '?' | '…' | '।' | '。') => format!("{text} "),
        Some(_) => format!("{text}. "),
    }
}
