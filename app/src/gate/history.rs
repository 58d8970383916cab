//! What happened to a ticket at the gates: every attempt, refused ones too.

use eventify::Error;
use eventify::events::Zone;
use eventify::gate::{Attempt, Direction, Reason};
use eventify::tickets::TicketId;
use leptos::prelude::*;

use super::signs::{Sign, reason_title};
use crate::ui::{Icon, Tone, badge};
use eventify::gate::operations::ticket_status;

/// Every attempt with one of these tickets, the latest first; nothing where this person may not see it.
pub async fn of(tickets: &[TicketId]) -> Result<Vec<Attempt>, Error> {
    let mut all = Vec::new();
    for ticket in tickets {
        match ticket_status(*ticket).await {
            Ok(standing) => all.extend(standing.attempts),
            Err(error) if error.status() == 403 => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }
    }
    all.sort_by_key(|attempt| std::cmp::Reverse(attempt.at.0));
    Ok(all)
}

/// What one came to, in a word.
fn word(attempt: &Attempt) -> (Tone, &'static str) {
    match (attempt.result.as_str(), attempt.direction, attempt.annulled_at) {
        ("admitted", _, Some(_)) => (Tone::Neutral, "Undone"),
        ("admitted", Direction::In, None) => (Tone::Success, "Admitted"),
        ("admitted", Direction::Out, None) => (Tone::Info, "Out"),
        ("annulled", ..) => (Tone::Neutral, "Undone"),
        ("look", ..) => (Tone::Warning, "Looked at"),
        _ => (Tone::Danger, "Refused"),
    }
}

/// The part of a guest's panel.
pub fn section(attempts: Vec<Attempt>, zone: &Zone) -> AnyView {
    if attempts.is_empty() {
        return ().into_any();
    }
    let one = |attempt: Attempt| {
        let (tone, said) = word(&attempt);
        let reason = attempt.reason.as_deref().and_then(Reason::parse);
        let sign = match (tone, reason) {
            (Tone::Danger | Tone::Warning, Some(reason)) => Sign::of(reason).svg(),
            _ => Icon::TICKET.small(),
        };
        let why = reason.map(reason_title).filter(|_| attempt.result != "admitted").unwrap_or_default();
        let forced = attempt
            .forced
            .as_deref()
            .and_then(Reason::parse)
            .map(|reason| format!("Admitted anyway by a supervisor: {}", reason_title(reason).to_lowercase()));
        let who =
            [Some(attempt.gate.clone()).filter(|gate| !gate.is_empty()), attempt.by.clone(), attempt.device.clone()];
        let mut who = who.into_iter().flatten().collect::<Vec<_>>();
        if attempt.offline {
            who.push("offline".to_owned());
        }
        view! {
            <li>
                {sign}
                <span>{badge(tone, said)}" "{why}<small>{who.join(" · ")}</small>{forced.map(|forced| view! { <small>{forced}</small> })}<small>{zone.display(attempt.at)}</small></span>
            </li>
        }
    };
    view! {
        <section aria-labelledby="guest-gate">
            <h3 id="guest-gate">"At the gate"</h3>
            <ul class="msgs" role="list">{attempts.into_iter().map(one).collect_view()}</ul>
        </section>
    }
    .into_any()
}
