//! tickets: seats, guests, and the tickets they show. [004 §2.8–2.10, 003 §2.4]

mod types;
pub use types::*;

pub mod errors;
pub mod operations;
pub mod words;

#[cfg(feature = "ssr")]
mod bus;
#[cfg(feature = "ssr")]
pub mod code;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
mod enclosed;
#[cfg(feature = "ssr")]
mod follow;
#[cfg(feature = "ssr")]
mod guest_list;
#[cfg(feature = "ssr")]
mod import;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
mod mails;
#[cfg(feature = "ssr")]
pub mod paid;
#[cfg(feature = "ssr")]
mod personal;
#[cfg(feature = "ssr")]
pub mod rules;
#[cfg(feature = "ssr")]
pub mod waiting_list;
#[cfg(feature = "ssr")]
pub use mails::facts as event_facts;
#[cfg(feature = "ssr")]
pub use rules::takes_guests;
#[cfg(feature = "ssr")]
pub mod seats;
#[cfg(feature = "ssr")]
pub mod secrets;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(feature = "ssr")]
mod templates;
#[cfg(feature = "ssr")]
pub use sql::{
    GUEST_TEXT, RESERVATION_WHERE, attendee_find as find_attendee, ticket_find as find_ticket,
    tickets_standing as standing_tickets,
};
#[cfg(feature = "ssr")]
pub mod verify;

#[cfg(feature = "ssr")]
inventory::submit!(
    crate::kernel::areas::Area::new(
        "tickets",
        "Ticket types, reservations, guests, requests, invitations, the waiting list and tickets.",
    )
    .words(&words::WORDS)
    .demo(70, |app| Box::pin(demo::seed(app)))
);
