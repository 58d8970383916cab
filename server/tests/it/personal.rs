//! Every column that points at an end user: what stands beside it goes into the person's export, and goes when they are
//! erased; what does neither says why.

use std::collections::{BTreeMap, BTreeSet};

use eventify::kernel::context::{Db, RequestContext, Tx};
use eventify::kernel::registry::operations;
use eventify::people::{EndUserId, erasure, export};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::records::Filled;
use crate::support::Site;

/// Columns whose rows are in no export, each with why.
const NOT_TOLD: &[(&str, &str)] = &[
    ("auth_tokens.end_user_id", "the hash of a link that was mailed; the address is the account's"),
    ("ledger_accounts.user_id", "sums of the books: a host reads each event's under its revenue"),
];

/// Columns of which rows stay as they are when somebody is erased, each with why nothing in them is personal then: whose
/// they are is an account without name, number or address.
const STAYS: &[(&str, &str)] = &[
    ("capacity_reservations.user_id", "seats and their price; answers go"),
    ("event_attendees.user_id", "counted seats; names, addresses, notes and answers go"),
    ("event_co_hosts.user_id", "that an event was co-hosted, by nobody that can be named"),
    ("event_invites.accepted_by", "a counted invitation; its message goes"),
    ("event_invites.host_user_id", "the invitations of others to an event that stays"),
    ("event_invites.invited_user_id", "a counted invitation; its message goes"),
    ("event_requests.requester_user_id", "a counted request; messages and answers go"),
    ("events.host_user_id", "the event, which guests have tickets for"),
    ("ledger_accounts.user_id", "the books"),
    ("payment_orders.user_id", "the books"),
    ("privacy_requests.user_id", "what was asked for and when: that it was answered is shown by it"),
    ("privacy_settings.user_id", "choices, of nobody"),
    ("tickets.user_id", "counted tickets; why one was revoked goes"),
    ("waiting_list_entries.user_id", "a counted place"),
];

/// What the demo has none of.
const FILLED: &[&str] = &[
    "insert into auth_tokens (id, purpose, token_hash, data, expires_at, end_user_id)
     select gen_random_uuid(), 'email_verification', sha256('a link'), '{\"email\":\"a@example.com\"}',
            now() + interval '1 day', id from end_users where phone is not null order by end_users.id limit 1",
    "insert into event_co_hosts (id, event_id, user_id)
     select gen_random_uuid(), (select id from events where status = 'draft' limit 1), id
     from end_users where phone is not null order by end_users.id limit 1",
    "insert into ledger_accounts (id, kind, user_id, currency)
     select gen_random_uuid(), 'host_payable', id, 'INR' from end_users where phone is not null order by end_users.id limit 1",
    "update event_invites set accepted_by = invited_user_id
     where id = (select id from event_invites where status = 'accepted' and invited_user_id is not null limit 1)",
];

/// Addresses and numbers of guests, each with how an erasure finds those of somebody.
const GUESTS: &[(&str, &str)] = &[
    ("end_users", "the account itself"),
    ("event_attendees", "by the account, the number and the proven address"),
    ("event_invites", "by the account, the number and the proven address"),
    ("user_phone_otps", "by the number"),
];

/// Addresses and numbers of people who are no end users, each with who they are. They work for the organisation, for a partner
/// or at an event, and what is held of them is kept and removed by whoever they work for: none of it is theirs as guests.
const WORK_HERE: &[(&str, &str)] = &[
    ("admin_users", "the team's accounts"),
    ("partner_contacts", "a partner's own people, who manage their entries themselves"),
    ("staff_members", "crew, under contract: paid by what is kept of their hours"),
    ("talents", "artists, under contract"),
];

/// Columns that point at end users, by what the schema says.
async fn pointing(site: &Site) -> Vec<(String, String)> {
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
    .fetch_all(&site.test.reader)
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

/// Where an export has rows without their ids.
const PARTS: &[(&str, &str)] = &[
    ("event_co_hosts.user_id", "/hosting/co_hosting"),
    ("fraud_signals.user_id", "/fraud_signals"),
    ("payment_orders.user_id", "/payments"),
    ("privacy_settings.user_id", "/privacy_settings"),
    ("user_pictures.user_id", "/profile/pictures"),
    ("user_profiles.user_id", "/profile"),
];

/// A row that an export does not have, if there is one.
fn untold_of<'r>(name: &str, rows: &'r [Value], export: &Value) -> Option<&'r Value> {
    let Some((_, part)) = PARTS.iter().find(|(of, _)| *of == name) else {
        let text = export.to_string();
        return rows.iter().find(|row| row["id"].as_str().is_none_or(|id| !text.contains(id)));
    };
    let is_whole = match export.pointer(part) {
        Some(Value::Array(items)) => items.len() == rows.len(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        _ => false,
    };
    if is_whole { None } else { rows.first() }
}

