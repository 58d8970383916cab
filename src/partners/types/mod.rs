//! What partners sends and takes, on both sides of the wire.

use crate::id_type;

mod activity;
mod bank;
mod contacts;
mod documents;
mod partner;

pub use activity::*;
pub use bank::*;
pub use contacts::*;
pub use documents::*;
pub use partner::*;

id_type! {
    /// A partner.
    PartnerId,
    /// A person at a partner.
    ContactId,
    /// A KYC document.
    DocumentId,
    /// A bank account of a partner.
    BankAccountId,
}
