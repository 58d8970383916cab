//! Lists as CSV: a list's operation is called for one page after another, as whoever asks, and each is written as it
//! comes. So a file holds what its reader may see in that list, and nothing has to be said twice. To whoever says who
//! they are a file is one request; of nobody in particular each page counts, and there are no more than some.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{self, Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use eventify::access::authenticate;
use eventify::kernel::csv::file;
use eventify::kernel::csv::listed::{Column, Listed, head, lines, lists};
use eventify::kernel::error::{Error, Result, internal, invalid_input};
use eventify::kernel::money::count;
use eventify::kernel::page::Page;
use eventify::kernel::request::Request as Call;
use futures::stream;
use operation::{PathParams, problem_response};
use serde_json::Value;
use server_fn::axum::server_fn_paths;

use super::{Web, api};

/// `/export` below every list.
pub(super) fn routes() -> Router<Web> {
    let mounted: Vec<&'static str> = server_fn_paths().map(|(path, _)| path).collect();
    let mut router = Router::new();
    for list in lists() {
        let of_list = |path: &&&'static str| path.strip_prefix("/api/v1") == Some(list.operation.path);
        let Some(path) = mounted.iter().find(of_list).copied() else { continue };
        router = router.route(&format!("/api/v1{}", list.path), get(move |request: Request| run(list, path, request)));
    }
    router
}

fn run(list: &'static Listed, path: &'static str, request: Request) -> Pin<Box<dyn Future<Output = Response> + Send>> {
    Box::pin(async move {
        let (mut parts, _) = request.into_parts();
        let params = api::path_params(&mut parts).await;
        match Export::new(list, path, params, &parts) {
            Ok((export, columns)) => export.answer(&columns).await,
            Err(error) => problem_response(&error),
        }
    })
}

/// How many rows of a list nobody in particular gets.
const MOST: usize = 5_000;

struct Export {
    list: &'static Listed,
    path: &'static str,
    call: Arc<Call>,
    params: PathParams,
    asked: Vec<(String, String)>,
}

impl Export {
    /// What is asked for, and the keys of the columns that it names.
    fn new(
        list: &'static Listed,
        path: &'static str,
        params: PathParams,
        parts: &Parts,
    ) -> Result<(Export, Vec<String>)> {
        let call = parts.extensions.get::<Arc<Call>>().cloned().ok_or_else(internal)?;
        let query = parts.uri.query().unwrap_or_default();
        let asked: Vec<(String, String)> = serde_urlencoded::from_str(query)
            .map_err(|error| invalid_input().field("query", format!("is not well formed: {error}")))?;
        let (columns, asked): (Vec<_>, Vec<_>) = asked.into_iter().partition(|(name, _)| name == "columns");
        let columns = columns.iter().flat_map(|(_, keys)| keys.split(',')).filter(|key| !key.is_empty());
        let columns = columns.map(str::to_owned).collect();
        Ok((Export { list, path, call, params, asked }, columns))
    }

    /// The file, or what the list itself answers where there is none: whoever may not read it, or asks for what it does
    /// not have. What fails later cuts the file off, so that nobody takes a part for the whole.
    async fn answer(self, columns: &[String]) -> Response {
        let first = match self.page(None).await {
            Ok(page) => page,
            Err(refused) => return *refused,
        };
        let call = self.call.clone();
        let first = if self.is_nobodys().await {
            match self.all_pages(first).await {
                Ok(page) => page,
                Err(refused) => return *refused,
            }
        } else {
            // Its pages are one answer to one request.
            call.go_on();
            first
        };
        let file = self.list.chosen(columns).and_then(|columns| self.file(columns, first));
        file.unwrap_or_else(|error| problem_response(&error.with_request_id(&call.id)))
    }

    /// Whether nobody in particular asks: the list answers everybody, and whoever asks is not known to it.
    async fn is_nobodys(&self) -> bool {
        authenticate::cached(&self.call, self.list.operation.access).await.is_err()
    }

    /// All of a list as one page, read before anything of it is sent, so that what is too much is refused in words.
    async fn all_pages(&self, first: Page<Value>) -> std::result::Result<Page<Value>, Box<Response>> {
        let mut whole = first;
        while let Some(cursor) = whole.next_cursor.take() {
            if whole.items.len() >= MOST {
                let why = format!(
                    "This list has more than {} rows. Sign in to export all of it, or filter it",
                    count(MOST as i64)
                );
                let refused = invalid_input().detail(why).with_request_id(&self.call.id);
                return Err(Box::new(problem_response(&refused)));
            }
            let next = self.page(Some(&cursor)).await?;
            whole.items.extend(next.items);
            whole.next_cursor = next.next_cursor;
        }
        Ok(whole)
    }

    fn file(self, columns: Vec<&'static Column>, first: Page<Value>) -> Result<Response> {
        let mut beginning = head(&columns)?;
        beginning.extend(lines(&columns, &first.items)?);
        let (name, now) = (self.list.name(), self.call.app.clock.now());
        let rest = stream::try_unfold((self, columns, first.next_cursor), |(export, columns, cursor)| async move {
            let Some(cursor) = cursor else { return Ok(None) };
            let page = match export.page(Some(&cursor)).await {
                Ok(page) => page,
                Err(refused) => return Err(internal().internal(format!("a page was refused: {}", refused.status()))),
            };
            let lines = Bytes::from(lines(&columns, &page.items)?);
            Ok::<_, Error>(Some((lines, (export, columns, page.next_cursor))))
        });
        file(name, now, beginning, rest)
    }

    /// The page that starts at a cursor, or the answer that is none.
    async fn page(&self, cursor: Option<&str>) -> std::result::Result<Page<Value>, Box<Response>> {
        let broken = |why: String| Box::new(problem_response(&internal().internal(why).with_request_id(&self.call.id)));
        let query = serde_urlencoded::to_string(self.list.query_of(&self.asked, cursor));
        let query = query.map_err(|error| broken(error.to_string()))?;
        let request =
            http::Request::get(format!("{}?{query}", self.path)).extension(self.params.clone()).body(Body::empty());
        let request = request.map_err(|error| broken(error.to_string()))?;
        let answer = api::serve(self.path, Method::GET, self.call.clone(), request).await;
        if answer.status() != StatusCode::OK {
            return Err(Box::new(answer));
        }
        let body = to_bytes(answer.into_body(), usize::MAX).await.map_err(|error| broken(error.to_string()))?;
        serde_json::from_slice(&body).map_err(|error| broken(error.to_string()))
    }
}
