//! Jobs: what runs in the background, and what became of it.

use eventify::kernel::chart::Chart;
use eventify::kernel::error::not_found;
use eventify::kernel::page::Page;
use eventify::ops::operations::{job_cancel, job_get, job_history, job_list, job_queues, job_redrive};
use eventify::ops::{JobDetail, JobFilter, JobHistoryQuery, JobId, JobRun, JobStatus, JobStep, QueueFigures};
use eventify::{Error, WORDS};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::ui::{
    Act, Bulk, Clock, Column, Confirm, Facts, Icon, ListQuery, Loading, Nothing, PageHead, Table, Toasts, Tone, at,
    at_or, badge, card, chart_when_loaded, live, loaded, note, now, submit, zone_of,
};

mod bus;
mod queues;
mod sent;

pub use bus::bus;
pub use sent::{sent_message, sent_messages};

crate::ui::bundles! {
    jobs: jobs, job;
    bus: bus;
    sent_messages: sent_messages, sent_message;
}

/// The list of jobs.
pub fn jobs() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(move || query.get(), move |q| job_list(filter(&q)));
    let clock = Clock::get();
    let history = Loading::new(|| (), move |()| history(clock));
    let queues = Loading::new(|| (), |()| job_queues());
    loaded(data, move |page, _| list(query.get_untracked(), data, page, queues, history))
}

fn filter(q: &ListQuery) -> JobFilter {
    JobFilter {
        status: q.parsed("status"),
        job_type: q.parsed("job_type"),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

/// How jobs went, by the reader's clocks.
async fn history(clock: Option<Clock>) -> Result<Chart, Error> {
    let seconds = zone_of(clock).await.local(now()).offset().whole_seconds();
    job_history(JobHistoryQuery { utc_offset_minutes: i16::try_from(seconds / 60).ok() }).await
}

fn list(
    query: ListQuery,
    data: Loading<Page<JobRun>>,
    page: Page<JobRun>,
    queues: Loading<QueueFigures>,
    history: Loading<Chart>,
) -> AnyView {
    let statuses = JobStatus::ALL.map(|s| (s.as_str().to_owned(), title(s).to_owned())).to_vec();
    let wanted = filter(&query);
    let table = Table::new("Jobs", query)
        .counts("job", "jobs")
        .csv("/ops/jobs/export", &wanted)
        .select("status", "Any status", statuses)
        .select("job_type", "Any job", WORDS.jobs())
        .column(Column::head("Job", |job: &JobRun| {
            let href = format!("/jobs/{}", job.id);
            view! { <a href=href>{job_title(&job.job_type)}</a><small>{queues::title_of(&job.queue_name)}</small> }
                .into_any()
        }))
        .column(Column::new("Status", |job: &JobRun| view! { {status(job.status)}{why(job)} }.into_any()))
        .column(Column::new("Attempts", attempts).number())
        .column(Column::new("Queued", |job: &JobRun| at(job.created_at)))
        .column(Column::new("Ended", |job: &JobRun| at_or(job.finished_at, "Not yet")).low())
        .bulk_of_some(vec![retry_all()], retriable, move || data.refetch())
        .empty("No jobs yet", "Emails and other background work appear here.", None)
        .page(page);
    view! {
        <div class="page">
            <PageHead title="Jobs" subtitle="Emails, webhooks and other work that runs in the background, newest first."/>
            {queues::when_loaded(queues)}
            {chart_when_loaded("job-history", history)}
            {failures(move || data.refetch())}
            {table}
        </div>
    }
    .into_any()
}

/// A job that can be run again, with its name.
fn retriable(job: &JobRun) -> Option<(String, String)> {
    job.status.next(JobStep::Redrive).is_ok().then(|| (job.id.to_string(), job_title(&job.job_type)))
}

fn retry_all() -> Bulk {
    Bulk::new("retry", "Retry", Icon::REFRESH, |id: JobId, _: Nothing| job_redrive(id))
        .done("queued again")
        .asks("Retry the selected jobs?", || view! { <p>"They run again, with all their attempts."</p> }.into_any())
}

/// How often it was tried, of how often it may be; once goes without saying.
fn attempts(job: &JobRun) -> AnyView {
    (job.attempts > 1).then(|| format!("{} of {}", job.attempts, job.max_attempts)).into_any()
}

/// Why it failed, or is tried again; the whole of it is on its own page.
fn why(job: &JobRun) -> Option<AnyView> {
    let tells = matches!(job.status, JobStatus::Dead | JobStatus::Retry);
    let error = job.last_error.as_deref().filter(|_| tells)?;
    let short: String = error.lines().next().unwrap_or_default().chars().take(120).collect();
    Some(view! { <small dir="auto">{short}</small> }.into_any())
}

/// What a kind of job is called; one that only a newer server knows by its own words.
fn job_title(kind: &str) -> String {
    WORDS.job(kind).map_or_else(|| bus::in_words(kind), str::to_owned)
}

/// "2 new failed jobs", since the list was shown.
fn failures(show: impl Fn() + Clone + Send + Sync + 'static) -> AnyView {
    let before = StoredValue::new(None::<i64>);
    let new = move |heard: &live::Heard| {
        let Some(now) = heard.payload["failed"].as_i64() else { return Vec::new() };
        let before = before.try_update_value(|before| *before.get_or_insert(now)).unwrap_or(now);
        (before..now).map(|n| n.to_string()).collect()
    };
    live::newcomers(&["jobs"], ("failed job", "failed jobs"), Vec::new(), new, show)
}

fn title(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Queued => "Queued",
        JobStatus::Running => "Running",
        JobStatus::Retry => "Will retry",
        JobStatus::Done => "Done",
        JobStatus::Dead => "Failed",
        JobStatus::Cancelled => "Cancelled",
    }
}

fn status(status: JobStatus) -> AnyView {
    let tone = match status {
        JobStatus::Queued | JobStatus::Cancelled => Tone::Neutral,
        JobStatus::Running => Tone::Info,
        JobStatus::Retry => Tone::Warning,
        JobStatus::Done => Tone::Success,
        JobStatus::Dead => Tone::Danger,
    };
    badge(tone, title(status))
}

/// One job.
pub fn job() -> AnyView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").and_then(|id| id.parse::<JobId>().ok()));
    let fetch = |id: Option<JobId>| async move { job_get(id.ok_or_else(not_found)?).await };
    let job = Loading::new(id, fetch);
    let data = job;
    loaded(data, move |job, _| page(data, job))
}

