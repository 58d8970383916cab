//! The command palette: pages, actions and records from one line. Ctrl-K (⌘K) opens it. It finds people by phone and
//! tickets by their code, begins with what was opened lately, and acts: "cancel ticket 4EX8H-Q2KTV", "invite ana@…".

mod cancel;
mod entries;
mod typed;

use std::sync::Arc;
use std::time::Duration;

use eventify::Error;
use eventify::access::Me;
use eventify::kernel::page::Limit;
use eventify::kernel::permissions::Permission;
use eventify::search::operations::search;
use eventify::search::{Hit, SearchQuery, SearchText};
use eventify::tickets::operations::ticket_list;
use eventify::tickets::{Ticket, TicketFilter};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use self::entries::{Act, Entry};
use self::typed::Typed;
use crate::shortcuts;
use crate::theme::Chosen;
use crate::ui::recent::{self, Recent};
use crate::ui::{Icon, dom, use_go};

const DIALOG: &str = "palette";
const INPUT: &str = "palette-input";
/// Typing rests this long before the server is asked.
const PAUSE: Duration = Duration::from_millis(120);
/// So many letters may be a guest's name, or much of it.
const A_NAME: usize = 3;
/// So many tickets are shown.
const A_FEW: u32 = 5;

/// Does what an entry is for.
type Run = Arc<dyn Fn(Act) + Send + Sync>;

/// What is shown, by what was typed and what came back. The frame keeps it, for the dialog is made anew whenever the
/// account is asked for again, and somebody may be typing.
#[derive(Clone, Copy)]
pub struct Palette {
    /// Nothing is listed before it is open: every page carries the dialog, and few are asked for it.
    opened: RwSignal<bool>,
    text: RwSignal<String>,
    hits: RwSignal<Vec<Hit>>,
    tickets: RwSignal<Vec<Ticket>>,
    /// Why nothing came back.
    failed: RwSignal<Option<Error>>,
    chosen: RwSignal<usize>,
    recent: RwSignal<Vec<Recent>>,
    /// The ticket a dialog asks about.
    asked: cancel::Asked,
}

impl Palette {
    /// Closed, and empty.
    pub fn new() -> Self {
        Self {
            opened: RwSignal::new(false),
            text: RwSignal::new(String::new()),
            hits: RwSignal::new(Vec::new()),
            tickets: RwSignal::new(Vec::new()),
            failed: RwSignal::new(None),
            chosen: RwSignal::new(0),
            recent: RwSignal::new(Vec::new()),
            asked: RwSignal::new(None),
        }
    }

    fn open(self) {
        self.recent.set(recent::all());
        self.opened.set(true);
        dom::dialog(DIALOG, true);
        dom::focus(INPUT);
    }

    /// The button in the bar. Without script it is not shown.
    pub fn button(self) -> AnyView {
        view! {
            <button class="palette-open" type="button" aria-haspopup="dialog" on:click=move |_| self.open()>
                {Icon::SEARCH.svg()}<span>"Search or jump to…"</span><kbd>"Ctrl K"</kbd>
            </button>
        }
        .into_any()
    }

    /// Pages and acts that fit, then what was found.
    fn entries(self, me: &Me) -> Vec<Entry> {
        if !self.opened.get() {
            return Vec::new();
        }
        let places = entries::places(me);
        let typed = self.text.get();
        let meant = Typed::read(&typed);
        let words = typed.to_lowercase();
        let fits = |entry: &Entry| words.split_whitespace().all(|word| entry.title.to_lowercase().contains(word));
        let recent = if words.trim().is_empty() { entries::recents(self.recent.get()) } else { Vec::new() };
        let places = places.into_iter().filter(fits);
        let acts = self.recent.with(|recent| entries::named_acts(&meant, me, recent));
        let tickets =
            self.tickets.with(|found| entries::tickets(&meant, found, me.may_somewhere(Permission::TicketsManage)));
        let records = self.hits.with(|hits| entries::records(hits));
        // Whoever has an account is found as that first; a code or a number means the ticket.
        let (before, after) =
            if matches!(meant, Typed::Words(_)) { (Vec::new(), tickets) } else { (tickets, Vec::new()) };
        let found = before.into_iter().chain(places).chain(records).chain(after);
        recent.into_iter().chain(acts).chain(found).collect()
    }

    fn forget(self) {
        self.opened.set(false);
        self.text.set(String::new());
        self.hits.set(Vec::new());
        self.tickets.set(Vec::new());
    }

    /// Asks the server, unless more was typed meanwhile; an answer to an older question is dropped.
    fn ask(self, typed: String, reads_tickets: bool) {
        let still = move |typed: &str| self.text.try_get_untracked().is_some_and(|now| now == typed);
        if !still(&typed) {
            return;
        }
        let meant = Typed::read(&typed);
        let by_number = match &meant {
            Typed::Ticket { code, .. } => Some(code.clone()),
            Typed::Phone(number) => Some(number.clone()),
            // Guests are found by their names too, whether or not they have an account.
            Typed::Words(words) if words.chars().count() >= A_NAME => Some(words.clone()),
            Typed::Words(_) | Typed::Invite(_) => None,
        };
        if let Some(q) = by_number.filter(|_| reads_tickets).and_then(|text| SearchText::parse(&text).ok()) {
            let typed = typed.clone();
            spawn_local(async move {
                let filter = TicketFilter { q: Some(q), limit: Limit::try_from(A_FEW).ok(), ..TicketFilter::default() };
                match ticket_list(filter).await {
                    found if !still(&typed) => drop(found),
                    Ok(page) => self.tickets.set(page.items),
                    Err(error) => self.failed.set(Some(error)),
                }
            });
        }
        if let (Ok(q), false) = (SearchText::parse(&typed), matches!(meant, Typed::Ticket { .. })) {
            spawn_local(async move {
                match search(SearchQuery { q: Some(q) }).await {
                    found if !still(&typed) => drop(found),
                    Ok(hits) => self.hits.set(hits.items),
                    Err(error) => self.failed.set(Some(error)),
                }
            });
        }
    }
}

