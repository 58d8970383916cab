//! Uploaded files: objects in a folder, or in a bucket that speaks S3.
//!
//! A row of `stored_files` stands before its object is written; the transaction that makes use of the
//! object keeps the row. Whatever ends in between leaves a row that was not kept, and the sweeper
//! removes object and row.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::body::Bytes;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};

use super::config::Config;
use super::error::{Error, Result, internal};

/// Bytes gathered before they are sent on; S3 takes no smaller parts but the last.
const PART: usize = 5 * 1024 * 1024;
/// Parts under way at a time: with [`PART`] the most one upload holds in memory.
const PARTS: usize = 2;

/// Where uploaded files are.
#[derive(Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
}

impl Storage {
    /// Opens what the settings name. A bucket is not asked before the first file.
    pub fn open(config: &Config) -> Result<Self> {
        let url = config.storage_url.as_deref();
        let store: Arc<dyn ObjectStore> = match url.filter(|url| url.starts_with("s3://")) {
            Some(url) => Arc::new(bucket(config, url)?),
            None => {
                let named = url.and_then(|url| url.strip_prefix("file://")).map(PathBuf::from);
                Arc::new(folder(&named.unwrap_or_else(|| config.data.join("files")))?)
            }
        };
        Ok(Self { store })
    }

    /// Begins to write an object; it is there once [`Writer::finish`] has succeeded.
    pub async fn write(&self, key: &str) -> Result<Writer> {
        let upload = self.store.put_multipart(&Key::from(key)).await.map_err(failed)?;
        Ok(Writer { upload: WriteMultipart::new_with_chunk_size(upload, PART) })
    }

    /// The object as a body that is read while it is sent; `None` if it is not there.
    pub async fn read(&self, key: &str) -> Result<Option<Body>> {
        match self.store.get(&Key::from(key)).await {
            Ok(object) => Ok(Some(Body::from_stream(object.into_stream()))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Removes an object; one that is not there is removed already.
    pub async fn remove(&self, key: &str) -> Result<()> {
        match self.store.delete(&Key::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

/// An object being written.
pub struct Writer {
    upload: WriteMultipart,
}

impl Writer {
    /// Adds bytes; waits where the store is slower than the sender.
    pub async fn add(&mut self, bytes: Bytes) -> Result<()> {
        self.upload.wait_for_capacity(PARTS).await.map_err(failed)?;
        self.upload.put(bytes);
        Ok(())
    }
    /// Everything was added.
    pub async fn finish(self) -> Result<()> {
        self.upload.finish().await.map_err(failed)?;
        Ok(())
    }
    /// Leaves nothing of it.
    pub async fn abandon(self) {
        if let Err(error) = self.upload.abort().await {
            tracing::warn!(%error, "could not clear away an unfinished upload");
        }
    }
}

fn bucket(config: &Config, url: &str) -> Result<impl ObjectStore> {
    let mut builder = AmazonS3Builder::from_env().with_url(url).with_region(&config.s3_region);
    if let Some(endpoint) = &config.s3_endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    if let (Some(key), Some(secret)) = (&config.s3_access_key_id, &config.s3_secret_access_key) {
        builder = builder.with_access_key_id(key).with_secret_access_key(secret);
    }
    builder.build().map_err(failed)
}

fn folder(path: &Path) -> Result<LocalFileSystem> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| internal().internal(format!("cannot make the folder {}: {error}", path.display())))?;
    LocalFileSystem::new_with_prefix(path).map_err(failed)
}

fn failed(error: object_store::Error) -> Error {
    internal().internal(format!("storage: {error}"))
}
