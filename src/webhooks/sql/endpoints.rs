use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::access::StaffId;
use crate::audit::AuditSubject;
use crate::audit::names::Named;
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::permissions::Permission;
use crate::kernel::timestamp::Timestamp;
use crate::webhooks::{EVERY_EVENT, EndpointStatus, WebhookEndpoint, WebhookEndpointFilter, WebhookEndpointId};

paged!(WebhookEndpointFilter);

const ENDPOINT: &str = "select e.id, e.url, e.description, e.event_types, e.status, e.disabled_at, e.disabled_reason,
    e.failing_since, e.old_secret_until, creator.full_name as created_by_name, e.version, e.created_at, e.updated_at
    from webhook_endpoints e left join admin_users creator on creator.id = e.created_by
    where e.deleted_at is null";

fn endpoint_row(row: &PgRow) -> sqlx::Result<WebhookEndpoint> {
    WebhookEndpoint::from_row(row)
}

pub async fn endpoint_list(db: &mut impl Db, filter: &WebhookEndpointFilter) -> Result<Page<WebhookEndpoint>> {
    // Ids are in the order of time.
    let keyset = filter.keyset(db.cx(), ("e.id", "uuid", true))?;
    let mut query = QueryBuilder::<Postgres>::new(ENDPOINT);
    if let Some(status) = filter.status {
        query.push(" and e.status = ").push_bind(status.as_str());
    }
    keyset.rows(db, query, "e.id").await?.page_by(endpoint_row, |one| (one.id.0, one.id.0))
}

/// One endpoint, or 404.
pub async fn endpoint_find(db: &mut PgConnection, id: WebhookEndpointId) -> Result<WebhookEndpoint> {
    let mut query = QueryBuilder::<Postgres>::new(ENDPOINT);
    query.push(" and e.id = ").push_bind(id);
    query.build_query_as().fetch_optional(db).await?.ok_or_else(not_found)
}

/// The same, locked until the transaction ends. Whoever changes both locks an endpoint before its
/// deliveries.
pub async fn endpoint_lock(db: &mut PgConnection, id: WebhookEndpointId) -> Result<WebhookEndpoint> {
    if endpoint_hold(db, id).await? { endpoint_find(db, id).await } else { Err(not_found()) }
}

/// Locks it without reading it; false when there is none.
pub async fn endpoint_hold(db: &mut PgConnection, id: WebhookEndpointId) -> Result<bool> {
    let found = sqlx::query!("select id from webhook_endpoints where id = $1 and deleted_at is null for update", id.0);
    Ok(found.fetch_optional(db).await?.is_some())
}

/// What a new endpoint begins with.
pub struct NewEndpoint<'a> {
    pub id: WebhookEndpointId,
    pub url: &'a str,
    pub description: &'a str,
    pub event_types: &'a [String],
    pub secret: &'a [u8],
    pub created_by: Option<StaffId>,
    /// Who answers for it: with an api key the one who made the key.
    pub kept_by: Option<StaffId>,
}

pub async fn endpoint_insert(db: &mut PgConnection, endpoint: &NewEndpoint<'_>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into webhook_endpoints (id, url, description, event_types, secret_enc, created_by, kept_by, created_at,
                                        updated_at)
         values ($1, $2, $3, $4, $5, $6, $8, $7, $7)",
        endpoint.id.0,
        endpoint.url,
        endpoint.description,
        endpoint.event_types,
        endpoint.secret,
        endpoint.created_by.map(|id| id.0),
        now.0,
        endpoint.kept_by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Saves what was changed; `keeper` answers for it from now on, if it is somebody.
