//! Keyset pages: `?cursor=&limit=` in, `{items, next_cursor}` out.

use operation::Validate;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
mod keyset;

/// One page of a list.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ssr", schemars(rename = "{T}Page"))]
pub struct Page<T> {
    /// The rows, in the order asked for.
    pub items: Vec<T>,
    /// Pass as `cursor` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// About how many rows there are in all, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_estimate: Option<i64>,
}

impl<T> Page<T> {
    /// The same page of something else.
    pub fn map<U>(self, into: impl FnMut(T) -> U) -> Page<U> {
        let items = self.items.into_iter().map(into).collect();
        Page { items, next_cursor: self.next_cursor, total_estimate: self.total_estimate }
    }
}

/// All there is, at once: for lists that a rule keeps short.
impl<T> From<Vec<T>> for Page<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, next_cursor: None, total_estimate: None }
    }
}

/// A page of a list that has no filter.
#[operation::record]
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// Where the page starts: the `next_cursor` of the one before; or `at:` and a time where the list is in order of
    /// time, `at:` and a letter where it is in order of name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many rows it holds at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}
impl Validate for Paging {}
impl Paging {
    /// The first page, as long as one can be.
    pub fn most() -> Self {
        Self { cursor: None, limit: Some(Limit::MOST) }
    }
    /// The first so many.
    pub fn first(rows: u32) -> Self {
        Self { cursor: None, limit: Limit::try_from(rows).ok() }
    }
}

/// Every row of a list, page by page: for lists that are shown whole.
pub async fn every<T, E, F: Future<Output = Result<Page<T>, E>>>(read: impl Fn(Paging) -> F) -> Result<Vec<T>, E> {
    let mut rows = Vec::new();
    let mut cursor = None;
    loop {
        let page = read(Paging { cursor, ..Paging::most() }).await?;
        rows.extend(page.items);
        if page.next_cursor.is_none() {
            return Ok(rows);
        }
        cursor = page.next_cursor;
    }
}

/// How many rows a page holds: 1 to 200, 50 if not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Limit(u32);

impl Limit {
    /// The most that can be asked for.
    pub const MOST: Limit = Limit(200);
    /// What an export reads at once.
    #[cfg(feature = "ssr")]
    pub const EXPORT: Limit = Limit(1_000);

    /// The number of rows.
    pub fn rows(self) -> usize {
        self.0 as usize
    }
}
impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}
impl TryFrom<u32> for Limit {
    type Error = String;
    fn try_from(rows: u32) -> Result<Self, String> {
        if (1..=Self::MOST.0).contains(&rows) { Ok(Self(rows)) } else { Err("must be between 1 and 200".to_owned()) }
    }
}
impl From<Limit> for u32 {
    fn from(limit: Limit) -> u32 {
        limit.0
    }
}
#[cfg(feature = "ssr")]
impl schemars::JsonSchema for Limit {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Limit".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "integer", "minimum": 1, "maximum": 200, "default": 50, "examples": [50],
        })
    }
}

#[cfg(feature = "ssr")]
pub use keyset::{Keyset, MOST_COUNTED, Order, Paged, Rows, SortKey, count, counting};

/// Filters of lists whose fields `cursor` and `limit` say which page is meant.
#[cfg(feature = "ssr")]
#[macro_export]
macro_rules! paged {
    ($($filter:ty),*) => {$(
        impl $crate::kernel::page::Paged for $filter {
            fn place(&mut self) -> (&mut Option<String>, &mut Option<$crate::kernel::page::Limit>) {
                (&mut self.cursor, &mut self.limit)
            }
        }
    )*};
}
#[cfg(feature = "ssr")]
pub use crate::paged;
