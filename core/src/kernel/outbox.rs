//! Saying what happened. Events are rows written in the transaction they speak of; the relay
//! publishes them after it has committed (`core/src/bus`).

use std::cmp::Reverse;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;

use super::clock::new_uuid;
use super::error::Result;
use super::ids::StaffId;

/// Something that happened, for whoever listens. Beside each stands its [`EventType`].
pub trait BusEvent: Serialize {
    /// Dotted name, such as `session.invalidated`.
    const TYPE: &'static str;
    /// The kind of thing it happened to; events of one thing are delivered in order.
    const AGGREGATE: &'static str;
    /// The thing's id.
    fn aggregate_id(&self) -> String;
}

/// A kind of event there is, for whoever wants to subscribe to it; [`bus_events`] registers it.
pub struct EventType {
    /// Dotted name, such as `session.invalidated`.
    pub kind: &'static str,
    /// What has happened, for people.
    pub description: &'static str,
    /// The kind of thing it happens to.
    pub aggregate: &'static str,
    /// What its payload looks like.
    pub payload: fn(&mut SchemaGenerator) -> Schema,
}
inventory::collect!(EventType);

/// Declares what happens to one kind of thing: an aggregate, the field of its id, and the events, each with what has
/// happened, its dotted name and what else it says.
#[macro_export]
macro_rules! bus_events {
    ($aggregate:literal $id:ident: $id_type:ty; $(
        #[doc = $doc:literal] $name:ident $type:literal { $($field:ident: $field_type:ty),* $(,)? }
    )*) => {$(
        #[doc = $doc]
        #[derive(serde::Serialize, schemars::JsonSchema)]
        pub struct $name {
            pub $id: $id_type,
            $(pub $field: $field_type,)*
        }
        impl $crate::kernel::outbox::BusEvent for $name {
            const TYPE: &'static str = $type;
            const AGGREGATE: &'static str = $aggregate;
            fn aggregate_id(&self) -> String {
                self.$id.to_string()
            }
        }
        inventory::submit!($crate::kernel::outbox::EventType::of::<$name>($doc));
    )*};
}
pub use crate::bus_events;

impl EventType {
    /// Of a typed event.
    pub const fn of<E: BusEvent + JsonSchema>(description: &'static str) -> Self {
        Self { kind: E::TYPE, description, aggregate: E::AGGREGATE, payload: SchemaGenerator::subschema_for::<E> }
    }

    /// Every kind, by name.
    pub fn all() -> Vec<&'static EventType> {
        let mut all: Vec<_> = inventory::iter::<EventType>().collect();
        // Sessions of staff and of end users end alike; staff's stand for both, whichever is linked first.
        all.sort_by_key(|event| (event.kind, Reverse(event.aggregate)));
        all.dedup_by_key(|event| event.kind);
        all
    }
}

/// An event waiting for its transaction to end.
pub struct Pending {
    kind: &'static str,
    aggregate: &'static str,
    aggregate_id: String,
    payload: Value,
}

impl Pending {
    /// From a typed event.
    pub fn new<E: BusEvent>(event: &E) -> Self {
        Self {
            kind: E::TYPE,
            aggregate: E::AGGREGATE,
            aggregate_id: event.aggregate_id(),
            payload: serde_json::to_value(event).unwrap_or(Value::Null),
        }
    }
}

/// Writes the events in the order they were emitted; `by` is the team member who brought them about.
pub async fn insert(db: &mut PgConnection, request_id: &str, by: Option<StaffId>, events: &[Pending]) -> Result<()> {
    let ids: Vec<_> = events.iter().map(|_| new_uuid()).collect();
    let aggregates: Vec<_> = events.iter().map(|e| e.aggregate.to_owned()).collect();
    let aggregate_ids: Vec<_> = events.iter().map(|e| e.aggregate_id.clone()).collect();
    let kinds: Vec<_> = events.iter().map(|e| e.kind.to_owned()).collect();
    let payloads: Vec<_> = events.iter().map(|e| e.payload.clone()).collect();
    sqlx::query!(
        "insert into outbox_events (id, aggregate_type, aggregate_id, type, payload, request_id, created_by)
         select e.id, e.aggregate, e.aggregate_id, e.kind, e.payload, $6, $7
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[]) with ordinality
              as e (id, aggregate, aggregate_id, kind, payload, position)
         order by e.position",
        &ids,
        &aggregates,
        &aggregate_ids,
        &kinds,
        &payloads,
        request_id,
        by.map(|by| by.0),
    )
    .execute(db)
    .await?;
    Ok(())
}
