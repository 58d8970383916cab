//! Invoices and credit notes.

use std::collections::BTreeSet;

use eventify::Error;
use eventify::finance::operations::{credit_note_list, invoice_list, wallet_balance_list};
use eventify::finance::{CreditNote, Invoice, InvoiceFilter, LedgerWallet, WalletFilter};
use eventify::kernel::page::{Limit, Page};
use eventify::zones::{Zone, day_in_list};
use leptos::prelude::*;

use crate::ui::{Clock, Column, ListQuery, Loading, PageHead, Table, loaded, own_zone, tabs, zone_of};

/// What the tab in the URL asks for.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
enum Tab {
    Invoices(Page<Invoice>),
    CreditNotes(Page<CreditNote>),
}

/// The lists.
pub fn invoices() -> AnyView {
    let (query, clock) = (ListQuery::current(), Clock::get());
    let data = Loading::new(move || query.get(), move |q| fetch(q, clock));
    loaded(data, move |(tab, partners), _| page(query.get_untracked(), tab, partners))
}

fn filter(q: &ListQuery, zone: &Zone) -> InvoiceFilter {
    InvoiceFilter {
        q: q.parsed("q"),
        event_id: q.parsed("event_id"),
        payment_id: q.parsed("payment_id"),
        partner_id: q.parsed("partner_id"),
        credited: q.parsed("credited"),
        from: q.day("from", 0, zone),
        to: q.day("to", 1, zone),
        cursor: q.clone().placed(zone).text("cursor"),
        limit: q.parsed("limit"),
    }
}

/// Partners with sales, to choose one of.
type Suppliers = Vec<(String, String)>;

async fn fetch(query: ListQuery, clock: Option<Clock>) -> Result<(Tab, Suppliers), Error> {
    let wanted = filter(&query, &*zone_of(clock).await);
    let tab = match query.text("tab").as_deref() {
        Some("credit-notes") => Tab::CreditNotes(credit_note_list(wanted).await?),
        _ => Tab::Invoices(invoice_list(wanted).await?),
    };
    let wallets = wallet_balance_list(WalletFilter { limit: Some(Limit::MOST), ..WalletFilter::default() }).await?;
    let supplier = |wallet: LedgerWallet| Some((wallet.owner_name?, wallet.partner_id?.to_string()));
    // One who is paid in two currencies has two wallets.
    let suppliers: BTreeSet<_> = wallets.items.into_iter().filter_map(supplier).collect();
    Ok((tab, suppliers.into_iter().map(|(name, id)| (id, name)).collect()))
}

fn page(query: ListQuery, tab: Tab, suppliers: Suppliers) -> AnyView {
    let wanted = filter(&query, &own_zone());
    let current = if matches!(tab, Tab::Invoices(_)) { "invoices" } else { "credit-notes" };
    let strip = tabs(
        "Invoices",
        "/invoices",
        current,
        &[("invoices", "Invoices", None), ("credit-notes", "Credit notes", None)],
    );
    let table = match tab {
        Tab::Invoices(page) => invoice_table(query, &wanted, page, suppliers),
        Tab::CreditNotes(page) => credit_note_table(query, &wanted, page, suppliers),
    };
    let subtitle = "One for each paid order and door sale. Each supplier has its own series of numbers, without gaps.";
    view! { <div class="page"><PageHead title="Invoices" subtitle=subtitle/>{strip}{table}</div> }.into_any()
}

