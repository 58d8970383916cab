use sqlx::PgConnection;
use uuid::Uuid;

use crate::events::{EventId, EventImage, EventImageId};
use crate::kernel::error::{Result, not_found};
use crate::kernel::timestamp::Timestamp;

/// The images of an event, in order.
pub async fn image_list(db: &mut PgConnection, event: EventId) -> Result<Vec<EventImage>> {
    Ok(sqlx::query_as!(
        EventImage,
        r#"select i.id as "id: EventImageId", i.event_id as "event_id: EventId",
                  '/api/v1/event-images/' || i.id || '/file' as "image_url!", i.media_type, i.size_bytes, i.position,
                  e.cover_images ? i.id::text as "is_cover!", i.created_at
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

/// Removes a picture; answers its file where no other event shows it.
pub async fn image_delete(db: &mut PgConnection, event: EventId, id: EventImageId) -> Result<Option<Uuid>> {
    let file = sqlx::query_scalar!(
        "delete from event_images where id = $1 and event_id = $2 returning file_id",
        id.0,
        event.0
    )
    .fetch_optional(&mut *db)
    .await?
    .ok_or_else(not_found)?;
    let shared =
        sqlx::query_scalar!(r#"select exists (select 1 from event_images where file_id = $1) as "shared!""#, file)
            .fetch_one(db)
            .await?;
    Ok((!shared).then_some(file))
}

/// The same pictures for another event: rows of their own on the same files. Answers the new covers.
pub async fn images_copy(db: &mut PgConnection, from: EventId, to: EventId, now: Timestamp) -> Result<()> {
    let images = sqlx::query!(
        r#"select i.id, i.position, e.cover_images ? i.id::text as "is_cover!" from event_images i
           join events e on e.id = i.event_id where i.event_id = $1 order by i.position"#,
        from.0,
    )
    .fetch_all(&mut *db)
    .await?;
    let mut covers = Vec::new();
    for image in images {
        let id = EventImageId::new();
        sqlx::query!(
            "insert into event_images (id, event_id, file_id, storage_key, media_type, size_bytes, position, created_at,
                                       updated_at)
             select $1, $2, file_id, storage_key, media_type, size_bytes, position, $4, $4 from event_images where id = $3",
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
    }
    super::event_set_covers(db, to, &covers).await
}

/// Where a picture's file is, and of which event it is.
pub struct StoredImage {
    pub event_id: EventId,
    pub storage_key: String,
    pub media_type: String,
    pub size_bytes: i64,
}

pub async fn image_file(db: &mut PgConnection, id: EventImageId) -> Result<StoredImage> {
    sqlx::query_as!(
        StoredImage,
        r#"select event_id as "event_id: EventId", storage_key, media_type, size_bytes from event_images where id = $1"#,
        id.0,
    )
    .fetch_optional(db)
    .await?
    .ok_or_else(not_found)
}
