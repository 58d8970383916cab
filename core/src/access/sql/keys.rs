use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access::{Allowlist, AllowlistEntry, AllowlistId, ApiKey, ApiKeyFilter, ApiKeyId, StaffId};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::permissions::Permission;
use crate::kernel::timestamp::Timestamp;

paged!(ApiKeyFilter);

pub struct KeyCaller {
    pub id: Uuid,
    pub key_name: String,
    pub made_by: StaffId,
    pub scope: Vec<String>,
    pub last_used_at: Option<time::OffsetDateTime>,
    pub outside_allowlist: bool,
}

/// The key, if it and its maker's account are good, with what is left of its scope.
pub async fn caller_of_api_key(
    db: &mut PgConnection,
    hash: &[u8],
    ip: &str,
    now: Timestamp,
) -> Result<Option<KeyCaller>> {
    Ok(sqlx::query_as!(
        KeyCaller,
        r#"select k.id, k.key_name, k.created_by as "made_by: StaffId", k.last_used_at,
                  (select coalesce(array_agg(r.permission_id), '{}') from staff_reach r
                   where r.user_id = k.created_by and r.permission_id = any(k.scope)) as "scope!",
                  (exists (select 1 from ip_allowlist)
                   and not exists (select 1 from ip_allowlist where $2::text::inet <<= cidr)) as "outside_allowlist!"
           from api_keys k join admin_users u on u.id = k.created_by
           where k.key_hash = $1 and k.active and (k.expires_at is null or k.expires_at > $3) and u.status = 'active'"#,
        hash,
        ip,
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

pub async fn api_key_seen(db: &mut PgConnection, id: ApiKeyId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update api_keys set last_used_at = $2
         where id = $1 and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute')",
        id.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Everything of a key but whether it works, which depends on the time.
const KEY: &str = "select k.id, k.key_name, k.key_prefix, k.scope, k.expires_at, k.created_by,
    u.full_name as created_by_name, k.last_used_at, k.revoked_at, k.created_at, k.created_at::text as sort_key,
    array(select unnest(k.scope) except
          select r.permission_id from staff_reach r where r.user_id = k.created_by) as lost";
const FROM: &str = " from api_keys k join admin_users u on u.id = k.created_by where true";

fn key_query(now: Timestamp) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::<Postgres>::new(KEY);
    query.push(", ");
    works(&mut query, now);
    query.push(" as works").push(FROM);
    query
}

/// Neither revoked nor expired, and its maker still works here.
fn works(query: &mut QueryBuilder<Postgres>, now: Timestamp) {
    query.push("(k.active and u.status = 'active' and (k.expires_at is null or k.expires_at > ");
    query.push_bind(now).push("))");
}

fn key_row(row: &sqlx::postgres::PgRow) -> sqlx::Result<ApiKey> {
    let known = |codes: Vec<String>| codes.iter().filter_map(|code| Permission::parse(code).ok()).collect();
    Ok(ApiKey {
        id: row.try_get("id")?,
        key_name: row.try_get("key_name")?,
        key_prefix: row.try_get("key_prefix")?,
        scope: known(row.try_get("scope")?),
        lost: known(row.try_get("lost")?),
        active: row.try_get("works")?,
        expires_at: row.try_get("expires_at")?,
        created_by: row.try_get("created_by")?,
        created_by_name: row.try_get("created_by_name")?,
        last_used_at: row.try_get("last_used_at")?,
        revoked_at: row.try_get("revoked_at")?,
        created_at: row.try_get("created_at")?,
    })
}

pub async fn api_key_list(db: &mut impl Db, filter: &ApiKeyFilter) -> Result<Page<ApiKey>> {
    let keyset = filter.keyset(db.cx(), ("k.created_at", "timestamptz", true))?;
    let now = db.cx().now;
    let mut query = key_query(now);
    if let Some(active) = filter.active {
        query.push(" and ");
        works(&mut query, now);
        query.push(" = ").push_bind(active);
    }
    if let Some(maker) = filter.created_by {
        query.push(" and k.created_by = ").push_bind(maker);
    }
    keyset.rows(db, query, "k.id").await?.page(key_row, |key| key.id.0)
}

/// One key, locked until the transaction ends, or 404.
pub async fn api_key_lock(db: &mut impl Db, id: ApiKeyId) -> Result<ApiKey> {
    let mut query = key_query(db.cx().now);
    query.push(" and k.id = ").push_bind(id).push(" for no key update of k");
    let row = query.build().fetch_optional(db.conn()).await?.ok_or_else(not_found)?;
    Ok(key_row(&row)?)
}

pub async fn api_key_insert(
    db: &mut PgConnection,
    key: &ApiKey,
    hash: &[u8],
    by: StaffId,
    now: Timestamp,
) -> Result<()> {
    let scope: Vec<String> = key.scope.iter().map(|p| p.code().to_owned()).collect();
    sqlx::query!(
        "insert into api_keys (id, key_name, key_prefix, key_hash, scope, expires_at, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        key.id.0,
        key.key_name,
        key.key_prefix,
        hash,
        &scope,
        key.expires_at.map(|t| t.0),
        by.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn api_key_revoke(db: &mut PgConnection, id: ApiKeyId, by: Option<StaffId>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update api_keys set active = false, revoked_at = $2, revoked_by = $3 where id = $1",
        id.0,
        now.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends every key an account has made; answers how many worked until now.
pub async fn api_keys_end(db: &mut PgConnection, maker: StaffId, by: Option<StaffId>, now: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "update api_keys set active = false, revoked_at = $2, revoked_by = $3 where created_by = $1 and active",
        maker.0,
        now.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

// Allowlist -----------------------------------------------------------------------------------------------

pub async fn allowlist(db: &mut PgConnection, your_address: String) -> Result<Allowlist> {
    let entries = sqlx::query_as!(
        AllowlistEntry,
        r#"select l.id as "id: AllowlistId", l.cidr::text as "cidr!", l.note, u.full_name as "created_by_name?",
                  l.created_at as "created_at: Timestamp"
           from ip_allowlist l left join admin_users u on u.id = l.created_by order by l.cidr, l.id"#,
    )
    .fetch_all(db)
    .await?;
    Ok(Allowlist { entries, your_address })
}

/// Serialises changes of the allowlist, so that two of them cannot lock somebody out together.
pub async fn allowlist_lock(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("lock table ip_allowlist in share row exclusive mode").execute(db).await?;
    Ok(())
}

pub async fn allowlist_insert(
    db: &mut PgConnection,
    id: AllowlistId,
    cidr: &str,
    note: &str,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into ip_allowlist (id, cidr, note, created_by, created_at) values ($1, $2::text::cidr, $3, $4, $5)",
        id.0,
        cidr,
        note,
        by.map(|id| id.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn allowlist_delete(db: &mut PgConnection, id: AllowlistId) -> Result<()> {
    sqlx::query!("delete from ip_allowlist where id = $1", id.0).execute(db).await?;
    Ok(())
}

/// Whether the list as it stands now lets this address in.
pub async fn allowlist_admits(db: &mut PgConnection, ip: &str) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select (not exists (select 1 from ip_allowlist)
                   or exists (select 1 from ip_allowlist where $1::text::inet <<= cidr)) as "admits!""#,
        ip,
    )
    .fetch_one(db)
    .await?)
}
