//! Taking in a document: one form, read as it comes, its file handed on in chunks.

use std::time::Duration;

use aws_lc_rs::digest;
use axum::body::Bytes;
use multer::{Constraints, Field, Multipart, SizeLimit};
use sqlx::PgConnection;
use uuid::Uuid;

use super::files::{HEAD, sniff};
use super::{DocumentType, PartnerId, sql};
use crate::kernel::app::App;
use crate::kernel::clock::new_uuid;
use crate::kernel::context::Cx;
use crate::kernel::error::{Error, Result, body_too_large, internal, invalid_input, malformed_multipart, try_again};
use crate::kernel::storage::Writer;
use crate::kernel::timestamp::Timestamp;

/// What a form needs beside its file.
const FORM: u64 = 64 * 1024;
/// Longest word in the field `type`.
const WORD: u64 = 64;
/// How long the sender may pause.
const PAUSE: Duration = Duration::from_secs(30);

/// A form that was taken in; its file is in storage but not kept yet.
pub struct Received {
    pub kind: DocumentType,
    pub file: StoredFile,
}

/// A file in storage.
pub struct StoredFile {
    pub id: Uuid,
    pub storage_key: String,
    pub file_name: String,
    pub media_type: &'static str,
    pub size_bytes: i64,
    pub sha256: [u8; 32],
}

/// The body as a form of these limits.
fn form(cx: &Cx, limit: u64, fields: &str) -> Result<Multipart<'static>> {
    if cx.request.content_length.is_some_and(|length| length > limit + FORM) {
        return Err(too_large(limit));
    }
    let boundary = cx.request.content_type.as_deref().and_then(|kind| multer::parse_boundary(kind).ok());
    let boundary =
        boundary.ok_or_else(|| malformed_multipart().detail(format!("Send multipart/form-data with {fields}.")))?;
    let body = cx.request.body.lock().ok().and_then(|mut slot| slot.take());
    let body = body.ok_or_else(|| internal().internal("the untouched body is not there"))?;
    let size = SizeLimit::new().whole_stream(limit + FORM).for_field("type", WORD).for_field("file", limit);
    let constraints = Constraints::new().size_limit(size);
    Ok(Multipart::with_constraints(body.into_data_stream(), boundary, constraints))
}

/// Takes in one picture, PNG or JPEG, from a form whose only field is `file`.
pub async fn receive_image(cx: &Cx, folder: &str) -> Result<StoredFile> {
    let limit = cx.app().config.upload_mib << 20;
    let mut form = form(cx, limit, "the field `file`")?;
    let field = patient(form.next_field(), limit).await?.filter(|field| field.name() == Some("file"));
    let field = field.ok_or_else(|| invalid_input().field("file", "is required, and the only field"))?;
    let file = store(cx, folder, field, limit).await?;
    let wrong = match patient(form.next_field(), limit).await {
        Err(error) => Some(error),
        Ok(Some(_)) => Some(invalid_input().field("file", "send one file at a time, and nothing else")),
        Ok(None) if file.media_type == "application/pdf" => {
            Some(invalid_input().field("file", "must be a PNG or JPEG by its content"))
        }
        Ok(None) => None,
    };
    match wrong {
        None => Ok(file),
        Some(error) => {
            discard(cx.app(), file.id).await;
            Err(error)
        }
    }
}

/// Keeps a file that was taken in, in the transaction that makes use of it.
pub async fn keep(db: &mut PgConnection, file: &StoredFile, now: Timestamp) -> Result<()> {
    match sql::file_keep(db, file.id, now).await? {
        true => Ok(()),
        false => Err(try_again().detail("The upload took too long; send it again.")),
    }
}

/// Gives a file that nobody uses any more to the sweeper.
pub async fn give_up(db: &mut PgConnection, id: Uuid) -> Result<()> {
    sql::file_give_up(db, id).await
}

/// Reads the form: fields `type` and `file`, in either order. Whatever is refused leaves no file behind.
pub async fn receive(cx: &Cx, partner: PartnerId) -> Result<Received> {
    let limit = cx.app().config.upload_mib << 20;
    let form = form(cx, limit, "the fields `type` and `file`")?;
    let mut file = None;
    match fields(cx, partner, form, limit, &mut file).await {
        Ok(kind) => match file {
            Some(file) => Ok(Received { kind, file }),
            None => Err(invalid_input().field("file", "is required")),
        },
        Err(error) => {
            if let Some(file) = file {
                discard(cx.app(), file.id).await;
            }
            Err(error)
        }
    }
}

async fn fields(
    cx: &Cx,
    partner: PartnerId,
    mut form: Multipart<'static>,
    limit: u64,
    file: &mut Option<StoredFile>,
) -> Result<DocumentType> {
    let mut kind = None;
    while let Some(field) = patient(form.next_field(), limit).await? {
        match field.name().unwrap_or_default() {
            "type" => {
                let word = patient(field.text(), limit).await?;
                kind = Some(
                    DocumentType::parse(&word)
                        .ok_or_else(|| invalid_input().field("type", "must be company_reg, pan, cheque or other"))?,
                );
            }
            "file" if file.is_none() => *file = Some(store(cx, &format!("partners/{partner}"), field, limit).await?),
            "file" => return Err(invalid_input().field("file", "send one file at a time")),
            other => return Err(invalid_input().field(other, "is not a known field: send `type` and `file`")),
        }
    }
    kind.ok_or_else(|| invalid_input().field("type", "is required"))
}

