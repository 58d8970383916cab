//! The error every operation ends in, and the catalogue of its codes.

pub use operation::{Error, FieldErrors, Validate};

/// What every operation answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One stable code word: callers may match on it for ever.
pub struct Code {
    /// The word on the wire.
    pub code: &'static str,
    /// The HTTP status it comes with.
    pub status: u16,
    /// A short human title.
    pub title: &'static str,
    /// What it means and what to do about it.
    pub help: &'static str,
}

/// Says what a constraint of the database means to people: its name, the field, the code of the error, and a sentence.
#[cfg(feature = "ssr")]
#[macro_export]
macro_rules! constraints {
    ($($name:literal $field:literal $code:literal $message:literal;)*) => {$(
        inventory::submit!(operation::Constraint { name: $name, field: $field, code: $code, message: $message });
    )*};
}
#[cfg(feature = "ssr")]
pub use crate::constraints;

macro_rules! codes {
    ($($name:ident $status:literal $title:literal $help:literal;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "`: ", $help)]
            pub fn $name() -> Error {
                Error::new(stringify!($name), $status, $title)
            }
        )*
        /// Every code there is; the error catalogue at `/api/errors` is made of it.
        pub const CATALOGUE: &[Code] = &[
            $(Code { code: stringify!($name), status: $status, title: $title, help: $help },)*
        ];
    };
}

