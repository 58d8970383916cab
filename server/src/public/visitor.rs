//! Who looks at the site, and calling operations for them.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use app::Files;
use app::ui::Brand;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use eventify::access::authenticate;
use eventify::events::Event;
use eventify::kernel::caller::{Caller, EndUserCaller};
use eventify::kernel::crypto::{base64url, sha256};
use eventify::kernel::error::{Error, not_found};
use eventify::kernel::registry::Access;
use eventify::kernel::request::Request as Call;
use eventify::kernel::timestamp::Timestamp;
use eventify::notifications;
use eventify::people::operations::my_profile;
use eventify::zones::{self, Zone};
use maud::html;

use super::view::Head;
use super::{brand, frame};
use crate::web::Web;
use crate::web::forms::{encode, see_other, within};

/// Somebody with a browser: nobody in particular, or an end user who is signed in.
pub struct Visitor {
    pub call: Arc<Call>,
    /// The same request without its credentials. What everybody sees is asked for as nobody, so that the
    /// site shows staff and hosts nothing that others do not see.
    nobody: Arc<Call>,
    pub user: Option<EndUserCaller>,
    /// Path and query of the page.
    pub here: String,
    /// How many notifications they have not read.
    pub unread: i64,
    /// The site's files.
    pub files: Arc<Files>,
    /// Whose site it is.
    pub brand: Brand,
    headers: HeaderMap,
}

impl FromRequestParts<Web> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let call = parts.extensions.get::<Arc<Call>>().cloned();
        let call = call.ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())?;
        let recognised = authenticate::cached(&call, &[Access::EndUser]).await;
        let user = match recognised.as_deref() {
            Ok(Caller::EndUser(user)) => Some(user.clone()),
            _ => None,
        };
        let nobody = call_at(&call, &HeaderMap::new(), parts.uri.path());
        let here = parts.uri.path_and_query().map_or("/e", |p| p.as_str()).to_owned();
        let unread = match &user {
            Some(user) => unread(&call, user).await,
            None => 0,
        };
        let (files, headers) = (web.site.files(), parts.headers.clone());
        let brand = brand::of(&web.app).await;
        let visitor = Visitor { call, nobody: Arc::new(nobody), user, here, unread, files, brand, headers };
        match recognised {
            // Whether somebody is signed in cannot be told just now: nothing is shown as if nobody were.
            Err(error) if error.status() != 401 => Err(visitor.refused(&error)),
            _ => Ok(visitor),
        }
    }
}

/// A call as part of a request, by other headers or at another address.
pub fn call_at(call: &Call, headers: &HeaderMap, path: &str) -> Call {
    let mut other = Call::new(call.app.clone(), headers, call.ip).at(path);
    other.id.clone_from(&call.id);
    other.takes_webp = call.takes_webp;
    other
}

/// How many they have not read; a page that cannot count them is shown all the same.
async fn unread(call: &Call, user: &EndUserCaller) -> i64 {
    let count = async { notifications::unread(&mut *call.app.reader.acquire().await?, user.id.0, None).await };
    count.await.unwrap_or_else(|error: Error| {
        tracing::warn!(?error, "unread notifications could not be counted");
        0
    })
}

impl Visitor {
    /// Calls an operation as nobody.
    pub async fn openly<T>(&self, work: impl Future<Output = T> + Send) -> T {
        within(&self.nobody, work).await
    }

    /// Calls an operation as who is signed in.
    pub async fn own<T>(&self, work: impl Future<Output = T> + Send) -> T {
        within(&self.call, work).await
    }

    /// The same, once for each key: a form that is sent twice does what it says once.
    pub async fn once<T>(&self, key: &str, work: impl Future<Output = T> + Send) -> T {
        let mut headers = self.headers.clone();
        if let (false, Ok(key)) = (key.is_empty(), HeaderValue::from_str(key)) {
            headers.insert("idempotency-key", key);
        }
        let mut call = Call::new(self.call.app.clone(), &headers, self.call.ip);
        call.id.clone_from(&self.call.id);
        call.face = self.call.face;
        // It may have been renewed on the way in.
        call.guest = self.call.guest.clone();
        within(&Arc::new(call), work).await
    }

    /// The same for an operation that takes the body as it is.
    pub async fn with_body<T>(&self, body: Body, work: impl Future<Output = T> + Send) -> T {
        if let Ok(mut slot) = self.call.body.lock() {
            *slot = Some(body);
        }
        self.own(work).await
    }

