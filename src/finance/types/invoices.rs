//! Invoices for what guests paid, and credit notes for what went back.

use operation::Validate;
use serde::Serialize;

use super::{CreditNoteId, DoorSaleId, InvoiceId, PaymentId, PaymentOrderId, RefundId};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::text::SearchText;
use crate::kernel::timestamp::Timestamp;
use crate::partners::PartnerId;

wire! {
    /// An amount with the tax that is within it.
    pub struct TaxSums {
        /// What the tax applies to.
        pub taxable: Money,
        /// The union's half of GST.
        pub cgst: Money,
        /// The state's half of GST.
        pub sgst: Money,
        /// GST as a whole, where the event is in another state than its supplier.
        pub igst: Money,
        /// Tax where the supplier has no GST number.
        pub other_tax: Money,
        /// All of it.
        pub total: Money,
    }

    /// An invoice with the supplier, the amount a guest paid, and its tax.
    pub struct Invoice {
        pub id: InvoiceId,
        /// Its number, as it is printed.
        pub reference: String,
        /// Such as `26-27`, from April to March; the year where there is no GST number.
        pub financial_year: String,
        /// Its place in the supplier's series of that year, without gaps from 1.
        pub number: i64,
        /// The order that was paid; none where it was sold at the door.
        pub order_id: Option<PaymentOrderId>,
        pub order_reference: Option<String>,
        pub payment_id: Option<PaymentId>,
        /// The sale at the door; none where an order was paid.
        pub door_sale_id: Option<DoorSaleId>,
        pub event_id: EventId,
        pub event_title: String,
        /// The organiser of the event.
        pub supplier_name: Option<String>,
        pub gst_number: Option<String>,
        /// The state the event is held in, with its GST code; absent where there is no GST number.
        pub place_of_supply: Option<String>,
        pub payer_name: Option<String>,
        /// The rate in hundredths of a percent.
        pub tax_basis_points: i32,
        pub sums: TaxSums,
        /// The amount credited.
        pub credited: Money,
        /// The date, in the venue's time zone.
        pub issued_on: String,
        pub issued_at: Timestamp,
    }

    /// Seats of one ticket type within an invoice.
    pub struct InvoiceLine {
        pub ticket_type: String,
        pub seats: i32,
        /// Their cost, with tax.
        pub amount: Money,
    }

    /// A credit note: what went back of an invoice.
    pub struct CreditNote {
        pub id: CreditNoteId,
        /// Its number, as it is printed.
        pub reference: String,
        /// Such as `26-27`, from April to March; the year where there is no GST number.
        pub financial_year: String,
        /// Its place in the supplier's series of that year, without gaps from 1.
        pub number: i64,
        pub invoice_id: InvoiceId,
        pub invoice_reference: String,
        /// The refund; none where cash was handed back at the door.
        pub refund_id: Option<RefundId>,
        pub payment_id: Option<PaymentId>,
        pub door_sale_id: Option<DoorSaleId>,
        pub event_id: EventId,
        pub event_title: String,
        /// The reason for the refund.
        pub reason: String,
        pub sums: TaxSums,
        /// The date, in the venue's time zone.
        pub issued_on: String,
        pub issued_at: Timestamp,
    }

    /// An invoice with its lines and credit notes.
    pub struct InvoiceDetail {
        pub invoice: Invoice,
        pub lines: Vec<InvoiceLine>,
        /// The first first.
        pub credit_notes: Vec<CreditNote>,
    }

    /// Filter and page of invoices or credit notes, the latest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct InvoiceFilter {
        /// Part of its number, of the order's or of the supplier's name.
        #[serde(default, alias = "search", skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_id: Option<EventId>,
        /// Of this payment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub payment_id: Option<PaymentId>,
        /// Of events this partner organises.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub partner_id: Option<PartnerId>,
        /// Only invoices with a credit note, or only those without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub credited: Option<bool>,
        /// Issued at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from: Option<Timestamp>,
        /// Issued before this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }
}
impl Validate for InvoiceFilter {}

