//! Paying, and what was paid. [001 Finance, 004 §2.11]

use operation::{Answer, operation};

use crate::events::EventId;
use crate::finance::{
    Checkout, EventRevenue, OrderState, Payment, PaymentDetail, PaymentFilter, PaymentId, PaymentOrderId,
};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::events::rules::{end_user, find_run, this_user},
    crate::finance::{checkout, sql},
    crate::kernel::{
        context::{Cx, Db, Reader, Tx},
        csv,
        error::not_found,
        page::Limit,
        permissions::Permission::FinanceRead,
    },
};

/// Payments, the latest first
///
/// Every attempt to pay, also those that did not work.
#[operation(GET "/payments", staff = FinanceRead)]
pub async fn payment_list(db: &mut Reader, query: PaymentFilter) -> Result<Page<Payment>> {
    sql::payment_list(db, &query).await
}

/// Payments as CSV
///
/// Every payment of the filter, in its order; `columns` says which columns, all if absent. Pages do not matter here.
#[operation(GET "/payments/export", staff = FinanceRead, answer = Csv)]
pub async fn payment_export(cx: &Cx, query: PaymentFilter, columns: Option<Vec<String>>) -> Result<Answer> {
    csv::answer(cx, "payments", columns, move |db: &mut Reader, cursor| {
        let filter = PaymentFilter { cursor, limit: Some(Limit::EXPORT), ..query.clone() };
        Box::pin(async move { sql::payment_list(db, &filter).await })
    })
    .await
}

/// One payment, with its order, other attempts, refunds, tickets and what of it stands in the ledger
#[operation(GET "/payments/{id}", staff = FinanceRead)]
pub async fn payment_get(db: &mut Reader, id: PaymentId) -> Result<PaymentDetail> {
    let (now, payment) = (db.now, sql::payment_find(db.conn(), id).await?);
    let order = sql::order_find(db.conn(), payment.order_id, now).await?;
    let attempts = sql::attempts_of(db.conn(), order.id).await?;
    let refunds = sql::refunds_of(db.conn(), id).await?;
    // Those of the payment that paid the order.
    let tickets = match payment.captured_at.is_some() {
        true => sql::tickets_of(db.conn(), order.id).await?.into_iter().map(|(_, ticket)| ticket).collect(),
        false => Vec::new(),
    };
    let journals = sql::journals_of(db.conn(), id).await?;
    Ok(PaymentDetail { payment, order, attempts, refunds, tickets, journals })
}

/// Pay for seats that are held
///
/// Makes an order of them and begins an attempt to pay it: the payer goes on at `pay_url`. Called again for the same seats
/// it answers with the same order, and with the same attempt while that is open, so nobody pays twice. A payment that
/// comes after the seats' time gets them if they are still free, and goes back by itself if not.
#[operation(POST "/payments/checkout", end_user, status = 201, idempotent,
    errors(event_closed, reservation_expired, already_in_order, payments_off, not_found))]
pub async fn payment_checkout(tx: &mut Tx, input: Checkout) -> Result<OrderState> {
    let user = this_user(tx)?;
    let mut seats = input.reservation_ids;
    seats.sort();
    seats.dedup();
    checkout::start(tx, user, &seats).await
}

/// Where an order stands, with its latest attempt
///
/// For the guest who pays and for staff; the id is the order's.
#[operation(GET "/payments/status/{id}", staff = FinanceRead, end_user)]
pub async fn payment_status(db: &mut Reader, id: PaymentOrderId) -> Result<OrderState> {
    let state = checkout::state(db, id).await?;
    let theirs = end_user(&db.caller).is_none_or(|user| user == state.order.user_id);
    if theirs { Ok(state) } else { Err(not_found()) }
}

/// What an event brought in
///
/// Gross, refunds, fee and tax, by ticket type and day, as the ledger has it. For finance, and for who hosts the event.
#[operation(GET "/finance/revenue/{event_id}", staff = FinanceRead, end_user, scoped)]
pub async fn event_revenue(db: &mut Reader, event_id: EventId) -> Result<EventRevenue> {
    let event = find_run(db, event_id, FinanceRead).await?;
    sql::event_revenue(db.conn(), &event).await
}