    /// The cookie of this name, without the prefix it has over TLS.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let name = eventify::kernel::request::cookie_name(name, self.call.app.config.is_secure());
        let cookies = self.headers.get_all("cookie").iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
        let mut pairs = cookies.filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(n, v)| *n == name && !v.is_empty()).map(|(_, v)| v.to_owned())
    }

    /// Whether one can pay here.
    pub fn pays(&self) -> bool {
        eventify::finance::provider::takes_payments(&self.call.app)
    }

    /// Where people reach the site.
    pub fn base(&self) -> String {
        self.call.app.config.base_url()
    }

    /// To the door, and back here afterwards.
    pub fn sign_in_first(&self) -> Response {
        self.sign_in_for(&self.here)
    }

    /// To the door, and to `next` afterwards.
    pub fn sign_in_for(&self, next: &str) -> Response {
        see_other(&format!("/my/sign-in?next={}", encode(next)))
    }

    /// Where to first: to sign in, or to their name, by which tickets, guest lists and gates go. Both lead back here.
    pub async fn name_first(&self) -> Option<Response> {
        let Some(user) = &self.user else { return Some(self.sign_in_first()) };
        // Whoever was recognised a moment ago may have said it since.
        let unnamed = user.name.is_empty() && self.own(my_profile()).await.is_ok_and(|me| me.name.is_empty());
        unnamed.then(|| see_other(&format!("/my/details?next={}", encode(&self.here))))
    }

    /// A page that everybody without a session gets alike: it may be kept for a moment, and is not sent again
    /// while it is the same.
    pub fn shared(&self, head: &Head, body: &maud::Markup) -> Response {
        let page = frame::page(self, head, body);
        // At the front door staff find another page.
        let mine = !self.call.guest.is_empty() || self.here.split('?').next() == Some("/");
        let keep = if mine { "private, no-cache" } else { "public, max-age=30, stale-while-revalidate=300" };
        // Weak: compression makes other bytes of it.
        let tag = format!("W/\"{}\"", base64url(&sha256(&[page.0.as_bytes()])[..12]));
        let mut response = page.into_response();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
        headers.append(VARY, HeaderValue::from_static("cookie"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(ETAG, tag);
        }
        unless_known(&self.headers, response)
    }

    /// A page of one's own.
    pub fn page(&self, status: u16, head: &Head, body: &maud::Markup) -> Response {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, frame::page(self, head, body)).into_response()
    }

    /// A refusal that has no form to stand beside. Whoever has no session is sent to the door.
    pub fn refused(&self, error: &Error) -> Response {
        if error.status() == 401 {
            return self.sign_in_first();
        }
        let (title, text) = match (error.status(), error.message()) {
            (404, _) => ("Page not found", "It may have been removed, or the address is not quite right."),
            (_, said) if said != error.title() => (error.title(), said),
            // Said once.
            _ if error.code() == "link_invalid" => (error.title(), "Ask the sender for a new one."),
            _ => (error.title(), ""),
        };
        let body = html! {
            div .state { h1 { (title) } @if !text.is_empty() { p { (text) } } p { a .button href="/e" { "See events" } } }
        };
        self.page(error.status(), &Head::own(title), &body)
    }

    /// The clocks of the event, by which all its times are told.
    pub async fn zone(&self, event: &Event) -> Result<Arc<Zone>, Error> {
        zones::zone_of(&self.call.app, &event.timezone).await
    }

    /// The same of many, by the names of their zones.
    pub async fn zones<'n>(&self, names: impl Iterator<Item = &'n str>) -> Result<Zones, Error> {
        let mut zones = Zones::default();
        for name in names {
            if !zones.0.contains_key(name) {
                zones.0.insert(name.to_owned(), zones::zone_of(&self.call.app, name).await?);
            }
        }
        Ok(zones)
    }

    /// The time now, as the server's clock has it.
    pub fn now(&self) -> Timestamp {
        self.call.app.clock.now()
    }

    /// When this hour began: a list from now on is the same list on its next page.
    pub fn hour(&self) -> Timestamp {
        let now = self.now();
        let hour = now.0.replace_minute(0).and_then(|t| t.replace_second(0)).and_then(|t| t.replace_nanosecond(0));
        Timestamp(hour.unwrap_or(now.0))
    }
}

/// The answer, or that it is the one they have.
pub fn unless_known(asked: &HeaderMap, mut response: Response) -> Response {
    let known = asked.get(IF_NONE_MATCH).and_then(|known| known.to_str().ok()).unwrap_or_default();
    let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
    if tag.is_some_and(|tag| known.split(',').any(|known| known.trim() == tag)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(CONTENT_TYPE);
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    response
}

/// The clocks of several places.
#[derive(Default)]
pub struct Zones(HashMap<String, Arc<Zone>>);

impl Zones {
    /// The clocks of that name.
    pub fn of(&self, name: &str) -> Option<&Zone> {
        self.0.get(name).map(|zone| &**zone)
    }

    /// In short, for lists: when the event begins there, or on which days it is.
    pub fn begins(&self, event: &Event) -> String {
        self.of(&event.timezone).map(|zone| zone.brief_span(event.start_at, event.end_at)).unwrap_or_default()
    }

    /// A moment there, in short: `Sat 5 Dec, 19:30 IST`.
    pub fn brief(&self, name: &str, moment: Timestamp) -> String {
        self.of(name).map(|zone| zone.brief(moment)).unwrap_or_default()
    }
}

/// An id in a path; anything else is nothing.
pub fn id<T: std::str::FromStr>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| not_found())
}