codes! {
    malformed_request 400 "The request cannot be read" "`detail` says what HTTP asks for.";
    invalid_input 422 "Some fields are not valid" "`errors` names each field and what would be right.";
    malformed_json 400 "The body is not valid JSON" "Mend the JSON; `detail` says where it breaks.";
    unsupported_media_type 415 "The body must be JSON" "Send Content-Type: application/json.";
    body_too_large 413 "The request body is too large" "`detail` says how much is taken.";
    body_too_slow 408 "The request body took too long" "Send it again, over a connection that is not that slow.";
    unauthenticated 401 "Sign in first" "No valid session, token or key came with the request.";
    session_expired 401 "The session has ended" "Sign in again; what was typed is kept.";
    device_revoked 401 "This phone was revoked" "Hand in what is queued with POST /live/sync, erase the list, and pair it again.";
    pin_wrong 403 "The supervisor's PIN is not right" "A supervisor of this event types their own; after five wrong ones it waits.";
    nonce_used 422 "This nonce was used for another scan" "Every attempt has a nonce of its own; only its repetition has the same.";
    too_late_to_undo 409 "It is too late to annul this" "`detail` says until when it could be.";
    invalid_credentials 401 "Wrong email or password" "Unknown accounts and wrong passwords answer alike.";
    invalid_code 401 "The code is not right" "Use the newest code that was sent, the current one of the authenticator, or an unused recovery code.";
    account_banned 403 "This account is banned" "`detail` says why and until when.";
    account_locked 429 "Too many failed attempts" "Wait for `retry_after` seconds or reset the password.";
    two_factor_required 403 "This role asks for two-factor sign-in" "Set up an authenticator under Profile, Security, then sign in with it.";
    forbidden 403 "Not permitted" "The caller's roles or scopes do not include the permission named in `detail`.";
    ip_not_allowed 403 "Not from this address" "The IP allowlist does not include the caller's address.";
    origin_mismatch 403 "The request came from another site" "Cookie-authenticated writes are only taken from Eventify's own pages.";
    not_found 404 "Not found" "It does not exist, or the caller may not see it.";
    method_not_allowed 405 "This method is not offered here" "The `Allow` header lists the methods that are.";
    conflict 409 "Somebody else changed this meanwhile" "`current` holds the record as it stands now; apply the change to it and send its `version`.";
    already_exists 409 "This clashes with an existing record" "`errors` names the field that must be unique.";
    invalid_transition 409 "That step is not possible from here" "`detail` names the present state.";
    system_role 409 "System roles cannot be deleted" "Make a role of your own and change that one.";
    interest_in_use 409 "People or events still have this interest" "Take it out of the list instead (`is_active: false`); who has it keeps it.";
    role_in_use 409 "People still have this role" "Give them another role first.";
    last_super_admin 409 "The last active Super Admin stays" "Make somebody else Super Admin first.";
    would_lock_you_out 409 "This would lock you out" "Keep an entry that covers your own address.";
    cannot_change_self 409 "Not on your own account" "Ask another administrator.";
    two_factor_already_enabled 409 "Two-factor sign-in is already on" "Turn it off first to set it up anew.";
    two_factor_not_enabled 409 "Two-factor sign-in is not on" "There is nothing to turn off or to renew.";
    unknown_reference 422 "It refers to something that does not exist" "`errors` names the field; list what there is and choose from it.";
    last_picture 409 "A profile that has pictures keeps one" "Add another picture first.";
    too_many_pictures 409 "A profile has at most six pictures" "Remove one first.";
    too_many_images 409 "An event has at most 20 pictures" "Remove one first.";
    picture_storage_full 409 "No storage left for pictures" "Remove pictures from your events first.";
    wallet_taken 409 "This wallet is linked already" "Remove it where it is linked, then add it here.";
    partner_suspended 409 "This partner is suspended" "Its own people can read but change nothing until it is active again.";
    primary_contact 409 "A partner has exactly one primary contact" "Make another contact primary first.";
    clash 409 "This clashes with the plan" "`current` lists what clashes, with links; choose other hours, or leave it pencilled.";
    venue_taken 409 "The place is taken at that time" "`detail` names the event that holds it; choose another time or place.";
    too_many_drafts 409 "You have as many drafts as you can have" "Publish or cancel one first.";
    event_closed 409 "The event takes no guests now" "It is not published, was cancelled or is over.";
    sold_out 409 "There are not enough seats left" "`detail` says how many are; the waiting list may be open.";
    sales_closed 409 "This ticket type is not on sale now" "`detail` says when it is.";
    over_the_limit 409 "That is more than one person may take" "`detail` names the limit and what the person has already.";
    not_admitted 409 "The event does not admit this person" "`detail` says whom it admits.";
    promo_code_invalid 409 "This promo code does not work here" "It is unknown, not valid now, used up, or for another ticket type.";
    payment_required 402 "This has to be paid first" "The seats are held until the reservation expires.";
    reservation_expired 409 "The reservation has expired" "Its seats are free again; reserve anew.";
    payments_off 409 "Payments can't be made here yet" "No payment provider is set up; ask the organiser how to pay.";
    already_in_order 409 "Some of these seats are in another order" "Pay for the seats of one order together.";
    signature_invalid 401 "The signature is not right" "Sign the untouched body, with the present time, by the provider's own key.";
    period_closed 409 "This month of the books is closed" "Closed months take no postings; corrections are posted in an open one.";
    period_not_over 409 "This month is not over yet" "Close it once it is.";
    payout_stale 409 "This payout no longer holds as it was prepared" "`detail` says what has changed.";
    nobody_to_pay 409 "Nobody can be paid" "`detail` says how many are owed something, and why they are left out.";
    payout_account_unset 409 "There is no account to pay from" "Set EVENTIFY_PAYOUT_ACCOUNT and EVENTIFY_PAYOUT_BANK on the server.";
    capacity_below_taken 409 "More seats are taken than that" "`detail` says how many are.";
    seats_are_free 409 "There are seats: no need to wait" "Reserve them instead of joining the waiting list.";
    too_many_views 409 "There are too many views of this list" "`detail` says how many are kept; remove one first.";
    malformed_multipart 400 "The form data cannot be read" "Send multipart/form-data as browsers do; `detail` says where it breaks.";
    link_invalid 410 "This link no longer works" "It was used, replaced or has expired; ask for a new one.";
    idempotency_mismatch 422 "This Idempotency-Key was used with another input" "Use a new key for a new request.";
    idempotency_in_progress 409 "The first request with this key is still running" "Repeat it in a moment.";
    rate_limited 429 "Too many requests" "Wait for `retry_after` seconds.";
    texts_used_up 503 "We cannot send a text message just now" "More were asked for than are sent in an hour; wait for `retry_after` seconds.";
    try_again 503 "Too busy just now" "Nothing was changed; try again in a moment.";
    internal 500 "Something went wrong on our side" "Quote the `request_id` to us.";
}

/// What one may not see is not there: 404 instead of 403.
pub fn hidden(error: Error) -> Error {
    if error.status() == 403 { not_found() } else { error }
}

/// 409 with the record as it stands, when the version is not the one that was read.
pub fn same_version(version: i64, current: i64, record: &impl serde::Serialize) -> Result<()> {
    if version == current {
        return Ok(());
    }
    Err(conflict().detail("Somebody else saved a change after you opened this.").current(record))
}

/// 403 naming the permission that is missing.
pub fn missing_permission(code: &str) -> Error {
    let what = super::permissions::Permission::parse(code).map_or(code, |permission| permission.title());
    forbidden().detail(format!("Ask an admin for the permission “{what}” ({code})."))
}
