//! Taking in a document.

use super::files::sniff;
use super::{DocumentType, PartnerId};
use crate::kernel::context::RequestContext;
use crate::kernel::error::{Result, invalid_input};
use crate::kernel::files::discard;
use crate::kernel::upload::{self, Accept, StoredFile};

/// A form that was taken in; its file is in storage but not kept yet.
pub struct Received {
    pub kind: DocumentType,
    pub file: StoredFile,
    pub file_name: String,
}

/// Reads the form: fields `type` and `file`, in either order. Whatever is refused leaves no file behind.
pub async fn receive(cx: &RequestContext, partner: PartnerId) -> Result<Received> {
    let accept = Accept {
        words: &["type"],
        folder: &format!("partners/{partner}"),
        sniff,
        must_be: "PDF, PNG or JPEG",
        limit: cx.app().config.upload_mib << 20,
    };
    let received = upload::receive(cx, &accept).await?;
    let kind = match received.words.get("type") {
        None => Err("is required"),
        Some(word) => DocumentType::parse(word).ok_or("must be company_reg, pan, cheque or other"),
    };
    match kind {
        Ok(kind) => {
            let file_name = safe_name(received.file.given_name.as_deref(), received.file.media_type);
            Ok(Received { kind, file: received.file, file_name })
        }
        Err(message) => {
            discard(cx.app(), received.file.id).await;
            Err(invalid_input().field("type", message))
        }
    }
}

/// The last part of the name the sender gave it, with the ending of what it is.
pub fn safe_name(given: Option<&str>, media_type: &str) -> String {
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
