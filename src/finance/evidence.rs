//! Taking in a file of evidence.

use super::{DisputeId, EvidenceKind};
use crate::kernel::context::RequestContext;
use crate::kernel::error::{Result, invalid_input};
use crate::kernel::files::discard;
use crate::kernel::upload::{self, Accept, StoredFile};
use crate::partners::{files::sniff, safe_name};

/// A form that was taken in; its file is in storage but not kept yet.
pub struct Received {
    /// The type of file.
    pub kind: EvidenceKind,
    /// The file.
    pub file: StoredFile,
    /// Its name.
    pub file_name: String,
}

/// Reads the form: fields `kind` and `file`, in either order. Whatever is refused leaves no file behind.
pub async fn receive(cx: &RequestContext, dispute: DisputeId) -> Result<Received> {
    let accept = Accept {
        words: &["kind"],
        folder: &format!("disputes/{dispute}"),
        sniff,
        must_be: "PDF, PNG or JPEG",
        limit: cx.app().config.upload_mib << 20,
    };
    let received = upload::receive(cx, &accept).await?;
    let word = received.words.get("kind").map(|word| word.trim());
    let kind = EvidenceKind::ALL.iter().find(|kind| Some(kind.as_str()) == word);
    match kind {
        Some(kind) => {
            let file_name = safe_name(received.file.given_name.as_deref(), received.file.media_type);
            Ok(Received { kind: *kind, file: received.file, file_name })
        }
        None => {
            discard(cx.app(), received.file.id).await;
            Err(invalid_input().field("kind", "must be receipt, correspondence, attendance, terms or other"))
        }
    }
}
