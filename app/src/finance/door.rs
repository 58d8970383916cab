//! The desk at an event's door: tickets for cash or as the organiser's guest, and what was taken.

use eventify::Error;
use eventify::access::Me;
use eventify::events::operations::event_get;
use eventify::events::{Event, EventId};
use eventify::finance::operations::{
    cash_deposit_list, cash_deposit_make, door_sale_list, door_sale_make, door_sale_refund, door_takings,
};
use eventify::finance::{
    CashDeposit, DoorMethod, DoorRefund, DoorSale, DoorSaleFilter, DoorTakings, NewCashDeposit, NewDoorSale, SlipNumber,
};
use eventify::kernel::error::{invalid_input, not_found};
use eventify::kernel::money::{Amount, Money};
use eventify::kernel::page::{Page, Paging};
use eventify::kernel::permissions::Permission::{FinanceManage, FinanceRead, PaymentsRefund};
use eventify::kernel::text::{Email, PersonName, Reason};
use eventify::tickets::TicketType;
use eventify::tickets::operations::{TicketTypeQuery, ticket_type_list};
use leptos::prelude::*;
use operation::Validate;
use serde::Deserialize;

use crate::ui::{
    Area, Column, Confirm, Facts, Field, Form, Icon, ListQuery, Loading, PageHead, Pick, PickOne, Table, Toasts, Tone,
    at, badge, card, card_flush, id_of_path, loaded, note, rule, submit,
};

/// What the page is made of.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Data {
    event: Event,
    types: Vec<TicketType>,
    takings: DoorTakings,
    sales: Page<DoorSale>,
    /// What was paid into the bank; none for who may not see the ledger.
    deposits: Option<Vec<CashDeposit>>,
}

/// The page.
pub fn door() -> AnyView {
    let (id, query) = (id_of_path::<EventId>(), ListQuery::current());
    let data = Resource::new_blocking(move || (id.get(), query.get()), |(id, query)| fetch(id, query));
    loaded(data, move |record, me| page(data, query.get_untracked(), record, &me))
}

async fn fetch(id: Option<EventId>, query: ListQuery) -> Result<Data, Error> {
    let id = id.ok_or_else(not_found)?;
    let filter = DoorSaleFilter {
        method: query.word("method"),
        refunded: query.text("show").map(|show| show == "refunded"),
        cursor: query.text("cursor"),
        limit: query.word("limit"),
    };
    let sales = door_sale_list(id, filter).await?;
    let types = ticket_type_list(id, TicketTypeQuery::default()).await?.items;
    let deposits = match cash_deposit_list(id, Paging::most()).await {
        Err(error) if error.status() == 403 => None,
        deposits => Some(deposits?.items),
    };
    Ok(Data { event: event_get(id).await?, types, takings: door_takings(id).await?, sales, deposits })
}

fn page(data: Loading<Data>, query: ListQuery, record: Data, me: &Me) -> AnyView {
    let Data { event, types, takings, sales, deposits } = record;
    let crumbs =
        vec![("Events".to_owned(), "/events".to_owned()), (event.title.clone(), format!("/events/{}", event.id))];
    let refunds = me.may(PaymentsRefund);
    let methods = DoorMethod::ALL.iter().map(|m| (m.word().to_owned(), method_title(*m).to_owned())).collect();
    let mut table = Table::new("Door sales", query)
        .counts("sale", "sales")
        .select("method", "Any payment", methods)
        .select("show", "Refunded or not", SHOWN.map(|(key, title)| (key.to_owned(), title.to_owned())).to_vec())
        .column(Column::head("Guest", guest))
        .column(Column::new("Ticket type", |s: &DoorSale| s.ticket_type.clone().into_any()))
        .column(Column::new("Tickets", |s: &DoorSale| s.seats.to_string().into_any()).number().key("seats"))
        .column(Column::new("Payment", standing))
        .column(Column::new("Amount", amount(me.may(FinanceRead))).number().key("amount"))
        .column(Column::new("Sold", |s: &DoorSale| at(s.created_at)).key("created_at").low())
        .empty("No door sales yet", "Tickets sold or given away at the door appear here.", None);
    if refunds {
        table = table.column(Column::actions(move |sale: &DoorSale| refund(data, sale)));
    }
    let subtitle =
        "Sell tickets for cash, or issue free ones to the organiser's guests. Tickets are issued right away.";
    let sells = match event.status.is_open() && !types.is_empty() {
        true => card("door-sell", "Sell tickets", None, form(data, event.id, &types)),
        false => {
            note(Tone::Info, "Nothing to sell here", "Tickets are sold while the event is published or live.", None)
        }
    };
    let pays_in = me.may(FinanceManage).then(|| pay_in(event.id, &takings.cash, move || data.refetch())).flatten();
    let deposits = deposits.filter(|list| !list.is_empty());
    let deposits = deposits.map(|list| card_flush("door-deposits", "Paid into the bank", None, paid_in(list)));
    view! {
        <div class="page">
            <PageHead title="Door sales" crumbs=crumbs subtitle=subtitle/>
            <div class="detail">
                <div class="stack">{hand_back(&event, &takings)}{short(&takings.cash)}{sells}{table.page(sales)}{deposits}</div>
                <aside aria-label="Takings">{card("door-takings", "Takings", pays_in, facts(&takings).view())}</aside>
            </div>
        </div>
    }
    .into_any()
}

