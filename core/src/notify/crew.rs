//! Links of the crew to their own shifts: derived when a mail is sent, so that no queue or backup holds one.

use uuid::Uuid;

use crate::kernel::app::App;
use crate::kernel::crypto::{Keys, base64url, from_base64url, same};

fn derived(keys: &Keys, member: Uuid, generation: i32) -> [u8; 32] {
    keys.derive("crew_link", &[member.as_bytes(), &generation.to_be_bytes()])
}

/// What the link carries; another generation has another one.
pub fn token(keys: &Keys, member: Uuid, generation: i32) -> String {
    base64url(&derived(keys, member, generation)[..24])
}

/// Whether the token is that of this person and generation.
pub fn is_genuine(keys: &Keys, member: Uuid, generation: i32, token: &str) -> bool {
    from_base64url(token).is_some_and(|given| same(&given, &derived(keys, member, generation)[..24]))
}

/// The address of somebody's own shifts.
pub fn url(app: &App, member: Uuid, generation: i32) -> String {
    format!("{}/c/{member}/{}", app.config.base_url(), token(&app.keys, member, generation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_bound_to_its_person_and_generation() {
        let (keys, member) = (Keys::new(&[7; 32]), Uuid::from_u128(7));
        let token = token(&keys, member, 1);
        assert!(is_genuine(&keys, member, 1, &token));
        assert!(!is_genuine(&keys, member, 2, &token));
        assert!(!is_genuine(&keys, Uuid::from_u128(8), 1, &token));
        assert!(!is_genuine(&Keys::new(&[8; 32]), member, 1, &token));
        assert!(!is_genuine(&keys, member, 1, ""));
        // A guest's link opens no shifts.
        assert!(!is_genuine(&keys, member, 1, &super::super::guests::token(&keys, member, 1)));
    }
}
