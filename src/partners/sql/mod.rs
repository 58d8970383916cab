//! All SQL of partners, by noun.

mod bank;
mod contacts;
mod documents;
mod names;
mod partners;
mod payees;

pub use bank::*;
pub use contacts::*;
pub use documents::*;
pub use names::*;
pub use partners::*;
pub use payees::*;
