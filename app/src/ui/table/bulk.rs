//! Rows ticked, and what is done to all of them.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;

use eventify_core::Error;
use eventify_core::kernel::error::{Validate, invalid_input};
use leptos::html::Section;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};

use crate::ui::form::parse;
use crate::ui::{Confirm, Icon, Submit, Toasts, Tone};

/// The record a tick was made for.
const TICKED_FOR: &str = "data-ticked-for";

type Each = Arc<dyn Fn(&str, Map<String, Value>) -> Pin<Box<dyn Future<Output = Result<(), Error>>>> + Send + Sync>;
/// What one row is, and what several are.
type Noun = (&'static str, &'static str);
type Fields = Arc<dyn Fn() -> AnyView + Send + Sync>;

/// What can be done to every ticked row, one after the other.
#[derive(Clone)]
pub struct Bulk {
    id: &'static str,
    label: &'static str,
    icon: Icon,
    title: &'static str,
    /// What was done, said of what it was done to: `suspended`.
    past: &'static str,
    danger: bool,
    extra: Value,
    fields: Fields,
    each: Each,
}

impl Bulk {
    /// `call` does it to one record, with what the dialog's fields say; `id` is unique on the page.
    pub fn new<Id, I, O, Answer>(
        id: &'static str,
        label: &'static str,
        icon: Icon,
        call: impl Fn(Id, I) -> Answer + Send + Sync + 'static,
    ) -> Self
    where
        Id: FromStr<Err: Display> + 'static,
        I: DeserializeOwned + Validate + 'static,
        O: 'static,
        Answer: Future<Output = Result<O, Error>> + 'static,
    {
        let each: Each = Arc::new(move |id, fields| {
            let id = id.parse::<Id>().map_err(|e| invalid_input().detail(e.to_string()));
            let answer = id.and_then(|id| Ok(call(id, parse::<I>(fields)?)));
            Box::pin(async move { answer?.await.map(drop) })
        });
        Self {
            id,
            label,
            icon,
            title: "",
            past: "changed",
            danger: false,
            extra: Value::Null,
            fields: Arc::new(|| ().into_any()),
            each,
        }
    }
    /// What is asked first, and the fields of the dialog.
    pub fn asks(mut self, title: &'static str, fields: impl Fn() -> AnyView + Send + Sync + 'static) -> Self {
        self.title = title;
        self.fields = Arc::new(fields);
        self
    }
    /// How it is called once it is done: `suspended`.
    pub fn done(mut self, past: &'static str) -> Self {
        self.past = past;
        self
    }
    /// Fields that nobody edits.
    pub fn extra(mut self, extra: Value) -> Self {
        self.extra = extra;
        self
    }
    /// It takes something away.
    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }
}

/// What is ticked, and how far an act over it has come.
#[derive(Clone, Copy)]
pub(super) struct Selection {
    pub section: NodeRef<Section>,
    ticked: RwSignal<Vec<String>>,
    progress: RwSignal<Option<(usize, usize)>>,
    /// Ids with the names that people know them by.
    names: StoredValue<Vec<(String, String)>>,
}

impl Selection {
    pub fn new(names: Vec<(String, String)>) -> Self {
        let selection = Self {
            section: NodeRef::new(),
            ticked: RwSignal::new(Vec::new()),
            progress: RwSignal::new(None),
            names: StoredValue::new(names),
        };
        // Rows may have been ticked before the page came alive, or before the list was loaded again.
        Effect::new(move |_| {
            if selection.section.get().is_some() {
                selection.keep_to_its_record();
                selection.read();
            }
        });
        selection
    }

    /// The list, while it is on the page: an act may end after somebody has gone on.
    fn here(self) -> Option<HtmlElement> {
        self.section.try_get_untracked().flatten().map(|section| section.unchecked_into())
    }

    fn boxes(self, selector: &str) -> Vec<HtmlInputElement> {
        let Some(list) = self.here().and_then(|s| s.query_selector_all(selector).ok()) else {
            return Vec::new();
        };
        (0..list.length()).filter_map(|at| list.get(at)?.dyn_into().ok()).collect()
    }

    /// A row of the page is used again for whatever the list shows next: a tick belongs to the record it was made
    /// for, and goes with it.
    fn keep_to_its_record(self) {
        for input in self.boxes("tbody .sel") {
            let made_for = input.get_attribute(TICKED_FOR);
            if made_for.is_some_and(|id| id != input.value()) {
                input.set_checked(false);
            }
        }
    }