impl Invoice {
    /// What it is called: only who has a GST number issues tax invoices.
    pub fn title(&self) -> &'static str {
        if self.gst_number.is_some() { "Tax invoice" } else { "Invoice" }
    }
}

/// A rate as people write it: `18%`, `2.5%`.
pub fn rate(basis_points: i32) -> String {
    crate::events::percent_in_words(&format!("{}.{:02}", basis_points / 100, basis_points % 100))
}

impl TaxSums {
    /// The taxes that are not nothing, each with its name and half or whole of the rate.
    pub fn taxes(&self, basis_points: i32) -> Vec<(String, &Money)> {
        let half = rate_of_half(basis_points);
        let all = [
            (format!("CGST {half}"), &self.cgst),
            (format!("SGST {half}"), &self.sgst),
            (format!("IGST {}", rate(basis_points)), &self.igst),
            (format!("Tax {}", rate(basis_points)), &self.other_tax),
        ];
        all.into_iter().filter(|(_, money)| money.minor != 0).collect()
    }
}

fn rate_of_half(basis_points: i32) -> String {
    // A half of a hundredth is a digit more.
    if basis_points % 2 == 0 {
        rate(basis_points / 2)
    } else {
        format!("{}.{:03}%", basis_points / 200, basis_points % 200 * 5)
    }
}

impl TaxSums {
    /// All taxes of it together.
    pub fn tax(&self) -> Money {
        Money { minor: self.total.minor - self.taxable.minor, currency: self.total.currency.clone() }
    }
}

#[cfg(feature = "ssr")]
impl crate::kernel::csv::CsvRow for Invoice {
    const COLUMNS: &'static [crate::kernel::csv::CsvColumn<Self>] = &[
        ("number", |i| i.reference.clone()),
        ("issued_on", |i| i.issued_on.clone()),
        ("supplier", |i| i.supplier_name.clone().unwrap_or_default()),
        ("gst_number", |i| i.gst_number.clone().unwrap_or_default()),
        ("place_of_supply", |i| i.place_of_supply.clone().unwrap_or_default()),
        ("order", |i| i.order_reference.clone().unwrap_or_default()),
        ("event", |i| i.event_title.clone()),
        ("payer", |i| i.payer_name.clone().unwrap_or_default()),
        ("currency", |i| i.sums.total.currency.to_string()),
        ("rate", |i| rate(i.tax_basis_points)),
        ("taxable", |i| i.sums.taxable.decimal()),
        ("tax", |i| i.sums.tax().decimal()),
        ("cgst", |i| i.sums.cgst.decimal()),
        ("sgst", |i| i.sums.sgst.decimal()),
        ("igst", |i| i.sums.igst.decimal()),
        ("other_tax", |i| i.sums.other_tax.decimal()),
        ("total", |i| i.sums.total.decimal()),
        ("credited", |i| i.credited.decimal()),
        ("id", |i| i.id.to_string()),
    ];
}

#[cfg(feature = "ssr")]
impl crate::kernel::csv::CsvRow for CreditNote {
    const COLUMNS: &'static [crate::kernel::csv::CsvColumn<Self>] = &[
        ("number", |c| c.reference.clone()),
        ("issued_on", |c| c.issued_on.clone()),
        ("invoice", |c| c.invoice_reference.clone()),
        ("event", |c| c.event_title.clone()),
        ("reason", |c| c.reason.clone()),
        ("currency", |c| c.sums.total.currency.to_string()),
        ("taxable", |c| c.sums.taxable.decimal()),
        ("tax", |c| c.sums.tax().decimal()),
        ("cgst", |c| c.sums.cgst.decimal()),
        ("sgst", |c| c.sums.sgst.decimal()),
        ("igst", |c| c.sums.igst.decimal()),
        ("other_tax", |c| c.sums.other_tax.decimal()),
        ("total", |c| c.sums.total.decimal()),
        ("id", |c| c.id.to_string()),
    ];
}
