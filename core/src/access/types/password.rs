//! Passwords, invitations and the second factor.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{required, wire};
use crate::kernel::text::{Email, NewPassword, PersonName, Secret};
use crate::kernel::timestamp::Timestamp;

wire! {
    /// Asks for a reset link.
    #[serde(deny_unknown_fields)]
    pub struct ForgotInput {
        pub email: Email,
    }

    /// A new password, by the mailed link.
    #[serde(deny_unknown_fields)]
    pub struct ResetInput {
        pub token: Secret,
        pub password: NewPassword,
    }

    /// A new password, knowing the old one.
    #[serde(deny_unknown_fields)]
    pub struct ChangePasswordInput {
        pub current_password: Secret,
        pub new_password: NewPassword,
    }

    /// Accepts an invitation.
    #[serde(deny_unknown_fields)]
    pub struct AcceptInput {
        pub token: Secret,
        pub full_name: PersonName,
        pub password: NewPassword,
    }

    /// Shows what an invitation is for.
    #[serde(deny_unknown_fields)]
    pub struct InvitationQuery {
        pub token: Secret,
    }

    /// An open invitation.
    pub struct Invitation {
        pub email: String,
        pub full_name: String,
        pub role: Option<String>,
        pub expires_at: Timestamp,
    }

    /// A new authenticator seed; shown once, on until confirmed with a first code.
    pub struct TotpEnrolment {
        /// The seed in base 32, to type.
        pub secret: String,
        /// For authenticators that take links.
        pub otpauth_url: String,
        /// The same as a QR code, SVG.
        pub qr_svg: String,
    }

    /// The own password, to prove that it is really its owner who asks.
    #[serde(deny_unknown_fields)]
    pub struct PasswordInput {
        pub password: Secret,
    }

    /// A code of the authenticator.
    #[serde(deny_unknown_fields)]
    pub struct CodeInput {
        pub code: Secret,
    }

    /// Password and code, for turning the second factor off.
    #[serde(deny_unknown_fields)]
    pub struct DisableTotpInput {
        pub password: Secret,
        pub code: Secret,
    }

    /// Ten codes that each stand in for the authenticator once; shown once.
    pub struct RecoveryCodes {
        pub codes: Vec<String>,
    }
}
impl Validate for ForgotInput {}
impl Validate for InvitationQuery {}
impl Validate for ResetInput {}
impl Validate for AcceptInput {}
impl Validate for ChangePasswordInput {
    fn check(&self, errors: &mut FieldErrors) {
        required(errors, "current_password", &self.current_password);
        if self.current_password.expose() == self.new_password.expose() {
            let message = "must differ from the current password".to_owned();
            errors.entry("new_password".to_owned()).or_default().push(message);
        }
    }
}
impl Validate for PasswordInput {
    fn check(&self, errors: &mut FieldErrors) {
        required(errors, "password", &self.password);
    }
}
impl Validate for CodeInput {
    fn check(&self, errors: &mut FieldErrors) {
        required(errors, "code", &self.code);
    }
}
impl Validate for DisableTotpInput {
    fn check(&self, errors: &mut FieldErrors) {
        required(errors, "password", &self.password);
        required(errors, "code", &self.code);
    }
}
