//! An event's public page, as its head has it: to look at, to copy, and as a code to be scanned.

use eventify::tickets::EventSummary;
use leptos::prelude::*;

use crate::ui::{Icon, Shell, Toasts, Tone, dom};

/// Where it is; a draft has none.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct PublicPage {
    url: String,
    /// Its address as an SVG image.
    qr: Option<String>,
}

impl PublicPage {
    pub fn of(summary: &EventSummary) -> Option<Self> {
        summary.public_url.clone().map(|url| Self { url, qr: summary.qr.clone() })
    }

    /// The link, with a button that copies it and one that shows its code.
    pub fn view(&self) -> AnyView {
        let url = self.url.clone();
        let qr = self.qr.clone().map(|svg| {
            view! {
                <details class="menu" name="page">
                    <summary class="btn square quiet" aria-label="QR code of the public page">{Icon::QR.svg()}</summary>
                    <div class="menu-panel"><figure class="qr" role="img" aria-label="QR code of the public page" inner_html=svg></figure></div>
                </details>
            }
        });
        view! {
            <div class="share">
                <a href=url.clone() rel="external" target="_blank" title=url.clone()><span>"Public page"</span>{Icon::EXTERNAL.svg()}</a>
                {copy(url)}
                {qr}
            </div>
        }
        .into_any()
    }
}

/// Copies the link.
fn copy(link: String) -> AnyView {
    let (toasts, shell) = (Toasts::get(), Shell::get());
    let copy = move |_| {
        dom::copy(&link, move |ok| match ok {
            true => toasts.done("Link copied"),
            false => toasts.push(Tone::Warning, "Couldn't copy".into(), "Select the link and copy it by hand.".into()),
        });
    };
    view! {
        <button class="btn square quiet" type="button" aria-label="Copy link" disabled=move || !shell.alive.get() on:click=copy>{Icon::COPY.svg()}</button>
    }
    .into_any()
}
