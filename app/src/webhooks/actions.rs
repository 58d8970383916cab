//! What can be done to an endpoint.

use eventify::kernel::text::Reason;
use eventify::webhooks::operations::{
    webhook_endpoint_delete, webhook_endpoint_redeliver, webhook_endpoint_rotate_secret, webhook_endpoint_set_status,
    webhook_endpoint_test,
};
use eventify::webhooks::{
    EndpointStatus, RedeliverSince, Redelivered, WebhookDelivery, WebhookEndpoint, WebhookEndpointSecret,
    WebhookStatusChange,
};
use leptos::prelude::*;
use serde_json::json;

use super::data::Data;
use crate::ui::{
    Act, Area, Confirm, Field, Icon, Loading, Nothing, Submit, Toasts, by_own_clock, menu, menu_act, moment, own_zone,
    rule, submit, use_go,
};

/// The buttons of an endpoint's page.
pub fn of(data: Loading<Data>, endpoint: &WebhookEndpoint, revealed: RwSignal<Option<String>>) -> AnyView {
    let edit = format!("/webhooks/{}/edit", endpoint.id);
    let active = endpoint.status == EndpointStatus::Active;
    view! {
        {active.then(|| test(data, endpoint))}
        <a class="btn" href=edit>{Icon::EDIT.svg()}"Edit"</a>
        {rotate(data, endpoint, revealed)}
        {active.then(|| again(data, endpoint))}
        {if active { disable(data, endpoint) } else { enable(data, endpoint) }}
        {menu("More for this endpoint", vec![menu_act("webhook-delete", "Delete endpoint…", Icon::TRASH, true)])}
        {delete(endpoint)}
    }
    .into_any()
}

fn test(data: Loading<Data>, endpoint: &WebhookEndpoint) -> AnyView {
    let (id, toasts) = (endpoint.id, Toasts::get());
    let run = submit(
        move |_: Nothing| webhook_endpoint_test(id),
        move |_: WebhookDelivery| {
            toasts.done("Test sent");
            data.refetch();
        },
    );
    view! { <Act label="Send test" icon=Icon::EXTERNAL run=run/> }.into_any()
}

fn rotate(data: Loading<Data>, endpoint: &WebhookEndpoint, revealed: RwSignal<Option<String>>) -> AnyView {
    let id = endpoint.id;
    let run = submit(
        move |_: Nothing| webhook_endpoint_rotate_secret(id),
        move |made: WebhookEndpointSecret| {
            revealed.set(Some(made.secret));
            data.refetch();
        },
    );
    view! {
        <Confirm id="webhook-rotate" label="Rotate secret" icon=Icon::KEY title="Rotate the secret of this endpoint?" confirm="Rotate secret" run=run danger=false>
            <p>"The new secret is shown once. For 24 hours messages are signed with the old one as well, so you can switch over."</p>
        </Confirm>
    }
    .into_any()
}

fn again(data: Loading<Data>, endpoint: &WebhookEndpoint) -> AnyView {
    let (id, toasts) = (endpoint.id, Toasts::get());
    let zone = own_zone();
    let run = submit(
        move |mut input: RedeliverSince| {
            let zone = zone.clone();
            async move {
                if let Some(since) = moment(Some(input.since), &zone, "since")? {
                    input.since = since;
                }
                webhook_endpoint_redeliver(id, input).await
            }
        },
        move |done: Redelivered| {
            let more = if done.more { "; there are more" } else { "" };
            toasts.done(format!("{} messages will be sent{more}", done.queued));
            data.refetch();
        },
    );
    view! {
        <Confirm id="webhook-again" label="Send missed" icon=Icon::REFRESH title="Resend missed messages?" confirm="Send" run=run danger=false>
            <p>"Sends every message that failed since then, with its original id, and every event that was never sent, such as while the endpoint was disabled."</p>
            <Field name="since" label=by_own_clock("Since") kind="datetime-local" required=true/>
        </Confirm>
    }
    .into_any()
}

fn to(data: Loading<Data>, endpoint: &WebhookEndpoint, said: &'static str) -> Submit {
    let (id, toasts) = (endpoint.id, Toasts::get());
    submit(
        move |input: WebhookStatusChange| webhook_endpoint_set_status(id, input),
        move |_: WebhookEndpoint| {
            toasts.done(said);
            data.refetch();
        },
    )
}

fn disable(data: Loading<Data>, endpoint: &WebhookEndpoint) -> AnyView {
    let run = to(data, endpoint, "The endpoint is disabled");
    let extra = json!({ "status": EndpointStatus::Disabled, "version": endpoint.version });
    view! {
        <Confirm id="webhook-disable" label="Disable" icon=Icon::LOCK title="Disable this endpoint?" confirm="Disable" run=run extra=extra class="btn danger">
            <p>"Nothing is sent from now on, and waiting messages fail. You can send what was missed once it is enabled again."</p>
            <Area name="reason" label="Reason" check={rule::<Reason>}/>
        </Confirm>
    }
    .into_any()
}

fn enable(data: Loading<Data>, endpoint: &WebhookEndpoint) -> AnyView {
    let run = to(data, endpoint, "The endpoint is active");
    let extra = json!({ "status": EndpointStatus::Active, "version": endpoint.version });
    view! {
        <Confirm id="webhook-enable" label="Enable" icon=Icon::CHECK title="Enable this endpoint?" confirm="Enable" run=run extra=extra class="btn primary" danger=false>
            <p>"Events are sent from now on. “Send missed” sends what happened meanwhile."</p>
        </Confirm>
    }
    .into_any()
}

fn delete(endpoint: &WebhookEndpoint) -> AnyView {
    let (id, go, toasts) = (endpoint.id, use_go(), Toasts::get());
    let run = submit(
        move |_: Nothing| webhook_endpoint_delete(id),
        move |()| {
            toasts.done("Endpoint deleted");
            go("/webhooks");
        },
    );
    let rest = endpoint.url.split_once("://").map_or(&*endpoint.url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
    view! {
        <Confirm id="webhook-delete" label="Delete" icon=Icon::TRASH title=format!("Delete the endpoint at {host}?") confirm="Delete endpoint" run=run typed=host.clone() in_menu=true>
            <p>"Its message log is deleted too. Changes to it stay in the audit log."</p>
        </Confirm>
    }
    .into_any()
}
