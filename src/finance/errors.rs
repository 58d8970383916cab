//! What finance refuses with, beside what the house does.

use crate::kernel::error::codes;

codes! {
    MONEY at 520;
    payments_off 409 "Payments can't be made here yet" "No payment provider is set up; ask the organiser how to pay.";
    already_in_order 409 "Some of these seats are in another order" "All seats of an order must be paid together.";
    signature_invalid 401 "The signature is not right" "Sign the unmodified body and the current time with the provider's key.";
    period_closed 409 "This month of the books is closed" "Nothing can be posted to a closed month; post corrections in an open one.";
    period_not_over 409 "This month is not over yet" "Close it once it is.";
    payout_stale 409 "This payout is no longer valid as prepared" "`detail` says what has changed.";
    nobody_to_pay 409 "Nobody can be paid" "`detail` says how many partners are owed something, and why they are left out.";
    payout_account_unset 409 "There is no account to pay from" "Set EVENTIFY_PAYOUT_ACCOUNT and EVENTIFY_PAYOUT_BANK on the server.";
}
