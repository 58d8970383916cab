//! Signing in by phone: the number, the code that comes by text message, and the authenticator where there is one.

use axum::response::Response;
use eventify::access::operations::logout;
use eventify::access::{RefreshInput, SessionKind};
use eventify::kernel::error::{Error, invalid_input, session_expired};
use eventify::kernel::text::{E164Phone, Secret, grouped};
use eventify::people::operations::{otp_request, otp_totp, otp_verify};
use eventify::people::{OtpRequest, OtpSecondFactor, OtpVerify};
use maud::{Markup, html};
use serde::Deserialize;

use super::errand::Errand;
use super::view::{Ground, Head, Input, done, refusal_beside};
use super::visitor::Visitor;
use crate::web::forms::{encode, local, see_other};
use crate::web::parts::{Form, Query};

/// Between the steps: the phone a code went to, and the challenge of the second factor.
const PHONE: &str = "evf_phone";
const PHONE_SECONDS: i64 = 900;
const CHALLENGE: &str = "evf_guest_challenge";
const CHALLENGE_SECONDS: i64 = 300;

/// What a number looks like, as the field's hint has it.
const NUMBER: &str = "Type ten digits of a number in India, or the country code first, such as +91 98765 43210";

/// Where to go afterwards.
#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
    /// A new code was sent.
    #[serde(default)]
    sent: String,
}

/// What the forms send.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    phone: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
    /// Another code to the same number.
    #[serde(default)]
    again: String,
}

/// After signing in one sees one's tickets, if nothing else was wanted.
fn target(next: &str) -> &str {
    match local(next) {
        "/" => "/my",
        next => next,
    }
}

fn with_next(path: &str, next: &str) -> String {
    format!("{path}?next={}", encode(target(next)))
}

/// One step of signing in, under what somebody was about to do.
async fn step(visitor: &Visitor, title: &str, next: &str, status: u16, form: impl FnOnce(bool) -> Markup) -> Response {
    let errand = Errand::of(visitor, local(next)).await;
    let head = Head::own(title).on(Ground::Card);
    let head = match &errand {
        Some(errand) => head.coloured(errand.title()),
        None => head,
    };
    let body = html! {
        @if let Some(errand) = &errand { (errand.top()) }
        (form(errand.is_some()))
    };
    visitor.page(status, &head, &body)
}

/// `GET /my/sign-in`
pub async fn phone(visitor: Visitor, Query(query): Query<Next>) -> Response {
    if visitor.user.is_some() {
        return see_other(target(&query.next));
    }
    step(&visitor, "Sign in", &query.next, 200, |errand| phone_form("", &query.next, errand, None)).await
}

/// `POST /my/sign-in`
pub async fn request(visitor: Visitor, Form(mut typed): Form<Typed>) -> Response {
    let again = !typed.again.is_empty();
    if again {
        typed.phone = visitor.cookie(PHONE).unwrap_or_default();
    }
    let sent = match E164Phone::typed(&typed.phone) {
        Ok(phone) => visitor.own(otp_request(OtpRequest { phone: phone.clone() })).await.map(|_| phone),
        Err(_) => Err(invalid_input().detail("We can't send a code to that number").field("phone", NUMBER)),
    };
    match sent {
        Ok(phone) => {
            visitor.call.set_cookie(PHONE, phone.as_str(), Some(PHONE_SECONDS));
            let to = with_next("/my/code", &typed.next);
            see_other(&if again { to + "&sent=again" } else { to })
        }
        Err(error) if again && !typed.phone.is_empty() => {
            let form = |errand| code_form(&typed.phone, &typed.next, errand, &Notice::Wrong(&error));
            step(&visitor, "Enter the code", &typed.next, error.status(), form).await
        }
        Err(error) => {
            let form = |errand| phone_form(&typed.phone, &typed.next, errand, Some(&error));
            step(&visitor, "Sign in", &typed.next, error.status(), form).await
        }
    }
}

/// Whether somebody came to see who answers questions about an event: they are told why that takes an account.
fn asks_who(next: &str) -> bool {
    local(next).starts_with("/e/") && local(next).ends_with("/contact")
}

/// What one signs in for.
fn purpose(next: &str) -> &'static str {
    match target(next) {
        next if next.starts_with("/host") => "Sign in to host events",
        _ => "Sign in to see your tickets",
    }
}

fn phone_form(phone: &str, next: &str, errand: bool, error: Option<&Error>) -> Markup {
    let field = Input {
        name: "phone",
        label: "Your phone number",
        kind: "tel",
        value: phone,
        autocomplete: "tel",
        hint: "Such as +91 98765 43210. In India, ten digits are enough.",
        required: true,
    };
    html! {
        h1 { @if errand { "Sign in to continue" } @else { (purpose(next)) } }
        @if asks_who(next) { p { "Contact details of organisers are shown to signed-in guests only, to keep them from spam." } }
        p { "We text you a code. New here? Your account is created when you sign in. No password needed." }
        (refusal_beside(error, &["phone"]))
        form method="post" action="/my/sign-in" {
            input type="hidden" name="next" value=(target(next));
            (field.show(error))
            button { "Send me a code" }
        }
    }
}

