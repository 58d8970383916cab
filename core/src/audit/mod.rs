//! audit: who did what, provably. [000 §4, 003 §2.7]
//!
//! `audit_logs` holds who, what, when and one salted commitment per changed field; the values stand
//! in `audit_values` and can be erased without breaking a proof. The sealer chains the rows' hashes
//! into `audit_blocks`; [`verify`] recomputes all of it, [`proof`] what was exported of it.

use operation::Validate;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::kernel::page::Limit;
use crate::kernel::text::{FilterWord, SearchText};
use crate::kernel::timestamp::Timestamp;

pub mod operations;
pub mod proof;
pub mod words;

#[cfg(feature = "ssr")]
mod jobs;
#[cfg(feature = "ssr")]
pub mod names;
#[cfg(feature = "ssr")]
mod proving;
#[cfg(feature = "ssr")]
pub mod sealer;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(all(test, feature = "ssr"))]
mod tests;
#[cfg(feature = "ssr")]
pub mod verify;

#[cfg(feature = "ssr")]
pub use sql::{history_with_values, records_at_event, values_forget};
#[cfg(feature = "ssr")]
pub use verify::erase;

#[cfg(feature = "ssr")]
inventory::submit!(
    crate::kernel::areas::Area::new("audit", "Who did what and when, with proof that entries are unchanged.")
        .words(&words::platform::WORDS)
);

/// A record whose recorded values speak of somebody: all of them, or one field.
#[cfg(feature = "ssr")]
pub struct Trace {
    /// The kind of thing it is.
    pub object_type: &'static str,
    /// Its id.
    pub object_id: Uuid,
    /// The field; all if none.
    pub field: Option<&'static str>,
}

#[cfg(feature = "ssr")]
impl Trace {
    /// All values of these records.
    pub fn all(object_type: &'static str, ids: Vec<Uuid>) -> impl Iterator<Item = Trace> {
        ids.into_iter().map(move |object_id| Trace { object_type, object_id, field: None })
    }
}

/// Who did it.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Actor {
    /// `staff`, `end_user`, `api_key`, `device` or `system`.
    pub kind: String,
    /// Absent for the system itself.
    pub id: Option<Uuid>,
    /// Email or name, as it was then.
    pub label: String,
    /// Their current name; absent if it was not a person, or if the account was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
}

/// The record it was done to, by its current name.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AuditSubject {
    /// Its name.
    pub name: String,
    /// Its page, or the page that shows it.
    pub href: Option<String>,
    /// The record it is part of, such as an event or a partner.
    pub within: Option<String>,
}

/// One thing that was done, as lists show it.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AuditRow {
    /// Its place in the log.
    pub seq: i64,
    /// Its id.
    pub id: Uuid,
    /// When.
    pub created_at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The action, such as `role.permissions_changed`.
    pub action: String,
    /// The type of object.
    pub object_type: String,
    /// To which.
    pub object_id: String,
    /// The reason, if one was required.
    pub reason: Option<String>,
    /// The IP address.
    pub ip: Option<String>,
    /// The request it was part of.
    pub request_id: Option<String>,
    /// The fields that changed.
    pub changed: Vec<String>,
    /// The record, where it is still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<AuditSubject>,
    /// The status it came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

#[cfg(feature = "ssr")]
impl crate::kernel::csv::CsvRow for AuditRow {
    const COLUMNS: &'static [crate::kernel::csv::CsvColumn<AuditRow>] = &[
        ("seq", |r| r.seq.to_string()),
        ("id", |r| r.id.to_string()),
        ("created_at", |r| r.created_at.rfc3339()),
        ("actor_kind", |r| r.actor.kind.clone()),
        ("actor", |r| r.actor.label.clone()),
        ("action", |r| r.action.clone()),
        ("object_type", |r| r.object_type.clone()),
        ("object_id", |r| r.object_id.clone()),
        ("changed", |r| r.changed.join(" ")),
        ("reason", |r| r.reason.clone().unwrap_or_default()),
        ("ip", |r| r.ip.clone().unwrap_or_default()),
        ("request_id", |r| r.request_id.clone().unwrap_or_default()),
    ];
}

/// One field's change.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AuditChange {
    /// The field.
    pub field: String,
    /// Its value before; absent where there was none.
    pub before: Option<Value>,
    /// Its value after; absent where there is none.
    pub after: Option<Value>,
    /// When the values were erased, if they were.
    pub erased_at: Option<Timestamp>,
}

/// One thing that was done, whole.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AuditDetail {
    /// Who, what and when.
    pub row: AuditRow,
    /// The values, by field.
    pub changes: Vec<AuditChange>,
    /// The block that seals it; absent for the first seconds.
    pub block: Option<i64>,
    /// The row's hash, in hex.
    pub hash: String,
}

/// The status of the chain.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Chain {
    /// How many blocks there are.
    pub blocks: i64,
    /// The newest block's hash, in hex: note it elsewhere, and nobody can rewrite what lies before it.
    pub head_hash: Option<String>,
    /// When it was sealed.
    pub last_sealed_at: Option<Timestamp>,
    /// Rows that no block holds yet.
    pub unsealed: i64,
    /// For how many seconds the oldest of them has waited.
    pub oldest_unsealed_seconds: Option<i64>,
    /// The key that signs exported proofs here, in hex: note it elsewhere, and nobody can pass off one of their own.
    pub proof_key: String,
}

/// Filter for entries.
#[operation::record]
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AuditFilter {
    /// Only what this actor did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<Uuid>,
    /// Only actions that begin so: `role.` or `role.created`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<FilterWord>,
    /// Only what was done to this kind of thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_type: Option<FilterWord>,
    /// Only what was done to this thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<FilterWord>,
    /// Only from this time on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Only before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// Only entries with this text in the actor's name or the object's ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<SearchText>,
    /// From the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Rows on a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}

impl Validate for AuditFilter {
    fn check(&self, errors: &mut operation::FieldErrors) {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from >= to
        {
            errors.entry("to".to_owned()).or_default().push("must be later than `from`".to_owned());
        }
    }
}
