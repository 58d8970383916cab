//! Queues, lanes and versions side by side.

use serde::{Deserialize, Serialize};
use sqlx::Executor;

use super::handlers::{JobContext, JobHandler};
use super::sql::{self, Claimed, Room};
use super::{JobId, JobStatus, operations, worker};
use crate::kernel::context::Db;
use crate::kernel::jobs::{self, Job, Pending};
use crate::kernel::queues::Queue;
use crate::kernel::testing::{self, TestApp};

#[derive(Serialize, Deserialize)]
struct Numbered {
    n: i64,
}
impl Job for Numbered {
    const TYPE: &'static str = "test.some";
}

/// Queues so many, each a second after the one before, the first due so many seconds ago.
async fn queue(app: &TestApp, count: i64, seconds_ago: i64, queue: Queue, lane: &str) {
    let now = app.clock.now();
    let first = now.0 - time::Duration::seconds(seconds_ago);
    let job = |n: i64| {
        let mut job = Pending::new(&Numbered { n });
        job.queue(queue).lane(lane).run_at((first + time::Duration::milliseconds(n)).into());
        job
    };
    let jobs: Vec<Pending> = (0..count).map(job).collect();
    jobs::insert_all(&mut app.pool.acquire().await.unwrap(), "test", now, &jobs).await.unwrap();
}

async fn claim(app: &TestApp, worker: &str, slots: i64, kinds: &[&str]) -> Vec<Claimed> {
    let rooms = Queue::ALL.map(|queue| Room { queue, slots });
    let mut tx = app.begin().await.unwrap();
    let taken = sql::job_claim(&mut tx, worker, app.clock.now(), &rooms, kinds).await.unwrap();
    tx.commit().await.unwrap();
    taken
}

fn of(taken: &[Claimed], queue: Queue) -> usize {
    taken.iter().filter(|job| job.queue_name == queue.as_str()).count()
}

const KINDS: &[&str] = &["test.some"];

#[tokio::test]
async fn no_queue_stands_before_another_and_no_lane_fills_its_queue() {
    let app = testing::app().await;
    queue(&app, 10_000, 500, Queue::Webhook, "slow").await;
    queue(&app, 2_000, 500, Queue::Mail, "").await;
    queue(&app, 1, 20, Queue::Webhook, "other").await;
    queue(&app, 1, 10, Queue::Urgent, "").await;
    let taken = claim(&app, "one", 4, KINDS).await;
    assert_eq!(of(&taken, Queue::Urgent), 1, "the youngest of all does not wait");
    assert_eq!(of(&taken, Queue::Mail), 4);
    assert_eq!(of(&taken, Queue::Webhook), 3, "two of the lane with ten thousand, and the other lane's");
    // The lane is full over all processes; the others go on.
    let taken = claim(&app, "two", 4, KINDS).await;
    assert_eq!((of(&taken, Queue::Webhook), of(&taken, Queue::Mail)), (0, 4));
    let order: Vec<i64> = taken.iter().map(|job| job.payload["n"].as_i64().unwrap()).collect();
    assert!(order.iter().all(|n| (4..8).contains(n)), "the longest due come first: {order:?}");
    // A place in the lane comes free.
    app.owner()
        .await
        .execute("update job_runs set status = 'done' where lane = 'slow' and payload->>'n' = '0'")
        .await
        .unwrap();
    assert_eq!(of(&claim(&app, "two", 4, KINDS).await, Queue::Webhook), 1);
}

#[tokio::test]
async fn figures_say_what_waits_and_for_how_long() {
    let app = testing::app().await;
    queue(&app, 3, 90, Queue::Urgent, "").await;
    queue(&app, 2, -90, Queue::Urgent, "").await;
    let mut reader = app.system_cx(&operations::JOB_QUEUES_META).reader().await.unwrap();
    let now = app.clock.now();
    let figures = sql::queue_figures(reader.conn(), now).await.unwrap();
    let urgent = &figures[0];
    assert_eq!((urgent.queue, urgent.waiting, urgent.later, urgent.running), (Queue::Urgent, 3, 2, 0));
    assert!(urgent.lag_seconds.is_some_and(|lag| (89..95).contains(&lag)), "{urgent:?}");
    assert!(figures.iter().skip(1).all(|row| row.waiting == 0 && row.lag_seconds.is_none()));
    assert_eq!(sql::unknown_waiting(reader.conn(), &JobHandler::kinds(), now).await.unwrap(), 3);
    claim(&app, "one", 2, KINDS).await;
    assert_eq!(sql::queue_figures(reader.conn(), now).await.unwrap()[0].running, 2);
}

