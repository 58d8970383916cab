//! What must stand in the database before anybody can sign in: the catalogue of permissions, the
//! system roles and, on the first start, somebody to sign in as.

use std::collections::BTreeSet;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{AssignInput, AssignmentId, RoleId, StaffId, StaffStatus, sql};
use crate::kernel::app::App;
use crate::kernel::crypto::hash_password;
use crate::kernel::error::{Result, constraints, internal};
use crate::kernel::permissions::{Permission, SUPER_ADMIN, SYSTEM_ROLES};
use crate::kernel::text::{Email, NewPassword, PersonName};
use crate::kernel::timestamp::Timestamp;

constraints! {
    "user_role_assignments_partner_id_fkey" "partner_id" "unknown_reference" "There is no such partner.";
    "admin_users_email_key" "email" "already_exists" "Another account has this email address.";
    "roles_code_key" "code" "already_exists" "Another role has this code.";
    "roles_name_key" "name" "already_exists" "Another role has this name.";
    "ip_allowlist_cidr" "cidr" "already_exists" "This network is on the list already.";
    "user_role_assignments_scoped" "role_id" "already_exists" "The account has this role there already.";
    "user_role_assignments_main" "role_id" "already_exists" "The account has a main role already.";
}

/// Mirrors the catalogue and makes missing system roles. Any number of processes may start at once, of
/// several versions: what another one knows beyond this stays. A system role is given a permission when
/// that first appears, and never again: people may have taken it away since.
pub async fn mirror_catalogue(app: &App) -> Result<()> {
    let mut tx = app.begin().await?;
    sql::signing_keys_lock(&mut tx).await?;
    let mut new = BTreeSet::new();
    for (position, permission) in Permission::ALL.iter().enumerate() {
        if sql::permission_upsert(&mut tx, *permission, i32::try_from(position).unwrap_or(i32::MAX)).await? {
            new.insert(*permission);
        }
    }
    let now = app.clock.now();
    for role in SYSTEM_ROLES {
        let known = sql::role_id_by_code(&mut tx, role.code).await?;
        let id = match known {
            Some(id) => id,
            None => {
                let id = RoleId::new();
                let row = sql::NewRoleRow {
                    id,
                    code: role.code,
                    name: role.name,
                    description: role.description,
                    is_system: true,
                    requires_2fa: false,
                };
                sql::role_insert(&mut tx, &row, now).await?;
                id
            }
        };
        // People may have changed what the others allow; Super Admin always allows everything.
        let all = known.is_none() || role.code == SUPER_ADMIN;
        let given = role.granted().iter().filter(|permission| all || new.contains(permission));
        sql::role_permissions_add(&mut tx, id, given).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A role, and where it holds: everywhere, or within one event, partner or talent.
#[derive(Clone, Copy)]
pub struct Post<'r> {
    role: &'r str,
    event_id: Option<Uuid>,
    partner_id: Option<Uuid>,
    talent_id: Option<Uuid>,
}

impl<'r> From<&'r str> for Post<'r> {
    fn from(role: &'r str) -> Self {
        Post { role, event_id: None, partner_id: None, talent_id: None }
    }
}

impl<'r> Post<'r> {
    /// The role within one event.
    pub fn at_event(role: &'r str, event: Uuid) -> Self {
        Post { event_id: Some(event), ..Post::from(role) }
    }
    /// The role within one partner.
    pub fn at_partner(role: &'r str, partner: Uuid) -> Self {
        Post { partner_id: Some(partner), ..Post::from(role) }
    }
    /// The role within one artist's own.
    pub fn of_talent(role: &'r str, talent: Uuid) -> Self {
        Post { talent_id: Some(talent), ..Post::from(role) }
    }
}

/// Makes an active account with a role, for the command line and demo data.
pub async fn make_account(
    db: &mut PgConnection,
    email: &Email,
    name: &PersonName,
    password: &NewPassword,
    post: impl Into<Post<'_>>,
    now: Timestamp,
) -> Result<StaffId> {
    let Post { role, event_id, partner_id, talent_id } = post.into();
    let hash = hash_password(password.expose()).await?;
    let role_id = sql::role_id_by_code(db, role).await?;
    let role_id = role_id.ok_or_else(|| internal().internal(format!("there is no role {role}")))?;
    let id = StaffId::new();
    sql::staff_insert(db, id, email.as_str(), name.as_str(), now).await?;
    sql::password_set(db, id, &hash, now).await?;
    sql::staff_set_status(db, id, StaffStatus::Active).await?;
    let given = AssignInput { role_id, event_id, partner_id, talent_id, expires_at: None };
    sql::assignment_insert(db, AssignmentId::new(), id, &given, None, now).await?;
    Ok(id)
}

/// The account with this address.
pub async fn account_id(db: &mut PgConnection, email: &str) -> Result<Option<StaffId>> {
    Ok(sql::login_by_email(db, email).await?.map(|account| StaffId(account.id)))
}

/// Whether there is nobody yet.
pub async fn is_empty(app: &App) -> Result<bool> {
    let mut reader = app.reader.acquire().await?;
    Ok(!sql::staff_exists(&mut reader).await?)
}
