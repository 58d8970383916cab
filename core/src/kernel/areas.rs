//! The areas there are, for the parts of the platform that walk them all.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::app::App;
use super::audit;
use super::error::Result;
use super::wording;

/// Fills an area's tables with what the demo organisation has.
pub type Seed = for<'a> fn(&'a Arc<App>) -> BoxFuture<'a, Result<()>>;

/// What the platform is told of an area; register with `inventory::submit!`.
pub struct Area {
    /// Its folder, and the tag of its operations.
    pub name: &'static str,
    /// What its operations are about, for the documentation.
    pub about: &'static str,
    /// What its fields mean where their own documentation does not say: see `core/src/kernel/openapi/fields.rs`.
    pub fields: &'static str,
    /// What it calls its own, for people.
    pub words: &'static wording::Area,
    /// Its part of the demo, and where it stands among the others: each uses what those before it have made.
    pub demo: Option<(u8, Seed)>,
}
inventory::collect!(Area);

impl Area {
    /// An area, and what its operations are about.
    pub const fn new(name: &'static str, about: &'static str) -> Self {
        Self { name, about, fields: "", words: &wording::Area::NONE, demo: None }
    }

    /// With what its fields mean.
    pub const fn fields(self, fields: &'static str) -> Self {
        Self { fields, ..self }
    }

    /// With what it calls its own.
    pub const fn words(self, words: &'static wording::Area) -> Self {
        Self { words, ..self }
    }

    /// With its part of the demo.
    pub const fn demo(self, step: u8, seed: Seed) -> Self {
        Self { demo: Some((step, seed)), ..self }
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = &'static Area> {
        inventory::iter::<Area>()
    }
}

/// Fills the tables of all areas for the demo, each after those it stands on.
pub async fn seed_demo(app: &Arc<App>) -> Result<()> {
    let mut demos: Vec<_> = Area::all().filter_map(|area| area.demo).collect();
    demos.sort_by_key(|(step, _)| *step);
    let all = async {
        for (_, seed) in demos {
            seed(app).await?;
        }
        Ok(())
    };
    audit::in_order_of_time(app, all).await
}
