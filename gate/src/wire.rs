//! How wire types are declared: serde on both sides, JSON Schema on the server.

macro_rules! wire {
    ($($(#[$meta:meta])* pub $kind:ident $name:ident $body:tt)*) => {$(
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        $(#[$meta])*
        pub $kind $name $body
    )*};
}

/// Words of one wire form each, which people may write in any case.
macro_rules! wire_enum {
    ($($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident $word:literal),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            /// As on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }
            /// Reads the wire form.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    )*};
}

pub(crate) use {wire, wire_enum};

/// Text as people type it: not too long, and of one line unless it may have more.
#[cfg(feature = "operation")]
pub(crate) fn text(
    errors: &mut operation::FieldErrors,
    field: &str,
    text: &str,
    length: std::ops::RangeInclusive<usize>,
    lines: bool,
) {
    let letters = text.trim().chars().count();
    let wrong = match letters {
        0 if *length.start() > 0 => "is required".to_owned(),
        n if n < *length.start() => format!("must have at least {} characters", length.start()),
        n if n > *length.end() => format!("must have at most {} characters", length.end()),
        _ if text.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\t' | '\r'))) => {
            "must be text that can be seen".to_owned()
        }
        _ => return,
    };
    errors.entry(field.to_owned()).or_default().push(wrong);
}
