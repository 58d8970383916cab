//! What notifications sends and takes, on both sides of the wire.

use operation::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};

use crate::access::wire;
use crate::kernel::page::Limit;
use crate::kernel::permissions::Permission;
use crate::kernel::text::EndpointUrl;
use crate::kernel::text::{ClockTime, TimeZone};
use crate::kernel::timestamp::Timestamp;
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

/// The severity. [000 `notifications.type`]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeSeverity {
    /// Action is needed.
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
    pub fn as_str(self) -> &'static str {
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
        /// It was settled: there is nothing left to do.
        #[serde(default)]
        pub settled: bool,
        /// What came of the dispute it is about, such as `lost`; absent while it is open and for all else.
        #[serde(default)]
        pub outcome: Option<String>,
        /// The title of the event it is about, where it is about one.
        #[serde(default)]
        pub event: Option<String>,
        /// The deadline, if there is one.
        #[serde(default)]
        pub due_at: Option<Timestamp>,
        pub created_at: Timestamp,
    }

    /// Filter for notifications.
    #[derive(Default)]
    #[serde(default, deny_unknown_fields)]
    pub struct NotificationFilter {
        /// Only those that were not read.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub unread: Option<bool>,
        /// Only open notifications (action still needed or, if none is needed, unread), or only the others.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub open: Option<bool>,
        /// From the page before.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        /// Rows on a page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// The notifications to mark as read.
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
    /// How the caller receives one kind of notification.
    pub struct KindSetting {
        /// The kind, such as `dispute_opened`.
        pub kind: String,
        /// The type, as text.
        pub title: String,
        /// Whether it is listed and counted.
        pub in_app: bool,
        /// Whether it is sent by email as well; absent where that is not offered.
        pub email: Option<bool>,
        /// Whether it is shown on the devices that push messages are on for.
        pub push: bool,
    }

    /// A browser that receives push messages while its user is signed in.
    pub struct PushDevice {
        pub id: PushDeviceId,
        /// The type of device.
        pub name: String,
        /// Whether the caller's address is in it.
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

    /// Quiet hours, during which no email or push message is sent. They are sent when the quiet hours end.
    pub struct QuietHours {
        /// When they begin, in the time zone.
        pub from: ClockTime,
        /// When they end; the next day where that is not later.
        pub until: ClockTime,
        /// The time zone.
        pub timezone: TimeZone,
    }

    /// How the caller receives notifications.
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

    /// The new notification settings; channels turn off for kinds that are not listed.
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
        /// The time zone; UTC if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub quiet_timezone: Option<TimeZone>,
    }
}

/// A kind of thing that people are told of.
pub struct Kind {
    /// Its word on the wire.
    pub kind: &'static str,
    /// The type, as text.
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
    of_team("gate_conflict", "A ticket is used twice at a gate", Permission::TicketsManage, false),
    // Whoever works at an event, whatever else they may do.
    Kind {
        permission: None,
        ..of_team("plan_changed", "Your shifts or bookings change", Permission::TalentRead, true)
    },
    of_team("document_uploaded", "A partner uploaded a document", Permission::KycReview, false),
    Kind { end_users: true, ..of_team("event_request", "A guest requests seats", Permission::EventsManage, false) },
    of_users("booking_confirmed", "Your booking is confirmed"),
    of_users("ticket_received", "You’re given a ticket"),
    of_users("event_invite", "You’re invited to an event"),
    of_users("request_accepted", "Your request is accepted"),
    of_users("request_declined", "Your request is declined"),
    of_users("seats_offered", "Seats from the waiting list are offered to you"),
    of_users("event_rescheduled", "An event has a new time or venue"),
    of_users("event_cancelled", "An event is cancelled"),
    of_users("refund_sent", "Money is on its way back to you"),
];

/// Those that somebody sees to: they are open until it is done, whoever has read of them.
#[cfg(feature = "ssr")]
pub(super) const SEEN_TO: &[&str] =
    &["dispute_opened", "payouts_prepared", "gate_conflict", "document_uploaded", "event_request"];

/// What the kind of that word is, for people.
pub fn kind_title(kind: &str) -> Option<&'static str> {
    KINDS.iter().find(|known| known.kind == kind).map(|known| known.title)
}

impl Notification {
    /// The rest of it as it stands: nobody is asked for what was seen to.
    pub fn says(&self) -> &str {
        if !self.settled {
            return &self.message;
        }
        match (self.kind.as_str(), self.outcome.as_deref()) {
            (_, Some("won")) => "The bank decided for you. The money stays.",
            (_, Some("lost")) => "The bank gave the money back to the guest.",
            (_, Some("withdrawn")) => "The dispute is over. The money stays.",
            ("dispute_opened", _) => "Evidence is sent. The bank decides next.",
            ("gate_conflict", _) => "Someone decided what happened.",
            ("document_uploaded", _) => "The document was reviewed.",
            ("payouts_prepared", _) => "The payouts were paid.",
            ("event_request", _) => "The request was answered.",
            _ => "Nothing left to do.",
        }
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
            (Some(_), None) => wrong("quiet_until", "is required with a start of quiet hours".to_owned()),
            (None, Some(_)) => wrong("quiet_from", "is required with an end of quiet hours".to_owned()),
            (Some(from), Some(until)) if from == until => {
                wrong("quiet_until", "must differ from the start".to_owned());
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
