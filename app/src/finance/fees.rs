//! What organisers are charged: the rule for everyone, and those of partners and events.

use eventify::access::Me;
use eventify::events::{EventId, Percent, percent_in_words};
use eventify::finance::operations::{fee_list, fee_set};
use eventify::finance::{FeeSchedule, NewFeeSchedule, basis_points, percent_of};
use eventify::kernel::error::invalid_input;
use eventify::kernel::page::{Page, Paging};
use eventify::kernel::permissions::Permission::FinanceManage;
use eventify::partners::PartnerId;
use eventify::search::HitKind;
use leptos::prelude::*;
use operation::Validate;
use serde::Deserialize;
use serde_json::json;

use crate::ui::{
    Column, Confirm, Field, Find, Icon, ListQuery, Loading, PageHead, Submit, Table, Toasts, day, loaded, rule, submit,
};

type Data = Loading<Page<FeeSchedule>>;

/// The list.
pub fn fees() -> AnyView {
    let query = ListQuery::current();
    let paging = |q: &ListQuery| Paging { cursor: q.text("cursor"), limit: q.parsed("limit") };
    let data = Loading::new(move || query.get(), move |q| fee_list(paging(&q)));
    loaded(data, move |page, me| list(query.get_untracked(), data, page, &me))
}

fn list(query: ListQuery, data: Data, page: Page<FeeSchedule>, me: &Me) -> AnyView {
    let may = me.may(FinanceManage);
    let percent = |points: i32| percent_in_words(&percent_of(points)).into_any();
    let mut table = Table::new("Fees", query)
        .counts("fee", "fees")
        .csv("/finance/fees/export", &())
        .column(Column::head("Applies to", applies_to).key("event_title,partner_name"))
        .column(
            Column::new("Booking fee", move |f: &FeeSchedule| percent(f.fee_basis_points))
                .number()
                .key("fee_basis_points"),
        )
        .column(
            Column::new("Tax on the fee", move |f: &FeeSchedule| percent(f.tax_basis_points))
                .number()
                .key("tax_basis_points"),
        )
        .column(Column::new("Since", |f: &FeeSchedule| day(f.created_at)).key("created_at"))
        .empty("No fees yet", "Organisers keep all that guests pay until you set a fee.", None);
    if may {
        table = table.column(Column::actions(move |fee: &FeeSchedule| change(data, fee)));
    }
    let acts = may.then(|| set(data));
    let subtitle = "What organisers are charged on ticket sales. An event's own fee applies first, then its partner's, then the default.";
    let table = table.page(page);
    view! { <div class="page"><PageHead title="Fees" subtitle=subtitle actions=acts.into_any()/>{table}</div> }
        .into_any()
}

fn name(fee: &FeeSchedule) -> String {
    let named = fee.event_title.clone().or_else(|| fee.partner_name.clone());
    named.unwrap_or_else(|| "Everyone".to_owned())
}

fn applies_to(fee: &FeeSchedule) -> AnyView {
    let (href, what) = match (fee.event_id, fee.partner_id) {
        (Some(id), _) => (format!("/events/{id}?tab=money"), "Event"),
        (None, Some(id)) => (format!("/partners/{id}"), "Partner"),
        (None, None) => return "Everyone".into_any(),
    };
    view! { <a href=href>{name(fee)}</a><small>{what}</small> }.into_any()
}

/// A fee, as people type it.
#[derive(Deserialize)]
struct Wanted {
    partner_id: Option<PartnerId>,
    event_id: Option<EventId>,
    fee: Percent,
    tax: Option<Percent>,
}
impl Validate for Wanted {}

fn saved(data: Data) -> Submit {
    let toasts = Toasts::get();
    let call = |wanted: Wanted| {
        let input = NewFeeSchedule {
            partner_id: wanted.partner_id,
            event_id: wanted.event_id,
            fee_basis_points: basis_points(&wanted.fee),
            tax_basis_points: wanted.tax.as_ref().map_or(0, basis_points),
        };
        async move {
            fee_set(input).await.map_err(|error| {
                // What is wrong with a rate stands at the field it was typed into.
                let typed = [("fee_basis_points", "fee"), ("tax_basis_points", "tax")];
                let wrong = typed.into_iter().find(|(sent, _)| error.for_field(sent).is_some());
                wrong.map_or(error, |(_, field)| invalid_input().field(field, "must be at most 50"))
            })
        }
    };
    submit(call, move |fee: FeeSchedule| {
        toasts.done(format!("{} applies to new orders now", percent_in_words(&percent_of(fee.fee_basis_points))));
        data.refetch();
    })
}

fn rates(fee: Option<&FeeSchedule>) -> AnyView {
    let shown = |points: i32| percent_of(points).trim_end_matches(".00").to_owned();
    let (now, tax) = fee.map(|f| (shown(f.fee_basis_points), shown(f.tax_basis_points))).unwrap_or_default();
    view! {
        <Field name="fee" label="Booking fee in percent" check={rule::<Percent>} required=true value=now hint="Of what guests pay"/>
        <Field name="tax" label="Tax on the fee in percent" check={rule::<Percent>} value=tax hint="Leave empty if the fee isn't taxed"/>
    }
    .into_any()
}

fn set(data: Data) -> AnyView {
    view! {
        <Confirm id="fee-set" label="Set fee" icon=Icon::PLUS title="Set a fee" confirm="Set fee" run=saved(data) class="btn primary" danger=false>
            <p>"It applies to orders made from now on. Orders that are already paid keep their fee."</p>
            <Find name="event_id" label="Only for the event" of=HitKind::Event required=false/>
            <Find name="partner_id" label="Only for the partner" of=HitKind::Partner required=false hint="Leave both empty to set the fee for everyone"/>
            {rates(None)}
        </Confirm>
    }
    .into_any()
}

fn change(data: Data, fee: &FeeSchedule) -> AnyView {
    let mut extra = json!({});
    if let Some(partner) = fee.partner_id {
        extra["partner_id"] = json!(partner);
    }
    if let Some(event) = fee.event_id {
        extra["event_id"] = json!(event);
    }
    let id = format!("fee-{}", fee.id);
    let title = match (fee.event_id, fee.partner_id) {
        (None, None) => "Change the fee for everyone?".to_owned(),
        _ => format!("Change the fee for {}?", name(fee)),
    };
    let now = fee.clone();
    view! {
        <Confirm id=id label="Change fee" icon=Icon::EDIT title=title confirm="Change fee" run=saved(data) extra=extra class="btn small quiet" danger=false>
            <p>"It applies to orders made from now on. Orders that are already paid keep their fee."</p>
            {rates(Some(&now))}
        </Confirm>
    }
    .into_any()
}
