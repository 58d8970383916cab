//! What notify sends, on both sides of the wire.

use operation::Validate;
use serde::Serialize;
use uuid::Uuid;

use crate::access::wire;
use crate::id_type;
use crate::kernel::page::Limit;
use crate::kernel::text::{FilterWord, SearchText};
use crate::kernel::timestamp::Timestamp;
use crate::ops::JobId;

/// The text message with the code to sign in with, from whoever runs this installation.
pub fn sign_in_text(code: &str, organisation: &str) -> String {
    format!("{code} is your {organisation} code. It works for five minutes. We never ask you for it.")
}

wire! {
    /// Who a mail goes to.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum MailAudience {
        /// Guests of events.
        Guests,
        /// Partners' contacts.
        Partners,
        /// Team members.
        Team,
    }

    /// A mail as it looks with sample data.
    pub struct MailTemplate {
        /// Its number in the list.
        pub number: i32,
        /// The type of email; the invitation has one form per audience.
        #[cfg_attr(feature = "ssr", schemars(example = &"tickets_issued"))]
        pub kind: String,
        /// The recipient.
        pub audience: MailAudience,
        /// Its subject.
        pub subject: String,
        /// Its plain text.
        pub text: String,
        /// The text message for guests with only a phone.
        pub text_message: Option<String>,
        /// The URL of its HTML.
        pub preview_url: String,
    }
}

wire! {
    /// The way a message goes.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum Channel {
        /// By mail.
        Email,
        /// By text message.
        Sms,
        /// By push message, to a browser.
        Push,
    }

    /// Status of a message.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum DispatchStatus {
        /// It is waiting for its time and a worker.
        Queued,
        /// A worker has it.
        Sending,
        /// An attempt failed, or could not be made; there will be another.
        Retrying,
        /// It was handed over for delivery.
        Sent,
        /// It was no longer needed when it was due.
        Skipped,
        /// It failed after its last attempt; it can be retried.
        Failed,
        /// Its job was cancelled.
        Cancelled,
    }

    /// An email, a text message or a push message, from the moment it is queued.
    pub struct QueuedMessage {
        pub id: MessageId,
        /// The job that sends it; one that was never needed has none.
        pub job_id: Option<JobId>,
        pub channel: Channel,
        /// The type, such as `tickets_issued`.
        pub kind: String,
        /// The subject of an email, while its job is kept.
        #[serde(default)]
        pub subject: Option<String>,
        /// The address, as far as it is kept.
        pub recipient: String,
        pub status: DispatchStatus,
        /// Why it was not sent, or is not sent yet.
        pub reason: Option<String>,
        /// The number of attempts.
        pub attempts: i32,
        /// It is not sent before.
        pub not_before: Timestamp,
        /// Whether it failed or was cancelled and can still be sent again.
        pub can_retry: bool,
        pub created_at: Timestamp,
    }

    /// A message, and what is known of its attempts.
    pub struct MessageDetail {
        pub message: QueuedMessage,
        /// The name it greets, if any.
        pub recipient_name: Option<String>,
        /// The attempts, the newest first.
        pub deliveries: Vec<Delivery>,
    }

    /// Filter for messages.
    #[derive(Default)]
    #[serde(default, deny_unknown_fields)]
    pub struct MessageFilter {
        /// To this exact email address or phone number.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub to: Option<SearchText>,
        /// Only this way.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub channel: Option<Channel>,
        /// Only those that stand there.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub status: Option<DispatchStatus>,
        /// Only those with this name.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub kind: Option<FilterWord>,
        /// From the page before.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        /// Rows on a page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// The result of an attempt.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum DeliveryOutcome {
        /// It was handed over for delivery.
        Sent,
        /// It failed and will be retried.
        Retried,
        /// It is waiting for a later hour, since this hour's budget is used up.
        Postponed,
        /// It failed after its last attempt.
        Failed,
    }

    /// An attempt at an email, a text or a push message.
    pub struct Delivery {
        pub id: Uuid,
        /// The job that makes the attempts; a failed one can be run again.
        pub job_id: JobId,
        /// Number of the attempt, from 1.
        pub attempt: i32,
        pub channel: Channel,
        /// The type of message, such as `tickets_issued`.
        pub kind: String,
        /// The address, as far as it is kept.
        pub recipient: String,
        pub outcome: DeliveryOutcome,
        /// Why it was not sent.
        pub reason: Option<String>,
        pub created_at: Timestamp,
    }

    /// Filter for attempts.
    #[derive(Default)]
    #[serde(default, deny_unknown_fields)]
    pub struct DeliveryFilter {
        /// To this exact email address or phone number.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub to: Option<SearchText>,
        /// Only this way.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub channel: Option<Channel>,
        /// Only those that came to this.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub outcome: Option<DeliveryOutcome>,
        /// Only those with this name.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub kind: Option<FilterWord>,
        /// Only those of one message, by the job that sends it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub job_id: Option<JobId>,
        /// From the page before.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        /// Rows on a page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }
}

