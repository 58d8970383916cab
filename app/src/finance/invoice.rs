//! One invoice as it is printed, and its credit notes, each on a page of its own.

use eventify::Error;
use eventify::finance::operations::invoice_get;
use eventify::finance::{CreditNote, Invoice, InvoiceDetail, InvoiceId, InvoiceLine, TaxSums};
use eventify::kernel::error::not_found;
use eventify::zones::day_in_list;
use leptos::prelude::*;

use crate::ui::{Facts, Icon, Loading, PageHead, Shell, Tone, badge, card, card_flush, id_of_path, loaded};

/// The page of one invoice.
pub fn invoice() -> AnyView {
    let id = id_of_path::<InvoiceId>();
    let data = Loading::new(move || id.get(), fetch);
    loaded(data, move |detail, _| page(&detail))
}

async fn fetch(id: Option<InvoiceId>) -> Result<InvoiceDetail, Error> {
    invoice_get(id.ok_or_else(not_found)?).await
}

fn page(detail: &InvoiceDetail) -> AnyView {
    let InvoiceDetail { invoice, lines, credit_notes } = detail;
    let shell = Shell::get();
    let print = move |_| {
        let _ = window().print();
    };
    let acts = view! {
        <button class="btn primary" type="button" disabled=move || !shell.alive.get() on:click=print>{Icon::DOWNLOAD.svg()}"Print invoice"</button>
    };
    let crumbs = vec![("Invoices".to_owned(), "/invoices".to_owned())];
    let title = format!("{} {}", invoice.title(), invoice.reference);
    let subtitle = match &invoice.payer_name {
        Some(name) => format!("{} to {name} · {}", invoice.sums.total.display(), invoice.event_title),
        None => format!("{} · {}", invoice.sums.total.display(), invoice.event_title),
    };
    let notes = credit_notes.iter().map(|note| credit_note(invoice, note)).collect_view();
    view! {
        <div class="page">
            <PageHead title=title crumbs=crumbs badge=credited(invoice) subtitle=subtitle actions=acts.into_any()/>
            <div class="stack">
                {card("invoice-parties", "Details", None, parties(invoice).view())}
                {card_flush("invoice-lines", "Tickets and tax", None, amounts(invoice, lines))}
                {notes}
            </div>
        </div>
    }
    .into_any()
}

/// How much of it was taken back by credit notes.
fn credited(invoice: &Invoice) -> AnyView {
    match invoice.credited.minor {
        0 => badge(Tone::Success, "Paid"),
        minor if minor >= invoice.sums.total.minor => badge(Tone::Neutral, "Credited"),
        _ => badge(Tone::Info, "Partly credited"),
    }
}

fn parties(invoice: &Invoice) -> Facts {
    let event = format!("/events/{}?tab=money", invoice.event_id);
    let order = invoice.payment_id.zip(invoice.order_reference.clone());
    let order = order.map(|(id, name)| view! { <a href=format!("/payments/{id}")>{name}</a> });
    let door = format!("/events/{}/door-sales", invoice.event_id);
    let door = invoice.door_sale_id.map(|_| view! { <a href=door>"Sold at the door"</a> });
    let supplier = invoice.supplier_name.clone().unwrap_or_else(|| "A former host".to_owned());
    Facts::new()
        .add("Number", invoice.reference.clone())
        .add("Issued", day_in_list(&invoice.issued_on))
        .add("Supplier", view! { <bdi>{supplier}</bdi> })
        .maybe("GST number", invoice.gst_number.clone())
        .maybe("Guest", invoice.payer_name.clone().map(|name| view! { <bdi>{name}</bdi> }))
        .maybe("Place of supply", invoice.place_of_supply.clone())
        .add("Event", view! { <a href=event>{invoice.event_title.clone()}</a> })
        .maybe("Order", order)
        .maybe("Sale", door)
}

fn sums(sums: &TaxSums, basis_points: i32, total: &'static str) -> AnyView {
    let taxes = sums.taxes(basis_points).into_iter().map(|(name, money)| {
        view! { <tr><th scope="row" colspan="2">{name}</th><td class="num">{money.display()}</td></tr> }
    });
    let taxes = taxes.collect_view();
    view! {
        <tfoot>
            <tr><th scope="row" colspan="2">"Taxable value, without tax"</th><td class="num">{sums.taxable.display()}</td></tr>
            {taxes}
            <tr><th scope="row" colspan="2"><strong>{total}</strong></th><td class="num"><strong>{sums.total.display()}</strong></td></tr>
        </tfoot>
    }
    .into_any()
}

fn amounts(invoice: &Invoice, lines: &[InvoiceLine]) -> AnyView {
    let rows = lines.iter().map(|line| {
        view! {
            <tr>
                <th scope="row">"Admission: "<bdi>{line.ticket_type.clone()}</bdi></th>
                <td data-label="Tickets" class="num">{line.seats.to_string()}</td>
                <td data-label="Amount, tax included" class="num">{line.amount.display()}</td>
            </tr>
        }
    });
    view! {
        <table class="table">
            <caption class="sr">"Lines of this invoice"</caption>
            <thead><tr><th scope="col">"What"</th><th scope="col" class="num">"Tickets"</th><th scope="col" class="num">"Amount"<small>"Tax included"</small></th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
            {sums(&invoice.sums, invoice.tax_basis_points, "Total")}
        </table>
    }
    .into_any()
}

fn credit_note(invoice: &Invoice, note: &CreditNote) -> AnyView {
    let (id, heading) = (note.id.to_string(), format!("note-{}", note.id));
    let labelled = heading.clone();
    let title = format!("Credit note {} · {}", note.reference, day_in_list(&note.issued_on));
    let of = format!("For {} of {}", invoice.reference, day_in_list(&invoice.issued_on));
    view! {
        <section class="card" id=id aria-labelledby=labelled>
            <header class="card-head"><h2 id=heading>{title}</h2></header>
            <table class="table">
                <caption class="sr">{format!("Amounts of {}", note.reference)}</caption>
                <tbody><tr><th scope="row" colspan="2">{of}<small><bdi>{note.reason.clone()}</bdi></small></th><td class="num">{note.sums.total.display()}</td></tr></tbody>
                {sums(&note.sums, invoice.tax_basis_points, "Credited")}
            </table>
        </section>
    }
    .into_any()
}
