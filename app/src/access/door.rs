//! Signing in. Plain forms: they work before, and without, WASM.

use eventify::access::operations::me;
use eventify::kernel::error::title_of;
use leptos::prelude::*;

use crate::frame::around;
use crate::ui::{Branded, PRODUCT, brand};
use crate::ui::{DocumentTitle, Icon, Shell, ToastsView, Tone, eye, set_status};

/// The layout of everything outside the Command Center: one card, and the brand beside it.
pub fn auth(title: &str, lead: &str, body: AnyView) -> AnyView {
    let whose = Branded::now();
    let made_with = whose.is_named().then(|| view! { <small>{format!("Powered by {PRODUCT}")}</small> });
    view! {
        <DocumentTitle title=title/>
        <div class="auth">
            <main id="main">
                <div class="auth-card">
                    {brand()}
                    <header><h1>{title.to_owned()}</h1>{(!lead.is_empty()).then(|| view! { <p>{lead.to_owned()}</p> })}</header>
                    {body}
                </div>
            </main>
            <aside class="auth-brand" aria-label=whose.name>
                {brand()}
                <p>"Every seat, every gate, every cent."</p>
                <small>"The Command Center for people who run events"</small>
                {made_with}
            </aside>
        </div>
        <ToastsView/>
    }
    .into_any()
}

/// A parameter of the page's URL.
pub fn parameter(name: &'static str) -> String {
    crate::ui::parameter(name).unwrap_or_default()
}

/// What the redirect brought along: a failure (`?error=`) or a success (`?done=`).
pub fn outcome() -> Option<AnyView> {
    let (error, done) = (parameter("error"), parameter("done"));
    let (tone, text) = match (error.as_str(), done.as_str()) {
        ("", "") => return None,
        ("", "sent") => {
            (Tone::Success, "If there is an account with this address, a link is on its way. It works for an hour.")
        }
        ("", "reset") => (Tone::Success, "Your new password is set. Sign in with it."),
        ("", "accepted") => (Tone::Success, "Welcome aboard. Sign in with the password you just chose."),
        ("", "signed-out") => (Tone::Info, "You are signed out."),
        ("", _) => return None,
        (code, _) => (Tone::Danger, explained(code)),
    };
    let role = if tone == Tone::Danger { "alert" } else { "status" };
    Some(
        view! { <div class="note" data-tone=tone.as_str() role=role>{tone.icon().svg()}<div>{text}</div></div> }
            .into_any(),
    )
}

/// What a code word of the catalogue means to a person at the door.
pub fn explained(code: &str) -> &'static str {
    match code {
        "invalid_credentials" => "Wrong email or password.",
        "invalid_code" => {
            "That code isn't right. Type the one your authenticator app shows now, or a recovery code you have not used."
        }
        "account_locked" => {
            "Too many failed attempts. Wait 15 minutes, sign in on a device you have used before, or reset your password."
        }
        "session_expired" => "That took too long. Sign in again from the start.",
        "rate_limited" => "Too many attempts. Wait a moment.",
        "still_signed_in" => "You are still signed in: signing out did not work. Go back and try again.",
        "link_invalid" => "This link no longer works: it was used, replaced or has expired. Ask for a new one.",
        "invalid_input" => "Check the fields below. A password needs at least 12 characters that are hard to guess.",
        _ => title_of(code).unwrap_or("That did not work. Try again."),
    }
}

fn next_field() -> AnyView {
    view! { <input type="hidden" name="next" value=parameter("next")/> }.into_any()
}

/// Email and password.
pub fn sign_in() -> AnyView {
    let (shown, shell) = (RwSignal::new(false), Shell::get());
    let busy = RwSignal::new(false);
    let email = parameter("email");
    let again = !email.is_empty();
    let body = view! {
        <form class="form" method="post" action="/sign-in" on:submit=move |_| busy.set(true)>
            {outcome()}
            {next_field()}
            <div class="field">
                <label for="sign-in-email">"Email"</label>
                <input id="sign-in-email" name="email" type="email" required autocomplete="username" value=email autofocus=!again/>
            </div>
            <div class="field">
                <label for="sign-in-password">"Password"</label>
                <div class="affix">
                    <input
                        id="sign-in-password"
                        name="password"
                        type=move || if shown.get() { "text" } else { "password" }
                        required
                        autocomplete="current-password"
                        autofocus=again
                    />
                    {eye(shown, shell)}
                </div>
            </div>
            <button class="btn primary wide" aria-busy=move || busy.get().then_some("true")>"Sign in"</button>
        </form>
        <p class="auth-foot"><a href="/forgot-password">"Forgot your password?"</a></p>
    };
    auth("Sign in to Command Center", "", body.into_any())
}

/// The second factor.
pub fn sign_in_code() -> AnyView {
    let busy = RwSignal::new(false);
    let body = view! {
        <form class="form" method="post" action="/sign-in/code" on:submit=move |_| busy.set(true)>
            {outcome()}
            {next_field()}
            <div class="field">
                <label for="sign-in-code">"Code"</label>
                <input
                    class="otp"
                    id="sign-in-code"
                    name="code"
                    autocomplete="one-time-code"
                    required
                    maxlength="20"
                    autofocus
                    aria-describedby="sign-in-code-hint"
                />
                <p class="hint" id="sign-in-code-hint">
                    "Six digits from your authenticator app, or one of your recovery codes."
                </p>
            </div>
            <label class="check">
                <input type="checkbox" name="trust_device" value="on"/>
                <span>"Trust this device"<small>"It will not ask for a code for 30 days. Only on a device of your own"</small></span>
            </label>
            <button class="btn primary wide" aria-busy=move || busy.get().then_some("true")>"Continue"</button>
        </form>
        <p class="auth-foot"><a href="/sign-in">"Start again"</a></p>
    };
    auth("Second step", "Your account is protected by a second factor.", body.into_any())
}

/// No page has this address. Whoever is signed in keeps the menu.
pub fn not_found() -> AnyView {
    set_status(404);
    let known = Resource::new_blocking(|| (), |()| async { me().await.is_ok() });
    let page = async move {
        match known.await {
            true => around(|| view! { <div class="page">{missing("")}</div> }.into_any()),
            false => {
                view! { <div class="bare"><header>{brand()}</header><main id="main">{missing("Go to start page")}</main></div> }
                    .into_any()
            }
        }
    };
    Suspend::new(page).into_any()
}

/// What stands where a page would be; with the words of the only way on, where there is no menu.
fn missing(only_way: &'static str) -> AnyView {
    let ways = match only_way {
        "" => view! { <a class="btn primary" href="/">"Go to overview"</a> }.into_any(),
        words => view! { <a class="btn" href="/" rel="external">{words}</a> }.into_any(),
    };
    let hint = only_way.is_empty().then_some(" Use the menu or the search.");
    view! {
        <DocumentTitle title="Page not found"/>
        <div class="state full">
            {Icon::SEARCH.large()}
            <h1>"Page not found"</h1>
            <p>"It may have been removed, or the address is mistyped."{hint}</p>
            <div class="row">{ways}</div>
        </div>
    }
    .into_any()
}
