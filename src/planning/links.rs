//! Links to plans: derived of their row, so that no table, queue or backup holds one.

use super::PlanLinkId;
use crate::kernel::app::App;
use crate::kernel::crypto::{Keys, base64url, from_base64url, same};

fn derived(keys: &Keys, id: PlanLinkId) -> [u8; 32] {
    keys.derive("plan_link", &[id.0.as_bytes()])
}

/// Whether the token is that of this link.
pub fn is_genuine(keys: &Keys, id: PlanLinkId, token: &str) -> bool {
    from_base64url(token).is_some_and(|given| same(&given, &derived(keys, id)[..24]))
}

/// The address of a plan.
pub fn url(app: &App, id: PlanLinkId) -> String {
    format!("{}/p/{id}/{}", app.config.base_url(), base64url(&derived(&app.keys, id)[..24]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_one_plan() {
        let (keys, id) = (Keys::new(&[7; 32]), PlanLinkId::new());
        let token = base64url(&derived(&keys, id)[..24]);
        assert!(is_genuine(&keys, id, &token));
        assert!(!is_genuine(&keys, PlanLinkId::new(), &token));
        assert!(!is_genuine(&Keys::new(&[8; 32]), id, &token));
        assert!(!is_genuine(&keys, id, ""));
    }
}
