//! Email addresses in narrow places.

use leptos::prelude::*;

/// An email address, which breaks before its `@` where a line is too short for it, rather than anywhere.
pub fn address(text: &str) -> AnyView {
    match text.split_once('@') {
        Some((name, domain)) => view! { {name.to_owned()}<wbr/>{format!("@{domain}")} }.into_any(),
        None => text.to_owned().into_any(),
    }
}
