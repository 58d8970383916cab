//! Eventify's pages: server-rendered and hydrated.
//!
//! [`ui`] is the kit; one folder per area beside it. A page is a function `fn() -> AnyView`; the pages of
//! a record are one bundle (`ui::bundles!`), loaded by the browser when it first opens one of them.
//!
//! To add one: its function, its name in a bundle of the area, and a line in [`pages`].

#![recursion_limit = "256"]

mod access;
mod audit;
#[cfg(feature = "ssr")]
mod document;
mod events;
#[cfg(feature = "ssr")]
mod files;
mod finance;
mod frame;
#[cfg(debug_assertions)]
mod gallery;
mod gate;
mod notifications;
mod ops;
pub mod pages;
mod palette;
mod partners;
mod people;
mod planning;
mod settings;
mod shortcuts;
mod theme;
mod tickets;
mod webhooks;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

#[cfg(feature = "ssr")]
pub use document::shell;
pub use eventify_ui::ui;
#[cfg(feature = "ssr")]
pub use files::Files;
use frame::frame;
#[cfg(debug_assertions)]
use gallery::pages::gallery::gallery;
use pages::{PublicRoutes, SignedInRoutes};

/// The application. It also runs when the server lists its routes, without any request.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    ui::Toasts::provide();
    ui::Shell::provide();
    ui::Branded::provide();
    provide_context(ui::Pages(pages::PAGES));
    view! {
        <Router>
            <Routes fallback=access::not_found>
                <PublicRoutes/>
                <ParentRoute path=path!("") view=frame ssr=SsrMode::Async>
                    <SignedInRoutes/>
                    <Route path=path!("/gallery") view=gallery/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// Release builds have none; its address answers like any other that leads nowhere.
#[cfg(not(debug_assertions))]
fn gallery() -> AnyView {
    ui::set_status(404);
    // As pages are that come later: the router's list of routes shows none of them.
    ui::bundle_page(async { Ok(ui::failed(&eventify::kernel::error::not_found(), None)) })
}
