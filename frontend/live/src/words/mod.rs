//! What a verdict says: field, sign, word, sound and everything under it.

mod telling;

use eventify_gate::{Due, FirstScan, Moment, OtherEvent, Outcome, Reason, State};
use uuid::Uuid;

use crate::signals::Signal;
pub use telling::{ago, clock, date, day, money, span};

/// The four fields of decided screens, and the way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Go,
    Look,
    Elsewhere,
    Stop,
    Out,
}

/// The sign on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    Tick,
    Twice,
    /// An arrow with this on it.
    Arrow(String),
    Clock,
    Cross,
    Out,
    /// The steward looks.
    Mark,
}

/// All that is known of an attempt, whoever judged it.
#[derive(Clone, Debug)]
pub struct Facts {
    pub result: Outcome,
    pub reason: Option<Reason>,
    /// The server said so; else this phone.
    pub by_server: bool,
    pub is_in: bool,
    pub name: Option<String>,
    pub kind: Option<String>,
    /// Tickets of the party that stand, and how many of them are inside.
    pub party: u16,
    pub inside: u16,
    /// How many were let through.
    pub admitted: u16,
    pub back_in: bool,
    pub may_return: bool,
    pub forced: bool,
    pub state: Option<State>,
    pub first: Option<FirstScan>,
    pub note: Option<String>,
    pub questions: Vec<(String, String)>,
    pub not_before: Option<Moment>,
    pub go_to: Vec<String>,
    pub due: Option<Due>,
    pub other_event: Option<OtherEvent>,
    pub unused_ticket: Option<Uuid>,
    /// When the list was made, where this phone judged by it.
    pub list_from: Option<Moment>,
    /// The ticket is not in the list.
    pub unknown: bool,
    /// The code was typed, so a slip is likelier than a forgery.
    pub typed: bool,
}

/// Where the words are said.
#[derive(Clone, Debug)]
pub struct Place {
    pub gate: String,
    pub at: Moment,
    pub zone: i64,
    pub waiting: usize,
    pub event_end: Option<Moment>,
}

/// One use of a ticket beside another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    pub at: String,
    pub where_by: String,
    pub what: &'static str,
}

/// A verdict as it is shown.
#[derive(Clone, Debug)]
pub struct Card {
    pub field: Field,
    pub sign: Sign,
    pub signal: Signal,
    pub by_server: bool,
    pub title: String,
    /// The line under it: what to do.
    pub act: Option<String>,
    pub name: Option<String>,
    pub kind: Option<String>,
    pub note: Option<String>,
    pub uses: Vec<Use>,
    pub band: Option<String>,
    /// Goes on by itself.
    pub runs: bool,
    pub can_force: bool,
    /// Looking for the guest by name helps.
    pub search: bool,
    pub unused_ticket: Option<Uuid>,
    /// In a list of scans.
    pub short: String,
}

