//! What partners refuses with, beside what the house does.

use crate::kernel::error::codes;

codes! {
    CONTACTS at 400;
    primary_contact 409 "A partner has exactly one primary contact" "Make another contact primary first.";
}
