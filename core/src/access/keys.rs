//! Access tokens and the keys they are signed with. Keys live in the database, encrypted; a new one
//! takes over without ending anybody's session, because old ones are accepted until they expire.

use std::sync::{Arc, RwLock};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use time::Duration;
use uuid::Uuid;

use super::{SigningKeyId, sql};
use crate::kernel::app::App;
use crate::kernel::clock::random_bytes;
use crate::kernel::components::{Component, Made};
use crate::kernel::config::Config;
use crate::kernel::error::{Error, Result, internal, unauthenticated};
use crate::kernel::timestamp::Timestamp;
pub use crate::kernel::tokens::TokenAudience;

/// Seconds an access token lives.
pub const ACCESS_TOKEN_SECONDS: i64 = 600;
/// How long a key signs before the next one takes over.
const SIGNS_FOR: Duration = Duration::days(30);
/// How long tokens are accepted after their key stopped signing.
const ACCEPTED_AFTER: Duration = Duration::hours(1);
/// How old this process's copy of the keys may be.
const COPY_LIFE: Duration = Duration::seconds(30);

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    /// For whom it is.
    pub aud: TokenAudience,
    /// The account.
    pub sub: Uuid,
    /// The session.
    pub sid: Uuid,
    /// Issued at, seconds.
    pub iat: i64,
    /// Expires at, seconds.
    pub exp: i64,
}

/// A key as the process uses it.
pub struct SigningKey {
    /// The `kid`.
    pub id: SigningKeyId,
    secret: Vec<u8>,
    /// New tokens are signed with it until then.
    pub signs_until: Timestamp,
    /// Tokens are accepted until then.
    pub expires_at: Timestamp,
}

type Copy = Option<(Timestamp, Arc<Vec<SigningKey>>)>;

/// This process's copy of the keys.
#[derive(Default)]
pub struct SigningKeys(RwLock<Copy>);

impl Made for SigningKeys {
    fn made(_: &Config) -> Result<Self> {
        Ok(Self::default())
    }
}
inventory::submit!(Component::of::<SigningKeys>());

impl SigningKeys {
    async fn load(&self, app: &App, not_older_than: Duration) -> Result<Arc<Vec<SigningKey>>> {
        let now = app.clock.now();
        if let Ok(copy) = self.0.read()
            && let Some((loaded, keys)) = &*copy
            && (now.0 - loaded.0).abs() < not_older_than
        {
            return Ok(keys.clone());
        }
        let mut connection = app.pool.acquire().await?;
        let mut keys = Vec::new();
        for row in sql::signing_keys(&mut connection, now).await? {
            keys.push(SigningKey {
                id: SigningKeyId(row.id),
                secret: app.keys.open(SEAL, &row.secret_enc)?,
                signs_until: Timestamp(row.signs_until),
                expires_at: Timestamp(row.expires_at),
            });
        }
        let keys = Arc::new(keys);
        if let Ok(mut copy) = self.0.write() {
            *copy = Some((now, keys.clone()));
        }
        Ok(keys)
    }

    /// Forgets the copy, so that the next use asks the database.
    pub fn forget(&self) {
        if let Ok(mut copy) = self.0.write() {
            *copy = None;
        }
    }
}

const SEAL: &str = "signing_key";

/// Makes sure that there is a key to sign with; safe to call from any number of processes.
pub async fn ensure(app: &App) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.begin().await?;
    sql::signing_keys_lock(&mut tx).await?;
    let keys = sql::signing_keys(&mut tx, now).await?;
    // The next key appears a day early, so that every process has it when it takes over.
    let soon = now.0 + Duration::days(1);
    if !keys.iter().any(|key| key.signs_until > soon) {
        insert(app, &mut tx, now).await?;
    }
    tx.commit().await?;
    app.component::<SigningKeys>().forget();
    Ok(())
}

/// Adds a new key; the newest one signs.
pub async fn insert(app: &App, db: &mut sqlx::PgConnection, now: Timestamp) -> Result<SigningKeyId> {
    let id = SigningKeyId::new();
    let sealed = app.keys.seal(SEAL, &random_bytes::<32>())?;
    let signs_until = now.0 + SIGNS_FOR;
    sql::signing_key_insert(db, id, &sealed, signs_until, signs_until + ACCEPTED_AFTER, now.0).await?;
    Ok(id)
}

/// Until when tokens of a key that stops signing now are accepted.
pub fn accepted_until(now: Timestamp) -> time::OffsetDateTime {
    now.0 + ACCEPTED_AFTER
}

/// Signs an access token.
pub async fn issue(app: &App, aud: TokenAudience, sub: Uuid, sid: Uuid) -> Result<String> {
    let now = app.clock.now();
    let mut keys = app.component::<SigningKeys>().load(app, COPY_LIFE).await?;
    if !keys.iter().any(|key| key.signs_until > now) {
        ensure(app).await?;
        keys = app.component::<SigningKeys>().load(app, COPY_LIFE).await?;
    }
    let key = keys
        .iter()
        .find(|key| key.signs_until > now)
        .ok_or_else(|| internal().internal("there is no key to sign with"))?;
    let iat = now.0.unix_timestamp();
    let claims = Claims { aud, sub, sid, iat, exp: iat + ACCESS_TOKEN_SECONDS };
    let header = Header { kid: Some(key.id.to_string()), ..Header::new(Algorithm::HS256) };
    encode(&header, &claims, &EncodingKey::from_secret(&key.secret)).map_err(|e| internal().internal(e))
}

/// Reads an access token; anything wrong with it is 401.
pub async fn verify(app: &App, token: &str) -> Result<Claims> {
    let wrong = |_| unauthenticated();
    let kid = decode_header(token).map_err(wrong)?.kid.ok_or_else(unauthenticated)?;
    let kid = SigningKeyId(Uuid::parse_str(&kid).map_err(|_| unauthenticated())?);
    let now = app.clock.now();
    let mut keys = app.component::<SigningKeys>().load(app, COPY_LIFE).await?;
    if !keys.iter().any(|key| key.id == kid) {
        // Perhaps a key made by another process a moment ago; ask at most once a second.
        keys = app.component::<SigningKeys>().load(app, Duration::SECOND).await?;
    }
    let key = keys.iter().find(|key| key.id == kid && key.expires_at > now).ok_or_else(unauthenticated)?;
    let mut validation = Validation::new(Algorithm::HS256);
    // Checked below, against the server's clock.
    validation.validate_exp = false;
    validation.set_audience(&["staff", "end_user"]);
    let claims = decode::<Claims>(token, &DecodingKey::from_secret(&key.secret), &validation).map_err(wrong)?.claims;
    if claims.exp <= now.0.unix_timestamp() { Err(expired()) } else { Ok(claims) }
}

fn expired() -> Error {
    crate::kernel::error::session_expired().detail("The access token has expired; exchange the refresh token.")
}
