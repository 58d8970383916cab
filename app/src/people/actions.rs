//! What can be done to an end user.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use eventify::Error;
use eventify::access::Me;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::Reason;
use eventify::people::operations::{user_ban, user_reset_second_factor, user_unban};
use eventify::people::{BanInput, EndUserId, User, UserReason, UserStatus};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::data::Data;
use super::name_of;
use crate::ui::{
    Area, Bulk, Confirm, Field, Icon, Loading, Toasts, by_own_clock, menu, menu_act, moment, own_zone, rule, submit,
};

/// The buttons that make sense for this person now.
pub fn of(data: Loading<Data>, user: &User, me: &Me) -> AnyView {
    if !me.may(Permission::UsersModerate) || user.status == UserStatus::Erased {
        return ().into_any();
    }
    let banned = user.status == UserStatus::Banned;
    let entries = [
        user.totp_enabled.then(|| menu_act("user-reset", "Reset second factor…", Icon::SHIELD, true)),
        Some(menu_act("user-ban", if banned { "Change ban…" } else { "Ban…" }, Icon::LOCK, true)),
    ];
    view! {
        {banned.then(|| unban(data, user))}
        {menu(format!("More for {}", name_of(user)), entries.into_iter().flatten().collect())}
        {user.totp_enabled.then(|| reset(data, user))}
        {ban(data, user)}
    }
    .into_any()
}

/// Bans until the moment that the reader's clock shows as it was typed.
fn ban_until(zone: Arc<Zone>) -> impl Fn(EndUserId, BanInput) -> BoxedBan + Send + Sync + 'static {
    move |id, mut input| {
        let zone = zone.clone();
        Box::pin(async move {
            input.until = moment(input.until, &zone, "until")?;
            user_ban(id, input).await
        })
    }
}

type BoxedBan = Pin<Box<dyn Future<Output = Result<User, Error>>>>;

/// Says so, and shows what is true now.
fn done(data: Loading<Data>, said: &'static str) -> impl Fn(User) + Send + Sync + 'static {
    let toasts = Toasts::get();
    move |user| {
        toasts.done(format!("{} {said}", name_of(&user)));
        data.refetch();
    }
}

fn terms() -> AnyView {
    view! {
        <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Shown to the user at sign-in"/>
        <Field name="until" label=by_own_clock("Until") kind="datetime-local" hint="Leave empty for a permanent ban"/>
    }
    .into_any()
}

fn ban(data: Loading<Data>, user: &User) -> AnyView {
    let (id, name) = (user.id, name_of(user));
    let call = ban_until(own_zone());
    let run = submit(move |input: BanInput| call(id, input), done(data, "is banned"));
    let (label, title, text) = match user.status {
        UserStatus::Banned => (
            "Change ban",
            format!("Change the ban of {name}?"),
            "This ban replaces the current one, which stays in the history.",
        ),
        _ => (
            "Ban",
            format!("Ban {name}?"),
            "They are signed out everywhere at once and can't sign in until the ban ends.",
        ),
    };
    view! {
        <Confirm id="user-ban" label=label icon=Icon::LOCK title=title confirm=label run=run in_menu=true>
            <p>{text}</p>
            {terms()}
        </Confirm>
    }
    .into_any()
}

fn unban(data: Loading<Data>, user: &User) -> AnyView {
    let (id, name) = (user.id, name_of(user));
    let run = submit(move |input: UserReason| user_unban(id, input), done(data, "is no longer banned"));
    view! {
        <Confirm id="user-unban" label="Unban" icon=Icon::CHECK title=format!("Lift the ban of {name}?") confirm="Unban" run=run class="btn primary" danger=false>
            <p>"The user can sign in again. The ban stays in the history."</p>
            <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Visible to staff in the audit log"/>
        </Confirm>
    }
    .into_any()
}

fn reset(data: Loading<Data>, user: &User) -> AnyView {
    let (id, name) = (user.id, name_of(user));
    let run = submit(
        move |input: UserReason| user_reset_second_factor(id, input),
        done(data, "signs in by phone only until a new second factor is set up"),
    );
    view! {
        <Confirm id="user-reset" label="Reset second factor" icon=Icon::SHIELD title=format!("Reset the second factor of {name}?") confirm="Reset" run=run in_menu=true>
            <p>"For users who lost their authenticator. Make sure it is really this person asking. They are signed out everywhere and sign in by phone only."</p>
            <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Visible to staff in the audit log"/>
        </Confirm>
    }
    .into_any()
}

/// Bans everybody ticked.
pub fn ban_all() -> Bulk {
    Bulk::new("ban", "Ban", Icon::LOCK, ban_until(own_zone()))
        .danger()
        .done("banned")
        .asks("Ban the selected users?", || {
            view! {
                <p>"They are signed out everywhere at once and can't sign in until the ban ends. For users who are already banned, this ban replaces the current one."</p>
                {terms()}
            }
            .into_any()
        })
}
