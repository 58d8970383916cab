//! What other areas ask of a partner.

use sqlx::PgConnection;

use super::{PartnerId, PartnerStatus, sql};
use crate::kernel::error::Result;

/// Where the partner stands; `None` if there is none.
pub async fn standing(db: &mut PgConnection, id: PartnerId) -> Result<Option<PartnerStatus>> {
    sql::partner_standing(db, id).await
}

/// The partner of this name, for demo data.
pub async fn by_name(db: &mut PgConnection, name: &str) -> Result<Option<PartnerId>> {
    sql::partner_by_name(db, name).await
}
