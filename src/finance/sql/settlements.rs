use sqlx::{PgConnection, Postgres, QueryBuilder, Row as _};
use time::Date;
use uuid::Uuid;

use crate::access::StaffId;
use crate::finance::settling::report::Row;
use crate::finance::{
    ProviderHolding, ProviderName, Reconciliation, Settlement, SettlementException, SettlementFilter, SettlementId,
    SettlementIssue, SettlementIssueFilter, SettlementLineId,
};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::locks::AdvisoryLock;
use crate::kernel::money::Money;
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;

paged!(SettlementFilter, SettlementIssueFilter);

const SETTLEMENT: &str = "select s.id, s.provider, s.reference, s.settled_on::text as settled_on, s.amount_minor,
    s.fee_minor, s.currency::text as currency, u.full_name as imported_by_name, s.created_at,
    (select count(*) from settlement_lines l where l.settlement_id = s.id) as lines,
    (select count(*) from settlement_lines l where l.settlement_id = s.id and l.exception is not null
         and l.resolved_at is null) as exceptions,
    (select j.id from ledger_journals j where j.object_type = 'settlement' and j.object_id = s.id
         and j.kind = 'settlement') as journal_id
    from settlements s left join admin_users u on u.id = s.imported_by where true";

fn settlement_row(row: &sqlx::postgres::PgRow) -> Result<Settlement> {
    let currency: String = row.try_get("currency")?;
    let (amount, fee): (i64, i64) = (row.try_get("amount_minor")?, row.try_get("fee_minor")?);
    Ok(Settlement {
        id: row.try_get("id")?,
        provider: row.try_get("provider")?,
        reference: row.try_get("reference")?,
        settled_on: row.try_get("settled_on")?,
        amount: Money::stored(amount, &currency)?,
        fee: Money::stored(fee, &currency)?,
        net: Money::stored(amount - fee, &currency)?,
        lines: row.try_get("lines")?,
        exceptions: row.try_get("exceptions")?,
        journal_id: row.try_get("journal_id")?,
        imported_by_name: row.try_get("imported_by_name")?,
        created_at: row.try_get("created_at")?,
    })
}

/// Settlements, the latest first.
pub async fn settlement_list(db: &mut impl Db, filter: &SettlementFilter) -> Result<Page<Settlement>> {
    let keyset = filter.keyset(db.cx(), ("s.created_at", "timestamptz", true))?;
    let mut query = QueryBuilder::<Postgres>::new(SETTLEMENT);
    if let Some(provider) = filter.provider {
        query.push(" and s.provider = ").push_bind(provider.as_str());
    }
    keyset.rows(db, query, "s.id").await?.page_by(settlement_row, |settlement| (settlement.created_at, settlement.id.0))
}

