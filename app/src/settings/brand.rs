//! A brand as it is being chosen: its colours, and how pages look in them.

use eventify::organisation::{Colour, ENOUGH, INK, Organisation, PAPER};
use leptos::ev::Event;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::ui::{Field, Icon, rule};

/// What is chosen by now.
#[derive(Clone, Copy)]
pub struct Shown {
    name: RwSignal<String>,
    primary: RwSignal<Colour>,
    accent: RwSignal<Colour>,
    logo: StoredValue<Option<String>>,
}

impl Shown {
    /// As it was saved.
    pub fn of(now: &Organisation) -> Self {
        Self {
            name: RwSignal::new(now.name.to_string()),
            primary: RwSignal::new(now.colours.primary.clone()),
            accent: RwSignal::new(now.colours.accent.clone()),
            logo: StoredValue::new(now.logo_url.clone()),
        }
    }

    /// Follows what is typed; a colour that is none yet is waited for.
    pub fn follow(self, event: &Event) {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        let colour = || Colour::parse(&input.value()).ok();
        // The swatch beside a field has its name, and no name of its own.
        let field = input.get_attribute("data-of").unwrap_or_else(|| input.name());
        match field.as_str() {
            "name" => self.name.set(input.value()),
            "primary_colour" => self.primary.update(|now| *now = colour().unwrap_or_else(|| now.clone())),
            "accent_colour" => self.accent.update(|now| *now = colour().unwrap_or_else(|| now.clone())),
            _ => {}
        }
    }
}

/// A field for a colour as it is written, and beside it the browser's own way to choose one; each follows the other.
pub fn colour(name: &'static str, label: &'static str, now: &Colour, hint: &'static str) -> AnyView {
    let now = now.to_string();
    let other = |event: &Event, selector: String| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())?;
        let other = input.closest(".colour").ok().flatten()?.query_selector(&selector).ok().flatten()?;
        Some((input, other.dyn_into::<HtmlInputElement>().ok()?))
    };
    let chosen = move |event: Event| {
        if let Some((swatch, field)) = other(&event, format!("input[name='{name}']")) {
            field.set_value(&swatch.value());
        }
    };
    let typed = move |event: Event| {
        if let Some((field, swatch)) = other(&event, "input[data-of]".to_owned())
            && let Ok(colour) = Colour::parse(&field.value())
        {
            swatch.set_value(colour.as_str());
        }
    };
    view! {
        <div class="colour" on:input=typed>
            <Field name=name label=label check={rule::<Colour>} required=true value=now.clone() hint=hint/>
            <input type="color" data-of=name aria-label=format!("Choose the {}", label.to_lowercase()) value=now autocomplete="off" on:input=chosen/>
        </div>
    }
    .into_any()
}

/// The head of a public page and what guests press there, in these colours.
pub fn preview(shown: Shown) -> AnyView {
    let Shown { name, primary, accent, logo } = shown;
    let fill = move || primary.get().to_string();
    let mark = match logo.get_value() {
        Some(href) => view! { <image href=href x="16" y="10" width="28" height="28"></image> }.into_any(),
        None => view! {
            <rect x="16" y="12" width="24" height="24" rx="6" fill=move || accent.get().to_string()></rect>
            <path class="mark" d="M21.5 18.5h13M21.5 24h7.5M21.5 29.5h13"></path>
        }
        .into_any(),
    };
    let said = move |what: &'static str, ratio: f64| {
        let enough = ratio >= ENOUGH;
        let icon = if enough { Icon::CHECK } else { Icon::ALERT };
        let verdict = if enough { "easy to read" } else { "hard to read" };
        // Rounded down: what is not enough does not look as if it were.
        let text = format!("{what}: {verdict} ({:.1}:1)", (ratio * 10.0).floor() / 10.0);
        view! { <li data-tone=if enough { "success" } else { "warning" }>{icon.svg()}<span>{text}</span></li> }
    };
    view! {
        <div class="stack">
            <svg class="brand-preview" viewBox="0 0 300 208" role="img" aria-label="A public page in these colours">
                <rect class="paper" width="300" height="208" fill=PAPER></rect>
                <rect width="300" height="48" fill=INK></rect>
                {mark}
                <text class="name" x="52" y="29">{move || name.get()}</text>
                <text class="title" x="16" y="82">"Lantern Night"</text>
                <text class="when" x="16" y="103">"Sat 5 Dec, 19:00"</text>
                <text class="link" x="16" y="127" fill=fill>"Riverside Pavilion"</text>
                <rect x="16" y="148" width="124" height="38" rx="7" fill=fill></rect>
                <text class="press" x="78" y="172">"Get tickets"</text>
            </svg>
            <ul class="contrasts" role="list">
                {move || said("White on the primary colour", primary.get().contrast(PAPER))}
                {move || said("The accent colour on dark", accent.get().contrast(INK))}
            </ul>
            <p><a href="/mail-templates">"See how emails look"</a></p>
        </div>
    }
    .into_any()
}
