//! Where messages go.

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::Page;
use crate::webhooks::{
    NewWebhookEndpoint, WebhookDelivery, WebhookEndpoint, WebhookEndpointFilter, WebhookEndpointId,
    WebhookEndpointPatch, WebhookEndpointSecret, WebhookEventType, WebhookStatusChange,
};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::bus::audience,
    crate::kernel::{
        clock::new_uuid,
        context::{Db, Reader, Tx},
        error::{invalid_transition, same_version},
        outbox::EventType,
        timestamp::Timestamp,
    },
    crate::webhooks::{
        EndpointStatus, TEST_EVENT, WebhookDeliveryId,
        deliver::{self, Queued},
        events::{EndpointChanged, EndpointCreated, EndpointDeleted, EndpointDisabled, EndpointEnabled},
        signing::Secret,
        sql::{self, NewDelivery, NewEndpoint},
    },
    serde_json::json,
    time::Duration,
};

/// How long the secret before a rotation goes on signing.
#[cfg(feature = "ssr")]
const OLD_SECRET: Duration = Duration::hours(24);

/// List the event types that endpoints can receive
///
/// All in one page.
#[operation(GET "/webhooks/event-types", staff = NotificationsManage)]
pub async fn webhook_event_types(_db: &mut Reader) -> Result<Page<WebhookEventType>> {
    let one = |event: &EventType| WebhookEventType {
        kind: event.kind.to_owned(),
        description: event.description.trim().to_owned(),
        permission: audience(event.kind),
    };
    Ok(EventType::all().into_iter().map(one).collect::<Vec<_>>().into())
}

/// List webhook endpoints
///
/// Newest first.
#[operation(GET "/webhooks/endpoints", staff = NotificationsManage)]
pub async fn webhook_endpoint_list(db: &mut Reader, query: WebhookEndpointFilter) -> Result<Page<WebhookEndpoint>> {
    sql::endpoint_list(db, &query).await
}

/// Get a webhook endpoint
#[operation(GET "/webhooks/endpoints/{id}", staff = NotificationsManage)]
pub async fn webhook_endpoint_get(db: &mut Reader, id: WebhookEndpointId) -> Result<WebhookEndpoint> {
    sql::endpoint_find(db.conn(), id).await
}

/// Create a webhook endpoint
///
/// The secret is returned only once. Messages follow the Standard Webhooks specification: `webhook-id` (the same for
/// every attempt), `webhook-timestamp` and `webhook-signature`. They may arrive more than once and out of order. An
/// endpoint receives only events its owner may see, now and later, and its URL must be on the public internet. It is
/// disabled if its owner can no longer manage webhooks; the person who enables it again becomes the owner.
#[operation(POST "/webhooks/endpoints", staff = NotificationsManage, status = 201, secret_answer)]
pub async fn webhook_endpoint_create(tx: &mut Tx, input: NewWebhookEndpoint) -> Result<WebhookEndpointSecret> {
    let event_types: Vec<String> = input.event_types.into_iter().map(String::from).collect();
    rules::may_call(tx, input.url.as_str())?;
    rules::may_subscribe(tx, &event_types)?;
    let (id, secret, now, created_by) = (WebhookEndpointId::new(), Secret::new(), tx.now, tx.actor());
    let kept_by = tx.caller.person();
    let sealed = secret.seal(&tx.app().keys, id)?;
    let description = input.description.map(String::from).unwrap_or_default();
    let (url, description, event_types) = (input.url.as_str(), &*description, &*event_types);
    let endpoint = NewEndpoint { id, url, description, event_types, secret: &sealed, created_by, kept_by };
    sql::endpoint_insert(tx.conn(), &endpoint, now).await?;
    let endpoint = sql::endpoint_find(tx.conn(), id).await?;
    tx.audit_created("webhook_endpoint.created", &endpoint);
    tx.emit(&EndpointCreated { endpoint_id: id });
    Ok(WebhookEndpointSecret { endpoint, secret: secret.shown() })
}

/// Update a webhook endpoint's URL, description or event types
///
/// Messages already waiting are sent to the new URL.
#[operation(PATCH "/webhooks/endpoints/{id}", staff = NotificationsManage, errors(conflict))]
pub async fn webhook_endpoint_update(
    tx: &mut Tx,
    id: WebhookEndpointId,
    input: WebhookEndpointPatch,
) -> Result<WebhookEndpoint> {
    let before = sql::endpoint_lock(tx.conn(), id).await?;
    same_version(input.version, before.version, &before)?;
    let mut wanted = before.clone();
    wanted.url = input.url.map_or(wanted.url, String::from);
    wanted.description = input.description.map_or(wanted.description, String::from);
    if let Some(types) = input.event_types {
        wanted.event_types = types.into_iter().map(String::from).collect();
    }
    if wanted.url != before.url {
        rules::may_call(tx, &wanted.url)?;
    }
    // A new address hears all that the old one was told, so it takes the same permissions.
    let tells_anew = wanted.url != before.url || wanted.event_types != before.event_types;
    if tells_anew {
        rules::may_subscribe(tx, &wanted.event_types)?;
    }
    let keeper = tx.caller.person().filter(|_| tells_anew);
    sql::endpoint_update(tx.conn(), &wanted, keeper).await?;
    let after = sql::endpoint_find(tx.conn(), id).await?;
    tx.audit("webhook_endpoint.updated", &before, &after);
    tx.emit(&EndpointChanged { endpoint_id: id });
    Ok(after)
}

