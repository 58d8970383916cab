//! The demo's artists: what of their checklists is done, a rider, and the one who signs in.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use time::Duration;

use crate::access::demo::seed_artist;
use crate::events::Event;
use crate::kernel::app::App;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, internal};
use crate::kernel::files;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::upload::StoredFile;
use crate::partners::pdf;
use crate::planning::{
    Talent, TalentDocument, TalentDocumentId, TalentDocumentKind, TalentSlot, TalentTask, TalentTaskId, TaskKind,
    checklist, sql,
};

/// An artist's first slot at an event begins their checklist there.
pub async fn booked(tx: &mut Tx, slot: &TalentSlot) -> Result<()> {
    match sql::is_booked(tx.conn(), slot.talent_id, slot.event_id).await? {
        true => Ok(()),
        false => checklist::begin(tx, slot).await,
    }
}

/// What is done of it: at the next event the contract, and what the artist was asked for besides is late.
pub async fn worked_off(tx: &mut Tx, event: &Event, artist: &Talent) -> Result<()> {
    let now = tx.now;
    let bookings = sql::talent_bookings(tx.conn(), artist.id, now).await?;
    let tasks = bookings.into_iter().filter(|booking| booking.event_id == event.id).flat_map(|booking| booking.tasks);
    for task in tasks.filter(|task| matches!(task.kind, TaskKind::Contract | TaskKind::Travel)) {
        let done = TalentTask { done_at: Some(Timestamp(now.0 - Duration::days(2))), ..task.clone() };
        sql::task_update(tx.conn(), &done, None).await?;
        tx.audit("talent_task.updated", &task, &done);
    }
    let asked = TalentTask {
        id: TalentTaskId::new(),
        event_id: event.id,
        talent_id: artist.id,
        kind: TaskKind::Other,
        title: Some("Names for the guest list, 4 seats".to_owned()),
        due_at: Some(Timestamp(now.0 - Duration::hours(5))),
        done_at: None,
        note: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    sql::task_insert(tx.conn(), &asked).await?;
    tx.audit_created("talent_task.created", &asked);
    Ok(())
}

/// A page that says what it is and whose, kept as a file.
pub async fn specimen(tx: &mut Tx, app: &Arc<App>, folder: &str, (what, whose): (&str, &str)) -> Result<StoredFile> {
    let bytes = pdf::specimen(what, whose);
    let hash = digest(&SHA256, &bytes);
    let size_bytes = bytes.len() as i64;
    let (id, storage_key) = files::store(app, folder, bytes).await?;
    let now = tx.now;
    files::keep(tx.conn(), id, now).await?;
    Ok(StoredFile {
        id,
        storage_key,
        given_name: None,
        media_type: "application/pdf",
        size_bytes,
        sha256: hash.as_ref().try_into().map_err(|_| internal())?,
    })
}

/// Lets the artist sign in, and hands in what they need on stage.
pub async fn signs_in(tx: &mut Tx, app: &Arc<App>, artist: &Talent) -> Result<()> {
    let now = tx.now;
    seed_artist(tx.conn(), artist.id.0, now).await?;
    let folder = format!("talent/{}", artist.id);
    let file = specimen(tx, app, &folder, ("Technical rider", &artist.stage_name)).await?;
    let document = TalentDocument {
        id: TalentDocumentId::new(),
        talent_id: artist.id,
        kind: TalentDocumentKind::Technical,
        file_name: "technical-rider.pdf".to_owned(),
        media_type: file.media_type.to_owned(),
        size_bytes: file.size_bytes,
        uploaded_at: now,
        version: 1,
    };
    sql::talent_document_insert(tx.conn(), &document, &file, None).await?;
    tx.audit_created("talent_document.uploaded", &document);
    Ok(())
}
