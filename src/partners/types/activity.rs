//! What was done to a partner, as the partner itself may read it.

use serde::Serialize;

use crate::access::wire;
use crate::audit::words::Words;
use crate::kernel::timestamp::Timestamp;

wire! {
    /// One thing that was done to a partner, its people, documents or accounts.
    pub struct PartnerActivity {
        pub at: Timestamp,
        /// The actor's name or email address at that time.
        pub by: String,
        /// The action, such as `partner.status_changed`.
        pub action: String,
        /// The reason, if one was required.
        pub reason: Option<String>,
        /// The fields that changed.
        pub changed: Vec<String>,
        /// The contact, document or account it was about.
        pub subject: Option<String>,
        /// The outcome of a decision, such as `verified` or `suspended`.
        pub outcome: Option<String>,
    }
}

/// A field by the name it has on pages; `None` for those that follow from others.
fn field_name(field: &str) -> Option<&'static str> {
    match field {
        "name" => Some("name"),
        "type" | "kind" => Some("kind"),
        "logo_url" => Some("logo"),
        "settlement_currency" => Some("settlement currency"),
        "email" => Some("email"),
        "phone" => Some("phone"),
        _ => None,
    }
}

impl PartnerActivity {
    /// What was done, as the rest of a sentence that begins with who did it.
    pub fn said(&self, words: &Words) -> String {
        let names: Vec<String> = self.changed.iter().filter_map(|f| field_name(f)).map(str::to_owned).collect();
        let subject = self.subject.as_deref();
        let outcome = words.outcome(&self.action, &self.by, subject, self.outcome.as_deref());
        words.said(&self.action, subject, outcome, &names).text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(action: &str, subject: Option<&str>, outcome: Option<&str>, changed: &[&str]) -> String {
        let (by, at) = ("Meera Nair".to_owned(), Timestamp::parse("2026-11-26T10:00:00Z").unwrap());
        let text = |text: Option<&str>| text.map(str::to_owned);
        let changed = changed.iter().map(|field| (*field).to_owned()).collect();
        let (subject, outcome, action) = (text(subject), text(outcome), action.to_owned());
        let words = Words(&[&crate::partners::words::WORDS]);
        PartnerActivity { at, by, action, reason: None, changed, subject, outcome }.said(&words)
    }

    #[test]
    fn what_was_done_reads_as_a_sentence() {
        assert_eq!(said("partner.created", None, None, &["name", "version"]), "added this partner");
        assert_eq!(
            said("partner.updated", None, None, &["name", "settlement_currency", "version"]),
            "changed name and settlement currency"
        );
        assert_eq!(said("partner.status_changed", None, Some("suspended"), &["status"]), "suspended this partner");
        assert_eq!(
            said("partner.document_reviewed", Some("PAN (tax number)"), Some("rejected"), &["status"]),
            "rejected PAN (tax number)"
        );
        assert_eq!(
            said("partner.contact_updated", Some("Asha Rao"), None, &["email", "phone"]),
            "changed Asha Rao: email and phone"
        );
        assert_eq!(
            said("partner.bank_account_added", Some("ending in 1234"), None, &[]),
            "added the bank account ending in 1234"
        );
        assert_eq!(said("partner.bank_account_added", None, None, &[]), "added the bank account");
    }
}
