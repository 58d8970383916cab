//! The command palette: pages, actions and records from one line. Ctrl-K (⌘K) opens it. It finds people by phone and
//! tickets by their code, begins with what was opened lately, and acts: "cancel ticket 4EX8H-Q2KTV", "invite ana@…".

mod cancel;
mod entries;
mod typed;

use std::sync::Arc;
use std::time::Duration;

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
/// So many tickets are shown.
const A_FEW: u32 = 5;

/// The button in the bar. Without script it is not shown.
pub fn palette_button() -> AnyView {
    view! {
        <button class="palette-open" type="button" aria-haspopup="dialog" on:click=|_| open()>
            {Icon::SEARCH.svg()}<span>"Search or jump to…"</span><kbd>"Ctrl K"</kbd>
        </button>
    }
    .into_any()
}

fn open() {
    dom::dialog(DIALOG, true);
    dom::focus(INPUT);
}

/// Does what an entry is for.
type Run = Arc<dyn Fn(Act) + Send + Sync>;

/// What is shown, by what was typed and what came back.
#[derive(Clone, Copy)]
struct State {
    /// Nothing is listed before it is open: every page carries the dialog, and few are asked for it.
    open: RwSignal<bool>,
    text: RwSignal<String>,
    hits: RwSignal<Vec<Hit>>,
    tickets: RwSignal<Vec<Ticket>>,
    chosen: RwSignal<usize>,
    recent: RwSignal<Vec<Recent>>,
    /// The ticket a dialog asks about.
    asked: cancel::Asked,
    /// Reads, and cancels, tickets somewhere.
    reads_tickets: bool,
    cancels_tickets: bool,
}

impl State {
    fn new(me: &Me) -> Self {
        Self {
            open: RwSignal::new(false),
            text: RwSignal::new(String::new()),
            hits: RwSignal::new(Vec::new()),
            tickets: RwSignal::new(Vec::new()),
            chosen: RwSignal::new(0),
            recent: RwSignal::new(Vec::new()),
            asked: RwSignal::new(None),
            reads_tickets: me.may_somewhere(Permission::TicketsRead),
            cancels_tickets: me.may_somewhere(Permission::TicketsManage),
        }
    }

    /// Pages and acts that fit, then what was found.
    fn entries(self, me: &Me) -> Vec<Entry> {
        if !self.open.get() {
            return Vec::new();
        }
        let places = entries::places(me);
        let typed = self.text.get();
        let meant = Typed::read(&typed);
        let words = typed.to_lowercase();
        let fits = |entry: &Entry| words.split_whitespace().all(|word| entry.title.to_lowercase().contains(word));
        let recent = if words.trim().is_empty() { entries::recents(self.recent.get()) } else { Vec::new() };
        let places = places.into_iter().filter(fits);
        let tickets = self.tickets.with(|found| entries::tickets(&meant, found, self.cancels_tickets));
        let records = self.hits.with(|hits| entries::records(hits));
        recent.into_iter().chain(entries::named_acts(&meant, me)).chain(tickets).chain(places).chain(records).collect()
    }

    fn begin(self) {
        self.recent.set(recent::all());
        self.open.set(true);
    }

    fn forget(self) {
        self.open.set(false);
        self.text.set(String::new());
        self.hits.set(Vec::new());
        self.tickets.set(Vec::new());
    }

    /// Asks the server, unless more was typed meanwhile; an answer to an older question is dropped.
    fn ask(self, typed: String) {
        let still = move |typed: &str| self.text.try_get_untracked().is_some_and(|now| now == typed);
        if !still(&typed) {
            return;
        }
        let meant = Typed::read(&typed);
        let by_number = match &meant {
            Typed::Ticket { code, .. } => Some(code.clone()),
            Typed::Phone(number) => Some(number.clone()),
            _ => None,
        };
        if let Some(q) = by_number.filter(|_| self.reads_tickets).and_then(|text| SearchText::parse(&text).ok()) {
            let typed = typed.clone();
            spawn_local(async move {
                let filter = TicketFilter { q: Some(q), limit: Limit::try_from(A_FEW).ok(), ..TicketFilter::default() };
                if let Ok(page) = ticket_list(filter).await
                    && still(&typed)
                {
                    self.tickets.set(page.items);
                }
            });
        }
        if let (Ok(q), false) = (SearchText::parse(&typed), matches!(meant, Typed::Ticket { .. })) {
            spawn_local(async move {
                if let Ok(hits) = search(SearchQuery { q: Some(q) }).await
                    && still(&typed)
                {
                    self.hits.set(hits.items);
                }
            });
        }
    }
}

/// The dialog, for what this person may see.
pub fn palette(me: &Me) -> AnyView {
    let (state, whose) = (State::new(me), me.clone());
    let (text, chosen) = (state.text, state.chosen);
    let invites = me.may(Permission::StaffManage);
    let entries = Memo::new(move |_| state.entries(&whose));
    Effect::new(move |_| {
        let typed = text.get();
        chosen.set(0);
        state.tickets.set(Vec::new());
        match typed.trim().is_empty() {
            true => state.hits.set(Vec::new()),
            false => set_timeout(move || state.ask(typed), PAUSE),
        }
    });
    Effect::new(move |_| {
        dom::on_document("keydown", |event| {
            let event: KeyboardEvent = event.unchecked_into();
            if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                open();
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
        state.forget();
        // It tells that it closed when it may already be open again.
        if dom::matches(DIALOG, "[open]") {
            state.begin();
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
                    on:focus=move |_| state.begin()
                    on:input=move |event| text.set(event_target_value(&event))
                    on:keydown=on_key
                />
                <kbd>"Esc"</kbd>
            </div>
            <div class="palette-list" id="pal-list" role="listbox" aria-label="Results" tabindex="-1">
                {move || state.open.get().then(|| list(&entries.get(), &text.get(), chosen, &act, invites))}
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

fn list(entries: &[Entry], typed: &str, chosen: RwSignal<usize>, act: &Run, invites: bool) -> AnyView {
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
        true => {
            let said = match typed.trim().to_lowercase().as_str() {
                "cancel" | "ticket" | "cancel ticket" => "Type the ticket's code too, such as 4EX8H-Q2KTV".to_owned(),
                "invite" if invites => "Type an email too, such as ana@example.com".to_owned(),
                "invite" => "Guests are invited from their event: open it, then Invitations".to_owned(),
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
