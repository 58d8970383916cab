//! What mails there are, and what each needs to know. None holds a secret: a link is the id of its
//! row, and its token is derived when the mail is sent.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::guests;
use super::render::text_of;
use crate::access::links::{self, Purpose};
use crate::access::one_time_code;
use crate::kernel::app::App;
use crate::kernel::queues::Queue;
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
    /// The address was changed; goes to the old one.
    EmailChanged {
        /// Whom it greets.
        name: String,
        /// When.
        at: Timestamp,
    },
    /// Somebody who has an account may work for a partner now.
    PartnerAccess {
        /// Whom it greets.
        name: String,
        /// Who gave it.
        invited_by: String,
        /// To which partner.
        partner: String,
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
    /// A guest's tickets.
    TicketsIssued {
        /// Whom it greets.
        name: String,
        /// For what.
        event: EventFacts,
        /// Of which kind.
        ticket_type: String,
        /// How many.
        seats: i32,
        /// What the organiser says; may be empty.
        #[serde(default)]
        message: String,
        /// Whose they are.
        attendee: Uuid,
        /// Of the link.
        generation: i32,
    },
    /// Seats are held for somebody who waited.
    SeatsOffered {
        /// Whom it greets.
        name: String,
        /// For what.
        event: EventFacts,
        /// How many.
        seats: i32,
        /// Until then.
        until: Timestamp,
    },
    /// Somebody may come, and has to pay first.
    RequestAccepted {
        /// Whom it greets.
        name: String,
        /// To what.
        event: EventFacts,
        /// What the organiser says; may be empty.
        message: String,
        /// The seats are held until then.
        until: Timestamp,
    },
    /// Somebody may not come.
    RequestDeclined {
        /// Whom it greets.
        name: String,
        /// To what.
        event: EventFacts,
        /// What the organiser says; may be empty.
        message: String,
    },
    /// Somebody is asked to come.
    EventInvitation {
        /// Whom it greets.
        name: String,
        /// To what.
        event: EventFacts,
        /// What the organiser says; may be empty.
        message: String,
    },
    /// Somebody was taken off the guest list.
    GuestTakenOff {
        /// Whom it greets.
        name: String,
        /// Of what.
        event: EventFacts,
        /// Why.
        reason: String,
        /// Whose tickets they were: their link says why, where no mail does.
        #[serde(default)]
        attendee: Uuid,
        /// Of the link.
        #[serde(default)]
        generation: i32,
        /// How many of their tickets stay valid.
        #[serde(default)]
        left: i32,
    },
    /// The event does not take place.
    EventCancelled {
        /// Whom it greets.
        name: String,
        /// Which.
        event: EventFacts,
        /// Why.
        reason: String,
        /// Whether they had tickets; else they hoped for some.
        #[serde(default = "yes")]
        tickets: bool,
    },
    /// The tickets somebody waited for are sold no more.
    WaitingListClosed {
        /// Whom it greets.
        name: String,
        /// For what.
        event: EventFacts,
        /// Of which kind.
        ticket_type: String,
    },
    /// The event has another time or place.
    EventRescheduled {
        /// Whom it greets.
        name: String,
        /// Which, as it is now.
        event: EventFacts,
        /// Whose tickets.
        attendee: Uuid,
        /// Of the link.
        generation: i32,
        /// Until then the guest may step back.
        until: Timestamp,
    },
    /// A document of a partner was looked at, and more are needed.
    DocumentApproved {
        /// Whom it greets.
        name: String,
        /// Whose document.
        partner: PartnerFacts,
        /// What it is called.
        document: String,
    },
    /// A document of a partner was rejected.
    DocumentRejected {
        /// Whom it greets.
        name: String,
        /// Whose document.
        partner: PartnerFacts,
        /// What it is called.
        document: String,
        /// Why.
        reason: String,
    },
    /// All documents that are needed are approved.
    PartnerVerified {
        /// Whom it greets.
        name: String,
        /// Who is verified.
        partner: PartnerFacts,
    },
    /// A partner was suspended.
    PartnerSuspended {
        /// Whom it greets.
        name: String,
        /// Who.
        partner: PartnerFacts,
        /// Why.
        reason: String,
    },
    /// A partner is not suspended any more.
    PartnerReactivated {
        /// Whom it greets.
        name: String,
        /// Who.
        partner: PartnerFacts,
    },
    /// A bank account of a partner was verified.
    BankAccountVerified {
        /// Whom it greets.
        name: String,
        /// Whose account.
        partner: PartnerFacts,
        /// The end of its number.
        last_four: String,
    },
    /// A bank account of a partner was rejected.
    BankAccountRejected {
        /// Whom it greets.
        name: String,
        /// Whose account.
        partner: PartnerFacts,
        /// The end of its number.
        last_four: String,
        /// Why.
        reason: String,
    },
}

