//! What somebody at the gate has to see to: incidents, admissions that disagree, phones that are not well.

use std::collections::BTreeMap;

use eventify::gate::{Conflict, DeviceHealth, GateBoard, GateDevice};
use eventify::kernel::text::counted;
use leptos::prelude::*;

use super::signs::Sign;
use super::{conflicts, devices, updates};
use crate::events::Head;
use crate::ui::{Icon, Tone, ago};

/// So many are listed on the board; what is more is admissions to check, which have a page of their own.
const LISTED: usize = 6;

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

/// All of it: incidents, phones that are not well, then admissions to check.
pub fn of(of: &Head, board: &GateBoard, conflicts: &[Conflict], resolves: bool) -> Vec<Need> {
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
            title: format!("{}: {name}", conflicts::kind_title(conflict)),
            href: resolves.then(|| format!("/events/{}/conflicts#{}", of.event.id, conflict.id)),
            more: conflicts::in_short(conflict, zone, now),
            ago: ago(conflict.created_at, now),
        }
    });
    incidents.chain(phones(of, board)).chain(twice).collect()
}

/// The phones that are not well: a line for each trouble, however many have it.
fn phones(of: &Head, board: &GateBoard) -> Vec<Need> {
    let unwell = |device: &&GateDevice| matches!(devices::health(device).0, Tone::Warning | Tone::Danger);
    let unwell: Vec<_> = board.devices.iter().filter(unwell).collect();
    let with = |trouble| unwell.iter().copied().filter(|device| Trouble::of(device) == trouble).collect::<Vec<_>>();
    let need = |trouble: Trouble| {
        let own = with(trouble);
        let last = own.iter().map(|device| device.last_seen_at).max()?;
        let title = match own.as_slice() {
            [one] => format!("{} at {}: {}", one.name, one.gate, devices::health(one).1.to_lowercase()),
            many => format!("{} {}", counted(many.len(), "phone"), trouble.words()),
        };
        let queued: i32 = own.iter().map(|device| device.queued).sum();
        let waiting = (queued > 0).then(|| format!("{} waiting when last seen", counted(queued, "scan")));
        let gates = (own.len() > 1).then(|| by_gate(own.iter().map(|device| device.gate.as_str())));
        Some(Need {
            sign: Seen::Icon(Icon::SCREEN),
            title,
            href: Some(format!("/events/{}/gates#gate-phones", of.event.id)),
            more: [gates, waiting].into_iter().flatten().collect::<Vec<_>>().join(" · "),
            ago: ago(last, board.as_of),
        })
    };
    [Trouble::Offline, Trouble::Unpaired, Trouble::Other].into_iter().filter_map(need).collect()
}

/// `13 at Main gate, 9 at East gate`.
fn by_gate<'a>(each: impl Iterator<Item = &'a str>) -> String {
    let mut gates = BTreeMap::<&str, usize>::new();
    for gate in each {
        *gates.entry(gate).or_default() += 1;
    }
    gates.into_iter().map(|(gate, count)| format!("{count} at {gate}")).collect::<Vec<_>>().join(", ")
}

/// What a phone suffers from, as far as many of them are told of together.
#[derive(Clone, Copy, PartialEq)]
enum Trouble {
    Offline,
    Unpaired,
    Other,
}

impl Trouble {
    fn of(device: &GateDevice) -> Self {
        match device.health {
            DeviceHealth::Silent => Trouble::Offline,
            DeviceHealth::Expired => Trouble::Unpaired,
            _ => Trouble::Other,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Trouble::Offline => "offline",
            Trouble::Unpaired => "to pair again",
            Trouble::Other => "to look at",
        }
    }
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
pub fn card(all: Vec<Need>, of: &Head, resolves: bool) -> AnyView {
    let count = all.len();
    let body = match count {
        0 => {
            view! { <p class="muted">"Nothing needs you. Incidents, admissions to check and phones in trouble appear here."</p> }
                .into_any()
        }
        _ => list(all, LISTED),
    };
    let rest = (count > LISTED && resolves).then(|| {
        let href = format!("/events/{}/conflicts", of.event.id);
        view! { <a class="btn small" href=href>"Check admissions"</a> }
    });
    let class = if count > 0 { "card needs" } else { "card" };
    view! {
        <section class=class aria-labelledby="needs">
            <header class="card-head"><h2 id="needs">"Needs you"</h2><small>{format!("{count} open")}</small><div class="actions">{rest}</div></header>
            <div class="card-body">{body}</div>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::by_gate;

    #[test]
    fn phones_in_the_same_trouble_are_counted_by_gate() {
        assert_eq!(by_gate(["Main gate", "East gate", "Main gate"].into_iter()), "1 at East gate, 2 at Main gate");
    }
}
