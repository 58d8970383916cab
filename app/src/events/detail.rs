//! One event, and what the tab in the URL asks for.

use eventify::Error;
use eventify::access::Me;
use eventify::events::operations::{
    event_co_host_list, event_get, event_image_list, event_question_list, event_stream_list,
};
use eventify::events::{CoHost, Event, EventId, EventStatus};
use eventify::finance::BudgetFilter;
use eventify::finance::operations::{budget_get, budget_list, event_revenue};
use eventify::kernel::error::not_found;
use eventify::kernel::page::{Limit, every};
use eventify::kernel::permissions::Permission::{EventsRead, FinanceRead};
use eventify::people::operations::interest_list;
use eventify::tickets::operations::{
    TicketTypeQuery, attendee_list, event_activity, event_guest_totals, event_invite_list, event_request_list,
    event_summary, promo_code_list, ticket_type_list, waiting_list,
};
use eventify::tickets::{ActivityFilter, RequestFilter, RequestStatus};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::data::{Data, Link, Overview, Shown};
use super::head::{Counts, Rights, crumbs, strip, subtitle};
use super::{
    actions, activity, clock, guarded, guest_panel, guests, import, invitations, may_run, money, overview, promos,
    standing, streams, ticket_types, waiting, ways_in,
};
use crate::gate::updates;
use crate::ui::use_me;
use crate::ui::{Icon, ListQuery, Loading, PageHead, Secret, Tone, id_of_path, live, loaded, note};
use eventify::gate::operations::gate_board;

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

/// The answer, or nothing where this person may not have it: that part of the page is left out.
fn allowed<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.status() == 403 => Ok(None),
        Err(error) => Err(error),
    }
}

async fn overview_of(id: EventId) -> Result<Overview, Error> {
    let limit = Limit::try_from(3).ok();
    let pending = RequestFilter { status: Some(vec![RequestStatus::Pending]), cursor: None, limit };
    let first = ActivityFilter { limit: Limit::try_from(6).ok(), ..ActivityFilter::default() };
    let latest = allowed(event_activity(id, first).await)?;
    Ok(Overview {
        images: event_image_list(id).await?.items,
        questions: event_question_list(id).await?.items,
        interests: every(interest_list).await?,
        ticket_types: ticket_type_list(id, TicketTypeQuery::default()).await?.items,
        requests: event_request_list(id, pending).await?.items,
        activity: latest.map(|page| page.items),
        arrivals: None,
        revenue: None,
    })
}

async fn fetch(me: Loading<Me>, id: Option<EventId>, query: ListQuery) -> Result<Data, Error> {
    let id = id.ok_or_else(not_found)?;
    let ticket_types = || async { ticket_type_list(id, TicketTypeQuery::default()).await.map(|page| page.items) };
    let event = event_get(id).await?;
    let zone = clock::zone(&event).await?;
    let tab = match query.text("tab").as_deref() {
        Some("types") => Shown::TicketTypes(ticket_types().await?, None),
        Some("guests") => {
            let page = attendee_list(id, guests::filter(&query.clone().placed(&zone))).await?;
            let open = guest_panel::fetch(id, &query).await?.map(Box::new);
            Shown::Guests { page, ticket_types: ticket_types().await?, open }
        }
        Some("import") => Shown::Import(ticket_types().await?),
        Some("requests") => {
            Shown::Requests(event_request_list(id, ways_in::filter(&query)).await?, ticket_types().await?)
        }
        Some("waiting") => Shown::Waiting(every(|page| waiting_list(id, page)).await?),
        Some("invitations") => {
            Shown::Invitations(every(|page| event_invite_list(id, page)).await?, ticket_types().await?)
        }
        Some("promos") => Shown::Promos(every(|page| promo_code_list(id, page)).await?, ticket_types().await?),
        Some("streams") => Shown::Streams(every(|page| event_stream_list(id, page)).await?),
        Some("updates") => Shown::Updates(updates::feed_of(id).await?),
        Some("money") => {
            // Asked for first: most events have none, and that is no fault.
            let own = BudgetFilter { event_id: Some(id), ..BudgetFilter::default() };
            let budget = match budget_list(own).await?.items.is_empty() {
                true => None,
                false => Some(Box::new(budget_get(id).await?)),
            };
            Shown::Money(Box::new(event_revenue(id).await?), budget)
        }
        Some("activity") => {
            let (of, cursor, limit) = (query.parsed("of"), query.text("cursor"), query.parsed("limit"));
            Shown::Activity(event_activity(id, ActivityFilter { of, cursor, limit }).await?)
        }
        _ => Shown::Overview(Box::new(overview_of(id).await?)),
    };
    let open = matches!(event.status, EventStatus::Draft | EventStatus::Published | EventStatus::Live);
    let totals = if open { Some(event_guest_totals(id).await?) } else { None };
    let mut tab = tab;
    if let (Shown::Overview(shown), EventStatus::Ended) = (&mut tab, event.status) {
        shown.arrivals = allowed(gate_board(id).await)?;
    }
    let summary = event_summary(id).await?;
    let co_hosts = every(|page| event_co_host_list(id, page)).await?;
    let revenue = match &mut tab {
        Shown::Overview(shown) => Some(&mut shown.revenue),
        Shown::TicketTypes(_, revenue) => Some(revenue),
        _ => None,
    };
    if let Some(revenue) = revenue
        && may_run(&me.await?, FinanceRead, &event, &co_hosts)
    {
        *revenue = Some(Box::new(event_revenue(id).await?));
    }
    let sells = if event.status == EventStatus::Draft { ticket_types().await? } else { Vec::new() };
    Ok(Data { zone, event, co_hosts, totals, summary, sells, tab })
}

