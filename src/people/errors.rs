//! What people refuses with, beside what the house does.

use crate::kernel::error::codes;

codes! {
    PICTURES at 340;
    last_picture 409 "A profile with pictures must keep one" "Add another picture first.";
    too_many_pictures 409 "A profile has at most six pictures" "Remove one first.";
}

codes! {
    WALLETS at 380;
    wallet_taken 409 "This wallet is linked already" "Remove it from the other account first.";
}
