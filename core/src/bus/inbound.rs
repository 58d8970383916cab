//! What other systems tell us of: by `POST /bus/events`, or by whatever carries events from elsewhere. Each kind is
//! declared where it is taken in, with the permission that telling of it needs.

use futures::future::BoxFuture;
use operation::{ArgumentNode, Validate, parse_arguments};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::ToldEvent;
use super::sql::{self, Noted};
use crate::kernel::caller::{Caller, Scope};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, event_mismatch, invalid_input};
use crate::kernel::idempotency::input_hash;
use crate::kernel::permissions::Permission;

/// Takes in one event, in the transaction in which it is noted as known. Answers whether anything came of it.
pub type Take = for<'t> fn(&'t mut Tx, Value) -> BoxFuture<'t, Result<bool>>;

/// A kind of event that is taken in; register with `inventory::submit!`.
pub struct Inbound {
    /// Dotted name, such as `payment.dispute.raised`.
    pub kind: &'static str,
    /// What has happened, for people.
    pub description: &'static str,
    /// What whoever tells of it needs to hold everywhere.
    pub permission: Permission,
    /// What its payload looks like.
    pub payload: fn(&mut SchemaGenerator) -> Schema,
    /// What it brings about.
    pub take: Take,
}
inventory::collect!(Inbound);

impl Inbound {
    /// Of a typed payload.
    pub const fn of<P: JsonSchema>(
        kind: &'static str,
        description: &'static str,
        permission: Permission,
        take: Take,
    ) -> Self {
        Self { kind, description, permission, payload: SchemaGenerator::subschema_for::<P>, take }
    }

    /// Every kind, by name.
    pub fn all() -> Vec<&'static Inbound> {
        let mut all: Vec<_> = inventory::iter::<Inbound>().collect();
        all.sort_by_key(|inbound| inbound.kind);
        all
    }

    /// The kind of this name, or an error that names those there are.
    pub fn named(kind: &str) -> Result<&'static Inbound> {
        let all = Self::all();
        all.iter().copied().find(|inbound| inbound.kind == kind).ok_or_else(|| {
            let kinds: Vec<_> = all.iter().map(|inbound| inbound.kind).collect();
            invalid_input().field("type", format!("must be one of {}", kinds.join(", ")))
        })
    }
}

/// The payload as its type, or an error that names the field and what is wrong with it.
pub fn payload<P: DeserializeOwned + Validate>(value: Value) -> Result<P> {
    #[derive(Deserialize)]
    struct Told<P> {
        payload: P,
    }
    let node = ArgumentNode::Map(vec![("payload".to_owned(), ArgumentNode::Json(value))]);
    let told: Told<P> = parse_arguments(node)?;
    told.payload.validate()?;
    Ok(told.payload)
}

/// What a message broker told, which is nobody in the team.
pub const BROKER: Uuid = Uuid::nil();

/// Takes in what was told, once for each id of the caller's; false where nothing came of it. Something else under an id
/// that is known is refused: it would be lost.
pub async fn take(tx: &mut Tx, told: ToldEvent) -> Result<bool> {
    let by = match &*tx.caller {
        Caller::ApiKey(key) => key.id.0,
        caller => caller.person().map_or(BROKER, |by| by.0),
    };
    take_of(tx, by, told).await
}

/// The same of what somebody else has told: once for each id of theirs.
pub async fn take_of(tx: &mut Tx, by: Uuid, told: ToldEvent) -> Result<bool> {
    let inbound = Inbound::named(told.kind.as_str())?;
    if tx.caller.scope_for(inbound.permission) != Some(Scope::All) {
        return Err(tx.caller.lacks(inbound.permission));
    }
    let (now, hash) = (tx.now, input_hash(&(inbound.kind, &told.payload)));
    match sql::inbound_note(tx.conn(), by, told.id, inbound.kind, &hash, now).await? {
        Noted::New => (inbound.take)(tx, told.payload).await,
        Noted::Known => Ok(false),
        Noted::Otherwise => Err(event_mismatch()),
    }
}