id_type! {
    /// An email, a text message or a push message.
    MessageId,
}

#[cfg(feature = "ssr")]
crate::audited! { QueuedMessage "message" }

impl Validate for DeliveryFilter {}
impl Validate for MessageFilter {}

impl Channel {
    /// All of them.
    pub const ALL: [Channel; 3] = [Channel::Email, Channel::Sms, Channel::Push];

    /// That of this word.
    #[cfg(feature = "ssr")]
    pub(crate) fn of(word: &str) -> Channel {
        Self::ALL.into_iter().find(|one| one.as_str() == word).unwrap_or(Channel::Email)
    }

    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
            Channel::Push => "push",
        }
    }
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Channel::Email => "Email",
            Channel::Sms => "Text message",
            Channel::Push => "Push message",
        }
    }
}

impl DeliveryOutcome {
    /// All of them.
    pub const ALL: [DeliveryOutcome; 4] =
        [DeliveryOutcome::Sent, DeliveryOutcome::Retried, DeliveryOutcome::Postponed, DeliveryOutcome::Failed];

    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            DeliveryOutcome::Sent => "sent",
            DeliveryOutcome::Retried => "retried",
            DeliveryOutcome::Postponed => "postponed",
            DeliveryOutcome::Failed => "failed",
        }
    }
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            DeliveryOutcome::Sent => "Sent",
            DeliveryOutcome::Retried => "To be retried",
            DeliveryOutcome::Postponed => "Postponed",
            DeliveryOutcome::Failed => "Failed",
        }
    }
}

impl DispatchStatus {
    /// All of them.
    pub const ALL: [DispatchStatus; 7] = [
        DispatchStatus::Queued,
        DispatchStatus::Sending,
        DispatchStatus::Retrying,
        DispatchStatus::Sent,
        DispatchStatus::Skipped,
        DispatchStatus::Failed,
        DispatchStatus::Cancelled,
    ];

    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            DispatchStatus::Queued => "queued",
            DispatchStatus::Sending => "sending",
            DispatchStatus::Retrying => "retrying",
            DispatchStatus::Sent => "sent",
            DispatchStatus::Skipped => "skipped",
            DispatchStatus::Failed => "failed",
            DispatchStatus::Cancelled => "cancelled",
        }
    }
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            DispatchStatus::Queued => "Queued",
            DispatchStatus::Sending => "Sending",
            DispatchStatus::Retrying => "Will retry",
            DispatchStatus::Sent => "Sent",
            DispatchStatus::Skipped => "Not needed",
            DispatchStatus::Failed => "Failed",
            DispatchStatus::Cancelled => "Cancelled",
        }
    }
}

impl MailAudience {
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            MailAudience::Guests => "Guests",
            MailAudience::Partners => "Partners",
            MailAudience::Team => "Team",
        }
    }
}
