//! Documents of the crew: certificates, contracts, who may work, and until when they are good.

use serde::Serialize;

use super::{CrewDocumentId, CrewId};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

wire_enum! {
    /// The type of a crew document.
    pub enum CrewDocumentKind {
        /// A certificate, such as first aid, rigging or a licence.
        Certificate "certificate" "Certificate",
        /// The committed amount.
        Contract "contract" "Contract",
        /// Right to work.
        RightToWork "right_to_work" "Right_To_Work",
        /// Who they are.
        Identity "identity" "Identity",
        /// Something else.
        Other "other" "Other",
    }
}

impl CrewDocumentKind {
    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            CrewDocumentKind::Certificate => "Certificate",
            CrewDocumentKind::Contract => "Contract",
            CrewDocumentKind::RightToWork => "Right to work",
            CrewDocumentKind::Identity => "Identity document",
            CrewDocumentKind::Other => "Other document",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str().eq_ignore_ascii_case(word.trim()))
    }
}

wire! {
    /// A crew document. Its file has a link of its own.
    pub struct CrewDocument {
        pub id: CrewDocumentId,
        pub staff_id: CrewId,
        pub kind: CrewDocumentKind,
        pub file_name: String,
        /// As the file's own bytes say: PDF, PNG or JPEG.
        pub media_type: String,
        pub size_bytes: i64,
        /// The last day it is good; absent where it does not expire.
        pub expires_on: Option<String>,
        /// Whether that day is over, in the organisation's time zone.
        pub is_expired: bool,
        /// The first of their shifts still to come that it does not cover.
        #[serde(default)]
        pub uncovered: Option<UncoveredShift>,
        pub uploaded_at: Timestamp,
        pub version: i64,
    }

    /// A shift that ends after a document has expired.
    pub struct UncoveredShift {
        pub event_id: EventId,
        /// The event's title.
        pub event: String,
        pub role: String,
        /// The day it starts, in local time.
        pub day: String,
    }
}

impl CrewDocument {
    /// What is wrong with it, in a word, where something is.
    pub fn trouble(&self) -> Option<String> {
        let day = |day: &str| crate::zones::day_in_short(day);
        match (&self.uncovered, self.expires_on.as_deref()) {
            (_, Some(_)) if self.is_expired => Some("Expired".to_owned()),
            (Some(shift), Some(_)) => Some(format!("Expires before {} on {}", shift.event, day(&shift.day))),
            _ => None,
        }
    }
}

/// The form fields of an upload, besides the file.
#[cfg(feature = "ssr")]
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "it says what the form looks like")]
pub struct CrewDocumentForm {
    /// The type of document.
    #[schemars(rename = "type")]
    kind: CrewDocumentKind,
    /// The last day it is good; absent or empty where it does not expire.
    expires_on: Option<crate::events::Day>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_says_when_it_expires_before_a_shift() {
        let shift = |event: &str| UncoveredShift {
            event_id: EventId::new(),
            event: event.to_owned(),
            role: "Rigger".to_owned(),
            day: "2026-12-12".to_owned(),
        };
        let good = CrewDocument {
            id: CrewDocumentId::new(),
            staff_id: CrewId::new(),
            kind: CrewDocumentKind::Certificate,
            file_name: "first-aid.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            size_bytes: 1,
            expires_on: Some("2026-12-01".to_owned()),
            is_expired: false,
            uncovered: None,
            uploaded_at: Timestamp::MIN,
            version: 1,
        };
        assert_eq!(good.trouble(), None);
        let short = CrewDocument { uncovered: Some(shift("Sunset Acoustic")), ..good.clone() };
        assert_eq!(short.trouble().as_deref(), Some("Expires before Sunset Acoustic on Sat 12 Dec"));
        let over = CrewDocument { is_expired: true, ..short };
        assert_eq!(over.trouble().as_deref(), Some("Expired"));
        assert_eq!(CrewDocument { expires_on: None, ..good }.trouble(), None);
        assert_eq!(CrewDocumentKind::parse(" Right_to_work"), Some(CrewDocumentKind::RightToWork));
        assert_eq!(CrewDocumentKind::parse("diary"), None);
    }
}
