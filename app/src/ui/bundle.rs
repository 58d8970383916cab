//! Bundles: the pages of one record, which the browser loads together when one of them is first opened.

use std::future::Future;

use futures::FutureExt;
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
/// first, and `fetch()`. The server has everything and only notes which bundle the browser will want. `name: page =>
/// more;` also fetches what the page at the browser's address shows of [`tabs!`], by a function of the area.
#[macro_export]
macro_rules! bundles {
    ($($name:ident: $($page:ident),+ $(=> $more:ident)?;)+) => {
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
                    Box::pin(async {
                        preload().await?;
                        $(super::super::$more().await?;)?
                        Ok(())
                    })
                }

                $(pub fn $page() -> ::leptos::prelude::AnyView {
                    ::leptos::prefetch_lazy_fn_on_server(stringify!($name));
                    $crate::ui::bundle_page(load(Page::$page))
                })+
            }
        )+}
    };
}

/// Declares the tabs of a page, each a bundle of its own: `tabs! { Of; name: "key" => function, … }`, each a
/// `fn(Of) -> AnyView`. The first is there for any other key, too. They are named after the bundle of their page
/// (`event_guests` of `event`).
///
/// Makes `fetch(key)`, which the page waits for together with its data, and `show(key, of)`.
#[macro_export]
macro_rules! tabs {
    (
        $of:ident; $first:ident: $_first_key:literal => $first_show:ident
        $(, $name:ident: $key:literal => $show:ident)* $(,)?
    ) => {
        $crate::tabs!(@bundle $first $of $first_show);
        $($crate::tabs!(@bundle $name $of $show);)*

        /// Fetches a tab's code, in the browser.
        pub async fn fetch(key: &str) -> Result<(), $crate::ui::Lost> {
            match key {
                $($key => $name::fetch().await,)*
                _ => $first::fetch().await,
            }
        }

        /// A tab whose code is there.
        pub fn show(key: &str, of: $of) -> ::leptos::prelude::AnyView {
            match key {
                $($key => $name::show(of),)*
                _ => $first::show(of),
            }
        }
    };
    (@bundle $name:ident $of:ident $show:ident) => {
        mod $name {
            #[::leptos::wasm_split::wasm_split(
                $name, wasm_split_path = ::leptos::wasm_split, fallible, preload(#[allow(dead_code)] preload)
            )]
            pub fn load(of: super::$of) -> Result<::leptos::prelude::AnyView, $crate::ui::Lost> {
                Ok(super::$show(of))
            }

            pub async fn fetch() -> Result<(), $crate::ui::Lost> {
                Ok(preload().await?)
            }

            pub fn show(of: super::$of) -> ::leptos::prelude::AnyView {
                ::leptos::prefetch_lazy_fn_on_server(stringify!($name));
                $crate::ui::bundle_tab(load(of))
            }
        }
    };
}

pub use crate::{bundles, tabs};

/// Shows a page once its bundle is there. No `Transition` stands around it: that would run the page, and ask for its
/// data, once more each time it looks whether the page is ready.
pub fn bundle_page<F>(page: F) -> AnyView
where
    F: Future<Output = Result<AnyView, Lost>> + Send + 'static,
{
    Suspend::new(async move { page.await.unwrap_or_else(|Lost| lost()) }).into_any()
}

/// Shows a tab. Whoever shows it has waited for its bundle: if it is not there now, it could not be loaded.
pub fn bundle_tab(tab: impl Future<Output = Result<AnyView, Lost>>) -> AnyView {
    tab.now_or_never().and_then(Result::ok).unwrap_or_else(lost)
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
