//! Roles that end by themselves. Nobody is let in by one whose time is over; this notes it, so that lists and what an
//! older process asks say the same.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::sql;
use crate::kernel::app::App;
use crate::kernel::jobs::{Job, Pending};
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::ops::periodic::Periodic;

/// Closes the assignments that are over.
#[derive(Serialize, Deserialize)]
struct EndRoles;
impl Job for EndRoles {
    const TYPE: &'static str = "access.end_roles";
    const ATTEMPTS: i32 = 3;
}
inventory::submit!(JobHandler::of::<EndRoles>());
inventory::submit!(Periodic::new::<EndRoles>("access.end_roles", 60, || Pending::new(&EndRoles)));

impl Run for EndRoles {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        let mut db = app.pool.acquire().await.map_err(crate::Error::from)?;
        sql::assignments_expire(&mut db, None, app.clock.now()).await?;
        Ok(())
    }
}
