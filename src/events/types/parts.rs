//! What belongs to an event: images, questions, streams.

use operation::{FieldErrors, Validate, say};
use serde::Serialize;

use super::{EventId, EventImageId, QuestionId, QuestionLabel, QuestionOption, StreamId, StreamProvider};
use crate::access::wire;
use crate::kernel::error::{Error, is_now};
use crate::kernel::patch::Patch;
use crate::kernel::text::{Secret, WebUrl};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;
use crate::people::PictureStatus;

/// Width and height of an image's preview.
pub const COVER: (u32, u32) = (1200, 630);

wire_enum! {
    /// The answer type of a question.
    pub enum QuestionKind {
        /// As free text.
        Text "text" "Text",
        /// By one of its options.
        Choice "choice" "Choice",
        /// By `yes` or `no`.
        YesNo "yes_no" "Yes_No",
    }

    /// The status of a stream.
    pub enum StreamStatus {
        /// Not on yet.
        Idle "idle" "Idle",
        /// On.
        Live "live" "Live",
        /// Over.
        Ended "ended" "Ended",
    }

    /// The size of an image file.
    pub enum ImageSize {
        /// The whole image, at most 2560 pixels a side.
        Full "full" "Full",
        /// Cut to what previews of links show: 1200 by 630.
        Cover "cover" "Cover",
        /// The same for sharp screens of phones: 800 by 420.
        Medium "medium" "Medium",
        /// The same for cards: 480 by 252.
        Small "small" "Small",
        /// The same for small cards, and lines on sharp screens: 320 by 168.
        Compact "compact" "Compact",
        /// The same for lines of a list: 160 by 84.
        Tiny "tiny" "Tiny",
    }
}

impl StreamStatus {
    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: StreamStatus) -> Result<StreamStatus, Error> {
        use StreamStatus::{Ended, Idle, Live};
        match (self, to) {
            (Idle | Ended, Live) | (Live, Ended) => Ok(to),
            _ => Err(is_now("stream", self.as_str())),
        }
    }
}

wire! {
    /// A picture of an event.
    pub struct EventImage {
        pub id: EventImageId,
        pub event_id: EventId,
        /// Whether it can be shown yet.
        pub status: PictureStatus,
        /// Its URL once it is ready. Works for anyone who can see the event.
        pub image_url: String,
        /// The same for its preview, 1200 by 630 pixels.
        pub cover_url: String,
        pub media_type: String,
        pub size_bytes: i64,
        pub position: i32,
        /// Whether it is one of the covers.
        pub is_cover: bool,
        pub created_at: Timestamp,
    }

    /// The size of an image file.
    #[serde(deny_unknown_fields)]
    pub struct ImageQuery {
        /// The whole image where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub size: Option<ImageSize>,
    }

    /// The order of all images of an event, and which of them are covers.
    #[serde(deny_unknown_fields)]
    pub struct ImageOrder {
        /// Every image, in order.
        pub images: Vec<EventImageId>,
        /// One to three of them; none only where there are no images.
        pub covers: Vec<EventImageId>,
    }

    /// A question that guests are asked on their way in.
    pub struct Question {
        pub id: QuestionId,
        pub event_id: EventId,
        pub label: String,
        pub kind: QuestionKind,
        /// Of a choice.
        pub options: Vec<String>,
        pub required: bool,
        pub position: i32,
    }

    /// A question as its organiser writes it.
    #[serde(deny_unknown_fields)]
    pub struct QuestionInput {
        /// Of a question that is there; a new one has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub id: Option<QuestionId>,
        pub label: QuestionLabel,
        pub kind: QuestionKind,
        #[serde(default)]
        pub options: Vec<QuestionOption>,
        #[serde(default)]
        pub required: bool,
    }

    /// All questions of an event, in order; those left out are asked no more.
    #[serde(deny_unknown_fields)]
    pub struct QuestionList {
        pub questions: Vec<QuestionInput>,
    }

    /// A stream of an event. Its key is shown only when asked for.
    pub struct EventStream {
        pub id: StreamId,
        pub event_id: EventId,
        pub provider: String,
        pub playback_url: Option<String>,
        pub stream_status: StreamStatus,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// A new stream.
    #[serde(deny_unknown_fields)]
    pub struct NewStream {
        pub provider: StreamProvider,
        /// Kept encrypted.
        pub stream_key: Secret,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub playback_url: Option<WebUrl>,
    }

    /// Changes to a stream.
    #[serde(deny_unknown_fields)]
    pub struct StreamPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub stream_status: Option<StreamStatus>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub stream_key: Option<Secret>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub playback_url: Patch<WebUrl>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// A stream's key.
    pub struct StreamKey {
        pub stream_key: String,
    }
}

fn distinct<T: PartialEq>(list: &[T]) -> bool {
    list.iter().enumerate().all(|(at, item)| !list[..at].contains(item))
}

impl Validate for ImageQuery {}
impl Validate for ImageOrder {
    fn check(&self, errors: &mut FieldErrors) {
        if !distinct(&self.images) {
            say(errors, "images", "each image once");
        }
        let covers = if self.images.is_empty() { 0..=0 } else { 1..=3 };
        if !covers.contains(&self.covers.len()) || !distinct(&self.covers) {
            say(errors, "covers", "one to three of the images");
        }
        if self.covers.iter().any(|cover| !self.images.contains(cover)) {
            say(errors, "covers", "must be among the images");
        }
    }
}
impl Validate for QuestionList {
    fn check(&self, errors: &mut FieldErrors) {
        if self.questions.len() > 20 {
            say(errors, "questions", "must be at most 20");
        }
        for (at, question) in self.questions.iter().enumerate() {
            let wants = question.kind == QuestionKind::Choice;
            if wants != (question.options.len() >= 2) || !distinct(&question.options) {
                say(
                    errors,
                    &format!("questions[{at}].options"),
                    "a choice needs two or more different options, other types none",
                );
            }
        }
        let ids: Vec<_> = self.questions.iter().filter_map(|question| question.id).collect();
        if !distinct(&ids) {
            say(errors, "questions", "each question once");
        }
    }
}
fn check_key(errors: &mut FieldErrors, key: &Secret) {
    if !(4..=200).contains(&key.expose().chars().count()) {
        say(errors, "stream_key", "must have 4 to 200 characters");
    }
}
impl Validate for NewStream {
    fn check(&self, errors: &mut FieldErrors) {
        check_key(errors, &self.stream_key);
    }
}
impl Validate for StreamPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if let Some(key) = &self.stream_key {
            check_key(errors, key);
        }
        if self.stream_status.is_none() && self.stream_key.is_none() && self.playback_url.is_absent() {
            say(errors, "stream_status", "change at least one field");
        }
    }
}
