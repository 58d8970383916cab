//! What an event brought in.

use serde::{Deserialize, Serialize};

use crate::access::wire;
use crate::events::EventId;
use crate::kernel::chart::Chart;
use crate::kernel::money::Money;
use crate::tickets::TicketTypeId;

wire! {
    /// What an event brought in, as the ledger has it.
    pub struct EventRevenue {
        pub event_id: EventId,
        /// What guests paid.
        pub gross: Money,
        /// What went back to them, or is to.
        pub refunded: Money,
        /// What is held for disputes, or went back by one.
        pub disputed: Money,
        /// Our fee on what was kept.
        pub fee: Money,
        /// Tax on the fee.
        pub fee_tax: Money,
        /// What the organiser is owed: gross less refunds, disputes, fee and its tax.
        pub net: Money,
        /// The event's tax within what was kept.
        pub tax: Money,
        /// Cash of door sales that should lie in the event's cash box; below zero where more was handed back.
        pub cash: Money,
        /// Orders that were paid.
        pub orders: i64,
        /// Paid orders of which nothing is left to refund.
        pub refunded_orders: i64,
        /// Refunds that are on their way.
        pub refunds_open: i64,
        /// Refunds the provider could not send.
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

    /// What was paid on one day.
    pub struct DayRevenue {
        /// Such as `2026-11-24`.
        pub day: String,
        pub gross: Money,
        pub refunded: Money,
        /// Our fee with its tax, less what of it went back that day.
        pub fee: Money,
        /// What the organiser is owed of it: below zero on a day on which more went back than came.
        pub net: Money,
    }
}
