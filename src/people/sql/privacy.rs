use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access::StaffId;
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;
use crate::people::{
    EndUserId, PrivacyRequest, PrivacyRequestFilter, PrivacyRequestId, PrivacyRequestItem, PrivacyRequestStatus,
    PrivacyRequestType, PrivacySettings, Visibility,
};

paged!(PrivacyRequestFilter);

pub async fn settings_find(db: &mut PgConnection, user: EndUserId) -> Result<PrivacySettings> {
    sqlx::query_as!(
        PrivacySettings,
        r#"select profile_visibility as "profile_visibility: Visibility", show_location, show_age, show_attendance,
                  invites_from as "invites_from: Visibility", marketing, analytics, version
           from privacy_settings where user_id = $1"#,
        user.0,
    )
    .fetch_optional(db)
    .await?
    .ok_or_else(not_found)
}

pub async fn settings_update(db: &mut PgConnection, user: EndUserId, after: &PrivacySettings) -> Result<()> {
    sqlx::query!(
        "update privacy_settings
         set profile_visibility = $2, show_location = $3, show_age = $4, show_attendance = $5, invites_from = $6,
             marketing = $7, analytics = $8, version = version + 1
         where user_id = $1",
        user.0,
        after.profile_visibility.as_str(),
        after.show_location,
        after.show_age,
        after.show_attendance,
        after.invites_from.as_str(),
        after.marketing,
        after.analytics,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Files a request; `None` if one of its kind is open already.
pub async fn request_insert(
    db: &mut PgConnection,
    user: EndUserId,
    kind: PrivacyRequestType,
    now: Timestamp,
) -> Result<Option<PrivacyRequestId>> {
    let id = PrivacyRequestId::new();
    let done = sqlx::query!(
        "insert into privacy_requests (id, user_id, request_type, requested_at, created_at, updated_at)
         values ($1, $2, $3, $4, $4, $4)
         on conflict (user_id, request_type) where status in ('open', 'running') do nothing",
        id.0,
        user.0,
        kind.as_str(),
        now.0,
    )
    .execute(db)
    .await?;
    Ok((done.rows_affected() == 1).then_some(id))
}

/// One request; locked, where it is to be changed.
pub async fn request_lock(db: &mut PgConnection, id: PrivacyRequestId) -> Result<PrivacyRequest> {
    sqlx::query_as!(
        PrivacyRequest,
        r#"select id as "id: PrivacyRequestId", user_id as "user_id: EndUserId",
                  request_type as "request_type: PrivacyRequestType", status as "status: PrivacyRequestStatus",
                  requested_at as "requested_at: Timestamp", completed_at as "completed_at: Timestamp", answer, version
           from privacy_requests where id = $1 for no key update"#,
        id.0,
    )
    .fetch_optional(db)
    .await?
    .ok_or_else(not_found)
}

pub async fn requests_of(db: &mut PgConnection, user: EndUserId) -> Result<Vec<PrivacyRequest>> {
    Ok(sqlx::query_as!(
        PrivacyRequest,
        r#"select id as "id: PrivacyRequestId", user_id as "user_id: EndUserId",
                  request_type as "request_type: PrivacyRequestType", status as "status: PrivacyRequestStatus",
                  requested_at as "requested_at: Timestamp", completed_at as "completed_at: Timestamp", answer, version
           from privacy_requests where user_id = $1 order by requested_at desc, id desc"#,
        user.0,
    )
    .fetch_all(db)
    .await?)
}

pub async fn request_set(
    db: &mut PgConnection,
    id: PrivacyRequestId,
    status: PrivacyRequestStatus,
    answer: Option<&str>,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    use PrivacyRequestStatus::{Completed, Rejected, Withdrawn};
    let over = matches!(status, Completed | Rejected | Withdrawn);
    sqlx::query!(
        "update privacy_requests
         set status = $2, answer = coalesce($3, answer), handled_by = coalesce($4, handled_by), completed_at = $5,
             version = version + 1
         where id = $1",
        id.0,
        status.stored(),
        answer,
        by.map(|id| id.0),
        over.then_some(now.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn request_set_file(db: &mut PgConnection, id: PrivacyRequestId, file: Uuid, key: &str) -> Result<()> {
    sqlx::query!("update privacy_requests set file_id = $2, storage_key = $3 where id = $1", id.0, file, key)
        .execute(db)
        .await?;
    Ok(())
}

/// Where an export is; the caller has shown a link that was signed for it.
pub async fn request_file(db: &mut PgConnection, id: PrivacyRequestId) -> Result<String> {
    sqlx::query_scalar!("select storage_key from privacy_requests where id = $1", id.0)
        .fetch_optional(db)
        .await?
        .flatten()
        .ok_or_else(not_found)
}

pub async fn request_list(db: &mut impl Db, filter: &PrivacyRequestFilter) -> Result<Page<PrivacyRequestItem>> {
    let keyset = filter.keyset(db.cx(), ("r.requested_at", "timestamptz", false))?;
    let mut query = QueryBuilder::<Postgres>::new(
        "select r.id, r.user_id, r.request_type, r.status, r.requested_at, r.completed_at, r.answer, r.version,
                p.name, r.requested_at::text as sort_key
         from privacy_requests r join user_profiles p on p.user_id = r.user_id where true",
    );
    if let Some(statuses) = &filter.status {
        let words: Vec<&str> = statuses.iter().map(|status| status.stored()).collect();
        query.push(" and r.status = any(").push_bind(words).push(")");
    }
    if let Some(kinds) = &filter.request_type {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        query.push(" and r.request_type = any(").push_bind(words).push(")");
    }
    let item = |row: &PgRow| -> sqlx::Result<PrivacyRequestItem> {
        let request = PrivacyRequest {
            id: row.try_get("id")?,
            user_id: row.try_get("user_id")?,
            request_type: row.try_get("request_type")?,
            status: row.try_get("status")?,
            requested_at: row.try_get("requested_at")?,
            completed_at: row.try_get("completed_at")?,
            answer: row.try_get("answer")?,
            version: row.try_get("version")?,
        };
        Ok(PrivacyRequestItem { request, user_name: row.try_get("name")? })
    };
    keyset.rows(db, query, "r.id").await?.page(item, |item| item.request.id.0)
}

/// How many privacy requests nobody has run or answered.
pub async fn privacy_requests_open(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from privacy_requests where status = 'open'"#)
        .fetch_one(db)
        .await?)
}
