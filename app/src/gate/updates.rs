//! Live updates: what the team, and guests where they should, are told while an event goes on.

use eventify::Error;
use eventify::events::{Event, EventId, EventStatus};
use eventify::gate::operations::{live_update_list, live_update_pin, live_update_post, live_update_remove};
use eventify::gate::{
    LiveUpdate, LiveUpdateId, NewUpdate, UpdateAudience, UpdateFilter, UpdateKind, UpdatePatch, timestamp,
};
use eventify::kernel::page::Limit;
use eventify::kernel::text::Note;
use eventify::kernel::timestamp::Timestamp;
use eventify::zones::Zone;
use leptos::prelude::*;
use serde_json::json;

use crate::events::Head;
use crate::ui::{
    Area, Confirm, Flag, Icon, Nothing, Pick, Toasts, Tone, badge, card, live, menu, menu_act, rule, state, submit,
};

/// What somebody may do with the updates of an event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Posts {
    /// Posts for the team, and takes that down.
    pub any: bool,
    /// Also tells guests, and keeps an update on top.
    pub supervises: bool,
}

/// The tab of an event's page; `again` loads it anew.
pub fn tab(
    event: &Event,
    zone: &Zone,
    list: Vec<LiveUpdate>,
    posts: Posts,
    again: impl Fn() + Clone + Send + Sync + 'static,
) -> AnyView {
    live::follow_one(&["live.update_changed"], event.id, again);
    card("updates", "Live updates", posts.any.then(|| post(event, posts)), feed(event, zone, list, posts))
}

/// The latest updates of an event.
pub async fn feed_of(id: EventId) -> Result<Vec<LiveUpdate>, Error> {
    Ok(live_update_list(id, UpdateFilter { limit: Limit::try_from(50).ok(), ..UpdateFilter::default() }).await?.items)
}

/// The card of the board.
pub fn feed_card(of: &Head, updates: Vec<LiveUpdate>, posts: Posts) -> AnyView {
    card("updates", "Updates", posts.any.then(|| post(&of.event, posts)), feed(&of.event, &of.zone, updates, posts))
}

/// Whether it is an incident that still stands.
pub fn is_open_incident(update: &LiveUpdate) -> bool {
    update.kind == UpdateKind::Incident
}

/// When it was posted.
pub fn at(update: &LiveUpdate) -> Timestamp {
    timestamp(update.created_at)
}

fn kind_title(kind: UpdateKind) -> &'static str {
    match kind {
        UpdateKind::Info => "Info",
        UpdateKind::Warning => "Warning",
        UpdateKind::Incident => "Incident",
        UpdateKind::Schedule => "Schedule",
        UpdateKind::Headcount => "Headcount",
    }
}

fn sign(kind: UpdateKind) -> (Tone, Icon) {
    match kind {
        UpdateKind::Info => (Tone::Info, Icon::INFO),
        UpdateKind::Warning => (Tone::Warning, Icon::ALERT),
        UpdateKind::Incident => (Tone::Danger, Icon::ALERT),
        UpdateKind::Schedule => (Tone::Neutral, Icon::CLOCK),
        UpdateKind::Headcount => (Tone::Neutral, Icon::USERS),
    }
}

