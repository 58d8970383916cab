use sqlx::PgConnection;

use crate::access::EndUserId;
use crate::kernel::error::Result;

/// What admission and mail need to know of an end user.
pub struct Guest {
    pub name: String,
    pub email: Option<String>,
    pub gender: Option<String>,
}

/// An end user who may take part; `None` where there is none, or it is banned or gone.
pub async fn guest_find(db: &mut PgConnection, id: EndUserId) -> Result<Option<Guest>> {
    Ok(sqlx::query_as!(
        Guest,
        "select p.name, u.email, p.gender from end_users u join user_profiles p on p.user_id = u.id
         where u.id = $1 and (u.status = 'active' or u.status = 'banned' and u.banned_until <= now())",
        id.0,
    )
    .fetch_optional(db)
    .await?)
}