fn page(data: Loading<Data>, query: ListQuery, link: Link, record: Data, me: &Me) -> AnyView {
    let Data { event, zone, co_hosts, totals, summary, sells, tab } = record;
    let id = event.id;
    let rights = Rights::of(me, &event, &co_hosts);
    let strip = strip(&event, &Counts::from(&summary), tab.key(), rights);
    let suspended = (!rights.manages).then(|| suspended(me, &event, &co_hosts)).flatten();
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
            ways_in::requests(data, query, &zone, page, &ticket_types, &summary, rights)
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
            {cancelled(&event, &zone)}
            {suspended}
            {invited.then_some(move || link.get().filter(|(of, _)| *of == id).map(|(_, made)| shown_once(link, made)))}
            {strip}
            {body}
        </div>
    }
    .into_any()
}

fn shown_once(of: Link, link: String) -> AnyView {
    let text = "Anyone with this link can book, as often as you allowed. You can copy it again from the list.";
    let close = view! {
        <button class="btn small quiet square" type="button" aria-label="Close" on:click=move |_| of.set(None)>{Icon::X.svg()}</button>
    };
    view! { {note(Tone::Success, "Share link created", text, Some(close.into_any()))}<Secret text=link/> }.into_any()
}

/// Why those who run this event otherwise find nothing to press.
fn suspended(me: &Me, event: &Event, co_hosts: &[CoHost]) -> Option<AnyView> {
    let organiser = event.organizer_partner_id.map(|id| (id, &event.organizer_name));
    let others = co_hosts.iter().filter_map(|host| Some((host.partner_id?, &host.name)));
    let (partner, name) = organiser.into_iter().chain(others).find(|(id, _)| me.is_suspended_at(id.0))?;
    let title = format!("{} is suspended", name.as_deref().unwrap_or("Your partner"));
    let why = view! { <a href=format!("/partners/{partner}")>"See why"</a> };
    let text = view! { <p>"You can see everything about this event, but not change it. "{why}</p> };
    Some(note(Tone::Warning, &title, text, None))
}

fn cancelled(event: &Event, zone: &Zone) -> Option<AnyView> {
    let since = event.cancelled_at?;
    let why = event.cancellation_reason.clone().unwrap_or_default();
    // The reason has its own full stop.
    let why = match why.trim_end_matches('.') {
        "" => ".".into_any(),
        why => view! { ": “"<bdi>{why.to_owned()}</bdi>".”" }.into_any(),
    };
    let on = clock::at(zone, since);
    let (title, text) = match event.is_discarded() {
        true => {
            ("This draft was discarded", view! { <p>"Discarded on "{on}{why}" It was never public."</p> }.into_any())
        }
        false => {
            let told = "All tickets are void. Guests with an email or phone were notified.";
            ("This event was cancelled", view! { <p>"Cancelled on "{on}{why}</p><p>{told}</p> }.into_any())
        }
    };
    (event.status == EventStatus::Cancelled).then(|| note(Tone::Danger, title, text, None))
}
