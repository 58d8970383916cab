//! What notifications sends and takes, on both sides of the wire.

use operation::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};

use crate::access::wire;
use crate::kernel::page::Limit;
use crate::kernel::permissions::Permission;
use crate::kernel::text::{ClockTime, TimeZone};
use crate::kernel::timestamp::Timestamp;
use crate::webhooks::EndpointUrl;
use crate::{id_type, text_type};

id_type! {
    /// A notification.
    NotificationId,
    /// A browser that its person is told on.
    PushDeviceId,
}

/// Bytes as browsers give them: URL-safe base64.
fn base64url_rule(text: String) -> Result<String, String> {
    let good = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if good { Ok(text) } else { Err("must be URL-safe base64 without padding".to_owned()) }
}

text_type! {
    /// A browser's public key on P-256, as bytes of the uncompressed point.
    PushKey(87, 87, "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", base64url_rule),
    /// A secret of sixteen bytes that browser and server share.
    PushSecret(22, 22, "BTBZMqHH6r4Tts7J_aSIgg", base64url_rule),
}

/// The most that one call marks by name.
const MOST: usize = 200;

/// How much it matters. [000 `notifications.type`]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeSeverity {
    /// Somebody has to see to it.
    Critical,
    /// Worth knowing.
    Info,
    /// Something went well.
    Success,
}

impl NoticeSeverity {
    /// That of this word.
    #[cfg(feature = "ssr")]
    pub(super) fn of(word: &str) -> NoticeSeverity {
        match word {
            "critical" => NoticeSeverity::Critical,
            "success" => NoticeSeverity::Success,
            _ => NoticeSeverity::Info,
        }
    }

    /// The word on the wire and in the database.
    pub fn word(self) -> &'static str {
        match self {
            NoticeSeverity::Critical => "critical",
            NoticeSeverity::Info => "info",
            NoticeSeverity::Success => "success",
        }
    }
}