/// Hands a file on to storage; nothing is written before its type is known to be one that is taken.
async fn store(cx: &Cx, folder: &str, mut field: Field<'static>, limit: u64) -> Result<StoredFile> {
    let given = field.file_name().map(str::to_owned);
    let mut head = Vec::new();
    while head.len() < HEAD
        && let Some(chunk) = patient(field.chunk(), limit).await?
    {
        head.extend_from_slice(&chunk);
    }
    if head.is_empty() {
        return Err(invalid_input().field("file", "is empty"));
    }
    let media_type =
        sniff(&head).ok_or_else(|| invalid_input().field("file", "must be a PDF, PNG or JPEG by its content"))?;
    let id = new_uuid();
    let storage_key = format!("{folder}/{id}");
    sql::file_insert(&mut *cx.app().pool.acquire().await?, id, &storage_key, cx.now).await?;
    let mut writer = cx.app().storage.write(&storage_key).await?;
    let poured = match pour(head.into(), &mut field, &mut writer, limit).await {
        Ok(poured) => writer.finish().await.map(|()| poured),
        Err(error) => {
            writer.abandon().await;
            Err(error)
        }
    };
    match poured {
        Ok((size_bytes, sha256)) => {
            let file_name = safe_name(given.as_deref(), media_type);
            Ok(StoredFile { id, storage_key, file_name, media_type, size_bytes, sha256 })
        }
        Err(error) => {
            discard(cx.app(), id).await;
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

/// Removes a file that is not going to be kept. Where that fails, or it is not certain that nobody
/// keeps it, it is the sweeper's.
pub async fn discard(app: &App, id: Uuid) {
    let discarded = async {
        let mut tx = app.pool.begin().await?;
        if let Some(orphan) = sql::orphan_lock_one(&mut tx, id).await? {
            app.storage.remove(&orphan.storage_key).await?;
            sql::file_delete(&mut tx, id).await?;
            tx.commit().await?;
        }
        Ok::<_, Error>(())
    };
    if let Err(error) = discarded.await {
        tracing::warn!(file = %id, ?error, "a refused file is left to the sweeper");
    }
}

/// Waits for the sender, but not for ever.
async fn patient<T>(next: impl Future<Output = multer::Result<T>>, limit: u64) -> Result<T> {
    match tokio::time::timeout(PAUSE, next).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(multer::Error::FieldSizeExceeded { field_name: Some(name), .. })) if name == "type" => {
            Err(invalid_input().field("type", "must be company_reg, pan, cheque or other"))
        }
        Ok(Err(multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. })) => {
            Err(too_large(limit))
        }
        Ok(Err(error)) => Err(malformed_multipart().detail(format!("The form breaks off: {error}."))),
        Err(_) => Err(malformed_multipart().detail("Nothing more came for half a minute.")),
    }
}

fn too_large(limit: u64) -> Error {
    let most = format!("must have at most {} MiB", limit >> 20);
    body_too_large().detail(format!("The file {most}.")).field("file", most)
}

/// The last part of the name the sender gave it, with the ending of what it is.
fn safe_name(given: Option<&str>, media_type: &str) -> String {
    let last = given.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = |c: &char| c.is_alphanumeric() || " -_.,()&+'#@".contains(*c);
    let name: String = last.chars().filter(plain).take(120).collect();
    let (stem, ending) = name.trim().rsplit_once('.').unwrap_or((name.trim(), ""));
    let endings: &[&str] = match media_type {
        "application/pdf" => &["pdf"],
        "image/png" => &["png"],
        _ => &["jpg", "jpeg"],
    };
    let known = endings.iter().find(|known| known.eq_ignore_ascii_case(ending));
    let stem = if known.is_some() { stem } else { name.trim() };
    let stem = stem.trim_matches(['.', ' ']);
    format!("{}.{}", if stem.is_empty() { "document" } else { stem }, known.unwrap_or(&endings[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_end_as_they_are() {
        let name = |given: &str| safe_name(Some(given), "application/pdf");
        assert_eq!(name("PAN card.PDF"), "PAN card.pdf");
        assert_eq!(name("../../etc/passwd"), "passwd.pdf");
        assert_eq!(name("C:\\scans\\reg.exe"), "reg.exe.pdf");
        assert_eq!(name("a\u{202e}fdp\"\r\n.pdf"), "afdp.pdf");
        assert_eq!(name(" .. "), "document.pdf");
        assert_eq!(safe_name(None, "image/png"), "document.png");
        assert_eq!(safe_name(Some("x.jpeg"), "image/jpeg"), "x.jpeg");
    }
}
