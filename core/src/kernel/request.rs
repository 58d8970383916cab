//! One HTTP request as operations see it, in the API and while a page is rendered alike.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::header::{ACCEPT, AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE, USER_AGENT};
use futures::StreamExt;
use leptos::prelude::use_context;

use super::app::App;
use super::clock::new_uuid;
use super::error::{Error, Result, body_too_large, internal, malformed_request};
use super::registry::Access;
use super::tokens::{RefreshToken, TokenAudience};

/// Cookies Eventify sets. Their names get `__Host-` where the site is reached over TLS.
pub mod cookies {
    use crate::kernel::tokens::TokenAudience;

    /// The device's long-lived random id.
    pub const DEVICE: &str = "evf_device";

    /// The access token of a session: staff and guests may be signed in side by side.
    pub const fn access(of: TokenAudience) -> &'static str {
        match of {
            TokenAudience::Staff => "evf_staff",
            TokenAudience::EndUser => "evf_guest",
        }
    }
    /// Its refresh token.
    pub const fn refresh(of: TokenAudience) -> &'static str {
        match of {
            TokenAudience::Staff => "evf_staff_refresh",
            TokenAudience::EndUser => "evf_guest_refresh",
        }
    }

    /// What the version before calls the access token, of staff and of guests alike. It is read where the new name is
    /// absent, by whoever it was made for, and written beside the new one, so that both versions see the same session
    /// while they run side by side.
    pub const OLD_ACCESS: &str = "evf_access";
    /// Its refresh token.
    pub const OLD_REFRESH: &str = "evf_refresh";
}

/// What of a session a browser sent along.
#[derive(Clone, Debug, Default)]
pub struct SessionCookies {
    /// The access token.
    pub access: Option<String>,
    /// The refresh token.
    pub refresh: Option<String>,
    /// Why it cannot be told just now whether the session goes on.
    pub unknown: Option<Error>,
}

impl SessionCookies {
    /// These, or what the version before has set for the same kind of caller: where there is nothing else, or where that
    /// version has renewed or opened a session since.
    fn or_older(self, of: TokenAudience, old: &SessionCookies) -> SessionCookies {
        let Some(theirs) = old.refresh.as_deref().and_then(|token| RefreshToken::decode(token).ok()) else {
            return self;
        };
        if theirs.audience != of {
            return self;
        }
        let ours = self.refresh.as_deref().and_then(|token| RefreshToken::decode(token).ok());
        let is_newer = ours.map_or(self.is_empty(), |ours| theirs.follows(&ours));
        if is_newer { old.clone() } else { self }
    }

    /// Whether nothing came.
    pub fn is_empty(&self) -> bool {
        self.access.is_none() && self.refresh.is_none()
    }
}

/// Which of our sites a request goes to, and so whose cookies count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// The Command Center: those of staff.
    Platform,
    /// The public site: those of guests.
    Site,
    /// The API: whoever an operation is for; staff first where it is for both.
    Api,
}

impl Face {
    /// By the path of the address.
    pub fn of(path: &str) -> Face {
        match path.split('/').nth(1).unwrap_or_default() {
            "api" => Face::Api,
            "e" | "my" | "host" | "t" | "i" | "p" | "c" | "pay" => Face::Site,
            _ => Face::Platform,
        }
    }
    /// Whose cookies count.
    pub fn audiences(self) -> &'static [TokenAudience] {
        match self {
            Face::Platform => &[TokenAudience::Staff],
            Face::Site => &[TokenAudience::EndUser],
            Face::Api => &[TokenAudience::Staff, TokenAudience::EndUser],
        }
    }
}

/// What a message from outside is signed with: by the Standard Webhooks specification, or a provider's own way.
#[derive(Clone, Debug, Default)]
pub struct SignedHeaders {
    /// `webhook-id`.
    pub id: Option<String>,
    /// `webhook-timestamp`: seconds since 1970.
    pub timestamp: Option<String>,
    /// `webhook-signature`.
    pub signature: Option<String>,
    /// `stripe-signature`: when, and one signature or more.
    pub stripe: Option<String>,
    /// `x-razorpay-signature`.
    pub razorpay: Option<String>,
}

