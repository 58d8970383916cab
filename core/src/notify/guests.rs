//! Links to a guest's own tickets, and invitations: derived when a mail is sent, so that no queue or backup holds one.

use uuid::Uuid;

use crate::kernel::app::App;
use crate::kernel::crypto::{Keys, base64url, from_base64url, same};

fn derived(keys: &Keys, attendee: Uuid, generation: i32) -> [u8; 32] {
    keys.derive("guest_link", &[attendee.as_bytes(), &generation.to_be_bytes()])
}

/// What the link carries; another generation has another one.
pub fn token(keys: &Keys, attendee: Uuid, generation: i32) -> String {
    base64url(&derived(keys, attendee, generation)[..24])
}

/// Whether the token is that of this guest and generation.
pub fn is_genuine(keys: &Keys, attendee: Uuid, generation: i32, token: &str) -> bool {
    from_base64url(token).is_some_and(|given| same(&given, &derived(keys, attendee, generation)[..24]))
}

/// The address of a guest's tickets.
pub fn url(app: &App, attendee: Uuid, generation: i32) -> String {
    format!("{}/t/{attendee}/{}", app.config.base_url(), token(&app.keys, attendee, generation))
}

/// What the link of an invitation carries, derived from its row.
pub fn invite_token(keys: &Keys, invite: Uuid) -> String {
    base64url(&keys.derive("event_invite", &[invite.as_bytes()])[..24])
}

/// The address where an invitation is accepted.
pub fn invite_url(app: &App, invite: Uuid) -> String {
    format!("{}/i/{}", app.config.base_url(), invite_token(&app.keys, invite))
}
