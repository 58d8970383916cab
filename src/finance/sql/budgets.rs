use std::collections::HashMap;

use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access::StaffId;
use crate::events::EventId;
use crate::events::rules::{Viewer, push_runs};
use crate::finance::{
    Budget, BudgetDetail, BudgetFilter, BudgetId, BudgetKind, BudgetLine, BudgetLineId, BudgetSource, BudgetSums,
    variance,
};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;

paged!(BudgetFilter);

/// A line to be written.
pub struct NewLineRow {
    pub id: BudgetLineId,
    pub kind: BudgetKind,
    pub source: BudgetSource,
    pub title: String,
    pub planned: i64,
    pub committed: i64,
    pub actual: i64,
}

/// What is known of a budget without its lines.
struct Head {
    id: Uuid,
    event_id: Uuid,
    event_title: String,
    event_over: bool,
    currency: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

const HEAD: &str = "select b.id, b.event_id, e.title as event_title,
    e.status in ('ended', 'cancelled') as event_over, b.currency::text as currency, b.created_at, b.updated_at
    from budgets b join events e on e.id = b.event_id where ";

fn head(row: &sqlx::postgres::PgRow) -> sqlx::Result<Head> {
    Ok(Head {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        event_title: row.try_get("event_title")?,
        event_over: row.try_get("event_over")?,
        currency: row.try_get("currency")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

fn sums(lines: &[BudgetLine], kind: BudgetKind, currency: &Currency) -> BudgetSums {
    let sum = |of: fn(&BudgetLine) -> &Money| Money {
        minor: lines.iter().filter(|line| line.kind == kind).map(|line| of(line).minor).sum(),
        currency: currency.clone(),
    };
    BudgetSums {
        planned: sum(|line| &line.planned),
        committed: sum(|line| &line.committed),
        actual: sum(|line| &line.actual),
        variance: sum(|line| &line.variance),
    }
}

/// Income less costs; both variances say how much better it is, so they add up.
fn result(income: &BudgetSums, costs: &BudgetSums) -> BudgetSums {
    let less = |a: &Money, b: &Money| Money { minor: a.minor - b.minor, currency: a.currency.clone() };
    let planned = less(&income.planned, &costs.planned);
    let actual = less(&income.actual, &costs.actual);
    BudgetSums {
        committed: less(&income.committed, &costs.committed),
        variance: less(&actual, &planned),
        planned,
        actual,
    }
}

fn summed(head: Head, lines: &[BudgetLine]) -> Result<Budget> {
    let currency = Money::stored(0, &head.currency)?.currency;
    let (income, costs) = (sums(lines, BudgetKind::Income, &currency), sums(lines, BudgetKind::Cost, &currency));
    Ok(Budget {
        id: BudgetId(head.id),
        event_id: EventId(head.event_id),
        event_title: head.event_title,
        event_over: head.event_over,
        result: result(&income, &costs),
        income,
        costs,
        created_at: head.created_at,
        updated_at: head.updated_at,
    })
}

/// The lines of these budgets, in their order. What the ledger knows is read from it, in the budget's currency.
async fn lines_of(db: &mut PgConnection, budgets: &[Uuid]) -> Result<HashMap<Uuid, Vec<BudgetLine>>> {
    let rows = sqlx::query!(
        r#"select l.id, l.budget_id, b.event_id, l.kind as "kind: BudgetKind", l.source as "source: BudgetSource", l.title,
                  l.planned_minor, l.position, l.version, b.currency::text as "currency!",
                  case when l.source = 'typed' then l.committed_minor else coalesce(s.minor, 0) end as "committed!",
                  case when l.source = 'typed' then l.actual_minor else coalesce(s.minor, 0) end as "actual!"
           from budget_lines l join budgets b on b.id = l.budget_id
               left join lateral (
                   select case l.source
                              when 'ticket_sales' then -sum(g.amount_minor) filter (where g.line in ('gross', 'refund', 'dispute'))
                              else sum(g.amount_minor) filter (where g.line in ('fee', 'fee_tax'))
                          end::bigint as minor
                   from ledger_postings g join ledger_accounts a on a.id = g.account_id
                   where g.event_id = b.event_id and g.currency = b.currency
                         and a.kind in ('partner_payable', 'host_payable')
               ) s on l.source <> 'typed'
           where l.budget_id = any($1)
           order by l.kind = 'cost', l.position, l.id"#,
        budgets,
    )
    .fetch_all(db)
    .await?;
    let mut found: HashMap<Uuid, Vec<BudgetLine>> = HashMap::new();
    for row in rows {
        let of = |minor| Money::stored(minor, &row.currency);
        found.entry(row.budget_id).or_default().push(BudgetLine {
            id: BudgetLineId(row.id),
            event_id: EventId(row.event_id),
            kind: row.kind,
            source: row.source,
            title: row.title,
            planned: of(row.planned_minor)?,
            committed: of(row.committed)?,
            actual: of(row.actual)?,
            variance: of(variance(row.kind, row.planned_minor, row.actual))?,
            position: row.position,
            version: row.version,
        });
    }
    Ok(found)
}

/// Budgets of events that the audience runs, the latest first.
pub async fn budget_list(db: &mut impl Db, audience: &Viewer, filter: &BudgetFilter) -> Result<Page<Budget>> {
    let keyset = filter.keyset_of(db.cx(), ("b.created_at", "timestamptz", true), format!("{audience:?}"))?;
    let mut query = QueryBuilder::<Postgres>::new(HEAD);
    push_runs(&mut query, audience);
    if let Some(event) = filter.event_id {
        query.push(" and b.event_id = ").push_bind(event);
    }
    if let Some(over) = filter.event_over {
        query.push(" and (e.status in ('ended', 'cancelled')) = ").push_bind(over);
    }
    let heads = keyset.rows(db, query, "b.id").await?.page_by(head, |head| (head.created_at, head.id))?;
    let ids: Vec<Uuid> = heads.items.iter().map(|head| head.id).collect();
    let mut lines = lines_of(db.conn(), &ids).await?;
    let one = |head: Head| {
        let lines = lines.remove(&head.id).unwrap_or_default();
        summed(head, &lines)
    };
    let items = heads.items.into_iter().map(one).collect::<Result<_>>()?;
    Ok(Page { items, next_cursor: heads.next_cursor, total_estimate: None })
}

/// The budget of an event, if it has one.
pub async fn budget_of(db: &mut PgConnection, event: EventId) -> Result<Option<BudgetDetail>> {
    let mut query = QueryBuilder::<Postgres>::new(HEAD);
    query.push("b.event_id = ").push_bind(event);
    let Some(row) = query.build().fetch_optional(&mut *db).await? else { return Ok(None) };
    let head = head(&row)?;
    let lines = lines_of(db, &[head.id]).await?.remove(&head.id).unwrap_or_default();
    Ok(Some(BudgetDetail { budget: summed(head, &lines)?, lines }))
}

pub async fn budget_insert(
    db: &mut PgConnection,
    (id, event): (BudgetId, EventId),
    currency: &Currency,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into budgets (id, event_id, currency, created_by, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)",
        id.0,
        event.0,
        currency.as_str(),
        by.map(|by| by.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Adds a line behind all others.
pub async fn budget_line_insert(db: &mut PgConnection, budget: BudgetId, line: &NewLineRow) -> Result<()> {
    sqlx::query!(
        "insert into budget_lines (id, budget_id, kind, source, title, planned_minor, committed_minor, actual_minor, position)
         values ($1, $2, $3, $4, $5, $6, $7, $8,
                 (select coalesce(max(position) + 1, 0) from budget_lines where budget_id = $2))",
        line.id.0,
        budget.0,
        line.kind.as_str(),
        line.source.as_str(),
        line.title,
        line.planned,
        line.committed,
        line.actual,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One line, or 404.
pub async fn budget_line_find(db: &mut PgConnection, id: BudgetLineId) -> Result<BudgetLine> {
    let budget = sqlx::query_scalar!("select budget_id from budget_lines where id = $1", id.0)
        .fetch_optional(&mut *db)
        .await?
        .ok_or_else(not_found)?;
    let lines = lines_of(db, &[budget]).await?.remove(&budget).unwrap_or_default();
    lines.into_iter().find(|line| line.id == id).ok_or_else(not_found)
}

pub async fn budget_line_update(db: &mut PgConnection, line: &BudgetLine) -> Result<()> {
    let typed = line.source == BudgetSource::Typed;
    let or_none = |money: &Money| if typed { money.minor } else { 0 };
    sqlx::query!(
        "update budget_lines set title = $2, planned_minor = $3, committed_minor = $4, actual_minor = $5,
                                 version = version + 1
         where id = $1",
        line.id.0,
        line.title,
        line.planned.minor,
        or_none(&line.committed),
        or_none(&line.actual),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn budget_line_remove(db: &mut PgConnection, id: BudgetLineId) -> Result<()> {
    sqlx::query!("delete from budget_lines where id = $1", id.0).execute(db).await?;
    Ok(())
}

/// The budgets of the demo begin with what its tickets would bring if all were sold.
pub async fn demo_seats_worth(db: &mut PgConnection, event: EventId) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select coalesce(sum(t.price_minor * coalesce(t.quota, e.capacity)), 0)::bigint as "worth!"
           from ticket_types t join events e on e.id = t.event_id where t.event_id = $1 and t.retired_at is null"#,
        event.0,
    )
    .fetch_one(db)
    .await?)
}
