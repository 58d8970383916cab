//! The first page after signing in: what is on, what waits for somebody, what comes next.

mod business;
mod by_event;
mod figures;
mod partner;

use eventify::Error;
use eventify::access::operations::activity_list as fetch_activity;
use eventify::access::{Activity, Me};
use eventify::events::operations::event_list;
use eventify::events::{Event, EventFilter, EventSort, EventStatus, Zone, day_in_short};
use eventify::gate::operations::gate_board;
use eventify::kernel::page::{Limit, Paging};
use eventify::kernel::permissions::Permission;
use eventify::kernel::timestamp::Timestamp;
use eventify::overview::operations::overview as fetch_figures;
use eventify::overview::{Overview, Waiting};
use eventify::tickets::operations::{TicketTypeQuery, event_request_list, event_summary, ticket_type_list};
use eventify::tickets::{EventRequest, EventSummary, RequestFilter, RequestStatus, TicketType};
use leptos::prelude::*;

pub use by_event::by_event;

use super::shared::activity_list;
use crate::events::{Rights, clock, may_run, ways_in};
use crate::frame::{use_me, use_waiting};
use crate::ui::{
    Clock, Icon, ListQuery, Loading, PageHead, Tone, ago, card, card_flush, loaded, long, note, own_zone, state,
    zone_of,
};

/// So many events are shown of those that are on, and of those that come.
const LIVE: u32 = 3;
const NEXT: u32 = 5;
/// So many requests can be answered on the page.
const ASKED: u32 = 3;
/// So much of what happened to the account.
const SHOWN: u32 = 4;

/// Everything on the page.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Desk {
    figures: Overview,
    waiting: Waiting,
    activity: Vec<Activity>,
    live: Vec<Live>,
    next: Vec<Event>,
    /// The first requests to join, with what it takes to answer them here.
    asked: Vec<Asked>,
    own: Vec<partner::Own>,
    business: business::Business,
}

/// An event that is on.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Live {
    event: Event,
    zone: Zone,
    /// The seats that came, and who is inside where this person sees the gates.
    came: i64,
    inside: Option<i64>,
}

/// An event whose guests wait for an answer.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Asked {
    event: Event,
    summary: EventSummary,
    kinds: Vec<TicketType>,
    requests: Vec<EventRequest>,
}

/// Greeting, what is on, what needs attention, what comes, and how things stand.
pub fn overview() -> AnyView {
    let (me, waiting, clock) = (use_me(), use_waiting(), Clock::get());
    let query = ListQuery::current();
    let days = move || business::days(query.with(|query| query.text("days")));
    let data = Resource::new_blocking(days, move |days| fetch(me, waiting, clock, days));
    loaded(data, move |desk, me| page(desk, &me, move || data.refetch()))
}

async fn fetch(me: Loading<Me>, waiting: Loading<Waiting>, clock: Option<Clock>, days: i64) -> Result<Desk, Error> {
    let me = me.await?;
    let business = async { business::fetch(&me, days, &*zone_of(clock).await).await };
    let activity = async { fetch_activity(Paging::first(SHOWN)).await.map(|page| page.items) };
    let asked = async {
        let waiting = waiting.await.unwrap_or_default();
        let asked = if waiting.requests.is_some_and(|n| n > 0) { asked(&me).await? } else { Vec::new() };
        Ok((waiting, asked))
    };
    // Nothing of it waits for anything else.
    let (figures, activity, business, live, next, own, (waiting, asked)) = futures::try_join!(
        fetch_figures(),
        activity,
        business,
        live_now(&me),
        events(&me, EventStatus::Published, NEXT),
        partner::fetch(&me),
        asked,
    )?;
    Ok(Desk { figures, waiting, activity, live, next, asked, own, business })
}

async fn live_now(me: &Me) -> Result<Vec<Live>, Error> {
    let on = events(me, EventStatus::Live, LIVE).await?;
    futures::future::try_join_all(on.into_iter().map(|event| on_now(me, event))).await
}

async fn on_now(me: &Me, event: Event) -> Result<Live, Error> {
    let inside = async {
        match me.may(Permission::LiveRead) {
            true => gate_board(event.id).await.map(|board| Some(board.inside)),
            false => Ok(None),
        }
    };
    let (zone, summary, inside) = futures::try_join!(clock::zone(&event), event_summary(event.id), inside)?;
    Ok(Live { event, zone, came: summary.came_in, inside })
}

