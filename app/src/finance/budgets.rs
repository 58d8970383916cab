//! Budgets of events, in sums.

use eventify::finance::operations::budget_list;
use eventify::finance::{Budget, BudgetFilter};
use eventify::kernel::page::Page;
use leptos::prelude::*;

use super::budget::better;
use crate::ui::{Column, ListQuery, Loading, PageHead, Table, at, loaded};

/// The list.
pub fn budgets() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(move || query.get(), move |q| budget_list(filter(&q)));
    loaded(data, move |page, _| list(query.get_untracked(), page))
}

fn filter(q: &ListQuery) -> BudgetFilter {
    BudgetFilter {
        event_id: None,
        event_over: q.parsed("event_over"),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

fn list(query: ListQuery, page: Page<Budget>) -> AnyView {
    let wanted = filter(&query);
    let table = Table::new("Budgets", query)
        .counts("budget", "budgets")
        .csv("/finance/budget/export", &wanted)
        .select(
            "event_over",
            "Any event",
            vec![
                ("false".into(), "Upcoming and live events".into()),
                ("true".into(), "Past and cancelled events".into()),
            ],
        )
        .column(Column::head("Event", event).key("event_title"))
        .column(
            Column::new("Income", |b: &Budget| pair(&b.income.actual, &b.income.planned)).number().rare().key("income"),
        )
        .column(Column::new("Costs", |b: &Budget| pair(&b.costs.actual, &b.costs.planned)).number().rare().key("costs"))
        .column(Column::new("Result", |b: &Budget| pair(&b.result.actual, &b.result.planned)).number().key("result"))
        .column(
            Column::new("Against plan", |b: &Budget| better(None, &b.result.variance, b.event_over))
                .number()
                .key("result.variance"),
        )
        .column(Column::new("Changed", |b: &Budget| at(b.updated_at)).key("updated_at").rare())
        .empty("No budgets yet", "Plan an event's budget on its Money tab.", None)
        .page(page);
    let subtitle = "Planned and actual income and costs";
    view! { <div class="page"><PageHead title="Budgets" subtitle=subtitle/>{table}</div> }.into_any()
}

fn event(budget: &Budget) -> AnyView {
    let href = format!("/budgets/{}", budget.event_id);
    let when = if budget.event_over { "Event is over" } else { "Figures so far" };
    view! { <a href=href>{budget.event_title.clone()}</a><small>{when}</small> }.into_any()
}

/// What came of it, and below it what was planned.
fn pair(actual: &eventify::kernel::money::Money, planned: &eventify::kernel::money::Money) -> AnyView {
    let plan = if planned.minor == 0 { "Nothing planned".to_owned() } else { format!("of {}", planned.display()) };
    view! { <span class="sum">{actual.display()}</span><small>{plan}</small> }.into_any()
}
