//! How a phone becomes a gate's, and stops being one.

use eventify_gate::{PairAnswer, PairRequest, pairing_code};
use serde_json::Value;

use super::network::{Answer, Purpose};
use super::{Live, Paired, Screen};
use crate::effect::Effect;
use crate::signals::Signal;

impl Live {
    /// With what was scanned, followed or typed.
    pub(super) fn pair_with(&mut self, text: &str) {
        if self.pair_busy {
            return;
        }
        let Some(code) = pairing_code(text) else {
            self.signal(Signal::Low);
            self.pair_said = Some(
                "This is not a pairing code. A supervisor shows one in the Command Center, under Gates and phones"
                    .into(),
            );
            return;
        };
        (self.pair_busy, self.pair_said) = (true, None);
        let was = self.device.as_ref().map(|device| device.state.id);
        let app_version = Some(self.version.clone()).filter(|version| !version.is_empty());
        let request = PairRequest { code, name: None, app_version, was };
        self.call(Purpose::Pair, "POST", "/live/pair", Some(&request));
    }

    pub(super) fn paired(&mut self, answer: &Answer) {
        self.pair_busy = false;
        let Some(done) = answer.json::<PairAnswer>() else {
            self.signal(Signal::Low);
            let said = answer.trouble();
            self.pair_said = Some(said.clone());
            return self.say(said);
        };
        self.out.push(Effect::ForgetFragment);
        // Another event's list is of no use; what waits is handed in by the device this phone is now.
        let is_other = self.device.as_ref().is_some_and(|device| device.state.event.id != done.device.event.id);
        if is_other {
            (self.list, self.opening) = (None, None);
            self.updates.clear();
            self.past.clear();
            self.tally = super::Tally::default();
            self.out.push(Effect::Remove { store: "kv", key: "list".into() });
        }
        self.flags = super::promise::Flags::default();
        self.network.server_ahead = done.device.now.0 - self.now;
        self.network.is_clock_known = true;
        let device = Paired { token: done.token, state: done.device };
        let value = serde_json::to_value(&device).unwrap_or(Value::Null);
        self.out.push(Effect::Zone { name: device.state.event.timezone.clone() });
        if self.settings.direction == eventify_gate::Direction::In
            && !device.state.gate.direction.lets(self.settings.direction)
        {
            self.settings.direction = eventify_gate::Direction::Out;
            self.save_settings();
        }
        self.device = Some(device);
        self.stream_anew(false);
        self.put("kv", "device".into(), value, &["token"]);
        self.out.push(Effect::Persist);
        self.out.push(Effect::PrepareReader);
        self.screen_is(Screen::Ready);
        self.fetch_list();
        self.network.try_now();
        self.say("Paired");
    }

    /// Held long enough. What waits is not thrown away: it must be sent first.
    pub(super) fn unpair(&mut self) {
        if self.queue.count() > 0 {
            return self.mention("Scans are waiting: unpair once they are sent");
        }
        self.erase("This phone is no longer paired.");
    }
}