/// The dialog, for what this person may see.
pub fn palette(me: &Me, state: Palette) -> AnyView {
    let (whose, reads_tickets) = (me.clone(), me.may_somewhere(Permission::TicketsRead));
    let (text, chosen) = (state.text, state.chosen);
    let invites = me.may(Permission::StaffManage);
    let entries = Memo::new(move |_| state.entries(&whose));
    Effect::new(move |_| {
        let typed = text.get();
        chosen.set(0);
        state.tickets.set(Vec::new());
        state.failed.set(None);
        match typed.trim().is_empty() {
            true => state.hits.set(Vec::new()),
            false => set_timeout(move || state.ask(typed, reads_tickets), PAUSE),
        }
    });
    Effect::new(move |_| {
        dom::on_document("keydown", move |event| {
            let event: KeyboardEvent = event.unchecked_into();
            if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                state.open();
            }
        });
    });
    let (go, theme) = (use_go(), expect_context::<Chosen>());
    let act: Run = Arc::new(move |act: Act| {
        dom::dialog(DIALOG, false);
        match act {
            Act::Open(href) => go(&href),
            Act::Theme(chosen) => theme.set(chosen),
            Act::Keys => shortcuts::open(),
            Act::CancelTicket(ticket) => cancel::ask(state.asked, *ticket),
        }
    });
    let on_key = move |event: KeyboardEvent| {
        let count = entries.with(Vec::len);
        let step = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => count.saturating_sub(1),
            "Enter" => {
                event.prevent_default();
                if let Some(option) = dom::by_id(&format!("pal-{}", chosen.get_untracked())) {
                    option.click();
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        if count > 0 {
            chosen.update(|at| *at = (*at + step) % count);
            if let Some(option) = dom::by_id(&format!("pal-{}", chosen.get_untracked())) {
                option.scroll_into_view_with_bool(false);
            }
        }
    };
    let closed = move |_| {
        // It tells that it closed when it may be open again, and typed into.
        if !dom::matches(DIALOG, "[open]") {
            state.forget();
        }
    };
    view! {
        <dialog class="palette" id=DIALOG aria-label="Command palette" on:close=closed>
            <div class="palette-search">
                {Icon::SEARCH.svg()}
                <input
                    id=INPUT
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="pal-list"
                    aria-autocomplete="list"
                    aria-activedescendant=move || entries.with(|e| !e.is_empty()).then(|| format!("pal-{}", chosen.get()))
                    aria-label="Search pages, records and actions"
                    placeholder="Search pages, records, actions"
                    autocomplete="off"
                    prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))
                    on:keydown=on_key
                />
                <kbd>"Esc"</kbd>
            </div>
            <div class="palette-list" id="pal-list" role="listbox" aria-label="Results" tabindex="-1">
                {move || state.opened.get().then(|| list(&entries.get(), &text.get(), state.failed.with(Option::is_some), chosen, &act, invites))}
                {move || state.failed.get().map(|error| view! {
                    <p class="palette-none" role="status">"Couldn't search everything. "{error.message().to_owned()}</p>
                })}
            </div>
            <div class="palette-foot" aria-hidden="true">
                <span><kbd>"↑"</kbd>" "<kbd>"↓"</kbd>" navigate"</span>
                <span><kbd>"Enter"</kbd>" open"</span>
                <span><kbd>"Esc"</kbd>" close"</span>
                <span class="push"><kbd>"?"</kbd>" all keys"</span>
            </div>
        </dialog>
        {cancel::dialog(state.asked)}
    }
    .into_any()
}

fn list(entries: &[Entry], typed: &str, failed: bool, chosen: RwSignal<usize>, act: &Run, invites: bool) -> AnyView {
    let options = entries.iter().enumerate().map(|(at, entry)| {
        let first = at == 0 || entries[at - 1].group != entry.group;
        let group = first.then(|| view! { <div class="palette-group" role="presentation">{entry.group}</div> });
        let (icon, title, what, act) = (entry.icon, entry.title.clone(), entry.act.clone(), act.clone());
        let detail = (!entry.detail.is_empty()).then(|| view! { <small>{entry.detail.clone()}</small> });
        view! {
            {group}
            <div
                role="option"
                id=format!("pal-{at}")
                aria-selected=move || if chosen.get() == at { "true" } else { "false" }
                on:click=move |_| act(what.clone())
            >
                {icon.svg()}<span>{title}</span>{detail}
            </div>
        }
    });
    match entries.is_empty() {
        true if failed => ().into_any(),
        true => {
            let said = match typed.trim().to_lowercase().as_str() {
                "cancel" | "ticket" | "cancel ticket" => "Type the ticket's code too, such as 4EX8H-Q2KTV".to_owned(),
                "invite" if invites => "Type an email too, such as ana@example.com".to_owned(),
                invite if invite.starts_with("invite") || invite.starts_with("add") => {
                    "Guests are invited to an event: open it first, then ask here again".to_owned()
                }
                part if typed::is_part_of_code(part) => {
                    "A ticket is found by all 10 letters and digits of its code, such as 4EX8H-Q2KTV".to_owned()
                }
                _ => format!("No results for “{}”", typed.trim()),
            };
            view! { <p class="palette-none" role="status">{said}</p> }.into_any()
        }
        false => options.collect_view().into_any(),
    }
}
