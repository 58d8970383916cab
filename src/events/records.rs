//! Which records belong to an event, for its activity: each area says those of its own, with `inventory::submit!`.

use futures::future::BoxFuture;
use sqlx::PgConnection;

use super::{ActivityOf, EventId};
use crate::kernel::error::Result;
use crate::kernel::permissions::Permission;

/// What the audit log calls a record: its kind and its id.
pub type Recorded = (String, String);

/// Finds what belongs to an event and does not say so itself.
pub type Find = for<'a> fn(&'a mut PgConnection, EventId) -> BoxFuture<'a, Result<Vec<Recorded>>>;

/// Some of an area's audited records.
pub struct EventRecords {
    /// What they are about.
    pub of: ActivityOf,
    /// What it takes to see them, at the event.
    pub permission: Permission,
    /// Kinds that have a field `event_id`: the log itself knows which of them belong to an event, also those that are
    /// gone.
    pub kinds: &'static [&'static str],
    /// The others.
    pub find: Option<Find>,
}
inventory::collect!(EventRecords);

impl EventRecords {
    /// Records of these kinds, whose event stands in the log.
    pub const fn of_kinds(of: ActivityOf, permission: Permission, kinds: &'static [&'static str]) -> Self {
        Self { of, permission, kinds, find: None }
    }

    /// And those that this finds.
    pub const fn and(self, find: Find) -> Self {
        Self { find: Some(find), ..self }
    }
}

inventory::submit!(
    EventRecords::of_kinds(
        ActivityOf::Event,
        Permission::EventsManage,
        &["event_image", "event_stream", "event_co_host"],
    )
    .and(|_, event| Box::pin(async move { Ok(vec![("event".to_owned(), event.to_string())]) }))
);
