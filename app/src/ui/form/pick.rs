//! Groups of checkboxes and radio buttons.

use leptos::prelude::*;

use super::data::FieldSpec;
use super::{FormState, Kind, Options};
use crate::ui::{Icon, dom};

/// Any number of choices, in titled groups; each group has a box for all of it.
#[component]
pub fn PickMany(
    /// The field of the operation's input: a list.
    name: &'static str,
    /// What is chosen.
    label: &'static str,
    /// Groups: title and choices.
    groups: Vec<(String, Options)>,
    /// The choices to begin with.
    #[prop(optional)]
    value: Vec<String>,
    /// Choices that cannot be changed by this person.
    #[prop(optional)]
    locked: Vec<String>,
    /// At least one must be chosen.
    #[prop(optional)]
    required: bool,
    /// Says below what differs from the choices to begin with.
    #[prop(optional)]
    compared: bool,
    /// The choices go by their labels alone; their values say nothing to people.
    #[prop(optional)]
    quiet: bool,
    /// Many groups, of which each opens in place and says how many of it are chosen.
    #[prop(optional)]
    folded: bool,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let difference = compared.then(|| changes(form, name, value.clone()));
    form.register(FieldSpec::new(name, label, Kind::List).required(required));
    let groups = groups.into_iter().enumerate().map(|(at, (title, options))| {
        let group = format!("{}-{at}", form.control(name));
        many(form, name, group, (title, options), &value, &locked, Shape { quiet, folded })
    });
    let groups = groups.collect_view();
    let id = form.control(name);
    let error = move || form.error(name).map(|text| view! { <p class="error">{Icon::ALERT.svg()}{text}</p> });
    view! { <div id=id tabindex="-1" role="group" aria-label=label class="stack">{error}<div class="grid-2">{groups}</div>{difference}</div> }
}

/// What would be added and removed, told as boxes are ticked.
fn changes(form: FormState, name: &'static str, before: Vec<String>) -> AnyView {
    let told = move || {
        form.touches.track();
        let now = form.dirty.get().then(|| super::data::chosen(&form.id(), name))?;
        let added: Vec<_> = now.iter().filter(|code| !before.contains(code)).cloned().collect();
        let removed: Vec<_> = before.iter().filter(|code| !now.contains(code)).cloned().collect();
        let list = |codes: Vec<String>, added: bool| {
            let one = |code: String| match added {
                true => view! { <ins>{code}</ins>" " }.into_any(),
                false => view! { <del>{code}</del>" " }.into_any(),
            };
            codes.into_iter().map(one).collect_view()
        };
        if added.is_empty() && removed.is_empty() {
            return None;
        }
        let head = format!("{} added, {} removed", added.len(), removed.len());
        let codes = view! { <p class="diff">{list(added, true)}{list(removed, false)}</p> };
        Some(crate::ui::note(crate::ui::Tone::Warning, &head, codes, None))
    };
    view! { <div role="status">{told}</div> }.into_any()
}

/// How a group looks.
#[derive(Clone, Copy)]
struct Shape {
    quiet: bool,
    folded: bool,
}

/// How many of a group are chosen, told as boxes are ticked.
fn count(form: FormState, name: &'static str, keys: Vec<String>, begun: usize) -> AnyView {
    let told = move || {
        form.touches.track();
        let chosen = match form.dirty.get() {
            true => super::data::chosen(&form.id(), name).iter().filter(|key| keys.contains(key)).count(),
            false => begun,
        };
        format!("{chosen} of {}", keys.len())
    };
    view! { <span class="muted">{told}</span> }.into_any()
}

