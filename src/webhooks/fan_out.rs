//! From the bus to the endpoints: each event becomes one message to each that wants it.

use std::sync::Arc;

use futures::future::BoxFuture;
use sqlx::PgConnection;

use super::WebhookDeliveryId;
use super::deliver::{self, Queued};
use super::giving_up;
use super::sql::{self, NewDelivery};
use crate::bus::consumers::{Consumer, EVERY};
use crate::bus::{Published, audience};
use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::permissions::Permission;

inventory::submit!(Consumer { name: "webhooks.fan_out", types: EVERY, handle });

fn handle<'a>(app: &'a Arc<App>, db: &'a mut PgConnection, event: &'a Published) -> BoxFuture<'a, Result<()>> {
    Box::pin(fan_out(app, db, event))
}

async fn fan_out(app: &App, db: &mut PgConnection, event: &Published) -> Result<()> {
    let (now, request_id) = (app.clock.now(), format!("event-{}", event.seq));
    // Whoever lost the right to manage webhooks is told nothing from that very event on.
    for endpoint_id in sql::endpoints_without_ground(db, Permission::NotificationsManage).await? {
        giving_up::disable(db, app, &request_id, endpoint_id, giving_up::NO_GROUND).await?;
    }
    for endpoint_id in sql::endpoints_for(db, &event.kind, audience(&event.kind)).await? {
        let delivery = NewDelivery {
            id: WebhookDeliveryId::new(),
            endpoint_id,
            event_id: event.id,
            event_type: &event.kind,
            event_at: event.at,
            is_test: false,
            payload: &event.payload,
        };
        if sql::delivery_insert(db, &delivery, now).await? {
            deliver::queue(
                db,
                &request_id,
                Queued { endpoint: endpoint_id, delivery: delivery.id, attempts: 0 },
                now,
                now,
            )
            .await?;
        }
    }
    Ok(())
}