#[tokio::test]
async fn many_jobs_are_queued_at_once_and_each_key_once() {
    let app = testing::app().await;
    let mut tx = app.tx().await;
    for n in 0..2_500 {
        tx.enqueue(&Numbered { n: n % 2_000 }).dedupe((n % 2_000).to_string());
    }
    tx.commit().await.unwrap();
    let queued: i64 = sqlx::query_scalar("select count(*) from job_runs").fetch_one(&app.reader).await.unwrap();
    assert_eq!(queued, 2_000);
}

/// As the version before this one claims and buries: whatever is due, of any kind.
async fn old_worker(app: &TestApp) -> Vec<(uuid::Uuid, String)> {
    let now = app.clock.now().0;
    let taken: Vec<(uuid::Uuid, String)> = sqlx::query_as(
        "with due as (
             select id from job_runs where status in ('queued', 'retry') and run_at <= $1
             order by run_at, id limit 4 for update skip locked)
         update job_runs j set status = 'running', attempts = j.attempts + 1, leased_by = 'old',
                leased_until = clock_timestamp() + interval '60 seconds', started_at = $1, finished_at = null
         from due where j.id = due.id returning j.id, j.job_type",
    )
    .bind(now)
    .fetch_all(&app.pool)
    .await
    .unwrap();
    for (id, kind) in &taken {
        sqlx::query(
            "update job_runs set status = 'dead', last_error = $2, finished_at = $3, leased_by = null, leased_until = null
             where id = $1 and leased_by = 'old' and status = 'running'",
        )
        .bind(id)
        .bind(format!("500 internal: Something went wrong on our side [no code for jobs of type {kind}]"))
        .bind(now)
        .execute(&app.pool)
        .await
        .unwrap();
    }
    taken
}

#[tokio::test]
async fn two_versions_side_by_side_lose_and_bury_nothing() {
    let app = testing::app().await;
    queue(&app, 6, 60, Queue::Bulk, "").await;
    // The next version's jobs and ours: we take none that we do not know.
    assert_eq!(claim(&app, "ours", 10, &["test.probe", "mail.send"]).await.len(), 0);
    // The version before takes them, cannot run them and would bury them.
    assert_eq!(old_worker(&app).await.len(), 4);
    let dead = "select count(*) from job_runs where status = 'dead'";
    assert_eq!(sqlx::query_scalar::<_, i64>(dead).fetch_one(&app.pool).await.unwrap(), 0);
    app.clock.advance(time::Duration::seconds(2));
    let taken = claim(&app, "next", 10, KINDS).await;
    assert_eq!(taken.len(), 6);
    assert!(taken.iter().all(|job| job.attempts == 1), "the vain attempts do not count");
    // What is dead for another reason stays dead.
    let claim = sql::Claim { id: taken[0].id, attempt: 1, worker: "next".to_owned() };
    let ended = sql::Ended { status: JobStatus::Dead, error: Some("no luck"), run_at: None, given_back: false };
    let mut db = app.pool.acquire().await.unwrap();
    assert!(sql::job_finish(&mut db, &claim, &ended, app.clock.now()).await.unwrap());
    assert_eq!(sqlx::query_scalar::<_, i64>(dead).fetch_one(&app.pool).await.unwrap(), 1);
}

#[tokio::test]
async fn jobs_of_the_version_before_wait_in_our_queues() {
    let app = testing::app().await;
    for (old, ours) in
        [("default", "bulk"), ("text", "text"), ("mail", "mail"), ("pictures", "media"), ("upkeep", "bulk")]
    {
        let queued: String = sqlx::query_scalar(
            "insert into job_runs (id, queue_name, job_type, payload, run_at)
             values (gen_random_uuid(), $1, 'test.some', '{}', $2) returning queue_name",
        )
        .bind(old)
        .bind(app.clock.now())
        .fetch_one(&app.pool)
        .await
        .unwrap();
        assert_eq!(queued, ours);
    }
    assert_eq!(claim(&app, "one", 5, KINDS).await.len(), 5);
}

