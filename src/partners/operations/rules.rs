//! Rules that several operations share.

use crate::access::scoped::{self, Place};
use crate::kernel::caller::Scope;
use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::error::{Result, forbidden, not_found};
use crate::partners::events::{ContactChanged, VerificationChanged};
use crate::partners::{ContactId, Partner, PartnerContact, PartnerId, Verification, sql};

/// The role that contacts sign in with.
const CONTACT_ROLE: &str = "partner";

/// Some things a partner's own people cannot do to it, whatever their role there allows.
pub fn house_only(cx: &RequestContext) -> Result<()> {
    if cx.scope == Scope::All { Ok(()) } else { Err(forbidden().detail("This is not for a partner's own contacts.")) }
}

/// Lets a contact sign in: its account gets the role Partner within this partner, and an invitation
/// where it has no password yet. Answers whether it can sign in already.
pub async fn invite(tx: &mut Tx, partner: &str, contact: &PartnerContact) -> Result<bool> {
    let place = Place { role: CONTACT_ROLE, partner: contact.partner_id.0, partner_name: partner };
    let account = scoped::grant(tx, &contact.email, &contact.name, place).await?;
    let now = tx.now;
    sql::contact_invited(tx.conn(), contact.id, account.as_ref().map(|account| account.id), now).await?;
    Ok(account.is_some_and(|account| account.active))
}

/// The contact as this caller may see it.
pub async fn shown(tx: &mut Tx, contact: PartnerContact) -> Result<PartnerContact> {
    if tx.scope == Scope::All {
        return Ok(contact);
    }
    let all = sql::contact_list(tx.conn(), contact.partner_id, false).await?;
    all.into_iter().find(|other| other.id == contact.id).ok_or_else(not_found)
}

/// What the documents come to now; `None` if that is what it was before.
pub async fn verify(tx: &mut Tx, partner: &Partner) -> Result<Option<Verification>> {
    let state = Verification::of(&sql::documents_that_count(tx.conn(), partner.id).await?);
    if state == partner.verification_status {
        return Ok(None);
    }
    sql::partner_set_verification(tx.conn(), partner.id, state).await?;
    tx.emit(&VerificationChanged { partner_id: partner.id, verification_status: state });
    Ok(Some(state))
}

/// Before and after a change to a contact: everything an audit entry needs.
pub async fn audited_contact(tx: &mut Tx, action: &'static str, before: &PartnerContact) -> Result<PartnerContact> {
    let after = sql::contact_find(tx.conn(), before.partner_id, before.id).await?;
    tx.audit(action, before, &after);
    contact_changed(tx, after.partner_id, after.id);
    shown(tx, after).await
}

/// Says that a contact came, changed or went.
pub fn contact_changed(tx: &mut Tx, partner_id: PartnerId, contact_id: ContactId) {
    tx.emit(&ContactChanged { partner_id, contact_id });
}
