//! All SQL of tickets, by noun.

mod attendees;
mod demo;
mod guest_lists;
mod holds;
mod invites;
mod keys;
mod people;
mod promo_codes;
mod requests;
mod ticket_types;
mod tickets;
mod waiting;

pub use attendees::*;
pub use demo::*;
pub use guest_lists::*;
pub use holds::*;
pub use invites::*;
pub use keys::*;
pub use people::*;
pub use promo_codes::*;
pub use requests::*;
pub use ticket_types::*;
pub use tickets::*;
pub use waiting::*;
