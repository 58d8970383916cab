//! Workers: take jobs that are due, run them, note how it went. Any number of processes may work.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info_span};

use super::handlers::{Failure, JobContext, JobHandler};
use super::sql::{self, Claimed, Ended, Room};
use super::{JobId, JobStatus, periodic};
use crate::kernel::app::App;
use crate::kernel::clock::random_bytes;
use crate::kernel::error::{Error, Result};
use crate::kernel::queues::Queue;
use crate::kernel::timestamp::Timestamp;

/// Longest pause between looks for work, shortest first.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(500)];
/// How often jobs of vanished workers are looked for, and this process's own memory is swept.
const UPKEEP: Duration = Duration::from_secs(10);
/// A lease lasts 60 s; renewed this often, two renewals may fail.
const RENEWAL: Duration = Duration::from_secs(20);
/// How long running jobs may go on when the process is to end; then they are handed back.
const DRAIN: Duration = Duration::from_secs(20);
/// The first retry comes after about this, each later one after twice the time.
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LONGEST_RETRY: Duration = Duration::from_secs(3600);

/// Works until shutdown, in each queue with its own slots, then drains.
pub async fn run(app: Arc<App>, shutdown: CancellationToken) {
    tokio::join!(work(&app, &shutdown), periodic::run(app.clone(), shutdown.clone()), upkeep(&app, &shutdown));
}

/// The jobs of this process that are running, by queue.
#[derive(Default)]
struct Running {
    running: JoinSet<Queue>,
    count: HashMap<Queue, usize>,
}

impl Running {
    fn room(&self) -> Vec<Room> {
        let free = |queue: Queue| queue.slots() - self.count.get(&queue).copied().unwrap_or_default();
        let room = |queue| Room { queue, slots: i64::try_from(free(queue)).unwrap_or_default() };
        Queue::ALL.into_iter().map(room).filter(|room| room.slots > 0).collect()
    }

    fn begin(&mut self, queue: Queue, work: impl Future<Output = ()> + Send + 'static) {
        *self.count.entry(queue).or_default() += 1;
        self.running.spawn(async move {
            work.await;
            queue
        });
    }

    /// Waits for one to end; true when its queue had no room.
    async fn next(&mut self) -> bool {
        match self.running.join_next().await {
            Some(Ok(queue)) => self.ended(queue),
            // Panics of jobs are caught where they run: this one is our own, and its queue is not known.
            Some(Err(error)) => {
                tracing::error!(?error, "an attempt broke off");
                true
            }
            None => std::future::pending().await,
        }
    }

    fn ended(&mut self, queue: Queue) -> bool {
        let count = self.count.entry(queue).or_default();
        let was_full = *count >= queue.slots();
        *count = count.saturating_sub(1);
        was_full
    }

    async fn all(&mut self) {
        while self.running.join_next().await.is_some() {}
    }
}

async fn work(app: &Arc<App>, shutdown: &CancellationToken) {
    let mut running = Running::default();
    // Jobs still running when the time to drain is over hear it through this.
    let hand_back = CancellationToken::new();
    let kinds = JobHandler::kinds();
    let mut pause = PAUSES[0];
    while !shutdown.is_cancelled() {
        let taken = match claim(app, running.room(), &kinds).await {
            Ok(taken) => taken,
            Err(error) => {
                tracing::warn!(?error, "could not look for jobs");
                Vec::new()
            }
        };
        pause = if taken.is_empty() { (pause * 2).min(PAUSES[1]) } else { PAUSES[0] };
        for (queue, job) in taken {
            running.begin(queue, run_claimed(app.clone(), job, hand_back.clone()));
        }
        let look_again = sleep(pause);
        tokio::pin!(look_again);
        loop {
            tokio::select! {
                // Where there was room all that was due is taken: nothing waits for this one's slot.
                was_full = running.next() => if was_full { break },
                () = &mut look_again => break,
                () = shutdown.cancelled() => break,
            }
        }
    }
    if tokio::time::timeout(DRAIN, running.all()).await.is_err() {
        hand_back.cancel();
        running.all().await;
    }
}

/// Takes what there is room for, of the kinds that this process can run: others wait for one that can.
pub(super) async fn claim(app: &App, mut rooms: Vec<Room>, kinds: &[&str]) -> Result<Vec<(Queue, Claimed)>> {
    if rooms.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = app.begin().await?;
    if rooms.iter().any(|room| room.queue.lane_limit().is_some()) && !sql::lanes_lock(&mut tx).await? {
        rooms.retain(|room| room.queue.lane_limit().is_none());
    }
    let taken = sql::job_claim(&mut tx, &app.instance, app.clock.now(), &rooms, kinds).await?;
    tx.commit().await?;
    let with_queue = |job: Claimed| {
        let queue = rooms.iter().map(|room| room.queue).find(|queue| queue.as_str() == job.queue_name)?;
        Some((queue, job))
    };
    Ok(taken.into_iter().filter_map(with_queue).collect())
}

