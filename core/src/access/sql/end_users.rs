use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Generation, LockedSession};
use crate::access::{Activity, EndUserId, EndUserSession, EndUserSessionId, StaffId};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

pub struct EndUserSessionCaller {
    pub user_id: Uuid,
    pub phone: String,
    pub name: String,
    pub mfa: bool,
    pub expires_at: OffsetDateTime,
    pub last_seen_at: OffsetDateTime,
}

/// The end user of a session, unless either has ended or the user is banned now.
pub async fn caller_of_end_user_session(
    db: &mut PgConnection,
    session: EndUserSessionId,
    now: Timestamp,
) -> Result<Option<EndUserSessionCaller>> {
    Ok(sqlx::query_as!(
        EndUserSessionCaller,
        r#"select u.id as user_id, u.phone as "phone!", p.name, s.mfa, s.expires_at, s.last_seen_at
           from end_user_sessions s
           join end_users u on u.id = s.user_id
           join user_profiles p on p.user_id = u.id
           where s.id = $1 and s.revoked_at is null and s.expires_at > $2
                 and (u.status = 'active' or u.status = 'banned' and u.banned_until <= $2)"#,
        session.0,
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

/// Everybody who changes an account's links or address locks it first.
pub async fn end_user_lock(db: &mut PgConnection, id: EndUserId) -> Result<()> {
    sqlx::query!("select id from end_users where id = $1 for no key update", id.0).fetch_optional(db).await?;
    Ok(())
}

pub async fn end_user_session_seen(db: &mut PgConnection, session: EndUserSessionId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update end_user_sessions set last_seen_at = $2
         where id = $1 and last_seen_at < $2::timestamptz - interval '1 minute'",
        session.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn end_user_session_lock(
    db: &mut PgConnection,
    session: EndUserSessionId,
    now: Timestamp,
) -> Result<Option<LockedSession>> {
    Ok(sqlx::query_as!(
        LockedSession,
        r#"select s.user_id, s.refresh_token_hash, s.refresh_generation, s.refresh_parent, s.refresh_parent_of,
                  s.rotated_at, s.created_at, s.expires_at, s.revoked_at,
                  case when u.status = 'banned' and u.banned_until <= $2 then 'active' else u.status end as "status!"
           from end_user_sessions s join end_users u on u.id = s.user_id
           where s.id = $1 for no key update of s"#,
        session.0,
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

pub async fn end_user_session_rotate(
    db: &mut PgConnection,
    session: EndUserSessionId,
    hash: &[u8],
    generation: &Generation,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update end_user_sessions
         set refresh_token_hash = $2, refresh_generation = $3, refresh_parent = $6, refresh_parent_of = $3,
             rotated_at = $4, last_seen_at = $4, expires_at = $5
         where id = $1",
        session.0,
        hash,
        generation.newest,
        now.0,
        expires_at.0,
        generation.given_for,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub struct NewEndUserSession {
    pub id: EndUserSessionId,
    pub user: EndUserId,
    pub token_hash: [u8; 32],
    pub mfa: bool,
    pub ip: String,
    pub user_agent: String,
    pub expires_at: Timestamp,
}

/// Adds a session; the end user was here.
pub async fn end_user_session_insert(db: &mut PgConnection, new: &NewEndUserSession, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "with session as (
             insert into end_user_sessions (id, user_id, refresh_token_hash, mfa, ip_address, user_agent, rotated_at,
                                            last_seen_at, created_at, expires_at)
             values ($1, $2, $3, $4, $5::text::inet, $6, $7, $7, $7, $8))
         update end_users set last_login_at = $7 where id = $2",
        new.id.0,
        new.user.0,
        new.token_hash.as_slice(),
        new.mfa,
        new.ip,
        new.user_agent,
        now.0,
        new.expires_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends one session; false if it had ended already.
pub async fn end_user_session_revoke(
    db: &mut PgConnection,
    session: EndUserSessionId,
    reason: &str,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        "update end_user_sessions set revoked_at = $3, revoke_reason = $2 where id = $1 and revoked_at is null",
        session.0,
        reason,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn end_user_sessions_revoke(
    db: &mut PgConnection,
    user: EndUserId,
    reason: &str,
    except: Option<EndUserSessionId>,
    now: Timestamp,
) -> Result<i64> {
    let done = sqlx::query!(
        "update end_user_sessions set revoked_at = $3, revoke_reason = $2
         where user_id = $1 and revoked_at is null and id is distinct from $4",
        user.0,
        reason,
        now.0,
        except.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}

/// The open sessions of an end user, the current one first.
pub async fn end_user_session_list(
    db: &mut PgConnection,
    user: EndUserId,
    current: Option<EndUserSessionId>,
    now: Timestamp,
) -> Result<Vec<EndUserSession>> {
    Ok(sqlx::query_as!(
        EndUserSession,
        r#"select id as "id: EndUserSessionId", (id is not distinct from $2) as "current!",
                  host(ip_address) as ip_address, coalesce(user_agent, '') as "user_agent!", mfa,
                  created_at as "created_at: Timestamp", last_seen_at as "last_seen_at: Timestamp",
                  expires_at as "expires_at: Timestamp"
           from end_user_sessions
           where user_id = $1 and revoked_at is null and expires_at > $3
           order by (id is not distinct from $2) desc, last_seen_at desc, id"#,
        user.0,
        current.map(|id| id.0),
        now.0,
    )
    .fetch_all(db)
    .await?)
}

/// Whose session this is, if it is open.
pub async fn end_user_session_owner(db: &mut PgConnection, session: EndUserSessionId) -> Result<Option<EndUserId>> {
    Ok(sqlx::query_scalar!(
        r#"select user_id as "user_id: EndUserId" from end_user_sessions where id = $1 and revoked_at is null"#,
        session.0,
    )
    .fetch_optional(db)
    .await?)
}

/// When this session was opened, if it still is.
pub async fn end_user_session_opened_at(db: &mut PgConnection, session: EndUserSessionId) -> Result<Option<Timestamp>> {
    Ok(sqlx::query_scalar!(
        r#"select created_at as "created_at: Timestamp" from end_user_sessions where id = $1 and revoked_at is null"#,
        session.0,
    )
    .fetch_optional(db)
    .await?)
}

pub async fn end_user_session_mark_mfa(db: &mut PgConnection, session: EndUserSessionId) -> Result<()> {
    sqlx::query!("update end_user_sessions set mfa = true where id = $1", session.0).execute(db).await?;
    Ok(())
}

#[allow(clippy::too_many_arguments)]
pub async fn end_user_activity_insert(
    db: &mut PgConnection,
    id: Uuid,
    user: EndUserId,
    by: Option<StaffId>,
    action: &str,
    metadata: serde_json::Value,
    ip: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into user_activity_logs (id, actor_user_id, action, target_type, target_id, metadata, ip_address, created_at)
         values ($1, $2, $3, 'end_user', $4, $5, $6::text::inet, $7)",
        id,
        by.map(|id| id.0),
        action,
        user.0,
        metadata,
        ip,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What happened last to an end user's account, at most 100 entries. What staff did came from an address of theirs, which is not told.
pub async fn end_user_activity_list(db: &mut PgConnection, user: EndUserId) -> Result<Vec<Activity>> {
    Ok(sqlx::query_as!(
        Activity,
        r#"select id, action, case when actor_user_id is null then host(ip_address) end as ip_address, metadata,
                  created_at as "created_at: Timestamp"
           from user_activity_logs where target_type = 'end_user' and target_id = $1 order by id desc limit 100"#,
        user.0,
    )
    .fetch_all(db)
    .await?)
}
