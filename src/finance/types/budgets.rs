//! What an event is planned to bring in and to cost, beside what came of it. [001 Finance]

use operation::{FieldErrors, Validate, say};
use serde::Serialize;

use super::{BudgetId, BudgetLineId};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;
use crate::text_type;

text_type! {
    /// What a line of a budget is for.
    LineTitle(1, 120, "Sound and light"),
}

wire_enum! {
    /// Whether a line brings something in.
    pub enum BudgetKind {
        /// It brings something in.
        Income "income" "Income",
        /// It costs something.
        Cost "cost" "Cost",
    }

    /// The source of a line's actual amount.
    pub enum BudgetSource {
        /// Entered by the team.
        Typed "typed" "Typed",
        /// From the ledger: what guests paid, less refunds and disputes.
        TicketSales "ticket_sales" "Ticket_Sales",
        /// From the ledger: the fee on what was kept, with its tax.
        BookingFees "booking_fees" "Booking_Fees",
    }
}

impl BudgetSource {
    /// The kind a line of it is of; either where people type it.
    pub fn kind(self) -> Option<BudgetKind> {
        match self {
            BudgetSource::Typed => None,
            BudgetSource::TicketSales => Some(BudgetKind::Income),
            BudgetSource::BookingFees => Some(BudgetKind::Cost),
        }
    }
}

/// More than any event costs, and far from what a sum of lines could not hold.
const MOST: i64 = 1_000_000_000_000_000;
/// How many lines a budget may have.
pub const MOST_LINES: usize = 100;

wire! {
    /// One line of a budget.
    pub struct BudgetLine {
        pub id: BudgetLineId,
        pub event_id: EventId,
        /// Whether it brings something in.
        pub kind: BudgetKind,
        pub source: BudgetSource,
        pub title: String,
        /// The planned amount.
        pub planned: Money,
        /// The committed amount so far.
        pub committed: Money,
        /// The actual amount so far.
        pub actual: Money,
        /// How much better than planned: more income or lower costs. Negative if worse.
        pub variance: Money,
        /// Its place in the order, from 0.
        pub position: i32,
        pub version: i64,
    }

    /// The total of several lines.
    pub struct BudgetSums {
        /// The planned amount.
        pub planned: Money,
        /// The committed amount so far.
        pub committed: Money,
        /// The actual amount so far.
        pub actual: Money,
        /// How much better than planned; negative if worse.
        pub variance: Money,
    }

    /// The budget of an event, in sums.
    pub struct Budget {
        pub id: BudgetId,
        pub event_id: EventId,
        pub event_title: String,
        /// Whether the event is over: until then what is actual is so far, and no better or worse than planned.
        pub event_over: bool,
        /// The total of its income lines.
        pub income: BudgetSums,
        /// The total of its cost lines.
        pub costs: BudgetSums,
        /// The result: income minus costs.
        pub result: BudgetSums,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// A budget with its lines.
    pub struct BudgetDetail {
        pub budget: Budget,
        /// Income first, each in its order.
        pub lines: Vec<BudgetLine>,
    }

    /// A line to be planned.
    #[serde(deny_unknown_fields)]
    pub struct NewBudgetLine {
        pub kind: BudgetKind,
        /// `typed` if absent. The others follow the ledger, and a budget has each at most once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub source: Option<BudgetSource>,
        pub title: LineTitle,
        /// The planned amount, in minor units of the event's currency.
        pub planned_minor: i64,
        /// The committed amount so far; leave out for lines from the ledger.
        #[serde(default)]
        pub committed_minor: i64,
        /// The actual amount so far; leave out for lines from the ledger.
        #[serde(default)]
        pub actual_minor: i64,
    }

    /// Plans an event's money.
    #[serde(deny_unknown_fields)]
    pub struct NewBudget {
        pub event_id: EventId,
        /// Ticket sales and booking fees as the ledger has them, with nothing planned yet, if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub lines: Option<Vec<NewBudgetLine>>,
    }

    /// Changes to a line.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct BudgetLinePatch {
        pub version: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub title: Option<LineTitle>,
        /// The planned amount.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub planned_minor: Option<i64>,
        /// The committed amount so far; leave out for lines from the ledger.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub committed_minor: Option<i64>,
        /// The actual amount so far; leave out for lines from the ledger.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub actual_minor: Option<i64>,
    }

    /// Page of budgets, the latest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct BudgetFilter {
        /// Of this event alone: it has one or none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_id: Option<EventId>,
        /// Only of events that are over, or only of the others.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_over: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }
}

/// How much better than planned.
pub fn variance(kind: BudgetKind, planned: i64, actual: i64) -> i64 {
    match kind {
        BudgetKind::Income => actual - planned,
        BudgetKind::Cost => planned - actual,
    }
}

fn amounts(errors: &mut FieldErrors, under: &str, amounts: [(&str, i64); 3]) {
    for (field, minor) in amounts {
        if !(0..=MOST).contains(&minor) {
            say(errors, &format!("{under}{field}"), "must be 0 or more, and no more than an event can cost");
        }
    }
}

impl NewBudgetLine {
    fn check_at(&self, errors: &mut FieldErrors, under: &str) {
        let typed = [("committed_minor", self.committed_minor), ("actual_minor", self.actual_minor)];
        amounts(errors, under, [("planned_minor", self.planned_minor), typed[0], typed[1]]);
        let source = self.source.unwrap_or(BudgetSource::Typed);
        if source.kind().is_some_and(|kind| kind != self.kind) {
            say(errors, &format!("{under}kind"), "must be income for ticket sales and a cost for booking fees");
        }
        for (field, minor) in typed {
            if source != BudgetSource::Typed && minor != 0 {
                say(errors, &format!("{under}{field}"), "is set by the ledger: leave it out");
            }
        }
    }
}

impl Validate for NewBudgetLine {
    fn check(&self, errors: &mut FieldErrors) {
        self.check_at(errors, "");
    }
}

impl Validate for NewBudget {
    fn check(&self, errors: &mut FieldErrors) {
        let lines = self.lines.as_deref().unwrap_or_default();
        if lines.len() > MOST_LINES {
            say(errors, "lines", "must be at most 100 lines");
        }
        for (at, line) in lines.iter().enumerate() {
            line.check_at(errors, &format!("lines[{at}]."));
            let source = line.source.filter(|source| *source != BudgetSource::Typed);
            if source.is_some() && lines[..at].iter().any(|other| other.source == source) {
                say(errors, &format!("lines[{at}].source"), "is already the source of another line");
            }
        }
    }
}

impl Validate for BudgetLinePatch {
    fn check(&self, errors: &mut FieldErrors) {
        let or = |minor: Option<i64>| minor.unwrap_or_default();
        amounts(
            errors,
            "",
            [
                ("planned_minor", or(self.planned_minor)),
                ("committed_minor", or(self.committed_minor)),
                ("actual_minor", or(self.actual_minor)),
            ],
        );
    }
}

impl Validate for BudgetFilter {}
