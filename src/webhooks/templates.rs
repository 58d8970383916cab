//! The mail to whoever answers for an endpoint.

use uuid::Uuid;

use crate::kernel::app::App;
use crate::kernel::timestamp::Timestamp;
use crate::notify::samples::NAME;
use crate::notify::{MailAudience, Samples, Says, Template, Values, mails};
use crate::organisation::Organisation;

mails! {
    /// An endpoint was disabled because nothing could be delivered to it.
    WebhookDisabled "webhook_disabled" {
        /// Whom it greets.
        name: String,
        /// Its id.
        endpoint: Uuid,
        /// Where it lies.
        url: String,
        /// Why.
        reason: String,
    }
}

inventory::submit!(Samples { to: MailAudience::Team, place: 30, mails: samples });

fn samples(_at: Timestamp) -> Vec<Template> {
    let (url, reason) = ("https://hooks.example.com/eventify".to_owned(), "Ten messages in a row failed.".to_owned());
    vec![WebhookDisabled { name: NAME.to_owned(), endpoint: Uuid::nil(), url, reason }.into()]
}

impl Says for WebhookDisabled {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        vec![
            ("name", self.name.clone()),
            ("endpoint", self.endpoint.to_string()),
            ("url", self.url.clone()),
            ("reason", self.reason.clone()),
        ]
    }
}
