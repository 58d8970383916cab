//! All SQL of notify.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::Result;

/// Whom a mail greets and where it goes.
pub struct Recipient {
    pub email: String,
    pub full_name: String,
}

/// A staff member who still has access.
pub async fn staff_recipient(db: &mut PgConnection, id: Uuid) -> Result<Option<Recipient>> {
    Ok(sqlx::query_as!(Recipient, "select email, full_name from admin_users where id = $1 and status = 'active'", id,)
        .fetch_optional(db)
        .await?)
}
