//! Paying, and what was paid. [001 Finance, 004 §2.11]

use operation::{Answer, operation};

use crate::events::EventId;
use crate::finance::{
    Checkout, EventRevenue, OrderState, Payment, PaymentDetail, PaymentFilter, PaymentId, PaymentOrderId, PaymentTotals,
};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::events::rules::{end_user, find_run, this_user},
    crate::finance::{checkout, sql},
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        csv,
        error::{invalid_input, not_found},
        page::Paged,
        permissions::Permission::FinanceRead,
    },
};

/// List payments
///
/// Newest first, including failed attempts.
#[operation(GET "/payments", staff = FinanceRead)]
pub async fn payment_list(db: &mut Reader, query: PaymentFilter) -> Result<Page<Payment>> {
    sql::payment_list(db, &query).await
}

/// What the payments of a filter come to
///
/// By currency, whatever page is looked at; nothing where there are more than 10,000.
#[operation(GET "/payments/totals", staff = FinanceRead)]
pub async fn payment_totals(db: &mut Reader, query: PaymentFilter) -> Result<PaymentTotals> {
    if query.cursor.is_some() {
        return Err(invalid_input().field("cursor", "is for the list: sums have no pages"));
    }
    Ok(PaymentTotals { sums: sql::payment_sums(db.conn(), &query).await? })
}

/// Export payments as CSV
///
/// Every payment of the filter, in its order; `columns` says which columns, all if absent. Pages do not matter here.
#[operation(GET "/payments/export", staff = FinanceRead, answer = Csv)]
pub async fn payment_export(cx: &RequestContext, query: PaymentFilter, columns: Option<Vec<String>>) -> Result<Answer> {
    csv::answer(cx, "payments", columns, move |db: &mut Reader, cursor| {
        let filter = query.exported(cursor);
        Box::pin(async move { sql::payment_list(db, &filter).await })
    })
    .await
}

/// Get a payment with its order, refunds, tickets and ledger entries
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

/// Pay for held seats
///
/// Creates an order and starts a payment, which continues at `pay_url`. Calling it again for the same seats returns the
/// same order, and the same payment while it is open, so that nobody pays twice. A payment that arrives after the hold
/// has expired still gets the seats if they are free; otherwise it is refunded automatically.
#[operation(POST "/payments/checkout", end_user, status = 201, idempotent,
    errors(event_closed, reservation_expired, already_in_order, payments_off, not_found))]
pub async fn payment_checkout(tx: &mut Tx, input: Checkout) -> Result<OrderState> {
    let user = this_user(tx)?;
    let mut seats = input.reservation_ids;
    seats.sort();
    seats.dedup();
    checkout::start(tx, user, &seats).await
}

/// Get the status of an order with its latest payment
///
/// Available to the guest who pays and to the team. The ID is the order's.
#[operation(GET "/payments/status/{id}", staff = FinanceRead, end_user)]
pub async fn payment_status(db: &mut Reader, id: PaymentOrderId) -> Result<OrderState> {
    let state = checkout::state(db, id).await?;
    let theirs = end_user(&db.caller).is_none_or(|user| user == state.order.user_id);
    if theirs { Ok(state) } else { Err(not_found()) }
}

/// Get the revenue of an event
///
/// Gross, refunds, fees and tax by ticket type and day, according to the ledger. Available to finance and to the
/// event's host.
#[operation(GET "/finance/revenue/{event_id}", staff = FinanceRead, end_user, scoped)]
pub async fn event_revenue(db: &mut Reader, event_id: EventId) -> Result<EventRevenue> {
    let event = find_run(db, event_id, FinanceRead).await?;
    sql::event_revenue(db.conn(), &event).await
}
