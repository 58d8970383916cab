//! What was done to a partner.

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::partners::{PartnerActivity, PartnerId};

#[cfg(feature = "ssr")]
use {
    crate::access::scoped,
    crate::audit::{self, AuditChange, AuditRow},
    crate::kernel::{
        caller::Scope,
        context::{Db, Reader},
    },
    crate::partners::sql,
    uuid::Uuid,
};

/// List the activity of a partner
///
/// Changes to its record, contacts, documents and bank accounts, newest first: audit log entries without addresses and
/// values. A partner's own contacts see "Eventify" instead of the names of team members.
#[operation(GET "/partners/{id}/activity", staff = PartnersRead, scoped, stale_ok)]
pub async fn partner_activity(db: &mut Reader, id: PartnerId, query: Paging) -> Result<Page<PartnerActivity>> {
    let partner = sql::partner_find(db, id).await?;
    let objects = sql::partner_objects(db.conn(), partner.id).await?;
    let ids: Vec<_> = objects.iter().map(|object| (object.kind.to_owned(), object.id.to_string())).collect();
    let page = audit::history_with_values(db, partner.id.0, &ids, partner.created_at, &query).await?;
    let actors: Vec<Uuid> = page.items.iter().filter_map(|(row, _)| row.actor.id).collect();
    let names = sql::names_of_staff(db.conn(), &actors).await?;
    // A partner's own people are not shown who works here.
    let own = match db.scope == Scope::All {
        true => None,
        false => Some(scoped::people(db, id.0).await?),
    };
    let by = |row: &AuditRow| match row.actor.id {
        Some(id) if own.as_ref().is_none_or(|own| own.contains(&id)) => {
            names.get(&id).cloned().unwrap_or_else(|| row.actor.label.clone())
        }
        _ => "Eventify".to_owned(),
    };
    let entry = |(row, changes): (AuditRow, Vec<AuditChange>)| PartnerActivity {
        at: row.created_at,
        by: by(&row),
        subject: objects.iter().find(|o| o.id.to_string() == row.object_id).and_then(|object| object.name.clone()),
        outcome: status(&changes),
        action: row.action,
        reason: row.reason,
        changed: row.changed,
    };
    Ok(page.map(entry))
}

/// What the record's own status was changed to. Nothing in it is anybody's own.
#[cfg(feature = "ssr")]
fn status(changes: &[AuditChange]) -> Option<String> {
    let status = changes.iter().find(|change| change.field == "status")?;
    status.before.as_ref()?;
    status.after.as_ref()?.as_str().map(str::to_owned)
}
