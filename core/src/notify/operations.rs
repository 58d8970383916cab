//! The mails there are, to be looked at; and what became of each message.

use operation::{Answer, operation};

use super::{Delivery, DeliveryFilter, MailTemplate, MessageDetail, MessageFilter, MessageId, QueuedMessage};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    super::deliveries::Recipient,
    super::jobs::mail_of,
    super::render::{Rendered, subject},
    super::template::{Message, Template},
    super::{Channel, DispatchStatus, MailAudience, samples, sql},
    crate::kernel::app::App,
    crate::kernel::context::{Db, Reader, RequestContext, Tx},
    crate::kernel::error::{internal, invalid_input, invalid_transition, not_found},
    crate::kernel::text::SearchText,
    crate::ops::operations::redrive,
    crate::organisation::{self, Organisation},
    axum::body::Body,
    axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS},
    axum::response::Response,
    base64::Engine,
    base64::engine::general_purpose::STANDARD,
    std::collections::HashMap,
    uuid::Uuid,
};

/// List all email templates with sample data
#[operation(GET "/admin/mail-templates", staff = NotificationsManage)]
pub async fn mail_template_list(cx: &RequestContext) -> Result<Page<MailTemplate>> {
    let organisation = organisation::current(cx.app()).await?;
    let mut items = Vec::new();
    for (at, mail) in samples::all(cx.now).into_iter().enumerate() {
        items.push(shown(cx, &organisation, i32::try_from(at + 1).map_err(|error| internal().internal(error))?, mail)?);
    }
    Ok(Page { items, next_cursor: None, total_estimate: None })
}

/// List attempts to send emails and text messages
///
/// Newest first, kept for 90 days. Only part of each address and a keyed hash of it are stored: use `to` to find the
/// attempts for a whole address or number.
#[operation(GET "/admin/deliveries", staff = NotificationsManage)]
pub async fn delivery_list(db: &mut Reader, query: DeliveryFilter) -> Result<Page<Delivery>> {
    let to = addressee(db.app(), query.to.as_ref())?;
    sql::delivery_list(db, &query, to.as_ref()).await
}

/// Whose messages are looked for, if anybody's.
#[cfg(feature = "ssr")]
fn addressee(app: &App, typed: Option<&SearchText>) -> Result<Option<Recipient>> {
    let Some(typed) = typed.map(SearchText::as_str).filter(|typed| !typed.is_empty()) else { return Ok(None) };
    let right = "must be a whole email address, or a phone number with + and the country's code";
    Recipient::typed(&app.keys, typed).ok_or_else(|| invalid_input().field("to", right)).map(Some)
}

/// List emails, text messages and push messages
///
/// Newest first, from the moment they are queued, kept for 90 days. Only part of each address and a keyed hash of it
/// are stored: use `to` to find the messages to a whole address or number. Push messages are found by the email address
/// of the account.
#[operation(GET "/admin/messages", staff = NotificationsManage)]
pub async fn message_list(db: &mut Reader, query: MessageFilter) -> Result<Page<QueuedMessage>> {
    let to = addressee(db.app(), query.to.as_ref())?;
    let mut page = sql::message_list(db, &query, to.as_ref()).await?;
    let mails = mails_of(db, &page.items).await?;
    for message in &mut page.items {
        message.subject = mail_in(&mails, message).map(|mail| mail.subject.clone());
    }
    Ok(page)
}

/// What is told of the mail of a message.
#[cfg(feature = "ssr")]
struct Told {
    subject: String,
    name: Option<String>,
}

/// The mails that these messages are, by their jobs.
#[cfg(feature = "ssr")]
async fn mails_of(db: &mut impl Db, messages: &[QueuedMessage]) -> Result<HashMap<Uuid, Told>> {
    let app = db.cx().app().clone();
    let organisation = organisation::of(db.conn()).await?;
    let jobs = messages.iter().filter(|one| one.channel == Channel::Email).filter_map(|one| one.job_id);
    let told = |mail: Template| {
        let values = mail.values(&app, &organisation);
        let name = values.iter().find(|(known, _)| *known == "name").map(|(_, name)| name.clone());
        Told { subject: subject(mail.source(), &values), name: name.filter(|name| !name.is_empty()) }
    };
    let payloads = sql::job_payloads(db.conn(), jobs.map(|job| job.0).collect()).await?;
    Ok(payloads.into_iter().filter_map(|(job, payload)| Some((job, told(mail_of(payload)?)))).collect())
}

