//! Where a page of a list starts, in SQL and as a cursor that nobody else makes.

use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder, Row};
use uuid::Uuid;

use super::{Limit, Page, Paging};
use crate::kernel::context::{Db, RequestContext};
use crate::kernel::crypto::{Keys, base64url, from_base64url, mac, same};
use crate::kernel::error::{Error, Result, invalid_input};
use crate::kernel::timestamp::Timestamp;

/// A list counts no further than this.
pub const MOST_COUNTED: i64 = 10_000;

/// What a list is in order of: a sort key in SQL (never null), its type, and whether it is descending.
pub type Order = (&'static str, &'static str, bool);

/// How many bytes of a cursor authenticate it; the id and the sort key come behind them.
const SIGNATURE: usize = 16;
/// What a cursor begins with that no page gave: where to begin is said behind it.
const AT: &str = "at:";

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
    /// `filter` is everything that decides which rows are in the list.
    fn new(
        cx: &RequestContext,
        (expression, cast, descending): Order,
        filter: &impl Serialize,
        Paging { cursor, limit }: &Paging,
    ) -> Result<Self> {
        let signing = signing(&cx.app().keys, expression, descending, filter);
        let wrong = |message: &'static str| invalid_input().field("cursor", message);
        let after = match cursor {
            None => None,
            Some(cursor) => match cursor.strip_prefix(AT) {
                Some(place) => place_at(place, cast, descending).map_err(wrong)?,
                None => Some(decode(cursor, &signing).ok_or_else(|| {
                    wrong("is not valid for this list, filter and sort order: start again without it")
                })?),
            },
        };
        Ok(Self { expression, cast, descending, limit: limit.unwrap_or_default().rows(), signing, after })
    }

    /// The rows of the page: those of the query that come after the cursor, in order; `id` is the id column.
    pub async fn rows(
        &self,
        db: &mut impl Db,
        mut query: QueryBuilder<Postgres>,
        id: &'static str,
    ) -> Result<Rows<'_>> {
        self.finish(&mut query, id);
        Ok(Rows { keyset: self, rows: query.build().fetch_all(db.conn()).await? })
    }

    /// Adds `and (key, id) > (…)`, the order and the limit. `id` is the id column.
    fn finish(&self, query: &mut QueryBuilder<Postgres>, id: &'static str) {
        let (compare, order) = if self.descending { ("<", "desc") } else { (">", "asc") };
        if let Some((key, after)) = &self.after {
            query.push(format_args!(" and ({}, {id}) {compare} (", self.expression));
            query.push_bind(key.clone()).push(format_args!("::{}, ", self.cast));
            query.push_bind(*after).push(")");
        }
        query.push(format_args!(" order by {} {order}, {id} {order} limit ", self.expression));
        query.push_bind(self.limit as i64 + 1);
    }

    /// The page of a list that is short by nature and was read whole: what comes after the row that the cursor
    /// names or, where that is gone, after the place it had.
    pub fn cut<T>(&self, mut rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> Page<T> {
        let start = self.after.as_ref().map_or(0, |(place, last)| {
            let found = rows.iter().position(|row| id(row) == *last).map(|at| at + 1);
            found.unwrap_or_else(|| place.parse().unwrap_or(0)).min(rows.len())
        });
        let rest = rows.split_off(start).into_iter().zip(start..).take(self.limit + 1);
        let keyed = rest.map(|(row, place)| {
            let id = id(&row);
            (row, place.to_string(), id)
        });
        self.page(keyed.collect())
    }

    /// The page of rows with their sort keys as text and their ids.
    fn page<T>(&self, mut rows: Vec<(T, String, Uuid)>) -> Page<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let last = more.then(|| rows.last()).flatten();
        let next_cursor = last.map(|(_, key, id)| encode(key, *id, &self.signing));
        Page { items: rows.into_iter().map(|(item, ..)| item).collect(), next_cursor, total_estimate: None }
    }
}

