//! Text messages, and what mails say as one.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Template;
use crate::access::one_time_code;
use crate::kernel::app::App;
use crate::kernel::timestamp::Timestamp;
use crate::notify::render::text_of;
use crate::organisation::Organisation;

/// A text message that can be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "message", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "one at a time is on its way to the queue")]
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
    pub(in crate::notify) fn body(&self, app: &App, house: &Organisation, now: Timestamp) -> Option<String> {
        match self {
            Message::OneTimeCode { otp, until } => (*until > now).then(|| {
                let code = one_time_code::code(&app.keys, *otp);
                format!("{code} is your {} code. It works for five minutes. We never ask you for it.", house.name)
            }),
            Message::Notice { notice } if notice.is_over(now) => None,
            Message::Notice { notice } => notice.in_short().map(|source| {
                let mut values = notice.values(app, house);
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

impl Template {
    /// Whether the seats it speaks of are not held any more: a text may have waited for hours.
    fn is_over(&self, now: Timestamp) -> bool {
        matches!(self, Template::SeatsOffered { until, .. } | Template::RequestAccepted { until, .. } if *until <= now)
    }

    /// The same as a text message, for what guests are told. Words of the organiser are in it only where the guest has
    /// written to the organiser; else the link shows them.
    pub(in crate::notify) fn in_short(&self) -> Option<&'static str> {
        Some(match self {
            Template::TicketsIssued { .. } => "{{title}}, {{when}}. {{said}}Your tickets ({{tickets}}): {{link}}",
            Template::SeatsOffered { .. } => {
                "{{title}}: {{held}} for you until {{until}}. Take them: {{site}}/e/{{slug}}"
            }
            Template::RequestAccepted { .. } => {
                "Your request for {{title}} was accepted. Your seats are held until {{until}}. {{said}}\
                 {{site}}/e/{{slug}}"
            }
            Template::RequestDeclined { .. } => "Your request for {{title}} was declined. {{said}}",
            Template::EventInvitation { .. } => "You're invited to {{title}}, {{when}}: {{link}}",
            Template::GuestTakenOff { .. } => "{{what}} {{title}} was cancelled. {{rest}} See {{link}}",
            Template::EventCancelled { .. } => {
                "{{title}}, planned for {{when}}, was cancelled. {{lost}} Why: {{site}}/e/{{slug}}"
            }
            Template::WaitingListClosed { .. } => {
                "{{title}}: {{ticket_type}} is not sold any more, so you are not on the waiting list. {{site}}/e/{{slug}}"
            }
            Template::EventRescheduled { .. } => {
                "{{title}} is now on {{when}}, {{place}}. Your tickets stay valid; you can cancel until {{until}}: {{link}}"
            }
            Template::ShiftOffered { .. } => "{{title}}: {{role}}{{at_spot}}, {{hours}}. Accept or decline: {{link}}",
            Template::ShiftChanged { .. } => {
                "{{title}}: your shift is now {{role}}{{at_spot}}, {{hours}}. {{was}} {{link}}"
            }
            Template::ShiftCancelled { .. } => "{{title}}: your shift was cancelled: {{role}}, {{hours}}. See {{link}}",
            Template::PaymentReceived { .. } => {
                "You paid {{amount}} for {{title}}. Order {{reference}}, invoice {{invoice}}: {{link}}"
            }
            Template::RefundSent { .. } => {
                "{{amount}} for {{title}}, order {{reference}}, was sent back to you. It takes a few days to reach your account."
            }
            _ => return None,
        })
    }
}
