//! What changes too often for an event each, such as a job on its way or the doors of an event: it is looked at while
//! somebody watches, once a second for all streams of a process, and told when it is another than before.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use moka::future::Cache;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::app::App;
use crate::kernel::components::{Component, Made};
use crate::kernel::config::Config;
use crate::kernel::error::{Error, Result, invalid_input};
use crate::kernel::permissions::Permission;

/// How to look at something; register with `inventory::submit!`.
pub struct Look {
    /// What streams call it: `job`, or `job:<id>`.
    pub name: &'static str,
    /// Who sees it.
    pub sees: Sees,
    /// What there is to know of it; the id is nil where none was named. Small: it is compared and sent.
    pub state: for<'a> fn(&'a mut PgConnection, Uuid) -> BoxFuture<'a, Result<Value>>,
}
inventory::collect!(Look);

/// Who sees what is looked at.
pub enum Sees {
    /// Those who hold this permission everywhere.
    Holders(Permission),
    /// The team member whose id it is named by.
    Own,
}

/// How long what was seen serves every stream that asks.
const FRESH: Duration = Duration::from_millis(800);

/// What was seen lately.
pub struct Looks(Cache<(&'static str, Uuid), Value>);

impl Made for Looks {
    fn made(_: &Config) -> Result<Self> {
        Ok(Self(Cache::builder().max_capacity(10_000).time_to_live(FRESH).build()))
    }
}
inventory::submit!(Component::of::<Looks>());

/// Something a stream watches.
pub(super) struct Watched {
    pub look: &'static Look,
    pub id: Uuid,
    /// The caller may see it, as far as is known.
    pub visible: bool,
    /// As it was told last.
    pub told: Option<Value>,
}

impl Watched {
    /// What this word of a subscription stands for, if for anything that is looked at.
    pub fn of(word: &str) -> Result<Option<Self>> {
        let (name, id) = word.split_once(':').map_or((word, None), |(name, id)| (name, Some(id)));
        let Some(look) = inventory::iter::<Look>().find(|look| look.name == name) else {
            return match id {
                Some(_) => Err(invalid_input().field("types", format!("{name} cannot be watched"))),
                None => Ok(None),
            };
        };
        let id = match id.map(str::parse::<Uuid>) {
            Some(Ok(id)) => id,
            Some(Err(_)) => return Err(invalid_input().field("types", format!("{name} needs an id after the colon"))),
            None => Uuid::nil(),
        };
        Ok(Some(Self { look, id, visible: false, told: None }))
    }

    /// Looks; what there is if it is another than was told.
    pub async fn news(&mut self, app: &Arc<App>) -> Result<Option<Value>> {
        let load = async {
            let mut db = app.reader.acquire().await?;
            (self.look.state)(&mut db, self.id).await
        };
        let state = app.component::<Looks>().0.try_get_with((self.look.name, self.id), load).await;
        let state = state.map_err(|error: Arc<Error>| (*error).clone())?;
        Ok((self.told.as_ref() != Some(&state)).then(|| self.told.insert(state).clone()))
    }
}
