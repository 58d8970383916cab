//! What gate refuses with, beside what the house does.

use crate::kernel::error::codes;

codes! {
    SCANS at 90;
    pin_wrong 403 "The supervisor's PIN is not right" "Enter the PIN of a supervisor of this event. After five wrong PINs, wait before trying again.";
    nonce_used 422 "This nonce was used for another scan" "Use a new nonce for each scan; reuse it only to repeat the same request.";
    too_late_to_undo 409 "It is too late to undo this scan" "`detail` says until when it was possible.";
}
