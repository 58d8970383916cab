//! What is told while an event goes on.

use operation::operation;

use crate::events::EventId;
use crate::gate::{LiveUpdate, LiveUpdateId, NewUpdate, UpdateFilter, UpdatePatch};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::events::rules::{Viewer, audience, find},
    crate::gate::bus::{AuditedUpdate, UpdateChanged},
    crate::gate::sql::{self, Author, Which},
    crate::gate::{UpdateAudience, reach},
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{forbidden, invalid_input},
        page::Paging,
        permissions::Permission::{LivePost, LiveRead},
    },
};

/// What guests read, and what stays on top, is for supervisors: a phone of theirs, or who may manage the event's tickets.
#[cfg(feature = "ssr")]
async fn must_supervise(tx: &mut Tx, event: EventId) -> Result<()> {
    match reach::supervises(tx, event.0).await {
        true => Ok(()),
        false => Err(forbidden().detail("Only a supervisor can post to guests or pin an update.")),
    }
}

/// Post a live update
///
/// Shown to the team of the event. Supervisors can also post to guests, on the event's public page, and pin an update.
#[operation(POST "/live/updates", staff = LivePost, device, status = 201, scoped, idempotent)]
pub async fn live_update_post(tx: &mut Tx, input: NewUpdate) -> Result<LiveUpdate> {
    let own = tx.caller.device().map(|device| device.event);
    let event = input.event_id.or(own).map(EventId);
    let event = event.ok_or_else(|| invalid_input().field("event_id", "is required"))?;
    reach::run(tx, event, LivePost).await?;
    if input.audience == UpdateAudience::Guests || input.pinned {
        must_supervise(tx, event).await?;
    }
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
    // Whoever is nobody in particular runs nothing: whether the event is there to be seen is all that is to be asked.
    if db.caller.device().is_none() && matches!(audience(db, LiveRead), Viewer::Anyone) {
        return find(db, event).await.map(|_| true);
    }
    match reach::run(db, event, LiveRead).await {
        Ok(_) => Ok(false),
        Err(error) if error.status() == 403 => Ok(true),
        Err(_) => find(db, event).await.map(|_| true),
    }
}

/// List the live updates of an event
///
/// Newest first, pinned ones on top. With `after`, everything posted or changed since then, in order. People outside
/// the event's team see the updates for guests only. For new updates, subscribe to
/// `/bus/stream?types=live.update_changed`, which resumes after a disconnect.
#[operation(GET "/live/updates/{event_id}", staff = LiveRead, device, end_user, public, scoped)]
pub async fn live_update_list(db: &mut Reader, event_id: EventId, query: UpdateFilter) -> Result<Page<LiveUpdate>> {
    let guests = sees_guests_alone(db, event_id).await?;
    let which = query.after.map_or(Which::Newest, Which::After);
    // The first page needs no more than one row beside its own; a later one starts where its cursor says.
    let most = query.cursor.is_none().then(|| query.limit.unwrap_or_default().rows() as i64 + 1);
    let rows = sql::update_list(db.conn(), event_id, &which, guests, most).await?;
    let paging = Paging { cursor: query.cursor, limit: query.limit };
    paging.cut(db, "live_updates", (event_id, query.after, guests), rows, |update| update.id)
}

/// Pin or unpin a live update
#[operation(PATCH "/live/updates/{event_id}/{id}", staff = LivePost, scoped)]
pub async fn live_update_pin(
    tx: &mut Tx,
    event_id: EventId,
    id: LiveUpdateId,
    input: UpdatePatch,
) -> Result<LiveUpdate> {
    reach::run(tx, event_id, LivePost).await?;
    must_supervise(tx, event_id).await?;
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
/// It disappears from every connected page and phone.
#[operation(DELETE "/live/updates/{event_id}/{id}", staff = LivePost, scoped)]
pub async fn live_update_remove(tx: &mut Tx, event_id: EventId, id: LiveUpdateId) -> Result<()> {
    reach::run(tx, event_id, LivePost).await?;
    sql::feed_lock(tx.conn(), event_id).await?;
    let before = sql::update_find(tx.conn(), event_id, id).await?;
    if before.audience == UpdateAudience::Guests || before.pinned {
        must_supervise(tx, event_id).await?;
    }
    let removed = (tx.now, tx.caller.person());
    sql::update_change(tx.conn(), id, None, Some(removed)).await?;
    tx.audit_deleted("live_update.removed", &AuditedUpdate(before));
    tx.emit(&UpdateChanged { event_id, update_id: id });
    Ok(())
}