/// The rows of a page, as they were read, and one more where there is a next page.
pub struct Rows<'k> {
    keyset: &'k Keyset,
    rows: Vec<PgRow>,
}

impl Rows<'_> {
    /// The page of rows that hold their sort key as text in the column `sort_key`.
    pub fn page<T, E>(self, item: impl Fn(&PgRow) -> Result<T, E>, id: impl Fn(&T) -> Uuid) -> Result<Page<T>>
    where
        Error: From<E>,
    {
        let keyed = |row| {
            let item = item(row)?;
            let id = id(&item);
            Ok((item, row.try_get("sort_key")?, id))
        };
        Ok(self.keyset.page(self.rows.iter().map(keyed).collect::<Result<_>>()?))
    }

    /// The page of items of which each knows its sort key and id.
    pub fn page_by<T, E, K: SortKey>(
        self,
        item: impl Fn(&PgRow) -> Result<T, E>,
        key: impl Fn(&T) -> (K, Uuid),
    ) -> Result<Page<T>>
    where
        Error: From<E>,
    {
        let keyed = |row| {
            let item = item(row)?;
            let (key, id) = key(&item);
            Ok((item, key.text(), id))
        };
        Ok(self.keyset.page(self.rows.iter().map(keyed).collect::<Result<_>>()?))
    }
}

/// A value that lists are in order of.
pub trait SortKey {
    /// It, as PostgreSQL reads it.
    fn text(self) -> String;
}
impl SortKey for Timestamp {
    fn text(self) -> String {
        self.rfc3339()
    }
}
impl SortKey for i64 {
    fn text(self) -> String {
        self.to_string()
    }
}
impl SortKey for Uuid {
    fn text(self) -> String {
        self.to_string()
    }
}
impl SortKey for &str {
    fn text(self) -> String {
        self.to_owned()
    }
}

/// How many rows there are `from` tables, narrowed like the list, as far as lists count.
pub async fn count(db: &mut impl Db, from: &str, narrow: impl FnOnce(&mut QueryBuilder<Postgres>)) -> Result<i64> {
    let mut query = counting("select count(*)", &format!("select{from}"), narrow);
    Ok(query.build_query_scalar().fetch_one(db.conn()).await?)
}

/// What is told of the rows of a select, as far as lists count and one more: that there are too many shows.
pub fn counting(told: &str, select: &str, narrow: impl FnOnce(&mut QueryBuilder<Postgres>)) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(format!("{told} from ({select}"));
    narrow(&mut query);
    query.push(" limit ").push_bind(MOST_COUNTED + 1).push(") counted");
    query
}

/// A filter of a list that says, too, which page is meant; [`paged!`](crate::paged) makes it one.
pub trait Paged: Clone + Serialize {
    /// Its cursor and its limit.
    fn place(&mut self) -> (&mut Option<String>, &mut Option<Limit>);

    /// Where the page starts in the list that it filters, in this order. A cursor of this list with another filter
    /// or in another order is refused.
    fn keyset(&self, cx: &RequestContext, order: Order) -> Result<Keyset> {
        let (filter, paging) = parted(self);
        Keyset::new(cx, order, &filter, &paging)
    }

    /// The same where what the list is `of` decides, too, which rows are in it.
    fn keyset_of(&self, cx: &RequestContext, order: Order, of: impl Serialize) -> Result<Keyset> {
        let (filter, paging) = parted(self);
        Keyset::new(cx, order, &(of, filter), &paging)
    }

    /// The same filter for what an export reads at once, from this cursor on.
    fn exported(&self, from: Option<String>) -> Self {
        let mut filter = self.clone();
        let (cursor, limit) = filter.place();
        (*cursor, *limit) = (from, Some(Limit::EXPORT));
        filter
    }
}

/// What is in the list, and which page of it.
fn parted<F: Paged>(filter: &F) -> (F, Paging) {
    let mut filter = filter.clone();
    let (cursor, limit) = filter.place();
    let paging = Paging { cursor: cursor.take(), limit: limit.take() };
    (filter, paging)
}