/// Rotate a webhook endpoint's secret
///
/// The new secret is returned only once. For 24 hours, messages are signed with the previous secret as well; after
/// several rotations, with each secret replaced within the last 24 hours.
#[operation(POST "/webhooks/endpoints/{id}/rotate-secret", staff = NotificationsManage, secret_answer)]
pub async fn webhook_endpoint_rotate_secret(tx: &mut Tx, id: WebhookEndpointId) -> Result<WebhookEndpointSecret> {
    let before = sql::endpoint_lock(tx.conn(), id).await?;
    let (secret, now) = (Secret::new(), tx.now);
    let sealed = secret.seal(&tx.app().keys, id)?;
    sql::endpoint_rotate(tx.conn(), id, &sealed, Timestamp(now.0 + OLD_SECRET), now).await?;
    let endpoint = sql::endpoint_find(tx.conn(), id).await?;
    tx.audit("webhook_endpoint.secret_rotated", &before, &endpoint);
    tx.emit(&EndpointChanged { endpoint_id: id });
    Ok(WebhookEndpointSecret { endpoint, secret: secret.shown() })
}

/// Enable or disable a webhook endpoint
///
/// A disabled endpoint receives nothing, and waiting messages fail. After enabling it, use `redeliver` to send what it
/// has missed.
#[operation(PATCH "/webhooks/endpoints/{id}/status", staff = NotificationsManage, errors(conflict, invalid_transition))]
pub async fn webhook_endpoint_set_status(
    tx: &mut Tx,
    id: WebhookEndpointId,
    input: WebhookStatusChange,
) -> Result<WebhookEndpoint> {
    let before = sql::endpoint_lock(tx.conn(), id).await?;
    same_version(input.version.unwrap_or(before.version), before.version, &before)?;
    let (status, now) = (before.status.next(input.status)?, tx.now);
    let reason = input.reason.map_or_else(|| "By hand.".to_owned(), String::from);
    let kept = (status == EndpointStatus::Disabled).then_some(&*reason);
    let by = tx.caller.person();
    sql::endpoint_set_status(tx.conn(), id, status, kept, by, now).await?;
    let after = sql::endpoint_find(tx.conn(), id).await?;
    let entry = tx.audit("webhook_endpoint.status_changed", &before, &after);
    if status == EndpointStatus::Disabled {
        entry.reason(&*reason);
        tx.emit(&EndpointDisabled { endpoint_id: id, reason });
    } else {
        tx.emit(&EndpointEnabled { endpoint_id: id });
    }
    Ok(after)
}

/// Delete a webhook endpoint and its log
#[operation(DELETE "/webhooks/endpoints/{id}", staff = NotificationsManage)]
pub async fn webhook_endpoint_delete(tx: &mut Tx, id: WebhookEndpointId) -> Result<()> {
    let before = sql::endpoint_lock(tx.conn(), id).await?;
    let now = tx.now;
    sql::endpoint_delete(tx.conn(), id, now).await?;
    tx.audit_deleted("webhook_endpoint.deleted", &before);
    tx.emit(&EndpointDeleted { endpoint_id: id });
    Ok(())
}

/// Send a test message to a webhook endpoint
///
/// Its type is `webhook.test`. It is retried like any other message and appears in the log.
#[operation(POST "/webhooks/endpoints/{id}/test", staff = NotificationsManage, status = 202,
    errors(invalid_transition))]
pub async fn webhook_endpoint_test(tx: &mut Tx, id: WebhookEndpointId) -> Result<WebhookDelivery> {
    let endpoint = sql::endpoint_lock(tx.conn(), id).await?;
    active(&endpoint)?;
    let (delivery_id, now) = (WebhookDeliveryId::new(), tx.now);
    let payload = json!({ "endpoint_id": id, "message": "This is a test. Nothing has happened." });
    let delivery = NewDelivery {
        id: delivery_id,
        endpoint_id: id,
        event_id: new_uuid(),
        event_type: TEST_EVENT,
        event_at: now,
        is_test: true,
        payload: &payload,
    };
    sql::delivery_insert(tx.conn(), &delivery, now).await?;
    deliver::queue_in(tx, Queued { endpoint: id, delivery: delivery_id, attempts: 0 });
    let delivery = sql::delivery_find(tx.conn(), delivery_id).await?;
    tx.audit_created("webhook_endpoint.tested", &delivery);
    Ok(delivery)
}

/// Nothing is sent to a disabled endpoint.
#[cfg(feature = "ssr")]
pub(super) fn active(endpoint: &WebhookEndpoint) -> Result<()> {
    match endpoint.status {
        EndpointStatus::Active => Ok(()),
        EndpointStatus::Disabled => Err(invalid_transition().detail("The endpoint is disabled: enable it first.")),
    }
}
