//! Every column that points at an end user: what stands beside it goes into the person's export, and goes when they are
//! erased; what does neither says why.

use eventify::kernel::context::{Db, RequestContext, Tx};
use eventify::kernel::registry::operations;
use eventify::people::{EndUserId, erasure, export};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::records::House;

/// Columns whose rows are in no export, each with why.
const NOT_TOLD: &[(&str, &str)] = &[];

/// Columns whose rows stay as they are when somebody is erased, each with why nothing in them is personal then.
const STAYS: &[(&str, &str)] = &[];

/// People who are no end users: they work for the house, for a partner or at an event, and have another account or none.
/// What is held of them is kept and removed by whoever they work for. If one of these ever points at an end user, the walk
/// below finds it.
const WORK_HERE: &[(&str, &str)] = &[
    ("admin_users", "the team's accounts"),
    ("partner_contacts", "a partner's own people, who manage their entries themselves"),
    ("staff_members", "crew, under contract: paid by what is kept of their hours"),
    ("talents", "artists, under contract"),
];

/// Columns that point at end users, by what the schema says.
async fn pointing(house: &House) -> Vec<(String, String)> {
    sqlx::query_as(
        "select u.table_name::text, u.column_name::text
         from information_schema.referential_constraints c
         join information_schema.key_column_usage u
           on u.constraint_schema = c.constraint_schema and u.constraint_name = c.constraint_name
         join information_schema.table_constraints t
           on t.constraint_schema = c.unique_constraint_schema and t.constraint_name = c.unique_constraint_name
         where t.table_schema = 'public' and t.table_name = 'end_users'
         order by 1, 2",
    )
    .fetch_all(&house.site.test.reader)
    .await
    .expect("the schema")
}

/// The rows that point at somebody, as text; what is counted up with every change is left out.
async fn rows(tx: &mut Tx, table: &str, column: &str, user: Uuid) -> Vec<Value> {
    let sql = format!(
        "select to_jsonb(t) - array['version', 'updated_at', 'changed_xid'] from {table} t where {column} = $1 order by 1"
    );
    sqlx::query_scalar(AssertSqlSafe(sql)).bind(user).fetch_all(tx.conn()).await.expect("rows")
}

/// What names a row in an export: its id, or where it has none, what stands in it.
fn is_told(row: &Value, export: &str) -> bool {
    let id = row["id"].as_str();
    id.is_some_and(|id| export.contains(id))
}

#[tokio::test]
async fn whatever_points_at_an_end_user_is_exported_and_erased() {
    let house = House::new().await;
    let pointing = pointing(&house).await;
    let run = operations().into_iter().find(|operation| operation.id == "privacy_request_run").expect("it is there");
    let (mut untold, mut kept, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for (table, column) in &pointing {
        let name = format!("{table}.{column}");
        let sql = format!(
            "select {column} from {table} where {column} is not null group by 1 order by count(*) desc, 1 limit 1"
        );
        let user: Option<Uuid> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_optional(&house.site.test.reader).await.expect("a user");
        let user = user.unwrap_or_else(|| panic!("nobody stands in {name}: the test proves nothing"));
        // Never committed: the next one finds everything as it was.
        let mut tx = Tx::begin(RequestContext::system(&house.site.test.app, run)).await.expect("begins");
        let before = rows(&mut tx, table, column, user).await;
        let export = export::bundle(&mut tx, EndUserId(user)).await.expect("an export").to_string();
        erasure::run(&mut tx, EndUserId(user)).await.expect("erased");
        let after = rows(&mut tx, table, column, user).await;
        if !before.iter().all(|row| is_told(row, &export)) {
            untold.push(format!("{name}: {}", before[0]));
        }
        if before.iter().any(|row| after.contains(row)) {
            let row = before.iter().find(|row| after.contains(row)).expect("one");
            kept.push(format!("{name}: {row}"));
        }
        seen.push(name);
    }
    let (untold_names, kept_names): (Vec<_>, Vec<_>) = (names(&untold), names(&kept));
    let listed = |list: &[(&'static str, &str)]| list.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    assert_eq!(untold_names, listed(NOT_TOLD), "in no export: {untold:#?}");
    assert_eq!(kept_names, listed(STAYS), "not erased: {kept:#?}");
}

fn names(found: &[String]) -> Vec<&str> {
    found.iter().map(|line| line.split(": ").next().unwrap_or(line)).collect()
}
