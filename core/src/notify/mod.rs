//! notify: telling people. By mail and by text message. [000 notifications, 004 §2.12, 002 Notifications Backbone]

mod types;
pub use types::*;

#[cfg(feature = "ssr")]
pub mod budget;
#[cfg(feature = "ssr")]
pub mod crew;
#[cfg(feature = "ssr")]
pub mod deliveries;
#[cfg(feature = "ssr")]
mod enclosed;
#[cfg(feature = "ssr")]
pub mod guests;
#[cfg(feature = "ssr")]
mod jobs;
#[cfg(feature = "ssr")]
pub mod mailbox;
#[cfg(feature = "ssr")]
mod mailer;
pub mod operations;
#[cfg(feature = "ssr")]
mod render;
#[cfg(feature = "ssr")]
pub mod samples;
#[cfg(feature = "ssr")]
mod security;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(feature = "ssr")]
mod template;
#[cfg(all(test, feature = "ssr"))]
mod tests;
#[cfg(feature = "ssr")]
mod texter;

#[cfg(feature = "ssr")]
pub use {
    enclosed::{Code, Enclosed, Enclosing},
    jobs::{envelope, mail, pending_mail, queue_mail, text},
    mailer::Mailer,
    render::Rendered,
    template::{EventFacts, Mail, MailKind, Message, Samples, Says, Template, Values, mails},
    texter::Texter,
};

#[cfg(feature = "ssr")]
inventory::submit!(crate::kernel::areas::Area::new("notify", "Emails, text messages and push messages."));
