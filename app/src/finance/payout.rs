//! One batch of payouts: who gets how much, who was left out and why, and its way to the bank.

use eventify::Error;
use eventify::access::Me;
use eventify::finance::operations::{
    payout_batch_approve, payout_batch_discard, payout_batch_get, payout_batch_paid, payout_batch_process,
    payout_change,
};
use eventify::finance::{
    Payout, PayoutBatch, PayoutBatchDetail, PayoutBatchId, PayoutBatchStatus, PayoutChange, PayoutExclusion,
    PayoutStatus,
};
use eventify::kernel::error::not_found;
use eventify::kernel::permissions::Permission::{PayoutsApprove, PayoutsPrepare};
use eventify::kernel::text::{Reason, counted};
use leptos::prelude::*;
use serde_json::json;

use super::{batch_badge, exclusion_title, payout_state};
use crate::ui::{
    Act, Area, Column, Confirm, Facts, Icon, ListQuery, Loading, Nothing, PageHead, Submit, Table, Toasts, Tone, at,
    card, card_flush, id_of_path, loaded, note, rule, submit,
};

/// The page of one batch.
pub fn payout() -> AnyView {
    let id = id_of_path::<PayoutBatchId>();
    let data = Loading::new(move || id.get(), fetch);
    loaded(data, move |detail, me| page(data, &detail, &me))
}

async fn fetch(id: Option<PayoutBatchId>) -> Result<PayoutBatchDetail, Error> {
    payout_batch_get(id.ok_or_else(not_found)?).await
}

fn page(data: Loading<PayoutBatchDetail>, detail: &PayoutBatchDetail, me: &Me) -> AnyView {
    let batch = &detail.batch;
    let crumbs = vec![("Payouts".to_owned(), "/payouts".to_owned())];
    let title = match batch.payouts {
        0 => format!("Nobody to pay · {}", batch.reference),
        _ => format!("{} · {}", batch.amount.display(), batch.reference),
    };
    let own = batch.status == PayoutBatchStatus::Draft && batch.prepared_by == Some(me.id);
    let subtitle = match (own, &batch.prepared_by_name) {
        (true, _) => "You prepared this batch: someone else has to approve it.".to_owned(),
        (false, Some(name)) => format!("Prepared by {name}"),
        (false, None) => "Prepared by an API key".to_owned(),
    };
    let left_out = (!detail.left_out.is_empty())
        .then(|| card_flush("payout-left-out", "Left out", None, left_out(detail.left_out.clone())));
    view! {
        <div class="page">
            <PageHead title=title crumbs=crumbs badge=batch_badge(batch.status) subtitle=subtitle actions=acts(data, detail, me)/>
            {next(batch, me)}
            <div class="detail">
                <div class="stack">
                    {card_flush("payout-payees", "Partners", None, payees(data, detail, me))}
                    {left_out}
                </div>
                <aside aria-label="At a glance">{card("payout-glance", "At a glance", None, glance(batch).view())}</aside>
            </div>
        </div>
    }
    .into_any()
}

/// What has to happen next, told to whoever can do it.
fn next(batch: &PayoutBatch, me: &Me) -> Option<AnyView> {
    let (title, text) = match batch.status {
        PayoutBatchStatus::Approved => {
            ("Next: the bank file", "Create the bank file and give it to your bank. Nothing is sent before that.")
        }
        PayoutBatchStatus::Processing => {
            ("Waiting for your bank", "Mark the payouts as paid once your bank has sent them, or as failed one by one.")
        }
        _ => return None,
    };
    me.may(PayoutsApprove).then(|| note(Tone::Info, title, text, None))
}

fn glance(batch: &PayoutBatch) -> Facts {
    let nobody = || "Nobody yet".to_owned();
    Facts::new()
        .add("Amount", batch.amount.display())
        .add("Currency", format!("{}. Other currencies are paid in batches of their own.", batch.amount.currency))
        .add("Partners", batch.payouts.to_string())
        .add("Minimum", batch.minimum.display())
        .add("Prepared by", batch.prepared_by_name.clone().unwrap_or_else(nobody))
        .add("Prepared", at(batch.created_at))
        .add("Approved by", batch.approved_by_name.clone().unwrap_or_else(nobody))
        .maybe("Approved", batch.approved_at.map(at))
        .maybe("Sent to the bank", batch.processing_at.map(at))
        .maybe("Paid", batch.done_at.map(at))
}

