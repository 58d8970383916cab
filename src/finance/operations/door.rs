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

/// What was sold at an event's door, the latest first
#[operation(GET "/events/{id}/door-sales", staff = TicketsManage, scoped)]
pub async fn door_sale_list(db: &mut Reader, id: EventId, query: DoorSaleFilter) -> Result<Page<DoorSale>> {
    find_run(db, id, TicketsManage).await?;
    sql::door_sale_list(db, id, &query).await
}

/// What was taken at an event's door
///
/// The cash that should be there, and how many seats were sold and given away.
#[operation(GET "/events/{id}/door-sales/takings", staff = TicketsManage, scoped)]
pub async fn door_takings(db: &mut Reader, id: EventId) -> Result<DoorTakings> {
    let event = find_run(db, id, TicketsManage).await?;
    sql::door_takings(db.conn(), &event).await
}

/// Sell tickets at the door
///
/// For cash at the ticket type's price, which is posted to the ledger at once, or free of charge as a guest of the
/// organiser. The tickets are issued at once, within the seats that are left.
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

/// Refund what was sold at the door
///
/// The cash is handed back whole; its tickets are void and their seats are free again. Refused while one of them is
/// inside.
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

/// Cash of an event's door that was paid into the bank, the latest first
#[operation(GET "/events/{id}/cash-deposits", staff = FinanceRead, scoped)]
pub async fn cash_deposit_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<CashDeposit>> {
    find_run(db, id, FinanceRead).await?;
    sql::deposit_list(db, id, &query).await
}

/// Pay cash of an event's door into the bank
///
/// Noted with what the bank calls it, and posted: it leaves the cash and is in the bank. No more than should lie in the
/// event's cash box.
#[operation(POST "/events/{id}/cash-deposits", staff = FinanceManage, status = 201, scoped, idempotent,
    errors(period_closed))]
pub async fn cash_deposit_make(tx: &mut Tx, id: EventId, input: NewCashDeposit) -> Result<CashDeposit> {
    let event = lock(tx, id, FinanceManage).await?;
    let by = tx.actor();
    let made = door::deposit(tx, &event, &input, by).await?;
    tx.audit_created("cash_deposit.made", &made);
    Ok(made)
}
