//! The mail that asks an address whether it is a user's.

use uuid::Uuid;

use crate::access::links::{self, Purpose};
use crate::kernel::app::App;
use crate::kernel::queues::Queue;
use crate::kernel::timestamp::Timestamp;
use crate::notify::{MailAudience, Samples, Says, Template, Values, mails};
use crate::organisation::Organisation;

mails! {
    /// A guest gave an email address, which is to be confirmed.
    ///
    /// It may be a stranger's: nothing that the guest typed is in the mail.
    EmailVerification "email_verification" {
        /// The row of the link.
        link: Uuid,
    }
}

inventory::submit!(Samples { to: MailAudience::Team, place: 20, mails: samples });

fn samples(_at: Timestamp) -> Vec<Template> {
    vec![EmailVerification { link: Uuid::nil() }.into()]
}

impl Says for EmailVerification {
    fn values(&self, app: &App, _house: &Organisation) -> Values {
        vec![("link", links::url(app, self.link, Purpose::EmailVerification))]
    }
    fn queue(&self) -> Queue {
        Queue::Urgent
    }
}
