//! What a role allows, for those who cannot change it.

use eventify::access::{PermissionInfo, Role};
use leptos::prelude::*;

use super::super::shared::permission_groups;
use crate::ui::{Tone, badge, card, note};

/// What it is and allows; `reachable` says whether the reader may do all of that.
pub fn read_only(role: &Role, known: &[PermissionInfo], reachable: bool) -> AnyView {
    let why = (!reachable)
        .then(|| note(Tone::Info, "", "You can't change this role: it has permissions you don't have.", None));
    let groups = permission_groups(known).into_iter().filter_map(|(group, options)| {
        let held = options.into_iter().filter(|(code, _)| role.permissions.iter().any(|p| p.code() == code));
        let items: Vec<_> = held.map(|(code, title)| view! { <li title=code>{title}</li> }).collect();
        (!items.is_empty()).then(|| view! { <div class="stack tight"><h3>{group}</h3><ul>{items}</ul></div> })
    });
    let list = view! { <div class="grid-2">{groups.collect_view()}</div> };
    let description = role.description.clone();
    view! {
        {why}
        <p>{description}</p>
        {role.requires_2fa.then(|| view! { <p>{badge(Tone::Info, "Requires a second factor")}</p> })}
        {card("role-allows", "Permissions", None, list)}
    }
    .into_any()
}
