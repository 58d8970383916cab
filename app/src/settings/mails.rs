//! Every email with sample data, as its reader sees it.

use eventify::kernel::error::not_found;
use eventify::kernel::page::Page;
use eventify::notify::operations::mail_template_list;
use eventify::notify::{MailAudience, MailTemplate};
use leptos::prelude::*;

use crate::ui::{Icon, ListQuery, Loading, PageHead, card, failed, loaded};

const AUDIENCES: [MailAudience; 3] = [MailAudience::Guests, MailAudience::Partners, MailAudience::Team];

/// The page: the emails on the left, the chosen one on the right; on a phone the list is behind a button.
pub fn mail_templates() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(|| (), |()| mail_template_list());
    loaded(data, move |page, _| {
        let named = move || query.with(|query| query.text("mail"));
        view! { {move || shown(&page, named())} }.into_any()
    })
}

/// The email of this number; where none is named, the first of the list.
fn chosen(page: &Page<MailTemplate>, named: Option<String>) -> Option<&MailTemplate> {
    match named {
        Some(number) => page.items.iter().find(|mail| mail.number.to_string() == number),
        None => AUDIENCES.iter().find_map(|audience| page.items.iter().find(|mail| mail.audience == *audience)),
    }
}

fn shown(page: &Page<MailTemplate>, named: Option<String>) -> AnyView {
    let Some(mail) = chosen(page, named) else { return failed(&not_found(), None) };
    let groups = AUDIENCES.map(|audience| {
        let items = page.items.iter().filter(|one| one.audience == audience).map(|one| item(one, one == mail));
        let items = items.collect_view();
        view! { <h2>{audience.title()}</h2><ul>{items}</ul> }
    });
    view! {
        <div class="page">
            <PageHead title="Emails" subtitle="With sample data, in your organisation's name and colours."/>
            <div class="templates">
                <details class="mail-pick">
                    <summary class="btn">{Icon::MAIL.svg()}"All emails"</summary>
                    <nav class="mail-list" aria-label="Emails">{groups.collect_view()}</nav>
                </details>
                {one(mail)}
            </div>
        </div>
    }
    .into_any()
}

fn item(mail: &MailTemplate, open: bool) -> AnyView {
    let href = format!("/mail-templates?mail={}", mail.number);
    view! { <li><a href=href aria-current=open.then_some("true")><span>{mail.subject.clone()}</span></a></li> }
        .into_any()
}

fn one(mail: &MailTemplate) -> AnyView {
    // It runs nothing and knows nothing of this page, whatever somebody's words in it are.
    let frame = view! { <iframe class="mail-frame" sandbox="" src=mail.preview_url.clone() title=format!("Email: {}", mail.subject)></iframe> };
    let text = view! { <pre class="mail-text" tabindex="0">{mail.text.clone()}</pre> };
    let message = mail.text_message.clone().map(|text| {
        card(
            "mail-message",
            "Text message",
            None,
            view! { <p class="muted">"For guests with only a phone number."</p><p>{text}</p> },
        )
    });
    view! {
        <div class="stack templates-one">
            {card("mail-html", &mail.subject, None, frame)}
            {message}
            {card("mail-plain", "Plain text", None, text)}
        </div>
    }
    .into_any()
}
