//! The operations of the gate, by noun.

mod board;
mod conflicts;
mod devices;
mod door;
mod gates;
mod live;
mod scans;
mod updates;

pub use board::*;
pub use conflicts::*;
pub use devices::*;
pub use door::*;
pub use gates::*;
pub use live::*;
pub use scans::*;
pub use updates::*;
