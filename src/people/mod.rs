//! people: end users.

use crate::id_type;

id_type! {
    /// Something people are interested in.
    InterestId,
}
