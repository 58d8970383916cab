//! What stands over a table: search, filters, columns, kept views, CSV, and which filters hold.

use std::sync::Arc;
use std::time::Duration;

use eventify_core::zones::day_in_short;
use leptos::ev::{Event, SubmitEvent};
use leptos::html::Form;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use serde_json::Value;
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement, HtmlInputElement};

use super::column::Kind;
use super::{Frame, views};
use crate::ui::query::encode;
use crate::ui::{Icon, dom};

/// Marks a form that the page has come alive with.
const FOLLOWS: &str = "data-follows";
/// Marks a field somebody types in, until the list follows.
const TYPING: &str = "data-typing";
/// Typing rests this long before the list follows.
const PAUSE: Duration = Duration::from_millis(300);

pub(super) struct Select {
    pub name: &'static str,
    pub label: &'static str,
    pub options: Vec<(String, String)>,
}

impl Select {
    /// What is chosen: `Any status` → `Status`, `Refund: any` → `Refund`.
    fn what(&self) -> String {
        let what = self.label.strip_prefix("Any ").unwrap_or(self.label);
        let what = what.split_once(": ").map_or(what, |(what, _)| what);
        let mut letters = what.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }
}

fn is_text(input: &HtmlInputElement) -> bool {
    matches!(input.type_().as_str(), "search" | "text")
}

/// Back to what the URL says, but for what is being typed right now.
fn reset_but_typing(form: &HtmlFormElement) {
    let typing = document().active_element().and_then(|element| element.dyn_into::<HtmlInputElement>().ok());
    let typing = typing.filter(|input| input.has_attribute(TYPING) && form.contains(Some(input)));
    let text = typing.as_ref().map(HtmlInputElement::value);
    form.reset();
    if let (Some(input), Some(text)) = (typing, text) {
        input.set_value(&text);
    }
}

