//! What the page of an event's plan is made of.

use super::Of;
use crate::events::Head;
use eventify::planning::{CrewMember, Equipment, Talent};

/// What the page is made of: the plan, and what can be added to it.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Data {
    pub of: Of,
    pub head: Head,
    pub talents: Vec<Talent>,
    pub gear: Vec<Equipment>,
    pub crew: Vec<CrewMember>,
}
