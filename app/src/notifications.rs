//! What one was told: the bell of the bar, and the page of all of it.

use eventify::Error;
use eventify::access::Me;
use eventify::events::operations::time_zone_list;
use eventify::kernel::page::Page;
use eventify::kernel::text::{ClockTime, TimeZone};
use eventify::kernel::timestamp::Timestamp;
use eventify::notifications::operations::{
    notification_list, notification_read, notification_settings, notification_settings_set, notification_unread,
    push_device_remove,
};
use eventify::notifications::{
    KindSetting, NoticeSeverity, Notification, NotificationFilter, NotificationSettings, NotificationSettingsInput,
    PushDevice, ReadNotifications, Unread,
};
use eventify::overview::Waiting;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::{
    Act, Column, Field, Form, Icon, ListQuery, Loading, Nothing, PageHead, PickMany, Table, Toasts, Tone, ago, badge,
    card, dom, live, loaded, now, rule, submit, tabs,
};

/// The bell, with how many are unread; `again` counts what waits once something new is told.
pub fn bell(me: &Me, waiting: &Waiting, again: impl Fn() + Clone + Send + Sync + 'static) -> AnyView {
    live::follow(&[&format!("notifications:{}", me.id)], again);
    let unread = waiting.notifications.unwrap_or(0);
    let count = (unread > 0).then(|| view! { <span class="count" aria-hidden="true">{unread.min(99)}</span> });
    let said = if unread > 0 { format!("Notifications, {unread} unread") } else { "Notifications".to_owned() };
    view! {
        <a class="btn square quiet bell" href="/notifications" title="Notifications" aria-label=said>
            {Icon::BELL.svg()}
            {count}
        </a>
    }
    .into_any()
}

/// What the page is made of.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Told {
    page: Page<Notification>,
    unread: i64,
    as_of: Timestamp,
    /// With the time zones to choose from, where the settings are shown.
    settings: Option<(NotificationSettings, Vec<String>)>,
}

/// The page.
pub fn notifications() -> AnyView {
    let query = ListQuery::current();
    let data: Loading<Told> = Loading::new(move || query.get(), fetch);
    loaded(data, move |told, _| page(data, query.get_untracked(), told))
}

async fn fetch(query: ListQuery) -> Result<Told, Error> {
    let filter = NotificationFilter {
        unread: (query.text("tab").as_deref() == Some("unread")).then_some(true),
        cursor: query.text("cursor"),
        limit: query.word("limit"),
    };
    let settings = async {
        match query.text("tab").as_deref() {
            Some("settings") => {
                let (settings, zones) = futures::try_join!(notification_settings(), time_zone_list())?;
                Ok(Some((settings, zones.items)))
            }
            _ => Ok(None),
        }
    };
    let (page, unread, settings) = futures::try_join!(notification_list(filter), notification_unread(), settings)?;
    Ok(Told { page, unread: unread.unread, as_of: now(), settings })
}

fn page(data: Loading<Told>, query: ListQuery, told: Told) -> AnyView {
    let Told { page, unread, as_of, settings } = told;
    let current = match query.text("tab").as_deref() {
        Some("unread") => "unread",
        _ if settings.is_some() => "settings",
        _ => "all",
    };
    let strip = tabs(
        "Notifications",
        "/notifications",
        current,
        &[("all", "All", None), ("unread", "Unread", Some(unread).filter(|n| *n > 0)), ("settings", "Settings", None)],
    );
    let all = (unread > 0).then(|| {
        let run = submit(notification_read, move |_: Unread| data.refetch());
        view! { <Act label="Mark all as read" icon=Icon::CHECK run=run/> }.into_any()
    });
    if let Some((settings, zones)) = settings {
        return view! {
            <div class="page narrow">
                <PageHead title="Notifications"/>
                {strip}
                {devices(data, &settings, as_of)}
                {choices(data, settings, zones)}
            </div>
        }
        .into_any();
    }
    let table = Table::new("List of notifications", query)
        .counts("notification", "notifications")
        .column(Column::head("Notification", line))
        .column(Column::new("Status", mark))
        .column(Column::new("When", move |one: &Notification| when(one, as_of)))
        .empty("No notifications yet", "Requests, disputes, approvals and changes that concern you appear here.", None)
        .page(page);
    view! {
        <div class="page">
            <PageHead title="Notifications" actions=all.into_any()/>
            {strip}
            {table}
        </div>
    }
    .into_any()
}

/// The script of the switch, which asks the browser.
const SWITCH: &str = "/push.js";
/// Where it tells the server, and what its worker answers for.
const DEVICES: &str = "/api/v1/notifications/devices";
const SCOPE: &str = "/";

/// Push messages: on this device, and where else they are on.
fn devices(data: Loading<Told>, settings: &NotificationSettings, as_of: Timestamp) -> AnyView {
    Effect::new(|_| _ = dom::script(SWITCH));
    let key = settings.push_key.clone();
    let this = settings.devices.iter().find(|device| device.is_this).map(|device| device.id.to_string());
    let others = settings.devices.iter().filter(|device| !device.is_this).cloned().collect::<Vec<_>>();
    let others = (!others.is_empty()).then(|| {
        let lines = others.into_iter().map(|device| other(data, device, as_of)).collect_view();
        view! { <h3>"Other devices"</h3><ul class="stack tight" role="list">{lines}</ul> }
    });
    let body = view! {
        <div class="stack">
            <p class="muted">"Shows notifications on this device while Eventify is closed, until you sign out. Needs JavaScript."</p>
            <push-switch class="row spread" data-key=key data-scope=SCOPE data-to=DEVICES data-device=this data-button="btn"></push-switch>
            {others}
        </div>
    };
    card("notification-devices", "On this device", None, body)
}

