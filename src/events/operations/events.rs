//! Events themselves. [004 §2.4]

use operation::{Answer, operation};

use crate::events::{
    DuplicateEvent, Event, EventChoices, EventFilter, EventId, EventPatch, EventSlug, NewEvent, Reschedule,
};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    super::changes,
    crate::events::{
        bus::EventCreated,
        hooks::{self, Step},
        pictures::MakeEventImage,
        rules, sql,
    },
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        csv,
        error::{not_found, same_version},
        page::Paged,
        permissions::Permission::{EventsManage, EventsRead},
    },
    crate::partners,
};

/// List events
///
/// Returns published and live events; use `status` for ended and cancelled ones. Organisers also see their own drafts,
/// and with `mine` only the events they organise.
#[operation(GET "/events", staff = EventsRead, end_user, public, scoped, stale_ok)]
pub async fn event_list(db: &mut Reader, query: EventFilter) -> Result<Page<Event>> {
    sql::event_list(db, &query).await
}

/// List the cities and months with upcoming events
///
/// Counts published and live events that are not over.
#[operation(GET "/events/choices", public, stale_ok)]
pub async fn event_choices(db: &mut Reader) -> Result<EventChoices> {
    let now = db.now;
    sql::event_choices(db.conn(), now).await
}

/// Export events as CSV
///
/// Every event of the filter, in its order; `columns` says which columns, all if absent. Pages do not matter here.
#[operation(GET "/events/export", staff = EventsRead, scoped, stale_ok, answer = Csv)]
pub async fn event_export(cx: &RequestContext, query: EventFilter, columns: Option<Vec<String>>) -> Result<Answer> {
    csv::answer(cx, "events", columns, move |db: &mut Reader, cursor| {
        let filter = query.exported(cursor);
        Box::pin(async move { sql::event_list(db, &filter).await })
    })
    .await
}

/// Get an event
#[operation(GET "/events/{id}", staff = EventsRead, end_user, public, scoped)]
pub async fn event_get(db: &mut Reader, id: EventId) -> Result<Event> {
    rules::find(db, id).await
}

/// Get an event by the slug in its public address
#[operation(GET "/events/by-slug/{slug}", staff = EventsRead, end_user, public, scoped)]
pub async fn event_by_slug(db: &mut Reader, slug: EventSlug) -> Result<Event> {
    let audience = rules::audience(db, EventsRead);
    sql::event_by_slug(db.conn(), &audience, slug.as_str()).await?.ok_or_else(not_found)
}

/// Create an event
///
/// The event is a draft until it is published. An end user becomes its host. Team members choose the partner or end
/// user who organises it; a partner's own contacts create events for their partner.
#[operation(POST "/events", staff = EventsManage, end_user, status = 201, scoped, idempotent,
    errors(unknown_reference, too_many_drafts, partner_suspended))]
pub async fn event_create(tx: &mut Tx, input: NewEvent) -> Result<Event> {
    let event = changes::new_event(tx, input).await?;
    sql::event_insert(tx.conn(), &event, None).await?;
    let event = changes::as_it_stands(tx, event.id).await?;
    tx.audit_created("event.created", &event);
    tx.emit(&EventCreated { event_id: event.id });
    Ok(event)
}

/// Update an event
///
/// If a published event changes its time or venue, guests are notified and asked to cancel within a week, or before the
/// start, if they cannot attend. The capacity cannot be lower than the seats already taken.
#[operation(PATCH "/events/{id}", staff = EventsManage, end_user, scoped,
    errors(invalid_transition, conflict, capacity_below_taken, venue_taken, unknown_reference))]
pub async fn event_update(tx: &mut Tx, id: EventId, input: EventPatch) -> Result<Event> {
    let before = rules::lock(tx, id, EventsManage).await?;
    same_version(input.version, before.version, &before)?;
    let wanted = changes::patched(tx, &before, input).await?;
    changes::save(tx, "event.updated", before, wanted).await
}

/// Reschedule an event
///
/// Sets a new time and, optionally, a new venue. Guests of a published event are notified and asked to cancel within a
/// week, or before the start, if they cannot attend. Ticket sales move with the event: they end as long before it as
/// they did.
#[operation(POST "/events/{id}/reschedule", staff = EventsManage, end_user, scoped,
    errors(invalid_transition, conflict, capacity_below_taken, venue_taken, unknown_reference))]
pub async fn event_reschedule(tx: &mut Tx, id: EventId, input: Reschedule) -> Result<Event> {
    let before = rules::lock(tx, id, EventsManage).await?;
    same_version(input.version, before.version, &before)?;
    let patch = EventPatch {
        start_at: Some(input.start_at),
        end_at: Some(input.end_at),
        venue_id: input.venue_id,
        venue_text: input.venue_text,
        city: input.city,
        version: input.version,
        ..EventPatch::default()
    };
    let wanted = changes::patched(tx, &before, patch).await?;
    changes::save(tx, "event.rescheduled", before, wanted).await
}

/// Duplicate an event
///
/// Creates a draft with the same venue, organisers, images, interests, questions and ticket types, without guests or
/// suspended partners. Needs permission to create events for the organiser. If the caller cannot choose the venue, its
/// address is copied instead.
#[operation(POST "/events/{id}/duplicate", staff = EventsManage, end_user, status = 201, scoped, idempotent,
    errors(unknown_reference, too_many_drafts, partner_suspended))]
pub async fn event_duplicate(tx: &mut Tx, id: EventId, input: DuplicateEvent) -> Result<Event> {
    let original = rules::lock(tx, id, EventsManage).await?;
    let copy = changes::duplicate(tx, &original, input).await?;
    let (new_id, now) = (copy.id, tx.now);
    sql::event_insert(tx.conn(), &copy, Some(id)).await?;
    for image in sql::images_copy(tx.conn(), id, new_id, now).await? {
        tx.enqueue(&MakeEventImage { image });
    }
    sql::questions_copy(tx.conn(), id, new_id).await?;
    for co_host in sql::co_host_list(tx.conn(), id).await? {
        if let Some(partner) = co_host.partner_id
            && partners::is_suspended(tx.conn(), partner).await?
        {
            continue;
        }
        let co_host = crate::events::CoHost { id: crate::events::CoHostId::new(), event_id: new_id, ..co_host };
        sql::co_host_insert(tx.conn(), &co_host).await?;
    }
    hooks::follow(tx, Step::Duplicated, &original, &copy).await?;
    let event = changes::as_it_stands(tx, new_id).await?;
    tx.audit_created("event.created", &event).note("duplicated_from", id);
    tx.emit(&EventCreated { event_id: new_id });
    Ok(event)
}
