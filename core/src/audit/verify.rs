//! Verifying the audit log: everything is computed again from what is stored, block by block, in
//! bounded memory. The first thing that does not fit is named.

use std::collections::BTreeMap;
use std::fmt;

use sqlx::{Connection, PgConnection};
use time::Duration;

use super::sealer::GENESIS;
use super::sql::{self, Block, Stored, StoredValue};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, not_found};
use crate::kernel::timestamp::Timestamp;

/// Blocks read at a time.
const PORTION: i64 = 8;
/// A row that is nowhere for longer than this was taken out of the queue.
const PATIENCE: Duration = Duration::minutes(1);

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Blocks that fit.
    pub blocks: i64,
    /// Rows that fit, sealed or waiting.
    pub rows: i64,
    /// Rows among them that no block holds yet.
    pub unsealed: i64,
    /// Values that were erased and cannot be checked any more.
    pub erased: i64,
    /// The newest block's hash, in hex.
    pub head: Option<String>,
    /// The first thing that is wrong; `None`: the log is whole.
    pub broken: Option<Broken>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The block, if the fault lies in one.
    pub block: Option<i64>,
    /// The row's seq, if one row is to blame.
    pub row: Option<i64>,
    /// What does not fit.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(block) = self.block {
            write!(f, "block {block}: ")?;
        }
        if let Some(row) = self.row {
            write!(f, "row {row}: ")?;
        }
        f.write_str(&self.what)
    }
}

/// Checks rows, values, blocks, links, and that nothing is missing.
pub async fn verify(db: &mut PgConnection, now: Timestamp) -> Result<Verdict> {
    let mut tx = db.begin().await?;
    sql::one_view(&mut tx).await?;
    let mut verdict = Verdict::default();
    if let Some(broken) = walk(&mut tx, &mut verdict, now).await? {
        verdict.broken = Some(broken);
    }
    tx.rollback().await?;
    Ok(verdict)
}

async fn walk(db: &mut PgConnection, verdict: &mut Verdict, now: Timestamp) -> Result<Option<Broken>> {
    let mut prev_hash = GENESIS.to_vec();
    loop {
        let blocks = sql::blocks_after(db, verdict.blocks, PORTION).await?;
        if blocks.is_empty() {
            break;
        }
        for block in blocks {
            let fault = match link(&block, verdict.blocks + 1, &prev_hash) {
                Some(what) => Some((None, what)),
                None => rows(db, &block.row_seqs, Some(&block.row_hashes), verdict).await?,
            };
            if let Some((row, what)) = fault {
                return Ok(Some(Broken { block: Some(block.no), row, what }));
            }
            verdict.blocks = block.no;
            verdict.head = Some(hex::encode(&block.hash));
            prev_hash = block.hash;
        }
    }
    if let Some((row, what)) = queue(db, verdict).await? {
        return Ok(Some(Broken { block: None, row, what }));
    }
    strays(db, now).await
}

/// The block by itself, and its place in the chain.
fn link(block: &Block, expected: i64, prev_hash: &[u8]) -> Option<String> {
    if block.no != expected {
        return Some(format!("block {expected} is missing"));
    }
    if block.prev_hash != prev_hash {
        return Some("it does not link to the block before it".to_owned());
    }
    if block.row_hashes.len() != block.row_seqs.len() * 32 {
        return Some("it has not one hash for each row".to_owned());
    }
    (block.computed_hash() != block.hash.as_slice()).then(|| "its hash does not fit its content".to_owned())
}

type Fault = Option<(Option<i64>, String)>;

/// Rows and their values; `sealed` are the hashes their block has for them.
async fn rows(db: &mut PgConnection, seqs: &[i64], sealed: Option<&[u8]>, verdict: &mut Verdict) -> Result<Fault> {
    let stored = sql::stored_rows(db, seqs).await?;
    let mut values = sql::stored_values(db, seqs).await?;
    let mut by_seq: BTreeMap<i64, Stored> = BTreeMap::new();
    for row in stored {
        let seq = row.seq;
        if by_seq.insert(seq, row).is_some() {
            return Ok(Some((Some(seq), "it exists twice".to_owned())));
        }
    }
    for (i, seq) in seqs.iter().enumerate() {
        let Some(row) = by_seq.get(seq) else {
            return Ok(Some((Some(*seq), "it is missing".to_owned())));
        };
        let expected = sealed.map_or(row.hash.as_slice(), |hashes| &hashes[i * 32..(i + 1) * 32]);
        if let Some(what) = check_row(row, values.remove(seq).unwrap_or_default(), expected, verdict) {
            return Ok(Some((Some(*seq), what)));
        }
        verdict.rows += 1;
    }
    Ok(None)
}

/// The row against the hash that was sealed, and its values against the row.
fn check_row(row: &Stored, values: Vec<StoredValue>, expected: &[u8], verdict: &mut Verdict) -> Option<String> {
    if row.hash != expected {
        return Some("its hash is not the one that was sealed".to_owned());
    }
    let Some(entry) = row.shown(values) else {
        return Some("its change set is not one".to_owned());
    };
    if let Some(fault) = entry.content_fault(expected) {
        return Some(fault);
    }
    match entry.check_values() {
        Ok(erased) => {
            verdict.erased += erased as i64;
            None
        }
        Err(fault) => Some(fault),
    }
}

/// The rows that wait for their block.
async fn queue(db: &mut PgConnection, verdict: &mut Verdict) -> Result<Fault> {
    let mut last = i64::MIN;
    loop {
        let seqs = sql::unsealed_after(db, last, super::sealer::BLOCK).await?;
        let Some(newest) = seqs.last() else { return Ok(None) };
        last = *newest;
        if let Some(fault) = rows(db, &seqs, None, verdict).await? {
            return Ok(Some(fault));
        }
        verdict.unsealed += seqs.len() as i64;
    }
}

/// What walking the blocks cannot see: rows in two places, or in none.
async fn strays(db: &mut PgConnection, now: Timestamp) -> Result<Option<Broken>> {
    let broken = |row, what: &str| Ok(Some(Broken { block: None, row: Some(row), what: what.to_owned() }));
    if let Some(row) = sql::sealed_twice(db).await? {
        return broken(row, "it is sealed twice");
    }
    if let Some(row) = sql::orphan(db, now.0 - PATIENCE).await? {
        return broken(row, "it is in no block, and does not wait for one");
    }
    if let Some(row) = sql::stray_value(db).await? {
        return broken(row, "there are values of it, but it is missing");
    }
    Ok(None)
}

/// Blanks one field's values before and after. The commitment stays, so the proof stands. The caller
/// records in the audit log that it did so.
pub async fn erase(tx: &mut Tx, audit_seq: i64, field: &str) -> Result<()> {
    let now = tx.now;
    if sql::value_erase(tx.conn(), audit_seq, field, now).await? { Ok(()) } else { Err(not_found()) }
}
