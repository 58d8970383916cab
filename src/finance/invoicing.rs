//! Invoices and credit notes: issued in the transaction in which the money is posted, so a number is taken if and only if
//! what it stands for is there.

use std::collections::BTreeMap;

use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::sql::{self, BookLine, Documents};
use super::{
    DoorSale, DoorSaleId, Payment, PaymentOrder, RefundId, TaxParts, document_reference, financial_year,
    place_of_supply,
};
use crate::events::Event;
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::money::Money;
use crate::tickets::paid::{Bill, receipt};

/// One sale, to be invoiced.
pub struct Sold {
    /// Sales.
    pub what: What,
    /// What the guest paid for seats that are there.
    pub amount: i64,
    /// The tax within it.
    pub tax: i64,
    /// When.
    pub at: OffsetDateTime,
}

/// What is invoiced.
#[derive(Clone, Copy)]
pub enum What {
    /// An order, and the payment that paid it.
    Order(Uuid, Uuid),
    /// A sale at the door.
    Door(DoorSaleId),
}

impl What {
    /// The order, the payment, the sale at the door.
    fn ids(self) -> (Option<Uuid>, Option<Uuid>, Option<Uuid>) {
        match self {
            What::Order(order, payment) => (Some(order), Some(payment), None),
            What::Door(sale) => (None, None, Some(sale.0)),
        }
    }
}

fn year(day: Date, gst: bool) -> String {
    financial_year((day.year(), u8::from(day.month())), gst)
}

