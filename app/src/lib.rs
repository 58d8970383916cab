//! Eventify's pages: server-rendered and hydrated.
//!
//! [`ui`] is the kit; one folder per area beside it. A page is a function `fn() -> AnyView`; the pages of
//! an area are one part (`ui::part!`), loaded by the browser when it first opens one of them.
//!
//! To add one: its function, its name in the area's part, a line in [`pages::PAGES`] and a line among
//! the routes below.

#![recursion_limit = "256"]

mod access;
mod audit;
mod document;
mod events;
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
pub mod ui;
mod webhooks;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

pub use document::shell;
use frame::frame;
#[cfg(debug_assertions)]
use gallery::pages::gallery;

/// The application. It also runs when the server lists its routes, without any request.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    ui::Toasts::provide();
    ui::Shell::provide();
    let whole = SsrMode::Async;
    view! {
        <Router>
            <Routes fallback=access::not_found>
                <Route path=path!("/sign-in") view=access::way_in::pages::sign_in ssr=whole.clone()/>
                <Route path=path!("/sign-in/code") view=access::way_in::pages::sign_in_code ssr=whole.clone()/>
                <Route path=path!("/accept-invitation") view=access::way_in::pages::accept_invitation ssr=whole.clone()/>
                <Route path=path!("/forgot-password") view=access::way_in::pages::forgot_password ssr=whole.clone()/>
                <Route path=path!("/reset-password") view=access::way_in::pages::reset_password ssr=whole.clone()/>
                <ParentRoute path=path!("") view=frame ssr=whole>
                    <Route path=path!("/") view=access::own::pages::overview/>
                    <Route path=path!("/account") view=access::own::pages::account/>
                    <Route path=path!("/account/security") view=access::own::pages::security/>
                    <Route path=path!("/overview/events") view=access::own::pages::by_event/>
                    <Route path=path!("/notifications") view=access::own::pages::notifications/>
                    <Route path=path!("/team") view=access::colleagues::pages::team_list/>
                    <Route path=path!("/team/invite") view=access::colleagues::pages::team_invite/>
                    <Route path=path!("/team/:id") view=access::colleagues::pages::team_detail/>
                    <Route path=path!("/team/:id/edit") view=access::colleagues::pages::team_edit/>
                    <Route path=path!("/roles") view=access::rights::pages::roles_matrix/>
                    <Route path=path!("/roles/new") view=access::rights::pages::role_new/>
                    <Route path=path!("/roles/:id") view=access::rights::pages::role_detail/>
                    <Route path=path!("/api-keys") view=access::rights::pages::key_list/>
                    <Route path=path!("/api-keys/new") view=access::rights::pages::key_new/>
                    <Route path=path!("/ip-allowlist") view=access::rights::pages::ip_allowlist/>
                    <Route path=path!("/organisation") view=settings::pages::organisation/>
                    <Route path=path!("/mail-templates") view=settings::pages::mail_templates/>
                    <Route path=path!("/events") view=events::pages::events/>
                    <Route path=path!("/events/new") view=events::pages::event_new/>
                    <Route path=path!("/events/:id") view=events::pages::event/>
                    <Route path=path!("/events/:id/edit") view=events::pages::event_edit/>
                    <Route path=path!("/events/:id/gates") view=gate::pages::gates/>
                    <Route path=path!("/events/:id/board") view=gate::pages::board/>
                    <Route path=path!("/events/:id/conflicts") view=gate::pages::conflicts/>
                    <Route path=path!("/events/:id/door-list") view=gate::pages::door_list/>
                    <Route path=path!("/events/:id/plan") view=planning::pages::board/>
                    <Route path=path!("/events/:id/plan/links") view=planning::pages::links/>
                    <Route path=path!("/events/:id/run-sheet") view=planning::pages::run_sheet/>
                    <Route path=path!("/events/:id/pick-list") view=planning::pages::pick_list/>
                    <Route path=path!("/equipment/:id") view=planning::pages::units/>
                    <Route path=path!("/calendar") view=planning::pages::calendar/>
                    <Route path=path!("/crew") view=planning::pages::crew/>
                    <Route path=path!("/crew/:id") view=planning::pages::member/>
                    <Route path=path!("/talent") view=planning::pages::talent/>
                    <Route path=path!("/talent/:id") view=planning::pages::artist/>
                    <Route path=path!("/equipment") view=planning::pages::equipment/>
                    <Route path=path!("/venues") view=events::pages::venues/>
                    <Route path=path!("/venues/new") view=events::pages::venue_new/>
                    <Route path=path!("/venues/:id") view=events::pages::venue/>
                    <Route path=path!("/venues/:id/edit") view=events::pages::venue_edit/>
                    <Route path=path!("/interests") view=events::pages::interests/>
                    <Route path=path!("/partners") view=partners::pages::partners/>
                    <Route path=path!("/partners/new") view=partners::pages::partner_new/>
                    <Route path=path!("/partners/:id") view=partners::pages::partner/>
                    <Route path=path!("/partners/:id/edit") view=partners::pages::partner_edit/>
                    <Route path=path!("/kyc") view=partners::pages::kyc_queue/>
                    <Route path=path!("/payments") view=finance::pages::payments/>
                    <Route path=path!("/payments/:id") view=finance::pages::payment/>
                    <Route path=path!("/disputes") view=finance::pages::disputes/>
                    <Route path=path!("/disputes/:id") view=finance::pages::dispute/>
                    <Route path=path!("/payouts") view=finance::pages::payouts/>
                    <Route path=path!("/payouts/:id") view=finance::pages::payout/>
                    <Route path=path!("/budgets") view=finance::pages::budgets/>
                    <Route path=path!("/budgets/:id") view=finance::pages::budget/>
                    <Route path=path!("/invoices") view=finance::pages::invoices/>
                    <Route path=path!("/invoices/:id") view=finance::pages::invoice/>
                    <Route path=path!("/events/:id/door-sales") view=finance::pages::door/>
                    <Route path=path!("/reconciliation") view=finance::pages::reconcile/>
                    <Route path=path!("/wallets") view=finance::pages::wallets/>
                    <Route path=path!("/fraud-signals") view=finance::pages::signals/>
                    <Route path=path!("/fees") view=finance::pages::fees/>
                    <Route path=path!("/ledger/months") view=finance::pages::months/>
                    <Route path=path!("/ledger") view=finance::pages::ledger/>
                    <Route path=path!("/ledger/:id") view=finance::pages::journal/>
                    <Route path=path!("/users") view=people::pages::users/>
                    <Route path=path!("/users/:id") view=people::pages::user/>
                    <Route path=path!("/privacy") view=people::pages::privacy_requests/>
                    <Route path=path!("/audit") view=audit::pages::log/>
                    <Route path=path!("/audit/verify") view=audit::pages::verify/>
                    <Route path=path!("/audit/:id") view=audit::pages::entry/>
                    <Route path=path!("/jobs") view=ops::pages::jobs/>
                    <Route path=path!("/jobs/:id") view=ops::pages::job/>
                    <Route path=path!("/sent-messages") view=ops::pages::sent_messages/>
                    <Route path=path!("/sent-messages/:id") view=ops::pages::sent_message/>
                    <Route path=path!("/event-bus") view=ops::pages::bus/>
                    <Route path=path!("/webhooks") view=webhooks::pages::webhooks/>
                    <Route path=path!("/webhooks/new") view=webhooks::pages::webhook_new/>
                    <Route path=path!("/webhooks/:id") view=webhooks::pages::webhook/>
                    <Route path=path!("/webhooks/:id/edit") view=webhooks::pages::webhook_edit/>
                    <Route path=path!("/webhooks/:id/deliveries/:delivery_id") view=webhooks::pages::webhook_delivery/>
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
    ui::part_page(async { Ok(ui::failed(&eventify::kernel::error::not_found(), None)) })
}
