//! What was done to a partner.

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::partners::{PartnerActivity, PartnerId};

#[cfg(feature = "ssr")]
use {
    crate::access::scoped,
    crate::audit,
    crate::kernel::{
        caller::Scope,
        context::{Db, Reader},
    },
    crate::partners::sql,
    uuid::Uuid,
};

/// What was done to a partner
///
/// To its record, people, documents and bank accounts, newest first: entries of the audit log, without addresses
/// and values. A partner's own people see "Eventify" where one of its staff acted.
#[operation(GET "/partners/{id}/activity", staff = PartnersRead, scoped, stale_ok)]
pub async fn partner_activity(db: &mut Reader, id: PartnerId, query: Paging) -> Result<Page<PartnerActivity>> {
    let partner = sql::partner_find(db, id).await?;
    let objects = sql::partner_objects(db.conn(), partner.id).await?;
    let rows = audit::history(db, partner.id.0, &objects, &query).await?;
    // A partner's own people are not shown who works here.
    let own = match db.scope == Scope::All {
        true => None,
        false => Some(scoped::people(db, id.0).await?),
    };
    let known = |actor: Option<Uuid>| own.as_ref().is_none_or(|own| actor.is_some_and(|id| own.contains(&id)));
    let entry = |row: audit::AuditRow| PartnerActivity {
        at: row.created_at,
        by: if known(row.actor.id) { row.actor.label } else { "Eventify".to_owned() },
        action: row.action,
        reason: row.reason,
        changed: row.changed,
    };
    Ok(rows.map(entry))
}
