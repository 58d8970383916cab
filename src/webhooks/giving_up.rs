//! Disabling an endpoint that takes nothing any more, and telling who made it.

use std::net::{IpAddr, Ipv4Addr};

use sqlx::PgConnection;

use super::events::EndpointDisabled;
use super::sql::{self, Health};
use super::templates::WebhookDisabled;
use super::{EndpointStatus, WebhookEndpointId, schedule};
use crate::bus::AdminActionLogged;
use crate::kernel::app::App;
use crate::kernel::audit::{self, Entry, Origin};
use crate::kernel::caller::Caller;
use crate::kernel::error::Result;
use crate::kernel::outbox::{self, Pending};
use crate::kernel::timestamp::Timestamp;
use crate::notify;

/// The answer 410 asks for it.
pub const GONE: &str = "The endpoint answered 410 (Gone).";

/// Whoever answers for it may not have anybody told any more.
pub const NO_GROUND: &str = "Its owner can no longer manage webhooks. Enable it to become the owner.";

/// Why an endpoint is disabled now, if it is. Looked at when a message is given up, never at a first
/// failure: one that is seldom sent to gets its day as well.
pub fn reason(health: &Health, gave_up: bool, now: Timestamp) -> Option<String> {
    let failing = health.failing_since.map_or(time::Duration::ZERO, |since| now.0 - since.0);
    if !gave_up {
        None
    } else if health.exhausted >= schedule::EXHAUSTED {
        Some(format!("{} messages in a row could not be delivered.", health.exhausted))
    } else if failing >= schedule::FAILING {
        Some(format!("No attempt has succeeded for {} days.", failing.whole_days()))
    } else {
        None
    }
}

/// Disables a locked endpoint, in the transaction of the attempt that was one too many.
pub async fn disable(
    db: &mut PgConnection,
    app: &App,
    request_id: &str,
    id: WebhookEndpointId,
    reason: &str,
) -> Result<()> {
    let now = app.clock.now();
    let before = sql::endpoint_find(db, id).await?;
    if before.status == EndpointStatus::Disabled {
        return Ok(());
    }
    sql::endpoint_set_status(db, id, EndpointStatus::Disabled, Some(reason), None, now).await?;
    let after = sql::endpoint_find(db, id).await?;
    let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let origin = Origin { caller: &Caller::System, ip, request_id, at: now };
    let mut entry = Entry::new("webhook_endpoint.given_up", Some(&before), Some(&after));
    entry.reason(reason);
    let logged = AdminActionLogged::new(audit::insert(db, &origin, &entry).await?, &origin, &entry);
    let disabled = EndpointDisabled { endpoint_id: id, reason: reason.to_owned() };
    outbox::insert(db, request_id, None, &[Pending::new(&disabled), Pending::new(&logged)]).await?;
    if let Some((email, name)) = sql::endpoint_creator(db, id).await? {
        let mail = WebhookDisabled { name, endpoint: id.0, url: after.url, reason: reason.to_owned() };
        notify::queue_mail(db, app, request_id, &email, mail).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends_with_a_message_given_up() {
        let now = Timestamp::parse("2026-11-21T20:00:00Z").unwrap();
        let health =
            |days, exhausted| Health { failing_since: Some(Timestamp(now.0 - time::Duration::days(days))), exhausted };
        assert_eq!(reason(&health(9, 20), false, now), None);
        assert_eq!(reason(&health(4, 9), true, now), None);
        assert!(reason(&health(5, 1), true, now).unwrap().contains("5 days"));
        assert!(reason(&health(1, 10), true, now).unwrap().contains("10 messages"));
    }
}
