//! Invoices and credit notes, to be read: they are issued where the money is posted.

use operation::{Answer, operation};

use crate::finance::{CreditNote, Invoice, InvoiceDetail, InvoiceFilter, InvoiceId};
use crate::kernel::error::Result;
use crate::kernel::page::Page;
use crate::tickets::AttendeeId;

#[cfg(feature = "ssr")]
use {
    crate::events::rules::end_user,
    crate::finance::sql,
    crate::kernel::{
        context::{Db, Reader, RequestContext},
        csv,
        error::not_found,
        page::Paged,
    },
};

/// List invoices
///
/// Newest first. One for each paid order and each door sale for cash. Invoice numbers are consecutive within a
/// supplier's financial year.
#[operation(GET "/invoices", staff = FinanceRead)]
pub async fn invoice_list(db: &mut Reader, query: InvoiceFilter) -> Result<Page<Invoice>> {
    sql::invoice_list(db, &query).await
}

/// Export invoices as CSV
///
/// Every invoice of the filter with its taxes, in its order; `columns` says which columns, all if absent. Pages do not
/// matter here.
#[operation(GET "/invoices/export", staff = FinanceRead, answer = Csv)]
pub async fn invoice_export(cx: &RequestContext, query: InvoiceFilter, columns: Option<Vec<String>>) -> Result<Answer> {
    csv::answer(cx, "invoices", columns, move |db: &mut Reader, cursor| {
        let filter = query.exported(cursor);
        Box::pin(async move { sql::invoice_list(db, &filter).await })
    })
    .await
}

/// Get an invoice with its lines and credit notes
#[operation(GET "/invoices/{id}", staff = FinanceRead)]
pub async fn invoice_get(db: &mut Reader, id: InvoiceId) -> Result<InvoiceDetail> {
    sql::invoice_find(db.conn(), id).await
}

/// Get the invoice for a guest's tickets
///
/// Covers the whole order or door sale. Available to the guest who paid and to the team.
#[operation(GET "/attendees/{id}/invoice", staff = FinanceRead, end_user)]
pub async fn attendee_invoice(db: &mut Reader, id: AttendeeId) -> Result<InvoiceDetail> {
    let now = db.now;
    let Some(order) = sql::order_of_attendee(db.conn(), id).await? else {
        // What was sold at the door is nobody's account: the desk shows or prints it.
        let sale = sql::door_sale_of_attendee(db.conn(), id).await?;
        let sale = sale.filter(|_| end_user(&db.caller).is_none()).ok_or_else(not_found)?;
        return sql::invoice_of_door_sale(db.conn(), sale).await;
    };
    let payer = sql::order_find(db.conn(), order, now).await?.user_id;
    if end_user(&db.caller).is_some_and(|user| user != payer) {
        return Err(not_found());
    }
    sql::invoice_of_order(db.conn(), order).await
}

/// List credit notes
///
/// Newest first. One for each refund of an invoiced payment, including door sales.
#[operation(GET "/credit-notes", staff = FinanceRead)]
pub async fn credit_note_list(db: &mut Reader, query: InvoiceFilter) -> Result<Page<CreditNote>> {
    sql::credit_note_list(db, &query).await
}

/// Export credit notes as CSV
///
/// Every credit note of the filter with its taxes, in its order; `columns` says which columns, all if absent. Pages do
/// not matter here.
#[operation(GET "/credit-notes/export", staff = FinanceRead, answer = Csv)]
pub async fn credit_note_export(
    cx: &RequestContext,
    query: InvoiceFilter,
    columns: Option<Vec<String>>,
) -> Result<Answer> {
    csv::answer(cx, "credit-notes", columns, move |db: &mut Reader, cursor| {
        let filter = query.exported(cursor);
        Box::pin(async move { sql::credit_note_list(db, &filter).await })
    })
    .await
}
