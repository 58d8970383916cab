//! Documents of artists and of the crew: one list for both.

use std::future::Future;

use eventify::Error;
use eventify::kernel::timestamp::Timestamp;
use leptos::prelude::*;

use super::pieces::section;
use crate::ui::{Confirm, Icon, Loading, Submit, Toasts, Upload, at, folded, preview_button};

/// What files are taken.
const ACCEPT: &str = "application/pdf,image/png,image/jpeg";
const HINT: &str = "PDF, PNG or JPEG, up to 20 MB.";

/// A document, as a list shows it.
pub struct Paper<'p> {
    pub id: String,
    /// What it is.
    pub title: &'static str,
    pub file_name: &'p str,
    pub media_type: &'p str,
    pub size_bytes: i64,
    pub uploaded_at: Timestamp,
    /// Until when it is good, and what is wrong with that.
    pub more: Option<AnyView>,
}

/// A line of the list: `link` answers where its file is, `gone` removes it.
pub fn row<Link>(paper: Paper<'_>, link: impl Fn() -> Link + Send + Sync + 'static, gone: Option<Submit>) -> AnyView
where
    Link: Future<Output = Result<String, Error>> + 'static,
{
    let name = paper.file_name.to_owned();
    let show = preview_button(paper.id.clone(), &name, paper.media_type, link);
    let gone = gone.map(|run| {
        view! {
            <Confirm id=format!("doc-{}", paper.id) label="Remove" icon=Icon::TRASH title=format!("Remove {name}?") confirm="Remove document" keep="Keep document" run=run in_row=format!("Remove {name}")>
                <p>"Its file is deleted."</p>
            </Confirm>
        }
    });
    let size = crate::partners::size(paper.size_bytes);
    view! {
        <li class="row spread">
            <span class="file-name"><b>{paper.title}</b>" "<bdi>{name.clone()}</bdi>" "<small class="muted">{size}" · "{at(paper.uploaded_at)}</small>{paper.more}</span>
            <span class="row">{show}{gone}</span>
        </li>
    }
    .into_any()
}

/// The form to hand in more: where it goes, what kinds there are and, where one may end, the day until when it is good.
pub fn upload<D: 'static>(
    data: Loading<D>,
    action: String,
    kinds: Vec<(String, String)>,
    day: Option<(&'static str, &'static str, &'static str)>,
) -> AnyView {
    let toasts = Toasts::get();
    let done = move || {
        toasts.done("Document uploaded");
        data.refetch();
    };
    let choice = ("type", "Document type", kinds);
    let upload = view! { <Upload action=action accept=ACCEPT hint=HINT choice=choice nostrip:day=day done=done/> };
    folded("Upload a document", upload.into_any())
}

/// The list, and the form to hand in more.
pub fn card(name: &str, rows: Vec<AnyView>, upload: Option<AnyView>) -> AnyView {
    let none = rows.is_empty().then(|| view! { <p class="muted">"No documents yet."</p> });
    let body = view! { {none}<ul class="checklist" role="list">{rows}</ul>{upload} };
    section(format!("Documents of {name}"), body.into_any())
}