/// `GET /my/code`
pub async fn code(visitor: Visitor, Query(query): Query<Next>) -> Response {
    if visitor.user.is_some() {
        return see_other(target(&query.next));
    }
    let Some(phone) = visitor.cookie(PHONE) else { return see_other(&with_next("/my/sign-in", &query.next)) };
    let said = if query.sent.is_empty() { Notice::Nothing } else { Notice::SentAgain };
    step(&visitor, "Enter the code", &query.next, 200, |errand| code_form(&phone, &query.next, errand, &said)).await
}

/// `POST /my/code`
pub async fn verify(visitor: Visitor, Form(typed): Form<Typed>) -> Response {
    let phone = visitor.cookie(PHONE).and_then(|phone| E164Phone::parse(&phone).ok());
    let Some(phone) = phone else { return see_other(&with_next("/my/sign-in", &typed.next)) };
    let code: String = typed.code.chars().filter(|c| !c.is_whitespace()).collect();
    let input = OtpVerify { phone: phone.clone(), code: Secret::new(code), session: SessionKind::Cookie };
    match visitor.own(otp_verify(input)).await {
        Ok(answer) if answer.mfa_required => {
            visitor.call.set_cookie(CHALLENGE, &answer.challenge.unwrap_or_default(), Some(CHALLENGE_SECONDS));
            see_other(&with_next("/my/authenticator", &typed.next))
        }
        Ok(answer) => {
            visitor.call.set_cookie(PHONE, "", None);
            match answer.is_new {
                true => see_other(&with_next("/my/details", &typed.next)),
                false => see_other(target(&typed.next)),
            }
        }
        Err(error) => {
            let form = |errand| code_form(phone.as_str(), &typed.next, errand, &Notice::Wrong(&error));
            step(&visitor, "Enter the code", &typed.next, error.status(), form).await
        }
    }
}

/// What is said above the field for the code.
enum Notice<'e> {
    Nothing,
    SentAgain,
    Wrong(&'e Error),
}

fn code_form(phone: &str, next: &str, errand: bool, said: &Notice<'_>) -> Markup {
    let error = match said {
        Notice::Wrong(error) => Some(*error),
        _ => None,
    };
    html! {
        h1 { "Enter the code" }
        @if matches!(said, Notice::SentAgain) { (done("New code sent", &["Only the latest code works."])) }
        (refusal_beside(error, &["code"]))
        p { "We have sent six digits to " strong .whole { (grouped(phone)) } ". The code expires in 5 minutes." }
        form method="post" action="/my/code" {
            input type="hidden" name="next" value=(target(next));
            (one_time("Code from the text message").show(error))
            button { @if errand { "Continue" } @else { "Sign in" } }
        }
        div .acts .mid {
            form method="post" action="/my/sign-in" {
                input type="hidden" name="next" value=(target(next));
                input type="hidden" name="again" value="yes";
                button .link { "Resend code" }
            }
            a href=(with_next("/my/sign-in", next)) { "Use another number" }
        }
    }
}

fn one_time(label: &str) -> Input<'_> {
    let (kind, value, hint) = ("text", "", "");
    Input { name: "code", label, kind, value, autocomplete: "one-time-code", hint, required: true }
}

/// `GET /my/authenticator`
pub async fn authenticator(visitor: Visitor, Query(query): Query<Next>) -> Response {
    step(&visitor, "Second step", &query.next, 200, |errand| second_form(&query.next, errand, None)).await
}

/// `POST /my/authenticator`
pub async fn second(visitor: Visitor, Form(typed): Form<Typed>) -> Response {
    let signed_in = match visitor.cookie(CHALLENGE) {
        Some(challenge) => {
            let code = Secret::new(typed.code.trim());
            let input = OtpSecondFactor { challenge, code, session: SessionKind::Cookie };
            visitor.own(otp_totp(input)).await
        }
        None => Err(session_expired()),
    };
    match signed_in {
        Ok(_) => {
            visitor.call.set_cookie(CHALLENGE, "", None);
            visitor.call.set_cookie(PHONE, "", None);
            see_other(target(&typed.next))
        }
        // The challenge has run out: from the start.
        Err(error) if error.code() == "session_expired" => see_other(&with_next("/my/sign-in", &typed.next)),
        Err(error) => {
            let form = |errand| second_form(&typed.next, errand, Some(&error));
            step(&visitor, "Second step", &typed.next, error.status(), form).await
        }
    }
}

fn second_form(next: &str, errand: bool, error: Option<&Error>) -> Markup {
    html! {
        h1 { "Second step" }
        (refusal_beside(error, &["code"]))
        p { "Enter the code from your authenticator app." }
        form method="post" action="/my/authenticator" {
            input type="hidden" name="next" value=(target(next));
            (one_time("Code from your authenticator app").show(error))
            button { @if errand { "Continue" } @else { "Sign in" } }
        }
    }
}

/// `POST /my/sign-out`
pub async fn out(visitor: Visitor) -> Response {
    match visitor.own(logout(RefreshInput { refresh_token: None })).await {
        Ok(()) => see_other("/e"),
        Err(error) => {
            tracing::warn!(?error, "signing out failed");
            visitor.refused(&error.detail("You are still signed in. Try again in a moment."))
        }
    }
}
