//! A partner becomes active when somebody of its own has accepted the invitation.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use futures::future::BoxFuture;
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::events::PartnerStatusChanged;
use super::{PartnerStatus, sql};
use crate::bus::consumers::Consumer;
use crate::bus::{AdminActionLogged, Published};
use crate::kernel::app::App;
use crate::kernel::audit::{self, Entry, Origin};
use crate::kernel::caller::{Caller, Scope};
use crate::kernel::error::Result;
use crate::kernel::outbox::{self, Pending};

inventory::submit!(Consumer { name: "partners.activation", types: &["staff.joined"], handle });

/// What we need of `staff.joined`.
#[derive(Deserialize)]
struct Joined {
    user_id: Uuid,
}

fn handle<'a>(app: &'a Arc<App>, db: &'a mut PgConnection, event: &'a Published) -> BoxFuture<'a, Result<()>> {
    Box::pin(joined(app, db, event))
}

async fn joined(app: &App, db: &mut PgConnection, event: &Published) -> Result<()> {
    let Ok(who) = Joined::deserialize(&event.payload) else { return Ok(()) };
    let (now, request_id) = (app.clock.now(), format!("event-{}", event.seq));
    for id in sql::partners_waiting_for(db, who.user_id).await? {
        let before = sql::partner_read(db, &Scope::All, id).await?;
        sql::partner_set_status(db, id, PartnerStatus::Active, None, now).await?;
        let after = sql::partner_read(db, &Scope::All, id).await?;
        let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let origin = Origin { caller: &Caller::System, ip, request_id: &request_id, at: now };
        let entry = Entry::new("partner.joined", Some(&before), Some(&after));
        let logged = AdminActionLogged::new(audit::insert(db, &origin, &entry).await?, &origin, &entry);
        let changed = PartnerStatusChanged { partner_id: id, status: after.status };
        outbox::insert(db, &request_id, None, &[Pending::new(&changed), Pending::new(&logged)]).await?;
    }
    Ok(())
}
