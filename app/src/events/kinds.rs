//! The ticket types of an event.

use eventify::Error;
use eventify::events::{Event, EventStatus, Seats, Zone};
use eventify::kernel::error::{FieldErrors, Validate, invalid_input};
use eventify::kernel::money::{Amount, Currency, Money};
use eventify::kernel::patch::Patch;
use eventify::kernel::text::{Note, Title};
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{ticket_type_add, ticket_type_retire, ticket_type_update};
use eventify::tickets::{NewTicketType, Party, TicketType, TicketTypePatch};
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::detail::{Data, Rights};
use super::{afterwards, clock};
use crate::ui::{
    Area, Column, Confirm, Field, Flag, Icon, ListQuery, Loading, Nothing, Options, Submit, Table, Tone, badge, rule,
    submit, whole,
};

/// What the form holds.
#[derive(Clone, Debug, Deserialize)]
struct Fields {
    name: Title,
    #[serde(default)]
    description: Option<Note>,
    #[serde(default)]
    amount: Option<Amount>,
    #[serde(default)]
    quota: Option<Seats>,
    #[serde(default)]
    sales_start_at: Option<Timestamp>,
    #[serde(default)]
    sales_end_at: Option<Timestamp>,
    per_order_limit: Party,
    hidden: bool,
    #[serde(default)]
    version: i64,
}
impl Validate for Fields {
    fn check(&self, errors: &mut FieldErrors) {
        if self.sales_start_at.zip(self.sales_end_at).is_some_and(|(from, to)| from >= to) {
            errors.entry("sales_end_at".to_owned()).or_default().push("must be after the beginning".to_owned());
        }
    }
}

impl Fields {
    /// From when to when it is sold, as moments.
    fn times(&self, zone: &Zone) -> Result<(Option<Timestamp>, Option<Timestamp>), Error> {
        Ok((
            clock::moment_or_none(self.sales_start_at, zone, "sales_start_at")?,
            clock::moment_or_none(self.sales_end_at, zone, "sales_end_at")?,
        ))
    }
}

/// The types as choices.
pub fn choices(kinds: &[TicketType]) -> Options {
    let name = |kind: &TicketType| match kind.hidden {
        true => format!("{} (hidden)", kind.name),
        false => kind.name.clone(),
    };
    kinds.iter().map(|kind| (kind.id.to_string(), name(kind))).collect()
}

/// The tab.
pub fn tab(data: Loading<Data>, (event, zone): (&Event, &Zone), list: Vec<TicketType>, rights: Rights) -> AnyView {
    let clocks = zone.clone();
    let open = !matches!(event.status, EventStatus::Ended | EventStatus::Cancelled);
    let changes = rights.manages_tickets && open;
    let mut table = Table::new("Ticket types", ListQuery::default())
        .column(Column::head("Name", name))
        .column(
            Column::new("Price", |k: &TicketType| match k.price.minor {
                0 => "Free".into_any(),
                _ => k.price.display().into_any(),
            })
            .number(),
        )
        .column(Column::new("Taken", |k: &TicketType| taken(k).into_any()).number())
        .column(Column::new("Can be had", |k: &TicketType| k.available.into_any()).number())
        .column(Column::new("Sale", move |kind: &TicketType| sale(kind, &clocks)).low())
        .empty("No ticket types yet", "When it is published without one, it gets a free one.", None);
    if changes {
        let (event, zone) = (event.clone(), zone.clone());
        table = table.column(Column::actions(move |kind: &TicketType| kind_actions(data, &event, &zone, kind)));
    }
    let add = changes.then(|| add(data, event, zone));
    view! { <div class="stack"><div class="row">{add}</div>{table.all(list)}</div> }.into_any()
}

fn taken(kind: &TicketType) -> String {
    match kind.quota {
        Some(quota) => format!("{} / {quota}", kind.sold_count),
        None => kind.sold_count.to_string(),
    }
}

fn name(kind: &TicketType) -> AnyView {
    let hidden = kind.hidden.then(|| view! { " "{badge(Tone::Neutral, "Hidden")} });
    let about = (!kind.description.is_empty()).then(|| view! { <small>{kind.description.clone()}</small> });
    view! { {kind.name.clone()}{hidden}{about} }.into_any()
}

fn sale(kind: &TicketType, zone: &Zone) -> AnyView {
    let text = match (kind.sales_start_at, kind.sales_end_at) {
        (None, None) => "Always".to_owned(),
        (Some(from), None) => format!("From {}", zone.display(from)),
        (None, Some(to)) => format!("Until {}", zone.display(to)),
        (Some(from), Some(to)) => format!("{} – {}", zone.display(from), zone.display(to)),
    };
    text.into_any()
}

/// The fields, for a new one and for one that is there.
fn fields(event: &Event, zone: &Zone, kind: Option<&TicketType>) -> AnyView {
    let text = |of: fn(&TicketType) -> String| kind.map(of).unwrap_or_default();
    let time =
        |of: fn(&TicketType) -> Option<Timestamp>| kind.and_then(of).map(|at| zone.field(at)).unwrap_or_default();
    let clocks = zone.label(event.start_at);
    let (from, until) = (format!("On sale from, {clocks}"), format!("On sale until, {clocks}"));
    let price = format!("Price in {}", event.ticket_price.currency);
    let most = kind.map_or(4, |k| k.per_order_limit).to_string();
    view! {
        <Field name="name" label="Name" check={rule::<Title>} required=true value=text(|k| k.name.clone())/>
        <Area name="description" label="What it holds" check={rule::<Note>} emptyable=true value=text(|k| k.description.clone())/>
        <Field name="amount" label=price check={rule::<Amount>} value=text(|k| k.price.decimal()) hint="Empty: free. It stays once seats are taken."/>
        <Field name="quota" label="Seats of this type" kind="number" check={whole::<Seats>} value=text(|k| k.quota.map(|n| n.to_string()).unwrap_or_default()) hint="Empty: as many as the event has."/>
        <Field name="per_order_limit" label="Most for one person" kind="number" check={whole::<Party>} required=true value=most/>
        <Field name="sales_start_at" label=from kind="datetime-local" value=time(|k| k.sales_start_at)/>
        <Field name="sales_end_at" label=until kind="datetime-local" value=time(|k| k.sales_end_at)/>
        <Flag name="hidden" label="Hidden" hint="Only by promo code, by invitation, or from the organiser." value=kind.is_some_and(|k| k.hidden)/>
    }
    .into_any()
}

