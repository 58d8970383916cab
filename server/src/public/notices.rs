//! What a guest was told, and how they want to be told: a list, and a form for the rest. Push messages need the browser's
//! own script; it is the one script of the site, on this page alone.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use eventify::kernel::error::{Error, Result};
use eventify::kernel::text::{ClockTime, TimeZone};
use eventify::kernel::timestamp::Timestamp;
use eventify::notifications::operations::{
    notification_list, notification_read, notification_settings, notification_settings_set, push_device_add,
    push_device_remove,
};
use eventify::notifications::{
    KindSetting, NewPushDevice, NoticeSeverity, Notification, NotificationFilter, NotificationId, NotificationSettings,
    NotificationSettingsInput, ReadNotifications,
};
use eventify::organisation;
use eventify::zones::operations::time_zone_list;
use eventify::zones::{self, Zone};
use maud::{Markup, html};
use operation::problem_response;
use serde::Deserialize;

use super::fields::Fields;
use super::sent::{Reading, Sent};
use super::view::{Head, act};
use super::visitor::{Visitor, id};
use crate::web::forms::{encode, local, see_other};
use crate::web::parts::{Form, Json, Path, Query};

const HERE: &str = "/my/notifications";

/// What of the list is shown, and what was done before.
#[derive(Default, Deserialize)]
pub struct Wanted {
    /// From the page before.
    cursor: Option<String>,
    /// Only those that were not read: `true`.
    unread: Option<String>,
    /// `settings`: how they are told.
    tab: Option<String>,
    /// The settings were just saved.
    saved: Option<String>,
}

impl Wanted {
    fn unread(&self) -> bool {
        self.unread.as_deref() == Some("true")
    }
}

/// `GET /my/notifications`
pub async fn show(visitor: Visitor, Query(wanted): Query<Wanted>) -> Response {
    page(&visitor, &wanted, None).await
}

/// `POST /my/notifications/{id}`: whoever follows it has read it.
pub async fn open(visitor: Visitor, Path(notice): Path<String>, Query(to): Query<To>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    match read_one(&visitor, &notice).await {
        Ok(()) => see_other(local(&to.to)),
        Err(error) => visitor.refused(&error),
    }
}

/// The page of a notification.
#[derive(Deserialize)]
pub struct To {
    #[serde(default)]
    to: String,
}

async fn read_one(visitor: &Visitor, notice: &str) -> Result<()> {
    let ids = Some(vec![id::<NotificationId>(notice)?]);
    visitor.own(notification_read(ReadNotifications { ids })).await.map(|_| ())
}

/// `POST /my/notifications/read`
pub async fn read_all(visitor: Visitor) -> Response {
    match visitor.own(notification_read(ReadNotifications::default())).await {
        Ok(_) => see_other(HERE),
        Err(error) if error.status() == 401 => visitor.sign_in_for(HERE),
        Err(error) => visitor.refused(&error),
    }
}

/// `POST /my/notifications`
pub async fn save(visitor: Visitor, Form(pairs): Form<Vec<(String, String)>>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_for(HERE);
    }
    let sent = Sent::typed(pairs);
    let saved = match input(&sent) {
        Ok(input) => visitor.own(notification_settings_set(input)).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(_) => see_other(&format!("{HERE}?tab=settings&saved=true")),
        Err(error) => page(&visitor, &Wanted::default(), Some((&sent, &error))).await,
    }
}

/// `POST /my/notifications/devices`, by the script of the switch.
pub async fn device_add(visitor: Visitor, Json(device): Json<NewPushDevice>) -> Response {
    match visitor.own(push_device_add(device)).await {
        Ok(device) => (StatusCode::CREATED, axum::Json(device)).into_response(),
        Err(error) => problem_response(&error),
    }
}

/// `DELETE /my/notifications/devices/{id}`, by the script of the switch.
pub async fn device_remove(visitor: Visitor, Path(device): Path<String>) -> Response {
    let removed = async { visitor.own(push_device_remove(id(&device)?)).await };
    match removed.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => problem_response(&error),
    }
}

fn input(sent: &Sent) -> Result<NotificationSettingsInput> {
    let mut reading = Reading::of(sent);
    let list = |name: &str| sent.all(name).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let input = NotificationSettingsInput {
        in_app: list("in_app"),
        email: Vec::new(),
        push: Some(list("push")),
        quiet_from: reading.maybe("quiet_from", ClockTime::parse),
        quiet_until: reading.maybe("quiet_until", ClockTime::parse),
        quiet_timezone: reading.maybe("quiet_timezone", TimeZone::parse),
    };
    reading.checked()?;
    Ok(input)
}