/// The list, pinned ones first.
fn feed(event: &Event, zone: &Zone, updates: Vec<LiveUpdate>, posts: Posts) -> AnyView {
    let event_id = event.id;
    if updates.is_empty() {
        let (title, text) = match event.status.is_over() {
            true => ("No updates", "Nothing was posted for this event."),
            false => ("No updates yet", "What the team posts during the event appears here."),
        };
        return state(Icon::ACTIVITY, title, text, None);
    }
    // Those of the latest one's day by the clock alone.
    let day = updates.iter().map(at).max().map(|latest| zone.local(latest).date());
    let said = |when: Timestamp| {
        if Some(zone.local(when).date()) == day { zone.clock(when) } else { zone.brief(when) }
    };
    let one = |update: LiveUpdate| {
        let (tone, icon) = sign(update.kind);
        let public =
            (update.audience == UpdateAudience::Guests).then(|| view! { " "{badge(Tone::Info, "Guests see this")} });
        let pinned = if update.pinned { "Pinned · " } else { "" };
        let by = [update.author.clone(), update.gate.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let when = at(&update);
        view! {
            <li data-tone=tone.as_str()>
                {icon.svg()}
                <span>
                    <span class="sr">{format!("{}: ", kind_title(update.kind))}</span>
                    <span dir="auto">{update.body.clone()}</span>
                    <small>{pinned}<bdi>{by}</bdi>{public}</small>
                </span>
                <span class="row">
                    <time datetime=when.rfc3339() title=zone.brief(when)>{said(when)}</time>
                    {posts.any.then(|| actions(event_id, &update, posts))}
                </span>
            </li>
        }
    };
    view! { <ul class="news-feed" role="list">{updates.into_iter().map(one).collect_view()}</ul> }.into_any()
}

/// The list follows by itself.
fn actions(event: EventId, update: &LiveUpdate, posts: Posts) -> AnyView {
    let (id, toasts, incident) = (LiveUpdateId(update.id), Toasts::get(), update.kind == UpdateKind::Incident);
    let body = update.body.clone();
    let (label, title, said) = match incident {
        true => ("Close incident", "Close this incident?", "Incident closed"),
        false => ("Remove update", "Remove this update?", "Update removed"),
    };
    let gone = submit(move |_: Nothing| live_update_remove(event, id), move |()| toasts.done(said));
    let pinned = !update.pinned;
    let pin = submit(
        move |_: Nothing| live_update_pin(event, id, UpdatePatch { pinned: Some(pinned) }),
        move |_: LiveUpdate| toasts.done(if pinned { "Kept on top" } else { "No longer on top" }),
    );
    let (name, icon) = if pinned { ("Keep on top", Icon::PIN) } else { ("Don't keep on top", Icon::X) };
    let (pins, ends) = (format!("update-pin-{id}"), format!("update-gone-{id}"));
    let sign = if incident { Icon::CHECK } else { Icon::TRASH };
    // What guests read, and what stays on top, is a supervisor's to take down.
    let goes = posts.supervises || update.audience == UpdateAudience::Staff && !update.pinned;
    let entries = [
        posts.supervises.then(|| menu_act(pins.clone(), format!("{name}…"), icon, false)),
        goes.then(|| menu_act(ends.clone(), format!("{label}…"), sign, !incident)),
    ];
    let pin = posts.supervises.then(|| {
        view! {
            <Confirm id=pins label=name icon=icon title=format!("{name}?") confirm=name run=pin danger=false in_menu=true>
                <p dir="auto">{body.clone()}</p>
            </Confirm>
        }
    });
    let gone = goes.then(|| {
        view! {
            <Confirm id=ends label=label icon=sign title=title confirm=label keep="Keep it" run=gone in_menu=true>
                <p>"It disappears from every phone, board and page."</p>
            </Confirm>
        }
    });
    view! { {menu("More for this update", entries.into_iter().flatten().collect())}{pin}{gone} }.into_any()
}

/// Who can be told: guests read on the event's page while it is to come or on, and nothing once it is over.
fn audiences(status: EventStatus) -> Vec<(String, String)> {
    let team = ("staff".to_owned(), "The team".to_owned());
    let guests = (!status.is_over()).then(|| ("guests".to_owned(), "The team and guests".to_owned()));
    std::iter::once(team).chain(guests).collect()
}

fn post(event: &Event, posts: Posts) -> AnyView {
    let (id, toasts, audiences) = (event.id, Toasts::get(), audiences(event.status));
    let (label, over) = match event.status.is_over() {
        true => ("Post a note", Some("The event is over: only the team sees this.")),
        false => ("Post an update", None),
    };
    let run = submit(
        move |input: NewUpdate| live_update_post(NewUpdate { event_id: Some(id.0), ..input }),
        move |_: LiveUpdate| toasts.done("Update posted"),
    );
    let kinds =
        UpdateKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind_title(*kind).to_owned())).collect::<Vec<_>>();
    let confirm = if over.is_some() { "Post note" } else { "Post update" };
    view! {
        <Confirm id="update-post" label=label icon=Icon::PLUS title=label confirm=confirm run=run extra=json!({ "event_id": id }) danger=false class="btn small">
            {over.map(|text| view! { <p>{text}</p> })}
            <Pick name="kind" label="Kind" options=kinds.clone() value="info" required=true/>
            <Area name="body" label="Text" check={rule::<Note>} required=true/>
            {posts.supervises.then(|| view! {
                {(audiences.len() > 1).then(|| view! {
                    <Pick name="audience" label="Who sees it" options=audiences.clone() value="staff" required=true/>
                })}
                <Flag name="pinned" label="Keep on top"/>
            })}
        </Confirm>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_are_told_only_where_they_read_it() {
        let keys = |status| audiences(status).into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        assert_eq!(keys(EventStatus::Published), ["staff", "guests"]);
        assert_eq!(keys(EventStatus::Live), ["staff", "guests"]);
        // The public page of an event that is over has no updates.
        assert_eq!(keys(EventStatus::Ended), ["staff"]);
        assert_eq!(keys(EventStatus::Cancelled), ["staff"]);
    }
}
