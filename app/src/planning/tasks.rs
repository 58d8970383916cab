//! The checklist of an artist's booking, and the artist's documents.

use eventify::Error;
use eventify::events::{EventStatus, Zone};
use eventify::kernel::timestamp::Timestamp;
use eventify::partners::LinkQuery;
use eventify::planning::operations::{
    talent_document_link, talent_document_remove, talent_task_add, talent_task_remove, talent_task_update,
};
use eventify::planning::{
    NewTalentTask, TalentBooking, TalentDocument, TalentDocumentKind, TalentId, TalentTask, TalentTaskPatch, TaskKind,
    TaskTitle,
};
use leptos::prelude::*;

use super::papers::{self, Paper};
use crate::events::{afterwards, clock};
use crate::ui::{Act, Confirm, Field, Icon, Loading, Nothing, Pick, Tone, Upload, badge, now, rule, submit};

/// What the dialog sends: the time as the clocks there show it.
#[derive(Clone, Debug, serde::Deserialize)]
struct Fields {
    kind: TaskKind,
    #[serde(default)]
    title: Option<TaskTitle>,
    #[serde(default)]
    due_at: Option<Timestamp>,
}
impl eventify::kernel::error::Validate for Fields {}

/// What is to be done, what is due first on top.
pub fn list<D>(data: Loading<D>, talent: TalentId, booking: &TalentBooking, zone: &Zone, manages: bool) -> AnyView
where
    D: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
{
    let open = booking.event_status != EventStatus::Cancelled;
    // What is due first stands first; what is done stands last.
    let mut tasks: Vec<_> = booking.tasks.iter().collect();
    tasks.sort_by_key(|task| (task.done_at.is_some(), task.due_at));
    let rows: Vec<_> = tasks.into_iter().map(|task| row(data, task, zone, manages && open)).collect();
    let done = booking.tasks.iter().filter(|task| task.done_at.is_some()).count();
    let add = (manages && open).then(|| add(data, talent, booking, zone));
    let all = booking.tasks.len();
    view! {
        <div class="row spread"><h4>"Checklist"<small class="muted">{format!(" {done} of {all} done")}</small></h4>{add}</div>
        <ul class="checklist" role="list">{rows}</ul>
    }
    .into_any()
}

fn row<D>(data: Loading<D>, task: &TalentTask, zone: &Zone, manages: bool) -> AnyView
where
    D: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
{
    let due = task.due_at.map(|due| zone.display(due));
    let (tone, word) = match (task.done_at, task.is_overdue(now())) {
        (Some(_), _) => (Tone::Success, "Done".to_owned()),
        (None, true) => (Tone::Danger, "Overdue".to_owned()),
        (None, false) => (Tone::Warning, "Open".to_owned()),
    };
    let when = match (task.done_at, due) {
        (Some(done), _) => Some(format!("Done {}", zone.display(done))),
        (None, Some(due)) => Some(format!("Due {due}")),
        (None, None) => None,
    };
    let acts = manages.then(|| {
        let (id, version, name) = (task.id, task.version, task.name());
        let to = task.done_at.is_none();
        let patch = move || TalentTaskPatch { done: Some(to), version, ..TalentTaskPatch::default() };
        let mark = submit(move |_: Nothing| talent_task_update(id, patch()), afterwards::<_, TalentTask>(data, "Task saved"));
        let gone = submit(move |_: Nothing| talent_task_remove(id), afterwards::<_, ()>(data, "Task removed"));
        let label = if to { "Mark as done" } else { "Not done" };
        view! {
            <Act label=label icon=Icon::CHECK class="btn small" run=mark/>
            <Confirm id=format!("task-{id}") label="Remove" icon=Icon::TRASH title=format!("Remove {name}?") confirm="Remove" keep="Keep" run=gone square=format!("Remove {name}")>
                <p>"It leaves the checklist of this booking."</p>
            </Confirm>
        }
    });
    view! {
        <li class="row spread">
            <span><b><bdi>{task.name()}</bdi></b>" "{badge(tone, word)}" "<small class="muted">{when}</small>
                {task.note.clone().map(|note| view! { <small dir="auto">{note}</small> })}</span>
            <span class="row">{acts}</span>
        </li>
    }
    .into_any()
}

fn add<D>(data: Loading<D>, talent: TalentId, booking: &TalentBooking, zone: &Zone) -> AnyView
where
    D: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
{
    let (event_id, clocks) = (booking.event_id, zone.clone());
    // What stands there once is not offered again.
    let free = TaskKind::ALL
        .iter()
        .filter(|kind| **kind == TaskKind::Other || booking.tasks.iter().all(|task| task.kind != **kind));
    let kinds: Vec<_> = free.map(|kind| (kind.word().to_owned(), kind.title().to_owned())).collect();
    let send = move |fields: Fields| {
        let clocks = clocks.clone();
        async move {
            let due_at = clock::moment_or_none(fields.due_at, &clocks, "due_at")?;
            let input = NewTalentTask { event_id, kind: fields.kind, title: fields.title, due_at, note: None };
            let made: Result<TalentTask, Error> = talent_task_add(talent, input).await;
            made
        }
    };
    let run = submit(send, afterwards::<_, TalentTask>(data, "Task added"));
    let label = format!("Due, {}", zone.label(booking.starts_at));
    let title = format!("Add to the checklist for {}", booking.event);
    view! {
        <Confirm id=format!("task-add-{talent}-{event_id}") label="Add" icon=Icon::PLUS title=title confirm="Add" run=run danger=false class="btn small">
            <Pick name="kind" label="What" options=kinds value="other" required=true/>
            <Field name="title" label="Title" check={rule::<TaskTitle>} hint="For something else, such as Names for the guest list"/>
            <Field name="due_at" label=label kind="datetime-local"/>
        </Confirm>
    }
    .into_any()
}

/// The documents of an artist; who manages talent hands in more.
pub fn documents<D>(
    data: Loading<D>,
    talent: TalentId,
    name: &str,
    documents: Vec<TalentDocument>,
    manages: bool,
) -> AnyView
where
    D: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
{
    let rows = documents.iter().map(|document| document_row(data, document, manages)).collect();
    let toasts = crate::ui::Toasts::get();
    let upload = manages.then(|| {
        let kinds: Vec<_> =
            TalentDocumentKind::ALL.iter().map(|kind| (kind.word().to_owned(), kind.title().to_owned())).collect();
        let done = move || {
            toasts.done("Document uploaded");
            data.refetch();
        };
        view! {
            <Upload
                action=format!("/api/v1/talent/{talent}/documents")
                accept=papers::ACCEPT
                hint=papers::HINT
                choice=("type", "What it is", kinds)
                done=done
            />
        }
        .into_any()
    });
    papers::card(name, rows, upload)
}

fn document_row<D>(data: Loading<D>, document: &TalentDocument, manages: bool) -> AnyView
where
    D: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
{
    let id = document.id;
    let link = move || async move { Ok(talent_document_link(id, LinkQuery { inline: true }).await?.url) };
    let gone = manages
        .then(|| submit(move |_: Nothing| talent_document_remove(id), afterwards::<_, ()>(data, "Document removed")));
    let paper = Paper {
        id: id.to_string(),
        title: document.kind.title(),
        file_name: &document.file_name,
        media_type: &document.media_type,
        size_bytes: document.size_bytes,
        uploaded_at: document.uploaded_at,
        more: None,
    };
    papers::row(paper, link, gone)
}
