//! Covers for cards and lists: made of the cover when they are first wanted, and kept in memory while they are. A cover
//! never changes once it is made, so nothing has to be forgotten.

use std::sync::LazyLock;

use axum::body::Bytes;
use moka::future::Cache;

use super::ImageSize;
use crate::kernel::app::App;
use crate::kernel::error::{Error, Result, internal, not_found};
use crate::kernel::pictures::{self, Shape};

const SMALL: &[Shape] = &[Shape::Filled(480, 252)];
const TINY: &[Shape] = &[Shape::Filled(160, 84)];

/// What may be kept, in bytes: some hundreds of covers.
const KEPT: u64 = 8 << 20;

static MADE: LazyLock<Cache<(String, ImageSize), Bytes>> = LazyLock::new(|| {
    let weight = |_: &(String, ImageSize), bytes: &Bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    Cache::builder().max_capacity(KEPT).weigher(weight).build()
});

/// The cover under `key` in this size. Whoever asks while it is being made gets the same one.
pub async fn of(app: &App, key: &str, size: ImageSize) -> Result<Bytes> {
    let shapes = if size == ImageSize::Tiny { TINY } else { SMALL };
    let make = async {
        let made = pictures::render(app, key, shapes).await?.ok_or_else(not_found)?;
        let made = made.map_err(|_| internal().internal("a cover of ours is no picture"))?;
        let file = made.files.into_iter().next().ok_or_else(|| internal().internal("one shape makes one file"))?;
        Ok::<_, Error>(Bytes::from(file))
    };
    MADE.try_get_with((key.to_owned(), size), make).await.map_err(|error| (*error).clone())
}
