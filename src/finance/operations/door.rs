//! Selling at the door. [001 Finance]

use operation::operation;

use crate::events::EventId;
use crate::finance::{
    CashDeposit, DoorRefund, DoorSale, DoorSaleFilter, DoorSaleId, DoorTakings, NewCashDeposit, NewDoorSale,
};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};

#[cfg(feature = "ssr")]
use {
    crate::events::rules::{find_run, lock},
    crate::finance::{door, sql},
    crate::kernel::{
        context::{Db, Reader, Tx},
        permissions::Permission::{FinanceManage, FinanceRead, PaymentsRefund, TicketsManage},
    },
    crate::tickets::rules,
};

/// List the door sales of an event
///
/// Newest first.
#[operation(GET "/events/{id}/door-sales", staff = TicketsManage, scoped)]
pub async fn door_sale_list(db: &mut Reader, id: EventId, query: DoorSaleFilter) -> Result<Page<DoorSale>> {
    find_run(db, id, TicketsManage).await?;
    sql::door_sale_list(db, id, &query).await
}

/// Get the door takings of an event
///
/// The cash that should be in the cash box, and how many seats were sold or complimentary.
#[operation(GET "/events/{id}/door-sales/takings", staff = TicketsManage, scoped)]
pub async fn door_takings(db: &mut Reader, id: EventId) -> Result<DoorTakings> {
    let event = find_run(db, id, TicketsManage).await?;
    sql::door_takings(db.conn(), &event).await
}

/// Sell tickets at the door
///
/// For cash at the price of the ticket type, posted to the ledger at once, or as complimentary tickets. The tickets are
/// issued at once, as long as seats are left.
#[operation(POST "/events/{id}/door-sales", staff = TicketsManage, status = 201, scoped, idempotent,
    errors(event_closed, sold_out, period_closed))]
pub async fn door_sale_make(tx: &mut Tx, id: EventId, input: NewDoorSale) -> Result<DoorSale> {
    let event = lock(tx, id, TicketsManage).await?;
    rules::must_be_open(tx, &event).await?;
    let by = tx.actor();
    let sale = door::sell(tx, &event, input, by).await?;
    tx.audit_created("door_sale.made", &sale);
    Ok(sale)
}

/// Refund a door sale
///
/// Refunds the whole amount in cash, voids the tickets and frees the seats. Rejected while one of the guests is inside.
#[operation(POST "/door-sales/{id}/refund", staff = PaymentsRefund, scoped, idempotent,
    errors(invalid_transition, period_closed))]
pub async fn door_sale_refund(tx: &mut Tx, id: DoorSaleId, input: DoorRefund) -> Result<DoorSale> {
    let seen = sql::door_sale_find(tx.conn(), id).await?;
    let event = lock(tx, seen.event_id, PaymentsRefund).await?;
    let before = sql::door_sale_find(tx.conn(), id).await?;
    let by = tx.actor();
    let after = door::refund(tx, &event, &before, input.reason.as_str(), by).await?;
    tx.audit("door_sale.refunded", &before, &after).reason(input.reason.as_str());
    Ok(after)
}

/// List the door cash deposited at the bank
///
/// Newest first.
#[operation(GET "/events/{id}/cash-deposits", staff = FinanceRead, scoped)]
pub async fn cash_deposit_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<CashDeposit>> {
    find_run(db, id, FinanceRead).await?;
    sql::deposit_list(db, id, &query).await
}

/// Record a bank deposit of door cash
///
/// Posts the amount from the event's cash to the bank, with the bank's reference. It cannot be more than the cash that
/// should be in the event's cash box.
#[operation(POST "/events/{id}/cash-deposits", staff = FinanceManage, status = 201, scoped, idempotent,
    errors(period_closed))]
pub async fn cash_deposit_make(tx: &mut Tx, id: EventId, input: NewCashDeposit) -> Result<CashDeposit> {
    let event = lock(tx, id, FinanceManage).await?;
    let by = tx.actor();
    let made = door::deposit(tx, &event, &input, by).await?;
    tx.audit_created("cash_deposit.made", &made);
    Ok(made)
}
