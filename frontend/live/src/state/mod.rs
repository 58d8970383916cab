//! The app: what it knows, what it does next.

mod boot;
mod decide;
mod door;
mod frame;
pub mod list;
pub mod network;
mod opening;
mod pairing;
pub mod promise;
pub mod queue;
mod scan;
mod stream;
mod sync;
mod taps;
#[cfg(test)]
mod tests;
mod undo;

use std::collections::{HashMap, VecDeque};

use eventify_gate::{DeviceState, Direction, DoorGuest, LiveUpdate, Moment, UpdateKind};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::effect::Effect;
use crate::event::{By, Camera, Envelope, Event};
use crate::signals::Signal;
use crate::wedge::Wedge;
use crate::words::Card;
pub use door::INCIDENTS;
pub use frame::{Forcing, Frame, REASONS};
use list::List;
use network::{Network, Purpose};
use queue::Queue;
pub use scan::{Attempt, CHECKING, REFUSED};
pub use undo::WHY;

/// A phone that is paired: with its token, which is encrypted where it rests.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Paired {
    pub token: String,
    pub state: DeviceState,
}

/// What is set on this phone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub day: bool,
    pub camera: Option<String>,
    pub torch: bool,
    pub direction: Direction,
    /// Who stands at the gate: stored encrypted.
    pub staff: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { day: false, camera: None, torch: false, direction: Direction::In, staff: String::new() }
    }
}

/// What this phone has let in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    pub admitted: u32,
    /// Moments of the last ones, for the rate.
    pub recent: VecDeque<i64>,
}

/// What the screen is about, beneath any verdict.
#[derive(Debug, Default, PartialEq)]
pub enum Screen {
    /// Nothing is known yet.
    #[default]
    Starting,
    Pair,
    /// Paired: what works, before the first scan.
    Ready,
    Scan,
    Type,
    Search,
    AddGuest,
    Updates,
    Post,
    Incident,
    Queue,
    Last,
    Gate,
    Promises,
}

/// An attempt that has a verdict.
#[derive(Clone, Debug)]
pub struct Past {
    pub nonce: String,
    pub card: Card,
    pub at: Moment,
    pub direction: Direction,
    /// The record of it, once the server has one.
    pub checkin: Option<Uuid>,
    pub undo_until: Option<Moment>,
    /// What was said when it was taken back.
    pub undone: Option<&'static str>,
    pub tags: Vec<String>,
    pub short: String,
}

/// What is shown above the screen.
#[derive(Debug, Default)]
pub enum Front {
    #[default]
    Nothing,
    /// The server is asked.
    Asking(Box<scan::Attempt>),
    /// A verdict.
    Verdict(Box<Verdict>),
    /// The phone asks the steward.
    Frame(Box<frame::Frame>),
    /// A supervisor lets in all the same.
    Force(Box<frame::Forcing>),
}

/// A verdict on the screen.
#[derive(Debug)]
pub struct Verdict {
    pub card: Card,
    pub nonce: String,
    /// When it came up, by the page's clock.
    pub since: f64,
    /// It goes by itself, unless touched.
    pub runs: bool,
    /// What was shown, for a supervisor to let it in all the same.
    pub subject: scan::Subject,
}

/// Somebody is looked for.
#[derive(Debug, Default)]
pub struct Search {
    pub q: String,
    pub busy: bool,
    pub found: Vec<DoorGuest>,
    pub more: bool,
    /// What went wrong, in words; or that nobody was found.
    pub said: Option<String>,
    pub asked: bool,
}

/// A form that is being filled in.
#[derive(Debug, Default)]
pub struct Form {
    pub kind: Option<&'static str>,
    pub text: String,
    pub name: String,
    /// Which ticket a guest at the door gets; the first that comes in here until somebody chooses.
    pub ticket_type: Option<Uuid>,
    pub seats: String,
    pub reason: String,
    pub busy: bool,
    pub said: Option<String>,
    /// What was sent and by which name: sent again as it is, it counts once.
    sent: Option<(String, String)>,
}

/// A report that waits for the network.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The event it is about: the phone may be another's when it goes out. Absent where an older version wrote it.
    #[serde(default)]
    pub event: Option<Uuid>,
    /// Its name, so that it counts once however often it is sent.
    #[serde(default)]
    pub name: String,
    pub kind: UpdateKind,
    pub body: String,
    #[serde(default)]
    pub sending: bool,
}

