//! The budget of one event, line by line.

use eventify::Error;
use eventify::access::Me;
use eventify::events::EventId;
use eventify::finance::operations::{
    budget_create, budget_get, budget_line_add, budget_line_remove, budget_line_update,
};
use eventify::finance::{
    BudgetDetail, BudgetKind, BudgetLine, BudgetLinePatch, BudgetSource, BudgetSums, LineTitle, NewBudget,
    NewBudgetLine,
};
use eventify::kernel::error::{invalid_input, not_found};
use eventify::kernel::money::{Amount, Currency, Money};
use eventify::kernel::permissions::Permission::BudgetsManage;
use leptos::prelude::*;
use operation::Validate;
use serde::Deserialize;

use crate::ui::{
    Confirm, Field, Icon, Loading, Nothing, PageHead, Pick, Submit, Toasts, Tone, card_flush, id_of_path, loaded, menu,
    menu_act, rule, submit, use_go,
};

/// The page of one budget.
pub fn budget() -> AnyView {
    let id = id_of_path::<EventId>();
    let data = Loading::new(move || id.get(), fetch);
    loaded(data, move |detail, me| page(data, &detail, &me))
}

async fn fetch(id: Option<EventId>) -> Result<BudgetDetail, Error> {
    budget_get(id.ok_or_else(not_found)?).await
}

fn page(data: Loading<BudgetDetail>, detail: &BudgetDetail, me: &Me) -> AnyView {
    let budget = &detail.budget;
    let crumbs = vec![("Budgets".to_owned(), "/budgets".to_owned())];
    let changes = me.may_somewhere(BudgetsManage);
    let acts = changes.then(|| add(data, budget.event_id, &budget.result.planned.currency));
    let subtitle = match budget.event_over {
        true => "The event is over: planned and actual income and costs",
        false => "Planned income and costs, and what there is so far",
    };
    let money = format!("/events/{}?tab=money", budget.event_id);
    let event = view! { <a class="btn small" href=money>"Show event"</a> };
    let table = lines(detail, changes.then_some(data));
    view! {
        <div class="page">
            <PageHead title=format!("{}: budget", budget.event_title) crumbs=crumbs subtitle=subtitle actions=acts.into_any()/>
            {card_flush("budget-lines", "Lines", Some(event.into_any()), table)}
        </div>
    }
    .into_any()
}

/// How income, costs or, without a kind, the result differ from the plan, in words and not only by a sign. What is still
/// to come is neither better nor worse yet.
fn compared(kind: Option<BudgetKind>, variance: &Money, over: bool) -> (String, Tone, &'static str) {
    let size = Money { minor: variance.minor.saturating_abs(), currency: variance.currency.clone() }.display();
    let (tone, words) = match (kind, variance.minor > 0, over) {
        (_, true, true) => (Tone::Success, "better than plan"),
        (_, false, true) => (Tone::Danger, "worse than plan"),
        (None, true, false) => (Tone::Success, "above plan so far"),
        (None, false, false) => (Tone::Neutral, "below plan so far"),
        (Some(BudgetKind::Income), true, false) => (Tone::Success, "above plan"),
        (Some(BudgetKind::Income), false, false) => (Tone::Neutral, "to go"),
        (Some(BudgetKind::Cost), true, false) => (Tone::Neutral, "left"),
        (Some(BudgetKind::Cost), false, false) => (Tone::Danger, "over plan"),
    };
    (size, tone, words)
}

/// The same as a cell.
pub fn better(kind: Option<BudgetKind>, variance: &Money, over: bool) -> AnyView {
    if variance.minor == 0 {
        return view! { <span class="sum">"As planned"</span> }.into_any();
    }
    let (size, tone, words) = compared(kind, variance, over);
    view! { <span class="sum trend" data-tone=tone.as_str()>{size}</span><small>{words}</small> }.into_any()
}

