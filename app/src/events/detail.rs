//! One event, and what the tab in the URL asks for.

use eventify::Error;
use eventify::access::Me;
use eventify::events::operations::{
    event_co_host_list, event_get, event_image_list, event_question_list, event_stream_list,
};
use eventify::events::{CoHost, Event, EventId, EventImage, EventStatus, EventStream, Question, Zone};
use eventify::kernel::error::not_found;
use eventify::kernel::page::{Page, every};
use eventify::kernel::permissions::Permission::{EventsManage, EventsPublish, EventsRead, TicketsManage, TicketsRead};
use eventify::people::Interest;
use eventify::people::operations::interest_list;
use eventify::tickets::operations::{
    TicketTypeQuery, attendee_list, event_guest_totals, event_invite_list, event_request_list, ticket_type_list,
    waiting_list,
};
use eventify::tickets::{Attendee, EventInvite, EventRequest, GuestTotals, TicketType, WaitingEntry};
use leptos::prelude::*;

use super::{
    actions, clock, event_of_path, going, guests, images, invitations, kinds, may_run, organiser, place, price,
};
use super::{guarded, questions, status_badge, streams, ways_in};
use crate::ui::{Facts, ListQuery, Loading, PageHead, Secret, Tone, card, loaded, note, tabs};

/// An event and one tab.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Data {
    pub event: Event,
    /// Its clocks, by which its times are told.
    pub zone: Zone,
    pub co_hosts: Vec<CoHost>,
    /// What calling it off would mean, while it can be.
    pub totals: Option<GuestTotals>,
    tab: Tab,
}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
enum Tab {
    Overview { images: Vec<EventImage>, questions: Vec<Question>, interests: Vec<Interest> },
    Kinds(Vec<TicketType>),
    Guests(Page<Attendee>, Vec<TicketType>),
    Requests(Page<EventRequest>, Vec<TicketType>),
    Waiting(Vec<WaitingEntry>),
    Invitations(Vec<EventInvite>, Vec<TicketType>),
    Streams(Vec<EventStream>),
}

impl Tab {
    fn key(&self) -> &'static str {
        match self {
            Tab::Overview { .. } => "overview",
            Tab::Kinds(_) => "types",
            Tab::Guests(..) => "guests",
            Tab::Requests(..) => "requests",
            Tab::Waiting(_) => "waiting",
            Tab::Invitations(..) => "invitations",
            Tab::Streams(_) => "streams",
        }
    }
}

/// A link that is shown once, and the event it leads to.
pub type Link = RwSignal<Option<(EventId, String)>>;

/// What this person may do to this event.
#[derive(Clone, Copy)]
pub struct Rights {
    pub manages: bool,
    pub publishes: bool,
    pub reads_tickets: bool,
    pub manages_tickets: bool,
    /// Creates events of its organiser.
    pub duplicates: bool,
}

/// The page of one event.
pub fn event() -> AnyView {
    let (id, query) = (event_of_path(), ListQuery::current());
    let data = Resource::new_blocking(move || (id(), query.get()), |(id, query)| fetch(id, query));
    // A link that is shown once outlives the list that is loaded again.
    let link = Link::new(None);
    loaded(data, move |record, me| guarded(&me, EventsRead, || page(data, query.get_untracked(), link, record, &me)))
}

async fn fetch(id: Option<EventId>, query: ListQuery) -> Result<Data, Error> {
    let id = id.ok_or_else(not_found)?;
    let kinds = || async { ticket_type_list(id, TicketTypeQuery::default()).await.map(|page| page.items) };
    let tab = match query.text("tab").as_deref() {
        Some("types") => Tab::Kinds(kinds().await?),
        Some("guests") => Tab::Guests(attendee_list(id, guests::filter(&query)).await?, kinds().await?),
        Some("requests") => Tab::Requests(event_request_list(id, ways_in::filter(&query)).await?, kinds().await?),
        Some("waiting") => Tab::Waiting(every(|page| waiting_list(id, page)).await?),
        Some("invitations") => Tab::Invitations(every(|page| event_invite_list(id, page)).await?, kinds().await?),
        Some("streams") => Tab::Streams(every(|page| event_stream_list(id, page)).await?),
        _ => Tab::Overview {
            images: event_image_list(id).await?.items,
            questions: event_question_list(id).await?.items,
            interests: every(interest_list).await?,
        },
    };
    let event = event_get(id).await?;
    let open = matches!(event.status, EventStatus::Draft | EventStatus::Published | EventStatus::Live);
    let totals = if open { Some(event_guest_totals(id).await?) } else { None };
    let co_hosts = every(|page| event_co_host_list(id, page)).await?;
    Ok(Data { zone: clock::zone(&event).await?, event, co_hosts, totals, tab })
}

