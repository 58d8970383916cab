use serde::Serialize;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use time::Duration;

use super::verify::{InvariantReport, Violation, verify};
use super::{AuditFilter, sealer, sql};
use crate::kernel::audit::Audited;
use crate::kernel::context::Db;
use crate::kernel::page::Limit;
use crate::kernel::testing::{self, TestApp};
use crate::kernel::text::{FilterWord, SearchText};
use crate::kernel::timestamp::Timestamp;

#[derive(Serialize, Clone)]
struct Thing {
    id: String,
    name: String,
    size: i64,
    tags: Vec<String>,
}
impl Audited for Thing {
    const OBJECT: &'static str = "thing";
    fn audit_id(&self) -> String {
        self.id.clone()
    }
}

fn thing(id: &str, size: i64) -> Thing {
    Thing { id: id.to_owned(), name: format!("Thing {id}"), size, tags: vec!["a".to_owned(), "b".to_owned()] }
}

/// One audited change, committed.
async fn change(app: &TestApp, id: &str) {
    let mut tx = app.tx().await;
    tx.audit("thing.changed", &thing(id, 1), &thing(id, 2))
        .reason("because")
        .note("counted", json!({"b": 1, "a": [1.5]}));
    tx.commit().await.unwrap();
}

async fn seal(app: &TestApp) -> usize {
    sealer::seal(&mut app.pool.acquire().await.unwrap(), app.clock.now()).await.unwrap()
}

async fn report(app: &TestApp) -> InvariantReport {
    verify(&mut app.pool.acquire().await.unwrap(), app.clock.now()).await.unwrap()
}

async fn broken(app: &TestApp) -> Violation {
    report(app).await.broken.expect("it is broken")
}

/// As somebody with all powers over the database would do it: no trigger, no grant in the way.
async fn tamper(app: &TestApp, statement: &str) -> PgConnection {
    let mut owner = app.owner().await;
    owner.execute("set session_replication_role = replica").await.unwrap();
    let done = owner.execute(AssertSqlSafe(statement.to_owned())).await.unwrap_or_else(|e| panic!("{statement}: {e}"));
    assert!(done.rows_affected() > 0, "{statement}");
    owner
}

#[tokio::test]
async fn a_whole_log_verifies() {
    let app = testing::app().await;
    assert_eq!(report(&app).await, InvariantReport::default());
    for i in 0..5 {
        change(&app, &i.to_string()).await;
    }
    assert_eq!(seal(&app).await, 5);
    assert_eq!(seal(&app).await, 0);
    change(&app, "later").await;
    assert_eq!(seal(&app).await, 1);
    change(&app, "waiting").await;
    let report = report(&app).await;
    assert_eq!(report.broken, None);
    assert_eq!((report.blocks, report.rows, report.unsealed), (2, 7, 1));

    let chain = sql::chain(&mut app.reader.acquire().await.unwrap(), app.clock.now(), String::new()).await.unwrap();
    assert_eq!((chain.blocks, chain.unsealed, chain.head_hash), (2, 1, report.head));
    assert!(chain.oldest_unsealed_seconds.unwrap() < 60);
}

#[tokio::test]
async fn every_column_is_bound() {
    let app = testing::app().await;
    for i in 1..=3 {
        change(&app, &i.to_string()).await;
    }
    seal(&app).await;
    let columns = [
        "id = gen_random_uuid()",
        "actor_kind = 'staff'",
        "actor_id = gen_random_uuid()",
        "actor_label = 'somebody else'",
        "action = 'thing.looked_at'",
        "object_type = 'other'",
        "object_id = '9'",
        "change_set = change_set - 'size'",
        "change_set = jsonb_set(change_set, '{size}', to_jsonb(repeat('0', 64)))",
        "reason = 'another'",
        "ip_address = '203.0.113.9'",
        "request_id = 'another'",
        "hash = decode(repeat('00', 32), 'hex')",
        "created_at = created_at + interval '1 microsecond'",
    ];
    for column in columns {
        app.owner().await.execute("create table if not exists kept as select * from audit_logs").await.unwrap();
        let mut owner = tamper(&app, &format!("update audit_logs set {column} where seq = 2")).await;
        let fault = broken(&app).await;
        assert_eq!((fault.block, fault.row), (Some(1), Some(2)), "{column}: {fault}");
        owner.execute("delete from audit_logs where seq = 2").await.unwrap();
        let put_back = "insert into audit_logs overriding system value select * from kept where seq = 2";
        owner.execute(put_back).await.unwrap();
        assert_eq!(report(&app).await.broken, None, "{column} put back");
    }
}

