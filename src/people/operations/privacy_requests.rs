//! Requests about one's own data. [003 privacy_requests]

use operation::{Answer, operation};

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::people::{
    ExportLink, ExportQuery, NewPrivacyRequest, PrivacyRejection, PrivacyRequest, PrivacyRequestFilter,
    PrivacyRequestId, PrivacyRequestItem, PrivacyRun,
};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::access::end_users,
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        error::{already_exists, internal, is_now, not_found},
        files,
    },
    crate::people::{PrivacyRequestStatus as Status, PrivacyRequestType, erasure, export::MakeExport, links, sql},
    axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    axum::response::Response,
    serde_json::json,
    uuid::Uuid,
};

/// List your privacy requests
///
/// Newest first.
#[operation(GET "/me/privacy-requests", end_user)]
pub async fn my_privacy_request_list(db: &mut Reader, query: Paging) -> Result<Page<PrivacyRequest>> {
    let me = rules::me(db)?;
    let rows = sql::requests_of(db.conn(), me).await?;
    query.cut(db, "privacy_requests", me, rows, |request| request.id.0)
}

/// Request a copy of your data, or its erasure
///
/// One open request of each type at a time. The team processes it.
#[operation(POST "/me/privacy-requests", end_user, status = 201, errors(already_exists))]
pub async fn my_privacy_request_file(tx: &mut Tx, input: NewPrivacyRequest) -> Result<PrivacyRequest> {
    let (me, now, kind) = (rules::me(tx)?, tx.now, input.request_type);
    let id = sql::request_insert(tx.conn(), me, kind, now).await?;
    let id = id.ok_or_else(|| already_exists().field("request_type", "is already requested"))?;
    end_users::note(tx, me, "privacy_request.filed", json!({ "request_type": kind })).await?;
    sql::request_lock(tx.conn(), id).await
}

/// Withdraw a privacy request
///
/// Only possible before it has been processed.
#[operation(DELETE "/me/privacy-requests/{id}", end_user, errors(invalid_transition))]
pub async fn my_privacy_request_withdraw(tx: &mut Tx, id: PrivacyRequestId) -> Result<()> {
    let (me, now) = (rules::me(tx)?, tx.now);
    let request = sql::request_lock(tx.conn(), id).await?;
    if request.user_id != me {
        return Err(not_found());
    }
    must_be_open(&request)?;
    sql::request_set(tx.conn(), id, Status::Withdrawn, None, None, now).await?;
    end_users::note(tx, me, "privacy_request.withdrawn", json!({ "request_id": id })).await
}

/// Get a link to the copy of your data
///
/// The link works for five minutes for anyone who has it. The copy is kept for 30 days.
#[operation(GET "/me/privacy-requests/{id}/link", end_user, errors(link_invalid))]
pub async fn my_privacy_export_link(db: &mut Reader, id: PrivacyRequestId) -> Result<ExportLink> {
    let me = rules::me(db)?;
    if !sql::requests_of(db.conn(), me).await?.iter().any(|request| request.id == id) {
        return Err(not_found());
    }
    sql::request_file(db.conn(), id).await?;
    Ok(links::export(&db.app().keys, id, db.now))
}

/// Download an export by its signed link
#[operation(GET "/privacy/exports/{id}/file", public, answer = File, errors(link_invalid))]
pub async fn privacy_export_file(cx: &RequestContext, id: PrivacyRequestId, query: ExportQuery) -> Result<Answer> {
    links::check_export(&cx.app().keys, id, &query, cx.now)?;
    let key = {
        let mut db = cx.reader().await?;
        sql::request_file(db.conn(), id).await?
    };
    let body = cx.app().storage.read(&key).await?.ok_or_else(not_found)?;
    let response = Response::builder()
        .header(CONTENT_TYPE, "application/json")
        .header(CONTENT_DISPOSITION, "attachment; filename=\"eventify-export.json\"")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(CACHE_CONTROL, "private, no-store")
        .body(body)
        .map_err(|error| internal().internal(error))?;
    Ok(Answer { response })
}

/// List privacy requests
///
/// Oldest first.
#[operation(GET "/privacy/requests", staff = PrivacyManage)]
pub async fn privacy_request_list(db: &mut Reader, query: PrivacyRequestFilter) -> Result<Page<PrivacyRequestItem>> {
    sql::request_list(db, &query).await
}

/// Process a privacy request
///
/// An export is prepared in the background and completes the request; if it fails, it can be started again. An erasure
/// happens at once and cannot be undone: all personal data is removed, while the ledger and the audit log keep their
/// entries.
#[operation(POST "/privacy/requests/{id}/run", staff = PrivacyManage, errors(invalid_transition))]
pub async fn privacy_request_run(
    cx: &RequestContext,
    id: PrivacyRequestId,
    input: PrivacyRun,
) -> Result<PrivacyRequest> {
    let (request, gone) = cx.write(|tx| Box::pin(run(tx, id, input))).await?;
    for file in gone {
        files::discard(cx.app(), file).await;
    }
    Ok(request)
}

#[cfg(feature = "ssr")]
async fn run(tx: &mut Tx, id: PrivacyRequestId, input: PrivacyRun) -> Result<(PrivacyRequest, Vec<Uuid>)> {
    let (now, by) = (tx.now, tx.actor());
    let before = sql::request_lock(tx.conn(), id).await?;
    // An export whose job died is run again; while the job lives the key keeps it the only one.
    let again = before.request_type == PrivacyRequestType::Export && before.status == Status::Running;
    if !again {
        must_be_open(&before)?;
    }
    let answer = input.answer.as_ref().map(|answer| answer.as_str());
    let mut gone = Vec::new();
    let status = match before.request_type {
        PrivacyRequestType::Export => {
            tx.enqueue(&MakeExport { request: id }).dedupe(id.to_string());
            Status::Running
        }
        PrivacyRequestType::Erasure => {
            gone = erasure::run(tx, before.user_id).await?;
            Status::Completed
        }
    };
    sql::request_set(tx.conn(), id, status, answer, by, now).await?;
    let after = sql::request_lock(tx.conn(), id).await?;
    tx.audit("privacy_request.run", &before, &after);
    Ok((after, gone))
}

/// Reject a privacy request with a reason
#[operation(POST "/privacy/requests/{id}/reject", staff = PrivacyManage, errors(invalid_transition))]
pub async fn privacy_request_reject(
    tx: &mut Tx,
    id: PrivacyRequestId,
    input: PrivacyRejection,
) -> Result<PrivacyRequest> {
    let (now, by) = (tx.now, tx.actor());
    let before = sql::request_lock(tx.conn(), id).await?;
    must_be_open(&before)?;
    sql::request_set(tx.conn(), id, Status::Rejected, Some(input.answer.as_str()), by, now).await?;
    let after = sql::request_lock(tx.conn(), id).await?;
    tx.audit("privacy_request.rejected", &before, &after);
    Ok(after)
}

#[cfg(feature = "ssr")]
fn must_be_open(request: &PrivacyRequest) -> Result<()> {
    if request.status == Status::Open {
        return Ok(());
    }
    Err(is_now("request", request.status.as_str()))
}
