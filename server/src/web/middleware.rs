//! What happens to every request before and after its handler.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
    LOCATION, ORIGIN, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{Method, StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use eventify::access::{authenticate, sessions};
use eventify::kernel::caller::Caller;
use eventify::kernel::error::{Error, internal, malformed_request, origin_mismatch};
use eventify::kernel::registry::Access;
use eventify::kernel::request::Request as Call;
use futures::FutureExt;
use operation::problem_response;

use super::{Web, bodies, site};

/// Pages and files that set no policy of their own may load nothing from elsewhere.
const STRICT_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; \
    object-src 'none'";

/// Recognises the request, checks where it comes from, renews a browser's session, and puts the
/// collected headers onto the answer.
pub async fn request(State(web): State<Web>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (mut request, leftover) = bodies::watch(request);
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    let ip = caller_address(request.headers(), peer, web.app.config.trusted_proxies);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut call = Call::new(web.app.clone(), request.headers(), ip).at(&path);
    let kept = site::kept(&web, &path);
    let refusal = refuse(&web, &call, &request);
    if refusal.is_none() && kept.is_none() {
        sessions::renew(&mut call).await;
    }
    let call = Arc::new(call);
    let answer = match refusal {
        Some(refusal) => {
            drop(request);
            problem_response(&refusal.with_request_id(&call.id))
        }
        None => {
            request.extensions_mut().insert(call.clone());
            // A panic is a fault of ours: logged by the hook, answered without detail.
            let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
            answer.unwrap_or_else(|_| problem_response(&internal().with_request_id(&call.id)))
        }
    };
    let mut response = finish(&web, &call, answer);
    // An untouched body that its operation did not ask for after all.
    drop(call.body.lock().map(|mut body| body.take()));
    bodies::settle(leftover, &mut response).await;
    if web.app.draining.is_cancelled() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some(kept) = kept {
        let is_there = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
        let kept = if is_there { kept } else { site::ASKED_ANEW };
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    } else {
        let (status, took) = (response.status().as_u16(), started.elapsed().as_millis());
        tracing::info!(%method, path, status, took_ms = took, "request");
    }
    response
}

/// What is wrong with a request before anybody looks at what it wants.
fn refuse(web: &Web, call: &Call, request: &Request) -> Option<Error> {
    let hosts = request.headers().get_all(HOST).iter().count();
    if hosts > 1 || hosts == 0 && request.version() == Version::HTTP_11 {
        return Some(malformed_request().detail("A request has one Host header."));
    }
    let is_browsers = is_write(request.method()) && call.bearer.is_none();
    (is_browsers && !comes_from_here(web, request.headers())).then(origin_mismatch)
}

fn finish(web: &Web, call: &Arc<Call>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    call.apply_answer_headers(headers);
    let set = |headers: &mut HeaderMap, name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(headers, CONTENT_SECURITY_POLICY, STRICT_POLICY);
    set(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, X_FRAME_OPTIONS, "DENY");
    // Links carry tokens: other sites learn nothing. Our own forms must still say where they come
    // from (with "no-referrer" browsers send `Origin: null`).
    set(headers, REFERRER_POLICY, "same-origin");
    set(headers, HeaderName::from_static("permissions-policy"), "geolocation=(), microphone=(), payment=()");
    set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    // Pages hold what only their reader may see.
    if headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        set(headers, CACHE_CONTROL, "no-store");
    }
    if web.app.config.is_secure() {
        set(headers, STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    }
    if let Ok(id) = HeaderValue::from_str(&call.id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// The address of whoever called: the peer, or what the trusted proxies in front say.
fn caller_address(headers: &HeaderMap, peer: Option<IpAddr>, proxies: usize) -> IpAddr {
    let peer = peer.unwrap_or(IpAddr::from([127, 0, 0, 1])).to_canonical();
    if proxies == 0 {
        return peer;
    }
    let chain: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).collect();
    let at = chain.len().checked_sub(proxies);
    at.and_then(|i| chain[i].trim().parse::<IpAddr>().ok()).map_or(peer, |ip| ip.to_canonical())
}

fn is_write(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Browsers say where a write comes from; programs, which carry no cookies, need not.
fn comes_from_here(web: &Web, headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site").and_then(|v| v.to_str().ok())
        && !matches!(site, "same-origin" | "none")
    {
        return false;
    }
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    if web.app.config.public_url.as_deref() == Some(origin) {
        return true;
    }
    let host = headers.get(HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
    origin.split_once("://").is_some_and(|(_, authority)| authority == host)
}

/// Strangers to the Command Center are sent to sign in, before anything is rendered; at the front door they find what is on.
pub async fn guard_pages(State(web): State<Web>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|p| p.as_str().to_owned());
    let guarded = path.is_some_and(|path| app::pages::PAGES.iter().any(|page| page.path == path));
    if !guarded || request.method() != Method::GET {
        return next.run(request).await;
    }
    let Some(call) = request.extensions().get::<Arc<Call>>() else { return next.run(request).await };
    let stranger = match authenticate::cached(call, &[Access::Staff(None)]).await {
        // An end user is somebody, but nobody here.
        Ok(caller) => matches!(*caller, Caller::EndUser(_)),
        Err(error) => error.status() == 401,
    };
    if !stranger {
        return next.run(request).await;
    }
    if request.uri().path() == "/" {
        return web.pages.draw(&web.app, request, |request| crate::public::landing(&web, request)).await;
    }
    let here = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let target = format!("/sign-in?next={}", super::forms::encode(here));
    let location = HeaderValue::from_str(&target).unwrap_or(HeaderValue::from_static("/sign-in"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}