/// The amount in the event's currency, or what is wrong with it.
fn price(amount: &Amount, currency: &Currency) -> Result<Money, Error> {
    amount.exactly_in(currency).map_err(|message| invalid_input().field("amount", message))
}

fn add(data: Loading<Data>, event: &Event, zone: &Zone) -> AnyView {
    let (id, currency, clocks) = (event.id, event.ticket_price.currency.clone(), zone.clone());
    let call = move |fields: Fields| {
        let times = fields.times(&clocks);
        let price = fields.amount.as_ref().map(|amount| price(amount, &currency)).transpose();
        async move {
            let (sales_start_at, sales_end_at) = times?;
            let input = NewTicketType {
                name: fields.name,
                description: fields.description,
                price: price?,
                quota: fields.quota,
                sales_start_at,
                sales_end_at,
                per_order_limit: Some(fields.per_order_limit),
                hidden: fields.hidden,
            };
            ticket_type_add(id, input).await
        }
    };
    let run = submit(call, afterwards::<_, TicketType>(data, "Ticket type added"));
    let (title, owned, zone) = (format!("Another way into {}", event.title), event.clone(), zone.clone());
    view! {
        <Confirm id="kind-add" label="Add a ticket type" icon=Icon::PLUS title=title confirm="Add" run=run danger=false>
            {fields(&owned, &zone, None)}
        </Confirm>
    }
    .into_any()
}

/// Changes one: `amount` only where it is another one, since the price of a type that sells stays.
fn update(data: Loading<Data>, kind: &TicketType, zone: &Zone) -> Submit {
    let (id, before, clocks) = (kind.id, kind.price.clone(), zone.clone());
    let call = move |fields: Fields| {
        let free = Money { minor: 0, currency: before.currency.clone() };
        let times = fields.times(&clocks);
        let wanted = fields.amount.as_ref().map_or(Ok(free), |amount| price(amount, &before.currency));
        let price = wanted.map(|wanted| (wanted != before).then_some(wanted));
        async move {
            let time = |at: Option<Timestamp>| at.map_or(Patch::Null, Patch::Value);
            let (from, until) = times?;
            let patch = TicketTypePatch {
                name: Some(fields.name),
                description: fields.description,
                price: price?,
                quota: fields.quota.map_or(Patch::Null, Patch::Value),
                sales_start_at: time(from),
                sales_end_at: time(until),
                per_order_limit: Some(fields.per_order_limit),
                hidden: Some(fields.hidden),
                version: fields.version,
            };
            ticket_type_update(id, patch).await
        }
    };
    submit(call, afterwards::<_, TicketType>(data, "Saved"))
}

/// The same, for its standing alone.
fn set_hidden(data: Loading<Data>, kind: &TicketType) -> AnyView {
    let (id, name) = (kind.id, kind.name.clone());
    let patch = TicketTypePatch { hidden: Some(!kind.hidden), version: kind.version, ..TicketTypePatch::default() };
    let said = if kind.hidden { "It is on show" } else { "It is hidden" };
    let run = submit(move |_: Nothing| ticket_type_update(id, patch.clone()), afterwards::<_, TicketType>(data, said));
    let (label, icon, title, text) = match kind.hidden {
        true => ("Show", Icon::EYE, format!("Put {name} on show?"), "Everybody sees it while it is on sale."),
        false => (
            "Hide",
            Icon::LOCK,
            format!("Hide {name}?"),
            "Then it is had by promo code, by invitation, or from the organiser alone.",
        ),
    };
    let square = format!("{label} {name}");
    view! {
        <Confirm id=format!("kind-show-{id}") label=label icon=icon title=title confirm=label run=run danger=false square=square>
            <p>{text}</p>
        </Confirm>
    }
    .into_any()
}

fn kind_actions(data: Loading<Data>, event: &Event, zone: &Zone, kind: &TicketType) -> AnyView {
    let (id, name) = (kind.id, kind.name.clone());
    let gone = submit(move |_: Nothing| ticket_type_retire(id), afterwards::<_, ()>(data, "Off sale"));
    let (owned, clocks, now) = (event.clone(), zone.clone(), kind.clone());
    view! {
        <div class="row">
            <Confirm id=format!("kind-{id}") label="Edit" icon=Icon::EDIT title=format!("Change {name}") confirm="Save" run=update(data, kind, zone) extra=json!({ "version": kind.version }) danger=false square=format!("Edit {name}")>
                {fields(&owned, &clocks, Some(&now))}
            </Confirm>
            {set_hidden(data, kind)}
            <Confirm id=format!("kind-gone-{id}") label="Take off sale" icon=Icon::TRASH title=format!("Take {name} off sale for good?") confirm="Take it off" run=gone square=format!("Take {name} off sale")>
                <p>"Tickets of it that are out stay good. Guests on its waiting list are removed from it and notified."</p>
            </Confirm>
        </div>
    }
    .into_any()
}
