//! What was done to a partner, as the partner itself may read it.

use serde::{Deserialize, Serialize};

use crate::access::wire;
use crate::kernel::timestamp::Timestamp;

wire! {
    /// One thing that was done to a partner, its people, documents or accounts.
    pub struct PartnerActivity {
        pub at: Timestamp,
        /// Who: a name or an email address, as it was then.
        pub by: String,
        /// What, such as `partner.status_changed`.
        pub action: String,
        /// Why, where a reason was asked for.
        pub reason: Option<String>,
        /// The names of the fields that changed.
        pub changed: Vec<String>,
    }
}
