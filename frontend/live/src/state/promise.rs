//! The one line that says what is guaranteed now: the worst that is true.

use eventify_gate::Moment;

use super::Live;
use super::network::Reach;

/// What is wrong beside the network.
#[derive(Debug, Default)]
pub struct Flags {
    /// The server does not take the token any more.
    pub expired: bool,
    /// A row could not be written.
    pub full: bool,
    /// The phone was moved to this gate.
    pub moved: Option<String>,
    /// The event was moved to another day.
    pub event_moved: Option<Moment>,
    /// The event was cancelled.
    pub cancelled: bool,
    /// The stored list could not be opened.
    pub list_untested: bool,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Off,
    Bad,
}

/// The line.
#[derive(Debug, PartialEq, Eq)]
pub struct Promise {
    pub tone: Tone,
    pub line: String,
    pub more: Option<String>,
    /// Where a touch leads.
    pub leads: &'static str,
}

fn good(line: impl Into<String>) -> Promise {
    Promise { tone: Tone::Good, line: line.into(), more: None, leads: "promises" }
}
fn off(line: impl Into<String>, more: impl Into<String>) -> Promise {
    Promise { tone: Tone::Off, line: line.into(), more: Some(more.into()), leads: "queue" }
}
fn bad(line: impl Into<String>, more: &str, leads: &'static str) -> Promise {
    Promise { tone: Tone::Bad, line: line.into(), more: Some(more.to_owned()), leads }
}

/// A list this old has to be spoken of.
const OLD: i64 = 30 * 60_000;
/// A clock this far off has to be spoken of.
const CLOCK: i64 = 60_000;

impl Live {
    /// Everything that is true now, the worst first.
    pub fn promises(&self) -> Vec<Promise> {
        let mut all = Vec::new();
        self.bad_news(&mut all);
        self.offline_news(&mut all);
        self.good_news(&mut all);
        all
    }

    /// The worst that is true now.
    pub fn promise(&self) -> Promise {
        self.promises().into_iter().next().unwrap_or_else(|| good("Connecting"))
    }

    fn bad_news(&self, all: &mut Vec<Promise>) {
        let waiting = self.queue.count();
        if self.flags.full {
            let line = "Storage full: stop scanning on this phone";
            all.push(bad(line, "Waiting scans are safe. Free some space", "queue"));
        }
        if self.flags.cancelled {
            all.push(bad("Event cancelled: stop scanning", "Ask the control room", "promises"));
        }
        if let Some(day) = self.flags.event_moved {
            let line = format!("Event moved to {}: stop scanning", crate::words::day(day, self.zone));
            all.push(bad(line, "Ask the control room", "seen_moved"));
        }
        if self.flags.expired {
            let scans = if waiting == 1 { "1 scan is safe".to_owned() } else { format!("{waiting} scans are safe") };
            let line = if waiting == 0 { "Pair again".to_owned() } else { format!("Pair again: {scans}") };
            all.push(bad(line, "Show this phone to a supervisor", "pair"));
        }
        if let Some(gate) = &self.flags.moved {
            let more = format!("Go to {gate} or ask the control room");
            all.push(bad(format!("This phone was moved to {gate}"), &more, "seen_moved"));
        }
        let refused = self.queue.unseen().count();
        if refused > 0 {
            let line = match refused {
                1 => "1 scan was refused by the server".to_owned(),
                n => format!("{n} scans were refused by the server"),
            };
            all.push(bad(line, "Open to see why. They stay until seen", "queue"));
        }
    }

    fn offline_news(&self, all: &mut Vec<Promise>) {
        let Some(since) = self.network.offline_since() else { return };
        let waiting = self.queue.count();
        let since = self.clock(Moment(since + self.network.server_ahead));
        if matches!(self.network.reach, Reach::Captive { .. }) {
            let more = format!("{waiting} waiting. Open the Wi-Fi page or use mobile data");
            all.push(off(format!("Wi-Fi asks for a sign-in: offline since {since}"), more));
        }
        let Some(list) = &self.list else {
            all.push(off(
                format!("Offline since {since}"),
                "No ticket list on this phone yet: it needs the network once",
            ));
            return;
        };
        let age = self.at().0 - list.made_at.0;
        if age > OLD {
            let more = format!("Refunds since {} are unknown here", self.clock(list.made_at));
            all.push(off(format!("Offline, ticket list is {} old", crate::words::span(age)), more));
        }
        let next = match self.network.seconds(self.mono) {
            _ if self.network.busy => "trying now".to_owned(),
            seconds => format!("next try in {seconds} s"),
        };
        all.push(off(format!("Offline since {since}:"), format!("{waiting} waiting, {next}")));
        if !list.event.offline_unknown {
            let more = "Set for this event by the organiser";
            all.push(off("Offline: tickets not in the list are stopped", more));
        }
    }

    fn good_news(&self, all: &mut Vec<Promise>) {
        if !self.network.is_online() {
            return;
        }
        let waiting = self.queue.count();
        if waiting > 0 {
            let all_of_them = waiting + self.queue.sent;
            all.push(good(format!("Sending {all_of_them} waiting scans: {} done", self.queue.sent)));
        }
        if self.network.is_clock_known && self.network.server_ahead.abs() > CLOCK {
            let way = if self.network.server_ahead < 0 { "ahead" } else { "behind" };
            let by = crate::words::span(self.network.server_ahead.abs());
            all.push(good(format!("Phone clock is {by} {way}: times are corrected")));
        }
        if let Some(slow) = self.network.slow() {
            let seconds = (slow / 1000.0).round().max(1.0);
            all.push(good(format!("Slow network: checked live, takes {seconds} s")));
        }
        all.push(good("Online: every ticket checked live"));
    }
}
