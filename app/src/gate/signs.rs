//! The signs of the gate, as on the phones: each by its shape too, not by colour alone.

use eventify::gate::{GateBoard, Reason};
use eventify::kernel::money::count;
use eventify::kernel::timestamp::Timestamp;
use eventify::zones::Zone;
use leptos::prelude::*;
use time::Duration;

/// What a refused scan asks of somebody: look, go elsewhere, or stop.
#[derive(Clone, Copy, PartialEq)]
pub enum Sign {
    Look,
    Elsewhere,
    Wait,
    Stop,
}

impl Sign {
    /// Of a reason.
    pub fn of(reason: Reason) -> Self {
        match reason {
            Reason::AlreadyRedeemed | Reason::CheckFirst | Reason::Party | Reason::NotInside | Reason::NotInList => {
                Sign::Look
            }
            Reason::WrongGate | Reason::Unpaid => Sign::Elsewhere,
            Reason::NotYetValid => Sign::Wait,
            _ => Sign::Stop,
        }
    }

    /// The word its colour goes by.
    pub fn as_str(self) -> &'static str {
        match self {
            Sign::Look => "look",
            Sign::Elsewhere | Sign::Wait => "else",
            Sign::Stop => "stop",
        }
    }

    /// Drawn.
    pub fn svg(self) -> AnyView {
        let shape = match self {
            Sign::Look => view! {
                <path d="M100 8a16 16 0 0 1 14 8l82 146a16 16 0 0 1-14 24H18a16 16 0 0 1-14-24L86 16a16 16 0 0 1 14-8z"></path>
                <path class="ink" d="M100 62v62M100 152v1"></path>
            }
            .into_any(),
            Sign::Elsewhere => view! {
                <path d="M4 24h112l80 76-80 76H4z"></path>
                <path class="ink" d="M44 100h82M96 68l32 32-32 32"></path>
            }
            .into_any(),
            Sign::Wait => view! {
                <rect x="6" y="6" width="188" height="188" rx="22"></rect>
                <path class="ink" d="M100 48v56l38 24"></path>
            }
            .into_any(),
            Sign::Stop => view! {
                <path d="M60 4h80l56 56v80l-56 56H60L4 140V60z"></path>
                <path class="ink" d="m66 66 68 68M134 66l-68 68"></path>
            }
            .into_any(),
        };
        view! { <svg class="sign" data-sign=self.as_str() viewBox="0 0 200 200" aria-hidden="true">{shape}</svg> }
            .into_any()
    }
}

/// What a reason is called in lists.
pub fn reason_title(reason: Reason) -> &'static str {
    match reason {
        Reason::Invalid => "Not a ticket",
        Reason::SignatureInvalid => "Forged code",
        Reason::WrongEvent => "Another event",
        Reason::WrongGate => "Wrong gate",
        Reason::AlreadyRedeemed => "Already used",
        Reason::Revoked => "Void ticket",
        Reason::Cancelled => "Booking cancelled",
        Reason::Unpaid => "Not paid",
        Reason::NotYetValid => "Too early",
        Reason::Expired => "Too late",
        Reason::Blocked => "Guest blocked",
        Reason::OldCode => "Old code",
        Reason::NotInList => "Not in the list",
        Reason::CheckFirst => "Check first",
        Reason::Party => "Party",
        Reason::NotInside => "Not scanned in",
    }
}

/// How full something is: a bar, with the figures for who cannot see it.
pub fn bar(label: &str, part: i64, whole: i64, colour: &'static str) -> AnyView {
    let share = if whole > 0 { (part.min(whole) as f64) * 100.0 / whole as f64 } else { 0.0 };
    view! {
        <svg class="gauge" data-sign=colour viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label=format!("{label}: {part} of {whole}")>
            <rect class="all" width="100" height="10"></rect>
            <rect width=format!("{share:.1}") height="10"></rect>
        </svg>
    }
    .into_any()
}

/// To the second.
pub fn hour(zone: &Zone, at: Timestamp) -> String {
    let local = zone.local(at);
    format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second())
}

/// Who is inside of those who came today, and who was not scanned out before: `159 were not scanned out on Friday`.
pub fn today(board: &GateBoard, zone: &Zone, start_at: Timestamp) -> (i64, Option<String>) {
    let left = board.inside_overnight;
    let local = |at| zone.local(at).date();
    let yesterday = local(board.as_of.plus(-Duration::hours(6))).previous_day();
    let day = match yesterday.filter(|day| *day == local(start_at)) {
        Some(day) => format!("on {}", day.weekday()),
        None => "before today".to_owned(),
    };
    let were = if left == 1 { "was" } else { "were" };
    (board.inside - left, (left > 0).then(|| format!("{} {were} not scanned out {day}", count(left))))
}
