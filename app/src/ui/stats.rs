//! The few figures that say how things stand.

use eventify_core::kernel::money::count;
use leptos::prelude::*;

use super::Tone;

/// One figure.
pub struct Stat {
    label: String,
    value: String,
    href: Option<String>,
    trend: Option<(Tone, String)>,
}

impl Stat {
    /// What is counted, and how many there are; a number is grouped.
    pub fn new(label: impl Into<String>, value: impl ToString) -> Self {
        let value = value.to_string();
        let value = value.parse().map_or(value, count);
        Self { label: label.into(), value, href: None, trend: None }
    }
    /// Leads to what is counted; the whole figure can be pressed.
    pub fn link(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }
    /// What to think of it.
    pub fn trend(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.trend = Some((tone, text.into()));
        self
    }
    fn view(self) -> AnyView {
        let label = match self.href {
            Some(href) => view! { <a href=href>{self.label}</a> }.into_any(),
            None => self.label.into_any(),
        };
        let trend = self.trend.map(|(tone, text)| view! { <dd class="trend" data-tone=tone.as_str()>{text}</dd> });
        view! { <div class="stat"><dt>{label}</dt><dd>{self.value}</dd>{trend}</div> }.into_any()
    }
}

/// Figures side by side.
#[derive(Default)]
pub struct Stats(Vec<Stat>);

impl Stats {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// Whether there is none yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// And this one.
    pub fn with(mut self, stat: Stat) -> Self {
        self.0.push(stat);
        self
    }
    /// The list.
    pub fn view(self) -> AnyView {
        view! { <dl class="stats">{self.0.into_iter().map(Stat::view).collect_view()}</dl> }.into_any()
    }
}
