use sqlx::PgConnection;

use super::ZoneChange;
use crate::kernel::error::Result;

/// The names of the time zone database that mean the same everywhere, in order.
pub async fn zone_names(db: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"select name as "name!" from pg_timezone_names
           where name = 'UTC' or name like '%/%' and name !~ '^(posix|right|SystemV)/'
           order by name collate "C""#,
    )
    .fetch_all(db)
    .await?)
}

/// Every change of a zone's clocks, in order.
pub async fn zone_changes(db: &mut PgConnection, name: &str) -> Result<Vec<ZoneChange>> {
    Ok(sqlx::query_as!(
        ZoneChange,
        r#"select since as "since!", offset_seconds as "offset_seconds!", abbreviation as "abbreviation!"
           from time_zone_changes($1)"#,
        name,
    )
    .fetch_all(db)
    .await?)
}
