//! All SQL of audit.

mod seals;

pub use seals::*;

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{Actor, AuditChange, AuditDetail, AuditFilter, AuditRow, Chain, Trace};
use crate::kernel::components::Remembers;
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::found::push_found;
use crate::kernel::page::{Page, Paged, Paging, count, paged};
use crate::kernel::timestamp::Timestamp;

paged!(AuditFilter);

const ROW: &str = "select a.seq, a.id, a.created_at, a.actor_kind, a.actor_id, a.actor_label, a.action, a.object_type,
    a.object_id, a.request_id,
    coalesce(a.reason, (select v.after #>> '{}' from audit_values v where v.audit_seq = a.seq and v.field = '$reason'))
        as reason,
    coalesce(host(a.ip_address), (select v.after #>> '{}' from audit_values v
                                  where v.audit_seq = a.seq and v.field = '$ip')) as ip, encode(a.hash, 'hex') as hash,
    (select v.after #>> '{}' from audit_values v where v.audit_seq = a.seq and v.field = 'status') as outcome,
    array(select k from jsonb_object_keys(a.change_set) k where k not like '$%' order by k) as changed
    from audit_logs a where true";

fn audit_row(row: &PgRow) -> sqlx::Result<AuditRow> {
    Ok(AuditRow {
        seq: row.try_get("seq")?,
        id: row.try_get("id")?,
        created_at: row.try_get("created_at")?,
        actor: Actor {
            kind: row.try_get("actor_kind")?,
            id: row.try_get("actor_id")?,
            label: row.try_get("actor_label")?,
            name: None,
            href: None,
        },
        action: row.try_get("action")?,
        object_type: row.try_get("object_type")?,
        object_id: row.try_get("object_id")?,
        reason: row.try_get("reason")?,
        ip: row.try_get("ip")?,
        request_id: row.try_get("request_id")?,
        changed: row.try_get("changed")?,
        subject: None,
        outcome: row.try_get("outcome")?,
    })
}

pub async fn audit_list(db: &mut impl Db, filter: &AuditFilter) -> Result<Page<AuditRow>> {
    let keyset = filter.keyset(db.cx(), ("a.seq", "bigint", true))?;
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    narrow(&mut query, filter);
    let mut page = keyset.rows(db, query, "a.id").await?.page_by(audit_row, |row| (row.seq, row.id))?;
    if filter.cursor.is_none() {
        let all = count(db, " from audit_logs a where true", |query| narrow(query, filter)).await?;
        page.total_estimate = Some(all);
    }
    Ok(page)
}

/// What was done to any of these objects (kind and id), which are those of `of`, from this moment on and newest first,
/// with the values.
pub async fn history_with_values(
    db: &mut impl Db,
    of: impl serde::Serialize,
    objects: &[(String, String)],
    since: Timestamp,
    paging: &Paging,
) -> Result<Page<(AuditRow, Vec<AuditChange>)>> {
    let keyset = paging.keyset(db.cx(), ("a.seq", "bigint", true), "history with values", of)?;
    let (kinds, ids): (Vec<&str>, Vec<&str>) = objects.iter().map(|(kind, id)| (kind.as_str(), id.as_str())).unzip();
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    query.push(" and a.created_at >= ").push_bind(since);
    query.push(" and (a.object_type, a.object_id) in (select * from unnest(").push_bind(kinds).push("::text[], ");
    query.push_bind(ids).push("::text[]))");
    let page = keyset.rows(db, query, "a.id").await?.page_by(audit_row, |row| (row.seq, row.id))?;
    let seqs: Vec<i64> = page.items.iter().map(|row| row.seq).collect();
    let values = sqlx::query!(
        r#"select audit_seq, field, before, after, erased_at as "erased_at: Timestamp"
           from audit_values where audit_seq = any($1) and field not like '$%' order by field"#,
        &seqs,
    )
    .fetch_all(db.conn())
    .await?;
    let mut changes: BTreeMap<i64, Vec<AuditChange>> = BTreeMap::new();
    for value in values {
        let change =
            AuditChange { field: value.field, before: value.before, after: value.after, erased_at: value.erased_at };
        changes.entry(value.audit_seq).or_default().push(change);
    }
    Ok(page.map(|row| {
        let values = changes.remove(&row.seq).unwrap_or_default();
        (row, values)
    }))
}

fn narrow(query: &mut QueryBuilder<Postgres>, filter: &AuditFilter) {
    if let Some(actor) = filter.actor_id {
        query.push(" and a.actor_id = ").push_bind(actor);
    }
    if let Some(action) = &filter.action {
        query.push(" and starts_with(a.action, ").push_bind(action.as_str().to_owned()).push(")");
    }
    if let Some(kind) = &filter.object_type {
        query.push(" and a.object_type = ").push_bind(kind.as_str().to_owned());
    }
    if let Some(id) = &filter.object_id {
        query.push(" and a.object_id = ").push_bind(id.as_str().to_owned());
    }
    if let Some(from) = filter.from {
        query.push(" and a.created_at >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        query.push(" and a.created_at < ").push_bind(to);
    }
    push_found(query, &["search_fold(a.actor_label)", "search_fold(a.object_id)"], filter.q.as_ref());
}

/// What belongs to an event, of these kinds of records: those whose event was recorded, also where they are gone.
pub async fn records_at_event(db: &mut PgConnection, event: Uuid, kinds: &[&str]) -> Result<Vec<(String, String)>> {
    let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let rows = sqlx::query!(
        "select distinct l.object_type, l.object_id
         from audit_values v join audit_logs l on l.seq = v.audit_seq
         where v.field = 'event_id' and coalesce(v.after, v.before) #>> '{}' = $1::uuid::text
               and l.object_type = any($2)",
        event,
        &kinds,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.object_type, row.object_id)).collect())
}

/// The entry, looked for only in the months about the time that its id names: the log has a partition for each.
async fn row_near(db: &mut PgConnection, id: Uuid) -> Result<Option<PgRow>> {
    let Some((seconds, _)) = id.get_timestamp().map(|at| at.to_unix()) else { return Ok(None) };
    let made = i64::try_from(seconds).ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let Some(made) = made else { return Ok(None) };
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    query.push(" and a.id = ").push_bind(id);
    query.push(" and a.created_at >= ").push_bind(made.saturating_sub(Duration::DAY));
    query.push(" and a.created_at < ").push_bind(made.saturating_add(Duration::DAY));
    Ok(query.build().fetch_optional(db).await?)
}

/// One entry with its values, or 404.
pub async fn audit_find(db: &mut PgConnection, id: Uuid) -> Result<AuditDetail> {
    let found = match row_near(db, id).await? {
        Some(found) => found,
        // Its id and the entry were made at different times: a clock was moved, or it was restored.
        None => {
            let mut query = QueryBuilder::<Postgres>::new(ROW);
            query.push(" and a.id = ").push_bind(id);
            query.build().fetch_one(&mut *db).await?
        }
    };
    let row = audit_row(&found)?;
    let changes = sqlx::query_as!(
        AuditChange,
        r#"select field, before, after, erased_at as "erased_at: Timestamp"
           from audit_values where audit_seq = $1 and field not like '$%' order by field"#,
        row.seq,
    )
    .fetch_all(&mut *db)
    .await?;
    let block = sqlx::query_scalar!("select no from audit_blocks where row_seqs @> array[$1::bigint]", row.seq)
        .fetch_optional(db)
        .await?;
    Ok(AuditDetail { row, changes, block, hash: found.try_get("hash")? })
}

pub async fn chain(db: &mut PgConnection, now: Timestamp, proof_key: String) -> Result<Chain> {
    let head =
        sqlx::query!("select no, encode(hash, 'hex') as hash, sealed_at from audit_blocks order by no desc limit 1")
            .fetch_optional(&mut *db)
            .await?;
    let queue = sqlx::query!(
        r#"select count(*) as "unsealed!", min(l.created_at) as oldest
           from audit_unsealed u join audit_logs l on l.seq = u.audit_seq"#
    )
    .fetch_one(db)
    .await?;
    Ok(Chain {
        blocks: head.as_ref().map_or(0, |head| head.no),
        head_hash: head.as_ref().and_then(|head| head.hash.clone()),
        last_sealed_at: head.map(|head| Timestamp(head.sealed_at)),
        unsealed: queue.unsealed,
        oldest_unsealed_seconds: queue.oldest.map(|at| (now.0 - at).whole_seconds().max(0)),
        proof_key,
    })
}

/// Blanks a field's values; false if there is no such field or it was blank already.
pub async fn value_erase(db: &mut PgConnection, seq: i64, field: &str, now: Timestamp) -> Result<bool> {
    let done = sqlx::query!(
        "update audit_values set salt = null, before = null, after = null, erased_at = $3
         where audit_seq = $1 and field = $2 and erased_at is null",
        seq,
        field,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Blanks what is recorded of these records and of those that name the person, or one of the records, as whose they
/// are, and from where and why the person acted. Of a record that was handed on, what was recorded until then goes: the
/// rest is somebody else's. An event is nobody's record: only what a trace names goes. The proofs stand.
pub async fn values_forget(db: &mut PgConnection, person: Uuid, traces: &[Trace], now: Timestamp) -> Result<()> {
    let kinds: Vec<&str> = traces.iter().map(|trace| trace.object_type).collect();
    let ids: Vec<String> = traces.iter().map(|trace| trace.object_id.to_string()).collect();
    let fields: Vec<Option<&str>> = traces.iter().map(|trace| trace.field).collect();
    let whose: Vec<Value> = std::iter::once(person.to_string()).chain(ids.iter().cloned()).map(Value::from).collect();
    sqlx::query!(
        "with naming as (
             select l.object_type, l.object_id, l.seq, coalesce(v.after, v.before) = any($5::jsonb[]) as theirs
             from audit_values v join audit_logs l on l.seq = v.audit_seq
             where v.field in ('user_id', 'requester_user_id', 'invited_user_id', 'attendee_id')
                   and (coalesce(v.after, v.before) = any($5::jsonb[]) or v.before = any($5::jsonb[]))
                   and l.object_type <> 'event'),
         named as (
             select t.*, null::bigint as until
             from unnest($1::text[], $2::text[], $3::text[]) as t (object_type, object_id, field)
             union all
             select object_type, object_id, null,
                    case when not (array_agg(theirs order by seq desc, theirs desc))[1] then max(seq) end
             from naming group by object_type, object_id)
         update audit_values v set salt = null, before = null, after = null, erased_at = $4
         from audit_logs l join named t on l.object_type = t.object_type and l.object_id = t.object_id
         where v.audit_seq = l.seq and v.erased_at is null and (t.field is null or v.field = t.field)
               and (t.until is null or l.seq <= t.until)",
        &kinds as &[&str],
        &ids,
        &fields as &[Option<&str>],
        now.0,
        &whose,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update audit_values v set salt = null, before = null, after = null, erased_at = $2
         from audit_logs l
         where l.actor_id = $1 and v.audit_seq = l.seq and v.field in ('$reason', '$ip') and v.erased_at is null",
        person,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes partitions for three months ahead, and for months whose rows lie in none.
pub async fn ensure_partitions(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("select audit_ensure_partitions(3)").execute(db).await?;
    Ok(())
}

inventory::submit!(Remembers { last_to_change: |db, object_id| Box::pin(last_to_change(db, object_id)) });

/// Who of the team changed a record last, by name; looked for among the latest entries, for it was a moment ago.
async fn last_to_change(db: &mut PgConnection, object_id: &str) -> Result<Option<String>> {
    let name = sqlx::query_scalar!(
        "select u.full_name from (select actor_id, object_id, seq from audit_logs order by seq desc limit 5000) a
         join admin_users u on u.id = a.actor_id where a.object_id = $1 order by a.seq desc limit 1",
        object_id
    );
    Ok(name.fetch_optional(db).await?)
}
