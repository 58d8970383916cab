use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::access::{Role, RoleId, RoleName, StaffId};
use crate::kernel::error::{Result, not_found};
use crate::kernel::permissions::{Permission, SUPER_ADMIN};
use crate::kernel::timestamp::Timestamp;

struct RoleRow {
    id: RoleId,
    code: String,
    name: String,
    description: String,
    is_system: bool,
    requires_2fa: bool,
    permissions: Vec<String>,
    members: i64,
    version: i64,
    updated_at: Timestamp,
}

impl From<RoleRow> for Role {
    fn from(row: RoleRow) -> Role {
        Role {
            id: row.id,
            code: row.code,
            name: row.name,
            description: row.description,
            is_system: row.is_system,
            requires_2fa: row.requires_2fa,
            permissions: row.permissions.iter().filter_map(|code| Permission::parse(code).ok()).collect(),
            members: row.members,
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

/// All roles: the shipped ones first, in their order.
pub async fn role_list(db: &mut PgConnection) -> Result<Vec<Role>> {
    role_rows(db, None).await
}

/// Every role's name, as choices show them.
pub async fn role_names(db: &mut PgConnection) -> Result<Vec<RoleName>> {
    let rows = sqlx::query_as!(
        RoleName,
        r#"select id as "id: RoleId", name from roles order by is_system desc, created_at, id"#,
    );
    Ok(rows.fetch_all(db).await?)
}

async fn role_rows(db: &mut PgConnection, id: Option<RoleId>) -> Result<Vec<Role>> {
    let rows = sqlx::query_as!(
        RoleRow,
        r#"select r.id as "id: RoleId", r.code, r.name, r.description, r.is_system, r.requires_2fa,
                  coalesce((select array_agg(p.permission_id) from role_permissions p where p.role_id = r.id), '{}')
                      as "permissions!",
                  (select count(*) from (select from user_role_assignments a
                       where a.role_id = r.id and a.revoked_at is null group by a.user_id) m) as "members!",
                  r.version, r.updated_at as "updated_at: Timestamp"
           from roles r where $1::uuid is null or r.id = $1
           order by r.is_system desc, r.created_at, r.id"#,
        id.map(|id| id.0),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Role::from).collect())
}

/// One role, or 404.
pub async fn role_find(db: &mut PgConnection, id: RoleId) -> Result<Role> {
    role_rows(db, Some(id)).await?.pop().ok_or_else(not_found)
}

/// One role, locked until the transaction ends, or 404.
pub async fn role_lock(db: &mut PgConnection, id: RoleId) -> Result<Role> {
    sqlx::query!("select id from roles where id = $1 for update", id.0)
        .fetch_optional(&mut *db)
        .await?
        .ok_or_else(not_found)?;
    role_find(db, id).await
}

pub struct NewRoleRow<'a> {
    pub id: RoleId,
    pub code: &'a str,
    pub name: &'a str,
    pub description: &'a str,
    pub is_system: bool,
    pub requires_2fa: bool,
}

pub async fn role_insert(db: &mut PgConnection, role: &NewRoleRow<'_>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into roles (id, code, name, description, is_system, requires_2fa, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        role.id.0,
        role.code,
        role.name,
        role.description,
        role.is_system,
        role.requires_2fa,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn role_update(db: &mut PgConnection, role: &Role) -> Result<()> {
    sqlx::query!(
        "update roles set name = $2, description = $3, requires_2fa = $4, version = version + 1 where id = $1",
        role.id.0,
        role.name,
        role.description,
        role.requires_2fa,
    )
    .execute(db)
    .await?;
    Ok(())
}

fn codes<'p>(permissions: impl IntoIterator<Item = &'p Permission>) -> Vec<String> {
    permissions.into_iter().map(|p| p.code().to_owned()).collect()
}

/// Makes the role allow this too.
pub async fn role_permissions_add<'p>(
    db: &mut PgConnection,
    id: RoleId,
    permissions: impl IntoIterator<Item = &'p Permission>,
) -> Result<()> {
    sqlx::query!(
        "insert into role_permissions (role_id, permission_id) select $1, unnest($2::text[]) on conflict do nothing",
        id.0,
        &codes(permissions),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes the role allow exactly this, of what this program knows: grants of a newer one stay.
pub async fn role_permissions_set(db: &mut PgConnection, id: RoleId, permissions: &BTreeSet<Permission>) -> Result<()> {
    let codes = codes(permissions);
    sqlx::query!(
        "delete from role_permissions where role_id = $1 and permission_id <> all($2) and permission_id = any($3)",
        id.0,
        &codes,
        &self::codes(Permission::ALL),
    )
    .execute(&mut *db)
    .await?;
    role_permissions_add(db, id, permissions).await?;
    sqlx::query!("update roles set version = version + 1 where id = $1", id.0).execute(db).await?;
    Ok(())
}

pub async fn role_delete(db: &mut PgConnection, id: RoleId) -> Result<()> {
    sqlx::query!("delete from roles where id = $1", id.0).execute(db).await?;
    Ok(())
}

/// Whether anybody has or ever had the role: history keeps it.
pub async fn role_was_assigned(db: &mut PgConnection, id: RoleId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from user_role_assignments where role_id = $1) as "used!""#,
        id.0,
    )
    .fetch_one(db)
    .await?)
}