/// The rows of one column that are found wanting, with one of them.
type Found = BTreeMap<String, Value>;

#[tokio::test]
async fn whatever_points_at_an_end_user_is_exported_and_erased() {
    let filled = Filled::new().await;
    let run = operations().into_iter().find(|operation| operation.id == "privacy_request_run").expect("it is there");
    for sql in FILLED {
        let made = sqlx::query(*sql).execute(&mut filled.site.test.owner().await).await.expect(sql);
        assert_eq!(made.rows_affected(), 1, "{sql}");
    }
    let (mut nobody, mut untold, mut kept, mut columns) = (Vec::new(), Found::new(), Found::new(), BTreeSet::new());
    for (table, column) in pointing(&filled.site).await {
        let name = format!("{table}.{column}");
        columns.insert(name.clone());
        let most = format!(
            "select {column} from {table} where {column} is not null group by 1 order by count(*) desc, 1 limit 1"
        );
        let user: Option<Uuid> =
            sqlx::query_scalar(AssertSqlSafe(most)).fetch_optional(&filled.site.test.reader).await.expect("a user");
        let Some(user) = user else {
            nobody.push(name);
            continue;
        };
        // Never committed: the next one finds everything as it was.
        let mut tx = Tx::begin(RequestContext::system(&filled.site.test.app, run)).await.expect("begins");
        let before = rows(&mut tx, &table, &column, user).await;
        let export = export::bundle(&mut tx, EndUserId(user)).await.expect("an export");
        erasure::run(&mut tx, EndUserId(user)).await.expect("erased");
        let after = rows(&mut tx, &table, &column, user).await;
        if let Some(row) = untold_of(&name, &before, &export) {
            untold.insert(name.clone(), row.clone());
        }
        if let Some(row) = before.iter().find(|row| after.contains(row)) {
            kept.insert(name, row.clone());
        }
    }
    assert!(nobody.is_empty(), "nobody stands there, so nothing is proven: {nobody:?}");
    let unlisted = |found: Found, list: &[(&str, &str)]| {
        let is_listed = |name: &str| list.iter().any(|(listed, _)| *listed == name);
        found.into_iter().filter(|(name, _)| !is_listed(name)).collect::<Vec<_>>()
    };
    let (untold, kept) = (unlisted(untold, NOT_TOLD), unlisted(kept, STAYS));
    assert!(untold.is_empty(), "in no export: {untold:#?}");
    assert!(kept.is_empty(), "as it was after an erasure: {kept:#?}");
    let gone: Vec<_> = NOT_TOLD.iter().chain(STAYS).chain(PARTS).filter(|(name, _)| !columns.contains(*name)).collect();
    assert!(gone.is_empty(), "these point at nobody: {gone:?}");
}

/// A table that holds somebody's address or number is of guests, whose erasure finds it, or of people who work here.
#[tokio::test]
async fn who_can_be_written_to_is_a_guest_or_works_here() {
    let site = Site::start().await;
    let addresses = "select array_agg(distinct c.table_name::text order by c.table_name::text)
                     from information_schema.columns c
                     join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
                     where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
                       and c.column_name ~ '(^|_)(email|phone|phone_number)$'";
    let found: Vec<String> = sqlx::query_scalar(addresses).fetch_one(&site.test.reader).await.expect("tables");
    let mut listed: Vec<&str> = WORK_HERE.iter().chain(GUESTS).map(|(table, _)| *table).collect();
    listed.sort_unstable();
    assert_eq!(found, listed);
    let pointing = pointing(&site).await;
    let both: Vec<_> = pointing.iter().filter(|(table, _)| WORK_HERE.iter().any(|(of, _)| of == table)).collect();
    assert!(both.is_empty(), "end users work here: export and erase them there too: {both:?}");
}
