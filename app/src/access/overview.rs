//! The first page after signing in: what is on, what waits for somebody, what comes next.

mod artist;
mod business;
mod by_event;
mod coming;
mod figures;
mod item;
mod needs;
mod partner;

use eventify::Error;
use eventify::access::operations::activity_list as fetch_activity;
use eventify::access::{Activity, Me};
use eventify::kernel::page::Paging;
use eventify::kernel::permissions::Permission;
use eventify::kernel::timestamp::Timestamp;
use eventify::overview::operations::overview as fetch_figures;
use eventify::overview::{Overview, Waiting};
use eventify::zones::day_in_words;
use leptos::prelude::*;

pub use by_event::by_event;

use super::shared::activity_list;
use crate::frame::use_waiting;
use crate::ui::use_me;
use crate::ui::{Clock, Icon, ListQuery, Loading, PageHead, Tone, card, loaded, note, own_zone, zone_of};

/// So much of what happened to the account.
const SHOWN: u32 = 4;

/// Everything on the page.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Desk {
    figures: Overview,
    waiting: Waiting,
    activity: Vec<Activity>,
    live: Vec<coming::Live>,
    next: Vec<coming::Next>,
    needs: needs::Needs,
    own: Vec<partner::Own>,
    schedule: artist::Schedule,
    business: business::Business,
}

/// Greeting, what is on, what needs attention, what comes, and how things stand.
pub fn overview() -> AnyView {
    let (me, waiting, clock) = (use_me(), use_waiting(), Clock::get());
    let query = ListQuery::current();
    let days = move || business::days(query.with(|query| query.text("days")));
    let data = Loading::new(days, move |days| fetch(me, waiting, clock, days));
    loaded(data, move |desk, me| page(desk, &me, move || data.refetch()))
}

async fn fetch(me: Loading<Me>, waiting: Loading<Waiting>, clock: Option<Clock>, days: i64) -> Result<Desk, Error> {
    let me = me.await?;
    let business = async { business::fetch(&me, days, &*zone_of(clock).await).await };
    let activity = async { fetch_activity(Paging::first(SHOWN)).await.map(|page| page.items) };
    let needs = async {
        let waiting = waiting.await.unwrap_or_default();
        Ok((waiting, needs::fetch(&me, &waiting).await?))
    };
    // Nothing of it waits for anything else.
    let (figures, activity, business, live, next, own, schedule, (waiting, needs)) = futures::try_join!(
        fetch_figures(),
        activity,
        business,
        coming::live_now(&me),
        coming::next_ones(&me),
        partner::fetch(&me),
        artist::fetch(&me),
        needs,
    )?;
    Ok(Desk { figures, waiting, activity, live, next, needs, own, schedule, business })
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
    let next = reads.then(|| coming::next(&desk.next));
    // A partner's own people run its events; how many partners there are says nothing to them.
    let partners = !desk.own.is_empty();
    let needs = needs::view(&desk.needs, &desk.live, &desk.waiting, &desk.figures, &desk.schedule, me, again);
    let booked = artist::next(&desk.schedule, desk.figures.now);
    // What would be good to do does not stand above what is on.
    let (must, might) = match me.two_factor_required {
        true => (attention(me), None),
        false => (None, attention(me)),
    };
    let trend = desk.own.iter().find_map(partner::bookings);
    view! {
        <div class="page">
            <PageHead title=format!("Good to see you, {first}") subtitle=subtitle(me, desk.figures.now, &desk.waiting) actions=new.into_any()/>
            {must}
            {desk.own.into_iter().map(partner::view).collect_view()}
            {desk.live.iter().map(coming::live).collect_view()}
            <div class="desk first-page">
                <div class="stack">{needs}{trend}{business::figures(&desk.business)}{figures::stats(&desk.figures, partners)}</div>
                <div class="stack">{booked}{next}{business::activity(&desk.business)}{might}{recent}</div>
            </div>
        </div>
    }
    .into_any()
}

/// The day by the reader's clock, what is on, and who the reader is here.
fn subtitle(me: &Me, now: Timestamp, waiting: &Waiting) -> String {
    let roles = if me.roles.is_empty() { "No role yet".to_owned() } else { me.roles.join(", ") };
    let day = day_in_words(&own_zone().field(now).chars().take(10).collect::<String>());
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
        let text = "A second factor protects your account even if someone learns your password.";
        return Some(note(Tone::Info, "Protect your account", text, Some(link("Set it up"))));
    }
    None
}
