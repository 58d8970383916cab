//! The mails there are, to be looked at.

use operation::{Answer, operation};

use super::{Delivery, DeliveryFilter, MailTemplate};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    super::render::{Rendered, render},
    super::template::{Message, Template},
    super::{MailAudience, deliveries, samples, sql},
    crate::kernel::context::{Cx, Reader},
    crate::kernel::error::{internal, invalid_input, not_found},
    crate::organisation::{self, Organisation},
    axum::body::Body,
    axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS},
    axum::response::Response,
    base64::Engine,
    base64::engine::general_purpose::STANDARD,
};

/// Every mail with sample data, in the organisation's name
#[operation(GET "/admin/mail-templates", staff = NotificationsManage)]
pub async fn mail_template_list(cx: &Cx) -> Result<Page<MailTemplate>> {
    let house = organisation::current(cx.app()).await?;
    let mut items = Vec::new();
    for (at, mail) in samples::all(cx.now).iter().enumerate() {
        items.push(shown(cx, &house, i32::try_from(at + 1).map_err(|error| internal().internal(error))?, mail)?);
    }
    Ok(Page { items, next_cursor: None, total_estimate: None })
}

/// List attempts at mails and text messages, the newest first
///
/// Of an address only a part and a keyed hash are kept: `to` finds those of one whole address or number. Kept for 90 days.
#[operation(GET "/admin/deliveries", staff = NotificationsManage)]
pub async fn delivery_list(db: &mut Reader, query: DeliveryFilter) -> Result<Page<Delivery>> {
    let to = match &query.to {
        Some(typed) if !typed.as_str().is_empty() => {
            let app = db.app().clone();
            let right = "must be a whole email address, or a phone number with + and the country's code";
            Some(
                deliveries::Recipient::typed(&app.keys, typed.as_str())
                    .ok_or_else(|| invalid_input().field("to", right))?,
            )
        }
        _ => None,
    };
    sql::delivery_list(db, &query, to.as_ref()).await
}

#[cfg(feature = "ssr")]
fn shown(cx: &Cx, house: &Organisation, number: i32, mail: &Template) -> Result<MailTemplate> {
    let rendered = render(cx.app(), house, None, mail, samples::enclosed(mail)?);
    let kind = serde_json::to_value(mail).map_err(|error| internal().internal(error))?;
    let kind = kind["template"].as_str().unwrap_or_default().to_owned();
    let audience = match mail {
        _ if mail.event().is_some() => MailAudience::Guests,
        _ if samples::to_partners().contains(mail) => MailAudience::Partners,
        _ => MailAudience::Team,
    };
    let message = Message::Notice { notice: mail.clone() };
    Ok(MailTemplate {
        number,
        kind,
        audience,
        subject: rendered.subject,
        text: rendered.text,
        text_message: message.body(cx.app(), house, cx.now),
        preview_url: format!("/api/v1/admin/mail-templates/{number}/html"),
    })
}

/// The HTML of a mail with sample data
///
/// A page to be shown within another one: it loads nothing and runs nothing.
#[operation(GET "/admin/mail-templates/{number}/html", staff = NotificationsManage, answer = Html)]
pub async fn mail_template_html(cx: &Cx, number: i32) -> Result<Answer> {
    let house = organisation::current(cx.app()).await?;
    let all = samples::all(cx.now);
    let mail = usize::try_from(number - 1).ok().and_then(|at| all.get(at)).ok_or_else(not_found)?;
    let logo = organisation::logo(cx.app()).await?;
    let html = with_pictures(render(cx.app(), &house, logo, mail, samples::enclosed(mail)?));
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox";
    let response = Response::builder()
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(CONTENT_SECURITY_POLICY, policy)
        .header(X_FRAME_OPTIONS, "SAMEORIGIN")
        .header(CACHE_CONTROL, "private, no-store")
        .body(Body::from(html))
        .map_err(|error| internal().internal(error))?;
    Ok(Answer { response })
}

/// The pictures that travel with a mail, within its HTML.
#[cfg(feature = "ssr")]
fn with_pictures(mail: Rendered) -> String {
    mail.pictures.iter().fold(mail.html, |html, picture| {
        let data = format!("data:{};base64,{}", picture.media_type, STANDARD.encode(&picture.bytes));
        html.replace(&format!("\"cid:{}\"", picture.name), &format!("\"{data}\""))
    })
}
