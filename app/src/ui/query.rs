//! The state of a list lives in the URL, so that it can be shared, reloaded and gone back to.

use eventify_core::Error;
use eventify_core::kernel::timestamp::Timestamp;
use eventify_core::zones::Zone;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::Duration;

use super::{Carried, Clock, Loading, zone_of};

/// The id in the page's path; once it is known it stays, so that leaving asks for nothing.
pub fn id_of_path<T: std::str::FromStr + Copy + PartialEq + Send + Sync + 'static>() -> Memo<Option<T>> {
    let params = use_params_map();
    Memo::new(move |before: Option<&Option<T>>| {
        let now = params.with(|params| params.get("id").and_then(|id| id.parse().ok()));
        now.or(before.copied().flatten())
    })
}

/// A list, as the URL asks for it; a day it begins with is one of the reader's.
pub fn listed<T, F>(query: Memo<ListQuery>, fetch: impl Fn(ListQuery) -> F + Copy + Send + Sync + 'static) -> Loading<T>
where
    T: Carried,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let clock = Clock::get();
    Loading::new(
        move || query.get(),
        move |query| async move {
            let zone = zone_of(clock).await;
            fetch(query.placed(&zone)).await
        },
    )
}

/// What says which page of a list it is: the cursor with the number of its first row, or the day it begins at, forwards
/// or backwards.
const PAGE: [&str; 5] = ["cursor", "row", "of", FROM_DAY, BACK_FROM];
/// Begins a list that goes forwards in time with this day.
pub(super) const FROM_DAY: &str = "from_day";
/// Begins a list that goes backwards in time with this day.
pub(super) const BACK_FROM: &str = "back_from";

/// The query of the page's URL.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListQuery {
    path: String,
    pairs: Vec<(String, String)>,
}

impl ListQuery {
    /// The query as it stands, and follows.
    pub fn current() -> Memo<ListQuery> {
        let location = use_location();
        Memo::new(move |_| {
            let pairs = location.search.with(|search| decoded(search));
            let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
            ListQuery { path: location.pathname.get(), pairs }
        })
    }
    /// When a parameter's day begins by these clocks, so many days on: a filter goes from the first day's beginning to
    /// that of the day after the last.
    pub fn day(&self, name: &str, later: i64, zone: &Zone) -> Option<Timestamp> {
        zone.day_begins(&self.text(name)?, later)
    }
    /// The same with the cursor of the day it begins with, if it names one: a day by these clocks.
    pub fn placed(mut self, zone: &Zone) -> ListQuery {
        let place = self.day(FROM_DAY, 0, zone);
        let place = place.or_else(|| Some(self.day(BACK_FROM, 1, zone)?.plus(-Duration::milliseconds(1))));
        if let Some(place) = place {
            self.pairs.retain(|(name, _)| name != "cursor");
            self.pairs.push(("cursor".to_owned(), format!("at:{}", place.rfc3339())));
        }
        self
    }
    /// The same list from its beginning.
    pub fn first_page(&self) -> ListQuery {
        let mut query = self.clone();
        query.pairs.retain(|(name, _)| !PAGE.contains(&name.as_str()));
        query
    }
    /// Whether it is the first page.
    pub fn begins(&self) -> bool {
        !self.any(&PAGE)
    }
    /// The query of a URL with these parameters.
    pub fn of(path: &str, pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { path: path.to_owned(), pairs }
    }
    /// The path alone.
    pub fn path(&self) -> &str {
        &self.path
    }
    /// A parameter's text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
    }
    /// All values of a parameter that may stand several times, or hold several between commas.
    pub fn all(&self, name: &str) -> Vec<String> {
        let values = self.pairs.iter().filter(|(n, _)| n == name);
        values.flat_map(|(_, value)| value.split(',')).filter(|v| !v.is_empty()).map(str::to_owned).collect()
    }
    /// Every parameter, in the order of the URL.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }
    /// What makes the list this one, without the page of it: `?…`, or nothing.
    pub fn state(&self) -> String {
        self.without(&[]).split_off(self.path.len())
    }
    /// A parameter as one of a type's words, as a number or as `true` or `false`; what does not fit counts as absent.
    pub fn parsed<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        let number = text.parse::<i64>().ok().and_then(|n| serde_json::from_value(Value::from(n)).ok());
        let truth = || text.parse::<bool>().ok().and_then(|truth| serde_json::from_value(Value::from(truth)).ok());
        number.or_else(truth).or_else(|| serde_json::from_value(Value::String(text.clone())).ok())
    }
    /// Whether any of these parameters is set.
    pub fn any(&self, names: &[&str]) -> bool {
        self.pairs.iter().any(|(name, _)| names.contains(&name.as_str()))
    }
    /// The URL with one parameter changed; the page starts over unless the cursor is what changes.
    pub fn href(&self, name: &str, value: Option<&str>) -> String {
        let mut query = self.clone();
        query.pairs.retain(|(n, _)| n != name && !PAGE.contains(&n.as_str()));
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            query.pairs.push((name.to_owned(), value.to_owned()));
        }
        query.url()
    }
    /// The URL of the page behind this cursor, so many rows on, of so many in all.
    pub fn page(&self, cursor: &str, rows: usize, total: Option<i64>) -> String {
        let (mut query, first) = (self.clone(), self.first_row());
        query.pairs.retain(|(n, _)| !PAGE.contains(&n.as_str()));
        query.pairs.push(("cursor".to_owned(), cursor.to_owned()));
        if first > 0 {
            query.pairs.push(("row".to_owned(), (first + rows).to_string()));
            // Lists are counted on their first page alone.
            query.pairs.extend(total.or(self.total()).map(|total| ("of".to_owned(), total.to_string())));
        }
        query.url()
    }
    /// The number of the first row on this page; 0 where the link did not say.
    pub fn first_row(&self) -> usize {
        if self.begins() { 1 } else { self.text("row").and_then(|row| row.parse().ok()).unwrap_or(0) }
    }
    /// How many rows there were in all when the list was counted.
    pub fn total(&self) -> Option<i64> {
        if self.begins() { None } else { self.text("of")?.parse().ok() }
    }
    /// The URL without any of these parameters.
    pub fn without(&self, names: &[&str]) -> String {
        let mut query = self.clone();
        query.pairs.retain(|(n, _)| !names.contains(&n.as_str()) && !PAGE.contains(&n.as_str()));
        query.url()
    }
    /// The query with nothing but these parameters.
    pub fn only(&self, names: &[&str]) -> ListQuery {
        let mut query = self.clone();
        query.pairs.retain(|(n, _)| names.contains(&n.as_str()));
        query
    }
    /// The URL of these parameters on the same path.
    pub fn url(&self) -> String {
        let text: Vec<String> = self.pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        if text.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, text.join("&")) }
    }
}

