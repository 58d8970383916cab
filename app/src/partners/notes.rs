//! What the page of a partner says first: that it is suspended, and what its verification waits for.

use eventify::access::Me;
use eventify::audit::words::listed;
use eventify::kernel::permissions::Permission;
use eventify::partners::{DocumentType, Partner, PartnerDocument, Verification};
use leptos::prelude::*;

use super::documents;
use crate::ui::{Tone, at, note};

/// Since when it is suspended, why, and what that means.
pub fn suspended(partner: &Partner) -> Option<AnyView> {
    let since = partner.suspended_at?;
    let why = partner.suspension_reason.clone().unwrap_or_default();
    let text =
        view! { <p>"Since "{at(since)}": "{why}" It can't receive payouts, publish events or change its records."</p> };
    Some(note(Tone::Danger, "This partner is suspended", text, None))
}

/// What a partner's verification waits for: our decision, or its papers.
pub fn awaited(partner: &Partner, papers: &[PartnerDocument], me: &Me) -> Option<AnyView> {
    if partner.verification_status == Verification::Verified {
        return None;
    }
    let missing = DocumentType::REQUIRED
        .iter()
        .filter(|kind| !papers.iter().any(|paper| paper.kind == **kind && paper.status != Verification::Rejected));
    let missing: Vec<_> = missing.map(|kind| documents::kind_title(*kind).to_owned()).collect();
    let href = format!("/partners/{}?tab=documents", partner.id);
    let waiting = partner.pending_documents;
    let act = match waiting > 0 && me.may_at_partner(Permission::KycReview, partner.id.0) {
        true => "Review documents",
        false => "Show documents",
    };
    let title = match waiting {
        0 => "Not verified yet".to_owned(),
        1 => "1 document is waiting for review".to_owned(),
        many => format!("{many} documents are waiting for review"),
    };
    let text = match missing.is_empty() {
        true => "Payouts start once all required documents are approved.".to_owned(),
        false => format!("Still missing: {}.", listed(&missing)),
    };
    let link = view! { <a class="btn small" href=href data-noscroll="">{act}</a> }.into_any();
    Some(note(Tone::Warning, &title, text, Some(link)))
}