/// What operations know of the request they run in.
pub struct Request {
    /// The process it arrived at.
    pub app: Arc<App>,
    /// Its id, also in the logs and in every error.
    pub id: String,
    /// The caller's address.
    pub ip: IpAddr,
    /// What the caller says it is; at most 300 characters.
    pub user_agent: String,
    /// The access token or api key of a program; it goes before any cookie.
    pub bearer: Option<String>,
    /// For whom the version before has set its cookies, if it has.
    pub old_session: Option<TokenAudience>,
    /// The cookies of a session of staff.
    pub staff: SessionCookies,
    /// The cookies of a guest's session.
    pub guest: SessionCookies,
    /// Whose cookies count.
    pub face: Face,
    /// The device id in its cookie.
    pub device_cookie: Option<String>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// `Last-Event-ID` of a stream that resumes.
    pub last_event_id: Option<String>,
    /// The signature of a message from outside.
    pub webhook: SignedHeaders,
    /// Whether the caller says that it knows WebP (`Accept`): not by "any picture".
    pub takes_webp: bool,
    /// `Content-Type`, for operations that take the untouched body.
    pub content_type: Option<String>,
    /// `Content-Length`, where the caller says it.
    pub content_length: Option<u64>,
    /// The untouched body, for operations that ask for it.
    pub body: Mutex<Option<Body>>,
    /// Headers that the answer will carry.
    answer_headers: Mutex<Vec<(HeaderName, HeaderValue)>>,
    /// Whether its answer goes on.
    goes_on: AtomicBool,
}

