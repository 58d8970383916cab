//! Bundles: the pages of one record, which the browser loads together when one of them is first opened.

use std::future::Future;

use leptos::prelude::*;
use leptos::wasm_split::SplitLoaderError;

use super::{Icon, dom};

/// The browser could not load a bundle: the line is cut, or the server runs a newer Eventify by now.
pub struct Lost;

impl From<SplitLoaderError> for Lost {
    fn from(_: SplitLoaderError) -> Lost {
        Lost
    }
}

/// Declares the bundles of an area: `bundles! { name: page, page; … }`, each page a `fn() -> AnyView`. Names are unique
/// among all areas.
///
/// Makes the module `pages` with a module for each bundle: the same functions for the router, each loading the bundle
/// first, and `fetch()`. The server has everything and only notes which bundle the browser will want.
#[macro_export]
macro_rules! bundles {
    ($($name:ident: $($page:ident),+;)+) => {
        /// The pages as the router wants them.
        pub mod pages {$(
            pub mod $name {
                #[derive(Clone, Copy)]
                #[allow(non_camel_case_types)]
                pub enum Page { $($page),+ }

                #[::leptos::wasm_split::wasm_split(
                    $name, wasm_split_path = ::leptos::wasm_split, fallible, preload(#[allow(dead_code)] preload)
                )]
                pub fn load(page: Page) -> Result<::leptos::prelude::AnyView, $crate::ui::Lost> {
                    Ok(match page { $(Page::$page => super::super::$page()),+ })
                }

                /// Fetches their code, in the browser.
                pub fn fetch() -> ::std::pin::Pin<Box<dyn Future<Output = Result<(), $crate::ui::Lost>>>> {
                    Box::pin(async { Ok(preload().await?) })
                }

                $(pub fn $page() -> ::leptos::prelude::AnyView {
                    ::leptos::prefetch_lazy_fn_on_server(stringify!($name));
                    $crate::ui::bundle_page(load(Page::$page))
                })+
            }
        )+}
    };
}

pub use crate::bundles;

/// Shows a page once its bundle is there. No `Transition` stands around it: that would run the page, and ask for its
/// data, once more each time it looks whether the page is ready.
pub fn bundle_page<F>(page: F) -> AnyView
where
    F: Future<Output = Result<AnyView, Lost>> + Send + 'static,
{
    Suspend::new(async move { page.await.unwrap_or_else(|Lost| lost()) }).into_any()
}

/// Says so until the server is there: then the page comes anew, of the version that runs by now. It comes alive only with
/// its bundle, so it is not lost a second time.
fn lost() -> AnyView {
    let again = |_| {
        let _ = window().location().reload();
    };
    Effect::new(move |_| {
        leptos::task::spawn_local(async {
            if dom::is_there("/healthz").await {
                let _ = window().location().reload();
            }
        });
        let online = window_event_listener_untyped("online", |_| {
            let _ = window().location().reload();
        });
        on_cleanup(move || online.remove());
    });
    view! {
        <div class="page">
            <div class="state full" data-tone="danger" role="alert">
                {Icon::ALERT.large()}
                <h1>"Couldn't load this page"</h1>
                <p>"Check your connection. The page reloads as soon as you are back online."</p>
                <div class="row">
                    <button class="btn" type="button" on:click=again>{Icon::REFRESH.svg()}"Reload"</button>
                </div>
            </div>
        </div>
    }
    .into_any()
}
