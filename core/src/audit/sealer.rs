//! The sealer: chains the hashes of committed rows into blocks, seconds after they were written.
//! Writers never wait for the chain.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::{Connection, PgConnection};
use tokio_util::sync::CancellationToken;

use super::sql::{self, Block};
use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::leader::{self, LeaderTask};
use crate::kernel::locks::AdvisoryLock;
use crate::kernel::timestamp::Timestamp;

/// Rows of one block.
pub const BLOCK: i64 = 1_000;

/// What the first block links to.
pub const GENESIS: [u8; 32] = [0; 32];

const LEADER_TASK: LeaderTask = LeaderTask {
    name: "audit sealer",
    lock: AdvisoryLock::Sealer,
    shortest_wait: Duration::from_secs(1),
    longest_wait: Duration::from_secs(1),
    step,
};

/// Seals until shutdown; the caller spawns it once in every process.
pub async fn run(app: Arc<App>, shutdown: CancellationToken) {
    leader::run(app, LEADER_TASK, shutdown).await;
}

/// A full block is followed by the next at once; else rows gather for a second, so that a busy log
/// does not become a chain of one-row blocks.
fn step<'a>(app: &'a Arc<App>, db: &'a mut PgConnection) -> BoxFuture<'a, Result<usize>> {
    Box::pin(async move {
        let sealed = seal(db, app.clock.now()).await?;
        Ok(if sealed == BLOCK as usize { sealed } else { 0 })
    })
}

/// Makes one block of the rows that wait; answers how many it took in.
pub async fn seal(db: &mut PgConnection, now: Timestamp) -> Result<usize> {
    let mut tx = db.begin().await?;
    sql::sealing_lock(&mut tx).await?;
    let rows = sql::unsealed_take(&mut tx, BLOCK).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let (no, prev_hash) = sql::block_head(&mut tx).await?.unwrap_or((0, GENESIS.to_vec()));
    let mut block = Block {
        no: no + 1,
        prev_hash,
        row_seqs: rows.iter().map(|row| row.seq).collect(),
        row_hashes: rows.iter().flat_map(|row| row.hash.iter().copied()).collect(),
        hash: Vec::new(),
        sealed_at: now.0,
    };
    block.hash = block.computed_hash().to_vec();
    sql::block_insert(&mut tx, &block).await?;
    tx.commit().await?;
    Ok(rows.len())
}
