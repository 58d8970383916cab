use sqlx::PgConnection;
use uuid::Uuid;

use super::money;
use crate::access::StaffId;
use crate::events::EventId;
use crate::finance::ledger::{Account, account_name};
use crate::finance::{
    AccountId, AccountKind, AccountingPeriod, JournalId, JournalKind, LedgerAccount, PeriodId, PeriodStatus,
    PostingLine,
};
use crate::kernel::error::Result;
use crate::kernel::locks::AdvisoryLock;
use crate::kernel::money::{Currency, Money};
use crate::kernel::timestamp::Timestamp;

/// A line of a journal to be written.
pub struct NewPosting {
    pub account: AccountId,
    pub line: PostingLine,
    pub amount: Money,
}

/// The account, which is opened if there is none yet.
pub async fn account_open(db: &mut PgConnection, account: &Account, currency: &Currency) -> Result<AccountId> {
    let (partner, user, provider) = match account {
        Account::Partner(partner) => (Some(partner.0), None, None),
        Account::Host(user) => (None, Some(user.0), None),
        Account::Provider(name) => (None, None, Some(*name)),
        Account::Fees | Account::Tax | Account::Refunds => (None, None, None),
    };
    let kind = account.kind().word();
    for _ in 0..2 {
        let found = sqlx::query_scalar!(
            "select id from ledger_accounts
             where kind = $1 and partner_id is not distinct from $2 and user_id is not distinct from $3
                   and provider is not distinct from $4 and currency = $5",
            kind,
            partner,
            user,
            provider,
            currency.as_str(),
        )
        .fetch_optional(&mut *db)
        .await?;
        if let Some(id) = found {
            return Ok(AccountId(id));
        }
        sqlx::query!(
            "insert into ledger_accounts (id, kind, partner_id, user_id, provider, currency)
             values ($1, $2, $3, $4, $5, $6) on conflict on constraint ledger_accounts_one do nothing",
            AccountId::new().0,
            kind,
            partner,
            user,
            provider,
            currency.as_str(),
        )
        .execute(&mut *db)
        .await?;
    }
    Err(crate::kernel::error::try_again())
}

pub async fn journal_insert(
    db: &mut PgConnection,
    id: JournalId,
    kind: JournalKind,
    (object_type, object_id): (&str, Uuid),
    event: EventId,
    description: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into ledger_journals (id, kind, object_type, object_id, event_id, description, booked_on, created_at)
         values ($1, $2, $3, $4, $5, $6, ($7::timestamptz at time zone 'UTC')::date, $7)",
        id.0,
        kind.word(),
        object_type,
        object_id,
        event.0,
        description,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn postings_insert(
    db: &mut PgConnection,
    journal: JournalId,
    event: EventId,
    postings: &[NewPosting],
    now: Timestamp,
) -> Result<()> {
    let ids: Vec<_> = postings.iter().map(|_| crate::kernel::clock::new_uuid()).collect();
    let accounts: Vec<_> = postings.iter().map(|posting| posting.account.0).collect();
    let currencies: Vec<&str> = postings.iter().map(|posting| posting.amount.currency.as_str()).collect();
    let amounts: Vec<i64> = postings.iter().map(|posting| posting.amount.minor).collect();
    let lines: Vec<&str> = postings.iter().map(|posting| posting.line.word()).collect();
    // The trigger gives each its place and the balance.
    sqlx::query!(
        "insert into ledger_postings (id, journal_id, account_id, currency, amount_minor, line, event_id, position,
                                      balance_minor, created_at)
         select p.id, $1, p.account, p.currency, p.amount, p.line, $2, 0, 0, $3
         from unnest($4::uuid[], $5::uuid[], $6::text[], $7::bigint[], $8::text[]) with ordinality
              as p (id, account, currency, amount, line, at)
         order by p.at",
        journal.0,
        event.0,
        now.0,
        &ids,
        &accounts,
        &currencies as &[&str],
        &amounts,
        &lines as &[&str],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Every account, with what it comes to.
pub async fn account_list(db: &mut PgConnection) -> Result<Vec<LedgerAccount>> {
    let rows = sqlx::query!(
        r#"select a.id, a.kind as "kind: AccountKind", a.partner_id, a.user_id, a.currency::text as "currency!",
                  a.balance_minor, a.postings, coalesce(p.name, u.name, a.provider) as "of?"
           from ledger_accounts a left join partners p on p.id = a.partner_id
               left join user_profiles u on u.user_id = a.user_id
           order by a.kind, a.currency, p.name, a.id"#
    )
    .fetch_all(db)
    .await?;
    let mut accounts = Vec::with_capacity(rows.len());
    for row in rows {
        accounts.push(LedgerAccount {
            id: AccountId(row.id),
            kind: row.kind,
            name: account_name(row.kind, row.of.as_deref()),
            partner_id: row.partner_id.map(crate::partners::PartnerId),
            user_id: row.user_id.map(crate::access::EndUserId),
            balance: money(row.balance_minor, &row.currency)?,
            postings: row.postings,
        });
    }
    Ok(accounts)
}

/// Closes a month; whoever is about to post into it is waited for.
pub async fn period_close(
    db: &mut PgConnection,
    id: PeriodId,
    month: time::Date,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock($1)", AdvisoryLock::Books.key()).fetch_one(&mut *db).await?;
    sqlx::query!(
        "insert into accounting_periods (id, month, closed_at, closed_by) values ($1, $2, $3, $4)",
        id.0,
        month,
        now.0,
        by.map(|by| by.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The months that are closed, the latest first.
pub async fn period_list(db: &mut PgConnection) -> Result<Vec<AccountingPeriod>> {
    let rows = sqlx::query!(
        r#"select p.id, to_char(p.month, 'YYYY-MM') as "month!", p.closed_at, u.full_name as "by?"
           from accounting_periods p left join admin_users u on u.id = p.closed_by order by p.month desc"#
    )
    .fetch_all(db)
    .await?;
    let period = |id, month, closed_at, by| AccountingPeriod {
        id: PeriodId(id),
        month,
        status: PeriodStatus::Closed,
        closed_at: Timestamp(closed_at),
        closed_by_name: by,
    };
    Ok(rows.into_iter().map(|row| period(row.id, row.month, row.closed_at, row.by)).collect())
}
