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
    /// What there is to choose from.
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Theme::System => "System",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        }
    }
    /// Its icon.
    pub fn icon(self) -> Icon {
        match self {
            Theme::System => Icon::SCREEN,
            Theme::Light => Icon::SUN,
            Theme::Dark => Icon::MOON,
        }
    }
    /// The value of `data-theme`; absent for the system's.
    pub fn as_str(self) -> Option<&'static str> {
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
    #[cfg(feature = "ssr")]
    pub fn of_request() -> Self {
        let Some(parts) = use_context::<http::request::Parts>() else { return Theme::System };
        let cookies = parts.headers.get_all(http::header::COOKIE).iter().filter_map(|v| v.to_str().ok());
        let theme = cookies.flat_map(|v| v.split(';')).find_map(|pair| pair.trim().strip_prefix("evf_theme="));
        theme.map_or(Theme::System, Theme::parse)
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

/// What is chosen now; for everything that shows or changes it.
#[derive(Clone, Copy)]
pub struct Chosen(RwSignal<Theme>);

impl Chosen {
    /// As the page was rendered.
    pub fn provide() {
        provide_context(Self(RwSignal::new(Theme::current())));
    }
    /// Chooses another one, in the browser.
    pub fn set(self, theme: Theme) {
        choose(theme);
        self.0.set(theme);
    }
}

/// The menu in the bar: plain forms, which the browser's half answers without leaving the page.
#[component]
pub fn ThemeMenu() -> impl IntoView {
    let chosen = expect_context::<Chosen>();
    let location = use_location();
    let here = move || match location.search.get() {
        search if search.is_empty() => location.pathname.get(),
        search => format!("{}?{search}", location.pathname.get()),
    };
    let here = Signal::derive(here);
    let choice = move |theme: Theme| {
        let on_submit = move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            chosen.set(theme);
        };
        let pressed = move || if chosen.0.get() == theme { "true" } else { "false" };
        view! {
            <li>
                <form method="post" action="/theme" on:submit=on_submit>
                    <input type="hidden" name="next" value=here/>
                    <button name="theme" value=theme.as_str().unwrap_or("system") aria-pressed=pressed>
                        {theme.icon().svg()}{theme.title()}
                    </button>
                </form>
            </li>
        }
    };
    view! {
        <details class="menu" name="bar">
            <summary class="btn square quiet" aria-label="Theme">{move || chosen.0.get().icon().svg()}</summary>
            <div class="menu-panel">
                <ul role="list">{Theme::ALL.into_iter().map(choice).collect_view()}</ul>
            </div>
        </details>
    }
}

fn choose(theme: Theme) {
    let Some(html) = document().document_element() else { return };
    let _ = match theme.as_str() {
        Some(word) => html.set_attribute("data-theme", word),
        None => html.remove_attribute("data-theme"),
    };
    let secure = if window().location().protocol().is_ok_and(|scheme| scheme == "https:") { "; Secure" } else { "" };
    let (word, age) = theme.as_str().map_or(("", 0), |word| (word, 31_536_000));
    let cookie = format!("evf_theme={word}; Path=/; SameSite=Lax; Max-Age={age}{secure}");
    let _ = js_sys::Reflect::set(&document(), &"cookie".into(), &cookie.into());
}