/// What a mail to a partner says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartnerFacts {
    /// The partner.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
}

impl PartnerFacts {
    fn values(&self, name: &str) -> Values {
        vec![("name", name.to_owned()), ("partner", self.name.clone()), ("id", self.id.to_string())]
    }
}

/// Mails that were queued by an older version are those of guests.
fn yes() -> bool {
    true
}

/// What a mail to a guest says of its event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventFacts {
    /// The event.
    pub event: Uuid,
    /// What it is called.
    pub title: String,
    /// What names it in addresses.
    pub slug: String,
    /// Its day and hour, there.
    pub when: String,
    /// Where it is.
    pub place: String,
    /// Until when its reader has time, there; mails that an older version queued do not say it.
    #[serde(default)]
    pub until: Option<String>,
    /// Its reader has an account, whose email address nobody has proven: links lead to pages that ask for the phone,
    /// not to tickets that whoever has the link can show.
    #[serde(default)]
    pub account: bool,
}

impl EventFacts {
    fn tickets(&self, app: &App, attendee: Uuid, generation: i32) -> String {
        match self.account {
            true => format!("{}/my", app.config.base_url()),
            false => guests::url(app, attendee, generation),
        }
    }

    fn until(&self, moment: Timestamp) -> String {
        self.until.clone().unwrap_or_else(|| moment.display_utc())
    }

    fn values(&self, name: &str) -> Values {
        vec![
            ("name", name.to_owned()),
            ("title", self.title.clone()),
            ("slug", self.slug.clone()),
            ("when", self.when.clone()),
            ("place", self.place.clone()),
        ]
    }
}

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
    pub(super) fn body(&self, app: &App, now: Timestamp) -> Option<String> {
        match self {
            Message::OneTimeCode { otp, until } => (*until > now).then(|| {
                let code = one_time_code::code(&app.keys, *otp);
                format!("{code} is your Eventify code. It works for five minutes. We never ask you for it.")
            }),
            Message::Notice { notice } if notice.is_over(now) => None,
            Message::Notice { notice } => notice.in_short().map(|source| text_of(source, &notice.values(app))),
        }
    }
}

impl Template {
    /// Whether the seats it speaks of are not held any more: a text may have waited for hours.
    fn is_over(&self, now: Timestamp) -> bool {
        matches!(self, Template::SeatsOffered { until, .. } | Template::RequestAccepted { until, .. } if *until <= now)
    }

    /// The same as a text message, for what guests are told. Words of the organiser are in it only where the guest has
    /// written to the organiser; else the link shows them.
    fn in_short(&self) -> Option<&'static str> {
        Some(match self {
            Template::TicketsIssued { .. } => "{{title}}, {{when}}. {{message}} Your tickets ({{tickets}}): {{link}}",
            Template::SeatsOffered { .. } => {
                "{{title}}: {{held}} for you until {{until}}. Take them: {{site}}/e/{{slug}}"
            }
            Template::RequestAccepted { .. } => {
                "Your request for {{title}} was accepted. Your seats are held until {{until}}. {{message}} \
                 {{site}}/e/{{slug}}"
            }
            Template::RequestDeclined { .. } => "Your request for {{title}} was declined. {{message}}",
            Template::EventInvitation { .. } => "You're invited to {{title}}, {{when}}: {{site}}/e/{{slug}}",
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
            _ => return None,
        })
    }
}

