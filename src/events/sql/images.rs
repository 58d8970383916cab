use sqlx::PgConnection;
use uuid::Uuid;

use crate::events::{EventId, EventImage, EventImageId, ImageSize};
use crate::kernel::error::{Result, not_found};
use crate::kernel::timestamp::Timestamp;
use crate::people::PictureStatus;

/// The images of an event, in order.
pub async fn image_list(db: &mut PgConnection, event: EventId) -> Result<Vec<EventImage>> {
    Ok(sqlx::query_as!(
        EventImage,
        r#"select i.id as "id: EventImageId", i.event_id as "event_id: EventId", i.status as "status: PictureStatus",
                  '/api/v1/event-images/' || i.id || '/file' as "image_url!",
                  '/api/v1/event-images/' || i.id || '/file?size=cover' as "cover_url!",
                  i.media_type, i.size_bytes, i.position, e.cover_images ? i.id::text as "is_cover!", i.created_at
           from event_images i join events e on e.id = i.event_id where i.event_id = $1 order by i.position"#,
        event.0,
    )
    .fetch_all(db)
    .await?)
}

/// A picture as its row will have it.
pub struct NewImage<'a> {
    pub id: EventImageId,
    pub event_id: EventId,
    pub file_id: Uuid,
    pub storage_key: &'a str,
    pub media_type: &'a str,
    pub size_bytes: i64,
}

/// Adds a picture behind the others.
pub async fn image_insert(db: &mut PgConnection, image: &NewImage<'_>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into event_images (id, event_id, file_id, storage_key, media_type, size_bytes, position, created_at,
                                   updated_at)
         select $1, $2, $3, $4, $5, $6, coalesce(max(position) + 1, 0), $7, $7 from event_images where event_id = $2",
        image.id.0,
        image.event_id.0,
        image.file_id,
        image.storage_key,
        image.media_type,
        image.size_bytes,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts the images into this order.