/// One settlement, or 404.
pub async fn settlement_find(db: &mut PgConnection, id: SettlementId) -> Result<Settlement> {
    let mut query = QueryBuilder::<Postgres>::new(SETTLEMENT);
    query.push(" and s.id = ").push_bind(id);
    settlement_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

/// Whether a provider ever had a payment in this currency.
pub async fn provider_took(db: &mut PgConnection, provider: ProviderName, currency: &str) -> Result<bool> {
    let took = sqlx::query_scalar!(
        r#"select exists (select 1 from payments where provider = $1 and currency = $2) as "took!""#,
        provider.as_str(),
        currency,
    );
    Ok(took.fetch_one(db).await?)
}

/// What a settlement that is known came to: amount, fee, currency and day.
pub async fn settlement_sums(
    db: &mut PgConnection,
    provider: ProviderName,
    reference: &str,
) -> Result<(i64, i64, String, Date)> {
    let row = sqlx::query!(
        "select amount_minor, fee_minor, currency, settled_on from settlements where provider = $1 and reference = $2",
        provider.as_str(),
        reference,
    );
    let row = row.fetch_one(db).await?;
    Ok((row.amount_minor, row.fee_minor, row.currency, row.settled_on))
}

/// A settlement, unless it is known.
pub async fn settlement_insert(
    db: &mut PgConnection,
    id: SettlementId,
    (provider, reference, day): (ProviderName, &str, Date),
    (amount, fee): &(Money, i64),
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        "insert into settlements (id, provider, reference, settled_on, currency, amount_minor, fee_minor, imported_by,
                                  created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict on constraint settlements_reference do nothing",
        id.0,
        provider.as_str(),
        reference,
        day,
        amount.currency.as_str(),
        amount.minor,
        *fee,
        by.map(|by| by.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What a line of a settlement is of ours.
#[derive(Default)]
pub struct NewSettlementLine {
    pub payment: Option<Uuid>,
    pub refund: Option<Uuid>,
    pub dispute: Option<Uuid>,
    pub exception: Option<SettlementException>,
    pub expected: Option<i64>,
}

pub async fn settlement_line_insert(
    db: &mut PgConnection,
    settlement: SettlementId,
    position: usize,
    row: &Row,
    line: &NewSettlementLine,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into settlement_lines (id, settlement_id, position, kind, reference, amount_minor, fee_minor, payment_id,
                                       refund_id, dispute_id, exception, expected_minor, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        SettlementLineId::new().0,
        settlement.0,
        i32::try_from(position).unwrap_or(i32::MAX),
        row.kind.as_str(),
        row.reference,
        row.amount,
        row.fee,
        line.payment,
        line.refund,
        line.dispute,
        line.exception.map(SettlementException::as_str),
        line.expected,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Waits until nobody else settles anything: whoever came first is seen by every statement after this one, and no two
/// reports wait for each other crosswise.
pub async fn settling_lock(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock($1)", AdvisoryLock::Settling.key()).execute(db).await?;
    Ok(())
}

/// Something of ours that a provider settles: which, how much it is, and whether it was settled before.
pub struct Settled {
    pub id: Uuid,
    pub amount: i64,
    pub settled: bool,
}

/// The payment of that name, where its money came.
pub async fn settled_payment(
    db: &mut PgConnection,
    provider: ProviderName,
    reference: &str,
    currency: &str,
) -> Result<Option<Settled>> {
    Ok(sqlx::query_as!(
        Settled,
        r#"select p.id, p.amount_minor as amount,
                  exists (select 1 from settlement_lines l where l.payment_id = p.id
                              and (l.exception is null or l.exception = 'amount_differs')) as "settled!"
           from payments p
           where p.provider = $1 and (p.provider_ref = $2 or p.provider_charge = $2) and p.currency = $3
                 and p.captured_at is not null"#,
        provider.as_str(),
        reference,
        currency,
    )
    .fetch_optional(db)
    .await?)
}

/// A refund of that payment, or of that name, which went back; first one of that amount that was not settled.
pub async fn settled_refund(
    db: &mut PgConnection,
    provider: ProviderName,
    reference: &str,
    (amount, currency): (i64, &str),
) -> Result<Option<Settled>> {
    Ok(sqlx::query_as!(
        Settled,
        r#"select r.id, -r.amount_minor as "amount!", s.settled as "settled!"
           from refunds r join payments p on p.id = r.payment_id,
                lateral (select exists (select 1 from settlement_lines l where l.refund_id = r.id
                              and (l.exception is null or l.exception = 'amount_differs')) as settled) s
           where p.provider = $1 and (p.provider_ref = $2 or p.provider_charge = $2 or r.id::text = $2)
                 and r.currency = $4
                 and r.status = 'processed'
           order by s.settled, (-r.amount_minor = $3) desc, r.created_at, r.id limit 1"#,
        provider.as_str(),
        reference,
        amount,
        currency,
    )
    .fetch_optional(db)
    .await?)
}

/// The dispute of that name, or one of that payment, which was lost; first one of that amount that was not settled.
pub async fn settled_dispute(
    db: &mut PgConnection,
    provider: ProviderName,
    reference: &str,
    (amount, currency): (i64, &str),
) -> Result<Option<Settled>> {
    Ok(sqlx::query_as!(
        Settled,
        r#"select d.id, -d.amount_minor as "amount!", s.settled as "settled!"
           from disputes d join payments p on p.id = d.payment_id,
                lateral (select exists (select 1 from settlement_lines l where l.dispute_id = d.id
                              and (l.exception is null or l.exception = 'amount_differs')) as settled) s
           where p.provider = $1 and (d.provider_ref = $2 or p.provider_ref = $2 or p.provider_charge = $2)
                 and d.currency = $4
                 and d.status = 'lost'
           order by s.settled, (-d.amount_minor = $3) desc, d.created_at, d.id limit 1"#,
        provider.as_str(),
        reference,
        amount,
        currency,
    )
    .fetch_optional(db)
    .await?)
}

const ISSUE: &str =
    "select l.id, l.settlement_id, s.reference as settlement_reference, coalesce(s.provider, p.provider) as provider,
    l.kind, l.reference, l.amount_minor, coalesce(s.currency, p.currency)::text as currency, l.exception, l.expected_minor,
    p.id as payment_id, o.order_reference, nullif(f.name, '') as payer_name, e.title as event_title, l.resolved_at,
    u.full_name as resolved_by_name, l.note, l.created_at
    from settlement_lines l left join settlements s on s.id = l.settlement_id
    left join refunds r on r.id = l.refund_id left join disputes d on d.id = l.dispute_id
    left join payments p on p.id = coalesce(l.payment_id, r.payment_id, d.payment_id)
    left join payment_orders o on o.id = p.order_id left join events e on e.id = o.event_id
    left join user_profiles f on f.user_id = o.user_id left join admin_users u on u.id = l.resolved_by
    where l.exception is not null";

fn issue_row(row: &sqlx::postgres::PgRow) -> Result<SettlementIssue> {
    let currency: String = row.try_get("currency")?;
    let expected: Option<i64> = row.try_get("expected_minor")?;
    Ok(SettlementIssue {
        id: row.try_get("id")?,
        settlement_id: row.try_get("settlement_id")?,
        settlement_reference: row.try_get("settlement_reference")?,
        provider: row.try_get("provider")?,
        kind: row.try_get("kind")?,
        reference: row.try_get("reference")?,
        amount: Money::stored(row.try_get("amount_minor")?, &currency)?,
        exception: row.try_get("exception")?,
        expected: expected.map(|minor| Money::stored(minor, &currency)).transpose()?,
        payment_id: row.try_get("payment_id")?,
        order_reference: row.try_get("order_reference")?,
        payer_name: row.try_get("payer_name")?,
        event_title: row.try_get("event_title")?,
        resolved_at: row.try_get("resolved_at")?,
        resolved_by_name: row.try_get("resolved_by_name")?,
        note: row.try_get("note")?,
        created_at: row.try_get("created_at")?,
    })
}

/// Exceptions, the latest first; those that are resolved only where they are asked for.
pub async fn issue_list(db: &mut impl Db, filter: &SettlementIssueFilter) -> Result<Page<SettlementIssue>> {
    let keyset = filter.keyset(db.cx(), ("l.created_at", "timestamptz", true))?;
    let mut query = QueryBuilder::<Postgres>::new(ISSUE);
    if filter.resolved != Some(true) {
        query.push(" and l.resolved_at is null");
    }
    keyset.rows(db, query, "l.id").await?.page_by(issue_row, |issue| (issue.created_at, issue.id.0))
}

/// One exception, or 404.
pub async fn issue_find(db: &mut PgConnection, id: SettlementLineId) -> Result<SettlementIssue> {
    let mut query = QueryBuilder::<Postgres>::new(ISSUE);
    query.push(" and l.id = ").push_bind(id);
    issue_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

/// The same, locked until the transaction ends.
pub async fn issue_lock(db: &mut PgConnection, id: SettlementLineId) -> Result<SettlementIssue> {
    sqlx::query!("select id from settlement_lines where id = $1 and exception is not null for no key update", id.0)
        .fetch_optional(&mut *db)
        .await?
        .ok_or_else(not_found)?;
    issue_find(db, id).await
}

pub async fn issue_resolve(
    db: &mut PgConnection,
    id: SettlementLineId,
    note: &str,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update settlement_lines set resolved_at = $3, resolved_by = $4, note = $2 where id = $1",
        id.0,
        note,
        now.0,
        by.map(|by| by.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes an exception of each payment that came before then and that no report names, where its provider has sent reports
/// in its currency by now; what went back wholly is left alone. Answers how many are new.
pub async fn missing_note(db: &mut PgConnection, before: Timestamp, now: Timestamp, most: i64) -> Result<u64> {
    let found = sqlx::query!(
        "insert into settlement_lines (id, kind, reference, amount_minor, fee_minor, payment_id, exception, created_at)
         select gen_random_uuid(), 'payment', p.provider_ref, p.amount_minor, 0, p.id, 'missing', $2
         from payments p
         where p.captured_at < $1 and p.status = 'captured'
               and p.refunded_minor + (select coalesce(sum(d.amount_minor), 0) from disputes d
                                       where d.payment_id = p.id and d.status = 'lost') < p.amount_minor
               and exists (select 1 from settlements s where s.provider = p.provider and s.currency = p.currency
                               and s.created_at <= $2)
               and not exists (select 1 from settlement_lines l where l.payment_id = p.id)
         order by p.captured_at, p.id limit $3
         on conflict (payment_id) where exception = 'missing' do nothing",
        before.0,
        now.0,
        most,
    )
    .execute(db)
    .await?;
    Ok(found.rows_affected())
}

/// A report names a payment that was missing: nobody has to look at it any more.
pub async fn missing_found(db: &mut PgConnection, payment: Uuid, note: &str, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update settlement_lines set resolved_at = $3, note = $2
         where payment_id = $1 and exception = 'missing' and resolved_at is null",
        payment,
        note,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What each provider still holds, and how many exceptions wait.
pub async fn reconciliation(db: &mut PgConnection) -> Result<Reconciliation> {
    let rows = sqlx::query!(
        r#"select a.provider as "provider!: ProviderName", a.currency::text as "currency!", a.balance_minor,
                  coalesce(w.payments, 0) as "payments!", w.oldest as "oldest?"
           from ledger_accounts a
           left join (select p.provider, p.currency, count(*) as payments, min(p.captured_at) as oldest
                      from payments p
                      where p.captured_at is not null
                            and not exists (select 1 from settlement_lines l where l.payment_id = p.id
                                                and l.exception is distinct from 'missing')
                      group by p.provider, p.currency) w on w.provider = a.provider and w.currency = a.currency
           where a.kind = 'provider_clearing' order by a.provider, a.currency"#
    )
    .fetch_all(&mut *db)
    .await?;
    let exceptions = sqlx::query_scalar!(
        r#"select count(*) as "n!" from settlement_lines where exception is not null and resolved_at is null"#
    );
    let exceptions = exceptions.fetch_one(db).await?;
    let mut providers = Vec::with_capacity(rows.len());
    for row in rows {
        providers.push(ProviderHolding {
            provider: row.provider,
            held: Money::stored(row.balance_minor, &row.currency)?,
            payments: row.payments,
            oldest: row.oldest.map(Timestamp),
        });
    }
    Ok(Reconciliation { providers, exceptions })
}
