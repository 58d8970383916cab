use std::collections::BTreeSet;

use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::access::{
    AssignInput, Assignment, AssignmentId, RoleId, Staff, StaffFilter, StaffId, StaffSort, StaffStatus,
};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::found::{push_found, push_updated_since};
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::permissions::Permission;
use crate::kernel::timestamp::Timestamp;

paged!(StaffFilter);

/// Its first parameter is the time now.
const STAFF: &str = "select u.id, u.email, u.full_name, u.status, a.role_id, r.name as role_name,
    array(select sr.name || coalesce(' at ' || coalesce(e.title, p.name), '')
          from user_role_assignments s join roles sr on sr.id = s.role_id
          left join events e on e.id = s.event_id left join partners p on p.id = s.partner_id
          where s.user_id = u.id and s.revoked_at is null and (s.expires_at is null or s.expires_at > $1)
            and num_nonnulls(s.event_id, s.partner_id, s.talent_id) = 1
          order by s.assigned_at, s.id limit 5) as scoped_roles,
    array(select s.expires_at from user_role_assignments s
          where s.user_id = u.id and s.revoked_at is null and (s.expires_at is null or s.expires_at > $1)
            and num_nonnulls(s.event_id, s.partner_id, s.talent_id) = 1
          order by s.assigned_at, s.id limit 5) as scoped_roles_end,
    (select count(*) from user_role_assignments s where s.user_id = u.id and s.revoked_at is null
        and (s.expires_at is null or s.expires_at > $1) and num_nonnulls(s.event_id, s.partner_id, s.talent_id) = 1) as scoped_assignments,
    u.totp_enabled_at is not null as totp_enabled, u.locked_until, u.last_active_at, u.version,
    u.created_at, u.updated_at,
    array(select k.key_name from api_keys k where k.created_by = u.id and k.active and u.status = 'active'
          and (k.expires_at is null or k.expires_at > ";
const KEYS: &str = ") order by k.created_at, k.id) as api_keys";
const FROM: &str = " from admin_users u
    left join user_role_assignments a on a.user_id = u.id and a.revoked_at is null
        and num_nonnulls(a.event_id, a.partner_id, a.talent_id) = 0
    left join roles r on r.id = a.role_id";

fn staff_query(now: Timestamp) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::<Postgres>::new(STAFF);
    query.push_bind(now).push(KEYS);
    query
}

fn staff_row(row: &sqlx::postgres::PgRow) -> sqlx::Result<Staff> {
    let status: String = row.try_get("status")?;
    let ends: Vec<Option<OffsetDateTime>> = row.try_get("scoped_roles_end")?;
    Ok(Staff {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        full_name: row.try_get("full_name")?,
        status: StaffStatus::parse(&status).unwrap_or(StaffStatus::Inactive),
        role_id: row.try_get("role_id")?,
        role_name: row.try_get("role_name")?,
        scoped_roles: row.try_get("scoped_roles")?,
        scoped_roles_end: ends.into_iter().map(|end| end.map(Timestamp)).collect(),
        scoped_assignments: row.try_get("scoped_assignments")?,
        api_keys: row.try_get("api_keys")?,
        totp_enabled: row.try_get("totp_enabled")?,
        locked_until: row.try_get("locked_until")?,
        last_active_at: row.try_get("last_active_at")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// Sort key in SQL, its type, and whether it is descending. Each has its index.
fn order(sort: StaffSort) -> (&'static str, &'static str, bool) {
    const NEVER: &str = "coalesce(u.last_active_at, '-infinity'::timestamptz)";
    match sort {
        StaffSort::Name => ("lower(u.full_name)", "text", false),
        StaffSort::NameDesc => ("lower(u.full_name)", "text", true),
        StaffSort::Email => ("u.email", "text", false),
        StaffSort::EmailDesc => ("u.email", "text", true),
        StaffSort::Created => ("u.created_at", "timestamptz", false),
        StaffSort::CreatedDesc => ("u.created_at", "timestamptz", true),
        StaffSort::LastActive => (NEVER, "timestamptz", false),
        StaffSort::LastActiveDesc => (NEVER, "timestamptz", true),
    }
}

pub async fn staff_list(db: &mut impl Db, filter: &StaffFilter) -> Result<Page<Staff>> {
    let (expression, cast, descending) = order(filter.sort.unwrap_or_default());
    let keyset = filter.keyset(db.cx(), (expression, cast, descending))?;
    let mut query = staff_query(db.cx().now);
    query.push(format_args!(", ({expression})::text as sort_key{FROM} where true"));
    push_found(&mut query, &["search_fold(u.full_name)", "search_fold(u.email)"], filter.q.as_ref());
    if let Some(statuses) = &filter.status {
        let words: Vec<String> = statuses.iter().map(|s| s.as_str().to_owned()).collect();
        query.push(" and u.status = any(").push_bind(words).push(")");
    }
    if let Some(role) = filter.role_id {
        query.push(" and a.role_id = ").push_bind(role);
    }
    const ROLES: &str = "(select max(greatest(r.assigned_at, r.revoked_at)) from user_role_assignments r
                          where r.user_id = u.id)";
    push_updated_since(&mut query, &["u.updated_at", ROLES], filter.updated_since);
    keyset.rows(db, query, "u.id").await?.page(staff_row, |staff| staff.id.0)
}

/// One account, or 404.
pub async fn staff_find(db: &mut impl Db, id: StaffId) -> Result<Staff> {
    let mut query = staff_query(db.cx().now);
    query.push(FROM).push(" where u.id = ").push_bind(id);
    let row = query.build().fetch_optional(db.conn()).await?.ok_or_else(not_found)?;
    Ok(staff_row(&row)?)
}

/// One account, locked until the transaction ends, or 404.
pub async fn staff_lock(db: &mut impl Db, id: StaffId) -> Result<Staff> {
    sqlx::query!("select id from admin_users where id = $1 for no key update", id.0)
        .fetch_optional(db.conn())
        .await?
        .ok_or_else(not_found)?;
    staff_find(db, id).await
}

pub async fn staff_insert(db: &mut PgConnection, id: StaffId, email: &str, name: &str, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into admin_users (id, email, full_name, status, created_at, updated_at)
         values ($1, $2, $3, 'invited', $4, $4)",
        id.0,
        email,
        name,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Changes name and address. Links that were mailed to another address die. The account is locked.
pub async fn staff_update(db: &mut PgConnection, id: StaffId, email: &str, name: &str, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update auth_tokens t set used_at = $3 from admin_users u
         where t.user_id = $1 and t.used_at is null and u.id = $1 and u.email <> $2",
        id.0,
        email,
        now.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update admin_users set email = $2, full_name = $3, version = version + 1 where id = $1",
        id.0,
        email,
        name,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn staff_set_status(db: &mut PgConnection, id: StaffId, status: StaffStatus) -> Result<()> {
    sqlx::query!("update admin_users set status = $2, version = version + 1 where id = $1", id.0, status.as_str(),)
        .execute(db)
        .await?;
    Ok(())
}

/// A change of something that belongs to the account but stands elsewhere.
pub async fn staff_touch(db: &mut PgConnection, id: StaffId) -> Result<()> {
    sqlx::query!("update admin_users set version = version + 1 where id = $1", id.0).execute(db).await?;
    Ok(())
}

/// By whose clocks the account reads times.
pub async fn staff_set_timezone(db: &mut PgConnection, id: StaffId, name: &str) -> Result<()> {
    sqlx::query!("update admin_users set timezone = $2 where id = $1", id.0, name).execute(db).await?;
    Ok(())
}

pub async fn staff_signed_in(db: &mut PgConnection, id: StaffId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update admin_users set last_active_at = $2, failed_logins = 0, locked_until = null where id = $1",
        id.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

// Assignments ------------------------------------------------------------------------------------------

pub async fn assignment_list(db: &mut PgConnection, user: StaffId) -> Result<Vec<Assignment>> {
    Ok(sqlx::query_as!(
        Assignment,
        r#"select a.id as "id: AssignmentId", a.user_id as "user_id: StaffId", a.role_id as "role_id: RoleId",
                  r.name as role_name, a.event_id, a.partner_id, a.talent_id,
                  coalesce(e.title, p.name) as scope_name,
                  by_.full_name as "assigned_by_name?", a.assigned_at as "assigned_at: Timestamp",
                  a.expires_at as "expires_at: Timestamp", a.revoked_at as "revoked_at: Timestamp", rev.full_name as "revoked_by_name?"
           from user_role_assignments a
           join roles r on r.id = a.role_id
           left join events e on e.id = a.event_id
           left join partners p on p.id = a.partner_id
           left join admin_users by_ on by_.id = a.assigned_by
           left join admin_users rev on rev.id = a.revoked_by
           where a.user_id = $1
           order by (a.revoked_at is null) desc, a.assigned_at desc, a.id desc"#,
        user.0,
    )
    .fetch_all(db)
    .await?)
}

/// One open assignment of this account, or 404.
pub async fn assignment_find(db: &mut PgConnection, user: StaffId, id: AssignmentId) -> Result<Assignment> {
    let all = assignment_list(db, user).await?;
    all.into_iter().find(|a| a.id == id && a.revoked_at.is_none()).ok_or_else(not_found)
}

pub async fn assignment_insert(
    db: &mut PgConnection,
    id: AssignmentId,
    user: StaffId,
    input: &AssignInput,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    // One that ended by itself makes room for the next.
    assignments_expire(db, Some(user), now).await?;
    sqlx::query!(
        "insert into user_role_assignments (id, user_id, role_id, event_id, partner_id, talent_id, assigned_by,
                                            assigned_at, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)",
        id.0,
        user.0,
        input.role_id.0,
        input.event_id,
        input.partner_id,
        input.talent_id,
        by.map(|id| id.0),
        now.0,
        input.expires_at.map(|at| at.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Closes assignments whose time is over, of one account or of all. They have counted for nothing since.
pub async fn assignments_expire(db: &mut PgConnection, user: Option<StaffId>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update user_role_assignments set revoked_at = expires_at
         where revoked_at is null and expires_at <= $2 and ($1::uuid is null or user_id = $1)",
        user.map(|id| id.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A moment in words, by the clocks of the event, else those of whoever reads it, else those of the organisation.
pub async fn moment_told(db: &mut PgConnection, event: Option<Uuid>, reader: Uuid, at: Timestamp) -> Result<String> {
    let told = sqlx::query_scalar!(
        r#"select to_char($2::timestamptz at time zone z.name, 'Dy FMDD Mon YYYY, HH24:MI') || ' (' || z.name || ')'
               as "told!"
           from (select coalesce((select e.timezone from events e where e.id = $1),
                                 (select a.timezone from admin_users a where a.id = $3), o.timezone) as name
                 from organisation o) z"#,
        event,
        at.0,
        reader,
    );
    Ok(told.fetch_one(db).await?)
}

pub async fn assignment_close(
    db: &mut PgConnection,
    id: AssignmentId,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update user_role_assignments set revoked_at = $2, revoked_by = $3 where id = $1 and revoked_at is null",
        id.0,
        now.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Closes the open unscoped assignment.
pub async fn main_assignment_close(
    db: &mut PgConnection,
    user: StaffId,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update user_role_assignments set revoked_at = $2, revoked_by = $3
         where user_id = $1 and revoked_at is null and num_nonnulls(event_id, partner_id, talent_id) = 0",
        user.0,
        now.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn assignments_close(
    db: &mut PgConnection,
    user: StaffId,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<i64> {
    let done = sqlx::query!(
        "update user_role_assignments set revoked_at = $2, revoked_by = $3 where user_id = $1 and revoked_at is null",
        user.0,
        now.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}

/// Whether the account has an open assignment within this partner.
pub async fn partner_assignment_exists(db: &mut PgConnection, user: StaffId, partner: Uuid) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from user_role_assignments
                          where user_id = $1 and partner_id = $2 and revoked_at is null) as "exists!""#,
        user.0,
        partner,
    )
    .fetch_one(db)
    .await?)
}

/// Everybody who holds or held a role within this partner.
pub async fn partner_people(db: &mut PgConnection, partner: Uuid) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!("select distinct user_id from user_role_assignments where partner_id = $1", partner)
        .fetch_all(db)
        .await?)
}

/// Closes every open assignment of the account within this partner.
pub async fn partner_assignments_close(
    db: &mut PgConnection,
    user: StaffId,
    partner: Uuid,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update user_role_assignments set revoked_at = $3, revoked_by = $4
         where user_id = $1 and partner_id = $2 and revoked_at is null",
        user.0,
        partner,
        now.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether the account holds any role anywhere.
pub async fn holds_a_role(db: &mut PgConnection, user: StaffId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from user_role_assignments where user_id = $1 and revoked_at is null) as "holds!""#,
        user.0,
    )
    .fetch_one(db)
    .await?)
}

/// What all open assignments of an account allow together.
pub async fn staff_permissions(db: &mut PgConnection, user: StaffId) -> Result<BTreeSet<Permission>> {
    let codes = sqlx::query_scalar!(
        "select distinct p.permission_id from user_role_assignments a
         join role_permissions p on p.role_id = a.role_id where a.user_id = $1 and a.revoked_at is null",
        user.0,
    )
    .fetch_all(db)
    .await?;
    Ok(codes.iter().filter_map(|code| Permission::parse(code).ok()).collect())
}

pub async fn staff_exists(db: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select exists (select 1 from admin_users) as "exists!""#).fetch_one(db).await?)
}
