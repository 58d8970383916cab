//! The catalogue of equipment, and what of it is going to be short.

use eventify::Error;
use eventify::access::Me;
use eventify::kernel::money::count;
use eventify::kernel::page::{Page, every};
use eventify::kernel::permissions::Permission::{ProductionManage, ProductionRead};
use eventify::planning::operations::{equipment_add, equipment_list, equipment_shortage_list};
use eventify::planning::{
    Equipment, EquipmentCategory, EquipmentFilter, EquipmentName, NewEquipment, Shortage, ShortageBooking,
};
use eventify::zones::Zone;
use leptos::prelude::*;

use crate::events::{afterwards, clock, guarded};
use crate::ui::{
    Column, Confirm, Field, Icon, ListQuery, Loading, PageHead, Table, Tone, badge, card, loaded, now, opens_dialog,
    own_zone, rule, submit,
};

#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Seen {
    page: Page<Equipment>,
    /// Each with the clocks of the first event that takes part in it.
    short: Vec<(Shortage, Zone)>,
}

fn filter(query: &ListQuery) -> EquipmentFilter {
    EquipmentFilter {
        q: query.parsed("q"),
        updated_since: None,
        cursor: query.text("cursor"),
        limit: query.parsed("limit"),
    }
}

async fn fetch(query: ListQuery) -> Result<Seen, Error> {
    let short = async {
        let mut short = Vec::new();
        for one in every(equipment_shortage_list).await? {
            let zone = one.bookings.first().map(|booking| booking.timezone.clone()).unwrap_or_default();
            short.push((one, clock::named(&zone).await?));
        }
        Ok(short)
    };
    let (page, short) = futures::try_join!(equipment_list(filter(&query)), short)?;
    Ok(Seen { page, short })
}

/// The list, by name.
pub fn equipment() -> AnyView {
    let query = ListQuery::current();
    let data: Loading<Seen> = Loading::new(move || query.get(), fetch);
    loaded(data, move |seen, me| guarded(&me, ProductionRead, || list(data, query.get_untracked(), seen, &me)))
}

fn list(data: Loading<Seen>, query: ListQuery, seen: Seen, me: &Me) -> AnyView {
    let wanted = filter(&query);
    let first = me.may(ProductionManage).then(|| opens_dialog("equipment-new", "Add equipment", Icon::PLUS));
    let table = Table::new("Equipment", query)
        .counts("kind", "kinds")
        .csv("/production/equipment/export", &wanted)
        .by_letter("")
        .search("Name or category")
        .column(
            Column::head("Name", |one: &Equipment| {
                view! { <a href=format!("/equipment/{}", one.id)><bdi>{one.name.clone()}</bdi></a> }.into_any()
            })
            .key("name"),
        )
        .column(Column::new("Category", |one: &Equipment| one.category.clone().into_any()).key("category"))
        .column(
            Column::new("Units", |one: &Equipment| {
                let less = i64::from(one.units_owned) != one.units_usable;
                let usable = less.then(|| view! { <small>{format!("{} usable", count(one.units_usable))}</small> });
                view! { {count(one.units_owned.into())}{usable} }.into_any()
            })
            .key("units_owned")
            .number(),
        )
        .column(Column::new("Next use", |one: &Equipment| next_use(one)).key("next_use_at"))
        .empty("No equipment yet", "Equipment that events can use appears here.", first)
        .page(seen.page);
    let add = me.may(ProductionManage).then(|| add(data));
    let short = (!seen.short.is_empty()).then(|| short(&seen.short));
    view! { <div class="page"><PageHead title="Equipment" actions=add.into_any()/>{short}{table}</div> }.into_any()
}

/// When events need it next.
fn next_use(one: &Equipment) -> AnyView {
    match one.next_use_at {
        None => view! { <span class="muted">"Not booked"</span> }.into_any(),
        Some(at) if at <= now() => "In use now".into_any(),
        Some(at) => own_zone().display_day(at).into_any(),
    }
}

fn add(data: Loading<Seen>) -> AnyView {
    let run =
        submit(move |input: NewEquipment| equipment_add(input), afterwards::<_, Equipment>(data, "Equipment added"));
    view! {
        <Confirm id="equipment-new" label="Add equipment" icon=Icon::PLUS title="Add equipment" confirm="Add equipment" run=run danger=false class="btn primary">
            <Field name="name" label="Name" check={rule::<EquipmentName>} required=true/>
            <Field name="category" label="Category" check={rule::<EquipmentCategory>}/>
            <Field name="units_owned" label="Units owned" kind="number" required=true value="1"/>
        </Confirm>
    }
    .into_any()
}

/// What is going to be short, before it is: who wants it, and when.
fn short(all: &[(Shortage, Zone)]) -> AnyView {
    let rows: Vec<_> = all
        .iter()
        .map(|(one, zone)| {
            let who = one.bookings.iter().map(wants).collect_view();
            view! {
                <li class="shortage">
                    {badge(Tone::Danger, format!("{} short", one.missing()))}
                    <div>
                        <b><bdi>{one.equipment.clone()}</bdi></b>
                        <p class="muted">{zone.display_span(one.starts_at, one.ends_at)}{format!(" · {} needed, {} usable", one.needed, one.usable)}</p>
                        <p class="row">{who}</p>
                    </div>
                </li>
            }
        })
        .collect();
    card("shortages", "Short of units", None, view! { <ul class="checklist" role="list">{rows}</ul> })
}

fn wants(one: &ShortageBooking) -> AnyView {
    let pencilled = (one.status == eventify::planning::BookingStatus::Pencilled).then_some(" (pencilled)");
    let href = format!("/events/{}/plan#entry-{}", one.event_id, one.booking_id);
    view! { <span>{one.units}" for "<a href=href><bdi>{one.event.clone()}</bdi></a>{pencilled}</span> }.into_any()
}
