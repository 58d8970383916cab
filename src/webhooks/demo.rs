//! The demo organisation's webhooks: one that a partner's system took for a while, and takes no more.

use std::sync::Arc;

use serde_json::json;
use time::Duration;

use super::signing::Secret;
use super::sql::{self, AfterAttempt, Attempt, NewDelivery, NewEndpoint};
use super::{EndpointStatus, WebhookDeliveryId, WebhookEndpointId, operations};
use crate::access::demo::{TEAM, doer};
use crate::access::start;
use crate::kernel::app::App;
use crate::kernel::caller::Scope;
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::error::Result;
use crate::kernel::request::Request;
use crate::kernel::timestamp::Timestamp;

const URL: &str = "https://hooks.bluelotus.test/eventify";
/// Event type, days ago, and what was answered.
const MESSAGES: &[(&str, i64, u16)] = &[
    ("partner.created", 26, 204),
    ("partner.document_uploaded", 25, 204),
    ("partner.document_reviewed", 23, 204),
    ("partner.status_changed", 20, 204),
    ("partner.contact_changed", 12, 503),
    ("partner.status_changed", 11, 410),
];

/// Adds the endpoint and its log to the demo's team; where there are endpoints already, nothing happens. It
/// is disabled, so that a demo calls nobody.
pub async fn seed(app: &Arc<App>) -> Result<()> {
    let now = app.clock.now();
    let cx = RequestContext {
        operation: &operations::WEBHOOK_ENDPOINT_CREATE_META,
        request: Arc::new(Request::internal(app.clone())),
        caller: doer(&mut *app.reader.acquire().await?, TEAM[0].0, now).await?,
        scope: Scope::All,
        now: ago(now, 27),
    };
    let mut tx = Tx::begin(cx).await?;
    let maker = start::account_id(tx.conn(), TEAM[0].0).await?;
    if maker.is_none() || sql::endpoint_exists(tx.conn()).await? {
        return Ok(());
    }
    let (id, made) = (WebhookEndpointId::new(), tx.now);
    let secret = Secret::new().seal(&app.keys, id)?;
    let mut event_types: Vec<String> = MESSAGES.iter().map(|(kind, ..)| (*kind).to_owned()).collect();
    event_types.sort();
    event_types.dedup();
    let endpoint = NewEndpoint {
        id,
        url: URL,
        description: "Blue Lotus: keeps their booking system in step with ours.",
        event_types: &event_types,
        secret: &secret,
        created_by: maker,
        kept_by: maker,
    };
    sql::endpoint_insert(tx.conn(), &endpoint, made).await?;
    for (kind, days, status) in MESSAGES {
        message(&mut tx, id, kind, *status, ago(now, *days)).await?;
    }
    let (disabled, reason) = (EndpointStatus::Disabled, Some(super::giving_up::GONE));
    sql::endpoint_set_status(tx.conn(), id, disabled, reason, None, ago(now, 11)).await?;
    let endpoint = sql::endpoint_find(tx.conn(), id).await?;
    tx.audit_created("webhook_endpoint.created", &endpoint);
    tx.commit().await
}

fn ago(now: Timestamp, days: i64) -> Timestamp {
    Timestamp(now.0 - Duration::days(days))
}

async fn message(tx: &mut Tx, endpoint_id: WebhookEndpointId, kind: &str, status: u16, at: Timestamp) -> Result<()> {
    let payload = json!({ "partner_id": new_uuid() });
    let (id, event_id) = (WebhookDeliveryId::new(), new_uuid());
    let delivery =
        NewDelivery { id, endpoint_id, event_id, event_type: kind, event_at: at, is_test: false, payload: &payload };
    sql::delivery_insert(tx.conn(), &delivery, at).await?;
    let (error, body) = match status {
        204 => (None, None),
        410 => (Some("Answered 410.".to_owned()), Some("This hook has moved out.")),
        _ => (Some(format!("Answered {status}.")), Some("upstream unavailable")),
    };
    // What was not taken at once was taken at the second attempt, or never.
    let again = Timestamp(at.0 + Duration::seconds(5));
    let mut number = 0;
    let mut attempt = async |error: Option<&str>, code: u16, body, at, then| {
        number += 1;
        let attempt = Attempt {
            delivery: id,
            number,
            at,
            status_code: Some(i32::from(code)),
            latency_ms: 80 + 37 * number,
            response_body: body,
            error,
        };
        sql::attempt_note(tx.conn(), &attempt, &then, at).await
    };
    match status {
        204 => attempt(None, 204, body, at, AfterAttempt::Delivered).await?,
        410 => attempt(error.as_deref(), 410, body, at, AfterAttempt::GivenUp).await?,
        _ => {
            attempt(error.as_deref(), status, body, at, AfterAttempt::Again(again)).await?;
            attempt(None, 204, None, again, AfterAttempt::Delivered).await?
        }
    };
    Ok(())
}
