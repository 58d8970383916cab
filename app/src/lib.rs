//! Eventify's pages: server-rendered, hydrated, each of the Command Center's loaded when it is opened.
//!
//! [`ui`] is the kit; one folder per area beside it. A page is a type whose `data` starts loading at
//! once and whose `view` is split off into its own piece of WASM.
//!
//! To add one: its file, a line in [`pages::PAGES`] and a line among the routes below.

#![recursion_limit = "256"]

mod access;
mod audit;
mod document;
mod frame;
mod ops;
pub mod pages;
mod theme;
pub mod ui;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{Lazy, SsrMode, path};

pub use document::shell;
use frame::Frame;

/// The application. It also runs when the server lists its routes, without any request.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    ui::Toasts::provide();
    ui::Shell::provide();
    let whole = SsrMode::Async;
    view! {
        <Router>
            <Routes fallback=access::NotFound>
                <Route path=path!("/sign-in") view=access::SignIn ssr=whole.clone()/>
                <Route path=path!("/sign-in/code") view=access::SignInCode ssr=whole.clone()/>
                <Route path=path!("/accept-invitation") view=access::AcceptInvitation ssr=whole.clone()/>
                <Route path=path!("/forgot-password") view=access::ForgotPassword ssr=whole.clone()/>
                <Route path=path!("/reset-password") view=access::ResetPassword ssr=whole.clone()/>
                <ParentRoute path=path!("") view=Frame ssr=whole>
                    <Route path=path!("/") view={Lazy::<access::Overview>::new()}/>
                    <Route path=path!("/account") view={Lazy::<access::Account>::new()}/>
                    <Route path=path!("/account/security") view={Lazy::<access::Security>::new()}/>
                    <Route path=path!("/team") view={Lazy::<access::TeamList>::new()}/>
                    <Route path=path!("/team/invite") view={Lazy::<access::TeamInvite>::new()}/>
                    <Route path=path!("/team/:id") view={Lazy::<access::TeamDetail>::new()}/>
                    <Route path=path!("/team/:id/edit") view={Lazy::<access::TeamEdit>::new()}/>
                    <Route path=path!("/roles") view={Lazy::<access::RoleList>::new()}/>
                    <Route path=path!("/roles/new") view={Lazy::<access::RoleNew>::new()}/>
                    <Route path=path!("/roles/:id") view={Lazy::<access::RoleDetail>::new()}/>
                    <Route path=path!("/api-keys") view={Lazy::<access::KeyList>::new()}/>
                    <Route path=path!("/api-keys/new") view={Lazy::<access::KeyNew>::new()}/>
                    <Route path=path!("/ip-allowlist") view={Lazy::<access::IpAllowlist>::new()}/>
                    <Route path=path!("/audit") view={Lazy::<audit::AuditList>::new()}/>
                    <Route path=path!("/audit/:id") view={Lazy::<audit::AuditEntry>::new()}/>
                    <Route path=path!("/jobs") view={Lazy::<ops::JobList>::new()}/>
                    <Route path=path!("/jobs/:id") view={Lazy::<ops::JobPage>::new()}/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
