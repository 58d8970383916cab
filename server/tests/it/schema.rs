//! The tables and columns the specifications name for access and audit exist by those names; the
//! renames are the agreed ones.

use std::collections::BTreeSet;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};

use crate::areas::AreaTests;
use crate::support::Site;

#[tokio::test]
async fn the_specifications_tables_are_there() {
    let site = Site::start().await;
    for (table, columns) in AreaTests::all().iter().flat_map(|area| area.tables) {
        let there: Vec<String> = sqlx::query_scalar(
            "select column_name::text from information_schema.columns where table_schema = 'public' and table_name = $1",
        )
        .bind(table)
        .fetch_all(&mut site.test.owner().await)
        .await
        .expect("the catalogue");
        let there: BTreeSet<&str> = there.iter().map(String::as_str).collect();
        let missing: Vec<&str> = columns.split(' ').filter(|c| !there.contains(c)).collect();
        assert!(missing.is_empty(), "{table} lacks {missing:?}");
    }
}

#[tokio::test]
async fn every_foreign_key_has_an_index() {
    let site = Site::start().await;
    let bare: Vec<String> = sqlx::query_scalar(
        "select c.conrelid::regclass || '.' || a.attname
         from pg_constraint c
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
         where c.contype = 'f' and c.connamespace = 'public'::regnamespace
           and not exists (select 1 from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])",
    )
    .fetch_all(&mut site.test.owner().await)
    .await
    .expect("the catalogue");
    // Who did something is shown, never searched for.
    let known = ["assigned_by", "revoked_by", "created_by"];
    let bare: Vec<_> = bare.into_iter().filter(|c| !known.iter().any(|k| c.ends_with(k))).collect();
    assert!(bare.is_empty(), "{bare:?}");
}

/// Builds need no database, for what PostgreSQL says of each query is kept: by `bin/gen`, which a change of a query or of
/// a table may make due again.
#[tokio::test]
async fn what_is_kept_of_each_query_is_what_postgresql_says() {
    let site = Site::start().await;
    let mut db = site.test.owner().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../.sqlx");
    let (mut asked, mut differ) = (0, Vec::new());
    for file in std::fs::read_dir(folder).expect("the queries") {
        let file = file.expect("a file").path();
        let kept: Value = serde_json::from_slice(&std::fs::read(&file).expect("a query")).expect("JSON");
        let query = kept["query"].as_str().expect("a query").to_owned();
        match db.describe(AssertSqlSafe(query.clone()).into_sql_str()).await {
            Ok(said) if same(&serde_json::to_value(&said).expect("JSON"), &kept["describe"]) => {}
            Ok(_) => differ.push(format!("{query}: it answers with something else")),
            Err(error) => differ.push(format!("{query}: {error}")),
        }
        asked += 1;
    }
    assert!(asked > 800, "{asked} queries");
    assert!(differ.is_empty(), "run bin/gen and commit: {differ:#?}");
}

/// Whether PostgreSQL still says what is kept. What may be null is told by how a query is carried out, which differs
/// between databases: it must not be null where that is kept, unless the query itself says of the column what may be.
fn same(said: &Value, kept: &Value) -> bool {
    let list = |of: &Value| of.as_array().cloned().unwrap_or_default();
    let names = list(&kept["columns"]).into_iter().map(|column| column["name"].as_str().map(str::to_owned));
    let unsaid =
        names.map(|name| !name.unwrap_or_default().split(':').next().unwrap_or_default().ends_with(['?', '!']));
    let nulls = list(&said["nullable"]).into_iter().zip(list(&kept["nullable"]));
    let could = nulls.zip(unsaid).any(|((said, kept), unsaid)| unsaid && said == true && kept == false);
    said["columns"] == kept["columns"] && said["parameters"] == kept["parameters"] && !could
}
