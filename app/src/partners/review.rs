//! The review queue: documents of all partners, oldest first, each beside its file.

use eventify::Error;
use eventify::kernel::page::Page;
use eventify::partners::operations::{kyc_queue as fetch_queue, partner_document_link};
use eventify::partners::{DocumentType, KycQueueFilter, KycQueueItem, LinkQuery};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::documents::{decide_here, kind_title, size};
use super::kind_title as partner_kind;
use crate::ui::{
    Column, Facts, Icon, ListQuery, Loading, PageHead, Table, at, card, dom, loaded, plain_key, preview, use_go,
};

/// The queue, the document looked at, and a link to its file.
type Data = (Page<KycQueueItem>, Option<(KycQueueItem, String)>);

/// What waits for a decision.
pub fn kyc_queue() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(move || query.get(), fetch);
    loaded(data, move |queue, _| page(query.get_untracked(), data, queue))
}

fn filter(q: &ListQuery) -> KycQueueFilter {
    KycQueueFilter {
        kind: q.parsed::<DocumentType>("type").map(|kind| vec![kind]),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

async fn fetch(q: ListQuery) -> Result<Data, Error> {
    let queue = fetch_queue(filter(&q)).await?;
    let wanted = q.text("at");
    let same = |item: &&KycQueueItem| wanted.as_deref() == Some(item.document.id.to_string().as_str());
    // Decided meanwhile, or none chosen: the oldest comes first.
    let Some(item) = queue.items.iter().find(same).or(queue.items.first()).cloned() else { return Ok((queue, None)) };
    let document = &item.document;
    let link = partner_document_link(document.partner_id, document.id, LinkQuery { inline: true }).await?;
    Ok((queue, Some((item, link.url))))
}

fn page(query: ListQuery, data: Loading<Data>, (queue, shown): Data) -> AnyView {
    let crumbs = vec![("Partners".to_owned(), "/partners".to_owned())];
    let lead = "Oldest first. A partner is verified once all required documents are approved.";
    let ids: Vec<String> = queue.items.iter().map(|item| item.document.id.to_string()).collect();
    let at = shown.as_ref().and_then(|(item, _)| ids.iter().position(|id| *id == item.document.id.to_string()));
    let step = |by: isize| at.and_then(|at| ids.get(at.checked_add_signed(by)?)).map(|id| query.href("at", Some(id)));
    let (before, after) = (step(-1), step(1));
    keys(before.clone(), after.clone());
    let place = at.map(|at| format!("{} of {}", at + 1, ids.len()));
    let beside = shown.map(|(item, url)| document(data, &item, &url, turns(place, before, after.as_deref()), after));
    let chosen = at.map(|at| ids[at].clone());
    view! {
        <div class="page">
            <PageHead title="Document review" crumbs=crumbs subtitle=lead/>
            <div class="review">{list(query, chosen, queue)}{beside}</div>
        </div>
    }
    .into_any()
}

fn list(query: ListQuery, chosen: Option<String>, page: Page<KycQueueItem>) -> AnyView {
    let kinds = DocumentType::ALL.iter().map(|k| (k.as_str().to_owned(), kind_title(*k).to_owned())).collect();
    let (links, wanted) = (query.clone(), filter(&query));
    Table::new("Documents to review", query)
        .counts("document", "documents")
        .csv("/kyc/queue/export", &wanted)
        .select("type", "Any document", kinds)
        .column(Column::head("Partner", move |item: &KycQueueItem| {
            let id = item.document.id.to_string();
            let here = (chosen.as_deref() == Some(id.as_str())).then_some("true");
            let href = links.href("at", Some(&id));
            let what = format!("{} · {}", kind_title(item.document.kind), partner_kind(item.partner_type));
            view! { <a href=href aria-current=here data-noscroll="">{item.partner_name.clone()}</a><small>{what}</small> }.into_any()
        }))
        .column(Column::new("Waiting since", |item: &KycQueueItem| at(item.document.uploaded_at)))
        .empty("Nothing to review", "New documents of partners appear here.", None)
        .page(page)
}

/// Which of those listed it is, with the ways to the one before and the one after.
fn turns(place: Option<String>, before: Option<String>, after: Option<&str>) -> AnyView {
    let turn = |href: Option<&str>, label: &'static str, icon: Icon| {
        match href {
        Some(href) => view! { <a class="btn square small quiet" href=href.to_owned() aria-label=label data-noscroll="">{icon.svg()}</a> }.into_any(),
        None => view! { <span class="btn square small quiet" aria-disabled="true" aria-hidden="true">{icon.svg()}</span> }.into_any(),
    }
    };
    view! {
        <div class="row">
            <span class="muted">{place}</span>
            {turn(before.as_deref(), "Previous document", Icon::CHEVRON_LEFT)}
            {turn(after, "Next document", Icon::CHEVRON_RIGHT)}
        </div>
    }
    .into_any()
}

fn document(data: Loading<Data>, item: &KycQueueItem, url: &str, turns: AnyView, after: Option<String>) -> AnyView {
    let document = &item.document;
    let go = use_go();
    let decided = move || match &after {
        Some(next) => go(next),
        None => data.refetch(),
    };
    let by = document.uploaded_by_name.clone();
    let partner = format!("/partners/{}?tab=documents", document.partner_id);
    let facts = Facts::new()
        .add("Document", kind_title(document.kind))
        .add("Partner", view! { <a href=partner>{item.partner_name.clone()}</a>{format!(" · {}", partner_kind(item.partner_type))} })
        .add("File", format!("{}, {}", document.file_name, size(document.size_bytes)))
        .add("Uploaded", at(document.uploaded_at))
        .maybe("By", by);
    let body = view! {
        <div class="stack">
            {facts.view()}
            <div class="row review-act">{decide_here(document, decided)}</div>
            {preview(url, &document.media_type, &document.file_name)}
            <p class="muted review-keys">
                <kbd>"N"</kbd>" next, "<kbd>"P"</kbd>" previous, "<kbd>"A"</kbd>" approve, "<kbd>"R"</kbd>" reject"
            </p>
        </div>
    };
    card("review-document", &named(item), Some(turns), body)
}

/// Which document of whom; one of no known kind is called what its file is.
fn named(item: &KycQueueItem) -> String {
    let document = &item.document;
    let name = match document.kind {
        DocumentType::Other => document.file_name.as_str(),
        kind => kind_title(kind),
    };
    format!("{name} of {}", item.partner_name)
}

/// `n` and `p` go on and back, `a` approves, `r` rejects; both ask.
fn keys(before: Option<String>, after: Option<String>) {
    let go = use_go();
    Effect::new(move |_| {
        let (go, before, after) = (go.clone(), before.clone(), after.clone());
        dom::on_document("keydown", move |event| {
            let Some(key) = event.dyn_ref::<KeyboardEvent>().and_then(plain_key) else { return };
            let press = |which: &str| {
                event.prevent_default();
                dom::press(&format!(".review-act > button:{which}-of-type"));
            };
            match (key.as_str(), &before, &after) {
                ("n", _, Some(next)) => go(next),
                ("p", Some(previous), _) => go(previous),
                ("a", ..) => press("first"),
                ("r", ..) => press("last"),
                _ => {}
            }
        });
    });
}
