use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access::{EndUserId, StaffId};
use crate::finance::{FraudOutcome, FraudRule, FraudSignal, FraudSignalFilter, FraudSignalId, PaymentId};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;

paged!(FraudSignalFilter);

const SIGNAL: &str = "select s.id, s.rule, s.user_id, nullif(p.name, '') as user_name, s.payment_id, o.order_reference,
    o.event_id, e.title as event_title, s.evidence, s.outcome, s.resolved_at, a.full_name as resolved_by_name, s.note,
    s.created_at
    from fraud_signals s join payments t on t.id = s.payment_id join payment_orders o on o.id = t.order_id
    join events e on e.id = o.event_id left join user_profiles p on p.user_id = s.user_id
    left join admin_users a on a.id = s.resolved_by where true";

fn signal_row(row: &sqlx::postgres::PgRow) -> Result<FraudSignal> {
    Ok(FraudSignal {
        id: row.try_get("id")?,
        rule: row.try_get("rule")?,
        user_id: row.try_get("user_id")?,
        user_name: row.try_get("user_name")?,
        payment_id: row.try_get("payment_id")?,
        order_reference: row.try_get("order_reference")?,
        event_id: row.try_get("event_id")?,
        event_title: row.try_get("event_title")?,
        evidence: row.try_get("evidence")?,
        outcome: row.try_get("outcome")?,
        resolved_at: row.try_get("resolved_at")?,
        resolved_by_name: row.try_get("resolved_by_name")?,
        note: row.try_get("note")?,
        created_at: row.try_get("created_at")?,
    })
}

/// Signals, the latest first; those that are resolved only where they are asked for.
pub async fn signal_list(db: &mut impl Db, filter: &FraudSignalFilter) -> Result<Page<FraudSignal>> {
    let keyset = filter.keyset(db.cx(), ("s.created_at", "timestamptz", true))?;
    let mut query = QueryBuilder::<Postgres>::new(SIGNAL);
    if filter.resolved != Some(true) {
        query.push(" and s.resolved_at is null");
    }
    if let Some(rule) = filter.rule {
        query.push(" and s.rule = ").push_bind(rule.as_str());
    }
    if let Some(user) = filter.user_id {
        query.push(" and s.user_id = ").push_bind(user);
    }
    keyset.rows(db, query, "s.id").await?.page_by(signal_row, |signal| (signal.created_at, signal.id.0))
}

/// What was found of a person, the latest first.
pub async fn signals_of(db: &mut PgConnection, user: EndUserId, most: i64) -> Result<Vec<FraudSignal>> {
    let mut query = QueryBuilder::<Postgres>::new(SIGNAL);
    query.push(" and s.user_id = ").push_bind(user).push(" order by s.created_at desc, s.id desc limit ");
    query.push_bind(most).build().fetch_all(db).await?.iter().map(signal_row).collect()
}

/// One signal, or 404; locked until the transaction ends.
pub async fn signal_lock(db: &mut PgConnection, id: FraudSignalId) -> Result<FraudSignal> {
    sqlx::query!("select id from fraud_signals where id = $1 for no key update", id.0)
        .fetch_optional(&mut *db)
        .await?
        .ok_or_else(not_found)?;
    signal_find(db, id).await
}

/// One signal, or 404.
pub async fn signal_find(db: &mut PgConnection, id: FraudSignalId) -> Result<FraudSignal> {
    let mut query = QueryBuilder::<Postgres>::new(SIGNAL);
    query.push(" and s.id = ").push_bind(id);
    signal_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

/// How much speaks for a rule at a person: since then, and since somebody looked at it last.
pub async fn signal_evidence(db: &mut PgConnection, rule: FraudRule, user: EndUserId, since: Timestamp) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"with mine as (select id, event_id from payment_orders where user_id = $1),
                seen as (select greatest($3::timestamptz, max(s.resolved_at)) as at from fraud_signals s
                         where s.user_id = $1 and s.rule = $2)
           select (case $2::text
               when 'many_failures' then
                   (select count(*) from payments t where t.order_id in (select id from mine)
                        and t.status = 'failed' and t.created_at > seen.at)
               when 'many_payments' then
                   (select count(*) from payments t where t.order_id in (select id from mine)
                        and t.captured_at > seen.at)
               when 'many_refunds' then
                   (select count(distinct r.payment_id) from refunds r join payments t on t.id = r.payment_id
                    where t.order_id in (select id from mine) and r.requested_by is not null and r.created_at > seen.at)
               when 'many_disputes' then
                   (select count(*) from disputes d join payments t on t.id = d.payment_id
                    where t.order_id in (select id from mine) and d.created_at > seen.at)
               else
                   (select count(*) from payments t join mine on mine.id = t.order_id
                        join events e on e.id = mine.event_id
                    where e.host_user_id = $1 and t.captured_at > seen.at)
               end) as "evidence!"
           from seen"#,
        user.0,
        rule.as_str(),
        since.0,
    )
    .fetch_one(db)
    .await?)
}

/// Notes what was found; where a signal is open already, it tells of more.
pub async fn signal_raise(
    db: &mut PgConnection,
    rule: FraudRule,
    (user, payment): (EndUserId, PaymentId),
    evidence: i32,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into fraud_signals (id, rule, user_id, payment_id, evidence, created_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (rule, user_id) where resolved_at is null
         do update set payment_id = excluded.payment_id,
             evidence = greatest(fraud_signals.evidence, excluded.evidence)",
        FraudSignalId::new().0,
        rule.as_str(),
        user.0,
        payment.0,
        evidence,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn signal_resolve(
    db: &mut PgConnection,
    id: FraudSignalId,
    (outcome, note): (FraudOutcome, &str),
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update fraud_signals set outcome = $2, note = $3, resolved_at = $5, resolved_by = $4 where id = $1",
        id.0,
        outcome.as_str(),
        note,
        by.map(|by| by.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What was found of a person, for an export: without the notes of whoever looked at it.
pub async fn signal_gather(db: &mut PgConnection, user: EndUserId) -> Result<serde_json::Value> {
    Ok(sqlx::query_scalar!(
        r#"select coalesce(jsonb_agg(jsonb_build_object('rule', rule, 'outcome', outcome, 'found_at', created_at,
               'resolved_at', resolved_at) order by created_at), '[]') as "signals!"
           from fraud_signals where user_id = $1"#,
        user.0,
    )
    .fetch_one(db)
    .await?)
}

/// Takes the notes away that were written of a person; answers of which signals.
pub async fn signal_erase(db: &mut PgConnection, user: EndUserId) -> Result<Vec<Uuid>> {
    let signals = sqlx::query_scalar!("update fraud_signals set note = null where user_id = $1 returning id", user.0);
    Ok(signals.fetch_all(db).await?)
}

/// How many fraud signals and reconciliation exceptions nobody has resolved.
pub async fn open_counts(db: &mut PgConnection) -> Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"select (select count(*) from fraud_signals where resolved_at is null) as "signals!",
                  (select count(*) from settlement_lines where exception is not null and resolved_at is null)
                      as "exceptions!""#
    );
    let row = row.fetch_one(db).await?;
    Ok((row.signals, row.exceptions))
}
