use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder, Row};

use crate::events::EventId;
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::tickets::{DoorTicket, TicketId, secrets};

/// By the first letters of the name as it is searched for, and everything of one guest together.
const ORDER: &str = "search_fold(coalesce(a.guest_name, p.name, '')) || ' ' || a.id";

/// A page of an event's tickets, void ones too, by the guest's name.
pub async fn door_list(db: &mut impl Db, event: EventId, paging: &Paging) -> Result<Page<DoorTicket>> {
    let keyset = paging.keyset(db.cx(), (ORDER, "text", false), "door list", event)?;
    let mut query = QueryBuilder::<Postgres>::new(format!(
        "select k.id, k.attendee_id, coalesce(a.guest_name, nullif(p.name, '')) as name, k.ticket_type_id, a.ticket_type,
                k.status, k.generation, k.revoke_reason, a.note, s.redeemed_at, {ORDER} as sort_key
         from tickets k join event_attendees a on a.id = k.attendee_id join ticket_secrets s on s.ticket_id = k.id
         left join user_profiles p on p.user_id = a.user_id where k.event_id = "
    ));
    query.push_bind(event);
    let rows = keyset.rows(db, query, "k.id").await?;
    let keys = &db.cx().app().keys;
    let ticket = |row: &PgRow| -> sqlx::Result<DoorTicket> {
        let (id, generation) = (row.try_get::<TicketId, _>("id")?, row.try_get("generation")?);
        Ok(DoorTicket {
            id,
            attendee_id: row.try_get("attendee_id")?,
            name: row.try_get("name")?,
            short_code: secrets::short_code(keys, event, id, generation),
            ticket_type_id: row.try_get("ticket_type_id")?,
            ticket_type: row.try_get("ticket_type")?,
            status: row.try_get("status")?,
            used_at: row.try_get("redeemed_at")?,
            revoke_reason: row.try_get("revoke_reason")?,
            note: row.try_get("note")?,
        })
    };
    rows.page(ticket, |ticket| ticket.id.0)
}
