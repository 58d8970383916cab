//! What stands where there is nothing to show, and what is shown once.

use leptos::prelude::*;

use crate::ui::{Codes, Icon, Secret, Toasts, Tone, Upload, card, note, state};

pub fn secrets() -> AnyView {
    let toasts = Toasts::get();
    let kinds = vec![("pan".to_owned(), "Tax number".to_owned()), ("other".to_owned(), "Other".to_owned())];
    let codes = ["4F7K-92QD", "XB3M-T8WE", "P0RL-55AZ", "9HCV-J2NU", "D6YS-W1GK", "QE8T-3MXF"];
    let upload = view! {
        <Upload
            action="/gallery"
            accept="application/pdf"
            hint="A PDF of at most 20 MiB. The gallery takes none, so this shows a failure."
            choice=("type", "Document type", kinds)
            done=move || toasts.done("Uploaded")
        />
    };
    let once = "We keep a fingerprint of it, not the key.";
    view! {
        {note(Tone::Warning, "Copy the key now: it is shown only once", once, None)}
        <Secret text="evk_gallery_this_is_no_key_at_all"/>
        <Codes codes=codes.map(str::to_owned).to_vec()/>
        {card("gallery-upload", "Upload", None, upload)}
    }
    .into_any()
}

pub fn states() -> AnyView {
    let link = |text: &'static str| view! { <a class="btn" href="/gallery">{text}</a> }.into_any();
    let text = "They appear here as soon as the first order is paid.";
    let empty = state(Icon::TICKET, "No tickets yet", text, Some(link("Issue tickets")));
    let missing = "It may have been removed, or the address is mistyped.";
    let missing = state(Icon::SEARCH, "There is no such event", missing, Some(link("All events")));
    let forbidden = view! {
        <div class="state" data-tone="warning">
            {Icon::LOCK.large()}
            <h3>"You don't have access"</h3>
            <p>"It takes the permission "<code>"payouts.read"</code>"."</p>
        </div>
    };
    let failed = view! {
        <div class="state" data-tone="danger">
            {Icon::ALERT.large()}
            <h3>"This could not be loaded"</h3>
            <p>"The server answered with an error. It has been logged."</p>
            <p class="ref">"Request "<code>"0199-7c2e-41d0"</code></p>
            <div class="row"><button class="btn" type="button">{Icon::REFRESH.svg()}"Try again"</button></div>
        </div>
    };
    view! {
        <div class="grid-2">
            {card("gallery-empty", "Empty", None, empty)}
            {card("gallery-failed", "Failed", None, failed)}
            {card("gallery-forbidden", "Forbidden", None, forbidden)}
            {card("gallery-missing", "Not found", None, missing)}
        </div>
    }
    .into_any()
}

pub fn skeletons() -> AnyView {
    view! {
        <section class="card" aria-busy="true" aria-label="Loading">
            <div class="card-body stack tight">
                <span class="sk title"></span>
                <span class="sk long"></span>
                <span class="sk"></span>
                <span class="sk short"></span>
                <span class="sk block"></span>
                <span class="sr">"Loading"</span>
            </div>
        </section>
    }
    .into_any()
}
