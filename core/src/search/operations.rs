//! The operation of search.

use operation::operation;

use super::{Hit, SearchQuery};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use super::sql;
#[cfg(feature = "ssr")]
use crate::kernel::context::{Db, Reader};
#[cfg(feature = "ssr")]
use crate::kernel::error::two_factor_required;

/// Search for records by the beginning of their words
///
/// Returns the best 20 results the caller may see, in one page.
#[operation(GET "/search", staff)]
pub async fn search(db: &mut Reader, query: SearchQuery) -> Result<Page<Hit>> {
    let caller = db.caller.clone();
    let staff = db.staff()?;
    if staff.needs_second_factor {
        return Err(two_factor_required());
    }
    match query.q {
        Some(q) => Ok(sql::find(db.conn(), &q, &caller).await?.into()),
        None => Ok(Vec::new().into()),
    }
}
