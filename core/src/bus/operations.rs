//! The operations of the bus.

use operation::{Answer, operation};

use super::{
    BusTransport, ConsumerRow, DeadLetter, DeadLetterId, EventFilter, Published, StreamQuery, TakenEvent, ToldEvent,
};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};

#[cfg(feature = "ssr")]
use super::{TransportKind, inbound, nats, sql, stream};
#[cfg(feature = "ssr")]
use crate::kernel::context::{Db, Reader, RequestContext, Tx};

/// List published events
///
/// Newest first. With `after`, everything after that sequence is returned, oldest first. Events are kept for 30 days.
/// Events that need another permission than `bus.read` are returned only to callers who have it, as in the stream.
#[operation(GET "/bus/events", staff = BusRead)]
pub async fn bus_event_list(db: &mut Reader, query: EventFilter) -> Result<Page<Published>> {
    sql::event_list(db, &query).await
}

/// Publish an event from another system
///
/// The AsyncAPI document lists the accepted types, their payloads, and the permission each needs in addition to
/// `bus.read`. Sending the same `id` again has no effect, so retry until you get an answer.
#[operation(POST "/bus/events", staff = BusRead, audit = none("what it brings about is audited as that"),
    errors(invalid_transition, period_closed, event_mismatch))]
pub async fn bus_event_take(tx: &mut Tx, input: ToldEvent) -> Result<TakenEvent> {
    Ok(TakenEvent { taken: inbound::take(tx, input).await? })
}

/// List the consumers of the event bus with their progress
///
/// All in one page.
#[operation(GET "/bus/consumers", staff = BusRead)]
pub async fn bus_consumer_list(db: &mut Reader) -> Result<Page<ConsumerRow>> {
    let mut rows = sql::consumer_list(db.conn()).await?;
    rows.retain(|row| row.name != nats::forward::NAME);
    Ok(rows.into())
}

/// Get the status of the event bus transport
///
/// Events are published by PostgreSQL, and forwarded to NATS JetStream where a server is configured.
#[operation(GET "/bus/transport", staff = BusRead)]
pub async fn bus_transport_get(db: &mut Reader) -> Result<BusTransport> {
    let waiting = sql::unpublished(db.conn()).await?;
    let app = db.app().clone();
    let Some(nats) = &app.component::<nats::Broker>().0 else {
        return Ok(BusTransport { kind: TransportKind::Postgres, waiting, servers: Vec::new(), forwarded: None });
    };
    let rows = sql::consumer_list(db.conn()).await?;
    let forwarded = rows.into_iter().find(|row| row.name == nats::forward::NAME);
    Ok(BusTransport { kind: TransportKind::Nats, waiting, servers: nats.url().hosts(), forwarded })
}

/// List NATS messages that could not be processed
///
/// Newest first. Each is kept until it is retried or discarded, for at most 30 days.
#[operation(GET "/bus/dead-letters", staff = BusRead)]
pub async fn bus_dead_letter_list(db: &mut Reader, query: Paging) -> Result<Page<DeadLetter>> {
    sql::dead_letter_list(db, &query).await
}

/// Retry a NATS message that could not be processed
///
/// Needs the permission of its type in addition to `jobs.manage`. A message that was already processed has no effect.
#[operation(POST "/bus/dead-letters/{id}/retry", staff = JobsManage,
    errors(malformed_json, invalid_transition, period_closed, event_mismatch))]
pub async fn bus_dead_letter_retry(tx: &mut Tx, id: DeadLetterId) -> Result<TakenEvent> {
    let letter = sql::dead_letter_take(tx.conn(), id).await?;
    let told = nats::take::read_told(&letter.subject, letter.body.as_bytes())?;
    tx.audit_deleted("dead_letter.retried", &letter.audited());
    Ok(TakenEvent { taken: inbound::take_of(tx, inbound::BROKER, told).await? })
}

/// Discard a NATS message that could not be processed
#[operation(DELETE "/bus/dead-letters/{id}", staff = JobsManage, status = 204)]
pub async fn bus_dead_letter_discard(tx: &mut Tx, id: DeadLetterId) -> Result<()> {
    let letter = sql::dead_letter_take(tx.conn(), id).await?;
    tx.audit_deleted("dead_letter.discarded", &letter.audited());
    Ok(())
}

/// Stream events as they are published (server-sent events)
///
/// `types` selects event types (`session.*,role.changed`). Each event is sent only while the caller has the permission
/// its type needs, and to callers with a scoped permission only for their own events and partners; a gate phone
/// receives the gate events and live updates of its event. The stream ends within seconds when the caller loses access.
/// `id` is the published sequence, so a browser that reconnects gets what it missed. `data` is the event as JSON.
/// Events named `hello` and `heartbeat` give the stream's current position.
///
/// Values that change too often for events are checked once a second and sent when they differ: `job:{id}` (status and
/// attempts), `jobs` (number of failed jobs), `privacy_requests` (number of open requests).
#[operation(GET "/bus/stream", staff, device, answer = Events)]
pub async fn bus_stream(cx: &RequestContext, query: StreamQuery) -> Result<Answer> {
    stream::answer(cx.request.clone(), cx.operation.access, &query).await
}
