//! An artist's booking at an event: slots, the checklist until then, and the artist's documents.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{PlanNote, TalentDocumentId, TalentId, TalentSlot, TalentTaskId, TaskTitle, say};
use crate::access::wire;
use crate::events::{EventId, EventStatus};
use crate::kernel::patch::Patch;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;
use crate::zones::Zone;

wire_enum! {
    /// A task to complete before an artist appears.
    pub enum TaskKind {
        /// It is signed.
        Contract "contract" "Contract",
        /// The way there and back is booked.
        Travel "travel" "Travel",
        /// A bed is booked.
        Hotel "hotel" "Hotel",
        /// Whether the sound was tested.
        SoundCheck "sound_check" "Sound_Check",
        /// Something else, as free text.
        Other "other" "Other",
    }

    /// The type of a talent document.
    pub enum TalentDocumentKind {
        /// Their hospitality requirements.
        Rider "rider" "Rider",
        /// Their technical requirements.
        Technical "technical" "Technical",
        /// The committed amount.
        Contract "contract" "Contract",
        /// Something else.
        Other "other" "Other",
    }
}

impl TaskKind {
    /// What stands on every checklist from the first slot on.
    pub const USUAL: [TaskKind; 4] = [TaskKind::Contract, TaskKind::Travel, TaskKind::Hotel, TaskKind::SoundCheck];

    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            TaskKind::Contract => "Contract",
            TaskKind::Travel => "Travel",
            TaskKind::Hotel => "Hotel",
            TaskKind::SoundCheck => "Sound check",
            TaskKind::Other => "Something else",
        }
    }
}

impl TalentDocumentKind {
    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            TalentDocumentKind::Rider => "Rider",
            TalentDocumentKind::Technical => "Technical rider",
            TalentDocumentKind::Contract => "Contract",
            TalentDocumentKind::Other => "Other document",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str().eq_ignore_ascii_case(word.trim()))
    }
}

wire! {
    /// Something on the checklist of a booking.
    pub struct TalentTask {
        pub id: TalentTaskId,
        pub event_id: EventId,
        pub talent_id: TalentId,
        pub kind: TaskKind,
        /// The task, if it is not a standard one.
        pub title: Option<String>,
        /// The end.
        pub due_at: Option<Timestamp>,
        /// Since when it is done.
        pub done_at: Option<Timestamp>,
        pub note: Option<String>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Something more for a checklist.
    #[serde(deny_unknown_fields)]
    pub struct NewTalentTask {
        pub event_id: EventId,
        pub kind: TaskKind,
        /// The task, if it is not a standard one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub title: Option<TaskTitle>,
        /// The end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub due_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
    }

    /// Changes to a task on a checklist.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct TalentTaskPatch {
        /// Whether it is done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub done: Option<bool>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub due_at: Patch<Timestamp>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub note: Patch<PlanNote>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// An artist at an event: when they appear, and what is to be done until then.
    pub struct TalentBooking {
        pub event_id: EventId,
        /// The event's title.
        pub event: String,
        pub event_status: EventStatus,
        /// The location.
        pub place: String,
        pub timezone: String,
        /// When the event starts.
        pub starts_at: Timestamp,
        /// The contact for questions.
        #[serde(default)]
        pub contact_name: String,
        /// Where they answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub contact_email: Option<String>,
        pub slots: Vec<TalentSlot>,
        pub tasks: Vec<TalentTask>,
    }

    /// A document of an artist; its file is fetched by a link of its own.
    pub struct TalentDocument {
        pub id: TalentDocumentId,
        pub talent_id: TalentId,
        pub kind: TalentDocumentKind,
        pub file_name: String,
        /// As the file's own bytes say: PDF, PNG or JPEG.
        pub media_type: String,
        pub size_bytes: i64,
        pub uploaded_at: Timestamp,
        pub version: i64,
    }
}

/// The form fields of an upload, besides the file.
#[cfg(feature = "ssr")]
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "it says what the form looks like")]
pub struct TalentDocumentForm {
    /// The type of document.
    #[schemars(rename = "type")]
    kind: TalentDocumentKind,
}

impl TalentBooking {
    /// When the last slot is over.
    pub fn ends_at(&self) -> Timestamp {
        self.slots.iter().map(|slot| slot.ends_at).fold(self.starts_at, Timestamp::max)
    }
}

impl TalentTask {
    /// Its name.
    pub fn name(&self) -> String {
        self.title.clone().unwrap_or_else(|| self.kind.title().to_owned())
    }
    /// What is due first stands first; what is due at no time, last.
    pub fn by_due(&self) -> (bool, Option<Timestamp>) {
        (self.due_at.is_none(), self.due_at)
    }
    /// Until when, by the clocks of the place: `Due Sun 29 Nov, 20:51 IST`.
    pub fn due_in_words(&self, zone: &Zone, now: Timestamp) -> String {
        match self.due_at {
            Some(due) if self.is_overdue(now) => format!("Overdue since {}", zone.brief(due)),
            Some(due) => format!("Due {}", zone.brief(due)),
            None => "No due date".to_owned(),
        }
    }
    /// Whether it should have been done by now.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.done_at.is_none() && self.due_at.is_some_and(|due| due <= now)
    }
}

impl Validate for NewTalentTask {
    fn check(&self, errors: &mut FieldErrors) {
        match (self.kind, &self.title) {
            (TaskKind::Other, None) => say(errors, "title", "is required for tasks other than the standard ones"),
            (TaskKind::Other, Some(_)) | (_, None) => {}
            (_, Some(_)) => say(errors, "title", "must be left out for a standard task"),
        }
    }
}
impl Validate for TalentTaskPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self == &(TalentTaskPatch { version: self.version, ..TalentTaskPatch::default() }) {
            say(errors, "done", "change at least one field");
        }
    }
}
