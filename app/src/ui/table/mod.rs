//! Lists: columns, filters, order, pages, ticked rows, kept views and CSV. All state is in the URL;
//! reading, filtering, sorting and turning pages work without script.

mod bulk;
mod column;
mod jump;
mod keys;
mod toolbar;
mod views;

use std::sync::Arc;

use eventify_core::Error;
use eventify_core::kernel::page::Page;
use leptos::prelude::*;
use serde::Serialize;
use serde_json::Value;

pub use bulk::Bulk;
pub use column::Column;
pub use keys::{Siblings, plain_key};
pub use toolbar::{export, parameters};

use super::{Icon, ListQuery, state};
use bulk::Selection;
use column::{Cell, Head, Kind};
use jump::Jump;
use toolbar::Select;

/// The numbers of rows a page may have.
const LIMITS: [&str; 3] = ["25", "50", "100"];
/// The key, the words and the number of each part of a list.
type Segments = Vec<(&'static str, &'static str, Option<i64>)>;
/// What rows have in common, and how it is shown above them.
type Heading<T> = Arc<dyn Fn(&T) -> (String, AnyView) + Send + Sync>;
type Naming<T> = Arc<dyn Fn(&T) -> Option<(String, String)> + Send + Sync>;

/// A list of records.
pub struct Table<T> {
    frame: Frame,
    cells: Vec<Cell<T>>,
    naming: Option<Naming<T>>,
    heading: Option<Heading<T>>,
}

