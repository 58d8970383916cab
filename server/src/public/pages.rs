//! Pages that everybody without a session gets alike are drawn once for all who ask within the same second: when a
//! thousand people wait for a sale to begin, the database is asked as often as for one. What an operation or a job of
//! this process changed is seen at once; what another process did, a second later.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, COOKIE, IF_NONE_MATCH, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use eventify::kernel::app::App;
use moka::future::Cache;

use super::visitor::unless_known;

/// How long a page is kept at most.
const KEPT: Duration = Duration::from_secs(1);

/// Bytes that all of them may take.
const ROOM: u64 = 32 << 20;

/// No page of the public site is as long.
const LONGEST: usize = 4 << 20;

/// Pages as they were a moment ago.
#[derive(Clone)]
pub struct Pages(Cache<Key, Drawn>);

/// Which page, drawn in which second and after which of our own changes.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    address: String,
    second: i64,
    commits: u64,
}

#[derive(Clone)]
struct Drawn {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Default for Pages {
    fn default() -> Pages {
        let weigh = |key: &Key, page: &Drawn| u32::try_from(key.address.len() + page.body.len()).unwrap_or(u32::MAX);
        Pages(Cache::builder().time_to_live(KEPT).weigher(weigh).max_capacity(ROOM).build())
    }
}

impl Pages {
    /// Answers with the page that `draw` gives, or with what it gave somebody else a moment ago. Whoever says who they
    /// are may be somebody, and gets a page of their own.
    pub async fn draw<F>(&self, app: &App, request: Request, draw: impl FnOnce(Request) -> F) -> Response
    where
        F: Future<Output = Response>,
    {
        let somebody = [COOKIE, AUTHORIZATION].iter().any(|name| request.headers().contains_key(name));
        if somebody || request.method() != Method::GET {
            return draw(request).await;
        }
        let address = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let (second, commits) = (app.clock.now().0.unix_timestamp(), app.commits.load(Ordering::Acquire));
        let (mut asked, mut request) = (HeaderMap::new(), request);
        if let Some(known) = request.headers_mut().remove(IF_NONE_MATCH) {
            asked.insert(IF_NONE_MATCH, known);
        }
        let (mut ours, mut refused) = (Some((request, draw)), None);
        let drawing = async {
            let (request, draw) = ours.take()?;
            let page = Drawn::of(draw(request).await).await;
            if page.is_for_all() {
                return Some(page);
            }
            refused = Some(page);
            None
        };
        let page = match (self.0.optionally_get_with(Key { address, second, commits }, drawing).await, ours) {
            (Some(page), _) => page,
            // What somebody else was refused we may be given.
            (None, Some((request, draw))) => Drawn::of(draw(request).await).await,
            (None, None) => refused.unwrap_or_else(Drawn::nothing),
        };
        unless_known(&asked, page.into_response())
    }
}

impl Drawn {
    async fn of(response: Response) -> Drawn {
        let (head, body) = response.into_parts();
        match to_bytes(body, LONGEST).await {
            Ok(body) => Drawn { status: head.status, headers: head.headers, body },
            Err(error) => {
                tracing::error!(%error, "a page could not be drawn");
                Drawn::nothing()
            }
        }
    }

    fn nothing() -> Drawn {
        Drawn { status: StatusCode::INTERNAL_SERVER_ERROR, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// Whether others may have it too: it says nothing of who asked.
    fn is_for_all(&self) -> bool {
        self.status == StatusCode::OK && !self.headers.contains_key(SET_COOKIE)
    }
}

impl IntoResponse for Drawn {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
