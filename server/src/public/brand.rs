//! Whose site it is: the organisation's name and logo around every page, and its colours as a small stylesheet of its
//! own. That has the colours in its address: any process serves it, and a browser keeps it for ever.

use std::sync::LazyLock;

use app::ui::Brand;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use eventify::kernel::app::App;
use eventify::organisation::{self, Colour, OWN, Organisation};
use maud::{Markup, html};

use super::{FOR_EVER, art, hash_of};
use crate::web::parts::Path;

/// How pages look in colours of one's own: `$light` and `$dark` act, `$spark` marks the moment on ink.
const COLOURS: &str = include_str!("style/brand.css");

/// Another way to use the colours has another address.
static VERSION: LazyLock<String> = LazyLock::new(|| hash_of(COLOURS));

/// What is known of the organisation, for the public site and for what stands around it.
pub async fn of(app: &App) -> Brand {
    organisation::known(app).await.map_or_else(Brand::default, |now| of_the(&now))
}

fn of_the(now: &Organisation) -> Brand {
    let chosen = [now.colours.primary.as_str(), now.colours.accent.as_str()];
    let style = (chosen != OWN).then(|| {
        let [primary, accent] = chosen.map(|colour| colour.trim_start_matches('#'));
        format!("/style/{}/{primary}-{accent}.css", *VERSION)
    });
    Brand { name: now.name.clone(), logo: now.logo_url.clone(), style }
}

/// The organisation's logo, else the mark.
pub fn mark(brand: &Brand) -> Markup {
    html! {
        @match &brand.logo {
            Some(logo) => { img .logo src=(logo) alt=""; }
            None => { (art::mark()) }
        }
    }
}

/// `GET /style/{version}/{colours}`: of whatever version the page is, it gets the colours as they are used now.
pub async fn style(Path((version, colours)): Path<(String, String)>) -> Response {
    let Some([primary, accent]) = colours_of(&colours) else { return StatusCode::NOT_FOUND.into_response() };
    let keep = if version == *VERSION { FOR_EVER } else { "no-cache" };
    let style = COLOURS
        .replace("$light", primary.on_light().as_str())
        .replace("$dark", primary.in_the_dark().as_str())
        .replace("$spark", accent.on_ink().as_str());
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, keep)], style).into_response()
}

/// The two colours of `7a1f5c-ffd166.css`.
fn colours_of(name: &str) -> Option<[Colour; 2]> {
    let (primary, accent) = name.strip_suffix(".css")?.split_once('-')?;
    let colour = |digits: &str| Colour::parse(&format!("#{digits}")).ok();
    Some([colour(primary)?, colour(accent)?])
}
