//! The log of what was sent.

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::Page;
use crate::webhooks::{
    RedeliverSince, Redelivered, WebhookDelivery, WebhookDeliveryDetail, WebhookDeliveryFilter, WebhookDeliveryId,
    WebhookEndpointId,
};

#[cfg(feature = "ssr")]
use {
    super::{endpoints::active, rules},
    crate::kernel::context::{Db, Reader, Tx},
    crate::webhooks::{
        deliver::{self, Body, Queued},
        sql,
    },
};

/// How many messages one call sends again.
#[cfg(feature = "ssr")]
const MOST: i64 = 500;
/// How long after its time a message that waits counts as forgotten.
#[cfg(feature = "ssr")]
const LOST: time::Duration = time::Duration::hours(1);

/// List webhook messages
///
/// Newest first, kept for 30 days.
#[operation(GET "/webhooks/deliveries", staff = NotificationsManage)]
pub async fn webhook_delivery_list(db: &mut Reader, query: WebhookDeliveryFilter) -> Result<Page<WebhookDelivery>> {
    sql::delivery_list(db, &query).await
}

/// Get a webhook message with its body and attempts
///
/// The body is left out if the caller may not see events of its type.
#[operation(GET "/webhooks/deliveries/{id}", staff = NotificationsManage)]
pub async fn webhook_delivery_get(db: &mut Reader, id: WebhookDeliveryId) -> Result<WebhookDeliveryDetail> {
    let delivery = sql::delivery_find(db.conn(), id).await?;
    let payload = if delivery.is_test || rules::may_see(&db.caller, &delivery.event_type) {
        let data = sql::delivery_payload(db.conn(), id).await?;
        let body = Body { kind: &delivery.event_type, timestamp: delivery.event_at, data: &data };
        serde_json::to_value(body).ok()
    } else {
        None
    };
    let attempts = sql::attempt_list(db.conn(), id).await?;
    Ok(WebhookDeliveryDetail { delivery, payload, attempts })
}

/// Resend a webhook message
///
/// With the same `webhook-id`, so that the receiver can recognise duplicates. Rejected while the message is still
/// waiting to be sent.
#[operation(POST "/webhooks/deliveries/{id}/redeliver", staff = NotificationsManage, status = 202,
    errors(invalid_transition))]
pub async fn webhook_delivery_redeliver(tx: &mut Tx, id: WebhookDeliveryId) -> Result<WebhookDelivery> {
    let endpoint = sql::delivery_find(tx.conn(), id).await?.endpoint_id;
    let endpoint = sql::endpoint_lock(tx.conn(), endpoint).await?;
    let before = sql::delivery_lock(tx.conn(), id).await?;
    active(&endpoint)?;
    let now = tx.now;
    before.status.again(before.next_attempt_at.is_some_and(|at| now.0 - at.0 > LOST))?;
    sql::delivery_requeue(tx.conn(), id, now).await?;
    deliver::queue_in(tx, Queued { endpoint: endpoint.id, delivery: id, attempts: before.attempts });
    let after = sql::delivery_find(tx.conn(), id).await?;
    tx.audit("webhook_delivery.redelivered", &before, &after);
    Ok(after)
}

/// Resend what a webhook endpoint has missed
///
/// All failed messages created at or after `since`, and all events of its types that were published since then but
/// never sent, for example while it was disabled. Events from before the endpoint was created are not sent, and none
/// older than 30 days.
#[operation(POST "/webhooks/endpoints/{id}/redeliver", staff = NotificationsManage, status = 202,
    errors(invalid_transition))]
pub async fn webhook_endpoint_redeliver(
    tx: &mut Tx,
    id: WebhookEndpointId,
    input: RedeliverSince,
) -> Result<Redelivered> {
    let endpoint = sql::endpoint_lock(tx.conn(), id).await?;
    active(&endpoint)?;
    let now = tx.now;
    let again = sql::deliveries_requeue_failed(tx.conn(), id, input.since, now, MOST).await?;
    let room = MOST - i64::try_from(again.len()).unwrap_or(MOST);
    let missed = sql::deliveries_insert_missed(tx.conn(), &endpoint, input.since, now, room).await?;
    let queued = MOST - room + i64::try_from(missed.len()).unwrap_or_default();
    for (delivery, attempts) in again.into_iter().chain(missed.into_iter().map(|delivery| (delivery, 0))) {
        deliver::queue_in(tx, Queued { endpoint: id, delivery, attempts });
    }
    let more = queued == MOST && sql::untaken_since(tx.conn(), &endpoint, input.since).await?;
    tx.audit("webhook_endpoint.redelivered", &endpoint, &endpoint).note("since", input.since).note("queued", queued);
    Ok(Redelivered { queued, more })
}
