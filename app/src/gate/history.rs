//! What happened to a ticket at the gates: every attempt, refused ones too.

use eventify::Error;
use eventify::gate::{Attempt, Direction, Reason};
use eventify::tickets::TicketId;
use eventify::zones::Zone;
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
        ("look", ..) => (Tone::Neutral, "Not admitted yet"),
        _ => (Tone::Danger, "Refused"),
    }
}

/// Why it was not an admission, in plain words.
fn why(attempt: &Attempt, reason: Option<Reason>) -> &'static str {
    match (attempt.result.as_str(), reason) {
        ("admitted", _) | (_, None) => "",
        // One code for several people: the phone asks how many of them are here.
        ("look", Some(Reason::Party)) => "Ticket scanned, the phone asked how many are here",
        ("look", Some(Reason::CheckFirst)) => "Ticket scanned, a check was due first",
        (_, Some(reason)) => reason_title(reason),
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
        let why = why(&attempt, reason);
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
