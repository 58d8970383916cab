//! What is sold at the door: for cash, or given away.

use operation::Validate;
use serde::Serialize;

use super::{CashDepositId, DoorSaleId, InvoiceId, JournalId};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::text::{Email, PersonName, Reason};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;
use crate::tickets::{AttendeeId, Party, TicketId, TicketTypeId};

wire_enum! {
    /// How a guest pays at the door.
    pub enum DoorMethod {
        /// In cash.
        Cash "cash" "Cash",
        /// Not at all: a guest of the organiser.
        Comp "comp" "Comp",
    }
}

wire! {
    /// Tickets that were sold or given away at the door.
    pub struct DoorSale {
        pub id: DoorSaleId,
        pub event_id: EventId,
        /// The guest it became.
        pub attendee_id: AttendeeId,
        /// The guest's name; none once it was erased.
        pub name: Option<String>,
        pub ticket_type_id: TicketTypeId,
        pub ticket_type: String,
        pub seats: i32,
        pub method: DoorMethod,
        /// The amount paid in cash.
        pub amount: Money,
        /// Its tickets, to be shown, printed or scanned at once.
        pub tickets: Vec<TicketId>,
        pub sold_by_name: Option<String>,
        /// The invoiced amount; absent if nothing was paid.
        pub invoice_id: Option<InvoiceId>,
        /// When the cash was refunded.
        pub refunded_at: Option<Timestamp>,
        pub refund_reason: Option<String>,
        pub created_at: Timestamp,
    }

    /// Sells tickets at the door.
    #[serde(deny_unknown_fields)]
    pub struct NewDoorSale {
        pub ticket_type_id: TicketTypeId,
        #[serde(default)]
        pub seats: Party,
        pub method: DoorMethod,
        pub name: PersonName,
        /// Where the tickets are sent, beside being shown here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<Email>,
    }

    /// Hands the cash back.
    #[serde(deny_unknown_fields)]
    pub struct DoorRefund {
        /// Why; sent to the guest where there is an email.
        pub reason: Reason,
    }

    /// Filter and page of an event's door sales, the latest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct DoorSaleFilter {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub method: Option<DoorMethod>,
        /// Only those that were refunded, or that were not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub refunded: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// The door takings of an event.
    pub struct DoorTakings {
        /// What should lie in the cash box: what was paid less what was handed back and paid into the bank.
        pub cash: Money,
        /// The amount deposited at the bank.
        pub deposited: Money,
        /// Refunds owed to guests because the event was cancelled.
        pub to_hand_back: Money,
        /// How many sales that is.
        pub sales_to_hand_back: i64,
        /// What was handed back of it.
        pub refunded: Money,
        /// Seats that were sold for cash and stand.
        pub sold: i64,
        /// Seats that were given away and stand.
        pub given: i64,
    }
}

wire! {
    /// Cash of an event's door that was paid into the bank.
    pub struct CashDeposit {
        pub id: CashDepositId,
        pub event_id: EventId,
        pub amount: Money,
        /// The bank's reference.
        pub reference: String,
        pub deposited_by_name: Option<String>,
        /// Its ledger postings.
        pub journal_id: JournalId,
        pub created_at: Timestamp,
    }

    /// Pays cash into the bank.
    #[serde(deny_unknown_fields)]
    pub struct NewCashDeposit {
        /// How much, in minor units of the event's currency.
        pub amount_minor: i64,
        /// The bank's reference: the number on the deposit slip.
        pub reference: SlipNumber,
    }
}

crate::text_type! {
    /// What a bank calls money that was paid in.
    SlipNumber(1, 100, "HDFC-20261125-0042"),
}

impl Validate for NewCashDeposit {
    fn check(&self, errors: &mut operation::FieldErrors) {
        if self.amount_minor <= 0 {
            operation::say(errors, "amount_minor", "must be more than 0");
        }
    }
}

impl Validate for NewDoorSale {}
impl Validate for DoorRefund {}
impl Validate for DoorSaleFilter {}
