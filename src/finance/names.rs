//! What the audit log calls the records of finance; what search finds by its number.

use futures::future::BoxFuture;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{ProviderName, sql};
use crate::audit::AuditSubject;
use crate::audit::names::{ByWord, Named, Names};
use crate::kernel::error::Result;
use crate::kernel::permissions::Permission;
use crate::search::Numbered;

inventory::submit!(Names(find));
inventory::submit!(ByWord { kind: "settlement_report", find: report });
inventory::submit!(Numbered {
    permission: Permission::FinanceRead,
    find: |db, number| Box::pin(sql::documents(db, number)),
});

fn find<'a>(db: &'a mut PgConnection, ids: &'a [Uuid]) -> BoxFuture<'a, Result<Vec<Named>>> {
    Box::pin(sql::names(db, ids))
}

/// Reports are known by their provider.
fn report(provider: &str) -> Option<AuditSubject> {
    let provider = ProviderName::ALL.iter().find(|one| one.as_str() == provider)?;
    let href = Some("/reconciliation?tab=settlements".to_owned());
    Some(AuditSubject { name: provider.title().to_owned(), href, within: None })
}
