//! The pages behind mailed links: accepting an invitation, asking for and choosing a new password.

use eventify::Error;
use eventify::access::operations::{invitation, invitation_accept, password_forgot, password_reset};
use eventify::access::{AcceptInput, ForgotInput, Invitation, InvitationQuery, ResetInput};
use eventify::kernel::text::{Email, NewPassword, PersonName, Secret};
use leptos::prelude::*;
use serde_json::json;

use super::door::{auth, explained, outcome, parameter};
use crate::ui::Branded;
use crate::ui::{Field, Form, Icon, Loading, Password, loaded_plain, rule, set_status, submit, use_go};

const PASSWORD_HINT: &str = "At least 12 characters. A few unrelated words are best.";

/// Asks for a link to choose a new password.
pub fn forgot_password() -> AnyView {
    let go = use_go();
    let run = submit(password_forgot_call, move |()| go("/sign-in?done=sent"));
    let body = view! {
        {outcome()}
        <Form id="forgot" submit=run label="Send link" fallback="/forgot-password" wide=true guarded=false>
            <Field name="email" label="Email" kind="email" check={rule::<Email>} required=true autocomplete="username"/>
        </Form>
        <p class="auth-foot"><a href="/sign-in">"Back to signing in"</a></p>
    };
    auth("Forgot your password?", "We'll email you a link to choose a new one.", body.into_any())
}

async fn password_forgot_call(input: ForgotInput) -> Result<(), Error> {
    password_forgot(input).await
}

/// Chooses a new password by the mailed link.
pub fn reset_password() -> AnyView {
    let (go, token) = (use_go(), parameter("token"));
    let run = submit(|input: ResetInput| password_reset(input), move |()| go("/sign-in?done=reset"));
    let body = view! {
        {outcome()}
        <Form id="reset" submit=run label="Set password" fallback="/reset-password" wide=true guarded=false extra=json!({ "token": token })>
            <input type="hidden" name="token" value=token.clone()/>
            <Password name="password" label="New password" check={rule::<NewPassword>} autocomplete="new-password" hint=PASSWORD_HINT/>
        </Form>
        <p class="auth-foot"><a href="/forgot-password">"Ask for another link"</a></p>
    };
    auth("Choose a new password", "All your other sessions end.", body.into_any())
}

/// Accepts an invitation.
pub fn accept_invitation() -> AnyView {
    let token = parameter("token");
    let given = token.clone();
    let data = Loading::new(
        || (),
        move |()| {
            let token = Secret::new(given.clone());
            async move { invitation(InvitationQuery { token }).await }
        },
    );
    loaded_plain(data, move |answer| match answer {
        Ok(invitation) => welcome(&token, invitation),
        Err(error) => no_longer(&error),
    })
}

fn welcome(token: &str, invitation: Invitation) -> AnyView {
    let go = use_go();
    let run = submit(|input: AcceptInput| invitation_accept(input), move |()| go("/sign-in?done=accepted"));
    let lead = match &invitation.role {
        Some(role) => format!("You are invited to join as {role}, with the address {}.", invitation.email),
        None => format!("You are invited to join with the address {}.", invitation.email),
    };
    let (token, given) = (token.to_owned(), json!({ "token": token }));
    let until = invitation.expires_at.display_utc();
    let body = view! {
        {outcome()}
        <Form id="accept" submit=run label="Join" fallback="/accept-invitation" wide=true guarded=false extra=given>
            <input type="hidden" name="token" value=token/>
            <input type="hidden" name="email" value=invitation.email autocomplete="username"/>
            <Field name="full_name" label="Your name" check={rule::<PersonName>} required=true value=invitation.full_name autocomplete="name"/>
            <Password name="password" label="Choose a password" check={rule::<NewPassword>} autocomplete="new-password" hint=PASSWORD_HINT/>
        </Form>
        <p class="auth-foot">"The invitation is valid until "{until}"."</p>
    };
    auth(&format!("Welcome to {}", Branded::name()), &lead, body.into_any())
}

fn no_longer(error: &Error) -> AnyView {
    set_status(error.status());
    let text =
        if error.code() == "link_invalid" { explained("link_invalid").to_owned() } else { error.message().to_owned() };
    let body = view! {
        <div class="note" data-tone="danger" role="alert">{Icon::ALERT.svg()}<div>{text}</div></div>
        <p class="auth-foot"><a href="/sign-in">"Sign in"</a></p>
    };
    auth("This invitation is no longer valid", "Ask the person who invited you to send it again.", body.into_any())
}
