//! What clashes in a plan, said where it can be mended.

use eventify::kernel::timestamp::Timestamp;
use eventify::planning::{Clash, ClashSide, MoveCheck, Severity};
use eventify::zones::Zone;
use leptos::prelude::*;

use crate::ui::{Tone, badge, card, note};

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::MustFix => Tone::Danger,
        Severity::Check => Tone::Warning,
        Severity::Note | Severity::Off => Tone::Info,
    }
}

/// `2 clashes to fix · 3 to check · 1 note`.
pub fn tally(clashes: &[Clash]) -> String {
    let count = |severity| clashes.iter().filter(|clash| clash.severity == severity).count();
    let (fix, notes) = (count(Severity::MustFix), count(Severity::Note));
    let parts = [
        (fix, if fix == 1 { "clash to fix" } else { "clashes to fix" }),
        (count(Severity::Check), "to check"),
        (notes, if notes == 1 { "note" } else { "notes" }),
    ];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    if parts.is_empty() { "No clashes".to_owned() } else { parts.join(" · ") }
}

/// All of them, the most serious first.
pub fn list(zone: &Zone, clashes: &[Clash]) -> AnyView {
    if clashes.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = clashes.iter().map(|clash| row(zone, clash)).collect();
    let tally = view! { <span class="muted">{tally(clashes)}</span> }.into_any();
    card("plan-clashes", "Clashes", Some(tally), view! { <ul class="clashes" role="list">{rows}</ul> })
}

/// What becomes of the plan of an event that began at `from` and is moved: what goes along, who is told, and what would
/// clash.
pub fn along(zone: &Zone, from: Timestamp, check: &MoveCheck) -> AnyView {
    let along = match check.entries {
        0 => "Its plan is empty.".to_owned(),
        _ if check.start_at == from => "Its plan keeps its hours.".to_owned(),
        1 => "1 entry of its plan moves with it. Crew are notified of their new hours.".to_owned(),
        n => format!("{n} entries of its plan move with it. Crew are notified of their new hours."),
    };
    let shared = (!check.same_venue.is_empty()).then(|| {
        let text = format!("{} is there at that time.", check.same_venue.join(", "));
        note(Tone::Warning, "Same venue", text, None)
    });
    let pencilled = check.clashes.iter().any(|clash| clash.severity == Severity::MustFix);
    let pencilled = pencilled.then(|| {
        view! { <p>"Entries that must be fixed become pencilled. Crew among them are notified that their shift is cancelled."</p> }
    });
    view! { <p>{along}</p>{shared}{list(zone, &check.clashes)}{pencilled} }.into_any()
}

fn row(zone: &Zone, clash: &Clash) -> AnyView {
    let apart = clash.other.as_ref().is_some_and(|other| other.event_id != clash.entry.event_id);
    let other = clash.other.as_ref().map(|other| view! { " · "{side(zone, other, apart)} });
    view! {
        <li>
            {badge(tone(clash.severity), clash.severity.label())}
            <div>
                <strong>{clash.rule.label()}": "<bdi>{clash.resource.clone()}</bdi></strong>
                <p>{clash.sentence.clone()}". "{zone.display_span(clash.starts_at, clash.ends_at)}</p>
                <p class="muted">{side(zone, &clash.entry, apart)}{other}</p>
            </div>
        </li>
    }
    .into_any()
}

/// One of the two with its hours, for both may be called the same; between two events it says of which.
fn side(zone: &Zone, side: &ClashSide, apart: bool) -> AnyView {
    let hours = format!("{}–{}", zone.clock(side.starts_at), zone.clock(side.ends_at));
    let text = match apart {
        true => format!("{} ({}), {hours}", side.title, side.event),
        false => format!("{}, {hours}", side.title),
    };
    match side.link.is_empty() {
        true => view! { <bdi>{text}</bdi> }.into_any(),
        false => view! { <a href=side.link.clone()><bdi>{text}</bdi></a> }.into_any(),
    }
}
