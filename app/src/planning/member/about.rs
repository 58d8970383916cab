//! What somebody of the crew can do and costs, and how to reach them.

use eventify::planning::CrewMember;
use leptos::prelude::*;

use super::super::pieces::call;
use crate::ui::{Facts, card};

/// The card.
pub fn facts(member: &CrewMember) -> AnyView {
    let facts = Facts::new()
        .add("Skills", if member.skills.is_empty() { "None yet".to_owned() } else { member.skills.join(", ") })
        .add("Rate per hour", member.rate.display())
        .maybe(
            "Email",
            member.email.clone().map(|email| view! { <a href=format!("mailto:{email}")>{email.clone()}</a> }),
        )
        .maybe("Phone", member.phone.clone().map(call))
        .maybe("Area", member.area.clone())
        .maybe("Note", member.note.clone().map(|note| view! { <span dir="auto" class="prose">{note}</span> }));
    card("crew-facts", "About", None, facts.view())
}
