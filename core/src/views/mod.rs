//! views: lists as a person likes to see them, under names of their own.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use crate::id_type;
use crate::kernel::text::Title;

pub mod operations;

#[cfg(feature = "ssr")]
mod sql;

#[cfg(feature = "ssr")]
inventory::submit!(crate::kernel::areas::Area::new("views", "Saved views of lists."));

id_type! {
    /// A kept view of a list.
    ViewId,
}

/// A person keeps at most so many views of one list.
pub const MOST_VIEWS: i64 = 50;
/// A query string has at most so many bytes.
const LONGEST_QUERY: usize = 2_000;

/// A kept view of a list.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SavedView {
    /// Its id.
    pub id: ViewId,
    /// Its name, as given by its owner.
    pub name: String,
    /// The list's query string, including the question mark; empty for the default list.
    pub query: String,
}

/// The list whose views to return.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewFilter {
    /// The list: `partners`, `team` …
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schemars(example = &"partners"))]
    pub list: String,
}

/// A view to keep.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewView {
    /// The list: `partners`, `team` …
    #[cfg_attr(feature = "ssr", schemars(example = &"partners"))]
    pub list: String,
    /// Its name.
    pub name: Title,
    /// The list's query string, with its question mark.
    #[cfg_attr(feature = "ssr", schemars(example = &"?status=active&sort=-joined_at"))]
    pub query: String,
}

fn check_list(errors: &mut FieldErrors, list: &str) {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    if list.len() > 40 || !list.starts_with(|c: char| c.is_ascii_lowercase()) || !list.chars().all(fits) {
        errors.entry("list".to_owned()).or_default().push("must be the name of a list, such as partners".to_owned());
    }
}

impl Validate for ViewFilter {
    fn check(&self, errors: &mut FieldErrors) {
        check_list(errors, &self.list);
    }
}

impl Validate for NewView {
    fn check(&self, errors: &mut FieldErrors) {
        check_list(errors, &self.list);
        let printable = self.query.chars().all(|c| c.is_ascii_graphic());
        if !(self.query.is_empty() || self.query.starts_with('?')) || !printable {
            errors.entry("query".to_owned()).or_default().push("must be a query string that starts with ?".to_owned());
        } else if self.query.len() > LONGEST_QUERY {
            let message = format!("must have at most {LONGEST_QUERY} characters");
            errors.entry("query".to_owned()).or_default().push(message);
        }
    }
}
