//! Checking an exported proof, in the browser alone: nothing is sent, so it works without a network and whoever checks
//! need not trust the server.

use eventify::audit::operations::audit_chain;
use eventify::audit::proof::{self, Checked, Fault, Signed};
use leptos::ev::{Event, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FormData, HtmlFormElement, HtmlInputElement, HtmlTextAreaElement};

use crate::ui::{Facts, Icon, Loading, PageHead, Shell, TextArea, Tone, at, card, dom, loaded, note};

/// The page. The key of this installation comes with it.
pub fn verify() -> AnyView {
    let chain = Loading::new(|| (), |()| audit_chain());
    loaded(chain, |chain, _| page(chain.proof_key))
}

fn page(own_key: String) -> AnyView {
    let (shell, verdict) = (Shell::get(), RwSignal::new(None::<Result<Checked, String>>));
    let check = move |form: HtmlFormElement| {
        let own_key = own_key.clone();
        spawn_local(async move {
            let text = handed_in(&form).await;
            let _ = verdict.try_set(text.map(|text| proof::check(&text, &own_key)));
        });
    };
    let chosen = check.clone();
    let on_change = move |event: Event| {
        let field = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(form) = field.and_then(|field| field.form()) {
            emptied::<HtmlTextAreaElement>("proof-text", |text| text.set_value(""));
            chosen(form);
        }
    };
    // What was handed in last is what is checked.
    let on_paste = move |_| {
        emptied::<HtmlInputElement>("proof-file", |file| file.set_value(""));
        verdict.set(None);
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(form) = event.target().and_then(|target| target.dyn_into().ok()) {
            check(form);
        }
    };
    let form = view! {
        <form class="form" on:submit=on_submit>
            <div class="field">
                <label for="proof-file">"File"</label>
                <input id="proof-file" type="file" name="file" accept="application/json,.json" aria-describedby="proof-hint" on:change=on_change/>
                <p class="hint" id="proof-hint">"Choose the file, or drop it here. It is checked in this browser and sent nowhere."</p>
            </div>
            <div class="field" on:input=on_paste>
                <label for="proof-text">"Or paste what it says"</label>
                <TextArea attr:id="proof-text" attr:name="proof" attr:rows="4" attr:class="mono"/>
            </div>
            <div class="form-actions">
                <button class="btn primary" disabled=move || !shell.alive.get()>{Icon::CHECK.svg()}"Check proof"</button>
            </div>
        </form>
    };
    let crumbs = vec![("Audit log".to_owned(), "/audit".to_owned())];
    view! {
        <div class="page audit">
            <PageHead
                title="Check a proof"
                crumbs=crumbs
                subtitle="Check that an audit log export is unchanged. Works offline."
            />
            <div class="stack">
                {card("proof-file-card", "Exported proof", None, form)}
                <div aria-live="polite" class="stack">{move || verdict.get().map(answer)}</div>
            </div>
        </div>
    }
    .into_any()
}

/// Empties a field of the form.
fn emptied<T: JsCast>(id: &str, empty: impl Fn(&T)) {
    if let Some(field) = dom::by_id(id).and_then(|field| field.dyn_into::<T>().ok()) {
        empty(&field);
    }
}

/// What was chosen, else what was pasted; nothing where there is neither.
async fn handed_in(form: &HtmlFormElement) -> Option<String> {
    let data = FormData::new_with_form(form).ok()?;
    let file = data.get("file").dyn_into::<Blob>().ok().filter(|file| file.size() > 0.0);
    let pasted = data.get("proof").as_string().filter(|text| !text.trim().is_empty());
    match (pasted, file) {
        (Some(pasted), None) => Some(pasted),
        (_, Some(file)) => JsFuture::from(file.text()).await.ok()?.as_string(),
        (None, None) => None,
    }
}

fn answer(checked: Result<Checked, String>) -> AnyView {
    match checked {
        Err(why) => note(Tone::Danger, "This is not a proof", format!("The file can't be checked: {why}."), None),
        Ok(checked) if checked.faults.is_empty() => {
            let held = holds(&checked).into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
            view! { {note(Tone::Success, "This proof holds", view! { <ul>{held}</ul> }, None)}{facts(&checked)} }
                .into_any()
        }
        Ok(checked) => {
            let broken = checked.faults.iter().map(|fault| view! { <li>{told(fault)}</li> }).collect_view();
            view! { {note(Tone::Danger, "This proof does not hold", view! { <ul>{broken}</ul> }, None)}{facts(&checked)} }
                .into_any()
        }
    }
}

/// `Entry 12: the value of …`.
fn told(fault: &Fault) -> String {
    match fault.entry {
        Some(entry) => format!("Entry {entry}: {}.", fault.what),
        None => format!("{}.", fault.what),
    }
}

/// What is certain where nothing is wrong.
fn holds(checked: &Checked) -> Vec<String> {
    let entries = match checked.statement.entries.len() {
        0 => "No entry was exported.".to_owned(),
        1 => "The entry is as it was recorded.".to_owned(),
        n => format!("All {n} entries are as they were recorded."),
    };
    let whole = "Nothing was added, left out or moved since the export.".to_owned();
    let sealed = match checked.statement.blocks.len() {
        0 => None,
        1 => Some("They fit the seal of the audit log that holds them.".to_owned()),
        n => Some(format!("They fit the {n} seals of the audit log that hold them.")),
    };
    let signed = "The export was signed by this installation.".to_owned();
    let erased = match checked.erased {
        0 => None,
        1 => Some("One value was erased since. The proof holds without it.".to_owned()),
        n => Some(format!("{n} values were erased since. The proof holds without them.")),
    };
    [Some(entries), Some(whole), sealed, Some(signed), erased].into_iter().flatten().collect()
}

fn facts(checked: &Checked) -> AnyView {
    let statement = &checked.statement;
    let signed = match checked.signed {
        Signed::Here => "This installation",
        Signed::Elsewhere => "Another key",
        Signed::Nobody => "Nobody: the signature does not fit",
    };
    let span = checked.span.map(|(first, last)| match first == last {
        true => at(first),
        false => view! { {at(first)}" – "{at(last)} }.into_any(),
    });
    let seals = match (statement.blocks.first(), statement.blocks.last()) {
        (Some(first), Some(last)) if first.no != last.no => Some(format!("No. {} to {}", first.no, last.no)),
        (Some(only), _) => Some(format!("No. {}", only.no)),
        _ => None,
    };
    let facts = Facts::new()
        .add("Organisation", statement.organisation.clone())
        .add("Exported", at(statement.exported_at))
        .add("Entries", statement.entries.len().to_string())
        .maybe("Recorded", span)
        .maybe("Seal", seals)
        .add("Signed by", signed)
        .add("Key", view! { <code class="clip">{checked.key.clone()}</code> });
    card("proof-facts", "What the file says", None, facts.view())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_their_entry() {
        let fault = Fault { entry: Some(12), what: "it is there twice".to_owned() };
        assert_eq!(told(&fault), "Entry 12: it is there twice.");
        assert_eq!(told(&Fault { entry: None, ..fault }), "it is there twice.");
    }
}
