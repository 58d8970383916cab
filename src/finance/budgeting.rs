//! What the operations of budgets and the demo share.

use super::sql::{self, NewLineRow};
use super::{BudgetLine, BudgetLineId, BudgetSource, LineTitle, NewBudgetLine};
use crate::events::rules::{find_run, lock};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, not_found};
use crate::kernel::permissions::Permission::{BudgetsManage, FinanceRead};

/// What every event with tickets has: what guests pay, and what is charged for it.
pub fn usual() -> Vec<NewBudgetLine> {
    let one = |(source, title): (BudgetSource, &str)| {
        Some(NewBudgetLine {
            kind: source.kind()?,
            source: Some(source),
            title: LineTitle::parse(title).ok()?,
            planned_minor: 0,
            committed_minor: 0,
            actual_minor: 0,
        })
    };
    let both = [(BudgetSource::TicketSales, "Ticket sales"), (BudgetSource::BookingFees, "Booking fees and tax")];
    both.into_iter().filter_map(one).collect()
}

/// A line as it is written.
pub fn row(line: NewBudgetLine) -> NewLineRow {
    NewLineRow {
        id: BudgetLineId::new(),
        kind: line.kind,
        source: line.source.unwrap_or(BudgetSource::Typed),
        title: line.title.into(),
        planned: line.planned_minor,
        committed: line.committed_minor,
        actual: line.actual_minor,
    }
}

/// The line, under the lock of its event; 404 for who may not know of it.
pub async fn locked(tx: &mut Tx, id: BudgetLineId) -> Result<BudgetLine> {
    let event = sql::budget_line_find(tx.conn(), id).await?.event_id;
    if let Err(error) = lock(tx, event, BudgetsManage).await {
        let reads = find_run(tx, event, FinanceRead).await.is_ok();
        return Err(if reads { error } else { not_found() });
    }
    sql::budget_line_find(tx.conn(), id).await
}
