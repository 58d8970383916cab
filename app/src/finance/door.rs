//! The desk at an event's door: tickets for cash or as the organiser's guest, and what was taken.

mod sell;

use eventify::Error;
use eventify::access::Me;
use eventify::events::{Event, EventId};
use eventify::finance::operations::{
    cash_deposit_list, cash_deposit_make, door_sale_list, door_sale_refund, door_takings,
};
use eventify::finance::{
    CashDeposit, DoorMethod, DoorRefund, DoorSale, DoorSaleFilter, DoorTakings, NewCashDeposit, SlipNumber,
};
use eventify::kernel::error::invalid_input;
use eventify::kernel::money::{Amount, Money, count};
use eventify::kernel::page::{Page, Paging};
use eventify::kernel::permissions::Permission::{FinanceManage, FinanceRead, PaymentsRefund};
use eventify::kernel::text::{Reason, counted};
use eventify::tickets::TicketType;
use eventify::tickets::operations::{TicketTypeQuery, ticket_type_list};
use eventify::zones::Zone;
use leptos::prelude::*;
use operation::Validate;
use serde::Deserialize;

use crate::events::head::{self, Counts};
use crate::events::{Head, Here, clock};
use crate::ui::{
    Area, Column, Confirm, Facts, Field, Icon, ListQuery, Loading, Table, Toasts, Tone, badge, card, card_flush,
    id_of_path, loaded, note, now, rule, submit,
};

/// What the page is made of.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Data {
    head: Head,
    types: Vec<TicketType>,
    takings: DoorTakings,
    sales: Page<DoorSale>,
    /// What was paid into the bank; none for who may not see the ledger.
    deposits: Option<Vec<CashDeposit>>,
}

/// The page.
pub fn door() -> AnyView {
    let (id, query) = (id_of_path::<EventId>(), ListQuery::current());
    let counts = head::counts(id);
    let data = Loading::new(move || (id.get(), query.get()), move |(id, query)| fetch(id, query, counts));
    let sold = sell::Sold::new(None);
    loaded(data, move |record, me| page((data, sold), query.get_untracked(), record, &me))
}

fn filter(query: &ListQuery) -> DoorSaleFilter {
    DoorSaleFilter {
        method: query.parsed("method"),
        refunded: query.text("show").map(|show| show == "refunded"),
        cursor: query.text("cursor"),
        limit: query.parsed("limit"),
    }
}

async fn fetch(id: Option<EventId>, query: ListQuery, counts: Loading<Counts>) -> Result<Data, Error> {
    let head = Head::load(id, counts).await?;
    let id = head.event.id;
    let sales = door_sale_list(id, filter(&query)).await?;
    let types = ticket_type_list(id, TicketTypeQuery::default()).await?.items;
    let deposits = match cash_deposit_list(id, Paging::most()).await {
        Err(error) if error.status() == 403 => None,
        deposits => Some(deposits?.items),
    };
    Ok(Data { head, types, takings: door_takings(id).await?, sales, deposits })
}

