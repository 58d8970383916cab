use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

pub async fn file_insert(db: &mut PgConnection, id: Uuid, key: &str, now: Timestamp) -> Result<()> {
    sqlx::query!("insert into stored_files (id, storage_key, created_at) values ($1, $2, $3)", id, key, now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Keeps a file; false if the sweeper was there first.
pub async fn file_keep(db: &mut PgConnection, id: Uuid, now: Timestamp) -> Result<bool> {
    let done = sqlx::query!("update stored_files set kept_at = $2 where id = $1 and kept_at is null", id, now.0)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

pub struct Orphan {
    pub id: Uuid,
    pub storage_key: String,
}

/// One file that nobody kept, locked; those another sweeper is at are passed over.
pub async fn orphan_lock(db: &mut PgConnection, before: Timestamp, after: Uuid) -> Result<Option<Orphan>> {
    Ok(sqlx::query_as!(
        Orphan,
        "select id, storage_key from stored_files
         where kept_at is null and created_at < $1 and id > $2 order by id limit 1 for update skip locked",
        before.0,
        after,
    )
    .fetch_optional(db)
    .await?)
}

pub async fn file_delete(db: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("delete from stored_files where id = $1 and kept_at is null", id).execute(db).await?;
    Ok(())
}

/// This file, locked, if nobody keeps it and nobody else is at it.
pub async fn orphan_lock_one(db: &mut PgConnection, id: Uuid) -> Result<Option<Orphan>> {
    Ok(sqlx::query_as!(
        Orphan,
        "select id, storage_key from stored_files where id = $1 and kept_at is null for update skip locked",
        id,
    )
    .fetch_optional(db)
    .await?)
}

/// Nobody keeps the file any more: the sweeper takes it, object first.
pub async fn file_give_up(db: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("update stored_files set kept_at = null where id = $1", id).execute(db).await?;
    Ok(())
}
