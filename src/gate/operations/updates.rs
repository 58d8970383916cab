//! What is told while an event goes on.

use operation::operation;

use crate::events::EventId;
use crate::gate::{LiveUpdate, LiveUpdateId, NewUpdate, UpdateFilter, UpdatePatch};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::events::rules::find,
    crate::gate::bus::{AuditedUpdate, UpdateChanged},
    crate::gate::reach,
    crate::gate::sql::{self, Author, Which},
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::invalid_input,
        permissions::Permission::{LivePost, LiveRead},
    },
};

/// Post a live update
///
/// For those who work at the event, or for its guests too: then it stands on the public page.
#[operation(POST "/live/updates", staff = LivePost, device, status = 201, scoped, idempotent)]
pub async fn live_update_post(tx: &mut Tx, input: NewUpdate) -> Result<LiveUpdate> {
    let own = tx.caller.device().map(|device| device.event);
    let event = input.event_id.or(own).map(EventId);
    let event = event.ok_or_else(|| invalid_input().field("event_id", "is required"))?;
    reach::run(tx, event, LivePost).await?;
    let device = tx.caller.device();
    let author = Author {
        staff: tx.caller.person(),
        device: device.map(|device| device.id.0),
        gate: device.map(|device| device.gate),
        name: device.map(|device| device.name.clone()),
    };
    let (id, now) = (LiveUpdateId::new(), tx.now);
    sql::feed_lock(tx.conn(), event).await?;
    sql::update_insert(tx.conn(), id, event, &input, &author, now).await?;
    let update = sql::update_find(tx.conn(), event, id).await?;
    tx.audit_created("live_update.posted", &AuditedUpdate(update.clone()));
    tx.emit(&UpdateChanged { event_id: event, update_id: id });
    Ok(update)
}

/// Whether the caller sees everything of an event's feed, or what is for guests.
#[cfg(feature = "ssr")]
async fn sees_guests_alone(db: &mut Reader, event: EventId) -> Result<bool> {
    match reach::run(db, event, LiveRead).await {
        Ok(_) => Ok(false),
        Err(error) if error.status() == 403 => Ok(true),
        Err(_) => find(db, event).await.map(|_| true),
    }
}

/// The live updates of an event
///
/// The latest, pinned ones first; with `after` all that came or changed since, in order. Whoever does not work there sees
/// those for guests. That there is something new is an event of the bus: `/bus/stream?types=live.update_changed`, which
/// resumes where it was cut.
#[operation(GET "/live/updates/{event_id}", staff = LiveRead, device, end_user, public, scoped)]
pub async fn live_update_list(db: &mut Reader, event_id: EventId, query: UpdateFilter) -> Result<Page<LiveUpdate>> {
    let guests = sees_guests_alone(db, event_id).await?;
    let which = query.after.map_or(Which::Newest, Which::After);
    let limit = query.limit.map_or(50, |limit| i64::from(u32::from(limit)));
    Ok(sql::update_list(db.conn(), event_id, &which, guests, limit).await?.into())
}

/// Pin a live update, or let it go
#[operation(PATCH "/live/updates/{event_id}/{id}", staff = LivePost, scoped)]
pub async fn live_update_pin(
    tx: &mut Tx,
    event_id: EventId,
    id: LiveUpdateId,
    input: UpdatePatch,
) -> Result<LiveUpdate> {
    reach::run(tx, event_id, LivePost).await?;
    sql::feed_lock(tx.conn(), event_id).await?;
    let before = sql::update_find(tx.conn(), event_id, id).await?;
    sql::update_change(tx.conn(), id, input.pinned, None).await?;
    let after = sql::update_find(tx.conn(), event_id, id).await?;
    tx.audit("live_update.pinned", &AuditedUpdate(before), &AuditedUpdate(after.clone()));
    tx.emit(&UpdateChanged { event_id, update_id: id });
    Ok(after)
}

/// Remove a live update
///
/// It is gone from every page and phone that is connected.
#[operation(DELETE "/live/updates/{event_id}/{id}", staff = LivePost, scoped)]
pub async fn live_update_remove(tx: &mut Tx, event_id: EventId, id: LiveUpdateId) -> Result<()> {
    reach::run(tx, event_id, LivePost).await?;
    sql::feed_lock(tx.conn(), event_id).await?;
    let before = sql::update_find(tx.conn(), event_id, id).await?;
    let removed = (tx.now, tx.caller.person());
    sql::update_change(tx.conn(), id, None, Some(removed)).await?;
    tx.audit_deleted("live_update.removed", &AuditedUpdate(before));
    tx.emit(&UpdateChanged { event_id, update_id: id });
    Ok(())
}
