//! KYC documents and their files. [000 partner_documents]

use operation::{Answer, operation};

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::partners::{DocumentId, FileLink, FileQuery, LinkQuery, PartnerDocument, PartnerId};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        error::{not_found, try_again},
        files,
    },
    crate::partners::{
        events::DocumentUploaded,
        links,
        sql::{self, NewDocument},
        types::DocumentForm,
        upload::{self, Received},
    },
};

/// List the documents of a partner
///
/// Newest first.
#[operation(GET "/partners/{id}/documents", staff = PartnersRead, scoped)]
pub async fn partner_document_list(db: &mut Reader, id: PartnerId, query: Paging) -> Result<Page<PartnerDocument>> {
    let partner = sql::partner_find(db, id).await?;
    sql::document_list(db, partner.id, &query).await
}

/// Upload a document
///
/// Send multipart/form-data with the fields `type` (company_reg, pan, cheque or other) and `file` (a PDF, PNG or JPEG,
/// detected from its content, of at most 20 MiB unless configured otherwise). A new document replaces the previous one
/// of its type and restarts its review.
#[operation(POST "/partners/{id}/documents", staff = PartnersManage, status = 201, scoped, body = multipart(DocumentForm))]
pub async fn partner_document_upload(cx: &RequestContext, id: PartnerId) -> Result<PartnerDocument> {
    {
        let mut db = cx.reader().await?;
        sql::partner_find(&mut db, id).await?;
    }
    let received = upload::receive(cx, id).await?;
    let file_id = received.file.id;
    let kept = cx.write(|tx| Box::pin(keep(tx, id, received))).await;
    if kept.is_err() {
        files::discard(cx.app(), file_id).await;
    }
    kept
}

#[cfg(feature = "ssr")]
async fn keep(tx: &mut Tx, id: PartnerId, received: Received) -> Result<PartnerDocument> {
    let partner = sql::partner_lock(tx, id).await?;
    let (now, by, file, kind) = (tx.now, tx.caller.person(), received.file, received.kind);
    if !files::keep(tx.conn(), file.id, now).await? {
        return Err(try_again().detail("The upload took too long; send it again."));
    }
    let document = NewDocument {
        id: DocumentId::new(),
        partner_id: id,
        kind,
        file_id: file.id,
        storage_key: file.storage_key,
        file_name: received.file_name,
        media_type: file.media_type,
        size_bytes: file.size_bytes,
        sha256: file.sha256,
    };
    sql::document_insert(tx.conn(), &document, by, now).await?;
    let verification = rules::verify(tx, &partner).await?;
    let document = sql::document_find(tx.conn(), id, document.id).await?;
    let entry = tx.audit_created("partner.document_uploaded", &document);
    if let Some(state) = verification {
        entry.note("verification_status", state);
    }
    tx.emit(&DocumentUploaded { partner_id: id, document_id: document.id, document_type: kind });
    Ok(document)
}

/// Get a link to a document's file
///
/// The link works for five minutes for anyone who has it.
#[operation(GET "/partners/{id}/documents/{document_id}/link", staff = PartnersRead, scoped)]
pub async fn partner_document_link(
    db: &mut Reader,
    id: PartnerId,
    document_id: DocumentId,
    query: LinkQuery,
) -> Result<FileLink> {
    let partner = sql::partner_find(db, id).await?;
    let document = sql::document_find(db.conn(), partner.id, document_id).await?;
    Ok(links::make(&db.app().keys, &links::DOCUMENTS, document.id.0, query.inline, db.now))
}

/// Download a document by its signed link
#[operation(GET "/partner-documents/{id}/file", public, answer = File, errors(link_invalid))]
pub async fn partner_document_file(cx: &RequestContext, id: DocumentId, query: FileQuery) -> Result<Answer> {
    links::check(&cx.app().keys, &links::DOCUMENTS, id.0, &query, cx.now)?;
    let document = {
        let mut db = cx.reader().await?;
        sql::document_file(db.conn(), id).await?
    };
    let body = cx.app().storage.read(&document.storage_key).await?.ok_or_else(not_found)?;
    Ok(Answer { response: document.response(query.inline, body)? })
}
