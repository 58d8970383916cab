//! What the page of one colleague is made of.

use eventify::Error;
use eventify::access::operations::{assignment_list, staff_activity, staff_get, staff_sessions};
use eventify::access::{Activity, Assignment, Me, Role, Session, Staff, StaffId};
use eventify::audit::operations::audit_list;
use eventify::audit::{AuditFilter, AuditRow};
use eventify::kernel::error::not_found;
use eventify::kernel::page::{Limit, Paging, every};
use eventify::kernel::permissions::Permission;
use eventify::kernel::timestamp::Timestamp;

use super::super::shared::visible_roles;
use crate::ui::{Loading, now};

/// So much of the activity stands on the overview.
pub const LATEST: u32 = 6;

/// A colleague and what the tab in the URL asks for.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Data {
    pub staff: Staff,
    pub roles: Vec<Role>,
    pub tab: Tab,
    /// When it was read.
    pub now: Timestamp,
}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Tab {
    /// The latest of what happened to the account, and of what they did where the reader may see the audit log.
    Overview {
        latest: Vec<Activity>,
        acts: Option<Vec<AuditRow>>,
    },
    Roles(Vec<Assignment>),
    Sessions(Vec<Session>),
    Activity(Vec<Activity>),
}

impl Tab {
    pub fn key(&self) -> &'static str {
        match self {
            Tab::Overview { .. } => "overview",
            Tab::Roles(_) => "roles",
            Tab::Sessions(_) => "sessions",
            Tab::Activity(_) => "activity",
        }
    }
}

/// Reads the colleague, and what the tab in the URL shows.
pub async fn fetch(id: Option<StaffId>, tab: Option<String>, me: Loading<Me>) -> Result<Data, Error> {
    let (id, now) = (id.ok_or_else(not_found)?, now());
    let staff = staff_get(id).await?;
    let tab = match tab.as_deref() {
        Some("roles") => Tab::Roles(every(|page| assignment_list(id, page)).await?),
        Some("sessions") => Tab::Sessions(every(|page| staff_sessions(id, page)).await?),
        Some("activity") => Tab::Activity(staff_activity(id, Paging::most()).await?.items),
        _ => {
            Tab::Overview { latest: staff_activity(id, Paging::first(LATEST)).await?.items, acts: acts(id, me).await? }
        }
    };
    // Needed to give another role; whoever may not see roles cannot give them either.
    Ok(Data { staff, roles: visible_roles(me).await?, tab, now })
}

async fn acts(id: StaffId, me: Loading<Me>) -> Result<Option<Vec<AuditRow>>, Error> {
    if !me.await?.may(Permission::AuditRead) {
        return Ok(None);
    }
    let limit = Limit::try_from(LATEST).ok();
    Ok(Some(audit_list(AuditFilter { actor_id: Some(id.0), limit, ..AuditFilter::default() }).await?.items))
}
