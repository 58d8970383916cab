//! The operations of production, staffing and talent, by noun.

mod assignments;
mod bookings;
mod calendar;
mod checklists;
mod crew;
mod crew_documents;
mod documents;
mod equipment;
mod handouts;
mod links;
mod own;
mod plan;
mod production;
mod shifts;
mod slots;
mod stages;
mod talent;
mod versions;

pub use assignments::*;
pub use bookings::*;
pub use calendar::*;
pub use checklists::*;
pub use crew::*;
pub use crew_documents::*;
pub use documents::*;
pub use equipment::*;
pub use handouts::*;
pub use links::*;
pub use own::*;
pub use plan::*;
pub use production::*;
pub use shifts::*;
pub use slots::*;
pub use stages::*;
pub use talent::*;
pub use versions::*;
