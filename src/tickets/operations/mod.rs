//! The operations of tickets, by noun.

mod activity;
mod attendees;
mod desk;
mod door_list;
mod import;
mod invites;
mod mine;
mod moves;
mod own;
mod promo_codes;
mod requests;
mod reservations;
mod ticket_types;
mod tickets;
mod waiting_list;

pub use activity::*;
pub use attendees::*;
pub use desk::*;
pub use door_list::*;
pub use import::*;
pub use invites::*;
pub use mine::*;
pub use moves::*;
pub use own::*;
pub use promo_codes::*;
pub use requests::*;
pub use reservations::*;
pub use ticket_types::*;
pub use tickets::*;
pub use waiting_list::*;

#[cfg(feature = "ssr")]
mod reach;
