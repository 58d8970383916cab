//! Bank accounts that payouts go to.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::documents::reason_to_reject;
use super::{BankAccountId, Decision, PartnerId, Verification};
use crate::access::wire;
use crate::kernel::money::Currency;
use crate::kernel::text::{PersonName, Reason};
use crate::kernel::timestamp::Timestamp;
use crate::text_type;

fn alphanumeric(text: String) -> Result<String, String> {
    let text: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect::<String>().to_uppercase();
    if text.chars().all(|c| c.is_ascii_alphanumeric()) {
        Ok(text)
    } else {
        Err("must be letters and digits only".to_owned())
    }
}

fn number_rule(text: String) -> Result<String, String> {
    let text = alphanumeric(text)?;
    if text.len() < 6 { Err("must have at least 6 letters and digits".to_owned()) } else { Ok(text) }
}

text_type! {
    /// An account's number: domestic, or an IBAN.
    AccountNumber(6, 42, "50100234567890", number_rule),
    /// Which bank and branch: an IFSC, BIC or sort code.
    BankCode(4, 20, "HDFC0001234", alphanumeric),
}

impl AccountNumber {
    /// What may be shown of it.
    pub fn last_four(&self) -> &str {
        &self.as_str()[self.as_str().len() - 4..]
    }
}

wire! {
    /// A bank account, of whose number only the end is shown.
    pub struct BankAccount {
        pub id: BankAccountId,
        pub partner_id: PartnerId,
        pub holder_name: String,
        pub bank_code: String,
        pub last_four: String,
        pub currency: Currency,
        pub status: Verification,
        pub rejection_reason: Option<String>,
        pub added_by_name: Option<String>,
        pub reviewed_at: Option<Timestamp>,
        pub reviewed_by_name: Option<String>,
        /// Since then payouts in this currency go to another account.
        pub retired_at: Option<Timestamp>,
        pub version: i64,
        pub created_at: Timestamp,
    }

    /// A new bank account; payouts go there once it is verified.
    #[serde(deny_unknown_fields)]
    pub struct NewBankAccount {
        pub holder_name: PersonName,
        pub bank_code: BankCode,
        /// Kept encrypted; only its last four are ever shown.
        pub account_number: AccountNumber,
        /// The partner's settlement currency if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub currency: Option<Currency>,
    }

    /// A decision on a bank account.
    #[serde(deny_unknown_fields)]
    pub struct BankAccountReview {
        pub decision: Decision,
        /// Needed to reject; it is mailed to the partner.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<Reason>,
    }
}
impl Validate for NewBankAccount {}
impl Validate for BankAccountReview {
    fn check(&self, errors: &mut FieldErrors) {
        reason_to_reject(errors, self.decision, self.reason.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let number = AccountNumber::parse("gb29 nwbk 6016 1331 9268 19").unwrap();
        assert_eq!((number.as_str(), number.last_four()), ("GB29NWBK60161331926819", "6819"));
        for bad in ["", "12 - - 3", "1234567é", "12345"] {
            assert!(AccountNumber::parse(bad).is_err(), "{bad}");
        }
    }
}
