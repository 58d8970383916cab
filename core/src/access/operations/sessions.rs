//! The caller's own account, sessions and devices.

use operation::operation;

use crate::access::{Activity, Count, Device, DeviceId, DevicePatch, Me, MePatch, Session, SessionId};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::access::{ScopedPermissions, events::SessionInvalidated, sessions, sql},
    crate::kernel::{
        caller::ScopeKey,
        context::{Db, Reader, Tx},
        error::{forbidden, not_found},
        timestamp::Timestamp,
    },
    serde_json::json,
};

/// Get your own account, permissions and scopes
#[operation(GET "/auth/me", staff)]
pub async fn me(db: &mut Reader) -> Result<Me> {
    let caller = db.staff()?.clone();
    let login = sql::login_find(db.conn(), caller.id).await?.ok_or_else(not_found)?;
    let roles = sql::assignment_list(db.conn(), caller.id).await?;
    let withheld = |key: &ScopeKey| {
        let here = caller.withheld.iter().filter(|(at, _)| at == key);
        here.flat_map(|(_, acts)| acts.iter().copied()).collect()
    };
    let scopes = caller.scoped.iter().map(|(key, permissions)| ScopedPermissions {
        event_id: matches!(key, ScopeKey::Event(_)).then_some(key_id(key)),
        partner_id: matches!(key, ScopeKey::Partner(_)).then_some(key_id(key)),
        talent_id: matches!(key, ScopeKey::Talent(_)).then_some(key_id(key)),
        permissions: permissions.clone(),
        withheld: withheld(key),
    });
    Ok(Me {
        id: caller.id,
        email: login.email,
        full_name: login.full_name,
        permissions: caller.permissions.clone(),
        scopes: scopes.collect(),
        roles: roles.into_iter().filter(|a| a.revoked_at.is_none()).map(|a| a.role_name).collect(),
        totp_enabled: login.totp_enabled_at.is_some(),
        two_factor_required: caller.needs_second_factor,
        session_id: caller.session,
        session_expires_at: caller.session_expires_at,
        password_changed_at: login.password_changed_at.map(Timestamp),
        timezone: login.timezone,
        has_gate_pin: login.has_gate_pin,
        version: login.version,
    })
}

#[cfg(feature = "ssr")]
fn key_id(key: &ScopeKey) -> uuid::Uuid {
    match key {
        ScopeKey::Event(id) | ScopeKey::Partner(id) | ScopeKey::Talent(id) => *id,
        // No assignment is bound to one.
        ScopeKey::EndUser(id) => id.0,
    }
}

/// Change your display name
#[operation(PATCH "/auth/me", staff, errors(conflict))]
pub async fn me_update(tx: &mut Tx, input: MePatch) -> Result<()> {
    let me = tx.staff()?.id;
    let before = sql::staff_lock(tx, me).await?;
    rules::same_version(input.version, before.version, &before)?;
    let now = tx.now;
    sql::staff_update(tx.conn(), me, &before.email, input.full_name.as_str(), now).await?;
    tx.access_changed();
    rules::audited_change(tx, "staff.renamed", &before).await?;
    Ok(())
}

/// List your open sessions
///
/// The current one first.
#[operation(GET "/auth/sessions", staff)]
pub async fn session_list(db: &mut Reader, query: Paging) -> Result<Page<Session>> {
    let (me, session, now) = (db.staff()?.id, db.staff()?.session, db.now);
    let rows = sql::session_list(db.conn(), me, Some(session), now).await?;
    query.cut(db, "sessions", me, rows, |session| session.id.0)
}

/// End one of your sessions
#[operation(DELETE "/auth/sessions/{id}", staff, audit = none("noted in the account's activity"))]
pub async fn session_revoke(tx: &mut Tx, id: SessionId) -> Result<()> {
    let me = tx.staff()?.id;
    // Of two calls at once one ends it; to the other it is gone.
    if sql::session_owner(tx.conn(), id).await? != Some(me) || !sessions::end(tx, me, id, "revoked_by_owner").await? {
        return Err(not_found());
    }
    sessions::note(tx, me, "session.revoked", json!({ "session_id": id })).await
}

/// Sign out of all your other sessions
#[operation(POST "/auth/sessions/revoke-others", staff, audit = none("noted in the account's activity"))]
pub async fn sessions_revoke_others(tx: &mut Tx) -> Result<Count> {
    let (me, session) = (tx.staff()?.id, tx.staff()?.session);
    let count = sessions::end_all(tx, me, "revoked_by_owner", Some(session)).await?;
    if count == 0 {
        return Ok(Count { count });
    }
    sessions::note(tx, me, "sessions.revoked", json!({ "count": count })).await?;
    Ok(Count { count })
}

/// List the devices you have signed in with
#[operation(GET "/auth/devices", staff)]
pub async fn device_list(db: &mut Reader, query: Paging) -> Result<Page<Device>> {
    let (me, session, now) = (db.staff()?.id, db.staff()?.session, db.now);
    let rows = sql::device_list(db.conn(), me, Some(session), now).await?;
    query.cut(db, "devices", me, rows, |device| device.id.0)
}

/// Trust a device, or stop trusting it
///
/// A trusted device needs no second factor for 30 days. If the account has a second factor, only a session that was
/// started with it can trust a device.
#[operation(PATCH "/auth/devices/{id}", staff, audit = none("noted in the account's activity"))]
pub async fn device_update(tx: &mut Tx, id: DeviceId, input: DevicePatch) -> Result<Device> {
    let (me, session, mfa, now) = (tx.staff()?.id, tx.staff()?.session, tx.staff()?.mfa, tx.now);
    let account = sql::login_lock(tx.conn(), me).await?.ok_or_else(not_found)?;
    if input.trusted && account.totp_enabled_at.is_some() && !mfa {
        return Err(forbidden().detail("Sign in with your second factor first, then trust the device."));
    }
    let mut device = sql::device_lock(tx.conn(), me, id, Some(session), now).await?.ok_or_else(not_found)?;
    device.trusted = input.trusted;
    device.trusted_until = input.trusted.then(|| sessions::trusted_until(now));
    sql::device_set(tx.conn(), &device).await?;
    tx.access_changed();
    sessions::note(tx, me, "device.trust", json!({ "device_id": id, "trusted": input.trusted })).await?;
    Ok(device)
}

/// Remove a device
///
/// Ends its sessions. The next sign-in from it is reported as a new device.
#[operation(DELETE "/auth/devices/{id}", staff, audit = none("noted in the account's activity"))]
pub async fn device_revoke(tx: &mut Tx, id: DeviceId) -> Result<()> {
    let (me, session, now) = (tx.staff()?.id, tx.staff()?.session, tx.now);
    let mut device = sql::device_lock(tx.conn(), me, id, Some(session), now).await?.ok_or_else(not_found)?;
    device.trusted = false;
    device.trusted_until = None;
    device.risk_state = "blocked".to_owned();
    sql::device_set(tx.conn(), &device).await?;
    sql::sessions_of_device_revoke(tx.conn(), id, now).await?;
    sessions::note(tx, me, "device.removed", json!({ "device_id": id })).await?;
    tx.emit(&SessionInvalidated { user_id: me, session_id: None, reason: "device_removed" });
    tx.access_changed();
    Ok(())
}

/// List your account activity
///
/// Newest first.
#[operation(GET "/auth/activity", staff)]
pub async fn activity_list(db: &mut Reader, query: Paging) -> Result<Page<Activity>> {
    let me = db.staff()?.id;
    sql::activity_list(db, me, &query).await
}
