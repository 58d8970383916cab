//! All SQL of the plan, by noun.

mod bookings;
mod calendar;
mod crew;
mod crew_documents;
mod demo;
mod equipment;
mod handouts;
mod holds;
mod links;
mod names;
mod plan;
mod production;
mod rules;
mod shifts;
mod talent;
mod versions;

pub use bookings::*;
pub use calendar::*;
pub use crew::*;
pub use crew_documents::*;
pub use demo::*;
pub use equipment::*;
pub use handouts::*;
pub use holds::*;
pub use links::*;
pub use names::*;
pub use plan::*;
pub use production::*;
pub use rules::*;
pub use shifts::*;
pub use talent::*;
pub use versions::*;
