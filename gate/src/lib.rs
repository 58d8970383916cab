//! The gate's rules, once for every face: what a ticket's code says, what a scan of it comes to, and what gate and
//! server tell each other. Pure: no clock, no network, no storage. The server, the phone at the gate and whatever
//! comes later judge by this crate alone.

mod code;
mod facts;
mod manifest;
mod moment;
#[cfg(any(test, feature = "proof"))]
pub mod proof;
mod rows;
mod scan;
mod seal;
mod sent;
mod short;
mod sync;
mod updates;
mod verdict;
mod wire;

pub use code::{Code, PREFIX, SECRET, is_genuine};
pub use facts::{EventFacts, GateFacts, GateWay, PublicKey, TypeFacts};
pub use manifest::{Checking, Manifest, ManifestBody, ManifestError, ManifestQuery, from_base64url};
pub use moment::Moment;
pub use rows::{Row, Used, mark_of, read_rows, read_rows_from, tag_of, write_rows};
pub use scan::*;
pub use seal::{Entry, open, seal};
pub use sent::SentScan;
pub use short::{SHORT_CODE, short_mark, typed};
pub use sync::*;
pub use updates::*;
pub use verdict::{
    Admit, Asked, Direction, Known, Outcome, Reason, Shown, State, TicketFacts, Verdict, World, judge, read,
};

#[cfg(test)]
mod tests;
