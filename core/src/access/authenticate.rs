//! Recognising the caller. Reads may trust what was known less than a second ago; writes ask inside
//! their own transaction, so whoever was revoked cannot write from the next request on.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;

use super::keys::Audience;
use super::{ApiKeyId, EndUserId, EndUserSessionId, SessionId, StaffId, keys, sql};
use crate::kernel::caller::{ApiKeyCaller, Caller, EndUserCaller, ScopeKey, StaffCaller};
use crate::kernel::crypto::sha256;
use crate::kernel::error::{Error, Result, session_expired, unauthenticated};
use crate::kernel::permissions::Permission;
use crate::kernel::request::{Credential, Request};
use crate::kernel::timestamp::Timestamp;

/// What api keys begin with.
pub const API_KEY_PREFIX: &str = "evk_";

/// A credential that is genuine; whether it is still good the database says.
enum Genuine {
    Session(SessionId),
    EndUserSession(EndUserSessionId),
    ApiKey([u8; 32]),
}

async fn genuine(request: &Request) -> Result<Genuine> {
    let token = match &request.credential {
        Credential::None => return Err(unauthenticated()),
        Credential::Cookie(token) | Credential::Bearer(token) => token,
    };
    if token.starts_with(API_KEY_PREFIX) {
        return Ok(Genuine::ApiKey(api_key_hash(token)));
    }
    let claims = keys::verify(&request.app, token).await?;
    Ok(match claims.aud {
        Audience::Staff => Genuine::Session(SessionId(claims.sid)),
        Audience::EndUser => Genuine::EndUserSession(EndUserSessionId(claims.sid)),
    })
}

/// The hash an api key is kept as.
pub fn api_key_hash(key: &str) -> [u8; 32] {
    sha256(&[b"api_key", key.as_bytes()])
}

/// The caller as it was at most a second ago.
pub async fn cached(request: &Request) -> Result<Arc<Caller>> {
    let genuine = genuine(request).await?;
    let app = &request.app;
    let id = match &genuine {
        Genuine::Session(id) => id.0,
        Genuine::EndUserSession(id) => id.0,
        Genuine::ApiKey(hash) => Uuid::from_slice(&hash[..16]).unwrap_or_default(),
    };
    let load = async {
        let mut reader = app.reader.acquire().await?;
        let caller = Arc::new(load(&genuine, request, &mut reader).await?);
        drop(reader);
        seen(request, &caller).await;
        Ok::<_, Error>(caller)
    };
    app.callers.try_get_with((id, request.ip), load).await.map_err(|error| (*error).clone())
}

/// The caller as the transaction sees it now.
pub async fn fresh(request: &Request, db: &mut PgConnection) -> Result<Caller> {
    load(&genuine(request).await?, request, db).await
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

/// What scoped assignments allow; and what they do not allow while their partner is suspended.
fn grants(rows: &[ScopedRow]) -> (Vec<(ScopeKey, BTreeSet<Permission>)>, BTreeSet<Permission>) {
    let (mut scoped, mut withheld) = (Vec::new(), BTreeSet::new());
    for row in rows {
        let Some((key, mut permissions)) = row.grant() else { continue };
        if row.suspended {
            withheld.extend(permissions.iter().filter(|permission| !permission.reads()));
            permissions.retain(|permission| permission.reads());
        }
        scoped.push((key, permissions));
    }
    (scoped, withheld)
}

fn parse(codes: &[String]) -> BTreeSet<Permission> {
    codes.iter().filter_map(|code| Permission::parse(code).ok()).collect()
}

/// Notes that the caller was here; at most once a minute each, and never in the way.
async fn seen(request: &Request, caller: &Caller) {
    let (app, now) = (&request.app, request.app.clock.now());
    let stale = |at: Timestamp| now.0 - at.0 > time::Duration::MINUTE;
    let noted = match caller {
        Caller::Staff(staff) if stale(staff.last_seen_at) => sql::session_seen(&app.pool, staff.session, now).await,
        Caller::EndUser(user) if stale(user.last_seen_at) => {
            sql::end_user_session_seen(&app.pool, user.session, now).await
        }
        Caller::ApiKey(key) if key.last_used_at.is_none_or(stale) => sql::api_key_seen(&app.pool, key.id, now).await,
        _ => Ok(()),
    };
    if let Err(error) = noted {
        tracing::warn!(?error, "could not note when a caller was last seen");
    }
}
