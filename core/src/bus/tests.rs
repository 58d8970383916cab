use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::future::BoxFuture;
use serde::Serialize;
use sqlx::{Executor, PgConnection};
use tokio::sync::broadcast::Receiver;
use tokio_util::sync::CancellationToken;

use super::consumers::{self, Consumer};
use super::listener::Channel;
use super::stream::{Feed, StreamItem};
use super::{EventFilter, Published, StreamQuery, audience, fits, listener, relay, sql};
use crate::kernel::app::App;
use crate::kernel::clock::new_uuid;
use crate::kernel::error::{Result, internal};
use crate::kernel::outbox::{self, BusEvent, Pending};
use crate::kernel::page::Limit;
use crate::kernel::permissions::Permission;
use crate::kernel::registry::Access;
use crate::kernel::request::Request;
use crate::kernel::testing::{self, TestApp};
use crate::kernel::text::FilterWord;

#[derive(Serialize)]
struct Happened {
    n: i64,
    to: &'static str,
}
impl BusEvent for Happened {
    const TYPE: &'static str = "thing.happened";
    const AGGREGATE: &'static str = "thing";
    fn aggregate_id(&self) -> String {
        self.to.to_owned()
    }
}

async fn emit(app: &TestApp, n: i64) {
    let mut tx = app.tx().await;
    tx.emit(&Happened { n, to: "a" });
    tx.commit().await.unwrap();
}

async fn insert(db: &mut PgConnection, n: i64) {
    outbox::insert(db, "test", None, &[Pending::new(&Happened { n, to: "a" })]).await.unwrap();
}

