//! One of the roster: what they are booked for, what is to be done until then, and their documents. Artists who sign in
//! read the same of themselves.

use eventify::Error;
use eventify::events::EventStatus;
use eventify::kernel::error::not_found;
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission::{TalentManage, TalentRead};
use eventify::planning::operations::{talent_booking_list, talent_document_list, talent_get};
use eventify::planning::{Talent, TalentBooking, TalentDocument, TalentId, TalentSlot};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::pieces::{Reader, call, mailto, section};
use super::{roster, status, tasks};
use crate::events::{clock, guarded};
use crate::ui::{Facts, Icon, Loading, PageHead, badge, folded, id_of_path, loaded, now, state};

/// All there is to know of an artist.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Record {
    pub talent: Talent,
    /// Each with the clocks of its place.
    pub bookings: Vec<(TalentBooking, Zone)>,
    pub documents: Vec<TalentDocument>,
}

/// What there is to know of them.
pub async fn of(talent: Talent) -> Result<Record, Error> {
    let id = talent.id;
    let (booked, documents) =
        futures::try_join!(every(|page| talent_booking_list(id, page)), every(|page| talent_document_list(id, page)),)?;
    let mut bookings = Vec::with_capacity(booked.len());
    for booking in booked {
        let zone = clock::named(&booking.timezone).await?;
        bookings.push((booking, zone));
    }
    Ok(Record { talent, bookings, documents })
}

/// The page.
pub fn artist() -> AnyView {
    let id = id_of_path::<TalentId>();
    let data: Loading<Record> =
        Loading::new(move || id.get(), |id| async move { of(talent_get(id.ok_or_else(not_found)?).await?).await });
    loaded(data, move |record, me| {
        guarded(&me, TalentRead, || {
            let (name, what) = (record.talent.stage_name.clone(), roster::kind(record.talent.kind));
            let crumbs = vec![("Talent".to_owned(), "/talent".to_owned())];
            let actions = me.may(TalentManage).then(|| roster::actions(data, &record.talent));
            let reader = if me.may(TalentManage) { Reader::Manager } else { Reader::Team };
            let shown = view(data, record, reader);
            view! { <div class="page"><PageHead title=name crumbs=crumbs subtitle=what actions=actions.into_any()/>{shown}</div> }.into_any()
        })
    })
}

/// Bookings, documents and what they need; what is over is folded away.
pub fn view<D>(data: Loading<D>, record: Record, reader: Reader) -> AnyView
where
    D: 'static,
{
    let Record { talent, bookings, documents } = record;
    let now = now();
    let calendar = format!("/api/v1/talent/{}/calendar.ics", talent.id);
    let none = bookings.is_empty().then(|| {
        state(Icon::CALENDAR, "Not booked yet", "Slots at events appear here, each with its checklist.", None)
    });
    let subscribe = (!bookings.is_empty()).then(|| {
        view! { <a class="btn" href=calendar rel="external" download="">{Icon::CALENDAR.svg()}"Add to calendar"</a> }
    });
    let (coming, past): (Vec<_>, Vec<_>) = bookings.into_iter().partition(|(booking, _)| booking.ends_at() > now);
    let todo = (reader == Reader::Own).then(|| tasks::todo(&talent.stage_name, &coming)).flatten();
    let card = |(booking, zone): (TalentBooking, Zone)| booked(data, &talent, booking, &zone, reader);
    let coming: Vec<_> = coming.into_iter().map(card).collect();
    let past: Vec<_> = past.into_iter().map(card).collect();
    let past = (!past.is_empty()).then(|| {
        let title = if past.len() == 1 { "1 past booking".to_owned() } else { format!("{} past bookings", past.len()) };
        folded(title, view! { <div class="stack">{past}</div> }.into_any())
    });
    let mail = |email: String| mailto(&email, &talent.stage_name, view! { {email.clone()} }.into_any(), "");
    let facts = Facts::new()
        .add("Fee", talent.fee.display())
        .maybe("Needs", talent.rider.clone().map(|text| view! { <span dir="auto" class="prose">{text}</span> }))
        .maybe("Agent", talent.agent.clone())
        .maybe("Contact", talent.contact_name.clone())
        .maybe("Email", talent.contact_email.clone().map(mail))
        .maybe("Phone", talent.contact_phone.clone().map(call));
    let name = talent.stage_name.clone();
    // Whoever comes from the roster has the name above already.
    let heading = if reader == Reader::Own { name.clone() } else { "Bookings".to_owned() };
    view! {
        <section class="stack" aria-label=format!("Schedule of {name}")>
            <div class="row spread"><h2><bdi>{heading}</bdi></h2>{subscribe}</div>
            <div class="detail">
                <div class="stack">
                    {none}
                    {todo}
                    {coming}
                    {tasks::documents(data, talent.id, &name, documents, reader == Reader::Manager)}
                    {past}
                </div>
                <aside aria-label="About">{section(format!("About {name}"), facts.view())}</aside>
            </div>
        </section>
    }
    .into_any()
}