fn left_out(list: Vec<PayoutExclusion>) -> AnyView {
    let name = |one: &PayoutExclusion| {
        view! { <a href=format!("/partners/{}", one.partner_id)>{one.partner_name.clone()}</a> }.into_any()
    };
    let why = |one: &PayoutExclusion| exclusion_title(one.reason).into_any();
    Table::new("Partners left out", ListQuery::default())
        .counts("partner", "partners")
        .column(Column::head("Partner", name))
        .column(Column::new("Reason", why))
        .column(Column::new("Owed", |x: &PayoutExclusion| x.amount.display().into_any()).number())
        .all(list)
}

fn payees(data: Loading<PayoutBatchDetail>, detail: &PayoutBatchDetail, me: &Me) -> AnyView {
    let name = |payout: &Payout| {
        let to = format!("{} ···· {}", payout.holder_name, payout.last_four);
        view! { <a href=format!("/partners/{}", payout.partner_id)>{payout.partner_name.clone()}</a><small>{to}</small> }
            .into_any()
    };
    // Nothing becomes of what was not approved.
    let discarded = detail.batch.status == PayoutBatchStatus::Discarded;
    let state =
        move |payout: &Payout| if discarded { batch_badge(PayoutBatchStatus::Discarded) } else { payout_state(payout) };
    let mut table = Table::new("Partners in this batch", ListQuery::default())
        .counts("partner", "partners")
        .column(Column::head("Partner", name))
        .column(Column::new("Status", state))
        .column(Column::new("Amount", |p: &Payout| p.amount.display().into_any()).number());
    if me.may(PayoutsApprove) && detail.batch.status == PayoutBatchStatus::Processing {
        table = table.column(Column::actions(move |payout: &Payout| said(data, payout)));
    }
    table.empty("Nobody", "No partner could be paid. See who was left out, and why.", None).all(detail.payouts.clone())
}

/// What the bank said of one payout.
fn said(data: Loading<PayoutBatchDetail>, payout: &Payout) -> AnyView {
    let (id, toasts) = (payout.id, Toasts::get());
    let run = |message: &'static str| {
        submit(
            move |input: PayoutChange| payout_change(id, input),
            move |_: Payout| {
                toasts.done(message);
                data.refetch();
            },
        )
    };
    let (name, amount) = (payout.partner_name.clone(), payout.amount.display());
    match payout.status {
        PayoutStatus::Paid => ().into_any(),
        PayoutStatus::Pending => view! {
            <Confirm id=format!("failed-{id}") label="Mark as failed" icon=Icon::X title=format!("Mark the payout to {name} as failed?") confirm="Mark as failed" keep="Keep as pending" run=run("Payout marked as failed") extra=json!({ "status": "failed" }) class="btn small quiet">
                <p>{format!("{amount} stays set aside for {name} until you retry the payout.")}</p>
                <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="What the bank said"/>
            </Confirm>
        }
        .into_any(),
        PayoutStatus::Failed => view! {
            <Confirm id=format!("again-{id}") label="Retry payout" icon=Icon::REFRESH title=format!("Pay {name} again?") confirm="Retry payout" keep="Keep as failed" run=run("Payout is pending again") extra=json!({ "status": "pending" }) class="btn small quiet" danger=false>
                <p>{format!("{amount} goes to the bank account of {name} that is verified now. Download the bank file again, and give it to your bank.")}</p>
            </Confirm>
        }
        .into_any(),
    }
}

/// How many payees a question names one by one.
const NAMED: usize = 6;

/// Who gets how much, on which account.
fn named(payouts: &[Payout]) -> AnyView {
    let one = |payout: &Payout| {
        let to = format!(" · {} to the account ending {}", payout.amount.display(), payout.last_four);
        view! { <li><bdi>{payout.partner_name.clone()}</bdi>{to}</li> }
    };
    let more = payouts.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| view! { <li>{format!("and {more} more")}</li> });
    view! { <ul>{payouts.iter().take(NAMED).map(one).collect_view()}{more}</ul> }.into_any()
}