#[tokio::test]
async fn a_job_that_ends_in_its_own_transaction_is_not_run_again_when_its_worker_is_lost() {
    let app = testing::app().await;
    queue(&app, 2, 60, Queue::Bulk, "").await;
    let taken = claim(&app, "lost", 10, KINDS).await;
    let context = |job: &Claimed| JobContext::new(JobId(job.id), job.attempts, None, "lost");
    let (kept, undone) = (context(&taken[0]), context(&taken[1]));
    let now = app.clock.now();
    let mut tx = app.tx().await;
    tx.enqueue(&Numbered { n: 100 });
    kept.done(tx.conn(), now).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = app.tx().await;
    tx.enqueue(&Numbered { n: 200 });
    undone.done(tx.conn(), now).await.unwrap();
    drop(tx);
    // Both workers are lost before they noted anything.
    app.owner()
        .await
        .execute("update job_runs set leased_until = now() - interval '1 second' where leased_until is not null")
        .await
        .unwrap();
    assert_eq!(worker::reclaim(&app).await.unwrap(), 1);
    let left: Vec<(String, i64)> = sqlx::query_as("select status, (payload->>'n')::bigint from job_runs order by 2")
        .fetch_all(&app.reader)
        .await
        .unwrap();
    let n = |job: &Claimed| job.payload["n"].as_i64().unwrap();
    let mut expected =
        vec![("done".to_owned(), n(&taken[0])), ("retry".to_owned(), n(&taken[1])), ("queued".to_owned(), 100)];
    expected.sort_by_key(|(_, n)| *n);
    assert_eq!(left, expected);
}

#[tokio::test]
async fn jobs_that_are_over_are_swept_after_the_settings_days() {
    let app = testing::app_with(&["--keep-jobs-days", "10"]).await;
    let now = app.clock.now();
    for (status, days, key) in [
        ("done", 11, None),
        ("dead", 11, None),
        ("cancelled", 11, None),
        ("dead", 9, None),
        ("queued", 99, None),
        ("done", 3, Some("periodic:x:1")),
        ("done", 1, Some("periodic:x:2")),
    ] {
        let at = now.0 - time::Duration::days(days);
        sqlx::query(
            "insert into job_runs (id, queue_name, job_type, status, payload, dedupe_key, created_at, finished_at)
             values (gen_random_uuid(), 'bulk', 'test.some', $1, '{}', $2, $3, case when $1 in ('done', 'dead') then $3 end)",
        )
        .bind(status)
        .bind(key)
        .bind(at)
        .execute(&app.pool)
        .await
        .unwrap();
    }
    super::sweeps::sweep_jobs(&app).await.unwrap();
    let left: Vec<String> =
        sqlx::query_scalar("select status from job_runs order by status").fetch_all(&app.reader).await.unwrap();
    assert_eq!(left, ["dead", "done", "queued"]);
}

#[tokio::test]
async fn what_sign_ins_leave_behind_is_swept() {
    let app = testing::app().await;
    let mut owner = app.owner().await;
    let now = app.clock.now();
    owner
        .execute(
            "insert into admin_users (id, email, full_name, status) values
                 ('01990000-0000-7000-8000-00000000aaaa', 'asha@example.com', 'Asha', 'active')",
        )
        .await
        .unwrap();
    for left in [
            "insert into admin_devices (id, user_id, device_fingerprint, platform, risk_state, last_seen_at)
             select gen_random_uuid(), '01990000-0000-7000-8000-00000000aaaa', sha256(risk::bytea || days::text::bytea), 'Web', risk,
                    $1 - make_interval(days => days)
             from (values ('known', 500), ('blocked', 500), ('known', 300)) as d (risk, days)",
            "insert into user_activity_logs (id, action, target_type, created_at)
             select gen_random_uuid(), 'x', 'staff', $1 - make_interval(days => days) from unnest(array[500, 300]) days",
    ] {
        sqlx::query(left).bind(now.0).execute(&mut owner).await.unwrap();
    }
    super::sweeps::sweep_sign_ins(&app).await.unwrap();
    let left: (i64, i64) =
        sqlx::query_as("select (select count(*) from admin_devices), (select count(*) from user_activity_logs)")
            .fetch_one(&app.reader)
            .await
            .unwrap();
    assert_eq!(left, (2, 1));
}
