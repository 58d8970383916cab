//! Confirming one's email: the page a mailed link leads to, and having another one mailed.

use axum::response::Response;
use eventify::kernel::error::{Error, invalid_transition};
use eventify::kernel::text::Secret;
use eventify::people::operations::{email_verification, email_verification_confirm, my_email_verification_send};
use eventify::people::{EmailConfirmation, EmailLink, MyProfile};
use maud::{Markup, html};
use serde::Deserialize;

use super::view::{Head, done, refusal};
use super::visitor::Visitor;
use crate::web::forms::see_other;
use crate::web::parts::{Form, Query};

/// What a mailed link ends with. A link that lost its end is one that no longer works, and what mail programs add to it
/// says nothing.
#[derive(Deserialize)]
pub struct Mailed {
    #[serde(default)]
    token: String,
}

impl From<Mailed> for EmailLink {
    fn from(mailed: Mailed) -> EmailLink {
        EmailLink { token: Secret::new(mailed.token) }
    }
}

/// `GET /my/email?token=…`: nothing is done until the button is pressed, for some mailboxes open every link.
pub async fn show(visitor: Visitor, Query(mailed): Query<Mailed>) -> Response {
    let link = EmailLink::from(mailed);
    match visitor.openly(email_verification(link.clone())).await {
        Ok(asked) => visitor.page(200, &Head::own("Confirm your email"), &question(&link, &asked, None)),
        Err(error) => gone(&visitor, &error),
    }
}

/// `POST /my/email`
pub async fn confirm(visitor: Visitor, Form(mailed): Form<Mailed>) -> Response {
    let link = EmailLink::from(mailed);
    let asked = match visitor.openly(email_verification(link.clone())).await {
        Ok(asked) => asked,
        Err(error) => return gone(&visitor, &error),
    };
    match visitor.openly(email_verification_confirm(link.clone())).await {
        Ok(()) => {
            let said = format!("Email confirmed: tickets are now sent to {}", asked.email);
            let body = html! { (done(&said, &[])) p { a .button href="/my" { "My tickets" } } };
            visitor.page(200, &Head::own("Email confirmed"), &body)
        }
        Err(error) => {
            visitor.page(error.status(), &Head::own("Confirm your email"), &question(&link, &asked, Some(&error)))
        }
    }
}

/// `POST /my/email/send`
pub async fn send(visitor: Visitor) -> Response {
    match visitor.own(my_email_verification_send()).await {
        // Confirmed meanwhile, or the address is gone: the page says how it is.
        Err(error) if error.code() == invalid_transition().code() => see_other("/my/details"),
        Ok(()) => see_other("/my/details?sent=true"),
        Err(error) if error.status() == 401 => visitor.sign_in_for("/my/details"),
        Err(error) => {
            let body =
                html! { h1 { "No link was sent" } (refusal(Some(&error))) p { a href="/my/details" { "Back" } } };
            visitor.page(error.status(), &Head::own("No link was sent"), &body)
        }
    }
}

fn question(link: &EmailLink, asked: &EmailConfirmation, error: Option<&Error>) -> Markup {
    html! {
        h1 { "Confirm your email" }
        (refusal(error))
        p { bdi { (asked.email) } " becomes the email of the account whose phone number ends in "
            (asked.phone_ends) ". Tickets are then sent there." }
        form method="post" action="/my/email" {
            input type="hidden" name="token" value=(link.token.expose());
            button { "Confirm email" }
        }
        p .hint { "Not your account? Close this page: the address stays unconfirmed." }
    }
}

fn gone(visitor: &Visitor, error: &Error) -> Response {
    if error.status() != 410 {
        return visitor.refused(error);
    }
    let body = html! {
        div .state {
            h1 { "This link no longer works" }
            p { "It was used already, it is more than a day old, or another one was sent since." }
            p { a .button href="/my/details" { "See your details" } }
        }
    };
    visitor.page(error.status(), &Head::own("This link no longer works"), &body)
}

/// What stands over one's details while the address is not confirmed.
pub fn notice(me: &MyProfile, sent: bool, visitor: &Visitor) -> Markup {
    let Some(email) = me.email.as_deref().filter(|_| !me.email_verified) else { return html! {} };
    let open = me.email_link_expires_at.is_some_and(|until| until > visitor.now());
    html! {
        div .note data-tone="warn" role="status" {
            p { strong {
                @match (open, sent) {
                    (true, true) => { "We sent another link to " bdi { (email) } },
                    (true, false) => { "Confirm your email: we sent a link to " bdi { (email) } },
                    (false, _) => { "Confirm your email: " bdi { (email) } },
                }
            } }
            p { "Until then, links in emails about your tickets ask you to sign in with your phone." }
            form .act method="post" action="/my/email/send" {
                button .quiet { @if open { "Send the link again" } @else { "Send a link" } }
            }
        }
    }
}
