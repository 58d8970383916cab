//! The gates of an event: which tickets, which way, which hours; the phones at them, and what the event decides.

use eventify::Error;
use eventify::access::Me;
use eventify::events::{Event, EventId};
use eventify::gate::operations::{gate_add, gate_device_list, gate_list, gate_remove, gate_settings, gate_update};
use eventify::gate::{Gate, GatePatch, GateTitle, GateWay, NewGate};
use eventify::kernel::page::every;
use eventify::kernel::patch::Patch;
use eventify::kernel::permissions::Permission::TicketsManage;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{TicketTypeQuery, ticket_type_list};
use eventify::tickets::{TicketType, TicketTypeId};
use eventify::zones::Zone;
use leptos::prelude::*;
use serde_json::json;

use super::data::Data;
use super::{devices, settings};
use crate::events::head::{self, Counts};
use crate::events::{Head, afterwards, clock, ticket_types};
use crate::ui::{
    Column, Confirm, Field, Flag, Icon, ListQuery, Loading, Nothing, Pick, PickMany, Submit, Table, card_flush,
    id_of_path, live, loaded, rule, submit,
};

/// The page.
pub fn gates() -> AnyView {
    let id = id_of_path::<EventId>();
    let counts = head::counts(id);
    let data: Loading<Data> = Loading::new(move || id.get(), move |id| fetch(id, counts));
    if let Some(id) = id.get() {
        let changes = &["live.gate_changed", "live.device_changed", "event.status_changed"];
        live::follow_one(changes, id, move || data.refetch());
    }
    loaded(data, move |record, me| page(data, record, &me))
}

async fn fetch(id: Option<EventId>, counts: Loading<Counts>) -> Result<Data, Error> {
    let of = Head::load(id, counts).await?;
    let id = of.event.id;
    Ok(Data {
        of,
        gates: every(|page| gate_list(id, page)).await?,
        devices: every(|page| gate_device_list(id, page)).await?,
        settings: gate_settings(id).await?,
        types: ticket_type_list(id, TicketTypeQuery::default()).await?.items,
    })
}

fn page(data: Loading<Data>, record: Data, me: &Me) -> AnyView {
    let Data { of, gates, devices, settings, types } = record;
    let manages = of.may(me, TicketsManage);
    let acts = manages.then(|| add(data, &of, &types));
    let phones = devices::card(data, &of, &gates, devices, manages);
    let decided = settings::card(data, &of, settings, manages);
    let list = card_flush("gates-list", "Gates", None, table(data, &of, gates, &types, manages));
    view! {
        <div class="page event-page">
            {super::head(&of, "Gates and phones", me, acts)}
            {list}
            {phones}
            {decided}
        </div>
    }
    .into_any()
}

pub fn way_title(way: GateWay) -> &'static str {
    match way {
        GateWay::Both => "In and out",
        GateWay::In => "In",
        GateWay::Out => "Out",
    }
}

fn table(data: Loading<Data>, of: &Head, gates: Vec<Gate>, types: &[TicketType], manages: bool) -> AnyView {
    let (names, clocks) = (ticket_types::choices(types), of.zone.clone());
    let admits = move |gate: &Gate| {
        let named = names.iter().filter(|(id, _)| gate.ticket_types.iter().any(|own| own.to_string() == *id));
        let named: Vec<_> = named.map(|(_, name)| name.clone()).collect();
        if named.is_empty() { "All ticket types".to_owned() } else { named.join(", ") }.into_any()
    };
    let mut table = Table::new("List of gates", ListQuery::default())
        .counts("gate", "gates")
        .column(Column::head("Gate", |gate: &Gate| gate.name.clone().into_any()))
        .column(Column::new("Admits", admits))
        .column(Column::new("Direction", |gate: &Gate| way_title(gate.direction).into_any()))
        .column(Column::new("Hours", move |gate: &Gate| hours(gate, &clocks).into_any()).low())
        .empty("No gates yet", "Add a gate for each entrance. Phones are paired with a gate.", None);
    if manages {
        let (of, types) = (of.clone(), types.to_vec());
        table = table.column(Column::actions(move |gate: &Gate| actions(data, &of, gate, &types)));
    }
    table.all(gates)
}

fn hours(gate: &Gate, zone: &Zone) -> String {
    match (gate.opens_at, gate.closes_at) {
        (None, None) => "With the event".to_owned(),
        (Some(from), None) => format!("From {}", zone.brief(from)),
        (None, Some(to)) => format!("Until {}", zone.brief(to)),
        (Some(from), Some(to)) => format!("{} – {}", zone.brief(from), zone.brief(to)),
    }
}

/// What the dialog sends: times as the clocks there show them.
#[derive(Clone, Debug, serde::Deserialize)]
struct Fields {
    name: GateTitle,
    direction: GateWay,
    #[serde(default)]
    ticket_types: Vec<TicketTypeId>,
    #[serde(default)]
    opens_at: Option<Timestamp>,
    #[serde(default)]
    closes_at: Option<Timestamp>,
    #[serde(default)]
    adds_guests: bool,
    #[serde(default)]
    version: i64,
}
impl eventify::kernel::error::Validate for Fields {}

