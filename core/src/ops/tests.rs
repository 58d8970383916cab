use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::Executor;
use tokio_util::sync::CancellationToken;

use super::handlers::{Failure, JobContext, JobHandler, Run};
use super::{JobDetail, JobFilter, JobId, JobStatus, JobStep, operations, periodic, sql, worker};
use crate::kernel::app::App;
use crate::kernel::context::Db;
use crate::kernel::error::internal;
use crate::kernel::jobs::Job;
use crate::kernel::page::Limit;
use crate::kernel::queues::Queue;
use crate::kernel::testing::{self, TestApp};
use crate::kernel::text::FilterWord;

/// What a test job does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    Succeed,
    Fail,
    FailOnce,
    FailForGood,
    Panic,
    Sleep(u64),
}

#[derive(Serialize, Deserialize)]
struct Probe {
    act: Act,
}
impl Job for Probe {
    const TYPE: &'static str = "test.probe";
    const ATTEMPTS: i32 = 3;
}
inventory::submit!(JobHandler::of::<Probe>());

impl Run for Probe {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        sqlx::query(
            "insert into rate_counters (name, subject, window_start, count) values ('ran', $1, 'infinity', 1)
             on conflict (name, subject, window_start) do update set count = rate_counters.count + 1",
        )
        .bind(context.id.to_string())
        .execute(&app.pool)
        .await?;
        match self.act {
            Act::Succeed => Ok(()),
            Act::FailOnce if context.attempt > 1 => Ok(()),
            Act::Fail | Act::FailOnce => Err(internal().internal("no luck").into()),
            Act::FailForGood => Err(Failure::Never(internal().internal("hopeless"))),
            Act::Panic => panic!("oh no"),
            Act::Sleep(millis) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                Ok(())
            }
        }
    }
}

/// A job nobody here can run, as the next version may queue one.
#[derive(Serialize, Deserialize)]
struct Orphan {}
impl Job for Orphan {
    const TYPE: &'static str = "test.orphan";
}

async fn queue<J: Job>(app: &TestApp, job: &J) -> JobId {
    let mut tx = app.tx().await;
    tx.enqueue(job);
    tx.commit().await.unwrap();
    let newest = "select id from job_runs where job_type = $1 order by id desc limit 1";
    JobId(sqlx::query_scalar(newest).bind(J::TYPE).fetch_one(&app.reader).await.unwrap())
}

async fn job(app: &TestApp, id: JobId) -> JobDetail {
    sql::job_find(&mut app.reader.acquire().await.unwrap(), id).await.unwrap()
}

async fn ran(app: &TestApp, id: JobId) -> i32 {
    sqlx::query_scalar("select coalesce(sum(count), 0)::int from rate_counters where name = 'ran' and subject = $1")
        .bind(id.to_string())
        .fetch_one(&app.reader)
        .await
        .unwrap()
}

