//! The first page after signing in: what is on, what waits for somebody, what comes next.

mod figures;
mod partner;

use eventify::Error;
use eventify::access::operations::activity_list as fetch_activity;
use eventify::access::{Activity, Me};
use eventify::events::operations::event_list;
use eventify::events::{Event, EventFilter, EventSort, EventStatus, day_in_short};
use eventify::kernel::page::{Limit, Paging};
use eventify::kernel::permissions::Permission;
use eventify::kernel::timestamp::Timestamp;
use eventify::overview::operations::overview as fetch_figures;
use eventify::overview::{Overview, Waiting};
use leptos::prelude::*;

use super::shared::activity_list;
use crate::frame::{use_me, use_waiting};
use crate::ui::{Icon, Loading, PageHead, Tone, card, card_flush, loaded, note, own_zone, state};

/// So many events are shown of those that are on, and of those that come.
const LIVE: u32 = 3;
const NEXT: u32 = 5;
/// So much of what happened to the account.
const SHOWN: u32 = 4;

/// Everything on the page.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Desk {
    figures: Overview,
    waiting: Waiting,
    activity: Vec<Activity>,
    live: Vec<Event>,
    next: Vec<Event>,
    own: Vec<partner::Own>,
}

/// Greeting, what is on, what needs attention, what comes, and how things stand.
pub fn overview() -> AnyView {
    let (me, waiting) = (use_me(), use_waiting());
    let data = Resource::new_blocking(|| (), move |()| fetch(me, waiting));
    loaded(data, |desk, me| page(desk, &me))
}

async fn fetch(me: Loading<Me>, waiting: Loading<Waiting>) -> Result<Desk, Error> {
    let me = me.await?;
    let (figures, activity) = futures::try_join!(fetch_figures(), fetch_activity(Paging::first(SHOWN)))?;
    let reads = me.may_somewhere(Permission::EventsRead);
    let (live, next) = match reads {
        true => futures::try_join!(events(EventStatus::Live, LIVE), events(EventStatus::Published, NEXT))?,
        false => (Vec::new(), Vec::new()),
    };
    let own = partner::fetch(&me).await?;
    Ok(Desk { figures, waiting: waiting.await.unwrap_or_default(), activity: activity.items, live, next, own })
}

async fn events(status: EventStatus, most: u32) -> Result<Vec<Event>, Error> {
    let filter = EventFilter {
        status: Some(vec![status]),
        sort: Some(EventSort::Start),
        limit: Limit::try_from(most).ok(),
        ..EventFilter::default()
    };
    Ok(event_list(filter).await?.items)
}

fn page(desk: Desk, me: &Me) -> AnyView {
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
    let needs = needs(&desk.waiting, &desk.figures);
    view! {
        <div class="page">
            <PageHead title=format!("Good to see you, {first}") subtitle=subtitle(me, desk.figures.now, &desk.waiting) actions=new.into_any()/>
            {attention(me)}
            {desk.own.into_iter().map(partner::view).collect_view()}
            {desk.live.iter().map(live).collect_view()}
            <div class="desk">
                <div class="stack">{needs}{figures::stats(&desk.figures)}</div>
                <div class="stack">{next}{recent}</div>
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
fn live(event: &Event) -> AnyView {
    let href = format!("/events/{}", event.id);
    let place = event.venue_name.clone().or(event.venue_text.clone()).unwrap_or_default();
    let place = [place, event.city.clone()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let by = event.organizer_name.clone().or(event.host_name.clone()).unwrap_or_default();
    let about = [place, by].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let left = event.capacity - event.going_count;
    let label = format!("{} of {} seats taken", event.going_count, event.capacity);
    let (from, to) = (day_in_short(&event.event_date), day_in_short(&event.end_date));
    let until = match event.end_date == event.event_date {
        true => format!("{} – {}", event.start_time, event.end_time),
        false => format!("{from}, {} – {to}, {}", event.start_time, event.end_time),
    };
    let zone = event.timezone.replace('_', " ");
    view! {
        <section class="live" aria-label=format!("Live: {}", event.title)>
            <p class="live-now"><span class="pulse">"Live"</span><span>{until}" ("{zone}" time)"</span></p>
            <h2><a href=href>{event.title.clone()}</a></h2>
            <p class="muted">{about}</p>
            <dl class="figs">
                <div class="lead"><dt>"Going"</dt><dd><span class="big">{event.going_count}</span>" of "{event.capacity}</dd></div>
                <div><dt>"Seats left"</dt><dd><span class="big">{left.max(0)}</span></dd></div>
            </dl>
            <progress class="fill" value=event.going_count.to_string() max=event.capacity.to_string() aria-label=label></progress>
        </section>
    }
    .into_any()
}

/// What waits for somebody, each with the way to it.
fn needs(waiting: &Waiting, figures: &Overview) -> AnyView {
    let several = |n: i64, one: &str, more: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {more}") };
    let some = |n: Option<i64>| n.filter(|n| *n > 0);
    let oldest = figures
        .documents
        .and_then(|d| d.oldest_hours)
        .map(|hours| format!("Oldest waiting for {}", figures::long(hours)));
    let items = [
        some(waiting.requests).map(|n| {
            let text = several(n, "request to join waits for an answer", "requests to join wait for an answer");
            (Icon::TICKET, Tone::Info, text, None, "/events?when=requests", "Answer")
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
            view! {
                <li data-tone=tone.word()>
                    {icon.svg()}
                    <div><p><strong>{text.clone()}</strong></p>{meta}</div>
                    <a class="btn small" href=href aria-label=format!("{label}: {text}")>{label}</a>
                </li>
            }
        })
        .collect();
    let body = match rows.is_empty() {
        true => state(Icon::CHECK, "You're all caught up", "What waits for you appears here.", None),
        false => view! { <ol class="inbox" role="list">{rows}</ol> }.into_any(),
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
