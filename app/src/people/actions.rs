//! What can be done to an end user.

use eventify::access::Me;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::Reason;
use eventify::people::operations::{user_ban, user_reset_second_factor, user_unban};
use eventify::people::{BanInput, EndUserId, User, UserReason, UserStatus};
use leptos::prelude::*;

use super::detail::Data;
use super::name_of;
use crate::ui::{Area, Bulk, Confirm, Field, Icon, Loading, Toasts, rule, submit};

/// The buttons that make sense for this person now.
pub fn of(data: Loading<Data>, user: &User, me: &Me) -> AnyView {
    if !me.may(Permission::UsersModerate) || user.status == UserStatus::Erased {
        return ().into_any();
    }
    let banned = user.status == UserStatus::Banned;
    view! {
        {user.totp_enabled.then(|| reset(data, user))}
        {banned.then(|| unban(data, user))}
        {ban(data, user)}
    }
    .into_any()
}

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
        <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="The user reads it when signing in."/>
        <Field name="until" label="Until (UTC)" kind="datetime-local" hint="Empty: for good."/>
    }
    .into_any()
}

fn ban(data: Loading<Data>, user: &User) -> AnyView {
    let (id, name) = (user.id, name_of(user));
    let run = submit(move |input: BanInput| user_ban(id, input), done(data, "is banned"));
    let (label, title, text) = match user.status {
        UserStatus::Banned => (
            "Change ban",
            format!("Change the ban of {name}?"),
            "The ban that holds now becomes history; this one takes its place.",
        ),
        _ => ("Ban", format!("Ban {name}?"), "Signed out everywhere at once, and cannot sign in again until it ends."),
    };
    view! {
        <Confirm id="user-ban" label=label icon=Icon::LOCK title=title confirm=label run=run class="btn danger">
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
            <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Only staff read it, in the audit log."/>
        </Confirm>
    }
    .into_any()
}

fn reset(data: Loading<Data>, user: &User) -> AnyView {
    let (id, name) = (user.id, name_of(user));
    let run = submit(
        move |input: UserReason| user_reset_second_factor(id, input),
        done(data, "signs in by phone alone until a new second factor is set up"),
    );
    view! {
        <Confirm id="user-reset" label="Reset second factor" icon=Icon::SHIELD title=format!("Reset the second factor of {name}?") confirm="Reset" run=run>
            <p>"For somebody who has lost the authenticator: make sure that it is really this person who asks. The user is signed out everywhere and signs in by phone alone."</p>
            <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Only staff read it, in the audit log."/>
        </Confirm>
    }
    .into_any()
}

/// Bans everybody ticked.
pub fn ban_all() -> Bulk {
    Bulk::new("ban", "Ban", Icon::LOCK, |id: EndUserId, input: BanInput| user_ban(id, input))
        .danger()
        .asks("Ban the selected users?", || {
            view! {
                <p>"They are signed out everywhere at once and cannot sign in again until it ends. Whoever is banned already gets this ban instead."</p>
                {terms()}
            }
            .into_any()
        })
}
