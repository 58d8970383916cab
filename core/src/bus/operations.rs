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
use crate::kernel::context::{Cx, Db, Reader, Tx};

/// List published events.
///
/// The newest come first; with `after` it is a replay: everything after that sequence, oldest first.
/// Events are kept for 30 days. Of a type that needs another permission than `bus.read` only those who hold it are told,
/// as by the stream.
#[operation(GET "/bus/events", staff = BusRead)]
pub async fn bus_event_list(db: &mut Reader, query: EventFilter) -> Result<Page<Published>> {
    sql::event_list(db, &query).await
}

/// Tell Eventify what happened elsewhere
///
/// The AsyncAPI document lists the types that are taken, what their payloads look like, and the permission that each needs
/// beside `bus.read`. Telling of an `id` again brings nothing about: send it until it is answered.
#[operation(POST "/bus/events", staff = BusRead, audit = none("what it brings about is audited as that"),
    errors(invalid_transition, period_closed))]
pub async fn bus_event_take(tx: &mut Tx, input: ToldEvent) -> Result<TakenEvent> {
    Ok(TakenEvent { taken: inbound::take(tx, input).await? })
}

/// List the bus's consumers and how far each is.
///
/// One page: they are part of the software.
#[operation(GET "/bus/consumers", staff = BusRead)]
pub async fn bus_consumer_list(db: &mut Reader) -> Result<Page<ConsumerRow>> {
    let mut rows = sql::consumer_list(db.conn()).await?;
    rows.retain(|row| row.name != nats::forward::NAME);
    Ok(rows.into())
}

/// Show how the bus's transport stands
///
/// Events are published by PostgreSQL, and forwarded to NATS JetStream where a server is set.
#[operation(GET "/bus/transport", staff = BusRead)]
pub async fn bus_transport_get(db: &mut Reader) -> Result<BusTransport> {
    let waiting = sql::unpublished(db.conn()).await?;
    let Some(nats) = &db.app().clone().nats else {
        return Ok(BusTransport { kind: TransportKind::Postgres, waiting, servers: Vec::new(), forwarded: None });
    };
    let rows = sql::consumer_list(db.conn()).await?;
    let forwarded = rows.into_iter().find(|row| row.name == nats::forward::NAME);
    Ok(BusTransport { kind: TransportKind::Nats, waiting, servers: nats.url().hosts(), forwarded })
}

/// List messages from NATS that could not be taken in
///
/// The newest come first. Each waits until somebody retries or discards it, for 30 days at most.
#[operation(GET "/bus/dead-letters", staff = BusRead)]
pub async fn bus_dead_letter_list(db: &mut Reader, query: Paging) -> Result<Page<DeadLetter>> {
    sql::dead_letter_list(db, &query).await
}

/// Retry a message from NATS that could not be taken in
///
/// Needs the permission of its type beside `jobs.manage`. What was told before brings nothing about.
#[operation(POST "/bus/dead-letters/{id}/retry", staff = JobsManage,
    errors(malformed_json, invalid_transition, period_closed))]
pub async fn bus_dead_letter_retry(tx: &mut Tx, id: DeadLetterId) -> Result<TakenEvent> {
    let letter = sql::dead_letter_take(tx.conn(), id).await?;
    let told = nats::take::read_told(&letter.subject, letter.body.as_bytes())?;
    tx.audit_deleted("dead_letter.retried", &letter.audited());
    Ok(TakenEvent { taken: inbound::take_of(tx, inbound::BROKER, told).await? })
}

/// Discard a message from NATS that could not be taken in
#[operation(DELETE "/bus/dead-letters/{id}", staff = JobsManage, status = 204)]
pub async fn bus_dead_letter_discard(tx: &mut Tx, id: DeadLetterId) -> Result<()> {
    let letter = sql::dead_letter_take(tx.conn(), id).await?;
    tx.audit_deleted("dead_letter.discarded", &letter.audited());
    Ok(())
}

/// Stream events as they are published (server-sent events).
///
/// `types` picks event types (`session.*,role.changed`). Each event is sent only while the caller
/// holds the permission that its type needs; of those who hold it within one event or partner, only what
/// happens to that; a phone at a gate hears of the gates and live updates of its event. The stream ends within seconds of the caller's access. `id` is the published sequence: a
/// browser that reconnects gets what it missed. `data` is the event as JSON. Where the stream stands it says in
/// events named `hello` and `heartbeat`.
///
/// What changes too often for an event each is looked at once a second and sent when it is another than
/// before: `job:{id}` (status and attempts), `jobs` (how many failed), `privacy_requests` (how many are open).
#[operation(GET "/bus/stream", staff, device, answer = Events)]
pub async fn bus_stream(cx: &Cx, query: StreamQuery) -> Result<Answer> {
    stream::answer(cx.request.clone(), cx.operation.access, &query).await
}
