//! Taking back an admission, within fifteen minutes; only the server's answer says that it was done.

use eventify_gate::{AnnulRequest, Annulled};

use super::frame::undo_is_over;
use super::network::{Answer, Purpose};
use super::queue::Status;
use super::{Front, Live, Past, Screen};
use crate::effect::Effect;

/// Why an admission is taken back.
pub const WHY: [&str; 2] = ["Wrong person", "Did not enter"];

const FREE: &str = "Undone: the ticket can be used again";
/// A phone without a network has let it in as well.
const TAKEN: &str = "Undone: another scan admitted this ticket too";

impl Live {
    /// From a verdict: the last scan is opened, and the reason is asked for there.
    pub(super) fn open_last(&mut self, nonce: Option<&str>) {
        self.front = Front::Nothing;
        self.open = nonce.and_then(|nonce| self.past.iter().position(|past| past.nonce == nonce)).unwrap_or(0);
        self.screen_is(Screen::Last);
        self.form.reason = WHY[0].to_owned();
    }

    /// Whether the opened scan can be taken back, and if not, why.
    pub(crate) fn undo_hint(&self, past: &Past) -> Result<String, String> {
        if let Some(said) = past.undone {
            return Err(said.into());
        }
        if past.card.field != crate::words::Field::Go && past.card.field != crate::words::Field::Out {
            return Err(String::new());
        }
        if undo_is_over(past.undo_until, self.at()) {
            return Err("Too late to undo: ask the control room".into());
        }
        let until = past.undo_until.map(|until| self.clock(until)).unwrap_or_default();
        if past.checkin.is_none() || self.waits_for_network() {
            return Err(format!("Undo waits for the network: possible until {until}"));
        }
        Ok(format!("possible until {until}"))
    }

    pub(super) fn undo(&mut self) {
        let Some(past) = self.past.get(self.open) else { return };
        let (Ok(_), Some(checkin)) = (self.undo_hint(past), past.checkin) else { return };
        let nonce = past.nonce.clone();
        // A phone takes back its own scans without a PIN.
        let request = AnnulRequest { reason: self.form.reason.clone(), pin: None };
        (self.form.busy, self.form.said) = (true, None);
        self.call(Purpose::Annul { nonce }, "POST", &format!("/tickets/checkins/{checkin}/annul"), Some(&request));
    }

    pub(super) fn annulled(&mut self, nonce: &str, answer: &Answer) {
        self.form.busy = false;
        let Some(annulled) = answer.json::<Annulled>() else {
            let said = answer.trouble();
            self.form.said = Some(said.clone());
            return self.say(said);
        };
        let Some(past) = self.past.iter_mut().find(|past| past.nonce == nonce) else { return };
        past.card.short = "undone".into();
        // Where another admission stands, the list's next changes say so too.
        let is_free = !annulled.tickets.is_empty();
        let said = if is_free { FREE } else { TAKEN };
        past.undone = Some(said);
        let (tags, admitted) = (past.tags.clone(), past.tags.len() as u32);
        if let Some(list) = self.list.as_mut().filter(|_| is_free) {
            list.unmark(&tags);
        }
        self.tally.admitted = self.tally.admitted.saturating_sub(admitted.max(1));
        if self.queue.rows.iter().any(|row| row.nonce == nonce) {
            self.forget(nonce);
        }
        self.form = super::Form::default();
        self.out.push(Effect::Say { text: said.into() });
    }

    /// A queued scan has its record now: it can be taken back.
    pub(super) fn note_settled(&mut self, nonce: &str, checkin: Option<uuid::Uuid>, status: Status) {
        if let Some(past) = self.past.iter_mut().find(|past| past.nonce == nonce) {
            past.checkin = checkin.filter(|_| status != Status::Refused);
        }
    }
}