/// All of a table but its rows: one code for every kind of record.
struct Frame {
    label: &'static str,
    /// What one row is, and what several are.
    noun: (&'static str, &'static str),
    segments: Option<(&'static str, &'static str, Segments)>,
    query: ListQuery,
    default_sort: &'static str,
    search: Option<&'static str>,
    selects: Vec<Select>,
    inputs: Vec<(&'static str, &'static str, &'static str)>,
    jumps: Vec<(&'static str, Jump)>,
    wrong: Option<Error>,
    heads: Vec<Head>,
    empty: (&'static str, &'static str),
    empty_action: Option<AnyView>,
    csv: Option<(String, Value)>,
    views: Option<&'static str>,
    bulk: Vec<Bulk>,
    changed: Arc<dyn Fn() + Send + Sync>,
}

/// One row: its id and name where it can be ticked, and what is in its columns.
struct Row {
    heading: Option<AnyView>,
    ticks: Option<(String, String)>,
    cells: Vec<AnyView>,
}

impl<T: 'static> Table<T> {
    /// A table with this accessible name, in the state of this URL.
    pub fn new(label: &'static str, query: ListQuery) -> Self {
        let frame = Frame {
            label,
            noun: ("entry", "entries"),
            segments: None,
            query,
            default_sort: "",
            search: None,
            selects: Vec::new(),
            inputs: Vec::new(),
            jumps: Vec::new(),
            wrong: None,
            heads: Vec::new(),
            empty: ("Nothing here yet", ""),
            empty_action: None,
            csv: None,
            views: None,
            bulk: Vec::new(),
            changed: Arc::new(|| {}),
        };
        Self { frame, cells: Vec::new(), naming: None, heading: None }
    }
    /// What is counted: `("event", "events")`.
    pub fn counts(mut self, one: &'static str, several: &'static str) -> Self {
        self.frame.noun = (one, several);
        self
    }
    /// The parts of the list as tabs over it: the parameter, the one shown, and key, words and number of each.
    pub fn segments(mut self, name: &'static str, shown: &'static str, parts: Segments) -> Self {
        self.frame.segments = Some((name, shown, parts));
        self
    }
    /// Rows of one heading stand under it; the rows are in its order.
    pub fn under(self, heading: impl Fn(&T) -> String + Send + Sync + 'static) -> Self {
        self.under_parts(move |item| {
            let heading = heading(item);
            (heading.clone(), heading.into_any())
        })
    }
    /// The same where a heading is more than its words: what rows have in common, and what is shown.
    pub fn under_parts(mut self, heading: impl Fn(&T) -> (String, AnyView) + Send + Sync + 'static) -> Self {
        self.heading = Some(Arc::new(heading));
        self
    }
    /// The order where the URL names none.
    pub fn sorted(mut self, word: &'static str) -> Self {
        self.frame.default_sort = word;
        self
    }
    /// In this order, of names, a long list can be begun at a letter. A list of one order has the word `""`.
    pub fn by_letter(mut self, word: &'static str) -> Self {
        self.frame.jumps.push((word, Jump::Letter));
        self
    }
    /// In this order, of times, a long list can be begun at a day. A list of one order has the word `""`, or `"-"` if
    /// that is the latest first.
    pub fn by_day(mut self, word: &'static str) -> Self {
        self.frame.jumps.push((word, Jump::Day));
        self
    }
    /// A search field (`?q=`).
    pub fn search(mut self, placeholder: &'static str) -> Self {
        self.frame.search = Some(placeholder);
        self
    }
    /// A choice; the empty value means any. Its label is the option for that.
    pub fn select(mut self, name: &'static str, label: &'static str, options: Vec<(String, String)>) -> Self {
        self.frame.selects.push(Select { name, label, options });
        self
    }
    /// A further filter of this input type.
    pub fn input(mut self, name: &'static str, kind: &'static str, label: &'static str) -> Self {
        self.frame.inputs.push((name, kind, label));
        self
    }
    /// What was wrong with a filter, which the rows do not follow: it is said beside its input.
    pub fn wrong(mut self, error: Option<Error>) -> Self {
        self.frame.wrong = error;
        self
    }
    /// Adds a column.
    pub fn column(mut self, column: Column<T>) -> Self {
        self.frame.heads.push(column.head);
        self.cells.push(column.cell);
        self
    }
    /// What to say, and offer, when there is nothing at all.
    pub fn empty(mut self, title: &'static str, text: &'static str, action: Option<AnyView>) -> Self {
        self.frame.empty = (title, text);
        self.frame.empty_action = action;
        self
    }
    /// Where the list is had as CSV: all rows of this filter, and the columns chosen.
    pub fn csv(self, path: &'static str, filter: &impl Serialize) -> Self {
        self.csv_of(path.to_owned(), filter)
    }
    /// The same where the path names a record.
    pub fn csv_of(mut self, path: String, filter: &impl Serialize) -> Self {
        self.frame.csv = Some((path, serde_json::to_value(filter).unwrap_or_default()));
        self
    }
    /// People can keep views of this list under this name of it.
    pub fn views(mut self, list: &'static str) -> Self {
        self.frame.views = Some(list);
        self
    }
    /// Rows can be ticked for these acts; `naming` gives a row's id and name, `changed` is called after.
    pub fn bulk(
        self,
        actions: Vec<Bulk>,
        naming: impl Fn(&T) -> (String, String) + Send + Sync + 'static,
        changed: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        self.bulk_of_some(actions, move |item| Some(naming(item)), changed)
    }
    /// The same where only some rows can be ticked: those that `naming` names.
    pub fn bulk_of_some(
        mut self,
        actions: Vec<Bulk>,
        naming: impl Fn(&T) -> Option<(String, String)> + Send + Sync + 'static,
        changed: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        if !actions.is_empty() {
            self.frame.bulk = actions;
            self.frame.changed = Arc::new(changed);
            self.naming = Some(Arc::new(naming));
        }
        self
    }

    /// Renders one page of it.
    pub fn page(self, page: Page<T>) -> AnyView {
        let shown = self.frame.shown();
        let mut last = None;
        let mut heading = |item: &T| {
            let (common, shown) = self.heading.as_ref().map(|heading| heading(item))?;
            (last.as_ref() != Some(&common)).then(|| last = Some(common)).map(|()| shown)
        };
        let row = |item: &T| Row {
            heading: heading(item),
            ticks: self.naming.as_ref().and_then(|naming| naming(item)),
            cells: shown.iter().map(|at| self.cells[*at](item)).collect(),
        };
        let rows = page.items.iter().map(row).collect();
        self.frame.render(&shown, rows, page.next_cursor.as_deref(), page.total_estimate)
    }
    /// Renders rows that are all there is.
    pub fn all(self, items: Vec<T>) -> AnyView {
        self.page(Page { items, next_cursor: None, total_estimate: None })
    }
}

impl Frame {
    /// The columns to show: those chosen by `?col=`, and those that cannot be left out.
    fn shown(&self) -> Vec<usize> {
        let chosen = self.query.all("col");
        let show = |head: &Head| match head.key {
            Some(key) => chosen.is_empty() || head.kind == Kind::Head || chosen.iter().any(|c| c == key),
            None => true,
        };
        (0..self.heads.len()).filter(|at| show(&self.heads[*at])).collect()
    }

