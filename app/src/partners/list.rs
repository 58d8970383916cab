//! The list of partners.

use eventify::access::Me;
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission;
use eventify::partners::operations::partner_list;
use eventify::partners::{Partner, PartnerFilter, PartnerStatus, PartnerType, Verification};
use leptos::prelude::*;

use super::{actions, kind_title, kinds, status_badge, status_title, verification_badge, verification_title};
use crate::ui::{Column, Icon, ListQuery, Loading, PageHead, Table, day, listed, live, loaded};

/// The list.
pub fn partners() -> AnyView {
    let query = ListQuery::current();
    let data = listed(query, |q| async move { partner_list(filter(&q)).await });
    loaded(data, move |page, me| list(query.get_untracked(), data, page, &me))
}

fn filter(q: &ListQuery) -> PartnerFilter {
    PartnerFilter {
        q: q.parsed("q"),
        status: q.parsed::<PartnerStatus>("status").map(|status| vec![status]),
        kind: q.parsed::<PartnerType>("type").map(|kind| vec![kind]),
        verification: q.parsed::<Verification>("verification").map(|state| vec![state]),
        updated_since: None,
        sort: q.parsed("sort"),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

fn list(query: ListQuery, data: Loading<Page<Partner>>, page: Page<Partner>, me: &Me) -> AnyView {
    let statuses = PartnerStatus::ALL.iter().map(|s| (s.as_str().to_owned(), status_title(*s).to_owned())).collect();
    let states = Verification::ALL.iter().map(|s| (s.as_str().to_owned(), verification_title(*s).to_owned())).collect();
    let wanted = filter(&query);
    let acts = if me.may(Permission::PartnersManage) {
        vec![actions::activate_all(), actions::suspend_all()]
    } else {
        Vec::new()
    };
    let shown = page.items.iter().map(|partner| partner.id.to_string()).collect();
    let news = live::newcomers(
        &["partner.created"],
        ("partner", "partners"),
        shown,
        |heard| vec![heard.aggregate_id.clone()],
        move || data.refetch(),
    );
    let owes = me.may(Permission::FinanceRead) && page.items.iter().any(|partner| partner.open_balance.minor != 0);
    let mut table = Table::new("Partners", query)
        .counts("partner", "partners")
        .csv("/partners/export", &wanted)
        .views("partners")
        .bulk(acts, |p: &Partner| (p.id.to_string(), p.name.clone()), move || data.refetch())
        .sorted("name")
        .by_letter("name")
        .by_day("joined_at")
        .search("Name, contact or email")
        .select("type", "Any type", kinds())
        .select("status", "Any status", statuses)
        .select("verification", "Any verification", states)
        .column(Column::head("Name", name).sort("name").key("name"))
        .column(Column::new("Type", |p: &Partner| kind_title(p.kind).into_any()).key("type"))
        .column(Column::new("Status", |p: &Partner| status_badge(p.status)).key("status"))
        .column(Column::new("Verification", verification).second().key("verification"));
    if owes {
        table = table.column(Column::new("Owed", owed).number().low().key("balance"));
    }
    let table = table
        .column(Column::new("Joined", joined).sort("joined_at").key("joined_at").low())
        .empty("No partners yet", "Invite the venues, promoters, sponsors and vendors you work with.", None)
        .page(page);
    let new = || view! { <a class="btn primary" href="/partners/new">{Icon::PLUS.svg()}"Invite partner"</a> };
    let review = || view! { <a class="btn" href="/kyc">{Icon::CHECK.svg()}"Review documents"</a> };
    let actions = view! {
        {me.may(Permission::KycReview).then(review)}
        {me.may(Permission::PartnersManage).then(new)}
    };
    view! { <div class="page"><PageHead title="Partners" actions=actions.into_any()/>{news}{table}</div> }.into_any()
}

fn name(partner: &Partner) -> AnyView {
    let contact = partner.primary_contact_name.clone().unwrap_or_else(|| "No contact".to_owned());
    let href = format!("/partners/{}", partner.id);
    view! { <a href=href>{partner.name.clone()}</a><small>{contact}</small> }.into_any()
}

/// What the partner is owed; nothing where that is nothing.
fn owed(partner: &Partner) -> AnyView {
    let href = format!("/partners/{}?tab=money", partner.id);
    let owed = (partner.open_balance.minor != 0).then(|| view! { <a href=href>{partner.open_balance.display()}</a> });
    owed.into_any()
}

fn joined(partner: &Partner) -> AnyView {
    partner.joined_at.map_or_else(|| view! { <span class="muted">"Not yet"</span> }.into_any(), day)
}

fn verification(partner: &Partner) -> AnyView {
    // Whose turn it is: ours, or theirs.
    let waiting = match (partner.pending_documents, partner.verification_status) {
        (1.., _) => Some(format!("{} to review", partner.pending_documents)),
        (_, Verification::Pending) => Some("Waiting for documents".to_owned()),
        _ => None,
    };
    let waiting = waiting.map(|said| view! { " "<span class="muted">{said}</span> });
    view! { {verification_badge(partner.verification_status)}{waiting} }.into_any()
}
