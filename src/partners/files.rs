//! What a file is by its own bytes, and the removal of files that nobody kept.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::Duration;
use uuid::Uuid;

use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::files;
use crate::kernel::jobs::{Job, Pending};
use crate::kernel::pictures;
use crate::kernel::timestamp::Timestamp;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::ops::periodic::{HOUR, Periodic};

/// The media type, if it is one that is taken: PDF, PNG or JPEG.
pub fn sniff(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"%PDF-1.") || head.starts_with(b"%PDF-2.") {
        return Some("application/pdf");
    }
    pictures::sniff(head).filter(|kind| *kind != "image/webp")
}

/// How long an upload may take before its file counts as left behind.
const GRACE: Duration = Duration::hours(6);

/// Removes files that were written, or begun, but never kept.
#[derive(Serialize, Deserialize)]
struct SweepFiles;
impl Job for SweepFiles {
    const TYPE: &'static str = "partners.sweep_files";
    const ATTEMPTS: i32 = 3;
}
inventory::submit!(JobHandler::of::<SweepFiles>());
inventory::submit!(Periodic::new::<SweepFiles>("sweep.stored_files", HOUR, || Pending::new(&SweepFiles)));

impl Run for SweepFiles {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        sweep(&app).await?;
        Ok(())
    }
}

/// Removes what was left behind; answers how many files that were.
pub async fn sweep(app: &App) -> Result<u64> {
    let before = Timestamp(app.clock.now().0 - GRACE);
    let (mut removed, mut last) = (0, Uuid::nil());
    loop {
        // The row stays locked while its object goes: an upload that still ends must find it gone.
        let mut tx = app.begin().await?;
        let Some(orphan) = files::orphan_lock(&mut tx, before, last).await? else { return Ok(removed) };
        last = orphan.id;
        app.storage.remove(&orphan.storage_key).await?;
        files::delete(&mut tx, orphan.id).await?;
        tx.commit().await?;
        removed += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::upload::HEAD;

    const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";

    #[test]
    fn the_bytes_decide() {
        assert_eq!(sniff(PDF), Some("application/pdf"));
        assert_eq!(sniff(PNG), Some("image/png"));
        assert_eq!(sniff(JPEG), Some("image/jpeg"));
        for other in
            [b"GIF89a".as_slice(), b"<svg xmlns=", b"PK\x03\x04", b"MZ\x90\0", b"<!doctype html>", b"", b"%PDF"]
        {
            assert_eq!(sniff(other), None, "{other:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn mutated_files_are_never_taken_for_another_type(
            which in 0..3_usize,
            cut in 0..64_usize,
            changes in proptest::collection::vec((0..64_usize, any::<u8>()), 0..6),
        ) {
            let (original, kind) = [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")][which];
            let mut bytes = original.to_vec();
            for (at, byte) in changes {
                if let Some(slot) = bytes.get_mut(at) {
                    *slot = byte;
                }
            }
            bytes.truncate(original.len().min(original.len().saturating_sub(cut).max(1)));
            let told = sniff(&bytes);
            prop_assert!(told.is_none() || told == Some(kind), "{told:?}");
        }

        #[test]
        fn random_bytes_never_crash_it(bytes in proptest::collection::vec(any::<u8>(), 0..HEAD)) {
            let told = sniff(&bytes);
            prop_assert!(told.is_none() || bytes.starts_with(b"%PDF-") || bytes.starts_with(b"\x89PNG")
                || bytes.starts_with(b"\xff\xd8\xff"));
        }
    }
}