    fn render(mut self, shown: &[usize], rows: Vec<Row>, next: Option<&str>, total: Option<i64>) -> AnyView {
        let count = rows.len();
        let picks = !self.bulk.is_empty() && rows.iter().any(|row| row.ticks.is_some());
        let names = rows.iter().filter_map(|row| row.ticks.clone()).collect();
        let selection = Selection::new(names);
        let own_page = !self.query.path().is_empty();
        if own_page {
            let after = next.map(|cursor| self.query.page(cursor, count, total));
            keys::remember(selection.section, self.query.url(), after);
        }
        keys::follow(selection.section);
        let body = match count {
            0 => self.nothing(shown.len()),
            _ => rows.into_iter().map(|row| self.row(shown, picks, row)).collect_view().into_any(),
        };
        let tick_all = picks.then(|| {
            view! {
                <th class="pick" scope="col">
                    <label class="tick"><input class="all" type="checkbox" aria-label="Select all on this page"/></label>
                </th>
            }
        });
        let headers = shown.iter().map(|at| self.header(&self.heads[*at])).collect_view();
        let bar = picks.then(|| selection.bar(&self.bulk, self.noun, self.changed.clone()));
        view! {
            <section
                class="datatable"
                aria-label=self.label
                node_ref=selection.section
                on:change=move |event| selection.changed(&event)
            >
                {self.segment_tabs()}
                {self.toolbar(shown, count)}
                {self.chips()}
                <table class="table">
                    <caption class="sr">{self.caption()}</caption>
                    <thead><tr>{tick_all}{headers}</tr></thead>
                    <tbody>{body}</tbody>
                </table>
                {bar}
                {self.pager(count, next, total)}
            </section>
        }
        .into_any()
    }

    fn sorted_by(&self) -> String {
        self.query.text("sort").unwrap_or_else(|| self.default_sort.to_owned())
    }

    fn caption(&self) -> String {
        let sort = self.sorted_by();
        let column = self.heads.iter().find(|c| c.sort.is_some_and(|word| sort.trim_start_matches('-') == word));
        match column {
            Some(column) => format!("{}, sorted by {}", self.label, column.label.to_lowercase()),
            None => self.label.to_owned(),
        }
    }

    fn header(&self, head: &Head) -> AnyView {
        if head.kind == Kind::Actions {
            return view! { <th class="act" scope="col"><span class="sr">"Actions"</span></th> }.into_any();
        }
        let Some(word) = head.sort else {
            return view! { <th scope="col" class=head.class.clone()>{head.label}</th> }.into_any();
        };
        let sort = self.sorted_by();
        let descending = format!("-{word}");
        let (state, next) = match sort.as_str() {
            s if s == word => ("ascending", descending.as_str()),
            s if s == descending => ("descending", word),
            _ => ("none", word),
        };
        let href = self.query.href("sort", Some(next));
        view! { <th scope="col" class=head.class.clone() aria-sort=state><a href=href data-noscroll="">{head.label}</a></th> }
            .into_any()
    }

    fn row(&self, shown: &[usize], picks: bool, row: Row) -> AnyView {
        let tick = picks.then(|| {
            let tick = row.ticks.map(|(id, name)| {
                let label = format!("Select {name}");
                view! { <label class="tick"><input class="sel" type="checkbox" value=id aria-label=label autocomplete="off"/></label> }
            });
            view! { <td class="pick">{tick}</td> }
        });
        let cells = shown.iter().zip(row.cells).map(|(at, content)| {
            let head = &self.heads[*at];
            match head.kind {
                Kind::Head => view! { <th scope="row">{content}</th> }.into_any(),
                Kind::Data => {
                    view! { <td data-label=head.label class=head.class.clone()><div>{content}</div></td> }.into_any()
                }
                Kind::Actions => view! { <td class="act">{content}</td> }.into_any(),
            }
        });
        let width = shown.len() + usize::from(picks);
        let heading = row.heading.map(|heading| {
            view! { <tr class="heading"><th colspan=width.to_string() scope="rowgroup">{heading}</th></tr> }
        });
        view! { {heading}<tr>{tick}{cells.collect_view()}</tr> }.into_any()
    }

    fn nothing(&mut self, width: usize) -> AnyView {
        let filters = self.filters();
        let clear = || view! { <a class="btn" href=self.query.without(&filters)>"Clear filters"</a> }.into_any();
        let inner = if self.query.any(&filters) {
            let text = format!("No {} match all of these filters.", self.noun.1);
            state(Icon::SEARCH, "Nothing matches", text, Some(clear()))
        } else if !self.query.begins() {
            state(Icon::SEARCH, "Nothing more", "This page of the list is empty.", Some(clear()))
        } else {
            state(Icon::INFO, self.empty.0, self.empty.1, self.empty_action.take())
        };
        view! { <tr><td colspan=width.to_string() class="state-cell">{inner}</td></tr> }.into_any()
    }

