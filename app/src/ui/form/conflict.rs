//! Somebody else saved meanwhile: both versions side by side, and a choice for each field.

use leptos::prelude::*;
use serde_json::{Map, Value};
use wasm_bindgen::JsCast;

use super::FormState;
use super::data::{collect, fill};
use crate::ui::detail::plain;
use crate::ui::{Icon, dom};

struct Difference {
    name: &'static str,
    label: String,
    theirs: Value,
    mine: Value,
}

/// The fields whose values differ from the record as it stands now.
fn differences(form: FormState, current: &Value) -> Vec<Difference> {
    form.fields.with_value(|fields| {
        let mine: Map<String, Value> = collect(&form.id(), fields).unwrap_or_default();
        let differs = |name: &str| {
            let theirs = current.get(name)?.clone();
            let mine = mine.get(name).cloned().unwrap_or(Value::Null);
            (sorted(&theirs) != sorted(&mine)).then_some((theirs, mine))
        };
        let one = |(field, (theirs, mine)): (&super::FieldSpec, (Value, Value))| Difference {
            name: field.name,
            label: field.label.clone(),
            theirs,
            mine,
        };
        fields.iter().filter_map(|field| Some((field, differs(field.name)?))).map(one).collect()
    })
}

/// Lists are sets here: their order says nothing.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(list) => {
            let mut texts: Vec<String> = list.iter().map(plain).collect();
            texts.sort();
            Value::from(texts)
        }
        other => other.clone(),
    }
}

/// The dialog; closed until the form meets a conflict.
#[component]
pub(super) fn Conflict(form: FormState) -> impl IntoView {
    let id = format!("{}-conflict", form.id());
    let heading = format!("{id}-title");
    let named = heading.clone();
    Effect::new({
        let id = id.clone();
        move |_| dom::dialog(&id, form.conflict.with(Option::is_some))
    });
    let apply = {
        let id = id.clone();
        move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            let Some(current) = form.conflict.get_untracked() else { return };
            take_theirs(form, &id, &current);
            form.conflict.set(None);
            form.send();
        }
    };
    let close = move |_| form.conflict.set(None);
    let body = move || form.conflict.get().map(|current| choices(form, &current));
    view! {
        <dialog class="dialog wide" id=id aria-labelledby=named on:close=move |_| form.conflict.set(None)>
            <form method="dialog" on:submit=apply>
                <div class="dialog-head">
                    <div>
                        <h2 id=heading>"Somebody saved this while you were editing"</h2>
                        <p class="muted">"Choose for each field what shall hold."</p>
                    </div>
                    <button class="btn square quiet" type="button" aria-label="Close" on:click=close>{Icon::X.svg()}</button>
                </div>
                <div class="dialog-body">{body}</div>
                <div class="dialog-foot">
                    <button class="btn" type="button" autofocus on:click=close>"Back to editing"</button>
                    <button class="btn primary">"Save this mix"</button>
                </div>
            </form>
        </dialog>
    }
}

fn choices(form: FormState, current: &Value) -> AnyView {
    let rows = differences(form, current);
    if rows.is_empty() {
        return view! { <p>"Their change does not touch what you see here. Save again to keep yours."</p> }.into_any();
    }
    let rows = rows.into_iter().map(|row| {
        let group = format!("keep-{}", row.name);
        view! {
            <tr>
                <th scope="row">{row.label}</th>
                <td data-label="Theirs">
                    <label class="choice"><input type="radio" name=group.clone() value="theirs"/><span>{plain(&row.theirs)}</span></label>
                </td>
                <td data-label="Yours">
                    <label class="choice"><input type="radio" name=group value="yours" checked=true/><span>{plain(&row.mine)}</span></label>
                </td>
            </tr>
        }
    });
    view! {
        <table class="conflict">
            <thead>
                <tr><th scope="col">"Field"</th><th scope="col">"Theirs"</th><th scope="col">"Yours"<small>"not saved"</small></th></tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// Fills in what was chosen of theirs, and takes their version.
fn take_theirs(form: FormState, dialog: &str, current: &Value) {
    let theirs = |name: &str| {
        let selector = format!("input[name='keep-{name}'][value='theirs']");
        let radio = dom::by_id(dialog)?.query_selector(&selector).ok()??;
        radio.dyn_into::<web_sys::HtmlInputElement>().ok().map(|radio| radio.checked())
    };
    form.fields.with_value(|fields| {
        for field in fields.iter().filter(|field| theirs(field.name) == Some(true)) {
            fill(&form.id(), field, current.get(field.name).unwrap_or(&Value::Null));
        }
    });
    if let Some(version) = current.get("version") {
        form.extra.update_value(|extra| {
            extra.insert("version".to_owned(), version.clone());
        });
    }
}
