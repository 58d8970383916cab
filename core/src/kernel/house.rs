//! What stands on the kernel and yet takes part in each of its calls: who recognises callers, who remembers what was done,
//! and what the house keeps in every process.

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

/// Tells who calls. One registers with `inventory::submit!(Recognises(&…))`.
pub trait Recognise: Sync {
    /// As it was at most a second ago, for an operation that is open to these.
    fn cached<'a>(&self, request: &'a Request, access: &'a [Access]) -> BoxFuture<'a, Result<Arc<Caller>>>;

    /// As it is in this transaction.
    fn fresh<'a>(
        &self,
        request: &'a Request,
        access: &'a [Access],
        db: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<Caller>>;
}

/// Who recognises callers.
pub struct Recognises(pub &'static dyn Recognise);
inventory::collect!(Recognises);

/// Who recognises callers.
pub fn recogniser() -> Result<&'static dyn Recognise> {
    let registered = inventory::iter::<Recognises>().next();
    Ok(registered.ok_or_else(|| internal().internal("nobody recognises callers"))?.0)
}

/// Finds by name who of the team changed a record last.
pub type LastToChange = for<'a> fn(&'a mut PgConnection, &'a str) -> BoxFuture<'a, Result<Option<String>>>;

/// Who remembers what was done; register with `inventory::submit!`.
pub struct Remembers {
    /// Who of the team changed a record last.
    pub last_to_change: LastToChange,
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
pub struct Part {
    kind: fn() -> TypeId,
    make: fn(&Config) -> Result<Box<dyn Any + Send + Sync>>,
}
inventory::collect!(Part);

/// Of what a part is made.
pub trait Made: Any + Send + Sync + Sized {
    /// Makes it by the settings.
    fn made(config: &Config) -> Result<Self>;
}

impl Part {
    /// A part of this type.
    pub const fn of<T: Made>() -> Self {
        Self { kind: TypeId::of::<T>, make: |config| Ok(Box::new(T::made(config)?)) }
    }
}

/// The parts of a process, one of each registered type.
pub struct Parts(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Parts {
    /// Makes all of them.
    pub(super) fn make(config: &Config) -> Result<Self> {
        let made = inventory::iter::<Part>().map(|part| Ok(((part.kind)(), (part.make)(config)?)));
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
