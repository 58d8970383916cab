//! What the audit log calls the records of a plan.

use futures::future::BoxFuture;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{ClashRule, sql};
use crate::audit::AuditSubject;
use crate::audit::names::{ByWord, Named, Names};
use crate::kernel::error::Result;

inventory::submit!(Names(find));
inventory::submit!(ByWord { kind: "plan_rule", find: rule });

fn find<'a>(db: &'a mut PgConnection, ids: &'a [Uuid]) -> BoxFuture<'a, Result<Vec<Named>>> {
    Box::pin(sql::names(db, ids))
}

/// Rules are known by what they are about; no page shows them.
fn rule(word: &str) -> Option<AuditSubject> {
    let rule = ClashRule::ALL.iter().find(|rule| rule.as_str() == word)?;
    Some(AuditSubject { name: rule.label().to_owned(), href: None, within: None })
}
