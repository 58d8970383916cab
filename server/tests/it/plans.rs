//! How much work is asked of PostgreSQL: statements for a page, rows for a statement; and where SQL may stand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eventify::kernel::app::App;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::browser::{Browser, slug};
use crate::faults::Proxy;
use crate::fixtures::{draft, make_guests, open, reserve};
use crate::partners::text;
use crate::support::{Site, serve};

/// What PostgreSQL does for a statement that this connection has just run: its plan, as it was carried out.
async fn carried_out(db: &mut PgConnection, of: &str, arguments: &str) -> Value {
    let name: String =
        sqlx::query_scalar("select name from pg_prepared_statements where position($1 in statement) > 0")
            .bind(of)
            .fetch_one(&mut *db)
            .await
            .expect("the statement");
    let explain = format!("explain (analyze, format json) execute \"{name}\"({arguments})");
    sqlx::query_scalar(AssertSqlSafe(explain)).fetch_one(db).await.expect("a plan")
}

/// The rows that went through all of a plan's nodes, those that were thrown away included.
fn rows(plan: &Value) -> f64 {
    match plan {
        Value::Array(items) => items.iter().map(rows).sum(),
        Value::Object(node) => {
            let number = |name: &str| node.get(name).and_then(Value::as_f64).unwrap_or_default();
            let lost = number("Rows Removed by Filter") + number("Rows Removed by Join Filter");
            let own = (number("Actual Rows") + lost) * number("Actual Loops");
            own + ["Plan", "Plans"].iter().filter_map(|inner| node.get(*inner)).map(rows).sum::<f64>()
        }
        _ => 0.0,
    }
}

/// Looking after all seats takes as long as there are rows, not as long as events times guests.
#[tokio::test]
async fn seats_are_verified_once_a_row() {
    let site = Site::start().await;
    let admin = site.admin().await;
    open(&site, &admin, 50, &[("Standard", None, 0)]).await;
    let mut owner = site.test.owner().await;
    let many = "
        insert into events select e.* from events t cross join generate_series(1, 99) n
            cross join lateral jsonb_populate_record(t,
                jsonb_build_object('id', gen_random_uuid(), 'slug', 'copy-' || n)) e;
        insert into ticket_types select k.* from events e cross join ticket_types t
            cross join lateral jsonb_populate_record(t,
                jsonb_build_object('id', gen_random_uuid(), 'event_id', e.id)) k where e.id <> t.event_id;
        insert into event_attendees (id, event_id, ticket_type_id, ticket_type, guest_name, seats, source, currency)
            select gen_random_uuid(), t.event_id, t.id, t.name, 'Guest ' || n, 1, 'comp', 'INR'
            from ticket_types t cross join generate_series(1, 20) n";
    sqlx::Executor::execute(&mut owner, many).await.expect("a hundred events with twenty guests");
    sqlx::Executor::execute(&mut owner, "analyze").await.expect("counted");
    let now = site.test.clock.now();
    let broken = eventify::tickets::verify::violations(&mut owner, None, now).await.expect("looked after");
    assert_eq!(broken.len(), 1_000, "nobody has a ticket");
    let arguments = format!("null::uuid, '{}'::timestamptz", now.rfc3339());
    let plan = carried_out(&mut owner, "seats going and held are beyond", &arguments).await;
    // 2,000 guests: each is read, summed up and compared a few times, and none with each event.
    assert!(rows(&plan) < 60_000.0, "{} rows: {plan:#}", rows(&plan));
}

/// From here on the site is a process whose statements are counted.
async fn counting(site: &mut Site) -> Proxy {
    let options = (*site.test.pool.connect_options()).clone();
    let proxy = Proxy::start(options.clone()).await;
    let through = options.socket(proxy.folder.path());
    let app: Arc<App> = App::connect(site.test.config.clone(), through, &[7; 32]).await.expect("connects");
    app.clock.advance(site.test.clock.now().0 - app.clock.now().0);
    site.url = serve(app).await;
    proxy
}

