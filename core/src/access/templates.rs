//! The mails about accounts and their roles.

use uuid::Uuid;

use super::links::{self, Purpose};
use crate::kernel::app::App;
use crate::kernel::queues::Queue;
use crate::kernel::timestamp::Timestamp;
use crate::notify::samples::NAME;
use crate::notify::{MailAudience, Samples, Says, Template, Values, mails};
use crate::organisation::Organisation;

mails! {
    /// Somebody was invited to the team.
    Invitation "invitation" {
        /// Whom it greets.
        name: String,
        /// Who invited.
        invited_by: String,
        /// Which role awaits; may be empty.
        role: String,
        /// The partner whose records they will look after, where that is all.
        #[serde(default)]
        partner: Option<String>,
        /// The row of the link.
        link: Uuid,
    }
    /// Somebody asked for a new password.
    PasswordReset "password_reset" {
        /// Whom it greets.
        name: String,
        /// The row of the link.
        link: Uuid,
    }
    /// The password was changed.
    PasswordChanged "password_changed" {
        /// Whom it greets.
        name: String,
        /// When.
        at: Timestamp,
        /// The same by the clocks of whoever reads it; mails that an older version queued do not say it.
        #[serde(default)]
        told: Option<String>,
    }
    /// The address was changed; goes to the old one.
    EmailChanged "email_changed" {
        /// Whom it greets.
        name: String,
        /// When.
        at: Timestamp,
        /// The same by the clocks of whoever reads it; mails that an older version queued do not say it.
        #[serde(default)]
        told: Option<String>,
    }
    /// Somebody who has an account may work for a partner now.
    PartnerAccess "partner_access" {
        /// Whom it greets.
        name: String,
        /// Who gave it.
        invited_by: String,
        /// To which partner.
        partner: String,
    }
    /// Sessions were ended because an old token was used again.
    SessionsEnded "sessions_ended" {
        /// Whom it greets.
        name: String,
        /// When.
        at: Timestamp,
        /// The same by the clocks of whoever reads it; mails that an older version queued do not say it.
        #[serde(default)]
        told: Option<String>,
    }
    /// Too many wrong passwords.
    AccountLocked "account_locked" {
        /// Whom it greets.
        name: String,
        /// Where the last attempt came from.
        ip: String,
        /// When it opens again.
        until: Timestamp,
        /// The same by the clocks of whoever reads it; mails that an older version queued do not say it.
        #[serde(default)]
        told: Option<String>,
    }
    /// A sign-in from a device never seen before.
    NewDeviceSignIn "new_device_sign_in" {
        /// Whom it greets.
        name: String,
        /// What kind of device.
        platform: String,
        /// From where.
        ip: String,
        /// When.
        at: Timestamp,
        /// The same by the clocks of whoever reads it; mails that an older version queued do not say it.
        #[serde(default)]
        told: Option<String>,
    }
}

inventory::submit!(Samples { to: MailAudience::Team, place: 10, mails: to_team });
inventory::submit!(Samples { to: MailAudience::Partners, place: 60, mails: to_partners });

/// A moment as its reader is told it.
fn told(told: Option<&String>, at: Timestamp) -> String {
    told.cloned().unwrap_or_else(|| at.display_utc())
}

fn to_team(at: Timestamp) -> Vec<Template> {
    let name = || NAME.to_owned();
    let (invited_by, role) = ("Asha Rao".to_owned(), "Gate Staff at Lantern Night".to_owned());
    let (ip, platform) = (|| "203.0.113.9".to_owned(), "Mac".to_owned());
    let told = || Some("Fri 27 Nov 2026, 20:14 (Asia/Kolkata)".to_owned());
    vec![
        Invitation { name: name(), invited_by, role, partner: None, link: Uuid::nil() }.into(),
        PasswordReset { name: name(), link: Uuid::nil() }.into(),
        PasswordChanged { name: name(), at, told: told() }.into(),
        EmailChanged { name: name(), at, told: told() }.into(),
        SessionsEnded { name: name(), at, told: told() }.into(),
        AccountLocked { name: name(), ip: ip(), until: at, told: told() }.into(),
        NewDeviceSignIn { name: name(), platform, ip: ip(), at, told: told() }.into(),
    ]
}

fn to_partners(_at: Timestamp) -> Vec<Template> {
    let (invited_by, of) = (|| "Asha Rao".to_owned(), "Harbour & Sons".to_owned());
    let (role, partner, link) = (format!("Partner at {of}"), Some(of.clone()), Uuid::nil());
    vec![
        Invitation { name: NAME.to_owned(), invited_by: invited_by(), role, partner, link }.into(),
        PartnerAccess { name: NAME.to_owned(), invited_by: invited_by(), partner: of }.into(),
    ]
}

impl Says for Invitation {
    fn values(&self, app: &App, organisation: &Organisation) -> Values {
        let role = &self.role;
        // Of a partner's own people the partner says all.
        let as_role = match role.is_empty() || self.partner.is_some() {
            true => String::new(),
            false => format!(" as {role}"),
        };
        let to_what = match &self.partner {
            Some(partner) => format!("manage {partner} on {}", organisation.name),
            None => format!("join {}", organisation.name),
        };
        vec![
            ("name", self.name.clone()),
            ("invited_by", self.invited_by.clone()),
            ("as_role", as_role),
            ("to_what", to_what),
            ("link", links::url(app, self.link, Purpose::Invitation)),
        ]
    }
    fn queue(&self) -> Queue {
        Queue::Urgent
    }
}

impl Says for PasswordReset {
    fn values(&self, app: &App, _house: &Organisation) -> Values {
        vec![("name", self.name.clone()), ("link", links::url(app, self.link, Purpose::PasswordReset))]
    }
    fn queue(&self) -> Queue {
        Queue::Urgent
    }
}

impl Says for PasswordChanged {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        vec![("name", self.name.clone()), ("at", told(self.told.as_ref(), self.at))]
    }
    fn queue(&self) -> Queue {
        Queue::Urgent
    }
}

impl Says for EmailChanged {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        vec![("name", self.name.clone()), ("at", told(self.told.as_ref(), self.at))]
    }
    fn queue(&self) -> Queue {
        Queue::Urgent
    }
}

impl Says for PartnerAccess {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        vec![("name", self.name.clone()), ("invited_by", self.invited_by.clone()), ("partner", self.partner.clone())]
    }
}

impl Says for SessionsEnded {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        vec![("name", self.name.clone()), ("at", told(self.told.as_ref(), self.at))]
    }
    fn queue(&self) -> Queue {
        Queue::Urgent
    }
}

impl Says for AccountLocked {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        vec![("name", self.name.clone()), ("ip", self.ip.clone()), ("until", told(self.told.as_ref(), self.until))]
    }
    fn queue(&self) -> Queue {
        Queue::Urgent
    }
}

impl Says for NewDeviceSignIn {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        vec![
            ("name", self.name.clone()),
            ("platform", self.platform.clone()),
            ("ip", self.ip.clone()),
            ("at", told(self.told.as_ref(), self.at)),
        ]
    }
    fn queue(&self) -> Queue {
        Queue::Urgent
    }
}
