use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access::StaffId;
use crate::events::EventId;
use crate::finance::ledger::{Account, account_name};
use crate::finance::{
    AccountId, AccountKind, AccountingPeriod, JournalId, JournalKind, LedgerAccount, LedgerAccountFilter,
    LedgerBalance, PeriodId, PostingLine,
};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::locks::AdvisoryLock;
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;

paged!(LedgerAccountFilter);

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
        Account::Fees
        | Account::Tax
        | Account::Refunds
        | Account::Disputes
        | Account::Payouts
        | Account::Bank
        | Account::Cash
        | Account::ProviderFees
        | Account::Suspense => (None, None, None),
    };
    let kind = account.kind().as_str();
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
    event: Option<EventId>,
    description: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into ledger_journals (id, kind, object_type, object_id, event_id, description, booked_on, created_at)
         values ($1, $2, $3, $4, $5, $6, ($7::timestamptz at time zone 'UTC')::date, $7)",
        id.0,
        kind.as_str(),
        object_type,
        object_id,
        event.map(|id| id.0),
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
    event: Option<EventId>,
    postings: &[NewPosting],
    now: Timestamp,
) -> Result<()> {
    let ids: Vec<_> = postings.iter().map(|_| crate::kernel::clock::new_uuid()).collect();
    let accounts: Vec<_> = postings.iter().map(|posting| posting.account.0).collect();
    let currencies: Vec<&str> = postings.iter().map(|posting| posting.amount.currency.as_str()).collect();
    let amounts: Vec<i64> = postings.iter().map(|posting| posting.amount.minor).collect();
    let lines: Vec<&str> = postings.iter().map(|posting| posting.line.as_str()).collect();
    // The trigger gives each its place and the balance.
    sqlx::query!(
        "insert into ledger_postings (id, journal_id, account_id, currency, amount_minor, line, event_id, position,
                                      balance_minor, created_at)
         select p.id, $1, p.account, p.currency, p.amount, p.line, $2, 0, 0, $3
         from unnest($4::uuid[], $5::uuid[], $6::text[], $7::bigint[], $8::text[]) with ordinality
              as p (id, account, currency, amount, line, at)
         order by p.at",
        journal.0,
        event.map(|id| id.0),
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

const ACCOUNT: &str = "select a.id, a.kind, a.partner_id, a.user_id, a.currency::text as currency, a.balance_minor,
    a.postings, coalesce(p.name, u.name, a.provider) as account_of
    from ledger_accounts a left join partners p on p.id = a.partner_id
    left join user_profiles u on u.user_id = a.user_id where true";

fn account_row(row: &sqlx::postgres::PgRow) -> Result<LedgerAccount> {
    let currency: String = row.try_get("currency")?;
    let (kind, of): (_, Option<String>) = (row.try_get("kind")?, row.try_get("account_of")?);
    Ok(LedgerAccount {
        id: row.try_get("id")?,
        kind,
        name: account_name(kind, of.as_deref()),
        partner_id: row.try_get("partner_id")?,
        user_id: row.try_get("user_id")?,
        balance: Money::stored(row.try_get("balance_minor")?, &currency)?,
        postings: row.try_get("postings")?,
    })
}

/// Accounts, by their kind.
pub async fn account_list(db: &mut impl Db, filter: &LedgerAccountFilter) -> Result<Page<LedgerAccount>> {
    let keyset = filter.keyset(db.cx(), ("a.kind", "text", false))?;
    let mut query = QueryBuilder::<Postgres>::new(ACCOUNT);
    if let Some(kind) = filter.kind {
        query.push(" and a.kind = ").push_bind(kind.as_str());
    }
    if let Some(partner) = filter.partner_id {
        query.push(" and a.partner_id = ").push_bind(partner);
    }
    if let Some(user) = filter.user_id {
        query.push(" and a.user_id = ").push_bind(user);
    }
    keyset.rows(db, query, "a.id").await?.page_by(account_row, |account| (account.kind.as_str(), account.id.0))
}

/// One account, or 404.
pub async fn account_find(db: &mut PgConnection, id: AccountId) -> Result<LedgerAccount> {
    let mut query = QueryBuilder::<Postgres>::new(ACCOUNT);
    query.push(" and a.id = ").push_bind(id);
    account_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

/// What the accounts of each kind come to, a line a currency.
pub async fn balance_list(db: &mut PgConnection) -> Result<Vec<LedgerBalance>> {
    let rows = sqlx::query!(
        r#"select kind as "kind: AccountKind", currency::text as "currency!", count(*) as "accounts!",
                  sum(balance_minor)::bigint as "balance!", sum(postings)::bigint as "postings!"
           from ledger_accounts group by kind, currency order by kind, currency"#
    )
    .fetch_all(db)
    .await?;
    let mut balances = Vec::with_capacity(rows.len());
    for row in rows {
        let balance = Money::stored(row.balance, &row.currency)?;
        balances.push(LedgerBalance { kind: row.kind, accounts: row.accounts, postings: row.postings, balance });
    }
    Ok(balances)
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
    let periods = rows.into_iter().map(|row| AccountingPeriod {
        id: PeriodId(row.id),
        month: row.month,
        closed_at: Timestamp(row.closed_at),
        closed_by_name: row.by,
    });
    Ok(periods.collect())
}
