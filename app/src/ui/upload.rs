//! Handing in a file, with progress. Without script the browser sends the same form itself.

use std::sync::Arc;

use eventify_core::Error;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FormData, HtmlFormElement, ProgressEvent, XmlHttpRequest};

use super::query::encode;
use super::{Icon, Options, Shell, Toasts};

const FAILED: &str = "Couldn't upload the file";

/// A file and what it is, sent as `multipart/form-data` with the fields `file` and that of the choice; or, `raw`, the
/// file alone with the choice in the query.
#[component]
pub fn Upload(
    /// Where it goes.
    #[prop(into)]
    action: String,
    /// Media types the file dialog offers.
    accept: &'static str,
    /// What is taken.
    hint: &'static str,
    /// The field beside the file: its name, label and choices.
    #[prop(optional, into)]
    choice: Option<(&'static str, &'static str, Options)>,
    /// A day beside the file that may be left open: the field it is sent as, its label and its hint.
    #[prop(optional, into)]
    day: Option<(&'static str, &'static str, &'static str)>,
    /// Boxes beside the file: the field each is sent as where it is ticked, and its label.
    #[prop(optional)]
    boxes: &'static [(&'static str, &'static str)],
    /// The media type under which the file is sent alone.
    #[prop(optional, into)]
    raw: Option<&'static str>,
    /// Called with what the server answered; the list around it may have been loaded again meanwhile.
    #[prop(optional)]
    answered: Option<Arc<dyn Fn(String) + Send + Sync>>,
    /// Called when it is stored.
    done: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let (shell, toasts) = (Shell::get(), Toasts::get());
    let (sent, refusal) = (RwSignal::new(None::<u32>), RwSignal::new(None::<String>));
    let asked = choice.map(|(name, label, options)| {
        let options =
            options.into_iter().map(|(key, label)| view! { <option value=key>{label}</option> }).collect_view();
        view! {
            <div class="field">
                <label for="upload-choice">{label}</label>
                <select id="upload-choice" name=name required>{options}</select>
            </div>
        }
    });
    let day = day.map(|(name, label, hint)| {
        view! {
            <div class="field">
                <label for="upload-day">{label}</label>
                <input id="upload-day" type="date" name=name aria-describedby="upload-day-hint"/>
                <p class="hint" id="upload-day-hint">{hint}</p>
            </div>
        }
    });
    let boxes = boxes.iter().map(|(name, label)| {
        view! { <label class="check"><input type="checkbox" name=*name value="true"/><span>{*label}</span></label> }
    });
    let boxes = boxes.collect_view();
    let target = action.clone();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let form: Option<HtmlFormElement> = event.target().and_then(|target| target.dyn_into().ok());
        let Some(form) = form.filter(|_| sent.get_untracked().is_none()) else { return };
        sent.set(Some(0));
        refusal.set(None);
        let (done, answered, reset) = (done.clone(), answered.clone(), form.clone());
        let ended = move |answer: Result<String, Error>| {
            let _ = sent.try_set(None);
            match answer {
                Ok(body) => {
                    toasts.settled(FAILED);
                    reset.reset();
                    if let Some(answered) = answered {
                        answered(body);
                    }
                    done();
                }
                Err(error) => {
                    let fields = error.field_errors().values().flatten().cloned().collect::<Vec<_>>().join("; ");
                    // A refusal that says in words what is wrong says it best.
                    let said = error.message() != error.title();
                    let text = match fields.is_empty() || said {
                        true => error.message().to_owned(),
                        false => format!("The file {fields}."),
                    };
                    let _ = refusal.try_set(Some(text));
                    toasts.failed(FAILED, &error);
                }
            }
        };
        send(&target, &form, raw, move |percent| _ = sent.try_set(Some(percent)), ended);
    };
    let busy = move || sent.get().is_some();
    view! {
        <form class="form" method="post" action=action enctype="multipart/form-data" on:submit=on_submit>
            <div class="form-grid">
                {asked}
                {day}
                <div class="field">
                    <label for="upload-file">"File"</label>
                    <input id="upload-file" type="file" name="file" accept=accept required aria-describedby="upload-hint"/>
                    <p class="hint" id="upload-hint">{hint}</p>
                </div>
            </div>
            {boxes}
            {move || refusal.get().map(|text| view! {
                <div class="note" data-tone="danger" role="alert">{Icon::ALERT.svg()}<div>{text}</div></div>
            })}
            <div class="form-actions">
                <button class="btn primary" disabled=move || !shell.alive.get() aria-busy=move || busy().then_some("true")>
                    "Upload"
                </button>
                {move || sent.get().map(|percent| view! {
                    <progress max="100" value=percent.to_string() aria-label="Uploaded"></progress>
                })}
            </div>
        </form>
    }
}