fn page((data, sold): (Loading<Data>, sell::Sold), query: ListQuery, record: Data, me: &Me) -> AnyView {
    let Data { head, types, takings, sales, deposits } = record;
    let event = &head.event;
    let refunds = me.may(PaymentsRefund);
    let methods = DoorMethod::ALL.iter().map(|m| (m.as_str().to_owned(), method_title(*m).to_owned())).collect();
    let wanted = filter(&query);
    let mut table = Table::new("Door sales", query)
        .counts("sale", "sales")
        .csv_of(format!("/events/{}/door-sales/export", event.id), &wanted)
        .select("method", "Payment: any", methods)
        .select("show", "Refund: any", SHOWN.map(|(key, title)| (key.to_owned(), title.to_owned())).to_vec())
        .column(Column::head("Guest", guest(&head.zone)).key("name,ticket_type,method,created_at,refunded_at"))
        .column(Column::new("Ticket type", |s: &DoorSale| s.ticket_type.clone().into_any()))
        .column(Column::new("Tickets", |s: &DoorSale| s.seats.to_string().into_any()).number().key("seats"))
        .column(Column::new("Payment", standing))
        .column(Column::new("Amount", amount(me.may(FinanceRead))).number().key("amount"))
        .empty("No door sales yet", "Tickets sold or given away at the door appear here.", None);
    if refunds {
        table = table.column(Column::actions(move |sale: &DoorSale| refund(data, sale)));
    }
    let sells = match event.status.is_open() && !types.is_empty() {
        true => {
            // What is no longer sold is offered only where nothing else is.
            let (over, mut types): (Vec<_>, Vec<_>) = types.into_iter().partition(|kind| kind.sale_is_over(now()));
            if types.is_empty() {
                types = over;
            }
            card("door-sell", "Sell tickets", None, sell::form(data, sold, event.id, &types))
        }
        false => {
            note(Tone::Info, "Nothing to sell here", "Tickets are sold while the event is published or live.", None)
        }
    };
    let pays_in = me.may(FinanceManage).then(|| pay_in(event.id, &takings.cash, move || data.refetch())).flatten();
    let deposits = deposits.filter(|list| !list.is_empty());
    let deposits =
        deposits.map(|list| card_flush("door-deposits", "Paid into the bank", None, paid_in(list, &head.zone)));
    view! {
        <div class="page event-page">
            {head.view(me, Here { tab: "/door-sales", page: "Door sales" })}
            <div class="detail">
                <div class="stack">{hand_back(event, &takings)}{short(&takings.cash)}{sells}{table.page(sales)}{deposits}</div>
                <aside class="second" aria-label="At a glance">{card("door-takings", "At a glance", pays_in, facts(&takings).view())}</aside>
            </div>
        </div>
    }
    .into_any()
}

fn facts(takings: &DoorTakings) -> Facts {
    Facts::new()
        .add("In the cash box", view! { <strong>{takings.cash.display()}</strong> })
        .maybe("Refunded in cash", (takings.refunded.minor > 0).then(|| takings.refunded.display()))
        .maybe("Paid into the bank", (takings.deposited.minor > 0).then(|| takings.deposited.display()))
        .add("Tickets sold", count(takings.sold))
        .add("Complimentary", count(takings.given))
}

/// Which sales can be shown alone.
const SHOWN: [(&str, &str); 2] = [("open", "Not refunded"), ("refunded", "Refunded")];

