use sqlx::PgConnection;
use uuid::Uuid;

use crate::audit::AuditSubject;
use crate::audit::names::Named;
use crate::kernel::error::Result;
use crate::partners::DocumentType;

/// Partners, their people, documents and bank accounts.
pub async fn names(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Named>> {
    let rows = sqlx::query!(
        r#"select id as "id!", id as "partner!", name as "name!", null as within, null as document
               from partners where id = any($1)
           union all select c.id, c.partner_id, c.name, p.name, null
               from partner_contacts c join partners p on p.id = c.partner_id where c.id = any($1)
           union all select d.id, d.partner_id, d.file_name, p.name, d.type
               from partner_documents d join partners p on p.id = d.partner_id where d.id = any($1)
           union all select b.id, b.partner_id, 'ending in ' || b.last_four, p.name, null
               from partner_bank_accounts b join partners p on p.id = b.partner_id where b.id = any($1)"#,
        ids,
    );
    let rows = rows.fetch_all(db).await?;
    let one = |row: _| {
        let (id, partner, name, within, document): (Uuid, Uuid, String, Option<String>, Option<String>) = row;
        let title = document.and_then(|kind| DocumentType::parse(&kind)).map(|kind| kind.title().to_owned());
        let href = Some(format!("/partners/{partner}"));
        (id, AuditSubject { name: title.unwrap_or(name), href, within })
    };
    Ok(rows.into_iter().map(|row| one((row.id, row.partner, row.name, row.within, row.document))).collect())
}
