//! The Command Center's frame: bar, menu, banners, and the page inside.

use eventify::access::Me;
use eventify::access::operations::me;
use eventify::kernel::text::counted;
use eventify::overview::Waiting;
use eventify::overview::operations::overview_waiting;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;

use crate::notifications::bell;
use crate::palette::{Palette, palette};
use crate::shortcuts;
use crate::theme::{Chosen, ThemeMenu};
use crate::ui::{
    Branded, Clock, Icon, Loading, PRODUCT, Pages, SessionDialog, SessionGate, Shell, Shown, ToastsView, brand, dom,
    live, provide_me, recent, shown, when_there,
};

/// What waits for somebody: counted again on every page.
#[derive(Clone, Copy)]
struct WaitingContext(Loading<Waiting>);

/// What waits for the caller.
pub fn use_waiting() -> Loading<Waiting> {
    expect_context::<WaitingContext>().0
}

/// What the counts of the menu are counted again by.
const COUNTED: &[&str] = &[
    "event_request.changed",
    "event.status_changed",
    "partner.document_*",
    "dispute.*",
    "finance_open",
    "privacy_requests",
    "jobs",
];

/// Bar, menu and page.
pub fn frame() -> AnyView {
    around(|| view! { <Outlet/> }.into_any())
}

/// What is there for whoever is signed in.
fn of_me<F>(me: Loading<Me>, show: impl Fn(Me) -> F + Copy + Send + Sync + 'static) -> AnyView
where
    F: Future<Output = Shown> + Send + 'static,
{
    when_there(
        || ().into_any(),
        move || async move {
            match me.await {
                Ok(me) => show(me).await,
                Err(_) => shown(|| ().into_any()),
            }
        },
    )
}

/// Bar and menu around this. What stands in it finds the caller's account in the context.
pub fn around(page: impl FnOnce() -> AnyView) -> AnyView {
    let me = Loading::new(|| (), |()| me());
    provide_me(me);
    Clock::provide(me);
    Chosen::provide();
    let gate = expect_context::<SessionGate>();
    let path = use_location().pathname;
    let waiting = Loading::new(move || path.get(), |_| overview_waiting());
    provide_context(WaitingContext(waiting));
    live::follow(COUNTED, move || waiting.refetch());
    let (page, typed) = (page(), Palette::new());
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            arrived();
        }
        now
    });
    let skip = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        dom::focus("main");
    };
    view! {
        <a class="skip" href="#main" on:click=skip>"Skip to content"</a>
        <div class="app">
            <header class="bar">
                <button class="btn square quiet bar-menu" type="button" popovertarget="rail" aria-label="Menu">
                    {Icon::MENU.svg()}
                </button>
                {brand()}
                {typed.button()}
                <span class="push"></span>
                {of_me(me, move |me| async move {
                    let waits = waiting.await.unwrap_or_default();
                    shown(move || bell(&me, &waits, move || waiting.refetch()))
                })}
                <ThemeMenu/>
                {of_me(me, move |me| async move { shown(move || person(&me, gate)) })}
            </header>
            <nav class="rail" id="rail" popover aria-label="Main" on:toggle=|_| show_here()>
                <button
                    class="btn square quiet rail-close"
                    type="button"
                    popovertarget="rail"
                    popovertargetaction="hide"
                    aria-label="Close menu"
                >
                    {Icon::X.svg()}
                </button>
                {of_me(me, move |me| async move {
                    let waits = waiting.await.unwrap_or_default();
                    shown(move || menu(&me, waits, path))
                })}
            </nav>
            <main id="main" tabindex="-1">
                <Banners/>
                {page}
            </main>
            <ToastsView/>
        </div>
        {of_me(me, move |me| async move { shown(move || palette(&me, typed)) })}
        {shortcuts::sheet()}
        <SessionDialog/>
    }
    .into_any()
}

/// On another page: the drawer closes and reading starts at the top of it.
fn arrived() {
    if dom::matches("rail", ":popover-open")
        && let Some(rail) = dom::by_id("rail")
    {
        dom::call(&rail, "hidePopover");
    }
    dom::focus("main");
}

