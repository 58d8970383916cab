//! The fields of a form. Each tells the form its name, kind and rule, and shows its own errors.

use leptos::prelude::*;

use super::data::{self, FieldSpec};
use super::words::Ask;
use super::{Check, FormState, Kind};
use crate::ui::{Icon, Shell, TextArea};

/// Value and label of each choice.
pub type Options = Vec<(String, String)>;

/// Ids of the hint and the error, for `aria-describedby`.
pub(super) fn described(
    form: FormState,
    name: &'static str,
    hint: bool,
) -> impl Fn() -> Option<String> + Clone + Send + 'static {
    let id = form.control(name);
    move || {
        let error = form.error(name).map(|_| format!("{id}-error"));
        let hint = hint.then(|| format!("{id}-hint"));
        let ids: Vec<String> = hint.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// Label, control, error and hint.
pub(super) fn wrap(
    form: FormState,
    name: &'static str,
    label: String,
    required: bool,
    hint: Option<&'static str>,
    control: AnyView,
) -> AnyView {
    let id = form.control(name);
    let (error_id, hint_id) = (format!("{id}-error"), format!("{id}-hint"));
    let mark = required.then(|| view! { " "<span class="req" aria-hidden="true">"*"</span> });
    let error = move || {
        let id = error_id.clone();
        form.error(name).map(|text| view! { <p class="error" id=id>{Icon::ALERT.svg()}{text}</p> })
    };
    view! {
        <div class="field">
            <label for=id>{label}{mark}</label>
            {control}
            {error}
            {hint.map(|text| view! { <p class="hint" id=hint_id>{text}</p> })}
        </div>
    }
    .into_any()
}

/// A line of text, or whatever `kind` of input.
#[component]
pub fn Field(
    /// The field of the operation's input.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// The type's own rule: `rule::<Email>`.
    #[prop(optional)]
    check: Option<Check>,
    /// Must be filled in.
    #[prop(optional)]
    required: bool,
    /// Emptying it means something, so it is sent even when empty.
    #[prop(optional)]
    emptyable: bool,
    /// The value to begin with.
    #[prop(optional, into)]
    value: String,
    /// A line of help.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Classes of the control.
    #[prop(optional)]
    class: &'static str,
    /// Not required where this other field is filled; no star then.
    #[prop(optional)]
    unless: Option<&'static str>,
    /// Must be later than this other field, called so in a sentence.
    #[prop(optional)]
    after: Option<(&'static str, &'static str)>,
    /// Says what is odd about what was typed, though it may be sent.
    #[prop(optional)]
    warns: Option<Callback<String, Option<String>>>,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let as_json = match kind {
        "datetime-local" => Kind::Time,
        "number" => Kind::Number,
        _ if emptyable => Kind::Emptyable,
        _ => Kind::Text,
    };
    let needed = required || unless.is_some();
    let spec = FieldSpec::new(name, label.clone(), as_json).required(needed).check(check);
    form.register(spec.unless(unless).after(after));
    let control = view! {
        <input
            id=form.control(name)
            name=name
            type=kind
            class=class
            required=required
            value=value
            autocomplete=autocomplete
            aria-invalid=move || form.error(name).map(|_| "true")
            aria-describedby=described(form, name, hint.is_some())
        />
        {warns.map(|warns| warning(form, name, warns))}
    };
    wrap(form, name, label, required, hint, control.into_any())
}

/// What is odd about a field, told as it changes.
fn warning(form: FormState, name: &'static str, warns: Callback<String, Option<String>>) -> AnyView {
    odd_in(form, [name], move |[typed]| warns.run(typed))
}

/// What is odd about several fields of the form around it together, told as they change.
pub fn odd<const N: usize>(
    names: [&'static str; N],
    warns: impl Fn([String; N]) -> Option<String> + Send + Sync + 'static,
) -> AnyView {
    odd_in(expect_context::<FormState>(), names, warns)
}

/// What stands in several fields of the form around it, as they change; nothing before somebody changes anything.
pub fn typed<const N: usize>(names: [&'static str; N]) -> impl Fn() -> Option<[String; N]> + Copy + Send + Sync {
    typed_in(expect_context::<FormState>(), names)
}

fn typed_in<const N: usize>(
    form: FormState,
    names: [&'static str; N],
) -> impl Fn() -> Option<[String; N]> + Copy + Send + Sync {
    move || {
        form.touches.track();
        form.dirty.get().then(|| names.map(|name| data::chosen(&form.id(), name).pop().unwrap_or_default()))
    }
}

fn odd_in<const N: usize>(
    form: FormState,
    names: [&'static str; N],
    warns: impl Fn([String; N]) -> Option<String> + Send + Sync + 'static,
) -> AnyView {
    let typed = typed_in(form, names);
    let told = move || typed().and_then(&warns).map(|text| view! { <p class="odd">{Icon::ALERT.svg()}{text}</p> });
    view! { <div role="status">{told}</div> }.into_any()
}

/// Several lines of text.
#[component]
pub fn Area(
    /// The field of the operation's input.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// The type's own rule.
    #[prop(optional)]
    check: Option<Check>,
    /// Must be filled in.
    #[prop(optional)]
    required: bool,
    /// Emptying it means something.
    #[prop(optional)]
    emptyable: bool,
    /// The value to begin with.
    #[prop(optional, into)]
    value: String,
    /// A line of help.
    #[prop(optional)]
    hint: Option<&'static str>,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let kind = if emptyable { Kind::Emptyable } else { Kind::Text };
    form.register(FieldSpec::new(name, label.clone(), kind).required(required).check(check));
    let control = view! {
        <TextArea
            text=value
            attr:id=form.control(name)
            attr:name=name
            attr:required=required
            attr:aria-invalid=move || form.error(name).map(|_| "true")
            attr:aria-describedby=described(form, name, hint.is_some())
        />
    };
    wrap(form, name, label, required, hint, control.into_any())
}

/// One of a few choices.
#[component]
pub fn Pick(
    /// The field of the operation's input.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// The choices.
    options: Options,
    /// Must be chosen.
    #[prop(optional)]
    required: bool,
    /// Choosing none takes the value away, so nothing is sent for it then.
    #[prop(optional)]
    clearable: bool,
    /// The choice to begin with; it stays one where it is no longer offered.
    #[prop(optional, into)]
    value: String,
    /// A line of help.
    #[prop(optional)]
    hint: Option<&'static str>,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let kind = if clearable { Kind::Clearable } else { Kind::Text };
    form.register(FieldSpec::new(name, label.clone(), kind).required(required).chosen());
    // The line of help says which that is.
    let none = if hint.is_some_and(|hint| hint.starts_with("Defaults to")) { "Default" } else { "Choose…" };
    let kept = !value.is_empty() && options.iter().all(|(key, _)| *key != value);
    let kept = kept.then(|| (value.clone(), value.clone()));
    let options = kept.into_iter().chain(options).map(|(key, label)| {
        let chosen = key == value;
        view! { <option value=key selected=chosen>{label}</option> }
    });
    let options = options.collect_view();
    let control = view! {
        <select
            id=form.control(name)
            name=name
            required=required
            aria-invalid=move || form.error(name).map(|_| "true")
            aria-describedby=described(form, name, hint.is_some())
        >
            <option value="">{none}</option>
            {options}
        </select>
    };
    wrap(form, name, label, required, hint, control.into_any())
}

/// Yes or no.
#[component]
pub fn Flag(
    /// The field of the operation's input.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// A line of help.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// Ticked to begin with.
    #[prop(optional)]
    value: bool,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    form.register(FieldSpec::new(name, label.clone(), Kind::Flag));
    view! {
        <label class="check">
            <input id=form.control(name) type="checkbox" role="switch" class="switch" name=name checked=value/>
            <span>{label}{hint.map(|text| view! { <small>{text}</small> })}</span>
        </label>
    }
}

/// A password, with a button that shows it and, for new ones, how strong it is.
#[component]
pub fn Password(
    /// The field of the operation's input.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// A new one: its rule is checked and its strength shown.
    #[prop(optional)]
    check: Option<Check>,
    /// `new-password` or `current-password`.
    autocomplete: &'static str,
    /// A line of help.
    #[prop(optional)]
    hint: Option<&'static str>,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    form.register(FieldSpec::new(name, label.clone(), Kind::Text).required(true).check(check));
    let (shown, typed, shell) = (RwSignal::new(false), RwSignal::new(String::new()), Shell::get());
    form.on_reset(move || typed.set(String::new()));
    let control = view! {
        <div class="affix">
            <input
                id=form.control(name)
                name=name
                type=move || if shown.get() { "text" } else { "password" }
                required
                autocomplete=autocomplete
                aria-invalid=move || form.error(name).map(|_| "true")
                aria-describedby=described(form, name, hint.is_some())
                on:input=move |event| typed.set(event_target_value(&event))
            />
            {eye(shown, shell)}
        </div>
        {check.map(|check| strength(check, typed))}
    };
    wrap(form, name, label, true, hint, control.into_any())
}

/// The button that shows a password.
pub fn eye(shown: RwSignal<bool>, shell: Shell) -> AnyView {
    view! {
        <button
            class="btn square quiet"
            type="button"
            aria-label="Show password"
            data-eye
            aria-pressed=move || shown.get().to_string()
            disabled=move || !shell.alive.get()
            on:click=move |_| shown.update(|shown| *shown = !*shown)
        >
            {Icon::EYE.svg()}
        </button>
    }
    .into_any()
}

fn strength(check: Check, typed: RwSignal<String>) -> AnyView {
    let level = move || {
        typed.with(|text| match (text.chars().count(), check(text)) {
            (0, _) => (0, String::new()),
            (_, Err(message)) => (1, super::words::fault("Password", Ask::Enter, &message)),
            (..=15, _) => (2, "Fair: one more word makes it strong.".to_owned()),
            (..=19, _) => (3, "Good.".to_owned()),
            _ => (4, "Strong.".to_owned()),
        })
    };
    view! {
        <div class="strength">
            <meter aria-label="Password strength" min="0" max="4" low="2" high="3" optimum="4" value=move || level().0.to_string()></meter>
            <span role="status">{move || level().1}</span>
        </div>
    }
    .into_any()
}

/// What must be typed before something that cannot be undone.
#[component]
pub fn Typed(
    /// The text, usually the thing's name.
    name: String,
) -> impl IntoView {
    const FIELD: &str = "confirmation";
    let form = expect_context::<FormState>();
    form.register(FieldSpec::new(FIELD, "What you typed", Kind::Text).exactly(name.clone()));
    let id = form.control(FIELD);
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    view! {
        <div class="field">
            <label for=id.clone()>"Type "<strong>{name}</strong>" to confirm"</label>
            <input
                id=id
                name=FIELD
                autocomplete="off"
                aria-invalid=move || form.error(FIELD).map(|_| "true")
                aria-describedby=move || form.error(FIELD).map(|_| described.clone())
            />
            {move || {
                let id = error_id.clone();
                form.error(FIELD).map(|text| view! { <p class="error" id=id>{Icon::ALERT.svg()}{text}</p> })
            }}
        </div>
    }
}
