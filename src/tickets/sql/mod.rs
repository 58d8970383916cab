//! All SQL of tickets, by noun.

mod activity;
mod attendees;
mod demo;
mod desk;
mod door_list;
mod guest_lists;
mod invites;
mod keys;
mod passed;
mod people;
mod promo_codes;
mod requests;
mod reservations;
mod seats_left;
mod ticket_types;
mod tickets;
mod waiting;

pub use activity::*;
pub use attendees::*;
pub use demo::*;
pub use desk::*;
pub use door_list::*;
pub use guest_lists::*;
pub use invites::*;
pub use keys::*;
pub use passed::*;
pub use people::*;
pub use promo_codes::*;
pub use requests::*;
pub use reservations::*;
pub use seats_left::*;
pub use ticket_types::*;
pub use tickets::*;
pub use waiting::*;