fn acts(data: Loading<PayoutBatchDetail>, detail: &PayoutBatchDetail, me: &Me) -> AnyView {
    let batch = &detail.batch;
    let id = batch.id;
    let may_approve = me.may(PayoutsApprove);
    match batch.status {
        PayoutBatchStatus::Draft => {
            let own = batch.prepared_by.is_some_and(|by| by == me.id);
            let discards = me.may(PayoutsPrepare).then(|| discard(data, id));
            let approves = (may_approve && !own && batch.payouts > 0).then(|| approve(data, detail));
            view! { {discards}{approves} }.into_any()
        }
        PayoutBatchStatus::Approved if may_approve => {
            let run = submit(move |_: Nothing| payout_batch_process(id), done(data, "The bank file is ready"));
            view! { <Act label="Create bank file" icon=Icon::BUILDING run=run class="btn primary"/> }.into_any()
        }
        PayoutBatchStatus::Processing if may_approve => {
            let file = format!("/api/v1/financials/payouts/{id}/bank-file");
            view! {
                <a class="btn" href=file rel="external" download>{Icon::DOWNLOAD.svg()}"Bank file"</a>
                {mark_paid(data, detail)}
            }
            .into_any()
        }
        _ => ().into_any(),
    }
}

/// Says so, and shows what is true now.
fn done(data: Loading<PayoutBatchDetail>, message: &'static str) -> impl Fn(PayoutBatch) + Send + Sync + 'static {
    let toasts = Toasts::get();
    move |_: PayoutBatch| {
        toasts.done(message);
        data.refetch();
    }
}

fn discard(data: Loading<PayoutBatchDetail>, id: PayoutBatchId) -> AnyView {
    let run: Submit = submit(move |_: Nothing| payout_batch_discard(id), done(data, "Batch discarded"));
    view! {
        <Confirm id="payout-discard" label="Discard batch" icon=Icon::TRASH title="Discard this batch?" confirm="Discard batch" keep="Keep batch" run=run>
            <p>"Nobody is paid, and the balances stay as they are. You can prepare a new batch at any time."</p>
        </Confirm>
    }
    .into_any()
}

fn approve(data: Loading<PayoutBatchDetail>, detail: &PayoutBatchDetail) -> AnyView {
    let id = detail.batch.id;
    let amount = detail.batch.amount.display();
    let run = submit(move |_: Nothing| payout_batch_approve(id), done(data, "Batch approved"));
    let text = format!("{amount} is to be paid to {}:", counted(detail.payouts.len(), "bank account"));
    let payees = named(&detail.payouts);
    view! {
        <Confirm id="payout-approve" label="Approve batch" icon=Icon::CHECK title=format!("Approve {amount}?") confirm="Approve batch" keep="Keep batch" run=run class="btn primary" danger=false>
            <p>{text}</p>
            {payees}
            <p>"The amounts leave the partners' balances now. The money is sent once you give the bank file to your bank. Approving can't be undone."</p>
        </Confirm>
    }
    .into_any()
}

fn mark_paid(data: Loading<PayoutBatchDetail>, detail: &PayoutBatchDetail) -> AnyView {
    let id = detail.batch.id;
    let pending: Vec<Payout> =
        detail.payouts.iter().filter(|payout| payout.status == PayoutStatus::Pending).cloned().collect();
    if pending.is_empty() {
        return ().into_any();
    }
    let mut amount = detail.batch.amount.clone();
    amount.minor = pending.iter().map(|payout| payout.amount.minor).sum();
    let amount = amount.display();
    let run = submit(move |_: Nothing| payout_batch_paid(id), done(data, "Payouts recorded as paid"));
    let text = format!("Do this once your bank has sent {amount} to {}:", counted(pending.len(), "bank account"));
    let payees = named(&pending);
    view! {
        <Confirm id="payout-paid" label="Mark as paid" icon=Icon::CHECK title=format!("Mark {amount} as paid?") confirm="Mark as paid" keep="Keep as pending" run=run class="btn primary" danger=false>
            <p>{text}</p>
            {payees}
            <p>"Payouts that failed stay open. This can't be undone."</p>
        </Confirm>
    }
    .into_any()
}