impl Fields {
    fn hours(&self, zone: &Zone) -> Result<(Option<Timestamp>, Option<Timestamp>), Error> {
        Ok((
            clock::moment_or_none(self.opens_at, zone, "opens_at")?,
            clock::moment_or_none(self.closes_at, zone, "closes_at")?,
        ))
    }
}

fn fields(event: &Event, zone: &Zone, types: &[TicketType], gate: Option<&Gate>) -> AnyView {
    let time = |of: fn(&Gate) -> Option<Timestamp>| gate.and_then(of).map(|at| zone.field(at)).unwrap_or_default();
    let clocks = zone.label(event.start_at);
    let (from, until) = (format!("Opens, {clocks}"), format!("Closes, {clocks}"));
    let ways = GateWay::ALL.iter().map(|way| (way.as_str().to_owned(), way_title(*way).to_owned())).collect::<Vec<_>>();
    let way = gate.map_or(GateWay::Both, |gate| gate.direction).as_str();
    let chosen = gate.map(|gate| gate.ticket_types.iter().map(ToString::to_string).collect()).unwrap_or_default();
    let groups = vec![("Ticket types".to_owned(), ticket_types::choices(types))];
    view! {
        <Field name="name" label="Name" check={rule::<GateTitle>} required=true value=gate.map(|gate| gate.name.clone()).unwrap_or_default() hint="Such as Gate A"/>
        <Pick name="direction" label="Direction" options=ways value=way required=true/>
        <PickMany name="ticket_types" label="Ticket types" groups=groups value=chosen quiet=true/>
        <p class="hint">"With none ticked the gate admits all ticket types."</p>
        <Field name="opens_at" label=from kind="datetime-local" value=time(|gate| gate.opens_at) hint="Leave empty to open with the event"/>
        <Field name="closes_at" label=until kind="datetime-local" value=time(|gate| gate.closes_at)/>
        <Flag name="adds_guests" label="Stewards can add guests here" hint="They go on the guest list and are admitted at once" value=gate.is_some_and(|gate| gate.adds_guests)/>
    }
    .into_any()
}

fn add(data: Loading<Data>, of: &Head, types: &[TicketType]) -> AnyView {
    let (id, clocks) = (of.event.id, of.zone.clone());
    let call = move |fields: Fields| {
        let hours = fields.hours(&clocks);
        async move {
            let (opens_at, closes_at) = hours?;
            let Fields { name, direction, ticket_types, adds_guests, .. } = fields;
            gate_add(id, NewGate { name, direction: Some(direction), ticket_types, opens_at, closes_at, adds_guests })
                .await
        }
    };
    let run = submit(call, afterwards::<_, Gate>(data, "Gate added"));
    let (of, types) = (of.clone(), types.to_vec());
    view! {
        <Confirm id="gate-add" label="Add gate" icon=Icon::PLUS title="Add gate" confirm="Add gate" run=run danger=false class="btn primary">
            {fields(&of.event, &of.zone, &types, None)}
        </Confirm>
    }
    .into_any()
}

fn update(data: Loading<Data>, of: &Head, gate: &Gate) -> Submit {
    let (id, clocks) = (gate.id, of.zone.clone());
    let call = move |fields: Fields| {
        let hours = fields.hours(&clocks);
        async move {
            let (opens_at, closes_at) = hours?;
            let Fields { name, direction, ticket_types, adds_guests, version, .. } = fields;
            let time = |at: Option<Timestamp>| at.map_or(Patch::Null, Patch::Value);
            let patch = GatePatch {
                name: Some(name),
                direction: Some(direction),
                ticket_types: Some(ticket_types),
                opens_at: time(opens_at),
                closes_at: time(closes_at),
                adds_guests: Some(adds_guests),
                version,
            };
            gate_update(id, patch).await
        }
    };
    submit(call, afterwards::<_, Gate>(data, "Saved"))
}

fn actions(data: Loading<Data>, of: &Head, gate: &Gate, types: &[TicketType]) -> AnyView {
    let (id, name) = (gate.id, gate.name.clone());
    let gone = submit(move |_: Nothing| gate_remove(id), afterwards::<_, ()>(data, "Gate removed"));
    let (owned, now, types) = (of.clone(), gate.clone(), types.to_vec());
    view! {
        <div class="row">
            <Confirm id=format!("gate-{id}") label="Edit" icon=Icon::EDIT title=format!("Edit {name}") confirm="Save" run=update(data, of, gate) extra=json!({ "version": gate.version }) danger=false in_row=format!("Edit {name}")>
                {fields(&owned.event, &owned.zone, &types, Some(&now))}
            </Confirm>
            <Confirm id=format!("gate-gone-{id}") label="Remove" icon=Icon::TRASH title=format!("Remove {name}?") confirm="Remove gate" keep="Keep gate" run=gone in_row=format!("Remove {name}")>
                <p>"Its scans stay in the history. Move its phones to another gate first."</p>
            </Confirm>
        </div>
    }
    .into_any()
}
