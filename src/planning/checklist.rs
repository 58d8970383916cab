//! The checklist that an artist's booking begins with.

use time::Duration;

use super::{TalentSlot, TalentTask, TalentTaskId, TaskKind, sql};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// Puts the usual on it. What should have been done before today is due in two days, and nothing
/// later than the slot.
pub async fn begin(tx: &mut Tx, slot: &TalentSlot) -> Result<()> {
    for kind in TaskKind::USUAL {
        let before = match kind {
            TaskKind::Contract => Duration::days(30),
            TaskKind::Travel | TaskKind::Hotel => Duration::days(14),
            TaskKind::SoundCheck | TaskKind::Other => Duration::hours(3),
        };
        let soonest = tx.now.plus(Duration::days(2));
        let due = Timestamp(slot.starts_at.0 - before).max(soonest).min(slot.starts_at);
        let task = TalentTask {
            id: TalentTaskId::new(),
            event_id: slot.event_id,
            talent_id: slot.talent_id,
            kind,
            title: None,
            due_at: Some(due),
            done_at: None,
            note: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        sql::task_insert(tx.conn(), &task).await?;
    }
    Ok(())
}