wire! {
    /// Something a person was told.
    pub struct Notification {
        pub id: NotificationId,
        /// What it is about, such as `dispute_opened`.
        #[serde(rename = "type")]
        pub kind: String,
        pub severity: NoticeSeverity,
        /// In a few words.
        pub title: String,
        /// The rest of it; may be empty.
        pub message: String,
        /// The kind of record it is about.
        pub reference_type: String,
        /// That record's id.
        pub reference_id: String,
        /// The page of it.
        pub href: Option<String>,
        pub is_read: bool,
        /// Somebody has seen to it: there is nothing left to do.
        #[serde(default)]
        pub settled: bool,
        pub created_at: Timestamp,
    }

    /// Which notifications to list.
    #[derive(Default)]
    #[serde(default, deny_unknown_fields)]
    pub struct NotificationFilter {
        /// Only those that were not read.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub unread: Option<bool>,
        /// From the page before.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        /// Rows on a page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// Which notifications were read.
    #[derive(Default)]
    #[serde(default, deny_unknown_fields)]
    pub struct ReadNotifications {
        /// These; all of the caller's if absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub ids: Option<Vec<NotificationId>>,
    }

    /// How many notifications the caller has not read.
    #[derive(Copy, Default)]
    pub struct Unread {
        pub unread: i64,
    }
}

wire! {
    /// How the caller is told of one kind of thing.
    pub struct KindSetting {
        /// The kind, such as `dispute_opened`.
        pub kind: String,
        /// What it is, for people.
        pub title: String,
        /// Whether it is listed and counted.
        pub in_app: bool,
        /// Whether it is sent by email as well; absent where that is not offered.
        pub email: Option<bool>,
        /// Whether it is shown on the devices that push messages are on for.
        pub push: bool,
    }

    /// A browser that its person is told on, for as long as they are signed in there.
    pub struct PushDevice {
        pub id: PushDeviceId,
        /// What kind of device it is.
        pub name: String,
        /// Whether the caller calls from there.
        pub is_this: bool,
        pub created_at: Timestamp,
    }

    /// A browser to be told on, as its `PushManager` gives it.
    #[serde(deny_unknown_fields)]
    pub struct NewPushDevice {
        /// The address at its push service.
        pub endpoint: EndpointUrl,
        /// Its public key.
        pub p256dh: PushKey,
        /// Its secret.
        pub auth: PushSecret,
    }

    /// When no email and no push message comes of what is told; what is told meanwhile is sent when they end.
    pub struct QuietHours {
        /// When they begin, by the clocks of the time zone.
        pub from: ClockTime,
        /// When they end; the next day where that is not later.
        pub until: ClockTime,
        /// By whose clocks.
        pub timezone: TimeZone,
    }

    /// How the caller is told of things.
    pub struct NotificationSettings {
        /// Each kind that concerns the caller.
        pub kinds: Vec<KindSetting>,
        /// Absent: emails and push messages come at any time.
        pub quiet: Option<QuietHours>,
        /// The key that a browser is to take push messages from, for its `PushManager`.
        pub push_key: String,
        /// The browsers that push messages are on for, the latest first.
        pub devices: Vec<PushDevice>,
    }

    /// How the caller wants to be told from now on; whatever is not named is not told that way.
    #[serde(deny_unknown_fields)]
    pub struct NotificationSettingsInput {
        /// Kinds to be listed and counted.
        pub in_app: Vec<String>,
        /// Kinds to be sent by email as well.
        #[serde(default)]
        pub email: Vec<String>,
        /// Kinds to be shown on one's devices; left as it is if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub push: Option<Vec<String>>,
        /// When quiet hours begin; no quiet hours if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub quiet_from: Option<ClockTime>,
        /// When they end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub quiet_until: Option<ClockTime>,
        /// By whose clocks; UTC if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub quiet_timezone: Option<TimeZone>,
    }
}

/// A kind of thing that people are told of.
pub struct Kind {
    /// Its word on the wire.
    pub kind: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    /// What a team member needs to hold somewhere to be told of it; none where it is an end user's own.
    pub permission: Option<Permission>,
    /// Whether it comes by email unless somebody chose otherwise; none where that is not offered, since a mail of its own
    /// says it.
    pub email: Option<bool>,
    /// Whether it is told to end users.
    pub end_users: bool,
}

const fn of_team(kind: &'static str, title: &'static str, permission: Permission, email: bool) -> Kind {
    Kind { kind, title, permission: Some(permission), email: Some(email), end_users: false }
}

const fn of_users(kind: &'static str, title: &'static str) -> Kind {
    Kind { kind, title, permission: None, email: None, end_users: true }
}

/// Everything that people are told of.
pub const KINDS: &[Kind] = &[
    of_team("dispute_opened", "A guest disputes a payment", Permission::DisputesManage, true),
    of_team("payouts_prepared", "Payouts need approval", Permission::PayoutsApprove, true),
    of_team("user_flagged", "An account is flagged for review", Permission::UsersModerate, true),
    of_team("gate_conflict", "An admission to check at a gate", Permission::TicketsManage, false),
    // Whoever works at an event, whatever else they may do.
    Kind { permission: None, ..of_team("plan_changed", "Your part in a plan changed", Permission::TalentRead, true) },
    of_team("document_uploaded", "A partner uploaded a document", Permission::KycReview, false),
    Kind { end_users: true, ..of_team("event_request", "A guest requests seats", Permission::EventsManage, false) },
    of_users("ticket_received", "You’re given a ticket"),
    of_users("event_invite", "You’re invited to an event"),
    of_users("request_accepted", "Your request is accepted"),
    of_users("request_declined", "Your request is declined"),
    of_users("seats_offered", "Seats from the waiting list are offered to you"),
    of_users("event_rescheduled", "An event has a new time or place"),
    of_users("event_cancelled", "An event is cancelled"),
    of_users("refund_sent", "Money is on its way back to you"),
];

/// What the kind of that word is, for people.
pub fn kind_title(kind: &str) -> Option<&'static str> {
    KINDS.iter().find(|known| known.kind == kind).map(|known| known.title)
}

impl Notification {
    /// The rest of it as it stands: nobody is asked for what was seen to.
    pub fn says(&self) -> &str {
        if self.settled { "Settled: nothing left to do." } else { &self.message }
    }
}

impl Validate for NotificationFilter {}

impl Validate for NewPushDevice {}

impl Validate for NotificationSettingsInput {
    fn check(&self, errors: &mut FieldErrors) {
        let mut wrong = |field: &str, message: String| errors.entry(field.to_owned()).or_default().push(message);
        let push = self.push.as_ref().map(|push| ("push", push));
        for (field, kinds) in [("in_app", &self.in_app), ("email", &self.email)].into_iter().chain(push) {
            if let Some(unknown) = kinds.iter().find(|kind| KINDS.iter().all(|known| known.kind != *kind)) {
                let all: Vec<_> = KINDS.iter().map(|known| known.kind).collect();
                wrong(field, format!("knows no {unknown}; must be some of {}", all.join(", ")));
            }
        }
        match (&self.quiet_from, &self.quiet_until) {
            (Some(_), None) => wrong("quiet_until", "is required where quiet hours begin".to_owned()),
            (None, Some(_)) => wrong("quiet_from", "is required where quiet hours end".to_owned()),
            (Some(from), Some(until)) if from == until => {
                wrong("quiet_until", "must be another time than the beginning".to_owned());
            }
            _ => {}
        }
    }
}

impl Validate for ReadNotifications {
    fn check(&self, errors: &mut FieldErrors) {
        if self.ids.as_ref().is_some_and(|ids| ids.is_empty() || ids.len() > MOST) {
            errors.entry("ids".to_owned()).or_default().push(format!("must be 1 to {MOST} ids; leave it out for all"));
        }
    }
}
