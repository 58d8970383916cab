//! One partner, and what the tab in the URL asks for.

use eventify::Error;
use eventify::access::Me;
use eventify::kernel::error::not_found;
use eventify::kernel::page::{Paging, every};
use eventify::kernel::permissions::Permission;
use eventify::partners::operations::{
    partner_activity, partner_bank_account_list, partner_contact_list, partner_document_list, partner_get,
};
use eventify::partners::{BankAccount, Partner, PartnerActivity, PartnerContact, PartnerDocument, PartnerId};
use leptos::prelude::*;

use super::{actions, documents, id_of_path, kind_title, status_badge, tabs as parts, verification_badge};
use crate::ui::{
    Entry, Facts, Icon, ListQuery, Loading, PageHead, Tone, at, at_or, card, live, loaded, note, state, tabs, timeline,
};

/// A partner and one tab.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Data {
    pub partner: Partner,
    tab: Tab,
}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
enum Tab {
    Overview,
    People(Vec<PartnerContact>),
    Documents(Vec<PartnerDocument>),
    Bank(Vec<BankAccount>),
    Activity(Vec<PartnerActivity>),
}

impl Tab {
    fn key(&self) -> &'static str {
        match self {
            Tab::Overview => "overview",
            Tab::People(_) => "people",
            Tab::Documents(_) => "documents",
            Tab::Bank(_) => "bank",
            Tab::Activity(_) => "activity",
        }
    }
}

/// What changes the record that is open.
const CHANGES: &[&str] = &["partner.changed", "partner.status_changed", "partner.verification_changed"];

/// The page of one partner.
pub fn partner() -> AnyView {
    let (id, query) = (id_of_path(), ListQuery::current());
    let tab = move || query.with(|query| query.text("tab"));
    let data = Resource::new_blocking(move || (id.get(), tab()), |(id, tab)| fetch(id, tab));
    loaded(data, move |record, me| page(data, record, &me))
}

async fn fetch(id: Option<PartnerId>, tab: Option<String>) -> Result<Data, Error> {
    let id = id.ok_or_else(not_found)?;
    let tab = match tab.as_deref() {
        Some("people") => Tab::People(every(|page| partner_contact_list(id, page)).await?),
        Some("documents") => Tab::Documents(every(|page| partner_document_list(id, page)).await?),
        Some("bank") => Tab::Bank(every(|page| partner_bank_account_list(id, page)).await?),
        Some("activity") => Tab::Activity(partner_activity(id, Paging::most()).await?.items),
        _ => Tab::Overview,
    };
    Ok(Data { partner: partner_get(id).await?, tab })
}

fn page(data: Loading<Data>, record: Data, me: &Me) -> AnyView {
    let Data { partner, tab } = record;
    let path = format!("/partners/{}", partner.id);
    let items = [
        ("overview", "Overview", None),
        ("people", "People", None),
        ("documents", "Documents", Some(partner.pending_documents).filter(|n| *n > 0)),
        ("bank", "Bank accounts", None),
        ("activity", "Activity", None),
    ];
    let strip = tabs(&partner.name, &path, tab.key(), &items);
    let body = match tab {
        Tab::Overview => overview(&partner),
        Tab::People(list) => parts::people(data, &partner, list, me),
        Tab::Documents(list) => documents::tab(data, &partner, list, me),
        Tab::Bank(list) => parts::bank(data, &partner, list, me),
        Tab::Activity(rows) => card("partner-activity", "Activity", None, history(rows)),
    };
    let manages = me.may_at_partner(Permission::PartnersManage, partner.id.0);
    let buttons = if manages { actions::of(data, &partner, me) } else { ().into_any() };
    let crumbs = vec![("Partners".to_owned(), "/partners".to_owned())];
    let marks = view! { {status_badge(partner.status)}" "{verification_badge(partner.verification_status)} }.into_any();
    view! {
        <div class="page">
            <PageHead title=partner.name.clone() crumbs=crumbs badge=marks subtitle=kind_title(partner.kind).to_owned() actions=buttons/>
            {live::changed(CHANGES, partner.id.to_string(), partner.updated_at, move || data.refetch())}
            {suspended(&partner)}
            {strip}
            {body}
        </div>
    }
    .into_any()
}

fn suspended(partner: &Partner) -> Option<AnyView> {
    let since = partner.suspended_at?;
    let why = partner.suspension_reason.clone().unwrap_or_default();
    let text =
        view! { <p>"Since "{at(since)}": "{why}" It can't receive payouts, publish events or change its records."</p> };
    Some(note(Tone::Danger, "This partner is suspended", text, None))
}

fn overview(partner: &Partner) -> AnyView {
    let mail = partner.primary_contact_email.clone();
    let contact = Facts::new()
        .add("Primary contact", partner.primary_contact_name.clone().unwrap_or_else(|| "None".to_owned()))
        .maybe("Email", mail.map(|mail| view! { <a href=format!("mailto:{mail}")>{mail.clone()}</a> }))
        .add("Settlement currency", partner.settlement_currency.to_string());
    let glance = Facts::new()
        .add("Joined", at_or(partner.joined_at, "Not yet"))
        .add("Created", at(partner.created_at))
        .add("Changed", at(partner.updated_at))
        .add("Id", view! { <code>{partner.id.to_string()}</code> });
    view! {
        <div class="detail">
            <div class="stack">{card("partner-profile", "Profile", None, contact.view())}</div>
            <aside aria-label="At a glance">{card("partner-glance", "At a glance", None, glance.view())}</aside>
        </div>
    }
    .into_any()
}

fn history(rows: Vec<PartnerActivity>) -> AnyView {
    if rows.is_empty() {
        return state(Icon::ACTIVITY, "Nothing yet", "Changes to this partner appear here.", None);
    }
    let entry = |row: PartnerActivity| Entry {
        tone: Tone::Info,
        at: row.at,
        text: format!("{} by {}", row.action.replace(['.', '_'], " "), row.by).into_any(),
        meta: (!row.changed.is_empty()).then(|| row.changed.join(", ").into_any()),
        more: row.reason.map(|reason| view! { <p class="meta">{reason}</p> }.into_any()),
    };
    timeline(rows.into_iter().map(entry).collect())
}
