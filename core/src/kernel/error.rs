//! The error every operation ends in, and the catalogue of its codes.

#[cfg(feature = "ssr")]
use std::sync::LazyLock;

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

/// Declares error codes: a function for each, and the list of them, which stands at this place of the catalogue. An area
/// declares its own in its `errors.rs`.
#[macro_export]
macro_rules! codes {
    ($list:ident at $place:literal; $($name:ident $status:literal $title:literal $help:literal;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "`: ", $help)]
            pub fn $name() -> $crate::Error {
                $crate::Error::new(stringify!($name), $status, $title)
            }
        )*
        #[doc = concat!("The codes from place ", stringify!($place), " of the catalogue.")]
        pub const $list: &[$crate::kernel::error::Code] = &[
            $($crate::kernel::error::Code { code: stringify!($name), status: $status, title: $title, help: $help },)*
        ];
        #[cfg(feature = "ssr")]
        inventory::submit!($crate::kernel::error::Codes { place: $place, codes: $list });
    };
}
pub use crate::codes;

/// Codes that stand together in the catalogue; [`codes!`] registers them.
#[cfg(feature = "ssr")]
pub struct Codes {
    /// Where, among all.
    pub place: u16,
    /// They, in order.
    pub codes: &'static [Code],
}
#[cfg(feature = "ssr")]
inventory::collect!(Codes);

/// Every code there is; the error catalogue at `/api/errors` is made of it.
#[cfg(feature = "ssr")]
pub fn catalogue() -> &'static [&'static Code] {
    static ALL: LazyLock<Vec<&'static Code>> = LazyLock::new(|| {
        let mut lists: Vec<_> = inventory::iter::<Codes>().collect();
        lists.sort_by_key(|list| list.place);
        lists.into_iter().flat_map(|list| list.codes).collect()
    });
    &ALL
}

/// The title of one of the platform's own codes.
pub fn title_of(code: &str) -> Option<&'static str> {
    let own = [CALLS, ACCESS, ROLES, PARTNERS, HOUSE];
    own.into_iter().flatten().find(|known| known.code == code).map(|known| known.title)
}

codes! {
    CALLS at 0;
    malformed_request 400 "The request cannot be read" "`detail` says what is wrong.";
    invalid_input 422 "Some fields are not valid" "`errors` lists each field and what is expected.";
    malformed_json 400 "The body is not valid JSON" "Fix the JSON; `detail` says where it is invalid.";
    unsupported_media_type 415 "The body must be JSON" "Send Content-Type: application/json.";
    body_too_large 413 "The request body is too large" "`detail` gives the limit.";
    body_too_slow 408 "The request body took too long" "Send it again over a faster connection.";
    unauthenticated 401 "Sign in first" "No valid session, token or key came with the request.";
    session_expired 401 "The session has ended" "Sign in again; what you entered is kept.";
    device_revoked 401 "This phone was revoked" "Send the queued scans with POST /live/sync, delete the list, and pair it again.";
}

codes! {
    ACCESS at 120;
    invalid_credentials 401 "Wrong email or password" "Unknown accounts and wrong passwords get the same answer.";
    invalid_code 401 "That code isn't right" "Use the latest code sent, the current code from the authenticator, or an unused recovery code.";
    account_banned 403 "This account is banned" "`detail` says why and until when.";
    account_locked 429 "Too many failed attempts" "Wait for `retry_after` seconds or reset the password.";
    two_factor_required 403 "This role requires two-factor sign-in" "Set up an authenticator under Profile, Security, then sign in with it.";
    forbidden 403 "Not permitted" "The caller's roles or scopes do not include the permission named in `detail`.";
    ip_not_allowed 403 "Not from this address" "The IP allowlist does not include the caller's address.";
    origin_mismatch 403 "The request came from another site" "Changes with cookie authentication are only accepted from Eventify's own pages.";
    not_found 404 "Not found" "It does not exist, or the caller may not see it.";
    method_not_allowed 405 "This method is not offered here" "The `Allow` header lists the methods that are.";
    conflict 409 "Someone else changed this in the meantime" "`current` holds the current record; apply the change to it and send its `version`.";
    already_exists 409 "This clashes with an existing record" "`errors` names the field that must be unique.";
    invalid_transition 409 "That step is not possible from here" "`detail` gives the current status.";
    system_role 409 "System roles cannot be deleted" "Create a custom role and change that one.";
}

codes! {
    ROLES at 270;
    role_in_use 409 "People still have this role" "Give them another role first.";
    last_super_admin 409 "The last active Super Admin cannot be removed" "Make someone else Super Admin first.";
    would_lock_you_out 409 "This would lock you out" "Keep an entry that covers your own address.";
    cannot_change_self 409 "Not on your own account" "Ask another administrator.";
    two_factor_already_enabled 409 "Two-factor sign-in is already on" "Turn it off first to set it up again.";
    two_factor_not_enabled 409 "Two-factor sign-in is not on" "There is nothing to turn off or to renew.";
    unknown_reference 422 "It refers to something that does not exist" "`errors` names the field; choose an existing record.";
}

codes! {
    PARTNERS at 390;
    partner_suspended 409 "This partner is suspended" "Its contacts can view but not change anything until it is active again.";
}

codes! {
    HOUSE at 620;
    too_many_views 409 "There are too many views of this list" "`detail` gives the limit; delete a view first.";
    malformed_multipart 400 "The form data cannot be read" "Send valid multipart/form-data; `detail` says where it is invalid.";
    link_invalid 410 "This link no longer works" "It was used, replaced or has expired; ask for a new one.";
    idempotency_mismatch 422 "This Idempotency-Key was used with another input" "Use a new key for a new request.";
    event_mismatch 422 "This id was used for another event" "Give each event its own id; repeat an event with the same content.";
    idempotency_in_progress 409 "The first request with this key is still running" "Try again in a moment.";
    rate_limited 429 "Too many requests" "Wait for `retry_after` seconds.";
    texts_used_up 503 "We cannot send a text message just now" "The hourly limit for text messages was reached; wait for `retry_after` seconds.";
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
    Err(conflict().detail("Someone else saved a change after you opened this.").current(record))
}

/// 409 `invalid_transition` that says which status something has: "The payment is captured now."
pub fn is_now(what: &str, status: &str) -> Error {
    invalid_transition().detail(format!("The {what} is {} now.", status.replace('_', " ")))
}

/// 403 naming the permission that is missing.
pub fn missing_permission(code: &str) -> Error {
    forbidden().detail(format!("Ask an admin for the permission “{}” ({code}).", permission_title(code)))
}

/// 403 naming the permission that is held within some events or partners alone, where all are concerned.
pub fn needed_everywhere(code: &str) -> Error {
    let what = permission_title(code);
    forbidden().detail(format!(
        "You have the permission “{what}” ({code}) for some events or partners only. Ask an admin for it everywhere."
    ))
}

fn permission_title(code: &str) -> &str {
    super::permissions::Permission::parse(code).map_or(code, |permission| permission.title())
}
