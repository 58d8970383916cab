//! Orders and the attempts to pay them. [004 §2.11, 003 payments]

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{Journal, PaymentId, PaymentOrderId, Refund};
use crate::access::{EndUserId, wire};
use crate::events::EventId;
use crate::kernel::error::{Error, is_now};
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::text::SearchText;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;
use crate::tickets::{AttendeeId, ReservationId, TicketId, TicketStatus, TicketTypeId};

wire_enum! {
    /// Current status of an order.
    pub enum OrderStatus {
        /// To be paid.
        Created "created" "Created",
        /// Paid; its tickets are there.
        Paid "paid" "Paid",
        /// Some of it went back.
        PartiallyRefunded "partially_refunded" "Partially_Refunded",
        /// All of it went back.
        Refunded "refunded" "Refunded",
        /// Its time is over, and no attempt to pay succeeded.
        Failed "failed" "Failed",
        /// Its time is over, and nobody tried to pay.
        Expired "expired" "Expired",
    }

    /// Status of a payment attempt.
    pub enum PaymentStatus {
        /// Begun.
        Initiated "initiated" "Initiated",
        /// The bank has agreed; the money is still to come.
        Authorised "authorised" "Authorised",
        /// The money came.
        Captured "captured" "Captured",
        /// It did not work.
        Failed "failed" "Failed",
        /// The guest's bank asks for the money back.
        Disputed "disputed" "Disputed",
        /// The bank took back all that was left of it.
        Lost "lost" "Lost",
    }

    /// The payment provider.
    pub enum ProviderName {
        /// Built in, for trying out: no money moves.
        Sandbox "sandbox" "Sandbox",
        /// Stripe, on its own pages.
        Stripe "stripe" "Stripe",
        /// Razorpay, on its own pages.
        Razorpay "razorpay" "Razorpay",
    }
}

impl ProviderName {
    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sandbox => "Sandbox",
            Self::Stripe => "Stripe",
            Self::Razorpay => "Razorpay",
        }
    }
}

impl PaymentStatus {
    /// Where a step leads; 409 `invalid_transition` where it is not possible. Money that came is never refused, also
    /// where the provider had said first that it did not work.
    pub fn next(self, to: PaymentStatus) -> Result<PaymentStatus, Error> {
        use PaymentStatus::{Authorised, Captured, Disputed, Failed, Initiated, Lost};
        match (self, to) {
            (Initiated, Authorised | Captured | Failed)
            | (Authorised | Disputed, Captured)
            | (Authorised, Failed)
            | (Failed, Captured)
            | (Captured, Disputed)
            | (Disputed, Lost) => Ok(to),
            _ => Err(is_now("payment", self.as_str())),
        }
    }

    /// Whether a guest may still pay by it.
    pub fn is_open(self) -> bool {
        matches!(self, PaymentStatus::Initiated | PaymentStatus::Authorised)
    }
}

