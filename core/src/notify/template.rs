//! What mails there are, and what each needs to know. None holds a secret: a link is the id of its
//! row, and its token is derived when the mail is sent.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use facts::{EventFacts, PartnerFacts};
pub use message::Message;
pub(super) use values::Values;

use crate::kernel::queues::Queue;
use crate::kernel::timestamp::Timestamp;

mod facts;
mod message;
mod values;

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
        /// The partner whose records they will look after, where that is all.
        #[serde(default)]
        partner: Option<String>,
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
    /// A guest gave an email address, which is to be confirmed.
    ///
    /// It may be a stranger's: nothing that the guest typed is in the mail.
    EmailVerification {
        /// The row of the link.
        link: Uuid,
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
    /// What somebody wants to be told by mail as well.
    Notice {
        /// The type of the notification.
        #[serde(default = "notice")]
        kind: String,
        /// Whom it greets.
        name: String,
        /// In a few words.
        title: String,
        /// The rest of it; may be empty.
        message: String,
        /// The page of it.
        href: String,
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
        /// The invitation, where it went to an address rather than an account: its link accepts it, once.
        #[serde(default)]
        invite: Option<Uuid>,
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
    /// Somebody of the crew is offered a shift.
    ShiftOffered {
        /// Whom it greets.
        name: String,
        /// At what.
        event: EventFacts,
        /// As what.
        role: String,
        /// When, by the clocks of the event.
        hours: String,
        /// Where at the event; may be empty.
        place: String,
        /// Whose shift.
        member: Uuid,
        /// Of the link.
        generation: i32,
    },
    /// Somebody's shift is at another time or place, or another one.
    ShiftChanged {
        /// Whom it greets.
        name: String,
        /// At what.
        event: EventFacts,
        /// As what.
        role: String,
        /// When, by the clocks of the event.
        hours: String,
        /// When it was before; empty if it is at the same time.
        was: String,
        /// Where at the event; may be empty.
        place: String,
        /// Whose shift.
        member: Uuid,
        /// Of the link.
        generation: i32,
    },
    /// Somebody's shift is not needed any more.
    ShiftCancelled {
        /// Whom it greets.
        name: String,
        /// At what.
        event: EventFacts,
        /// As what.
        role: String,
        /// When, by the clocks of the event.
        hours: String,
        /// Whose shift.
        member: Uuid,
        /// Of the link.
        generation: i32,
    },
    /// A guest has paid.
    PaymentReceived {
        /// Whom it greets.
        name: String,
        /// For what.
        event: EventFacts,
        /// How much, as people there write it.
        amount: String,
        /// The order's id, for the link.
        order: Uuid,
        /// What people call the order.
        reference: String,
        /// The invoice's number.
        invoice: String,
    },
    /// Money went back to a guest.
    RefundSent {
        /// Whom it greets.
        name: String,
        /// Of what.
        event: EventFacts,
        /// How much, as people there write it.
        amount: String,
        /// What people call the order.
        reference: String,
        /// Why.
        reason: String,
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

/// Mails that were queued by an older version are those of guests.
fn yes() -> bool {
    true
}

/// What an older version called all of them.
fn notice() -> String {
    "notice".to_owned()
}

impl Template {
    /// The event it is about.
    pub fn event(&self) -> Option<&EventFacts> {
        match self {
            Template::TicketsIssued { event, .. }
            | Template::SeatsOffered { event, .. }
            | Template::RequestAccepted { event, .. }
            | Template::RequestDeclined { event, .. }
            | Template::EventInvitation { event, .. }
            | Template::GuestTakenOff { event, .. }
            | Template::EventCancelled { event, .. }
            | Template::WaitingListClosed { event, .. }
            | Template::EventRescheduled { event, .. }
            | Template::ShiftOffered { event, .. }
            | Template::ShiftChanged { event, .. }
            | Template::ShiftCancelled { event, .. }
            | Template::PaymentReceived { event, .. }
            | Template::RefundSent { event, .. } => Some(event),
            _ => None,
        }
    }

    /// Where it waits: what lets somebody in, or says that somebody else got in, never stands behind the rest.
    pub(super) fn queue(&self) -> Queue {
        match self {
            Template::Invitation { .. }
            | Template::PasswordReset { .. }
            | Template::EmailVerification { .. }
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
            Template::PaymentReceived { .. } => include_str!("templates/payment_received.txt"),
            Template::RefundSent { .. } => include_str!("templates/refund_sent.txt"),
            Template::PasswordChanged { .. } => include_str!("templates/password_changed.txt"),
            Template::EmailChanged { .. } => include_str!("templates/email_changed.txt"),
            Template::EmailVerification { .. } => include_str!("templates/email_verification.txt"),
            Template::PartnerAccess { .. } => include_str!("templates/partner_access.txt"),
            Template::SessionsEnded { .. } => include_str!("templates/sessions_ended.txt"),
            Template::AccountLocked { .. } => include_str!("templates/account_locked.txt"),
            Template::NewDeviceSignIn { .. } => include_str!("templates/new_device_sign_in.txt"),
            Template::WebhookDisabled { .. } => include_str!("templates/webhook_disabled.txt"),
            Template::Notice { .. } => include_str!("templates/notice.txt"),
            Template::TicketsIssued { .. } => include_str!("templates/tickets_issued.txt"),
            Template::SeatsOffered { .. } => include_str!("templates/seats_offered.txt"),
            Template::RequestAccepted { .. } => include_str!("templates/request_accepted.txt"),
            Template::RequestDeclined { .. } => include_str!("templates/request_declined.txt"),
            Template::EventInvitation { .. } => include_str!("templates/event_invitation.txt"),
            Template::GuestTakenOff { .. } => include_str!("templates/guest_taken_off.txt"),
            Template::EventCancelled { .. } => include_str!("templates/event_cancelled.txt"),
            Template::WaitingListClosed { .. } => include_str!("templates/waiting_list_closed.txt"),
            Template::EventRescheduled { .. } => include_str!("templates/event_rescheduled.txt"),
            Template::ShiftOffered { .. } => include_str!("templates/shift_offered.txt"),
            Template::ShiftChanged { .. } => include_str!("templates/shift_changed.txt"),
            Template::ShiftCancelled { .. } => include_str!("templates/shift_cancelled.txt"),
            Template::DocumentApproved { .. } => include_str!("templates/document_approved.txt"),
            Template::DocumentRejected { .. } => include_str!("templates/document_rejected.txt"),
            Template::PartnerVerified { .. } => include_str!("templates/partner_verified.txt"),
            Template::PartnerSuspended { .. } => include_str!("templates/partner_suspended.txt"),
            Template::PartnerReactivated { .. } => include_str!("templates/partner_reactivated.txt"),
            Template::BankAccountVerified { .. } => include_str!("templates/bank_account_verified.txt"),
            Template::BankAccountRejected { .. } => include_str!("templates/bank_account_rejected.txt"),
        }
    }
}
