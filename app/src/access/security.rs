//! One's own password, second factor, sessions and devices.

mod factor;
mod pin;

use eventify::Error;
use eventify::access::operations::{
    activity_list as fetch_activity, device_list, device_revoke, device_update, password_change, session_list,
    session_revoke, sessions_revoke_others,
};
use eventify::access::{Activity, ChangePasswordInput, Count, Device, DevicePatch, Me, Session};
use eventify::kernel::page::{Paging, every};
use eventify::kernel::text::NewPassword;
use leptos::prelude::*;

use super::shared::{activity_list, session_name, session_times};
use crate::ui::use_me;
use crate::ui::{
    Act, Column, Confirm, Form, Icon, ListQuery, Loading, Nothing, PageHead, Password, Table, Toasts, Tone, at, badge,
    card, loaded, rule, submit,
};

/// How much of what happened is shown.
const SHOWN: u32 = 20;

type Data = (Vec<Session>, Vec<Device>, Vec<Activity>);

/// Everything that keeps the own account safe.
pub fn security() -> AnyView {
    let data = Loading::new(|| (), |()| fetch());
    loaded(data, move |parts, me| page(data, parts, &me))
}

async fn fetch() -> Result<Data, Error> {
    let lately = fetch_activity(Paging::first(SHOWN)).await?.items;
    Ok((every(session_list).await?, every(device_list).await?, lately))
}

fn page(data: Loading<Data>, (sessions, devices, activity): Data, me: &Me) -> AnyView {
    view! {
        <div class="page">
            <PageHead title="Security" crumbs=vec![("Your account".into(), "/account".into())]/>
            <div class="grid-2">
                {card("security-factor", "Second factor", None, factor::panel(me))}
                {card("security-password", "Password", None, password(data))}
                {pin::panel(me)}
            </div>
            {session_table(data, sessions)}
            {device_table(data, devices)}
            {card("security-activity", "Recent activity", None, activity_list(activity, SHOWN as usize))}
        </div>
    }
    .into_any()
}

fn password(data: Loading<Data>) -> AnyView {
    let (toasts, me) = (Toasts::get(), use_me());
    let run = submit(
        |input: ChangePasswordInput| password_change(input),
        move |()| {
            toasts.done("Password changed. Your other sessions have ended, and no device is trusted");
            me.refetch();
            data.refetch();
        },
    );
    view! {
        <Form id="password" submit=run label="Change password" fresh=true>
            <Password name="current_password" label="Current password" autocomplete="current-password"/>
            <Password
                name="new_password"
                label="New password"
                check={rule::<NewPassword>}
                autocomplete="new-password"
                hint="At least 12 characters. Your other sessions end."
            />
        </Form>
    }
    .into_any()
}

fn session_table(data: Loading<Data>, sessions: Vec<Session>) -> AnyView {
    let toasts = Toasts::get();
    let others = sessions.iter().filter(|session| !session.current).count();
    let end_others = submit(
        |_: Nothing| sessions_revoke_others(),
        move |Count { count }| {
            let sessions = if count == 1 { "session" } else { "sessions" };
            toasts.done(format!("{count} {sessions} ended"));
            data.refetch();
        },
    );
    let end_all = (others > 0).then(|| {
        let rest = match others {
            1 => "1 other session must sign in again.".to_owned(),
            more => format!("{more} other sessions must sign in again."),
        };
        view! {
            <Confirm id="others" label="End other sessions" icon=Icon::LOGOUT title="End all other sessions?" confirm="End other sessions" keep="Keep sessions" run=end_others class="btn small">
                <p>{format!("You stay signed in here. {rest}")}</p>
            </Confirm>
        }
        .into_any()
    });
    let table = Table::new("Your sessions", ListQuery::default())
        .counts("session", "sessions")
        .column(Column::head("Device", session_name))
        .column(Column::new("Verified with 2FA", |s: &Session| if s.mfa { "Yes" } else { "No" }.into_any()).low())
        .column(Column::new("Signed in", |s: &Session| session_times(s).0).low())
        .column(Column::new("Last used", |s: &Session| session_times(s).1))
        .column(Column::actions(move |s: &Session| if s.current { ().into_any() } else { end_session(data, s) }))
        .all(sessions);
    section("security-sessions", "Sessions", "Where you are signed in now.", end_all, table)
}