fn facts(takings: &DoorTakings) -> Facts {
    Facts::new()
        .add("Cash to hand over", view! { <strong>{takings.cash.display()}</strong> })
        .maybe("Handed back", (takings.refunded.minor > 0).then(|| takings.refunded.display()))
        .maybe("Paid into the bank", (takings.deposited.minor > 0).then(|| takings.deposited.display()))
        .add("Tickets sold", takings.sold.to_string())
        .add("Given away", takings.given.to_string())
}

/// Which sales can be shown alone.
const SHOWN: [(&str, &str); 2] = [("open", "Not refunded"), ("refunded", "Refunded")];

/// Who paid cash for an event that was cancelled gets it back at the door: each sale stands in the list.
fn hand_back(event: &Event, takings: &DoorTakings) -> Option<AnyView> {
    let count = takings.sales_to_hand_back;
    (count > 0).then(|| {
        let sales = if count == 1 { "1 sale".to_owned() } else { format!("{count} sales") };
        let title = format!("{} to hand back", takings.to_hand_back.display());
        let text = format!("The event was cancelled. Refund {sales} below, and hand the guests their cash.");
        let href = format!("/events/{}/door-sales?show=open&method=cash", event.id);
        let link = view! { <a class="btn small" href=href>"Show them"</a> }.into_any();
        note(Tone::Warning, &title, text, Some(link))
    })
}

/// An amount, as people type it, and the bank's slip.
#[derive(Deserialize)]
struct PaidIn {
    amount: Amount,
    reference: SlipNumber,
}
impl Validate for PaidIn {}

/// More was handed back than the box holds.
pub fn short(cash: &Money) -> Option<AnyView> {
    (cash.minor < 0).then(|| {
        let missing = Money { minor: -cash.minor, currency: cash.currency.clone() };
        let title = format!("{} more was handed back than is in the cash box", missing.display());
        let text = "Cash was paid into the bank before it was handed back to guests. What is missing came from elsewhere, \
                    or is still owed to them.";
        note(Tone::Warning, &title, text, None)
    })
}

/// Paying what lies in the cash box into the bank; nothing where it is empty.
pub fn pay_in(id: EventId, there: &Money, again: impl Fn() + Copy + 'static + Send + Sync) -> Option<AnyView> {
    if there.minor <= 0 {
        return None;
    }
    let (there, toasts) = (there.clone(), Toasts::get());
    let (currency, label) = (there.currency.clone(), format!("Amount in {}", there.currency));
    let call = move |paid: PaidIn| {
        let amount = paid.amount.exactly_in(&currency).map_err(|message| invalid_input().field("amount", message));
        async move {
            let input = NewCashDeposit { amount_minor: amount?.minor, reference: paid.reference };
            cash_deposit_make(id, input).await.map_err(super::refund::at_the_amount)
        }
    };
    let run = submit(call, move |deposit: CashDeposit| {
        toasts.done(format!("{} paid into the bank", deposit.amount.display()));
        again();
    });
    let deposit = view! {
        <Confirm id="door-deposit" label="Pay in" icon=Icon::SWAP title="Pay cash into the bank?" confirm="Pay in" keep="Not yet" run=run class="btn small quiet" danger=false>
            <p>{format!("{} should lie in the cash box. Note what you take to the bank.", there.display())}</p>
            <Field name="amount" label=label.clone() value=there.decimal() check={rule::<Amount>} required=true/>
            <Field name="reference" label="Number on the slip" check={rule::<SlipNumber>} required=true/>
        </Confirm>
    };
    Some(deposit.into_any())
}

fn paid_in(list: Vec<CashDeposit>) -> AnyView {
    let slip = |deposit: &CashDeposit| {
        let href = format!("/ledger/{}", deposit.journal_id);
        let by = deposit.deposited_by_name.clone().map(|name| view! { <small>{name}</small> });
        view! { <a href=href><bdi>{deposit.reference.clone()}</bdi></a>{by} }.into_any()
    };
    Table::new("Cash that was paid in", ListQuery::default())
        .counts("deposit", "deposits")
        .column(Column::head("Slip", slip))
        .column(Column::new("Amount", |d: &CashDeposit| d.amount.display().into_any()).number())
        .column(Column::new("Paid in", |d: &CashDeposit| at(d.created_at)))
        .all(list)
}