#[cfg(feature = "ssr")]
fn mail_in<'m>(mails: &'m HashMap<Uuid, Told>, message: &QueuedMessage) -> Option<&'m Told> {
    mails.get(&message.job_id?.0)
}

/// Get a message with its attempts
#[operation(GET "/admin/messages/{id}", staff = NotificationsManage)]
pub async fn message_get(db: &mut Reader, id: MessageId) -> Result<MessageDetail> {
    let mut message = sql::message_find(db.conn(), id).await?;
    let deliveries = match message.job_id {
        Some(job) => {
            let of_job = DeliveryFilter { job_id: Some(job), ..DeliveryFilter::default() };
            sql::delivery_list(db, &of_job, None).await?.items
        }
        None => Vec::new(),
    };
    let mails = mails_of(db, std::slice::from_ref(&message)).await?;
    let mail = mail_in(&mails, &message);
    let recipient_name = mail.and_then(|mail| mail.name.clone());
    message.subject = mail.map(|mail| mail.subject.clone());
    Ok(MessageDetail { message, recipient_name, deliveries })
}

/// Retry a failed message
///
/// The message gets its full number of attempts again.
#[operation(POST "/admin/messages/{id}/retry", staff = NotificationsManage, errors(invalid_transition))]
pub async fn message_retry(tx: &mut Tx, id: MessageId) -> Result<QueuedMessage> {
    let before = sql::message_find(tx.conn(), id).await?;
    let Some(job) = before.job_id.filter(|_| before.can_retry) else {
        let over = [DispatchStatus::Failed, DispatchStatus::Cancelled].contains(&before.status);
        return Err(invalid_transition().detail(match over {
            true => "What it says was kept for 30 days: it can't be sent again.".to_owned(),
            false => {
                let status = before.status.title().to_lowercase();
                format!("Only failed messages can be retried; this one is {status}.")
            }
        }));
    };
    redrive(tx, job).await?;
    let mut after = sql::message_find(tx.conn(), id).await?;
    tx.audit("message.retried", &before, &after);
    let mails = mails_of(tx, std::slice::from_ref(&after)).await?;
    after.subject = mail_in(&mails, &after).map(|mail| mail.subject.clone());
    Ok(after)
}

#[cfg(feature = "ssr")]
fn shown(
    cx: &RequestContext,
    organisation: &Organisation,
    number: i32,
    of: (MailAudience, Template),
) -> Result<MailTemplate> {
    let (audience, mail) = of;
    let rendered = samples::shown(cx.app(), organisation, None, &mail)?;
    let kind = mail.kind().to_owned();
    let message = Message::Notice { notice: mail };
    Ok(MailTemplate {
        number,
        kind,
        audience,
        subject: rendered.subject,
        text: rendered.text,
        text_message: message.body(cx.app(), organisation, cx.now),
        preview_url: format!("/api/v1/admin/mail-templates/{number}/html"),
    })
}

/// Get an email template as HTML with sample data
///
/// Made to be shown in a frame: it loads nothing and runs no scripts.
#[operation(GET "/admin/mail-templates/{number}/html", staff = NotificationsManage, answer = Html)]
pub async fn mail_template_html(cx: &RequestContext, number: i32) -> Result<Answer> {
    let organisation = organisation::current(cx.app()).await?;
    let all = samples::all(cx.now);
    let (_, mail) = usize::try_from(number - 1).ok().and_then(|at| all.get(at)).ok_or_else(not_found)?;
    let logo = organisation::logo(cx.app()).await?;
    let html = with_pictures(samples::shown(cx.app(), &organisation, logo, mail)?);
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
