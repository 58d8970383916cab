//! Where a colleague is signed in.

use eventify::access::{Session, Staff};
use leptos::prelude::*;

use super::super::shared::{session_name, session_times};
use super::actions;
use super::data::Data;
use crate::ui::{Column, ListQuery, Loading, Table};

/// The tab.
pub fn tab(data: Loading<Data>, staff: &Staff, list: Vec<Session>, manages: bool) -> AnyView {
    let end = (manages && !list.is_empty()).then(|| actions::end_sessions(data, staff));
    let table = Table::new("Open sessions", ListQuery::default())
        .counts("session", "sessions")
        .column(Column::head("Device", session_name))
        .column(Column::new("Verified with 2FA", |s: &Session| if s.mfa { "Yes" } else { "No" }.into_any()).low())
        .column(Column::new("Signed in", |s: &Session| session_times(s).0).low())
        .column(Column::new("Last used", |s: &Session| session_times(s).1))
        .empty("No open sessions", "Nobody is signed in to this account.", None)
        .all(list);
    view! { {end.map(|end| view! { <div class="row">{end}</div> })}{table} }.into_any()
}
