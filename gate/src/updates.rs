//! What stewards, organisers and guests are told while an event goes on.

use uuid::Uuid;

use crate::Moment;
use crate::wire::{wire, wire_enum};

wire_enum! {
    /// The kinds of updates.
    pub enum UpdateKind {
        /// Something to know.
        Info "info",
        /// Something to beware of.
        Warning "warning",
        /// Something happened that needs action.
        Incident "incident",
        /// The programme moved.
        Schedule "schedule",
        /// How many are there.
        Headcount "headcount",
    }

    /// Who an update is for.
    pub enum UpdateAudience {
        /// Those who work at the event.
        Staff "staff",
        /// Everyone: it is shown on the event's public page too.
        Guests "guests",
    }
}

wire! {
    /// An update.
    pub struct LiveUpdate {
        /// The update.
        pub id: Uuid,
        /// The event.
        pub event_id: Uuid,
        /// Its place in the feed: a stream resumes after it.
        pub seq: i64,
        /// The kind of update.
        pub kind: UpdateKind,
        /// The text.
        pub body: String,
        /// Who it is for.
        pub audience: UpdateAudience,
        /// Pinned to the top.
        pub pinned: bool,
        /// The author: a team member or a gate phone. Not shown to guests.
        pub author: Option<String>,
        /// The gate it came from.
        pub gate: Option<String>,
        /// When.
        pub created_at: Moment,
        /// When it was removed.
        pub removed_at: Option<Moment>,
    }

    /// A new update.
    #[serde(deny_unknown_fields)]
    pub struct NewUpdate {
        /// The event; a phone's own if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_id: Option<Uuid>,
        /// The kind of update.
        pub kind: UpdateKind,
        /// The text.
        pub body: String,
        /// Who it is for; the event's team if absent.
        #[serde(default = "staff")]
        pub audience: UpdateAudience,
        /// Pinned to the top.
        #[serde(default)]
        pub pinned: bool,
    }
}

fn staff() -> UpdateAudience {
    UpdateAudience::Staff
}

#[cfg(feature = "operation")]
impl operation::Validate for NewUpdate {
    fn check(&self, errors: &mut operation::FieldErrors) {
        crate::wire::text(errors, "body", &self.body, 1..=1000, true);
    }
}
