//! The operations of production, staffing and talent, by noun.

mod assignments;
mod bookings;
mod crew;
mod equipment;
mod links;
mod own;
mod plan;
mod production;
mod shifts;
mod slots;
mod stages;
mod talent;

pub use assignments::*;
pub use bookings::*;
pub use crew::*;
pub use equipment::*;
pub use links::*;
pub use own::*;
pub use plan::*;
pub use production::*;
pub use shifts::*;
pub use slots::*;
pub use stages::*;
pub use talent::*;
