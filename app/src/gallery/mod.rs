//! The gallery: every part of the kit in every state, to look at and to check. In debug builds only.

mod forms;
mod parts;
mod states;
mod tables;

use leptos::prelude::*;

use crate::ui::PageHead;

crate::ui::bundles! {
    gallery: gallery;
}

/// All of it; the theme button in the bar shows the other half.
pub fn gallery() -> AnyView {
    view! {
        <div class="page">
            <PageHead title="Gallery" subtitle="Every part of the kit in every state. Debug builds only; nothing here is real."/>
            {section("Buttons and menus", parts::buttons())}
            {section("Badges, notes and banners", parts::notes())}
            {section("Figures", parts::figures())}
            {section("Charts", parts::charts())}
            {section("Tables", tables::tables())}
            {section("Forms", forms::forms())}
            {section("Questions and messages", parts::questions())}
            {section("A record", parts::record())}
            {section("Secrets and files", states::secrets())}
            {section("States", states::states())}
            {section("Skeletons", states::skeletons())}
        </div>
    }
    .into_any()
}

fn section(title: &'static str, body: AnyView) -> AnyView {
    view! { <div class="stack"><h2>{title}</h2>{body}</div> }.into_any()
}
