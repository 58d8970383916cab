//! What mails say of the event or the partner they are about.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::values::Values;
use crate::kernel::app::App;
use crate::kernel::timestamp::Timestamp;
use crate::notify::guests;

/// What a mail to a guest says of its event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventFacts {
    /// The event.
    pub event: Uuid,
    /// What it is called.
    pub title: String,
    /// What names it in addresses.
    pub slug: String,
    /// Its day and hour, there.
    pub when: String,
    /// Where it is.
    pub place: String,
    /// Until when its reader has time, there; mails that an older version queued do not say it.
    #[serde(default)]
    pub until: Option<String>,
    /// Its reader has an account whose email address is not confirmed: links lead to pages that ask for the phone, not to
    /// tickets that whoever has the link can show.
    #[serde(default)]
    pub account: bool,
    /// Who organises it.
    #[serde(default)]
    pub organiser: Option<String>,
    /// Where answers to a mail about it go, if not to the organisation.
    #[serde(default)]
    pub reply_to: Option<String>,
}

impl EventFacts {
    pub(super) fn tickets(&self, app: &App, attendee: Uuid, generation: i32) -> String {
        match self.account {
            true => format!("{}/my", app.config.base_url()),
            false => guests::url(app, attendee, generation),
        }
    }

    pub(super) fn until(&self, moment: Timestamp) -> String {
        self.until.clone().unwrap_or_else(|| moment.display_utc())
    }

    pub(super) fn values(&self, name: &str) -> Values {
        vec![
            ("name", name.to_owned()),
            ("title", self.title.clone()),
            ("slug", self.slug.clone()),
            ("when", self.when.clone()),
            ("place", self.place.clone()),
            ("organiser", self.organiser.clone().unwrap_or_default()),
        ]
    }
}

/// What a mail to a partner says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartnerFacts {
    /// The partner.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
}

impl PartnerFacts {
    pub(super) fn values(&self, name: &str) -> Values {
        vec![("name", name.to_owned()), ("partner", self.name.clone()), ("id", self.id.to_string())]
    }
}
