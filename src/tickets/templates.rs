//! The mails to guests.

use uuid::Uuid;

use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::pictures;
use crate::kernel::timestamp::Timestamp;
use crate::notify::{Code, Enclosed, EventFacts, Says, Values, guests, mails};
use crate::organisation::Organisation;

mod samples;

mails! {
    /// A guest's tickets.
    TicketsIssued "tickets_issued" {
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
    }
    /// Seats are held for somebody who waited.
    SeatsOffered "seats_offered" {
        /// Whom it greets.
        name: String,
        /// For what.
        event: EventFacts,
        /// How many.
        seats: i32,
        /// Until then.
        until: Timestamp,
    }
    /// Somebody may come, and has to pay first.
    RequestAccepted "request_accepted" {
        /// Whom it greets.
        name: String,
        /// To what.
        event: EventFacts,
        /// What the organiser says; may be empty.
        message: String,
        /// The seats are held until then.
        until: Timestamp,
    }
    /// Somebody may not come.
    RequestDeclined "request_declined" {
        /// Whom it greets.
        name: String,
        /// To what.
        event: EventFacts,
        /// What the organiser says; may be empty.
        message: String,
    }
    /// A guest is invited.
    EventInvitation "event_invitation" {
        /// Whom it greets.
        name: String,
        /// To what.
        event: EventFacts,
        /// What the organiser says; may be empty.
        message: String,
        /// The invitation, where it went to an address rather than an account: its link accepts it, once.
        #[serde(default)]
        invite: Option<Uuid>,
    }
    /// Somebody was taken off the guest list.
    GuestTakenOff "guest_taken_off" {
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
        /// What they paid for their booking and was not refunded, where there is any.
        #[serde(default)]
        paid: Option<String>,
    }
    /// The event does not take place.
    EventCancelled "event_cancelled" {
        /// Whom it greets.
        name: String,
        /// Which.
        event: EventFacts,
        /// Why.
        reason: String,
        /// Whether they had tickets; else they hoped for some.
        #[serde(default = "yes")]
        tickets: bool,
    }
    /// The tickets somebody waited for are sold no more.
    WaitingListClosed "waiting_list_closed" {
        /// Whom it greets.
        name: String,
        /// For what.
        event: EventFacts,
        /// Of which kind.
        ticket_type: String,
    }
    /// The event has another time or place.
    EventRescheduled "event_rescheduled" {
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
    }
    /// A guest has paid.
    PaymentReceived "payment_received" {
        /// Whom it greets.
        name: String,
        /// For what.
        event: EventFacts,
        /// How much, as people there write it.
        amount: String,
        /// The order's id, for the link.
        order: Uuid,
        /// The order number.
        reference: String,
        /// The invoice's number.
        invoice: String,
    }
    /// Money went back to a guest.
    RefundSent "refund_sent" {
        /// Whom it greets.
        name: String,
        /// Of what.
        event: EventFacts,
        /// How much, as people there write it.
        amount: String,
        /// The order number.
        reference: String,
        /// Why.
        reason: String,
    }
}

/// Mails that were queued by an older version are those of guests.
fn yes() -> bool {
    true
}

/// Where a guest's tickets are shown.
fn link(app: &App, event: &EventFacts, attendee: Uuid, generation: i32) -> String {
    match event.account {
        true => format!("{}/my", app.config.base_url()),
        false => guests::url(app, attendee, generation),
    }
}

/// `1 seat is held`, `3 seats are held`.
fn held(seats: i32) -> String {
    if seats == 1 { "1 seat is held".to_owned() } else { format!("{seats} seats are held") }
}

/// What somebody wrote, marked as theirs; nothing where they wrote nothing.
fn quoted(text: &str) -> String {
    if text.trim().is_empty() { String::new() } else { format!("“{}”", text.trim()) }
}

impl Says for TicketsIssued {
    fn values(&self, app: &App, _house: &Organisation) -> Values {
        let mut values = self.event.values(&self.name, []);
        values.push(("message", self.message.clone()));
        values.push(("tickets", format!("{} × {}", self.seats, self.ticket_type)));
        let (noun, them) = if self.seats == 1 { ("ticket", "it") } else { ("tickets", "them") };
        values.push(("noun", noun.to_owned()));
        let care = match self.event.account {
            true => format!("Sign in with your phone number to see {them}."),
            false => format!("Anyone with this link can show your {noun}. Don't share it."),
        };
        values.push(("care", care));
        values.push(("link", link(app, &self.event, self.attendee, self.generation)));
        values
    }
    fn in_short(&self) -> Option<&'static str> {
        Some("{{title}}, {{when}}. {{said}}Your {{noun}} ({{tickets}}): {{link}}")
    }
    fn enclosed_in_sample(&self) -> Result<Enclosed> {
        let code = |at: i32| {
            let (label, typed) = (format!("{}, {at} of {}", self.ticket_type, self.seats), format!("7KQ{at}R-M2XDP"));
            Ok(Code { label, png: pictures::qr_png(&format!("A sample, no ticket: {typed}"))?, typed })
        };
        Ok(Enclosed { codes: (1..=self.seats).map(code).collect::<Result<_>>()?, ..Enclosed::default() })
    }
}

