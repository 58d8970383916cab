//! The head of a page, notes and empty states.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::recent::{self, Recent};
use super::{DocumentTitle, Icon, Siblings, Tone};

/// Breadcrumb, title, subtitle and actions of a page; also the document's title.
#[component]
pub fn PageHead(
    /// The `h1`, and the document's title.
    #[prop(into)]
    title: String,
    /// The way here: label and path, without the page itself.
    #[prop(optional)]
    crumbs: Vec<(String, String)>,
    /// What of it is shown, where the `h1` names the record alone: the document's title says both.
    #[prop(optional)]
    part: Option<&'static str>,
    /// A badge beside the title.
    #[prop(optional)]
    badge: Option<AnyView>,
    /// A line under the title.
    #[prop(optional, into)]
    subtitle: Option<String>,
    /// Buttons.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> impl IntoView {
    let document = part.map_or_else(|| title.clone(), |part| format!("{part} · {title}"));
    if let Some((list, _)) = crumbs.first().cloned() {
        let (path, title) = (use_location().pathname, title.clone());
        Effect::new(move |_| {
            recent::seen(Recent { title: title.clone(), list: list.clone(), path: path.get_untracked() });
        });
    }
    let way = (!crumbs.is_empty()).then(|| {
        let links = crumbs.into_iter().map(|(label, path)| view! { <li><a href=path>{label}</a></li> }).collect_view();
        view! {
            <div class="way">
                <nav class="crumbs" aria-label="Breadcrumb">
                    <ol>{links}<li aria-current="page">{title.clone()}</li></ol>
                </nav>
                <Siblings/>
            </div>
        }
    });
    view! {
        <DocumentTitle title=document/>
        <header class="page-head">
            {way}
            <h1>{title}" "{badge}</h1>
            {subtitle.map(|text| view! { <p class="subtitle">{text}</p> })}
            {actions.map(|actions| view! { <div class="page-actions">{actions}</div> })}
        </header>
    }
}

/// A hint, warning or result inside a page; without a title only the text is shown.
pub fn note(tone: Tone, title: &str, text: impl IntoAny, action: Option<AnyView>) -> AnyView {
    let title = (!title.is_empty()).then(|| view! { <h2>{title.to_owned()}</h2> });
    let role = (tone == Tone::Danger).then_some("alert");
    view! {
        <div class="note" data-tone=tone.as_str() role=role>
            {tone.icon().svg()}
            <div>{title}{text.into_any()}</div>
            {action}
        </div>
    }
    .into_any()
}

/// What stands where there is nothing to show.
pub fn state(icon: Icon, title: impl Into<String>, text: impl Into<String>, action: Option<AnyView>) -> AnyView {
    view! {
        <div class="state">
            {icon.large()}
            <h2>{title.into()}</h2>
            <p>{text.into()}</p>
            {action.map(|action| view! { <div class="row">{action}</div> })}
        </div>
    }
    .into_any()
}