    fn read(self) {
        if self.here().is_none() {
            return;
        }
        for input in self.boxes("tbody .sel") {
            let _ = match input.checked() {
                true => input.set_attribute(TICKED_FOR, &input.value()),
                false => input.remove_attribute(TICKED_FOR),
            };
        }
        self.ticked.set(self.boxes("tbody .sel:checked").iter().map(HtmlInputElement::value).collect());
        let all = self.boxes("tbody .sel").len();
        let count = self.ticked.with_untracked(Vec::len);
        for head in self.boxes("thead .all") {
            head.set_checked(count > 0 && count == all);
            head.set_indeterminate(count > 0 && count < all);
        }
    }

    /// Answers a change of any box in the table.
    pub fn changed(self, event: &leptos::ev::Event) {
        let target = event.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
        match target {
            Some(input) if input.matches(".all").unwrap_or(false) => self.tick_all(input.checked()),
            Some(input) if input.matches(".sel").unwrap_or(false) => self.read(),
            _ => {}
        }
    }

    pub fn tick_all(self, checked: bool) {
        for input in self.boxes("tbody .sel") {
            input.set_checked(checked);
        }
        self.read();
    }

    /// What was done needs no tick any more; what was refused keeps it.
    fn untick(self, done: &[String]) {
        // The page may be gone by now.
        if self.ticked.is_disposed() {
            return;
        }
        for input in self.boxes("tbody .sel:checked").iter().filter(|input| done.contains(&input.value())) {
            input.set_checked(false);
        }
        self.read();
    }

    fn name(self, id: &str) -> String {
        self.names.with_value(|names| {
            names.iter().find(|(known, _)| known == id).map_or_else(|| id.to_owned(), |(_, name)| name.clone())
        })
    }

    /// The act over everything ticked. What is refused is named; the rest is done.
    fn over(self, action: &Bulk, noun: Noun, done: Arc<dyn Fn() + Send + Sync>) -> Submit {
        let (each, label, past, toasts) = (action.each.clone(), action.label, action.past, Toasts::get());
        let counted = move |n: usize| format!("{n} {}", if n == 1 { noun.0 } else { noun.1 });
        Arc::new(move |fields| {
            let (each, done) = (each.clone(), done.clone());
            Box::pin(async move {
                let ids = self.ticked.get_untracked();
                let (total, mut finished, mut refused) = (ids.len(), Vec::new(), Vec::new());
                for (at, id) in ids.into_iter().enumerate() {
                    let _ = self.progress.try_set(Some((at, total)));
                    match each(&id, fields.clone()).await {
                        Ok(()) => finished.push(id),
                        // Wrong for one, wrong for all: the dialog says so, and what is done stays done.
                        Err(error) if matches!(error.status(), 0 | 401 | 422) => {
                            let _ = self.progress.try_set(None);
                            self.untick(&finished);
                            return Err(error);
                        }
                        Err(error) => refused.push(format!("{}: {}", self.name(&id), error.message())),
                    }
                }
                let _ = self.progress.try_set(None);
                self.untick(&finished);
                let failure = format!("Couldn't {} all", label.to_lowercase());
                toasts.settled(&failure);
                // One answer: what was done, and what was not.
                match (finished.len(), refused.len()) {
                    (0, 0) => {}
                    (some, 0) => toasts.done(format!("{} {past}", counted(some))),
                    (0, none) => {
                        toasts.push(Tone::Danger, failure, format!("{} skipped. {}", counted(none), refused.join(" ")))
                    }
                    (some, rest) => {
                        let said = format!("{} {past} · {rest} skipped", counted(some));
                        toasts.push(Tone::Warning, said, refused.join(" "));
                    }
                }
                done();
                Ok(())
            })
        })
    }

    /// The bar under the table; it shows by CSS as soon as a row is ticked.
    pub fn bar(self, actions: &[Bulk], noun: Noun, done: Arc<dyn Fn() + Send + Sync>) -> AnyView {
        let buttons = actions.iter().map(|action| {
            let run = self.over(action, noun, done.clone());
            let class = if action.danger { "btn small danger" } else { "btn small" };
            let fields = action.fields.clone();
            view! {
                <Confirm id=format!("bulk-{}", action.id) label=action.label icon=action.icon title=action.title confirm=action.label run=run extra=action.extra.clone() class=class danger=action.danger>
                    <p class="muted">{move || format!("{} selected", self.ticked.with(Vec::len))}</p>
                    {fields()}
                    {move || self.progress.get().map(|(at, of)| view! {
                        <p class="row" role="status">
                            <progress max=of.to_string() value=at.to_string()></progress>
                            {format!("{at} of {of}")}
                        </p>
                    })}
                </Confirm>
            }
        });
        view! {
            <div class="bulk" role="group" aria-label="Selected rows">
                <strong aria-live="polite">{move || format!("{} selected", self.ticked.with(Vec::len))}</strong>
                {buttons.collect_view()}
                <button class="btn small quiet push" type="button" on:click=move |_| self.tick_all(false)>"Clear"</button>
            </div>
        }
        .into_any()
    }
}
