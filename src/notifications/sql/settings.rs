//! What people chose: of which kinds they are told and how, and when they want to be left alone.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, internal};
use crate::kernel::text::{ClockTime, TimeZone};
use crate::notifications::{NotificationId, QuietHours};

/// What somebody chose.
pub struct Preference {
    pub kind: String,
    pub channel: String,
    pub enabled: bool,
}

pub async fn preferences(db: &mut PgConnection, of: Uuid) -> Result<Vec<Preference>> {
    let rows = sqlx::query_as!(
        Preference,
        "select type as kind, channel, enabled from notification_preferences where recipient_id = $1",
        of
    );
    Ok(rows.fetch_all(db).await?)
}

/// Keeps what somebody chose: kind, channel, and whether.
pub async fn preferences_set(tx: &mut Tx, of: Uuid, chosen: &[(&str, &str, bool)]) -> Result<()> {
    let ids: Vec<Uuid> = chosen.iter().map(|_| NotificationId::new().0).collect();
    let kinds: Vec<&str> = chosen.iter().map(|one| one.0).collect();
    let channels: Vec<&str> = chosen.iter().map(|one| one.1).collect();
    let enabled: Vec<bool> = chosen.iter().map(|one| one.2).collect();
    let (whose, now) = (whose(tx), tx.now.0);
    sqlx::query!(
        "insert into notification_preferences (id, recipient_id, recipient_kind, type, channel, enabled, created_at)
         select c.id, $5, $6, c.kind, c.channel, c.enabled, $7
         from unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[]) c (id, kind, channel, enabled)
         on conflict (recipient_id, type, channel) do update set enabled = excluded.enabled",
        &ids,
        &kinds as &[&str],
        &channels as &[&str],
        &enabled,
        of,
        whose,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) fn whose(tx: &Tx) -> &'static str {
    if tx.caller.staff().is_some() { "staff" } else { "end_user" }
}

/// Somebody's quiet hours.
pub async fn quiet(db: &mut PgConnection, of: Uuid) -> Result<Option<QuietHours>> {
    let row = sqlx::query!(
        r#"select to_char(starts, 'HH24:MI') as "starts!", to_char(ends, 'HH24:MI') as "ends!", timezone
           from quiet_hours where recipient_id = $1"#,
        of
    );
    let Some(row) = row.fetch_optional(db).await? else { return Ok(None) };
    let wrong = |error: String| internal().internal(error);
    Ok(Some(QuietHours {
        from: ClockTime::parse(&row.starts).map_err(wrong)?,
        until: ClockTime::parse(&row.ends).map_err(wrong)?,
        timezone: TimeZone::parse(&row.timezone).map_err(wrong)?,
    }))
}

/// Keeps somebody's quiet hours: from, until, and by whose clocks.
pub async fn quiet_set(tx: &mut Tx, of: Uuid, (from, until, zone): (&str, &str, &str)) -> Result<()> {
    let (whose, now) = (whose(tx), tx.now.0);
    sqlx::query!(
        "insert into quiet_hours (recipient_id, recipient_kind, starts, ends, timezone, created_at)
         values ($1, $2, $3::text::time, $4::text::time, $5, $6)
         on conflict (recipient_id) do update
         set starts = excluded.starts, ends = excluded.ends, timezone = excluded.timezone",
        of,
        whose,
        from,
        until,
        zone,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// From now on there are none.
pub async fn quiet_end(db: &mut PgConnection, of: Uuid) -> Result<()> {
    sqlx::query!("delete from quiet_hours where recipient_id = $1", of).execute(db).await?;
    Ok(())
}
