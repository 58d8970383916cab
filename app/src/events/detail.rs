//! One event, and what the tab in the URL asks for.

use eventify::access::Me;
use eventify::events::EventId;
use eventify::kernel::permissions::Permission::EventsRead;
use leptos::prelude::*;

use super::data::{Data, Link, Shown, fetch};
use super::head::{Counts, Rights, crumbs, strip, subtitle};
use super::{
    actions, activity, guarded, guests, import, invitations, money, notes, overview, promos, standing, streams,
    ticket_types, waiting, ways_in,
};
use crate::gate::updates;
use crate::ui::{ListQuery, Loading, PageHead, id_of_path, live, loaded, use_me};

/// What changes the record that is open.
const CHANGES: &[&str] = &["event.changed", "event.rescheduled", "event.status_changed"];

/// The page of one event.
pub fn event() -> AnyView {
    let (me, id, query) = (use_me(), id_of_path::<EventId>(), ListQuery::current());
    let data = Loading::new(move || (id.get(), query.get()), move |(id, query)| fetch(me, id, query));
    // A link that is shown once outlives the list that is loaded again.
    let link = Link::new(None);
    loaded(data, move |record, me| guarded(&me, EventsRead, || page(data, query.get_untracked(), link, record, &me)))
}

fn page(data: Loading<Data>, query: ListQuery, link: Link, record: Data, me: &Me) -> AnyView {
    let Data { event, zone, co_hosts, totals, summary, sells, tab } = record;
    let id = event.id;
    let rights = Rights::of(me, &event, &co_hosts);
    let strip = strip(&event, &Counts::from(&summary), tab.key(), rights);
    let suspended = (!rights.manages).then(|| notes::suspended(me, &event, &co_hosts)).flatten();
    let of = (&event, &zone);
    let invited = matches!(tab, Shown::Invitations(..));
    let body = match tab {
        Shown::Overview(shown) => overview::tab(data, of, &summary, co_hosts, *shown, rights),
        Shown::TicketTypes(list, revenue) => ticket_types::tab(data, of, list, (&summary, revenue.as_deref()), rights),
        Shown::Guests { page, ticket_types, open } => {
            guests::tab(data, query, of, page, &ticket_types, open.map(|open| *open), rights)
        }
        Shown::Import(ticket_types) => import::tab(&event, &ticket_types, rights),
        Shown::Requests(page, ticket_types) => {
            ways_in::requests(data, query, (event.status, &zone), page, &ticket_types, &summary, rights)
        }
        Shown::Waiting(list) => waiting::tab(data, of, list, &summary, rights),
        Shown::Invitations(list, ticket_types) => {
            invitations::tab(data, of, list, &ticket_types, &summary, link, (rights, me))
        }
        Shown::Promos(list, ticket_types) => promos::tab(data, of, list, &ticket_types, rights),
        Shown::Streams(list) => streams::tab(data, of, list, rights),
        Shown::Updates(list) => updates::tab(&event, &zone, list, rights.posts_live, move || data.refetch()),
        Shown::Activity(page) => activity::tab(&query, &zone, &summary, page, rights),
        Shown::Money(revenue, budget) => {
            money::tab((&event, &summary), *revenue, budget.as_deref(), rights, move || data.refetch())
        }
    };
    let subtitle = subtitle(&event, &zone, summary.as_of);
    let acts = actions::of(data, &event, &zone, totals.as_ref(), (&summary, &sells, invited), rights);
    view! {
        <div class="page event-page">
            <PageHead title=event.title.clone() crumbs=crumbs() badge=standing(&event) subtitle=subtitle actions=acts/>
            {live::changed(CHANGES, id.to_string(), summary.as_of, move || data.refetch())}
            {notes::cancelled(&event, &zone)}
            {suspended}
            {invited.then_some(move || link.get().filter(|(of, _)| *of == id).map(|(_, made)| notes::shown_once(link, made)))}
            {strip}
            {body}
        </div>
    }
    .into_any()
}