fn many(
    form: FormState,
    name: &'static str,
    group: String,
    (title, options): (String, Options),
    value: &[String],
    locked: &[String],
    Shape { quiet, folded }: Shape,
) -> AnyView {
    // Those in sight: what may neither be chosen nor is, is not.
    let shown = options.iter().map(|(key, _)| key).filter(|key| !locked.contains(key) || value.contains(key));
    let keys: Vec<_> = shown.cloned().collect();
    let begun = keys.iter().filter(|key| value.contains(key)).count();
    let boxes = options.into_iter().filter_map(|(key, label)| {
        let checked = value.contains(&key);
        let told = (!quiet).then(|| view! { <small>{key.clone()}</small> });
        match (locked.contains(&key), checked) {
            // Not to be given by this person: nothing to see to.
            (true, false) => None,
            // Chosen for good: it goes along, and is told by a tick.
            (true, true) => Some(
                view! {
                    <p class="check fixed">{Icon::CHECK.svg()}<span>{label}{told}</span></p>
                    <input type="hidden" name=name value=key/>
                }
                .into_any(),
            ),
            (false, _) => Some(
                view! {
                    <label class="check">
                        <input type="checkbox" name=name value=key checked=checked/>
                        <span>{label}{told}</span>
                    </label>
                }
                .into_any(),
            ),
        }
    });
    let boxes: Vec<_> = boxes.collect();
    if boxes.is_empty() {
        return ().into_any();
    }
    let all = {
        let group = group.clone();
        move |event| {
            let on = event_target_checked(&event);
            let Some(fieldset) = dom::by_id(&group) else { return };
            let Ok(list) = fieldset.query_selector_all("input[type=checkbox][name]:not(:disabled)") else { return };
            for at in 0..list.length() {
                if let Some(input) = list.get(at) {
                    wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlInputElement>(input).set_checked(on);
                }
            }
            form.touched();
        }
    };
    // Of what goes by its name alone nobody wants all; of one there is no other all.
    let every = (!quiet && boxes.len() > 1).then(|| {
        let label = format!("Select all: {title}");
        view! {
            <label class="check">
                <input type="checkbox" aria-label=label on:change=all/>
                <span class="muted">"Select all"</span>
            </label>
        }
    });
    let class = if quiet { "columns" } else { "stack tight" };
    if folded {
        return view! {
            <div>
                <details class="group fold" id=group open={begun > 0}>
                    <summary>{title.clone()}" "{count(form, name, keys, begun)}</summary>
                    <div role="group" aria-label=title class=class>{every}{boxes}</div>
                </details>
            </div>
        }
        .into_any();
    }
    view! {
        // In a box of its own, so that its neighbour does not stretch it.
        <div>
            <fieldset class="group" id=group>
                <legend>{title}</legend>
                <div class=class>{every}{boxes}</div>
            </fieldset>
        </div>
    }
    .into_any()
}

/// The same choices by several ways: a row for each, a tick for each way.
#[component]
pub fn PickGrid(
    /// What the rows are.
    head: &'static str,
    /// The fields of the operation's input, each a list, with what they are called.
    ways: Vec<(&'static str, &'static str)>,
    /// Of each choice its value and label, and whether it is chosen by each way; nothing where that way is not offered.
    rows: Vec<(String, String, Vec<Option<bool>>)>,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    for (name, label) in &ways {
        form.register(FieldSpec::new(name, *label, Kind::List));
    }
    let told = |name: &'static str| {
        move || form.error(name).map(|text| view! { <p class="error">{Icon::ALERT.svg()}{text}</p> })
    };
    let errors = ways.iter().map(|(name, _)| told(name)).collect_view();
    let heads = ways.iter().map(|(name, label)| {
        view! { <th scope="col" id=form.control(name) tabindex="-1">{*label}</th> }
    });
    let heads = heads.collect_view();
    let rows = rows.into_iter().map(|(key, title, chosen)| {
        let cells = ways.iter().zip(chosen).map(|((name, label), chosen)| match chosen {
            Some(on) => {
                let said = format!("{title}: {label}");
                view! { <td><label class="tick"><input type="checkbox" name=*name value=key.clone() checked=on aria-label=said/></label></td> }
                    .into_any()
            }
            None => view! { <td class="muted">"–"</td> }.into_any(),
        });
        let cells = cells.collect_view();
        view! { <tr><th scope="row">{title}</th>{cells}</tr> }
    });
    let rows = rows.collect_view();
    view! {
        {errors}
        <table class="ticks">
            <thead><tr><th scope="col">{head}</th>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// More choices than this are too many for one column.
const MANY: usize = 6;

/// One of a few choices, all in sight; each with a line of help.
#[component]
pub fn PickOne(
    /// The field of the operation's input.
    name: &'static str,
    /// What is chosen.
    label: &'static str,
    /// Value, label and help of each choice.
    options: Vec<(String, String, String)>,
    /// The choice to begin with.
    #[prop(optional, into)]
    value: String,
    /// Of a choice, the parts of the form (`of-part`, `data-part`) that stand there with it.
    #[prop(optional)]
    parts: Vec<(String, &'static str)>,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    form.register(FieldSpec::new(name, label, Kind::Text).required(true).chosen());
    // Many choices stand in columns where there is room.
    let class = if options.len() > MANY { "choices" } else { "stack tight" };
    let radios = options.into_iter().map(|(key, title, help)| {
        let part = parts.iter().find(|(of, _)| *of == key).map(|(_, part)| *part);
        let checked = key == value;
        let help = (!help.is_empty()).then(|| view! { <small>{help}</small> });
        view! {
            <label class="check"><input type="radio" name=name value=key checked=checked data-part=part/><span>{title}{help}</span></label>
        }
    });
    let radios = radios.collect_view();
    let id = form.control(name);
    let error = move || form.error(name).map(|text| view! { <p class="error">{Icon::ALERT.svg()}{text}</p> });
    view! {
        <fieldset class="group" id=id tabindex="-1">
            <legend>{label}" "<span class="req" aria-hidden="true">"*"</span></legend>
            {error}
            <div class=class>{radios}</div>
        </fieldset>
    }
}