fn booked<D>(data: Loading<D>, talent: &Talent, booking: TalentBooking, zone: &Zone, reader: Reader) -> AnyView
where
    D: 'static,
{
    let off = (booking.event_status == EventStatus::Cancelled)
        .then(|| badge(crate::ui::Tone::Danger, "The event is cancelled"));
    let rows: Vec<_> = booking.slots.iter().map(|slot| slot_row(zone, slot)).collect();
    let slots = match rows.is_empty() {
        true => view! { <p class="muted">"No slots."</p> }.into_any(),
        false => view! { <ol class="slots" role="list">{rows}</ol> }.into_any(),
    };
    let tasks = tasks::list(data, talent.id, &booking, zone, reader);
    let place = format!("{} · times in {}", booking.place, zone.label(booking.starts_at));
    let ask = (reader == Reader::Own).then(|| organiser(&booking, &talent.stage_name));
    view! {
        <section class="card" aria-label=format!("{} · {}", booking.event, talent.stage_name)>
            <header class="card-head"><h3><bdi>{booking.event.clone()}</bdi>" "{off}</h3></header>
            <div class="card-body stack"><p class="muted">{place}</p>{slots}{ask}{tasks}</div>
        </section>
    }
    .into_any()
}

/// Who answers an artist's questions about a booking.
fn organiser(booking: &TalentBooking, artist: &str) -> AnyView {
    let about = format!("{} ({artist})", booking.event);
    let email = booking.contact_email.as_ref().map(|email| {
        view! { ", "{mailto(email, &about, view! { {email.clone()} }.into_any(), "")} }
    });
    view! { <p class="muted">"Questions? Ask "<bdi>{booking.contact_name.clone()}</bdi>{email}</p> }.into_any()
}

fn slot_row(zone: &Zone, slot: &TalentSlot) -> AnyView {
    let (word, tone) = status(slot.status.as_str());
    let when = zone.local(slot.starts_at);
    let weekday: String = when.weekday().to_string().chars().take(3).collect();
    let hours =
        format!("{}, {} – {}", zone.display_day(slot.starts_at), zone.clock(slot.starts_at), zone.clock(slot.ends_at));
    let stage = slot.stage.clone().map(|stage| view! { " · "<bdi>{stage}</bdi> });
    let hidden = (!slot.shown).then(|| view! { <small>"Not shown to guests"</small> });
    view! {
        <li>
            <time class="date" datetime=slot.starts_at.rfc3339()><span>{weekday}</span>{when.day()}</time>
            <div>
                <strong>{slot.kind.title()}</strong>
                <small>{hours}{stage}</small>
                {hidden}
                {slot.note.clone().map(|note| view! { <small dir="auto">{note}</small> })}
            </div>
            {badge(tone, word)}
        </li>
    }
    .into_any()
}
