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

/// List the types of events that endpoints can be told of
///
/// One page: they are part of the software.
#[operation(GET "/webhooks/event-types", staff = NotificationsManage)]
pub async fn webhook_event_types(_db: &mut Reader) -> Result<Page<WebhookEventType>> {
    let one = |event: &EventType| WebhookEventType {
        kind: event.kind.to_owned(),
        description: event.description.trim().to_owned(),
        permission: audience(event.kind),
    };
    Ok(EventType::all().into_iter().map(one).collect::<Vec<_>>().into())
}

/// List webhook endpoints, newest first
#[operation(GET "/webhooks/endpoints", staff = NotificationsManage)]
pub async fn webhook_endpoint_list(db: &mut Reader, query: WebhookEndpointFilter) -> Result<Page<WebhookEndpoint>> {
    sql::endpoint_list(db, &query).await
}

/// One webhook endpoint
#[operation(GET "/webhooks/endpoints/{id}", staff = NotificationsManage)]
pub async fn webhook_endpoint_get(db: &mut Reader, id: WebhookEndpointId) -> Result<WebhookEndpoint> {
    sql::endpoint_find(db.conn(), id).await
}

/// Create a webhook endpoint
///
/// The secret is in this answer and nowhere else. Messages follow the Standard Webhooks specification:
/// `webhook-id` (the same at every attempt), `webhook-timestamp` and `webhook-signature`. They may come more than
/// once, and not in order. An endpoint is told no more than the caller may see, and its address must lie on the
/// public internet.
#[operation(POST "/webhooks/endpoints", staff = NotificationsManage, status = 201, secret_answer)]
pub async fn webhook_endpoint_create(tx: &mut Tx, input: NewWebhookEndpoint) -> Result<WebhookEndpointSecret> {
    let event_types: Vec<String> = input.event_types.into_iter().map(String::from).collect();
    rules::may_call(tx, input.url.as_str())?;
    rules::may_subscribe(tx, &event_types)?;
    let (id, secret, now, created_by) = (WebhookEndpointId::new(), Secret::new(), tx.now, tx.actor());
    let sealed = secret.seal(&tx.app().keys, id)?;
    let description = input.description.map(String::from).unwrap_or_default();
    let (url, description, event_types) = (input.url.as_str(), &*description, &*event_types);
    let endpoint = NewEndpoint { id, url, description, event_types, secret: &sealed, created_by };
    sql::endpoint_insert(tx.conn(), &endpoint, now).await?;
    let endpoint = sql::endpoint_find(tx.conn(), id).await?;
    tx.audit_created("webhook_endpoint.created", &endpoint);
    tx.emit(&EndpointCreated { endpoint_id: id });
    Ok(WebhookEndpointSecret { endpoint, secret: secret.shown() })
}

/// Change a webhook endpoint's address, description or event types
///
/// Messages that wait already go to the new address.
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
    if wanted.url != before.url || wanted.event_types != before.event_types {
        rules::may_subscribe(tx, &wanted.event_types)?;
    }
    sql::endpoint_update(tx.conn(), &wanted).await?;
    let after = sql::endpoint_find(tx.conn(), id).await?;
    tx.audit("webhook_endpoint.updated", &before, &after);
    tx.emit(&EndpointChanged { endpoint_id: id });
    Ok(after)
}

/// Give a webhook endpoint a new secret
///
/// The secret is in this answer and nowhere else. For 24 hours messages are signed with the secret before as well;
/// after several rotations with each that was replaced less than 24 hours ago.
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
/// Nothing is sent to a disabled endpoint, and messages that wait are given up. Once it is enabled, `redeliver` sends
/// what failed and what happened meanwhile.
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
    sql::endpoint_set_status(tx.conn(), id, status, kept, now).await?;
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

/// Delete a webhook endpoint with its log
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
/// Its type is `webhook.test`. It is tried again like any other, and stands in the log.
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
