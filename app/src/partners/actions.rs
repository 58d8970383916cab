//! What can be done to a partner.

use eventify::access::Me;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::Reason;
use eventify::partners::operations::partner_set_status;
use eventify::partners::{Partner, PartnerId, PartnerStatus, PartnerStatusChange};
use leptos::prelude::*;
use serde_json::json;

use super::data::Data;
use crate::ui::{Area, Bulk, Confirm, Icon, Loading, Submit, Toasts, menu, menu_act, rule, submit};

/// The buttons that make sense for this partner now. Only who manages partners everywhere decides on their standing.
pub fn of(data: Loading<Data>, partner: &Partner, me: &Me) -> AnyView {
    let edit = format!("/partners/{}/edit", partner.id);
    let decides = me.may(Permission::PartnersManage);
    let suspends = decides && partner.status == PartnerStatus::Active;
    let entries = suspends.then(|| menu_act("partner-suspend", "Suspend…", Icon::LOCK, true));
    view! {
        <a class="btn" href=edit>{Icon::EDIT.svg()}"Edit"</a>
        {menu(format!("More for {}", partner.name), entries.into_iter().collect())}
        {suspends.then(|| suspend(data, partner))}
        {(decides && partner.status != PartnerStatus::Active).then(|| activate(data, partner))}
    }
    .into_any()
}

fn to(data: Loading<Data>, partner: &Partner, said: &'static str) -> Submit {
    let (id, toasts) = (partner.id, Toasts::get());
    submit(
        move |input: PartnerStatusChange| partner_set_status(id, input),
        move |partner: Partner| {
            toasts.done(format!("{} {said}", partner.name));
            data.refetch();
        },
    )
}

fn suspend(data: Loading<Data>, partner: &Partner) -> AnyView {
    let (run, name) = (to(data, partner, "is suspended"), partner.name.clone());
    let extra = json!({ "status": PartnerStatus::Suspended, "version": partner.version });
    view! {
        <Confirm id="partner-suspend" label="Suspend" icon=Icon::LOCK title=format!("Suspend {name}?") confirm="Suspend" run=run extra=extra in_menu=true>
            <p>"From now on it cannot be paid out, publish events or change its records. Its people still sign in and read the reason."</p>
            <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Emailed to the partner"/>
        </Confirm>
    }
    .into_any()
}

fn activate(data: Loading<Data>, partner: &Partner) -> AnyView {
    let (run, name) = (to(data, partner, "is active"), partner.name.clone());
    let extra = json!({ "status": PartnerStatus::Active, "version": partner.version });
    view! {
        <Confirm id="partner-activate" label="Activate" icon=Icon::CHECK title=format!("Activate {name}?") confirm="Activate" run=run extra=extra class="btn primary" danger=false>
            <p>"It can publish events and, once verified, be paid out. If it was suspended, it is notified by email."</p>
        </Confirm>
    }
    .into_any()
}

/// Suspends every ticked partner.
pub fn suspend_all() -> Bulk {
    let call = |id: PartnerId, input: PartnerStatusChange| partner_set_status(id, input);
    Bulk::new("suspend", "Suspend", Icon::LOCK, call)
        .danger()
        .done("suspended")
        .extra(json!({ "status": PartnerStatus::Suspended }))
        .asks("Suspend the selected partners?", || {
            view! {
                <p>"They cannot be paid out, publish events or change their records until they are activated again."</p>
                <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Emailed to the partners"/>
            }
            .into_any()
        })
}

/// Activates every ticked partner.
pub fn activate_all() -> Bulk {
    let call = |id: PartnerId, input: PartnerStatusChange| partner_set_status(id, input);
    Bulk::new("activate", "Activate", Icon::CHECK, call)
        .done("activated")
        .extra(json!({ "status": PartnerStatus::Active }))
        .asks("Activate the selected partners?", || {
            view! { <p>"They can publish events and, once verified, be paid out. Those that were suspended are notified by email."</p> }.into_any()
        })
}
