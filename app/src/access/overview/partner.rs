//! For a partner's own people: what their partner still owes, and whether it is suspended.

use eventify::Error;
use eventify::access::Me;
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission;
use eventify::partners::operations::{partner_document_list, partner_get};
use eventify::partners::{DocumentType, Partner, PartnerId, Verification};
use leptos::prelude::*;

use crate::ui::{Tone, note};

/// Nobody works for so many that more have to be shown.
const MOST: usize = 3;

/// A partner somebody works for, and the documents it still has to upload.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Own {
    partner: Partner,
    missing: Vec<String>,
    rejected: Vec<String>,
}

/// The partners the caller holds a role within.
pub async fn fetch(me: &Me) -> Result<Vec<Own>, Error> {
    let within = me.scopes.iter().filter(|scope| scope.permissions.contains(&Permission::PartnersRead));
    let ids: Vec<PartnerId> = within.filter_map(|scope| scope.partner_id.map(PartnerId)).take(MOST).collect();
    let mut own = Vec::new();
    if me.two_factor_required {
        return Ok(own);
    }
    for id in ids {
        let (partner, documents) = futures::try_join!(partner_get(id), every(|page| partner_document_list(id, page)))?;
        let stands = |kind: &DocumentType| documents.iter().find(|d| d.kind == *kind && d.superseded_at.is_none());
        let required = || DocumentType::REQUIRED.iter();
        let missing = required().filter(|kind| stands(kind).is_none());
        let rejected = required().filter(|kind| stands(kind).is_some_and(|d| d.status == Verification::Rejected));
        let (missing, rejected) =
            (missing.map(|k| k.title().to_owned()).collect(), rejected.map(|k| k.title().to_owned()).collect());
        own.push(Own { partner, missing, rejected });
    }
    Ok(own)
}

/// What there is to do, or to know.
pub fn view(own: Own) -> AnyView {
    let Own { partner, missing, rejected } = own;
    let name = partner.name.clone();
    let link = |label: &'static str| {
        view! { <a class="btn small" href=format!("/partners/{}?tab=documents", partner.id)>{label}</a> }.into_any()
    };
    let suspended = partner.suspended_at.map(|_| {
        let why = partner.suspension_reason.clone().unwrap_or_default();
        let text = view! { <p>"You can see everything, but not change records or publish events. "{why}</p> };
        note(Tone::Danger, &format!("{name} is suspended"), text, None)
    });
    let lacking = (suspended.is_none() && !(missing.is_empty() && rejected.is_empty())).then(|| {
        let mut said = Vec::new();
        if !missing.is_empty() {
            said.push(format!("Still needed: {}.", missing.join(", ")));
        }
        if !rejected.is_empty() {
            said.push(format!("Rejected, upload again: {}.", rejected.join(", ")));
        }
        note(Tone::Warning, &format!("Documents of {name}"), said.join(" "), Some(link("Upload documents")))
    });
    view! { {suspended}{lacking} }.into_any()
}
