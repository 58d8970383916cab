//! One end user, with all that staff may know.

use std::sync::Arc;

use eventify::Error;
use eventify::access::Me;
use eventify::kernel::error::not_found;
use eventify::people::operations::user_get;
use eventify::people::{Ban, EndUserId, UserDetail, UserStatus};
use leptos::prelude::*;

use super::{actions, id_of_path, name_of, status_badge, tabs as parts};
use crate::access::shared::activity_list;
use crate::ui::{ListQuery, Loading, PageHead, Tone, at, card, loaded, note, tabs};

/// The page of one end user.
pub fn user() -> AnyView {
    let (id, query) = (id_of_path(), ListQuery::current());
    // Kept while the page is being left, as the id is.
    let tab = Memo::new(move |before: Option<&Option<String>>| {
        let here = id.get().is_some_and(|id| query.with(|query| query.path().ends_with(&id.to_string())));
        if here { query.with(|query| query.text("tab")) } else { before.cloned().flatten() }
    });
    let data = Resource::new_blocking(move || id.get(), fetch);
    loaded(data, move |detail, me| page(data, tab, detail, &me))
}

async fn fetch(id: Option<EndUserId>) -> Result<UserDetail, Error> {
    user_get(id.ok_or_else(not_found)?).await
}

fn page(data: Loading<UserDetail>, tab: Memo<Option<String>>, detail: UserDetail, me: &Me) -> AnyView {
    let user = &detail.user;
    let phone = user.phone.clone().filter(|_| !user.full_name.is_empty());
    let place = Some(user.location.clone()).filter(|place| !place.is_empty());
    let lead = phone.into_iter().chain(place).collect::<Vec<_>>().join(" · ");
    let crumbs = vec![("Users".to_owned(), "/users".to_owned())];
    let (title, mark, buttons) = (name_of(user), status_badge(user.status), actions::of(data, user, me));
    let (standing, detail) = (standing(&detail), Arc::new(detail));
    view! {
        <div class="page">
            <PageHead title=title crumbs=crumbs badge=mark subtitle=lead actions=buttons/>
            {standing}
            {move || shown(&detail, tab.get().as_deref())}
        </div>
    }
    .into_any()
}

/// The tabs, and what is on the one in the URL. All of it is here already.
fn shown(detail: &UserDetail, tab: Option<&str>) -> AnyView {
    let count = |len: usize| i64::try_from(len).ok().filter(|n| *n > 0);
    let items = [
        ("overview", "Overview", None),
        ("activity", "Activity", None),
        ("bans", "Bans", count(detail.bans.len())),
        ("sessions", "Sessions", count(detail.sessions.len())),
    ];
    let (key, body) = match tab {
        Some("activity") => {
            ("activity", card("user-activity", "Activity", None, activity_list(detail.activity.clone(), 100)))
        }
        Some("bans") => ("bans", parts::bans(detail)),
        Some("sessions") => ("sessions", parts::sessions(detail.sessions.clone())),
        _ => ("overview", parts::overview(detail)),
    };
    let strip = tabs(&name_of(&detail.user), &format!("/users/{}", detail.user.id), key, &items);
    view! { {strip}{body} }.into_any()
}

fn standing(detail: &UserDetail) -> Option<AnyView> {
    match detail.user.status {
        UserStatus::Active => None,
        UserStatus::Banned => detail.bans.iter().find(|ban| ban.lifted_at.is_none()).map(banned),
        UserStatus::Erased => {
            let text = "The user asked for it. What the law makes us keep stays, without a name.";
            Some(note(Tone::Info, "Nothing personal is left of this user", text, None))
        }
    }
}

fn banned(ban: &Ban) -> AnyView {
    let by = ban.banned_by_name.clone().map(|name| format!(" by {name}"));
    let end = match ban.until {
        Some(until) => view! { ", until "{at(until)} }.into_any(),
        None => ", for good".into_any(),
    };
    let text = view! { <p>"Since "{at(ban.created_at)}{by}{end}". "{ban.reason.clone()}</p> };
    note(Tone::Danger, "This user is banned", text, None)
}
