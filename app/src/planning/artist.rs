//! One of the roster: what they are booked for, what is to be done until then, and their documents. Artists who sign in
//! read the same of themselves.

use eventify::Error;
use eventify::events::{EventStatus, Zone};
use eventify::kernel::error::not_found;
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission::{TalentManage, TalentRead};
use eventify::planning::operations::{talent_booking_list, talent_document_list, talent_get};
use eventify::planning::{Talent, TalentBooking, TalentDocument, TalentId, TalentSlot};
use leptos::prelude::*;

use super::{roster, status, talent, tasks};
use crate::events::{clock, guarded};
use crate::ui::{Facts, Icon, Loading, PageHead, badge, id_of_path, loaded, state};

/// All there is to know of an artist.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
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
    let data: Loading<Record> = Resource::new_blocking(
        move || id.get(),
        |id| async move { of(talent_get(id.ok_or_else(not_found)?).await?).await },
    );
    loaded(data, move |record, me| {
        guarded(&me, TalentRead, || {
            let (name, what) = (record.talent.stage_name.clone(), talent::kind(record.talent.kind));
            let crumbs = vec![("Talent".to_owned(), "/talent".to_owned())];
            let actions = me.may(TalentManage).then(|| roster::actions(data, &record.talent));
            let shown = view(data, record, me.may(TalentManage));
            view! { <div class="page"><PageHead title=name crumbs=crumbs subtitle=what actions=actions.into_any()/>{shown}</div> }.into_any()
        })
    })
}

/// Bookings, documents and what they need.
pub fn view<D>(data: Loading<D>, record: Record, manages: bool) -> AnyView
where
    D: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
{
    let Record { talent, bookings, documents } = record;
    let calendar = format!("/api/v1/talent/{}/calendar.ics", talent.id);
    let none = bookings.is_empty().then(|| {
        state(Icon::CALENDAR, "Not booked yet", "Slots at events appear here, each with its checklist.", None)
    });
    let subscribe = (!bookings.is_empty()).then(|| {
        view! { <a class="btn" href=calendar rel="external" download="">{Icon::CALENDAR.svg()}"Add to calendar"</a> }
    });
    let booked: Vec<_> =
        bookings.into_iter().map(|(booking, zone)| booked(data, &talent, booking, &zone, manages)).collect();
    let facts = Facts::new()
        .add("Fee", talent.fee.display())
        .maybe("Needs", talent.rider.clone().map(|text| view! { <span dir="auto" class="prose">{text}</span> }))
        .maybe("Agent", talent.agent.clone())
        .maybe("Contact", talent.contact_name.clone())
        .maybe("Email", talent.contact_email.clone())
        .maybe("Phone", talent.contact_phone.clone());
    let name = talent.stage_name.clone();
    view! {
        <section class="stack" aria-label=format!("Schedule of {name}")>
            <div class="row spread"><h2><bdi>{name.clone()}</bdi></h2>{subscribe}</div>
            {none}
            {booked}
            {tasks::documents(data, talent.id, &name, documents, manages)}
            {section(format!("About {name}"), facts.view())}
        </section>
    }
    .into_any()
}

/// A card that is named by what it says.
pub fn section(title: String, body: AnyView) -> AnyView {
    view! {
        <section class="card" aria-label=title.clone()>
            <header class="card-head"><h3>{title.clone()}</h3></header>
            <div class="card-body stack">{body}</div>
        </section>
    }
    .into_any()
}

fn booked<D>(data: Loading<D>, talent: &Talent, booking: TalentBooking, zone: &Zone, manages: bool) -> AnyView
where
    D: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
{
    let off = (booking.event_status == EventStatus::Cancelled)
        .then(|| badge(crate::ui::Tone::Danger, "The event is cancelled"));
    let rows: Vec<_> = booking.slots.iter().map(|slot| slot_row(zone, slot)).collect();
    let none = rows.is_empty().then(|| view! { <p class="muted">"No slots."</p> });
    let title = format!("{} · {}", booking.event, talent.stage_name);
    let slots = (!rows.is_empty()).then(|| {
        view! {
            <div class="plan-lists" role="region" aria-label=format!("Slots: {title}") tabindex="0">
                <table class="plan-list">
                    <caption class="sr">{format!("Slots of {title}")}</caption>
                    <thead><tr>
                        <th scope="col">"When"</th><th scope="col">"What"</th><th scope="col">"Stage"</th>
                        <th scope="col">"Status"</th><th scope="col">"Note"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    let tasks = tasks::list(data, talent.id, &booking, zone, manages);
    let place = format!("{} · times in {}", booking.place, zone.label(booking.starts_at));
    section(title, view! { <p class="muted">{place}" "{off}</p>{none}{slots}{tasks} }.into_any())
}

fn slot_row(zone: &Zone, slot: &TalentSlot) -> AnyView {
    let (word, tone) = status(slot.status.word());
    let hidden = (!slot.shown).then(|| view! { " "<small>"Not shown to guests"</small> });
    view! {
        <tr>
            <td>{zone.display_span(slot.starts_at, slot.ends_at)}</td>
            <th scope="row">{slot.kind.title()}</th>
            <td><bdi>{slot.stage.clone()}</bdi></td>
            <td>{badge(tone, word)}{hidden}</td>
            <td dir="auto">{slot.note.clone()}</td>
        </tr>
    }
    .into_any()
}
