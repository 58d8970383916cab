//! What people call the work and the listener of notifications.

use crate::audit::words::Area;

/// The area's own.
pub const WORDS: Area = Area {
    jobs: &[("push.send", "Send push message"), ("notifications.mail", "Send notification by email")],
    listeners: &[("notifications", "Notifications", "Notifies team members and guests")],
    ..Area::NONE
};
