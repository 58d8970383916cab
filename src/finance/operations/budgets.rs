//! Budgets: what an event was planned to bring in and to cost, beside what came of it. [001 Finance]

use operation::operation;

use crate::events::EventId;
use crate::finance::{
    Budget, BudgetDetail, BudgetFilter, BudgetLine, BudgetLineId, BudgetLinePatch, NewBudget, NewBudgetLine,
};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::events::rules::{audience, find_run, lock},
    crate::finance::{BudgetId, BudgetSource, budgeting, sql},
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{invalid_input, not_found, same_version},
        permissions::Permission::{BudgetsManage, FinanceRead},
    },
};

/// List budgets
///
/// Newest first, with planned, committed and actual totals.
#[operation(GET "/finance/budget", staff = FinanceRead, scoped)]
pub async fn budget_list(db: &mut Reader, query: BudgetFilter) -> Result<Page<Budget>> {
    let audience = audience(db, FinanceRead);
    sql::budget_list(db, &audience, &query).await
}

/// Get the budget of an event with its lines
///
/// Ticket sales and booking fees come from the ledger; other amounts are entered by the team.
#[operation(GET "/finance/budget/{event_id}", staff = FinanceRead, scoped)]
pub async fn budget_get(db: &mut Reader, event_id: EventId) -> Result<BudgetDetail> {
    find_run(db, event_id, FinanceRead).await?;
    sql::budget_of(db.conn(), event_id).await?.ok_or_else(not_found)
}

/// Create the budget of an event
///
/// One per event, in the event's currency.
#[operation(POST "/finance/budget", staff = BudgetsManage, status = 201, scoped, errors(already_exists, not_found))]
pub async fn budget_create(tx: &mut Tx, input: NewBudget) -> Result<BudgetDetail> {
    let event = lock(tx, input.event_id, BudgetsManage).await?;
    let (id, now, by) = (BudgetId::new(), tx.now, tx.actor());
    sql::budget_insert(tx.conn(), (id, event.id), &event.ticket_price.currency, by, now).await?;
    for line in input.lines.unwrap_or_else(budgeting::usual) {
        sql::budget_line_insert(tx.conn(), id, &budgeting::row(line)).await?;
    }
    let made = sql::budget_of(tx.conn(), event.id).await?.ok_or_else(not_found)?;
    tx.audit_created("budget.created", &made.budget);
    Ok(made)
}

/// Add a line to a budget
#[operation(POST "/finance/budget/{event_id}/lines", staff = BudgetsManage, status = 201, scoped,
    errors(already_exists))]
pub async fn budget_line_add(tx: &mut Tx, event_id: EventId, input: NewBudgetLine) -> Result<BudgetLine> {
    lock(tx, event_id, BudgetsManage).await?;
    let found = sql::budget_of(tx.conn(), event_id).await?.ok_or_else(not_found)?;
    if found.lines.len() >= crate::finance::MOST_LINES {
        return Err(invalid_input().field("title", "a budget has at most 100 lines"));
    }
    let row = budgeting::row(input);
    sql::budget_line_insert(tx.conn(), found.budget.id, &row).await?;
    let line = sql::budget_line_find(tx.conn(), row.id).await?;
    tx.audit_created("budget_line.added", &line);
    Ok(line)
}

/// Update a budget line
///
/// Amounts that come from the ledger cannot be edited: for such lines, only the title and the planned amount can
/// change.
#[operation(PATCH "/budget-lines/{id}", staff = BudgetsManage, scoped, errors(conflict))]
pub async fn budget_line_update(tx: &mut Tx, id: BudgetLineId, input: BudgetLinePatch) -> Result<BudgetLine> {
    let before = budgeting::locked(tx, id).await?;
    same_version(input.version, before.version, &before)?;
    if before.source != BudgetSource::Typed {
        for (field, given) in [("committed_minor", input.committed_minor), ("actual_minor", input.actual_minor)] {
            if given.is_some() {
                return Err(invalid_input().field(field, "is set by the ledger: leave it out"));
            }
        }
    }
    let mut after = before.clone();
    after.title = input.title.map_or(after.title, String::from);
    after.planned.minor = input.planned_minor.unwrap_or(after.planned.minor);
    after.committed.minor = input.committed_minor.unwrap_or(after.committed.minor);
    after.actual.minor = input.actual_minor.unwrap_or(after.actual.minor);
    sql::budget_line_update(tx.conn(), &after).await?;
    let after = sql::budget_line_find(tx.conn(), id).await?;
    tx.audit("budget_line.updated", &before, &after);
    Ok(after)
}

/// Remove a budget line
#[operation(DELETE "/budget-lines/{id}", staff = BudgetsManage, scoped)]
pub async fn budget_line_remove(tx: &mut Tx, id: BudgetLineId) -> Result<()> {
    let before = budgeting::locked(tx, id).await?;
    sql::budget_line_remove(tx.conn(), id).await?;
    tx.audit_deleted("budget_line.removed", &before);
    Ok(())
}
