//! All SQL of events, by noun.

mod co_hosts;
mod events;
mod images;
mod interests;
mod lists;
mod people;
mod questions;
mod steps;
mod streams;
mod venues;

pub use co_hosts::*;
pub use events::*;
pub use images::*;
pub use interests::*;
pub use lists::*;
pub use people::*;
pub use questions::*;
pub use steps::*;
pub use streams::*;
pub use venues::*;
