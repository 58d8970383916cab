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

/// Declares an enum of words: the same in the database and on the wire, the specification's spelling
/// accepted on input.
macro_rules! words {
    ($(
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $variant:ident $word:literal $alias:literal,)* }
    )*) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema, sqlx::Type))]
        #[cfg_attr(feature = "ssr", sqlx(type_name = "text", rename_all = "snake_case"))]
        $(#[$meta])*
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word, alias = $alias)] $variant,)*
        }
        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];
            /// The word on the wire and in the database.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }
    )*};
}
pub(crate) use words;
