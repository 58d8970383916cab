//! The bus's own events.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::audience::audiences;
use crate::kernel::audit::{Entry, Origin};
use crate::kernel::outbox::{BusEvent, EventType};

audiences! {
    "admin.action." AuditRead;
    "error." LogsRead;
    "service." LogsRead;
}

/// An action was recorded in the audit log. The values stay in the audit log: the bus has other
/// readers.
#[derive(Serialize, JsonSchema)]
pub struct AdminActionLogged {
    audit_id: Uuid,
    action: &'static str,
    object_type: &'static str,
    object_id: String,
    actor_kind: &'static str,
    actor_id: Option<Uuid>,
    actor_label: String,
}

impl AdminActionLogged {
    /// For an entry that was just written.
    pub fn new(audit_id: Uuid, origin: &Origin<'_>, entry: &Entry) -> Self {
        let (actor_kind, actor_id, actor_label) = origin.actor();
        let (object_type, object_id) = entry.object();
        let object_id = object_id.to_owned();
        Self { audit_id, action: entry.action(), object_type, object_id, actor_kind, actor_id, actor_label }
    }
}

impl BusEvent for AdminActionLogged {
    const TYPE: &'static str = "admin.action.logged";
    const AGGREGATE: &'static str = "audit";
    fn aggregate_id(&self) -> String {
        self.audit_id.to_string()
    }
}
inventory::submit!(EventType::of::<AdminActionLogged>("An action was recorded in the audit log."));