    /// The parts of the list, as links.
    fn segment_tabs(&self) -> Option<AnyView> {
        let (name, shown, parts) = self.segments.as_ref()?;
        // Another part is another list, with an order and states of its own; what was looked for is looked for there too.
        let typed = self.inputs.iter().filter(|(_, kind, _)| *kind == "text").map(|(name, ..)| *name);
        let kept: Vec<&str> = ["q", "col", "limit"].into_iter().chain(typed).collect();
        let kept = self.query.only(&kept);
        let links = parts.iter().map(|(key, words, count)| {
            let here = (key == shown).then_some("page");
            let count = count.map(|count| view! { " "<span>{count}</span> });
            view! { <a href=kept.href(name, Some(key)) aria-current=here data-noscroll="">{*words}{count}</a> }
        });
        Some(
            view! { <nav class="segs wide" aria-label=format!("{}, by part", self.label)>{links.collect_view()}</nav> }
                .into_any(),
        )
    }

    /// Which rows are shown, of how many: `1–50 of 63 events`.
    fn extent(&self, count: usize, more: bool, total: Option<i64>) -> String {
        let (first, (one, several)) = (self.query.first_row(), self.noun);
        let last = first + count.saturating_sub(1);
        let noun = |n: usize| if n == 1 { one } else { several };
        match (first, total.or(self.query.total())) {
            // A link from before rows were numbered, or from elsewhere.
            (0, _) if more => format!("Showing {count} {}", noun(count)),
            (0, _) => format!("{count} {}", noun(count)),
            (_, Some(total)) if total > 10_000 => format!("{first}–{last} of more than 10,000 {several}"),
            (_, Some(total)) if more => format!("{first}–{last} of {total} {several}"),
            (1, _) if !more => format!("{count} {}", noun(count)),
            (_, _) if !more => format!("{first}–{last} of {last} {several}"),
            _ => format!("Showing {several} {first}–{last}"),
        }
    }

    fn pager(&self, count: usize, next: Option<&str>, total: Option<i64>) -> Option<AnyView> {
        // Where there is nothing the state says so, and there is no page to turn.
        if count == 0 && self.query.begins() {
            return None;
        }
        let shown = self.extent(count, next.is_some(), total);
        let first = (!self.query.begins()).then(|| {
            let href = self.query.href("cursor", None);
            view! {
                <a class="btn small" href=href>"First page"</a>
                <button class="btn small" type="button" on:click=move |_| { let _ = window().history().and_then(|h| h.back()); }>
                    {Icon::CHEVRON_LEFT.svg()}"Back"
                </button>
            }
        });
        let turn = next.map(|cursor| {
            let href = self.query.page(cursor, count, total);
            view! { <a class="btn small" rel="next" href=href>"Next"{Icon::CHEVRON_RIGHT.svg()}</a> }
        });
        let now = self.query.text("limit").unwrap_or_else(|| "50".to_owned());
        // Only where there may be more than one page.
        let limits = (next.is_some() || count > 25).then(|| {
            let one = |limit: &&str| {
                let here = (**limit == *now).then_some("true");
                let href = self.query.href("limit", Some(limit));
                view! { <a href=href aria-current=here data-noscroll="">{(*limit).to_owned()}</a> }
            };
            view! { <span class="limits">"Rows "{LIMITS.iter().map(one).collect_view()}</span> }
        });
        let label = format!("Pages of {}", self.label.to_lowercase());
        Some(
            view! {
                <nav class="pager" aria-label=label>
                    <span>{shown}</span>
                    {limits}
                    <div class="row">{first}{turn}{self.lone_file()}</div>
                    {(next.is_some() || !self.query.begins()).then(|| self.jump())}
                </nav>
            }
            .into_any(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_which_rows_it_shows_and_of_how_many() {
        let said = |pairs: &[(&str, &str)], count, more, total| {
            let table = Table::<()>::new("Events", ListQuery::of("/events", pairs)).counts("event", "events");
            table.frame.extent(count, more, total)
        };
        assert_eq!(said(&[], 0, false, Some(0)), "0 events");
        assert_eq!(said(&[], 1, false, Some(1)), "1 event");
        assert_eq!(said(&[], 50, true, Some(63)), "1–50 of 63 events");
        assert_eq!(said(&[], 50, true, Some(10_001)), "1–50 of more than 10,000 events");
        assert_eq!(said(&[], 50, true, None), "Showing events 1–50");
        let second = [("cursor", "x"), ("row", "51"), ("of", "63")];
        assert_eq!(said(&second, 13, false, None), "51–63 of 63 events");
        assert_eq!(said(&second[..2], 50, true, None), "Showing events 51–100");
        assert_eq!(said(&second[..2], 13, false, None), "51–63 of 63 events");
        assert_eq!(said(&second[..1], 13, false, None), "13 events", "from a link that does not say");
        assert_eq!(said(&[("from_day", "2026-11-21")], 50, true, None), "Showing 50 events", "begun at a day");
    }
}
