//! All SQL of the plan, by noun.

mod crew;
mod demo;
mod equipment;
mod holds;
mod links;
mod names;
mod plan;
mod production;
mod rules;
mod shifts;
mod talent;

pub use crew::*;
pub use demo::*;
pub use equipment::*;
pub use holds::*;
pub use links::*;
pub use names::*;
pub use plan::*;
pub use production::*;
pub use rules::*;
pub use shifts::*;
pub use talent::*;
