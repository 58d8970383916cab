//! What a file shows, without leaving the page.

use std::future::Future;
use std::sync::Arc;

use eventify_core::Error;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Icon, Toasts, dom, state};

const FAILED: &str = "Couldn't open the file";

/// The file at this link, as large as there is room: pictures as pictures, PDF in the browser's own viewer.
pub fn preview(url: &str, media_type: &str, name: &str) -> AnyView {
    let alone = view! { <a class="btn small" href=url.to_owned() target="_blank" rel="external noopener">{Icon::EXTERNAL.svg()}"Open in a new tab"</a> };
    let shown = match media_type {
        "image/png" | "image/jpeg" | "image/webp" => {
            view! { <img src=url.to_owned() alt=format!("{name}, as uploaded")/> }.into_any()
        }
        "application/pdf" => {
            // The paper alone, as wide as there is room: the viewer's own bars are in a tab of its own.
            let paper = format!("{url}#toolbar=0&navpanes=0&view=FitH");
            view! { <iframe src=paper title=format!("{name}, as uploaded")></iframe> }.into_any()
        }
        _ => state(Icon::EYE, "No preview", "This kind of file cannot be shown here.", None),
    };
    view! { <div class="preview"><div class="preview-file">{shown}</div><div class="row">{alone}</div></div> }
        .into_any()
}

/// A button that shows a file in a dialog; the link is made when it is pressed.
pub fn preview_button<Link>(
    id: String,
    name: &str,
    media_type: &str,
    link: impl Fn() -> Link + Send + Sync + 'static,
) -> AnyView
where
    Link: Future<Output = Result<String, Error>> + 'static,
{
    let (url, toasts) = (RwSignal::new(None::<String>), Toasts::get());
    let (dialog, heading) = (format!("preview-{id}"), format!("preview-{id}-title"));
    let (shown, named, label) = (dialog.clone(), heading.clone(), format!("Show {name}"));
    let open: Arc<dyn Fn() + Send + Sync> = {
        let dialog = dialog.clone();
        Arc::new(move || {
            let (answer, dialog) = (link(), dialog.clone());
            spawn_local(async move {
                match answer.await {
                    Ok(found) => {
                        toasts.settled(FAILED);
                        let _ = url.try_set(Some(found));
                        dom::dialog(&dialog, true);
                    }
                    Err(error) => toasts.failed(FAILED, &error),
                }
            });
        })
    };
    let close = move |_| dom::dialog(&dialog, false);
    let (title, media_type) = (name.to_owned(), media_type.to_owned());
    let (inner, kind) = (title.clone(), media_type.clone());
    view! {
        <button class="btn small quiet" type="button" aria-label=label aria-haspopup="dialog" on:click=move |_| open()>
            {Icon::EYE.svg()}"Show"
        </button>
        <dialog class="dialog wide" id=shown aria-labelledby=named on:close=move |_| url.set(None)>
            <div class="dialog-head">
                <h2 id=heading>{title}</h2>
                <button class="btn square quiet" type="button" aria-label="Close" on:click=close>{Icon::X.svg()}</button>
            </div>
            <div class="dialog-body">{move || url.get().map(|url| preview(&url, &kind, &inner))}</div>
        </dialog>
    }
    .into_any()
}
