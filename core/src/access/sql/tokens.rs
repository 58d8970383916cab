use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::access::{EndUserId, SigningKeyId, SigningKeyInfo, StaffId};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

pub struct AuthToken {
    pub id: Uuid,
    pub purpose: String,
    pub user_id: Option<Uuid>,
    pub end_user_id: Option<Uuid>,
    pub token_hash: Vec<u8>,
    pub expires_at: OffsetDateTime,
    pub used_at: Option<OffsetDateTime>,
}

pub async fn auth_token_find(db: &mut PgConnection, id: Uuid) -> Result<Option<AuthToken>> {
    Ok(sqlx::query_as!(
        AuthToken,
        "select id, purpose, user_id, end_user_id, token_hash, expires_at, used_at from auth_tokens where id = $1",
        id,
    )
    .fetch_optional(db)
    .await?)
}

pub async fn auth_token_lock(db: &mut PgConnection, id: Uuid) -> Result<Option<AuthToken>> {
    Ok(sqlx::query_as!(
        AuthToken,
        "select id, purpose, user_id, end_user_id, token_hash, expires_at, used_at from auth_tokens where id = $1 for no key update",
        id,
    )
    .fetch_optional(db)
    .await?)
}

/// Whose link it is.
#[derive(Clone, Copy)]
pub enum Holder {
    Staff(StaffId),
    Guest(EndUserId),
}

impl Holder {
    /// The columns `user_id` and `end_user_id`.
    fn columns(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Holder::Staff(user) => (Some(user.0), None),
            Holder::Guest(user) => (None, Some(user.0)),
        }
    }
}

impl From<StaffId> for Holder {
    fn from(user: StaffId) -> Self {
        Holder::Staff(user)
    }
}

impl From<EndUserId> for Holder {
    fn from(user: EndUserId) -> Self {
        Holder::Guest(user)
    }
}

/// A new link kills the older ones.
pub async fn auth_tokens_void(db: &mut PgConnection, purpose: &str, holder: Holder, now: Timestamp) -> Result<()> {
    let (staff, guest) = holder.columns();
    sqlx::query!(
        "update auth_tokens set used_at = $4
         where (user_id = $2 or end_user_id = $3) and purpose = $1 and used_at is null",
        purpose,
        staff,
        guest,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Kills every open link of the account.
pub async fn auth_tokens_void_all(db: &mut PgConnection, user: StaffId, now: Timestamp) -> Result<()> {
    sqlx::query!("update auth_tokens set used_at = $2 where user_id = $1 and used_at is null", user.0, now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// A link or a code to be kept.
pub struct NewToken<'t> {
    pub id: Uuid,
    pub purpose: &'t str,
    pub holder: Option<Holder>,
    pub hash: &'t [u8],
    pub data: serde_json::Value,
    pub expires_at: OffsetDateTime,
}

pub async fn auth_token_insert(db: &mut PgConnection, token: &NewToken<'_>, now: Timestamp) -> Result<()> {
    let (staff, guest) = token.holder.map_or((None, None), Holder::columns);
    sqlx::query!(
        "insert into auth_tokens (id, purpose, user_id, end_user_id, token_hash, data, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        token.id,
        token.purpose,
        staff,
        guest,
        token.hash,
        token.data,
        token.expires_at,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub struct SigningKeyRow {
    pub id: Uuid,
    pub secret_enc: Vec<u8>,
    pub signs_until: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Serialises the making of keys.
pub async fn signing_keys_lock(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('eventify.signing_keys'))").fetch_one(db).await?;
    Ok(())
}

/// Keys that tokens are still accepted from, newest first.
pub async fn signing_keys(db: &mut PgConnection, now: Timestamp) -> Result<Vec<SigningKeyRow>> {
    Ok(sqlx::query_as!(
        SigningKeyRow,
        "select id, secret_enc, signs_until, expires_at from signing_keys
         where purpose = 'jwt' and expires_at > $1 order by created_at desc, id desc",
        now.0,
    )
    .fetch_all(db)
    .await?)
}

pub async fn signing_key_insert(
    db: &mut PgConnection,
    id: SigningKeyId,
    sealed: &[u8],
    signs_until: OffsetDateTime,
    expires_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query!(
        "insert into signing_keys (id, purpose, secret_enc, signs_until, expires_at, created_at)
         values ($1, 'jwt', $2, $3, $4, $5)",
        id.0,
        sealed,
        signs_until,
        expires_at,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stops all other keys from signing; their tokens are accepted until `accepted_until`.
pub async fn signing_keys_retire(
    db: &mut PgConnection,
    except: SigningKeyId,
    now: Timestamp,
    accepted_until: OffsetDateTime,
) -> Result<()> {
    sqlx::query!(
        "update signing_keys set signs_until = least(signs_until, $2), expires_at = least(expires_at, $3)
         where purpose = 'jwt' and id <> $1 and expires_at > $2",
        except.0,
        now.0,
        accepted_until,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn signing_key_list(db: &mut PgConnection, now: Timestamp) -> Result<Vec<SigningKeyInfo>> {
    Ok(sqlx::query_as!(
        SigningKeyInfo,
        r#"select id as "id: SigningKeyId", (signs_until > $1) as "signing!", created_at as "created_at: Timestamp",
                  signs_until as "signs_until: Timestamp", expires_at as "expires_at: Timestamp"
           from signing_keys where purpose = 'jwt' and expires_at > $1 order by created_at desc, id desc"#,
        now.0,
    )
    .fetch_all(db)
    .await?)
}
