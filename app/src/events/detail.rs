//! One event, and what the tab in the URL asks for.

use eventify::access::Me;
use eventify::events::EventId;
use eventify::kernel::permissions::Permission::EventsRead;
use futures::future::join;
use leptos::prelude::*;

use super::data::{Data, Link, Shown, fetch};
use super::head::{Counts, Rights, crumbs, strip, subtitle};
use super::tabs::{OVERVIEW, Of};
use super::{actions, guarded, notes, standing, tabs};
use crate::ui::{ListQuery, Loading, PageHead, id_of_path, live, loaded, use_me};

/// What changes the record that is open.
const CHANGES: &[&str] = &["event.changed", "event.rescheduled", "event.status_changed"];

/// The page of one event.
pub fn event() -> AnyView {
    let (me, id, query) = (use_me(), id_of_path::<EventId>(), ListQuery::current());
    let data = Loading::new(
        move || (id.get(), query.get()),
        move |(id, query)| async move {
            let tab = query.text("tab").unwrap_or_else(|| OVERVIEW.to_owned());
            // One whose code does not come says so where it would stand.
            let (_, data) = join(tabs::fetch(&tab), fetch(me, id, query)).await;
            data
        },
    );
    // A link that is shown once outlives the list that is loaded again.
    let link = Link::new(None);
    loaded(data, move |record, me| guarded(&me, EventsRead, || page(data, query.get_untracked(), link, record, &me)))
}

fn page(data: Loading<Data>, query: ListQuery, link: Link, record: Data, me: &Me) -> AnyView {
    let Data { event, zone, co_hosts, totals, summary, sells, tab } = record;
    let id = event.id;
    let rights = Rights::of(me, &event, &co_hosts);
    let in_strip = if matches!(tab, Shown::Import(_)) { "guests" } else { tab.key() };
    let strip = strip(&event, &Counts::from(&summary), in_strip, rights);
    let suspended = (!rights.manages).then(|| notes::suspended(me, &event, &co_hosts)).flatten();
    let invited = matches!(tab, Shown::Invitations(..));
    let subtitle = subtitle(&event, &zone, summary.as_of);
    let acts = actions::of(data, &event, &zone, totals.as_ref(), (&summary, &sells, invited), rights);
    let of = Of {
        data,
        query,
        link,
        event: event.clone(),
        zone: zone.clone(),
        summary: summary.clone(),
        co_hosts,
        rights,
        me: me.clone(),
        tab,
    };
    let body = tabs::show(of.tab.key(), of);
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