/// All lines with their sums. With `data` each can be changed.
pub fn lines(detail: &BudgetDetail, data: Option<Loading<BudgetDetail>>) -> AnyView {
    let of = |kind: BudgetKind| {
        let rows = detail.lines.iter().filter(move |line| line.kind == kind);
        rows.map(|line| row(line, detail.budget.event_over, data)).collect_view()
    };
    let (budget, over) = (&detail.budget, detail.budget.event_over);
    let last = data.map(|_| view! { <th class="act" scope="col"><span class="sr">"Actions"</span></th> });
    view! {
        <div class="datatable">
            <table class="table">
                <caption class="sr">{format!("Budget for {}", budget.event_title)}</caption>
                <thead><tr>
                    <th scope="col">"Line"</th>
                    <th scope="col" class="num">"Planned"</th>
                    <th scope="col" class="num">"Agreed"</th>
                    <th scope="col" class="num">"Actual"</th>
                    <th scope="col" class="num">"Against plan"</th>
                    {last}
                </tr></thead>
                <tbody>{of(BudgetKind::Income)}{sum(Some(BudgetKind::Income), &budget.income, over, data.is_some())}</tbody>
                <tbody>{of(BudgetKind::Cost)}{sum(Some(BudgetKind::Cost), &budget.costs, over, data.is_some())}</tbody>
                <tbody>{sum(None, &budget.result, over, data.is_some())}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// An amount; a dash where there is none.
fn or_dash(money: &Money) -> String {
    if money.minor == 0 { "–".to_owned() } else { money.display() }
}

fn cells(planned: &Money, committed: &Money, actual: AnyView, variance: AnyView) -> AnyView {
    view! {
        <td data-label="Planned" class="num"><div><span class="sum">{or_dash(planned)}</span></div></td>
        <td data-label="Agreed" class="num"><div><span class="sum">{or_dash(committed)}</span></div></td>
        <td data-label="Actual" class="num"><div><span class="sum">{actual}</span></div></td>
        <td data-label="Against plan" class="num"><div>{variance}</div></td>
    }
    .into_any()
}

fn sum(kind: Option<BudgetKind>, sums: &BudgetSums, over: bool, acts: bool) -> AnyView {
    let title = match kind {
        Some(BudgetKind::Income) => "Income",
        Some(BudgetKind::Cost) => "Costs",
        None => "Result",
    };
    let actual = view! { <strong>{sums.actual.display()}</strong> }.into_any();
    let cells = cells(&sums.planned, &sums.committed, actual, better(kind, &sums.variance, over));
    view! { <tr class="total"><th scope="row"><strong>{title}</strong></th>{cells}{acts.then(|| view! { <td class="act"></td> })}</tr> }
        .into_any()
}

/// Where what came of a line can be looked at.
fn sums_up(line: &BudgetLine) -> Option<String> {
    match line.source {
        BudgetSource::Typed => None,
        BudgetSource::TicketSales => Some(format!("/payments?event_id={}", line.event_id)),
        BudgetSource::BookingFees => Some(format!("/ledger?event_id={}", line.event_id)),
    }
}

fn row(line: &BudgetLine, over: bool, data: Option<Loading<BudgetDetail>>) -> AnyView {
    let text = or_dash(&line.actual);
    let actual = match sums_up(line) {
        Some(href) => view! { <a href=href>{text}</a> }.into_any(),
        None => text.into_any(),
    };
    let from = (line.source != BudgetSource::Typed).then(|| view! { <small>"From the ledger"</small> });
    let acts = data.map(|data| {
        let entries = vec![
            menu_act(format!("change-{}", line.id), "Change…", Icon::EDIT, false),
            menu_act(format!("remove-{}", line.id), "Remove…", Icon::TRASH, true),
        ];
        let more = menu(format!("More for {}", line.title), entries);
        view! { <td class="act">{more}{change(data, line)}{remove(data, line)}</td> }
    });
    let cells = cells(&line.planned, &line.committed, actual, better(Some(line.kind), &line.variance, over));
    view! { <tr><th scope="row"><bdi>{line.title.clone()}</bdi>{from}</th>{cells}{acts}</tr> }.into_any()
}

fn done<T: 'static>(data: Loading<BudgetDetail>, said: &'static str) -> impl Fn(T) + Send + Sync + 'static {
    let toasts = Toasts::get();
    move |_| {
        toasts.done(said);
        data.refetch();
    }
}