/// What the form holds before anybody has typed.
fn as_sent(settings: &NotificationSettings, zone: &str) -> Sent {
    let of = |name: &str, is: bool, kind: &str| is.then(|| (name.to_owned(), kind.to_owned()));
    let mut pairs: Vec<(String, String)> = Vec::new();
    for kind in &settings.kinds {
        pairs.extend(of("in_app", kind.in_app, &kind.kind));
        pairs.extend(of("push", kind.push, &kind.kind));
    }
    let (from, until, zone) = match &settings.quiet {
        Some(quiet) => (quiet.from.to_string(), quiet.until.to_string(), quiet.timezone.to_string()),
        None => (String::new(), String::new(), zone.to_owned()),
    };
    pairs.extend(
        [("quiet_from", from), ("quiet_until", until), ("quiet_timezone", zone)].map(|(n, v)| (n.to_owned(), v)),
    );
    Sent(pairs)
}

/// Whether it is about how they are told.
fn settles(wanted: &Wanted, refused: Option<(&Sent, &Error)>) -> bool {
    refused.is_some() || wanted.tab.as_deref() == Some("settings")
}

async fn page(visitor: &Visitor, wanted: &Wanted, refused: Option<(&Sent, &Error)>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    match body(visitor, wanted, refused).await {
        Ok(body) => {
            let tags = html! { @if settles(wanted, refused) { script src=(visitor.files.address("/push.js")) type="module" {} } };
            let status = refused.map_or(200, |(_, error)| error.status());
            visitor.page(status, &Head { tags, ..Head::own("Notifications") }, &body)
        }
        Err(error) => visitor.refused(&error),
    }
}

async fn body(visitor: &Visitor, wanted: &Wanted, refused: Option<(&Sent, &Error)>) -> Result<Markup> {
    let tab = |here: bool| here.then_some("page");
    let settles = settles(wanted, refused);
    let shown = match settles {
        true => settings(visitor, wanted, refused).await?,
        false => list(visitor, wanted).await?,
    };
    Ok(html! {
        h1 { "Notifications" }
        nav .tabs aria-label="Notifications" {
            a href=(HERE) aria-current=[tab(!settles && !wanted.unread())] { "All" }
            a href={ (HERE) "?unread=true" } aria-current=[tab(!settles && wanted.unread())] {
                "Unread" @if visitor.unread > 0 { " (" (visitor.unread) ")" }
            }
            a href={ (HERE) "?tab=settings" } aria-current=[tab(settles)] { "Settings" }
        }
        (shown)
    })
}

async fn settings(visitor: &Visitor, wanted: &Wanted, refused: Option<(&Sent, &Error)>) -> Result<Markup> {
    let settings = visitor.own(notification_settings()).await?;
    let zones = visitor.openly(time_zone_list()).await?.items;
    let organisation = organisation::current(&visitor.call.app).await?;
    let own = as_sent(&settings, organisation.timezone.as_str());
    let (sent, error) = refused.map_or((&own, None), |(sent, error)| (sent, Some(error)));
    Ok(how(&settings, sent, error, wanted.saved.is_some(), &zones))
}

async fn list(visitor: &Visitor, wanted: &Wanted) -> Result<Markup> {
    let filter = NotificationFilter {
        unread: wanted.unread().then_some(true),
        cursor: wanted.cursor.clone(),
        ..NotificationFilter::default()
    };
    let told = visitor.own(notification_list(filter)).await?;
    let organisation = organisation::current(&visitor.call.app).await?;
    let zone = zones::zone_of(&visitor.call.app, organisation.timezone.as_str()).await?;
    let (now, only) = (visitor.now(), if wanted.unread() { "&unread=true" } else { "" });
    Ok(html! {
        @if visitor.unread > 0 { (act(&format!("{HERE}/read"), "Mark all as read", true)) }
        @if told.items.is_empty() {
            div .surface .state {
                @if wanted.unread() { p { "Nothing unread." } p { a href=(HERE) { "All notifications" } } }
                @else { p { "No notifications yet. Answers to your requests, seats that come free, changes to your events and other news appear here." } }
            }
        } @else {
            div .surface { ul .lines { @for one in &told.items { li { (line(one, now, &zone)) } } } }
        }
        @if let Some(cursor) = &told.next_cursor {
            p { a .button .quiet href={ (HERE) "?cursor=" (encode(cursor)) (only) } { "Older notifications" } }
        }
    })
}