/// `1 seat is held`, `3 seats are held`.
fn held(seats: i32) -> String {
    if seats == 1 { "1 seat is held".to_owned() } else { format!("{seats} seats are held") }
}

/// The values a template's placeholders stand for.
pub(super) type Values = Vec<(&'static str, String)>;

impl Template {
    /// Where it waits: what lets somebody in, or says that somebody else got in, never stands behind the rest.
    pub(super) fn queue(&self) -> Queue {
        match self {
            Template::Invitation { .. }
            | Template::PasswordReset { .. }
            | Template::PasswordChanged { .. }
            | Template::EmailChanged { .. }
            | Template::SessionsEnded { .. }
            | Template::AccountLocked { .. }
            | Template::NewDeviceSignIn { .. } => Queue::Urgent,
            _ => Queue::Mail,
        }
    }

    /// The text: its first line is the subject.
    pub(super) fn source(&self) -> &'static str {
        match self {
            Template::Invitation { .. } => include_str!("templates/invitation.txt"),
            Template::PasswordReset { .. } => include_str!("templates/password_reset.txt"),
            Template::PasswordChanged { .. } => include_str!("templates/password_changed.txt"),
            Template::EmailChanged { .. } => include_str!("templates/email_changed.txt"),
            Template::PartnerAccess { .. } => include_str!("templates/partner_access.txt"),
            Template::SessionsEnded { .. } => include_str!("templates/sessions_ended.txt"),
            Template::AccountLocked { .. } => include_str!("templates/account_locked.txt"),
            Template::NewDeviceSignIn { .. } => include_str!("templates/new_device_sign_in.txt"),
            Template::WebhookDisabled { .. } => include_str!("templates/webhook_disabled.txt"),
            Template::TicketsIssued { .. } => include_str!("templates/tickets_issued.txt"),
            Template::SeatsOffered { .. } => include_str!("templates/seats_offered.txt"),
            Template::RequestAccepted { .. } => include_str!("templates/request_accepted.txt"),
            Template::RequestDeclined { .. } => include_str!("templates/request_declined.txt"),
            Template::EventInvitation { .. } => include_str!("templates/event_invitation.txt"),
            Template::GuestTakenOff { .. } => include_str!("templates/guest_taken_off.txt"),
            Template::EventCancelled { .. } => include_str!("templates/event_cancelled.txt"),
            Template::WaitingListClosed { .. } => include_str!("templates/waiting_list_closed.txt"),
            Template::EventRescheduled { .. } => include_str!("templates/event_rescheduled.txt"),
            Template::DocumentApproved { .. } => include_str!("templates/document_approved.txt"),
            Template::DocumentRejected { .. } => include_str!("templates/document_rejected.txt"),
            Template::PartnerVerified { .. } => include_str!("templates/partner_verified.txt"),
            Template::PartnerSuspended { .. } => include_str!("templates/partner_suspended.txt"),
            Template::PartnerReactivated { .. } => include_str!("templates/partner_reactivated.txt"),
            Template::BankAccountVerified { .. } => include_str!("templates/bank_account_verified.txt"),
            Template::BankAccountRejected { .. } => include_str!("templates/bank_account_rejected.txt"),
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
            Template::PasswordChanged { name, at }
            | Template::EmailChanged { name, at }
            | Template::SessionsEnded { name, at } => {
                vec![("name", name.clone()), ("at", at.display_utc())]
            }
            Template::PartnerAccess { name, invited_by, partner } => {
                vec![("name", name.clone()), ("invited_by", invited_by.clone()), ("partner", partner.clone())]
            }
            Template::AccountLocked { name, ip, until } => {
                vec![("name", name.clone()), ("ip", ip.clone()), ("until", until.display_utc())]
            }
            Template::NewDeviceSignIn { name, platform, ip, at } => {
                vec![
                    ("name", name.clone()),
                    ("platform", platform.clone()),
                    ("ip", ip.clone()),
                    ("at", at.display_utc()),
                ]
            }
            Template::WebhookDisabled { name, endpoint, url, reason } => vec![
                ("name", name.clone()),
                ("endpoint", endpoint.to_string()),
                ("url", url.clone()),
                ("reason", reason.clone()),
            ],
            Template::TicketsIssued { name, event, ticket_type, seats, message, attendee, generation } => {
                let mut values = event.values(name);
                values.push(("message", message.clone()));
                values.push(("tickets", format!("{seats} × {ticket_type}")));
                let care = match event.account {
                    true => "Sign in with your phone number to see them.",
                    false => "Whoever has this link can show your tickets: keep it to yourself.",
                };
                values.push(("care", care.to_owned()));
                values.push(("link", event.tickets(app, *attendee, *generation)));
                values
            }
            Template::SeatsOffered { name, event, seats, until } => {
                let mut values = event.values(name);
                values.push(("held", held(*seats)));
                values.push(("until", event.until(*until)));
                values
            }
            Template::RequestAccepted { name, event, message, until } => {
                let mut values = event.values(name);
                values.push(("message", message.clone()));
                values.push(("until", event.until(*until)));
                values
            }
            Template::RequestDeclined { name, event, message } | Template::EventInvitation { name, event, message } => {
                let mut values = event.values(name);
                values.push(("message", message.clone()));
                values
            }
            Template::GuestTakenOff { name, event, reason, attendee, generation, left } => {
                let mut values = event.values(name);
                let (what, rest) = match left {
                    1.. => ("One of your tickets for", "Your other tickets stay valid."),
                    _ => ("Your booking for", "Your tickets are no longer valid."),
                };
                values.push(("what", what.to_owned()));
                values.push(("rest", rest.to_owned()));
                values.push(("reason", reason.clone()));
                values.push(("link", event.tickets(app, *attendee, *generation)));
                values
            }
            Template::EventCancelled { name, event, reason, tickets } => {
                let mut values = event.values(name);
                values.push(("reason", reason.clone()));
                let lost =
                    if *tickets { "Your tickets are no longer valid." } else { "There is nothing you need to do." };
                values.push(("lost", lost.to_owned()));
                values
            }
            Template::WaitingListClosed { name, event, ticket_type } => {
                let mut values = event.values(name);
                values.push(("ticket_type", ticket_type.clone()));
                values
            }
            Template::EventRescheduled { name, event, attendee, generation, until } => {
                let mut values = event.values(name);
                values.push(("link", event.tickets(app, *attendee, *generation)));
                values.push(("until", event.until(*until)));
                values
            }
            Template::DocumentApproved { name, partner, document } => {
                let mut values = partner.values(name);
                values.push(("document", document.clone()));
                values
            }
            Template::DocumentRejected { name, partner, document, reason } => {
                let mut values = partner.values(name);
                values.push(("document", document.clone()));
                values.push(("reason", reason.clone()));
                values
            }
            Template::PartnerVerified { name, partner } | Template::PartnerReactivated { name, partner } => {
                partner.values(name)
            }
            Template::PartnerSuspended { name, partner, reason } => {
                let mut values = partner.values(name);
                values.push(("reason", reason.clone()));
                values
            }
            Template::BankAccountVerified { name, partner, last_four } => {
                let mut values = partner.values(name);
                values.push(("last_four", last_four.clone()));
                values
            }
            Template::BankAccountRejected { name, partner, last_four, reason } => {
                let mut values = partner.values(name);
                values.push(("last_four", last_four.clone()));
                values.push(("reason", reason.clone()));
                values
            }
        };
        values.push(("site", app.config.base_url()));
        values
    }
}
