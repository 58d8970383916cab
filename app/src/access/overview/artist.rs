//! For artists who sign in: what they still have to do, and where they appear next.

use eventify::Error;
use eventify::access::Me;
use eventify::events::EventStatus;
use eventify::kernel::page::{Limit, every};
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::counted;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::operations::{talent_booking_list, talent_list};
use eventify::planning::{PlanStatus, TalentBooking, TalentFilter, TalentSlot, TalentTask};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::item::Item;
use crate::events::clock;
use crate::ui::{Icon, Tone, badge, card_flush, state};

/// Nobody signs in for so many artists that more have to be shown.
const MOST: u32 = 3;
/// So many tasks, and so many appearances are named.
const NAMED: usize = 5;
/// The page of all of it.
const OWN: &str = "/talent";

/// The bookings of whom the reader signs in for, each with the clocks of its place; `None` for everybody else.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Schedule(Option<Vec<(TalentBooking, Zone)>>);

/// Asks for it, of whoever is bound to artists.
pub async fn fetch(me: &Me) -> Result<Schedule, Error> {
    let bound = me.scopes.iter().any(|scope| scope.talent_id.is_some()) && me.may_somewhere(Permission::TalentRead);
    if !bound || me.two_factor_required || me.may(Permission::TalentRead) {
        return Ok(Schedule::default());
    }
    let own = talent_list(TalentFilter { limit: Limit::try_from(MOST).ok(), ..TalentFilter::default() }).await?.items;
    let booked = own.iter().map(|one| every(|page| talent_booking_list(one.id, page)));
    let mut bookings = Vec::new();
    for booking in futures::future::try_join_all(booked).await?.into_iter().flatten() {
        if booking.event_status != EventStatus::Cancelled {
            let zone = clock::named(&booking.timezone).await?;
            bookings.push((booking, zone));
        }
    }
    Ok(Schedule(Some(bookings)))
}

/// What is still to be done for what is to come, overdue first.
pub fn tasks(schedule: &Schedule, now: Timestamp) -> Vec<Item> {
    let bookings = schedule.0.iter().flatten().filter(|(booking, _)| booking.ends_at() > now);
    let mut open: Vec<_> = bookings
        .flat_map(|(booking, zone)| booking.tasks.iter().map(move |task| (task, booking, zone)))
        .filter(|(task, ..)| task.done_at.is_none())
        .collect();
    open.sort_by_key(|(task, ..)| task.by_due());
    let more = open.len().saturating_sub(NAMED);
    let mut items: Vec<_> =
        open.into_iter().take(NAMED).map(|(task, booking, zone)| item(task, booking, zone, now)).collect();
    if more > 0 {
        let text = counted(more, "more task");
        items.push(Item { icon: Icon::CHECK, tone: Tone::Info, text, meta: None, href: OWN.to_owned(), act: "Show" });
    }
    items
}

fn item(task: &TalentTask, booking: &TalentBooking, zone: &Zone, now: Timestamp) -> Item {
    let (icon, tone) = match task.is_overdue(now) {
        true => (Icon::ALERT, Tone::Danger),
        false => (Icon::CLOCK, Tone::Info),
    };
    let meta = Some(format!("{} · {}", task.due_in_words(zone, now), booking.event));
    Item { icon, tone, text: task.name(), meta, href: OWN.to_owned(), act: "Open" }
}

/// Where they appear next; nothing for those who are bound to no artist.
pub fn next(schedule: &Schedule, now: Timestamp) -> Option<AnyView> {
    let bookings = schedule.0.as_ref()?;
    let mut slots: Vec<_> = bookings
        .iter()
        .flat_map(|(booking, zone)| booking.slots.iter().map(move |slot| (slot, booking, zone)))
        .filter(|(slot, ..)| slot.ends_at > now && slot.status != PlanStatus::Cancelled)
        .collect();
    slots.sort_by_key(|(slot, ..)| slot.starts_at);
    let rows: Vec<_> = slots.into_iter().take(NAMED).map(|(slot, booking, zone)| row(slot, booking, zone)).collect();
    let all = view! { <a class="btn small quiet" href=OWN>"My schedule"</a> }.into_any();
    let body = match rows.is_empty() {
        true => state(Icon::CALENDAR, "Not booked yet", "When and where you appear is shown here.", None),
        false => view! { <ol class="next" role="list">{rows}</ol> }.into_any(),
    };
    Some(card_flush("overview-schedule", "Your next bookings", Some(all), body))
}

fn row(slot: &TalentSlot, booking: &TalentBooking, zone: &Zone) -> AnyView {
    let when = zone.local(slot.starts_at);
    let weekday: String = when.weekday().to_string().chars().take(3).collect();
    let place = slot.stage.iter().chain([&booking.place]).cloned().collect::<Vec<_>>().join(", ");
    let hours = format!("{} – {}", zone.brief(slot.starts_at), zone.clock(slot.ends_at));
    let (tone, word) = match slot.status {
        PlanStatus::Confirmed => (Tone::Success, "Confirmed"),
        _ => (Tone::Neutral, "Not confirmed"),
    };
    view! {
        <li>
            <time class="date" datetime=slot.starts_at.rfc3339()><span>{weekday}</span>{when.day()}</time>
            <div>
                <a href=OWN><bdi>{booking.event.clone()}</bdi></a>
                <small>{slot.kind.title()}" · "{hours}</small>
                <small><bdi>{place}</bdi></small>
            </div>
            <div class="next-figs">{badge(tone, word)}</div>
        </li>
    }
    .into_any()
}
