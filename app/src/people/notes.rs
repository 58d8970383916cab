//! What the page of an end user says first: how the account stands, and what is disputed.

use eventify::finance::Dispute;
use eventify::people::{Ban, EndUserId, UserDetail, UserStatus};
use leptos::prelude::*;

use crate::ui::{Tone, at, note};

/// What this user's bank asks back, with the way to it.
pub fn disputed(user: EndUserId, open: &[Dispute]) -> Option<AnyView> {
    let first = open.first()?;
    let (title, href) = match open.len() {
        1 => (format!("{} is disputed", first.amount.display()), format!("/disputes/{}", first.id)),
        many => (format!("{many} payments are disputed"), format!("/users/{user}?tab=money")),
    };
    let event = first.event_title.clone();
    let text = match first.submitted_at {
        Some(_) => view! { <p>{event}". The bank is reviewing the evidence."</p> }.into_any(),
        None => view! { <p>{event}". Evidence due "{at(first.due_at)}"."</p> }.into_any(),
    };
    let label = if open.len() == 1 { "Show dispute" } else { "Show disputes" };
    let link = view! { <a class="btn small" href=href>{label}</a> }.into_any();
    Some(note(Tone::Warning, &title, text, Some(link)))
}

/// That they are banned or erased.
pub fn standing(detail: &UserDetail) -> Option<AnyView> {
    match detail.user.status {
        UserStatus::Active => None,
        UserStatus::Banned => detail.bans.iter().find(|ban| ban.lifted_at.is_none()).map(banned),
        UserStatus::Erased => {
            let text = "The user asked to be erased. What the law requires us to keep stays, without a name.";
            Some(note(Tone::Info, "This user's personal data was erased", text, None))
        }
    }
}

fn banned(ban: &Ban) -> AnyView {
    let by = ban.banned_by_name.clone().map(|name| format!(" by {name}"));
    let end = match ban.until {
        Some(until) => view! { ", until "{at(until)} }.into_any(),
        None => ", permanently".into_any(),
    };
    let text = view! { <p>"Since "{at(ban.created_at)}{by}{end}". "{ban.reason.clone()}</p> };
    note(Tone::Danger, "This user is banned", text, None)
}