/// A titled table on a page with several.
fn section(
    id: &'static str,
    title: &'static str,
    hint: &'static str,
    action: Option<AnyView>,
    table: AnyView,
) -> AnyView {
    view! {
        <section class="stack tight" aria-labelledby=id>
            <div class="row spread"><h2 id=id>{title}</h2>{action}</div>
            <p class="muted">{hint}</p>
            {table}
        </section>
    }
    .into_any()
}

fn end_session(data: Loading<Data>, session: &Session) -> AnyView {
    let (id, toasts) = (session.id, Toasts::get());
    let name = super::shared::browser(&session.user_agent);
    let run = submit(
        move |_: Nothing| session_revoke(id),
        move |()| {
            toasts.done("Session ended");
            data.refetch();
        },
    );
    view! {
        <Confirm id=format!("session-{id}") label="End" icon=Icon::LOGOUT title=format!("End the session of {name}?") confirm="End session" run=run in_row=format!("End the session of {name}")>
            <p>"Anyone using it must sign in again."</p>
        </Confirm>
    }
    .into_any()
}

fn device_table(data: Loading<Data>, devices: Vec<Device>) -> AnyView {
    let table = Table::new("Your devices", ListQuery::default())
        .counts("device", "devices")
        .column(Column::head("Device", |d: &Device| {
            let here = d.current.then(|| badge(Tone::Success, "This device"));
            view! { {super::shared::browser(&d.platform)}" "{here} }.into_any()
        }))
        .column(Column::new("Trust", |d: &Device| match (d.risk_state.as_str(), d.trusted) {
            ("blocked", _) => badge(Tone::Danger, "Removed"),
            (_, true) => {
                let until = d.trusted_until.map(|until| view! { <small>"until "{at(until)}</small> });
                view! { {badge(Tone::Success, "Trusted")}{until} }.into_any()
            }
            (_, false) => badge(Tone::Neutral, "Not trusted"),
        }))
        .column(Column::new("Last used", |d: &Device| at(d.last_seen_at)))
        .column(Column::actions(move |d: &Device| device_actions(data, d)))
        .empty("No devices", "Devices appear here once you sign in from them.", None)
        .all(devices);
    let hint = "A device that you trust needs no code from your authenticator app for 30 days.";
    section("security-devices", "Devices", hint, None, table)
}

fn device_actions(data: Loading<Data>, device: &Device) -> AnyView {
    if device.risk_state == "blocked" {
        return ().into_any();
    }
    let (id, trust, toasts) = (device.id, !device.trusted, Toasts::get());
    let name = super::shared::browser(&device.platform);
    let change = submit(
        move |_: Nothing| device_update(id, DevicePatch { trusted: trust }),
        move |_| {
            toasts.done(if trust { "Device trusted for 30 days" } else { "Device no longer trusted" });
            data.refetch();
        },
    );
    let forget = submit(
        move |_: Nothing| device_revoke(id),
        move |()| {
            toasts.done("Device removed");
            data.refetch();
        },
    );
    let label = if trust { "Trust" } else { "Stop trusting" };
    let removable = (!device.current).then(|| {
        view! {
            <Confirm id=format!("device-{id}") label="Remove" icon=Icon::TRASH title=format!("Remove {name}?") confirm="Remove device" run=forget in_row=format!("Remove {name}")>
                <p>"Its sessions end, and signing in from it again raises a warning."</p>
            </Confirm>
        }
    });
    view! { <Act label=label icon=Icon::CHECK run=change class="btn quiet small"/>{removable} }.into_any()
}
