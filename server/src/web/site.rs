//! The site's files: what `tools/site` made, served as they lie there.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use app::Files;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use tower_http::services::{ServeDir, ServeFile};

use super::Web;

const STYLES: &str = "/pkg/eventify.css";

/// A site's folder, and the names in it.
#[derive(Default)]
pub struct Site {
    root: PathBuf,
    whole: OnceLock<Arc<Files>>,
}

impl Site {
    pub fn at(root: PathBuf) -> Site {
        Site { root, whole: OnceLock::new() }
    }

    /// Where the site is: `LEPTOS_SITE_ROOT`, else `site` beside the program, else `target/site`.
    pub fn found() -> Site {
        let beside = || std::env::current_exe().ok().and_then(|exe| exe.parent().map(|p| p.join("site")));
        let root = std::env::var_os("LEPTOS_SITE_ROOT")
            .map(PathBuf::from)
            .or_else(|| beside().filter(|path| path.join("pkg").is_dir()))
            .unwrap_or_else(|| PathBuf::from("target/site"));
        Site::at(root)
    }

    /// Where each file is. Names are read once; `bin/dev` serves pages while the browser's half is built: until that is
    /// there they are read anew.
    pub fn files(&self) -> Arc<Files> {
        if let Some(files) = self.whole.get() {
            return files.clone();
        }
        let files = Arc::new(Files::read(&self.root));
        if files.are_whole() {
            return self.whole.get_or_init(|| files).clone();
        }
        files
    }
}

pub fn routes(web: &Web) -> Router<Web> {
    let root = &web.site.root;
    let other = get(of_another_version).with_state(web.clone());
    let files = ServeDir::new(root.join("pkg")).precompressed_br().precompressed_gzip().fallback(other);
    Router::new()
        .nest_service("/pkg", files)
        // Eventify Live: a static shell, the same for everybody; its other files lie beside it.
        .route("/live", get(|| async { Redirect::permanent("/live/") }))
        .route_service("/live/", ServeFile::new(root.join("live/index.html")).precompressed_br().precompressed_gzip())
}

/// A file of `pkg` that is not here: a page of another version asks for it, while one takes the other's place. Styles are
/// nearly the same and a page is bare without them; parts of two versions of a program do not fit together.
async fn of_another_version(State(web): State<Web>, uri: Uri) -> Response {
    let files = web.site.files();
    let styles = files.address(STYLES);
    match uri.path().ends_with(".css") && files.keeps(styles) {
        true => Redirect::temporary(styles).into_response(),
        false => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A file at the site's root (icons, scripts, robots.txt), where there is one.
pub async fn at_root(web: &Web, request: Request) -> Option<Response> {
    let files =
        ServeDir::new(&web.site.root).append_index_html_on_directories(false).precompressed_br().precompressed_gzip();
    let Ok(response) = tower::ServiceExt::oneshot(files, request).await;
    let is_there = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    is_there.then(|| response.into_response())
}

/// How long the browser may keep what is at a path; nothing where that is no file's. A name with its contents' hash is
/// for ever; Live's shell and workers have addresses that stay, and are asked for anew.
pub fn kept(web: &Web, path: &str) -> Option<&'static str> {
    if web.site.files().keeps(path) {
        return Some("public, max-age=31536000, immutable");
    }
    let is_file = ["/pkg/", "/live/"].iter().any(|folder| path.starts_with(folder)) || path == "/push-worker.js";
    is_file.then_some(ASKED_ANEW)
}

/// What is kept is asked for again before it is used.
pub const ASKED_ANEW: &str = "public, max-age=0, must-revalidate";
