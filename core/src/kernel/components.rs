//! What stands on the kernel and yet takes part in each of its calls: who recognises callers, who remembers what was done,
//! and what the platform keeps in every process.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use sqlx::PgConnection;

use super::caller::Caller;
use super::config::Config;
use super::error::{Result, internal};
use super::registry::Access;
use super::request::Request;

/// What the platform answers.
pub type Answer<'a, T> = BoxFuture<'a, Result<T>>;

/// Who recognises callers; register with `inventory::submit!`.
pub struct Recognises {
    /// The caller as it was at most a second ago, for an operation that is open to these.
    pub cached: for<'a> fn(&'a Request, &'a [Access]) -> Answer<'a, Arc<Caller>>,
    /// The caller as it is in this transaction.
    pub fresh: for<'a> fn(&'a Request, &'a [Access], &'a mut PgConnection) -> Answer<'a, Caller>,
}
inventory::collect!(Recognises);

/// Who recognises callers.
pub fn recogniser() -> Result<&'static Recognises> {
    inventory::iter::<Recognises>().next().ok_or_else(|| internal().internal("nobody recognises callers"))
}

/// Who remembers what was done; register with `inventory::submit!`.
pub struct Remembers {
    /// Who of the team changed a record last, by name.
    pub last_to_change: for<'a> fn(&'a mut PgConnection, &'a str) -> Answer<'a, Option<String>>,
}
inventory::collect!(Remembers);

/// Who of the team changed a record last, by name.
pub async fn last_to_change(db: &mut PgConnection, object_id: &str) -> Result<Option<String>> {
    match inventory::iter::<Remembers>().next() {
        Some(memory) => (memory.last_to_change)(db, object_id).await,
        None => Ok(None),
    }
}

/// Something that every process keeps one of, such as a mailer; register with `inventory::submit!`.
pub struct Component {
    kind: fn() -> TypeId,
    make: fn(&Config) -> Result<Box<dyn Any + Send + Sync>>,
}
inventory::collect!(Component);

/// What can be a part.
pub trait Made: Any + Send + Sync + Sized {
    /// Makes it by the settings.
    fn made(config: &Config) -> Result<Self>;
}

impl Component {
    /// A part of this type.
    pub const fn of<T: Made>() -> Self {
        Self { kind: TypeId::of::<T>, make: |config| Ok(Box::new(T::made(config)?)) }
    }
}

/// What the platform keeps in a process: one of each registered part.
pub struct Registry(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Registry {
    /// Makes all of them.
    pub(super) fn make(config: &Config) -> Result<Self> {
        let made = inventory::iter::<Component>().map(|part| Ok(((part.kind)(), (part.make)(config)?)));
        Ok(Self(made.collect::<Result<_>>()?))
    }

    /// The part of this type.
    ///
    /// # Panics
    ///
    /// If it was never registered, which the first start would show.
    pub fn get<T: Made>(&self) -> &T {
        let part = self.0.get(&TypeId::of::<T>()).and_then(|part| part.downcast_ref());
        part.unwrap_or_else(|| panic!("{} is no registered part", std::any::type_name::<T>()))
    }
}