/// Waits until the job stands there; the clock runs ahead, so that retries are due at once.
async fn until(app: &TestApp, id: JobId, status: JobStatus) -> JobDetail {
    let work = async {
        loop {
            let job = job(app, id).await;
            if job.job.status == status {
                return job;
            }
            if job.job.status == JobStatus::Retry {
                app.clock.advance(time::Duration::minutes(5));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), work).await.expect("the job gets there")
}

fn work(app: &Arc<App>) -> (CancellationToken, tokio::task::JoinHandle<()>) {
    let stop = CancellationToken::new();
    (stop.clone(), tokio::spawn(worker::run(app.clone(), stop)))
}

/// What `worker` takes with room for ten jobs in each queue, if it knows the kinds of tests.
async fn claim(app: &TestApp, worker: &str) -> Vec<sql::Claimed> {
    claim_kinds(app, worker, &JobHandler::kinds()).await
}

async fn claim_kinds(app: &TestApp, worker: &str, kinds: &[&str]) -> Vec<sql::Claimed> {
    let rooms = Queue::ALL.map(|queue| sql::Room { queue, slots: 10 });
    let mut tx = app.begin().await.unwrap();
    assert!(sql::lanes_lock(&mut tx).await.unwrap());
    let taken = sql::job_claim(&mut tx, worker, app.clock.now(), &rooms, kinds).await.unwrap();
    tx.commit().await.unwrap();
    taken
}

fn claim_of(claimed: &sql::Claimed, worker: &str) -> sql::Claim {
    sql::Claim { id: claimed.id, attempt: claimed.attempts, worker: worker.to_owned() }
}

#[tokio::test]
async fn jobs_run_fail_retry_and_die() {
    let app = testing::app().await;
    let (stop, worker) = work(&app);
    let good = queue(&app, &Probe { act: Act::Succeed }).await;
    let bad = queue(&app, &Probe { act: Act::Fail }).await;
    let once = queue(&app, &Probe { act: Act::FailOnce }).await;
    let hopeless = queue(&app, &Probe { act: Act::FailForGood }).await;
    let panics = queue(&app, &Probe { act: Act::Panic }).await;
    let orphan = queue(&app, &Orphan {}).await;

    let done = until(&app, good, JobStatus::Done).await;
    assert_eq!((done.job.attempts, done.leased_by), (1, None));
    assert!(done.job.finished_at.is_some());
    let dead = until(&app, bad, JobStatus::Dead).await;
    assert_eq!((dead.job.attempts, ran(&app, bad).await), (3, 3));
    assert!(dead.job.last_error.unwrap().contains("no luck"));
    assert_eq!(until(&app, once, JobStatus::Done).await.job.attempts, 2);
    assert_eq!(until(&app, hopeless, JobStatus::Dead).await.job.attempts, 1);
    assert!(until(&app, panics, JobStatus::Dead).await.job.last_error.unwrap().contains("panicked: oh no"));
    // Nobody here can run it: it waits, untouched, for a version that can.
    let unknown = job(&app, orphan).await.job;
    assert_eq!((unknown.status, unknown.attempts, unknown.last_error), (JobStatus::Queued, 0, None));
    stop.cancel();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_workers_run_each_job_once() {
    let app = testing::app().await;
    let other = app.another().await;
    let mut tx = app.tx().await;
    for _ in 0..60 {
        tx.enqueue(&Probe { act: Act::Sleep(5) });
    }
    tx.commit().await.unwrap();
    let workers = [work(&app), work(&other)];
    let finished = async {
        loop {
            let (done, runs): (i64, i64) = sqlx::query_as(
                "select (select count(*) from job_runs where job_type = 'test.probe' and status = 'done'),
                        (select coalesce(sum(count), 0) from rate_counters where name = 'ran')",
            )
            .fetch_one(&app.reader)
            .await
            .unwrap();
            if done == 60 {
                return runs;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(30), finished).await.expect("all done"), 60);
    for (stop, worker) in workers {
        stop.cancel();
        worker.await.unwrap();
    }
}

#[tokio::test]
async fn an_expired_lease_is_taken_over_and_the_late_worker_changes_nothing() {
    let app = testing::app().await;
    let id = queue(&app, &Probe { act: Act::Succeed }).await;
    let mut db = app.pool.acquire().await.unwrap();
    let first = claim_of(&claim(&app, "gone").await[0], "gone");
    assert_eq!(claim(&app, "other").await.len(), 0);
    assert_eq!(worker::reclaim(&app).await.unwrap(), 0, "its lease still runs");
    assert!(sql::job_renew(&mut db, &first).await.unwrap());

    let expire = "update job_runs set leased_until = now() - interval '1 second'";
    app.owner().await.execute(expire).await.unwrap();
    assert_eq!(worker::reclaim(&app).await.unwrap(), 1);
    assert!(job(&app, id).await.job.last_error.unwrap().contains("gone vanished"));
    assert_eq!(claim(&app, "other").await[0].attempts, 2);

    assert!(!sql::job_renew(&mut db, &first).await.unwrap());
    let done = sql::Ended { status: JobStatus::Done, error: None, run_at: None, given_back: false };
    assert!(!sql::job_finish(&mut db, &first, &done, app.clock.now()).await.unwrap());
    let late = JobContext::new(id, 1, None, "gone");
    assert!(late.done(&mut db, app.clock.now()).await.is_err(), "nor can its own transaction end the job");
    assert_eq!(job(&app, id).await.job.status, JobStatus::Running);

    // The third attempt is the last: lost as well, it is dead.
    app.owner().await.execute(expire).await.unwrap();
    worker::reclaim(&app).await.unwrap();
    claim(&app, "third").await;
    app.owner().await.execute(expire).await.unwrap();
    worker::reclaim(&app).await.unwrap();
    assert_eq!(job(&app, id).await.job.status, JobStatus::Dead);
}

#[tokio::test]
async fn shutdown_lets_running_jobs_finish() {
    let app = testing::app().await;
    let (stop, worker) = work(&app);
    let id = queue(&app, &Probe { act: Act::Sleep(700) }).await;
    until(&app, id, JobStatus::Running).await;
    stop.cancel();
    let waiting = queue(&app, &Probe { act: Act::Succeed }).await;
    worker.await.unwrap();
    assert_eq!(job(&app, id).await.job.status, JobStatus::Done);
    assert_eq!(job(&app, waiting).await.job.status, JobStatus::Queued);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn periodic_jobs_are_queued_once_per_slot() {
    let app = Arc::new(testing::app().await);
    let other = app.another().await;
    let all: Vec<_> = inventory::iter::<periodic::Periodic>().collect();
    let names: std::collections::BTreeSet<_> = all.iter().map(|p| p.name).collect();
    assert_eq!(names.len(), all.len(), "names are unique");
    for periodic in &all {
        let tries = (0..8).map(|i| {
            let process = if i % 2 == 0 { app.app.clone() } else { other.clone() };
            async move { periodic::enqueue(&process, periodic, 7).await.unwrap() }
        });
        let queued = futures::future::join_all(tries).await;
        assert_eq!(queued.iter().filter(|queued| **queued).count(), 1, "{}", periodic.name);
    }
    // Once done, the slot still counts as queued; the next one does not.
    let (stop, worker) = work(&app);
    let finished = async {
        loop {
            let open: i64 = sqlx::query_scalar("select count(*) from job_runs where status <> 'done'")
                .fetch_one(&app.reader)
                .await
                .unwrap();
            if open == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), finished).await.expect("every periodic job succeeds");
    stop.cancel();
    worker.await.unwrap();
    assert!(!periodic::enqueue(&app, all[0], 7).await.unwrap());
    assert!(periodic::enqueue(&app, all[0], 8).await.unwrap());
}

#[tokio::test]
async fn a_dedupe_key_holds_while_the_job_lives() {
    let app = testing::app().await;
    for _ in 0..3 {
        let mut tx = app.tx().await;
        tx.enqueue(&Probe { act: Act::Succeed }).dedupe("one");
        tx.commit().await.unwrap();
    }
    let count: i64 = sqlx::query_scalar("select count(*) from job_runs").fetch_one(&app.reader).await.unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn people_redrive_and_cancel() {
    let app = testing::app().await;
    let id = queue(&app, &Probe { act: Act::Fail }).await;
    let act = async |step: JobStep| {
        let meta = if step == JobStep::Redrive { &operations::JOB_REDRIVE_META } else { &operations::JOB_CANCEL_META };
        app.system_cx(meta)
            .write(move |tx| {
                Box::pin(async move {
                    let before = sql::job_lock(tx.conn(), id).await?;
                    let status = before.status.next(step)?;
                    let now = tx.now;
                    let after = match step {
                        JobStep::Redrive => sql::job_requeue(tx.conn(), id, status, now).await?,
                        _ => sql::job_end(tx.conn(), id, status, now).await?,
                    };
                    tx.audit("job.changed", &before, &after);
                    Ok(after)
                })
            })
            .await
    };
    let refused = act(JobStep::Redrive).await.unwrap_err();
    assert_eq!((refused.status(), refused.code()), (409, "invalid_transition"));
    assert!(refused.message().contains("queued"));
    assert_eq!(act(JobStep::Cancel).await.unwrap().status, JobStatus::Cancelled);
    assert_eq!(act(JobStep::Cancel).await.unwrap_err().code(), "invalid_transition");
    let again = act(JobStep::Redrive).await.unwrap();
    assert_eq!((again.status, again.attempts, again.finished_at), (JobStatus::Queued, 0, None));

    let mut reader = app.system_cx(&operations::JOB_LIST_META).reader().await.unwrap();
    for _ in 0..4 {
        queue(&app, &Orphan {}).await;
    }
    let filter = JobFilter {
        job_type: FilterWord::parse("test.orphan").ok(),
        limit: Limit::try_from(3).ok(),
        ..Default::default()
    };
    let page = sql::job_list(&mut reader, &filter).await.unwrap();
    assert_eq!(page.items.len(), 3);
    let page = sql::job_list(&mut reader, &JobFilter { cursor: page.next_cursor, ..filter }).await.unwrap();
    assert_eq!((page.items.len(), page.next_cursor), (1, None));
    let queued = JobFilter { status: Some(JobStatus::Queued), ..Default::default() };
    assert_eq!(sql::job_list(&mut reader, &queued).await.unwrap().items.len(), 5);
    let missing = sql::job_find(reader.conn(), JobId::new()).await.unwrap_err();
    assert_eq!(missing.code(), "not_found");
}

#[test]
fn only_the_listed_steps_are_possible() {
    use JobStatus::*;
    let possible = |step: JobStep| JobStatus::ALL.into_iter().filter(move |s| s.next(step).is_ok()).collect::<Vec<_>>();
    assert_eq!(possible(JobStep::Claim), [Queued, Retry]);
    assert_eq!(possible(JobStep::Redrive), [Dead, Cancelled]);
    assert_eq!(possible(JobStep::Cancel), [Queued, Retry]);
    for step in [JobStep::Succeed, JobStep::Fail, JobStep::GiveUp, JobStep::Return] {
        assert_eq!(possible(step), [Running]);
    }
}

#[test]
fn pauses_double_with_chance_and_end_growing() {
    assert_eq!(worker::backoff(1, 0), Duration::from_millis(2_500));
    assert_eq!(worker::backoff(1, 255), Duration::from_millis(7_500));
    assert_eq!(worker::backoff(3, 0), Duration::from_secs(10));
    assert!((1..100).all(|attempt| worker::backoff(attempt, 255) <= Duration::from_secs(5_400)));
}
