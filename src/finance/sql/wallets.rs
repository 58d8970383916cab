use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::access::EndUserId;
use crate::finance::{AccountId, LedgerWallet, PartnerSums, UserSums, WalletFilter, WalletTransaction};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::money::Money;
use crate::kernel::page::{Page, Paged, Paging, paged};
use crate::kernel::timestamp::Timestamp;
use crate::partners::PartnerId;

paged!(WalletFilter);

const WALLET: &str = "select w.id, coalesce(p.name, nullif(u.name, '')) as owner_name, w.partner_id, w.user_id,
    w.currency::text as currency, w.balance_minor, w.transactions, w.created_at, w.updated_at,
    case when w.partner_id is null or w.balance_minor <= 0 then null
         when p.status = 'suspended' then 'suspended'
         when p.status = 'invited' then 'not_active'
         when p.verification_status <> 'verified' then 'not_verified'
         when not exists (select from partner_bank_accounts b where b.partner_id = p.id and b.currency = w.currency
                              and b.status = 'verified' and b.retired_at is null) then 'no_bank_account'
    end as payout_block
    from wallets w left join partners p on p.id = w.partner_id left join user_profiles u on u.user_id = w.user_id
    where true";

fn wallet_row(row: &sqlx::postgres::PgRow) -> Result<LedgerWallet> {
    let currency: String = row.try_get("currency")?;
    Ok(LedgerWallet {
        id: row.try_get("id")?,
        owner_name: row.try_get("owner_name")?,
        partner_id: row.try_get("partner_id")?,
        user_id: row.try_get("user_id")?,
        balance: Money::stored(row.try_get("balance_minor")?, &currency)?,
        transactions: row.try_get("transactions")?,
        payout_block: row.try_get("payout_block")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// Wallets, the one that was opened last first.
pub async fn wallet_list(db: &mut impl Db, filter: &WalletFilter) -> Result<Page<LedgerWallet>> {
    let keyset = filter.keyset(db.cx(), ("w.created_at", "timestamptz", true))?;
    let mut query = QueryBuilder::<Postgres>::new(WALLET);
    if let Some(partner) = filter.partner_id {
        query.push(" and w.partner_id = ").push_bind(partner);
    }
    if let Some(user) = filter.user_id {
        query.push(" and w.user_id = ").push_bind(user);
    }
    if let Some(open) = filter.open {
        query.push(if open { " and w.balance_minor <> 0" } else { " and w.balance_minor = 0" });
    }
    keyset.rows(db, query, "w.id").await?.page_by(wallet_row, |wallet| (wallet.created_at, wallet.id.0))
}

/// What a host is owed, a wallet a currency.
pub async fn wallets_of_user(db: &mut PgConnection, user: EndUserId) -> Result<Vec<LedgerWallet>> {
    let mut query = QueryBuilder::<Postgres>::new(WALLET);
    query.push(" and w.user_id = ").push_bind(user).push(" order by w.currency");
    query.build().fetch_all(db).await?.iter().map(wallet_row).collect()
}

const TRANSACTION: &str = "select t.id, t.wallet_id, t.journal_id, t.kind, t.description, t.event_id,
    e.title as event_title, t.line, t.currency::text as currency, t.amount_minor, t.balance_minor, t.position,
    t.created_at
    from wallet_transactions t left join events e on e.id = t.event_id where true";

fn transaction_row(row: &sqlx::postgres::PgRow) -> Result<(WalletTransaction, i64)> {
    let currency: String = row.try_get("currency")?;
    let transaction = WalletTransaction {
        id: row.try_get("id")?,
        wallet_id: row.try_get("wallet_id")?,
        journal_id: row.try_get("journal_id")?,
        kind: row.try_get("kind")?,
        description: row.try_get("description")?,
        event_id: row.try_get("event_id")?,
        event_title: row.try_get("event_title")?,
        line: row.try_get("line")?,
        amount: Money::stored(row.try_get("amount_minor")?, &currency)?,
        balance: Money::stored(row.try_get("balance_minor")?, &currency)?,
        created_at: row.try_get("created_at")?,
    };
    Ok((transaction, row.try_get("position")?))
}

/// What came to a wallet and left it, the latest first; 404 where there is no such wallet.
pub async fn wallet_transaction_list(
    db: &mut impl Db,
    wallet: AccountId,
    paging: &Paging,
) -> Result<Page<WalletTransaction>> {
    let known = sqlx::query_scalar!(r#"select 1 as "one!" from wallets where id = $1"#, wallet.0);
    known.fetch_optional(db.conn()).await?.ok_or_else(not_found)?;
    let keyset = paging.keyset(db.cx(), ("t.position", "bigint", true), "wallet transactions", wallet)?;
    let mut query = QueryBuilder::<Postgres>::new(TRANSACTION);
    query.push(" and t.wallet_id = ").push_bind(wallet);
    let page = keyset.rows(db, query, "t.id").await?;
    Ok(page.page_by(transaction_row, |(one, position)| (*position, one.id.0))?.map(|(one, _)| one))
}

/// What came to a partner's wallets and left them last.
pub async fn transactions_of_partner(
    db: &mut PgConnection,
    partner: PartnerId,
    most: i64,
) -> Result<Vec<WalletTransaction>> {
    let mut query = QueryBuilder::<Postgres>::new(TRANSACTION);
    query.push(" and t.wallet_id in (select id from wallets where partner_id = ").push_bind(partner);
    query.push(") and t.position > (select w.transactions from wallets w where w.id = t.wallet_id) - ").push_bind(most);
    query.push(" order by t.wallet_id, t.position");
    let rows = query.build().fetch_all(db).await?;
    let rows = rows.iter().map(|row| transaction_row(row).map(|(one, _)| one)).collect::<Result<Vec<_>>>()?;
    let mut rows = latest_first(rows, |one| (one.wallet_id, one.created_at));
    rows.truncate(usize::try_from(most).unwrap_or_default());
    Ok(rows)
}

/// Entries of several wallets, each in the order of its balances, as one list: by their times, but never against that order.
fn latest_first<T>(rows: Vec<T>, of: impl Fn(&T) -> (AccountId, Timestamp)) -> Vec<T> {
    let mut last: Option<(AccountId, Timestamp)> = None;
    let timed = rows.into_iter().map(|row| {
        let (wallet, at) = of(&row);
        let at = last.filter(|(same, _)| *same == wallet).map_or(at, |(_, before)| at.max(before));
        last = Some((wallet, at));
        (at, row)
    });
    let mut timed: Vec<(Timestamp, T)> = timed.collect();
    timed.reverse();
    timed.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    timed.into_iter().map(|(_, row)| row).collect()
}

/// What a partner sold, was charged and got, a line a currency.
pub async fn partner_sums(db: &mut PgConnection, partner: PartnerId) -> Result<Vec<PartnerSums>> {
    let rows = sqlx::query!(
        r#"select w.id as "id!: AccountId", w.currency::text as "currency!", w.balance_minor as "owed!",
                  coalesce(sum(t.amount_minor) filter (where t.line = 'gross'), 0)::bigint as "sold!",
                  coalesce(-sum(t.amount_minor) filter (where t.line = 'refund'), 0)::bigint as "refunded!",
                  coalesce(-sum(t.amount_minor) filter (where t.line = 'fee'), 0)::bigint as "fee!",
                  coalesce(-sum(t.amount_minor) filter (where t.line = 'fee_tax'), 0)::bigint as "fee_tax!",
                  coalesce(-sum(t.amount_minor) filter (where t.line = 'dispute'), 0)::bigint as "disputed!",
                  coalesce(-sum(t.amount_minor) filter (where t.line = 'payout'), 0)::bigint as "paid_out!"
           from wallets w left join wallet_transactions t on t.wallet_id = w.id
           where w.partner_id = $1 group by w.id, w.currency, w.balance_minor order by w.currency"#,
        partner.0,
    )
    .fetch_all(db)
    .await?;
    let sums = rows.into_iter().map(|row| {
        let money = |minor| Money::stored(minor, &row.currency);
        Ok(PartnerSums {
            wallet_id: row.id,
            sold: money(row.sold)?,
            refunded: money(row.refunded)?,
            fee: money(row.fee)?,
            fee_tax: money(row.fee_tax)?,
            disputed: money(row.disputed)?,
            paid_out: money(row.paid_out)?,
            owed: money(row.owed)?,
        })
    });
    sums.collect()
}

/// What a person paid and got back, a line a currency.
pub async fn user_sums(db: &mut PgConnection, user: EndUserId) -> Result<Vec<UserSums>> {
    let rows = sqlx::query!(
        r#"select t.currency::text as "currency!", count(*) as "payments!",
                  sum(t.amount_minor)::bigint as "paid!",
                  coalesce(sum(r.back), 0)::bigint as "refunded!",
                  coalesce(sum(r.coming), 0)::bigint as "refunding!",
                  coalesce(sum(d.open), 0)::bigint as "disputed!",
                  coalesce(sum(d.lost), 0)::bigint as "lost!"
           from payment_orders o join payments t on t.order_id = o.id
               left join lateral (select sum(amount_minor) filter (where status = 'processed') as back,
                                         sum(amount_minor) filter (where status <> 'processed') as coming
                                  from refunds where payment_id = t.id) r on true
               left join lateral (select sum(amount_minor) filter (where closed_at is null) as open,
                                         sum(amount_minor) filter (where status = 'lost') as lost
                                  from disputes where payment_id = t.id) d on true
           where o.user_id = $1 and t.captured_at is not null group by t.currency order by t.currency"#,
        user.0,
    )
    .fetch_all(db)
    .await?;
    let sums = rows.into_iter().map(|row| {
        let money = |minor| Money::stored(minor, &row.currency);
        Ok(UserSums {
            paid: money(row.paid)?,
            refunded: money(row.refunded)?,
            refunding: money(row.refunding)?,
            disputed: money(row.disputed)?,
            lost: money(row.lost)?,
            kept: money(row.paid - row.refunded - row.refunding - row.lost)?,
            payments: row.payments,
        })
    });
    sums.collect()
}

/// 404 where there is no such person.
pub async fn user_must_exist(db: &mut PgConnection, id: EndUserId) -> Result<()> {
    let known = sqlx::query_scalar!(r#"select 1 as "one!" from end_users where id = $1"#, id.0);
    known.fetch_optional(db).await?.map(drop).ok_or_else(not_found)
}

/// 404 where there is no such partner.
pub async fn partner_must_exist(db: &mut PgConnection, id: PartnerId) -> Result<()> {
    let known = sqlx::query_scalar!(r#"select 1 as "one!" from partners where id = $1"#, id.0);
    known.fetch_optional(db).await?.map(drop).ok_or_else(not_found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_balance_stands_before_one_that_came_after_it() {
        let (rupees, euros) = (AccountId::new(), AccountId::new());
        let at = |second| Timestamp(time::OffsetDateTime::from_unix_timestamp(second).unwrap());
        // The third entry of the first wallet is told of an earlier time than the second.
        let rows = vec![(rupees, 10, 1), (rupees, 30, 2), (rupees, 20, 3), (euros, 25, 1), (euros, 40, 2)];
        let sorted = latest_first(rows, |(wallet, second, _)| (*wallet, at(*second)));
        let order: Vec<(i64, i32)> = sorted.iter().map(|(_, second, position)| (*second, *position)).collect();
        assert_eq!(order, [(40, 2), (20, 3), (30, 2), (25, 1), (10, 1)]);
    }
}
