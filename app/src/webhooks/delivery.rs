//! One message: what was sent, and what came of every attempt.

use eventify::kernel::error::not_found;
use eventify::webhooks::operations::{webhook_delivery_get, webhook_delivery_redeliver};
use eventify::webhooks::{DeliveryStatus, WebhookAttempt, WebhookDelivery, WebhookDeliveryDetail, WebhookDeliveryId};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{delivery_badge, short};
use crate::ui::{
    Confirm, Entry, Facts, Icon, Loading, Nothing, PageHead, Toasts, Tone, at, card, folded, loaded, note, state,
    submit, timeline,
};

/// The page of one message.
pub fn webhook_delivery() -> AnyView {
    let params = use_params_map();
    let id = move || params.with(|p| p.get("delivery_id").and_then(|id| id.parse::<WebhookDeliveryId>().ok()));
    let fetch = |id: Option<WebhookDeliveryId>| async move { webhook_delivery_get(id.ok_or_else(not_found)?).await };
    let data = Loading::new(id, fetch);
    loaded(data, move |detail, _| page(data, detail))
}

fn page(data: Loading<WebhookDeliveryDetail>, detail: WebhookDeliveryDetail) -> AnyView {
    let WebhookDeliveryDetail { delivery, payload, attempts } = detail;
    let endpoint = format!("/webhooks/{}", delivery.endpoint_id);
    let crumbs =
        vec![("Webhooks".to_owned(), "/webhooks".to_owned()), (short(&delivery.endpoint_url).to_owned(), endpoint)];
    let payload = match payload {
        Some(payload) => {
            let text = serde_json::to_string_pretty(&payload).unwrap_or_default();
            view! { <div class="code"><pre tabindex="0"><code>{text}</code></pre></div> }.into_any()
        }
        None => note(Tone::Info, "", "You may not see events of this type.", None),
    };
    let again = (delivery.status != DeliveryStatus::Pending).then(|| again(data, &delivery));
    view! {
        <div class="page">
            <PageHead title=delivery.event_type.clone() crumbs=crumbs badge=delivery_badge(delivery.status) actions=again.into_any()/>
            <div class="detail">
                <div class="stack">
                    {card("delivery-attempts", "Attempts", None, history(attempts))}
                    {card("delivery-payload", "What is sent", None, payload)}
                </div>
                <aside aria-label="At a glance">{card("delivery-facts", "At a glance", None, facts(&delivery))}</aside>
            </div>
        </div>
    }
    .into_any()
}

fn facts(delivery: &WebhookDelivery) -> AnyView {
    Facts::new()
        .add("Happened", at(delivery.event_at))
        .add("Attempts", delivery.attempts.to_string())
        .maybe("Next attempt", delivery.next_attempt_at.map(at))
        .maybe("Delivered", delivery.delivered_at.map(at))
        .maybe("What went wrong last", delivery.last_error.clone())
        .add("webhook-id", view! { <code>{format!("msg_{}", delivery.event_id)}</code> })
        .maybe("Kind", delivery.is_test.then_some("A test"))
        .view()
}

fn history(attempts: Vec<WebhookAttempt>) -> AnyView {
    if attempts.is_empty() {
        return state(Icon::CLOCK, "No attempt yet", "Messages are sent within moments, or at the next attempt.", None);
    }
    timeline(attempts.into_iter().map(entry).collect())
}

fn entry(attempt: WebhookAttempt) -> Entry {
    let said = match (attempt.status_code, attempt.error) {
        (Some(status), None) => format!("Accepted with {status}"),
        (_, Some(error)) => error,
        (None, None) => "No response".to_owned(),
    };
    let body = attempt.response_body.filter(|body| !body.is_empty()).map(|body| {
        folded("Response", view! { <div class="code"><pre tabindex="0"><code>{body}</code></pre></div> }.into_any())
    });
    let taken = attempt.status_code.is_some_and(|status| (200..300).contains(&status));
    Entry {
        tone: if taken { Tone::Success } else { Tone::Danger },
        at: attempt.at,
        text: view! { <span>{said}</span> }.into_any(),
        meta: Some(format!("attempt {} · {} ms", attempt.number, attempt.latency_ms).into_any()),
        more: body,
    }
}

fn again(data: Loading<WebhookDeliveryDetail>, delivery: &WebhookDelivery) -> AnyView {
    let (id, toasts) = (delivery.id, Toasts::get());
    let run = submit(
        move |_: Nothing| webhook_delivery_redeliver(id),
        move |_: WebhookDelivery| {
            toasts.done("Message sent again");
            data.refetch();
        },
    );
    let title = format!("Send this {} again?", delivery.event_type);
    view! {
        <Confirm id="delivery-again" label="Send again" icon=Icon::REFRESH title=title confirm="Send again" run=run class="btn primary" danger=false>
            <p>"It keeps its id, so your system can detect duplicates."</p>
        </Confirm>
    }
    .into_any()
}
