//! A guest's invoice as it is printed, with its credit notes.

use axum::response::Response;
use eventify::events::operations::event_get;
use eventify::finance::operations::attendee_invoice;
use eventify::finance::{CreditNote, Invoice, InvoiceDetail, TaxSums};
use eventify::kernel::error::Error;
use eventify::kernel::text::grouped;
use eventify::zones::day_in_words;
use maud::{Markup, html};

use super::contact::Contact;
use super::view::{Head, place, when};
use super::visitor::{Visitor, id};
use crate::web::parts::Path;

/// `GET /my/invoices/{attendee}`
pub async fn invoice(visitor: Visitor, Path(attendee): Path<String>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    let read = async {
        let found = visitor.own(attendee_invoice(id(&attendee)?)).await?;
        let event = visitor.own(event_get(found.invoice.event_id)).await?;
        let (zone, contact) = tokio::try_join!(visitor.zone(&event), Contact::of(&visitor, &event))?;
        Ok::<_, Error>((found, event, zone, contact))
    };
    match read.await {
        Ok((found, event, zone, contact)) => {
            let title = format!("{} {}", found.invoice.title(), found.invoice.reference);
            let head = Head::own(&title).coloured(&found.invoice.event_title);
            // Who reads it is who paid: the phone number is theirs.
            let phone = visitor.user.as_ref().map(|user| grouped(&user.phone)).unwrap_or_default();
            let held = html! { bdi { (event.title) } br; (when(&event, &zone)) br; bdi { (place(&event)) } };
            let paper = Paper { found: &found, held: &held, supplier: contact.own_email(), phone: &phone };
            visitor.page(200, &head, &paper.show(&title, &attendee))
        }
        Err(error) => visitor.refused(&error),
    }
}

/// What is printed.
struct Paper<'p> {
    found: &'p InvoiceDetail,
    /// The event, when and where it is.
    held: &'p Markup,
    /// Where the supplier is written to.
    supplier: Option<&'p str>,
    /// The payer's phone number.
    phone: &'p str,
}

impl Paper<'_> {
    fn show(&self, title: &str, attendee: &str) -> Markup {
        let InvoiceDetail { invoice, lines, credit_notes } = self.found;
        html! {
            h1 { (title) }
            p .tags { (status(invoice)) }
            div .surface .flow { (self.parties()) }
            div .surface .flow {
                dl .facts {
                    @for line in lines {
                        dt { (line.seats) " × " bdi { (line.ticket_type) } }
                        dd { (line.amount.display()) }
                    }
                    (sums(&invoice.sums, invoice.tax_basis_points, "Total"))
                }
            }
            @for note in credit_notes { (credit_note(invoice, note)) }
            p .hint .screen { "Print this page to keep it. " a href={ "/my/tickets?of=" (attendee) } { "Show my tickets" } }
        }
    }

    fn parties(&self) -> Markup {
        let invoice = &self.found.invoice;
        html! {
            dl .facts {
                dt { "Number" } dd { (invoice.reference) }
                dt { "Issued" } dd { (day_in_words(&invoice.issued_on)) }
                @if invoice.supplier_name.is_some() || self.supplier.is_some() {
                    dt { "Supplier" }
                    dd {
                        @if let Some(name) = &invoice.supplier_name { bdi { (name) } }
                        @if let Some(email) = self.supplier { br; (email) }
                    }
                }
                @if let Some(number) = &invoice.gst_number { dt { "GST number" } dd { (number) } }
                dt { "Billed to" }
                dd {
                    @if let Some(name) = &invoice.payer_name { bdi { (name) } br; }
                    span .whole { (self.phone) }
                }
                @if let Some(place) = &invoice.place_of_supply { dt { "Place of supply" } dd { (place) } }
                dt { "Event" } dd { (self.held) }
                @if let Some(order) = &invoice.order_reference { dt { "Order" } dd .whole { (order) } }
            }
        }
    }
}

/// What came of the money.
fn status(invoice: &Invoice) -> Markup {
    let back = invoice.credited.minor;
    html! {
        @if back == 0 {
            span .tag data-tone="ok" { "Paid" }
        } @else if back >= invoice.sums.total.minor {
            span .tag { "Refunded" }
        } @else {
            span .tag { "Refunded " (invoice.credited.display()) }
        }
    }
}

/// The value that is taxed and its taxes, where there are any, and what it comes to.
fn sums(sums: &TaxSums, basis_points: i32, total: &str) -> Markup {
    let taxes = sums.taxes(basis_points);
    html! {
        @if !taxes.is_empty() {
            dt { "Taxable value" } dd { (sums.taxable.display()) }
            @for (name, money) in taxes { dt { (name) } dd { (money.display()) } }
        }
        dt .sum { (total) } dd .sum { (sums.total.display()) }
    }
}

fn credit_note(invoice: &Invoice, note: &CreditNote) -> Markup {
    html! {
        section .surface .flow {
            h2 { "Credit note " (note.reference) }
            dl .facts {
                dt { "Issued" } dd { (day_in_words(&note.issued_on)) }
                dt { "For" } dd { (invoice.reference) }
                dt { "Reason" } dd { bdi { (note.reason) } }
                (sums(&note.sums, invoice.tax_basis_points, "Credited"))
            }
        }
    }
}