impl Paging {
    /// Where the page starts in the list that `list` names, of whoever or whatever it is `of`.
    pub fn keyset(&self, cx: &RequestContext, order: Order, list: &'static str, of: impl Serialize) -> Result<Keyset> {
        Keyset::new(cx, order, &(list, of), self)
    }

    /// The page of a list that is short by nature and was read whole; see [`Keyset::cut`].
    pub fn cut<T>(
        &self,
        cx: &RequestContext,
        list: &'static str,
        of: impl Serialize,
        rows: Vec<T>,
        id: impl Fn(&T) -> Uuid,
    ) -> Result<Page<T>> {
        Ok(self.keyset(cx, ("place", "bigint", false), list, of)?.cut(rows, id))
    }
}

/// The place before the first row at this time, or with this letter first, in the order of the list; `None` where
/// that is the list's beginning.
fn place_at(place: &str, cast: &str, descending: bool) -> Result<Option<(String, Uuid)>, &'static str> {
    let id = if descending { Uuid::max() } else { Uuid::nil() };
    match cast {
        "timestamptz" => {
            let at = Timestamp::parse(place).map_err(|_| "after at: must be a time, like 2026-08-14T00:00:00Z")?;
            Ok(Some((at.rfc3339(), id)))
        }
        "text" => {
            let letter = match place.as_bytes() {
                [letter] if letter.is_ascii_alphabetic() => letter.to_ascii_lowercase(),
                _ => return Err("after at: must be a letter, A to Z"),
            };
            // Backwards from the last of this letter: from before the next one.
            let from = if descending { letter + 1 } else { letter };
            Ok((from <= b'z').then(|| (char::from(from).to_string(), Uuid::nil())))
        }
        _ => Err("this list is in order of neither time nor name: start again without it"),
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
    fn a_whole_list_is_cut_without_losing_or_repeating_rows_that_stay() {
        let keyset = |after| Keyset {
            expression: "place",
            cast: "bigint",
            descending: false,
            limit: 2,
            signing: [0; 32],
            after,
        };
        let rows = |numbers: &[u128]| numbers.iter().copied().map(Uuid::from_u128).collect::<Vec<_>>();
        let first = keyset(None).cut(rows(&[1, 2, 3, 4]), |id| *id);
        assert_eq!(first.items, rows(&[1, 2]));
        let after = decode(&first.next_cursor.expect("more"), &[0; 32]);
        for (now, left) in [
            (&[1, 2, 3, 4][..], &[3, 4][..]),
            // The row the page ended with is gone; another came before it; all are gone.
            (&[1, 3, 4], &[3, 4]),
            (&[9, 1, 2, 3, 4], &[3, 4]),
            (&[], &[]),
        ] {
            let page = keyset(after.clone()).cut(rows(now), |id| *id);
            assert_eq!((page.items, page.next_cursor), (rows(left), None));
        }
    }

    #[test]
    fn a_list_begins_at_a_time_or_at_a_letter() {
        let (first, last) = (Uuid::nil(), Uuid::max());
        let noon = "2026-08-14T12:00:00Z";
        let key = Timestamp::parse(noon).expect("a time").rfc3339();
        assert_eq!(place_at(noon, "timestamptz", false), Ok(Some((key.clone(), first))));
        assert_eq!(place_at(noon, "timestamptz", true), Ok(Some((key, last))));
        assert_eq!(place_at("M", "text", false), Ok(Some(("m".to_owned(), first))));
        assert_eq!(place_at("m", "text", true), Ok(Some(("n".to_owned(), first))));
        assert_eq!(place_at("z", "text", true), Ok(None), "the beginning of the list");
        for (place, cast) in [
            ("", "text"),
            ("ab", "text"),
            ("1", "text"),
            ("é", "text"),
            ("m", "timestamptz"),
            ("2026-08-14", "timestamptz"),
            ("5", "bigint"),
            (noon, "uuid"),
        ] {
            assert!(place_at(place, cast, false).is_err(), "{place} in order of {cast}");
        }
    }

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
