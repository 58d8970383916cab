//! Whose pages these are: the name and the logo of the organisation that runs this installation.

use eventify_core::organisation::Organisation;
use leptos::prelude::*;

/// The name of what the pages are made with, and of whoever has not said their own.
pub const PRODUCT: &str = "Eventify";

/// What is known of the organisation when a page is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// Its name.
    pub name: String,
    /// Where its logo is.
    pub logo: Option<String>,
    /// Where its colours are, as a stylesheet; none where they are ours.
    pub style: Option<String>,
}

impl Default for Brand {
    fn default() -> Self {
        Self { name: PRODUCT.to_owned(), logo: None, style: None }
    }
}

impl Brand {
    /// Whether the organisation has a name of its own: what it is made with is then said beside it.
    pub fn is_named(&self) -> bool {
        self.name != PRODUCT
    }

    /// What the page was rendered with: in the browser the page itself says so.
    fn current() -> Self {
        if let Some(brand) = use_context::<Brand>() {
            return brand;
        }
        // The server lists its routes without a page.
        if cfg!(feature = "ssr") {
            return Self::default();
        }
        let named = document().query_selector("meta[name='application-name']").ok().flatten();
        let said = |attribute: &str| named.as_ref().and_then(|named| named.get_attribute(attribute));
        Self { name: said("content").unwrap_or_default(), logo: said("data-logo"), style: None }
    }
}

/// The brand as it is shown now; whoever changes it sees that at once.
#[derive(Clone, Copy)]
pub struct Branded(RwSignal<Brand>);

impl Branded {
    /// As the page was rendered.
    pub fn provide() {
        provide_context(Self(RwSignal::new(Brand::current())));
    }

    /// The organisation's name.
    pub fn name() -> String {
        expect_context::<Self>().0.with_untracked(|brand| brand.name.clone())
    }

    /// What is known of it.
    pub fn now() -> Brand {
        expect_context::<Self>().0.get_untracked()
    }

    /// Shows what it has been changed to.
    pub fn show(self, now: &Organisation) {
        let shown = Brand { name: now.name.clone(), logo: now.logo_url.clone(), ..Self::now() };
        if shown != Self::now() {
            self.0.set(shown);
        }
    }
}

fn mark(logo: Option<String>) -> AnyView {
    if let Some(logo) = logo {
        return view! { <img class="brand-logo" src=logo alt=""/> }.into_any();
    }
    view! { <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 5h14M5 12h8M5 19h14M18.9 12h.1"></path></svg> }
        .into_any()
}

/// The mark and the name, leading home.
pub fn brand() -> AnyView {
    let brand = expect_context::<Branded>().0;
    let name = move || brand.get().name;
    view! { <a class="brand" href="/">{move || mark(brand.get().logo)}<span dir="auto">{name}</span></a> }.into_any()
}
