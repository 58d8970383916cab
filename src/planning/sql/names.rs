//! What the records of a plan are called.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::audit::AuditSubject;
use crate::audit::names::Named;
use crate::kernel::error::Result;

/// Stages, entries and shifts of plans; crew, talent and equipment.
pub async fn names(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Named>> {
    let rows = sqlx::query!(
        r#"select p.id as "id!", p.title as "name!", '/events/' || e.id || '/plan#entry-' || p.id as href, e.title as within
               from plan_entries p join events e on e.id = p.event_id where p.id = any($1)
           union all select s.id, s.role, '/events/' || e.id || '/plan#shift-' || s.id, e.title
               from staff_shifts s join events e on e.id = s.event_id where s.id = any($1)
           union all select s.id, s.name, coalesce('/events/' || e.id || '/plan', '/venues/' || v.id),
                            coalesce(e.title, v.name)
               from stages s left join events e on e.id = s.event_id left join venues v on v.id = s.venue_id
               where s.id = any($1)
           union all select h.id, h.code, '/events/' || e.id || '/pick-list', e.title
               from equipment_handouts h join events e on e.id = h.event_id where h.id = any($1)
           union all select id, name, '/equipment/' || id, null from equipment where id = any($1)
           union all select u.id, u.code, '/equipment/' || q.id, q.name
               from equipment_units u join equipment q on q.id = u.equipment_id where u.id = any($1)
           union all select id, full_name, '/crew/' || id, null from staff_members where id = any($1)
           union all select a.id, m.full_name, '/crew/' || m.id, null
               from staff_availability a join staff_members m on m.id = a.staff_id where a.id = any($1)
           union all select d.id, d.file_name, '/crew/' || m.id, m.full_name
               from staff_documents d join staff_members m on m.id = d.staff_id where d.id = any($1)
           union all select l.id, l.name, '/events/' || e.id || '/plan', e.title
               from plan_links l join events e on e.id = l.event_id where l.id = any($1)
           union all select n.id, 'Version ' || n.number, '/events/' || e.id || '/plan', e.title
               from plan_versions n join events e on e.id = n.event_id where n.id = any($1)
           union all select k.id, coalesce(k.title, initcap(replace(k.kind, '_', ' '))), '/talent/' || t.id,
                            t.stage_name || ', ' || e.title
               from talent_tasks k join talents t on t.id = k.talent_id join events e on e.id = k.event_id
               where k.id = any($1)
           union all select d.id, d.file_name, '/talent/' || t.id, t.stage_name
               from talent_documents d join talents t on t.id = d.talent_id where d.id = any($1)
           union all select id, stage_name, '/talent/' || id, null from talents where id = any($1)"#,
        ids,
    );
    let rows = rows.fetch_all(db).await?;
    let one = |row: _| {
        let (id, name, href, within): (Uuid, String, Option<String>, Option<String>) = row;
        (id, AuditSubject { name, href, within })
    };
    Ok(rows.into_iter().map(|row| one((row.id, row.name, row.href, row.within))).collect())
}
