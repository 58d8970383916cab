//! The operations of audit.

use operation::{Answer, operation};
use uuid::Uuid;

use super::proof::AuditProof;
use super::{AuditDetail, AuditFilter, AuditRow, Chain};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use super::{names, proving, sql};
#[cfg(feature = "ssr")]
use crate::kernel::context::{Db, Reader, RequestContext};
#[cfg(feature = "ssr")]
use crate::kernel::csv;
#[cfg(feature = "ssr")]
use crate::kernel::page::Paged;

/// List audit log entries
///
/// Newest first.
#[operation(GET "/admin/audit", staff = AuditRead, stale_ok)]
pub async fn audit_list(db: &mut Reader, query: AuditFilter) -> Result<Page<AuditRow>> {
    names::list(db, &query).await
}

/// Export the audit log as CSV
///
/// Every entry of the filter, newest first; `columns` says which columns, all if absent. Pages do not matter here.
#[operation(GET "/admin/audit/export", staff = AuditRead, stale_ok, answer = Csv)]
pub async fn audit_export(cx: &RequestContext, query: AuditFilter, columns: Option<Vec<String>>) -> Result<Answer> {
    csv::answer(cx, "audit", columns, move |db: &mut Reader, cursor| {
        let filter = query.exported(cursor);
        Box::pin(async move { sql::audit_list(db, &filter).await })
    })
    .await
}

/// Get the status of the audit log's hash chain
///
/// `eventify verify-audit` verifies the whole chain.
#[operation(GET "/admin/audit/chain", staff = AuditRead)]
pub async fn audit_chain(db: &mut Reader) -> Result<Chain> {
    let (now, key) = (db.now, proving::public_key(db.app()));
    sql::chain(db.conn(), now, key).await
}

/// Export audit log entries with a proof that they are unchanged
///
/// Exports the sealed entries that match the filter, oldest first and at most 5,000, with their seals and a signed
/// statement of what was exported. Verify the file at `/audit/verify`, entirely in the browser. Pagination parameters
/// are ignored.
#[operation(GET "/admin/audit/proof/export", staff = AuditRead)]
pub async fn audit_proof_export(db: &mut Reader, query: AuditFilter) -> Result<AuditProof> {
    proving::prove(db, query).await
}

/// Get an audit log entry with the values before and after
#[operation(GET "/admin/audit/{id}", staff = AuditRead)]
pub async fn audit_get(db: &mut Reader, id: Uuid) -> Result<AuditDetail> {
    let mut found = sql::audit_find(db.conn(), id).await?;
    names::tell(db.conn(), std::slice::from_mut(&mut found.row)).await?;
    Ok(found)
}
