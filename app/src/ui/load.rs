//! Data of a page: waiting for it, and what is shown when it does not come.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use eventify_core::Error;
use eventify_core::access::Me;
use leptos::prelude::*;
use leptos::tachys::reactive_graph::OwnedView;
use leptos_router::hooks::use_location;

use super::loading::{Carried, Come, Loading, Written};
use super::{Clock, DocumentTitle, Icon, Pages, SessionGate, Tone, note, use_me};

/// How often a page that could not be loaded is asked for again.
const AGAIN: Duration = Duration::from_secs(10);

/// Sets the status of the answer, while the server renders.
pub fn set_status(_status: u16) {
    #[cfg(feature = "ssr")]
    if let (Some(response), Ok(status)) =
        (use_context::<leptos_axum::ResponseOptions>(), http::StatusCode::from_u16(_status))
    {
        response.set_status(status);
    }
}

/// Shows the data and who asks for it once both are there, a skeleton before, and the reason if they
/// do not come.
pub fn loaded<T: Carried>(data: Loading<T>, view: impl Fn(T, Me) -> AnyView + Send + Sync + 'static) -> AnyView {
    page_of(data.come(), Arc::new(move |come, me| Ok(view(come.read()?, me))))
}

fn page_of(
    data: Resource<Come, Written>,
    view: Arc<dyn Fn(Come, Me) -> Result<AnyView, Error> + Send + Sync>,
) -> AnyView {
    let (me, clock) = (use_me(), Clock::get());
    let page = Pages::there().at(&use_location().pathname.get_untracked());
    when_there(skeleton, move || {
        let view = view.clone();
        async move {
            let (me_now, data_now) = (me.await, data.await);
            if let Some(clock) = clock {
                clock.ready().await;
            }
            shown(move || {
                // What a page needs, it needs also where it has nothing to load.
                let refused = me_now.as_ref().ok().and_then(|me| page?.refusal(me));
                let made = refused.map_or_else(|| me_now.and_then(|me| view(data_now, me)), Err);
                made.unwrap_or_else(|error| {
                    failed_page(error, move || {
                        me.refetch();
                        data.refetch();
                    })
                })
            })
        }
    })
}

