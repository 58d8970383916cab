//! Forms that work before (and without) WASM: signing in and out, the theme, and the mailed links.
//! They call the same operations as everybody else and answer with a redirect.

use std::future::Future;
use std::sync::Arc;

use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Router};
use eventify::access::operations as access;
use eventify::access::{
    AcceptInput, ForgotInput, LoginInput, RefreshInput, ResetInput, SecondFactorInput, SessionKind,
};
use eventify::kernel::error::{Result, invalid_input};
use eventify::kernel::request::{Request as Call, cookie_name};
use eventify::kernel::text::{Email, NewPassword, PersonName, Secret};
use leptos::prelude::{Owner, provide_context};
use leptos::reactive::computed::ScopedFuture;
use serde::Deserialize;

use super::Web;
use super::parts::Form;

/// Holds the challenge between the two steps of signing in.
const CHALLENGE: &str = "evf_challenge";
const CHALLENGE_SECONDS: i64 = 300;

pub fn routes() -> Router<Web> {
    Router::new()
        .route("/sign-in", post(sign_in))
        .route("/sign-in/code", post(second_step))
        .route("/sign-out", post(sign_out))
        .route("/theme", post(theme))
        .route("/forgot-password", post(forgot))
        .route("/reset-password", post(reset))
        .route("/accept-invitation", post(accept))
}

/// Runs an operation as if it had come over the API, within this request.
pub(crate) async fn within<T>(call: &Arc<Call>, work: impl Future<Output = T> + Send) -> T {
    let call = call.clone();
    let owner = Owner::new();
    owner
        .with(|| {
            provide_context(call);
            ScopedFuture::new(work)
        })
        .await
}