fn method_title(method: DoorMethod) -> &'static str {
    match method {
        DoorMethod::Cash => "Cash",
        DoorMethod::Comp => "Free of charge",
    }
}

fn guest(sale: &DoorSale) -> AnyView {
    let href = format!("/events/{}?tab=guests&guest={}", sale.event_id, sale.attendee_id);
    let by = sale.sold_by_name.clone().map(|name| view! { <small>{format!("Sold by {name}")}</small> });
    view! { <a href=href>{sale.name.clone().unwrap_or_else(|| "Erased guest".to_owned())}</a>{by} }.into_any()
}

fn standing(sale: &DoorSale) -> AnyView {
    match (sale.refunded_at, sale.method) {
        (Some(_), DoorMethod::Cash) => badge(Tone::Neutral, "Refunded"),
        (Some(_), DoorMethod::Comp) => badge(Tone::Neutral, "Voided"),
        (None, DoorMethod::Cash) => badge(Tone::Success, "Cash"),
        (None, DoorMethod::Comp) => badge(Tone::Info, "Free of charge"),
    }
}

/// The amount, which leads to its invoice.
fn amount(sees_money: bool) -> impl Fn(&DoorSale) -> AnyView + Send + Sync + 'static {
    move |sale: &DoorSale| match sale.invoice_id.filter(|_| sees_money) {
        Some(id) => view! { <a href=format!("/invoices/{id}")>{sale.amount.display()}</a> }.into_any(),
        None => sale.amount.display().into_any(),
    }
}

fn form(data: Loading<Data>, id: EventId, types: &[TicketType]) -> AnyView {
    let toasts = Toasts::get();
    let options: Vec<_> = types
        .iter()
        .map(|kind| {
            let price = if kind.price.minor == 0 { "Free".to_owned() } else { kind.price.display() };
            (kind.id.to_string(), format!("{} · {price} · {} left", kind.name, kind.available))
        })
        .collect();
    let first = options.first().map(|(id, _)| id.clone()).unwrap_or_default();
    let methods = vec![
        ("cash".to_owned(), "Cash".to_owned(), "The guest pays the price of the ticket type".to_owned()),
        ("comp".to_owned(), "Free of charge".to_owned(), "A guest of the organiser".to_owned()),
    ];
    let run = submit(
        move |input: NewDoorSale| door_sale_make(id, input),
        move |sale: DoorSale| {
            toasts.done(match (sale.amount.minor, sale.seats) {
                (0, 1) => "1 ticket issued".to_owned(),
                (0, seats) => format!("{seats} tickets issued"),
                (_, seats) => format!("Collect {} for {}", sale.amount.display(), tickets(seats)),
            });
            data.refetch();
        },
    );
    view! {
        <Form id="door-sale" submit=run label="Issue tickets" fresh=true guarded=false>
            <div class="form-grid">
                <Pick name="ticket_type_id" label="Ticket type" options=options value=first required=true/>
                <Field name="seats" label="Tickets" kind="number" value="1" required=true/>
                <Field name="name" label="Name" check={rule::<PersonName>} required=true/>
                <Field name="email" label="Email" check={rule::<Email>} hint="Tickets are sent there. Leave empty if the guest enters by name."/>
            </div>
            <PickOne name="method" label="Payment" options=methods value="cash"/>
        </Form>
    }
    .into_any()
}

fn tickets(seats: i32) -> String {
    if seats == 1 { "1 ticket".to_owned() } else { format!("{seats} tickets") }
}

fn refund(data: Loading<Data>, sale: &DoorSale) -> AnyView {
    if sale.refunded_at.is_some() {
        return ().into_any();
    }
    let (id, toasts, amount) = (sale.id, Toasts::get(), sale.amount.display());
    let (title, confirm, text) = match sale.amount.minor {
        0 => (format!("Void {}?", tickets(sale.seats)), "Void tickets", "The seats become free again."),
        _ => (
            format!("Refund {amount}?"),
            "Refund cash",
            "Hand the cash back. The tickets are voided and the seats become free again.",
        ),
    };
    let run = submit(
        move |input: DoorRefund| door_sale_refund(id, input),
        move |sale: DoorSale| {
            toasts.done(match sale.amount.minor {
                0 => "The tickets are void".to_owned(),
                _ => format!("Hand back {}", sale.amount.display()),
            });
            data.refetch();
        },
    );
    let label = if sale.amount.minor == 0 { "Void" } else { "Refund" };
    view! {
        <Confirm id=format!("door-refund-{id}") label=label icon=Icon::SWAP title=title confirm=confirm keep="Keep sale" run=run class="btn small quiet">
            <p>{text}</p>
            <Area name="reason" label="Reason" check={rule::<Reason>} required=true/>
        </Confirm>
    }
    .into_any()
}
