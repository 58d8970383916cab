//! Short messages that come and go at the page's edge.

use std::time::Duration;

use eventify_core::Error;
use leptos::prelude::*;

use super::{Icon, dom};

/// What kind of message, badge or note this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Tone {
    Neutral,
    Info,
    Success,
    Warning,
    Danger,
}

impl Tone {
    /// The word in `data-tone`.
    pub fn as_str(self) -> &'static str {
        match self {
            Tone::Neutral => "neutral",
            Tone::Info => "info",
            Tone::Success => "success",
            Tone::Warning => "warning",
            Tone::Danger => "danger",
        }
    }
    /// The icon that goes with it.
    pub fn icon(self) -> Icon {
        match self {
            Tone::Neutral | Tone::Info => Icon::INFO,
            Tone::Success => Icon::CHECK,
            Tone::Warning | Tone::Danger => Icon::ALERT,
        }
    }
}

#[derive(Clone, PartialEq)]
struct Toast {
    id: u32,
    tone: Tone,
    title: String,
    detail: String,
}

/// How long a message stays; errors stay until closed.
const STAY: Duration = Duration::from_secs(6);

/// Where to put messages; from context.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl Toasts {
    /// Creates the list.
    pub fn provide() {
        provide_context(Self { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) });
    }
    /// The list.
    pub fn get() -> Self {
        expect_context()
    }
    /// Says that something worked.
    pub fn done(self, title: impl Into<String>) {
        self.push(Tone::Success, title.into(), String::new());
    }
    /// Says that something did not work, and why; once, however often it is tried. When it works, [`settled`](Self::settled).
    pub fn failed(self, title: &str, error: &Error) {
        self.settled(title);
        self.push(Tone::Danger, title.to_owned(), error.message().to_owned());
    }
    /// What had failed under this title has worked now: the complaint goes.
    pub fn settled(self, title: &str) {
        let _ = self.list.try_update(|list| list.retain(|toast| toast.tone != Tone::Danger || toast.title != title));
    }
    /// Shows a message.
    pub fn push(self, tone: Tone, title: String, detail: String) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.list.update(|list| list.push(Toast { id, tone, title, detail }));
        if tone != Tone::Danger {
            self.leave_later(id);
        }
    }
    /// Waits on while somebody reads or is about to press the button.
    fn leave_later(self, id: u32) {
        set_timeout(
            move || match dom::matches(&format!("toast-{id}"), ":hover, :focus-within") {
                true => self.leave_later(id),
                false => self.close(id),
            },
            STAY,
        );
    }
    fn close(self, id: u32) {
        let _ = self.list.try_update(|list| list.retain(|toast| toast.id != id));
    }
}

/// Shows the messages; one for each layout.
#[component]
pub fn ToastsView() -> impl IntoView {
    let toasts = Toasts::get();
    let row = move |toast: Toast| {
        let id = toast.id;
        let detail = (!toast.detail.is_empty()).then(|| view! { <br/>{toast.detail.clone()} });
        view! {
            <div class="toast" id=format!("toast-{id}") data-tone=toast.tone.as_str()>
                {toast.tone.icon().svg()}
                <div><strong>{toast.title.clone()}</strong>{detail}</div>
                <button class="btn square quiet small" type="button" aria-label="Close" on:click=move |_| toasts.close(id)>
                    {Icon::X.svg()}
                </button>
            </div>
        }
    };
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.list.get() key=|toast| toast.id children=row/>
        </div>
    }
}
