use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access::StaffId;
use crate::events::{Event, EventId, EventStatus};
use crate::finance::{
    CashDeposit, CashDepositId, Charges, DoorMethod, DoorSale, DoorSaleFilter, DoorSaleId, DoorTakings,
};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::money::Money;
use crate::kernel::page::{Page, Paged, Paging, paged};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{Attendee, Reservation, TicketId};

paged!(DoorSaleFilter);

const SALE: &str =
    "select d.id, d.event_id, d.attendee_id, a.guest_name as name, d.ticket_type_id, t.name as ticket_type, d.seats,
    d.method, d.amount_minor, d.currency::text as currency, u.full_name as sold_by_name, d.refunded_at, d.refund_reason,
    d.created_at, (select i.id from invoices i where i.door_sale_id = d.id) as invoice_id, array(select k.id from tickets k where k.attendee_id = d.attendee_id order by k.id) as tickets
    from door_sales d join event_attendees a on a.id = d.attendee_id join ticket_types t on t.id = d.ticket_type_id
    left join admin_users u on u.id = d.sold_by where ";

fn sale_row(row: &sqlx::postgres::PgRow) -> Result<DoorSale> {
    let currency: String = row.try_get("currency")?;
    let tickets: Vec<Uuid> = row.try_get("tickets")?;
    Ok(DoorSale {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        attendee_id: row.try_get("attendee_id")?,
        name: row.try_get("name")?,
        ticket_type_id: row.try_get("ticket_type_id")?,
        ticket_type: row.try_get("ticket_type")?,
        seats: row.try_get("seats")?,
        method: row.try_get("method")?,
        amount: Money::stored(row.try_get("amount_minor")?, &currency)?,
        tickets: tickets.into_iter().map(TicketId).collect(),
        sold_by_name: row.try_get("sold_by_name")?,
        invoice_id: row.try_get("invoice_id")?,
        refunded_at: row.try_get("refunded_at")?,
        refund_reason: row.try_get("refund_reason")?,
        created_at: row.try_get("created_at")?,
    })
}

/// What was sold at an event's door, the latest first.
pub async fn door_sale_list(db: &mut impl Db, event: EventId, filter: &DoorSaleFilter) -> Result<Page<DoorSale>> {
    let keyset = filter.keyset_of(db.cx(), ("d.created_at", "timestamptz", true), event)?;
    let mut query = QueryBuilder::<Postgres>::new(SALE);
    query.push("d.event_id = ").push_bind(event);
    if let Some(method) = filter.method {
        query.push(" and d.method = ").push_bind(method.as_str());
    }
    if let Some(refunded) = filter.refunded {
        query.push(if refunded { " and d.refunded_at is not null" } else { " and d.refunded_at is null" });
    }
    keyset.rows(db, query, "d.id").await?.page_by(sale_row, |sale| (sale.created_at, sale.id.0))
}

