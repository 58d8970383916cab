use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::{Result, not_found};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::upload::StoredFile;
use crate::people::{EndUserId, PictureId, PictureSize, PictureStatus};

pub struct PictureRow {
    pub id: PictureId,
    pub status: PictureStatus,
    pub width: Option<i32>,
    pub height: Option<i32>,
}

pub async fn picture_list(db: &mut PgConnection, user: EndUserId) -> Result<Vec<PictureRow>> {
    Ok(sqlx::query_as!(
        PictureRow,
        r#"select id as "id: PictureId", status as "status: PictureStatus", width, height
           from user_pictures where user_id = $1 order by id"#,
        user.0,
    )
    .fetch_all(db)
    .await?)
}

pub async fn picture_insert(
    db: &mut PgConnection,
    id: PictureId,
    user: EndUserId,
    file: &StoredFile,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into user_pictures (id, user_id, source_file_id, source_key, source_type, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        id.0,
        user.0,
        file.id,
        file.storage_key,
        file.media_type,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What is to be made into a picture; nothing if that is done, or the picture gone.
pub struct Source {
    pub user_id: Uuid,
    pub file_id: Option<Uuid>,
    pub key: Option<String>,
}

pub async fn picture_source(db: &mut PgConnection, id: PictureId) -> Result<Option<Source>> {
    Ok(sqlx::query_as!(
        Source,
        "select user_id, source_file_id as file_id, source_key as key from user_pictures
         where id = $1 and status = 'processing'",
        id.0,
    )
    .fetch_optional(db)
    .await?)
}

/// Locks a picture that is still to be made.
pub async fn picture_lock_processing(db: &mut PgConnection, id: PictureId) -> Result<bool> {
    Ok(sqlx::query!("select id from user_pictures where id = $1 and status = 'processing' for no key update", id.0)
        .fetch_optional(db)
        .await?
        .is_some())
}

/// One rendering of a picture, in storage.
pub struct Rendering {
    pub file_id: Uuid,
    pub key: String,
}

pub async fn picture_ready(
    db: &mut PgConnection,
    id: PictureId,
    [full, large, thumb]: &[Rendering; 3],
    (width, height): (i32, i32),
) -> Result<()> {
    sqlx::query!(
        "update user_pictures
         set status = 'ready', source_file_id = null, source_key = null, full_file_id = $2, full_key = $3,
             large_file_id = $4, large_key = $5, thumb_file_id = $6, thumb_key = $7, width = $8, height = $9
         where id = $1",
        id.0,
        full.file_id,
        full.key,
        large.file_id,
        large.key,
        thumb.file_id,
        thumb.key,
        width,
        height,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn picture_unreadable(db: &mut PgConnection, id: PictureId) -> Result<()> {
    sqlx::query!(
        "update user_pictures set status = 'unreadable', source_file_id = null, source_key = null where id = $1",
        id.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Removes a picture of this person; answers its status and files.
pub async fn picture_delete(
    db: &mut PgConnection,
    user: EndUserId,
    id: PictureId,
) -> Result<Option<(PictureStatus, Vec<Uuid>)>> {
    let row = sqlx::query!(
        r#"delete from user_pictures where id = $1 and user_id = $2
           returning status as "status: PictureStatus",
                     array_remove(array[source_file_id, full_file_id, large_file_id, thumb_file_id], null) as "files!""#,
        id.0,
        user.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.status, row.files)))
}

/// Where a picture's file of this size is; the caller has shown a link that was signed for it.
pub async fn picture_key(db: &mut PgConnection, id: PictureId, size: PictureSize) -> Result<String> {
    sqlx::query_scalar!(
        "select case $2 when 'thumb' then thumb_key when 'large' then large_key else full_key end
         from user_pictures where id = $1",
        id.0,
        size.as_str(),
    )
    .fetch_optional(db)
    .await?
    .flatten()
    .ok_or_else(not_found)
}