impl Card {
    fn of(facts: &Facts, field: Field, sign: Sign, signal: Signal, title: impl Into<String>) -> Self {
        Self {
            field,
            sign,
            signal,
            by_server: facts.by_server,
            title: title.into(),
            act: None,
            name: facts.name.clone(),
            kind: facts.kind.clone().filter(|kind| !kind.is_empty()),
            note: None,
            uses: Vec::new(),
            band: None,
            runs: false,
            can_force: facts.reason.is_some_and(Reason::can_be_forced),
            search: false,
            unused_ticket: None,
            short: String::new(),
        }
    }
    fn act(mut self, act: impl Into<String>) -> Self {
        self.act = Some(act.into());
        self
    }
    fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// “1 guest”, “3 guests”.
pub fn guests(n: u16) -> String {
    if n == 1 { "1 guest".into() } else { format!("{n} guests") }
}

/// The words of a decided attempt.
pub fn card(facts: &Facts, place: &Place) -> Card {
    let mut card = match facts.result {
        Outcome::Admitted if facts.is_in => admitted(facts, place),
        Outcome::Admitted => out(facts),
        _ => refused(facts, place),
    };
    // Names are with the server alone.
    card.search &= facts.by_server;
    if card.short.is_empty() {
        card.short = card.act.clone().unwrap_or_else(|| card.title.clone());
    }
    card
}

fn admitted(facts: &Facts, place: &Place) -> Card {
    let signal = if facts.by_server { Signal::Admitted } else { Signal::AdmittedOffline };
    let mut card = Card::of(facts, Field::Go, Sign::Tick, signal, "Admitted");
    let count = guests(facts.admitted.max(1));
    let back = if facts.back_in { ", back in" } else { "" };
    card.kind = Some(match &card.kind {
        Some(kind) => format!("{kind} · {count}{back}"),
        None => format!("{count}{back}"),
    });
    if facts.party > 1 {
        card = card.act(format!("{} of {} inside", facts.inside.max(facts.admitted), facts.party));
    }
    if facts.forced {
        card = card.note("Admitted by a supervisor");
    }
    if !facts.by_server {
        card.band = Some(format!("Offline: will be checked later.\n{} waiting", place.waiting));
    }
    card.runs = true;
    card.short = if facts.by_server { "admitted".into() } else { "admitted offline".into() };
    card
}

fn out(facts: &Facts) -> Card {
    let returns = if facts.may_return { "May come back in with this ticket" } else { "No return with this ticket" };
    let mut card = Card::of(facts, Field::Out, Sign::Out, Signal::Out, "Out").act(returns);
    card.runs = true;
    card.short = "out".into();
    card
}

fn refused(facts: &Facts, place: &Place) -> Card {
    let Some(reason) = facts.reason else { return stop(facts, "Not one of our tickets") };
    match reason {
        Reason::AlreadyRedeemed => already(facts, place),
        Reason::WrongGate => wrong_gate(facts),
        Reason::NotYetValid => not_yet(facts, place),
        Reason::Unpaid => unpaid(facts),
        Reason::Invalid if facts.typed => {
            let mut card = stop(facts, "No ticket has this code");
            card.search = true;
            card.note(match facts.by_server {
                true => "Check the letters and type it again, or search by name, phone or email.",
                false => "Check the letters and type it again. Search needs the network.",
            })
        }
        Reason::Invalid | Reason::SignatureInvalid => {
            let mut card = stop(facts, "Not one of our tickets");
            card.kind = Some("The code was changed, or belongs to something else.".into());
            card.search = true;
            card.note(match facts.by_server {
                true => "Looks genuine to the guest? Search by name, phone or email, or send them to the box office.",
                false => "Looks genuine to the guest? Send them to the box office. Search needs the network.",
            })
        }
        Reason::WrongEvent => {
            let which = facts.other_event.as_ref();
            let mut card = stop(facts, "Ticket for another event");
            card.kind = which.map(|other| format!("{} · {}", other.title, day(other.start_at, place.zone)));
            card.name = None;
            card
        }
        Reason::Revoked => {
            let refunded = facts.state == Some(State::Refunded);
            let card = stop(facts, if refunded { "Ticket was refunded" } else { "Ticket was voided" });
            card.note("The box office can sell a new ticket.")
        }
        Reason::OldCode => {
            let mut card = stop(facts, "Old code: this ticket has a newer one");
            (card.name, card.search) = (None, true);
            card.kind = Some("Transferred or sent again. Only the newest code works.".into());
            card.note(
                "Ask the guest to open the ticket again from their newest email. The name is not shown with an old code.",
            )
        }
        Reason::Cancelled => stop(facts, "Booking was cancelled"),
        Reason::Expired => {
            let ended = place.event_end.map(|end| format!("Ticket ended at {}", clock(end, place.zone)));
            stop(facts, ended.unwrap_or_else(|| "Ticket has ended".into()))
        }
        // The guest can read the screen: no reason.
        Reason::Blocked => stop(facts, "Call a supervisor"),
        Reason::NotInList => {
            let mut card = stop(facts, "Not in the list");
            card.search = true;
            card.note(match facts.by_server {
                true => {
                    "Genuine code, but this event has no such ticket. Search by name, or send them to the box office."
                }
                false => {
                    "Genuine code, but this phone’s list has no such ticket. Send them to the box office. Search needs the network."
                }
            })
        }
        Reason::CheckFirst | Reason::Party | Reason::NotInside => {
            let mut card = Card::of(facts, Field::Look, Sign::Mark, Signal::Look, "Not admitted");
            card.short = "looked at, not admitted".into();
            card.act("The ticket is still unused.")
        }
    }
}

fn stop(facts: &Facts, act: impl Into<String>) -> Card {
    Card::of(facts, Field::Stop, Sign::Cross, Signal::Stop, "Stop").act(act)
}

/// When that was; with the day where it was another one.
fn seen(at: Moment, place: &Place) -> String {
    match day(at, place.zone) == day(place.at, place.zone) {
        true => clock(at, place.zone),
        false => date(at, place.zone),
    }
}

fn already(facts: &Facts, place: &Place) -> Card {
    let mut card = Card::of(facts, Field::Look, Sign::Twice, Signal::Already, "Already used");
    let mut act = "Do not admit yet.".to_owned();
    if let Some(first) = &facts.first {
        let here = first.gate.as_deref() == Some(place.gate.as_str());
        let by_phone = !facts.by_server;
        let at_place = match (&first.gate, by_phone && first.same_device) {
            (_, true) => ", on this phone".to_owned(),
            (_, false) if here => ", at this gate".to_owned(),
            (Some(gate), _) => format!(", at {gate}"),
            (None, _) => String::new(),
        };
        let list = facts.list_from.filter(|_| by_phone && !first.same_device);
        let list = list.map(|from| format!(", as of {}", clock(from, place.zone))).unwrap_or_default();
        act = format!("{}{at_place}{list}. {act}", ago(place.at.0 - first.at.0));
        let gate = first.gate.clone().unwrap_or_else(|| "Another gate".into());
        let by = first.by.clone().or_else(|| first.device.clone()).map(|by| format!(" · {by}")).unwrap_or_default();
        card.uses = vec![
            Use { at: seen(first.at, place), where_by: format!("{gate}{by}"), what: "admitted" },
            Use { at: clock(place.at, place.zone), where_by: format!("{} · you", place.gate), what: "not admitted" },
        ];
        card.short = format!("Already used · {}, {gate}", seen(first.at, place));
    }
    card.unused_ticket = facts.unused_ticket;
    card.kind = None;
    card.act(act)
}

fn wrong_gate(facts: &Facts) -> Card {
    let Some(first) = facts.go_to.first() else {
        let card = Card::of(facts, Field::Elsewhere, Sign::Arrow("?".into()), Signal::Elsewhere, "Wrong gate");
        return card.act("Good ticket, but no gate is open for it now");
    };
    // “Gate C · North” is C on the arrow.
    let short = first.split(" · ").next().unwrap_or(first);
    let letter = short.strip_prefix("Gate ").unwrap_or("→");
    let sign = Sign::Arrow(if letter.chars().count() <= 2 { letter.into() } else { "→".into() });
    let mut card = Card::of(facts, Field::Elsewhere, sign, Signal::Elsewhere, format!("Go to {short}"));
    if let Some(kind) = &card.kind {
        card.kind = Some(format!("{kind} · {}", facts.go_to.join(", ")));
    }
    card.short = format!("Sent to {short}");
    card.act("Good ticket, wrong gate")
}

fn not_yet(facts: &Facts, place: &Place) -> Card {
    let title = facts.not_before.map_or("Too early".into(), |from| format!("Not before {}", clock(from, place.zone)));
    let act = match facts.not_before {
        Some(from) => format!("Good ticket, too early: {} to go", span(from.0 - place.at.0)),
        None => "Good ticket, too early".into(),
    };
    Card::of(facts, Field::Elsewhere, Sign::Clock, Signal::Elsewhere, title)
        .act(act)
        .note("Same gate, same ticket. It is still unused.")
}

fn unpaid(facts: &Facts) -> Card {
    let due = facts.due.as_ref().map(|due| (money(due.minor, &due.currency), due.currency.as_str()));
    let sign = if due.as_ref().is_some_and(|(_, currency)| *currency == "INR") { "₹" } else { "$" };
    let sign = Sign::Arrow(sign.into());
    let act = due.map_or("Not paid yet".into(), |(due, _)| format!("Not paid yet: {due} due"));
    Card::of(facts, Field::Elsewhere, sign, Signal::Elsewhere, "Go to box office")
        .act(act)
        .note("After paying, the same code works.")
}

/// Why the server did not take a scan, in words.
pub fn refusal(reason: &str) -> &'static str {
    match reason {
        "invalid" | "signature_invalid" => "Not one of our tickets",
        "wrong_event" => "Ticket for another event",
        "not_in_list" => "Genuine code, but no such ticket",
        "device_revoked" => "This phone was removed from the event",
        _ => "The server could not read it",
    }
}
