//! Eventify's pages: server-rendered and hydrated.
//!
//! [`ui`] is the kit; one folder per area beside it. A page is a type whose `data` starts loading at
//! once and whose `view` shows it ([`ui::Screen`]).
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
use leptos_router::{SsrMode, path};
use ui::screen;

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
                    <Route path=path!("/") view={screen::<access::Overview>}/>
                    <Route path=path!("/account") view={screen::<access::Account>}/>
                    <Route path=path!("/account/security") view={screen::<access::Security>}/>
                    <Route path=path!("/team") view={screen::<access::TeamList>}/>
                    <Route path=path!("/team/invite") view={screen::<access::TeamInvite>}/>
                    <Route path=path!("/team/:id") view={screen::<access::TeamDetail>}/>
                    <Route path=path!("/team/:id/edit") view={screen::<access::TeamEdit>}/>
                    <Route path=path!("/roles") view={screen::<access::RoleList>}/>
                    <Route path=path!("/roles/new") view={screen::<access::RoleNew>}/>
                    <Route path=path!("/roles/:id") view={screen::<access::RoleDetail>}/>
                    <Route path=path!("/api-keys") view={screen::<access::KeyList>}/>
                    <Route path=path!("/api-keys/new") view={screen::<access::KeyNew>}/>
                    <Route path=path!("/ip-allowlist") view={screen::<access::IpAllowlist>}/>
                    <Route path=path!("/audit") view={screen::<audit::AuditList>}/>
                    <Route path=path!("/audit/:id") view={screen::<audit::AuditEntry>}/>
                    <Route path=path!("/jobs") view={screen::<ops::JobList>}/>
                    <Route path=path!("/jobs/:id") view={screen::<ops::JobPage>}/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