wire! {
    /// What a guest pays for.
    pub struct PaymentOrder {
        pub id: PaymentOrderId,
        /// Its name.
        pub order_reference: String,
        pub user_id: EndUserId,
        pub payer_name: Option<String>,
        pub event_id: EventId,
        pub event_title: String,
        pub amount: Money,
        /// The event's tax, within the amount.
        pub tax: Money,
        pub refunded: Money,
        pub payment_provider: ProviderName,
        pub status: OrderStatus,
        /// Its seats are held until then.
        pub expires_at: Timestamp,
        pub paid_at: Option<Timestamp>,
        pub lines: Vec<OrderLine>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Seats of one ticket type within an order.
    pub struct OrderLine {
        pub reservation_id: ReservationId,
        pub ticket_type_id: TicketTypeId,
        pub ticket_type: String,
        pub seats: i32,
        pub amount: Money,
        pub refunded: Money,
        /// The guest it became, once it is paid and there was a seat.
        pub attendee_id: Option<AttendeeId>,
    }

    /// An attempt to pay an order.
    pub struct Payment {
        pub id: PaymentId,
        pub order_id: PaymentOrderId,
        pub order_reference: String,
        pub event_id: EventId,
        pub event_title: String,
        pub user_id: EndUserId,
        pub payer_name: Option<String>,
        pub provider: ProviderName,
        pub status: PaymentStatus,
        pub amount: Money,
        pub refunded: Money,
        /// The part the guest's bank reversed in disputes.
        pub lost: Money,
        /// The provider's ID.
        pub provider_ref: String,
        /// Why it failed, as text.
        pub failure_reason: Option<String>,
        /// Its number among the attempts to pay the order, from 1.
        #[serde(default)]
        pub attempt: i64,
        pub captured_at: Option<Timestamp>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// An order with its latest attempt.
    pub struct OrderState {
        pub order: PaymentOrder,
        /// The latest attempt to pay it.
        pub payment: Option<Payment>,
        /// The payment URL; absent once nothing is left to pay.
        pub pay_url: Option<String>,
    }

    /// Pays for seats that are held.
    #[serde(deny_unknown_fields)]
    pub struct Checkout {
        /// Your own, of one event.
        pub reservation_ids: Vec<ReservationId>,
    }

    /// A ticket that an order paid for.
    pub struct PaidTicket {
        pub id: TicketId,
        pub ticket_type: String,
        pub holder_name: Option<String>,
        pub status: TicketStatus,
        /// The price paid per seat.
        pub price: Money,
    }

    /// A payment with everything that belongs to it.
    pub struct PaymentDetail {
        pub payment: Payment,
        pub order: PaymentOrder,
        /// Every attempt to pay the order, the latest first.
        pub attempts: Vec<Payment>,
        pub refunds: Vec<Refund>,
        pub tickets: Vec<PaidTicket>,
        /// Its ledger entries.
        pub journals: Vec<Journal>,
    }

    /// Filter and page of payments, the latest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct PaymentFilter {
        /// The order's reference, or part of the payer's name, phone or email.
        #[serde(default, alias = "search", skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<Vec<PaymentStatus>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_id: Option<EventId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<EndUserId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub order_id: Option<PaymentOrderId>,
        /// Only those of which something was refunded, or nothing was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub refunded: Option<bool>,
        /// Only the payment of each order or, while it is not paid, its latest attempt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub latest: Option<bool>,
        /// Begun at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from: Option<Timestamp>,
        /// Started before this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<Timestamp>,
        /// Changed at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub updated_since: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// What the payments of a filter come to in one currency.
    pub struct PaymentSum {
        /// Every attempt, also those that did not work.
        pub payments: i64,
        /// What was paid, also what was disputed later.
        pub paid: Money,
        /// The amount refunded, refunds in progress included.
        pub refunded: Money,
    }

    /// What the payments of a filter come to.
    #[derive(Default)]
    pub struct PaymentTotals {
        /// One for each currency; none where there are more than 10,000 payments.
        pub sums: Vec<PaymentSum>,
    }

    /// The result of a provider's message.
    pub struct WebhookTaken {
        /// `applied`, `ignored`, `duplicate`, `unknown_payment` or `amount_differs`.
        pub outcome: String,
    }
}

impl Payment {
    /// What did not go back of it, neither by refunds nor by disputes.
    pub fn left(&self) -> Money {
        let minor = self.amount.minor - self.refunded.minor - self.lost.minor;
        Money { minor, currency: self.amount.currency.clone() }
    }
}

impl Validate for PaymentFilter {}
impl Validate for Checkout {
    fn check(&self, errors: &mut FieldErrors) {
        let message = match self.reservation_ids.len() {
            0 => "name at least one reservation",
            11.. => "must be at most 10",
            _ => return,
        };
        errors.entry("reservation_ids".to_owned()).or_default().push(message.to_owned());
    }
}

#[cfg(feature = "ssr")]
impl crate::kernel::csv::CsvRow for Payment {
    const COLUMNS: &'static [crate::kernel::csv::CsvColumn<Self>] = &[
        ("created_at", |p| p.created_at.rfc3339()),
        ("order", |p| p.order_reference.clone()),
        ("event", |p| p.event_title.clone()),
        ("payer", |p| p.payer_name.clone().unwrap_or_default()),
        ("status", |p| p.status.as_str().to_owned()),
        ("currency", |p| p.amount.currency.to_string()),
        ("amount", |p| p.amount.decimal()),
        ("refunded", |p| p.refunded.decimal()),
        ("lost", |p| p.lost.decimal()),
        ("provider", |p| p.provider.as_str().to_owned()),
        ("provider_ref", |p| p.provider_ref.clone()),
        ("captured_at", |p| p.captured_at.map(Timestamp::rfc3339).unwrap_or_default()),
        ("id", |p| p.id.to_string()),
    ];
}

#[cfg(test)]
mod tests {
    use super::PaymentStatus::*;
    use super::*;

    #[test]
    fn steps_are_those_of_the_table() {
        let allowed = [
            (Initiated, Authorised),
            (Initiated, Captured),
            (Initiated, Failed),
            (Authorised, Captured),
            (Authorised, Failed),
            (Failed, Captured),
            (Captured, Disputed),
            (Disputed, Captured),
            (Disputed, Lost),
        ];
        for from in PaymentStatus::ALL {
            for to in PaymentStatus::ALL {
                assert_eq!(from.next(*to).is_ok(), allowed.contains(&(*from, *to)), "{from:?} to {to:?}");
            }
        }
    }
}
