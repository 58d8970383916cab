//! What an export holds of a person's own tables: every row, however many there are.

use serde_json::Value;
use sqlx::PgConnection;

use crate::kernel::error::Result;
use crate::people::EndUserId;

/// Wallets, bans, sessions, what happened to the account, and privacy requests. Who of staff did something, and from
/// where, is not the person's.
pub async fn history_gather(db: &mut PgConnection, user: EndUserId) -> Result<Value> {
    let all = sqlx::query_scalar!(
        r#"select jsonb_build_object(
               'wallets', (select coalesce(jsonb_agg(to_jsonb(w) order by w.id), '[]')
                           from wallet_links w where w.user_id = $1),
               'bans', (select coalesce(jsonb_agg(to_jsonb(b) - array['banned_by', 'lifted_by'] order by b.id), '[]')
                        from user_bans b where b.user_id = $1),
               'sessions', (
                   select coalesce(jsonb_agg(
                              to_jsonb(s) - array['refresh_token_hash', 'refresh_generation', 'refresh_parent',
                                                  'refresh_parent_of'] order by s.id), '[]')
                   from end_user_sessions s where s.user_id = $1),
               'activity', (
                   select coalesce(jsonb_agg(jsonb_build_object(
                              'action', l.action, 'metadata', l.metadata, 'created_at', l.created_at, 'ip_address',
                              case when l.actor_user_id is null then host(l.ip_address) end) order by l.id), '[]')
                   from user_activity_logs l where l.target_type = 'end_user' and l.target_id = $1),
               'privacy_requests', (
                   select coalesce(jsonb_agg(to_jsonb(r) - array['handled_by', 'file_id', 'storage_key'] order by r.id), '[]')
                   from privacy_requests r where r.user_id = $1)
           ) as "all!""#,
        user.0,
    )
    .fetch_one(db)
    .await?;
    Ok(all)
}

/// One picture's file: the one that is shown, or what was uploaded until that is made.
pub struct PictureFile {
    pub media_type: String,
    pub key: String,
}

pub async fn picture_files(db: &mut PgConnection, user: EndUserId) -> Result<Vec<PictureFile>> {
    Ok(sqlx::query_as!(
        PictureFile,
        r#"select case when full_key is not null then 'image/jpeg' else source_type end as "media_type!",
                  coalesce(full_key, source_key) as "key!"
           from user_pictures where user_id = $1 and coalesce(full_key, source_key) is not null order by id"#,
        user.0,
    )
    .fetch_all(db)
    .await?)
}
