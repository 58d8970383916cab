//! Partners: records, people, documents, bank accounts, and the review of what they prove.

mod actions;
mod activity;
mod data;
mod detail;
mod documents;
mod edit;
mod list;
mod notes;
mod overview;
mod review;
mod tabs;

use eventify::partners::{PartnerStatus, PartnerType, Verification};
use leptos::prelude::*;

use crate::ui::{Tone, badge};
use detail::partner;
pub(crate) use documents::size;
use edit::{partner_edit, partner_new};
use list::partners;
use review::kyc_queue;

crate::ui::bundles! {
    partners: partners, partner, partner_new, partner_edit;
    documents: kyc_queue;
}

fn kind_title(kind: PartnerType) -> &'static str {
    match kind {
        PartnerType::Venue => "Venue",
        PartnerType::Promoter => "Promoter",
        PartnerType::Sponsor => "Sponsor",
        PartnerType::Vendor => "Vendor",
    }
}

fn status_title(status: PartnerStatus) -> &'static str {
    match status {
        PartnerStatus::Invited => "Invited",
        PartnerStatus::Active => "Active",
        PartnerStatus::Suspended => "Suspended",
    }
}

fn status_badge(status: PartnerStatus) -> AnyView {
    let tone = match status {
        PartnerStatus::Invited => Tone::Info,
        PartnerStatus::Active => Tone::Success,
        PartnerStatus::Suspended => Tone::Danger,
    };
    badge(tone, status_title(status))
}

fn verification_title(state: Verification) -> &'static str {
    match state {
        Verification::Pending => "Pending",
        Verification::Verified => "Verified",
        Verification::Rejected => "Rejected",
    }
}

fn verification_badge(state: Verification) -> AnyView {
    let tone = match state {
        Verification::Pending => Tone::Warning,
        Verification::Verified => Tone::Success,
        Verification::Rejected => Tone::Danger,
    };
    badge(tone, verification_title(state))
}

/// The types as choices.
fn kinds() -> Vec<(String, String)> {
    PartnerType::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind_title(*kind).to_owned())).collect()
}
