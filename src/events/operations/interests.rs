//! What people and events have in common: the list to choose from. [004 §2.2]

use operation::{FieldErrors, Validate, operation};
use serde::Serialize;

use crate::access::wire;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::kernel::text::{Note, Title};
use crate::people::InterestId;

#[cfg(feature = "ssr")]
use {
    crate::events::errors::interest_in_use,
    crate::events::{bus::InterestChanged, sql},
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::same_version,
    },
};

wire! {
    /// Something people and events have in common, as its editors see it.
    pub struct InterestRecord {
        pub id: InterestId,
        pub name: String,
        /// Its slug in URLs.
        pub slug: String,
        pub description: String,
        /// Whether it can be chosen.
        pub is_active: bool,
        pub version: i64,
    }

    /// An interest, and who has it.
    pub struct InterestUse {
        pub interest: InterestRecord,
        /// End users whose profile names it.
        pub people: i64,
        /// Events that name it.
        pub events: i64,
    }

    /// A new interest; its slug follows from the name.
    #[serde(deny_unknown_fields)]
    pub struct NewInterest {
        pub name: Title,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<Note>,
    }

    /// Changes to an interest; its slug stays.
    #[serde(deny_unknown_fields)]
    pub struct InterestPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<Title>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<Note>,
        /// False takes it out of the list; who has it keeps it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub is_active: Option<bool>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }
}

fn say(errors: &mut FieldErrors, message: &str) {
    errors.entry("name".to_owned()).or_default().push(message.to_owned());
}

impl Validate for NewInterest {
    fn check(&self, errors: &mut FieldErrors) {
        if !self.name.as_str().chars().any(char::is_alphanumeric) {
            say(errors, "must have a letter or digit");
        }
    }
}
impl Validate for InterestPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self.name.is_none() && self.description.is_none() && self.is_active.is_none() {
            say(errors, "change at least one field");
        }
    }
}

/// What names an interest in addresses: its name, and where that has other letters than Latin ones, enough of its id
/// to tell it from others.
#[cfg(feature = "ssr")]
fn slug(name: &str, id: InterestId) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
    let words: String = name.chars().map(plain).collect();
    let mut words: Vec<&str> = words.split_whitespace().collect();
    let id = id.0.simple().to_string();
    if name.chars().any(|c| !c.is_ascii() && c.is_alphanumeric()) {
        words.push(&id[20..]);
    }
    words.join("-")
}

/// List all interests, including archived ones
///
/// By name, with how many people and events have each.
#[operation(GET "/interests/all", staff = EventsRead)]
pub async fn interest_list_all(db: &mut Reader, query: Paging) -> Result<Page<InterestUse>> {
    let rows = sql::interest_list_all(db.conn()).await?;
    query.cut(db, "interests_all", (), rows, |row| row.interest.id.0)
}

/// Add an interest
#[operation(POST "/interests", staff = EventsManage, status = 201, errors(already_exists))]
pub async fn interest_create(tx: &mut Tx, input: NewInterest) -> Result<InterestRecord> {
    let id = InterestId::new();
    let interest = InterestRecord {
        id,
        slug: slug(input.name.as_str(), id),
        name: input.name.into(),
        description: input.description.map(String::from).unwrap_or_default(),
        is_active: true,
        version: 1,
    };
    sql::interest_insert(tx.conn(), &interest).await?;
    tx.audit_created("interest.created", &interest);
    tx.emit(&InterestChanged { interest_id: interest.id });
    Ok(interest)
}

/// Update or archive an interest
#[operation(PATCH "/interests/{id}", staff = EventsManage, errors(already_exists, conflict))]
pub async fn interest_update(tx: &mut Tx, id: InterestId, input: InterestPatch) -> Result<InterestRecord> {
    let before = sql::interest_lock(tx.conn(), id).await?;
    same_version(input.version, before.version, &before)?;
    let mut after = before.clone();
    after.name = input.name.map_or(after.name, String::from);
    after.description = input.description.map_or(after.description, String::from);
    after.is_active = input.is_active.unwrap_or(after.is_active);
    after.version += 1;
    sql::interest_update(tx.conn(), &after).await?;
    tx.audit("interest.updated", &before, &after);
    tx.emit(&InterestChanged { interest_id: id });
    Ok(after)
}

/// Delete an unused interest
///
/// Interests that people or events have can only be archived.
#[operation(DELETE "/interests/{id}", staff = EventsManage, errors(interest_in_use))]
pub async fn interest_delete(tx: &mut Tx, id: InterestId) -> Result<()> {
    let before = sql::interest_lock(tx.conn(), id).await?;
    if !sql::interest_delete(tx.conn(), id).await? {
        return Err(interest_in_use());
    }
    tx.audit_deleted("interest.deleted", &before);
    tx.emit(&InterestChanged { interest_id: id });
    Ok(())
}
