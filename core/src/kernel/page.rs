//! Keyset pages: `?cursor=&limit=` in, `{items, next_cursor}` out.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// How many rows a page holds: 1 to 200, 50 if not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Limit(u32);

impl Limit {
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
        if (1..=200).contains(&rows) { Ok(Self(rows)) } else { Err("must be between 1 and 200".to_owned()) }
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
pub use keyset::Keyset;

#[cfg(feature = "ssr")]
mod keyset {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde::{Deserialize, Serialize};
    use sqlx::{Postgres, QueryBuilder};
    use uuid::Uuid;

    use super::{Limit, Page};
    use crate::kernel::crypto::sha256;
    use crate::kernel::error::{Result, invalid_input};

    #[derive(Serialize, Deserialize)]
    struct Position {
        /// The sort key of the last row shown, as PostgreSQL prints it.
        k: String,
        /// Its id, the tie-break.
        i: Uuid,
        /// Binds the cursor to the list, its filter and its order.
        f: String,
    }

    /// Where a page starts and how it is ordered: a sort expression with its own index, the id as
    /// tie-break.
    pub struct Keyset {
        expression: &'static str,
        cast: &'static str,
        descending: bool,
        limit: usize,
        binding: String,
        after: Option<(String, Uuid)>,
    }

    impl Keyset {
        /// `expression` is the sort key in SQL (never null) and `cast` its type; `filter` is
        /// everything that decides which rows are in the list, and in which order.
        pub fn new(
            expression: &'static str,
            cast: &'static str,
            descending: bool,
            filter: &impl Serialize,
            cursor: Option<&str>,
            limit: Option<Limit>,
        ) -> Result<Self> {
            let filter = serde_json::to_vec(filter).unwrap_or_default();
            let binding = hex::encode(&sha256(&[&filter, expression.as_bytes(), &[descending as u8]])[..6]);
            let after = cursor.map(|cursor| decode(cursor, &binding)).transpose()?;
            Ok(Self { expression, cast, descending, limit: limit.unwrap_or_default().rows(), binding, after })
        }

        /// Adds `and (key, id) > (…)`, the order and the limit. `id` is the id column.
        pub fn finish(&self, query: &mut QueryBuilder<Postgres>, id: &'static str) {
            let (compare, order) = if self.descending { ("<", "desc") } else { (">", "asc") };
            if let Some((key, after)) = &self.after {
                query.push(format_args!(" and ({}, {id}) {compare} (", self.expression));
                query.push_bind(key.clone()).push(format_args!("::{}, ", self.cast));
                query.push_bind(*after).push(")");
            }
            query.push(format_args!(" order by {} {order}, {id} {order} limit ", self.expression));
            query.push_bind(self.limit as i64 + 1);
        }

        /// The page; rows come with their sort key as text (select `expression::text`) and id.
        pub fn page<T>(&self, mut rows: Vec<(T, String, Uuid)>) -> Page<T> {
            let more = rows.len() > self.limit;
            rows.truncate(self.limit);
            let next_cursor = more
                .then(|| rows.last())
                .flatten()
                .map(|(_, k, i)| encode(&Position { k: k.clone(), i: *i, f: self.binding.clone() }));
            Page { items: rows.into_iter().map(|(item, ..)| item).collect(), next_cursor, total_estimate: None }
        }
    }

    fn encode(position: &Position) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(position).unwrap_or_default())
    }

    fn decode(cursor: &str, binding: &str) -> Result<(String, Uuid)> {
        let position: Option<Position> =
            URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match position {
            Some(position) if position.f == binding => Ok((position.k, position.i)),
            _ => {
                Err(invalid_input().field("cursor", "does not belong to this list, filter and order: start without it"))
            }
        }
    }
}
