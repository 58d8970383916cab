use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::people::EndUserId;
use crate::people::personal::Person;

/// Takes everything personal from an end user's own tables; answers the files that are left behind.
/// The end user is locked.
pub async fn user_erase(db: &mut PgConnection, user: EndUserId, now: Timestamp) -> Result<Vec<Uuid>> {
    let mut files = sqlx::query_scalar!(
        r#"with gone as (
               delete from user_pictures where user_id = $1
               returning array_remove(array[source_file_id, full_file_id, large_file_id, thumb_file_id], null) as files)
           select unnest(files) as "file!" from gone"#,
        user.0,
    )
    .fetch_all(&mut *db)
    .await?;
    files.extend(
        sqlx::query_scalar!(
            r#"with gone as (select id, file_id from privacy_requests where user_id = $1 and file_id is not null),
                    cleared as (update privacy_requests r set file_id = null, storage_key = null
                                from gone where r.id = gone.id)
               select file_id as "file!" from gone"#,
            user.0,
        )
        .fetch_all(&mut *db)
        .await?,
    );
    sqlx::query!(
        "delete from user_phone_otps where phone_number = (select phone from end_users where id = $1)",
        user.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("delete from user_profile_event_interests where user_id = $1", user.0).execute(&mut *db).await?;
    sqlx::query!("delete from wallet_links where user_id = $1", user.0).execute(&mut *db).await?;
    sqlx::query!("update user_bans set reason = '' where user_id = $1", user.0).execute(&mut *db).await?;
    sqlx::query!("update end_user_sessions set ip_address = null, user_agent = null where user_id = $1", user.0)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "update user_profiles
         set name = '', bio = '', location = '', birth_date = null, gender = null, profile_pictures = '[]',
             is_active = false, metadata = '{}', version = version + 1
         where user_id = $1",
        user.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update end_users
         set phone = null, email = null, status = 'erased', banned_until = null, totp_secret_enc = null,
             totp_enabled_at = null, totp_last_step = null, erased_at = $2, version = version + 1
         where id = $1",
        user.0,
        now.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("update privacy_requests set answer = null where user_id = $1", user.0).execute(&mut *db).await?;
    sqlx::query!(
        "update user_activity_logs set metadata = '{}', ip_address = null
         where target_type = 'end_user' and target_id = $1",
        user.0,
    )
    .execute(db)
    .await?;
    Ok(files)
}

/// What was queued for somebody or answered about them and is not needed any more: messages, answers kept for repeated
/// requests, counters. The phone and the email address tell whose it is: whole values, so that nobody else's goes whose
/// address ends alike.
pub async fn queued_forget(db: &mut PgConnection, person: &Person) -> Result<()> {
    let words: Vec<&str> = person.phone.iter().chain(&person.email).map(String::as_str).collect();
    sqlx::query!(
        "update job_runs j
         set payload = '{}', dedupe_key = null, last_error = null,
             status = case when status in ('queued', 'retry') then 'cancelled' else status end
         where j.contacts <> '{}' and j.contacts && $1::text[]",
        &words as &[&str],
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "delete from idempotency_keys k
         where k.caller = 'end_user:' || $2::uuid::text
               or contacts_in(k.answer) && $1::text[]",
        &words as &[&str],
        person.id.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "delete from rate_counters c where string_to_array(translate(c.subject, ':|', '  '), ' ') && $1::text[]",
        &words as &[&str],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes exports that nobody should need any more; answers their files.
pub async fn exports_expire(db: &mut PgConnection, before: Timestamp) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        r#"with old as (select id, file_id from privacy_requests where file_id is not null and completed_at < $1 limit 500),
                cleared as (update privacy_requests r set file_id = null, storage_key = null
                            from old where r.id = old.id)
           select file_id as "file!" from old"#,
        before.0,
    )
    .fetch_all(db)
    .await?)
}
