//! A page of the Command Center: its data apart from its view.

use leptos::prelude::*;

/// What starts loading at once, and what is shown of it.
pub trait Screen: Sized + 'static {
    /// Starts loading.
    fn data() -> Self;
    /// Shows it.
    fn view(this: Self) -> AnyView;
}

/// A page as the router wants it.
pub fn screen<S: Screen>() -> AnyView {
    S::view(S::data())
}
