//! The operation of search.

use operation::operation;

use super::{Hit, SearchQuery};
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use super::sql;
#[cfg(feature = "ssr")]
use crate::kernel::context::{Db, Reader};
#[cfg(feature = "ssr")]
use crate::kernel::error::two_factor_required;

/// Find records by the beginnings of their words
///
/// The best twenty of what the caller may see anyway.
#[operation(GET "/search", staff)]
pub async fn search(db: &mut Reader, query: SearchQuery) -> Result<Vec<Hit>> {
    let caller = db.caller.clone();
    let staff = db.staff()?;
    if staff.needs_second_factor {
        return Err(two_factor_required());
    }
    match query.q {
        Some(q) => sql::find(db.conn(), &q, &caller).await,
        None => Ok(Vec::new()),
    }
}
