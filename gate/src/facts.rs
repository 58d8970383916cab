//! What a verdict rests on beside the ticket: the event, its gates, its keys.

use uuid::Uuid;

use crate::wire::{wire, wire_enum};
use crate::{Direction, Moment};

wire_enum! {
    /// The directions a gate allows.
    pub enum GateWay {
        /// In and out.
        Both "both",
        /// In only.
        In "in",
        /// Out only.
        Out "out",
    }
}

impl GateWay {
    /// Whether the gate is for this direction.
    pub fn lets(self, direction: Direction) -> bool {
        matches!((self, direction), (GateWay::Both, _) | (GateWay::In, Direction::In) | (GateWay::Out, Direction::Out))
    }
}

wire! {
    /// An event as a gate needs to know it.
    pub struct EventFacts {
        /// The event.
        pub id: Uuid,
        /// Its name.
        pub title: String,
        /// When it begins.
        pub start_at: Moment,
        /// When it ends.
        pub end_at: Moment,
        /// Its time zone.
        pub timezone: String,
        /// Codes are good from then on, as the event's time is now.
        pub good_from: Moment,
        /// Codes are good until then.
        pub good_until: Moment,
        /// The event was cancelled: nobody is admitted.
        pub cancelled: bool,
        /// Whether guests can leave and re-enter with the same ticket.
        pub reentry: bool,
        /// Offline, genuine codes of tickets the phone does not know are admitted.
        pub offline_unknown: bool,
        /// After so many milliseconds without an answer the phone decides by itself.
        pub decide_ms: u32,
    }

    /// A gate.
    pub struct GateFacts {
        /// The gate.
        pub id: Uuid,
        /// Its name.
        pub name: String,
        /// The directions it allows.
        pub direction: GateWay,
        /// The ticket types that may come in here; all if empty.
        pub types: Vec<Uuid>,
        /// When it opens; the event's hours if absent.
        pub opens_at: Option<Moment>,
        /// When it closes.
        pub closes_at: Option<Moment>,
        /// A steward here may add a guest to the list.
        pub adds_guests: bool,
    }

    /// A ticket type.
    pub struct TypeFacts {
        /// The ticket type.
        pub id: Uuid,
        /// Its name.
        pub name: String,
    }

    /// The public half of a key that codes and manifests are signed with.
    pub struct PublicKey {
        /// The key.
        pub id: Uuid,
        /// 32 bytes, URL-safe base64 without padding.
        pub key: String,
        /// Tokens it signed are valid until then.
        pub good_until: Moment,
    }
}

impl GateFacts {
    /// Whether tickets of this type may come in here.
    pub fn takes(&self, ticket_type: Uuid) -> bool {
        self.types.is_empty() || self.types.contains(&ticket_type)
    }
    /// Whether it is closed for good by then.
    pub fn is_closed(&self, at: Moment) -> bool {
        self.closes_at.is_some_and(|closes| closes <= at)
    }
    /// When it opens, if it has not yet.
    pub fn opens_later(&self, at: Moment) -> Option<Moment> {
        self.opens_at.filter(|opens| at < *opens)
    }
}

impl PublicKey {
    /// From the key's bytes.
    pub fn new(id: Uuid, key: &[u8], good_until: Moment) -> Self {
        Self { id, key: crate::manifest::base64url(key), good_until }
    }
    /// The key's bytes; none that fit if it is malformed.
    pub fn bytes(&self) -> Vec<u8> {
        crate::manifest::from_base64url(&self.key).unwrap_or_default()
    }
}
