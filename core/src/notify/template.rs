//! What a mail is. Each area declares its own with [`mails!`](crate::mails), beside their texts. None holds a secret: a
//! link is the id of its row, and its token is derived when the mail is sent.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

pub use facts::EventFacts;
pub use message::Message;

use super::enclosed::Enclosed;
use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::queues::Queue;
use crate::kernel::timestamp::Timestamp;
use crate::organisation::Organisation;

mod facts;
mod message;

/// The values a text's placeholders stand for.
pub type Values = Vec<(&'static str, String)>;

/// What a mail says, and how.
pub trait Says: Debug + Send + Sync + 'static {
    /// What its placeholders stand for; links get their tokens here, at the last moment.
    fn values(&self, app: &App, organisation: &Organisation) -> Values;

    /// Where it waits: what lets somebody in, or says that somebody else got in, never stands behind the rest.
    fn queue(&self) -> Queue {
        Queue::Mail
    }

    /// What it says as a text message, where guests are told it.
    fn in_short(&self) -> Option<&'static str> {
        None
    }

    /// Whether it is too late to say it: a text may have waited for hours.
    fn is_over(&self, _now: Timestamp) -> bool {
        false
    }

    /// What the log of messages calls it, if not by its kind.
    fn logged_as(&self) -> Option<&str> {
        None
    }

    /// What goes along where it is shown with sample values.
    fn enclosed_in_sample(&self) -> Result<Enclosed> {
        Ok(Enclosed::default())
    }
}

/// A mail as its area knows it.
pub trait Mail: Says + Serialize + DeserializeOwned {
    /// What it is called, for ever: it stands so in the queue and in the log.
    const KIND: &'static str;
    /// Its text; the first line is the subject.
    const SOURCE: &'static str;

    /// The event it is about.
    fn event(&self) -> Option<&EventFacts>;
}

/// Declares mails: what each is, its name for programs, and what it needs to know. Its text is `templates/<name>.txt`
/// beside the file; [`Says`] is written by hand. A field `event` says which event it is about.
#[macro_export]
macro_rules! mails {
    (@facts $mail:ident) => { None };
    (@facts $mail:ident event $($rest:ident)*) => { Some(&$mail.event) };
    (@facts $mail:ident $other:ident $($rest:ident)*) => { $crate::mails!(@facts $mail $($rest)*) };
    ($($(#[doc = $about:literal])+ $name:ident $kind:literal {
        $($(#[$field_about:meta])* $field:ident: $type:ty),* $(,)?
    })*) => {$(
        $(#[doc = $about])+
        #[derive(Debug, serde::Serialize, serde::Deserialize)]
        pub struct $name { $($(#[$field_about])* pub $field: $type,)* }
        impl $crate::notify::Mail for $name {
            const KIND: &'static str = $kind;
            const SOURCE: &'static str = include_str!(concat!("templates/", $kind, ".txt"));
            fn event(&self) -> Option<&$crate::notify::EventFacts> {
                $crate::mails!(@facts self $($field)*)
            }
        }
        inventory::submit!($crate::notify::MailKind::of::<$name>());
    )*};
}

pub use crate::mails;

/// A kind of mail there is.
pub struct MailKind {
    /// Its name.
    pub kind: &'static str,
    read: fn(Value) -> serde_json::Result<Template>,
}
inventory::collect!(MailKind);

impl MailKind {
    /// Each there is.
    pub fn all() -> impl Iterator<Item = &'static MailKind> {
        inventory::iter::<MailKind>()
    }

    /// Of one that an area declares.
    pub const fn of<M: Mail>() -> Self {
        Self { kind: M::KIND, read: |value| serde_json::from_value::<M>(value).map(Template::from) }
    }
}

/// What an area's mails look like; register with `inventory::submit!`.
pub struct Samples {
    /// Who reads them.
    pub to: super::MailAudience,
    /// Where they stand in the list of all.
    pub place: u8,
    /// One of each, at this moment.
    pub mails: fn(Timestamp) -> Vec<Template>,
}
inventory::collect!(Samples);

/// A mail of whichever kind, as it waits to be sent.
#[derive(Clone, Debug)]
pub struct Template(Arc<dyn Written>);

/// What the platform asks of a mail without knowing its kind.
trait Written: Says {
    fn kind(&self) -> &'static str;
    fn source(&self) -> &'static str;
    fn fields(&self) -> Value;
    fn about(&self) -> Option<&EventFacts>;
    fn any(&self) -> &dyn Any;
}

impl<M: Mail> Written for M {
    fn kind(&self) -> &'static str {
        M::KIND
    }
    fn source(&self) -> &'static str {
        M::SOURCE
    }
    fn fields(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
    fn about(&self) -> Option<&EventFacts> {
        self.event()
    }
    fn any(&self) -> &dyn Any {
        self
    }
}

impl<M: Mail> From<M> for Template {
    fn from(mail: M) -> Self {
        Self(Arc::new(mail))
    }
}

impl Template {
    /// As its area knows it, if it is of this kind.
    pub fn get<M: Mail>(&self) -> Option<&M> {
        self.0.any().downcast_ref()
    }

    /// What it is called; one that brings a notification, what that is.
    pub fn kind(&self) -> &str {
        self.0.logged_as().unwrap_or(self.0.kind())
    }

    /// The event it is about.
    pub fn event(&self) -> Option<&EventFacts> {
        self.0.about()
    }

    /// Its text: the first line is the subject.
    pub fn source(&self) -> &'static str {
        self.0.source()
    }

    /// The same as a text message. Words of the organiser are in it only where the guest has written to the organiser;
    /// else the link shows them.
    pub fn in_short(&self) -> Option<&'static str> {
        self.0.in_short()
    }

    /// What goes along with it as a sample.
    pub fn enclosed_in_sample(&self) -> Result<Enclosed> {
        self.0.enclosed_in_sample()
    }

    /// What its placeholders stand for.
    pub fn values(&self, app: &App, organisation: &Organisation) -> Values {
        let mut values = self.0.values(app, organisation);
        values.push(("site", app.config.base_url()));
        values.push(("house", organisation.name.clone()));
        // Nobody reads what is sent to a sender that takes no answers.
        let answered = organisation.reply_to.is_some() || self.event().is_some_and(|event| event.reply_to.is_some());
        let questions = match self.event() {
            _ if !answered => String::new(),
            Some(event) => event.questions(&app.config.base_url()),
            None => "If you have questions, reply to this email.".to_owned(),
        };
        values.push(("questions", questions));
        values
    }

    pub(super) fn queue(&self) -> Queue {
        self.0.queue()
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.0.is_over(now)
    }
}

/// Its fields, with its kind beside them.
impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = self.0.fields();
        value["template"] = self.0.kind().into();
        value.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let kind = value["template"].as_str().unwrap_or_default();
        let known = MailKind::all().find(|known| known.kind == kind);
        let known = known.ok_or_else(|| D::Error::custom(format!("no mail is called {kind:?}")))?;
        (known.read)(value).map_err(D::Error::custom)
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.0.kind() == other.0.kind() && self.0.fields() == other.0.fields()
    }
}