/// Sends the form; the browser's older interface, as only it tells how much has left.
fn send(
    target: &str,
    form: &HtmlFormElement,
    raw: Option<&'static str>,
    progress: impl Fn(u32) + 'static,
    ended: impl FnOnce(Result<String, Error>) + 'static,
) {
    let (Ok(request), Ok(data)) = (XmlHttpRequest::new(), FormData::new_with_form(form)) else {
        return ended(Err(Error::unreachable()));
    };
    if let Ok(upload) = request.upload() {
        let on_progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
            if event.total() > 0.0 {
                progress((event.loaded() * 100.0 / event.total()) as u32);
            }
        });
        upload.set_onprogress(Some(on_progress.into_js_value().unchecked_ref()));
    }
    answers(&request, ended);
    let sent = match raw {
        None => request.open("POST", target).and_then(|()| request.send_with_opt_form_data(Some(&data))),
        Some(media_type) => send_alone(&request, target, media_type, &data),
    };
    if sent.is_err() {
        request.set_onloadend(None);
    }
}

/// Calls back with what the server answers.
fn answers(request: &XmlHttpRequest, ended: impl FnOnce(Result<String, Error>) + 'static) {
    let answered = request.clone();
    let on_end = Closure::once_into_js(move || {
        let status = answered.status().unwrap_or_default();
        let body = answered.response_text().ok().flatten().unwrap_or_default();
        ended(match status {
            200..300 => Ok(body),
            0 => Err(Error::unreachable()),
            _ => Err(serde_json::from_str(&body).unwrap_or_else(|_| Error::unreachable())),
        });
    });
    request.set_onloadend(Some(on_end.unchecked_ref()));
}

/// Sends a text as a file of this media type.
pub fn send_text(target: &str, media_type: &str, text: &str, ended: impl FnOnce(Result<String, Error>) + 'static) {
    send_body(target, media_type, ended, |request| request.send_with_opt_str(Some(text)));
}

/// Sends a file as it is: its encoding is the server's to tell.
pub fn send_file(
    target: &str,
    media_type: &str,
    file: &web_sys::Blob,
    ended: impl FnOnce(Result<String, Error>) + 'static,
) {
    send_body(target, media_type, ended, |request| request.send_with_opt_blob(Some(file)));
}

fn send_body(
    target: &str,
    media_type: &str,
    ended: impl FnOnce(Result<String, Error>) + 'static,
    send: impl FnOnce(&XmlHttpRequest) -> Result<(), JsValue>,
) {
    let Ok(request) = XmlHttpRequest::new() else { return ended(Err(Error::unreachable())) };
    answers(&request, ended);
    let begun = request.open("POST", target).and_then(|()| request.set_request_header("content-type", media_type));
    // What could not be sent ends as well: the callback hears of it from `loadend`, or never began.
    let _ = begun.and_then(|()| send(&request));
}

/// The file as the whole body; what was chosen goes into the query.
fn send_alone(request: &XmlHttpRequest, target: &str, media_type: &str, data: &FormData) -> Result<(), JsValue> {
    let mut pairs = Vec::new();
    for entry in js_sys::try_iter(data)?.into_iter().flatten().flatten() {
        let pair: js_sys::Array = entry.unchecked_into();
        if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string()) {
            pairs.push(format!("{name}={}", encode(&value)));
        }
    }
    request.open("POST", &format!("{target}?{}", pairs.join("&")))?;
    request.set_request_header("content-type", media_type)?;
    request.send_with_opt_blob(data.get("file").dyn_ref())
}