/// Another browser of the same person.
fn other(data: Loading<Told>, device: PushDevice, as_of: Timestamp) -> AnyView {
    let (id, toasts, name) = (device.id, Toasts::get(), device.name);
    let run = submit(
        move |_: Nothing| push_device_remove(id),
        move |()| {
            toasts.done("Push notifications turned off");
            data.refetch();
        },
    );
    let since = view! { <span class="muted">{ago(device.created_at, as_of)}</span> };
    view! { <li class="row spread"><span>{name}" "{since}</span><Act label="Turn off" icon=Icon::X run=run/></li> }
        .into_any()
}

/// How one wants to be told.
fn choices(data: Loading<Told>, now: NotificationSettings, zones: Vec<String>) -> AnyView {
    let toasts = Toasts::get();
    let run = submit(
        |input: NotificationSettingsInput| notification_settings_set(input),
        move |_: NotificationSettings| {
            toasts.done("Settings saved");
            data.refetch();
        },
    );
    if now.kinds.is_empty() {
        let nothing = "Your roles have no notifications. A team manager can change your roles.";
        return card("notification-settings", "What you hear about", None, view! { <p class="muted">{nothing}</p> });
    }
    let in_app = vec![("In Eventify".to_owned(), now.kinds.iter().map(named).collect())];
    let email = vec![("Email".to_owned(), now.kinds.iter().filter(|kind| kind.email.is_some()).map(named).collect())];
    let push = vec![("Push".to_owned(), now.kinds.iter().map(named).collect())];
    let is_pushed = now.kinds.iter().filter(|kind| kind.push).map(|kind| kind.kind.clone()).collect();
    let is_listed = now.kinds.iter().filter(|kind| kind.in_app).map(|kind| kind.kind.clone()).collect();
    let is_mailed = now.kinds.iter().filter(|kind| kind.email == Some(true)).map(|kind| kind.kind.clone()).collect();
    let (from, until, zone) = match &now.quiet {
        Some(quiet) => (quiet.from.to_string(), quiet.until.to_string(), quiet.timezone.to_string()),
        None => Default::default(),
    };
    let form = view! {
        <Form id="notification-settings" submit=run label="Save changes">
            <h3>"What you hear about"</h3>
            <PickMany name="in_app" label="In Eventify" groups=in_app value=is_listed quiet=true/>
            <PickMany name="email" label="By email as well" groups=email value=is_mailed quiet=true/>
            <PickMany name="push" label="On your devices" groups=push value=is_pushed quiet=true/>
            <h3>"Quiet hours"</h3>
            <p class="muted">"Emails and push notifications wait until they end, and are not sent if you have read the notification by then."</p>
            <div class="form-grid">
                <Field name="quiet_from" label="From" kind="time" check={rule::<ClockTime>} clearable=true value=from/>
                <Field name="quiet_until" label="Until" kind="time" check={rule::<ClockTime>} clearable=true value=until/>
                <Field name="quiet_timezone" label="Time zone" check={rule::<TimeZone>} choices=zones clearable=true value=zone hint="UTC if empty"/>
            </div>
        </Form>
    };
    card("notification-settings-card", "Notification settings", None, form)
}

fn named(kind: &KindSetting) -> (String, String) {
    (kind.kind.clone(), kind.title.clone())
}

/// What was told, leading to what it is about; whoever follows it has read it.
fn line(one: &Notification) -> AnyView {
    let (id, read) = (one.id, one.is_read);
    let follow = move |_| {
        if !read {
            spawn_local(async move {
                // Left unread if it cannot be said: it is there again.
                let _ = notification_read(ReadNotifications { ids: Some(vec![id]) }).await;
            });
        }
    };
    let title = match read {
        true => view! { <bdi>{one.title.clone()}</bdi> }.into_any(),
        false => view! { <strong><bdi>{one.title.clone()}</bdi></strong> }.into_any(),
    };
    let title = match one.href.clone() {
        Some(href) => view! { <a href=href on:click=follow>{title}</a> }.into_any(),
        None => title,
    };
    let more = (!one.says().is_empty()).then(|| view! { <small dir="auto">{one.says().to_owned()}</small> });
    view! { {title}{more} }.into_any()
}

fn mark(one: &Notification) -> AnyView {
    match (one.is_read, one.severity) {
        _ if one.settled => badge(Tone::Success, "Done"),
        (true, _) => ().into_any(),
        (false, NoticeSeverity::Critical) => badge(Tone::Danger, "Urgent"),
        (false, _) => badge(Tone::Info, "New"),
    }
}

fn when(one: &Notification, as_of: Timestamp) -> AnyView {
    view! { <time datetime=one.created_at.rfc3339()>{ago(one.created_at, as_of)}</time> }.into_any()
}