fn line(one: &Notification, now: Timestamp, zone: &Zone) -> Markup {
    let href = one.href.as_deref().unwrap_or("/my");
    let body = said(one, now, zone);
    match one.is_read {
        true => html! { a .line href=(href) { (body) } },
        // Following it marks it as read.
        false => html! {
            form method="post" action={ (HERE) "/" (one.id) "?to=" (encode(href)) } { button .line { (body) } }
        },
    }
}

fn said(one: &Notification, now: Timestamp, zone: &Zone) -> Markup {
    html! {
        span .flow {
            span .tags {
                @match (one.is_read, one.severity) {
                    (true, _) => bdi { (one.title) },
                    (false, _) => strong { bdi { (one.title) } },
                }
                @if !one.is_read {
                    @if one.severity == NoticeSeverity::Critical { span .tag data-tone="bad" { "Important" } }
                    @else { span .tag data-tone="live" { "New" } }
                }
            }
            @if !one.says().is_empty() { span dir="auto" { (one.says()) } }
            time .hint datetime=(one.created_at.rfc3339()) { (ago(one.created_at, now, zone)) }
        }
    }
}

/// `3 hours ago`: no clock is told, for a guest's own is not known here. Of what is a week ago the day, by the
/// organisation's.
fn ago(then: Timestamp, now: Timestamp, zone: &Zone) -> String {
    let minutes = (now.0 - then.0).whole_minutes().max(0);
    let said = |count: i64, one: &str| format!("{count} {one}{} ago", if count == 1 { "" } else { "s" });
    match minutes {
        0 => "Just now".to_owned(),
        1..60 => said(minutes, "minute"),
        60..1440 => said(minutes / 60, "hour"),
        1440..10_080 => said(minutes / 1440, "day"),
        _ => zone.display_day(then),
    }
}

/// What they are told, and by which of the two ways.
fn ticks(settings: &NotificationSettings, sent: &Sent) -> Markup {
    let (here, push) = (sent.all("in_app"), sent.all("push"));
    let tick = |name: &str, kind: &KindSetting, chosen: &[&str], way: &str| {
        html! {
            td {
                input type="checkbox" name=(name) value=(kind.kind) checked[chosen.contains(&kind.kind.as_str())]
                    aria-label={ (kind.title) ": " (way) };
            }
        }
    };
    html! {
        table .ticks {
            thead { tr { th scope="col" { "Notify me when" } th scope="col" { "Here" } th scope="col" { "Push" } } }
            tbody {
                @for kind in &settings.kinds {
                    tr {
                        th scope="row" { (kind.title) }
                        (tick("in_app", kind, &here, "on this page"))
                        (tick("push", kind, &push, "on your devices"))
                    }
                }
            }
        }
    }
}

/// What they are told and how.
fn how(settings: &NotificationSettings, sent: &Sent, error: Option<&Error>, saved: bool, zones: &[String]) -> Markup {
    let this = settings.devices.iter().find(|device| device.is_this).map(|device| device.id.to_string());
    let fields = Fields::new(sent, error);
    let form = html! {
        form method="post" action=(HERE) {
            (ticks(settings, sent))
            fieldset .group {
                legend { "Quiet hours" }
                p .hint { "Push notifications wait until they end. Leave both empty for none." }
                div .pair {
                    (fields.may("quiet_from", "From", "time", ""))
                    (fields.may("quiet_until", "Until", "time", ""))
                }
                (fields.zone("quiet_timezone", zones, ""))
            }
            button { "Save settings" }
        }
    };
    html! {
        section #settings .flow tabindex="-1" aria-labelledby="sh" {
            h2 #sh { "How you’re notified" }
            p { "Emails and text messages about your tickets are always sent." }
            div .surface .flow {
                h3 { "On this device" }
                p .hint { "Shows notifications while this site is closed, until you sign out. Needs JavaScript." }
                push-switch .flow data-key=(settings.push_key) data-scope="/my/" data-to={ (HERE) "/devices" }
                    data-device=[this] data-button="quiet" {}
            }
            @if saved { p .note data-tone="ok" role="status" { "Saved." } }
            div .surface .flow { (fields.under_summary(&form)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_week_ago_has_its_day() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let zone = Zone { name: "UTC".to_owned(), changes: Vec::new() };
        let said = |then: &str| ago(at(then), at("2026-11-26T12:00:00Z"), &zone);
        assert_eq!(said("2026-11-26T11:30:00Z"), "30 minutes ago");
        assert_eq!(said("2026-11-20T12:00:00Z"), "6 days ago");
        assert_eq!(said("2026-10-18T12:00:00Z"), "18 Oct 2026");
    }
}
