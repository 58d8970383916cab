//! A guest's invoice as it is printed, with its credit notes.

use axum::extract::Path;
use axum::response::Response;
use eventify::events::day_in_words;
use eventify::finance::operations::attendee_invoice;
use eventify::finance::{CreditNote, Invoice, InvoiceDetail, TaxSums};
use maud::{Markup, html};

use super::view::Head;
use super::visitor::{Visitor, id};

/// `GET /my/invoices/{attendee}`
pub async fn invoice(visitor: Visitor, Path(attendee): Path<String>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    let read = async { visitor.own(attendee_invoice(id(&attendee)?)).await };
    match read.await {
        Ok(found) => {
            let title = format!("{} {}", found.invoice.title(), found.invoice.reference);
            let head = Head::own(&title).coloured(&found.invoice.event_title);
            visitor.page(200, &head, &page(&title, &found))
        }
        Err(error) => visitor.refused(&error),
    }
}

fn page(title: &str, found: &InvoiceDetail) -> Markup {
    let InvoiceDetail { invoice, lines, credit_notes } = found;
    html! {
        h1 { (title) }
        div .surface .flow { (parties(invoice)) }
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
        p .hint { "Print this page to keep it." }
    }
}

fn parties(invoice: &Invoice) -> Markup {
    html! {
        dl .facts {
            dt { "Number" } dd { (invoice.reference) }
            dt { "Issued" } dd { (day_in_words(&invoice.issued_on)) }
            @if let Some(name) = &invoice.supplier_name { dt { "Supplier" } dd { bdi { (name) } } }
            @if let Some(number) = &invoice.gst_number { dt { "GST number" } dd { (number) } }
            @if let Some(name) = &invoice.payer_name { dt { "Guest" } dd { bdi { (name) } } }
            @if let Some(place) = &invoice.place_of_supply { dt { "Place of supply" } dd { (place) } }
            dt { "Event" } dd { bdi { (invoice.event_title) } }
            @if let Some(order) = &invoice.order_reference { dt { "Order" } dd { (order) } }
        }
    }
}

fn sums(sums: &TaxSums, basis_points: i32, total: &str) -> Markup {
    html! {
        dt { "Taxable value" } dd { (sums.taxable.display()) }
        @for (name, money) in sums.taxes(basis_points) { dt { (name) } dd { (money.display()) } }
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
