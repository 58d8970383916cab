//! What happened to a partner.

use eventify::partners::PartnerActivity;
use leptos::prelude::*;

use crate::ui::{FeedEntry, Icon, at, card_flush, feed, state};

/// The tab.
pub fn tab(rows: Vec<PartnerActivity>) -> AnyView {
    card_flush("partner-activity", "Activity", None, history(rows))
}

fn history(rows: Vec<PartnerActivity>) -> AnyView {
    if rows.is_empty() {
        return state(Icon::ACTIVITY, "Nothing yet", "Changes to this partner appear here.", None);
    }
    let entry = |row: PartnerActivity| FeedEntry {
        what: row.said(&eventify::WORDS),
        href: None,
        who: row.by,
        when: at(row.at),
        more: row.reason.map(|reason| format!("“{reason}”")),
    };
    feed(rows.into_iter().map(entry).collect())
}
