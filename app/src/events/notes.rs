//! What the page of an event says first: that it was cancelled, why nothing can be pressed, a link that was just made.

use eventify::access::Me;
use eventify::events::{CoHost, Event, EventStatus};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::clock;
use super::data::Link;
use crate::ui::{Icon, Secret, Tone, note};

/// That it was called off or discarded, when and why.
pub fn cancelled(event: &Event, zone: &Zone) -> Option<AnyView> {
    let since = event.cancelled_at?;
    let why = event.cancellation_reason.clone().unwrap_or_default();
    // The reason has its own full stop.
    let why = match why.trim_end_matches('.') {
        "" => ".".into_any(),
        why => view! { ": “"<bdi>{why.to_owned()}</bdi>".”" }.into_any(),
    };
    let on = clock::at(zone, since);
    let (title, text) = match event.is_discarded() {
        true => {
            ("This draft was discarded", view! { <p>"Discarded on "{on}{why}" It was never public."</p> }.into_any())
        }
        false => {
            let told = "All tickets are void. Guests with an email or phone were notified.";
            ("This event was cancelled", view! { <p>"Cancelled on "{on}{why}</p><p>{told}</p> }.into_any())
        }
    };
    (event.status == EventStatus::Cancelled).then(|| note(Tone::Danger, title, text, None))
}

/// Why those who run this event otherwise find nothing to press.
pub fn suspended(me: &Me, event: &Event, co_hosts: &[CoHost]) -> Option<AnyView> {
    let organiser = event.organizer_partner_id.map(|id| (id, &event.organizer_name));
    let others = co_hosts.iter().filter_map(|host| Some((host.partner_id?, &host.name)));
    let (partner, name) = organiser.into_iter().chain(others).find(|(id, _)| me.is_suspended_at(id.0))?;
    let title = format!("{} is suspended", name.as_deref().unwrap_or("Your partner"));
    let why = view! { <a href=format!("/partners/{partner}")>"See why"</a> };
    let text = view! { <p>"You can see everything about this event, but not change it. "{why}</p> };
    Some(note(Tone::Warning, &title, text, None))
}

/// The link, until it is closed.
pub fn shown_once(of: Link, link: String) -> AnyView {
    let text = "Anyone with this link can book, as often as you allowed. You can copy it again from the list.";
    let close = view! {
        <button class="btn small quiet square" type="button" aria-label="Close" on:click=move |_| of.set(None)>{Icon::X.svg()}</button>
    };
    view! { {note(Tone::Success, "Share link created", text, Some(close.into_any()))}<Secret text=link/> }.into_any()
}
