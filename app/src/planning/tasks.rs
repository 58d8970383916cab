//! The checklist of an artist's booking, and the artist's documents.

use eventify::Error;
use eventify::events::EventStatus;
use eventify::kernel::timestamp::Timestamp;
use eventify::partners::LinkQuery;
use eventify::planning::operations::{
    talent_document_link, talent_document_remove, talent_task_add, talent_task_remove, talent_task_update,
};
use eventify::planning::{
    NewTalentTask, TalentBooking, TalentDocument, TalentDocumentKind, TalentId, TalentTask, TalentTaskPatch, TaskKind,
    TaskTitle,
};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::papers::{self, Paper};
use super::pieces::{Reader, mailto, section};
use crate::events::{afterwards, clock};
use crate::ui::{Act, Confirm, Field, Icon, Loading, Nothing, Pick, Tone, badge, folded, now, rule, submit};

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

/// All that an artist has still to do, whichever event it is for, and who to write to about each.
pub fn todo(artist: &str, bookings: &[(TalentBooking, Zone)]) -> Option<AnyView> {
    let on = bookings.iter().filter(|(booking, _)| booking.event_status != EventStatus::Cancelled);
    let mut open: Vec<_> = on
        .flat_map(|(booking, zone)| booking.tasks.iter().map(move |task| (task, booking, zone)))
        .filter(|(task, ..)| task.done_at.is_none())
        .collect();
    open.sort_by_key(|(task, ..)| task.by_due());
    let late = open.iter().filter(|(task, ..)| task.is_overdue(now())).count();
    let title = match (open.len(), late) {
        (0, _) => return None,
        (all, 0) => format!("{all} to do"),
        (all, late) => format!("{all} to do, {late} overdue"),
    };
    let rows: Vec<_> = open.into_iter().map(|(task, booking, zone)| todo_row(artist, task, booking, zone)).collect();
    let body = view! {
        <ul class="checklist" role="list">{rows}</ul>
        <p class="muted">"The organiser marks a task as done once they have what they need."</p>
    };
    Some(section(title, body.into_any()))
}

fn todo_row(artist: &str, task: &TalentTask, booking: &TalentBooking, zone: &Zone) -> AnyView {
    let tone = match (task.is_overdue(now()), task.due_at) {
        (true, _) => Tone::Danger,
        (_, Some(_)) => Tone::Info,
        (_, None) => Tone::Neutral,
    };
    let about = format!("{} · {} ({artist})", task.name(), booking.event);
    let act = match &booking.contact_email {
        Some(email) => {
            let said = view! { {Icon::MAIL.svg()}"Email "<bdi>{booking.contact_name.clone()}</bdi> };
            mailto(email, &about, said.into_any(), "btn small")
        }
        None => view! { <small class="muted">"Ask "<bdi>{booking.contact_name.clone()}</bdi></small> }.into_any(),
    };
    view! {
        <li class="row spread">
            <span class="task"><b><bdi>{task.name()}</bdi></b>{badge(tone, task.due_in_words(zone, now()))}<small class="muted"><bdi>{booking.event.clone()}</bdi></small></span>
            {act}
        </li>
    }
    .into_any()
}

/// The checklist of a booking: what is open, and folded below it what is done. An artist has what is open in one list of
/// all bookings already.
pub fn list<D>(data: Loading<D>, talent: TalentId, booking: &TalentBooking, zone: &Zone, reader: Reader) -> AnyView
where
    D: 'static,
{
    let manages = reader == Reader::Manager && booking.event_status != EventStatus::Cancelled;
    let (mut open, mut done): (Vec<_>, Vec<_>) = booking.tasks.iter().partition(|task| task.done_at.is_none());
    open.sort_by_key(|task| task.by_due());
    done.sort_by_key(|task| task.done_at);
    let (count, all) = (done.len(), booking.tasks.len());
    let rows = |tasks: Vec<&TalentTask>| tasks.into_iter().map(|task| row(data, task, zone, manages)).collect_view();
    if reader == Reader::Own {
        let rows = rows([open, done].concat());
        let title = format!("Checklist, {count} of {all} done");
        return folded(title, view! { <ul class="checklist" role="list">{rows}</ul> }.into_any());
    }
    let add = manages.then(|| add(data, talent, booking, zone));
    let done = (count > 0).then(|| {
        let rows = rows(done);
        folded(format!("{count} done"), view! { <ul class="checklist" role="list">{rows}</ul> }.into_any())
    });
    view! {
        <div class="row spread"><h4>"Checklist"<small class="muted">{if all == 0 { " No tasks".to_owned() } else { format!(" {count} of {all} done") }}</small></h4>{add}</div>
        <ul class="checklist" role="list">{rows(open)}</ul>
        {done}
    }
    .into_any()
}