fn person(me: &Me, gate: SessionGate) -> AnyView {
    gate.belongs_to(&me.email);
    let initials: String = me.full_name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect();
    let name = me.full_name.clone();
    view! {
        <details class="menu" name="bar">
            <summary class="btn quiet">
                <span class="avatar" aria-hidden="true">{initials.to_uppercase()}</span>
                <span class="user-name">{name.clone()}</span>
                <span class="sr">"Your account"</span>
            </summary>
            <div class="menu-panel">
                <div class="menu-head"><strong>{name}</strong><span class="muted">{me.email.clone()}</span></div>
                <ul role="list">
                    <li><a href="/account">{Icon::USER.svg()}"Your account"</a></li>
                    <li><a href="/account/security">{Icon::SHIELD.svg()}"Security"</a></li>
                    <li><a href="/api/docs" rel="external">{Icon::EXTERNAL.svg()}"API documentation"</a></li>
                    <li class="scripted">
                        <button type="button" on:click=|_| shortcuts::open()>{Icon::KEYBOARD.svg()}"Keyboard shortcuts"<kbd>"?"</kbd></button>
                    </li>
                    <li class="sep">
                        <form method="post" action="/sign-out" on:submit=|_| recent::forget()><button>{Icon::LOGOUT.svg()}"Sign out"</button></form>
                    </li>
                </ul>
            </div>
        </details>
    }
    .into_any()
}

/// The pages this person may open, in their sections.
fn menu(me: &Me, waiting: Waiting, path: Memo<String>) -> AnyView {
    let mut groups: Vec<(&'static str, Vec<AnyView>)> = Vec::new();
    for page in Pages::there().0.iter().filter(|page| page.in_menu && page.refusal(me).is_none()) {
        let here = move || {
            let path = path.get();
            let inside = path.strip_prefix(page.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            (path == page.path || page.path != "/" && inside).then_some("page")
        };
        let link = view! { <li><a href=page.path aria-current=here>{page.icon.svg()}{page.title}{count(page.path, &waiting)}</a></li> }.into_any();
        match groups.last_mut() {
            Some((group, links)) if *group == page.group => links.push(link),
            _ => groups.push((page.group, vec![link])),
        }
    }
    let groups = groups.into_iter().map(|(title, links)| {
        let heading = (!title.is_empty()).then(|| view! { <h2>{title}</h2> });
        view! { {heading}<ul>{links}</ul> }
    });
    let groups = groups.collect_view();
    Effect::new(move |_| {
        path.track();
        request_animation_frame(show_here);
    });
    let made_with = if Branded::now().is_named() { "Powered by " } else { "" };
    view! { {groups}<p class="rail-foot">{made_with}{PRODUCT}" "{env!("CARGO_PKG_VERSION")}</p> }.into_any()
}

/// Scrolls the menu, where it is longer than the screen, to the entry of the page that is open.
fn show_here() {
    let Some(rail) = dom::by_id("rail") else { return };
    let here = rail.query_selector("[aria-current]").ok().flatten();
    let Some(here) = here.and_then(|here| here.dyn_into::<web_sys::HtmlElement>().ok()) else { return };
    let (top, height) = (here.offset_top(), rail.client_height());
    // What fades at its foot does not count as seen.
    let seen = rail.scroll_top()..rail.scroll_top() + height - 3 * here.offset_height();
    if !seen.contains(&top) {
        rail.set_scroll_top(top - height / 2);
    }
}

/// How much waits behind an entry of the menu, and what it is.
fn count(path: &str, waiting: &Waiting) -> Option<AnyView> {
    let (count, what) = match path {
        "/events" => (waiting.requests, "to answer"),
        "/kyc" => (waiting.documents, "to review"),
        "/disputes" => (waiting.disputes_due, "due within a day or overdue"),
        "/payouts" => (waiting.payout_batches, "to approve"),
        "/fraud-signals" => (waiting.fraud_signals, "to review"),
        "/reconciliation" => (waiting.exceptions, "to resolve"),
        "/privacy" => (waiting.privacy_requests, "open"),
        "/jobs" => (waiting.failed_jobs, "failed"),
        _ => return None,
    };
    let count = count.filter(|count| *count > 0)?;
    // What is counted is not what the entry is called.
    let shown = if path == "/events" { counted(count, "request") } else { count.to_string() };
    let title = format!("{shown} {what}");
    Some(
        view! { " "<span class="count" title=title>{shown}<span class="sr">{format!(" {what}")}</span></span> }
            .into_any(),
    )
}

/// Says when what is on the screen may be old.
#[component]
fn Banners() -> impl IntoView {
    let shell = Shell::get();
    let again = move |_| {
        shell.unreachable.set(false);
        let _ = window().location().reload();
    };
    let banner = move || match (shell.offline.get(), shell.unreachable.get()) {
        (true, _) => Some(("warning", "You are offline.", " This page may be out of date. What you typed is kept.")),
        (false, true) => Some(("danger", "The server is not responding.", " Your changes are kept on this page.")),
        (false, false) => None,
    };
    let shown = move || {
        banner().map(|(tone, title, text)| {
            view! {
                <div class="banner top" data-tone=tone>
                    {Icon::ALERT.svg()}
                    <span><strong>{title}</strong>{text}</span>
                    <button class="btn small" type="button" on:click=again>"Try again"</button>
                </div>
            }
        })
    };
    view! { <div role="status">{shown}</div> }
}
