//! What this phone decided and the server has yet to hear, and what it did not take.

use eventify_gate::{Admit, Direction, Moment, Outcome, QueuedScan, Reason, SyncOutcome, SyncedScan};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::Live;
use super::network::Answer;
use crate::effect::Effect;

/// Fields that are encrypted where they rest: who was there, and what opens a guest's entry.
pub const SEALED: &[&str] = &["code", "staff", "force_reason"];
/// Scans in one call.
const AT_ONCE: usize = 50;
/// The server fails over a scan so often, and answers others in between: then it is the scan.
const FAILURES: u8 = 3;

/// Where a scan stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for the network.
    #[default]
    Waiting,
    /// The server has taken it, or judged it itself: kept until the list says so too.
    Done,
    /// Taken, and a person has to look: listed until seen.
    Conflict,
    /// Not taken: listed until seen.
    Refused,
}

/// A scan as the phone keeps it. Nothing in it names a guest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredScan {
    pub nonce: String,
    /// Encrypted at rest; absent once the server has it, or if it can no longer be opened.
    #[serde(default)]
    pub code: Option<String>,
    pub gate: Option<Uuid>,
    pub gate_name: Option<String>,
    pub direction: Direction,
    /// By the phone's clock.
    pub device_time: Moment,
    /// By the server's, as far as it is known.
    pub at: Moment,
    pub result: Outcome,
    pub reason: Option<Reason>,
    pub admitted: u16,
    pub admit: Option<Admit>,
    /// Encrypted at rest.
    #[serde(default)]
    pub staff: Option<String>,
    pub forced: Option<Reason>,
    /// Encrypted at rest.
    #[serde(default)]
    pub force_reason: Option<String>,
    /// The device this phone was.
    pub device: Option<Uuid>,
    /// The tickets that changed, as the list names them.
    pub tags: Vec<String>,
    /// What the ticket type is called.
    pub kind: Option<String>,
    #[serde(default)]
    pub status: Status,
    /// What the server said of it.
    #[serde(default)]
    pub why: Option<String>,
}

impl StoredScan {
    fn queued(&self) -> Option<QueuedScan> {
        Some(QueuedScan {
            code: self.code.clone()?,
            gate: self.gate,
            direction: self.direction,
            nonce: self.nonce.clone(),
            device: self.device,
            device_time: self.device_time,
            result: self.result,
            reason: self.reason,
            admitted: self.admitted,
            admit: self.admit,
            staff: self.staff.clone(),
            forced: self.forced,
            force_reason: self.force_reason.clone(),
        })
    }
}

/// The queue, oldest first.
#[derive(Debug, Default)]
pub struct Queue {
    pub rows: Vec<StoredScan>,
    /// Attempts on their way to the server now.
    pub sending: Vec<String>,
    /// Of those that were sent since the network came back.
    pub sent: usize,
    /// So many are sent one by one, for one of them made a whole call fail.
    pub alone: usize,
    /// Those over which the server failed, and how often it answered others then. They go behind all others.
    pub failed: Vec<(String, u8)>,
    /// The last of them, until the next call tells whether it was the scan or the server.
    pub doubt: Option<String>,
}

impl Queue {
    /// Waiting for the network.
    pub fn waiting(&self) -> impl Iterator<Item = &StoredScan> {
        self.rows.iter().filter(|row| row.status == Status::Waiting)
    }
    /// How many wait.
    pub fn count(&self) -> usize {
        self.waiting().count()
    }
    /// Not taken, or to be looked at: nobody has seen them yet.
    pub fn unseen(&self) -> impl Iterator<Item = &StoredScan> {
        self.rows.iter().filter(|row| matches!(row.status, Status::Conflict | Status::Refused))
    }
    /// By its name.
    pub fn row(&mut self, nonce: &str) -> Option<&mut StoredScan> {
        self.rows.iter_mut().find(|row| row.nonce == nonce)
    }
    /// What is sent next.
    pub fn take_next(&mut self) -> Vec<QueuedScan> {
        let most = if self.alone > 0 { 1 } else { AT_ONCE };
        let has_failed = |row: &&StoredScan| self.failed.iter().any(|(nonce, _)| *nonce == row.nonce);
        let mut next: Vec<QueuedScan> =
            self.waiting().filter(|row| !has_failed(row)).filter_map(StoredScan::queued).take(most).collect();
        if next.is_empty() && self.doubt.is_none() {
            let again = self.failed.iter().find_map(|(nonce, _)| self.waiting().find(|row| row.nonce == *nonce));
            next.extend(again.and_then(StoredScan::queued));
        }
        self.sending = next.iter().map(|scan| scan.nonce.clone()).collect();
        next
    }

    /// What was sent was not taken. One scan that the server cannot read, or fails over, holds up no other: each of its
    /// call is sent alone. Answers the one that is surely the cause.
    pub fn not_answered(&mut self, answer: &Answer) -> Option<String> {
        let sent = std::mem::take(&mut self.sending);
        self.doubt = None;
        let refused = answer.ours && matches!(answer.status, 400 | 413 | 422) && answer.is_about("scans");
        let broke = answer.ours && answer.status >= 500;
        match &sent[..] {
            [] => None,
            [one] if refused => {
                self.alone = self.alone.saturating_sub(1);
                Some(one.clone())
            }
            [one] if broke => {
                let known = self.failed.iter().position(|(nonce, _)| nonce == one);
                let failed = known.map_or((one.clone(), 0), |at| self.failed.remove(at));
                self.failed.push(failed);
                self.doubt = Some(one.clone());
                None
            }
            all => {
                if refused || broke {
                    self.alone = all.len();
                }
                None
            }
        }
    }

