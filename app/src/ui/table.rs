//! Lists: columns, filters, order and pages. All state is in the URL; everything but submitting the
//! filter on change works without script.

use std::sync::Arc;

use eventify::kernel::page::Page;
use leptos::ev::{Event, SubmitEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement};

use super::query::encode;
use super::{Icon, ListQuery, state, use_go};

type Cell<T> = Arc<dyn Fn(&T) -> AnyView + Send + Sync>;

/// One column of a [`Table`].
pub struct Column<T> {
    label: &'static str,
    sort: Option<&'static str>,
    class: &'static str,
    kind: Kind,
    cell: Cell<T>,
}

#[derive(PartialEq)]
enum Kind {
    /// Names the row.
    Head,
    Data,
    Actions,
}

impl<T> Column<T> {
    fn of(kind: Kind, label: &'static str, cell: impl Fn(&T) -> AnyView + Send + Sync + 'static) -> Self {
        Self { label, sort: None, class: "", kind, cell: Arc::new(cell) }
    }
    /// The column that names the row; its link opens the record.
    pub fn head(label: &'static str, cell: impl Fn(&T) -> AnyView + Send + Sync + 'static) -> Self {
        Self::of(Kind::Head, label, cell)
    }
    /// Any other column.
    pub fn new(label: &'static str, cell: impl Fn(&T) -> AnyView + Send + Sync + 'static) -> Self {
        Self::of(Kind::Data, label, cell)
    }
    /// The column of buttons at the end.
    pub fn actions(cell: impl Fn(&T) -> AnyView + Send + Sync + 'static) -> Self {
        Self::of(Kind::Actions, "Actions", cell)
    }
    /// Sortable, by this word (`-word` is descending).
    pub fn sort(mut self, word: &'static str) -> Self {
        self.sort = Some(word);
        self
    }
    /// Numbers, to the right.
    pub fn number(mut self) -> Self {
        self.class = "num";
        self
    }
    /// Never broken into lines.
    pub fn nowrap(mut self) -> Self {
        self.class = "nowrap";
        self
    }
    /// Hidden where there is little room.
    pub fn low(mut self) -> Self {
        self.class = "low";
        self
    }
}

struct Select {
    name: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
}

/// A list of records.
pub struct Table<T> {
    label: &'static str,
    query: ListQuery,
    default_sort: &'static str,
    search: Option<&'static str>,
    selects: Vec<Select>,
    inputs: Vec<(&'static str, &'static str, &'static str)>,
    columns: Vec<Column<T>>,
    empty: (&'static str, &'static str),
    empty_action: Option<AnyView>,
}

impl<T: 'static> Table<T> {
    /// A table with this accessible name, in the state of this URL.
    pub fn new(label: &'static str, query: ListQuery) -> Self {
        Self {
            label,
            query,
            default_sort: "",
            search: None,
            selects: Vec::new(),
            inputs: Vec::new(),
            columns: Vec::new(),
            empty: ("Nothing here yet", ""),
            empty_action: None,
        }
    }
    /// The order where the URL names none.
    pub fn sorted(mut self, word: &'static str) -> Self {
        self.default_sort = word;
        self
    }
    /// A search field (`?q=`).
    pub fn search(mut self, placeholder: &'static str) -> Self {
        self.search = Some(placeholder);
        self
    }
    /// A choice; the empty value means any. Its label is the option for that.
    pub fn select(mut self, name: &'static str, label: &'static str, options: Vec<(String, String)>) -> Self {
        self.selects.push(Select { name, label, options });
        self
    }
    /// A further filter of this input type.
    pub fn input(mut self, name: &'static str, kind: &'static str, label: &'static str) -> Self {
        self.inputs.push((name, kind, label));
        self
    }
    /// Adds a column.
    pub fn column(mut self, column: Column<T>) -> Self {
        self.columns.push(column);
        self
    }
    /// What to say, and offer, when there is nothing at all.
    pub fn empty(mut self, title: &'static str, text: &'static str, action: Option<AnyView>) -> Self {
        self.empty = (title, text);
        self.empty_action = action;
        self
    }

    /// Renders one page of it.
    pub fn page(mut self, page: Page<T>) -> AnyView {
        let count = page.items.len();
        let rows = match count {
            0 => self.nothing(),
            _ => page.items.iter().map(|item| self.row(item)).collect_view().into_any(),
        };
        let pager = self.pager(count, page.next_cursor.as_deref(), page.total_estimate);
        view! {
            <section class="datatable" aria-label=self.label>
                {self.toolbar()}
                {self.chips()}
                <table class="table">
                    <caption class="sr">{self.caption()}</caption>
                    <thead><tr>{self.columns.iter().map(|column| self.header(column)).collect_view()}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
                {pager}
            </section>
        }
        .into_any()
    }
    /// Renders rows that are all there is.
    pub fn all(self, items: Vec<T>) -> AnyView {
        self.page(Page { items, next_cursor: None, total_estimate: None })
    }

