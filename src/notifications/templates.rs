//! The mail that brings a notification.

use uuid::Uuid;

use crate::kernel::app::App;
use crate::kernel::timestamp::Timestamp;
use crate::notify::samples::NAME;
use crate::notify::{MailAudience, Samples, Says, Template, Values, mails};
use crate::organisation::Organisation;

mails! {
    /// What somebody wants to be told by mail as well.
    Notice "notice" {
        /// The type of the notification.
        #[serde(default = "notice")]
        kind: String,
        /// Whom it greets.
        name: String,
        /// In a few words.
        title: String,
        /// The rest of it; may be empty.
        message: String,
        /// The page of it.
        href: String,
    }
}

/// What an older version called all of them.
fn notice() -> String {
    "notice".to_owned()
}

inventory::submit!(Samples { to: MailAudience::Team, place: 40, mails: samples });

fn samples(_at: Timestamp) -> Vec<Template> {
    let notice = Notice {
        kind: "dispute_opened".to_owned(),
        name: NAME.to_owned(),
        title: "A guest disputes ₹1,000".to_owned(),
        message: "For Lantern Night. Add evidence before the bank’s deadline.".to_owned(),
        href: format!("/disputes/{}", Uuid::nil()),
    };
    vec![notice.into()]
}

impl Says for Notice {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        vec![
            ("name", self.name.clone()),
            ("title", self.title.clone()),
            ("message", self.message.clone()),
            ("href", self.href.clone()),
        ]
    }
    fn logged_as(&self) -> Option<&str> {
        Some(&self.kind)
    }
}
