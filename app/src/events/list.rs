//! The list of events.

use eventify::access::Me;
use eventify::events::operations::event_list;
use eventify::events::{City, Event, EventFilter, EventStatus};
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission;
use leptos::prelude::*;

use super::{clock, going, guarded, organiser, place, price, status_badge, status_title};
use crate::ui::{Column, Icon, ListQuery, PageHead, Table, at, loaded};

/// The list.
pub fn events() -> AnyView {
    let query = ListQuery::current();
    let data = Resource::new_blocking(move || query.get(), move |q| event_list(filter(&q)));
    loaded(data, move |page, me| guarded(&me, Permission::EventsRead, || list(query.get_untracked(), page, &me)))
}

fn filter(q: &ListQuery) -> EventFilter {
    EventFilter {
        q: q.word("q"),
        city: q.word::<City>("city"),
        status: q.word::<EventStatus>("status").map(|status| vec![status]),
        from_day: q.word("from"),
        to_day: q.word("to"),
        sort: q.word("sort"),
        cursor: q.text("cursor"),
        limit: q.word("limit"),
        ..EventFilter::default()
    }
}

fn list(query: ListQuery, page: Page<Event>, me: &Me) -> AnyView {
    let statuses = EventStatus::ALL.iter().map(|s| (s.word().to_owned(), status_title(*s).to_owned())).collect();
    let table = Table::new("Events", query)
        .views("events")
        .sorted("start_at")
        .search("Title, place or words")
        .select("status", "Any status", statuses)
        .input("city", "text", "City")
        .input("from", "date", "From")
        .input("to", "date", "To")
        .column(Column::head("Title", title).sort("title").key("title"))
        .column(Column::new("Starts", starts).sort("start_at").key("starts").nowrap())
        .column(Column::new("Status", |e: &Event| status_badge(e.status)).key("status"))
        .column(Column::new("Place", |e: &Event| place(e).into_any()).key("place").low())
        .column(Column::new("Going", |e: &Event| going(e).into_any()).key("going").number())
        .column(Column::new("Price from", |e: &Event| price(e).into_any()).key("price").number())
        .column(Column::new("Created", |e: &Event| at(e.created_at)).sort("created").key("created").low())
        .empty("No events yet", "Draft the first one; nobody sees it until it is published.", None)
        .page(page);
    let new = || view! { <a class="btn primary" href="/events/new">{Icon::PLUS.svg()}"New event"</a> }.into_any();
    let actions = me.may_somewhere(Permission::EventsManage).then(new).into_any();
    view! { <div class="page"><PageHead title="Events" actions=actions/>{table}</div> }.into_any()
}

fn title(event: &Event) -> AnyView {
    let href = format!("/events/{}", event.id);
    view! { <a href=href>{event.title.clone()}</a><small>{organiser(event)}</small> }.into_any()
}

fn starts(event: &Event) -> AnyView {
    view! { {clock::start(event)}<small>{event.timezone.clone()}</small> }.into_any()
}
