//! The queues jobs wait in. Each has slots of its own in every process, so that what is slow or comes
//! in thousands never stands before a code somebody waits for.

use serde::{Deserialize, Serialize};

/// A queue of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// Emails people need to sign in: sign-in codes and password links.
    Urgent,
    /// Codes by text message: a mail server that hangs keeps none of them waiting.
    Text,
    /// Every other mail.
    Mail,
    /// Messages to webhook endpoints, a few at a time to each.
    Webhook,
    /// Everything else: work on many records, periodic work.
    Bulk,
    /// Work on pictures, which takes much memory.
    Media,
}

impl Queue {
    /// All of them, the most urgent first.
    pub const ALL: [Queue; 6] = [Queue::Urgent, Queue::Text, Queue::Mail, Queue::Webhook, Queue::Bulk, Queue::Media];

    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Queue::Urgent => "urgent",
            Queue::Text => "text",
            Queue::Mail => "mail",
            Queue::Webhook => "webhook",
            Queue::Bulk => "bulk",
            Queue::Media => "media",
        }
    }

    /// How many of its jobs one process runs at the same time.
    pub fn slots(self) -> usize {
        match self {
            Queue::Urgent | Queue::Text | Queue::Mail => 4,
            Queue::Webhook => 8,
            Queue::Bulk => 3,
            Queue::Media => 1,
        }
    }

    /// How many jobs of one lane run side by side, over all processes; `None` where lanes do not matter.
    pub fn lane_limit(self) -> Option<i64> {
        (self == Queue::Webhook).then_some(2)
    }
}
