//! Recognising the caller. Reads may trust what was known less than a second ago; writes ask inside
//! their own transaction, so whoever was revoked cannot write from the next request on.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;

use super::keys::TokenAudience;
use super::{ApiKeyId, EndUserId, EndUserSessionId, GateDeviceId, SessionId, StaffId, keys, sql};
use crate::kernel::caller::{ApiKeyCaller, Caller, DeviceCaller, EndUserCaller, ScopeKey, StaffCaller};
use crate::kernel::components::Recognises;
use crate::kernel::crypto::sha256;
use crate::kernel::error::{Error, Result, session_expired, unauthenticated};
use crate::kernel::permissions::Permission;
use crate::kernel::rate;
use crate::kernel::registry::Access;
use crate::kernel::request::Request;
use crate::kernel::timestamp::Timestamp;

/// What api keys begin with.
pub const API_KEY_PREFIX: &str = "evk_";

/// What the tokens of phones at a gate begin with.
pub const DEVICE_PREFIX: &str = "evd_";

/// A credential that is genuine; whether it is still good the database says.
enum Genuine {
    Session(SessionId),
    EndUserSession(EndUserSessionId),
    ApiKey([u8; 32]),
    Device([u8; 32]),
}

impl Genuine {
    /// The session's id, or as much of a key.
    fn id(&self) -> Uuid {
        match self {
            Genuine::Session(id) => id.0,
            Genuine::EndUserSession(id) => id.0,
            Genuine::ApiKey(hash) | Genuine::Device(hash) => Uuid::from_slice(&hash[..16]).unwrap_or_default(),
        }
    }
}

async fn genuine(request: &Request, access: &[Access]) -> Result<Genuine> {
    let token = request.credential(access)?.ok_or_else(unauthenticated)?;
    if token.starts_with(API_KEY_PREFIX) {
        return Ok(Genuine::ApiKey(api_key_hash(token)));
    }
    if token.starts_with(DEVICE_PREFIX) {
        return Ok(Genuine::Device(device_token_hash(token)));
    }
    let claims = keys::verify(&request.app, token).await?;
    Ok(match claims.aud {
        TokenAudience::Staff => Genuine::Session(SessionId(claims.sid)),
        TokenAudience::EndUser => Genuine::EndUserSession(EndUserSessionId(claims.sid)),
    })
}

/// The hash an api key is kept as.
pub fn api_key_hash(key: &str) -> [u8; 32] {
    sha256(&[b"api_key", key.as_bytes()])
}

/// The hash a device's token is kept as.
pub fn device_token_hash(token: &str) -> [u8; 32] {
    sha256(&[b"gate_device", token.as_bytes()])
}

/// The caller as it was at most a second ago, for an operation that is open to these.
///
/// What is not recognised counts against the network it came from, and when that has had its share nothing is looked
/// up for it any more. Tokens we have signed and keys that were good lately are not held up by that; a session that
/// has ended counts for itself.
pub async fn cached(request: &Request, access: &[Access]) -> Result<Arc<Caller>> {
    let (app, now) = (&request.app, request.app.clock.now());
    let network = || format!("ip:{}", rate::network(request.ip));
    let genuine = match genuine(request, access).await {
        Err(made_up) if made_up.code() == "unauthenticated" && request.credential(access)?.is_some() => {
            app.limiter.not_recognised(&network(), now)?;
            return Err(made_up);
        }
        genuine => genuine?,
    };
    let id = genuine.id();
    let (counts_for, known) = match &genuine {
        Genuine::ApiKey(hash) | Genuine::Device(hash) => (network(), app.known_keys.contains_key(hash)),
        _ => (format!("session:{id}"), false),
    };
    if !known {
        app.limiter.may_be_recognised(&counts_for, now)?;
    }
    let load = async {
        let mut reader = app.reader.acquire().await?;
        let caller = Arc::new(load(&genuine, request, &mut reader).await?);
        drop(reader);
        seen(request, &caller);
        Ok::<_, Error>(caller)
    };
    let caller = app.callers.try_get_with((id, request.ip), load).await.map_err(|error| (*error).clone());
    match (&caller, &genuine) {
        (Ok(_), Genuine::ApiKey(hash) | Genuine::Device(hash)) if !known => app.known_keys.insert(*hash, ()).await,
        (Err(error), _) if error.status() == 401 => {
            if let Genuine::ApiKey(hash) | Genuine::Device(hash) = &genuine {
                app.known_keys.invalidate(hash).await;
            }
            app.limiter.not_recognised(&counts_for, now)?;
        }
        _ => {}
    }
    caller
}

/// The caller as the transaction sees it now.
pub async fn fresh(request: &Request, access: &[Access], db: &mut PgConnection) -> Result<Caller> {
    load(&genuine(request, access).await?, request, db).await
}

