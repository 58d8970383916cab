//! HTTP: operations, pages, plain forms and static files behind one stack of middleware.

mod api;
mod bodies;
mod dev_mail;
mod docs;
mod exports;
pub(crate) mod forms;
mod middleware;
mod pages;
pub mod parts;
mod site;

use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use eventify::kernel::app::App;
use leptos::config::LeptosOptions;
pub use site::Site;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

/// What handlers share.
#[derive(Clone)]
pub struct Web {
    /// The process's core.
    pub app: Arc<App>,
    /// What Leptos wants to know.
    pub leptos: LeptosOptions,
    /// The site's files.
    pub site: Arc<Site>,
    /// Pages of the public site as they were a moment ago.
    pub pages: crate::public::Pages,
}

impl axum::extract::FromRef<Web> for LeptosOptions {
    fn from_ref(web: &Web) -> LeptosOptions {
        web.leptos.clone()
    }
}

/// Everything the server answers.
pub fn router(app: Arc<App>) -> Result<Router> {
    router_with(app, Site::found())
}

/// The same, with this site.
pub fn router_with(app: Arc<App>, site: Site) -> Result<Router> {
    let web = Web { leptos: pages::options(&app.config), app, site: Arc::new(site), pages: Default::default() };
    // Streams must reach the browser as they come; WASM lies there compressed, or is a debug build's.
    let compress = DefaultPredicate::new()
        .and(NotForContentType::new("text/event-stream"))
        .and(NotForContentType::new("application/wasm"));
    let mut router = api::routes()
        .merge(pages::routes())
        .merge(site::routes(&web))
        .merge(forms::routes())
        .merge(docs::routes())
        .merge(crate::public::routes(&web))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready));
    if web.app.config.dev_mailbox {
        router = router.merge(dev_mail::routes());
    }
    let router = router.layer(from_fn_with_state(web.clone(), middleware::guard_pages)).with_state(web.clone());
    Ok(dressed(router, web).layer(CompressionLayer::new().compress_when(compress)))
}

/// What every request goes through, whoever answers it.
pub fn dressed(router: Router, web: Web) -> Router {
    router.layer(from_fn_with_state(web, middleware::request))
}

/// Whether requests should come here: the database answers, and the process is not about to stop.
async fn ready(axum::extract::State(web): axum::extract::State<Web>) -> (axum::http::StatusCode, &'static str) {
    if web.app.draining.is_cancelled() {
        return (axum::http::StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    match sqlx::query("select 1").execute(&web.app.reader).await {
        Ok(_) => (axum::http::StatusCode::OK, "ready"),
        Err(_) => (axum::http::StatusCode::SERVICE_UNAVAILABLE, "the database does not answer"),
    }
}
