//! The Command Center's pages.

use std::sync::{Arc, LazyLock};

use app::{App, shell};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use eventify::kernel::config::Config;
use eventify::kernel::request::Request as Call;
use leptos::config::{Env, LeptosOptions};
use leptos::prelude::provide_context;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list, render_app_async_with_context};

use super::{Web, site};

/// What Leptos wants to know; where the site's files are, it is told page by page.
pub fn options(config: &Config) -> LeptosOptions {
    LeptosOptions::builder().output_name("eventify").site_addr(config.listen).env(Env::PROD).build()
}

/// The router's own list of pages, made once in a process: while Leptos makes it, no resource in the whole process
/// starts to load, and a page that is being rendered meanwhile, by another router, would wait for ever.
static LISTINGS: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// All pages, by the router's own list.
pub fn routes() -> Router<Web> {
    Router::new().leptos_routes_with_handler(LISTINGS.clone(), render).fallback(file_or_page)
}

/// Renders whatever page the path asks for, whole, so that it reads without WASM and carries the
/// right status.
async fn render(State(web): State<Web>, request: Request) -> Response {
    let call = request.extensions().get::<Arc<Call>>().cloned();
    let files = web.site.files();
    let context = move || {
        if let Some(call) = call.clone() {
            provide_context(call);
        }
    };
    let brand = crate::public::brand_of(&web.app).await;
    let page = render_app_async_with_context(context, move || shell(&files, &brand));
    page(request).await.into_response()
}

/// Files at the site's root, else the page that says there is none.
async fn file_or_page(state: State<Web>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let plain = Request::from_parts(parts.clone(), Body::empty());
    match site::at_root(&state, plain).await {
        Some(file) => file,
        None => render(state, Request::from_parts(parts, body)).await,
    }
}
