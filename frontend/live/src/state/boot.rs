//! The app opens: what the phone has kept comes back.

use serde_json::Value;

use super::opening::{Opening, Source};
use super::queue::{Queue, Status, StoredScan};
use super::sync::KeptUpdates;
use super::{Live, Screen};
use crate::effect::Effect;
use crate::event::{Boot, Camera};

fn text_of<T: serde::de::DeserializeOwned>(kept: Option<Value>) -> Option<T> {
    serde_json::from_str(kept?.get("text")?.as_str()?).ok()
}

impl Live {
    pub(super) fn boot(&mut self, boot: Boot, list: Option<String>) {
        (self.vibrates, self.version) = (boot.vibrates, boot.version);
        self.persisted = Some(boot.persisted);
        self.camera = if boot.camera { Camera::Off } else { Camera::None };
        self.flags.full = boot.no_storage;
        self.settings = boot.settings.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
        self.out.push(Effect::Theme { day: self.settings.day });
        self.queue = Queue { rows: boot.scans, ..Queue::default() };
        self.queue.rows.sort_by_key(|row| row.at);
        self.set_unreadable_apart();
        self.tally = boot.tally.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
        self.reports = text_of::<Vec<super::Report>>(boot.reports).unwrap_or_default();
        for at in 0..self.reports.len() {
            let name = self.fresh_name();
            let report = &mut self.reports[at];
            report.sending = false;
            if report.name.is_empty() {
                report.name = name;
            }
        }
        let updates: KeptUpdates = text_of(boot.updates).unwrap_or_default();
        (self.updates, self.seen) = (updates.updates, updates.seen);
        self.device = boot.device.and_then(|value| serde_json::from_value(value).ok());
        if self.device.is_none() {
            self.screen = Screen::Pair;
        } else {
            self.open_list(list, boot.deltas);
            let zone = self.here().map(|(event, _)| event.timezone.clone()).unwrap_or_default();
            self.out.push(Effect::Zone { name: zone });
            self.out.push(Effect::PrepareReader);
            self.touched = true;
            self.screen_is(Screen::Scan);
        }
        if let Some(code) = boot.fragment.strip_prefix("#pair=") {
            self.pair_from_link(code);
        }
    }

    fn open_list(&mut self, list: Option<String>, deltas: Vec<String>) {
        let Some(text) = list else { return };
        self.deltas = deltas.len();
        self.begin_opening(Opening::new(Source::Kept, text, deltas));
    }

    /// What waits and has lost its code, as when the browser threw its key away, cannot be sent: it is listed.
    fn set_unreadable_apart(&mut self) {
        let lost = |row: &&StoredScan| row.status == Status::Waiting && row.code.is_none();
        let lost: Vec<StoredScan> = self.queue.rows.iter().filter(lost).cloned().collect();
        for row in lost {
            let why = Some("This phone can no longer read the code".to_owned());
            self.keep(StoredScan { status: Status::Refused, why, ..row });
        }
    }

    /// A link with a pairing code was followed. A phone that is paired already asks first.
    fn pair_from_link(&mut self, code: &str) {
        if self.device.is_none() || self.flags.expired {
            self.screen = Screen::Pair;
            self.pair_with(code);
        } else {
            self.mention("This phone is paired already");
            self.out.push(Effect::ForgetFragment);
        }
    }
}
