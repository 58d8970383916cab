//! Somebody else saved meanwhile: what was before, theirs and yours side by side, and a choice for each field.

use eventify_core::kernel::timestamp::Timestamp;
use leptos::prelude::*;
use serde_json::{Map, Value};
use wasm_bindgen::JsCast;

use super::FormState;
use super::data::{fill, values};
use crate::ui::detail::plain;
use crate::ui::own_name;
use crate::ui::{Icon, ago, dom, now};

struct Difference {
    name: &'static str,
    label: String,
    base: Value,
    theirs: Value,
    mine: Value,
}

impl Difference {
    /// Who changed it; where only one did, that is what shall hold unless somebody says otherwise.
    fn changed(&self) -> Changed {
        match (same(&self.base, &self.theirs), same(&self.base, &self.mine)) {
            (true, _) => Changed::Mine,
            (false, true) => Changed::Theirs,
            (false, false) => Changed::Both,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Changed {
    Mine,
    Theirs,
    Both,
}

/// The fields whose values differ from the record as it stands now.
fn differences(form: FormState, current: &Value) -> Vec<Difference> {
    form.fields.with_value(|fields| {
        let mine = values(&form.id(), fields);
        let of = |map: &Map<String, Value>, name: &str| map.get(name).cloned().unwrap_or(Value::Null);
        let one = |field: &super::FieldSpec| {
            let (name, label) = (field.name, field.label.clone());
            let theirs = current.get(name)?.clone();
            let base = form.base.with_value(|base| of(base, name));
            Some(Difference { name, label, base, theirs, mine: of(&mine, name) })
        };
        fields.iter().filter_map(one).filter(|row| !same(&row.theirs, &row.mine)).collect()
    })
}

/// Lists are sets here: their order says nothing. An empty field and nothing are the same.
fn same(one: &Value, other: &Value) -> bool {
    let plain = |value: &Value| match value {
        Value::Array(list) => {
            let mut texts: Vec<String> = list.iter().map(plain).collect();
            texts.sort();
            Value::from(texts)
        }
        Value::String(text) if text.is_empty() => Value::Null,
        // A field's value is text, whatever the record has.
        Value::Number(number) => Value::from(number.to_string()),
        other => other.clone(),
    };
    plain(one) == plain(other)
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
    let (close, own) = (move |_| form.conflict.set(None), own_name());
    let body = move || form.conflict.get().map(|current| choices(form, &current));
    view! {
        <dialog class="dialog wide" id=id aria-labelledby=named on:close=move |_| form.conflict.set(None)>
            <form method="dialog" on:submit=apply>
                <div class="dialog-head">
                    <div>
                        <h2 id=heading>{move || form.conflict.get().map(|current| title(&current, own.try_get_value().flatten().as_deref()))}</h2>
                        <p class="muted">"What only one of the two changed is already selected. Where both changed a field, choose which to keep."</p>
                    </div>
                    <button class="btn square quiet" type="button" aria-label="Close" on:click=close>{Icon::X.svg()}</button>
                </div>
                <div class="dialog-body">{body}</div>
                <div class="dialog-foot">
                    <button class="btn" type="button" autofocus on:click=close>"Back to editing"</button>
                    <button class="btn primary">"Save merged version"</button>
                </div>
            </form>
        </dialog>
    }
}

/// Who it was, where one may know, and how long ago, where the record says so.
fn title(current: &Value, own: Option<&str>) -> String {
    let who = match current["changed_by"].as_str() {
        Some(who) if Some(who) == own => "You saved changes in another tab".to_owned(),
        Some(who) => format!("{who} saved changes"),
        None => "Someone else saved changes".to_owned(),
    };
    let saved = current["updated_at"].as_str().and_then(|text| Timestamp::parse(text).ok());
    match saved {
        Some(saved) => format!("{who} {}", ago(saved, now())),
        None => format!("{who} while you were editing"),
    }
}

fn choices(form: FormState, current: &Value) -> AnyView {
    let rows = differences(form, current);
    if rows.is_empty() {
        return view! { <p>"The saved change does not affect these fields. Save again to keep yours."</p> }.into_any();
    }
    let rows = rows.into_iter().map(|row| {
        let (group, changed) = (format!("keep-{}", row.name), row.changed());
        let choice = |value: &'static str, shown: &Value, checked: bool| {
            view! {
                <label class="choice">
                    <input type="radio" name=group.clone() value=value checked=checked required=true/>
                    <span>{plain(shown)}</span>
                </label>
            }
        };
        let both = (changed == Changed::Both).then(|| view! { <small>"Changed in both"</small> });
        view! {
            <tr>
                <th scope="row">{row.label}{both}</th>
                <td data-label="Before"><span class="muted">{plain(&row.base)}</span></td>
                <td data-label="Saved">{choice("theirs", &row.theirs, changed == Changed::Theirs)}</td>
                <td data-label="Yours">{choice("yours", &row.mine, changed == Changed::Mine)}</td>
            </tr>
        }
    });
    view! {
        <table class="conflict">
            <thead>
                <tr>
                    <th scope="col">"Field"</th>
                    <th scope="col">"Before"</th>
                    <th scope="col">"Saved"</th>
                    <th scope="col">"Yours"<small>"not saved"</small></th>
                </tr>
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
    if let Value::Object(record) = current {
        form.base.update_value(|base| base.extend(record.clone()));
    }
    if let Some(version) = current.get("version") {
        form.extra.update_value(|extra| {
            extra.insert("version".to_owned(), version.clone());
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_changed_a_field_decides_what_is_chosen() {
        let row = |base: Value, theirs: Value, mine: Value| {
            Difference { name: "x", label: String::new(), base, theirs, mine }.changed()
        };
        assert_eq!(row(json!("a"), json!("a"), json!("b")), Changed::Mine);
        assert_eq!(row(json!(""), json!("b"), Value::Null), Changed::Theirs);
        assert_eq!(row(json!("a"), json!("b"), json!("c")), Changed::Both);
        assert_eq!(row(json!("30"), json!(30), json!("31")), Changed::Mine);
        assert_eq!(row(json!(["x", "y"]), json!(["y", "x"]), json!(["x"])), Changed::Mine);
    }

    #[test]
    fn what_one_saved_oneself_was_in_another_tab() {
        let by = |who: Value| title(&json!({ "changed_by": who }), Some("Asha Rao"));
        assert_eq!(by(json!("Asha Rao")), "You saved changes in another tab while you were editing");
        assert_eq!(by(json!("Meera Iyer")), "Meera Iyer saved changes while you were editing");
        assert_eq!(by(Value::Null), "Someone else saved changes while you were editing");
    }
}
