//! All SQL of the gate, by noun.

mod annuls;
mod board;
mod conflicts;
mod demo;
mod devices;
mod door;
mod gates;
mod list;
mod people;
mod scans;
mod stays;
mod tallies;
mod updates;
mod world;

pub use annuls::*;
pub use board::*;
pub use conflicts::*;
pub use demo::*;
pub use devices::*;
pub use door::*;
pub use gates::*;
pub use list::*;
pub use people::*;
pub use scans::*;
pub use stays::*;
pub use tallies::*;
pub use updates::*;
pub use world::*;
