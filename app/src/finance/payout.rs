//! One batch of payouts: who gets how much, who was left out and why, and its way to the bank.

use eventify::Error;
use eventify::access::Me;
use eventify::finance::operations::{
    payout_batch_approve, payout_batch_discard, payout_batch_get, payout_batch_paid, payout_batch_process,
    payout_change,
};
use eventify::finance::{
    Payout, PayoutBatch, PayoutBatchDetail, PayoutBatchId, PayoutBatchStatus, PayoutChange, PayoutExclusion,
    PayoutExclusionReason, PayoutStatus,
};
use eventify::kernel::error::not_found;
use eventify::kernel::permissions::Permission::{PayoutsApprove, PayoutsPrepare};
use eventify::kernel::text::Reason;
use leptos::prelude::*;
use serde_json::json;

use super::{batch_badge, payout_badge};
use crate::ui::{
    Act, Area, Column, Confirm, Facts, Icon, ListQuery, Loading, Nothing, PageHead, Submit, Table, Toasts, at, card,
    card_flush, id_of_path, loaded, rule, submit,
};

/// The page of one batch.
pub fn payout() -> AnyView {
    let id = id_of_path::<PayoutBatchId>();
    let data = Resource::new_blocking(move || id.get(), fetch);
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
        (true, _) => "You prepared this batch, so somebody else approves it.".to_owned(),
        (false, Some(name)) => format!("Prepared by {name}"),
        (false, None) => "Prepared by a program".to_owned(),
    };
    let left_out = (!detail.left_out.is_empty())
        .then(|| card_flush("payout-left-out", "Left out", None, left_out(detail.left_out.clone())));
    view! {
        <div class="page">
            <PageHead title=title crumbs=crumbs badge=batch_badge(batch.status) subtitle=subtitle actions=acts(data, batch, me)/>
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

fn glance(batch: &PayoutBatch) -> Facts {
    let nobody = || "Nobody yet".to_owned();
    Facts::new()
        .add("Amount", batch.amount.display())
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
    let why = |one: &PayoutExclusion| {
        match one.reason {
            PayoutExclusionReason::Suspended => "Suspended",
            PayoutExclusionReason::NotActive => "Invitation not accepted",
            PayoutExclusionReason::NotVerified => "Documents not verified",
            PayoutExclusionReason::NoBankAccount => "No verified bank account",
            PayoutExclusionReason::BelowMinimum => "Below the minimum",
        }
        .into_any()
    };
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
    let state = |payout: &Payout| {
        let why = payout.failure_reason.clone().map(|reason| view! { <small>{reason}</small> });
        view! { {payout_badge(payout.status)}{why} }.into_any()
    };
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
            <Confirm id=format!("failed-{id}") label="Failed" icon=Icon::X title=format!("Record that {name} was not paid?") confirm="Record failure" keep="Keep payout" run=run("Failure recorded") extra=json!({ "status": "failed" }) class="btn small quiet">
                <p>{format!("{amount} stays set aside until the payout is tried again.")}</p>
                <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="What the bank said"/>
            </Confirm>
        }
        .into_any(),
        PayoutStatus::Failed => view! {
            <Confirm id=format!("again-{id}") label="Retry" icon=Icon::REFRESH title=format!("Pay {name} again?") confirm="Retry payout" keep="Not now" run=run("The payout is tried again") extra=json!({ "status": "pending" }) class="btn small quiet" danger=false>
                <p>{format!("{amount} goes to the bank account that is verified now. Download the bank file again.")}</p>
            </Confirm>
        }
        .into_any(),
    }
}

fn acts(data: Loading<PayoutBatchDetail>, batch: &PayoutBatch, me: &Me) -> AnyView {
    let (id, toasts) = (batch.id, Toasts::get());
    let done = move |message: &'static str| {
        move |_: PayoutBatch| {
            toasts.done(message);
            data.refetch();
        }
    };
    let (amount, partners) = (batch.amount.display(), batch.payouts);
    let whom = if partners == 1 { "1 partner".to_owned() } else { format!("{partners} partners") };
    let may_approve = me.may(PayoutsApprove);
    match batch.status {
        PayoutBatchStatus::Draft => {
            let own = batch.prepared_by.is_some_and(|by| by == me.id);
            let discards = me.may(PayoutsPrepare).then(|| {
                let run: Submit = submit(move |_: Nothing| payout_batch_discard(id), done("Batch discarded"));
                view! {
                    <Confirm id="payout-discard" label="Discard" icon=Icon::TRASH title="Discard this batch?" confirm="Discard batch" keep="Keep batch" run=run>
                        <p>"Nobody is paid. The balances stay as they are."</p>
                    </Confirm>
                }
            });
            let approves = (may_approve && !own && partners > 0).then(|| {
                let run = submit(move |_: Nothing| payout_batch_approve(id), done("Batch approved"));
                view! {
                    <Confirm id="payout-approve" label="Approve" icon=Icon::CHECK title=format!("Approve {amount}?") confirm="Approve batch" keep="Not now" run=run class="btn primary" danger=false>
                        <p>{format!("{amount} for {whom} is set aside and leaves their balances.")}</p>
                    </Confirm>
                }
            });
            view! { {discards}{approves} }.into_any()
        }
        PayoutBatchStatus::Approved if may_approve => {
            let run = submit(move |_: Nothing| payout_batch_process(id), done("The bank file is ready"));
            view! { <Act label="Send to bank" icon=Icon::BUILDING run=run class="btn primary"/> }.into_any()
        }
        PayoutBatchStatus::Processing if may_approve => {
            let run = submit(move |_: Nothing| payout_batch_paid(id), done("Payouts recorded as paid"));
            let file = format!("/api/v1/financials/payouts/{id}/bank-file");
            view! {
                <a class="btn" href=file rel="external" download>{Icon::DOWNLOAD.svg()}"Bank file"</a>
                <Confirm id="payout-paid" label="Mark as paid" icon=Icon::CHECK title="Mark the pending payouts as paid?" confirm="Mark as paid" keep="Not yet" run=run class="btn primary" danger=false>
                    <p>"Do this once the bank has sent the money. Failed payouts stay open."</p>
                </Confirm>
            }
            .into_any()
        }
        _ => ().into_any(),
    }
}