/// A parameter of the page's URL, as it is now.
pub fn parameter(name: &str) -> Option<String> {
    let pairs = use_location().search.with_untracked(|search| decoded(search));
    pairs.into_iter().rev().find(|(n, _)| n == name).map(|(_, value)| value)
}

/// The pairs of a query, decoded once: the router's own map decodes them a second time, and makes `%26` an `&` that ends
/// the value.
fn decoded(search: &str) -> Vec<(String, String)> {
    let pairs = search.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(n, v)| (decode(n), decode(v))).collect()
}

fn decode(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let [first, after @ ..] = rest {
        let hex = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        let (byte, taken) = match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, 2),
            (b'+', ..) => (b' ', 0),
            _ => (*first, 0),
        };
        bytes.push(byte);
        rest = &after[taken..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Percent-encodes for a query.
pub fn encode(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if keep(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_once() {
        let pairs = decoded("?q=a%26b&q=%2541sha+R%C3%A9&empty&x=%zz%4");
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("q", "a&b"), ("q", "%41sha R\u{e9}"), ("empty", ""), ("x", "%zz%4")]);
        for text in ["a&b=c", "100 %", "%41", "\u{928}\u{943}+"] {
            assert_eq!(decode(&encode(text)), text);
        }
    }

    #[test]
    fn changing_a_parameter_starts_the_list_over() {
        let query = ListQuery::of("/team", &[("q", "a b"), ("cursor", "x")]);
        assert_eq!(query.href("sort", Some("-name")), "/team?q=a%20b&sort=-name");
        assert_eq!(query.page("y", 50, Some(63)), "/team?q=a%20b&cursor=y", "which row is the first was never said");
        let first = ListQuery::of("/team", &[("q", "a b")]);
        assert_eq!(first.page("y", 50, Some(63)), "/team?q=a%20b&cursor=y&row=51&of=63");
        assert_eq!((query.first_row(), ListQuery::of("/team", &[("cursor", "y"), ("row", "51")]).first_row()), (0, 51));
        assert_eq!(ListQuery::of("/team", &[("sort", "x")]).first_row(), 1, "the first page is the first page");
        assert_eq!(ListQuery::of("/team", &[(FROM_DAY, "2026-11-21")]).first_row(), 0, "begun at a day");
        assert_eq!(query.without(&["q"]), "/team");
        assert_eq!(query.state(), "?q=a%20b");
        assert_eq!(ListQuery::of("/events", &[("q", "a"), ("sort", "x")]).only(&["q"]).url(), "/events?q=a");
        assert_eq!(query.parsed::<i64>("q"), None);
        assert_eq!(ListQuery::of("/payments", &[("refunded", "true")]).parsed("refunded"), Some(true));
        let columns = ListQuery::of("/team", &[("col", "a,b"), ("col", "c")]);
        assert_eq!(columns.all("col"), ["a", "b", "c"]);
    }
}
