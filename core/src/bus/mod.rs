//! bus: what happened, for whoever listens. [004 §2.14, 002]
//!
//! Business transactions write rows (`outbox_events`); one relay gives them their published sequence
//! and wakes the processes; each process hears of them, streams them to browsers and feeds the
//! consumers. Rows are the truth, notifications only hurry things along. Where `NATS_URL` is set, what was published is
//! forwarded to NATS JetStream as well, in the same order ([`nats`]).

use operation::Validate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::id_type;
use crate::kernel::page::Limit;
use crate::kernel::text::FilterWord;
use crate::kernel::timestamp::Timestamp;

pub mod operations;

#[cfg(feature = "ssr")]
pub mod asyncapi;
#[cfg(feature = "ssr")]
mod audience;
#[cfg(feature = "ssr")]
pub mod consumers;
#[cfg(feature = "ssr")]
mod events;
#[cfg(feature = "ssr")]
pub mod inbound;
#[cfg(feature = "ssr")]
mod jobs;
#[cfg(feature = "ssr")]
pub mod listener;
#[cfg(feature = "ssr")]
pub mod looks;
#[cfg(feature = "ssr")]
pub mod nats;
#[cfg(feature = "ssr")]
pub mod relay;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(feature = "ssr")]
mod stream;
#[cfg(all(test, feature = "ssr"))]
mod tests;

#[cfg(feature = "ssr")]
pub use crate::kernel::audit::AdminActionLogged;
#[cfg(feature = "ssr")]
pub use audience::{EventAudience, audience, audiences};
#[cfg(feature = "ssr")]
pub use sql::{dead_letters_forget, dead_letters_naming};

#[cfg(feature = "ssr")]
inventory::submit!(crate::kernel::areas::Area::new("bus", "Events, as a list and as a stream of server-sent events."));

/// An event as listeners get it.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Published {
    /// Its place in the published order; resume after it.
    pub seq: i64,
    /// The same at every delivery: consumers recognise a repeated one by it.
    pub id: Uuid,
    /// Dotted name, such as `session.invalidated`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of thing it happened to.
    pub aggregate_type: String,
    /// The thing's id.
    pub aggregate_id: String,
    /// Its data.
    pub payload: Value,
    /// When it happened.
    pub at: Timestamp,
    /// The team member who brought it about, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Filter for events.
#[operation::record]
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema), schemars(rename = "BusEventFilter"))]
#[serde(default, deny_unknown_fields)]
pub struct EventFilter {
    /// Only this type; `session.*` for all that begin so.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<FilterWord>,
    /// Only events of this kind of thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregate_type: Option<FilterWord>,
    /// Only events of this thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregate_id: Option<FilterWord>,
    /// Replay: only events after this sequence, oldest first. Without it the newest come first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// From the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Rows on a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}
impl Validate for EventFilter {}

/// A new stream.
#[operation::record]
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct StreamQuery {
    /// Types, separated by commas; `session.*` for all that begin so; what is looked at while you listen is named
    /// with its id, such as `job:01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90`. All events if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<String>,
    /// Resume after this sequence; `Last-Event-ID` wins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
}
impl Validate for StreamQuery {}

/// Something that happened elsewhere.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ToldEvent {
    /// The sender's own ID of the event. An ID that was already processed has no effect.
    pub id: Uuid,
    /// Dotted name, such as `user.flagged`; the AsyncAPI document lists those that are taken.
    #[serde(rename = "type")]
    pub kind: FilterWord,
    /// Its data, depending on its type.
    pub payload: Value,
}
impl Validate for ToldEvent {}

/// The result of an event from another system.
#[operation::record]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct TakenEvent {
    /// Whether it had an effect; false if it was already processed.
    pub taken: bool,
}

/// The progress of a consumer.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ConsumerRow {
    /// Its name.
    pub name: String,
    /// The last sequence it has taken in.
    pub position: i64,
    /// How many events were published since.
    pub lag: i64,
    /// How often it has failed at the next event; 0 when all is well.
    pub failures: i32,
    /// The last error.
    pub last_error: Option<String>,
    /// When it moved or failed last.
    pub updated_at: Timestamp,
}

/// By what events leave the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TransportKind {
    /// PostgreSQL's LISTEN and NOTIFY alone.
    Postgres,
    /// NATS JetStream as well.
    Nats,
}

/// The status of the event bus transport.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct BusTransport {
    /// Which it is.
    pub kind: TransportKind,
    /// Events that wait to be published.
    pub waiting: i64,
    /// Host and port of NATS.
    pub servers: Vec<String>,
    /// The progress of forwarding to NATS; absent before the first message, and if NATS is not used.
    pub forwarded: Option<ConsumerRow>,
}

id_type! {
    /// A message that could not be taken in.
    DeadLetterId,
}

/// A message that another system sent over NATS and that could not be taken in.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct DeadLetter {
    /// Its id.
    pub id: DeadLetterId,
    /// The subject it was sent to.
    pub subject: String,
    /// The message text; in a list, the beginning of long ones.
    pub body: String,
    /// Why it could not be processed, as an error code.
    pub error_code: String,
    /// The same as text.
    pub error: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// What of a dead letter is audited: not what it says, for it may speak of anybody.
#[cfg(feature = "ssr")]
#[derive(Serialize)]
struct Undelivered<'a> {
    id: DeadLetterId,
    subject: &'a str,
    error_code: &'a str,
}
#[cfg(feature = "ssr")]
impl crate::kernel::audit::Audited for Undelivered<'_> {
    const OBJECT: &'static str = "dead_letter";
    fn audit_id(&self) -> String {
        self.id.to_string()
    }
}
#[cfg(feature = "ssr")]
impl DeadLetter {
    fn audited(&self) -> Undelivered<'_> {
        Undelivered { id: self.id, subject: &self.subject, error_code: &self.error_code }
    }
}

/// Whether an event's type fits a pattern: the type itself, or `session.*`.
pub fn fits(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => kind.starts_with(prefix),
        None => pattern == kind,
    }
}
