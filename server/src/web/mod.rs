//! HTTP: operations, pages, plain forms and static files behind one stack of middleware.

mod api;
mod dev_mail;
mod docs;
pub(crate) mod forms;
mod middleware;
mod pages;

use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use eventify::kernel::app::App;
use leptos::config::LeptosOptions;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

/// What handlers share.
#[derive(Clone)]
pub struct Web {
    /// The process's core.
    pub app: Arc<App>,
    /// Where the site's files are.
    pub leptos: LeptosOptions,
}

impl axum::extract::FromRef<Web> for LeptosOptions {
    fn from_ref(web: &Web) -> LeptosOptions {
        web.leptos.clone()
    }
}

/// Everything the server answers.
pub fn router(app: Arc<App>) -> Result<Router> {
    let web = Web { leptos: pages::options(&app.config), app };
    // Streams must reach the browser as they come; WASM lies there compressed, or is a debug build's.
    let compress = DefaultPredicate::new()
        .and(NotForContentType::new("text/event-stream"))
        .and(NotForContentType::new("application/wasm"));
    let mut router = api::routes()
        .merge(pages::routes(&web))
        .merge(forms::routes())
        .merge(docs::routes())
        .merge(crate::public::routes())
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready));
    if web.app.config.dev_mailbox {
        router = router.merge(dev_mail::routes());
    }
    Ok(router
        .layer(from_fn_with_state(web.clone(), middleware::guard_pages))
        .layer(from_fn_with_state(web.clone(), middleware::request))
        .layer(CatchPanicLayer::custom(middleware::panicked))
        .layer(CompressionLayer::new().compress_when(compress))
        .with_state(web))
}

/// Whether the database answers.
async fn ready(axum::extract::State(web): axum::extract::State<Web>) -> (axum::http::StatusCode, &'static str) {
    match sqlx::query("select 1").execute(&web.app.reader).await {
        Ok(_) => (axum::http::StatusCode::OK, "ready"),
        Err(_) => (axum::http::StatusCode::SERVICE_UNAVAILABLE, "the database does not answer"),
    }
}