#[derive(Deserialize)]
struct SignIn {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

async fn sign_in(Extension(call): Extension<Arc<Call>>, Form(form): Form<SignIn>) -> Response {
    // What was typed is still there after a slip of the password.
    let again = |code: &str| {
        let page = format!("/sign-in?error={}&email={}&", encode(code), encode(&form.email));
        see_other(&with_next(&page, &form.next))
    };
    let email = match Email::parse(&form.email) {
        Ok(email) => email,
        Err(_) if form.email.len() > 254 => return back("/sign-in", "invalid_credentials", &form.next),
        Err(_) => return again("invalid_credentials"),
    };
    let input = LoginInput { email, password: Secret::new(form.password), session: SessionKind::Cookie };
    match within(&call, access::login(input)).await {
        Ok(answer) if answer.mfa_required => {
            call.set_cookie(CHALLENGE, &answer.challenge.unwrap_or_default(), Some(CHALLENGE_SECONDS));
            see_other(&with_next("/sign-in/code?", &form.next))
        }
        Ok(_) => see_other(local(&form.next)),
        Err(error) => again(error.code()),
    }
}

#[derive(Deserialize)]
struct SecondStep {
    code: String,
    #[serde(default)]
    trust_device: Option<String>,
    #[serde(default)]
    next: String,
}

async fn second_step(
    Extension(call): Extension<Arc<Call>>,
    headers: axum::http::HeaderMap,
    Form(form): Form<SecondStep>,
) -> Response {
    let name = cookie_name(CHALLENGE, call.app.config.is_secure());
    let cookies = headers.get_all("cookie").iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    let challenge = cookies.filter_map(|pair| pair.trim().split_once('=')).find(|(n, _)| *n == name);
    let Some((_, challenge)) = challenge else {
        return back("/sign-in", "session_expired", &form.next);
    };
    let input = SecondFactorInput {
        challenge: challenge.to_owned(),
        code: Secret::new(form.code),
        session: SessionKind::Cookie,
        trust_device: form.trust_device.is_some(),
    };
    match within(&call, access::login_totp(input)).await {
        Ok(_) => {
            call.set_cookie(CHALLENGE, "", None);
            see_other(local(&form.next))
        }
        Err(error) if error.code() == "session_expired" => back("/sign-in", error.code(), &form.next),
        Err(error) => back("/sign-in/code", error.code(), &form.next),
    }
}

async fn sign_out(Extension(call): Extension<Arc<Call>>) -> Response {
    match within(&call, access::logout(RefreshInput { refresh_token: None })).await {
        Ok(()) => see_other("/sign-in?done=signed-out"),
        Err(error) => {
            tracing::warn!(?error, "signing out failed");
            see_other("/sign-in?error=still_signed_in")
        }
    }
}

#[derive(Deserialize)]
struct Theme {
    theme: String,
    #[serde(default)]
    next: String,
}

async fn theme(
    Extension(call): Extension<Arc<Call>>,
    headers: axum::http::HeaderMap,
    Form(form): Form<Theme>,
) -> Response {
    let secure = if call.app.config.is_secure() { "; Secure" } else { "" };
    let theme = match form.theme.as_str() {
        theme @ ("light" | "dark") => format!("evf_theme={theme}; Path=/; SameSite=Lax; Max-Age=31536000{secure}"),
        _ => format!("evf_theme=; Path=/; SameSite=Lax; Max-Age=0{secure}"),
    };
    // Without a field the form's page is where it came from.
    let from = headers.get("referer").and_then(|v| v.to_str().ok()).and_then(|v| v.splitn(4, '/').nth(3));
    let next = if form.next.is_empty() { from.map(|p| format!("/{p}")).unwrap_or_default() } else { form.next };
    let mut response = see_other(local(&next));
    if let Ok(value) = HeaderValue::from_str(&theme) {
        response.headers_mut().insert(SET_COOKIE, value);
    }
    response
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    token: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    full_name: String,
    #[serde(default)]
    password: String,
}

async fn forgot(Extension(call): Extension<Arc<Call>>, Form(form): Form<Link>) -> Response {
    let asked: Result<()> = within(&call, async {
        let email = Email::parse(&form.email).map_err(|m| invalid_input().field("email", m))?;
        access::password_forgot(ForgotInput { email }).await
    })
    .await;
    answer(asked, "/forgot-password?", "/sign-in?done=sent")
}

async fn reset(Extension(call): Extension<Arc<Call>>, Form(form): Form<Link>) -> Response {
    let done: Result<()> = within(&call, async {
        let password = NewPassword::parse(&form.password).map_err(|m| invalid_input().field("password", m))?;
        access::password_reset(ResetInput { token: Secret::new(form.token.clone()), password }).await
    })
    .await;
    answer(done, &format!("/reset-password?token={}&", encode(&form.token)), "/sign-in?done=reset")
}

async fn accept(Extension(call): Extension<Arc<Call>>, Form(form): Form<Link>) -> Response {
    let done: Result<()> = within(&call, async {
        let full_name = PersonName::parse(&form.full_name).map_err(|m| invalid_input().field("full_name", m))?;
        let password = NewPassword::parse(&form.password).map_err(|m| invalid_input().field("password", m))?;
        let token = Secret::new(form.token.clone());
        access::invitation_accept(AcceptInput { token, full_name, password }).await
    })
    .await;
    answer(done, &format!("/accept-invitation?token={}&", encode(&form.token)), "/sign-in?done=accepted")
}

fn answer(outcome: Result<()>, form: &str, done: &str) -> Response {
    match outcome {
        Ok(()) => see_other(done),
        Err(error) => see_other(&format!("{form}error={}", encode(error.code()))),
    }
}

fn back(page: &str, code: &str, next: &str) -> Response {
    see_other(&with_next(&format!("{page}?error={}&", encode(code)), next))
}

pub(crate) fn with_next(page: &str, next: &str) -> String {
    let next = local(next);
    if next == "/" { page.trim_end_matches(['?', '&']).to_owned() } else { format!("{page}next={}", encode(next)) }
}

/// Only paths of our own: `//evil.example` and `/\evil.example` are other sites to a browser.
pub(crate) fn local(next: &str) -> &str {
    let inside = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\n', '\r', '\t']);
    if inside { next } else { "/" }
}

pub(crate) fn see_other(target: &str) -> Response {
    let target = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response()
}

/// For a query value.
pub fn encode(text: &str) -> String {
    let pair = serde_urlencoded::to_string([("", text)]).unwrap_or_default();
    pair.trim_start_matches('=').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_followed() {
        for good in ["/", "/team?q=a", "/audit/1#x"] {
            assert_eq!(local(good), good);
        }
        for bad in ["", "//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nx: y"] {
            assert_eq!(local(bad), "/");
        }
        assert_eq!(with_next("/sign-in?error=x&", "/team?q=a b"), "/sign-in?error=x&next=%2Fteam%3Fq%3Da+b");
    }
}