/// The first requests, of the events that begin next.
async fn asked(me: &Me) -> Result<Vec<Asked>, Error> {
    let filter = EventFilter {
        status: Some(vec![EventStatus::Live, EventStatus::Published]),
        has_requests: Some(true),
        sort: Some(EventSort::Start),
        limit: Limit::try_from(ASKED).ok(),
        ..EventFilter::default()
    };
    let (mut all, mut left) = (Vec::new(), ASKED as usize);
    for event in event_list(filter).await?.items {
        if left == 0 || !may_run(me, Permission::EventsManage, &event, &[]) {
            continue;
        }
        let pending = RequestFilter {
            status: Some(vec![RequestStatus::Pending]),
            cursor: None,
            limit: Limit::try_from(ASKED).ok(),
        };
        let (summary, kinds, page) = futures::try_join!(
            event_summary(event.id),
            ticket_type_list(event.id, TicketTypeQuery::default()),
            event_request_list(event.id, pending),
        )?;
        let requests: Vec<_> = page.items.into_iter().take(left).collect();
        left -= requests.len();
        all.push(Asked { event, summary, kinds: kinds.items, requests });
    }
    Ok(all)
}

async fn events(me: &Me, status: EventStatus, most: u32) -> Result<Vec<Event>, Error> {
    if !me.may_somewhere(Permission::EventsRead) {
        return Ok(Vec::new());
    }
    let filter = EventFilter {
        status: Some(vec![status]),
        sort: Some(EventSort::Start),
        limit: Limit::try_from(most).ok(),
        ..EventFilter::default()
    };
    Ok(event_list(filter).await?.items)
}

/// The way to their own schedule, for artists who sign in.
fn appears(me: &Me) -> Option<AnyView> {
    let link = view! { <a class="btn small" href="/talent">"My schedule"</a> }.into_any();
    let text = "When and where you appear, what is to be done until then, and your documents.";
    let bound = me.scopes.iter().any(|scope| scope.talent_id.is_some()) && me.may_somewhere(Permission::TalentRead);
    bound.then(|| note(Tone::Info, "Your schedule", text, Some(link)))
}

fn page(desk: Desk, me: &Me, again: impl Fn() + Copy + Send + Sync + 'static) -> AnyView {
    let first = me.full_name.split_whitespace().next().unwrap_or_default().to_owned();
    let (reads, plans) = (me.may_somewhere(Permission::EventsRead), me.may_somewhere(Permission::EventsManage));
    let new = plans.then(|| view! { <a class="btn primary" href="/events/new">{Icon::PLUS.svg()}"New event"</a> });
    let recent = card(
        "overview-activity",
        "Your account: recent activity",
        Some(view! { <a class="btn small quiet" href="/account/security">"Security"</a> }.into_any()),
        activity_list(desk.activity, SHOWN as usize),
    );
    let next = reads.then(|| next(&desk.next));
    // A partner's own people run its events; how many partners there are says nothing to them.
    let partners = !desk.own.is_empty();
    let needs = needs(&desk.waiting, &desk.figures, &desk.asked, me, again);
    view! {
        <div class="page">
            <PageHead title=format!("Good to see you, {first}") subtitle=subtitle(me, desk.figures.now, &desk.waiting) actions=new.into_any()/>
            {attention(me)}
            {appears(me)}
            {desk.own.into_iter().map(partner::view).collect_view()}
            {desk.live.iter().map(live).collect_view()}
            <div class="desk">
                <div class="stack">{needs}{business::figures(&desk.business)}{figures::stats(&desk.figures, partners)}</div>
                <div class="stack">{next}{business::activity(&desk.business)}{recent}</div>
            </div>
        </div>
    }
    .into_any()
}

/// The day by the reader's clock, and what is on; else who the reader is here.
fn subtitle(me: &Me, now: Timestamp, waiting: &Waiting) -> String {
    let roles = if me.roles.is_empty() { "No role yet".to_owned() } else { me.roles.join(", ") };
    let day = own_zone().display_long(now);
    match waiting.live_events {
        Some(1) => format!("{day} · 1 event live · {roles}"),
        Some(n @ 2..) => format!("{day} · {n} events live · {roles}"),
        _ => format!("{day} · {roles}"),
    }
}

/// What this person should see to on their own account.
fn attention(me: &Me) -> Option<AnyView> {
    let link = |label: &'static str| view! { <a class="btn small" href="/account/security">{label}</a> }.into_any();
    if me.two_factor_required {
        let text = "Your role requires two-factor sign-in. Until you set it up, nothing else is available to you.";
        return Some(note(Tone::Warning, "Set up a second factor", text, Some(link("Set it up"))));
    }
    if !me.totp_enabled {
        let text = "A second factor protects your account even if somebody learns your password.";
        return Some(note(Tone::Info, "Protect your account", text, Some(link("Set it up"))));
    }
    None
}