/// The same for pages that nobody is signed in to.
pub fn loaded_plain<T: Carried>(
    data: Loading<T>,
    view: impl Fn(Result<T, Error>) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView {
    when_there(skeleton, move || {
        let view = view.clone();
        async move {
            let data = data.await;
            shown(move || view(data))
        }
    })
}

/// Makes what is shown.
pub type Shown = Box<dyn FnOnce() -> AnyView + Send>;

/// What [`when_there`] shows at last.
pub fn shown(view: impl FnOnce() -> AnyView + Send + 'static) -> Shown {
    Box::new(view)
}

/// Shows something once it is there, and again whenever what it awaits comes anew; `meanwhile` before the first time.
/// What is on the page lives until the next stands in its place: whoever clicks or types meanwhile finds it at work.
pub fn when_there<F>(meanwhile: fn() -> AnyView, come: impl Fn() -> F + Send + Sync + 'static) -> AnyView
where
    F: Future<Output = Shown> + Send + 'static,
{
    awaited(meanwhile, Box::new(move || Box::pin(come())))
}

fn awaited(
    meanwhile: fn() -> AnyView,
    come: Box<dyn Fn() -> Pin<Box<dyn Future<Output = Shown> + Send>> + Send + Sync>,
) -> AnyView {
    let children = move || {
        // Not below the effect that comes here again: that one's are gone as soon as something is asked for anew.
        let around = Owner::current().unwrap_or_default();
        move || {
            let (around, coming) = (around.clone(), come());
            Suspend::new(async move {
                let shown = coming.await;
                around.child().with(|| OwnedView::new(shown()).into_any())
            })
        }
    };
    view! { <Transition fallback=meanwhile>{children()}</Transition> }.into_any()
}

/// Grey bars where a page will be.
pub fn skeleton() -> AnyView {
    view! {
        <div class="page">
            <section class="card" aria-busy="true" aria-label="Loading">
                <div class="card-body stack tight">
                    <span class="sk title"></span>
                    <span class="sk long"></span>
                    <span class="sk"></span>
                    <span class="sk block"></span>
                    <span class="sr">"Loading"</span>
                </div>
            </section>
        </div>
    }
    .into_any()
}

/// An empty card where a part of a page will be.
pub fn waiting_card() -> AnyView {
    view! { <div class="card" aria-busy="true"><span class="sr">"Loading"</span></div> }.into_any()
}

fn failed_page(error: Error, again: impl Fn() + Clone + Send + Sync + 'static) -> AnyView {
    set_status(if error.is_unreachable() { 503 } else { error.status() });
    if error.status() == 401
        && let Some(gate) = use_context::<SessionGate>()
    {
        // Once signed in again, the page comes by itself.
        let (again, before) = (again.clone(), gate.renewed.get_untracked());
        Effect::new(move |_| {
            if gate.renewed.get() != before {
                again();
            }
        });
    }
    if error.is_unreachable() {
        come_back(again.clone());
    }
    let retry =
        view! { <button class="btn" type="button" on:click=move |_| again()>{Icon::REFRESH.svg()}"Try again"</button> };
    view! { <div class="page">{failed(&error, Some(retry.into_any()))}</div> }.into_any()
}

/// Asks again as soon as the line is back, and now and then for a server that comes back.
fn come_back(again: impl Fn() + Clone + Send + Sync + 'static) {
    Effect::new(move |_| {
        let online = window_event_listener_untyped("online", {
            let again = again.clone();
            move |_| again()
        });
        let timer = set_interval_with_handle(again.clone(), AGAIN);
        on_cleanup(move || {
            online.remove();
            if let Ok(timer) = timer {
                timer.clear();
            }
        });
    });
}

/// What stands where a part of a page could not be loaded, while the rest of it could.
pub fn failed_part(error: &Error, again: impl Fn() + Send + Sync + 'static) -> AnyView {
    let retry = view! { <button class="btn small" type="button" on:click=move |_| again()>"Try again"</button> };
    note(Tone::Danger, "Couldn't load this part", error.message().to_owned(), Some(retry.into_any()))
}

/// The way to the list that this page's record would stand in.
fn list_around() -> Option<AnyView> {
    let path = use_location().pathname.get_untracked();
    let within = |list: &str| path.strip_prefix(list).is_some_and(|rest| rest.starts_with('/'));
    let list = Pages::there().0.iter().find(|page| page.in_menu && page.path != "/" && within(page.path))?;
    let label = format!("Go to {}", list.title);
    Some(view! { <a class="btn primary" href=list.path>{label}</a> }.into_any())
}

/// What is said, and the code of the permission at its end: `…the permission “See payments” (finance.read).`
fn without_code(message: &str) -> (String, Option<&str>) {
    let cut = message.strip_suffix(").").and_then(|message| message.rsplit_once(" ("));
    match cut {
        Some((said, code)) if code.contains('.') => (format!("{said}."), Some(code)),
        _ => (message.to_owned(), None),
    }
}

/// What a person is told when something cannot be shown; fills the page.
pub fn failed(error: &Error, retry: Option<AnyView>) -> AnyView {
    let home = || view! { <a class="btn" href="/">"Go to overview"</a> }.into_any();
    let (plain, code) = without_code(error.message());
    let (icon, tone, title, text, action) = match (error.status(), error.code()) {
        (_, "two_factor_required") => (
            Icon::SHIELD,
            "warning",
            "Set up a second factor first",
            "Your role requires two-factor sign-in. It takes a minute. Until then nothing else is available to you."
                .to_owned(),
            Some(view! { <a class="btn primary" href="/account/security">"Set it up"</a> }.into_any()),
        ),
        (_, "partner_suspended") => (
            Icon::LOCK,
            "warning",
            "Your partner is suspended",
            "You can see everything, but change nothing until it is active again.".to_owned(),
            Some(home()),
        ),
        (403, _) => (Icon::LOCK, "warning", "You don't have access", plain.clone(), Some(home())),
        (404, _) => (
            Icon::SEARCH,
            "neutral",
            "Not found",
            "It may have been removed, or the address is mistyped.".to_owned(),
            Some(view! { {list_around()}{home()} }.into_any()),
        ),
        (401, _) => (
            Icon::LOCK,
            "warning",
            "Your session has ended",
            "Sign in again to continue.".to_owned(),
            Some(view! { <a class="btn primary" href="/sign-in" rel="external">"Sign in"</a> }.into_any()),
        ),
        (0 | 502..=504, _) => (
            Icon::ALERT,
            "danger",
            "The server is not responding",
            "Check your connection. This page reloads as soon as the server responds.".to_owned(),
            retry,
        ),
        _ => (Icon::ALERT, "danger", "Couldn't load this page", error.message().to_owned(), retry),
    };
    let request = error.request_id().map(|id| view! { <p>"Request "<code>{id.to_owned()}</code></p> });
    let code = code.map(|code| view! { <p>"Permission "<code>{code.to_owned()}</code></p> });
    let reference = (request.is_some() || code.is_some())
        .then(|| view! { <details class="ref"><summary>"Details"</summary>{code}{request}</details> });
    view! {
        <DocumentTitle title=title/>
        <div class="state full" data-tone=tone role="alert">
            {icon.large()}
            <h1>{title}</h1>
            <p>{text}</p>
            {reference}
            <div class="row">{action}</div>
        </div>
    }
    .into_any()
}
