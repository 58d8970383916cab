//! The Command Center's pages and the site's files.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use app::{App, shell};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use eventify::kernel::config::Config;
use eventify::kernel::request::Request as Call;
use leptos::config::{Env, LeptosOptions};
use leptos::prelude::provide_context;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list, render_app_async_with_context};
use tower_http::services::{ServeDir, ServeFile};

use super::Web;

/// Where the site's files are: `LEPTOS_SITE_ROOT`, else `site` beside the program, else `target/site`.
pub fn options(config: &Config) -> LeptosOptions {
    let beside = || std::env::current_exe().ok().and_then(|exe| exe.parent().map(|p| p.join("site")));
    let root = std::env::var_os("LEPTOS_SITE_ROOT")
        .map(PathBuf::from)
        .or_else(|| beside().filter(|path| path.join("pkg").is_dir()))
        .unwrap_or_else(|| PathBuf::from("target/site"));
    LeptosOptions::builder()
        .output_name("eventify")
        .site_root(root.to_string_lossy().into_owned())
        .site_pkg_dir("pkg")
        .site_addr(config.listen)
        .env(Env::PROD)
        .build()
}

/// The router's own list of pages, made once in a process: while Leptos makes it, no resource in the whole process
/// starts to load, and a page that is being rendered meanwhile, by another router, would wait for ever.
static LISTINGS: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// All pages, by the router's own list, and the static files.
pub fn routes(web: &Web) -> Router<Web> {
    let root = PathBuf::from(web.leptos.site_root.as_ref());
    let files = ServeDir::new(root.join("pkg")).precompressed_br().precompressed_gzip();
    Router::new()
        .leptos_routes_with_handler(LISTINGS.clone(), render)
        .nest_service("/pkg", files)
        // Eventify Live: a static shell, the same for everybody; its other files lie beside it.
        .route("/live", get(|| async { Redirect::permanent("/live/") }))
        .route_service("/live/", ServeFile::new(root.join("live/index.html")).precompressed_br().precompressed_gzip())
        .fallback(file_or_page)
}

/// Renders whatever page the path asks for, whole, so that it reads without WASM and carries the
/// right status.
async fn render(State(web): State<Web>, request: Request) -> Response {
    let call = request.extensions().get::<Arc<Call>>().cloned();
    let options = web.leptos.clone();
    let context = move || {
        if let Some(call) = call.clone() {
            provide_context(call);
        }
    };
    let page = render_app_async_with_context(context, move || shell(options.clone()));
    page(request).await.into_response()
}

/// Files at the site's root (icons, robots.txt), else the page that says there is none.
async fn file_or_page(state: State<Web>, request: Request) -> Response {
    let root = state.leptos.site_root.to_string();
    let (parts, body) = request.into_parts();
    let plain = Request::from_parts(parts.clone(), Body::empty());
    let files = ServeDir::new(root).append_index_html_on_directories(false).precompressed_br().precompressed_gzip();
    match tower::ServiceExt::oneshot(files, plain).await {
        Ok(response) if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED => {
            response.into_response()
        }
        _ => render(state, Request::from_parts(parts, body)).await,
    }
}