async fn load(genuine: &Genuine, request: &Request, db: &mut PgConnection) -> Result<Caller> {
    let now = request.app.clock.now();
    let ip = request.ip.to_string();
    match genuine {
        Genuine::Session(id) => {
            let row = sql::caller_of_session(db, *id, &ip, now).await?.ok_or_else(session_expired)?;
            let rows: Vec<ScopedRow> = serde_json::from_value(row.scoped).unwrap_or_default();
            let (scoped, withheld) = grants(&rows);
            Ok(Caller::Staff(StaffCaller {
                id: StaffId(row.user_id),
                session: *id,
                email: row.email,
                name: row.full_name,
                permissions: parse(&row.permissions),
                scoped,
                withheld,
                needs_second_factor: row.requires_2fa && !row.mfa && !row.trusted,
                mfa: row.mfa,
                last_seen_at: Timestamp(row.last_seen_at),
                session_expires_at: Timestamp(row.expires_at),
                outside_allowlist: row.outside_allowlist,
            }))
        }
        Genuine::EndUserSession(id) => {
            let row = sql::caller_of_end_user_session(db, *id, now).await?.ok_or_else(session_expired)?;
            Ok(Caller::EndUser(EndUserCaller {
                id: EndUserId(row.user_id),
                session: *id,
                phone: row.phone,
                name: row.name,
                mfa: row.mfa,
                last_seen_at: Timestamp(row.last_seen_at),
                session_expires_at: Timestamp(row.expires_at),
            }))
        }
        Genuine::Device(hash) => {
            let row = sql::caller_of_device(db, hash, now).await?.ok_or_else(session_expired)?;
            Ok(Caller::Device(DeviceCaller {
                id: GateDeviceId(row.id),
                name: row.name,
                event: row.event_id,
                gate: row.gate_id,
                supervisor: row.supervisor,
                revoked: row.revoked,
                last_seen_at: Timestamp(row.last_seen_at),
            }))
        }
        Genuine::ApiKey(hash) => {
            let row = sql::caller_of_api_key(db, hash, &ip, now).await?.ok_or_else(unauthenticated)?;
            Ok(Caller::ApiKey(ApiKeyCaller {
                id: ApiKeyId(row.id),
                name: row.key_name,
                made_by: row.made_by,
                permissions: parse(&row.scope),
                last_used_at: row.last_used_at.map(Timestamp),
                outside_allowlist: row.outside_allowlist,
            }))
        }
    }
}

/// A scoped assignment as the query aggregates it.
#[derive(serde::Deserialize)]
struct ScopedRow {
    event_id: Option<Uuid>,
    partner_id: Option<Uuid>,
    talent_id: Option<Uuid>,
    permissions: Vec<String>,
    /// Of a partner that is suspended now.
    suspended: bool,
}

impl ScopedRow {
    fn grant(&self) -> Option<(ScopeKey, BTreeSet<Permission>)> {
        let event = self.event_id.map(ScopeKey::Event);
        let partner = self.partner_id.map(ScopeKey::Partner);
        let key = event.or(partner).or(self.talent_id.map(ScopeKey::Talent))?;
        Some((key, parse(&self.permissions)))
    }
}

/// Permissions within something.
type Grants = Vec<(ScopeKey, BTreeSet<Permission>)>;

/// What scoped assignments allow; and what they do not allow while their partner is suspended.
fn grants(rows: &[ScopedRow]) -> (Grants, Grants) {
    let (mut scoped, mut withheld) = (Vec::new(), Vec::new());
    for row in rows {
        let Some((key, mut permissions)) = row.grant() else { continue };
        if row.suspended {
            let (reads, acts) = permissions.into_iter().partition(|permission: &Permission| permission.reads());
            permissions = reads;
            withheld.push((key, acts));
        }
        scoped.push((key, permissions));
    }
    (scoped, withheld)
}

fn parse(codes: &[String]) -> BTreeSet<Permission> {
    codes.iter().filter_map(|code| Permission::parse(code).ok()).collect()
}

/// Notes that the caller was here; at most once a minute each, and never in the way: beside the request, and only
/// while a connection is free.
fn seen(request: &Request, caller: &Arc<Caller>) {
    let now = request.app.clock.now();
    let stale = |at: Timestamp| now.0 - at.0 > time::Duration::MINUTE;
    let is_due = match &**caller {
        Caller::Staff(staff) => stale(staff.last_seen_at),
        Caller::EndUser(user) => stale(user.last_seen_at),
        Caller::ApiKey(key) => key.last_used_at.is_none_or(stale),
        Caller::Device(device) => stale(device.last_seen_at),
        _ => false,
    };
    let Some(mut db) = is_due.then(|| request.app.pool.try_acquire()).flatten() else { return };
    let caller = caller.clone();
    tokio::spawn(async move {
        let noted = match &*caller {
            Caller::Staff(staff) => sql::session_seen(&mut db, staff.session, now).await,
            Caller::EndUser(user) => sql::end_user_session_seen(&mut db, user.session, now).await,
            Caller::ApiKey(key) => sql::api_key_seen(&mut db, key.id, now).await,
            Caller::Device(device) => sql::device_seen(&mut db, device.id, now).await,
            _ => Ok(()),
        };
        if let Err(error) = noted {
            tracing::warn!(?error, "could not note when a caller was last seen");
        }
    });
}

inventory::submit!(Recognises {
    cached: |request, access| Box::pin(cached(request, access)),
    fresh: |request, access, db| Box::pin(fresh(request, access, db)),
});