/// The app.
#[derive(Debug, Default)]
pub struct Live {
    pub(crate) screen: Screen,
    pub(crate) front: Front,
    pub(crate) device: Option<Paired>,
    pub(crate) list: Option<List>,
    pub(crate) opening: Option<Box<opening::Opening>>,
    /// What was scanned while there was no list yet.
    held: Option<(String, By)>,
    pub(crate) list_bytes: usize,
    deltas: usize,
    pub(crate) settings: Settings,
    pub(crate) queue: Queue,
    pub(crate) network: Network,
    stream: stream::Stream,
    pub(crate) updates: Vec<LiveUpdate>,
    pub(crate) seen: i64,
    /// They changed while they were being fetched.
    updates_again: bool,
    pub(crate) reports: Vec<Report>,
    pub(crate) tally: Tally,
    pub(crate) past: VecDeque<Past>,
    /// Names of guests by attempt: gone when the app closes.
    pub(crate) names: HashMap<String, String>,
    pub(crate) open: usize,
    pub(crate) search: Search,
    pub(crate) form: Form,
    pub(crate) typed: String,
    pub(crate) pair_said: Option<String>,
    pub(crate) pair_busy: bool,
    pub(crate) flags: promise::Flags,
    pub(crate) camera: Camera,
    pub(crate) has_torch: bool,
    pub(crate) cameras: u8,
    pub(crate) sound: bool,
    pub(crate) touched: bool,
    pub(crate) vibrates: bool,
    pub(crate) persisted: Option<bool>,
    pub(crate) battery: Option<u8>,
    pub(crate) can_install: bool,
    pub(crate) update_waits: bool,
    pub(crate) shell_kept: bool,
    pub(crate) version: String,
    /// Something short to read for a moment: words and until when.
    pub(crate) hint: Option<(String, f64)>,
    wedge: Wedge,
    in_view: scan::InView,
    /// Rows that a verdict waits for.
    writing: HashMap<u32, decide::Written>,
    asked: HashMap<u32, Purpose>,
    pub(crate) now: i64,
    pub(crate) mono: f64,
    pub(crate) zone: i64,
    fresh: String,
    names_made: u32,
    last_id: u32,
    last_scan: f64,
    out: Vec<Effect>,
}

/// So long nothing was scanned before a new version takes over by itself.
const QUIET: f64 = 300_000.0;

impl Live {
    /// Takes an event and answers what is to be done.
    pub fn handle(&mut self, envelope: Envelope, text: Option<String>) -> Vec<Effect> {
        (self.now, self.mono, self.zone) = (envelope.now, envelope.mono, envelope.zone);
        self.fresh = envelope.fresh;
        self.names_made = 0;
        self.event(envelope.event, text);
        self.pass();
        std::mem::take(&mut self.out)
    }

    fn event(&mut self, event: Event, text: Option<String>) {
        match event {
            Event::Boot(boot) => self.boot(*boot, text),
            Event::Tap { act, arg } => self.tap(&act, &arg),
            Event::Input { name, value } => self.input(&name, value),
            Event::Key { key } => self.key(&key),
            Event::Code { text, by } => self.code(&text, by),
            Event::Answer { id, status, ours, took } => {
                self.answered(id, network::Answer { status, ours, took, body: text.unwrap_or_default() });
            }
            Event::Stored { id, ok } => self.stored(id, ok),
            Event::Wake => self.open_more(),
            Event::Network { online } => self.network_said(online),
            Event::Stream { stands } => self.stream_is(stands),
            Event::Heard { kind } => self.heard(&kind),
            Event::Visible { yes } => self.came_to_front(yes),
            Event::Battery { percent } => self.battery_is(percent),
            Event::Camera { state, torch, cameras } => self.camera_is(state, torch, cameras),
            Event::CameraChosen { id } => {
                self.settings.camera = id;
                self.save_settings();
            }
            Event::Audio { running } => self.sound = running,
            Event::Persisted { yes } => self.persisted = Some(yes),
            Event::Update => self.update_waits = true,
            Event::Install { can } => self.can_install = can,
            Event::Shell => self.shell_kept = true,
        }
    }

