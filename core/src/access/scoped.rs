//! Accounts whose role reaches no further than one partner.

use uuid::Uuid;

use super::events::{StaffChanged, StaffInvited};
use super::links::{self, Purpose};
use super::templates::{Invitation, PartnerAccess};
use super::{AssignInput, AssignmentId, StaffId, StaffStatus, sql};
use crate::kernel::caller::{Scope, ScopeKey};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, forbidden, internal, invalid_transition};
use crate::kernel::permissions::Permission;
use crate::notify::Template;

/// An account that was let in.
pub struct Granted {
    /// The account.
    pub id: StaffId,
    /// Whether it can sign in already.
    pub active: bool,
}

/// A role within a partner.
#[derive(Clone, Copy)]
pub struct Place<'p> {
    /// The role's code.
    pub role: &'p str,
    /// The partner.
    pub partner: Uuid,
    /// Its name.
    pub partner_name: &'p str,
}

/// Gives whoever has this address a role within a partner. An account is made where there is none, and
/// invited by mail until it has been accepted; who has an account is mailed as well. None is given to a closed
/// account: staff are told so, a partner's own people are not, as they learn nothing of who has one.
pub async fn grant(tx: &mut Tx, email: &str, name: &str, place: Place<'_>) -> Result<Option<Granted>> {
    let Place { role, partner, partner_name } = place;
    let role_id = sql::role_id_by_code(tx.conn(), role).await?;
    let role_id = role_id.ok_or_else(|| internal().internal(format!("there is no role {role}")))?;
    let role = sql::role_find(tx.conn(), role_id).await?;
    for permission in &role.permissions {
        must_hold(tx, *permission, partner)?;
    }
    let (now, by) = (tx.now, tx.actor());
    let known = sql::login_by_email(tx.conn(), email).await?;
    let id = known.as_ref().map_or_else(StaffId::new, |account| StaffId(account.id));
    if known.is_none() {
        sql::staff_insert(tx.conn(), id, email, name, now).await?;
        tx.emit(&StaffInvited { user_id: id });
    }
    let staff = sql::staff_lock(tx, id).await?;
    if staff.status == StaffStatus::Inactive {
        let refusal = invalid_transition().detail("The account with this address was revoked: reactivate it first.");
        return if tx.scope == Scope::All { Err(refusal) } else { Ok(None) };
    }
    if !sql::partner_assignment_exists(tx.conn(), id, partner).await? {
        let within =
            AssignInput { role_id, event_id: None, partner_id: Some(partner), talent_id: None, expires_at: None };
        sql::assignment_insert(tx.conn(), AssignmentId::new(), id, &within, by, now).await?;
        tx.access_changed();
        tx.emit(&StaffChanged { user_id: id });
    }
    let active = staff.status == StaffStatus::Active;
    let (name, partner) = (staff.full_name, partner_name.to_owned());
    let invited_by = links::inviter(tx).await?;
    let mail = if active {
        Template::from(PartnerAccess { name, invited_by, partner })
    } else {
        let link = links::create(tx, Purpose::Invitation, id).await?;
        let role = format!("{} at {partner}", role.name);
        Invitation { name, invited_by, role, partner: Some(partner), link }.into()
    };
    crate::notify::mail(tx, &staff.email, mail);
    Ok(Some(Granted { id, active }))
}

/// Takes every role within a partner away from an account; the account stays. An invitation that leads to no
/// role any more is void.
pub async fn withdraw(tx: &mut Tx, user: StaffId, partner: Uuid) -> Result<()> {
    let staff = sql::staff_lock(tx, user).await?;
    let (now, by) = (tx.now, tx.actor());
    sql::partner_assignments_close(tx.conn(), user, partner, by, now).await?;
    links::void_without_role(tx, &staff).await?;
    tx.access_changed();
    tx.emit(&StaffChanged { user_id: user });
    Ok(())
}

/// Everybody who works or worked for a partner.
pub async fn people(db: &mut impl Db, partner: Uuid) -> Result<Vec<Uuid>> {
    sql::partner_people(db.conn(), partner).await
}

/// Nobody hands out more than it holds there itself.
fn must_hold(tx: &Tx, permission: Permission, partner: Uuid) -> Result<()> {
    let holds = match tx.caller.scope_for(permission) {
        Some(Scope::All) => true,
        Some(Scope::Only(keys)) => keys.contains(&ScopeKey::Partner(partner)),
        None => false,
    };
    if holds {
        return Ok(());
    }
    let code = permission.code();
    Err(forbidden().detail(format!("This exceeds your own permissions: you do not have {code}.")))
}
