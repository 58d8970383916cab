use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::finance::provider::Attempt;
use crate::finance::{
    PaidTicket, Payment, PaymentFilter, PaymentId, PaymentOrderId, PaymentStatus, PaymentSum, ProviderName,
};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::found::{push_person_found, push_updated_since};
use crate::kernel::money::Money;
use crate::kernel::page::{Limit, MOST_COUNTED, Page, Paged, counting, paged};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::TicketId;

paged!(PaymentFilter);

const PAYMENT: &str = "select t.id, t.order_id, o.order_reference, o.event_id, e.title as event_title, o.user_id,
    nullif(p.name, '') as payer_name, t.provider, t.status, t.amount_minor, t.currency::text as currency,
    t.refunded_minor, t.provider_ref, t.failure_reason, t.captured_at, t.created_at, t.updated_at,
    (select coalesce(sum(d.amount_minor), 0)::bigint from disputes d
         where d.payment_id = t.id and d.status = 'lost') as lost_minor,
    (select count(*) from payments n
         where n.order_id = t.order_id and (n.created_at, n.id) <= (t.created_at, t.id)) as attempt
    from payments t join payment_orders o on o.id = t.order_id join events e on e.id = o.event_id
    join end_users u on u.id = o.user_id left join user_profiles p on p.user_id = o.user_id where true";

