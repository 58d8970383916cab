//! Who looks at the page.

use eventify_core::access::Me;
use leptos::prelude::*;

use super::Loading;

/// The caller's own account, loaded once by the frame around all pages.
#[derive(Clone, Copy)]
struct MeContext(Loading<Me>);

/// The caller's own account.
pub fn use_me() -> Loading<Me> {
    expect_context::<MeContext>().0
}

/// What the reader is called, as soon as the browser knows; nothing where nobody is signed in.
pub fn own_name() -> StoredValue<Option<String>> {
    let name = StoredValue::new(None);
    if let Some(MeContext(me)) = use_context::<MeContext>() {
        Effect::new(move |_| name.set_value(me.get().and_then(Result::ok).map(|me| me.full_name)));
    }
    name
}

/// Tells the pages below whose account it is.
pub fn provide_me(me: Loading<Me>) {
    provide_context(MeContext(me));
}