/// Publishes until `count` events are out. Other tests' transactions on the same server can hold
/// events up: whoever is older than the oldest running one waits.
async fn published(app: &TestApp, count: usize) -> Vec<i64> {
    let work = async {
        loop {
            relay::publish(&mut app.pool.acquire().await.unwrap()).await.unwrap();
            let events = numbers(app).await;
            if events.len() >= count {
                return events;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), work).await.expect("published in time")
}

async fn numbers(app: &TestApp) -> Vec<i64> {
    let events = sql::published_after(&mut app.reader.acquire().await.unwrap(), 0, 10_000).await.unwrap();
    events.iter().map(|event| event.payload["n"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn what_rolled_back_never_happened() {
    let app = testing::app().await;
    let mut gone = app.begin().await.unwrap();
    insert(&mut gone, 1).await;
    gone.rollback().await.unwrap();
    emit(&app, 2).await;
    assert_eq!(published(&app, 1).await, [2]);
}

#[tokio::test]
async fn a_later_event_never_overtakes_an_earlier_one_of_its_thing() {
    let app = testing::app().await;
    // Three transactions get their ids in this order: late, open, early.
    let (mut late, mut open) = (app.begin().await.unwrap(), app.begin().await.unwrap());
    for tx in [&mut late, &mut open] {
        sqlx::query("select pg_current_xact_id()::text").execute(&mut **tx).await.unwrap();
    }
    // The youngest writes and commits first; `late`, which waited for it, follows.
    emit(&app, 1).await;
    insert(&mut late, 2).await;
    late.commit().await.unwrap();
    // `late` is older than every running transaction, event 1 is not: still 2 must not come before 1.
    let (published_now, held) = relay::round(&mut app.pool.acquire().await.unwrap()).await.unwrap();
    assert!(published_now == 0 && held.is_some_and(|seconds| seconds >= 0.0), "what is held up is seen: {held:?}");
    assert_eq!(numbers(&app).await, [0_i64; 0]);
    insert(&mut open, 3).await;
    open.commit().await.unwrap();
    assert_eq!(published(&app, 3).await, [1, 2, 3]);
}

#[tokio::test]
async fn restored_rows_are_published() {
    let app = testing::app().await;
    emit(&app, 1).await;
    app.owner().await.execute("update outbox_events set xid = '9000000000000000000'").await.unwrap();
    assert_eq!(published(&app, 1).await, [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everything_committed_is_heard_once_and_in_order_by_every_process() {
    const WRITERS: i64 = 5;
    const EACH: i64 = 30;
    let app = Arc::new(testing::app().await);
    let other = app.another().await;
    let mut heard = [&app, &other].map(|app| app.component::<Channel>().published.subscribe());
    let stop = CancellationToken::new();
    for process in [app.app.clone(), other] {
        tokio::spawn(relay::run(process.clone(), stop.clone()));
        tokio::spawn(consumers::run(process.clone(), stop.clone()));
        tokio::spawn(listener::run(process, stop.clone()));
    }
    all_hear(&app, &mut heard).await;
    let writers = (0..WRITERS).map(|writer| {
        let app = app.clone();
        async move {
            for i in 0..EACH {
                emit(&app, writer * 1000 + i).await;
                if i % 10 == 0 {
                    cut_listeners(&app).await;
                }
            }
        }
    });
    futures::future::join_all(writers).await;
    for receiver in &mut heard {
        let mut seqs = Vec::new();
        let mut last = [-1; WRITERS as usize];
        while seqs.len() < (WRITERS * EACH) as usize {
            let event = tokio::time::timeout(Duration::from_secs(20), receiver.recv()).await.expect("heard").unwrap();
            let n = event.payload["n"].as_i64().unwrap();
            if n == GREETING {
                continue;
            }
            assert_eq!(last[(n / 1000) as usize] + 1, n % 1000, "in the order of writing");
            last[(n / 1000) as usize] = n % 1000;
            seqs.push(event.seq);
        }
        assert!(seqs.is_sorted_by(|a, b| a < b));
    }
    stop.cancel();
}

/// What is said only to be heard.
const GREETING: i64 = -1;

/// Greets until each has heard it: from then on they hear everything.
async fn all_hear(app: &TestApp, receivers: &mut [Receiver<Arc<Published>>]) {
    let work = async {
        for receiver in receivers {
            while receiver.try_recv().is_err() {
                emit(app, GREETING).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), work).await.expect("heard");
}

async fn cut_listeners(app: &TestApp) {
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity
               where datname = current_database() and query like 'LISTEN%'";
    app.owner().await.execute(cut).await.unwrap();
}

fn taken<'a>(_app: &'a Arc<App>, db: &'a mut PgConnection, event: &'a Published) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        sqlx::query("insert into rate_counters (name, subject, window_start, count) values ('taken', $1, now(), 1)")
            .bind(event.payload["n"].to_string())
            .execute(&mut *db)
            .await?;
        // Fails after its effect: the effect must go, too.
        let mended: bool = sqlx::query_scalar("select exists (select 1 from rate_counters where name = 'mended')")
            .fetch_one(db)
            .await?;
        if event.payload["n"] == 13 && !mended {
            return Err(internal().internal("thirteen"));
        }
        Ok(())
    })
}

const CONSUMER: Consumer = Consumer { name: "test", types: &["thing.happened"], handle: taken };

async fn taken_in(app: &TestApp) -> Vec<i64> {
    sqlx::query_scalar("select subject::bigint from rate_counters where name = 'taken' order by 1")
        .fetch_all(&app.reader)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn consumers_take_each_event_once_however_many_processes_feed_them() {
    let app = testing::app().await;
    let other = app.another().await;
    consumers::ensure(&app, &CONSUMER).await.unwrap();
    let stop = CancellationToken::new();
    let feeds = [app.app.clone(), other].map(|process| {
        let stop = stop.clone();
        tokio::spawn(async move { consumers::feed(&process, &CONSUMER, &stop).await })
    });
    for n in 100..140 {
        emit(&app, n).await;
    }
    published(&app, 40).await;
    let work = async {
        while taken_in(&app).await.len() < 40 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), work).await.expect("taken in");
    stop.cancel();
    for feed in feeds {
        feed.await.unwrap();
    }
    assert_eq!(taken_in(&app).await, (100..140).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_failing_consumer_keeps_its_place_and_shows() {
    let app = testing::app().await;
    emit(&app, 1).await;
    published(&app, 1).await;
    // Unknown: it is made known, and begins now.
    assert!(!consumers::step(&app, &CONSUMER).await.unwrap());
    for n in 12..=14 {
        emit(&app, n).await;
    }
    published(&app, 4).await;
    assert!(consumers::step(&app, &CONSUMER).await.unwrap());
    consumers::step(&app, &CONSUMER).await.unwrap_err();
    // Backing off.
    assert!(!consumers::step(&app, &CONSUMER).await.unwrap());
    assert_eq!(taken_in(&app).await, [12]);
    let row = sql::consumer_list(&mut app.reader.acquire().await.unwrap()).await.unwrap().remove(0);
    assert_eq!((row.failures, row.lag), (1, 2));
    assert!(row.last_error.unwrap().contains("thirteen"));

    let mended = "insert into rate_counters (name, subject, window_start, count) values ('mended', '', now(), 1)";
    app.owner().await.execute(mended).await.unwrap();
    app.clock.advance(time::Duration::seconds(3));
    while consumers::step(&app, &CONSUMER).await.unwrap() {}
    assert_eq!(taken_in(&app).await, [12, 13, 14]);
    let row = sql::consumer_list(&mut app.reader.acquire().await.unwrap()).await.unwrap().remove(0);
    assert_eq!((row.failures, row.last_error, row.lag), (0, None, 0));
}

#[tokio::test]
async fn old_events_go_once_everybody_has_them() {
    let app = testing::app().await;
    consumers::ensure(&app, &CONSUMER).await.unwrap();
    emit(&app, 1).await;
    emit(&app, 2).await;
    published(&app, 2).await;
    // PostgreSQL's own clock said when they were published, whatever the test's says.
    let later = crate::kernel::timestamp::Timestamp(app.clock.now().0 + time::Duration::days(36_500));
    let mut db = app.pool.acquire().await.unwrap();
    assert_eq!(sql::outbox_sweep(&mut db, later, None, 100).await.unwrap(), 0);
    assert!(consumers::step(&app, &CONSUMER).await.unwrap());
    assert_eq!(sql::outbox_sweep(&mut db, later, None, 100).await.unwrap(), 1);
    assert_eq!(numbers(&app).await, [2]);
}

#[tokio::test]
async fn lists_go_both_ways() {
    let app = testing::app().await;
    for n in 1..=5 {
        emit(&app, n).await;
    }
    published(&app, 5).await;
    let cx = app.system_cx(&super::operations::BUS_EVENT_LIST_META);
    let mut reader = cx.reader().await.unwrap();
    let limit = Limit::try_from(2).ok();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let filter = EventFilter { limit, cursor, kind: FilterWord::parse("thing.*").ok(), ..Default::default() };
        let page = sql::event_list(&mut reader, &filter).await.unwrap();
        seen.extend(page.items.iter().map(|event| event.seq));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
    let replay = EventFilter { after: Some(3), aggregate_id: FilterWord::parse("a").ok(), ..Default::default() };
    let page = sql::event_list(&mut reader, &replay).await.unwrap();
    assert_eq!(page.items.iter().map(|event| event.seq).collect::<Vec<_>>(), [4, 5]);
    let none = EventFilter { kind: FilterWord::parse("other").ok(), ..Default::default() };
    assert_eq!(sql::event_list(&mut reader, &none).await.unwrap().items, []);
}

/// A request with an api key that has these scopes.
async fn request(app: &TestApp, scopes: &str) -> Request {
    let key = format!("evk_{}", new_uuid());
    let (user, id) = (new_uuid(), new_uuid());
    let mut owner = app.owner().await;
    sqlx::query("insert into admin_users (id, email, full_name, status) values ($1, $2, 'A', 'active')")
        .bind(user)
        .bind(format!("{user}@example.com"))
        .execute(&mut owner)
        .await
        .unwrap();
    // A key reaches no further than its maker.
    crate::access::start::mirror_catalogue(app).await.unwrap();
    sqlx::query(
        "insert into user_role_assignments (id, user_id, role_id, assigned_at)
         select gen_random_uuid(), $1, id, now() from roles where code = 'super_admin'",
    )
    .bind(user)
    .execute(&mut owner)
    .await
    .unwrap();
    sqlx::query(
        "insert into api_keys (id, key_name, key_prefix, key_hash, scope, created_by)
         values ($1, 'k', 'evk_', $2, string_to_array($3, ','), $4)",
    )
    .bind(id)
    .bind(crate::access::authenticate::api_key_hash(&key).as_slice())
    .bind(scopes)
    .bind(user)
    .execute(&mut owner)
    .await
    .unwrap();
    let mut request = Request::internal(app.app.clone());
    request.bearer = Some(key);
    request
}

const STAFF: &[Access] = &[Access::Staff(None)];

async fn next(feed: &mut Feed) -> Option<StreamItem> {
    tokio::time::timeout(Duration::from_secs(20), feed.next()).await.expect("the stream says something")
}

fn number(said: Option<StreamItem>) -> i64 {
    match said {
        Some(StreamItem::Event(event)) => event.payload["n"].as_i64().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_stream_opened_before_this_process_listens_misses_nothing() {
    let app = testing::app().await;
    let request = Arc::new(request(&app, "bus.read").await);
    let mut feed = Feed::open(request, STAFF, &StreamQuery { types: None, after: None }).await.unwrap();
    assert_eq!(next(&mut feed).await, Some(StreamItem::Hello(0)));
    // It has read the table and waits.
    assert!(tokio::time::timeout(Duration::from_millis(200), feed.next()).await.is_err());
    emit(&app, 1).await;
    published(&app, 1).await;
    let stop = CancellationToken::new();
    tokio::spawn(listener::run(app.app.clone(), stop.clone()));
    assert_eq!(number(next(&mut feed).await), 1);
    stop.cancel();
}

#[tokio::test]
async fn streams_resume_and_catch_up() {
    let app = testing::app().await;
    for n in 1..=3 {
        emit(&app, n).await;
    }
    published(&app, 3).await;
    let mut request = request(&app, "bus.read").await;
    request.last_event_id = Some("1".to_owned());
    let request = Arc::new(request);
    let mut feed = Feed::open(request.clone(), STAFF, &StreamQuery { types: None, after: Some(3) }).await.unwrap();
    assert_eq!(next(&mut feed).await, Some(StreamItem::Hello(1)));
    assert_eq!(number(next(&mut feed).await), 2);
    assert_eq!(number(next(&mut feed).await), 3);
    // More than a slow receiver can be behind: it reads the table.
    let stop = CancellationToken::new();
    tokio::spawn(listener::run(app.app.clone(), stop.clone()));
    let listens = async {
        while app.component::<Channel>().passed_on.load(Ordering::Acquire) < 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), listens).await.expect("this process listens");
    let mut db = app.pool.acquire().await.unwrap();
    for n in 4..1504 {
        insert(&mut db, n).await;
    }
    drop(db);
    published(&app, 1503).await;
    for n in 4..1504 {
        assert_eq!(number(next(&mut feed).await), n);
    }
    app.shutdown.cancel();
    assert_eq!(next(&mut feed).await, None);
    stop.cancel();
}

#[tokio::test]
async fn streams_show_only_what_the_caller_may_see_and_end_with_its_access() {
    let app = testing::app().await;
    let blind = Arc::new(request(&app, "staff.read").await);
    let seeing = Arc::new(request(&app, "bus.read,staff.read").await);
    let query = StreamQuery { types: Some("thing.*, other.x".to_owned()), after: Some(0) };
    let mut blind = Feed::open(blind, STAFF, &query).await.unwrap();
    let mut seeing = Feed::open(seeing, STAFF, &query).await.unwrap();
    emit(&app, 1).await;
    emit(&app, 2).await;
    published(&app, 2).await;
    for feed in [&mut blind, &mut seeing] {
        assert_eq!(next(feed).await, Some(StreamItem::Hello(0)));
    }
    assert_eq!(number(next(&mut seeing).await), 1);
    tokio::time::timeout(Duration::from_millis(500), blind.next()).await.expect_err("nothing for these eyes");

    app.owner().await.execute("update api_keys set active = false").await.unwrap();
    app.forget_callers();
    assert_eq!(next(&mut seeing).await, None, "the next event finds the access gone");
}

#[test]
fn types_and_audiences() {
    assert!(fits("session.*", "session.invalidated") && fits("*", "x") && fits("a.b", "a.b"));
    assert!(!fits("session.*", "staff.changed") && !fits("a.b", "a.bc"));
    assert_eq!(audience("admin.action.logged"), Permission::AuditRead);
    assert_eq!(audience("session.invalidated"), Permission::StaffRead);
    assert_eq!(audience("something.new"), Permission::BusRead);
}

#[tokio::test]
async fn an_audited_act_is_told_without_its_values() {
    let app = testing::app().await;
    let mut tx = app.tx().await;
    #[derive(Serialize)]
    struct Secretive {
        id: u8,
        name: &'static str,
    }
    impl crate::kernel::audit::Audited for Secretive {
        const OBJECT: &'static str = "secretive";
        fn audit_id(&self) -> String {
            self.id.to_string()
        }
    }
    tx.audit_created("secretive.made", &Secretive { id: 1, name: "hush" });
    tx.commit().await.unwrap();
    let payload: serde_json::Value =
        sqlx::query_scalar("select payload from outbox_events").fetch_one(&app.reader).await.unwrap();
    assert_eq!((payload["action"].as_str(), payload["object_id"].as_str()), (Some("secretive.made"), Some("1")));
    assert!(!payload.to_string().contains("hush"));
}