fn payment_row(row: &sqlx::postgres::PgRow) -> Result<Payment> {
    let currency: String = row.try_get("currency")?;
    Ok(Payment {
        id: row.try_get("id")?,
        order_id: row.try_get("order_id")?,
        order_reference: row.try_get("order_reference")?,
        event_id: row.try_get("event_id")?,
        event_title: row.try_get("event_title")?,
        user_id: row.try_get("user_id")?,
        payer_name: row.try_get("payer_name")?,
        provider: row.try_get("provider")?,
        status: row.try_get("status")?,
        amount: Money::stored(row.try_get("amount_minor")?, &currency)?,
        refunded: Money::stored(row.try_get("refunded_minor")?, &currency)?,
        lost: Money::stored(row.try_get("lost_minor")?, &currency)?,
        provider_ref: row.try_get("provider_ref")?,
        failure_reason: row.try_get("failure_reason")?,
        attempt: row.try_get("attempt")?,
        captured_at: row.try_get("captured_at")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

fn narrow(query: &mut QueryBuilder<Postgres>, filter: &PaymentFilter) {
    push_person_found(query, &["lower(o.order_reference)", "u.search_text"], filter.q.as_ref());
    if let Some(statuses) = &filter.status {
        let words: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
        query.push(" and t.status = any(").push_bind(words).push(")");
    }
    if let Some(refunded) = filter.refunded {
        query.push(" and (t.refunded_minor > 0) = ").push_bind(refunded);
    }
    if let Some(event) = filter.event_id {
        query.push(" and o.event_id = ").push_bind(event);
    }
    if let Some(user) = filter.user_id {
        query.push(" and o.user_id = ").push_bind(user);
    }
    if let Some(order) = filter.order_id {
        query.push(" and t.order_id = ").push_bind(order);
    }
    // Money that came is never left out, so that sums are the same with and without it.
    if filter.latest == Some(true) {
        query.push(
            " and (t.captured_at is not null
                   or not exists (select from payments n
                                  where n.order_id = t.order_id
                                        and (n.captured_at is not null or (n.created_at, n.id) > (t.created_at, t.id))))",
        );
    }
    if let Some(from) = filter.from {
        query.push(" and t.created_at >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        query.push(" and t.created_at < ").push_bind(to);
    }
    push_updated_since(query, &["t.updated_at"], filter.updated_since);
}

/// Payments, the latest first, with how many there are.
pub async fn payment_list(db: &mut impl Db, filter: &PaymentFilter) -> Result<Page<Payment>> {
    let keyset = filter.keyset(db.cx(), ("t.created_at", "timestamptz", true))?;
    let mut query = QueryBuilder::<Postgres>::new(PAYMENT);
    narrow(&mut query, filter);
    let mut page =
        keyset.rows(db, query, "t.id").await?.page_by(payment_row, |payment| (payment.created_at, payment.id.0))?;
    // A file needs no number of rows, nor does a page after the first.
    if filter.cursor.is_none() && filter.limit != Some(Limit::EXPORT) {
        let mut count = counted("select count(*)", "1", filter);
        page.total_estimate = Some(count.build_query_scalar().fetch_one(db.conn()).await?);
    }
    Ok(page)
}

/// What is told of these columns of the filter's payments, at most one more than are counted.
fn counted(told: &str, columns: &str, filter: &PaymentFilter) -> QueryBuilder<Postgres> {
    let select = format!(
        "select {columns} from payments t join payment_orders o on o.id = t.order_id
         join end_users u on u.id = o.user_id where true"
    );
    counting(told, &select, |query| narrow(query, filter))
}

/// What the filter's payments come to by currency; nothing where there are more than are counted.
pub async fn payment_sums(db: &mut PgConnection, filter: &PaymentFilter) -> Result<Vec<PaymentSum>> {
    let told = "select currency::text as currency, count(*) as payments,
        coalesce(sum(amount_minor) filter (where status in ('captured', 'disputed', 'lost')), 0)::bigint as paid,
        sum(refunded_minor)::bigint as refunded";
    let mut query = counted(told, "t.currency, t.status, t.amount_minor, t.refunded_minor", filter);
    let rows = query.push(" group by currency order by currency").build().fetch_all(db).await?;
    let sum = |row: &sqlx::postgres::PgRow| -> Result<PaymentSum> {
        let currency: String = row.try_get("currency")?;
        Ok(PaymentSum {
            payments: row.try_get("payments")?,
            paid: Money::stored(row.try_get("paid")?, &currency)?,
            refunded: Money::stored(row.try_get("refunded")?, &currency)?,
        })
    };
    let sums = rows.iter().map(sum).collect::<Result<Vec<_>>>()?;
    let all: i64 = sums.iter().map(|sum| sum.payments).sum();
    Ok(if all > MOST_COUNTED { Vec::new() } else { sums })
}

async fn one(db: &mut PgConnection, mut query: QueryBuilder<Postgres>) -> Result<Option<Payment>> {
    query.push(" order by t.created_at desc, t.id desc limit 1");
    query.build().fetch_optional(db).await?.as_ref().map(payment_row).transpose()
}

/// One payment, or 404.
pub async fn payment_find(db: &mut PgConnection, id: PaymentId) -> Result<Payment> {
    let mut query = QueryBuilder::<Postgres>::new(PAYMENT);
    query.push(" and t.id = ").push_bind(id);
    one(db, query).await?.ok_or_else(not_found)
}

/// What a provider calls by this name.
pub async fn payment_by_ref(db: &mut PgConnection, provider: ProviderName, name: &str) -> Result<Option<Payment>> {
    let mut query = QueryBuilder::<Postgres>::new(PAYMENT);
    query.push(" and t.provider = ").push_bind(provider.as_str()).push(" and t.provider_ref = ");
    query.push_bind(name.to_owned());
    one(db, query).await
}

/// Whose money a provider calls by this name.
pub async fn payment_by_charge(db: &mut PgConnection, provider: ProviderName, name: &str) -> Result<Option<Payment>> {
    let mut query = QueryBuilder::<Postgres>::new(PAYMENT);
    query.push(" and t.provider = ").push_bind(provider.as_str()).push(" and t.provider_charge = ");
    query.push_bind(name.to_owned());
    one(db, query).await
}

/// What the provider calls the money that came; the first name stays.
pub async fn payment_set_charge(db: &mut PgConnection, id: PaymentId, name: &str) -> Result<()> {
    sqlx::query!("update payments set provider_charge = coalesce(provider_charge, $2) where id = $1", id.0, name)
        .execute(db)
        .await?;
    Ok(())
}

/// The same, to be read.
pub async fn payment_charge(db: &mut PgConnection, id: PaymentId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("select provider_charge from payments where id = $1", id.0).fetch_one(db).await?)
}

/// The latest attempt to pay an order.
pub async fn payment_latest(db: &mut PgConnection, order: PaymentOrderId) -> Result<Option<Payment>> {
    let mut query = QueryBuilder::<Postgres>::new(PAYMENT);
    query.push(" and t.order_id = ").push_bind(order);
    one(db, query).await
}

/// Every attempt to pay an order, the latest first.
pub async fn attempts_of(db: &mut PgConnection, order: PaymentOrderId) -> Result<Vec<Payment>> {
    let mut query = QueryBuilder::<Postgres>::new(PAYMENT);
    query.push(" and t.order_id = ").push_bind(order).push(" order by t.created_at desc, t.id desc");
    query.build().fetch_all(db).await?.iter().map(payment_row).collect()
}

pub async fn payment_insert(db: &mut PgConnection, attempt: &Attempt, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into payments (id, order_id, provider, amount_minor, currency, provider_ref, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)",
        attempt.payment.0,
        attempt.order.0,
        attempt.provider.as_str(),
        attempt.amount.minor,
        attempt.amount.currency.as_str(),
        attempt.provider_ref,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What has become of an attempt. When the money came is noted once.
pub async fn payment_set_status(
    db: &mut PgConnection,
    id: PaymentId,
    status: PaymentStatus,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update payments set status = $2::text, failure_reason = $3,
             captured_at = case when $2 = 'captured' then coalesce(captured_at, $4::timestamptz) else captured_at end
         where id = $1",
        id.0,
        status.as_str(),
        reason,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// So much of a payment goes back; the database sees that it is never more than came.
pub async fn payment_less(db: &mut PgConnection, id: PaymentId, amount: &Money) -> Result<()> {
    sqlx::query!("update payments set refunded_minor = refunded_minor + $2 where id = $1", id.0, amount.minor)
        .execute(db)
        .await?;
    Ok(())
}

/// The tickets that an order paid for, each with its line, wherever they are by now: those that were transferred as
/// well.
pub async fn tickets_of(db: &mut PgConnection, order: PaymentOrderId) -> Result<Vec<(Uuid, PaidTicket)>> {
    let rows = sqlx::query!(
        r#"with recursive line (id, line, price, currency) as (
               select a.id, l.id as line, l.amount_minor / l.seats as price, o.currency::text as currency
               from payment_order_lines l join payment_orders o on o.id = l.order_id
                   join event_attendees a on a.reservation_id = l.reservation_id
               where l.order_id = $1
               union all
               select a.id, line.line, line.price, line.currency from line join event_attendees a on a.transferred_from = line.id)
           select k.id, a.ticket_type, coalesce(a.guest_name, nullif(p.name, '')) as holder,
                  k.status as "status: crate::tickets::TicketStatus", line.price as "price!", line.line as "line!",
                  line.currency as "currency!"
           from line join tickets k on k.attendee_id = line.id join event_attendees a on a.id = line.id
               left join user_profiles p on p.user_id = k.user_id
           order by k.issued_at, k.id"#,
        order.0,
    )
    .fetch_all(db)
    .await?;
    let mut tickets = Vec::with_capacity(rows.len());
    for row in rows {
        let ticket = PaidTicket {
            id: TicketId(row.id),
            ticket_type: row.ticket_type,
            holder_name: row.holder,
            status: row.status,
            price: Money::stored(row.price, &row.currency)?,
        };
        tickets.push((row.line, ticket));
    }
    Ok(tickets)
}

/// Payments of an event of which something is left to pay back, by id.
pub async fn payments_to_refund(
    db: &mut PgConnection,
    event: crate::events::EventId,
    after: Uuid,
    most: i64,
) -> Result<Vec<PaymentId>> {
    let rows = sqlx::query_scalar!(
        "select t.id from payments t join payment_orders o on o.id = t.order_id
         where o.event_id = $1 and t.status = 'captured' and t.id > $2
               and t.refunded_minor + (select coalesce(sum(d.amount_minor), 0) from disputes d
                                       where d.payment_id = t.id and d.status = 'lost') < t.amount_minor
         order by t.id limit $3",
        event.0,
        after,
        most,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(PaymentId).collect())
}

/// Orders and payments of a person, for an export.
pub async fn guest_gather(db: &mut PgConnection, user: crate::access::EndUserId) -> Result<serde_json::Value> {
    Ok(sqlx::query_scalar!(
        r#"select coalesce(jsonb_agg(jsonb_build_object('order', o.order_reference, 'event', e.title,
               'amount_minor', o.amount_minor, 'currency', o.currency, 'status', o.status,
               'refunded_minor', o.refunded_minor, 'created_at', o.created_at, 'paid_at', o.paid_at)
               order by o.created_at), '[]') as "orders!"
           from payment_orders o join events e on e.id = o.event_id where o.user_id = $1"#,
        user.0,
    )
    .fetch_one(db)
    .await?)
}
