//! What the page of one colleague is made of.

use eventify::access::{Activity, Assignment, Role, Session, Staff};
use eventify::kernel::timestamp::Timestamp;

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
    /// The latest of what happened.
    Overview(Vec<Activity>),
    Roles(Vec<Assignment>),
    Sessions(Vec<Session>),
    Activity(Vec<Activity>),
}

impl Tab {
    pub fn key(&self) -> &'static str {
        match self {
            Tab::Overview(_) => "overview",
            Tab::Roles(_) => "roles",
            Tab::Sessions(_) => "sessions",
            Tab::Activity(_) => "activity",
        }
    }
}
