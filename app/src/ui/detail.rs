//! Parts of a record's page: cards, facts, badges, times and differences.

use leptos::prelude::*;
use serde_json::Value;

use super::{Icon, Tone};

/// A coloured word.
pub fn badge(tone: Tone, text: impl Into<String>) -> AnyView {
    view! { <span class="badge" data-tone=tone.as_str()>{text.into()}</span> }.into_any()
}

/// A titled card; `id` must be unique on the page.
pub fn card(id: &'static str, title: &str, actions: Option<AnyView>, body: impl IntoAny) -> AnyView {
    view! {
        <section class="card" aria-labelledby=id>
            <header class="card-head">
                <h2 id=id>{title.to_owned()}</h2>
                {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
            </header>
            <div class="card-body">{body.into_any()}</div>
        </section>
    }
    .into_any()
}

/// The same for lists and tables, which reach its edges.
pub fn card_flush(id: &'static str, title: &'static str, actions: Option<AnyView>, body: impl IntoAny) -> AnyView {
    view! {
        <section class="card" aria-labelledby=id>
            <header class="card-head">
                <h2 id=id>{title}</h2>
                {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
            </header>
            {body.into_any()}
        </section>
    }
    .into_any()
}

/// What is rarely looked at, below one line that says what it is.
pub fn folded(title: impl Into<String>, body: AnyView) -> AnyView {
    view! { <details class="more"><summary>{Icon::CHEVRON_RIGHT.svg()}{title.into()}</summary>{body}</details> }
        .into_any()
}

/// Labelled values of a record.
#[derive(Default)]
pub struct Facts(Vec<(&'static str, AnyView, bool)>);

impl Facts {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds one.
    pub fn add(mut self, label: &'static str, value: impl IntoAny) -> Self {
        self.0.push((label, value.into_any(), false));
        self
    }
    /// Adds the id, folded away: programs and support ask for it, and nobody else.
    pub fn id(self, id: impl ToString) -> Self {
        self.add("ID", folded("Show", view! { <code>{id.to_string()}</code> }.into_any()))
    }
    /// Adds what is contained in the value above, where there is one: below it and in grey, so that nobody adds it up.
    pub fn of_which(mut self, label: &'static str, value: Option<impl IntoAny>) -> Self {
        self.0.extend(value.map(|value| (label, value.into_any(), true)));
        self
    }
    /// Adds one where there is a value.
    pub fn maybe(self, label: &'static str, value: Option<impl IntoAny>) -> Self {
        match value {
            Some(value) => self.add(label, value),
            None => self,
        }
    }
    /// The list.
    pub fn view(self) -> AnyView {
        let rows = self.0.into_iter().map(|(label, value, part)| {
            let class = part.then_some("part");
            view! { <div class=class><dt>{label}</dt><dd>{value}</dd></div> }
        });
        view! { <dl class="facts">{rows.collect_view()}</dl> }.into_any()
    }
}

/// Fields with their values before and after, in words; of what is new or gone the other column is left out.
pub fn diff_table(rows: Vec<(String, Option<String>, Option<String>)>) -> AnyView {
    let (was, is) =
        (rows.iter().any(|(_, before, _)| before.is_some()), rows.iter().any(|(.., after)| after.is_some()));
    let (was, is) = (was || !is, is || !was);
    let rows = rows.into_iter().map(|(field, before, after)| {
        let before = was.then(|| view! { <td dir="auto">{before.map(|text| view! { <del>{text}</del> })}</td> });
        let after = is.then(|| view! { <td dir="auto">{after.map(|text| view! { <ins>{text}</ins> })}</td> });
        view! { <tr><th scope="row">{field}</th>{before}{after}</tr> }
    });
    let head = |shown: bool, label: &'static str| shown.then(|| view! { <th scope="col">{label}</th> });
    let after = if was { "After" } else { "Value" };
    view! {
        <table class="diff">
            <thead><tr><th scope="col">"Field"</th>{head(was, "Before")}{head(is, after)}</tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// A value as people read it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