fn invoice_table(query: ListQuery, wanted: &InvoiceFilter, page: Page<Invoice>, suppliers: Suppliers) -> AnyView {
    let number = |invoice: &Invoice| {
        let event = invoice.event_title.clone();
        view! { <a href=format!("/invoices/{}", invoice.id)>{invoice.reference.clone()}</a><small>{event}</small> }
            .into_any()
    };
    let payer = |invoice: &Invoice| {
        let name = invoice.payer_name.clone().unwrap_or_else(|| "No name".to_owned());
        let from = match (invoice.payment_id, invoice.order_reference.clone()) {
            (Some(payment), Some(order)) => view! { <a href=format!("/payments/{payment}")>{order}</a> },
            _ => view! { <a href=format!("/events/{}/door-sales", invoice.event_id)>{"At the door".to_owned()}</a> },
        };
        view! { <bdi>{name}</bdi><small>{from}</small> }.into_any()
    };
    let tax = |invoice: &Invoice| invoice.sums.tax().display().into_any();
    Table::new("Invoices", query)
        .counts("invoice", "invoices")
        .by_day("-")
        .search("Invoice, order or supplier")
        .select("partner_id", "Any supplier", suppliers)
        .select(
            "credited",
            "Credit note: any",
            vec![("true".into(), "Credited".into()), ("false".into(), "Not credited".into())],
        )
        .input("from", "date", "From")
        .input("to", "date", "To")
        .csv("/invoices/export", wanted)
        .column(Column::head("Invoice", number))
        .column(Column::new("Guest", payer).said().key("payer"))
        .column(Column::new("Supplier", supplier).said())
        .column(
            Column::new("Issued", |i: &Invoice| day_in_list(&i.issued_on).into_any()).said().key("issued_on").nowrap(),
        )
        .column(
            Column::new("Taxable", |i: &Invoice| i.sums.taxable.display().into_any()).number().key("taxable").rare(),
        )
        .column(Column::new("Tax", tax).number().key("tax").rare())
        .column(Column::new("Total", |i: &Invoice| i.sums.total.display().into_any()).lead().key("total"))
        .column(Column::new("Credited", credited).number().key("credited").low())
        .empty(
            "No invoices yet",
            "An invoice is issued for every order that is paid and every ticket sold at the door.",
            None,
        )
        .page(page)
}

/// What went back of it, where something did.
fn credited(invoice: &Invoice) -> AnyView {
    match invoice.credited.minor {
        0 => ().into_any(),
        _ => invoice.credited.display().into_any(),
    }
}

/// Whose series the invoice stands in.
fn supplier(invoice: &Invoice) -> AnyView {
    let gst = invoice.gst_number.clone().map(|number| view! { <small>{number}</small> });
    let name = invoice.supplier_name.clone().unwrap_or_else(|| "The host".to_owned());
    view! { <bdi>{name}</bdi>{gst} }.into_any()
}

/// The invoice a credit note takes back.
fn invoice_of(note: &CreditNote) -> AnyView {
    view! { <a href=format!("/invoices/{}", note.invoice_id)>{note.invoice_reference.clone()}</a> }.into_any()
}

fn credit_note_table(
    query: ListQuery,
    wanted: &InvoiceFilter,
    page: Page<CreditNote>,
    suppliers: Suppliers,
) -> AnyView {
    let number = |note: &CreditNote| {
        let (href, event) = (format!("/invoices/{}#{}", note.invoice_id, note.id), note.event_title.clone());
        view! { <a href=href>{note.reference.clone()}</a><small>{event}</small> }.into_any()
    };
    Table::new("Credit notes", query)
        .counts("credit note", "credit notes")
        .search("Number or supplier")
        .select("partner_id", "Any supplier", suppliers)
        .input("from", "date", "From")
        .input("to", "date", "To")
        .csv("/credit-notes/export", wanted)
        .column(Column::head("Credit note", number))
        .column(Column::new("Invoice", invoice_of).said().key("invoice"))
        .column(Column::new("Reason", |c: &CreditNote| c.reason.clone().into_any()).key("reason").low())
        .column(Column::new("Issued", |c: &CreditNote| day_in_list(&c.issued_on).into_any()).key("issued_on").nowrap())
        .column(Column::new("Tax", |c: &CreditNote| c.sums.tax().display().into_any()).number().key("tax").rare())
        .column(Column::new("Total", |c: &CreditNote| c.sums.total.display().into_any()).lead().key("total"))
        .empty("No credit notes yet", "A credit note is issued for every refund.", None)
        .page(page)
}