fn minor(amount: Option<Amount>, field: &str, currency: &Currency) -> Result<Option<i64>, Error> {
    let money = amount.map(|amount| amount.exactly_in(currency)).transpose();
    Ok(money.map_err(|message| invalid_input().field(field, message))?.map(|money| money.minor))
}

/// A line, as people type it.
#[derive(Deserialize)]
struct Typed {
    kind: Option<BudgetKind>,
    title: LineTitle,
    planned: Amount,
    committed: Option<Amount>,
    actual: Option<Amount>,
}
impl Validate for Typed {}

fn fields(currency: &Currency, line: Option<&BudgetLine>) -> AnyView {
    let of = |amount: fn(&BudgetLine) -> &Money| line.map(|line| amount(line).decimal()).unwrap_or_default();
    let typed = line.is_none_or(|line| line.source == BudgetSource::Typed);
    let label = |word: &str| format!("{word}, in {currency}");
    let rest = typed.then(|| {
        view! {
            <Field name="committed" label=label("Agreed") check={rule::<Amount>} value=of(|line| &line.committed) hint="Agreed so far, such as a signed contract"/>
            <Field name="actual" label=label("Actual") check={rule::<Amount>} value=of(|line| &line.actual) hint="Received or paid so far"/>
        }
    });
    let title = line.map(|line| line.title.clone()).unwrap_or_default();
    view! {
        <Field name="title" label="What for" check={rule::<LineTitle>} required=true value=title/>
        <Field name="planned" label=label("Planned") check={rule::<Amount>} required=true value=of(|line| &line.planned)/>
        {rest}
    }
    .into_any()
}

fn add(data: Loading<BudgetDetail>, event: EventId, currency: &Currency) -> AnyView {
    let money = currency.clone();
    let call = move |typed: Typed| {
        let currency = money.clone();
        async move {
            let input = NewBudgetLine {
                kind: typed.kind.unwrap_or(BudgetKind::Cost),
                source: None,
                title: typed.title,
                planned_minor: minor(Some(typed.planned), "planned", &currency)?.unwrap_or_default(),
                committed_minor: minor(typed.committed, "committed", &currency)?.unwrap_or_default(),
                actual_minor: minor(typed.actual, "actual", &currency)?.unwrap_or_default(),
            };
            budget_line_add(event, input).await
        }
    };
    let run = submit(call, done::<BudgetLine>(data, "Line added"));
    let currency = currency.clone();
    let kinds = vec![("cost".to_owned(), "Cost".to_owned()), ("income".to_owned(), "Income".to_owned())];
    view! {
        <Confirm id="budget-line-add" label="Add line" icon=Icon::PLUS title="Add a budget line" confirm="Add line" run=run class="btn primary" danger=false>
            <Pick name="kind" label="Income or cost" options=kinds required=true value="cost"/>
            {fields(&currency, None)}
        </Confirm>
    }
    .into_any()
}

fn change(data: Loading<BudgetDetail>, line: &BudgetLine) -> AnyView {
    let (id, version, typed_line) = (line.id, line.version, line.source == BudgetSource::Typed);
    let money = line.planned.currency.clone();
    let call = move |typed: Typed| {
        let currency = money.clone();
        async move {
            // What is left empty is nothing.
            let typed_or_none = |amount: Option<i64>| typed_line.then(|| amount.unwrap_or_default());
            let input = BudgetLinePatch {
                version,
                title: Some(typed.title),
                planned_minor: minor(Some(typed.planned), "planned", &currency)?,
                committed_minor: typed_or_none(minor(typed.committed, "committed", &currency)?),
                actual_minor: typed_or_none(minor(typed.actual, "actual", &currency)?),
            };
            budget_line_update(id, input).await
        }
    };
    let run = submit(call, done::<BudgetLine>(data, "Line changed"));
    let line = line.clone();
    let title = format!("Change {}", line.title);
    view! {
        <Confirm id=format!("change-{id}") label="Change" icon=Icon::EDIT title=title confirm="Save" run=run in_menu=true danger=false>
            {fields(&line.planned.currency, Some(&line))}
        </Confirm>
    }
    .into_any()
}

