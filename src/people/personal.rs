//! What areas hold of a person: each registers how it gathers that for an export, and how it erases it.

use futures::future::BoxFuture;
use serde_json::Value;

use super::EndUserId;
use crate::audit::Trace;
use crate::kernel::context::Tx;
use crate::kernel::error::Result;

/// Somebody, as they were known before anything was erased.
pub struct Person {
    /// Their account.
    pub id: EndUserId,
    /// The number they sign in with.
    pub phone: Option<String>,
    /// The email address they gave.
    pub email: Option<String>,
    /// Whether it has proven to be theirs.
    pub email_verified: bool,
}

impl Person {
    /// The address that is known to be theirs: what others have noted of it is about them. One that is not confirmed may
    /// be a stranger's.
    pub fn own_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_verified)
    }
}

/// One area's part of what is held of people.
pub struct PersonalData {
    /// What an export calls it.
    pub name: &'static str,
    /// All of it, for the person to read.
    pub gather: for<'t> fn(&'t mut Tx, &'t Person) -> BoxFuture<'t, Result<Value>>,
    /// Takes it away, in the transaction that erases the person; answers whose recorded values go as well. What the
    /// law or somebody else's books need stays, without a name.
    pub erase: for<'t> fn(&'t mut Tx, &'t Person) -> BoxFuture<'t, Result<Vec<Trace>>>,
}
inventory::collect!(PersonalData);

impl PersonalData {
    /// Every area's part, in a fixed order.
    pub fn all() -> Vec<&'static PersonalData> {
        let mut all: Vec<_> = inventory::iter::<PersonalData>().collect();
        all.sort_by_key(|part| part.name);
        all
    }
}
