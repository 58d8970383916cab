//! Reconciliation: what providers still hold, their reports, and what in them does not agree with our books.

use std::sync::Arc;

use eventify::Error;
use eventify::access::Me;
use eventify::finance::operations::{reconciliation, settlement_issue_list, settlement_issue_resolve, settlement_list};
use eventify::finance::{
    ProviderHolding, ProviderName, Reconciliation, Settlement, SettlementException, SettlementFilter, SettlementIssue,
    SettlementIssueFilter, SettlementKind, SettlementLineId, SettlementReport, SettlementResolution,
};
use eventify::kernel::money::{Money, count};
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission::FinanceManage;
use eventify::kernel::text::Note;
use eventify::zones::day_in_list;
use leptos::prelude::*;

use crate::ui::{
    Area, Bulk, Column, Confirm, Facts, Icon, ListQuery, Loading, PageHead, Table, Toasts, Tone, Upload, at, badge,
    card, card_flush, loaded, rule, submit, tabs,
};

/// What the page is made of.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Data {
    standing: Reconciliation,
    tab: Tab,
}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
enum Tab {
    Exceptions(Page<SettlementIssue>),
    Settlements(Page<Settlement>),
}

/// The page.
pub fn reconcile() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(move || query.get(), fetch);
    loaded(data, move |record, me| page(data, query.get_untracked(), record, &me))
}

async fn fetch(query: ListQuery) -> Result<Data, Error> {
    let (cursor, limit) = (query.text("cursor"), query.parsed("limit"));
    let tab = match query.text("tab").as_deref() {
        Some("settlements") => {
            Tab::Settlements(settlement_list(SettlementFilter { provider: None, cursor, limit }).await?)
        }
        _ => {
            let resolved = resolved_too(&query).then_some(true);
            Tab::Exceptions(settlement_issue_list(SettlementIssueFilter { resolved, cursor, limit }).await?)
        }
    };
    Ok(Data { standing: reconciliation().await?, tab })
}

fn page(data: Loading<Data>, query: ListQuery, record: Data, me: &Me) -> AnyView {
    let Data { standing, tab } = record;
    let manages = me.may(FinanceManage);
    let current = if matches!(tab, Tab::Exceptions(_)) { "exceptions" } else { "settlements" };
    let waiting = Some(standing.exceptions).filter(|count| *count > 0);
    let strip = tabs(
        "Reconciliation",
        "/reconciliation",
        current,
        &[("exceptions", "Exceptions", waiting), ("settlements", "Settlements", None)],
    );
    let table = match tab {
        Tab::Exceptions(page) => exceptions(data, query, page, manages),
        Tab::Settlements(page) => settlements(query, page),
    };
    let import = manages.then(|| card("reconcile-import", "Import a report", None, upload(data)));
    let to_import = manages.then(|| {
        view! { <a class="btn" href="#reconcile-import">{Icon::PLUS.svg()}"Import report"</a> }
    });
    let subtitle = "What payment providers sent to your bank, compared with the ledger";
    view! {
        <div class="page">
            <PageHead title="Reconciliation" subtitle=subtitle actions=to_import.into_any()/>
            <div class="stack">
                {card_flush("reconcile-held", "Held by providers", None, held(standing.providers))}
                {strip}
                {table}
                {import}
            </div>
        </div>
    }
    .into_any()
}

fn held(providers: Vec<ProviderHolding>) -> AnyView {
    let name = |one: &ProviderHolding| {
        let currency = one.held.currency.to_string();
        view! { <a href="/ledger?account_kind=provider_clearing">{one.provider.title()}</a><small>{currency}</small> }
            .into_any()
    };
    let oldest = |one: &ProviderHolding| one.oldest.map_or_else(|| "None".into_any(), at);
    Table::new("Balances held by providers", ListQuery::default())
        .counts("balance", "balances")
        .column(Column::head("Provider", name))
        .column(Column::new("Not settled yet", not_settled).number())
        .column(Column::new("Payments", |p: &ProviderHolding| count(p.payments).into_any()).number())
        .column(Column::new("Oldest payment", oldest).low())
        .empty("Nothing is held", "What guests pay appears here until it is settled.", None)
        .all(providers)
}

/// What the provider holds; below zero, why so.
fn not_settled(one: &ProviderHolding) -> AnyView {
    let why = (one.held.minor < 0)
        .then(|| view! { <small>"Refunds the provider will deduct from later settlements"</small> });
    view! { {one.held.display()}{why} }.into_any()
}