#[tokio::test]
async fn every_value_is_bound() {
    for (statement, says) in [
        (
            "update audit_values set before = '7' where audit_seq = 2 and field = 'size'",
            "not the one that was recorded",
        ),
        ("update audit_values set after = '7' where audit_seq = 2 and field = 'size'", "not the one that was recorded"),
        (
            "update audit_values set before = null where audit_seq = 2 and field = 'size'",
            "not the one that was recorded",
        ),
        (
            "update audit_values set after = '{}' where audit_seq = 2 and field = 'counted'",
            "not the one that was recorded",
        ),
        (
            "update audit_values set salt = '\\x00' where audit_seq = 2 and field = 'size'",
            "not the one that was recorded",
        ),
        ("update audit_values set salt = null where audit_seq = 2 and field = 'size'", "neither whole nor erased"),
        (
            "update audit_values set erased_at = now() where audit_seq = 2 and field = 'size'",
            "neither whole nor erased",
        ),
        ("update audit_values set field = 'weight' where audit_seq = 2 and field = 'size'", "does not speak of"),
        ("delete from audit_values where audit_seq = 2 and field = 'size'", "value of `size` is missing"),
        (
            "insert into audit_values select 77, field, salt, before, after from audit_values where audit_seq = 2",
            "it is missing",
        ),
    ] {
        let app = testing::app().await;
        change(&app, "1").await;
        change(&app, "2").await;
        seal(&app).await;
        tamper(&app, statement).await;
        let fault = broken(&app).await;
        assert!(fault.what.contains(says), "{statement}: {fault}");
        assert!(matches!(fault.row, Some(2 | 77)), "{statement}: {fault}");
    }
}

#[tokio::test]
async fn blocks_and_rows_cannot_go_or_change_places() {
    for (statement, block, says) in [
        ("delete from audit_logs where seq = 2", Some(1), "it is missing"),
        ("delete from audit_blocks where no = 1", Some(2), "block 1 is missing"),
        ("delete from audit_blocks where no = 2", Some(3), "block 2 is missing"),
        ("delete from audit_blocks where no = 3", None, "in no block"),
        ("update audit_blocks set no = 5 - no where no in (2, 3)", Some(2), "link"),
        ("update audit_blocks set prev_hash = '\\x00' where no = 2", Some(2), "link"),
        ("update audit_blocks set hash = decode(repeat('00', 32), 'hex') where no = 2", Some(2), "hash does not fit"),
        (
            "update audit_blocks set sealed_at = sealed_at + interval '1 second' where no = 2",
            Some(2),
            "hash does not fit",
        ),
        ("update audit_blocks set row_seqs = array[4::bigint, 3] where no = 2", Some(2), "hash does not fit"),
        ("update audit_blocks set row_seqs = array[3::bigint] where no = 2", Some(2), "one hash for each row"),
        (
            "update audit_blocks set row_hashes = decode(repeat('00', 64), 'hex') where no = 2",
            Some(2),
            "hash does not fit",
        ),
        ("delete from audit_unsealed where audit_seq = 7", None, "does not wait"),
        ("delete from audit_logs where seq = 7", None, "it is missing"),
        ("insert into audit_unsealed values (1)", None, ""),
    ] {
        let app = testing::app().await;
        for i in 1..=7 {
            change(&app, &i.to_string()).await;
            if i % 2 == 0 {
                seal(&app).await;
            }
        }
        app.clock.advance(Duration::minutes(2));
        let whole = report(&app).await;
        assert_eq!((whole.broken, whole.blocks, whole.unsealed), (None, 3, 1));
        // Numbers must be unique at every moment of the swap.
        if statement.contains("5 - no") {
            app.owner().await.execute("alter table audit_blocks drop constraint audit_blocks_pkey").await.unwrap();
        }
        tamper(&app, statement).await;
        if says.is_empty() {
            // Queued again: sealing it would make two blocks claim it.
            seal(&app).await;
            assert_eq!(broken(&app).await.what, "it is sealed twice");
            continue;
        }
        let fault = broken(&app).await;
        assert!(fault.what.contains(says) && fault.block == block, "{statement}: {fault}");
    }
}

