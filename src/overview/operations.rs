//! The operation of overview.

use operation::operation;

use super::{Overview, Waiting};
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use super::sql;
#[cfg(feature = "ssr")]
use crate::kernel::context::{Db, Reader};

/// Show how things stand
///
/// Figures of what the caller may see, the others absent; only the own sessions until a role's second
/// factor is set up.
#[operation(GET "/overview", staff)]
pub async fn overview(db: &mut Reader) -> Result<Overview> {
    let (caller, now) = (db.caller.clone(), db.now);
    sql::overview(db.conn(), &caller, now).await
}

/// Count what waits for somebody
///
/// What a menu shows beside its entries. Only what the caller may see to is counted.
#[operation(GET "/overview/waiting", staff)]
pub async fn overview_waiting(db: &mut Reader) -> Result<Waiting> {
    sql::waiting(db).await
}
