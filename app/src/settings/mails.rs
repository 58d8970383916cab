//! Every email with sample data, as its reader sees it.

use eventify::kernel::error::not_found;
use eventify::kernel::page::Page;
use eventify::notify::operations::mail_template_list;
use eventify::notify::{MailAudience, MailTemplate};
use leptos::prelude::*;

use crate::ui::{ListQuery, PageHead, card, failed, loaded};

/// The page: the emails on the left, the chosen one on the right.
pub fn mail_templates() -> AnyView {
    let query = ListQuery::current();
    let data = Resource::new_blocking(|| (), |()| mail_template_list());
    loaded(data, move |page, _| {
        let chosen =
            move || query.with(|query| query.text("mail")).and_then(|number| number.parse::<i32>().ok()).unwrap_or(1);
        view! { {move || shown(&page, chosen())} }.into_any()
    })
}

fn shown(page: &Page<MailTemplate>, chosen: i32) -> AnyView {
    let Some(mail) = page.items.iter().find(|mail| mail.number == chosen) else { return failed(&not_found(), None) };
    let groups = [MailAudience::Guests, MailAudience::Partners, MailAudience::Team].map(|audience| {
        let items =
            page.items.iter().filter(|mail| mail.audience == audience).map(|mail| item(mail, mail.number == chosen));
        let items = items.collect_view();
        view! { <h2>{audience.title()}</h2><ul>{items}</ul> }
    });
    view! {
        <div class="page">
            <PageHead title="Emails" subtitle="With sample data, in your organisation's name and colours."/>
            <div class="mailbox">
                <nav class="mail-list" aria-label="Emails">{groups.collect_view()}</nav>
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
        <div class="stack">
            {card("mail-html", &mail.subject, None, frame)}
            {message}
            {card("mail-plain", "Plain text", None, text)}
        </div>
    }
    .into_any()
}
