use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access::EndUserId;
use crate::events::EventId;
use crate::finance::{Charges, OrderLine, OrderStatus, PaymentOrder, PaymentOrderId};
use crate::kernel::error::{Result, not_found};
use crate::kernel::money::{Currency, Money};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{ReservationId, TicketTypeId};

/// A line to be ordered.
pub struct NewLine {
    pub reservation: ReservationId,
    pub ticket_type: TicketTypeId,
    pub seats: i32,
    pub amount: i64,
    pub charges: Charges,
}

/// An order to be made.
pub struct NewOrder {
    pub id: PaymentOrderId,
    pub reference: String,
    pub user: EndUserId,
    pub event: EventId,
    pub currency: Currency,
    pub provider: &'static str,
    pub expires_at: Timestamp,
    pub lines: Vec<NewLine>,
}

pub async fn order_insert(db: &mut PgConnection, order: &NewOrder, now: Timestamp) -> Result<()> {
    let amount: i64 = order.lines.iter().map(|line| line.amount).sum();
    sqlx::query!(
        "insert into payment_orders (id, order_reference, user_id, event_id, amount_minor, currency, payment_provider,
                                     expires_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        order.id.0,
        order.reference,
        order.user.0,
        order.event.0,
        amount,
        order.currency.as_str(),
        order.provider,
        order.expires_at.0,
        now.0,
    )
    .execute(&mut *db)
    .await?;
    for line in &order.lines {
        sqlx::query!(
            "insert into payment_order_lines (id, order_id, reservation_id, ticket_type_id, seats, amount_minor,
                                              tax_minor, fee_minor, fee_tax_minor, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            crate::kernel::clock::new_uuid(),
            order.id.0,
            line.reservation.0,
            line.ticket_type.0,
            line.seats,
            line.amount,
            line.charges.tax,
            line.charges.fee,
            line.charges.fee_tax,
            now.0,
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

const ORDER: &str = "select o.id, o.order_reference, o.user_id, nullif(p.name, '') as payer_name, o.event_id,
    e.title as event_title, o.amount_minor, o.currency::text as currency, o.refunded_minor, o.payment_provider,
    o.status, o.expires_at, o.paid_at, o.created_at, o.updated_at,
    (select coalesce(sum(l.tax_minor), 0)::bigint from payment_order_lines l where l.order_id = o.id) as tax_minor,
    exists (select 1 from payments t where t.order_id = o.id and t.status = 'failed') as tried
    from payment_orders o join events e on e.id = o.event_id left join user_profiles p on p.user_id = o.user_id where ";

/// As of `now`: past its time it has failed or expired, though nobody has written so.
async fn order_row(db: &mut PgConnection, row: &sqlx::postgres::PgRow, now: Timestamp) -> Result<PaymentOrder> {
    let currency: String = row.try_get("currency")?;
    let (status, expires_at): (OrderStatus, Timestamp) = (row.try_get("status")?, row.try_get("expires_at")?);
    let status = match (status, row.try_get("tried")?) {
        (OrderStatus::Created, true) if expires_at <= now => OrderStatus::Failed,
        (OrderStatus::Created, false) if expires_at <= now => OrderStatus::Expired,
        (status, _) => status,
    };
    let id: PaymentOrderId = row.try_get("id")?;
    Ok(PaymentOrder {
        id,
        order_reference: row.try_get("order_reference")?,
        user_id: row.try_get("user_id")?,
        payer_name: row.try_get("payer_name")?,
        event_id: row.try_get("event_id")?,
        event_title: row.try_get("event_title")?,
        amount: Money::stored(row.try_get("amount_minor")?, &currency)?,
        tax: Money::stored(row.try_get("tax_minor")?, &currency)?,
        refunded: Money::stored(row.try_get("refunded_minor")?, &currency)?,
        payment_provider: row.try_get("payment_provider")?,
        status,
        expires_at,
        paid_at: row.try_get("paid_at")?,
        lines: lines_shown(db, id, &currency).await?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

async fn lines_shown(db: &mut PgConnection, order: PaymentOrderId, currency: &str) -> Result<Vec<OrderLine>> {
    let rows = sqlx::query!(
        r#"select l.reservation_id, l.ticket_type_id, t.name, l.seats, l.amount_minor, l.refunded_minor,
                  a.id as "attendee?"
           from payment_order_lines l join ticket_types t on t.id = l.ticket_type_id
               left join event_attendees a on a.reservation_id = l.reservation_id
           where l.order_id = $1 order by l.id"#,
        order.0,
    )
    .fetch_all(db)
    .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        lines.push(OrderLine {
            reservation_id: ReservationId(row.reservation_id),
            ticket_type_id: TicketTypeId(row.ticket_type_id),
            ticket_type: row.name,
            seats: row.seats,
            amount: Money::stored(row.amount_minor, currency)?,
            refunded: Money::stored(row.refunded_minor, currency)?,
            attendee_id: row.attendee.map(crate::tickets::AttendeeId),
        });
    }
    Ok(lines)
}

/// One order as of now, or 404.
pub async fn order_find(db: &mut PgConnection, id: PaymentOrderId, now: Timestamp) -> Result<PaymentOrder> {
    let mut query = QueryBuilder::<Postgres>::new(ORDER);
    query.push("o.id = ").push_bind(id);
    let row = query.build().fetch_optional(&mut *db).await?.ok_or_else(not_found)?;
    order_row(db, &row, now).await
}

/// The same, locked until the transaction ends. Its event is locked before it.
pub async fn order_lock(db: &mut PgConnection, id: PaymentOrderId, now: Timestamp) -> Result<PaymentOrder> {
    sqlx::query!("select id from payment_orders where id = $1 for no key update", id.0)
        .fetch_optional(&mut *db)
        .await?
        .ok_or_else(not_found)?;
    order_find(db, id, now).await
}

/// The order that some of these seats are in, and whether it is exactly these.
pub async fn order_of(db: &mut PgConnection, seats: &[ReservationId]) -> Result<Option<(PaymentOrderId, bool)>> {
    let ids: Vec<Uuid> = seats.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select l.order_id, bool_and(l.reservation_id = any($1)) as "only!", count(*) as "lines!"
           from payment_order_lines l
           where l.order_id in (select order_id from payment_order_lines where reservation_id = any($1))
           group by l.order_id"#,
        &ids,
    )
    .fetch_all(db)
    .await?;
    let all = i64::try_from(seats.len()).unwrap_or(i64::MAX);
    Ok(rows.first().map(|row| (PaymentOrderId(row.order_id), row.only && row.lines == all)))
}

/// What an order's lines cost and are charged, for the books.
pub struct BookLine {
    pub id: Uuid,
    pub reservation: ReservationId,
    pub seats: i32,
    pub amount: i64,
    pub tax: i64,
    pub fee: i64,
    pub fee_tax: i64,
    pub refunded: i64,
}

pub async fn book_lines(db: &mut PgConnection, order: PaymentOrderId) -> Result<Vec<BookLine>> {
    let rows = sqlx::query!(
        "select id, reservation_id, seats, amount_minor, tax_minor, fee_minor, fee_tax_minor, refunded_minor
         from payment_order_lines where order_id = $1 order by id",
        order.0,
    )
    .fetch_all(db)
    .await?;
    let lines = rows.into_iter().map(|row| BookLine {
        id: row.id,
        reservation: ReservationId(row.reservation_id),
        seats: row.seats,
        amount: row.amount_minor,
        tax: row.tax_minor,
        fee: row.fee_minor,
        fee_tax: row.fee_tax_minor,
        refunded: row.refunded_minor,
    });
    Ok(lines.collect())
}

/// The money came, by this payment.
pub async fn order_paid(
    db: &mut PgConnection,
    id: PaymentOrderId,
    (reference, response): (&str, &serde_json::Value),
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update payment_orders set status = 'paid', provider_payment_id = $2, provider_response = $3, paid_at = $4
         where id = $1",
        id.0,
        reference,
        response,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// So much of it goes back: of the order, and of each of its lines.
pub async fn order_less(db: &mut PgConnection, id: PaymentOrderId, lines: &[(Uuid, i64)]) -> Result<()> {
    let (ids, amounts): (Vec<Uuid>, Vec<i64>) = lines.iter().copied().unzip();
    sqlx::query!(
        "update payment_order_lines l set refunded_minor = l.refunded_minor + x.minor
         from unnest($1::uuid[], $2::bigint[]) as x (id, minor) where l.id = x.id",
        &ids,
        &amounts,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update payment_orders o
         set refunded_minor = s.refunded,
             status = case when s.refunded = o.amount_minor then 'refunded' when s.refunded > 0 then 'partially_refunded'
                           else o.status end
         from (select coalesce(sum(refunded_minor), 0)::bigint as refunded from payment_order_lines where order_id = $1) s
         where o.id = $1",
        id.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What a guest has spent, in the guest's currency.
pub async fn spent(db: &mut PgConnection, user: EndUserId, amount: &Money) -> Result<()> {
    sqlx::query!(
        "update end_users set total_spent_minor = total_spent_minor + $2 where id = $1 and currency = $3",
        user.0,
        amount.minor,
        amount.currency.as_str(),
    )
    .execute(db)
    .await?;
    Ok(())
}
