//! Where somebody of the crew works.

use eventify::kernel::money::Money;
use eventify::kernel::text::counted;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::{AssignmentStatus, CrewAbsence, OwnShift};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::super::status;
use crate::ui::{badge, card_flush, folded, now, own_zone};

/// Where they are now, or when they work next.
pub fn whereabouts(shifts: &[(OwnShift, Zone)], absences: &[CrewAbsence], now: Timestamp) -> String {
    let mut agreed = shifts.iter().filter(|(shift, _)| works(shift) && shift.status != AssignmentStatus::Offered);
    if let Some((shift, zone)) = agreed.clone().find(|(shift, _)| shift.starts_at <= now && now < shift.ends_at) {
        return format!("Working now: {} until {}", shift.event, zone.clock(shift.ends_at));
    }
    if let Some(away) = absences.iter().find(|one| one.starts_at <= now && now < one.ends_at) {
        return format!("Away until {}", own_zone().brief(away.ends_at));
    }
    match agreed.find(|(shift, _)| shift.starts_at > now) {
        Some((shift, zone)) => format!("Free now · next shift {}", zone.brief(shift.starts_at)),
        None => "No shifts to come".to_owned(),
    }
}

/// Where they work, now and next; what is over stands below.
pub fn roll(shifts: &[(OwnShift, Zone)]) -> AnyView {
    let now = now();
    let (past, coming): (Vec<_>, Vec<_>) = shifts.iter().partition(|(shift, _)| shift.ends_at <= now);
    let coming_in_all: Vec<_> = coming.iter().map(|(shift, _)| shift.clone()).filter(works).collect();
    let rows =
        |all: Vec<&(OwnShift, Zone)>| all.into_iter().map(|(shift, zone)| on_roll(shift, zone, now)).collect_view();
    let body = match coming.is_empty() {
        true => view! { <p class="card-body muted">"No shifts to come. Offers and shifts appear here."</p> }.into_any(),
        false => view! { <ol class="next" role="list">{rows(coming)}</ol> }.into_any(),
    };
    let past = (!past.is_empty()).then(|| {
        let title = format!("{} in the last 30 days", counted(past.len(), "shift"));
        folded(title, view! { <ol class="next" role="list">{rows(past)}</ol> }.into_any())
    });
    view! { {card_flush("crew-shifts", "Shifts", sum(&coming_in_all), body)}{past} }.into_any()
}

/// How long they work, and what for: `31 h · ₹9,920`. Offers count, what they declined does not.
fn sum(coming: &[OwnShift]) -> Option<AnyView> {
    let first = coming.first()?;
    let minutes: i64 = coming.iter().map(|shift| shift.minutes).sum();
    let mut said = vec![worked(minutes)];
    // Where rates are in several currencies there is no sum of them.
    if coming.iter().all(|shift| shift.pay.currency == first.pay.currency) {
        let minor = coming.iter().map(|shift| shift.pay.minor).sum();
        said.push(Money { minor, currency: first.pay.currency.clone() }.display());
    }
    Some(view! { <span class="muted">{said.join(" · ")}</span> }.into_any())
}

/// `10 h`, `11 h 20 min`.
fn worked(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// Whether they have agreed to it or may still.
fn works(shift: &OwnShift) -> bool {
    shift.status != AssignmentStatus::Declined
}

fn on_roll(shift: &OwnShift, zone: &Zone, now: Timestamp) -> AnyView {
    let when = zone.local(shift.starts_at);
    let weekday: String = when.weekday().to_string().chars().take(3).collect();
    let place = shift.place.clone().map(|place| format!(", {place}")).unwrap_or_default();
    let on = shift.starts_at <= now && now < shift.ends_at;
    let hours = match on {
        true => format!("Now, until {} {}", zone.clock(shift.ends_at), zone.label(shift.ends_at)),
        false => zone.display_span(shift.starts_at, shift.ends_at),
    };
    let (word, tone) = status(shift.status.as_str());
    let href = format!("/events/{}/plan#entry-{}", shift.event_id, shift.id);
    view! {
        <li>
            <time class="date" datetime=shift.starts_at.rfc3339()><span>{weekday}</span>{when.day()}</time>
            <div>
                <a href=href><bdi>{shift.event.clone()}</bdi></a>
                <small>{hours}</small>
                <small><bdi>{shift.role.clone()}{place}</bdi></small>
            </div>
            <div class="next-figs">{badge(tone, word)}<small>{format!("{} · {}", worked(shift.minutes), shift.pay.display())}</small></div>
        </li>
    }
    .into_any()
}