/// One sale, or 404.
pub async fn door_sale_find(db: &mut PgConnection, id: DoorSaleId) -> Result<DoorSale> {
    let mut query = QueryBuilder::<Postgres>::new(SALE);
    query.push("d.id = ").push_bind(id);
    sale_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

pub async fn door_sale_insert(
    db: &mut PgConnection,
    id: DoorSaleId,
    (held, guest): (&Reservation, &Attendee),
    (method, charges): (DoorMethod, Charges),
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into door_sales (id, event_id, reservation_id, attendee_id, ticket_type_id, seats, method, amount_minor,
                                 currency, tax_minor, fee_minor, fee_tax_minor, sold_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        id.0,
        guest.event_id.0,
        held.id.0,
        guest.id.0,
        guest.ticket_type_id.0,
        held.seats_reserved,
        method.as_str(),
        held.total.minor,
        held.total.currency.as_str(),
        charges.tax,
        charges.fee,
        charges.fee_tax,
        by.map(|by| by.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What the organiser was charged for a sale, and the tax on that.
pub async fn door_sale_fees(db: &mut PgConnection, id: DoorSaleId) -> Result<(i64, i64)> {
    let row = sqlx::query!("select fee_minor, fee_tax_minor from door_sales where id = $1", id.0).fetch_one(db).await?;
    Ok((row.fee_minor, row.fee_tax_minor))
}

pub async fn door_sale_set_refunded(
    db: &mut PgConnection,
    id: DoorSaleId,
    reason: &str,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update door_sales set refunded_at = $3, refunded_by = $4, refund_reason = $2 where id = $1",
        id.0,
        reason,
        now.0,
        by.map(|by| by.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The door takings of an event.
pub async fn door_takings(db: &mut PgConnection, event: &Event) -> Result<DoorTakings> {
    let row = sqlx::query!(
        r#"select coalesce(sum(amount_minor) filter (where refunded_at is null), 0)::bigint as "cash!",
                  coalesce(sum(amount_minor) filter (where refunded_at is not null), 0)::bigint as "refunded!",
                  coalesce(sum(seats) filter (where refunded_at is null and method = 'cash'), 0)::bigint as "sold!",
                  coalesce(sum(seats) filter (where refunded_at is null and method = 'comp'), 0)::bigint as "given!",
                  count(*) filter (where refunded_at is null and amount_minor > 0) as "standing!",
                  (select coalesce(sum(amount_minor), 0)::bigint from cash_deposits where event_id = $1) as "deposited!"
           from door_sales where event_id = $1"#,
        event.id.0,
    )
    .fetch_one(db)
    .await?;
    let currency = event.ticket_price.currency.as_str();
    let (owed, sales) = match event.status == EventStatus::Cancelled {
        true => (row.cash, row.standing),
        false => (0, 0),
    };
    Ok(DoorTakings {
        cash: Money::stored(row.cash - row.deposited, currency)?,
        deposited: Money::stored(row.deposited, currency)?,
        to_hand_back: Money::stored(owed, currency)?,
        sales_to_hand_back: sales,
        refunded: Money::stored(row.refunded, currency)?,
        sold: row.sold,
        given: row.given,
    })
}

const DEPOSIT: &str = "select d.id, d.event_id, d.amount_minor, d.currency::text as currency, d.reference,
    u.full_name as deposited_by_name, d.created_at,
    (select j.id from ledger_journals j where j.object_type = 'cash_deposit' and j.object_id = d.id) as journal_id
    from cash_deposits d left join admin_users u on u.id = d.deposited_by where ";

fn deposit_row(row: &sqlx::postgres::PgRow) -> Result<CashDeposit> {
    let currency: String = row.try_get("currency")?;
    Ok(CashDeposit {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        amount: Money::stored(row.try_get("amount_minor")?, &currency)?,
        reference: row.try_get("reference")?,
        deposited_by_name: row.try_get("deposited_by_name")?,
        journal_id: row.try_get("journal_id")?,
        created_at: row.try_get("created_at")?,
    })
}

/// Cash of an event that was paid into the bank, the latest first.
pub async fn deposit_list(db: &mut impl Db, event: EventId, paging: &Paging) -> Result<Page<CashDeposit>> {
    let keyset = paging.keyset(db.cx(), ("d.created_at", "timestamptz", true), "cash deposits", event)?;
    let mut query = QueryBuilder::<Postgres>::new(DEPOSIT);
    query.push("d.event_id = ").push_bind(event);
    keyset.rows(db, query, "d.id").await?.page_by(deposit_row, |deposit| (deposit.created_at, deposit.id.0))
}

/// Whether cash of an event was paid in with this slip already.
pub async fn deposit_of_slip(db: &mut PgConnection, event: EventId, reference: &str) -> Result<bool> {
    let known = sqlx::query_scalar!(
        r#"select exists (select 1 from cash_deposits where event_id = $1 and reference = $2) as "known!""#,
        event.0,
        reference,
    );
    Ok(known.fetch_one(db).await?)
}

/// One of them, or 404.
pub async fn deposit_find(db: &mut PgConnection, id: CashDepositId) -> Result<CashDeposit> {
    let mut query = QueryBuilder::<Postgres>::new(DEPOSIT);
    query.push("d.id = ").push_bind(id);
    deposit_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

pub async fn deposit_insert(
    db: &mut PgConnection,
    (id, event): (CashDepositId, EventId),
    (amount, reference): (&Money, &str),
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into cash_deposits (id, event_id, amount_minor, currency, reference, deposited_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        id.0,
        event.0,
        amount.minor,
        amount.currency.as_str(),
        reference,
        by.map(|by| by.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}
