//! Forms: fields are checked by the very types the operation takes, errors of browser and server
//! stand beside their fields, a second click does nothing, and neither a conflict nor an ended
//! session loses what was typed.

mod choices;
mod conflict;
mod data;
mod fields;
mod find;
mod guard;
mod pick;
mod words;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use eventify_core::Error;
use eventify_core::kernel::error::{FieldErrors, Validate, invalid_input};
use leptos::context::Provider;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use wasm_bindgen::JsCast;

pub use choices::{currencies, zones};
pub use data::{Check, Kind, integer, rule};

pub use fields::{Area, Field, Flag, Options, Password, Pick, Typed, eye, odd, typed};
pub use find::Find;
pub use pick::{PickGrid, PickMany, PickOne};

use super::{Icon, SessionGate, Shell, dom};
use conflict::Conflict;
use data::FieldSpec;
use words::{Ask, capital};

/// The input of an operation that takes none.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Nothing {}
impl Validate for Nothing {}

/// What a form does with its fields; made by [`submit`].
pub type Submit = Arc<dyn Fn(Map<String, Value>) -> Pin<Box<dyn Future<Output = Result<(), Error>>>> + Send + Sync>;

/// Parses the fields into the operation's input, checks its rules, calls it, and hands on the answer.
pub fn submit<I, O, Answer>(
    call: impl Fn(I) -> Answer + Send + Sync + 'static,
    done: impl Fn(O) + Send + Sync + 'static,
) -> Submit
where
    I: DeserializeOwned + Validate + 'static,
    O: 'static,
    Answer: Future<Output = Result<O, Error>> + 'static,
{
    let done = Arc::new(done);
    Arc::new(move |fields| {
        let input = parse::<I>(fields);
        let (answer, done) = (input.map(&call), done.clone());
        Box::pin(async move {
            let answer = answer?.await?;
            done(answer);
            Ok(())
        })
    })
}

pub(super) fn parse<I: DeserializeOwned + Validate>(fields: Map<String, Value>) -> Result<I, Error> {
    let names: Vec<String> = fields.keys().cloned().collect();
    let input: I =
        serde_json::from_value(Value::Object(fields)).map_err(|error| misread(&error.to_string(), &names))?;
    input.validate()?;
    Ok(input)
}

/// What could not be read, said of its field where it begins with one: the form calls it by its label.
fn misread(error: &str, names: &[String]) -> Error {
    match error.split_once(": ").filter(|(name, _)| names.iter().any(|known| known == name)) {
        Some((name, message)) => invalid_input().field(name, message),
        None => invalid_input().detail(error),
    }
}

/// The state of one form, shared with its fields by context.
#[derive(Clone, Copy)]
pub struct FormState {
    id: StoredValue<String>,
    fields: StoredValue<Vec<FieldSpec>>,
    errors: RwSignal<FieldErrors>,
    failure: RwSignal<Option<Error>>,
    busy: RwSignal<bool>,
    dirty: RwSignal<bool>,
    /// Told at every change.
    touches: RwSignal<()>,
    /// Told when the fields go back to what the form came with.
    resets: Trigger,
    conflict: RwSignal<Option<Value>>,
    /// The fields as the form came with them: what a conflict compares both sides with.
    base: StoredValue<Map<String, Value>>,
    extra: StoredValue<Map<String, Value>>,
    action: StoredValue<Submit>,
    /// Empty again once it is done.
    fresh: bool,
    gate: Option<SessionGate>,
    /// The line was cut when it was sent, and is back.
    back_online: RwSignal<bool>,
}

impl FormState {
    fn new(id: String, action: Submit, extra: Value, fresh: bool) -> Self {
        let extra = if let Value::Object(extra) = extra { extra } else { Map::new() };
        Self {
            id: StoredValue::new(id),
            fields: StoredValue::new(Vec::new()),
            errors: RwSignal::new(FieldErrors::new()),
            failure: RwSignal::new(None),
            busy: RwSignal::new(false),
            dirty: RwSignal::new(false),
            touches: RwSignal::new(()),
            resets: Trigger::new(),
            conflict: RwSignal::new(None),
            base: StoredValue::new(Map::new()),
            extra: StoredValue::new(extra),
            action: StoredValue::new(action),
            fresh,
            gate: use_context(),
            back_online: RwSignal::new(false),
        }
    }

