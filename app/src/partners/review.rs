//! The review queue: documents of all partners, oldest first.

use eventify::kernel::page::Page;
use eventify::partners::operations::kyc_queue as fetch_queue;
use eventify::partners::{DocumentType, KycQueueFilter, KycQueueItem};
use leptos::prelude::*;

use super::documents::{decide, kind_title, open, size};
use super::kind_title as partner_kind;
use crate::ui::{Column, ListQuery, Loading, PageHead, Table, at, loaded};

/// What waits for a decision.
pub fn kyc_queue() -> AnyView {
    let query = ListQuery::current();
    let filter = |q: ListQuery| KycQueueFilter {
        kind: q.word::<DocumentType>("type").map(|kind| vec![kind]),
        cursor: q.text("cursor"),
        limit: q.word("limit"),
    };
    let data = Resource::new_blocking(move || query.get(), move |q| fetch_queue(filter(q)));
    loaded(data, move |page, _| list(query.get_untracked(), data, page))
}

fn list(query: ListQuery, data: Loading<Page<KycQueueItem>>, page: Page<KycQueueItem>) -> AnyView {
    let kinds = DocumentType::ALL.iter().map(|k| (k.word().to_owned(), kind_title(*k).to_owned())).collect();
    let table = Table::new("Documents to review", query)
        .select("type", "Any document", kinds)
        .column(Column::head("Partner", |item: &KycQueueItem| {
            let href = format!("/partners/{}?tab=documents", item.document.partner_id);
            view! { <a href=href>{item.partner_name.clone()}</a><small>{partner_kind(item.partner_type)}</small> }
                .into_any()
        }))
        .column(Column::new("Document", |item: &KycQueueItem| {
            let about = format!("{} · {}", item.document.file_name, size(item.document.size_bytes));
            view! { {kind_title(item.document.kind)}<small>{about}</small> }.into_any()
        }))
        .column(Column::new("Waiting since", |item: &KycQueueItem| at(item.document.uploaded_at)).low())
        .column(Column::actions(move |item: &KycQueueItem| {
            let decide = decide(&item.document, move || data.refetch());
            view! { <div class="row">{open(&item.document)}{decide}</div> }.into_any()
        }))
        .empty("Nothing to review", "New documents of partners appear here.", None)
        .page(page);
    let crumbs = vec![("Partners".to_owned(), "/partners".to_owned())];
    let lead = "Oldest first. Open the file, then decide; a partner is verified when all it needs is approved.";
    view! { <div class="page"><PageHead title="Document review" crumbs=crumbs subtitle=lead/>{table}</div> }.into_any()
}
