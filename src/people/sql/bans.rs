use sqlx::PgConnection;

use crate::access::StaffId;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::people::{Ban, BanId, EndUserId};

/// Bans, or changes the present ban: the one before is history then.
pub async fn user_ban(
    db: &mut PgConnection,
    user: EndUserId,
    reason: &str,
    until: Option<Timestamp>,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    user_unban(db, user, by, now).await?;
    sqlx::query!(
        "insert into user_bans (id, user_id, reason, until, banned_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        BanId::new().0,
        user.0,
        reason,
        until.map(|until| until.0),
        by.map(|id| id.0),
        now.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update end_users set status = 'banned', banned_until = $2, version = version + 1 where id = $1",
        user.0,
        until.map(|until| until.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Lifts the present ban, if there is one. One that ran out was lifted by time.
pub async fn user_unban(db: &mut PgConnection, user: EndUserId, by: Option<StaffId>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update user_bans
         set lifted_at = least(until, $3), lifted_by = case when until <= $3 then null else $2::uuid end
         where user_id = $1 and lifted_at is null",
        user.0,
        by.map(|id| id.0),
        now.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update end_users set status = 'active', banned_until = null, version = version + 1
         where id = $1 and status = 'banned'",
        user.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The bans of an end user, newest first.
pub async fn ban_list(db: &mut PgConnection, user: EndUserId) -> Result<Vec<Ban>> {
    Ok(sqlx::query_as!(
        Ban,
        r#"select b.id as "id: BanId", b.reason, b.until as "until: Timestamp", s.full_name as "banned_by_name?",
                  b.created_at as "created_at: Timestamp", b.lifted_at as "lifted_at: Timestamp",
                  l.full_name as "lifted_by_name?"
           from user_bans b
           left join admin_users s on s.id = b.banned_by
           left join admin_users l on l.id = b.lifted_by
           where b.user_id = $1 order by b.created_at desc, b.id desc"#,
        user.0,
    )
    .fetch_all(db)
    .await?)
}

/// Why somebody is banned now.
pub async fn ban_reason(db: &mut PgConnection, user: EndUserId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("select reason from user_bans where user_id = $1 and lifted_at is null", user.0)
        .fetch_optional(db)
        .await?)
}
