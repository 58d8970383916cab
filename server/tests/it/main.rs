//! The whole server against a real PostgreSQL, over HTTP: rules, refusals and races.

mod access;
mod api;
mod crowd;
mod documents;
mod events;
mod faults;
mod jobs;
mod lists;
mod partners;
mod people;
mod people_profiles;
mod people_staff;
mod public_site;
mod races;
mod receiver;
mod revocation;
mod schema;
mod search;
mod seats;
mod secrets;
mod storage;
mod support;
mod tickets;
mod walk;
mod webhook_sending;
mod webhooks;
