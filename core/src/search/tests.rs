use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor};

use super::{SearchText, sql};
use crate::access::{SessionId, StaffId};
use crate::kernel::caller::{Caller, StaffCaller};
use crate::kernel::permissions::Permission;
use crate::kernel::testing;

/// How many rows a plan's sort was given.
fn sorted(plan: &Value) -> Option<f64> {
    let inner = plan["Plans"].as_array().map(Vec::as_slice).unwrap_or_default();
    match plan["Node Type"].as_str() {
        Some("Sort" | "Incremental Sort") => inner.first()?["Actual Rows"].as_f64(),
        _ => inner.iter().find_map(sorted),
    }
}

#[tokio::test]
async fn of_one_letter_no_more_than_a_start_is_ranked() {
    let app = testing::app().await;
    app.owner()
        .await
        .execute(
            "insert into search_entries (kind, object_id, title, permission_id)
             select 'partner', gen_random_uuid(), 'Alpha ' || n, 'partners.read' from generate_series(1, 3000) n;
             analyze search_entries",
        )
        .await
        .unwrap();
    let now = app.clock.now();
    let caller = Caller::Staff(StaffCaller {
        id: StaffId::new(),
        session: SessionId::new(),
        email: "asha@example.com".to_owned(),
        name: "Asha".to_owned(),
        permissions: [Permission::PartnersRead].into(),
        scoped: Vec::new(),
        withheld: Default::default(),
        needs_second_factor: false,
        mfa: false,
        last_seen_at: now,
        session_expires_at: now,
        outside_allowlist: false,
    });
    let mut db = app.reader.acquire().await.unwrap();
    let hits = sql::find(&mut db, &SearchText::parse("a").unwrap(), &caller).await.unwrap();
    assert_eq!(hits.len(), 20);
    let name: String =
        sqlx::query_scalar("select name from pg_prepared_statements where statement like '%order by ts_rank(%'")
            .fetch_one(&mut *db)
            .await
            .unwrap();
    let none = "'{}'::uuid[], '{}'::text[]";
    let explain = format!(
        "explain (analyze, format json) execute \"{name}\"('a', '{{partners.read}}'::text[], {none}, {none}, 500, null)"
    );
    let plan: Value = sqlx::query_scalar(AssertSqlSafe(explain)).fetch_one(&mut *db).await.unwrap();
    assert_eq!(sorted(&plan[0]["Plan"]), Some(500.0), "{plan:#}");
}