    /// The server answered. Answers the scan over which it has failed too often meanwhile.
    pub fn went_well(&mut self) -> Option<String> {
        self.alone = self.alone.saturating_sub(self.sending.len().max(1));
        self.failed.retain(|(nonce, _)| !self.sending.contains(nonce));
        let nonce = self.doubt.take()?;
        let (_, times) = self.failed.iter_mut().find(|(known, _)| *known == nonce)?;
        *times += 1;
        (*times >= FAILURES).then_some(nonce)
    }
}

impl Live {
    /// Writes a row down; what follows waits for [`crate::event::Event::Stored`].
    pub(super) fn keep(&mut self, row: StoredScan) -> u32 {
        let value = serde_json::to_value(&row).unwrap_or(Value::Null);
        let key = row.nonce.clone();
        match self.queue.row(&key) {
            Some(kept) => *kept = row,
            None => self.queue.rows.push(row),
        }
        self.put("scans", key, value, SEALED)
    }

    /// Writes a value down.
    pub(super) fn put(&mut self, store: &'static str, key: String, value: Value, seal: &'static [&'static str]) -> u32 {
        let id = self.next_id();
        self.out.push(Effect::Put { id, store, key, value, seal });
        id
    }

    /// Nothing of a row is needed any more.
    pub(super) fn forget(&mut self, nonce: &str) {
        self.queue.rows.retain(|row| row.nonce != nonce);
        self.out.push(Effect::Remove { store: "scans", key: nonce.to_owned() });
    }

    /// The server cannot take this one: it is listed until somebody has seen it.
    pub(super) fn not_taken(&mut self, nonce: &str) {
        self.queue.failed.retain(|(known, _)| known != nonce);
        let Some(row) = self.queue.row(nonce).cloned() else { return };
        let why = Some(crate::words::refusal("malformed").to_owned());
        self.note_settled(nonce, None, Status::Refused);
        self.keep(StoredScan { status: Status::Refused, why, code: None, staff: None, force_reason: None, ..row });
    }

    /// What the server made of the scans it was sent. Those it did not mention wait on.
    pub(super) fn settle(&mut self, scans: &[SyncedScan]) {
        self.queue.sending.clear();
        for scan in scans {
            let Some(row) = self.queue.row(&scan.nonce).cloned() else { continue };
            let (status, why) = match scan.outcome {
                SyncOutcome::Accepted => (Status::Done, None),
                SyncOutcome::Conflict => (Status::Conflict, Some(conflict_words(self, scan))),
                // Phone and server agree: nobody was let in.
                SyncOutcome::Refused if row.result == Outcome::Rejected => (Status::Done, None),
                SyncOutcome::Refused => {
                    let reason = scan.reason.map_or("refused", |reason| reason.as_str());
                    (Status::Refused, Some(crate::words::refusal(reason).to_owned()))
                }
            };
            self.queue.sent += 1;
            self.note_settled(&scan.nonce, scan.checkin_id, status);
            self.keep(StoredScan { status, why, code: None, staff: None, force_reason: None, ..row });
        }
    }

    /// A late answer of the server to a scan that the phone had decided by itself: what was shown stays, and a difference
    /// is listed.
    pub(super) fn settle_late(&mut self, nonce: &str, answer: &eventify_gate::ScanAnswer) {
        let Some(row) = self.queue.row(nonce).cloned().filter(|row| row.status == Status::Waiting) else { return };
        let agrees =
            answer.result == row.result || (row.result != Outcome::Admitted && answer.result != Outcome::Admitted);
        if agrees && answer.result != Outcome::Look {
            self.note_settled(nonce, Some(answer.checkin_id), Status::Done);
            self.keep(StoredScan { status: Status::Done, code: None, staff: None, force_reason: None, ..row });
        }
        // Else it stays in the queue: the server is told what happened, and answers what becomes of it.
    }

    /// Somebody has looked at what was not taken.
    pub(super) fn mark_seen(&mut self) {
        let seen: Vec<StoredScan> = self.queue.unseen().cloned().collect();
        for row in seen {
            match row.status {
                // It happened: the list does not know it until it is taken anew.
                Status::Conflict => {
                    self.keep(StoredScan { status: Status::Done, ..row });
                }
                _ => self.forget(&row.nonce),
            }
        }
    }

    /// What the server says of these tickets is newer than what was kept of them.
    pub(super) fn drop_known(&mut self, tags: &[String]) {
        let known = |row: &&StoredScan| row.status == Status::Done && row.tags.iter().all(|tag| tags.contains(tag));
        let known: Vec<String> = self.queue.rows.iter().filter(known).map(|row| row.nonce.clone()).collect();
        for nonce in known {
            self.forget(&nonce);
        }
    }

    /// What the list knows by now need not be kept beside it.
    pub(super) fn drop_done(&mut self, made_at: Moment) {
        let done: Vec<String> = self
            .queue
            .rows
            .iter()
            .filter(|row| row.status == Status::Done && row.at.plus(60_000) < made_at)
            .map(|row| row.nonce.clone())
            .collect();
        for nonce in done {
            self.forget(&nonce);
        }
    }
}

fn conflict_words(live: &Live, scan: &SyncedScan) -> String {
    match &scan.first_scan {
        Some(first) => {
            let gate = first.gate.as_deref().map_or("elsewhere".to_owned(), |gate| format!("at {gate}"));
            format!("Already in {gate}, {}", live.clock(first.at))
        }
        None => "The server would not have admitted it".to_owned(),
    }
}
