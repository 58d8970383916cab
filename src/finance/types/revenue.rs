//! What an event brought in.

use serde::Serialize;

use crate::access::wire;
use crate::events::EventId;
use crate::kernel::chart::Chart;
use crate::kernel::money::Money;
use crate::tickets::TicketTypeId;

wire! {
    /// The revenue of an event, according to the ledger.
    pub struct EventRevenue {
        pub event_id: EventId,
        /// Payments from guests.
        pub gross: Money,
        /// Refunds made or in progress.
        pub refunded: Money,
        /// Amounts held for disputes or returned because of one.
        pub disputed: Money,
        /// Our fee on what was kept.
        pub fee: Money,
        /// Tax on the fee.
        pub fee_tax: Money,
        /// The amount owed to the organiser: gross minus refunds, disputes, fee and its tax.
        pub net: Money,
        /// The event's tax within what was kept.
        pub tax: Money,
        /// Cash of door sales that should lie in the event's cash box; below zero where more was handed back.
        pub cash: Money,
        /// Orders that were paid.
        pub orders: i64,
        /// Paid orders of which nothing is left to refund.
        pub refunded_orders: i64,
        /// Refunds in progress.
        pub refunds_open: i64,
        /// Failed refunds.
        pub refunds_failed: i64,
        pub types: Vec<TypeRevenue>,
        /// By the days of the place, the first first.
        pub days: Vec<DayRevenue>,
        /// The days as a chart, those without payments too; absent before the first payment.
        pub chart: Option<Chart>,
    }

    /// The same of one ticket type.
    pub struct TypeRevenue {
        pub ticket_type_id: TicketTypeId,
        pub ticket_type: String,
        pub seats: i64,
        pub gross: Money,
        pub refunded: Money,
        /// Our fee on what was kept.
        pub fee: Money,
        /// The event's tax within what was kept.
        pub tax: Money,
    }

    /// The revenue of one day.
    pub struct DayRevenue {
        /// Such as `2026-11-24`.
        pub day: String,
        pub gross: Money,
        pub refunded: Money,
        /// Our fee with its tax, minus the part refunded that day.
        pub fee: Money,
        /// The amount owed to the organiser; negative on days with more refunds than sales.
        pub net: Money,
    }
}
