//! One partner, and what the tab in the URL asks for.

use eventify::Error;
use eventify::access::Me;
use eventify::audit::words::listed;
use eventify::events::operations::event_list;
use eventify::events::{Event, EventFilter, EventSort, EventStatus};
use eventify::finance::operations::partner_money;
use eventify::kernel::error::not_found;
use eventify::kernel::page::{Limit, Paging, every};
use eventify::kernel::permissions::Permission;
use eventify::partners::operations::{
    partner_activity, partner_bank_account_list, partner_contact_list, partner_document_list, partner_get,
};
use eventify::partners::{DocumentType, Partner, PartnerActivity, PartnerDocument, PartnerId, Verification};
use eventify::zones::day_in_short;
use leptos::prelude::*;

use super::data::{Data, Tab};
use super::{actions, documents, kind_title, status_badge, tabs as parts, verification_badge};
use crate::events::{clock, standing};
use crate::finance;
use crate::ui::{
    Column, Facts, FeedEntry, Icon, ListQuery, Loading, PageHead, Table, Tone, at, at_or, card, card_flush, feed,
    id_of_path, live, loaded, note, state, tabs,
};

/// What changes the record that is open.
const CHANGES: &[&str] = &["partner.changed", "partner.status_changed", "partner.verification_changed"];

/// The page of one partner.
pub fn partner() -> AnyView {
    let (id, query) = (id_of_path::<PartnerId>(), ListQuery::current());
    let tab = move || query.with(|query| query.text("tab"));
    let data = Loading::new(move || (id.get(), tab()), |(id, tab)| fetch(id, tab));
    loaded(data, move |record, me| page(data, record, &me))
}

async fn fetch(id: Option<PartnerId>, tab: Option<String>) -> Result<Data, Error> {
    let id = id.ok_or_else(not_found)?;
    let tab = match tab.as_deref() {
        Some("people") => Tab::People(every(|page| partner_contact_list(id, page)).await?),
        Some("documents") => Tab::Documents(every(|page| partner_document_list(id, page)).await?),
        Some("bank") => Tab::Bank(every(|page| partner_bank_account_list(id, page)).await?),
        Some("money") => Tab::Money(partner_money(id).await?),
        Some("activity") => Tab::Activity(partner_activity(id, Paging::most()).await?.items),
        // Whoever may not see documents sees the page without what is missing.
        _ => Tab::Overview(events_of(id).await, every(|page| partner_document_list(id, page)).await.ok()),
    };
    Ok(Data { partner: partner_get(id).await?, tab })
}

/// Its latest events and those to come; none where they cannot be read now.
async fn events_of(id: PartnerId) -> Vec<Event> {
    let latest = EventFilter {
        organizer_partner_id: Some(id),
        status: Some(EventStatus::ALL.to_vec()),
        sort: Some(EventSort::StartDesc),
        limit: Limit::try_from(8).ok(),
        ..EventFilter::default()
    };
    event_list(latest).await.map(|page| page.items).unwrap_or_default()
}

fn events(list: Vec<Event>) -> AnyView {
    Table::new("Events of this partner", ListQuery::default())
        .column(Column::head("Event", |event: &Event| {
            let href = format!("/events/{}", event.id);
            view! { <a href=href>{event.title.clone()}</a><small>{event.city.clone()}</small> }.into_any()
        }))
        .column(Column::new("Date", |event: &Event| {
            format!("{}, {}", day_in_short(&event.event_date), clock::hour(event)).into_any()
        }))
        .column(Column::new("Status", standing))
        .column(
            Column::new("Going", |event: &Event| format!("{} / {}", event.going_count, event.capacity).into_any())
                .number(),
        )
        .counts("event", "events")
        .all(list)
}

fn page(data: Loading<Data>, record: Data, me: &Me) -> AnyView {
    let Data { partner, tab } = record;
    let path = format!("/partners/{}", partner.id);
    let sees_money = me.may(Permission::FinanceRead);
    let items = [
        (true, ("overview", "Overview", None)),
        (true, ("people", "People", None)),
        (true, ("documents", "Documents", Some(partner.pending_documents).filter(|n| *n > 0))),
        (true, ("bank", "Bank accounts", None)),
        (sees_money, ("money", "Money", None)),
        (true, ("activity", "Activity", None)),
    ];
    let items: Vec<_> = items.into_iter().filter(|(may, _)| *may).map(|(_, tab)| tab).collect();
    let strip = tabs(&partner.name, &path, tab.key(), &items);
    let body = match tab {
        Tab::Overview(events, papers) => {
            let wanted = papers.and_then(|papers| awaited(&partner, &papers, me));
            view! { {wanted}{overview(&partner, events, sees_money)} }.into_any()
        }
        Tab::People(list) => parts::people(data, &partner, list, me),
        Tab::Documents(list) => documents::tab(data, &partner, list, me),
        Tab::Bank(list) => parts::bank(data, &partner, list, me),
        Tab::Money(money) => finance::tabs::of_partner(money),
        Tab::Activity(rows) => card_flush("partner-activity", "Activity", None, history(rows)),
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

/// What a partner's verification waits for: our decision, or its papers.
fn awaited(partner: &Partner, papers: &[PartnerDocument], me: &Me) -> Option<AnyView> {
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

fn overview(partner: &Partner, list: Vec<Event>, sees_money: bool) -> AnyView {
    let mail = partner.primary_contact_email.clone();
    let contact = Facts::new()
        .add("Primary contact", partner.primary_contact_name.clone().unwrap_or_else(|| "None".to_owned()))
        .maybe("Email", mail.map(|mail| view! { <a href=format!("mailto:{mail}")>{mail.clone()}</a> }))
        .add("Settlement currency", partner.settlement_currency.to_string());
    let owed = (sees_money && partner.total_revenue.minor != 0).then(|| {
        let href = format!("/partners/{}?tab=money", partner.id);
        view! { <a href=href>{partner.open_balance.display()}</a> }
    });
    let sold = (sees_money && partner.total_revenue.minor != 0).then(|| partner.total_revenue.display());
    let glance = Facts::new()
        .maybe("Owed to the partner", owed)
        .maybe("Ticket sales after refunds", sold)
        .add("Joined", at_or(partner.joined_at, "Not yet"))
        .add("Created", at(partner.created_at))
        .add("Changed", at(partner.updated_at))
        .id(partner.id);
    let events = (!list.is_empty()).then(|| card_flush("partner-events", "Events", None, events(list)));
    view! {
        <div class="detail">
            <div class="stack">{card("partner-profile", "Profile", None, contact.view())}{events}</div>
            <aside aria-label="At a glance">{card("partner-glance", "At a glance", None, glance.view())}</aside>
        </div>
    }
    .into_any()
}

fn history(rows: Vec<PartnerActivity>) -> AnyView {
    if rows.is_empty() {
        return state(Icon::ACTIVITY, "Nothing yet", "Changes to this partner appear here.", None);
    }
    let entry = |row: PartnerActivity| FeedEntry {
        what: row.said(&eventify::WORDS),
        href: None,
        who: row.by,
        when: at(row.at),
        more: row.reason.map(|reason| format!("“{reason}”")),
    };
    feed(rows.into_iter().map(entry).collect())
}
