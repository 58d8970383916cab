//! The roles a colleague holds and held, and where.

use eventify::access::{Assignment, Staff};
use leptos::prelude::*;

use super::actions;
use super::data::Data;
use crate::ui::{Column, ListQuery, Loading, Table, Tone, at, badge, note};

/// The tab; `add` gives one more.
pub fn tab(data: Loading<Data>, staff: &Staff, list: Vec<Assignment>, manages: bool, add: Option<AnyView>) -> AnyView {
    let staff = staff.id;
    let hint = "The main role applies everywhere. Others apply to one event or partner. Past roles are kept.";
    let table = Table::new("Roles", ListQuery::default())
        .counts("role", "roles")
        .column(Column::head("Role", |a: &Assignment| a.role_name.clone().into_any()))
        .column(Column::new("Where", scope))
        .column(Column::new("Status", |a: &Assignment| match (a.revoked_at, a.expires_at) {
            (None, None) => badge(Tone::Success, "Active"),
            (None, Some(until)) => {
                view! { {badge(Tone::Success, "Active")}<small>"until "{at(until)}</small> }.into_any()
            }
            (Some(_), _) => badge(Tone::Neutral, "Ended"),
        }))
        .column(Column::new("Assigned", |a: &Assignment| by(at(a.assigned_at), a.assigned_by_name.clone())))
        .column(
            Column::new("Ended", |a: &Assignment| match a.revoked_at {
                Some(time) => by(at(time), a.revoked_by_name.clone()),
                None => ().into_any(),
            })
            .low(),
        )
        .column(Column::actions(move |a: &Assignment| {
            let scoped = a.event_id.or(a.partner_id).or(a.talent_id).is_some();
            if manages && scoped && a.revoked_at.is_none() { actions::take_back(data, staff, a) } else { ().into_any() }
        }))
        .empty("No roles", "This account has no permissions.", None)
        .all(list);
    view! { {note(Tone::Info, "", hint, None)}{add.map(|add| view! { <div class="row">{add}</div> })}{table} }
        .into_any()
}

fn scope(assignment: &Assignment) -> AnyView {
    let (what, href) = match (assignment.event_id, assignment.partner_id, assignment.talent_id) {
        (Some(id), ..) => ("Event", format!("/events/{id}")),
        (_, Some(id), _) => ("Partner", format!("/partners/{id}")),
        (.., Some(id)) => return format!("Talent {id}").into_any(),
        _ => return "Everywhere".into_any(),
    };
    let name = assignment.scope_name.clone().unwrap_or_else(|| what.to_owned());
    view! { <a href=href>{name}</a><small>{what}</small> }.into_any()
}

fn by(time: AnyView, name: Option<String>) -> AnyView {
    view! { {time}{name.map(|name| format!(" by {name}"))} }.into_any()
}
