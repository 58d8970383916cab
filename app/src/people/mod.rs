//! End users: who they are, who is shut out, and what they ask of their own data.

mod actions;
mod data;
mod detail;
mod list;
mod notes;
mod privacy;
mod tabs;

use eventify::kernel::text::grouped;
use eventify::people::{PrivacyRequestStatus, PrivacyRequestType, User, UserStatus};
use leptos::prelude::*;

use crate::ui::{Tone, badge};
use detail::user;
use list::users;
use privacy::privacy_requests;

crate::ui::bundles! {
    users: users, user;
    privacy: privacy_requests;
}

/// What people call an end user; there is not always a name.
fn name_of(user: &User) -> String {
    match (user.status, user.full_name.is_empty()) {
        (UserStatus::Erased, _) => "Erased user".to_owned(),
        (_, true) => user.phone.as_deref().map(grouped).unwrap_or_else(|| "No name".to_owned()),
        (_, false) => user.full_name.clone(),
    }
}

fn status_title(status: UserStatus) -> &'static str {
    match status {
        UserStatus::Active => "Active",
        UserStatus::Banned => "Banned",
        UserStatus::Erased => "Erased",
    }
}

fn status_badge(status: UserStatus) -> AnyView {
    let tone = match status {
        UserStatus::Active => Tone::Success,
        UserStatus::Banned => Tone::Danger,
        UserStatus::Erased => Tone::Neutral,
    };
    badge(tone, status_title(status))
}

fn request_title(kind: PrivacyRequestType) -> &'static str {
    match kind {
        PrivacyRequestType::Export => "Copy of the data",
        PrivacyRequestType::Erasure => "Erasure",
    }
}

fn request_status_title(status: PrivacyRequestStatus) -> &'static str {
    match status {
        PrivacyRequestStatus::Open => "Open",
        PrivacyRequestStatus::Running => "Running",
        PrivacyRequestStatus::Completed => "Completed",
        PrivacyRequestStatus::Rejected => "Rejected",
        PrivacyRequestStatus::Withdrawn => "Withdrawn",
    }
}

fn request_badge(status: PrivacyRequestStatus) -> AnyView {
    let tone = match status {
        PrivacyRequestStatus::Open => Tone::Warning,
        PrivacyRequestStatus::Running => Tone::Info,
        PrivacyRequestStatus::Completed => Tone::Success,
        PrivacyRequestStatus::Rejected => Tone::Danger,
        PrivacyRequestStatus::Withdrawn => Tone::Neutral,
    };
    badge(tone, request_status_title(status))
}
