//! Fraud signals: what rules found about people's payments, for somebody to look at.

use eventify::access::Me;
use eventify::finance::operations::{fraud_signal_list, fraud_signal_resolve};
use eventify::finance::{FraudOutcome, FraudResolution, FraudRule, FraudSignal, FraudSignalFilter};
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission::FinanceManage;
use eventify::kernel::text::Note;
use leptos::prelude::*;

use crate::ui::{
    Area, Column, Confirm, Icon, ListQuery, Loading, PageHead, PickOne, Table, Toasts, Tone, at, badge, loaded, rule,
    submit,
};

/// The list.
pub fn signals() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(move || query.get(), move |q| fraud_signal_list(filter(&q)));
    loaded(data, move |page, me| list(data, query.get_untracked(), page, &me))
}

fn filter(q: &ListQuery) -> FraudSignalFilter {
    FraudSignalFilter {
        rule: q.parsed("rule"),
        user_id: q.parsed("user_id"),
        resolved: (q.text("show").as_deref() == Some("all")).then_some(true),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

/// What speaks for a signal.
fn evidence(signal: &FraudSignal) -> String {
    let count = signal.evidence;
    match signal.rule {
        FraudRule::ManyFailures => format!("{count} payments failed within an hour"),
        FraudRule::ManyPayments => format!("{count} payments within an hour"),
        FraudRule::ManyRefunds => format!("{count} payments refunded within 30 days"),
        FraudRule::ManyDisputes => format!("{count} disputes within 180 days"),
        FraudRule::OwnEvent if count == 1 => "The host paid for a ticket".to_owned(),
        FraudRule::OwnEvent => format!("The host paid {count} times"),
    }
}

fn list(data: Loading<Page<FraudSignal>>, query: ListQuery, page: Page<FraudSignal>, me: &Me) -> AnyView {
    let rules = FraudRule::ALL.iter().map(|one| (one.as_str().to_owned(), one.title().to_owned())).collect();
    let user = |signal: &FraudSignal| {
        let name = signal.user_name.clone().unwrap_or_else(|| "No name".to_owned());
        view! { <a href=format!("/users/{}?tab=money", signal.user_id)>{name}</a> }.into_any()
    };
    let wanted = filter(&query);
    let mut table = Table::new("Fraud signals", query)
        .counts("signal", "signals")
        .csv("/finance/fraud-signals/export", &wanted)
        .select("rule", "Any rule", rules)
        .select("show", "Status: open", vec![("all".to_owned(), "Resolved too".to_owned())])
        .column(Column::head("Signal", what).key("rule,evidence,user_name"))
        .column(Column::new("User", user))
        .column(Column::new("Payment", payment).key("order_reference"))
        .column(Column::new("Result", standing).key("outcome"))
        .column(Column::new("Found", |s: &FraudSignal| at(s.created_at)).key("created_at").low())
        .empty("No open signals", "Patterns that look like fraud appear here. Nothing is blocked by them.", None);
    if me.may(FinanceManage) {
        table = table.column(Column::actions(move |signal: &FraudSignal| resolve(data, signal)));
    }
    let subtitle = "Payments, refunds and disputes that look unusual. Check them, and note what you found.";
    view! { <div class="page"><PageHead title="Fraud signals" subtitle=subtitle/>{table.page(page)}</div> }.into_any()
}

/// Those of one person, on that person's page.
pub fn of_one(list: Vec<FraudSignal>) -> AnyView {
    Table::new("Fraud signals of this user", ListQuery::default())
        .counts("signal", "signals")
        .column(Column::head("Signal", what))
        .column(Column::new("Payment", payment))
        .column(Column::new("Result", standing))
        .column(Column::new("Found", |s: &FraudSignal| at(s.created_at)).low())
        .all(list)
}

fn what(signal: &FraudSignal) -> AnyView {
    let href = format!("/fraud-signals?show=all&rule={}&user_id={}", signal.rule.as_str(), signal.user_id);
    view! { <a href=href>{signal.rule.title()}</a><small>{evidence(signal)}</small> }.into_any()
}

fn payment(signal: &FraudSignal) -> AnyView {
    let href = format!("/payments/{}", signal.payment_id);
    view! { <a href=href>{signal.order_reference.clone()}</a><small>{signal.event_title.clone()}</small> }.into_any()
}

fn standing(signal: &FraudSignal) -> AnyView {
    let mark = match signal.outcome {
        None => badge(Tone::Warning, "Open"),
        Some(FraudOutcome::Dismissed) => badge(Tone::Neutral, "Nothing wrong"),
        Some(FraudOutcome::Confirmed) => badge(Tone::Danger, "Fraud"),
    };
    let note = signal.note.clone().map(|note| {
        let by = signal.resolved_by_name.clone().map(|name| format!(" · {name}"));
        view! { <small><bdi>{note}</bdi>{by}</small> }
    });
    view! { {mark}{note} }.into_any()
}

fn resolve(data: Loading<Page<FraudSignal>>, signal: &FraudSignal) -> AnyView {
    if signal.resolved_at.is_some() {
        return ().into_any();
    }
    let (id, toasts) = (signal.id, Toasts::get());
    let run = submit(
        move |input: FraudResolution| fraud_signal_resolve(id, input),
        move |_: FraudSignal| {
            toasts.done("Signal resolved");
            data.refetch();
        },
    );
    let options = vec![
        ("dismissed".to_owned(), "Nothing wrong".to_owned(), String::new()),
        ("confirmed".to_owned(), "Fraud".to_owned(), String::new()),
    ];
    let text =
        format!("{}. Resolving blocks nobody: ban the user or refund payments on their own pages.", evidence(signal));
    view! {
        <Confirm id=format!("resolve-{id}") label="Resolve" icon=Icon::CHECK title="Resolve this signal?" confirm="Resolve" keep="Leave open" run=run class="btn small quiet" danger=false>
            <p>{text}</p>
            <PickOne name="outcome" label="Result" options=options/>
            <Area name="note" label="Note" check={rule::<Note>} required=true hint="What you found out"/>
        </Confirm>
    }
    .into_any()
}
