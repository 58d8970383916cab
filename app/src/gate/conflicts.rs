//! Admissions to check: one ticket that let two people in, a void one, a phone that was revoked; found when a phone that
//! was offline sent its scans. The verdicts stay as they were given; a person says what happened.

use eventify::Error;
use eventify::access::Me;
use eventify::events::EventId;
use eventify::gate::operations::{checkin_conflict_list, checkin_conflict_resolve};
use eventify::gate::{Conflict, ConflictFilter, ConflictKind, ConflictSide, Resolution, ResolveConflict};
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission::TicketsManage;
use eventify::kernel::text::Note;
use eventify::kernel::timestamp::Timestamp;
use eventify::zones::Zone;
use leptos::prelude::*;
use serde_json::json;

use super::signs::hour;
use crate::events::head::{self, Counts};
use crate::events::{Head, afterwards};
use crate::ui::{
    Area, Confirm, Facts, Icon, ListQuery, Loading, PickOne, Tone, badge, id_of_path, live, loaded, rule, state, submit,
};

/// What the page is made of.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Data {
    of: Head,
    page: Page<Conflict>,
}

/// The page.
pub fn conflicts() -> AnyView {
    let (id, query) = (id_of_path::<EventId>(), ListQuery::current());
    let counts = head::counts(id);
    let data: Loading<Data> =
        Loading::new(move || (id.get(), query.get()), move |(id, query)| fetch(id, query, counts));
    if let Some(id) = id.get() {
        live::follow_one(&["live.conflict_found", "live.conflict_resolved"], id, move || data.refetch());
    }
    loaded(data, move |record, me| page(data, query.get_untracked(), record, &me))
}

async fn fetch(id: Option<EventId>, query: ListQuery, counts: Loading<Counts>) -> Result<Data, Error> {
    let of = Head::load(id, counts).await?;
    let open = match query.text("show").as_deref() {
        Some("all") => None,
        _ => Some(true),
    };
    let filter = ConflictFilter { open, cursor: query.text("cursor"), limit: query.parsed("limit") };
    Ok(Data { page: checkin_conflict_list(of.event.id, filter).await?, of })
}

fn page(data: Loading<Data>, query: ListQuery, record: Data, me: &Me) -> AnyView {
    let Data { of, page } = record;
    let resolves = of.may(me, TicketsManage);
    let all = query.text("show").as_deref() == Some("all");
    let (said, key, words) = match all {
        true => ("Open and resolved", None, "Show open ones"),
        false => ("Open", Some("all"), "Show resolved ones too"),
    };
    let parts = view! { <p class="muted">{said}" · "<a href=query.href("show", key) data-noscroll="">{words}</a></p> };
    let more = page.next_cursor.as_deref().map(|cursor| {
        view! { <nav class="pager" aria-label="Pages of admissions"><a class="btn small" rel="next" href=query.href("cursor", Some(cursor))>"Next"{Icon::CHEVRON_RIGHT.svg()}</a></nav> }
    });
    let body = match (page.items.is_empty(), all) {
        (true, false) => state(
            Icon::CHECK,
            "No admissions to check",
            "Tickets that an offline phone admitted although they were void or used elsewhere appear here.",
            None,
        ),
        (true, true) => {
            state(Icon::CHECK, "No admissions to check", "Nobody was admitted twice or by a void ticket.", None)
        }
        _ => page.items.into_iter().map(|conflict| one(data, &of, conflict, resolves)).collect_view().into_any(),
    };
    view! {
        <div class="page event-page">
            {super::head(&of, "Admissions to check", me, None)}
            {parts}
            {body}
            {more}
        </div>
    }
    .into_any()
}

/// What kind it is, in a word.
pub fn kind_title(conflict: &Conflict) -> &'static str {
    match conflict.kind {
        ConflictKind::DoubleAdmission => "Double admission",
        ConflictKind::VoidTicket => "Void ticket admitted",
        ConflictKind::RevokedDevice => "Admitted by a revoked phone",
        ConflictKind::AgainstRules => "Admitted against the rules",
    }
}

/// Where and when, in a line; on the day itself by the hour alone.
pub fn in_short(conflict: &Conflict, zone: &Zone, now: Timestamp) -> String {
    let side = |side: &ConflictSide| {
        let today = zone.local(side.at).date() == zone.local(now).date();
        let when = if today { zone.clock(side.at) } else { zone.brief(side.at) };
        format!("{} {when}{}", side.gate, if side.offline { ", offline" } else { "" })
    };
    let second = side(&conflict.second);
    match (&conflict.first, conflict.kind) {
        (Some(first), _) => format!("{}; then {second}", side(first)),
        (None, ConflictKind::DoubleAdmission) => format!("Already used; then {second}"),
        (None, _) => second,
    }
}

fn resolution_title(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::TwoGuests => "Two guests of this order, one code",
        Resolution::SamePerson => "Same person twice",
        Resolution::Copied => "Copied ticket",
        Resolution::Unknown => "Cannot tell",
        Resolution::Annulled => "Scan annulled",
    }
}

