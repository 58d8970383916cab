//! Links to pictures and exports: signed for one file, for a while.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{ExportLink, ExportQuery, PictureId, PictureQuery, PictureSize, PrivacyRequestId};
use crate::kernel::crypto::{Keys, base64url, from_base64url, same};
use crate::kernel::error::{Result, link_invalid};
use crate::kernel::timestamp::Timestamp;

/// Picture links end at full hours, so that one hour's pages all show the same link and browsers keep the file.
const HOUR: i64 = 3600;
/// How long a link to an export works.
const EXPORT: Duration = Duration::minutes(5);

fn signature(keys: &Keys, id: Uuid, what: &str, expires: i64) -> [u8; 32] {
    keys.derive("people_file_link", &[id.as_bytes(), what.as_bytes(), &expires.to_be_bytes()])
}

fn check(keys: &Keys, id: Uuid, what: &str, expires: i64, given: &str, now: Timestamp) -> Result<()> {
    let given = from_base64url(given).unwrap_or_default();
    let genuine = same(&given, &signature(keys, id, what, expires));
    if genuine && now.0.unix_timestamp() < expires { Ok(()) } else { Err(link_invalid()) }
}

/// A link to a picture that works for at least an hour, at most two.
pub fn picture(keys: &Keys, id: PictureId, size: PictureSize, now: Timestamp) -> String {
    let expires = (now.0.unix_timestamp().div_euclid(HOUR) + 2) * HOUR;
    let signature = base64url(&signature(keys, id.0, size.as_str(), expires));
    format!("/api/v1/user-pictures/{id}/file?size={}&expires={expires}&signature={signature}", size.as_str())
}

/// Whether a link to a picture is ours, unchanged, and still good; 410 otherwise.
pub fn check_picture(keys: &Keys, id: PictureId, link: &PictureQuery, now: Timestamp) -> Result<()> {
    check(keys, id.0, link.size.as_str(), link.expires, &link.signature, now)
}

/// A link to an export.
pub fn export(keys: &Keys, id: PrivacyRequestId, now: Timestamp) -> ExportLink {
    let expires = (now.0 + EXPORT).unix_timestamp();
    let signature = base64url(&signature(keys, id.0, "export", expires));
    let expires_at = Timestamp(OffsetDateTime::from_unix_timestamp(expires).unwrap_or(now.0));
    ExportLink { url: format!("/api/v1/privacy/exports/{id}/file?expires={expires}&signature={signature}"), expires_at }
}

/// Whether a link to an export is ours, unchanged, and still good; 410 otherwise.
pub fn check_export(keys: &Keys, id: PrivacyRequestId, link: &ExportQuery, now: Timestamp) -> Result<()> {
    check(keys, id.0, "export", link.expires, &link.signature, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_bound_to_all_it_says() {
        let (keys, now) = (Keys::new(&[7; 32]), Timestamp::parse("2026-11-21T20:14:00Z").unwrap());
        let id = PictureId::new();
        let url = picture(&keys, id, PictureSize::Thumb, now);
        let value = |name: &str| url.split(['?', '&']).find_map(|pair| pair.strip_prefix(name)).unwrap().to_owned();
        let expires: i64 = value("expires=").parse().unwrap();
        assert_eq!(expires, Timestamp::parse("2026-11-21T22:00:00Z").unwrap().0.unix_timestamp());
        let link = PictureQuery { size: PictureSize::Thumb, expires, signature: value("signature=") };
        assert!(check_picture(&keys, id, &link, now).is_ok());
        assert!(check_picture(&keys, PictureId::new(), &link, now).is_err());
        assert!(check_picture(&keys, id, &PictureQuery { expires: expires + 1, ..link.clone() }, now).is_err());
        assert!(check_picture(&keys, id, &PictureQuery { size: PictureSize::Full, ..link.clone() }, now).is_err());
        assert!(check_picture(&Keys::new(&[8; 32]), id, &link, now).is_err());
        assert!(check_picture(&keys, id, &link, Timestamp(now.0 + Duration::hours(2))).is_err());
        // A picture's link opens no export.
        let other = ExportQuery { expires, signature: link.signature };
        assert!(check_export(&keys, PrivacyRequestId(id.0), &other, now).is_err());
    }
}