impl Request {
    /// Reads the headers; `ip` is the caller's address as the server trusts it.
    pub fn new(app: Arc<App>, headers: &HeaderMap, ip: IpAddr) -> Self {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        let secure = app.config.is_secure();
        let cookie = |name: &str| {
            let name = cookie_name(name, secure);
            headers.get_all(COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';')).find_map(|pair| {
                let (n, v) = pair.trim().split_once('=')?;
                (n == name && !v.is_empty()).then(|| v.to_owned())
            })
        };
        let bearer = text(AUTHORIZATION.as_str()).and_then(|v| {
            let (scheme, token) = v.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
        });
        let old = SessionCookies {
            access: cookie(cookies::OLD_ACCESS),
            refresh: cookie(cookies::OLD_REFRESH),
            unknown: None,
        };
        let session = |of: TokenAudience| {
            let (access, refresh) = (cookie(cookies::access(of)), cookie(cookies::refresh(of)));
            let known = SessionCookies { access, refresh, unknown: None };
            known.or_older(of, &old)
        };
        let old_token = old.refresh.as_deref().and_then(|token| RefreshToken::decode(token).ok());
        let id = text("x-request-id")
            .filter(|id| (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
            .map_or_else(|| new_uuid().simple().to_string(), str::to_owned);
        Self {
            id,
            ip,
            user_agent: text(USER_AGENT.as_str()).unwrap_or_default().chars().take(300).collect(),
            bearer,
            old_session: old_token.map(|token| token.audience),
            staff: session(TokenAudience::Staff),
            guest: session(TokenAudience::EndUser),
            face: Face::Api,
            device_cookie: cookie(cookies::DEVICE),
            idempotency_key: text("idempotency-key").map(str::to_owned),
            last_event_id: text("last-event-id").map(str::to_owned),
            webhook: SignedHeaders {
                id: text("webhook-id").map(str::to_owned),
                timestamp: text("webhook-timestamp").map(str::to_owned),
                signature: text("webhook-signature").map(str::to_owned),
                stripe: text("stripe-signature").map(str::to_owned),
                razorpay: text("x-razorpay-signature").map(str::to_owned),
            },
            takes_webp: text(ACCEPT.as_str()).is_some_and(names_webp),
            content_type: text("content-type").map(str::to_owned),
            content_length: text("content-length").and_then(|length| length.parse().ok()),
            body: Mutex::new(None),
            answer_headers: Mutex::new(Vec::new()),
            goes_on: AtomicBool::new(false),
            app,
        }
    }

    /// The same at an address, whose path says whose cookies count.
    pub fn at(mut self, path: &str) -> Self {
        self.face = Face::of(path);
        self
    }

    /// The cookies of one kind of session.
    pub fn session(&self, of: TokenAudience) -> &SessionCookies {
        match of {
            TokenAudience::Staff => &self.staff,
            TokenAudience::EndUser => &self.guest,
        }
    }

    /// The same, to change.
    pub fn session_mut(&mut self, of: TokenAudience) -> &mut SessionCookies {
        match of {
            TokenAudience::Staff => &mut self.staff,
            TokenAudience::EndUser => &mut self.guest,
        }
    }

    /// How it wants to be recognised by an operation that is open to these: before anything was checked. An error where
    /// that is a session of which nothing can be told just now.
    pub fn credential(&self, access: &[Access]) -> Result<Option<&str>> {
        if let Some(bearer) = &self.bearer {
            return Ok(Some(bearer));
        }
        let is_for = |of: &TokenAudience| match of {
            TokenAudience::Staff => access.iter().any(|access| matches!(access, Access::Staff(_) | Access::Public)),
            TokenAudience::EndUser => access.iter().any(|access| matches!(access, Access::EndUser | Access::Public)),
        };
        for of in self.face.audiences().iter().filter(|of| is_for(of)) {
            let session = self.session(*of);
            if let Some(why) = &session.unknown {
                return Err(why.clone());
            }
            if session.access.is_some() {
                return Ok(session.access.as_deref());
            }
        }
        Ok(None)
    }

    /// A request that nobody sent: jobs and the command line.
    pub fn internal(app: Arc<App>) -> Self {
        Self::new(app, &HeaderMap::new(), IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    /// The request this code runs in.
    pub fn current() -> Result<Arc<Request>> {
        use_context::<Arc<Request>>().ok_or_else(|| internal().internal("an operation was called outside a request"))
    }

    /// The untouched body, whole: once, and 413 where it is larger than `most` bytes, whether its length was said or not.
    pub async fn whole_body(&self, most: usize) -> Result<Vec<u8>> {
        let body = self.body.lock().ok().and_then(|mut slot| slot.take());
        let body = body.ok_or_else(|| internal().internal("the untouched body is not there"))?;
        if self.content_length.is_some_and(|length| length > most as u64) {
            return Err(body_too_large());
        }
        let (mut parts, mut whole) = (body.into_data_stream(), Vec::new());
        while let Some(part) = parts.next().await {
            let part = part.map_err(|_| malformed_request().detail("The body was incomplete."))?;
            if whole.len() + part.len() > most {
                return Err(body_too_large());
            }
            whole.extend_from_slice(&part);
        }
        Ok(whole)
    }

    /// What is called from now on is more of one answer: it counts as the one request it is.
    pub fn go_on(&self) {
        self.goes_on.store(true, Ordering::Relaxed);
    }

    /// Whether the request was counted, and its answer goes on.
    pub fn goes_on(&self) -> bool {
        self.goes_on.load(Ordering::Relaxed)
    }

    /// Adds a header to the answer.
    pub fn answer_header(&self, name: HeaderName, value: HeaderValue) {
        if let Ok(mut headers) = self.answer_headers.lock() {
            headers.push((name, value));
        }
    }

    /// Sets a cookie that scripts cannot read; without `max_age` (seconds) it is removed.
    pub fn set_cookie(&self, name: &str, value: &str, max_age: Option<i64>) {
        let secure = self.app.config.is_secure();
        let cookie = format!(
            "{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{}",
            cookie_name(name, secure),
            max_age.unwrap_or(0),
            if secure { "; Secure" } else { "" },
        );
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            self.answer_header(SET_COOKIE, value);
        }
    }

    /// Puts the collected headers onto the answer: cookies add up, others replace.
    pub fn apply_answer_headers(&self, headers: &mut HeaderMap) {
        let collected = self.answer_headers.lock().map(|mut h| std::mem::take(&mut *h)).unwrap_or_default();
        for (name, value) in collected {
            if name == SET_COOKIE {
                headers.append(name, value);
            } else {
                headers.insert(name, value);
            }
        }
    }
}

/// The cookie's name on the wire.
pub fn cookie_name(name: &str, secure: bool) -> String {
    if secure { format!("__Host-{name}") } else { name.to_owned() }
}

/// Whether `Accept` names WebP, and does not refuse it.
fn names_webp(accept: &str) -> bool {
    accept.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let is_webp = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("image/webp"));
        is_webp && !parts.any(|part| part.strip_prefix("q=").and_then(|q| q.parse().ok()) == Some(0.0_f32))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webp_is_for_whoever_names_it() {
        for accept in ["image/avif,image/webp,image/apng,*/*;q=0.8", "image/png, IMAGE/WEBP;q=0.9", "image/webp"] {
            assert!(names_webp(accept), "{accept}");
        }
        for accept in ["*/*", "image/*", "image/webp;q=0, image/*", "image/webp2", "", "text/html"] {
            assert!(!names_webp(accept), "{accept}");
        }
    }
}
