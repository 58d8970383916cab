//! Months of the books: those that are closed, and closing one that is over.

use eventify::access::Me;
use eventify::finance::operations::{period_close, period_list};
use eventify::finance::{AccountingPeriod, ClosePeriod};
use eventify::kernel::page::{Page, Paging};
use eventify::kernel::permissions::Permission::FinanceManage;
use eventify::zones::month_in_words;
use leptos::prelude::*;
use operation::Validate;
use serde::Deserialize;

use crate::ui::{Column, Confirm, Icon, ListQuery, Loading, PageHead, Pick, Table, Toasts, at, loaded, now, submit};

/// So many of the latest months can be closed here.
const BACK: i32 = 24;

type Data = Loading<Page<AccountingPeriod>>;

/// The list.
pub fn months() -> AnyView {
    let query = ListQuery::current();
    let paging = |q: &ListQuery| Paging { cursor: q.text("cursor"), limit: q.parsed("limit") };
    let data = Loading::new(move || query.get(), move |q| period_list(paging(&q)));
    loaded(data, move |page, me| list(query.get_untracked(), data, page, &me))
}

fn list(query: ListQuery, data: Data, page: Page<AccountingPeriod>, me: &Me) -> AnyView {
    let acts = me.may(FinanceManage).then(|| close(data, &page.items));
    let table = Table::new("Closed months", query)
        .counts("month", "months")
        .csv("/financials/periods/export", &())
        .column(Column::head("Month", |p: &AccountingPeriod| month_in_words(&p.month).into_any()).key("month"))
        .column(Column::new("Closed", |p: &AccountingPeriod| at(p.closed_at)).key("closed_at"))
        .column(Column::new("Closed by", |p: &AccountingPeriod| {
            p.closed_by_name.clone().unwrap_or_default().into_any()
        }))
        .empty("No closed months", "Close a month once its figures are final.", None)
        .page(page);
    let subtitle = "A closed month takes no more ledger entries. Corrections go into an open month.";
    let crumbs = vec![("Ledger".to_owned(), "/ledger".to_owned())];
    view! { <div class="page"><PageHead title="Closed months" crumbs=crumbs subtitle=subtitle actions=acts.into_any()/>{table}</div> }
        .into_any()
}

/// Those that are over and not closed, the oldest first: that one is closed next.
fn open(closed: &[AccountingPeriod]) -> Vec<String> {
    let today = now().0.date();
    let this = today.year() * 12 + i32::from(u8::from(today.month())) - 1;
    let over = (this - BACK..this).map(|month| format!("{:04}-{:02}", month / 12, month % 12 + 1));
    over.filter(|month| closed.iter().all(|period| period.month != *month)).collect()
}

/// A month, as it is chosen.
#[derive(Deserialize)]
struct Chosen {
    month: String,
}
impl Validate for Chosen {}

fn close(data: Data, closed: &[AccountingPeriod]) -> AnyView {
    let open = open(closed);
    if open.is_empty() {
        return ().into_any();
    }
    let toasts = Toasts::get();
    let latest = open.last().cloned().unwrap_or_default();
    let options = open.iter().rev().map(|month| (month.clone(), month_in_words(month))).collect::<Vec<_>>();
    let call = |chosen: Chosen| {
        let (year, month) = chosen.month.split_once('-').unwrap_or_default();
        let input = ClosePeriod { year: year.parse().unwrap_or_default(), month: month.parse().unwrap_or_default() };
        period_close(input)
    };
    let run = submit(call, move |period: AccountingPeriod| {
        toasts.done(format!("{} is closed", month_in_words(&period.month)));
        data.refetch();
    });
    view! {
        <Confirm id="month-close" label="Close month" icon=Icon::LOCK title="Close a month?" confirm="Close month" keep="Keep open" run=run class="btn primary">
            <p>"It takes no more ledger entries after that. A closed month can't be opened again."</p>
            <Pick name="month" label="Month" options=options value=latest required=true/>
        </Confirm>
    }
    .into_any()
}
