//! The operations of the bus.

use operation::{Answer, operation};

use super::{ConsumerRow, EventFilter, Published, StreamQuery, TakenEvent, ToldEvent};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use super::{inbound, sql, stream};
#[cfg(feature = "ssr")]
use crate::kernel::context::{Cx, Db, Reader, Tx};

/// List published events.
///
/// The newest come first; with `after` it is a replay: everything after that sequence, oldest first.
/// Events are kept for 30 days.
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
    Ok(sql::consumer_list(db.conn()).await?.into())
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
