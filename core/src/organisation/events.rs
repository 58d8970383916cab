//! What the organisation tells the bus, and that its record is audited.

use super::{Organisation, OrganisationId};
use crate::kernel::audit::audited;
use crate::kernel::outbox::bus_events;

audited!(Organisation "organisation");

bus_events! {
    "organisation" organisation_id: OrganisationId;
    /// The organisation's settings or logo changed.
    OrganisationChanged "organisation.changed" {}
}
