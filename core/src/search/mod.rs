//! search: one index over everything a person may look for, kept by the tables' own triggers.

use operation::Validate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
#[cfg(feature = "ssr")]
use {
    crate::kernel::error::Result, crate::kernel::permissions::Permission, futures::future::BoxFuture,
    sqlx::PgConnection,
};

pub mod operations;

#[cfg(feature = "ssr")]
mod sql;
#[cfg(all(test, feature = "ssr"))]
mod tests;

pub use crate::kernel::text::SearchText;

#[cfg(feature = "ssr")]
inventory::submit!(crate::kernel::areas::Area::new("search", "Search across all records."));

/// Finds records by the whole number that is printed on them.
#[cfg(feature = "ssr")]
pub type FindNumbered = for<'a> fn(&'a mut PgConnection, &'a str) -> BoxFuture<'a, Result<Vec<Hit>>>;

/// Records that are found by their number, and what it takes to see them, everywhere. An area submits one:
/// `inventory::submit!`.
#[cfg(feature = "ssr")]
pub struct Numbered {
    /// What it takes.
    pub permission: Permission,
    /// How they are found.
    pub find: FindNumbered,
}
#[cfg(feature = "ssr")]
inventory::collect!(Numbered);

/// The search text.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchQuery {
    /// Every word must begin a word of the record's name or detail. The number of an order, an invoice, a credit note or
    /// a payout batch must be whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<SearchText>,
}
impl Validate for SearchQuery {}

/// The type of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema, sqlx::Type))]
#[cfg_attr(feature = "ssr", sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    /// A staff account.
    Staff,
    /// A role.
    Role,
    /// A partner.
    Partner,
    /// An event.
    Event,
    /// A place.
    Venue,
    /// An end user.
    User,
    /// A payment, found by the whole number of its order.
    Payment,
    /// An invoice, found by its whole number, that of a credit note, or that of its order.
    Invoice,
    /// A batch of payouts, found by its whole number.
    Payout,
}

/// A record that was found.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub title: String,
    /// Details that distinguish it from others of that name.
    pub detail: String,
}
