//! What mails there are, and what each needs to know. None holds a secret: a link is the id of its
//! row, and its token is derived when the mail is sent.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::links::{self, Purpose};
use crate::access::one_time_code;
use crate::kernel::app::App;
use crate::kernel::timestamp::Timestamp;

/// A mail that can be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub enum Template {
    /// Somebody was invited to the team.
    Invitation {
        /// Whom it greets.
        name: String,
        /// Who invited.
        invited_by: String,
        /// Which role awaits; may be empty.
        role: String,
        /// The row of the link.
        link: Uuid,
    },
    /// Somebody asked for a new password.
    PasswordReset {
        /// Whom it greets.
        name: String,
        /// The row of the link.
        link: Uuid,
    },
    /// The password was changed.
    PasswordChanged {
        /// Whom it greets.
        name: String,
        /// When.
        at: Timestamp,
    },
    /// Sessions were ended because an old token was used again.
    SessionsEnded {
        /// Whom it greets.
        name: String,
        /// When.
        at: Timestamp,
    },
    /// Too many wrong passwords.
    AccountLocked {
        /// Whom it greets.
        name: String,
        /// Where the last attempt came from.
        ip: String,
        /// When it opens again.
        until: Timestamp,
    },
    /// A sign-in from a device never seen before.
    NewDeviceSignIn {
        /// Whom it greets.
        name: String,
        /// What kind of device.
        platform: String,
        /// From where.
        ip: String,
        /// When.
        at: Timestamp,
    },
    /// A webhook endpoint was disabled because nothing could be delivered to it.
    WebhookDisabled {
        /// Whom it greets.
        name: String,
        /// Its id.
        endpoint: Uuid,
        /// Where it lies.
        url: String,
        /// Why.
        reason: String,
    },
}

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
}

impl Message {
    /// What it says, if it is still worth saying; the code is derived here, at the last moment.
    pub(super) fn body(&self, app: &App, now: Timestamp) -> Option<String> {
        match self {
            Message::OneTimeCode { otp, until } => (*until > now).then(|| {
                let code = one_time_code::code(&app.keys, *otp);
                format!("{code} is your Eventify code. It works for five minutes. We never ask you for it.")
            }),
        }
    }
}

/// The values a template's placeholders stand for.
pub(super) type Values = Vec<(&'static str, String)>;

impl Template {
    /// The text: its first line is the subject.
    pub(super) fn source(&self) -> &'static str {
        match self {
            Template::Invitation { .. } => include_str!("templates/invitation.txt"),
            Template::PasswordReset { .. } => include_str!("templates/password_reset.txt"),
            Template::PasswordChanged { .. } => include_str!("templates/password_changed.txt"),
            Template::SessionsEnded { .. } => include_str!("templates/sessions_ended.txt"),
            Template::AccountLocked { .. } => include_str!("templates/account_locked.txt"),
            Template::NewDeviceSignIn { .. } => include_str!("templates/new_device_sign_in.txt"),
            Template::WebhookDisabled { .. } => include_str!("templates/webhook_disabled.txt"),
        }
    }

    /// What its placeholders stand for; links get their tokens here, at the last moment.
    pub(super) fn values(&self, app: &App) -> Values {
        let mut values = match self {
            Template::Invitation { name, invited_by, role, link } => vec![
                ("name", name.clone()),
                ("invited_by", invited_by.clone()),
                ("as_role", if role.is_empty() { String::new() } else { format!(" as {role}") }),
                ("link", links::url(app, *link, Purpose::Invitation)),
            ],
            Template::PasswordReset { name, link } => {
                vec![("name", name.clone()), ("link", links::url(app, *link, Purpose::PasswordReset))]
            }
            Template::PasswordChanged { name, at } | Template::SessionsEnded { name, at } => {
                vec![("name", name.clone()), ("at", at.display())]
            }
            Template::AccountLocked { name, ip, until } => {
                vec![("name", name.clone()), ("ip", ip.clone()), ("until", until.display())]
            }
            Template::NewDeviceSignIn { name, platform, ip, at } => {
                vec![("name", name.clone()), ("platform", platform.clone()), ("ip", ip.clone()), ("at", at.display())]
            }
            Template::WebhookDisabled { name, endpoint, url, reason } => vec![
                ("name", name.clone()),
                ("endpoint", endpoint.to_string()),
                ("url", url.clone()),
                ("reason", reason.clone()),
            ],
        };
        values.push(("site", app.config.base_url()));
        values
    }
}