/// Who paid cash for an event that was cancelled gets it back at the door: each sale stands in the list.
fn hand_back(event: &Event, takings: &DoorTakings) -> Option<AnyView> {
    let count = takings.sales_to_hand_back;
    (count > 0).then(|| {
        let sales = if count == 1 { "1 sale".to_owned() } else { format!("{count} sales") };
        let title = format!("{} in cash to refund", takings.to_hand_back.display());
        let text = format!("The event was cancelled. Refund {sales} below and give the guests their cash.");
        let href = format!("/events/{}/door-sales?show=open&method=cash", event.id);
        let link = view! { <a class="btn small" href=href>"Show sales"</a> }.into_any();
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

/// More was refunded than the box holds.
pub fn short(cash: &Money) -> Option<AnyView> {
    (cash.minor < 0).then(|| {
        let missing = Money { minor: -cash.minor, currency: cash.currency.clone() };
        let title = format!("The cash box is short by {}", missing.display());
        let text = "More cash was refunded than is in the box, as some was already paid into the bank. Find out where the \
                    refunded cash came from.";
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
        <Confirm id="door-deposit" label="Record deposit" icon=Icon::SWAP title="Record a bank deposit?" confirm="Record deposit" keep="Keep in cash box" run=run class="btn small quiet" danger=false>
            <p>{format!("{} should be in the cash box. Enter what you paid into the bank. This can't be undone.", there.display())}</p>
            <Field name="amount" label=label.clone() value=there.decimal() check={rule::<Amount>} required=true/>
            <Field name="reference" label="Number on the deposit slip" check={rule::<SlipNumber>} required=true/>
        </Confirm>
    };
    Some(deposit.into_any())
}

fn paid_in(list: Vec<CashDeposit>, zone: &Zone) -> AnyView {
    let zone = zone.clone();
    let slip = |deposit: &CashDeposit| {
        let href = format!("/ledger/{}", deposit.journal_id);
        let by = deposit.deposited_by_name.clone().map(|name| view! { <small>{name}</small> });
        view! { <a href=href><bdi>{deposit.reference.clone()}</bdi></a>{by} }.into_any()
    };
    Table::new("Cash that was paid in", ListQuery::default())
        .counts("deposit", "deposits")
        .column(Column::head("Slip", slip))
        .column(Column::new("Amount", |d: &CashDeposit| d.amount.display().into_any()).number())
        .column(Column::new("Paid in", move |d: &CashDeposit| clock::brief(&zone, d.created_at)))
        .all(list)
}

fn method_title(method: DoorMethod) -> &'static str {
    match method {
        DoorMethod::Cash => "Cash",
        DoorMethod::Comp => "Complimentary",
    }
}

/// Who it is, and when and by whom it was sold.
fn guest(zone: &Zone) -> impl Fn(&DoorSale) -> AnyView + Send + Sync + 'static {
    let zone = zone.clone();
    move |sale: &DoorSale| {
        let href = format!("/events/{}?tab=guests&guest={}", sale.event_id, sale.attendee_id);
        let by = sale.sold_by_name.clone().map(|name| format!(" by {name}"));
        let name = sale.name.clone().unwrap_or_else(|| "Erased guest".to_owned());
        view! { <a href=href>{name}</a><small>"Sold "{clock::brief(&zone, sale.created_at)}{by}</small> }.into_any()
    }
}

fn standing(sale: &DoorSale) -> AnyView {
    match (sale.refunded_at, sale.method) {
        (Some(_), DoorMethod::Cash) => badge(Tone::Neutral, "Refunded"),
        (Some(_), DoorMethod::Comp) => badge(Tone::Neutral, "Voided"),
        (None, DoorMethod::Cash) => badge(Tone::Success, "Cash"),
        (None, DoorMethod::Comp) => badge(Tone::Info, "Complimentary"),
    }
}

/// The amount, which leads to its invoice.
fn amount(sees_money: bool) -> impl Fn(&DoorSale) -> AnyView + Send + Sync + 'static {
    move |sale: &DoorSale| match sale.invoice_id.filter(|_| sees_money) {
        Some(id) => view! { <a href=format!("/invoices/{id}")>{sale.amount.display()}</a> }.into_any(),
        None => sale.amount.display().into_any(),
    }
}

fn refund(data: Loading<Data>, sale: &DoorSale) -> AnyView {
    if sale.refunded_at.is_some() {
        return ().into_any();
    }
    let (id, toasts, amount) = (sale.id, Toasts::get(), sale.amount.display());
    let name = sale.name.clone().unwrap_or_else(|| "the guest".to_owned());
    let (title, confirm, text) = match sale.amount.minor {
        0 => (
            format!("Void {} of {name}?", counted(sale.seats, "ticket")),
            "Void tickets",
            "The seats become free again. This can't be undone.".to_owned(),
        ),
        _ => (
            format!("Refund {amount}?"),
            "Refund cash",
            format!(
                "Give {amount} in cash back to {name} now. {} will be voided, and the seats become free again. This can't be undone.",
                counted(sale.seats, "ticket")
            ),
        ),
    };
    let run = submit(
        move |input: DoorRefund| door_sale_refund(id, input),
        move |sale: DoorSale| {
            toasts.done(match sale.amount.minor {
                0 => "Tickets voided".to_owned(),
                _ => format!("Give {} back to the guest", sale.amount.display()),
            });
            data.refetch();
        },
    );
    let label = if sale.amount.minor == 0 { "Void tickets" } else { "Refund cash" };
    view! {
        <Confirm id=format!("door-refund-{id}") label=label icon=Icon::SWAP title=title confirm=confirm keep="Keep sale" run=run class="btn small quiet">
            <p>{text}</p>
            <Area name="reason" label="Reason" check={rule::<Reason>} required=true/>
        </Confirm>
    }
    .into_any()
}
