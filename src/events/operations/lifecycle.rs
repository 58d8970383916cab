//! The life of an event: draft, published, live, ended; or cancelled.

use operation::operation;

use crate::events::{CancelEvent, Event, EventId};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};

#[cfg(feature = "ssr")]
use {
    super::changes,
    crate::events::{
        EventStatus,
        bus::EventStepped,
        hooks::{self, Step},
        rules, sql,
    },
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{invalid_input, invalid_transition},
        permissions::Permission::EventsPublish,
    },
    crate::partners,
};

/// List events that are live now
///
/// The most recently started first.
#[operation(GET "/events/live", staff = EventsRead, end_user, public, scoped)]
pub async fn event_live_list(db: &mut Reader, query: Paging) -> Result<Page<Event>> {
    sql::event_live_list(db, &query).await
}

/// Publish an event
///
/// Everyone can then see it and book. The venue must be free at that time, and the organiser cannot be a suspended
/// partner. An event without ticket types gets a free one.
#[operation(POST "/events/{id}/publish", staff = EventsPublish, end_user, scoped,
    errors(invalid_transition, venue_taken, partner_suspended))]
pub async fn event_publish(tx: &mut Tx, id: EventId) -> Result<Event> {
    let before = rules::lock(tx, id, EventsPublish).await?;
    if let Some(partner) = before.organizer_partner_id {
        partners::must_not_be_suspended(tx.conn(), partner, "A suspended partner cannot publish events.").await?;
    }
    before.status.next(EventStatus::Published)?;
    if before.start_at <= tx.now {
        return Err(invalid_input().field("start_at", "must be in the future"));
    }
    if before.venue_id.is_none() && before.venue_text.is_none() {
        return Err(invalid_input().field("venue_id", "choose a venue or enter an address first"));
    }
    changes::must_be_free(tx, &before).await?;
    transition(tx, "event.published", &before, EventStatus::Published, None).await
}

/// Start an event
///
/// Events also start by themselves at their start time. Not possible more than a day before.
#[operation(POST "/events/{id}/start", staff = EventsManage, end_user, scoped, errors(invalid_transition))]
pub async fn event_start(tx: &mut Tx, id: EventId) -> Result<Event> {
    let before = rules::lock(tx, id, crate::kernel::permissions::Permission::EventsManage).await?;
    before.status.next(EventStatus::Live)?;
    if before.start_at.0 - tx.now.0 > time::Duration::DAY {
        return Err(invalid_transition().detail("It starts in more than a day: change its start time first."));
    }
    transition(tx, "event.started", &before, EventStatus::Live, None).await
}

/// End an event
///
/// Events also end by themselves at their end time.
#[operation(POST "/events/{id}/end", staff = EventsManage, end_user, scoped, errors(invalid_transition))]
pub async fn event_end(tx: &mut Tx, id: EventId) -> Result<Event> {
    let before = rules::lock(tx, id, crate::kernel::permissions::Permission::EventsManage).await?;
    transition(tx, "event.ended", &before, EventStatus::Ended, None).await
}

/// Cancel an event
///
/// Frees the venue, voids all tickets and notifies the guests of the reason.
#[operation(POST "/events/{id}/cancel", staff = EventsPublish, end_user, scoped, errors(invalid_transition))]
pub async fn event_cancel(tx: &mut Tx, id: EventId, input: CancelEvent) -> Result<Event> {
    let before = rules::lock(tx, id, EventsPublish).await?;
    transition(tx, "event.cancelled", &before, EventStatus::Cancelled, Some(input.reason.as_str())).await
}

/// Takes a step, with all that follows from it.
#[cfg(feature = "ssr")]
pub(crate) async fn transition(
    tx: &mut Tx,
    action: &'static str,
    before: &Event,
    to: EventStatus,
    reason: Option<&str>,
) -> Result<Event> {
    before.status.next(to)?;
    let now = tx.now;
    sql::event_set_status(tx.conn(), before.id, to, reason, now).await?;
    let after = changes::as_it_stands(tx, before.id).await?;
    let followed = match to {
        EventStatus::Published => Some(Step::Published),
        EventStatus::Ended => Some(Step::Ended),
        EventStatus::Cancelled => Some(Step::Cancelled),
        EventStatus::Draft | EventStatus::Live => None,
    };
    if let Some(followed) = followed {
        hooks::follow(tx, followed, before, &after).await?;
    }
    let after = changes::as_it_stands(tx, before.id).await?;
    let entry = tx.audit(action, before, &after);
    if let Some(reason) = reason {
        entry.reason(reason);
    }
    tx.emit(&EventStepped { event_id: before.id, status: to });
    Ok(after)
}
