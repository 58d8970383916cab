use sqlx::PgConnection;

use crate::kernel::error::Result;
use crate::search::{Hit, HitKind};

/// The orders, invoices, credit notes and payout batches with this number, and the invoice of an order.
pub async fn documents(db: &mut PgConnection, number: &str) -> Result<Vec<Hit>> {
    Ok(sqlx::query_as!(
        Hit,
        r#"select kind as "kind!: HitKind", id as "id!", title as "title!", detail as "detail!" from (
               select 'payment' as kind, t.id, o.order_reference as title,
                      concat_ws(' · ', nullif(u.name, ''), e.title) as detail
               from payment_orders o join events e on e.id = o.event_id
                   left join user_profiles u on u.user_id = o.user_id
                   cross join lateral (select p.id from payments p where p.order_id = o.id
                                       order by p.captured_at is null, p.created_at desc limit 1) t
               where o.order_reference = $1
               union all
               select 'invoice', i.id, i.reference, concat_ws(' · ', i.supplier_name, e.title)
               from invoices i join events e on e.id = i.event_id
               where i.reference = $1
                     or i.order_id = (select o.id from payment_orders o where o.order_reference = $1)
               union all
               select 'invoice', n.invoice_id, n.reference, concat_ws(' · ', i.supplier_name, e.title)
               from credit_notes n join invoices i on i.id = n.invoice_id join events e on e.id = i.event_id
               where n.reference = $1
               union all
               select 'payout', b.id, b.reference, b.currency::text from payout_batches b where b.reference = $1
           ) d order by title = $1 desc, kind desc, detail, id limit 20"#,
        number,
    )
    .fetch_all(db)
    .await?)
}
