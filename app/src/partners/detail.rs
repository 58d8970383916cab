//! One partner, and what the tab in the URL asks for.

use eventify::access::Me;
use eventify::kernel::permissions::Permission;
use eventify::partners::PartnerId;
use leptos::prelude::*;

use super::data::{Data, Tab, fetch};
use super::{
    actions, activity, documents, kind_title, notes, overview, status_badge, tabs as parts, verification_badge,
};
use crate::finance;
use crate::ui::{ListQuery, Loading, PageHead, id_of_path, live, loaded, tabs};

/// What changes the record that is open.
const CHANGES: &[&str] = &["partner.changed", "partner.status_changed", "partner.verification_changed"];

/// The page of one partner.
pub fn partner() -> AnyView {
    let (id, query) = (id_of_path::<PartnerId>(), ListQuery::current());
    let tab = move || query.with(|query| query.text("tab"));
    let data = Loading::new(move || (id.get(), tab()), |(id, tab)| fetch(id, tab));
    loaded(data, move |record, me| page(data, record, &me))
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
            let wanted = papers.and_then(|papers| notes::awaited(&partner, &papers, me));
            view! { {wanted}{overview::tab(&partner, events, sees_money)} }.into_any()
        }
        Tab::People(list) => parts::people(data, &partner, list, me),
        Tab::Documents(list) => documents::tab(data, &partner, list, me),
        Tab::Bank(list) => parts::bank(data, &partner, list, me),
        Tab::Money(money) => finance::tabs::of_partner(money),
        Tab::Activity(rows) => activity::tab(rows),
    };
    let manages = me.may_at_partner(Permission::PartnersManage, partner.id.0);
    let buttons = if manages { actions::of(data, &partner, me) } else { ().into_any() };
    let crumbs = vec![("Partners".to_owned(), "/partners".to_owned())];
    let marks = view! { {status_badge(partner.status)}" "{verification_badge(partner.verification_status)} }.into_any();
    view! {
        <div class="page">
            <PageHead title=partner.name.clone() crumbs=crumbs badge=marks subtitle=kind_title(partner.kind).to_owned() actions=buttons/>
            {live::changed(CHANGES, partner.id.to_string(), partner.updated_at, move || data.refetch())}
            {notes::suspended(&partner)}
            {strip}
            {body}
        </div>
    }
    .into_any()
}
