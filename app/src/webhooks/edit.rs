//! A new endpoint, and changing one.

use std::collections::{BTreeMap, BTreeSet};

use eventify::Error;
use eventify::access::Me;
use eventify::audit::words::capital;
use eventify::kernel::error::{FieldErrors, Validate, not_found};
use eventify::kernel::text::EndpointUrl;
use eventify::kernel::text::Note;
use eventify::webhooks::operations::{
    webhook_endpoint_create, webhook_endpoint_get, webhook_endpoint_update, webhook_event_types,
};
use eventify::webhooks::{
    EVERY_EVENT, EventKind, NewWebhookEndpoint, WebhookEndpoint, WebhookEndpointId, WebhookEndpointPatch,
    WebhookEndpointSecret, WebhookEventType,
};
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::short;
use crate::ui::{
    Area, Field, Flag, Form, Loading, Options, PageHead, PickMany, Secret, Submit, Toasts, Tone, card, id_of_path,
    loaded, note, rule, submit, use_go,
};

/// What the form holds: every event is a switch of its own there.
#[derive(Clone, Debug, Deserialize)]
struct Fields {
    url: EndpointUrl,
    #[serde(default)]
    description: Option<Note>,
    every: bool,
    event_types: BTreeSet<EventKind>,
    #[serde(default)]
    version: i64,
}
impl Validate for Fields {
    fn check(&self, errors: &mut FieldErrors) {
        if !self.every && self.event_types.is_empty() {
            errors
                .entry("event_types".to_owned())
                .or_default()
                .push("choose at least one event type, or every event".to_owned());
        }
    }
}
impl Fields {
    fn types(&self) -> BTreeSet<EventKind> {
        match EventKind::parse(EVERY_EVENT) {
            Ok(every) if self.every => BTreeSet::from([every]),
            _ => self.event_types.clone(),
        }
    }
}

/// The types there are, by what they are about.
fn groups(types: &[WebhookEventType]) -> Vec<(String, Options)> {
    let mut groups: BTreeMap<String, Options> = BTreeMap::new();
    for event in types {
        let option = (event.kind.clone(), event.description.clone());
        groups.entry(group(&event.kind)).or_default().push(option);
    }
    groups.into_iter().collect()
}

/// What people call what a type of events is about.
fn group(kind: &str) -> String {
    let about = kind.split('.').next().unwrap_or_default();
    let title = match about {
        "admin" => "Audit log",
        "attendee" => "Guests",
        "event_invite" => "Invitations",
        "event_request" => "Requests",
        "live" => "Gates and live updates",
        "notification" => "Messages",
        "organisation" => "Organisation",
        "plan" => "Production plans",
        "profile" | "user" => "Users",
        "staff" => "Team",
        "ticket_type" => "Ticket types",
        "waiting_list" => "Waiting list",
        other => return capital(&format!("{}s", other.replace('_', " "))),
    };
    title.to_owned()
}

/// Types this person may not see, and so cannot have anybody told of.
fn beyond(types: &[WebhookEventType], me: &Me) -> Vec<String> {
    types.iter().filter(|event| !me.may(event.permission)).map(|event| event.kind.clone()).collect()
}

fn form(types: &[WebhookEventType], me: &Me, now: Option<&WebhookEndpoint>, run: Submit) -> AnyView {
    let (url, description, chosen) =
        now.map(|e| (e.url.clone(), e.description.clone(), e.event_types.clone())).unwrap_or_default();
    let every = chosen.iter().any(|kind| kind == EVERY_EVENT);
    let label = if now.is_some() { "Save changes" } else { "Create endpoint" };
    let cancel = now.map_or_else(|| "/webhooks".to_owned(), |e| format!("/webhooks/{}", e.id));
    let extra = now.map_or_else(|| json!({}), |e| json!({ "version": e.version }));
    let (groups, locked) = (groups(types), beyond(types, me));
    view! {
        <Form id="webhook" submit=run label=label cancel=cancel extra=extra>
            <Field name="url" label="URL" kind="url" check={rule::<EndpointUrl>} required=true value=url hint="Must begin with https:// and be reachable from the internet"/>
            <Area name="description" label="Description" check={rule::<Note>} emptyable=true value=description hint="What it is used for"/>
            <h3>"Events to send"</h3>
            <Flag name="every" label="Every event" hint="Including future types. Overrides the selection below" value=every/>
            <PickMany name="event_types" label="Event types" groups=groups value=chosen locked=locked folded=true/>
        </Form>
    }
    .into_any()
}

/// A new endpoint; its secret is shown once.
pub fn webhook_new() -> AnyView {
    let types = Loading::new(|| (), |()| async { webhook_event_types().await.map(|page| page.items) });
    let made = RwSignal::new(None::<WebhookEndpointSecret>);
    loaded(types, move |types, me| {
        let body = move || match made.get() {
            Some(created) => shown_once(created),
            None => new(made, &types, &me),
        };
        let crumbs = vec![("Webhooks".to_owned(), "/webhooks".to_owned())];
        view! { <div class="page"><PageHead title="New endpoint" crumbs=crumbs/>{body}</div> }.into_any()
    })
}

fn new(made: RwSignal<Option<WebhookEndpointSecret>>, types: &[WebhookEventType], me: &Me) -> AnyView {
    let run = submit(
        |fields: Fields| {
            let event_types = fields.types();
            webhook_endpoint_create(NewWebhookEndpoint {
                url: fields.url,
                description: fields.description,
                event_types,
            })
        },
        move |created| made.set(Some(created)),
    );
    card("webhook-form", "Endpoint", None, form(types, me, None, run))
}

fn shown_once(created: WebhookEndpointSecret) -> AnyView {
    let text = "Your system uses it to verify messages. It is shown only once.";
    view! {
        {note(Tone::Warning, "Copy the secret now", text, None)}
        <Secret text=created.secret/>
        <div class="row"><a class="btn primary" href=format!("/webhooks/{}", created.endpoint.id)>"Done, I've saved it"</a></div>
    }
    .into_any()
}

/// The form for what an endpoint is.
pub fn webhook_edit() -> AnyView {
    let id = id_of_path::<WebhookEndpointId>();
    let data = Loading::new(move || id.get(), fetch);
    loaded(data, |(endpoint, types), me| edit(endpoint, &types, &me))
}

async fn fetch(id: Option<WebhookEndpointId>) -> Result<(WebhookEndpoint, Vec<WebhookEventType>), Error> {
    Ok((webhook_endpoint_get(id.ok_or_else(not_found)?).await?, webhook_event_types().await?.items))
}

fn edit(endpoint: WebhookEndpoint, types: &[WebhookEventType], me: &Me) -> AnyView {
    let (go, toasts, id) = (use_go(), Toasts::get(), endpoint.id);
    let path = format!("/webhooks/{id}");
    let back = path.clone();
    let run = submit(
        move |fields: Fields| {
            let (event_types, version) = (Some(fields.types()), fields.version);
            let (url, description) = (Some(fields.url), fields.description);
            webhook_endpoint_update(id, WebhookEndpointPatch { url, description, event_types, version })
        },
        move |_: WebhookEndpoint| {
            toasts.done("Saved");
            go(&back);
        },
    );
    let crumbs = vec![("Webhooks".to_owned(), "/webhooks".to_owned()), (short(&endpoint.url).to_owned(), path)];
    view! {
        <div class="page">
            <PageHead title="Edit endpoint" crumbs=crumbs/>
            {card("webhook-form", "Endpoint", None, form(types, me, Some(&endpoint), run))}
        </div>
    }
    .into_any()
}
