//! What people call the records of people, what is done to them, and the work behind it.

use crate::audit::words::Area;

/// The area's own.
pub const WORDS: Area = Area {
    kinds: &[("end_user", "User"), ("privacy_request", "Privacy request")],
    also: &[("user", "User")],
    actions: &[
        ("privacy_request.completed", "completed the privacy request of {|a user}"),
        ("privacy_request.rejected", "rejected the privacy request of {|a user}"),
        ("privacy_request.run", "started the privacy request of {|a user}"),
        ("user.banned", "banned {|a user}"),
        ("user.flagged", "flagged {|a user} for review"),
        ("user.second_factor_reset", "reset the second factor of {|a user}"),
        ("user.unbanned", "lifted the ban of {|a user}"),
    ],
    jobs: &[
        ("people.make_picture", "Prepare profile picture"),
        ("people.make_export", "Prepare data export"),
        ("people.sweep", "Clear old codes and exports"),
    ],
    ..Area::NONE
};
