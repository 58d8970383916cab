//! What notify sends, on both sides of the wire.

use serde::{Deserialize, Serialize};

use crate::access::wire;

wire! {
    /// Who a mail goes to.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum MailAudience {
        /// Guests of events.
        Guests,
        /// Partners' contacts.
        Partners,
        /// Team members.
        Team,
    }

    /// A mail as it looks with sample data.
    pub struct MailTemplate {
        /// Its number in the list.
        pub number: i32,
        /// What it is, for programs; the invitation has one form for each audience.
        #[cfg_attr(feature = "ssr", schemars(example = &"tickets_issued"))]
        pub kind: String,
        /// Who it goes to.
        pub audience: MailAudience,
        /// Its subject.
        pub subject: String,
        /// Its plain text.
        pub text: String,
        /// What guests with only a phone get instead.
        pub text_message: Option<String>,
        /// Where its HTML is shown.
        pub preview_url: String,
    }
}

impl MailAudience {
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            MailAudience::Guests => "Guests",
            MailAudience::Partners => "Partners",
            MailAudience::Team => "Team",
        }
    }
}
