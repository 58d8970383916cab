//! Signing in by phone.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use crate::access::{SessionKind, Tokens, required, wire};
use crate::kernel::text::{E164Phone, Secret};

wire! {
    /// Asks for a code.
    #[serde(deny_unknown_fields)]
    pub struct OtpRequest {
        pub phone: E164Phone,
    }

    /// A code is on its way.
    pub struct OtpSent {
        /// Seconds it works.
        pub expires_in: i64,
        /// Seconds until another may be asked for.
        pub resend_in: i64,
    }

    /// The code that came.
    #[serde(deny_unknown_fields)]
    pub struct OtpVerify {
        pub phone: E164Phone,
        pub code: Secret,
        #[serde(default)]
        pub session: SessionKind,
    }

    /// The second factor of an end user.
    #[serde(deny_unknown_fields)]
    pub struct OtpSecondFactor {
        /// From the answer to the first step.
        pub challenge: String,
        /// Six digits of the authenticator.
        pub code: Secret,
        #[serde(default)]
        pub session: SessionKind,
    }

    /// The result of signing in by phone: tokens, cookies, or a challenge for the second factor.
    pub struct OtpAnswer {
        /// True when a second factor must follow.
        pub mfa_required: bool,
        /// Send it with the authenticator's code to `/auth/otp/totp`, within five minutes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub challenge: Option<String>,
        /// Present for token sessions that are open now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub tokens: Option<Tokens>,
        /// The phone was seen for the first time: a profile was made for it.
        pub is_new: bool,
    }
}
impl Validate for OtpRequest {}
impl Validate for OtpVerify {
    fn check(&self, errors: &mut FieldErrors) {
        required(errors, "code", &self.code);
    }
}
impl Validate for OtpSecondFactor {
    fn check(&self, errors: &mut FieldErrors) {
        required(errors, "code", &self.code);
    }
}
