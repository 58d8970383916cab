//! The rows of uploaded files. A row stands before its object is written; the transaction that makes
//! use of the object keeps it; what is not kept is the sweeper's.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::response::Response;
use sqlx::PgConnection;
use uuid::Uuid;

use super::app::App;
use super::clock::new_uuid;
use super::error::{Error, Result, internal};
use super::timestamp::Timestamp;

/// Makes the row of a file that is about to be written; answers its id and key, which starts with `folder`.
pub async fn begin(db: &mut PgConnection, folder: &str, now: Timestamp) -> Result<(Uuid, String)> {
    let id = new_uuid();
    let key = format!("{folder}/{id}");
    insert(db, id, &key, now).await?;
    Ok((id, key))
}

/// Makes the row of a file that is about to be written.
pub async fn insert(db: &mut PgConnection, id: Uuid, key: &str, now: Timestamp) -> Result<()> {
    sqlx::query!("insert into stored_files (id, storage_key, created_at) values ($1, $2, $3)", id, key, now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Writes a file that is not kept yet; answers its id and key, which starts with `folder`.
pub async fn store(app: &App, folder: &str, bytes: Vec<u8>) -> Result<(Uuid, String)> {
    let (id, key) = begin(&mut *app.pool.acquire().await?, folder, app.clock.now()).await?;
    let mut writer = app.storage.write(&key).await?;
    writer.add(bytes.into()).await?;
    writer.finish().await?;
    Ok((id, key))
}

/// Keeps a file; false if the sweeper was there first.
pub async fn keep(db: &mut PgConnection, id: Uuid, now: Timestamp) -> Result<bool> {
    let done = sqlx::query!("update stored_files set kept_at = $2 where id = $1 and kept_at is null", id, now.0)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Nothing refers to these files any more: they are the sweeper's, or may be discarded at once after
/// the commit.
pub async fn release(db: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    sqlx::query!("update stored_files set kept_at = null where id = any($1)", ids).execute(db).await?;
    Ok(())
}

/// Where an uploaded file is and how it is sent.
pub struct Sendable {
    /// Where its object is.
    pub storage_key: String,
    /// Its name.
    pub file_name: String,
    /// As its own bytes say.
    pub media_type: String,
    /// Its size.
    pub size_bytes: i64,
}

impl Sendable {
    /// The file as it is sent: shown in our own pages only, and unable to run or load anything.
    pub fn response(&self, inline: bool, body: Body) -> Result<Response> {
        let how = if inline { "inline" } else { "attachment" };
        let policy = "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; \
                      frame-ancestors 'self'";
        Response::builder()
            .header(CONTENT_TYPE, self.media_type.as_str())
            .header(CONTENT_LENGTH, self.size_bytes)
            .header(CONTENT_DISPOSITION, format!("{how}; filename*=UTF-8''{}", percent(&self.file_name)))
            .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
            .header(CACHE_CONTROL, "private, no-store")
            .header(CONTENT_SECURITY_POLICY, policy)
            .header(X_FRAME_OPTIONS, "SAMEORIGIN")
            .body(body)
            .map_err(|error| internal().internal(error))
    }
}

/// A file that was made for this answer, to be saved.
pub fn attached(name: &str, media_type: &str, bytes: impl Into<Vec<u8>>) -> Result<Response> {
    let bytes = bytes.into();
    let size_bytes = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let (file_name, media_type) = (name.to_owned(), media_type.to_owned());
    Sendable { storage_key: String::new(), file_name, media_type, size_bytes }.response(false, bytes.into())
}

/// A file name as RFC 8187 writes it.
fn percent(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    name.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// A file that nobody keeps.
pub struct Orphan {
    /// Its row.
    pub id: Uuid,
    /// Where its object is.
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

/// This file, locked, if nobody keeps it and nobody else is at it.
async fn orphan_lock_one(db: &mut PgConnection, id: Uuid) -> Result<Option<Orphan>> {
    Ok(sqlx::query_as!(
        Orphan,
        "select id, storage_key from stored_files where id = $1 and kept_at is null for update skip locked",
        id,
    )
    .fetch_optional(db)
    .await?)
}

/// Forgets a file whose object is gone.
pub async fn delete(db: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("delete from stored_files where id = $1 and kept_at is null", id).execute(db).await?;
    Ok(())
}

/// Removes a file that is not going to be kept. Where that fails, or it is not certain that nobody
/// keeps it, it is the sweeper's.
pub async fn discard(app: &App, id: Uuid) {
    let discarded = async {
        let mut tx = app.begin().await?;
        if let Some(orphan) = orphan_lock_one(&mut tx, id).await? {
            app.storage.remove(&orphan.storage_key).await?;
            delete(&mut tx, id).await?;
            tx.commit().await?;
        }
        Ok::<_, Error>(())
    };
    if let Err(error) = discarded.await {
        tracing::warn!(file = %id, ?error, "a refused file is left to the sweeper");
    }
}
