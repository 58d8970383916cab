//! What one was told: the bell of the bar, and the page of all of it.

mod list;

use eventify::Error;
use eventify::access::Me;
use eventify::kernel::page::{Page, every};
use eventify::kernel::text::ClockTime;
use eventify::kernel::timestamp::Timestamp;
use eventify::notifications::operations::{
    notification_list, notification_read, notification_settings, notification_settings_set, notification_unread,
    push_device_remove,
};
use eventify::notifications::{
    KindSetting, Notification, NotificationFilter, NotificationSettings, NotificationSettingsInput, PushDevice, Unread,
};
use eventify::overview::Waiting;
use eventify::zones::operations::time_zone_list;
use leptos::prelude::*;

use crate::ui::{
    Act, Field, Form, Icon, ListQuery, Loading, Nothing, PageHead, Pick, PickGrid, Toasts, ago, card, card_flush, dom,
    live, loaded, now, own_zone, rule, submit, tabs, zones,
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
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Told {
    /// What is still to be seen to; with the first page of the rest.
    open: Vec<Notification>,
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
    let unread = (query.text("tab").as_deref() == Some("unread")).then_some(true);
    let (cursor, limit) = (query.text("cursor"), query.parsed("limit"));
    let filter = move |open, cursor, limit| NotificationFilter { unread, open, cursor, limit };
    let open = async {
        match cursor.is_none() {
            true => every(|page| notification_list(filter(Some(true), page.cursor, page.limit))).await.or_else(unknown),
            false => Ok(Vec::new()),
        }
    };
    let rest = async {
        match notification_list(filter(Some(false), cursor.clone(), limit)).await {
            Err(error) if error.status() == 422 => notification_list(filter(None, cursor.clone(), limit)).await,
            rest => rest,
        }
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
    let (open, page, unread, settings) = futures::try_join!(open, rest, notification_unread(), settings)?;
    Ok(Told { open, page, unread: unread.unread, as_of: now(), settings })
}

/// A server of the version before does not tell open ones from others.
fn unknown<T: Default>(error: Error) -> Result<T, Error> {
    if error.status() == 422 { Ok(T::default()) } else { Err(error) }
}

fn page(data: Loading<Told>, query: ListQuery, told: Told) -> AnyView {
    let Told { open, page, unread, as_of, settings } = told;
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
    if let Some((settings, all_zones)) = settings {
        return view! {
            <div class="page narrow">
                <PageHead title="Notifications"/>
                {strip}
                {devices(data, &settings, as_of)}
                {choices(data, settings, all_zones)}
            </div>
        }
        .into_any();
    }
    let open = list::open(open, as_of);
    let among = open.is_some();
    let rest = (!among || !page.items.is_empty()).then(|| list::rest(query, page, as_of));
    // Beside what is to be done the rest has a heading of its own.
    let rest = rest.map(|rest| match among {
        true => card_flush("notifications-rest", "Other notifications", None, rest),
        false => rest,
    });
    view! {
        <div class="page">
            <PageHead title="Notifications" actions=all.into_any()/>
            {strip}
            {open}
            {rest}
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
            <p class="muted">"Shows notifications on this device while Eventify is closed, until you sign out."</p>
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
fn choices(data: Loading<Told>, now: NotificationSettings, all_zones: Vec<String>) -> AnyView {
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
    let ways = vec![("in_app", "In Eventify"), ("email", "Email"), ("push", "Push")];
    let rows = now.kinds.iter().map(chosen).collect();
    let (from, until, zone) = match &now.quiet {
        Some(quiet) => (quiet.from.to_string(), quiet.until.to_string(), quiet.timezone.to_string()),
        None => (String::new(), String::new(), own_zone().name.clone()),
    };
    let form = view! {
        <Form id="notification-settings" submit=run label="Save changes">
            <PickGrid head="Notify me when" ways=ways rows=rows/>
            <h3>"Quiet hours"</h3>
            <p class="muted">"Emails and push notifications wait until they end, and are not sent if you have read the notification by then."</p>
            <div class="form-grid">
                <Field name="quiet_from" label="From" kind="time" check={rule::<ClockTime>} emptyable=true value=from/>
                <Field name="quiet_until" label="Until" kind="time" check={rule::<ClockTime>} emptyable=true value=until/>
                <Pick name="quiet_timezone" label="Time zone" options=zones(all_zones) required=true value=zone/>
            </div>
        </Form>
    };
    card("notification-settings-card", "Notification settings", None, form)
}

/// A kind, and by which ways it is told.
fn chosen(kind: &KindSetting) -> (String, String, Vec<Option<bool>>) {
    (kind.kind.clone(), kind.title.clone(), vec![Some(kind.in_app), kind.email, Some(kind.push)])
}