impl Frame {
    /// The names of the filters.
    pub(super) fn filters(&self) -> Vec<&'static str> {
        let search = self.search.map(|_| "q");
        let inputs = self.inputs.iter().map(|(name, ..)| *name);
        search.into_iter().chain(self.selects.iter().map(|s| s.name)).chain(inputs).collect()
    }

    /// The filters beside the search.
    fn narrowing(&self) -> Vec<&'static str> {
        self.selects.iter().map(|s| s.name).chain(self.inputs.iter().map(|(name, ..)| *name)).collect()
    }

    /// Keys and labels of the columns that may be left out.
    fn choices(&self) -> Vec<(&'static str, &'static str)> {
        let keyed = self.heads.iter().filter(|head| head.kind == Kind::Data);
        keyed.filter_map(|head| Some((head.key?, head.label))).collect()
    }

    pub(super) fn toolbar(&self, shown: &[usize], rows: usize) -> Option<AnyView> {
        let form = (!self.filters().is_empty() || !self.choices().is_empty()).then(|| self.form(shown));
        let views = self.views.map(|list| views::menu(list, &self.query));
        // A file of nothing is nobody's, unless it is a filter that leaves nothing.
        let csv = self.csv.as_ref().filter(|_| rows > 0 || !self.filters().is_empty());
        let csv = csv.map(|(path, filter)| self.download(path, filter));
        // A lone button for columns over a short list is noise; its file stands below the list.
        if self.lone_file().is_some() {
            return None;
        }
        if (form.is_none() || self.filters().is_empty()) && views.is_none() && csv.is_none() {
            return None;
        }
        Some(view! { <div class="toolbar">{form}<span class="push row">{views}{csv}</span></div> }.into_any())
    }

    /// The file of a list that has nothing else to press.
    pub(super) fn lone_file(&self) -> Option<AnyView> {
        let alone = self.filters().is_empty() && self.choices().is_empty() && self.views.is_none();
        let (path, filter) = self.csv.as_ref().filter(|_| alone)?;
        Some(self.download(path, filter))
    }

    fn form(&self, shown: &[usize]) -> AnyView {
        let value = |name: &str| self.query.text(name).unwrap_or_default();
        let search = self.search.map(|placeholder| {
            view! {
                <div class="affix">
                    {Icon::SEARCH.svg()}
                    <input type="search" name="q" aria-label="Search" aria-keyshortcuts="/" placeholder=placeholder value=value("q")/>
                </div>
            }
        });
        let selects = self.selects.iter().map(|select| {
            let current = value(select.name);
            let options = select.options.iter().map(|(value, label)| {
                view! { <option value=value.clone() selected=*value == current>{label.clone()}</option> }
            });
            view! {
                <select name=select.name aria-label=select.label>
                    <option value="">{select.label}</option>
                    {options.collect_view()}
                </select>
            }
        });
        let inputs = self.inputs.iter().map(|(name, kind, label)| {
            let kept = value(name);
            let wrong = self.wrong.as_ref().and_then(|error| error.for_field(name)).map(|why| why.join("; "));
            let id = wrong.is_some().then(|| format!("wrong-{name}"));
            let said = wrong.map(|why| view! { <p class="error" id=format!("wrong-{name}") role="alert">{why}</p> });
            let is_wrong = said.is_some().then_some("true");
            // A browser writes its own hint into a field for a day, which is not shown while nothing is chosen: the label
            // stands before it. All others are typed where their label stood.
            let field = match *kind {
                "date" => view! {
                    <label class="affix day">
                        <span>{*label}</span>
                        <input class:unset=kept.is_empty() type="date" name=*name value=kept aria-invalid=is_wrong aria-describedby=id/>
                    </label>
                }
                .into_any(),
                kind => view! {
                    <input type=kind name=*name value=kept placeholder=*label aria-label=*label aria-invalid=is_wrong aria-describedby=id/>
                }
                .into_any(),
            };
            view! { {field}{said} }
        });
        let holding = self.narrowing().iter().filter(|name| self.query.any(&[**name])).count();
        let holding = (holding > 0).then(|| view! { " "<span class="count">{holding}</span> });
        let narrowed = (!self.narrowing().is_empty()).then(|| {
            view! {
                <details class="filters" open=self.wrong.is_some()>
                    <summary class="btn">{Icon::FILTER.svg()}"Filters"{holding}</summary>
                    <div class="filters-body">{selects.collect_view()}{inputs.collect_view()}</div>
                </details>
            }
        });
        // A list may stand on one of a record's tabs.
        let part = self.segments.as_ref().map_or("tab", |(name, ..)| *name);
        let kept = ["tab", part, "sort", "limit"];
        let kept = kept[usize::from(part == "tab")..]
            .iter()
            .copied()
            .map(|name| self.query.text(name).map(|value| view! { <input type="hidden" name=name value=value/> }));
        let (on_submit, on_change, on_input) = self.handlers();
        // The browser keeps what was typed or chosen once, whatever the list shows by now: back to what the URL says.
        let shown_form = NodeRef::<Form>::new();
        Effect::new(move |_| {
            let Some(form) = shown_form.get() else { return };
            // The first time it is as the server sent it, and somebody may be typing already.
            if form.has_attribute(FOLLOWS) {
                reset_but_typing(&form);
            }
            let _ = form.set_attribute(FOLLOWS, "");
        });
        view! {
            <form node_ref=shown_form method="get" role="search" autocomplete="off" aria-label=self.label on:submit=on_submit on:change=on_change on:input=on_input>
                {search}
                {narrowed}
                {kept.collect_view()}
                {self.columns(shown)}
                <button class="btn unscripted">"Apply"</button>
            </form>
        }
        .into_any()
    }

    fn handlers(&self) -> (impl Fn(SubmitEvent) + 'static, impl Fn(Event) + 'static, impl Fn(Event) + 'static) {
        let (go, path, every) = (use_navigate(), self.query.path().to_owned(), self.choices().len());
        // What is typed letter by letter is one step back in the browser's history, not many.
        let visit: Arc<dyn Fn(HtmlFormElement, bool) + Send + Sync> = Arc::new(move |form, replace| {
            let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
            go(&format!("{path}{}", filled(&form, every)), options);
        });
        let on_submit = {
            let visit = visit.clone();
            move |event: SubmitEvent| {
                event.prevent_default();
                if let Some(form) = event.target().and_then(|t| t.dyn_into().ok()) {
                    visit(form, false);
                }
            }
        };
        let on_change = {
            let visit = visit.clone();
            move |event: Event| {
                // Columns are chosen together, and shown by the button in their menu.
                if dom::closest(&event, "details.menu").is_some() {
                    return;
                }
                let typed: Option<HtmlInputElement> = event.target().and_then(|t| t.dyn_into().ok());
                if let Some(typed) = typed.filter(is_text) {
                    let _ = typed.remove_attribute(TYPING);
                }
                if let Some(form) = dom::closest(&event, "form").and_then(|f| f.dyn_into().ok()) {
                    visit(form, false);
                }
            }
        };
        let on_input = move |event: Event| {
            let typed: Option<HtmlInputElement> = event.target().and_then(|t| t.dyn_into().ok());
            let (Some(typed), Some(form)) = (typed.filter(is_text), dom::closest(&event, "form")) else { return };
            let (text, visit) = (typed.value(), visit.clone());
            let _ = typed.set_attribute(TYPING, "");
            set_timeout(
                move || {
                    let rests = typed.has_attribute(TYPING) && typed.value() == text;
                    if let Some(form) = form.dyn_into().ok().filter(|_| rests) {
                        let _ = typed.remove_attribute(TYPING);
                        visit(form, true);
                    }
                },
                PAUSE,
            );
        };
        (on_submit, on_change, on_input)
    }

    fn columns(&self, shown: &[usize]) -> Option<AnyView> {
        let choices = self.choices();
        if choices.is_empty() {
            return None;
        }
        let boxes = choices.into_iter().map(|(key, label)| {
            let checked = shown.iter().any(|at| self.heads[*at].key == Some(key));
            view! {
                <label class="check"><input type="checkbox" name="col" value=key checked=checked autocomplete="off"/><span>{label}</span></label>
            }
        });
        let boxes = boxes.collect_view();
        Some(
            view! {
                <details class="menu start" name="table">
                    <summary class="btn square" aria-label="Columns" title="Columns">{Icon::COLUMNS.svg()}</summary>
                    <div class="menu-panel">
                        <fieldset class="menu-body">
                            <legend class="sr">"Columns"</legend>
                            {boxes}
                            <button class="btn">"Done"</button>
                        </fieldset>
                    </div>
                </details>
            }
            .into_any(),
        )
    }

    /// The same rows in the same order as a file, with the columns chosen.
    fn download(&self, path: &str, filter: &Value) -> AnyView {
        let mut pairs = parameters(filter);
        let chosen = self.query.all("col");
        if !chosen.is_empty() {
            let head = self.heads.iter().filter(|head| head.kind == Kind::Head).filter_map(|head| head.key);
            let columns: Vec<String> = head.map(str::to_owned).chain(chosen).collect();
            pairs.push(format!("columns={}", encode(&columns.join(","))));
        }
        let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
        export(&format!("{path}{query}"))
    }

    pub(super) fn chips(&self) -> Option<AnyView> {
        let filters = self.filters();
        if !self.query.any(&filters) {
            return None;
        }
        let chips = filters.iter().filter_map(|name| {
            let value = self.query.text(name)?;
            let select = self.selects.iter().find(|select| select.name == *name);
            let input = self.inputs.iter().find(|(known, ..)| known == name);
            let shown = match (select, input) {
                (Some(select), _) => {
                    let option = select.options.iter().find(|(v, _)| *v == value).map_or(value, |(_, l)| l.clone());
                    format!("{}: {option}", select.what())
                }
                (_, Some((_, "date", label))) => format!("{label} {}", day_in_short(&value)),
                // `Type, such as mail.send`
                (_, Some((_, _, label))) => {
                    format!("{}: {value}", label.split_once(", such as").map_or(*label, |(what, _)| what))
                }
                _ => format!("“{value}”"),
            };
            let href = self.query.without(&[name]);
            Some(view! { <a class="chip" href=href>{shown}{Icon::X.svg()}<span class="sr">"Remove filter"</span></a> })
        });
        let chips = chips.collect_view();
        let clear = self.query.without(&filters);
        Some(
            view! { <div class="chips"><span class="muted">"Filtered by"</span>{chips}<a href=clear>"Clear all"</a></div> }
                .into_any(),
        )
    }
}

