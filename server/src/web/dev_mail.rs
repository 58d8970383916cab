//! Mails and text messages that were kept instead of sent, for trying Eventify without a provider.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use eventify::notify::mailbox::{self, KeptMail};
use maud::{Markup, html};

use super::parts::Path;
use super::{Web, docs};

pub fn routes() -> Router<Web> {
    Router::new().route("/dev/mail", get(newest)).route("/dev/mail/{name}", get(one))
}

async fn newest(State(web): State<Web>) -> Response {
    show(&web, None).await
}

async fn one(State(web): State<Web>, Path(name): Path<String>) -> Response {
    show(&web, Some(name)).await
}

async fn show(web: &Web, name: Option<String>) -> Response {
    let mails = match mailbox::list(&web.app).await {
        Ok(mails) => mails,
        Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.message().to_owned()).into_response(),
    };
    let open = match &name {
        Some(name) => match mailbox::read(&web.app, name).await {
            Ok(mail) => Some(mail),
            Err(_) => return (StatusCode::NOT_FOUND, message(web, "There is no such mail.")).into_response(),
        },
        None => mails.first().cloned(),
    };
    let Some(open) = open else {
        let nothing = "Nothing was sent yet. Invite someone, or request a new password or a code.";
        return message(web, nothing).into_response();
    };
    let body = html! {
        div .mailbox {
            nav .mail-list aria-label="Messages" { ul { @for mail in &mails { (item(mail, mail.name == open.name)) } } }
            article .mail aria-labelledby="mail-subject" {
                header {
                    h2 #mail-subject { (open.subject) }
                    dl .facts {
                        div { dt { "To" } dd { (open.to) } }
                        div { dt { "Sent" } dd { (open.at.map(|at| at.display_utc()).unwrap_or_default()) } }
                    }
                }
                pre .mail-text tabindex="0" { (linked(&open.text)) }
            }
        }
    };
    docs::page(&web.site.files(), "Kept mails", "/dev/mail", &body).into_response()
}

fn message(web: &Web, text: &str) -> Html<String> {
    let body = html! { div .state { h2 { "No mails" } p { (text) } } };
    docs::page(&web.site.files(), "Kept mails", "/dev/mail", &body)
}

fn item(mail: &KeptMail, open: bool) -> Markup {
    html! {
        li {
            a href={ "/dev/mail/" (mail.name) } aria-current=[open.then_some("true")] {
                span { (mail.subject) }
                time { (mail.at.map(|at| at.display_utc()).unwrap_or_default()) }
                span { "to " (mail.to) }
            }
        }
    }
}

/// The text with its links to follow.
fn linked(text: &str) -> Markup {
    html! {
        @for (at, word) in text.split_inclusive(char::is_whitespace).enumerate() {
            @let address = word.trim_end();
            @if address.starts_with("http://") || address.starts_with("https://") {
                a id={ "link-" (at) } href=(address) { (address) } (&word[address.len()..])
            } @else { (word) }
        }
    }
}