#[tokio::test]
async fn the_apps_role_cannot_rewrite_history() {
    let app = testing::app().await;
    change(&app, "1").await;
    seal(&app).await;
    for statement in [
        "update audit_logs set action = 'x'",
        "delete from audit_logs",
        "truncate audit_logs",
        "update audit_blocks set no = 7",
        "delete from audit_blocks",
        "truncate audit_blocks",
        "delete from audit_values",
        "truncate audit_values",
        "update audit_values set field = 'x'",
        "update audit_logs_rest set action = 'x'",
        "alter table audit_logs disable trigger all",
        "drop table audit_logs",
    ] {
        let mut db = app.pool.acquire().await.unwrap();
        let refused = db.execute(AssertSqlSafe(statement.to_owned())).await;
        let error = refused.expect_err(statement);
        let code = error.as_database_error().and_then(|e| e.code().map(|c| c.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
    }
    // Nor can the owner by mistake: the triggers stand.
    for statement in ["update audit_logs set action = 'x'", "delete from audit_blocks", "delete from audit_values"] {
        let error = app.owner().await.execute(statement).await.expect_err(statement);
        assert!(error.to_string().contains("append-only"), "{error}");
    }
    assert_eq!(report(&app).await.broken, None);
}

#[tokio::test]
async fn erasure_keeps_the_proof() {
    let app = testing::app().await;
    change(&app, "1").await;
    change(&app, "2").await;
    seal(&app).await;
    let mut tx = app.tx().await;
    super::erase(&mut tx, 2, "size").await.unwrap();
    assert_eq!(super::erase(&mut tx, 2, "size").await.unwrap_err().code(), "not_found");
    assert_eq!(super::erase(&mut tx, 2, "nothing").await.unwrap_err().code(), "not_found");
    tx.commit().await.unwrap();
    let report = report(&app).await;
    assert_eq!((report.broken, report.erased, report.rows), (None, 1, 2));

    let mut reader = app.system_cx(&super::operations::AUDIT_GET_META).reader().await.unwrap();
    let rows = sql::audit_list(&mut reader, &AuditFilter::default()).await.unwrap().items;
    let detail = sql::audit_find(reader.conn(), rows[0].id).await.unwrap();
    assert_eq!(detail.block, Some(1));
    let size = detail.changes.iter().find(|c| c.field == "size").unwrap();
    assert!(size.erased_at.is_some() && size.before.is_none() && size.after.is_none());
    let counted = detail.changes.iter().find(|c| c.field == "counted").unwrap();
    assert_eq!(counted.after, Some(json!({"a": [1.5], "b": 1})));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_sealers_and_many_writers_seal_every_row_once() {
    const WRITERS: usize = 6;
    const EACH: usize = 15;
    let app = std::sync::Arc::new(testing::app().await);
    let other = app.another().await;
    let (stop, mut sealers) = (tokio_util::sync::CancellationToken::new(), Vec::new());
    for process in [app.app.clone(), other] {
        let stop = stop.clone();
        sealers.push(tokio::spawn(async move {
            let mut total = 0;
            loop {
                let last_round = stop.is_cancelled();
                let mut db = process.pool.acquire().await.unwrap();
                let sealed = sealer::seal(&mut db, process.clock.now()).await.unwrap();
                total += sealed;
                if sealed == 0 && last_round {
                    return total;
                }
            }
        }));
    }
    let writers = (0..WRITERS).map(|writer| {
        let app = app.clone();
        tokio::spawn(async move {
            for i in 0..EACH {
                let mut tx = app.tx().await;
                tx.audit("thing.changed", &thing("x", 1), &thing("x", 2));
                if i % 3 == 0 {
                    tokio::time::sleep(std::time::Duration::from_millis(5 * writer as u64)).await;
                    commit_around(&app, tx).await;
                } else {
                    tx.commit().await.unwrap();
                }
            }
        })
    });
    for writer in futures::future::join_all(writers).await {
        writer.unwrap();
    }
    stop.cancel();
    let mut total = 0;
    for sealer in sealers {
        total += sealer.await.unwrap();
    }
    let late = WRITERS * EACH.div_ceil(3);
    assert_eq!(total, WRITERS * EACH + late);
    app.clock.advance(Duration::minutes(2));
    let report = report(&app).await;
    assert_eq!((report.broken, report.rows as usize, report.unsealed), (None, total, 0));
}

/// Writes one more row before, and commits it when a row with a higher number is sealed.
async fn commit_around(app: &TestApp, tx: crate::kernel::context::Tx) {
    use crate::kernel::audit::{Entry, Origin, insert};
    use crate::kernel::caller::Caller;
    let mut early = app.begin().await.unwrap();
    let entry = Entry::new("thing.changed", Some(&thing("early", 1)), Some(&thing("early", 2)));
    let caller = Caller::System;
    let ip = std::net::Ipv6Addr::LOCALHOST.into();
    let origin = Origin { caller: &caller, ip, request_id: "late", at: app.clock.now() };
    insert(&mut early, &origin, &entry).await.unwrap();
    tx.commit().await.unwrap();
    let later: i64 = sqlx::query_scalar("select max(seq) from audit_logs").fetch_one(&app.reader).await.unwrap();
    let sealed = async {
        let is_sealed = "select exists (select 1 from audit_blocks where $1 = any(row_seqs))";
        while !sqlx::query_scalar::<_, bool>(is_sealed).bind(later).fetch_one(&app.reader).await.unwrap() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), sealed).await.expect("sealed");
    early.commit().await.unwrap();
}

#[tokio::test]
async fn addresses_of_both_kinds_verify() {
    use crate::kernel::audit::{Entry, Origin, insert};
    use crate::kernel::caller::Caller;
    let app = testing::app().await;
    let mut db = app.pool.acquire().await.unwrap();
    for ip in ["203.0.113.9", "::1", "2001:db8::1:0:0:1", "::ffff:192.0.2.1", "2001:db8:0:0:1:0:0:1"] {
        let entry = Entry::new("thing.made", None, Some(&thing("1", 1)));
        let caller = Caller::System;
        let origin = Origin { caller: &caller, ip: ip.parse().unwrap(), request_id: "r", at: app.clock.now() };
        insert(&mut db, &origin, &entry).await.unwrap();
    }
    drop(db);
    seal(&app).await;
    assert_eq!(report(&app).await.broken, None);
}

#[tokio::test]
async fn lists_filter_and_page() {
    let app = testing::app().await;
    for i in 1..=5 {
        change(&app, &i.to_string()).await;
    }
    let mut tx = app.tx().await;
    tx.audit_created("other.made", &thing("5%", 1));
    tx.commit().await.unwrap();
    let mut reader = app.system_cx(&super::operations::AUDIT_LIST_META).reader().await.unwrap();
    let count = async |reader: &mut _, filter: AuditFilter| sql::audit_list(reader, &filter).await.unwrap().items.len();
    let text = |s: &str| FilterWord::parse(s).ok();
    let typed = |s: &str| SearchText::parse(s).ok();
    assert_eq!(count(&mut reader, AuditFilter { action: text("thing."), ..Default::default() }).await, 5);
    assert_eq!(count(&mut reader, AuditFilter { action: text("%"), ..Default::default() }).await, 0);
    assert_eq!(count(&mut reader, AuditFilter { object_id: text("5"), ..Default::default() }).await, 1);
    assert_eq!(
        count(&mut reader, AuditFilter { object_type: text("thing"), q: typed("5%"), ..Default::default() }).await,
        1
    );
    assert_eq!(count(&mut reader, AuditFilter { q: typed("SYSTEM"), ..Default::default() }).await, 6);
    assert_eq!(count(&mut reader, AuditFilter { actor_id: Some(uuid::Uuid::nil()), ..Default::default() }).await, 0);
    assert_eq!(count(&mut reader, AuditFilter { from: Some(app.clock.now()), ..Default::default() }).await, 0);
    assert_eq!(count(&mut reader, AuditFilter { to: Some(app.clock.now()), ..Default::default() }).await, 6);

    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let limit = Limit::try_from(4).ok();
        let page = sql::audit_list(&mut reader, &AuditFilter { cursor, limit, ..Default::default() }).await.unwrap();
        seen.extend(page.items.iter().map(|row| row.seq));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [6, 5, 4, 3, 2, 1]);
    let first = sql::audit_list(&mut reader, &AuditFilter::default()).await.unwrap().items.remove(1);
    assert_eq!(first.changed, ["counted", "size"]);
    assert_eq!((first.actor.kind.as_str(), first.reason.as_deref()), ("system", Some("because")));
}

#[tokio::test]
async fn rows_written_after_a_long_downtime_get_their_months_partition() {
    let app = testing::app().await;
    change(&app, "before").await;
    // Longer than there are partitions, which are made by PostgreSQL's clock: the row lies in none of a month.
    let theirs = sqlx::query_scalar("select now()").fetch_one(&app.reader).await.unwrap();
    app.clock.set(Timestamp(theirs));
    app.clock.advance(Duration::days(400));
    change(&app, "after").await;
    assert_eq!(seal(&app).await, 2);
    let mut owner = app.owner().await;
    let part = "select tableoid::regclass::text from audit_logs where object_id = 'after'";
    let rest: String = sqlx::query_scalar(part).fetch_one(&mut owner).await.unwrap();
    assert_eq!(rest, "audit_logs_rest");
    for _ in 0..2 {
        sql::ensure_partitions(&mut app.pool.acquire().await.unwrap()).await.unwrap();
    }
    let month = app.clock.now().0;
    let expected = format!("audit_logs_{}_{:02}", month.year(), u8::from(month.month()));
    assert_eq!(sqlx::query_scalar::<_, String>(part).fetch_one(&mut owner).await.unwrap(), expected);
    change(&app, "later").await;
    let left: i64 = sqlx::query_scalar("select count(*) from audit_logs_rest").fetch_one(&mut owner).await.unwrap();
    assert_eq!(left, 0);
    assert_eq!(report(&app).await.broken, None, "row by row the log is what it was");
    // Both are found by their id, also the one whose id speaks of another month than its row.
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar("select id from audit_logs where object_id in ('before', 'after')")
        .fetch_all(&mut owner)
        .await
        .unwrap();
    for id in ids {
        assert_eq!(sql::audit_find(&mut app.reader.acquire().await.unwrap(), id).await.unwrap().row.id, id);
    }
    owner.execute("set enable_seqscan = off").await.unwrap();
    let plan: Vec<String> =
        sqlx::query_scalar("explain select * from audit_logs where id = '01990000-0000-7000-8000-000000000000'")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    assert!(!plan.iter().any(|line| line.contains("Seq Scan")), "{plan:?}");
}

#[tokio::test]
async fn the_sealer_takes_over_when_the_leader_dies() {
    let app = testing::app().await;
    let other = app.another().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let first = tokio::spawn(sealer::run(app.app.clone(), stop.clone()));
    let second = tokio::spawn(sealer::run(other, stop.clone()));
    for round in 1..=2_i64 {
        change(&app, &round.to_string()).await;
        let waiting = async {
            while report(&app).await.blocks < round {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(15), waiting).await.expect("sealed");
        // Whoever leads loses its connection.
        let mut owner = app.owner().await;
        let killed: Vec<bool> = sqlx::query_scalar(
            "select pg_terminate_backend(l.pid) from pg_locks l join pg_database d on d.oid = l.database
             where l.locktype = 'advisory' and l.granted and d.datname = current_database()",
        )
        .fetch_all(&mut owner)
        .await
        .unwrap();
        assert_eq!(killed, [true]);
        owner.close().await.unwrap();
    }
    stop.cancel();
    first.await.unwrap();
    second.await.unwrap();
    assert_eq!(report(&app).await.broken, None);
}