fn row<D>(data: Loading<D>, task: &TalentTask, zone: &Zone, manages: bool) -> AnyView
where
    D: 'static,
{
    let (tone, word) = match (task.done_at, task.is_overdue(now())) {
        (Some(_), _) => (Tone::Success, "Done"),
        (None, true) => (Tone::Danger, "Overdue"),
        (None, false) => (Tone::Warning, "Open"),
    };
    let when = match (task.done_at, task.due_at) {
        (Some(done), _) => Some(zone.brief(done)),
        (None, Some(due)) => Some(format!("Due {}", zone.brief(due))),
        (None, None) => None,
    };
    let acts = manages.then(|| {
        let (id, version, name) = (task.id, task.version, task.name());
        let to = task.done_at.is_none();
        let patch = move || TalentTaskPatch { done: Some(to), version, ..TalentTaskPatch::default() };
        let mark = submit(move |_: Nothing| talent_task_update(id, patch()), afterwards::<_, TalentTask>(data, "Task saved"));
        let gone = submit(move |_: Nothing| talent_task_remove(id), afterwards::<_, ()>(data, "Task removed"));
        let label = if to { "Mark as done" } else { "Reopen task" };
        view! {
            <span class="row">
                <Act label=label icon=Icon::CHECK class="btn small" run=mark/>
                <Confirm id=format!("task-{id}") label="Remove" icon=Icon::TRASH title=format!("Remove {name}?") confirm="Remove task" keep="Keep task" run=gone in_row=format!("Remove {name}")>
                    <p>"It leaves the checklist of this booking."</p>
                </Confirm>
            </span>
        }
    });
    view! {
        <li class="row spread">
            <span class="task"><b><bdi>{task.name()}</bdi></b>{badge(tone, word)}<small class="muted">{when}</small>
                {task.note.clone().map(|note| view! { <small dir="auto">{note}</small> })}</span>
            {acts}
        </li>
    }
    .into_any()
}

fn add<D>(data: Loading<D>, talent: TalentId, booking: &TalentBooking, zone: &Zone) -> AnyView
where
    D: 'static,
{
    let (event_id, clocks) = (booking.event_id, zone.clone());
    // What is on it once is not offered again.
    let free = TaskKind::ALL
        .iter()
        .filter(|kind| **kind == TaskKind::Other || booking.tasks.iter().all(|task| task.kind != **kind));
    let kinds: Vec<_> = free.map(|kind| (kind.as_str().to_owned(), kind.title().to_owned())).collect();
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
    let title = format!("Add a task for {}", booking.event);
    view! {
        <Confirm id=format!("task-add-{talent}-{event_id}") label="Add task" icon=Icon::PLUS title=title confirm="Add task" run=run danger=false class="btn small">
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
    D: 'static,
{
    let rows = documents.iter().map(|document| document_row(data, document, manages)).collect();
    let upload = manages.then(|| {
        let kinds = TalentDocumentKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.title().to_owned()));
        papers::upload(data, format!("/api/v1/talent/{talent}/documents"), kinds.collect(), None)
    });
    papers::card(name, rows, upload)
}

fn document_row<D>(data: Loading<D>, document: &TalentDocument, manages: bool) -> AnyView
where
    D: 'static,
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
