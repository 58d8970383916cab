use std::collections::BTreeSet;

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::kernel::error::{Result, not_found};
use crate::kernel::text::E164Phone;
use crate::kernel::timestamp::Timestamp;
use crate::people::{BirthDate, EndUserId, Gender, Interest, InterestId, MyProfile, PictureId};

/// What signing in needs to know of an end user.
pub struct Account {
    pub id: Uuid,
    pub phone: Option<String>,
    pub status: String,
    pub banned_until: Option<OffsetDateTime>,
    pub totp_secret_enc: Option<Vec<u8>>,
    pub totp_enabled_at: Option<OffsetDateTime>,
    pub totp_last_step: Option<i64>,
}

pub async fn account_lock(db: &mut PgConnection, id: EndUserId) -> Result<Account> {
    sqlx::query_as!(
        Account,
        "select id, phone, status, banned_until, totp_secret_enc, totp_enabled_at, totp_last_step
         from end_users where id = $1 for no key update",
        id.0,
    )
    .fetch_optional(db)
    .await?
    .ok_or_else(not_found)
}

pub async fn account_lock_by_phone(db: &mut PgConnection, phone: &E164Phone) -> Result<Option<Account>> {
    Ok(sqlx::query_as!(
        Account,
        "select id, phone, status, banned_until, totp_secret_enc, totp_enabled_at, totp_last_step
         from end_users where phone = $1 for no key update",
        phone.as_str(),
    )
    .fetch_optional(db)
    .await?)
}

/// A new end user with an empty profile and settings. The phone was proven.
pub async fn account_insert(db: &mut PgConnection, id: EndUserId, phone: &E164Phone, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into end_users (id, phone, created_at, updated_at) values ($1, $2, $3, $3)",
        id.0,
        phone.as_str(),
        now.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into user_profiles (user_id, is_verified, created_at, updated_at) values ($1, true, $2, $2)",
        id.0,
        now.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("insert into privacy_settings (user_id, created_at, updated_at) values ($1, $2, $2)", id.0, now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Sets or clears the second factor.
pub async fn totp_set(
    db: &mut PgConnection,
    id: EndUserId,
    sealed: Option<&[u8]>,
    enabled_at: Option<Timestamp>,
    step: Option<i64>,
) -> Result<()> {
    sqlx::query!(
        "update end_users set totp_secret_enc = $2, totp_enabled_at = $3, totp_last_step = $4, version = version + 1
         where id = $1",
        id.0,
        sealed,
        enabled_at.map(|at| at.0),
        step,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn totp_step_used(db: &mut PgConnection, id: EndUserId, step: i64) -> Result<()> {
    sqlx::query!("update end_users set totp_last_step = $2 where id = $1", id.0, step).execute(db).await?;
    Ok(())
}

/// The profile but for its pictures and interests.
pub async fn profile_find(db: &mut PgConnection, id: EndUserId, now: Timestamp) -> Result<MyProfile> {
    let row = sqlx::query!(
        r#"select u.phone, u.email, (u.email_verified_at is not null) as "email_verified!",
                  (select max(t.expires_at) from auth_tokens t
                   where t.end_user_id = u.id and t.purpose = 'email_verification' and t.used_at is null
                         and t.expires_at > $2) as email_link_expires_at,
                  p.name, p.bio, p.location, p.birth_date as "birth_date: BirthDate",
                  p.gender as "gender: Gender", p.is_verified, (u.totp_enabled_at is not null) as "totp_enabled!",
                  p.version, u.created_at, p.updated_at
           from end_users u join user_profiles p on p.user_id = u.id where u.id = $1"#,
        id.0,
        now.0,
    )
    .fetch_optional(db)
    .await?
    .ok_or_else(not_found)?;
    Ok(MyProfile {
        id,
        phone: row.phone.unwrap_or_default(),
        email: row.email,
        email_verified: row.email_verified,
        email_link_expires_at: row.email_link_expires_at.map(Timestamp),
        name: row.name,
        bio: row.bio,
        location: row.location,
        birth_date: row.birth_date,
        gender: row.gender,
        pictures: Vec::new(),
        interests: Vec::new(),
        is_verified: row.is_verified,
        totp_enabled: row.totp_enabled,
        version: row.version,
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    })
}

/// Writes name, email and what else somebody says of itself.
pub async fn profile_update(db: &mut PgConnection, after: &MyProfile) -> Result<()> {
    sqlx::query!(
        "update end_users set email = $2 where id = $1 and email is distinct from $2",
        after.id.0,
        after.email,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update user_profiles
         set name = $2, bio = $3, location = $4, birth_date = $5, gender = $6, version = version + 1
         where user_id = $1",
        after.id.0,
        after.name,
        after.bio,
        after.location,
        after.birth_date as Option<BirthDate>,
        after.gender.map(Gender::as_str),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The address has proven to be theirs; false where there is none to prove. The end user is locked.
pub async fn email_verify(db: &mut PgConnection, id: EndUserId, now: Timestamp) -> Result<bool> {
    let done = sqlx::query!(
        "update end_users set email_verified_at = $2
         where id = $1 and email is not null and email_verified_at is null and status <> 'erased'",
        id.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The pictures' ids in their order.
pub async fn picture_order(db: &mut PgConnection, id: EndUserId) -> Result<Vec<PictureId>> {
    let order = sqlx::query_scalar!("select profile_pictures from user_profiles where user_id = $1", id.0)
        .fetch_optional(db)
        .await?
        .ok_or_else(not_found)?;
    Ok(serde_json::from_value(order).unwrap_or_default())
}

pub async fn picture_order_set(db: &mut PgConnection, id: EndUserId, order: &[PictureId]) -> Result<()> {
    sqlx::query!(
        "update user_profiles set profile_pictures = $2, version = version + 1 where user_id = $1",
        id.0,
        serde_json::json!(order),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What people may choose from.
pub async fn interest_list(db: &mut PgConnection) -> Result<Vec<Interest>> {
    Ok(sqlx::query_as!(
        Interest,
        r#"select id as "id: InterestId", name, slug, description from event_interests
           where is_active order by lower(name), id"#,
    )
    .fetch_all(db)
    .await?)
}

pub async fn interests_of(db: &mut PgConnection, id: EndUserId) -> Result<Vec<Interest>> {
    Ok(sqlx::query_as!(
        Interest,
        r#"select i.id as "id: InterestId", i.name, i.slug, i.description
           from user_profile_event_interests m join event_interests i on i.id = m.interest_id
           where m.user_id = $1 order by lower(i.name), i.id"#,
        id.0,
    )
    .fetch_all(db)
    .await?)
}

/// Replaces the interests; false if one of them is not to be had. Those one has already may stay.
pub async fn interests_set(
    db: &mut PgConnection,
    id: EndUserId,
    interests: &BTreeSet<InterestId>,
    now: Timestamp,
) -> Result<bool> {
    let ids: Vec<Uuid> = interests.iter().map(|interest| interest.0).collect();
    sqlx::query!("delete from user_profile_event_interests where user_id = $1 and interest_id <> all($2)", id.0, &ids)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "insert into user_profile_event_interests (user_id, interest_id, created_at)
         select $1, id, $3 from event_interests where id = any($2) and is_active on conflict do nothing",
        id.0,
        &ids,
        now.0,
    )
    .execute(&mut *db)
    .await?;
    let kept = sqlx::query_scalar!(
        r#"select count(*) as "count!" from user_profile_event_interests where user_id = $1"#,
        id.0,
    )
    .fetch_one(db)
    .await?;
    Ok(kept == i64::try_from(ids.len()).unwrap_or(i64::MAX))
}
