use sqlx::PgConnection;

use crate::events::{EventId, EventStream, StreamId, StreamStatus};
use crate::kernel::error::{Result, not_found};

/// The streams of an event, in the order they came.
pub async fn stream_list(db: &mut PgConnection, event: EventId) -> Result<Vec<EventStream>> {
    Ok(sqlx::query_as!(
        EventStream,
        r#"select id as "id: StreamId", event_id as "event_id: EventId", provider, playback_url,
                  stream_status as "stream_status: StreamStatus", version, created_at, updated_at
           from event_streams where event_id = $1 order by created_at, id"#,
        event.0,
    )
    .fetch_all(db)
    .await?)
}

/// One stream of this event, or 404.
pub async fn stream_find(db: &mut PgConnection, event: EventId, id: StreamId) -> Result<EventStream> {
    stream_list(db, event).await?.into_iter().find(|stream| stream.id == id).ok_or_else(not_found)
}

pub async fn stream_insert(db: &mut PgConnection, stream: &EventStream, sealed: &[u8]) -> Result<()> {
    sqlx::query!(
        "insert into event_streams (id, event_id, provider, stream_key_enc, playback_url, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        stream.id.0,
        stream.event_id.0,
        stream.provider,
        sealed,
        stream.playback_url,
        stream.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn stream_update(db: &mut PgConnection, stream: &EventStream, sealed: Option<&[u8]>) -> Result<()> {
    sqlx::query!(
        "update event_streams set playback_url = $2, stream_status = $3,
             stream_key_enc = coalesce($4::bytea, stream_key_enc), version = version + 1
         where id = $1",
        stream.id.0,
        stream.playback_url,
        stream.stream_status.as_str(),
        sealed,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn stream_key(db: &mut PgConnection, id: StreamId) -> Result<Vec<u8>> {
    Ok(sqlx::query_scalar!("select stream_key_enc from event_streams where id = $1", id.0).fetch_one(db).await?)
}

pub async fn stream_delete(db: &mut PgConnection, id: StreamId) -> Result<()> {
    sqlx::query!("delete from event_streams where id = $1", id.0).execute(db).await?;
    Ok(())
}