/// An event that is on: ink and lime, as nothing else is.
fn live(live: &Live) -> AnyView {
    let event = &live.event;
    let href = format!("/events/{}", event.id);
    let place = event.venue_name.clone().or(event.venue_text.clone()).unwrap_or_default();
    let place = [place, event.city.clone()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let by = event.organizer_name.clone().or(event.host_name.clone()).unwrap_or_default();
    let about = [place, by].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let left = event.capacity - event.going_count;
    let label = format!("{} of {} checked in", live.came, event.going_count);
    let (from, to) = (day_in_short(&event.event_date), day_in_short(&event.end_date));
    let until = match event.end_date == event.event_date {
        true => format!("{} – {}", event.start_time, event.end_time),
        false => format!("{from}, {} – {to}, {}", event.start_time, event.end_time),
    };
    let zone = live.zone.label(event.start_at);
    let share = live.came * 100 / i64::from(event.going_count.max(1));
    let inside =
        live.inside.map(|inside| view! { <div><dt>"Inside now"</dt><dd><span class="big">{inside}</span></dd></div> });
    let board =
        live.inside.map(|_| view! { <a class="btn small" href=format!("/events/{}/board", event.id)>"Live board"</a> });
    view! {
        <section class="live" aria-label=format!("Live: {}", event.title)>
            <p class="live-now"><span class="pulse">"Live"</span><span>{until}" "{zone}</span></p>
            <h2><a href=href>{event.title.clone()}</a></h2>
            <p class="muted">{about}</p>
            <dl class="figs">
                <div class="lead"><dt>"Checked in"</dt><dd><span class="big">{live.came}</span>{format!(" of {} seats · {share}%", event.going_count)}</dd></div>
                {inside}
                <div><dt>"Booked"</dt><dd><span class="big">{event.going_count}</span>" of "{event.capacity}</dd></div>
                <div><dt>"Seats left"</dt><dd><span class="big">{left.max(0)}</span></dd></div>
            </dl>
            <progress class="fill" value=live.came.to_string() max=event.going_count.max(1).to_string() aria-label=label></progress>
            {board}
        </section>
    }
    .into_any()
}

/// A request with its answers in place.
fn request(
    of: &Asked,
    request: &EventRequest,
    rights: Rights,
    again: impl Fn() + Copy + Send + Sync + 'static,
) -> AnyView {
    let name = request.requester_name.clone().unwrap_or_else(|| "A guest".to_owned());
    let said =
        (!request.message.is_empty()).then(|| view! { <blockquote dir="auto">{request.message.clone()}</blockquote> });
    let href = format!("/events/{}?tab=requests", of.event.id);
    let seats = ways_in::counted(request.seats_requested.into(), "seat");
    let answer = ways_in::Answer::new(&of.summary, &of.kinds, rights).buttons(request, again);
    view! {
        <li>
            {Icon::USER.svg()}
            <div>
                <p><strong><bdi>{name}</bdi></strong>{format!(" requests {seats} at ")}<a href=href>{of.event.title.clone()}</a></p>
                <p class="meta">{ago(request.created_at, of.summary.as_of)}{ways_in::too_many(request, &of.summary)}</p>
                {said}
            </div>
            <div class="answer">{answer}</div>
        </li>
    }
    .into_any()
}

/// What waits for somebody, each with the way to it; the first requests are answered here.
fn needs(
    waiting: &Waiting,
    figures: &Overview,
    asked: &[Asked],
    me: &Me,
    again: impl Fn() + Copy + Send + Sync + 'static,
) -> AnyView {
    let several = |n: i64, one: &str, more: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {more}") };
    let some = |n: Option<i64>| n.filter(|n| *n > 0);
    let oldest =
        figures.documents.and_then(|d| d.oldest_hours).map(|hours| format!("Oldest waiting for {}", long(hours)));
    let answered: Vec<AnyView> = asked
        .iter()
        .flat_map(|of| of.requests.iter().map(move |one| (of, one)))
        .map(|(of, one)| {
            let tickets = may_run(me, Permission::TicketsManage, &of.event, &[]);
            let rights = Rights { manages: true, manages_tickets: tickets, ..Rights::default() };
            request(of, one, rights, again)
        })
        .collect();
    let shown = i64::try_from(answered.len()).unwrap_or_default();
    let items = [
        some(waiting.requests.map(|n| n - shown)).map(|n| {
            let text = match shown {
                0 => several(n, "request to join waits for an answer", "requests to join wait for an answer"),
                _ => several(n, "more request to join", "more requests to join"),
            };
            let full: Vec<String> = asked
                .iter()
                .filter(|of| of.summary.free == 0)
                .map(|of| format!("{} is sold out", of.event.title))
                .collect();
            let full = (!full.is_empty()).then(|| full.join(" · "));
            (Icon::TICKET, Tone::Info, text, full, "/events?when=requests", "Answer")
        }),
        some(waiting.disputes_due).map(|n| {
            let text = several(n, "dispute needs evidence within a day", "disputes need evidence within a day");
            (Icon::ALERT, Tone::Danger, text, None, "/disputes?status=opened", "Open")
        }),
        some(waiting.payout_batches).map(|n| {
            let text = several(n, "payout batch needs your approval", "payout batches need your approval");
            (Icon::SWAP, Tone::Warning, text, None, "/payouts", "Review")
        }),
        some(waiting.documents).map(|n| {
            let text = several(n, "document to review", "documents to review");
            (Icon::CHECK, Tone::Info, text, oldest, "/kyc", "Review")
        }),
        some(waiting.privacy_requests).map(|n| {
            let text = several(n, "privacy request is open", "privacy requests are open");
            (Icon::EYE, Tone::Warning, text, None, "/privacy?status=open", "Open")
        }),
        some(waiting.failed_jobs).map(|n| {
            let text = several(n, "background job failed", "background jobs failed");
            (Icon::JOBS, Tone::Danger, text, None, "/jobs?status=dead", "Show")
        }),
    ];
    let rows: Vec<_> = items
        .into_iter()
        .flatten()
        .map(|(icon, tone, text, meta, href, label)| {
            let meta = meta.map(|meta| view! { <p class="meta">{meta}</p> });
            let row = view! {
                <li data-tone=tone.word()>
                    {icon.svg()}
                    <div><p><strong>{text.clone()}</strong></p>{meta}</div>
                    <a class="btn small" href=href aria-label=format!("{label}: {text}")>{label}</a>
                </li>
            };
            (tone == Tone::Danger, row)
        })
        .collect();
    // What cannot wait comes before what guests wait for.
    let (urgent, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(urgent, _)| *urgent);
    let [urgent, rows] = [urgent, rows].map(|rows| rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>());
    let body = match urgent.is_empty() && rows.is_empty() && answered.is_empty() {
        true => view! { <p class="card-body muted">"You're all caught up."</p> }.into_any(),
        false => view! { <ol class="inbox" role="list">{urgent}{answered}{rows}</ol> }.into_any(),
    };
    card_flush("overview-needs", "Needs you", None, body)
}

/// What comes next, how full it is.
fn next(events: &[Event]) -> AnyView {
    let rows = events.iter().map(|event| {
        let day = day_in_short(&event.event_date);
        let mut parts = day.split(' ');
        let (weekday, number) = (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default().to_owned());
        let when = format!("{number} {}, {}", parts.next().unwrap_or_default(), event.start_time);
        let place = event.venue_name.clone().or(event.venue_text.clone()).unwrap_or_else(|| event.city.clone());
        let href = format!("/events/{}", event.id);
        let label = format!("{} of {} seats taken", event.going_count, event.capacity);
        let left = event.capacity - event.going_count;
        let rest = if left > 0 { format!("{left} left") } else { "Sold out".to_owned() };
        view! {
            <li>
                <time class="date" datetime=event.start_at.rfc3339()><span>{weekday}</span>{number}</time>
                <div>
                    <a href=href>{event.title.clone()}</a>
                    <small>{when}" · "{place}</small>
                    <progress class="fill" value=event.going_count.to_string() max=event.capacity.to_string() aria-label=label></progress>
                </div>
                <div class="next-figs">
                    <strong>{event.going_count}<span>"/"{event.capacity}</span></strong>
                    <small>{rest}</small>
                </div>
            </li>
        }
    });
    let rows: Vec<_> = rows.collect();
    let all = view! { <a class="btn small quiet" href="/events">"All events"</a> }.into_any();
    let body = match rows.is_empty() {
        true => state(Icon::CALENDAR, "No upcoming events", "Published events appear here until they start.", None),
        false => view! { <ol class="next" role="list">{rows}</ol> }.into_any(),
    };
    card_flush("overview-next", "Next", Some(all), body)
}