pub async fn image_order(db: &mut PgConnection, event: EventId, order: &[EventImageId]) -> Result<()> {
    let ids: Vec<Uuid> = order.iter().map(|id| id.0).collect();
    sqlx::query!(
        "update event_images i set position = o.place - 1
         from unnest($2::uuid[]) with ordinality as o (id, place) where i.id = o.id and i.event_id = $1",
        event.0,
        &ids,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Removes a picture. Its files are the sweeper's where no other event shows them.
pub async fn image_delete(db: &mut PgConnection, event: EventId, id: EventImageId) -> Result<()> {
    let done =
        sqlx::query!("delete from event_images where id = $1 and event_id = $2", id.0, event.0).execute(db).await?;
    if done.rows_affected() == 0 { Err(not_found()) } else { Ok(()) }
}

/// The same pictures for another event: rows of their own on the same files. Answers those that are not made yet.
pub async fn images_copy(
    db: &mut PgConnection,
    from: EventId,
    to: EventId,
    now: Timestamp,
) -> Result<Vec<EventImageId>> {
    let images = sqlx::query!(
        r#"select i.id, i.status as "status: PictureStatus", e.cover_images ? i.id::text as "is_cover!"
           from event_images i join events e on e.id = i.event_id where i.event_id = $1 order by i.position
           for share of i"#,
        from.0,
    )
    .fetch_all(&mut *db)
    .await?;
    let (mut covers, mut unmade) = (Vec::new(), Vec::new());
    for image in images {
        let id = EventImageId::new();
        sqlx::query!(
            "insert into event_images (id, event_id, file_id, storage_key, media_type, size_bytes, position, status,
                                       cover_file_id, cover_key, created_at, updated_at)
             select $1, $2, file_id, storage_key, media_type, size_bytes, position, status, cover_file_id, cover_key,
                    $4, $4
             from event_images where id = $3",
            id.0,
            to.0,
            image.id,
            now.0,
        )
        .execute(&mut *db)
        .await?;
        if image.is_cover {
            covers.push(id);
        }
        if image.status == PictureStatus::Processing {
            unmade.push(id);
        }
    }
    super::event_set_covers(db, to, &covers).await?;
    Ok(unmade)
}

/// Where a picture's file is, and of which event it is.
pub struct StoredImage {
    pub event_id: EventId,
    pub storage_key: String,
    pub media_type: String,
}

/// A picture's file of this size, once it was made.
pub async fn image_file(db: &mut PgConnection, id: EventImageId, size: ImageSize) -> Result<StoredImage> {
    sqlx::query_as!(
        StoredImage,
        r#"select event_id as "event_id: EventId",
                  case $2 when 'full' then storage_key else cover_key end as "storage_key!", media_type
           from event_images where id = $1 and status = 'ready'"#,
        id.0,
        size.as_str(),
    )
    .fetch_optional(db)
    .await?
    .ok_or_else(not_found)
}

/// What is to be made into a picture.
pub struct ImageSource {
    pub event_id: EventId,
    pub file_id: Uuid,
    pub storage_key: String,
}

/// Nothing where that is done, or the picture is gone.
pub async fn image_source(db: &mut PgConnection, id: EventImageId) -> Result<Option<ImageSource>> {
    Ok(sqlx::query_as!(
        ImageSource,
        r#"select event_id as "event_id: EventId", file_id, storage_key from event_images
           where id = $1 and status = 'processing'"#,
        id.0,
    )
    .fetch_optional(db)
    .await?)
}

/// A picture as it was made: the whole of it, and its preview.
pub struct MadeImage {
    /// Of both files.
    pub media_type: &'static str,
    pub full: (Uuid, String),
    pub size_bytes: i64,
    pub cover: (Uuid, String),
}

/// Puts what was made in the place of what was uploaded; false where somebody else was first.
pub async fn image_ready(db: &mut PgConnection, id: EventImageId, made: &MadeImage) -> Result<bool> {
    let done = sqlx::query!(
        "update event_images
         set status = 'ready', file_id = $2, storage_key = $3, media_type = $7, size_bytes = $4,
             cover_file_id = $5, cover_key = $6
         where id = $1 and status = 'processing'",
        id.0,
        made.full.0,
        made.full.1,
        made.size_bytes,
        made.cover.0,
        made.cover.1,
        made.media_type,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that no picture can be made of it.
pub async fn image_unreadable(db: &mut PgConnection, id: EventImageId) -> Result<()> {
    sqlx::query!("update event_images set status = 'unreadable' where id = $1 and status = 'processing'", id.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Pictures that are still to be made and that no job is at, those of events to come first. One whose job failed is
/// tried again after a day.
pub async fn images_unmade(db: &mut PgConnection, most: i64, now: Timestamp) -> Result<Vec<EventImageId>> {
    Ok(sqlx::query_scalar!(
        r#"select i.id as "id: EventImageId" from event_images i join events e on e.id = i.event_id
           where i.status = 'processing'
                 and not exists (select 1 from job_runs j
                                 where j.job_type = 'events.make_image' and j.dedupe_key = i.id::text
                                       and (j.status in ('queued', 'retry', 'running')
                                            or j.status = 'dead' and j.finished_at > $2::timestamptz - interval '1 day'))
           order by e.end_at < $2, i.id limit $1"#,
        most,
        now.0,
    )
    .fetch_all(db)
    .await?)
}

/// How many bytes the pictures of this person's events have. One caller at a time is told, until it ends.
pub async fn image_bytes_of_host(db: &mut PgConnection, host: Uuid) -> Result<i64> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('event_images:' || $1::text, 0))", host.to_string())
        .execute(&mut *db)
        .await?;
    Ok(sqlx::query_scalar!(
        r#"select coalesce(sum(f.size_bytes), 0)::bigint as "bytes!" from (
               select distinct i.file_id, i.size_bytes from event_images i
               join events e on e.id = i.event_id where e.host_user_id = $1) f"#,
        host,
    )
    .fetch_one(db)
    .await?)
}
