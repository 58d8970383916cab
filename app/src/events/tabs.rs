//! The tabs of an event's page. Each is a bundle of its own: who opens the guests does not wait for the code of the money.

use eventify::access::Me;
use eventify::events::{CoHost, Event};
use eventify::tickets::EventSummary;
use eventify::zones::Zone;
use leptos::prelude::*;

use super::data::{Data, Link, Shown};
use super::head::Rights;
use super::{activity, guests, import, invitations, money, overview, promos, streams, ticket_types, waiting, ways_in};
use crate::gate::updates;
use crate::ui::{ListQuery, Loading, Lost};

/// What tabs are made of.
pub struct Of {
    pub data: Loading<Data>,
    pub query: ListQuery,
    pub link: Link,
    pub event: Event,
    pub zone: Zone,
    pub summary: EventSummary,
    pub co_hosts: Vec<CoHost>,
    pub rights: Rights,
    pub me: Me,
    pub tab: Shown,
}

crate::ui::tabs! {
    Of;
    event_overview: "overview" => overview,
    event_types: "types" => ticket_types,
    event_guests: "guests" => guests,
    event_import: "import" => import,
    event_requests: "requests" => requests,
    event_waiting: "waiting" => waiting,
    event_invitations: "invitations" => invitations,
    event_promos: "promos" => promos,
    event_streams: "streams" => streams,
    event_updates: "updates" => updates,
    event_activity: "activity" => activity,
    event_money: "money" => money,
}

/// The tab that an address without one shows.
pub const OVERVIEW: &str = "overview";

/// Fetches the code of the tab that the browser's address names.
pub async fn fetch_here() -> Result<(), Lost> {
    let query = window().location().search().unwrap_or_default();
    let tab = web_sys::UrlSearchParams::new_with_str(&query).ok().and_then(|query| query.get("tab"));
    fetch(tab.as_deref().unwrap_or(OVERVIEW)).await
}

fn overview(of: Of) -> AnyView {
    let Shown::Overview(shown) = of.tab else { return ().into_any() };
    overview::tab(of.data, (&of.event, &of.zone), &of.summary, of.co_hosts, *shown, of.rights)
}

fn ticket_types(of: Of) -> AnyView {
    let Shown::TicketTypes(list, revenue) = of.tab else { return ().into_any() };
    ticket_types::tab(of.data, (&of.event, &of.zone), list, (&of.summary, revenue.as_deref()), of.rights)
}

fn guests(of: Of) -> AnyView {
    let Shown::Guests { page, ticket_types, open } = of.tab else { return ().into_any() };
    let open = open.map(|open| *open);
    guests::tab(of.data, of.query, (&of.event, &of.zone), page, &ticket_types, open, of.rights)
}

fn import(of: Of) -> AnyView {
    let Shown::Import(ticket_types) = of.tab else { return ().into_any() };
    import::tab(&of.event, &ticket_types, of.rights)
}

fn requests(of: Of) -> AnyView {
    let Shown::Requests(page, ticket_types) = of.tab else { return ().into_any() };
    let at = (of.event.status, &of.zone);
    ways_in::requests(of.data, of.query, at, page, &ticket_types, &of.summary, of.rights)
}

fn waiting(of: Of) -> AnyView {
    let Shown::Waiting(list) = of.tab else { return ().into_any() };
    waiting::tab(of.data, (&of.event, &of.zone), list, &of.summary, of.rights)
}

fn invitations(of: Of) -> AnyView {
    let Shown::Invitations(list, ticket_types) = of.tab else { return ().into_any() };
    let by = (of.rights, &of.me);
    invitations::tab(of.data, (&of.event, &of.zone), list, &ticket_types, &of.summary, of.link, by)
}

fn promos(of: Of) -> AnyView {
    let Shown::Promos(list, ticket_types) = of.tab else { return ().into_any() };
    promos::tab(of.data, (&of.event, &of.zone), list, &ticket_types, of.rights)
}

fn streams(of: Of) -> AnyView {
    let Shown::Streams(list) = of.tab else { return ().into_any() };
    streams::tab(of.data, (&of.event, &of.zone), list, of.rights)
}

fn updates(of: Of) -> AnyView {
    let Shown::Updates(list) = of.tab else { return ().into_any() };
    updates::tab(&of.event, &of.zone, list, of.rights.posts_live, move || of.data.refetch())
}

fn activity(of: Of) -> AnyView {
    let Shown::Activity(page) = of.tab else { return ().into_any() };
    activity::tab(&of.query, &of.zone, &of.summary, page, of.rights)
}

fn money(of: Of) -> AnyView {
    let Shown::Money(revenue, budget) = of.tab else { return ().into_any() };
    money::tab((&of.event, &of.summary), *revenue, budget.as_deref(), of.rights, move || of.data.refetch())
}
