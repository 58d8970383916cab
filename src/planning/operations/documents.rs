//! Riders and other documents of artists, and their files.

use operation::{Answer, operation};

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::partners::{FileLink, FileQuery, LinkQuery};
use crate::planning::{TalentDocument, TalentDocumentId, TalentId};

#[cfg(feature = "ssr")]
use {
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        error::{invalid_input, not_found, try_again},
        files::{self, discard},
        upload::{self, Accept, StoredFile},
    },
    crate::partners::{
        files::sniff,
        links::{self, Files},
        safe_name,
    },
    crate::planning::{TalentDocumentForm, TalentDocumentKind, reach, sql},
};

#[cfg(feature = "ssr")]
const FILES: Files = Files { purpose: "talent_document_link", path: "talent-documents" };

/// What the form of a document may hold: these fields, and a file.
#[cfg(feature = "ssr")]
pub(super) fn form<'a>(cx: &RequestContext, words: &'static [&'static str], folder: &'a str) -> Accept<'a> {
    Accept { words, folder, sniff, must_be: "PDF, PNG or JPEG", limit: cx.app().config.upload_mib << 20 }
}

/// Keeps the file of a form for good.
#[cfg(feature = "ssr")]
pub(super) async fn keep_file(tx: &mut Tx, file: &StoredFile) -> Result<()> {
    let now = tx.now;
    if files::keep(tx.conn(), file.id, now).await? {
        Ok(())
    } else {
        Err(try_again().detail("The upload took too long; send it again."))
    }
}

/// List the documents of an artist
///
/// Newest first. Artists see their own only.
#[operation(GET "/talent/{id}/documents", staff = TalentRead, scoped)]
pub async fn talent_document_list(db: &mut Reader, id: TalentId, query: Paging) -> Result<Page<TalentDocument>> {
    let talent = reach::talent(db, id).await?;
    let rows = sql::talent_document_list(db.conn(), talent.id).await?;
    query.cut(db, "talent_documents", id, rows, |document| document.id.0)
}

/// Upload a talent document
///
/// Send multipart/form-data with the fields `type` (rider, technical, contract or other) and `file` (a PDF, PNG or
/// JPEG, detected from its content, of at most 20 MiB unless configured otherwise).
#[operation(POST "/talent/{id}/documents", staff = TalentManage, status = 201, body = multipart(TalentDocumentForm))]
pub async fn talent_document_upload(cx: &RequestContext, id: TalentId) -> Result<TalentDocument> {
    {
        let mut db = cx.reader().await?;
        sql::talent_find(db.conn(), id).await?;
    }
    let received = upload::receive(cx, &form(cx, &["type"], &format!("talent/{id}"))).await?;
    let file_id = received.file.id;
    let kind = match received.words.get("type") {
        None => Err("is required"),
        Some(word) => TalentDocumentKind::parse(word).ok_or("must be rider, technical, contract or other"),
    };
    let kept = match kind {
        Ok(kind) => cx.write(move |tx| Box::pin(keep(tx, id, kind, received.file))).await,
        Err(message) => Err(invalid_input().field("type", message)),
    };
    if kept.is_err() {
        discard(cx.app(), file_id).await;
    }
    kept
}

#[cfg(feature = "ssr")]
async fn keep(tx: &mut Tx, id: TalentId, kind: TalentDocumentKind, file: StoredFile) -> Result<TalentDocument> {
    sql::talent_lock(tx.conn(), id).await?;
    let (now, by) = (tx.now, tx.caller.person());
    keep_file(tx, &file).await?;
    let document = TalentDocument {
        id: TalentDocumentId::new(),
        talent_id: id,
        kind,
        file_name: safe_name(file.given_name.as_deref(), file.media_type),
        media_type: file.media_type.to_owned(),
        size_bytes: file.size_bytes,
        uploaded_at: now,
        version: 1,
    };
    sql::talent_document_insert(tx.conn(), &document, &file, by).await?;
    tx.audit_created("talent_document.uploaded", &document);
    Ok(document)
}

/// Remove a talent document and its file
#[operation(DELETE "/talent-documents/{id}", staff = TalentManage)]
pub async fn talent_document_remove(tx: &mut Tx, id: TalentDocumentId) -> Result<()> {
    let before = sql::talent_document_find(tx.conn(), id).await?;
    let file = sql::talent_document_delete(tx.conn(), id).await?;
    files::release(tx.conn(), &[file]).await?;
    tx.audit_deleted("talent_document.removed", &before);
    Ok(())
}

/// Get a link to the file of a talent document
///
/// The link works for five minutes for anyone who has it.
#[operation(GET "/talent-documents/{id}/link", staff = TalentRead, scoped)]
pub async fn talent_document_link(db: &mut Reader, id: TalentDocumentId, query: LinkQuery) -> Result<FileLink> {
    let document = sql::talent_document_find(db.conn(), id).await?;
    reach::talent(db, document.talent_id).await?;
    Ok(links::make(&db.app().keys, &FILES, document.id.0, query.inline, db.now))
}

/// Download a talent document by its signed link
#[operation(GET "/talent-documents/{id}/file", public, answer = File, errors(link_invalid))]
pub async fn talent_document_file(cx: &RequestContext, id: TalentDocumentId, query: FileQuery) -> Result<Answer> {
    links::check(&cx.app().keys, &FILES, id.0, &query, cx.now)?;
    let file = {
        let mut db = cx.reader().await?;
        sql::talent_document_file(db.conn(), id).await?
    };
    let body = cx.app().storage.read(&file.storage_key).await?.ok_or_else(not_found)?;
    Ok(Answer { response: file.response(query.inline, body)? })
}