    /// Keeps the fields as they stand: what a conflict calls “before”.
    fn remember(self) {
        let fields = self.fields.try_with_value(|fields| Some(data::values(&self.id.try_get_value()?, fields)));
        if let Some(fields) = fields.flatten() {
            let _ = self.base.try_set_value(fields);
        }
    }

    /// Sends the fields; does nothing while an earlier sending is on its way.
    fn send(self) {
        if self.busy.get_untracked() {
            return;
        }
        self.errors.set(FieldErrors::new());
        self.failure.set(None);
        self.back_online.set(false);
        let collected = self.fields.with_value(|fields| data::collect(&self.id(), fields));
        let mut map = match collected {
            Ok(map) => map,
            Err(errors) => return self.refused(invalid_input().fields(errors)),
        };
        self.extra.with_value(|extra| map.extend(extra.clone()));
        self.busy.set(true);
        let answer = self.action.with_value(|action| action(map));
        spawn_local(async move {
            let answer = answer.await;
            // The form may be gone: a success often leads to another page.
            let _ = self.busy.try_set(false);
            match answer {
                Ok(()) => {
                    let _ = self.dirty.try_set(false);
                    if let Some(id) = self.id.try_get_value().filter(|_| self.fresh) {
                        dom::reset(&id);
                    }
                }
                Err(error) => self.refused(error),
            }
        });
    }

    fn refused(self, error: Error) {
        if matches!(error.code(), "session_expired" | "unauthenticated")
            && let Some(gate) = self.gate
        {
            return gate.ask_and(move || self.send());
        }
        if error.code() == "conflict"
            && let Some(current) = error.current_record()
        {
            let _ = self.conflict.try_set(Some(current.clone()));
            return;
        }
        let _ = self.errors.try_set(error.field_errors().clone());
        let _ = self.failure.try_set(Some(error));
        let summary = format!("{}-summary", self.id());
        request_animation_frame(move || dom::focus(&summary));
    }

    /// What was wrong with the line is wrong no more.
    fn follow_line(self, shell: Shell) {
        Effect::new(move |_| {
            let up = !shell.offline.get() && !shell.unreachable.get();
            let cut = self.failure.with_untracked(|failure| failure.as_ref().is_some_and(|error| error.status() == 0));
            if up && cut {
                self.failure.set(None);
                self.back_online.set(true);
            }
        });
    }

    fn register(self, field: FieldSpec) {
        self.fields.update_value(|fields| fields.push(field));
    }

    fn touched(self) {
        self.dirty.set(true);
        self.touches.set(());
    }

    /// Somebody types or chooses: what was wrong with that field is said no more, nor with those that are judged by it.
    fn edited(self, event: &web_sys::Event) {
        self.touched();
        if let Some(name) = self.field_of(event) {
            self.mended(&name);
        }
    }

    fn mended(self, name: &str) {
        let judged = |of: &FieldSpec| of.name == name || of.is_judged_by(name);
        let named = |all: &Vec<FieldSpec>| all.iter().filter(|of| judged(of)).map(|of| of.name).collect::<Vec<_>>();
        let named = self.fields.with_value(named);
        if self.errors.with_untracked(|errors| named.iter().all(|name| !errors.contains_key(*name))) {
            return;
        }
        self.forget(&named);
    }

    /// The field whose control this event came from. One that looks a record up has a control without a name.
    fn field_of(self, event: &web_sys::Event) -> Option<String> {
        let control = event.target()?.dyn_into::<web_sys::Element>().ok()?;
        let named = control.get_attribute("name").filter(|name| !name.is_empty());
        named.or_else(|| Some(control.id().strip_prefix(&self.control(""))?.to_owned()))
    }

    /// The browser puts the fields back; what else they show follows.
    fn cleared(self) {
        self.errors.set(FieldErrors::new());
        self.failure.set(None);
        self.dirty.set(false);
        self.touches.set(());
        self.resets.notify();
    }

    /// Does this whenever the fields go back to what the form came with.
    fn on_reset(self, clear: impl Fn() + 'static) {
        Effect::new(move |began: Option<()>| {
            self.resets.track();
            if began.is_some() {
                clear();
            }
        });
    }

    fn id(self) -> String {
        self.id.get_value()
    }

    /// The id of a field's control.
    fn control(self, name: &str) -> String {
        format!("{}-{name}", self.id())
    }