pub async fn endpoint_update(db: &mut PgConnection, after: &WebhookEndpoint, keeper: Option<StaffId>) -> Result<()> {
    sqlx::query!(
        "update webhook_endpoints
         set url = $2, description = $3, event_types = $4, kept_by = coalesce($5, kept_by), version = version + 1
         where id = $1",
        after.id.0,
        after.url,
        after.description,
        &after.event_types,
        keeper.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts a new secret in the place of the present one, which goes on signing until `old_until`, as do those before
/// it for as long as was said then.
pub async fn endpoint_rotate(
    db: &mut PgConnection,
    id: WebhookEndpointId,
    secret: &[u8],
    old_until: Timestamp,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update webhook_endpoints e
         set old_secret_enc = e.secret_enc, old_secret_until = $3, secret_enc = $2, version = e.version + 1,
             older_secrets_enc = kept.secrets, older_secrets_until = kept.untils
         from (select coalesce(array_agg(o.secret order by o.until), '{}') as secrets,
                      coalesce(array_agg(o.until order by o.until), '{}') as untils
               from webhook_endpoints w,
                    unnest(w.older_secrets_enc || w.old_secret_enc, w.older_secrets_until || w.old_secret_until)
                        as o (secret, until)
               where w.id = $1 and o.until > $4) kept
         where e.id = $1",
        id.0,
        secret,
        old_until.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Enables or disables; whoever enables it lets it begin with a clean slate, and answers for it.
pub async fn endpoint_set_status(
    db: &mut PgConnection,
    id: WebhookEndpointId,
    status: EndpointStatus,
    reason: Option<&str>,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update webhook_endpoints
         set status = $2, disabled_reason = $3, disabled_at = case when $2 = 'disabled' then $4::timestamptz end,
             failing_since = case when $2 = 'disabled' then failing_since end,
             exhausted = case when $2 = 'disabled' then exhausted else 0 end, held_until = null,
             kept_by = case when $2 = 'active' then coalesce($5, kept_by) else kept_by end, version = version + 1
         where id = $1",
        id.0,
        status.as_str(),
        reason,
        now.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes it out of sight and its secrets away. Its log may be long: the sweeper deletes it in portions.
pub async fn endpoint_delete(db: &mut PgConnection, id: WebhookEndpointId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update webhook_endpoints
         set deleted_at = $2, status = 'disabled', disabled_at = coalesce(disabled_at, $2),
             disabled_reason = coalesce(disabled_reason, 'Deleted.'), secret_enc = '', old_secret_enc = null,
             old_secret_until = null, older_secrets_enc = '{}', older_secrets_until = '{}', version = version + 1
         where id = $1",
        id.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes deleted endpoints that have no log any more.
pub async fn endpoints_sweep(db: &mut PgConnection) -> Result<u64> {
    let done = sqlx::query!(
        "delete from webhook_endpoints e
         where e.deleted_at is not null and not exists (select 1 from webhook_deliveries d where d.endpoint_id = e.id)"
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// Active endpoints for which somebody answers who does not hold this permission any more, locked.
pub async fn endpoints_without_ground(db: &mut PgConnection, manage: Permission) -> Result<Vec<WebhookEndpointId>> {
    let ids = sqlx::query_scalar!(
        "select id from webhook_endpoints
         where status = 'active' and coalesce(kept_by, created_by) is not null
               and not staff_holds(coalesce(kept_by, created_by), $1) order by id for update",
        manage.code(),
    )
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().map(WebhookEndpointId).collect())
}

/// Active endpoints that want events of this type, kept from being deleted until the transaction ends; those for which
/// nobody answers, or somebody who holds the permission such events ask for.
pub async fn endpoints_for(db: &mut PgConnection, kind: &str, see: Permission) -> Result<Vec<WebhookEndpointId>> {
    let ids = sqlx::query_scalar!(
        "select id from webhook_endpoints
         where status = 'active' and event_types && array[$1, $2]::text[]
               and coalesce(staff_holds(coalesce(kept_by, created_by), $3), true) order by id for key share",
        kind,
        EVERY_EVENT,
        see.code(),
    )
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().map(WebhookEndpointId).collect())
}

/// How an endpoint has been doing.
pub struct Health {
    pub failing_since: Option<Timestamp>,
    pub exhausted: i32,
}

/// Notes a failed attempt; `gave_up` when it was a message's last.
pub async fn endpoint_failed(
    db: &mut PgConnection,
    id: WebhookEndpointId,
    now: Timestamp,
    gave_up: bool,
    held_until: Option<Timestamp>,
) -> Result<Health> {
    Ok(sqlx::query_as!(
        Health,
        r#"update webhook_endpoints
           set failing_since = coalesce(failing_since, $2), exhausted = exhausted + $3,
               held_until = coalesce($4, held_until)
           where id = $1
           returning failing_since as "failing_since: Timestamp", exhausted"#,
        id.0,
        now.0,
        i32::from(gave_up),
        held_until.map(|at| at.0),
    )
    .fetch_one(db)
    .await?)
}

/// Notes that an attempt succeeded.
pub async fn endpoint_succeeded(db: &mut PgConnection, id: WebhookEndpointId) -> Result<()> {
    sqlx::query!(
        "update webhook_endpoints set failing_since = null, exhausted = 0, held_until = null
         where id = $1 and (failing_since is not null or exhausted > 0 or held_until is not null)",
        id.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Who answers for an endpoint, if it is a person who still works here: email and name.
pub async fn endpoint_creator(db: &mut PgConnection, id: WebhookEndpointId) -> Result<Option<(String, String)>> {
    let found = sqlx::query!(
        "select u.email, u.full_name from webhook_endpoints e join admin_users u on u.id = coalesce(e.kept_by, e.created_by)
         where e.id = $1 and u.status = 'active'",
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(|who| (who.email, who.full_name)))
}

pub async fn endpoint_exists(db: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select exists (select 1 from webhook_endpoints) as "exists!""#).fetch_one(db).await?)
}

/// What the endpoints of these ids are called, and what was sent to them.
pub async fn endpoint_names(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Named>> {
    let rows = sqlx::query!(
        r#"select id as "id!", url as "name!", id as "endpoint!", null as within from webhook_endpoints where id = any($1)
           union all select d.id, d.event_type, e.id, e.url
               from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id where d.id = any($1)"#,
        ids,
    );
    let one = |(id, name, endpoint, within): (Uuid, String, Uuid, Option<String>)| {
        (id, AuditSubject { name, href: Some(format!("/webhooks/{endpoint}")), within })
    };
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| one((row.id, row.name, row.endpoint, row.within))).collect())
}
