//! Every email with sample data, as its reader sees it, and the text message with the code to sign in with.

use eventify::Error;
use eventify::audit::words::capital;
use eventify::kernel::error::not_found;
use eventify::kernel::page::Page;
use eventify::notify::operations::mail_template_list;
use eventify::notify::{MailAudience, MailTemplate, sign_in_text};
use eventify::organisation::Organisation;
use eventify::organisation::operations::organisation_get;
use leptos::prelude::*;

use crate::ui::{Icon, ListQuery, Loading, PageHead, card, failed, loaded};

const AUDIENCES: [MailAudience; 3] = [MailAudience::Guests, MailAudience::Partners, MailAudience::Team];

/// The page: the emails on the left, the chosen one on the right; on a phone the list is behind a button.
pub fn mail_templates() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(|| (), |()| fetch());
    loaded(data, move |(page, organisation), _| {
        let named = move || query.with(|query| query.text("mail"));
        view! { {move || shown(&page, &organisation, named())} }.into_any()
    })
}

async fn fetch() -> Result<(Page<MailTemplate>, Organisation), Error> {
    Ok((mail_template_list().await?, organisation_get().await?))
}

/// What the text message with the code is called in the URL.
const CODE: &str = "code";
const CODE_TITLE: &str = "Sign-in code";

/// The email of this number; where none is named, the first of the list.
fn chosen(page: &Page<MailTemplate>, named: Option<String>) -> Option<&MailTemplate> {
    match named {
        Some(number) => page.items.iter().find(|mail| mail.number.to_string() == number),
        None => AUDIENCES.iter().find_map(|audience| page.items.iter().find(|mail| mail.audience == *audience)),
    }
}

fn shown(page: &Page<MailTemplate>, organisation: &Organisation, named: Option<String>) -> AnyView {
    let is_code = named.as_deref() == Some(CODE);
    let mail = chosen(page, named);
    let open = match mail {
        Some(mail) => one(mail, organisation.sender_name.as_deref().unwrap_or(&organisation.name)),
        None if is_code => code(&organisation.name),
        None => return failed(&not_found(), None),
    };
    let groups = AUDIENCES.map(|audience| {
        let items = page.items.iter().filter(|one| one.audience == audience);
        let items = items
            .map(|one| item(&one.number.to_string(), &kind_title(&one.kind), Some(&one.subject), mail == Some(one)))
            .collect_view();
        let code = (audience == MailAudience::Guests).then(|| item(CODE, CODE_TITLE, None, is_code));
        let open = mail.map_or(MailAudience::Guests, |mail| mail.audience) == audience;
        let count = page.items.iter().filter(|one| one.audience == audience).count() + usize::from(code.is_some());
        view! {
            <details name="mails" open=open>
                <summary><h2>{audience.title()}</h2><span class="muted">{count}</span></summary>
                <ul>{items}{code}</ul>
            </details>
        }
    });
    view! {
        <div class="page">
            <PageHead title="Emails" subtitle="With sample data, in your organisation's name and colours."/>
            <div class="templates">
                <details class="mail-pick">
                    <summary class="btn">{Icon::MAIL.svg()}"All emails"</summary>
                    <nav class="mail-list" aria-label="Emails">{groups.collect_view()}</nav>
                </details>
                {open}
            </div>
        </div>
    }
    .into_any()
}

/// What an email is for: `Tickets issued`.
fn kind_title(kind: &str) -> String {
    match kind {
        "guest_taken_off" => "Guest removed".to_owned(),
        kind => capital(&kind.replace('_', " ")),
    }
}

/// One of the list: what it is for, and its subject with the sample data.
fn item(key: &str, title: &str, subject: Option<&str>, open: bool) -> AnyView {
    let href = format!("/mail-templates?mail={key}");
    let subject = subject.map(|subject| view! { <small>{subject.to_owned()}</small> });
    view! { <li><a href=href aria-current=open.then_some("true")><span>{title.to_owned()}{subject}</span></a></li> }
        .into_any()
}

fn code(organisation: &str) -> AnyView {
    let text = sign_in_text("482913", organisation);
    let body =
        view! { <p class="muted">"A text message to guests who sign in with their phone number."</p><p>{text}</p> };
    view! { <div class="stack templates-one">{card("mail-message", CODE_TITLE, None, body)}</div> }.into_any()
}

fn one(mail: &MailTemplate, organisation: &str) -> AnyView {
    // It runs nothing and knows nothing of this page, whatever somebody's words in it are.
    let frame = view! { <iframe class="mail-frame" sandbox="" src=mail.preview_url.clone() title=format!("Email: {}", mail.subject)></iframe> };
    let text = view! { <pre class="mail-text" tabindex="0">{mail.text.clone()}</pre> };
    let message = mail.text_message.clone().map(|text| {
        card(
            "mail-message",
            "Text message",
            None,
            view! { <p class="muted">"For people with only a phone number."</p><p>{text}</p> },
        )
    });
    view! {
        <div class="stack templates-one">
            {card("mail-html", &mail.subject, None, view! { <p class="mail-from muted">"From "<b>{organisation.to_owned()}</b></p>{frame} })}
            {message}
            {card("mail-plain", "Plain text", None, text)}
        </div>
    }
    .into_any()
}