fn upload(data: Loading<Data>) -> AnyView {
    let toasts = Toasts::get();
    let options = ProviderName::ALL.iter().map(|p| (p.as_str().to_owned(), p.title().to_owned())).collect();
    let answered: Arc<dyn Fn(String) + Send + Sync> = Arc::new(move |body: String| {
        let Ok(report) = serde_json::from_str::<SettlementReport>(&body) else { return };
        let wrong: i64 = report.settlements.iter().map(|one| one.exceptions).sum();
        let new = match report.settlements.len() {
            0 => "Nothing new in this report".to_owned(),
            1 => "1 settlement imported".to_owned(),
            many => format!("{many} settlements imported"),
        };
        toasts.done(match wrong {
            0 => new,
            1 => format!("{new}, 1 exception to resolve"),
            many => format!("{new}, {many} exceptions to resolve"),
        });
    });
    view! {
        <Upload
            action="/api/v1/finance/settlements"
            accept=".csv,text/csv"
            hint="The CSV file you downloaded from the provider"
            choice=("provider", "Provider", options)
            raw="text/csv"
            answered=answered
            done=move || data.refetch()
        />
    }
    .into_any()
}

fn kind_title(kind: SettlementKind) -> &'static str {
    match kind {
        SettlementKind::Payment => "Payment",
        SettlementKind::Refund => "Refund",
        SettlementKind::Dispute => "Dispute",
    }
}

fn why(issue: &SettlementIssue) -> AnyView {
    match (issue.exception, &issue.expected) {
        (SettlementException::Unknown, _) => badge(Tone::Danger, "Not in our books"),
        (SettlementException::Missing, _) => badge(Tone::Warning, "Not in any report"),
        (SettlementException::SettledTwice, _) => badge(Tone::Warning, "Settled twice"),
        (SettlementException::AmountDiffers, expected) => {
            let expected = expected.as_ref().map(|money| money.display()).unwrap_or_default();
            view! { {badge(Tone::Warning, "Amount differs")}<small>{format!("{expected} in our books")}</small> }
                .into_any()
        }
    }
}

/// Whose money it is: the guest, the order and the event; of what our books do not know, what the provider calls it.
fn whose(issue: &SettlementIssue) -> AnyView {
    let kind = match issue.kind {
        SettlementKind::Payment => None,
        other => Some(kind_title(other).to_owned()),
    };
    let Some(id) = issue.payment_id else {
        let title = format!("Unknown {}", kind_title(issue.kind).to_lowercase());
        return view! { <span>{title}</span><small><bdi>{issue.reference.clone()}</bdi></small> }.into_any();
    };
    let name = issue.payer_name.clone().unwrap_or_else(|| "No name".to_owned());
    let order = issue.order_reference.clone();
    let about = kind.into_iter().chain(order).chain(issue.event_title.clone()).collect::<Vec<_>>().join(" · ");
    view! { <a href=format!("/payments/{id}")>{name}</a><small>{about}</small> }.into_any()
}

/// Which report it stands in.
fn report(issue: &SettlementIssue) -> AnyView {
    let provider = issue.provider.title();
    match &issue.settlement_reference {
        Some(settlement) => view! { <bdi>{settlement.clone()}</bdi><small>{provider}</small> }.into_any(),
        None => provider.into_any(),
    }
}

fn resolution(issue: &SettlementIssue) -> AnyView {
    let by = issue.resolved_by_name.clone().map(|name| view! { <small>{name}</small> });
    match &issue.note {
        Some(note) => view! { <bdi>{note.clone()}</bdi>{by} }.into_any(),
        None => badge(Tone::Neutral, "Open"),
    }
}

fn resolved_too(query: &ListQuery) -> bool {
    query.text("show").as_deref() == Some("all")
}

fn exceptions(data: Loading<Data>, query: ListQuery, page: Page<SettlementIssue>, manages: bool) -> AnyView {
    // Where only open ones are listed, none of them has a resolution.
    let resolved_too = resolved_too(&query);
    let wanted = SettlementIssueFilter { resolved: resolved_too.then_some(true), cursor: None, limit: None };
    let mut table = Table::new("Exceptions", query)
        .counts("exception", "exceptions")
        .csv("/finance/exceptions/export", &wanted)
        .select("show", "Status: open", vec![("all".to_owned(), "Resolved too".to_owned())])
        .column(Column::head("Payment", whose).key("reference,payer_name"))
        .column(Column::new("Exception", why).key("exception"))
        .column(Column::new("Amount", |i: &SettlementIssue| i.amount.display().into_any()).number().key("amount"))
        .column(Column::new("Report", report).key("settlement_reference"))
        .column(Column::new("Found", |i: &SettlementIssue| at(i.created_at)).key("created_at").low())
        .empty("No exceptions", "Lines of a report that don't match the ledger appear here, and payments that no report names after 10 days.", None);
    if resolved_too {
        table = table.column(Column::new("Resolution", resolution).low());
    }
    if manages {
        table = table.column(Column::actions(move |issue: &SettlementIssue| resolve(data, issue))).bulk(
            vec![resolve_all()],
            |issue| (issue.id.to_string(), issue.payer_name.clone().unwrap_or_else(|| issue.reference.clone())),
            move || data.refetch(),
        );
    }
    table.page(page)
}

