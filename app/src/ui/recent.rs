//! Records somebody opened lately, kept in this browser until they sign out; the palette begins with them.

use leptos::prelude::*;
use serde::Serialize;

const KEPT: &str = "eventify-recent";
/// So many are kept.
const MOST: usize = 8;

/// A record that was opened.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recent {
    /// What it is called.
    pub title: String,
    /// What kind of record it is: the list it belongs to.
    pub list: String,
    /// Where it is.
    pub path: String,
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// The latest first.
pub fn all() -> Vec<Recent> {
    let kept = storage().and_then(|storage| storage.get_item(KEPT).ok()?);
    kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Whether a page shows one record: its path ends in an id.
fn is_record(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|last| last.len() == 36 && last.bytes().filter(|b| *b == b'-').count() == 4)
}

/// Remembers a record that is looked at.
pub fn seen(recent: Recent) {
    if !is_record(&recent.path) {
        return;
    }
    let mut list = all();
    list.retain(|known| known.path != recent.path);
    list.insert(0, recent);
    list.truncate(MOST);
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&list)) {
        let _ = storage.set_item(KEPT, &text);
    }
}

/// Forgets them all: the next person at this browser need not know.
pub fn forget() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(KEPT);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_record_is_what_has_an_id() {
        assert!(super::is_record("/events/01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90"));
        for other in ["/events", "/events/new", "/events/01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90/edit", "/"] {
            assert!(!super::is_record(other), "{other}");
        }
    }
}
