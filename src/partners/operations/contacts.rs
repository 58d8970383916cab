//! People at a partner. [000 partner_contacts]

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::partners::{ContactId, ContactPatch, NewContact, PartnerContact, PartnerId};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::kernel::{
        caller::Scope,
        context::{Db, Reader, Tx},
        error::{invalid_input, invalid_transition, same_version},
        patch::Patch,
    },
    crate::partners::errors::primary_contact,
    crate::partners::{ContactAccess, sql},
};

/// List the contacts of a partner
///
/// The primary one first.
#[operation(GET "/partners/{id}/contacts", staff = PartnersRead, scoped)]
pub async fn partner_contact_list(db: &mut Reader, id: PartnerId, query: Paging) -> Result<Page<PartnerContact>> {
    let partner = sql::partner_find(db, id).await?;
    let house = db.scope == Scope::All;
    let rows = sql::contact_list(db.conn(), partner.id, house).await?;
    query.cut(db, "contacts", id, rows, |contact| contact.id.0)
}

/// Add a contact
#[operation(POST "/partners/{id}/contacts", staff = PartnersManage, status = 201, scoped, idempotent, rate = Costly,
    errors(already_exists))]
pub async fn partner_contact_add(tx: &mut Tx, id: PartnerId, input: NewContact) -> Result<PartnerContact> {
    let partner = sql::partner_lock(tx, id).await?;
    let (contact_id, now) = (ContactId::new(), tx.now);
    sql::contact_insert(tx.conn(), contact_id, id, &input, now).await?;
    if input.is_primary {
        make_primary(tx, id, contact_id).await?;
    }
    if input.invite {
        let contact = sql::contact_find(tx.conn(), id, contact_id).await?;
        rules::invite(tx, &partner.name, &contact).await?;
    }
    let contact = sql::contact_find(tx.conn(), id, contact_id).await?;
    tx.audit_created("partner.contact_added", &contact);
    rules::contact_changed(tx, id, contact_id);
    rules::shown(tx, contact).await
}

/// Update a contact's name, email or phone
///
/// The email address of an invited contact cannot be changed, since they sign in with it: add another contact instead.
#[operation(PATCH "/partners/{id}/contacts/{contact_id}", staff = PartnersManage, scoped,
    errors(conflict, already_exists))]
pub async fn partner_contact_update(
    tx: &mut Tx,
    id: PartnerId,
    contact_id: ContactId,
    input: ContactPatch,
) -> Result<PartnerContact> {
    sql::partner_lock(tx, id).await?;
    let before = sql::contact_find(tx.conn(), id, contact_id).await?;
    same_version(input.version, before.version, &before)?;
    let mut wanted = before.clone();
    wanted.name = input.name.map_or(wanted.name, String::from);
    wanted.email = input.email.map_or(wanted.email, String::from);
    wanted.phone = match input.phone {
        Patch::Absent => wanted.phone,
        Patch::Null => None,
        Patch::Value(phone) => Some(phone.into()),
    };
    let invited = before.invited_at.is_some() || before.user_id.is_some();
    if wanted.email != before.email && invited {
        return Err(invalid_input()
            .field("email", "cannot be changed, since the contact signs in with it: add another contact instead"));
    }
    sql::contact_update(tx.conn(), &wanted).await?;
    sql::partner_refresh_search(tx.conn(), id).await?;
    rules::audited_contact(tx, "partner.contact_updated", &before).await
}

/// Make a contact the primary one
#[operation(POST "/partners/{id}/contacts/{contact_id}/primary", staff = PartnersManage, scoped,
    errors(invalid_transition))]
pub async fn partner_contact_make_primary(tx: &mut Tx, id: PartnerId, contact_id: ContactId) -> Result<PartnerContact> {
    sql::partner_lock(tx, id).await?;
    let before = sql::contact_find(tx.conn(), id, contact_id).await?;
    make_primary(tx, id, contact_id).await?;
    rules::audited_contact(tx, "partner.contact_made_primary", &before).await
}

/// Invite a contact to sign in, or resend the invitation
#[operation(POST "/partners/{id}/contacts/{contact_id}/invite", staff = PartnersManage, scoped, rate = Costly,
    errors(invalid_transition, already_exists))]
pub async fn partner_contact_invite(tx: &mut Tx, id: PartnerId, contact_id: ContactId) -> Result<PartnerContact> {
    let partner = sql::partner_lock(tx, id).await?;
    let before = sql::contact_find(tx.conn(), id, contact_id).await?;
    if rules::shown(tx, before.clone()).await?.access == ContactAccess::Active {
        return Err(invalid_transition().detail("The contact can sign in already."));
    }
    rules::invite(tx, &partner.name, &before).await?;
    rules::audited_contact(tx, "partner.contact_invited", &before).await
}

/// Remove a contact
///
/// The contact loses access to the partner.
#[operation(DELETE "/partners/{id}/contacts/{contact_id}", staff = PartnersManage, scoped, errors(primary_contact))]
pub async fn partner_contact_remove(tx: &mut Tx, id: PartnerId, contact_id: ContactId) -> Result<()> {
    sql::partner_lock(tx, id).await?;
    let before = sql::contact_find(tx.conn(), id, contact_id).await?;
    if before.is_primary {
        return Err(primary_contact().detail("Make another contact primary before removing this one."));
    }
    if let Some(user) = before.user_id {
        crate::access::scoped::withdraw(tx, user, id.0).await?;
    }
    sql::contact_delete(tx.conn(), contact_id).await?;
    tx.audit_deleted("partner.contact_removed", &before);
    rules::contact_changed(tx, id, contact_id);
    Ok(())
}

#[cfg(feature = "ssr")]
async fn make_primary(tx: &mut Tx, id: PartnerId, contact_id: ContactId) -> Result<()> {
    sql::contact_make_primary(tx.conn(), id, contact_id).await?;
    sql::partner_refresh_search(tx.conn(), id).await
}
