//! What the pages of artists and crew are put together of.

use crate::ui::encode;
use eventify::kernel::text::grouped;
use leptos::prelude::*;

/// Who reads it, and so what they can do about it.
#[derive(Clone, Copy, PartialEq)]
pub enum Reader {
    /// The artist: they write to who booked them.
    Own,
    /// Somebody of the team who reads the roster.
    Team,
    /// Who manages talent.
    Manager,
}

/// A link that opens a mail to somebody, about something.
pub fn mailto(email: &str, about: &str, said: AnyView, class: &'static str) -> AnyView {
    view! { <a class=class href=format!("mailto:{email}?subject={}", encode(about))>{said}</a> }.into_any()
}

/// A card that is named by what it says.
pub fn section(title: String, body: AnyView) -> AnyView {
    view! {
        <section class="card" aria-label=title.clone()>
            <header class="card-head"><h3>{title.clone()}</h3></header>
            <div class="card-body stack">{body}</div>
        </section>
    }
    .into_any()
}

/// A number that a phone calls.
pub fn call(number: String) -> AnyView {
    let href = format!("tel:{number}");
    view! { <a class="nowrap" href=href>{grouped(&number)}</a> }.into_any()
}
