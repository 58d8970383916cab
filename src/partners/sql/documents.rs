use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access::StaffId;
use crate::kernel::caller::Scope;
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::files::Sendable;
use crate::kernel::page::{Page, Paged, Paging, paged};
use crate::kernel::timestamp::Timestamp;
use crate::partners::{
    DocumentId, DocumentType, KycQueueFilter, KycQueueItem, PartnerDocument, PartnerId, Verification,
};

paged!(KycQueueFilter);

const DOCUMENT: &str = "select d.id, d.partner_id, d.type, d.file_name, d.media_type, d.size_bytes,
    encode(d.sha256, 'hex') as sha256, d.status, d.rejection_reason, d.uploaded_at, d.verified_at, d.reviewed_at,
    d.superseded_at, d.version";
const FROM: &str = " from partner_documents d
    left join admin_users up on up.id = d.uploaded_by
    left join admin_users rev on rev.id = d.reviewed_by";

/// The columns of documents. To a partner's own people (not `house`) whoever works here is "Eventify".
fn documents(house: bool) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(DOCUMENT);
    for (who, name) in [("up", "uploaded_by_name"), ("rev", "reviewed_by_name")] {
        query.push(format_args!(", case when {who}.id is null or ")).push_bind(house);
        query.push(format_args!(
            " or exists (select 1 from user_role_assignments o
                         where o.user_id = {who}.id and o.partner_id = d.partner_id)
              then {who}.full_name else 'Eventify' end as {name}"
        ));
    }
    query
}

fn document_row(row: &PgRow) -> sqlx::Result<PartnerDocument> {
    Ok(PartnerDocument {
        id: row.try_get("id")?,
        partner_id: row.try_get("partner_id")?,
        kind: row.try_get("type")?,
        file_name: row.try_get("file_name")?,
        media_type: row.try_get("media_type")?,
        size_bytes: row.try_get("size_bytes")?,
        sha256: row.try_get("sha256")?,
        status: row.try_get("status")?,
        rejection_reason: row.try_get("rejection_reason")?,
        uploaded_at: row.try_get("uploaded_at")?,
        uploaded_by_name: row.try_get("uploaded_by_name")?,
        verified_at: row.try_get("verified_at")?,
        reviewed_at: row.try_get("reviewed_at")?,
        reviewed_by_name: row.try_get("reviewed_by_name")?,
        superseded_at: row.try_get("superseded_at")?,
        version: row.try_get("version")?,
    })
}

/// The documents of a partner, newest first.
pub async fn document_list(db: &mut impl Db, partner: PartnerId, paging: &Paging) -> Result<Page<PartnerDocument>> {
    let keyset = paging.keyset(db.cx(), ("d.uploaded_at", "timestamptz", true), "documents", partner)?;
    let mut query = documents(db.cx().scope == Scope::All);
    query.push(FROM).push(" where d.partner_id = ").push_bind(partner);
    let rows = keyset.rows(db, query, "d.id").await?;
    rows.page_by(document_row, |document| (document.uploaded_at, document.id.0))
}

/// One document of this partner as it is, or 404.
pub async fn document_find(db: &mut PgConnection, partner: PartnerId, id: DocumentId) -> Result<PartnerDocument> {
    let mut query = documents(true);
    query.push(FROM).push(" where d.partner_id = ").push_bind(partner).push(" and d.id = ").push_bind(id);
    Ok(document_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)?)
}

/// Who uploaded it, where that is known.
pub async fn document_uploader(db: &mut PgConnection, id: DocumentId) -> Result<Option<StaffId>> {
    let uploaded_by = sqlx::query_scalar!(
        r#"select uploaded_by as "uploaded_by: StaffId" from partner_documents where id = $1"#,
        id.0,
    );
    Ok(uploaded_by.fetch_one(db).await?)
}

/// A file that was uploaded, as its row will have it.
pub struct NewDocument {
    pub id: DocumentId,
    pub partner_id: PartnerId,
    pub kind: DocumentType,
    pub file_id: Uuid,
    pub storage_key: String,
    pub file_name: String,
    pub media_type: &'static str,
    pub size_bytes: i64,
    pub sha256: [u8; 32],
}

/// Adds a document; an earlier one of the same type no longer counts.
pub async fn document_insert(
    db: &mut PgConnection,
    document: &NewDocument,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    if document.kind != DocumentType::Other {
        sqlx::query!(
            "update partner_documents set superseded_at = $3, version = version + 1
             where partner_id = $1 and type = $2 and superseded_at is null",
            document.partner_id.0,
            document.kind.as_str(),
            now.0,
        )
        .execute(&mut *db)
        .await?;
    }
    sqlx::query!(
        "insert into partner_documents (id, partner_id, type, file_id, storage_key, file_name, media_type, size_bytes,
                                        sha256, uploaded_at, uploaded_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10, $10)",
        document.id.0,
        document.partner_id.0,
        document.kind.as_str(),
        document.file_id,
        document.storage_key,
        document.file_name,
        document.media_type,
        document.size_bytes,
        document.sha256.as_slice(),
        now.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn document_review(
    db: &mut PgConnection,
    id: DocumentId,
    state: Verification,
    reason: Option<&str>,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update partner_documents
         set status = $2, rejection_reason = $3, reviewed_at = $4, reviewed_by = $5,
             verified_at = case when $2 = 'verified' then $4::timestamptz end, version = version + 1
         where id = $1",
        id.0,
        state.as_str(),
        reason,
        now.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The documents of a partner that count, by type.
pub async fn documents_that_count(
    db: &mut PgConnection,
    partner: PartnerId,
) -> Result<Vec<(DocumentType, Verification)>> {
    let rows = sqlx::query!(
        r#"select type as "kind: DocumentType", status as "status: Verification" from partner_documents
           where partner_id = $1 and superseded_at is null and type <> 'other'"#,
        partner.0,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.status)).collect())
}

/// The file of a document; the caller has shown a link that was signed for it.
pub async fn document_file(db: &mut PgConnection, id: DocumentId) -> Result<Sendable> {
    sqlx::query_as!(
        Sendable,
        "select storage_key, file_name, media_type, size_bytes from partner_documents where id = $1",
        id.0,
    )
    .fetch_optional(db)
    .await?
    .ok_or_else(not_found)
}

/// Documents that wait for review, oldest first.
pub async fn kyc_queue(db: &mut impl Db, filter: &KycQueueFilter) -> Result<Page<KycQueueItem>> {
    let keyset = filter.keyset(db.cx(), ("d.uploaded_at", "timestamptz", false))?;
    let mut query = documents(db.cx().scope == Scope::All);
    query.push(format_args!(", p.name as partner_name, p.type as partner_type, d.uploaded_at::text as sort_key{FROM}"));
    query.push(" join partners p on p.id = d.partner_id where d.status = 'pending' and d.superseded_at is null");
    if let Some(own) = db.cx().scope.partners() {
        query.push(" and d.partner_id = any(").push_bind(own).push(")");
    }
    if let Some(kinds) = &filter.kind {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        query.push(" and d.type = any(").push_bind(words).push(")");
    }
    let item = |row: &PgRow| -> sqlx::Result<KycQueueItem> {
        let document = document_row(row)?;
        let (partner_name, partner_type) = (row.try_get("partner_name")?, row.try_get("partner_type")?);
        Ok(KycQueueItem { document, partner_name, partner_type })
    };
    keyset.rows(db, query, "d.id").await?.page(item, |item| item.document.id.0)
}
