//! Taking in a file: one form, read as it comes, its file handed on to storage in chunks.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::digest;
use axum::body::Bytes;
use multer::{Constraints, Field, Multipart, SizeLimit};
use uuid::Uuid;

use super::context::RequestContext;
use super::error::{Error, Result, body_too_large, internal, invalid_input, malformed_multipart};
use super::files;
use super::storage::Writer;

/// What a form needs beside its file.
const FORM: u64 = 64 * 1024;
/// Longest text in a field that is not the file.
const WORD: u64 = 64;
/// How long the sender may pause.
const PAUSE: Duration = Duration::from_secs(30);
/// Bytes that are enough to tell the type.
pub const HEAD: usize = 64;

/// What a form may hold.
pub struct Accept<'a> {
    /// The fields beside `file`, each a short text.
    pub words: &'static [&'static str],
    /// Where files go: the beginning of their keys.
    pub folder: &'a str,
    /// The media type by the first [`HEAD`] bytes, if it is one that is taken.
    pub sniff: fn(&[u8]) -> Option<&'static str>,
    /// What the file must be, for people.
    pub must_be: &'static str,
    /// Largest file, in bytes.
    pub limit: u64,
}

/// A form that was taken in; its file is in storage but not kept yet.
pub struct Received {
    /// The texts by their fields.
    pub words: BTreeMap<&'static str, String>,
    /// The file.
    pub file: StoredFile,
}

/// A file in storage.
pub struct StoredFile {
    /// Its row.
    pub id: Uuid,
    /// Where its object is.
    pub storage_key: String,
    /// What the sender called it; not to be trusted.
    pub given_name: Option<String>,
    /// As its own bytes say.
    pub media_type: &'static str,
    /// Its size.
    pub size_bytes: i64,
    /// Its hash.
    pub sha256: [u8; 32],
}

/// Reads the form, its fields in any order. Whatever is refused leaves no file behind.
pub async fn receive(cx: &RequestContext, accept: &Accept<'_>) -> Result<Received> {
    let limit = accept.limit;
    if cx.request.content_length.is_some_and(|length| length > limit + FORM) {
        return Err(too_large(limit));
    }
    let boundary = cx.request.content_type.as_deref().and_then(|kind| multer::parse_boundary(kind).ok());
    let boundary = boundary.ok_or_else(|| {
        malformed_multipart().detail(format!("Send multipart/form-data with the fields {}.", known_fields(accept)))
    })?;
    let body = cx.request.body.lock().ok().and_then(|mut slot| slot.take());
    let body = body.ok_or_else(|| internal().internal("the untouched body is not there"))?;
    let mut size = SizeLimit::new().whole_stream(limit + FORM).for_field("file", limit);
    for word in accept.words {
        size = size.for_field(*word, WORD);
    }
    let constraints = Constraints::new().size_limit(size);
    let form = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
    let mut file = None;
    match fields(cx, accept, form, &mut file).await {
        Ok(words) => match file {
            Some(file) => Ok(Received { words, file }),
            None => Err(invalid_input().field("file", "is required")),
        },
        Err(error) => {
            if let Some(file) = file {
                files::discard(cx.app(), file.id).await;
            }
            Err(error)
        }
    }
}

fn known_fields(accept: &Accept<'_>) -> String {
    let words = accept.words.iter().chain(&["file"]).map(|word| format!("`{word}`"));
    words.collect::<Vec<_>>().join(" and ")
}

async fn fields(
    cx: &RequestContext,
    accept: &Accept<'_>,
    mut form: Multipart<'static>,
    file: &mut Option<StoredFile>,
) -> Result<BTreeMap<&'static str, String>> {
    let mut words = BTreeMap::new();
    while let Some(field) = patient(form.next_field(), accept.limit).await? {
        let name = field.name().unwrap_or_default();
        if let Some(word) = accept.words.iter().find(|word| **word == name) {
            words.insert(*word, patient(field.text(), accept.limit).await?);
            continue;
        }
        match name {
            "file" if file.is_none() => *file = Some(store(cx, accept, field).await?),
            "file" => return Err(invalid_input().field("file", "send one file at a time")),
            other => {
                let message = format!("is not a known field: send {}", known_fields(accept));
                return Err(invalid_input().field(other, message));
            }
        }
    }
    Ok(words)
}

/// Hands a file on to storage; nothing is written before its type is known to be one that is taken.
async fn store(cx: &RequestContext, accept: &Accept<'_>, mut field: Field<'static>) -> Result<StoredFile> {
    let given_name = field.file_name().map(str::to_owned);
    let mut head = Vec::new();
    while head.len() < HEAD
        && let Some(chunk) = patient(field.chunk(), accept.limit).await?
    {
        head.extend_from_slice(&chunk);
    }
    if head.is_empty() {
        return Err(invalid_input().field("file", "is empty"));
    }
    let media_type = (accept.sniff)(&head)
        .ok_or_else(|| invalid_input().field("file", format!("must be a {} by its content", accept.must_be)))?;
    let (id, storage_key) = files::begin(&mut *cx.app().pool.acquire().await?, accept.folder, cx.now).await?;
    let mut writer = cx.app().storage.write(&storage_key).await?;
    let poured = match pour(head.into(), &mut field, &mut writer, accept.limit).await {
        Ok(poured) => writer.finish().await.map(|()| poured),
        Err(error) => {
            writer.abandon().await;
            Err(error)
        }
    };
    match poured {
        Ok((size_bytes, sha256)) => Ok(StoredFile { id, storage_key, given_name, media_type, size_bytes, sha256 }),
        Err(error) => {
            files::discard(cx.app(), id).await;
            Err(error)
        }
    }
}

/// Size and hash of what went through.
async fn pour(head: Bytes, field: &mut Field<'static>, writer: &mut Writer, limit: u64) -> Result<(i64, [u8; 32])> {
    let mut hash = digest::Context::new(&digest::SHA256);
    let (mut size, mut next) = (0_i64, Some(head));
    while let Some(chunk) = next {
        size += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
        hash.update(&chunk);
        writer.add(chunk).await?;
        next = patient(field.chunk(), limit).await?;
    }
    Ok((size, hash.finish().as_ref().try_into().map_err(|_| internal())?))
}

/// Waits for the sender, but not for ever.
async fn patient<T>(next: impl Future<Output = multer::Result<T>>, limit: u64) -> Result<T> {
    match tokio::time::timeout(PAUSE, next).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(multer::Error::FieldSizeExceeded { field_name: Some(name), .. })) if name != "file" => {
            Err(invalid_input().field(name, format!("must have at most {WORD} characters")))
        }
        Ok(Err(multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. })) => {
            Err(too_large(limit))
        }
        Ok(Err(error)) => Err(malformed_multipart().detail(format!("The form is incomplete: {error}."))),
        Err(_) => Err(malformed_multipart().detail("No data was received for 30 seconds.")),
    }
}

fn too_large(limit: u64) -> Error {
    let most = format!("must have at most {} MiB", limit >> 20);
    body_too_large().detail(format!("The file {most}.")).field("file", most)
}
