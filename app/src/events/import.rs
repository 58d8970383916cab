//! Importing guests: pasted from a spreadsheet or from a file, checked row by row, wrong cells mended in place. The
//! server's own rules check it; nothing is saved before the last step.

use eventify::Error;
use eventify::events::{Event, EventId};
use eventify::kernel::text::counted;
use eventify::tickets::{ImportCells, ImportOutcome, ImportRow, TicketType};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::head::Rights;
use super::ticket_types;
use crate::ui::{Icon, Shell, TextArea, Toasts, Tone, badge, card, dom, note, send_file, send_text, use_go};

/// How many rows without a fault are shown.
const READY: usize = 50;
const CSV: &str = "text/csv";
const COLUMNS: [(&str, &str); 6] = [
    ("name", "Name"),
    ("email", "Email"),
    ("phone", "Phone"),
    ("seats", "Seats"),
    ("ticket_type", "Ticket type"),
    ("note", "Note"),
];

/// Where an import stands.
#[derive(Clone, Copy)]
struct Import {
    event: EventId,
    shell: Shell,
    toasts: Toasts,
    busy: RwSignal<bool>,
    /// What the server found; `None` before anything was checked.
    found: RwSignal<Option<ImportOutcome>>,
    /// The rows as they are by now, with what was mended.
    rows: RwSignal<Vec<ImportCells>>,
    /// Something was mended since the list was checked.
    mended: RwSignal<bool>,
    refusal: RwSignal<Option<String>>,
    ticket_type: RwSignal<String>,
}

fn cell<'r>(row: &'r ImportCells, column: &str) -> &'r str {
    match column {
        "name" => &row.name,
        "email" => &row.email,
        "phone" => &row.phone,
        "seats" => &row.seats,
        "ticket_type" => &row.ticket_type,
        _ => &row.note,
    }
}

fn set_cell(row: &mut ImportCells, column: &str, text: String) {
    match column {
        "name" => row.name = text,
        "email" => row.email = text,
        "phone" => row.phone = text,
        "seats" => row.seats = text,
        "ticket_type" => row.ticket_type = text,
        _ => row.note = text,
    }
}

/// The rows as CSV. Each stays on the line it was on, where it can: what is said of row 14 is found in row 14.
fn csv(rows: &[ImportCells]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\"").replace('\n', " "));
    let titles: Vec<&str> = COLUMNS.iter().map(|(_, title)| *title).collect();
    let (mut text, mut line) = (format!("{}\n", titles.join(",")), 2);
    for row in rows {
        while line < row.row {
            text.push('\n');
            line += 1;
        }
        let cells: Vec<String> = COLUMNS.iter().map(|(column, _)| quoted(cell(row, column))).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
        line += 1;
    }
    text
}

impl Import {
    fn target(self, dry_run: bool, skip_errors: bool) -> String {
        let (event, ticket_type) = (self.event, self.ticket_type.get_untracked());
        format!(
            "/api/v1/events/{event}/attendees/import?ticket_type_id={ticket_type}&dry_run={dry_run}&skip_errors={skip_errors}"
        )
    }

    fn begin(self) -> bool {
        if self.busy.get_untracked() {
            return false;
        }
        self.refusal.set(None);
        self.busy.set(true);
        true
    }

    /// Takes what the server says of a list.
    fn checked(self, answer: Result<String, Error>) {
        let _ = self.busy.try_set(false);
        match answer.and_then(|body| serde_json::from_str::<ImportOutcome>(&body).map_err(|_| Error::unreachable())) {
            Ok(outcome) => {
                let _ = self.rows.try_set(outcome.rows.clone());
                let _ = self.mended.try_set(false);
                let _ = self.found.try_set(Some(outcome));
            }
            Err(error) => self.refused(&error),
        }
    }

    fn refused(self, error: &Error) {
        let fields: Vec<String> = error
            .field_errors()
            .iter()
            .flat_map(|(field, all)| all.iter().map(move |text| format!("{field} {text}")))
            .collect();
        let text = match error.message() == error.title() && !fields.is_empty() {
            true => fields.join("; "),
            false => error.message().to_owned(),
        };
        let _ = self.refusal.try_set(Some(text));
    }

