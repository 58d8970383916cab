//! What planning refuses with, beside what the house does.

use crate::kernel::error::codes;

codes! {
    PLANS at 410;
    clash 409 "This clashes with the plan" "`current` lists what clashes, with links; choose other hours, or leave it pencilled.";
}