    /// What is wrong with a field, by the name that the form gives it.
    fn fault(self, name: &str, messages: &[String]) -> String {
        let text = messages.join("; ");
        let said = |all: &Vec<FieldSpec>| all.iter().find(|of| of.name == name).map(|of| of.fault(&text));
        let unknown = || words::fault(&capital(&name.replace('_', " ")), Ask::Enter, &text);
        self.fields.with_value(said).unwrap_or_else(unknown)
    }

    /// What was wrong with these fields counts no more: something else is asked for instead.
    pub fn forget(self, names: &[&str]) {
        self.errors.update(|errors| errors.retain(|name, _| !names.contains(&name.as_str())));
        if self.errors.with_untracked(FieldErrors::is_empty) {
            self.failure.set(None);
        }
    }

    fn error(self, name: &str) -> Option<String> {
        self.errors.with(|errors| errors.get(name).map(|messages| self.fault(name, messages)))
    }
}

/// A form. Its fields are the kit's; whatever else stands among them is left alone.
#[component]
pub fn Form(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// What to do: see [`submit`].
    submit: Submit,
    /// What the button says.
    label: &'static str,
    /// What it says instead, as the fields change.
    #[prop(optional)]
    says: Option<Signal<String>>,
    /// Fields that nobody edits, such as `version`; a JSON object.
    #[prop(default = Value::Null)]
    extra: Value,
    /// Where "Cancel" leads.
    #[prop(optional, into)]
    cancel: Option<String>,
    /// The path that takes the form while there is no script; without one the button waits for it.
    #[prop(optional)]
    fallback: Option<&'static str>,
    /// A failure the fallback came back with.
    #[prop(optional)]
    failure: Option<Error>,
    /// The button fills the form's width (pages to sign in).
    #[prop(optional)]
    wide: bool,
    /// It takes something away.
    #[prop(optional)]
    danger: bool,
    /// The id of the dialog it stands in.
    #[prop(optional, into)]
    dialog: Option<String>,
    /// What the button says that closes this dialog.
    #[prop(default = "Cancel")]
    keep: &'static str,
    /// It stays on the page once it is done, for the next one: its fields are empty again.
    #[prop(optional)]
    fresh: bool,
    /// Leaving with changes asks first.
    #[prop(default = true)]
    guarded: bool,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let form = FormState::new(id.clone(), submit, extra, fresh);
    form.follow_line(Shell::get());
    if let Some(failure) = &failure {
        form.errors.set(failure.field_errors().clone());
    }
    form.failure.set(failure);
    // On a page that was come to by a link the fields are not in the document yet.
    Effect::new(move |_| request_animation_frame(move || form.remember()));
    if guarded {
        guard::guard(form.dirty);
    }
    let shell = Shell::get();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        form.send();
    };
    let button = match (wide, danger) {
        (true, _) => "btn primary wide",
        (false, true) => "btn danger primary",
        (false, false) => "btn primary",
    };
    let foot = if dialog.is_some() { "dialog-foot" } else { "form-actions" };
    // Enter confirms what does no harm, and cancels the rest.
    let confirms = dialog.is_some() && !danger;
    let dismiss = dialog.map(|id| {
        let close = move |_| dom::dialog(&id, false);
        view! { <button class="btn" type="button" autofocus=danger on:click=close>{keep}</button> }
    });
    let (outer, inner) = if foot == "dialog-foot" { ("", "dialog-body") } else { ("form", "form") };
    let waits = fallback.is_none();
    let words = match says {
        Some(says) => (move || says.get()).into_any(),
        None => label.into_any(),
    };
    // To its fields alone, also to those that come later: a component is no owner, so what it provides its siblings find.
    let fields = view! { <Provider value=form>{children()}</Provider> };
    view! {
        <form
            class=outer
            id=id
            method="post"
            action=fallback
            novalidate
            on:submit=on_submit
            on:input=move |event| form.edited(&event)
            on:reset=move |_| form.cleared()
        >
            <div class=inner>
                {move || form.failure.get().map(|error| summary(form, &error))}
                {move || form.back_online.get().then(|| view! {
                    <div class="note" data-tone="info" role="status">
                        {Icon::CHECK.svg()}<div><p>"You're back online. Nothing was lost."</p></div>
                        <button class="btn small">"Save now"</button>
                    </div>
                })}
                {fields}
            </div>
            <div class=foot>
                {dismiss}
                <button
                    class=button
                    autofocus=confirms
                    disabled=move || waits && !shell.alive.get()
                    aria-busy=move || form.busy.get().then_some("true")
                >
                    {words}
                </button>
                {cancel.map(|path| view! { <a class="btn quiet" href=path>"Cancel"</a> })}
                {guarded.then(|| view! {
                    <span class="muted push" role="status">{move || form.dirty.get().then_some("Unsaved changes")}</span>
                })}
            </div>
        </form>
        <Conflict form=form/>
    }
}

