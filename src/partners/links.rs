//! Links to files: signed for one document, for a few minutes.

use time::Duration;
use uuid::Uuid;

use super::{FileLink, FileQuery};
use crate::kernel::crypto::{Keys, base64url, from_base64url, same};
use crate::kernel::error::{Result, link_invalid};
use crate::kernel::timestamp::Timestamp;

/// How long a link works: long enough for a slow line, short enough to be worth nothing in a history.
const LIFE: Duration = Duration::minutes(5);

/// A kind of files that are fetched by links.
pub struct Files {
    /// Keeps its signatures apart from others'.
    pub purpose: &'static str,
    /// Under which path they are fetched.
    pub path: &'static str,
}

/// What partners have handed in.
pub const DOCUMENTS: Files = Files { purpose: "partner_document_link", path: "partner-documents" };

fn signature(keys: &Keys, files: &Files, id: Uuid, expires: i64, inline: bool) -> [u8; 32] {
    keys.derive(files.purpose, &[id.as_bytes(), &expires.to_be_bytes(), &[u8::from(inline)]])
}

/// A link that works from now on.
pub fn make(keys: &Keys, files: &Files, id: Uuid, inline: bool, now: Timestamp) -> FileLink {
    let expires_at = now.0 + LIFE;
    let expires_at = expires_at.replace_nanosecond(0).unwrap_or(expires_at);
    let expires = expires_at.unix_timestamp();
    let signature = base64url(&signature(keys, files, id, expires, inline));
    let url = format!("/api/v1/{}/{id}/file?expires={expires}&inline={inline}&signature={signature}", files.path);
    FileLink { url, expires_at: expires_at.into() }
}

/// Whether a link is ours, unchanged, and still good; 410 otherwise.
pub fn check(keys: &Keys, files: &Files, id: Uuid, link: &FileQuery, now: Timestamp) -> Result<()> {
    let given = from_base64url(&link.signature).unwrap_or_default();
    let genuine = same(&given, &signature(keys, files, id, link.expires, link.inline));
    if genuine && now.0.unix_timestamp() < link.expires { Ok(()) } else { Err(link_invalid()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_bound_to_all_it_says() {
        let (keys, now) = (Keys::new(&[7; 32]), Timestamp::parse("2026-11-21T20:14:00Z").unwrap());
        let (id, other) = (crate::kernel::clock::new_uuid(), Files { purpose: "another_link", ..DOCUMENTS });
        let url = make(&keys, &DOCUMENTS, id, true, now).url;
        let value = |name: &str| url.split(['?', '&']).find_map(|pair| pair.strip_prefix(name)).unwrap().to_owned();
        let expires = value("expires=").parse().unwrap();
        let link = FileQuery { expires, inline: true, signature: value("signature=") };
        assert!(check(&keys, &DOCUMENTS, id, &link, now).is_ok());
        assert!(check(&keys, &other, id, &link, now).is_err());
        assert!(check(&keys, &DOCUMENTS, crate::kernel::clock::new_uuid(), &link, now).is_err());
        assert!(check(&keys, &DOCUMENTS, id, &FileQuery { expires: expires + 1, ..link.clone() }, now).is_err());
        assert!(check(&keys, &DOCUMENTS, id, &FileQuery { inline: false, ..link.clone() }, now).is_err());
        assert!(check(&keys, &DOCUMENTS, id, &FileQuery { signature: String::new(), ..link.clone() }, now).is_err());
        assert!(check(&Keys::new(&[8; 32]), &DOCUMENTS, id, &link, now).is_err());
        assert!(check(&keys, &DOCUMENTS, id, &link, Timestamp(now.0 + LIFE)).is_err());
    }
}