/// Serialises everything that takes somebody's Super Admin away.
pub async fn super_admins_lock(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("select id from roles where code = $1 for update", SUPER_ADMIN).fetch_all(db).await?;
    Ok(())
}

/// Whether an active Super Admin remains besides this account.
pub async fn another_super_admin(db: &mut PgConnection, except: StaffId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select 1 from admin_users u
               join user_role_assignments a on a.user_id = u.id and a.revoked_at is null
                   and num_nonnulls(a.event_id, a.partner_id, a.talent_id) = 0
               join roles r on r.id = a.role_id and r.code = $2
               where u.status = 'active' and u.id <> $1) as "remains!""#,
        except.0,
        SUPER_ADMIN,
    )
    .fetch_one(db)
    .await?)
}

/// Whether this account is an active Super Admin.
pub async fn is_super_admin(db: &mut PgConnection, user: StaffId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select 1 from admin_users u
               join user_role_assignments a on a.user_id = u.id and a.revoked_at is null
                   and num_nonnulls(a.event_id, a.partner_id, a.talent_id) = 0
               join roles r on r.id = a.role_id and r.code = $2
               where u.status = 'active' and u.id = $1) as "is_one!""#,
        user.0,
        SUPER_ADMIN,
    )
    .fetch_one(db)
    .await?)
}

/// Writes a permission of the catalogue; true if it is new to the database.
pub async fn permission_upsert(db: &mut PgConnection, permission: Permission, position: i32) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"insert into permissions (id, name, group_name, position) values ($1, $2, $3, $4)
         on conflict (id) do update set name = excluded.name, group_name = excluded.group_name,
             position = excluded.position
         returning (xmax = 0) as "new!""#,
        permission.code(),
        permission.title(),
        permission.group(),
        position,
    )
    .fetch_one(db)
    .await?)
}

pub async fn role_id_by_code(db: &mut PgConnection, code: &str) -> Result<Option<RoleId>> {
    Ok(sqlx::query_scalar!(r#"select id as "id: RoleId" from roles where code = $1"#, code).fetch_optional(db).await?)
}

/// Whether this is somebody of the roster.
pub async fn talent_exists(db: &mut PgConnection, id: uuid::Uuid) -> Result<bool> {
    let known = sqlx::query_scalar!(
        r#"select exists (select 1 from talents where id = $1 and removed_at is null) as "known!""#,
        id
    );
    Ok(known.fetch_one(db).await?)
}