    fn sorted_by(&self) -> String {
        self.query.text("sort").unwrap_or_else(|| self.default_sort.to_owned())
    }
    fn filters(&self) -> Vec<&'static str> {
        let search = self.search.map(|_| "q");
        let inputs = self.inputs.iter().map(|(name, ..)| *name);
        search.into_iter().chain(self.selects.iter().map(|s| s.name)).chain(inputs).collect()
    }
    fn caption(&self) -> String {
        let sort = self.sorted_by();
        let column = self.columns.iter().find(|c| c.sort.is_some_and(|word| sort.trim_start_matches('-') == word));
        match column {
            Some(column) => format!("{}, sorted by {}", self.label, column.label.to_lowercase()),
            None => self.label.to_owned(),
        }
    }

    fn toolbar(&self) -> Option<AnyView> {
        if self.filters().is_empty() {
            return None;
        }
        let value = |name: &str| self.query.text(name).unwrap_or_default();
        let search = self.search.map(|placeholder| {
            view! {
                <div class="affix">
                    {Icon::SEARCH.svg()}
                    <input type="search" name="q" aria-label="Search" placeholder=placeholder value=value("q")/>
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
            view! { <label class="affix"><span>{*label}</span><input type=*kind name=*name value=kept/></label> }
        });
        let sort = self.query.text("sort").map(|sort| view! { <input type="hidden" name="sort" value=sort/> });
        let go = use_go();
        let path = self.query.path().to_owned();
        let visit: Arc<dyn Fn(HtmlFormElement) + Send + Sync> =
            Arc::new(move |form| go(&format!("{path}{}", filled(&form))));
        let on_submit = {
            let visit = visit.clone();
            move |event: SubmitEvent| {
                event.prevent_default();
                if let Some(form) = event.target().and_then(|t| t.dyn_into().ok()) {
                    visit(form);
                }
            }
        };
        let on_change = move |event: Event| {
            if let Some(form) = super::dom::closest(&event, "form").and_then(|f| f.dyn_into().ok()) {
                visit(form);
            }
        };
        Some(
            view! {
                <form class="toolbar" method="get" role="search" on:submit=on_submit on:change=on_change>
                    {search}
                    {selects.collect_view()}
                    {inputs.collect_view()}
                    {sort}
                    <button class="btn">{Icon::FILTER.svg()}"Apply"</button>
                </form>
            }
            .into_any(),
        )
    }

    fn chips(&self) -> Option<AnyView> {
        let filters = self.filters();
        if !self.query.any(&filters) {
            return None;
        }
        let chips = filters.iter().filter_map(|name| {
            let value = self.query.text(name)?;
            let select = self.selects.iter().find(|select| select.name == *name);
            let shown =
                select.and_then(|s| s.options.iter().find(|(v, _)| *v == value)).map_or(value, |(_, l)| l.clone());
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

    fn header(&self, column: &Column<T>) -> AnyView {
        if column.kind == Kind::Actions {
            return view! { <th class="act" scope="col"><span class="sr">"Actions"</span></th> }.into_any();
        }
        let Some(word) = column.sort else {
            return view! { <th scope="col" class=column.class>{column.label}</th> }.into_any();
        };
        let sort = self.sorted_by();
        let descending = format!("-{word}");
        let (state, next) = match sort.as_str() {
            s if s == word => ("ascending", descending.as_str()),
            s if s == descending => ("descending", word),
            _ => ("none", word),
        };
        let href = self.query.href("sort", Some(next));
        view! { <th scope="col" class=column.class aria-sort=state><a href=href data-noscroll="">{column.label}</a></th> }.into_any()
    }

    fn row(&self, item: &T) -> AnyView {
        let cells = self.columns.iter().map(|column| {
            let content = (column.cell)(item);
            match column.kind {
                Kind::Head => view! { <th scope="row">{content}</th> }.into_any(),
                Kind::Data => {
                    view! { <td data-label=column.label class=column.class><div>{content}</div></td> }.into_any()
                }
                Kind::Actions => view! { <td class="act">{content}</td> }.into_any(),
            }
        });
        view! { <tr>{cells.collect_view()}</tr> }.into_any()
    }

    fn nothing(&mut self) -> AnyView {
        let filters = self.filters();
        let clear = || view! { <a class="btn" href=self.query.without(&filters)>"Clear filters"</a> }.into_any();
        let inner = if self.query.any(&filters) {
            state(Icon::SEARCH, "Nothing matches", "No entry fits all of these filters.", Some(clear()))
        } else if self.query.any(&["cursor"]) {
            state(Icon::SEARCH, "Nothing further", "This page of the list is empty.", Some(clear()))
        } else {
            state(Icon::INFO, self.empty.0, self.empty.1, self.empty_action.take())
        };
        let width = self.columns.len().to_string();
        view! { <tr><td colspan=width class="state-cell">{inner}</td></tr> }.into_any()
    }

    fn pager(&self, count: usize, next: Option<&str>, total: Option<i64>) -> AnyView {
        let shown = match total {
            Some(total) => format!("{count} of about {total}"),
            None if count == 1 => "1 entry".to_owned(),
            None if next.is_some() => format!("{count} entries on this page"),
            None => format!("{count} entries"),
        };
        let first = self.query.text("cursor").map(|_| {
            let href = self.query.href("cursor", None);
            view! {
                <a class="btn small" href=href>"First page"</a>
                <button class="btn small" type="button" on:click=move |_| { let _ = window().history().and_then(|h| h.back()); }>
                    {Icon::CHEVRON_LEFT.svg()}"Back"
                </button>
            }
        });
        let next = next.map(|cursor| {
            let href = self.query.href("cursor", Some(cursor));
            view! { <a class="btn small" rel="next" href=href>"Next"{Icon::CHEVRON_RIGHT.svg()}</a> }
        });
        let label = format!("Pages of {}", self.label.to_lowercase());
        view! { <nav class="pager" aria-label=label><span>{shown}</span><div class="row">{first}{next}</div></nav> }
            .into_any()
    }
}

/// The form's filled fields as a query.
fn filled(form: &HtmlFormElement) -> String {
    let Ok(data) = FormData::new_with_form(form) else { return String::new() };
    let mut pairs = Vec::new();
    for entry in js_sys::try_iter(&data).ok().flatten().into_iter().flatten().flatten() {
        let pair: js_sys::Array = entry.unchecked_into();
        if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string())
            && !value.is_empty()
        {
            pairs.push(format!("{name}={}", encode(&value)));
        }
    }
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}
