//! Streams of an event. [003 §2.4]

use operation::operation;

use crate::events::{EventId, EventStream, NewStream, StreamId, StreamKey, StreamPatch};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};

#[cfg(feature = "ssr")]
use {
    crate::events::{StreamStatus, bus::StreamChanged, rules, sql},
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{internal, same_version},
        patch::Patch,
        permissions::Permission::{EventsManage, EventsRead},
    },
};

/// What stream keys are encrypted for.
#[cfg(feature = "ssr")]
const PURPOSE: &str = "event_stream_key";

/// List the streams of an event
#[operation(GET "/events/{id}/streams", staff = EventsRead, end_user, scoped)]
pub async fn event_stream_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<EventStream>> {
    let event = rules::find_run(db, id, EventsRead).await?;
    let rows = sql::stream_list(db.conn(), event.id).await?;
    query.cut(db, "streams", id, rows, |stream| stream.id.0)
}

/// Add a stream to an event
///
/// The stream key is stored encrypted.
#[operation(POST "/events/{id}/streams", staff = EventsManage, end_user, status = 201, scoped,
    errors(invalid_transition, already_exists))]
pub async fn event_stream_add(tx: &mut Tx, id: EventId, input: NewStream) -> Result<EventStream> {
    rules::lock(tx, id, EventsManage).await?;
    let sealed = tx.app().keys.seal(PURPOSE, input.stream_key.expose().as_bytes())?;
    let stream = EventStream {
        id: StreamId::new(),
        event_id: id,
        provider: input.provider.into(),
        playback_url: input.playback_url.map(String::from),
        stream_status: StreamStatus::Idle,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::stream_insert(tx.conn(), &stream, &sealed).await?;
    tx.audit_created("event.stream_added", &stream);
    tx.emit(&StreamChanged { event_id: id, stream_id: stream.id, stream_status: stream.stream_status });
    Ok(stream)
}

/// Update a stream's status, key or playback URL
#[operation(PATCH "/events/{id}/streams/{stream_id}", staff = EventsManage, end_user, scoped,
    errors(invalid_transition, conflict))]
pub async fn event_stream_update(
    tx: &mut Tx,
    id: EventId,
    stream_id: StreamId,
    input: StreamPatch,
) -> Result<EventStream> {
    rules::lock(tx, id, EventsManage).await?;
    let before = sql::stream_find(tx.conn(), id, stream_id).await?;
    same_version(input.version, before.version, &before)?;
    let mut wanted = before.clone();
    if let Some(to) = input.stream_status {
        wanted.stream_status = before.stream_status.next(to)?;
    }
    wanted.playback_url = match input.playback_url {
        Patch::Absent => wanted.playback_url,
        Patch::Null => None,
        Patch::Value(url) => Some(url.into()),
    };
    let key = input.stream_key.as_ref();
    let sealed = key.map(|key| tx.app().keys.seal(PURPOSE, key.expose().as_bytes())).transpose()?;
    sql::stream_update(tx.conn(), &wanted, sealed.as_deref()).await?;
    let after = sql::stream_find(tx.conn(), id, stream_id).await?;
    tx.audit("event.stream_updated", &before, &after).note("new_key", sealed.is_some());
    tx.emit(&StreamChanged { event_id: id, stream_id, stream_status: after.stream_status });
    Ok(after)
}

/// Reveal the key of a stream
#[operation(POST "/events/{id}/streams/{stream_id}/key", staff = EventsManage, end_user, scoped, secret_answer)]
pub async fn event_stream_reveal_key(tx: &mut Tx, id: EventId, stream_id: StreamId) -> Result<StreamKey> {
    rules::lock(tx, id, EventsManage).await?;
    let stream = sql::stream_find(tx.conn(), id, stream_id).await?;
    let sealed = sql::stream_key(tx.conn(), stream_id).await?;
    let key = tx.app().keys.open(PURPOSE, &sealed)?;
    tx.audit("event.stream_key_shown", &stream, &stream);
    Ok(StreamKey { stream_key: String::from_utf8(key).map_err(|e| internal().internal(e))? })
}

/// Remove a stream
#[operation(DELETE "/events/{id}/streams/{stream_id}", staff = EventsManage, end_user, scoped)]
pub async fn event_stream_remove(tx: &mut Tx, id: EventId, stream_id: StreamId) -> Result<()> {
    rules::lock(tx, id, EventsManage).await?;
    let before = sql::stream_find(tx.conn(), id, stream_id).await?;
    sql::stream_delete(tx.conn(), stream_id).await?;
    tx.audit_deleted("event.stream_removed", &before);
    tx.emit(&StreamChanged { event_id: id, stream_id, stream_status: StreamStatus::Ended });
    Ok(())
}
