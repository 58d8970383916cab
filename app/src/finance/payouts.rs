//! Batches of payouts, and preparing one.

use eventify::access::Me;
use eventify::finance::operations::{payout_batch_list, payout_batch_prepare};
use eventify::finance::{NewPayoutBatch, PayoutBatch, PayoutBatchDetail, PayoutBatchStatus, PayoutFilter};
use eventify::kernel::error::invalid_input;
use eventify::kernel::money::{Amount, Currency};
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission::PayoutsPrepare;
use eventify::kernel::timestamp::Timestamp;
use leptos::prelude::*;
use operation::Validate;
use serde::Deserialize;

use super::batch_badge;
use crate::ui::{
    Column, Confirm, Field, Icon, ListQuery, Loading, PageHead, Pick, Table, at, currencies, loaded, rule, submit,
    use_go,
};

/// The list.
pub fn payouts() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(move || query.get(), move |q| payout_batch_list(filter(&q)));
    loaded(data, move |page, me| list(query.get_untracked(), page, &me))
}

fn filter(q: &ListQuery) -> PayoutFilter {
    PayoutFilter {
        status: q.parsed::<PayoutBatchStatus>("status").map(|status| vec![status]),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

fn list(query: ListQuery, page: Page<PayoutBatch>, me: &Me) -> AnyView {
    let statuses = PayoutBatchStatus::ALL.iter().map(|s| (s.as_str().to_owned(), s.title().to_owned())).collect();
    let wanted = filter(&query);
    let table = Table::new("Payouts", query)
        .counts("batch", "batches")
        .csv("/financials/payouts/export", &wanted)
        .select("status", "Any status", statuses)
        .column(Column::head("Batch", batch).key("reference"))
        .column(Column::new("Amount", |b: &PayoutBatch| b.amount.display().into_any()).number().key("amount"))
        .column(Column::new("Status", |b: &PayoutBatch| batch_badge(b.status)).key("status"))
        .column(
            Column::new("Partners", |b: &PayoutBatch| {
                let failed = (b.failed > 0).then(|| view! { <small>{format!("{} failed", b.failed)}</small> });
                view! { {b.payouts}{failed} }.into_any()
            })
            .number(),
        )
        .column(
            Column::new("Prepared", |b: &PayoutBatch| done(b.created_at, b.prepared_by_name.as_deref()))
                .key("created_at"),
        )
        .column(
            Column::new("Approved", |b: &PayoutBatch| match b.approved_at {
                Some(at) => done(at, b.approved_by_name.as_deref()),
                None => ().into_any(),
            })
            .low(),
        )
        .empty("No payouts yet", "Prepare a batch to pay partners what they are owed.", None)
        .page(page);
    let acts = me.may(PayoutsPrepare).then(prepare);
    let subtitle = "One person prepares a batch, another approves it.";
    view! { <div class="page"><PageHead title="Payouts" subtitle=subtitle actions=acts.into_any()/>{table}</div> }
        .into_any()
}

fn batch(batch: &PayoutBatch) -> AnyView {
    let href = format!("/payouts/{}", batch.id);
    view! { <a href=href>{batch.reference.clone()}</a> }.into_any()
}

/// When something was done to a batch, and by whom.
fn done(when: Timestamp, by: Option<&str>) -> AnyView {
    let by = by.map(|name| view! { <small><bdi>{name.to_owned()}</bdi></small> });
    view! { {at(when)}{by} }.into_any()
}

/// A batch, as people type it.
#[derive(Deserialize)]
struct Wanted {
    currency: Currency,
    minimum: Option<Amount>,
}
impl Validate for Wanted {}

fn prepare() -> AnyView {
    let go = use_go();
    let call = |wanted: Wanted| {
        let minimum = wanted.minimum.map(|amount| amount.exactly_in(&wanted.currency)).transpose();
        let minimum = minimum.map_err(|message| invalid_input().field("minimum", message));
        async move {
            let minimum_minor = minimum?.map(|money| money.minor);
            payout_batch_prepare(NewPayoutBatch { currency: Some(wanted.currency), minimum_minor }).await
        }
    };
    let run = submit(call, move |made: PayoutBatchDetail| go(&format!("/payouts/{}", made.batch.id)));
    view! {
        <Confirm id="payout-prepare" label="Prepare payouts" icon=Icon::PLUS title="Prepare payouts?" confirm="Prepare batch" run=run class="btn primary" danger=false>
            <p>"Every verified partner is paid what it is owed. Nothing is sent before another person approves it."</p>
            <Pick name="currency" label="Currency" options=currencies() required=true value="INR"/>
            <Field name="minimum" label="Minimum amount" check={rule::<Amount>} hint="Partners who are owed less wait. Leave empty to pay everyone."/>
        </Confirm>
    }
    .into_any()
}
