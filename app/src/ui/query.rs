//! The state of a list lives in the URL, so that it can be shared, reloaded and gone back to.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The query of the page's URL.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListQuery {
    path: String,
    pairs: Vec<(String, String)>,
}

impl ListQuery {
    /// The query as it stands, and follows.
    pub fn current() -> Memo<ListQuery> {
        let (location, query) = (use_location(), use_query_map());
        Memo::new(move |_| {
            let pairs = query.with(|query| {
                let pairs = query.clone().into_iter().map(|(name, value)| (name.to_string(), value));
                pairs.filter(|(_, value)| !value.is_empty()).collect()
            });
            ListQuery { path: location.pathname.get(), pairs }
        })
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
    /// A parameter as one of a type's words, or as a number; what does not fit counts as absent.
    pub fn word<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        let number = text.parse::<i64>().ok().and_then(|n| serde_json::from_value(Value::from(n)).ok());
        number.or_else(|| serde_json::from_value(Value::String(text)).ok())
    }
    /// Whether any of these parameters is set.
    pub fn any(&self, names: &[&str]) -> bool {
        self.pairs.iter().any(|(name, _)| names.contains(&name.as_str()))
    }
    /// The URL with one parameter changed; the page starts over unless the cursor is what changes.
    pub fn href(&self, name: &str, value: Option<&str>) -> String {
        let mut query = self.clone();
        query.pairs.retain(|(n, _)| n != name && n != "cursor");
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            query.pairs.push((name.to_owned(), value.to_owned()));
        }
        query.url()
    }
    /// The URL without any of these parameters.
    pub fn without(&self, names: &[&str]) -> String {
        let mut query = self.clone();
        query.pairs.retain(|(n, _)| !names.contains(&n.as_str()) && n != "cursor");
        query.url()
    }
    /// The URL of these parameters on the same path.
    pub fn url(&self) -> String {
        let text: Vec<String> = self.pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        if text.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, text.join("&")) }
    }
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
    fn changing_a_parameter_starts_the_list_over() {
        let query = ListQuery::of("/team", &[("q", "a b"), ("cursor", "x")]);
        assert_eq!(query.href("sort", Some("-name")), "/team?q=a%20b&sort=-name");
        assert_eq!(query.href("cursor", Some("y")), "/team?q=a%20b&cursor=y");
        assert_eq!(query.without(&["q"]), "/team");
        assert_eq!(query.state(), "?q=a%20b");
        assert_eq!(query.word::<i64>("q"), None);
        let columns = ListQuery::of("/team", &[("col", "a,b"), ("col", "c")]);
        assert_eq!(columns.all("col"), ["a", "b", "c"]);
    }
}