fn remove(data: Loading<BudgetDetail>, line: &BudgetLine) -> AnyView {
    let (id, title) = (line.id, line.title.clone());
    let run: Submit = submit(move |_: Nothing| budget_line_remove(id), done::<()>(data, "Line removed"));
    let text = match line.source {
        BudgetSource::Typed => "Its amounts no longer count in the sums.",
        _ => "The ledger keeps what came of it; only the plan is removed.",
    };
    view! {
        <Confirm id=format!("remove-{id}") label="Remove" icon=Icon::TRASH title=format!("Remove {title}?") confirm="Remove line" keep="Keep line" run=run in_menu=true>
            <p>{text}</p>
        </Confirm>
    }
    .into_any()
}

/// Plans the budget of an event that has none.
pub fn plan(event: EventId, currency: &Currency) -> AnyView {
    #[derive(Deserialize)]
    struct Expected {
        sales: Option<Amount>,
    }
    impl Validate for Expected {}
    let (go, money) = (use_go(), currency.clone());
    let call = move |expected: Expected| {
        let currency = money.clone();
        async move {
            let sales = minor(expected.sales, "sales", &currency)?;
            let lines = sales.map(|planned_minor| {
                let one = |kind, source, title: &str, planned_minor| {
                    let title = LineTitle::parse(title).map_err(|message| invalid_input().field("title", message))?;
                    let (committed_minor, actual_minor) = (0, 0);
                    let line = NewBudgetLine {
                        kind,
                        source: Some(source),
                        title,
                        planned_minor,
                        committed_minor,
                        actual_minor,
                    };
                    Ok::<_, Error>(line)
                };
                let sales = one(BudgetKind::Income, BudgetSource::TicketSales, "Ticket sales", planned_minor)?;
                let fees = one(BudgetKind::Cost, BudgetSource::BookingFees, "Booking fees and tax", 0)?;
                Ok::<_, Error>(vec![sales, fees])
            });
            budget_create(NewBudget { event_id: event, lines: lines.transpose()? }).await
        }
    };
    let run = submit(call, move |made: BudgetDetail| go(&format!("/budgets/{}", made.budget.event_id)));
    let label = format!("Expected ticket sales, in {currency}");
    view! {
        <Confirm id="budget-plan" label="Plan a budget" icon=Icon::PLUS title="Plan a budget?" confirm="Plan budget" run=run class="btn small" danger=false>
            <p>"Ticket sales and booking fees follow the ledger. You add the other lines next."</p>
            <Field name="sales" label=label check={rule::<Amount>} hint="Leave empty if you do not know yet"/>
        </Confirm>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_to_come_is_neither_better_nor_worse() {
        let rupees = |minor| Money { minor, currency: Currency::parse("INR").unwrap() };
        let words = |kind, minor, over| {
            let (size, _, words) = compared(kind, &rupees(minor), over);
            format!("{size} {words}")
        };
        let (income, cost) = (Some(BudgetKind::Income), Some(BudgetKind::Cost));
        assert_eq!(words(None, -50_000, true), "₹500 worse than plan");
        assert_eq!(words(cost, 50_000, true), "₹500 better than plan");
        assert_eq!(words(None, -50_000, false), "₹500 below plan so far");
        assert_eq!(words(income, -50_000, false), "₹500 to go");
        assert_eq!(words(income, 50_000, false), "₹500 above plan");
        assert_eq!(words(cost, 50_000, false), "₹500 left");
        assert_eq!(words(cost, -50_000, false), "₹500 over plan");
    }
}