fn page(data: Loading<Data>, query: ListQuery, link: Link, record: Data, me: &Me) -> AnyView {
    let Data { event, zone, co_hosts, totals, tab } = record;
    let id = event.id;
    let may = |permission| may_run(me, permission, &event, &co_hosts);
    let rights = Rights {
        manages: may(EventsManage),
        publishes: may(EventsPublish),
        reads_tickets: may(TicketsRead),
        manages_tickets: may(TicketsManage),
        duplicates: me.may(EventsManage)
            || event.organizer_partner_id.is_some_and(|partner| me.may_at_partner(EventsManage, partner.0)),
    };
    let strip = strip(&event, tab.key(), rights, may(EventsRead));
    let body = match tab {
        Tab::Overview { images, questions, interests } => {
            overview(data, (&event, &zone), co_hosts, (images, questions, &interests), rights)
        }
        Tab::Kinds(list) => kinds::tab(data, (&event, &zone), list, rights),
        Tab::Guests(page, kinds) => guests::tab(data, query, (&event, &zone), page, &kinds, rights),
        Tab::Requests(page, kinds) => ways_in::requests(data, query, &zone, page, &kinds, rights),
        Tab::Waiting(list) => ways_in::waiting(data, &zone, list, rights),
        Tab::Invitations(list, kinds) => invitations::tab(data, (&event, &zone), list, &kinds, link, rights, me),
        Tab::Streams(list) => streams::tab(data, (&event, &zone), list, rights),
    };
    let crumbs = vec![("Events".to_owned(), "/events".to_owned())];
    let subtitle = format!("{} · {}", zone.display_span(event.start_at, event.end_at), place(&event));
    view! {
        <div class="page">
            <PageHead title=event.title.clone() crumbs=crumbs badge=status_badge(event.status) subtitle=subtitle actions=actions::of(data, &event, &zone, totals.as_ref(), rights)/>
            {called_off(&event, &zone)}
            {move || link.get().filter(|(of, _)| *of == id).map(|(_, link)| shown_once(link))}
            {strip}
            {body}
        </div>
    }
    .into_any()
}

/// The tabs this person may open.
fn strip(event: &Event, current: &str, rights: Rights, runs: bool) -> AnyView {
    let requests = Some(i64::from(event.requests_count)).filter(|n| *n > 0);
    let all = [
        (true, ("overview", "Overview", None)),
        (true, ("types", "Ticket types", None)),
        (rights.reads_tickets, ("guests", "Guests", None)),
        (runs, ("requests", "Requests", requests)),
        (rights.reads_tickets, ("waiting", "Waiting list", None)),
        (runs, ("invitations", "Invitations", None)),
        (runs, ("streams", "Streams", None)),
    ];
    let open: Vec<_> = all.into_iter().filter(|(may, _)| *may).map(|(_, tab)| tab).collect();
    tabs(&event.title, &format!("/events/{}", event.id), current, &open)
}

fn shown_once(link: String) -> AnyView {
    let text = "Whoever has it may come, as often as you said. It is shown only once.";
    view! { {note(Tone::Warning, "Copy the link now", text, None)}<Secret text=link/> }.into_any()
}

fn called_off(event: &Event, zone: &Zone) -> Option<AnyView> {
    let since = event.cancelled_at?;
    let why = event.cancellation_reason.clone().unwrap_or_default();
    let text = view! { <p>"Since "{clock::at(zone, since)}": "<bdi>{why}</bdi>" Every ticket is void; guests with an email or phone were notified."</p> };
    (event.status == EventStatus::Cancelled).then(|| note(Tone::Danger, "This event was cancelled", text, None))
}

fn overview(
    data: Loading<Data>,
    (event, zone): (&Event, &Zone),
    co_hosts: Vec<CoHost>,
    (pictures, asked, interests): (Vec<EventImage>, Vec<Question>, &[Interest]),
    rights: Rights,
) -> AnyView {
    let about = match event.description.is_empty() {
        true => view! { <p class="muted">"No description yet"</p> }.into_any(),
        false => view! { <p class="prose" dir="auto">{event.description.clone()}</p> }.into_any(),
    };
    view! {
        <div class="detail">
            <div class="stack">
                {card("event-about", "About", None, about)}
                {images::part(data, event, pictures, rights)}
                {questions::part(data, event, asked, rights)}
            </div>
            <aside class="stack" aria-label="At a glance">
                {card("event-glance", "At a glance", None, glance(event, zone, interests))}
                {actions::co_hosts(data, event, co_hosts, rights)}
            </aside>
        </div>
    }
    .into_any()
}

fn glance(event: &Event, zone: &Zone, interests: &[Interest]) -> AnyView {
    let chosen: Vec<_> =
        interests.iter().filter(|i| event.interests.contains(&i.id)).map(|i| i.name.as_str()).collect();
    let by = match event.organizer_partner_id {
        Some(id) => view! { <a href=format!("/partners/{id}")>{organiser(event)}</a> }.into_any(),
        None => organiser(event).into_any(),
    };
    let there = match event.venue_id {
        Some(id) => view! { <a href=format!("/venues/{id}")>{place(event)}</a> }.into_any(),
        None => place(event).into_any(),
    };
    let seats = view! {
        {going(event)}
        <meter aria-label="Seats taken" min="0" max=event.capacity.to_string() value=event.going_count.to_string()></meter>
    };
    Facts::new()
        .add("Seats taken", seats)
        .add("From", price(event))
        .add("Organised by", by)
        .add("Place", there)
        .add("Hours", view! { {zone.display_span(event.start_at, event.end_at)}<br/><span class="muted">{event.timezone.clone()}</span> })
        .maybe("Mood", event.mood.clone())
        .maybe("Interests", (!chosen.is_empty()).then(|| chosen.join(", ")))
        .maybe("GST", event.gst_percent.clone().map(|percent| format!("{percent} %")))
        .maybe("Published", event.published_at.map(|moment| clock::at(zone, moment)))
        .add("Created", clock::at(zone, event.created_at))
        .add("Id", view! { <code>{event.id.to_string()}</code> })
        .view()
}
