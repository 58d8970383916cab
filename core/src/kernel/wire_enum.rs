//! Words: enums that are the same in the database and on the wire.

/// Declares an enum of words: the same in the database and on the wire. A second spelling behind a word, the
/// specification's, is accepted on input.
#[macro_export]
macro_rules! wire_enum {
    ($(
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $variant:ident $word:literal $($alias:literal)?,)* }
    )*) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema, sqlx::Type))]
        #[cfg_attr(feature = "ssr", sqlx(type_name = "text", rename_all = "snake_case"))]
        $(#[$meta])*
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word $(, alias = $alias)?)] $variant,)*
        }
        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];
            /// The word on the wire and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }
    )*};
}
pub use crate::wire_enum;