/// What went wrong, with links to the fields that are wrong still.
fn summary(form: FormState, error: &Error) -> AnyView {
    // In the order of the form, and whatever names no field of it at the end.
    let known: Vec<&'static str> = form.fields.with_value(|all| all.iter().map(|of| of.name).collect());
    let errors = error.field_errors();
    let linked = known.iter().filter_map(|name| {
        let (messages, target) = (errors.get(*name)?, form.control(name));
        let href = format!("#{target}");
        let jump = move |event: web_sys::MouseEvent| {
            event.prevent_default();
            dom::focus(&target);
        };
        let (name, said) = (*name, form.fault(name, messages));
        let mended = move || form.errors.with(|errors| !errors.contains_key(name));
        Some(view! { <li hidden=mended><a href=href on:click=jump>{said}</a></li> }.into_any())
    });
    // What the message says already is not said twice.
    let more = |messages: &[String]| messages.iter().any(|said| said != error.message());
    let others = errors.iter().filter(|(name, said)| known.iter().all(|known| known != name) && more(said));
    let others = others.map(|(name, messages)| view! { <li>{form.fault(name, messages)}</li> }.into_any());
    let fields: Vec<AnyView> = linked.chain(others).collect();
    let many = !fields.is_empty();
    let (message, counted) = (error.message().to_owned(), is_said_below(error, &known));
    let said = move || match (counted, form.errors.with(FieldErrors::len)) {
        (true, 1) => "1 field needs attention:".to_owned(),
        (true, wrong @ 2..) => format!("{wrong} fields need attention:"),
        _ => message.clone(),
    };
    let wait = error.retry_after_seconds().map(|seconds| format!(" Try again in {}.", in_words(seconds)));
    let reference = error.request_id().filter(|_| error.status() >= 500).map(|id| format!(" Request {id}."));
    view! {
        <div class="note" data-tone="danger" role="alert" tabindex="-1" id=format!("{}-summary", form.id())>
            {Icon::ALERT.svg()}
            <div>
                <p>{said}{wait}{reference}</p>
                {many.then(|| view! { <ul>{fields}</ul> })}
            </div>
        </div>
    }
    .into_any()
}

/// Whether the fields say all that an error does: it has no message of its own, or the message is that of a field.
fn is_said_below(error: &Error, fields: &[&str]) -> bool {
    let at_field =
        |name: &&str| error.for_field(name).is_some_and(|said| said.iter().any(|one| one == error.message()));
    error.message() == error.title() || fields.iter().any(at_field)
}

/// Seconds as people say them.
pub fn in_words(seconds: u64) -> String {
    match seconds {
        0..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_read_is_said_of_its_field() {
        let names = ["logo_url".to_owned()];
        let error = misread("logo_url: is required", &names);
        assert_eq!(error.for_field("logo_url"), Some(["is required".to_owned()].as_slice()));
        assert_eq!(error.message(), error.title(), "no name of a column");
        assert_eq!(misread("half a body: odd", &names).message(), "half a body: odd");
    }

    #[test]
    fn what_a_field_says_is_not_said_over_it_too() {
        let taken = "Another account has this email address.";
        let error = Error::new("already_exists", 409, "Already exists").detail(taken).field("email", taken);
        assert!(is_said_below(&error, &["full_name", "email"]), "the list of fields has it");
        assert!(!is_said_below(&error, &["full_name"]), "no field of this form says it");
        let error = Error::new("forbidden", 403, "Forbidden").detail("Ask somebody else.").field("email", taken);
        assert!(!is_said_below(&error, &["email"]), "the message says more than the field");
    }

    #[test]
    fn seconds_are_said_as_people_do() {
        assert_eq!((in_words(30), in_words(840)), ("30 seconds".to_owned(), "14 minutes".to_owned()));
    }
}
