//! What records are called. Each area tells the names of its own: `inventory::submit!` one [`Names`].

use std::collections::HashMap;

use futures::future::BoxFuture;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{AuditFilter, AuditRow, AuditSubject, sql};
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::page::Page;

/// What a record is called: its id beside what is said of it.
pub type Named = (Uuid, AuditSubject);

/// Finds what records are called, of those of these ids that are an area's own.
pub type Find = for<'a> fn(&'a mut PgConnection, &'a [Uuid]) -> BoxFuture<'a, Result<Vec<Named>>>;

/// How an area finds the names of its records, people among them.
pub struct Names(pub Find);

inventory::collect!(Names);

/// What records are called whose id is a word: one that an area itself knows, such as the name of a rule.
pub struct ByWord {
    /// The kind of record.
    pub kind: &'static str,
    /// Reads the word.
    pub find: fn(&str) -> Option<AuditSubject>,
}

inventory::collect!(ByWord);

/// Entries of the filter, the latest first, with what their records and people are called.
pub async fn list(db: &mut impl Db, filter: &AuditFilter) -> Result<Page<AuditRow>> {
    let mut page = sql::audit_list(db, filter).await?;
    tell(db.conn(), &mut page.items).await?;
    Ok(page)
}

/// What the records of these ids are called, as far as they are still there.
pub async fn of(db: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, AuditSubject>> {
    let mut found = HashMap::new();
    for names in inventory::iter::<Names> {
        found.extend((names.0)(&mut *db, ids).await?);
    }
    Ok(found)
}

/// What the record of a kind is called whose id is a word.
pub fn by_word(kind: &str, word: &str) -> Option<AuditSubject> {
    inventory::iter::<ByWord>().find(|one| one.kind == kind).and_then(|one| (one.find)(word))
}

/// Adds what the records and those who did it are called, as far as they are still there.
pub async fn tell(db: &mut PgConnection, rows: &mut [AuditRow]) -> Result<()> {
    let records = rows.iter().filter_map(|row| row.object_id.parse::<Uuid>().ok());
    let mut ids: Vec<Uuid> = records.chain(rows.iter().filter_map(|row| row.actor.id)).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = of(db, &ids).await?;
    for row in rows {
        row.subject = match row.object_id.parse::<Uuid>() {
            Ok(id) => found.get(&id).cloned(),
            Err(_) => by_word(&row.object_type, &row.object_id),
        };
        let actor = row.actor.id.and_then(|id| found.get(&id));
        row.actor.name = actor.map(|actor| actor.name.clone());
        row.actor.href = actor.and_then(|actor| actor.href.clone());
    }
    Ok(())
}
