//! Certificates, contracts and other documents of the crew, and their files.

use operation::{Answer, operation};

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::partners::{FileLink, FileQuery, LinkQuery};
use crate::planning::{CrewDocument, CrewDocumentId, CrewId, LinkToken};

#[cfg(feature = "ssr")]
use {
    super::documents::{form, keep_file},
    super::own::must_be_theirs,
    crate::events::Day,
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        error::{Error, invalid_input, link_invalid, not_found},
        files::{self, discard},
        upload::{self, Received, StoredFile},
    },
    crate::partners::{
        links::{self, Files},
        safe_name,
    },
    crate::planning::{CrewDocumentForm, CrewDocumentKind, sql},
};

#[cfg(feature = "ssr")]
const FILES: Files = Files { purpose: "staff_document_link", path: "staff-documents" };

/// List the documents of a crew member
///
/// Newest first, each with whether it has expired or will expire before one of their shifts.
#[operation(GET "/staff/{id}/documents", staff = StaffingRead)]
pub async fn crew_document_list(db: &mut Reader, id: CrewId, query: Paging) -> Result<Page<CrewDocument>> {
    let now = db.now;
    sql::crew_find(db.conn(), id).await?;
    let rows = sql::crew_document_list(db.conn(), id, now).await?;
    query.cut(db, "crew_documents", id, rows, |document| document.id.0)
}

/// Upload a crew document
///
/// Send multipart/form-data with the fields `type` (certificate, contract, right_to_work, identity or other),
/// `expires_on` (the last valid day; leave it out if the document does not expire) and `file` (a PDF, PNG or JPEG,
/// detected from its content, of at most 20 MiB unless configured otherwise).
#[operation(POST "/staff/{id}/documents", staff = StaffingManage, status = 201, body = multipart(CrewDocumentForm))]
pub async fn crew_document_upload(cx: &RequestContext, id: CrewId) -> Result<CrewDocument> {
    {
        let mut db = cx.reader().await?;
        sql::crew_find(db.conn(), id).await?;
    }
    let received = upload::receive(cx, &form(cx, &["type", "expires_on"], &format!("staff/{id}"))).await?;
    let file_id = received.file.id;
    let kept = match said(&received) {
        Ok((kind, expires_on)) => cx.write(move |tx| Box::pin(keep(tx, id, kind, expires_on, received.file))).await,
        Err(error) => Err(error),
    };
    if kept.is_err() {
        discard(cx.app(), file_id).await;
    }
    kept
}

/// What the form says beside its file.
#[cfg(feature = "ssr")]
fn said(received: &Received) -> Result<(CrewDocumentKind, Option<Day>)> {
    let wrong = |field: &str, message: &str| invalid_input().field(field, message);
    let kind = received.words.get("type").ok_or_else(|| wrong("type", "is required"))?;
    let kind = CrewDocumentKind::parse(kind)
        .ok_or_else(|| wrong("type", "must be certificate, contract, right_to_work, identity or other"))?;
    let day = received.words.get("expires_on").map(|day| day.trim()).filter(|day| !day.is_empty());
    let day = day.map(Day::parse).transpose().map_err(|message| wrong("expires_on", &message))?;
    Ok((kind, day))
}

#[cfg(feature = "ssr")]
async fn keep(
    tx: &mut Tx,
    id: CrewId,
    kind: CrewDocumentKind,
    expires_on: Option<Day>,
    file: StoredFile,
) -> Result<CrewDocument> {
    sql::crew_lock(tx.conn(), id).await?;
    let (now, by) = (tx.now, tx.caller.person());
    keep_file(tx, &file).await?;
    let document = CrewDocument {
        id: CrewDocumentId::new(),
        staff_id: id,
        kind,
        file_name: safe_name(file.given_name.as_deref(), file.media_type),
        media_type: file.media_type.to_owned(),
        size_bytes: file.size_bytes,
        expires_on: expires_on.map(String::from),
        is_expired: false,
        uncovered: None,
        uploaded_at: now,
        version: 1,
    };
    sql::crew_document_insert(tx.conn(), &document, &file, by).await?;
    let document = sql::crew_document_find(tx.conn(), document.id, now).await?;
    tx.audit_created("staff_document.uploaded", &document);
    Ok(document)
}

/// Remove a crew document and its file
#[operation(DELETE "/staff-documents/{id}", staff = StaffingManage)]
pub async fn crew_document_remove(tx: &mut Tx, id: CrewDocumentId) -> Result<()> {
    let now = tx.now;
    let before = sql::crew_document_find(tx.conn(), id, now).await?;
    let file = sql::crew_document_delete(tx.conn(), id).await?;
    files::release(tx.conn(), &[file]).await?;
    tx.audit_deleted("staff_document.removed", &before);
    Ok(())
}

/// Get a link to the file of a crew document
///
/// The link works for five minutes for anyone who has it.
#[operation(GET "/staff-documents/{id}/link", staff = StaffingRead)]
pub async fn crew_document_link(db: &mut Reader, id: CrewDocumentId, query: LinkQuery) -> Result<FileLink> {
    let now = db.now;
    let document = sql::crew_document_find(db.conn(), id, now).await?;
    Ok(links::make(&db.app().keys, &FILES, document.id.0, query.inline, now))
}

/// Get a link to your own crew document by personal link
///
/// The link works for five minutes. Returns 410 if the personal link was replaced.
#[operation(GET "/staff-documents/{id}/own-link", public, errors(link_invalid))]
pub async fn own_document_link(db: &mut Reader, id: CrewDocumentId, query: LinkToken) -> Result<FileLink> {
    let now = db.now;
    let gone = |error: Error| if error.status() == 404 { link_invalid() } else { error };
    let document = sql::crew_document_find(db.conn(), id, now).await.map_err(gone)?;
    must_be_theirs(db, document.staff_id, &query.token).await?;
    Ok(links::make(&db.app().keys, &FILES, document.id.0, true, now))
}

/// Download a crew document by its signed link
#[operation(GET "/staff-documents/{id}/file", public, answer = File, errors(link_invalid))]
pub async fn crew_document_file(cx: &RequestContext, id: CrewDocumentId, query: FileQuery) -> Result<Answer> {
    links::check(&cx.app().keys, &FILES, id.0, &query, cx.now)?;
    let file = {
        let mut db = cx.reader().await?;
        sql::crew_document_file(db.conn(), id).await?
    };
    let body = cx.app().storage.read(&file.storage_key).await?.ok_or_else(not_found)?;
    Ok(Answer { response: file.response(query.inline, body)? })
}
