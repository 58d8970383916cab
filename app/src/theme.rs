//! Light, dark, or as the system is.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::ui::Icon;

/// What somebody chose; kept in the cookie `evf_theme`, so that the server renders it right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system is.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The value of `data-theme`; absent for the system's.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Theme::System => None,
            Theme::Light => Some("light"),
            Theme::Dark => Some("dark"),
        }
    }
    fn parse(word: &str) -> Self {
        match word {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::System,
        }
    }

    /// What the request's cookie says.
    pub fn of_request() -> Self {
        #[cfg(feature = "ssr")]
        if let Some(parts) = use_context::<http::request::Parts>() {
            let cookies = parts.headers.get_all(http::header::COOKIE).iter().filter_map(|v| v.to_str().ok());
            let theme = cookies.flat_map(|v| v.split(';')).find_map(|pair| pair.trim().strip_prefix("evf_theme="));
            return theme.map_or(Theme::System, Theme::parse);
        }
        Theme::System
    }

    /// What the page was rendered with.
    fn current() -> Self {
        if let Some(theme) = use_context::<Theme>() {
            return theme;
        }
        let word = document().document_element().and_then(|html| html.get_attribute("data-theme"));
        Theme::parse(word.as_deref().unwrap_or_default())
    }
}

/// The button in the bar: a plain form, which the browser's half answers without leaving the page.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let theme = RwSignal::new(Theme::current());
    let location = use_location();
    let here = move || match location.search.get() {
        search if search.is_empty() => location.pathname.get(),
        search => format!("{}?{search}", location.pathname.get()),
    };
    let next = move || if theme.get() == Theme::Dark { Theme::Light } else { Theme::Dark };
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // The first press must be seen, so it leaves whatever the system shows.
        let dark = || window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|m| m.matches());
        let chosen = match theme.get_untracked() {
            Theme::System if dark() => Theme::Light,
            _ => next(),
        };
        choose(chosen);
        theme.set(chosen);
    };
    let label = move || if next() == Theme::Dark { "Dark theme" } else { "Light theme" };
    view! {
        <form method="post" action="/theme" on:submit=on_submit>
            <input type="hidden" name="next" value=here/>
            <button class="btn square quiet" name="theme" value=move || next().word() aria-label=label>
                {move || if next() == Theme::Dark { Icon::MOON.svg() } else { Icon::SUN.svg() }}
            </button>
        </form>
    }
}

fn choose(theme: Theme) {
    let Some(html) = document().document_element() else { return };
    let word = theme.word().unwrap_or_default();
    let _ = html.set_attribute("data-theme", word);
    let secure = if window().location().protocol().is_ok_and(|scheme| scheme == "https:") { "; Secure" } else { "" };
    let cookie = format!("evf_theme={word}; Path=/; SameSite=Lax; Max-Age=31536000{secure}");
    let _ = js_sys::Reflect::set(&document(), &"cookie".into(), &cookie.into());
}