    /// What happens by itself, now that the time is what it is.
    fn pass(&mut self) {
        if let Some(crate::wedge::Heard::Code { text, landed }) = self.wedge.silence(self.mono) {
            self.scanned_by_hand(&text, landed);
        }
        if self.hint.as_ref().is_some_and(|(_, until)| self.mono >= *until) {
            self.hint = None;
        }
        self.pass_scan();
        self.pass_frame();
        self.pass_network();
        self.pass_stream();
        let idle = matches!(self.front, Front::Nothing) && self.queue.sending.is_empty() && self.screen == Screen::Scan;
        if self.update_waits && idle && self.mono - self.last_scan > QUIET {
            self.take_over();
        }
    }

    /// When something happens by itself next, by the page's clock.
    pub fn wake(&self) -> Option<f64> {
        let hint = self.hint.as_ref().map(|(_, until)| *until);
        let update = self.update_waits.then_some(self.last_scan + QUIET + 1.0).filter(|at| *at > self.mono);
        let opening = self.opening.is_some().then_some(self.mono);
        [
            opening,
            self.wedge.wake(),
            hint,
            update,
            self.wake_scan(),
            self.wake_frame(),
            self.wake_network(),
            self.wake_stream(),
        ]
        .into_iter()
        .flatten()
        .reduce(f64::min)
    }

    fn take_over(&mut self) {
        self.update_waits = false;
        self.out.push(Effect::TakeOver);
    }

    fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    /// A name that no other attempt has.
    fn fresh_name(&mut self) -> String {
        self.names_made += 1;
        if self.names_made == 1 { self.fresh.clone() } else { format!("{}-{}", self.fresh, self.names_made) }
    }

    /// The time, by the server's clock as far as it is known.
    pub(crate) fn at(&self) -> Moment {
        Moment(self.now + self.network.server_ahead)
    }

    /// Hours and minutes at the event's place.
    pub(crate) fn clock(&self, at: Moment) -> String {
        crate::words::clock(at, self.zone)
    }

    pub(crate) fn waits_for_network(&self) -> bool {
        !self.network.is_online()
    }

    fn signal(&mut self, signal: Signal) {
        self.out.push(Effect::Sound { notes: signal.notes() });
        self.out.push(Effect::Vibrate { pattern: signal.pattern() });
    }

    fn say(&mut self, text: impl Into<String>) {
        self.out.push(Effect::Say { text: text.into() });
    }

    /// A word in passing.
    fn mention(&mut self, text: &str) {
        self.hint = Some((text.to_owned(), self.mono + 4000.0));
        self.say(text);
    }

    fn save_settings(&mut self) {
        let value = serde_json::to_value(&self.settings).unwrap_or_default();
        self.put("kv", "settings".into(), value, &["staff"]);
    }

    fn key(&mut self, key: &str) {
        use crate::wedge::Heard;
        match self.wedge.key(key, self.mono) {
            Heard::Typing if self.screen == Screen::Type && matches!(self.front, Front::Nothing) => self.type_key(key),
            Heard::Typing | Heard::Scanning => {}
            Heard::Code { text, landed } => {
                // The Enter of a scanner presses no button.
                self.out.push(Effect::Swallow);
                self.scanned_by_hand(&text, landed);
            }
        }
    }

    fn scanned_by_hand(&mut self, text: &str, landed: usize) {
        self.out.push(Effect::Retract { letters: landed });
        if self.screen == Screen::Type {
            // The first letter looked like a person's.
            self.typed.pop();
        }
        self.code(text, By::Wedge);
    }

    fn came_to_front(&mut self, yes: bool) {
        self.stream_anew(!yes);
        if yes && self.network.tries > 0 {
            self.network.try_now();
        }
        let wants_camera = matches!(self.screen, Screen::Scan) && self.touched;
        self.out.push(if yes && wants_camera {
            Effect::CameraOn { id: self.settings.camera.clone() }
        } else {
            Effect::CameraOff
        });
    }

    fn battery_is(&mut self, percent: u8) {
        self.battery = Some(percent);
        if percent < 10 && self.settings.torch {
            self.settings.torch = false;
            self.save_settings();
            self.out.push(Effect::Torch { on: false });
            self.mention("Battery below 10 %: torch is off");
        }
    }

    fn camera_is(&mut self, state: Camera, torch: bool, cameras: u8) {
        (self.camera, self.has_torch, self.cameras) = (state, torch, cameras);
        if state == Camera::On && torch && self.settings.torch {
            self.out.push(Effect::Torch { on: true });
        }
    }
}
