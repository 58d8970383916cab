//! What the server tells by itself: one stream, as long as the server answers and somebody has the phone before them.
//! What came while there was none is asked for when it stands again.

use super::Live;
use crate::effect::Effect;

/// What is told: updates, and what concerns phones and gates.
const PATH: &str = "/api/v1/bus/stream?types=live.update_changed,live.device_changed,live.gate_changed";
/// Waits before it is opened again, in milliseconds: longer each time.
const WAITS: [f64; 4] = [1_000.0, 5_000.0, 15_000.0, 60_000.0];

/// The stream.
#[derive(Debug, Default)]
pub struct Stream {
    /// It was asked for and has not ended.
    asked: bool,
    /// It was greeted.
    stands: bool,
    /// Not before this moment of the page's clock it is asked for again.
    next: f64,
    /// In a row that came to nothing.
    tries: usize,
    /// Nobody looks: a phone in a pocket saves its battery.
    hidden: bool,
}

impl Stream {
    /// Whatever changes is heard of.
    pub fn stands(&self) -> bool {
        self.stands
    }
}

impl Live {
    fn wants_stream(&self) -> bool {
        let is_paired = self.device.is_some() && !self.flags.expired;
        is_paired && self.network.is_online() && !self.stream.asked && !self.stream.hidden
    }

    pub(super) fn pass_stream(&mut self) {
        if !self.wants_stream() || self.mono < self.stream.next {
            return;
        }
        let token = self.device.as_ref().map(|device| device.token.clone()).unwrap_or_default();
        self.stream.asked = true;
        self.out.push(Effect::Listen { path: PATH, token });
    }

    pub(super) fn wake_stream(&self) -> Option<f64> {
        self.wants_stream().then_some(self.stream.next)
    }

    /// It stands from now on, or it has ended.
    pub(super) fn stream_is(&mut self, stands: bool) {
        let stood = std::mem::replace(&mut self.stream.stands, stands);
        if stands {
            self.stream.tries = 0;
            return self.fetch_updates();
        }
        self.stream.asked = false;
        self.stream.next = self.mono + WAITS[self.stream.tries.min(WAITS.len() - 1)];
        self.stream.tries += 1;
        // Perhaps the server went, or this phone was revoked: an answer tells.
        if stood {
            self.network.try_now();
        }
    }

    /// Something happened.
    pub(super) fn heard(&mut self, kind: &str) {
        match kind {
            "live.update_changed" => self.fetch_updates(),
            // Where this phone stands is in the answer to its next sign of life.
            _ => self.network.try_now(),
        }
    }

    /// Whoever this phone is from now on, and whether anybody looks at it.
    pub(super) fn stream_anew(&mut self, hidden: bool) {
        if self.stream.asked {
            self.out.push(Effect::Unlisten);
        }
        self.stream = Stream { hidden, ..Stream::default() };
    }
}
