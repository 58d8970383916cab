use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::finance::ledger::account_name;
use crate::finance::{DisputeId, Journal, JournalId, LedgerEntry, LedgerFilter, PaymentId};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::money::Money;
use crate::kernel::page::{Page, Paged, paged};

paged!(LedgerFilter);

/// What reading postings selects.
pub const LEDGER_ENTRIES: &str = "select g.id, g.journal_id, j.kind as journal_kind, j.description, g.account_id,
    a.kind as account_kind, coalesce(p.name, u.name, a.provider) as account_of, a.partner_id, a.user_id, g.event_id,
    e.title as event_title, g.line, g.amount_minor, g.balance_minor, g.currency::text as currency, g.position,
    g.created_at
    from ledger_postings g join ledger_journals j on j.id = g.journal_id join ledger_accounts a on a.id = g.account_id
    left join partners p on p.id = a.partner_id left join user_profiles u on u.user_id = a.user_id
    left join events e on e.id = g.event_id where true";

fn entry_row(row: &sqlx::postgres::PgRow) -> Result<LedgerEntry> {
    let currency: String = row.try_get("currency")?;
    let (kind, of): (_, Option<String>) = (row.try_get("account_kind")?, row.try_get("account_of")?);
    Ok(LedgerEntry {
        id: row.try_get("id")?,
        journal_id: row.try_get("journal_id")?,
        journal_kind: row.try_get("journal_kind")?,
        description: row.try_get("description")?,
        account_id: row.try_get("account_id")?,
        account_kind: kind,
        account: account_name(kind, of.as_deref()),
        partner_id: row.try_get("partner_id")?,
        user_id: row.try_get("user_id")?,
        event_id: row.try_get("event_id")?,
        event_title: row.try_get("event_title")?,
        line: row.try_get("line")?,
        amount: Money::stored(row.try_get("amount_minor")?, &currency)?,
        balance: Money::stored(row.try_get("balance_minor")?, &currency)?,
        position: row.try_get("position")?,
        created_at: row.try_get("created_at")?,
    })
}

/// Postings, the latest first.
pub async fn entry_list(db: &mut impl Db, filter: &LedgerFilter) -> Result<Page<LedgerEntry>> {
    // Of one account in its own order; the index of either is read from where the page starts.
    let one = filter.account_id.is_some();
    let (key, cast) = if one { ("g.position", "bigint") } else { ("g.created_at", "timestamptz") };
    let keyset = filter.keyset(db.cx(), (key, cast, true))?;
    let mut query = QueryBuilder::<Postgres>::new(LEDGER_ENTRIES);
    if let Some(account) = filter.account_id {
        query.push(" and g.account_id = ").push_bind(account);
    }
    if let Some(kind) = filter.account_kind {
        query.push(" and a.kind = ").push_bind(kind.as_str());
    }
    if let Some(organisers) = filter.organisers {
        query.push(" and (a.kind in ('partner_payable', 'host_payable')) = ").push_bind(organisers);
    }
    if let Some(line) = filter.line {
        query.push(" and g.line = ").push_bind(line.as_str());
    }
    if let Some(partner) = filter.partner_id {
        query.push(" and a.partner_id = ").push_bind(partner);
    }
    if let Some(event) = filter.event_id {
        query.push(" and g.event_id = ").push_bind(event);
    }
    if let Some(journal) = filter.journal_id {
        query.push(" and g.journal_id = ").push_bind(journal);
    }
    if let Some(from) = filter.from {
        query.push(" and g.created_at >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        query.push(" and g.created_at < ").push_bind(to);
    }
    let page = keyset.rows(db, query, "g.id").await?;
    if one {
        page.page_by(entry_row, |entry| (entry.position, entry.id.0))
    } else {
        page.page_by(entry_row, |entry| (entry.created_at, entry.id.0))
    }
}

const JOURNAL: &str = "select j.id, j.kind, j.description, j.object_type, j.object_id,
    coalesce(r.payment_id, d.payment_id, case j.object_type when 'payment' then j.object_id end) as payment_id,
    d.id as dispute_id, o.batch_id as payout_batch_id, j.event_id,
    e.title as event_title, j.booked_on::text as booked_on, j.created_at
    from ledger_journals j left join events e on e.id = j.event_id
    left join refunds r on j.object_type = 'refund' and r.id = j.object_id
    left join disputes d on j.object_type = 'dispute' and d.id = j.object_id
    left join payouts o on j.object_type = 'payout' and o.id = j.object_id where ";

async fn journals(db: &mut PgConnection, mut query: QueryBuilder<Postgres>) -> Result<Vec<Journal>> {
    let rows = query.push(" order by j.created_at, j.id").build().fetch_all(&mut *db).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.try_get("id")).collect::<sqlx::Result<_>>()?;
    let mut entries = QueryBuilder::<Postgres>::new(LEDGER_ENTRIES);
    // What we have comes first, then what we owe or earn.
    entries.push(" and g.journal_id = any(").push_bind(ids);
    entries.push(") order by (a.kind <> 'provider_clearing'), g.amount_minor, g.id");
    let entries = entries.build().fetch_all(db).await?.iter().map(entry_row).collect::<Result<Vec<_>>>()?;
    let journal = |row: &sqlx::postgres::PgRow| -> Result<Journal> {
        let id: JournalId = row.try_get("id")?;
        Ok(Journal {
            id,
            kind: row.try_get("kind")?,
            description: row.try_get("description")?,
            object_type: row.try_get("object_type")?,
            object_id: row.try_get("object_id")?,
            payment_id: row.try_get("payment_id")?,
            dispute_id: row.try_get("dispute_id")?,
            payout_batch_id: row.try_get("payout_batch_id")?,
            event_id: row.try_get("event_id")?,
            event_title: row.try_get("event_title")?,
            booked_on: row.try_get("booked_on")?,
            created_at: row.try_get("created_at")?,
            entries: entries.iter().filter(|entry| entry.journal_id == id).cloned().collect(),
        })
    };
    rows.iter().map(journal).collect()
}

/// One journal, or 404.
pub async fn journal_find(db: &mut PgConnection, id: JournalId) -> Result<Journal> {
    let mut query = QueryBuilder::<Postgres>::new(JOURNAL);
    query.push("j.id = ").push_bind(id);
    journals(db, query).await?.into_iter().next().ok_or_else(not_found)
}

/// What of a payment stands in the ledger, the first first.
pub async fn journals_of(db: &mut PgConnection, payment: PaymentId) -> Result<Vec<Journal>> {
    let mut query = QueryBuilder::<Postgres>::new(JOURNAL);
    query.push("(j.object_type = 'payment' and j.object_id = ").push_bind(payment);
    query.push(" or r.payment_id = ").push_bind(payment);
    query.push(" or d.payment_id = ").push_bind(payment).push(")");
    journals(db, query).await
}

/// What of a dispute stands in the ledger, the first first.
pub async fn journals_of_dispute(db: &mut PgConnection, dispute: DisputeId) -> Result<Vec<Journal>> {
    let mut query = QueryBuilder::<Postgres>::new(JOURNAL);
    query.push("j.object_type = 'dispute' and j.object_id = ").push_bind(dispute);
    journals(db, query).await
}
