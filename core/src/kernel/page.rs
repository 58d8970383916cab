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
    use serde::Serialize;
    use sqlx::{Postgres, QueryBuilder};
    use uuid::Uuid;

    use super::{Limit, Page};
    use crate::kernel::context::Cx;
    use crate::kernel::crypto::{Keys, base64url, from_base64url, mac, same};
    use crate::kernel::error::{Result, invalid_input};

    /// How many bytes of a cursor authenticate it; the id and the sort key come behind them.
    const SIGNATURE: usize = 16;

    /// Where a page starts and how it is ordered: a sort expression with its own index, the id as
    /// tie-break.
    pub struct Keyset {
        expression: &'static str,
        cast: &'static str,
        descending: bool,
        limit: usize,
        /// Signs the cursors of this list with this filter in this order: those of others are not taken here, and
        /// nobody makes one, so what a cursor says is what PostgreSQL once printed.
        signing: [u8; 32],
        after: Option<(String, Uuid)>,
    }

    impl Keyset {
        /// `expression` is the sort key in SQL (never null) and `cast` its type; `filter` is
        /// everything that decides which rows are in the list, and in which order.
        pub fn new(
            cx: &Cx,
            expression: &'static str,
            cast: &'static str,
            descending: bool,
            filter: &impl Serialize,
            cursor: Option<&str>,
            limit: Option<Limit>,
        ) -> Result<Self> {
            let signing = signing(&cx.app().keys, expression, descending, filter);
            let after = match cursor {
                None => None,
                Some(cursor) => Some(decode(cursor, &signing).ok_or_else(|| {
                    let message = "does not belong to this list, filter and order: start without it";
                    invalid_input().field("cursor", message)
                })?),
            };
            Ok(Self { expression, cast, descending, limit: limit.unwrap_or_default().rows(), signing, after })
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
            let last = more.then(|| rows.last()).flatten();
            let next_cursor = last.map(|(_, key, id)| encode(key, *id, &self.signing));
            Page { items: rows.into_iter().map(|(item, ..)| item).collect(), next_cursor, total_estimate: None }
        }
    }

    fn signing(keys: &Keys, expression: &str, descending: bool, filter: &impl Serialize) -> [u8; 32] {
        let filter = serde_json::to_vec(filter).unwrap_or_default();
        keys.derive("page cursor", &[&filter, expression.as_bytes(), &[u8::from(descending)]])
    }

    fn encode(key: &str, id: Uuid, signing: &[u8; 32]) -> String {
        let signature = mac(signing, &[id.as_bytes(), key.as_bytes()]);
        base64url(&[&signature[..SIGNATURE], id.as_bytes(), key.as_bytes()].concat())
    }

    fn decode(cursor: &str, signing: &[u8; 32]) -> Option<(String, Uuid)> {
        let bytes = from_base64url(cursor)?;
        let (signature, rest) = bytes.split_at_checked(SIGNATURE)?;
        let (id, key) = rest.split_at_checked(16)?;
        let right = same(signature, &mac(signing, &[id, key])[..SIGNATURE]);
        right.then(|| Some((String::from_utf8(key.to_vec()).ok()?, Uuid::from_slice(id).ok()?))).flatten()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_cursor_is_taken_as_it_was_given_and_nowhere_else() {
            let keys = Keys::new(&[7; 32]);
            let here = signing(&keys, "e.title", false, &("q", 1));
            let cursor = encode("Zürich", Uuid::from_u128(5), &here);
            assert_eq!(decode(&cursor, &here), Some(("Zürich".to_owned(), Uuid::from_u128(5))));
            for other in [
                signing(&keys, "e.title", true, &("q", 1)),
                signing(&keys, "e.title", false, &("q", 2)),
                signing(&keys, "e.start_at", false, &("q", 1)),
                signing(&Keys::new(&[8; 32]), "e.title", false, &("q", 1)),
            ] {
                assert_eq!(decode(&cursor, &other), None);
            }
            let bytes = from_base64url(&cursor).unwrap();
            for at in 0..bytes.len() {
                let mut tampered = bytes.clone();
                tampered[at] ^= 1;
                assert_eq!(decode(&base64url(&tampered), &here), None, "byte {at}");
                assert_eq!(decode(&base64url(&bytes[..at]), &here), None, "the first {at} bytes");
            }
        }
    }
}