    fn check_first(self) {
        let pasted = dom::by_id("import-paste").and_then(|e| e.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
        let pasted = pasted.map(|area| area.value()).unwrap_or_default();
        let form = dom::by_id("import-form").and_then(|e| e.dyn_into::<web_sys::HtmlFormElement>().ok());
        let chosen = form.and_then(|form| web_sys::FormData::new_with_form(&form).ok());
        // Where none was chosen there is one without content.
        let file =
            chosen.and_then(|data| data.get("file").dyn_into::<web_sys::Blob>().ok()).filter(|file| file.size() > 0.0);
        if pasted.trim().is_empty() && file.is_none() {
            return self.refusal.set(Some("Paste rows or choose a file first.".to_owned()));
        }
        if !self.begin() {
            return;
        }
        let (target, ended) = (self.target(true, false), move |answer| self.checked(answer));
        match file.filter(|_| pasted.trim().is_empty()) {
            Some(file) => send_file(&target, CSV, &file, ended),
            None => send_text(&target, CSV, &pasted, ended),
        }
    }

    fn check_again(self) {
        if self.begin() {
            let text = self.rows.with_untracked(|rows| csv(rows));
            send_text(&self.target(true, false), CSV, &text, move |answer| self.checked(answer));
        }
    }

    /// Imports the rows that are right; the others stay on the page.
    fn import(self, go: crate::ui::Go) {
        if !self.begin() {
            return;
        }
        let text = self.rows.with_untracked(|rows| csv(rows));
        send_text(&self.target(false, true), CSV, &text, move |answer| {
            let _ = self.busy.try_set(false);
            let outcome =
                answer.and_then(|body| serde_json::from_str::<ImportOutcome>(&body).map_err(|_| Error::unreachable()));
            match outcome {
                Ok(outcome) => self.imported(&outcome, &go),
                Err(error) => self.refused(&error),
            }
        });
    }

    fn imported(self, outcome: &ImportOutcome, go: &crate::ui::Go) {
        let guests = usize::try_from(outcome.imported).unwrap_or_default();
        let unreachable = usize::try_from(outcome.unreachable).unwrap_or_default();
        let sent = match unreachable {
            0 => "Their tickets are on their way".to_owned(),
            _ if unreachable == guests => "No tickets were sent: they have neither email nor phone".to_owned(),
            some => format!("Tickets are on their way, but not to {}: neither email nor phone", counted(some, "guest")),
        };
        self.toasts.done(format!("{} imported. {sent}", counted(guests, "guest")));
        if outcome.failed == 0 {
            return go(&format!("/events/{}?tab=guests", self.event));
        }
        // What is left is what was wrong.
        let wrong: Vec<i64> = outcome.errors.iter().map(|row| row.row).collect();
        let _ = self.rows.try_update(|rows| rows.retain(|row| wrong.contains(&row.row)));
        self.check_again();
    }
}

/// The tab.
pub fn tab(event: &Event, types: &[TicketType], rights: Rights) -> AnyView {
    if !rights.manages_tickets || !event.status.is_open() || types.is_empty() {
        let text = "Guests can be imported while the event is published and has a ticket type.";
        return note(Tone::Info, "Importing is not possible now", text.to_owned(), None);
    }
    let first = types.first().map(|ticket_type| ticket_type.id.to_string()).unwrap_or_default();
    let import = Import {
        event: event.id,
        shell: Shell::get(),
        toasts: Toasts::get(),
        busy: RwSignal::new(false),
        found: RwSignal::new(None),
        rows: RwSignal::new(Vec::new()),
        mended: RwSignal::new(false),
        refusal: RwSignal::new(None),
        ticket_type: RwSignal::new(first),
    };
    let (go, options) = (use_go(), ticket_types::choices(types));
    let body = move || match import.found.get() {
        None => paste(import),
        Some(found) => sheet(import, found, go.clone()),
    };
    let refusal = move || import.refusal.get().map(|text| note(Tone::Danger, "", text, None));
    let choices = options.into_iter().map(|(key, name)| {
        let chosen = import.ticket_type.get_untracked() == key;
        view! { <option value=key selected=chosen>{name}</option> }
    });
    let choices = choices.collect_view();
    let step = move |at: usize| {
        let now = usize::from(import.found.with(Option::is_some));
        (now == at).then_some("step")
    };
    view! {
        <div class="stack">
            <ol class="steps" role="list">
                <li aria-current=move || step(0)>"Paste or upload"</li>
                <li aria-current=move || step(1)>"Check"</li>
                <li>"Import"</li>
            </ol>
            <p class="muted">"Nothing is saved and nobody is notified until you import."</p>
            <div class="field inline">
                <label for="import-kind">"Default ticket type"</label>
                <select id="import-kind" on:change=move |event| { import.ticket_type.set(event_target_value(&event)); import.mended.set(true); }>{choices}</select>
            </div>
            {refusal}
            {body}
        </div>
    }
    .into_any()
}

/// The first step.
fn paste(import: Import) -> AnyView {
    let busy = move || import.busy.get().then_some("true");
    let body = view! {
        <form class="stack" id="import-form" on:submit=|event| event.prevent_default()>
            <div class="field">
                <label for="import-paste">"Rows from a spreadsheet"</label>
                <TextArea text=String::new() attr:id="import-paste" attr:rows="10" attr:aria-describedby="import-hint"/>
                <p class="hint" id="import-hint">"The first row names the columns: Name, Email, Phone, Seats, Ticket type, Note. Only a name is needed; tickets are sent to those with an email or phone."</p>
            </div>
            <div class="field">
                <label for="import-file">"Or a CSV file"</label>
                <input id="import-file" type="file" name="file" accept="text/csv,.csv,.tsv,.txt"/>
            </div>
            <div class="form-actions">
                <button class="btn primary" type="button" disabled=move || !import.shell.alive.get() aria-busy=busy on:click=move |_| import.check_first()>"Check list"</button>
                <a class="btn quiet" href=format!("/events/{}?tab=guests", import.event)>"Cancel"</a>
            </div>
        </form>
    };
    card("guest-import", "Import guests", None, body)
}

/// What is said of each row: wrong ones first, then those passed over, then some of the rest.
fn ordered(found: &ImportOutcome) -> (Vec<usize>, usize) {
    let wrong = |row: &ImportCells| found.errors.iter().any(|error| error.row == row.row);
    let skipped = |row: &ImportCells| found.skipped_rows.iter().any(|skip| skip.row == row.row);
    let at = |keep: &dyn Fn(&ImportCells) -> bool| -> Vec<usize> {
        found.rows.iter().enumerate().filter(|(_, row)| keep(row)).map(|(at, _)| at).collect()
    };
    let mut ready = at(&|row| !wrong(row) && !skipped(row));
    let more = ready.len().saturating_sub(READY);
    ready.truncate(READY);
    let order = at(&|row| wrong(row)).into_iter().chain(at(&|row| !wrong(row) && skipped(row))).chain(ready).collect();
    (order, more)
}

/// The second step.
fn sheet(import: Import, found: ImportOutcome, go: crate::ui::Go) -> AnyView {
    let (order, more) = ordered(&found);
    let total = found.rows.len();
    let rows = order.into_iter().filter_map(|at| Some(row_view(import, found.rows.get(at)?, &found))).collect_view();
    let number = |count: i32| usize::try_from(count).unwrap_or_default();
    let (ready, skipped, failed) = (number(found.imported), number(found.skipped), number(found.failed));
    let unreachable = number(found.unreachable);
    let without = (unreachable > 0).then(|| {
        let text = format!(
            "No tickets can be sent to {} with neither email nor phone. Add one now, or on the guest list later.",
            counted(unreachable, "guest")
        );
        view! { <p class="muted">{text}</p> }
    });
    let verdict =
        if failed == 0 { "All rows are right".to_owned() } else { format!("{} to fix", counted(failed, "row")) };
    let ignored = found.ignored_columns.iter().map(|column| format!("“{column}”")).collect::<Vec<_>>().join(", ");
    let ignored = (!ignored.is_empty()).then(|| view! { <p class="muted">{format!("Not imported: {ignored}")}</p> });
    let heads = COLUMNS.iter().map(|(_, title)| view! { <th scope="col">{*title}</th> }).collect_view();
    let rest = (more > 0)
        .then(|| view! { <tr><td class="rest" colspan="8">{format!("{} more ready", counted(more, "row"))}</td></tr> });
    let label = match failed {
        0 => format!("Import {}", counted(ready, "guest")),
        _ => format!("Import {}, leave {} out", counted(ready, "guest"), counted(failed, "row")),
    };
    let busy = move || import.busy.get().then_some("true");
    // What was mended has to be checked before it is imported.
    let stale = move || import.mended.get();
    let again = move |_| {
        import.found.set(None);
        import.rows.set(Vec::new());
    };
    view! {
        <section class="datatable" aria-label="Guests to import">
            <div class="verdict">
                <div><h2>{format!("Check {} before importing", counted(total, "guest"))}</h2><span class="muted">{verdict}</span>{without}{ignored}</div>
                <progress class="split-bar" value=(ready + skipped).to_string() max=total.max(1).to_string() aria-label="Rows that are right"></progress>
                <div class="legend">
                    {badge(Tone::Success, format!("{ready} ready"))}
                    {(unreachable > 0).then(|| badge(Tone::Warning, format!("{unreachable} without email or phone")))}
                    {(skipped > 0).then(|| badge(Tone::Neutral, format!("{skipped} already guests, skipped")))}
                    {(failed > 0).then(|| badge(Tone::Danger, format!("{failed} to fix")))}
                </div>
            </div>
            <div class="sheet-scroll" role="region" tabindex="0" aria-label="Rows">
                <table class="table sheet">
                    <thead><tr><th scope="col" class="lineno">"Row"</th>{heads}<th scope="col">"Result"</th></tr></thead>
                    <tbody>{rows}{rest}</tbody>
                </table>
            </div>
            <div class="bulk on" role="group" aria-label="Import">
                <strong>{format!("{} for {}", counted(number(found.seats), "ticket"), counted(ready, "guest"))}</strong>
                <button class="btn small quiet push" type="button" on:click=again>"Start over"</button>
                <button class="btn small" type="button" hidden=move || !stale() aria-busy=busy on:click=move |_| import.check_again()>{Icon::REFRESH.svg()}"Check again"</button>
                <button class="btn small primary" type="button" disabled=move || stale() || ready == 0 aria-busy=busy on:click=move |_| import.import(go.clone())>{label}</button>
            </div>
        </section>
    }
    .into_any()
}

fn row_view(import: Import, row: &ImportCells, found: &ImportOutcome) -> AnyView {
    let faults: Vec<ImportRow> = found.errors.iter().filter(|error| error.row == row.row).cloned().collect();
    let skip = found.skipped_rows.iter().find(|skip| skip.row == row.row).map(|skip| skip.message.clone());
    let number = row.row;
    let cells = COLUMNS.iter().map(|(column, title)| {
        let text = cell(row, column).to_owned();
        match faults.iter().find(|fault| fault.column == *column) {
            Some(fault) => wrong_cell(import, number, column, title, text, fault.message.clone()),
            None => view! { <td data-label=*title><div><bdi>{text}</bdi></div></td> }.into_any(),
        }
    });
    let cells = cells.collect_view();
    let whole = faults
        .iter()
        .find(|fault| fault.column.is_empty())
        .map(|fault| view! { <small>{fault.message.clone()}</small> });
    let result = match (faults.len(), skip) {
        (0, None) if row.email.trim().is_empty() && row.phone.trim().is_empty() => {
            view! { {badge(Tone::Warning, "Ready")}<small>"No ticket is sent: neither email nor phone"</small> }
                .into_any()
        }
        (0, None) => badge(Tone::Success, "Ready"),
        (0, Some(why)) => view! { {badge(Tone::Neutral, "Skipped")}<small>{why}</small> }.into_any(),
        (count, _) => view! { {badge(Tone::Danger, counted(count, "error"))}{whole} }.into_any(),
    };
    let class = (!faults.is_empty()).then_some("bad");
    view! { <tr class=class><th scope="row" class="lineno">{number}</th>{cells}<td data-label="Result"><div>{result}</div></td></tr> }
        .into_any()
}

/// A cell that is wrong can be mended where it stands.
fn wrong_cell(
    import: Import,
    row: i64,
    column: &'static str,
    title: &'static str,
    text: String,
    message: String,
) -> AnyView {
    let id = format!("cell-{row}-{column}");
    let error = format!("{id}-error");
    let change = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        import.rows.update(|rows| {
            if let Some(found) = rows.iter_mut().find(|other| other.row == row) {
                set_cell(found, column, text);
            }
        });
        import.mended.set(true);
    };
    view! {
        <td class="wrong" data-label=title>
            <div>
                <input id=id type="text" value=text aria-label=format!("Row {row}, {}", title.to_lowercase()) aria-invalid="true" aria-describedby=error.clone() autocomplete="off" on:input=change/>
                <p class="error" id=error>{message}</p>
            </div>
        </td>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(row: i64, name: &str, email: &str) -> ImportCells {
        let nothing = String::new;
        let (name, email) = (name.to_owned(), email.to_owned());
        ImportCells { row, name, email, phone: nothing(), seats: nothing(), ticket_type: nothing(), note: nothing() }
    }

    #[test]
    fn rows_stay_on_their_lines() {
        let text = csv(&[row(2, "Asha \"A\" Rao", "a@x.test"), row(5, "Dev", "d@x.test")]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "Name,Email,Phone,Seats,Ticket type,Note");
        assert_eq!(lines[1], "\"Asha \"\"A\"\" Rao\",\"a@x.test\",\"\",\"\",\"\",\"\"");
        assert_eq!((lines[2], lines[3]), ("", ""));
        assert!(lines[4].starts_with("\"Dev\""), "{text}");
    }

    #[test]
    fn wrong_rows_come_first() {
        let fault = |row, message: &str| ImportRow { row, column: "email".to_owned(), message: message.to_owned() };
        let found = ImportOutcome {
            imported: 1,
            seats: 1,
            skipped: 1,
            failed: 1,
            unreachable: 0,
            skipped_rows: vec![fault(3, "is on the guest list already")],
            errors: vec![fault(4, "“x” is not an email address")],
            ignored_columns: Vec::new(),
            dry_run: true,
            rows: vec![row(2, "A", "a@x.test"), row(3, "B", "b@x.test"), row(4, "C", "x")],
        };
        assert_eq!(ordered(&found), (vec![2, 1, 0], 0));
    }
}
