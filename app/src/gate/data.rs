//! What the page of an event's gates is made of.

use crate::events::Head;
use eventify::gate::{Gate, GateDevice, GateSettings};
use eventify::tickets::TicketType;

/// What the page is made of.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Data {
    pub of: Head,
    pub gates: Vec<Gate>,
    pub devices: Vec<GateDevice>,
    pub settings: GateSettings,
    pub types: Vec<TicketType>,
}