fn resolve_all() -> Bulk {
    let call = |id: SettlementLineId, input: SettlementResolution| settlement_issue_resolve(id, input);
    Bulk::new("resolve", "Resolve", Icon::CHECK, call).done("resolved").asks("Resolve the selected exceptions?", || {
        view! {
            <p>"Differences and amounts that are not in our books are posted to the provider's fees. Payments that no report names stay with the provider. This can't be undone."</p>
            {note_field()}
        }
        .into_any()
    })
}

fn note_field() -> AnyView {
    view! { <Area name="note" label="Note" check={rule::<Note>} required=true hint="What you found out, and who you asked"/> }.into_any()
}

fn resolve(data: Loading<Data>, issue: &SettlementIssue) -> AnyView {
    if issue.resolved_at.is_some() {
        return ().into_any();
    }
    let (id, toasts) = (issue.id, Toasts::get());
    let run = submit(
        move |input: SettlementResolution| settlement_issue_resolve(id, input),
        move |_: SettlementIssue| {
            toasts.done("Exception resolved");
            data.refetch();
        },
    );
    let text = match &issue.expected {
        Some(expected) => {
            let less = Money { minor: issue.amount.minor - expected.minor, currency: expected.currency.clone() };
            format!(
                "The payment counts as settled, and the difference of {} is posted to the provider's fees.",
                less.display()
            )
        }
        None if issue.exception == SettlementException::Missing => {
            format!("Nothing is posted: the provider still holds {} in the ledger.", issue.amount.display())
        }
        None => format!("{} is posted to the provider's fees.", issue.amount.display()),
    };
    let facts = Facts::new()
        .maybe("Guest", issue.payer_name.clone().map(|name| view! { <bdi>{name}</bdi> }))
        .maybe("Order", issue.order_reference.clone())
        .add("Provider", issue.provider.title())
        .add("Provider reference", view! { <code>{issue.reference.clone()}</code> });
    view! {
        <Confirm id=format!("resolve-{id}") label="Resolve" icon=Icon::CHECK title="Resolve this exception?" confirm="Resolve exception" keep="Leave open" run=run class="btn small quiet" danger=false>
            <p>{text}" This can't be undone."</p>
            {facts.view()}
            {note_field()}
        </Confirm>
    }
    .into_any()
}

fn settlements(query: ListQuery, page: Page<Settlement>) -> AnyView {
    let reference = |one: &Settlement| {
        let by = one.imported_by_name.clone().map(|name| format!("{} · imported by {name}", one.provider.title()));
        let about = by.unwrap_or_else(|| one.provider.title().to_owned());
        view! { <a href=format!("/ledger/{}", one.journal_id)>{one.reference.clone()}</a><small>{about}</small> }
            .into_any()
    };
    let standing = |one: &Settlement| match one.exceptions {
        0 => badge(Tone::Success, "All matched"),
        1 => badge(Tone::Warning, "1 exception"),
        many => badge(Tone::Warning, format!("{many} exceptions")),
    };
    Table::new("Settlements", query)
        .counts("settlement", "settlements")
        .csv("/finance/settlements/export", &())
        .column(Column::head("Settlement", reference).key("provider,reference"))
        .column(Column::new("Sent", |s: &Settlement| day_in_list(&s.settled_on).into_any()).key("settled_on").nowrap())
        .column(Column::new("Lines", |s: &Settlement| count(s.lines).into_any()).number().key("lines").low())
        .column(Column::new("Matching", standing).key("exceptions"))
        .column(Column::new("Amount", |s: &Settlement| s.amount.display().into_any()).number().key("amount").low())
        .column(Column::new("Provider's fee", |s: &Settlement| s.fee.display().into_any()).number().key("fee").low())
        .column(Column::new("To the bank", |s: &Settlement| s.net.display().into_any()).number().key("net"))
        .empty("No settlements yet", "Import a provider's report to see what came to your bank.", None)
        .page(page)
}
