//! What stands around every page: its head, the brand and the ways, and the foot.

use app::ui::{Brand, PRODUCT};
use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use super::STYLE_PATH;
use super::art;
use super::brand;
use super::visitor::Visitor;
use crate::web::forms::encode;

/// How wide the words of a page run, and what it stands on.
#[derive(Default)]
pub enum Ground {
    /// A column to read.
    #[default]
    Slim,
    /// The whole width.
    Wide,
    /// One short thing: a card in the middle, under the house.
    Card,
    /// The whole width, under a part on ink that holds this.
    Hero(Markup),
    /// A page that is on ink as a whole, with what follows below it.
    Ink(Markup),
}

/// What stands in a page's head, and how the page looks.
#[derive(Default)]
pub struct Head {
    pub title: String,
    /// For search engines and previews; empty on pages of one's own, which are for neither.
    pub description: String,
    /// The path under which the page is known.
    pub canonical: Option<String>,
    /// Tags of its own.
    pub tags: Markup,
    /// What it is about, for programs.
    pub data: Option<Value>,
    pub ground: Ground,
    /// The event's colour, see [`art::hue`].
    pub hue: Option<u32>,
}

impl Head {
    /// A page of somebody's own: not for search engines.
    pub fn own(title: &str) -> Head {
        Head { title: title.to_owned(), ..Head::default() }
    }

    /// In the colour of the event of that title.
    pub fn coloured(self, title: &str) -> Head {
        Head { hue: Some(art::hue(title)), ..self }
    }

    pub fn on(self, ground: Ground) -> Head {
        Head { ground, ..self }
    }
}

/// JSON that can stand inside a script element: nothing in it ends the element.
fn inside_script(value: &Value) -> PreEscaped<String> {
    PreEscaped(value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
}

/// The title, and how the page looks.
fn named(brand: &Brand, head: &Head) -> Markup {
    html! {
        title { (head.title) " · " (brand.name) }
        link rel="stylesheet" href=(*STYLE_PATH);
        @if let Some(style) = &brand.style { link rel="stylesheet" href=(style); }
    }
}

fn head_of(visitor: &Visitor, head: &Head) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
            (named(&visitor.brand, head))
            link rel="icon" href="/favicon.svg" type="image/svg+xml";
            meta name="theme-color" content="#0a2125";
            @if head.canonical.is_none() { meta name="robots" content="noindex"; }
            @if head.canonical.is_some() { meta property="og:site_name" content=(visitor.brand.name); }
            @if let Some(path) = &head.canonical { link rel="canonical" href={ (visitor.base()) (path) }; }
            @if !head.description.is_empty() { meta name="description" content=(head.description); }
            (head.tags)
            @if let Some(data) = &head.data { script type="application/ld+json" { (inside_script(data)) } }
        }
    }
}

fn bar(visitor: &Visitor) -> Markup {
    let path = visitor.here.split('?').next().unwrap_or_default();
    let current = |href: &str| (path == href).then_some("page");
    html! {
        header .wrap {
            nav .top .busy[visitor.user.is_some()] aria-label="Main" {
                a .brand href="/" aria-current=[current("/")] { (brand::mark(&visitor.brand)) bdi { (visitor.brand.name) } }
                a href="/e" aria-current=[current("/e")] { "Events" }
                @if visitor.user.is_some() {
                    a href="/my" aria-current=[current("/my")] { "My tickets" }
                    a href="/host" aria-current=[current("/host")] { "Hosting" }
                    (bell(visitor, current("/my/notifications")))
                } @else {
                    a .wide href="/host/new" rel="nofollow" { "Plan an event" }
                    @if !path.starts_with("/my/") {
                        a href={ "/my/sign-in?next=" (encode(&visitor.here)) } rel="nofollow" { "Sign in" }
                    }
                }
            }
        }
    }
}

/// The way to what one was told, with how many are unread.
fn bell(visitor: &Visitor, current: Option<&str>) -> Markup {
    let unread = visitor.unread;
    let said = if unread > 0 { format!("Notifications, {unread} unread") } else { "Notifications".to_owned() };
    html! {
        a .bell href="/my/notifications" aria-label=(said) aria-current=[current] {
            (art::icon(art::BELL))
            @if unread > 0 { span .count aria-hidden="true" { (unread.min(99)) } }
        }
    }
}

fn foot(visitor: &Visitor) -> Markup {
    html! {
        footer .foot {
            div .wrap {
                p {
                    "Times are local to each event."
                    @if visitor.brand.is_named() { " Powered by " (PRODUCT) "." }
                }
                a href="/e" { "Events" }
                a href="/host/new" rel="nofollow" { "Plan an event" }
                a href="/sign-in" rel="nofollow" { "Team sign-in" }
                @if visitor.user.is_some() {
                    form method="post" action="/my/sign-out" { button .link { "Sign out" } }
                }
            }
        }
    }
}

/// A whole page.
pub fn page(visitor: &Visitor, head: &Head, body: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head_of(visitor, head))
            body data-hue=[head.hue] {
                div {
                    a .skip href="#main" { "Skip to content" }
                    @match &head.ground {
                        Ground::Slim | Ground::Wide | Ground::Card => (bar(visitor)),
                        Ground::Hero(hero) => div .ink {
                            (art::seats(art::BLOCK))
                            (bar(visitor))
                            section .wrap .hero aria-label="Find events" { (hero) }
                        },
                        Ground::Ink(_) => div .ink { (bar(visitor)) },
                    }
                }
                @match &head.ground {
                    Ground::Slim => main #main .wrap .slim tabindex="-1" { (body) },
                    Ground::Wide => main #main .wrap tabindex="-1" { (body) },
                    Ground::Card => main #main .wrap .lone tabindex="-1" {
                        div .surface .flow { div .ink .band { (art::seats(art::MINE)) } (body) }
                    },
                    Ground::Hero(_) => main #main .wrap .under tabindex="-1" { (body) },
                    Ground::Ink(below) => main #main .inked tabindex="-1" {
                        div .ink { div .wrap .flow .stage { (body) } }
                        div .wrap .slim .flow .far .screen { (below) }
                    },
                }
                (foot(visitor))
            }
        }
    };
    Html(page.into_string())
}

/// A page of one thing alone, as large as the screen.
pub fn bare(brand: &Brand, head: &Head, body: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                (named(brand, head))
                meta name="theme-color" content="#ffffff";
                meta name="robots" content="noindex";
            }
            body .code { main #main { (body) } }
        }
    };
    Html(page.into_string())
}