/// The way to a list's rows as a file, at this path of the API; it works without script.
pub fn export(path: &str) -> AnyView {
    let href = format!("/api/v1{path}");
    view! {
        <a class="btn" href=href rel="external" download="" title="Export CSV">{Icon::DOWNLOAD.svg()}<span>"Export CSV"</span></a>
    }
    .into_any()
}

/// All that a filter asks for, whatever page of it: `name=value`, encoded.
pub fn parameters(filter: &Value) -> Vec<String> {
    let fields = filter.as_object().into_iter().flatten();
    fields
        .filter(|(name, value)| !matches!(name.as_str(), "cursor" | "limit") && !value.is_null())
        .map(|(name, value)| format!("{name}={}", encode(&as_parameter(value))))
        .collect()
}

/// A value as a query string holds it.
fn as_parameter(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(as_parameter).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// The form's filled fields as a query; of columns only a choice, not all of them.
fn filled(form: &HtmlFormElement, every: usize) -> String {
    let Ok(data) = FormData::new_with_form(form) else { return String::new() };
    let mut pairs = Vec::new();
    for entry in js_sys::try_iter(&data).ok().flatten().into_iter().flatten().flatten() {
        let pair: js_sys::Array = entry.unchecked_into();
        if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string())
            && !value.is_empty()
        {
            pairs.push((name, value));
        }
    }
    if pairs.iter().filter(|(name, _)| name == "col").count() == every {
        pairs.retain(|(name, _)| name != "col");
    }
    let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if text.is_empty() { String::new() } else { format!("?{}", text.join("&")) }
}
