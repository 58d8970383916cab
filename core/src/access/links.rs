//! Single-use links in mails. The secret is derived from the row's id with the server's key at the
//! moment the mail is sent: no queue, log or backup ever holds it. The row holds its hash.

use time::Duration;
use uuid::Uuid;

use super::sql::Holder;
use super::{EndUserId, Staff, StaffId, StaffStatus, sql};
use crate::kernel::app::App;
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, Tx};
use crate::kernel::crypto::{Keys, base64url, from_base64url, same, sha256};
use crate::kernel::error::{Result, link_invalid};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Accept an invitation and choose a password.
    Invitation,
    /// Choose a new password.
    PasswordReset,
    /// Prove that a guest's email address is the guest's.
    EmailVerification,
}

impl Purpose {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Invitation => "invitation",
            Purpose::PasswordReset => "password_reset",
            Purpose::EmailVerification => "email_verification",
        }
    }
    /// How long such a link works.
    pub fn life(self) -> Duration {
        match self {
            Purpose::Invitation => Duration::days(7),
            Purpose::PasswordReset => Duration::hours(1),
            Purpose::EmailVerification => Duration::days(1),
        }
    }
    fn page(self) -> &'static str {
        match self {
            Purpose::Invitation => "/accept-invitation",
            Purpose::PasswordReset => "/reset-password",
            Purpose::EmailVerification => "/my/email",
        }
    }
}

fn secret(keys: &Keys, id: Uuid) -> [u8; 32] {
    keys.derive("auth_token", &[id.as_bytes()])
}

/// The token a link carries: the row's id and its secret.
pub fn token(keys: &Keys, id: Uuid) -> String {
    base64url(&[id.as_bytes().as_slice(), &secret(keys, id)].concat())
}

/// The whole link, for a mail that is being sent.
pub fn url(app: &App, id: Uuid, purpose: Purpose) -> String {
    format!("{}{}?token={}", app.config.base_url(), purpose.page(), token(&app.keys, id))
}

/// Who invites, as a mail names it.
pub async fn inviter(tx: &mut Tx) -> Result<String> {
    match tx.caller.staff() {
        Some(staff) => Ok(staff.name.clone()),
        None => Ok(crate::organisation::of(tx.conn()).await?.name),
    }
}

/// Makes a link; older ones of the same purpose die. A guest is locked.
pub async fn create(tx: &mut Tx, purpose: Purpose, holder: impl Into<Holder>) -> Result<Uuid> {
    let (id, holder) = (new_uuid(), holder.into());
    let hash = sha256(&[&secret(&tx.app().keys, id)]);
    let now = tx.now;
    void(tx, purpose, holder).await?;
    let token = sql::NewToken {
        id,
        purpose: purpose.as_str(),
        holder: Some(holder),
        hash: &hash,
        data: serde_json::json!({}),
        expires_at: now.0 + purpose.life(),
    };
    sql::auth_token_insert(tx.conn(), &token, now).await?;
    Ok(id)
}

/// Kills the open links of a purpose; a guest is locked.
pub async fn void(tx: &mut Tx, purpose: Purpose, holder: impl Into<Holder>) -> Result<()> {
    let now = tx.now;
    sql::auth_tokens_void(tx.conn(), purpose.as_str(), holder.into(), now).await
}

/// The row a token speaks of, if token and row are still good. To use it, lock it: its account first, as
/// everybody does who makes or voids links.
pub async fn find(db: &mut impl Db, purpose: Purpose, token: &str, lock: bool) -> Result<sql::AuthToken> {
    let bytes = from_base64url(token).filter(|bytes| bytes.len() == 48).ok_or_else(link_invalid)?;
    let (id, secret) = bytes.split_at(16);
    let id = Uuid::from_slice(id).map_err(|_| link_invalid())?;
    let now = db.cx().now;
    let mut row = sql::auth_token_find(db.conn(), id).await?;
    if let (true, Some(found)) = (lock, &row) {
        if let Some(user) = found.user_id {
            sql::login_lock(db.conn(), StaffId(user)).await?;
        }
        if let Some(user) = found.end_user_id {
            sql::end_user_lock(db.conn(), EndUserId(user)).await?;
        }
        row = sql::auth_token_lock(db.conn(), id).await?;
    }
    let row = row.ok_or_else(link_invalid)?;
    let fits = same(&row.token_hash, &sha256(&[secret])) && row.purpose == purpose.as_str();
    if fits && row.used_at.is_none() && row.expires_at > now.0 { Ok(row) } else { Err(link_invalid()) }
}

/// An invitation to nothing is none: where the account was not accepted yet and its last role is gone, its
/// links die. The account is locked.
pub async fn void_without_role(tx: &mut Tx, staff: &Staff) -> Result<()> {
    let now = tx.now;
    if staff.status == StaffStatus::Invited && !sql::holds_a_role(tx.conn(), staff.id).await? {
        sql::auth_tokens_void_all(tx.conn(), staff.id, now).await?;
    }
    Ok(())
}
