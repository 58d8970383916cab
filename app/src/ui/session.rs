//! The session ended while somebody was at work: sign in again in place, then repeat what was refused.

use std::sync::Arc;

use eventify_core::Error;
use eventify_core::access::operations::{login, login_totp};
use eventify_core::access::{LoginInput, SecondFactorInput, SessionKind};
use eventify_core::kernel::text::{Email, Secret};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Icon, Toasts, dom};

type Retry = Arc<dyn Fn() + Send + Sync>;

/// Opens the dialog; from context.
#[derive(Clone, Copy)]
pub struct SessionGate {
    open: RwSignal<bool>,
    retry: StoredValue<Option<Retry>>,
    /// Who was signed in.
    email: StoredValue<String>,
    /// Counts how often somebody signed in again.
    pub renewed: RwSignal<u32>,
}

impl SessionGate {
    /// A closed one.
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            retry: StoredValue::new(None),
            email: StoredValue::new(String::new()),
            renewed: RwSignal::new(0),
        }
    }
    /// Remembers who is signed in, to ask for the password alone.
    pub fn belongs_to(self, email: &str) {
        self.email.set_value(email.to_owned());
    }
    /// Asks to sign in again.
    pub fn ask(self) {
        let _ = self.open.try_set(true);
    }
    /// Asks to sign in again, then does this.
    pub fn ask_and(self, retry: impl Fn() + Send + Sync + 'static) {
        self.retry.set_value(Some(Arc::new(retry)));
        self.ask();
    }
    fn passed(self) {
        self.open.set(false);
        self.renewed.update(|n| *n += 1);
        if let Some(retry) = self.retry.try_update_value(Option::take).flatten() {
            retry();
        }
    }
}

impl Default for SessionGate {
    fn default() -> Self {
        Self::new()
    }
}

const DIALOG: &str = "session-dialog";

/// The dialog of the [`SessionGate`]; one in the Command Center's frame.
#[component]
pub fn SessionDialog() -> impl IntoView {
    let (gate, toasts) = (expect_context::<SessionGate>(), Toasts::get());
    let (challenge, failure, busy) =
        (RwSignal::new(None::<String>), RwSignal::new(None::<Error>), RwSignal::new(false));
    Effect::new(move |_| dom::dialog(DIALOG, gate.open.get()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let typed = dom::by_id("session-secret").map(|input| {
            let input: web_sys::HtmlInputElement = wasm_bindgen::JsCast::unchecked_into(input);
            let typed = input.value();
            input.set_value("");
            typed
        });
        let (secret, email) = (Secret::new(typed.unwrap_or_default()), gate.email.get_value());
        busy.set(true);
        spawn_local(async move {
            let answer = step(email, challenge.get_untracked(), secret).await;
            busy.set(false);
            match answer {
                Ok(None) => {
                    challenge.set(None);
                    failure.set(None);
                    toasts.done("Signed in again");
                    gate.passed();
                }
                Ok(Some(next)) => {
                    failure.set(None);
                    challenge.set(Some(next));
                    dom::focus("session-secret");
                }
                Err(error) => failure.set(Some(error)),
            }
        });
    };
    let in_code = move || challenge.with(Option::is_some);
    view! {
        <dialog class="dialog" id=DIALOG aria-labelledby="session-title" on:close=move |_| gate.open.set(false)>
            <form class="session" method="dialog" on:submit=submit>
                <div class="dialog-head"><h2 id="session-title">"Your session has ended"</h2></div>
                <div class="dialog-body">
                    <p class="muted">"Sign in again. What you typed on this page is kept."</p>
                    {move || failure.get().map(|error| view! {
                        <div class="note" data-tone="danger" role="alert">
                            {Icon::ALERT.svg()}<div>{error.message().to_owned()}</div>
                        </div>
                    })}
                    <div class="field">
                        <label for="session-secret">
                            {move || if in_code() { "Code from your authenticator app" } else { "Password" }}
                        </label>
                        <input
                            id="session-secret"
                            type=move || if in_code() { "text" } else { "password" }
                            inputmode=move || in_code().then_some("numeric")
                            autocomplete=move || if in_code() { "one-time-code" } else { "current-password" }
                            required
                            autofocus
                        />
                    </div>
                </div>
                <div class="dialog-foot">
                    <a class="btn quiet" href="/sign-in" rel="external">"Leave without saving"</a>
                    <button class="btn primary" aria-busy=move || busy.get().then_some("true")>"Sign in and continue"</button>
                </div>
            </form>
        </dialog>
    }
}

/// One step of signing in; answers the challenge for the next, if there is one.
async fn step(email: String, challenge: Option<String>, secret: Secret) -> Result<Option<String>, Error> {
    let session = SessionKind::Cookie;
    let answer = match challenge {
        None => {
            let email = Email::parse(&email).map_err(|_| eventify_core::kernel::error::session_expired())?;
            login(LoginInput { email, password: secret, session }).await?
        }
        Some(challenge) => {
            login_totp(SecondFactorInput { challenge, code: secret, session, trust_device: false }).await?
        }
    };
    Ok(answer.challenge.filter(|_| answer.mfa_required))
}