/// When many wait for a sale to begin, the database is asked as for one; and nobody is shown what this process has changed
/// since.
#[tokio::test]
async fn a_page_that_all_get_alike_is_drawn_once_for_all_of_them() {
    const CROWD: u64 = 40;
    let mut site = Site::start().await;
    let mut admin = site.admin().await;
    let (event, _) = open(&site, &admin, 5, &[("Standard", None, 0)]).await;
    let (path, page) = (format!("/events/{}", text(&event, "id")), slug(&event));
    let proxy = counting(&mut site).await;
    admin = admin.at(&site.url);
    let shown = async || {
        proxy.arm(1_000_000, false);
        let crowd = (0..CROWD).map(|_| async { Browser::new(&site).get(&page).await.is(200, &page).text });
        let shown = futures::future::join_all(crowd).await;
        (proxy.counted(1_000_000) as u64, shown)
    };
    let (asked, texts) = shown().await;
    assert!(texts.iter().all(|text| text.contains("Monsoon Jazz")));
    // A draw asks five times, and there may be a few: the seconds go on.
    assert!(asked > 0 && asked < 3 * CROWD, "{asked} statements for {CROWD} people");
    for title in ["Monsoon Static", "Monsoon Jazz again"] {
        let event = admin.get(&path).await.expect(200);
        admin.patch(&path, json!({ "title": title, "version": event["version"] })).await.expect(200);
        assert!(shown().await.1.iter().all(|text| text.contains(title)), "{title}");
    }
    let planned = draft(&site, &admin, 5).await;
    Browser::new(&site).get(&slug(&planned)).await.is(404, &slug(&planned));
    admin.post(&format!("/events/{}/publish", text(&planned, "id")), json!({})).await.expect(200);
    Browser::new(&site).get(&slug(&planned)).await.is(200, &slug(&planned));
}

/// A guest's pages ask as often of one matter as of many.
#[tokio::test]
async fn what_a_guest_has_going_does_not_multiply_the_statements_of_a_page() {
    let mut site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 2).await;
    for (person, events) in [(&people[0], 1), (&people[1], 6)] {
        for _ in 0..events {
            let (event, kinds) = open(&site, &admin, 5, &[("Standard", Some(1), 0), ("Paid", None, 5_000)]).await;
            let path = format!("/events/{}", text(&event, "id"));
            person.post(&format!("{path}/requests"), json!({ "ticket_type_id": kinds[1]["id"] })).await.expect(201);
            let invite = json!({ "invite_type": "direct", "invited_user_id": person.id });
            admin.post(&format!("{path}/invites"), invite).await.expect(201);
            reserve(person, &event, &kinds[0], 1).await.expect(201);
        }
    }
    let proxy = counting(&mut site).await;
    let mut asked = Vec::new();
    for person in [&people[1], &people[0], &people[1]] {
        let mut browser = Browser::of(&site, person);
        proxy.arm(1_000_000, false);
        browser.get("/my").await.is(200, "/my").says(&["Monsoon Jazz"]);
        asked.push(proxy.counted(1_000_000));
    }
    // The first of them also warms what is kept; recognising a person may take two.
    assert!(asked[1] > 3 && asked[2] <= asked[1] + 2, "{asked:?}");
}

/// All Rust files below a folder of the workspace.
pub fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let (mut found, mut left) = (Vec::new(), vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)]);
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).expect("a file");
                found.push((path, text));
            }
        }
    }
    found
}

#[test]
fn pages_of_guests_hold_no_sql() {
    let all = sources("server/src/public");
    assert!(all.len() > 25, "{} files", all.len());
    for (path, text) in all {
        assert!(!text.contains("sqlx"), "{}: ask an operation", path.display());
    }
}

/// Time is the application's clock, bound into the statement: a database that shows another hour changes nothing, and
/// tests can move it.
#[test]
fn no_statement_asks_the_database_for_the_time() {
    // How long a consumer waits after a failure is measured by the rows' own stamps, which triggers write.
    const MEASURED: [&str; 1] = ["core/src/bus/sql.rs"];
    let mut read = 0;
    for (path, text) in sources("core/src").into_iter().chain(sources("src")) {
        let shown = path.display().to_string();
        let exempt =
            MEASURED.iter().any(|known| shown.ends_with(known)) || shown.contains("test") || shown.ends_with("demo.rs");
        let sql = shown.ends_with("sql.rs") || shown.contains("/sql/");
        if sql && !exempt {
            read += 1;
            let asks =
                |line: &&str| ["now()", "current_timestamp", "current_date"].iter().any(|word| line.contains(word));
            let asking: Vec<&str> = text.lines().filter(|line| !line.contains("clock.now()")).filter(asks).collect();
            assert!(asking.is_empty(), "{shown}: {asking:?}");
        }
    }
    assert!(read > 50, "{read} files");
}
