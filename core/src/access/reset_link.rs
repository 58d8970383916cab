//! Mailing the link for a new password. A job of its own: whoever asks waits equally long whether there is
//! such an account or not.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::links::{self, Purpose};
use super::operations::PASSWORD_FORGOT_META;
use super::{StaffId, sql};
use crate::kernel::app::App;
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::jobs::Job;
use crate::kernel::queues::Queue;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};

/// Mails a link to the account with this address, if there is one that is active.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MailResetLink {
    pub email: String,
    /// Where it was asked for.
    pub ip: String,
}
impl Job for MailResetLink {
    const TYPE: &'static str = "access.reset_link";
    const QUEUE: Queue = Queue::Urgent;
}
inventory::submit!(JobHandler::of::<MailResetLink>());

impl Run for MailResetLink {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let mut tx = Tx::begin(RequestContext::system(&app, &PASSWORD_FORGOT_META)).await?;
        let Some(known) = sql::login_by_email(tx.conn(), &self.email).await? else { return Ok(()) };
        let user = StaffId(known.id);
        // The account before its links: everybody locks them in this order.
        let account = sql::login_lock(tx.conn(), user).await?;
        let Some(account) = account.filter(|a| a.status == "active" && a.email == self.email) else { return Ok(()) };
        let link = links::create(&mut tx, Purpose::PasswordReset, user).await?;
        let now = tx.now;
        let action = "password.reset_requested";
        sql::activity_insert(tx.conn(), new_uuid(), user, action, json!({}), &self.ip, now).await?;
        let mail = super::templates::PasswordReset { name: account.full_name, link };
        crate::notify::mail(&mut tx, &self.email, mail);
        context.done(tx.conn(), now).await?;
        tx.commit().await?;
        Ok(())
    }
}