impl Says for SeatsOffered {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        self.event.values(&self.name, [("held", held(self.seats)), ("until", self.event.until(self.until))])
    }
    fn in_short(&self) -> Option<&'static str> {
        Some("{{title}}: {{held}} for you until {{until}}. Book now: {{site}}/e/{{slug}}")
    }
    fn is_over(&self, now: Timestamp) -> bool {
        self.until <= now
    }
}

impl Says for RequestAccepted {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        self.event.values(&self.name, [("message", self.message.clone()), ("until", self.event.until(self.until))])
    }
    fn in_short(&self) -> Option<&'static str> {
        Some(
            "Your request for {{title}} was accepted. Your seats are held until {{until}}. {{said}}\
             {{site}}/e/{{slug}}",
        )
    }
    fn is_over(&self, now: Timestamp) -> bool {
        self.until <= now
    }
}

impl Says for RequestDeclined {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        self.event.values(&self.name, [("message", self.message.clone())])
    }
    fn in_short(&self) -> Option<&'static str> {
        Some("Your request for {{title}} was declined. {{said}}")
    }
}

impl Says for EventInvitation {
    fn values(&self, app: &App, _house: &Organisation) -> Values {
        let mut values = self.event.values(&self.name, []);
        values.push(("message", quoted(&self.message)));
        let host = self.event.organiser.as_ref();
        values
            .push(("invited", host.map_or_else(|| "You're invited".to_owned(), |name| format!("{name} invites you"))));
        let (link, care) = match self.invite {
            Some(invite) => (
                guests::invite_url(app, invite),
                "The link can be used once: it is for you. If you can't come, you can ignore this email.",
            ),
            None => (
                format!("{}/e/{}", app.config.base_url(), self.event.slug),
                "If you can't come, you can ignore this email.",
            ),
        };
        values.push(("link", link));
        values.push(("care", care.to_owned()));
        values
    }
    fn in_short(&self) -> Option<&'static str> {
        Some("{{invited}} to {{title}}, {{when}}: {{link}}")
    }
}

impl Says for GuestTakenOff {
    fn values(&self, app: &App, _house: &Organisation) -> Values {
        let mut values = self.event.values(&self.name, []);
        let (what, rest) = match self.left {
            1.. => ("One of your tickets for", "Your other tickets stay valid."),
            _ => ("Your booking for", "Your tickets are no longer valid."),
        };
        let paid = self.paid.as_ref().map(|paid| match self.left {
            1.. => "What you paid for this ticket is not refunded automatically: ask the organiser.".to_owned(),
            _ => format!("You paid {paid}. It is not refunded automatically: ask the organiser."),
        });
        values.push(("what", what.to_owned()));
        values.push(("rest", rest.to_owned()));
        values.push(("paid", paid.unwrap_or_default()));
        values.push(("reason", quoted(&self.reason)));
        values.push(("link", link(app, &self.event, self.attendee, self.generation)));
        values
    }
    fn in_short(&self) -> Option<&'static str> {
        Some("{{what}} {{title}} was cancelled. {{rest}} See {{link}}")
    }
}

impl Says for EventCancelled {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        let mut values = self.event.values(&self.name, []);
        values.push(("reason", quoted(&self.reason)));
        let lost = match self.tickets {
            true => "Your tickets are no longer valid. If you paid, your payment is refunded automatically.",
            false => "There is nothing you need to do.",
        };
        values.push(("lost", lost.to_owned()));
        values
    }
    fn in_short(&self) -> Option<&'static str> {
        Some("{{title}}, planned for {{when}}, was cancelled. {{lost}} Why: {{site}}/e/{{slug}}")
    }
}

impl Says for WaitingListClosed {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        self.event.values(&self.name, [("ticket_type", self.ticket_type.clone())])
    }
    fn in_short(&self) -> Option<&'static str> {
        Some(
            "{{title}}: {{ticket_type}} tickets are no longer on sale, so we removed you from their waiting list. {{site}}/e/{{slug}}",
        )
    }
}

impl Says for EventRescheduled {
    fn values(&self, app: &App, _house: &Organisation) -> Values {
        self.event.values(
            &self.name,
            [("link", link(app, &self.event, self.attendee, self.generation)), ("until", self.event.until(self.until))],
        )
    }
    fn in_short(&self) -> Option<&'static str> {
        Some(
            "{{title}} is now on {{when}}, {{place}}. Your tickets stay valid; you can cancel until {{until}}: {{link}}",
        )
    }
}

impl Says for PaymentReceived {
    fn values(&self, app: &App, _house: &Organisation) -> Values {
        self.event.values(
            &self.name,
            [
                ("amount", self.amount.clone()),
                ("reference", self.reference.clone()),
                ("invoice", self.invoice.clone()),
                ("link", format!("{}/my/orders/{}", app.config.base_url(), self.order)),
            ],
        )
    }
    fn in_short(&self) -> Option<&'static str> {
        Some("You paid {{amount}} for {{title}}. Order {{reference}}, invoice {{invoice}}: {{link}}")
    }
}

impl Says for RefundSent {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        self.event.values(
            &self.name,
            [("amount", self.amount.clone()), ("reference", self.reference.clone()), ("reason", quoted(&self.reason))],
        )
    }
    fn in_short(&self) -> Option<&'static str> {
        Some("{{amount}} for {{title}}, order {{reference}}, was refunded. It takes a few days to reach your account.")
    }
}
