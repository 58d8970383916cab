//! What was done to a partner.

use operation::operation;

use crate::kernel::error::Result;
use crate::partners::{PartnerActivity, PartnerId};

#[cfg(feature = "ssr")]
use {
    crate::audit,
    crate::kernel::context::{Db, Reader},
    crate::partners::sql,
};

/// How far back it goes.
#[cfg(feature = "ssr")]
const MOST: i64 = 200;

/// What was done to a partner
///
/// To its record, people, documents and bank accounts, newest first: the last 200 entries of the audit log, without
/// addresses and values.
#[operation(GET "/partners/{id}/activity", staff = PartnersRead, scoped, stale_ok)]
pub async fn partner_activity(db: &mut Reader, id: PartnerId) -> Result<Vec<PartnerActivity>> {
    let partner = sql::partner_find(db, id).await?;
    let objects = sql::partner_objects(db.conn(), partner.id).await?;
    let rows = audit::history(db.conn(), &objects, MOST).await?;
    let entry = |row: audit::AuditRow| PartnerActivity {
        at: row.created_at,
        by: row.actor.label,
        action: row.action,
        reason: row.reason,
        changed: row.changed,
    };
    Ok(rows.into_iter().map(entry).collect())
}
