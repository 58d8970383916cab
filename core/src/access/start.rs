//! What must stand in the database before anybody can sign in: the catalogue of permissions, the
//! system roles and, on the first start, somebody to sign in as.

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
    "admin_users_email_key" "email" "already_exists" "Another account has this e-mail address.";
    "roles_code_key" "code" "already_exists" "Another role has this code.";
    "roles_name_key" "name" "already_exists" "Another role has this name.";
    "ip_allowlist_cidr" "cidr" "already_exists" "This network is on the list already.";
    "user_role_assignments_scoped" "role_id" "already_exists" "The account has this role there already.";
    "user_role_assignments_main" "role_id" "already_exists" "The account has a main role already.";
}

/// Mirrors the catalogue and makes missing system roles. Any number of processes may start at once.
pub async fn mirror_catalogue(app: &App) -> Result<()> {
    let mut tx = app.pool.begin().await?;
    sql::signing_keys_lock(&mut tx).await?;
    for (position, permission) in Permission::ALL.iter().enumerate() {
        sql::permission_upsert(&mut tx, *permission, i32::try_from(position).unwrap_or(i32::MAX)).await?;
    }
    sql::permissions_prune(&mut tx).await?;
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
        if known.is_none() || role.code == SUPER_ADMIN {
            sql::role_permissions_set(&mut tx, id, &role.granted().iter().copied().collect()).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Makes an active account with a role, for the command line and demo data.
pub async fn make_account(
    db: &mut PgConnection,
    email: &Email,
    name: &PersonName,
    password: &NewPassword,
    role: &str,
    now: Timestamp,
) -> Result<StaffId> {
    let hash = hash_password(password.expose()).await?;
    let role_id = sql::role_id_by_code(db, role).await?;
    let role_id = role_id.ok_or_else(|| internal().internal(format!("there is no role {role}")))?;
    let id = StaffId::new();
    sql::staff_insert(db, id, email.as_str(), name.as_str(), now).await?;
    sql::password_set(db, id, &hash, now).await?;
    sql::staff_set_status(db, id, StaffStatus::Active).await?;
    let main = AssignInput { role_id, event_id: None, partner_id: None, talent_id: None };
    sql::assignment_insert(db, AssignmentId::new(), id, &main, None, now).await?;
    Ok(id)
}

/// Makes an active account that reaches no further than one partner, for demo data.
pub async fn make_contact(
    db: &mut PgConnection,
    email: &Email,
    name: &PersonName,
    password: &NewPassword,
    partner: Uuid,
    now: Timestamp,
) -> Result<StaffId> {
    let hash = hash_password(password.expose()).await?;
    let role_id = sql::role_id_by_code(db, "partner").await?;
    let role_id = role_id.ok_or_else(|| internal().internal("there is no role partner"))?;
    let id = StaffId::new();
    sql::staff_insert(db, id, email.as_str(), name.as_str(), now).await?;
    sql::password_set(db, id, &hash, now).await?;
    sql::staff_set_status(db, id, StaffStatus::Active).await?;
    let within = AssignInput { role_id, event_id: None, partner_id: Some(partner), talent_id: None };
    sql::assignment_insert(db, AssignmentId::new(), id, &within, None, now).await?;
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
