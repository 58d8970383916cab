//! The demo's crew: what one of them has handed in.

use std::sync::Arc;

use time::Duration;

use super::talent::specimen;
use crate::events::Event;
use crate::kernel::app::App;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::planning::{CrewDocument, CrewDocumentId, CrewDocumentKind, CrewMember, sql};

/// A contract, and a certificate that expires two days before the event they work at.
pub async fn papers(tx: &mut Tx, app: &Arc<App>, member: &CrewMember, event: &Event) -> Result<()> {
    let now = tx.now;
    let day = event.start_at.plus(-Duration::days(2)).rfc3339().chars().take(10).collect();
    for (kind, name, expires_on) in [
        (CrewDocumentKind::Contract, "contract.pdf", None),
        (CrewDocumentKind::Certificate, "working-at-height.pdf", Some(day)),
    ] {
        let folder = format!("staff/{}", member.id);
        let file = specimen(tx, app, &folder, (kind.title(), &member.full_name)).await?;
        let document = CrewDocument {
            id: CrewDocumentId::new(),
            staff_id: member.id,
            kind,
            file_name: name.to_owned(),
            media_type: file.media_type.to_owned(),
            size_bytes: file.size_bytes,
            expires_on,
            is_expired: false,
            uncovered: None,
            uploaded_at: now,
            version: 1,
        };
        sql::crew_document_insert(tx.conn(), &document, &file, None).await?;
        tx.audit_created("staff_document.uploaded", &document);
    }
    Ok(())
}
