//! Partners themselves. [000 Partner Management]

use operation::{Answer, operation};

use crate::kernel::error::Result;
use crate::kernel::page::Page;
use crate::partners::{NewPartner, Partner, PartnerFilter, PartnerId, PartnerPatch, PartnerStatusChange};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        csv,
        error::same_version,
        page::Paged,
    },
    crate::partners::{
        ContactId, NewContact, PartnerStatus,
        events::{PartnerChanged, PartnerCreated, PartnerStatusChanged},
        notices, sql,
    },
};

/// List partners
#[operation(GET "/partners", staff = PartnersRead, scoped, stale_ok)]
pub async fn partner_list(db: &mut Reader, query: PartnerFilter) -> Result<Page<Partner>> {
    sql::partner_list(db, &query).await
}

/// Export partners as CSV
///
/// Every partner of the filter, in its order; `columns` says which columns, all if absent. Pages do not matter here.
#[operation(GET "/partners/export", staff = PartnersRead, scoped, stale_ok, answer = Csv)]
pub async fn partner_export(cx: &RequestContext, query: PartnerFilter, columns: Option<Vec<String>>) -> Result<Answer> {
    csv::answer(cx, "partners", columns, move |db: &mut Reader, cursor| {
        let filter = query.exported(cursor);
        Box::pin(async move { sql::partner_list(db, &filter).await })
    })
    .await
}

/// Get a partner
#[operation(GET "/partners/{id}", staff = PartnersRead, scoped)]
pub async fn partner_get(db: &mut Reader, id: PartnerId) -> Result<Partner> {
    sql::partner_find(db, id).await
}

/// Create a partner and invite its primary contact
///
/// The contact gets an account with the Partner role, limited to this partner, and an invitation by email. The partner
/// becomes active when the invitation is accepted.
#[operation(POST "/partners", staff = PartnersManage, status = 201, scoped, idempotent, errors(already_exists))]
pub async fn partner_create(tx: &mut Tx, input: NewPartner) -> Result<Partner> {
    rules::house_only(tx)?;
    let (id, contact_id, now) = (PartnerId::new(), ContactId::new(), tx.now);
    sql::partner_insert(tx.conn(), id, &input, now).await?;
    let (name, email, phone) = (input.contact_name, input.contact_email, input.contact_phone);
    let contact = NewContact { name, email, phone, is_primary: true, invite: true };
    sql::contact_insert(tx.conn(), contact_id, id, &contact, now).await?;
    sql::contact_make_primary(tx.conn(), id, contact_id).await?;
    sql::partner_refresh_search(tx.conn(), id).await?;
    let contact = sql::contact_find(tx.conn(), id, contact_id).await?;
    if rules::invite(tx, input.name.as_str(), &contact).await? {
        // Somebody who works with us already has nothing to accept.
        sql::partner_set_status(tx.conn(), id, PartnerStatus::Active, None, now).await?;
    }
    let partner = sql::partner_find(tx, id).await?;
    tx.audit_created("partner.created", &partner);
    tx.emit(&PartnerCreated { partner_id: id });
    Ok(partner)
}

/// Update a partner's name, type or logo
#[operation(PATCH "/partners/{id}", staff = PartnersManage, scoped, errors(conflict, already_exists))]
pub async fn partner_update(tx: &mut Tx, id: PartnerId, input: PartnerPatch) -> Result<Partner> {
    let before = sql::partner_lock(tx, id).await?;
    same_version(input.version, before.version, &before)?;
    let mut wanted = before.clone();
    wanted.name = input.name.map_or(wanted.name, String::from);
    wanted.kind = input.kind.unwrap_or(wanted.kind);
    wanted.logo_url = match input.logo_url {
        crate::kernel::patch::Patch::Absent => wanted.logo_url,
        crate::kernel::patch::Patch::Null => None,
        crate::kernel::patch::Patch::Value(url) => Some(url.into()),
    };
    sql::partner_update(tx.conn(), &wanted).await?;
    sql::partner_refresh_search(tx.conn(), id).await?;
    let after = sql::partner_find(tx, id).await?;
    tx.audit("partner.updated", &before, &after);
    tx.emit(&PartnerChanged { partner_id: id });
    Ok(after)
}

/// Suspend or activate a partner
///
/// A suspended partner cannot be paid out or publish events, and its contacts can view but not change anything. They
/// stay signed in and are notified by email.
#[operation(PATCH "/partners/{id}/status", staff = PartnersManage, scoped, errors(conflict, invalid_transition))]
pub async fn partner_set_status(tx: &mut Tx, id: PartnerId, input: PartnerStatusChange) -> Result<Partner> {
    let before = sql::partner_lock(tx, id).await?;
    rules::house_only(tx)?;
    same_version(input.version.unwrap_or(before.version), before.version, &before)?;
    let status = before.status.next(input.status)?;
    let reason = input.reason.as_ref().map(|reason| reason.as_str());
    let kept = reason.filter(|_| status == PartnerStatus::Suspended);
    let now = tx.now;
    sql::partner_set_status(tx.conn(), id, status, kept, now).await?;
    // What its people hold is another thing from now on.
    tx.access_changed();
    let after = sql::partner_find(tx, id).await?;
    let entry = tx.audit("partner.status_changed", &before, &after);
    if let Some(reason) = reason {
        entry.reason(reason);
    }
    notices::stands_otherwise(tx, &before, &after).await?;
    tx.emit(&PartnerStatusChanged { partner_id: id, status });
    Ok(after)
}
