//! The operation of overview.

use operation::operation;

use super::Overview;
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
