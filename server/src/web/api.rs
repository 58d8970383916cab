//! Mounts every operation as the REST endpoint it is, and every list as the file it also is.

use std::borrow::Cow;
use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::header::{ACCEPT, ALLOW};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get, on};
use eventify::bus::asyncapi;
use eventify::kernel::csv::listed::lists;
use eventify::kernel::error::{internal, method_not_allowed, not_found};
use eventify::kernel::registry::operations;
use eventify::kernel::request::Request as Call;
use leptos::prelude::{Owner, provide_context};
use leptos::reactive::computed::ScopedFuture;
use operation::{PathParams, problem_response};
use server_fn::axum::{get_server_fn_service, server_fn_paths};

use super::{Web, exports};

/// `/api/v1/…`, the OpenAPI document, and problem JSON for everything else below `/api/v1`.
pub fn routes() -> Router<Web> {
    let mut router = Router::new();
    let raw: HashSet<_> = operations().iter().filter(|o| o.takes_raw_body()).map(|o| (o.path, o.method)).collect();
    for (path, method) in server_fn_paths() {
        let Ok(filter) = MethodFilter::try_from(method.clone()) else { continue };
        let raw_body = path.strip_prefix("/api/v1").is_some_and(|path| raw.contains(&(path, method.as_str())));
        let handler = move |request: Request| run(path, method.clone(), raw_body, request);
        router = router.route(path, on(filter, handler));
    }
    router
        .merge(exports::routes())
        .method_not_allowed_fallback(other_method)
        .route("/api/v1/openapi.json", get(openapi))
        .route("/api/v1/asyncapi.json", get(asyncapi))
        .route("/api/v1/{*rest}", axum::routing::any(|| async { problem_response(&not_found()) }))
}

/// Whoever asks what an address offers is told; everything else that it does not offer is refused.
async fn other_method(method: Method, matched: Option<MatchedPath>) -> Response {
    if method != Method::OPTIONS {
        return problem_response(&method_not_allowed());
    }
    let path = matched.as_ref().and_then(|path| path.as_str().strip_prefix("/api/v1")).unwrap_or_default();
    let mut offered: Vec<&str> = operations().iter().filter(|o| o.path == path).map(|o| o.method).collect();
    if lists().iter().any(|list| list.path == path) {
        offered.push("GET");
    }
    if offered.contains(&"GET") {
        offered.push("HEAD");
    }
    offered.push("OPTIONS");
    (StatusCode::NO_CONTENT, [(ALLOW, offered.join(","))]).into_response()
}

async fn openapi() -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| eventify::kernel::openapi::document().to_string());
    document(DOCUMENT.as_str())
}

async fn asyncapi(State(web): State<Web>) -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| asyncapi::document(None).to_string());
    match &web.app.config.nats_url {
        None => document(DOCUMENT.as_str()),
        // It names the servers of these settings.
        Some(_) => document(asyncapi::document(Some(&web.app.config)).to_string()),
    }
}

fn document(text: impl Into<Cow<'static, str>>) -> Response {
    let text = text.into();
    ([("content-type", "application/json"), ("cache-control", "public, max-age=300")], text).into_response()
}

/// One operation over HTTP: path parameters aside, then the server function with its context. A
/// type of its own, because otherwise every route would carry the whole future's type.
fn run(
    path: &'static str,
    method: Method,
    raw_body: bool,
    request: Request,
) -> Pin<Box<dyn Future<Output = Response> + Send>> {
    Box::pin(async move {
        let (mut parts, body) = request.into_parts();
        let params = path_params(&mut parts).await;
        parts.extensions.insert(params);
        let Some(call) = parts.extensions.get::<Arc<Call>>().cloned() else {
            return problem_response(&internal());
        };
        let mut body = body;
        if raw_body && let Ok(mut slot) = call.body.lock() {
            *slot = Some(std::mem::replace(&mut body, Body::empty()));
        }
        serve(path, method, call, Request::from_parts(parts, body)).await
    })
}

/// What the path of a request names.
pub(super) async fn path_params(parts: &mut Parts) -> PathParams {
    let params = RawPathParams::from_request_parts(parts, &()).await;
    let params = params.map(|p| p.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect());
    PathParams(params.unwrap_or_default())
}

/// The server function, with its context.
pub(super) async fn serve(path: &'static str, method: Method, call: Arc<Call>, mut request: Request) -> Response {
    // Leptos would answer a browser that opens a file or a stream with a redirect to where it came from.
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    let Some(mut service) = get_server_fn_service(path, method) else {
        return problem_response(&not_found());
    };
    let owner = Owner::new();
    let answer = owner.with(|| {
        ScopedFuture::new(async move {
            provide_context(call);
            service.run(request).await
        })
    });
    answer.await
}
