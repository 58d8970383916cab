//! Documents of the crew.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::access::StaffId;
use crate::events::EventId;
use crate::kernel::error::{Result, not_found};
use crate::kernel::files::Sendable;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::upload::StoredFile;
use crate::planning::{CrewDocument, CrewDocumentId, CrewDocumentKind, CrewId, UncoveredShift};

/// Those of somebody of the crew, the newest first, or the one with this id; of people who were removed none. Each says
/// which of the shifts that are still to come it does not cover, the first one: a shift counts while it was offered or
/// accepted, and its last day is that of the place.
async fn documents(
    db: &mut PgConnection,
    staff: Option<CrewId>,
    id: Option<CrewDocumentId>,
    now: Timestamp,
) -> Result<Vec<CrewDocument>> {
    let rows = sqlx::query!(
        r#"select d.id, d.staff_id, d.kind as "kind!: CrewDocumentKind", d.file_name, d.media_type, d.size_bytes,
                  to_char(d.expires_on, 'YYYY-MM-DD') as expires_on,
                  coalesce(d.expires_on < ($3::timestamptz at time zone o.timezone)::date, false) as "is_expired!",
                  d.uploaded_at, d.version, u.event_id as "event_id?", u.event as "event?", u.role as "role?", u.day as "day?"
           from staff_documents d join staff_members m on m.id = d.staff_id and m.removed_at is null
           cross join organisation o
           left join lateral (
               select a.event_id, e.title as event, a.role, to_char(a.starts_at at time zone e.timezone, 'YYYY-MM-DD') as day
               from staff_assignments a join events e on e.id = a.event_id
               where a.staff_id = d.staff_id and a.status in ('offered', 'accepted', 'checked_in') and a.ends_at > $3
                     and ((a.ends_at - interval '1 second') at time zone e.timezone)::date > d.expires_on
               order by a.starts_at, a.id limit 1) u on true
           where ($1::uuid is null or d.staff_id = $1) and ($2::uuid is null or d.id = $2)
           order by d.uploaded_at desc, d.id desc"#,
        staff.map(|id| id.0),
        id.map(|id| id.0),
        now.0,
    );
    Ok(rows
        .fetch_all(db)
        .await?
        .into_iter()
        .map(|row| CrewDocument {
            id: CrewDocumentId(row.id),
            staff_id: CrewId(row.staff_id),
            kind: row.kind,
            file_name: row.file_name,
            media_type: row.media_type,
            size_bytes: row.size_bytes,
            expires_on: row.expires_on,
            is_expired: row.is_expired,
            uncovered: match (row.event_id, row.event, row.role, row.day) {
                (Some(event), Some(title), Some(role), Some(day)) => {
                    Some(UncoveredShift { event_id: EventId(event), event: title, role, day })
                }
                _ => None,
            },
            uploaded_at: Timestamp(row.uploaded_at),
            version: row.version,
        })
        .collect())
}

/// The documents of somebody of the crew, the newest first.
pub async fn crew_document_list(db: &mut PgConnection, staff: CrewId, now: Timestamp) -> Result<Vec<CrewDocument>> {
    documents(db, Some(staff), None, now).await
}

/// One document that was not removed, of somebody who was not, or 404.
pub async fn crew_document_find(db: &mut PgConnection, id: CrewDocumentId, now: Timestamp) -> Result<CrewDocument> {
    documents(db, None, Some(id), now).await?.pop().ok_or_else(not_found)
}

/// Where its file is.
pub async fn crew_document_file(db: &mut PgConnection, id: CrewDocumentId) -> Result<Sendable> {
    let file = sqlx::query_as!(
        Sendable,
        "select storage_key, file_name, media_type, size_bytes from staff_documents where id = $1",
        id.0,
    );
    file.fetch_optional(db).await?.ok_or_else(not_found)
}

pub async fn crew_document_insert(
    db: &mut PgConnection,
    document: &CrewDocument,
    file: &StoredFile,
    by: Option<StaffId>,
) -> Result<()> {
    sqlx::query!(
        "insert into staff_documents (id, staff_id, kind, expires_on, file_id, storage_key, file_name, media_type,
                                      size_bytes, sha256, uploaded_at, uploaded_by, created_at, updated_at)
         values ($1, $2, $3, $4::text::date, $5, $6, $7, $8, $9, $10, $11, $12, $11, $11)",
        document.id.0,
        document.staff_id.0,
        document.kind.as_str(),
        document.expires_on,
        file.id,
        file.storage_key,
        document.file_name,
        document.media_type,
        document.size_bytes,
        file.sha256.as_slice(),
        document.uploaded_at.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets a document; answers the file that nobody keeps any more.
pub async fn crew_document_delete(db: &mut PgConnection, id: CrewDocumentId) -> Result<Uuid> {
    let gone = sqlx::query_scalar!("delete from staff_documents where id = $1 returning file_id", id.0);
    gone.fetch_optional(db).await?.ok_or_else(not_found)
}