/// Takes the next number for each of these days, without gaps: whoever else takes one of the series waits until this
/// transaction ends, and where it fails the numbers are as they were.
async fn numbers(tx: &mut Tx, series: (&str, &'static str), gst: bool, days: &[Date]) -> Result<Vec<Number>> {
    let mut wanted: BTreeMap<String, i64> = BTreeMap::new();
    for day in days {
        *wanted.entry(year(*day, gst)).or_default() += 1;
    }
    let mut next: BTreeMap<String, i64> = BTreeMap::new();
    for (year, count) in wanted {
        let last = sql::series_take(tx.conn(), series, &year, count).await?;
        next.insert(year, last - count);
    }
    let take = |day: &Date| {
        let year = year(*day, gst);
        let number = next.entry(year.clone()).or_default();
        *number += 1;
        (year, *number)
    };
    Ok(days.iter().map(take).collect())
}

/// The day of each sale, where the event is.
async fn days_of(tx: &mut Tx, event: &Event, sales: &[Sold]) -> Result<Vec<Date>> {
    let times: Vec<OffsetDateTime> = sales.iter().map(|sale| sale.at).collect();
    sql::days_at(tx.conn(), &event.timezone, &times).await
}

/// Issues an invoice for each sale of an event; their numbers, as they are printed.
pub async fn issue_all(tx: &mut Tx, event: &Event, sales: &[Sold]) -> Result<Vec<String>> {
    let (supplier, name) = sql::supplier_of(tx.conn(), event).await?;
    let days = days_of(tx, event, sales).await?;
    let taken = numbers(tx, (&supplier, "invoice"), event.gst_number.is_some(), &days).await?;
    write(tx, event, (&supplier, name.as_deref()), (sales, days, taken)).await
}

/// The year of a supplier's series, and a number in it.
type Number = (String, i64);

/// Issues an invoice for each sale of several events, in the order of the sales within each supplier's series.
pub async fn issue_each(tx: &mut Tx, all: &[(&Event, Vec<Sold>)]) -> Result<()> {
    let mut series: BTreeMap<String, Vec<(OffsetDateTime, usize, usize, Date)>> = BTreeMap::new();
    let mut names = Vec::new();
    for (at, (event, sales)) in all.iter().enumerate() {
        let (supplier, name) = sql::supplier_of(tx.conn(), event).await?;
        let days = days_of(tx, event, sales).await?;
        let sold = sales.iter().zip(days).enumerate().map(|(place, (sale, day))| (sale.at, at, place, day));
        series.entry(supplier.clone()).or_default().extend(sold);
        names.push((supplier, name));
    }
    // By event: of each sale its place there, its day and its number.
    let mut taken: Vec<Vec<(usize, Date, Number)>> = all.iter().map(|_| Vec::new()).collect();
    for (supplier, mut sold) in series {
        sold.sort_unstable();
        let days: Vec<Date> = sold.iter().map(|(.., day)| *day).collect();
        let gst = sold.first().is_some_and(|(_, at, ..)| all[*at].0.gst_number.is_some());
        let numbers = numbers(tx, (&supplier, "invoice"), gst, &days).await?;
        for ((_, at, place, day), number) in sold.into_iter().zip(numbers) {
            taken[at].push((place, day, number));
        }
    }
    for (((event, sales), (supplier, name)), mut taken) in all.iter().zip(&names).zip(taken) {
        taken.sort_unstable_by_key(|(place, ..)| *place);
        let (days, taken) = taken.into_iter().map(|(_, day, number)| (day, number)).unzip();
        write(tx, event, (supplier, name.as_deref()), (sales, days, taken)).await?;
    }
    Ok(())
}

/// Writes invoices with these days and numbers.
async fn write(
    tx: &mut Tx,
    event: &Event,
    (supplier, name): (&str, Option<&str>),
    (sales, days, taken): (&[Sold], Vec<Date>, Vec<Number>),
) -> Result<Vec<String>> {
    let gst = event.gst_number.as_deref();
    let place = gst.map(|number| place_of_supply(&event.city, number));
    let mut rows = Documents::default();
    for ((sale, day), (year, number)) in sales.iter().zip(days).zip(taken) {
        let parts = TaxParts::of(sale.amount, sale.tax, gst, place.as_deref());
        rows.push(new_uuid(), sale.what.ids(), ("INV", year, number), parts, (day, sale.at));
    }
    sql::invoices_insert(tx.conn(), event, (supplier, name, place.as_deref()), &rows).await?;
    Ok(rows.references)
}

/// Issues the invoice of an order that was just paid, for the seats that are there, and sends the guest a receipt.
pub async fn issue(
    tx: &mut Tx,
    event: &Event,
    order: &PaymentOrder,
    payment: &Payment,
    seated: &[BookLine],
) -> Result<()> {
    if seated.is_empty() {
        return Ok(());
    }
    let sum = |of: fn(&BookLine) -> i64| seated.iter().map(of).sum::<i64>();
    let (amount, tax) = (sum(|line| line.amount), sum(|line| line.tax));
    let sale = Sold { what: What::Order(order.id.0, payment.id.0), amount, tax, at: tx.now.0 };
    let amount = Money { minor: amount, currency: payment.amount.currency.clone() };
    for invoice in issue_all(tx, event, &[sale]).await? {
        let bill = Bill { amount: &amount, order: order.id.0, reference: &order.order_reference, invoice: &invoice };
        receipt(tx, event, order.user_id, bill).await?;
    }
    Ok(())
}

/// Issues the credit note of a refund. Nothing where what it pays back was never invoiced.
pub async fn credit(tx: &mut Tx, event: &Event, payment: &Payment, refund: RefundId, amount: i64) -> Result<()> {
    credit_note(tx, event, payment.order_id.0, (Some(refund.0), None), amount).await
}

/// The same for cash that was handed back at the door.
pub async fn credit_door(tx: &mut Tx, event: &Event, sale: &DoorSale) -> Result<()> {
    credit_note(tx, event, sale.id.0, (None, Some(sale.id.0)), sale.amount.minor).await
}

async fn credit_note(
    tx: &mut Tx,
    event: &Event,
    of: Uuid,
    (refund, door): (Option<Uuid>, Option<Uuid>),
    amount: i64,
) -> Result<()> {
    let Some(invoiced) = sql::invoiced(tx.conn(), of).await? else { return Ok(()) };
    let now = tx.now.0;
    let days = sql::days_at(tx.conn(), &event.timezone, &[now]).await?;
    let taken = numbers(tx, (&invoiced.supplier, "credit_note"), invoiced.gst, &days).await?;
    let parts = invoiced.parts.less(invoiced.credited, amount);
    let mut rows = Documents::default();
    for (day, (year, number)) in days.into_iter().zip(taken) {
        rows.push(new_uuid(), (Some(invoiced.id), refund, door), ("CRN", year, number), parts, (day, now));
    }
    sql::credit_notes_insert(tx.conn(), &invoiced.supplier, &rows).await
}

impl Documents {
    /// Adds one: its id and what it belongs to, its number, its amounts and its day.
    fn push(
        &mut self,
        id: Uuid,
        (of, by, door): (Option<Uuid>, Option<Uuid>, Option<Uuid>),
        (prefix, year, number): (&str, String, i64),
        parts: TaxParts,
        (day, at): (Date, OffsetDateTime),
    ) {
        self.ids.push(id);
        self.of.push(of);
        self.by.push(by);
        self.doors.push(door);
        self.references.push(document_reference(prefix, &year, number));
        self.years.push(year);
        self.numbers.push(number);
        self.taxable.push(parts.taxable);
        self.cgst.push(parts.cgst);
        self.sgst.push(parts.sgst);
        self.igst.push(parts.igst);
        self.other.push(parts.other);
        self.totals.push(parts.total());
        self.days.push(day);
        self.times.push(at);
    }
}
