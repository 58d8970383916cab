//! KYC documents and their review.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use crate::kernel::wire_enum::wire_enum;

use super::{DocumentId, Partner, PartnerId, PartnerType, Verification};
use crate::access::wire;
use crate::kernel::page::Limit;
use crate::kernel::text::Reason;
use crate::kernel::timestamp::Timestamp;

wire_enum! {
    /// The type of a document.
    pub enum DocumentType {
        /// The company exists.
        CompanyReg "company_reg" "Company_Reg",
        /// Its tax number.
        Pan "pan" "PAN",
        /// Its bank account.
        Cheque "cheque" "Cheque",
        /// Anything else worth keeping.
        Other "other" "Other",
    }

    /// A reviewer's decision.
    pub enum Decision {
        /// In order.
        Verified "verified" "Approve",
        /// Not in order; a reason is needed.
        Rejected "rejected" "Reject",
    }
}

/// The form fields of an upload, besides the file.
#[cfg(feature = "ssr")]
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "it says what the form looks like")]
pub struct DocumentForm {
    /// The type of document.
    #[schemars(rename = "type")]
    kind: DocumentType,
}

impl DocumentType {
    /// A partner is verified when the newest document of each of these is.
    pub const REQUIRED: [DocumentType; 3] = [DocumentType::CompanyReg, DocumentType::Pan, DocumentType::Cheque];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            DocumentType::CompanyReg => "Company registration",
            DocumentType::Pan => "PAN (tax number)",
            DocumentType::Cheque => "Cancelled cheque",
            DocumentType::Other => "Other document",
        }
    }

    /// Reads the word, in our spelling or the specification's.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str().eq_ignore_ascii_case(word.trim()))
    }
}

impl Verification {
    /// What the documents that count come to: rejected when a required one is, verified when all
    /// required ones are, else pending.
    pub fn of(documents: &[(DocumentType, Verification)]) -> Verification {
        let state = |kind: DocumentType| documents.iter().find(|(k, _)| *k == kind).map(|(_, state)| *state);
        let required = DocumentType::REQUIRED.map(state);
        if required.contains(&Some(Verification::Rejected)) {
            Verification::Rejected
        } else if required.iter().all(|state| *state == Some(Verification::Verified)) {
            Verification::Verified
        } else {
            Verification::Pending
        }
    }
}

impl From<Decision> for Verification {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Verified => Verification::Verified,
            Decision::Rejected => Verification::Rejected,
        }
    }
}

wire! {
    /// A KYC document; its file is fetched by a link of its own.
    pub struct PartnerDocument {
        pub id: DocumentId,
        pub partner_id: PartnerId,
        #[serde(rename = "type")]
        pub kind: DocumentType,
        pub file_name: String,
        /// As the file's own bytes say: PDF, PNG or JPEG.
        pub media_type: String,
        pub size_bytes: i64,
        /// Of the file, in hex.
        pub sha256: String,
        pub status: Verification,
        pub rejection_reason: Option<String>,
        pub uploaded_at: Timestamp,
        pub uploaded_by_name: Option<String>,
        pub verified_at: Option<Timestamp>,
        pub reviewed_at: Option<Timestamp>,
        pub reviewed_by_name: Option<String>,
        /// Since then a newer upload of the same type counts instead.
        pub superseded_at: Option<Timestamp>,
        pub version: i64,
    }

    /// Whether the link opens the file or saves it.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct LinkQuery {
        /// Show it in the browser instead of saving it.
        #[serde(default)]
        pub inline: bool,
    }

    /// A link to a file. Anyone who has it can download the file until it expires.
    pub struct FileLink {
        /// Path and query on this server.
        pub url: String,
        pub expires_at: Timestamp,
    }

    /// The parameters of a file link.
    #[serde(deny_unknown_fields)]
    pub struct FileQuery {
        /// Seconds since 1970.
        pub expires: i64,
        #[serde(default)]
        pub inline: bool,
        pub signature: String,
    }

    /// A decision on one document.
    #[serde(deny_unknown_fields)]
    pub struct KycReview {
        pub document_id: DocumentId,
        pub decision: Decision,
        /// Needed to reject; it is mailed to the partner.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<Reason>,
    }

    /// The outcome of a review.
    pub struct KycOutcome {
        pub document: PartnerDocument,
        pub partner: Partner,
    }

    /// A document that waits for review.
    pub struct KycQueueItem {
        pub document: PartnerDocument,
        pub partner_name: String,
        pub partner_type: PartnerType,
    }

    /// Filter and page of the review queue.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct KycQueueFilter {
        #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
        pub kind: Option<Vec<DocumentType>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }
}
impl Validate for LinkQuery {}
impl Validate for FileQuery {}
impl Validate for KycQueueFilter {}
impl Validate for KycReview {
    fn check(&self, errors: &mut FieldErrors) {
        reason_to_reject(errors, self.decision, self.reason.as_ref());
    }
}

/// Whoever is rejected learns why.
pub(super) fn reason_to_reject(errors: &mut FieldErrors, decision: Decision, reason: Option<&Reason>) {
    if decision == Decision::Rejected && reason.is_none() {
        errors.entry("reason".to_owned()).or_default().push("is required to reject".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_is_what_its_required_documents_are() {
        use Verification::*;
        let of = |reg, pan, cheque| {
            Verification::of(&[
                (DocumentType::CompanyReg, reg),
                (DocumentType::Pan, pan),
                (DocumentType::Cheque, cheque),
                (DocumentType::Other, Rejected),
            ])
        };
        assert_eq!(of(Verified, Verified, Verified), Verified);
        assert_eq!(of(Verified, Pending, Verified), Pending);
        assert_eq!(of(Verified, Rejected, Pending), Rejected);
        assert_eq!(Verification::of(&[(DocumentType::Pan, Verified)]), Pending);
        assert_eq!(Verification::of(&[]), Pending);
    }
}
