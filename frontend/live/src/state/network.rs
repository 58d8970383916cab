//! How the server is reached, and what is asked of it.

use serde::Serialize;
use serde_json::Value;

use super::Live;
use crate::effect::Effect;

/// Between two words with the server when nothing happens.
const HEARTBEAT: f64 = 20_000.0;
/// Waits before the next try, in milliseconds: longer each time.
const WAITS: [f64; 5] = [2_000.0, 4_000.0, 8_000.0, 15_000.0, 30_000.0];
/// Slower answers than this make a slow network.
const SLOW: f64 = 700.0;
/// How long calls other than scans may take.
const LIMIT: u32 = 15_000;
/// The list of a large event on a weak network.
const LIST_LIMIT: u32 = 120_000;

/// Whether the server answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Nobody has asked yet.
    #[default]
    Unknown,
    Online,
    /// It does not, since that moment of the phone's clock.
    Offline {
        since: i64,
    },
    /// Something else answers in its place, such as a Wi-Fi that asks for a sign-in.
    Captive {
        since: i64,
    },
}

/// What a call was for.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    Pair,
    Scan {
        nonce: String,
    },
    Sync,
    /// The list, whole or what has changed.
    List {
        whole: bool,
    },
    Updates,
    Search {
        q: String,
    },
    Annul {
        nonce: String,
    },
    Post,
    Report,
    Guest {
        name: String,
    },
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// 0 if nothing did.
    pub status: u16,
    /// It is our server's.
    pub ours: bool,
    /// In milliseconds.
    pub took: f64,
    pub body: String,
}

impl Answer {
    /// It did what was asked.
    pub fn is_good(&self) -> bool {
        self.ours && (200..300).contains(&self.status)
    }
    /// The body, as JSON of that form.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        self.is_good().then(|| serde_json::from_str(&self.body).ok())?
    }
    /// It names this part of what was sent as wrong, or no part at all.
    pub fn is_about(&self, part: &str) -> bool {
        let problem: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let fields = problem["errors"].as_object();
        fields.is_none_or(|fields| fields.is_empty() || fields.keys().any(|field| field.starts_with(part)))
    }
    /// What it says is wrong, in words for a person.
    pub fn trouble(&self) -> String {
        let problem: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let field = problem["errors"].as_object().and_then(|fields| fields.iter().next());
        let field = field.and_then(|(name, words)| Some(format!("{name} {}", words.get(0)?.as_str()?)));
        let said = field.or_else(|| ["detail", "title"].iter().find_map(|key| Some(problem[key].as_str()?.to_owned())));
        match said {
            Some(said) if self.ours => said,
            _ if self.status == 0 || !self.ours => "The server cannot be reached now".to_owned(),
            _ => format!("The server answered {}", self.status),
        }
    }
}

/// How the server is reached.
#[derive(Debug, Default)]
pub struct Network {
    pub reach: Reach,
    /// In a row that failed.
    pub tries: u32,
    /// When it is tried next, by the page's clock.
    pub next_try: f64,
    /// By how many milliseconds the server's clock is ahead of the phone's.
    pub server_ahead: i64,
    pub is_clock_known: bool,
    recent: Vec<f64>,
    pub busy: bool,
}

impl Network {
    /// The server answers.
    pub fn is_online(&self) -> bool {
        self.reach == Reach::Online
    }
    /// It has not been asked, or does not answer.
    pub fn offline_since(&self) -> Option<i64> {
        match self.reach {
            Reach::Offline { since } | Reach::Captive { since } => Some(since),
            _ => None,
        }
    }
    /// How long it takes to answer, where that is long.
    pub fn slow(&self) -> Option<f64> {
        let mut sorted = self.recent.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = *sorted.get(sorted.len() / 2)?;
        (sorted.len() >= 3 && middle >= SLOW).then_some(middle)
    }
    /// Now rather than later.
    pub fn try_now(&mut self) {
        self.next_try = 0.0;
    }
    /// In how many seconds it is tried next.
    pub fn seconds(&self, mono: f64) -> u32 {
        ((self.next_try - mono) / 1000.0).ceil().max(0.0) as u32
    }
    fn heard(&mut self, took: f64) {
        (self.reach, self.tries) = (Reach::Online, 0);
        self.recent.push(took);
        if self.recent.len() > 5 {
            self.recent.remove(0);
        }
    }
    fn missed(&mut self, now: i64, mono: f64, captive: bool) {
        let since = self.offline_since().unwrap_or(now);
        self.reach = if captive { Reach::Captive { since } } else { Reach::Offline { since } };
        self.next_try = mono + WAITS[(self.tries as usize).min(WAITS.len() - 1)];
        self.tries += 1;
        self.recent.clear();
    }
}

