//! Roles and the permission matrix. [000 Roles & Permissions]

use operation::operation;

use crate::access::{NewRole, PermissionInfo, PermissionMatrixRow, Role, RoleId, RoleName, RolePatch};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::access::{events::RoleChanged, sql},
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{forbidden, invalid_input, role_in_use, system_role},
        permissions::{Permission, SUPER_ADMIN},
        registry::operations,
    },
    std::collections::BTreeSet,
};

/// List roles with their permissions
///
/// All in one page.
#[operation(GET "/admin/roles", staff = RolesRead, stale_ok)]
pub async fn role_list(db: &mut Reader) -> Result<Page<Role>> {
    Ok(sql::role_list(db.conn()).await?.into())
}

/// List the names of roles
///
/// For filters and pickers: all in one page, without permissions or members.
#[operation(GET "/admin/roles/names", staff = RolesRead, stale_ok)]
pub async fn role_names(db: &mut Reader) -> Result<Page<RoleName>> {
    Ok(sql::role_names(db.conn()).await?.into())
}

/// Get a role
#[operation(GET "/admin/roles/{id}", staff = RolesRead)]
pub async fn role_get(db: &mut Reader, id: RoleId) -> Result<Role> {
    sql::role_find(db.conn(), id).await
}

/// List permissions
///
/// All in one page. Reserved permissions that no operation checks yet are left out.
#[operation(GET "/admin/permissions", staff)]
pub async fn permission_list(_db: &mut Reader) -> Result<Page<PermissionInfo>> {
    let info = |p: &Permission| PermissionInfo { id: *p, name: p.title().to_owned(), group: p.group().to_owned() };
    let asked: BTreeSet<_> = operations().iter().filter_map(|operation| operation.permission()).collect();
    let there = Permission::ALL.iter().filter(|permission| asked.contains(permission));
    Ok(there.map(info).collect::<Vec<_>>().into())
}

/// Create a role
///
/// It cannot have more permissions than the caller.
#[operation(POST "/admin/roles", staff = RolesManage, status = 201, idempotent, errors(already_exists))]
pub async fn role_create(tx: &mut Tx, input: NewRole) -> Result<Role> {
    rules::require_superset_of(&tx.caller.clone(), &input.permissions)?;
    let (id, now) = (RoleId::new(), tx.now);
    let code = match &input.code {
        Some(code) => code.to_string(),
        None => code_from_name(input.name.as_str())?,
    };
    let row = sql::NewRoleRow {
        id,
        code: &code,
        name: input.name.as_str(),
        description: input.description.as_ref().map_or("", |d| d.as_str()),
        is_system: false,
        requires_2fa: input.requires_2fa,
    };
    sql::role_insert(tx.conn(), &row, now).await?;
    sql::role_permissions_set(tx.conn(), id, &input.permissions).await?;
    let role = sql::role_find(tx.conn(), id).await?;
    tx.audit_created("role.created", &role);
    tx.emit(&RoleChanged { role_id: id });
    Ok(role)
}

/// Update a role's name, description or sign-in rule
#[operation(PATCH "/admin/roles/{id}", staff = RolesManage, errors(already_exists, conflict, system_role))]
pub async fn role_update(tx: &mut Tx, id: RoleId, input: RolePatch) -> Result<Role> {
    let before = sql::role_lock(tx.conn(), id).await?;
    rules::same_version(input.version, before.version, &before)?;
    rules::require_superset_of(&tx.caller.clone(), &before.permissions)?;
    let mut role = before.clone();
    if let Some(name) = input.name {
        role.name = name.to_string();
    }
    if let Some(description) = input.description {
        role.description = description.to_string();
    }
    role.requires_2fa = input.requires_2fa.unwrap_or(role.requires_2fa);
    sql::role_update(tx.conn(), &role).await?;
    changed(tx, "role.updated", &before).await
}

/// Set the permissions of a role
///
/// Replaces all permissions; the audit entry records the difference. Super Admin always has every permission.
#[operation(PUT "/admin/roles/{id}/permissions", staff = RolesManage, errors(conflict, system_role))]
pub async fn role_set_permissions(tx: &mut Tx, id: RoleId, input: PermissionMatrixRow) -> Result<Role> {
    let before = sql::role_lock(tx.conn(), id).await?;
    rules::same_version(input.version, before.version, &before)?;
    if before.code == SUPER_ADMIN {
        return Err(forbidden().detail("Super Admin always allows everything."));
    }
    // What is taken away must be held as well as what is given.
    rules::require_superset_of(&tx.caller.clone(), &before.permissions)?;
    rules::require_superset_of(&tx.caller.clone(), &input.permissions)?;
    sql::role_permissions_set(tx.conn(), id, &input.permissions).await?;
    let role = changed(tx, "role.permissions_changed", &before).await?;
    Ok(role)
}

/// Delete a role that was never assigned
///
/// System roles and roles that someone has or had cannot be deleted, so that their history stays complete.
#[operation(DELETE "/admin/roles/{id}", staff = RolesManage, errors(role_in_use, system_role))]
pub async fn role_delete(tx: &mut Tx, id: RoleId) -> Result<()> {
    let role = sql::role_lock(tx.conn(), id).await?;
    if role.is_system {
        return Err(system_role());
    }
    rules::require_superset_of(&tx.caller.clone(), &role.permissions)?;
    if role.members > 0 {
        return Err(role_in_use().detail(format!("{} accounts have this role.", role.members)));
    }
    if sql::role_was_assigned(tx.conn(), id).await? {
        return Err(role_in_use().detail(
            "Accounts had this role in the past and it is part of their history. Remove its permissions instead.",
        ));
    }
    sql::role_delete(tx.conn(), id).await?;
    tx.audit_deleted("role.deleted", &role);
    tx.emit(&RoleChanged { role_id: id });
    Ok(())
}

#[cfg(feature = "ssr")]
async fn changed(tx: &mut Tx, action: &'static str, before: &Role) -> Result<Role> {
    let after = sql::role_find(tx.conn(), before.id).await?;
    tx.audit(action, before, &after);
    tx.emit(&RoleChanged { role_id: after.id });
    tx.access_changed();
    Ok(after)
}

#[cfg(feature = "ssr")]
fn code_from_name(name: &str) -> Result<String> {
    let mut code = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => code.push(c),
            _ if code.ends_with('_') => {}
            _ => code.push('_'),
        }
    }
    let code: String = code.trim_matches(|c: char| c == '_' || c.is_ascii_digit()).chars().take(60).collect();
    if code.len() < 2 {
        return Err(invalid_input().field("code", "cannot be made from this name; give one"));
    }
    Ok(code)
}
