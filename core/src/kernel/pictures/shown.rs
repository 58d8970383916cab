//! Pictures of ours as browsers take them: WebP where the caller says that it knows it, in the size that is shown. They
//! are made of what is stored when they are first wanted, and kept in memory while they are. A stored picture never
//! changes, so nothing has to be forgotten.

use std::sync::LazyLock;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS};
use axum::response::Response;
use moka::future::Cache;
use operation::Answer;

use super::{Fault, GALLERY, Shape, decode, failed, jpeg, shaped, webp, worked_at};
use crate::kernel::app::App;
use crate::kernel::context::RequestContext;
use crate::kernel::error::{Error, Result, internal, not_found};

/// A picture as it is stored.
pub struct Stored<'a> {
    pub key: &'a str,
    pub media_type: &'a str,
}

/// How it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// The stored file itself.
    File,
    /// All of it.
    Full,
    /// In another shape.
    In(Shape),
}

/// What may be kept, in bytes: some hundreds of pictures.
const KEPT: u64 = 64 << 20;
/// How long without anybody asking for it.
const IDLE: Duration = Duration::from_secs(3600);

type Key = (String, Wanted, bool);

static MADE: LazyLock<Cache<Key, Bytes>> = LazyLock::new(|| {
    let weight = |_: &Key, bytes: &Bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    Cache::builder().max_capacity(KEPT).weigher(weight).time_to_idle(IDLE).build()
});

/// The answer with the picture; `keep` says who may keep it, and how long.
pub async fn answer(cx: &RequestContext, stored: Stored<'_>, wanted: Wanted, keep: &str) -> Result<Answer> {
    let is_as_stored = matches!(wanted, Wanted::File | Wanted::Full);
    let (media_type, body) = match wanted != Wanted::File && cx.request.takes_webp {
        true => ("image/webp", Body::from(of(cx.app(), stored.key, wanted, true).await?)),
        false if is_as_stored => (stored.media_type, cx.app().storage.read(stored.key).await?.ok_or_else(not_found)?),
        false => ("image/jpeg", Body::from(of(cx.app(), stored.key, wanted, false).await?)),
    };
    let response = Response::builder()
        .header(CONTENT_TYPE, media_type)
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(CONTENT_SECURITY_POLICY, "default-src 'none'")
        .header(CACHE_CONTROL, keep)
        .header(VARY, ACCEPT.as_str())
        .body(body)
        .map_err(failed)?;
    Ok(Answer { response })
}

/// The picture under `key`, made anew. Whoever asks while it is being made gets the same one.
async fn of(app: &App, key: &str, wanted: Wanted, as_webp: bool) -> Result<Bytes> {
    let make = async {
        let made =
            worked_at(&GALLERY, app, key, move |bytes| remade(bytes, wanted, as_webp)).await?.ok_or_else(not_found)?;
        let made = made.map_err(|fault| internal().internal(format!("a picture of ours is none: {fault:?}")))?;
        Ok::<_, Error>(Bytes::from(made))
    };
    MADE.try_get_with((key.to_owned(), wanted, as_webp), make).await.map_err(|error| (*error).clone())
}

fn remade(bytes: &[u8], wanted: Wanted, as_webp: bool) -> Result<Vec<u8>, Fault> {
    let whole = decode(bytes)?;
    let picture = match wanted {
        Wanted::In(shape) => shaped(whole, shape),
        Wanted::File | Wanted::Full => whole,
    };
    if as_webp { webp::encode(&picture.into_rgb8()) } else { jpeg(&picture) }
}
