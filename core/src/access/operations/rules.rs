//! Rules that several operations share.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::access::{Staff, StaffId, sql};
use crate::kernel::caller::Caller;
use crate::kernel::context::{Db, RequestContext, Tx};
pub use crate::kernel::error::same_version;
use crate::kernel::error::{Result, forbidden, last_super_admin};
use crate::kernel::permissions::Permission;

/// Nobody hands out, or lays hands on, more than it holds itself.
pub fn require_superset_of(caller: &Caller, permissions: &BTreeSet<Permission>) -> Result<()> {
    let held = match caller {
        Caller::System => return Ok(()),
        Caller::Staff(staff) => &staff.permissions,
        Caller::ApiKey(key) => &key.permissions,
        Caller::EndUser(_) | Caller::Device(_) | Caller::Anonymous => return Err(forbidden()),
    };
    match permissions.difference(held).next() {
        None => Ok(()),
        Some(missing) => {
            Err(forbidden().detail(format!("This exceeds your own permissions: you do not have {}.", missing.code())))
        }
    }
}

/// The account may only be touched by somebody who could do all that it can.
pub async fn require_higher_role(tx: &mut Tx, user: StaffId) -> Result<()> {
    let permissions = sql::staff_permissions(tx.conn(), user).await?;
    require_superset_of(&tx.caller.clone(), &permissions)
}

/// At least one active Super Admin stays. Call [`sql::super_admins_lock`] before anything is read.
pub async fn keep_a_super_admin(db: &mut PgConnection, user: StaffId) -> Result<()> {
    if sql::is_super_admin(db, user).await? && !sql::another_super_admin(db, user).await? {
        return Err(last_super_admin());
    }
    Ok(())
}

/// The staff id of the caller, where there is one.
pub fn actor(cx: &RequestContext) -> Option<StaffId> {
    cx.actor()
}

/// Before and after a change to an account: everything an audit entry needs.
pub async fn audited_change(tx: &mut Tx, action: &'static str, before: &Staff) -> Result<Staff> {
    let after = sql::staff_find(tx, before.id).await?;
    tx.audit(action, before, &after);
    tx.emit(&crate::access::events::StaffChanged { user_id: after.id });
    Ok(after)
}
