//! An event at a glance, for those who run it.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::tickets::EventSummary;

#[cfg(feature = "ssr")]
use {
    crate::events::{
        EventStatus,
        rules::{find_run, venue_holder},
    },
    crate::kernel::{
        context::{Db, Reader},
        permissions::Permission::EventsRead,
    },
    crate::tickets::{secrets, sql},
};

/// Get a summary of an event's bookings
///
/// Seats, ticket types, sources and days in numbers, what is waiting for an answer, and the public page with its QR
/// code. Contains no names.
#[operation(GET "/events/{id}/summary", staff = EventsRead, end_user, scoped)]
pub async fn event_summary(db: &mut Reader, id: EventId) -> Result<EventSummary> {
    let event = find_run(db, id, EventsRead).await?;
    let now = db.now;
    let figures = sql::event_figures(db.conn(), id, now).await?;
    let venue_holder = match event.status {
        EventStatus::Draft => venue_holder(db.conn(), &event).await?,
        _ => None,
    };
    let public = event.status != EventStatus::Draft && !event.is_discarded();
    let public_url = public.then(|| format!("{}/e/{}", db.app().config.base_url(), event.slug));
    let qr = public_url.as_deref().map(secrets::drawn).transpose()?;
    Ok(EventSummary {
        event_id: id,
        as_of: now,
        capacity: event.capacity,
        booked: event.going_count,
        held: figures.held,
        free: (event.capacity - event.going_count - figures.held).max(0),
        guests: figures.guests,
        checked_in: figures.checked_in,
        came_in: figures.came_in,
        gone: figures.gone,
        gone_seats: figures.gone_seats,
        requests: figures.requests,
        requested_seats: figures.requested_seats,
        waiting: figures.waiting,
        offer_minutes: db.app().config.offer_minutes,
        last_week: figures.last_week,
        week_before: figures.week_before,
        income: sql::event_income(db.conn(), id).await?,
        types: sql::type_sales(db.conn(), id, now).await?,
        sources: sql::seats_by_source(db.conn(), id).await?,
        days: sql::seats_by_day(db.conn(), id).await?,
        venue_capacity: figures.venue_capacity,
        venue_holder,
        public_url,
        qr,
    })
}