impl Live {
    /// Calls the server.
    pub(super) fn call(
        &mut self,
        purpose: Purpose,
        method: &'static str,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> u32 {
        self.fetch(purpose, method, path, body, None)
    }

    /// Sends what counts once under this name, however often it is sent.
    pub(super) fn call_once(&mut self, purpose: Purpose, path: &str, body: &impl Serialize, name: String) {
        self.fetch(purpose, "POST", path, Some(body), Some(name));
    }

    fn fetch(
        &mut self,
        purpose: Purpose,
        method: &'static str,
        path: &str,
        body: Option<&impl Serialize>,
        name: Option<String>,
    ) -> u32 {
        let id = self.next_id();
        let limit = match &purpose {
            Purpose::Scan { .. } => 10_000,
            Purpose::List { .. } => LIST_LIMIT,
            _ => LIMIT,
        };
        let token = self.device.as_ref().map(|device| device.token.clone()).filter(|_| purpose != Purpose::Pair);
        self.asked.insert(id, purpose);
        let body = body.map(|body| serde_json::to_value(body).unwrap_or(Value::Null));
        self.out.push(Effect::Fetch { id, method, path: format!("/api/v1{path}"), body, token, name, limit });
        id
    }

    pub(super) fn answered(&mut self, id: u32, answer: Answer) {
        let Some(purpose) = self.asked.remove(&id) else { return };
        let reached = answer.ours && answer.status != 0 && answer.status < 500;
        if reached {
            let back = !self.network.is_online();
            self.network.heard(answer.took);
            if back {
                self.came_online();
            }
        } else {
            let captive = !answer.ours && answer.status != 0 && answer.status < 500;
            self.network.missed(self.now, self.mono, captive);
        }
        // What the token no longer opens: the queue is kept, and the phone has to be paired again.
        // A revoked phone may still hand in its scans: only the answer to that tells.
        match (&purpose, reached && answer.status == 401) {
            (Purpose::Sync, true) => self.flags.expired = true,
            (Purpose::Pair, _) | (_, false) => {}
            (_, true) => self.network.try_now(),
        }
        match purpose {
            Purpose::Pair => self.paired(&answer),
            Purpose::Scan { nonce } => self.scan_answered(&nonce, &answer),
            Purpose::Sync => self.synced(&answer),
            Purpose::List { whole } => self.list_came(whole, &answer),
            Purpose::Updates => self.updates_came(&answer),
            Purpose::Search { q } => self.search_came(&q, &answer),
            Purpose::Annul { nonce } => self.annulled(&nonce, &answer),
            Purpose::Post => self.posted(&answer),
            Purpose::Report => self.reported(&answer),
            Purpose::Guest { name } => self.guest_added(&name, &answer),
        }
    }

    fn came_online(&mut self) {
        self.queue.sent = 0;
        self.network.try_now();
    }

    pub(super) fn network_said(&mut self, online: bool) {
        // The browser knows when there is surely none; that there is one, only an answer tells.
        if online {
            self.network.try_now();
        } else if self.network.is_online() {
            self.network.missed(self.now, self.mono, false);
        }
    }

    pub(super) fn pass_network(&mut self) {
        if self.device.is_none() || self.flags.expired || self.network.busy || self.mono < self.network.next_try {
            return;
        }
        self.network.next_try = self.mono + HEARTBEAT;
        self.send_queue();
    }

    pub(super) fn wake_network(&self) -> Option<f64> {
        if self.device.is_none() || self.flags.expired {
            return None;
        }
        let next = (!self.network.busy).then_some(self.network.next_try);
        // The countdown is read by the second.
        let second = self.network.offline_since().map(|_| (self.mono / 1000.0).floor() * 1000.0 + 1000.0);
        next.into_iter().chain(second).reduce(f64::min)
    }
}
