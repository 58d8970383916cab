//! What somebody at the gate has to see to: incidents, admissions that disagree, phones that are not well.

use eventify::gate::{Conflict, GateBoard};
use leptos::prelude::*;

use super::signs::Sign;
use super::{Of, devices, updates};
use crate::ui::{Icon, Tone, ago};

/// One thing to see to.
pub struct Need {
    sign: Seen,
    title: String,
    /// Where it is seen to.
    href: Option<String>,
    /// Who says so, or how far it is.
    more: String,
    ago: String,
}

/// How it is marked.
enum Seen {
    Icon(Icon),
    Sign(Sign),
}

/// All of it, incidents first.
pub fn of(of: &Of, board: &GateBoard, conflicts: &[Conflict], resolves: bool) -> Vec<Need> {
    let (zone, now) = (&of.zone, board.as_of);
    let incidents = board.updates.iter().filter(|update| updates::is_open_incident(update)).map(|update| {
        let by = [update.author.clone(), update.gate.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let at = updates::at(update);
        Need {
            sign: Seen::Icon(Icon::ALERT),
            title: format!("Incident: {}", update.body),
            href: None,
            more: format!("{by}, {}", zone.clock(at)),
            ago: ago(at, now),
        }
    });
    let twice = conflicts.iter().map(|conflict| {
        let name = conflict.guest.clone().unwrap_or_else(|| "No name".to_owned());
        Need {
            sign: Seen::Sign(Sign::Look),
            title: format!("{}: {name}", super::conflicts::kind_title(conflict)),
            href: resolves.then(|| format!("/events/{}/conflicts#{}", of.event.id, conflict.id)),
            more: super::conflicts::in_short(conflict, zone),
            ago: ago(conflict.created_at, now),
        }
    });
    let phones = board.devices.iter().filter_map(|device| {
        let (tone, word) = devices::health(device);
        let need = Need {
            sign: Seen::Icon(Icon::SCREEN),
            title: format!("{} at {}: {}", device.name, device.gate, word.to_lowercase()),
            href: None,
            more: match device.queued {
                0 => String::new(),
                1 => "1 scan waiting when last heard".to_owned(),
                n => format!("{n} scans waiting when last heard"),
            },
            ago: ago(device.last_seen_at, now),
        };
        matches!(tone, Tone::Warning | Tone::Danger).then_some(need)
    });
    incidents.chain(twice).chain(phones).collect()
}

/// The first of them as a list, and how many are left out.
pub fn list(all: Vec<Need>, most: usize) -> AnyView {
    let left = all.len().saturating_sub(most);
    let rows: Vec<_> = all.into_iter().take(most).map(row).collect();
    let left = (left > 0).then(|| view! { <p class="left">{format!("and {left} more")}</p> });
    view! { <ul role="list">{rows}</ul>{left} }.into_any()
}

fn row(need: Need) -> AnyView {
    let sign = match need.sign {
        Seen::Icon(icon) => icon.svg().into_any(),
        Seen::Sign(sign) => sign.svg(),
    };
    let title = match need.href {
        Some(href) => view! { <a href=href>{need.title}</a> }.into_any(),
        None => need.title.into_any(),
    };
    let more = (!need.more.is_empty()).then(|| view! { <small>{need.more}</small> });
    view! { <li>{sign}<span dir="auto"><strong>{title}</strong>{more}</span><span class="muted nowrap">{need.ago}</span></li> }.into_any()
}

/// The card of the board: first on a phone, where little else is in sight.
pub fn card(all: Vec<Need>) -> AnyView {
    let count = all.len();
    let body = match count {
        0 => {
            view! { <p class="muted">"Nothing needs you. Incidents, conflicts and phones in trouble appear here."</p> }
                .into_any()
        }
        _ => list(all, count),
    };
    let class = if count > 0 { "card needs" } else { "card" };
    view! {
        <section class=class aria-labelledby="needs">
            <header class="card-head"><h2 id="needs">"Needs you"</h2><small>{format!("{count} open")}</small></header>
            <div class="card-body">{body}</div>
        </section>
    }
    .into_any()
}
