//! The server: wires the domain and the pages to HTTP, and starts what runs beside them.

pub mod boot;
pub mod command;
pub mod database;
pub mod listen;
mod memory;
pub mod private_postgres;
pub mod public;
pub mod serve;
pub mod web;
