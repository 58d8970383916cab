use eventify_gate::DoorGuest;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::events::EventId;
use crate::gate::scans::state;
use crate::kernel::error::Result;
use crate::kernel::found::push_person_found;
use crate::kernel::text::SearchText;
use crate::tickets::GUEST_TEXT;

/// Tickets of guests whose name, email or phone holds this, the ticket with this short code, or those of this order.
pub async fn door_search(
    db: &mut PgConnection,
    event: EventId,
    typed: &SearchText,
    short_code: Option<Vec<u8>>,
    order: Option<String>,
    most: i64,
) -> Result<Vec<DoorGuest>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select k.id, k.attendee_id, coalesce(a.guest_name, nullif(p.name, '')) as name, a.ticket_type, k.status,
                right(coalesce(u.phone, a.guest_phone), 3) as phone_ends,
                (select count(*) from tickets o where o.attendee_id = a.id and o.status in ('issued', 'inside', 'outside'))
                    as party,
                (select count(*) from tickets o where o.attendee_id = a.id and o.status = 'inside') as inside
         from tickets k join event_attendees a on a.id = k.attendee_id
         left join end_users u on u.id = k.user_id left join user_profiles p on p.user_id = k.user_id
         where k.event_id = ",
    );
    query.push_bind(event);
    query.push(" and (k.short_code_hash = ").push_bind(short_code);
    query.push(
        " or a.reservation_id in (
              select l.reservation_id from payment_orders o join payment_order_lines l on l.order_id = o.id
              where o.order_reference = ",
    );
    query.push_bind(order).push(") or (true");
    push_person_found(&mut query, &[GUEST_TEXT, "u.search_text"], Some(typed));
    query.push(")) order by name, k.attendee_id, k.id limit ").push_bind(most);
    let rows = query.build().fetch_all(db).await?;
    let small = |count: i64| u16::try_from(count).unwrap_or(u16::MAX);
    let guest = |row: &sqlx::postgres::PgRow| -> sqlx::Result<DoorGuest> {
        let status: String = row.try_get("status")?;
        Ok(DoorGuest {
            ticket_id: row.try_get("id")?,
            attendee_id: row.try_get("attendee_id")?,
            name: row.try_get("name")?,
            phone_ends: row.try_get("phone_ends")?,
            ticket_type: row.try_get("ticket_type")?,
            status: state(&status),
            party: small(row.try_get("party")?),
            inside: small(row.try_get("inside")?),
        })
    };
    Ok(rows.iter().map(guest).collect::<sqlx::Result<_>>()?)
}