fn one(data: Loading<Data>, of: &Head, conflict: Conflict, resolves: bool) -> AnyView {
    let zone = &of.zone;
    let name = conflict.guest.clone().unwrap_or_else(|| "No name".to_owned());
    let mark = match conflict.resolution {
        Some(resolution) => badge(Tone::Success, resolution_title(resolution)),
        None => badge(Tone::Warning, "Open"),
    };
    let (id, heading) = (conflict.id.to_string(), format!("conflict-{}", conflict.id));
    let named = heading.clone();
    let twice = conflict.kind == ConflictKind::DoubleAdmission;
    let first = match &conflict.first {
        Some(first) => Some(side("First admission", first, zone, None, twice.then_some(RIGHT))),
        None => twice.then(unrecorded),
    };
    let title = if first.is_some() { "Second admission" } else { "Admission" };
    let unknown = (twice && conflict.second.offline).then_some(UNKNOWN);
    let second = side(title, &conflict.second, zone, conflict.clock_ahead_ms, unknown);
    let done = conflict.resolved_at.map(|at| {
        let by = conflict.resolved_by.clone().unwrap_or_default();
        let note = conflict.note.clone().unwrap_or_default();
        view! { <p class="muted">{format!("Resolved by {by}, {}", zone.brief(at))}</p><p dir="auto">{note}</p> }
    });
    let guest = conflict.attendee_id.map(|guest| {
        view! { " · "<a href=format!("/events/{}?tab=guests&guest={guest}", of.event.id)>"Guest and history"</a> }
    });
    let act = (resolves && conflict.resolution.is_none()).then(|| resolve(data, &conflict, &name));
    view! {
        <section class="card" id=id aria-labelledby=named>
            <header class="card-head">
                <h2 id=heading>{kind_title(&conflict)}": "<bdi>{name}</bdi>" "{mark}</h2>
                {act.map(|act| view! { <div class="actions">{act}</div> })}
            </header>
            <div class="card-body stack">
                <p class="muted">{conflict.ticket_type.clone()}{guest}</p>
                <div class="twice">{first}{second}</div>
                {done}
            </div>
        </section>
    }
    .into_any()
}

/// A ticket that was used before, though no scan says where.
fn unrecorded() -> AnyView {
    view! {
        <section>
            <header><div><h3>"First admission"</h3><p>"Not recorded"</p></div></header>
            <p class="why">"The ticket was already used, but no scan of it is known. Ask the stewards at the gate."</p>
        </section>
    }
    .into_any()
}

const RIGHT: &str = "Nobody had used the ticket before. This admission was right.";
const UNKNOWN: &str = "The phone had no network and could not know of the other.";

/// One of the two admissions.
fn side(
    title: &'static str,
    side: &ConflictSide,
    zone: &Zone,
    ahead: Option<i64>,
    why: Option<&'static str>,
) -> AnyView {
    let day = zone.brief(side.at);
    let day = day.split(',').next().unwrap_or_default();
    let when = format!("{day}, {} at {}", hour(zone, side.at), side.gate);
    let who = [side.by.clone(), side.device.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let how = if side.offline { "Scanned offline" } else { "Scanned online" };
    let clock = match ahead.or(side.clock_ahead_ms).filter(|_| side.offline) {
        None => "Server's own".to_owned(),
        Some(ms) => offset(ms),
    };
    let facts = Facts::new()
        .add("Admitted by", if who.is_empty() { "Not known".to_owned() } else { who })
        .add("How", how)
        .add("Clock", clock);
    view! {
        <section>
            <header><div><h3>{title}</h3><p>{when}</p></div></header>
            {facts.view()}
            {why.map(|why| view! { <p class="why">{why}</p> })}
        </section>
    }
    .into_any()
}

/// How wrong a phone's clock is, in words.
fn offset(ahead_ms: i64) -> String {
    let seconds = ahead_ms.abs() / 1_000;
    let length = match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    };
    match (seconds, ahead_ms > 0) {
        (0..=1, _) => "The phone's clock is right".to_owned(),
        (_, true) => format!("The phone's clock is {length} ahead; times are corrected"),
        (_, false) => format!("The phone's clock is {length} behind; times are corrected"),
    }
}

fn resolve(data: Loading<Data>, conflict: &Conflict, name: &str) -> AnyView {
    let id = conflict.id;
    let run = submit(
        move |input: ResolveConflict| checkin_conflict_resolve(id, input),
        afterwards::<_, Conflict>(data, "Resolved"),
    );
    let unused = match conflict.unused_ticket_id {
        Some(_) => "The unused ticket of this order is closed as used, so that it cannot admit a third person",
        None => "This order has no unused ticket; nothing else changes",
    };
    let help = |resolution| match resolution {
        Resolution::TwoGuests => unused,
        Resolution::SamePerson => "Left without an exit scan: inside goes down by 1",
        Resolution::Copied => "A stranger is inside",
        Resolution::Unknown | Resolution::Annulled => "Closed with your note, nothing else changes",
    };
    let options: Vec<_> = [Resolution::TwoGuests, Resolution::SamePerson, Resolution::Copied, Resolution::Unknown]
        .into_iter()
        .map(|one| (one.as_str().to_owned(), resolution_title(one).to_owned(), help(one).to_owned()))
        .collect();
    view! {
        <Confirm id=format!("resolve-{id}") label="Resolve" icon=Icon::CHECK title=format!("What happened with {name}'s ticket?") confirm="Resolve" keep="Leave open" run=run extra=json!({ "version": conflict.version }) danger=false class="btn small">
            <PickOne name="resolution" label="What happened?" options=options.clone()/>
            <Area name="note" label="Note" check={rule::<Note>} required=true hint="Saved with your name. The scans stay as they were recorded"/>
        </Confirm>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_told_as_people_say_it() {
        assert_eq!(offset(400), "The phone's clock is right");
        assert_eq!(offset(-108_000), "The phone's clock is 1 min 48 s behind; times are corrected");
        assert_eq!(offset(7_080_000), "The phone's clock is 1 h 58 min ahead; times are corrected");
    }
}