async fn upkeep(app: &App, shutdown: &CancellationToken) {
    while !shutdown.is_cancelled() {
        if let Err(error) = reclaim(app).await {
            tracing::warn!(?error, "could not look for jobs of vanished workers");
        }
        app.limiter.sweep();
        tokio::select! {
            () = sleep(UPKEEP) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// Frees the jobs of workers that vanished.
pub async fn reclaim(app: &App) -> Result<u64> {
    sql::job_reclaim(&mut *app.pool.acquire().await?, app.clock.now()).await
}

/// How one attempt of a job ended.
#[derive(Debug)]
enum Outcome {
    Done,
    Failed(Failure),
    /// Another worker has it now: nothing to note.
    Lost,
    /// The process ends: it goes back, the attempt does not count.
    HandedBack,
}

/// One job, from its claim to the note of how it went.
async fn run_claimed(app: Arc<App>, claimed: Claimed, hand_back: CancellationToken) {
    let span = info_span!("job", id = %claimed.id, kind = claimed.job_type, attempt = claimed.attempts);
    async {
        let id = JobId(claimed.id);
        let context = JobContext::new(id, claimed.attempts, claimed.request_id.clone(), &app.instance);
        let outcome = tokio::select! {
            outcome = execute(app.clone(), &claimed, context.clone()) => outcome,
            () = lease_lost(&app, &context) => Outcome::Lost,
            () = hand_back.cancelled() => Outcome::HandedBack,
        };
        if matches!(outcome, Outcome::Done) && context.is_noted() {
            return;
        }
        if let Err(error) = note(&app, &claimed, &context, &outcome).await {
            // The lease runs out and somebody else will try.
            tracing::warn!(?error, "could not note how a job went");
        }
    }
    .instrument(span)
    .await;
}

async fn execute(app: Arc<App>, claimed: &Claimed, context: JobContext) -> Outcome {
    // Only known kinds are taken; what comes here all the same goes back to whoever knows it.
    let Some(handler) = JobHandler::find(&claimed.job_type) else { return Outcome::HandedBack };
    // Called inside the future, so that a panic before its first await is caught, too.
    let work = async { (handler.run)(app.clone(), context, claimed.payload.clone()).await };
    let came = AssertUnwindSafe(work).catch_unwind().await;
    app.changed();
    match came {
        Ok(Ok(())) => Outcome::Done,
        Ok(Err(failure)) => Outcome::Failed(failure),
        Err(panic) => Outcome::Failed(Failure::Again(panicked(panic.as_ref()))),
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let text =
        panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    crate::kernel::error::internal().internal(format!("panicked: {}", text.unwrap_or_default()))
}

/// Renews the lease for as long as that works.
async fn lease_lost(app: &App, context: &JobContext) {
    loop {
        sleep(RENEWAL).await;
        let renewed = async {
            let mut db = app.pool.acquire().await?;
            sql::job_renew(&mut db, context.claim()).await
        };
        match renewed.await {
            Ok(true) => {}
            // It has ended itself, and has something left to do.
            Ok(false) if context.is_noted() => std::future::pending().await,
            Ok(false) => return,
            // Perhaps the next one works; if not, others take the job over, and the note is refused.
            Err(error) => tracing::warn!(?error, "could not renew a lease"),
        }
    }
}

async fn note(app: &App, claimed: &Claimed, context: &JobContext, outcome: &Outcome) -> Result<()> {
    let now = app.clock.now();
    let text = match outcome {
        Outcome::Failed(Failure::Again(error) | Failure::Never(error) | Failure::NotBefore(_, error)) => {
            Some(shortened(&format!("{error:?}")))
        }
        _ => None,
    };
    let error = text.as_deref();
    let ended = match outcome {
        Outcome::Lost => {
            tracing::warn!("the lease was lost: another worker has the job");
            return Ok(());
        }
        Outcome::Done => Ended { status: JobStatus::Done, error, run_at: None, given_back: false },
        Outcome::HandedBack => Ended { status: JobStatus::Queued, error, run_at: Some(now), given_back: true },
        Outcome::Failed(Failure::Again(_)) if claimed.attempts < claimed.max_attempts => {
            let at = Timestamp(now.0 + backoff(claimed.attempts, random_bytes::<1>()[0]));
            tracing::warn!(error, "a job failed and will be tried again");
            Ended { status: JobStatus::Retry, error, run_at: Some(at), given_back: false }
        }
        Outcome::Failed(Failure::NotBefore(at, _)) => {
            tracing::info!(error, at = at.rfc3339(), "a job waits");
            Ended { status: JobStatus::Retry, error, run_at: Some(*at), given_back: true }
        }
        Outcome::Failed(_) => {
            tracing::error!(error, "a job is dead");
            Ended { status: JobStatus::Dead, error, run_at: None, given_back: false }
        }
    };
    let mut db = app.pool.acquire().await?;
    if !sql::job_finish(&mut db, context.claim(), &ended, now).await? {
        tracing::warn!("the lease was lost before the job's end was noted");
    }
    Ok(())
}

/// Doubles with each attempt; half to one and a half of it by chance, so that what failed together is
/// not tried together.
pub(super) fn backoff(attempt: i32, chance: u8) -> Duration {
    let doublings = u32::try_from(attempt.clamp(1, 20) - 1).unwrap_or_default();
    let pause = FIRST_RETRY.saturating_mul(1 << doublings).min(LONGEST_RETRY);
    pause.mul_f64(0.5 + f64::from(chance) / 255.0)
}

fn shortened(text: &str) -> String {
    text.chars().take(2_000).collect()
}
