//! What an area calls its own, for people; `core/src/audit/words.rs` makes sentences of it.

/// Words by key.
pub type Pairs = &'static [(&'static str, &'static str)];

/// What the words of a field are called: the kind of record, the field, and how it reads a word.
pub type Values = &'static [(&'static str, &'static str, fn(&str) -> Option<&'static str>)];

/// Reads a word of an enum of words by its titles.
#[macro_export]
macro_rules! titled {
    ($words:ty) => {
        |word| <$words>::ALL.iter().find(|one| one.as_str() == word).map(|one| one.title())
    };
}
pub use crate::titled;

/// What one area calls its own.
pub struct Area {
    /// Kinds of records that a filter offers, and what one is called.
    pub kinds: Pairs,
    /// Other kinds: of parts of records, and as actions call them.
    pub also: Pairs,
    /// The sentences, by action. A pattern goes on after who did it. `{}` is the record's name, `{|words}` its name or
    /// else these words, `[…]` is left out where it has none, and `<words>` is what changed, or else these words. An
    /// action with `:outcome` stands where the record came to that status, one with `:own` where who did it is whom it
    /// was done to.
    pub actions: Pairs,
    /// Fields whose words pages call otherwise than they are spelt.
    pub values: Values,
    /// Kinds of jobs.
    pub jobs: Pairs,
    /// What listens to events: its name, what it is called, and what it does with them.
    pub listeners: &'static [(&'static str, &'static str, &'static str)],
}

impl Area {
    /// Of an area that has nothing to name.
    pub const NONE: Area = Area { kinds: &[], also: &[], actions: &[], values: &[], jobs: &[], listeners: &[] };
}
