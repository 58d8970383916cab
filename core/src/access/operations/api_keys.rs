//! Keys for programs.

use operation::operation;

use crate::access::{ApiKey, ApiKeyFilter, ApiKeyId, CreatedApiKey, NewApiKey};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::access::{
        authenticate::{API_KEY_PREFIX, api_key_hash},
        sql,
    },
    crate::kernel::{
        clock::random_bytes,
        context::{Db, Reader, Tx},
        crypto::base64url,
        error::{invalid_input, invalid_transition},
    },
};

/// List API keys
///
/// Newest first.
#[operation(GET "/admin/api-keys", staff = ApikeysManage, stale_ok)]
pub async fn api_key_list(db: &mut Reader, query: ApiKeyFilter) -> Result<Page<ApiKey>> {
    sql::api_key_list(db, &query).await
}

/// Create an API key
///
/// The secret is returned only once. A key cannot have more permissions than its creator, now or later: when the
/// creator loses a permission, so does the key, and the key stops working when the creator's account is deactivated.
/// API keys cannot create API keys.
#[operation(POST "/admin/api-keys", staff = ApikeysManage, status = 201, secret_answer, errors(already_exists))]
pub async fn api_key_create(tx: &mut Tx, input: NewApiKey) -> Result<CreatedApiKey> {
    let caller = tx.caller.staff().cloned().ok_or_else(|| {
        crate::kernel::error::forbidden().detail("API keys cannot create API keys; sign in as a team member.")
    })?;
    rules::require_superset_of(&tx.caller.clone(), &input.scope)?;
    if input.expires_at.is_some_and(|at| at <= tx.now) {
        return Err(invalid_input().field("expires_at", "must be in the future"));
    }
    let secret = format!("{API_KEY_PREFIX}{}", base64url(&random_bytes::<32>()));
    let now = tx.now;
    let key = ApiKey {
        id: ApiKeyId::new(),
        key_name: input.key_name.to_string(),
        key_prefix: secret[..API_KEY_PREFIX.len() + 6].to_owned(),
        scope: input.scope,
        lost: Default::default(),
        active: true,
        expires_at: input.expires_at,
        created_by: caller.id,
        created_by_name: caller.name.clone(),
        last_used_at: None,
        revoked_at: None,
        created_at: now,
    };
    sql::api_key_insert(tx.conn(), &key, &api_key_hash(&secret), caller.id, now).await?;
    tx.audit_created("api_key.created", &key);
    Ok(CreatedApiKey { key, secret })
}

/// Revoke an API key
///
/// The key stops working at once. The caller needs every permission the key still has.
#[operation(DELETE "/admin/api-keys/{id}", staff = ApikeysManage, errors(invalid_transition))]
pub async fn api_key_revoke(tx: &mut Tx, id: ApiKeyId) -> Result<ApiKey> {
    let before = sql::api_key_lock(tx, id).await?;
    if before.revoked_at.is_some() {
        return Err(invalid_transition().detail("The key is revoked already."));
    }
    if before.active {
        let held = before.scope.difference(&before.lost).copied().collect();
        rules::require_superset_of(&tx.caller.clone(), &held)?;
    }
    let (now, by) = (tx.now, rules::actor(tx));
    sql::api_key_revoke(tx.conn(), id, by, now).await?;
    let after = sql::api_key_lock(tx, id).await?;
    tx.audit("api_key.revoked", &before, &after);
    tx.access_changed();
    Ok(after)
}