fn page(data: Loading<JobDetail>, detail: JobDetail) -> AnyView {
    let JobDetail { job, payload, dedupe_key, leased_by, leased_until } = detail;
    let fault = job
        .last_error
        .clone()
        .map(|error| note(Tone::Danger, "Last error", view! { <p class="mono">{error}</p> }, None));
    let facts = Facts::new()
        .add("Type", view! { <code>{job.job_type.clone()}</code> })
        .add("Queue", queues::title_of(&job.queue_name))
        .add("Attempts", format!("{} of {}", job.attempts, job.max_attempts))
        .add("Queued", at(job.created_at))
        .maybe("Scheduled for", (job.run_at > job.created_at).then(|| at(job.run_at)))
        .maybe("Started", job.started_at.map(at))
        .maybe("Ended", job.finished_at.map(at))
        .maybe("Worker", leased_by.map(|who| view! { <code>{who}</code> }))
        .maybe("Reserved until", leased_until.map(at))
        .maybe("Deduplication key", dedupe_key.map(|key| view! { <code>{key}</code> }))
        .maybe("Request", job.request_id.clone().map(|id| view! { <code>{id}</code> }))
        .id(job.id);
    let payload = match payload.is_null() {
        true => view! { <p class="muted">"This job needs no input."</p> }.into_any(),
        false => {
            let text = serde_json::to_string_pretty(&payload).unwrap_or_default();
            view! { <div class="code"><pre tabindex="0"><code>{text}</code></pre></div> }.into_any()
        }
    };
    let crumbs = vec![("Jobs".to_owned(), "/jobs".to_owned())];
    let (buttons, shown) = (actions(data, &job), (job.status.as_str(), job.attempts));
    // It is on its way while one looks on.
    live::watch(&[&format!("job:{}", job.id)], move |heard| {
        let now = (heard.payload["status"].as_str().unwrap_or_default(), heard.payload["attempts"].as_i64());
        if heard.anew || now != (shown.0, Some(i64::from(shown.1))) {
            data.refetch();
        }
    });
    view! {
        <div class="page">
            <PageHead title=job_title(&job.job_type) crumbs=crumbs badge=status(job.status) actions=buttons/>
            {fault}
            <div class="detail">
                <div class="stack">{card("job-payload", "Payload", None, payload)}</div>
                <aside aria-label="At a glance">{card("job-facts", "At a glance", None, facts.view())}</aside>
            </div>
        </div>
    }
    .into_any()
}

fn actions(data: Loading<JobDetail>, job: &JobRun) -> AnyView {
    let (id, toasts) = (job.id, Toasts::get());
    let again = job.status.next(JobStep::Redrive).is_ok().then(|| {
        let run = submit(
            move |_: Nothing| job_redrive(id),
            move |_: JobRun| {
                toasts.done("Job queued again");
                data.refetch();
            },
        );
        view! { <Act label="Retry" icon=Icon::REFRESH run=run class="btn primary"/> }
    });
    let cancel = job.status.next(JobStep::Cancel).is_ok().then(|| {
        let run = submit(
            move |_: Nothing| job_cancel(id),
            move |_: JobRun| {
                toasts.done("Job cancelled");
                data.refetch();
            },
        );
        let name = job_title(&job.job_type);
        view! {
            <Confirm id="job-cancel" label="Cancel job" icon=Icon::X title=format!("Cancel “{name}”?") keep="Keep job" confirm="Cancel job" run=run class="btn danger">
                <p>"It will not run. You can retry it later."</p>
            </Confirm>
        }
    });
    view! { {again}{cancel} }.into_any()
}
