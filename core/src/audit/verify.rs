//! Verifying the audit log: everything is computed again from what is stored, block by block, in
//! bounded memory. What does not fit is named: each row, up to the first block that does not fit.

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
/// Faults that are named.
const MOST: usize = 50;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvariantReport {
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
    pub broken: Option<Violation>,
    /// What is wrong besides, of the first fifty.
    pub besides: Vec<Violation>,
}

impl InvariantReport {
    fn add(&mut self, broken: Violation) {
        match self.broken {
            None => self.broken = Some(broken),
            Some(_) if self.besides.len() + 1 < MOST => self.besides.push(broken),
            Some(_) => {}
        }
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The block, if the fault lies in one.
    pub block: Option<i64>,
    /// The row's seq, if one row is to blame.
    pub row: Option<i64>,
    /// What does not fit.
    pub what: String,
}

impl fmt::Display for Violation {
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
pub async fn verify(db: &mut PgConnection, now: Timestamp) -> Result<InvariantReport> {
    let mut tx = db.begin().await?;
    sql::one_view(&mut tx).await?;
    let mut report = InvariantReport::default();
    walk(&mut tx, &mut report, now).await?;
    tx.rollback().await?;
    Ok(report)
}

async fn walk(db: &mut PgConnection, report: &mut InvariantReport, now: Timestamp) -> Result<()> {
    let mut prev_hash = GENESIS.to_vec();
    loop {
        let blocks = sql::blocks_after(db, report.blocks, PORTION).await?;
        if blocks.is_empty() {
            break;
        }
        for block in blocks {
            let no = Some(block.no);
            if let Some(what) = link(&block, report.blocks + 1, &prev_hash) {
                // What stands behind it hangs on nothing.
                report.add(Violation { block: no, row: None, what });
                return Ok(());
            }
            for (row, what) in rows(db, &block.row_seqs, Some(&block.row_hashes), report).await? {
                report.add(Violation { block: no, row: Some(row), what });
            }
            report.blocks = block.no;
            report.head = Some(hex::encode(&block.hash));
            prev_hash = block.hash;
        }
    }
    queue(db, report).await?;
    strays(db, report, now).await
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

/// Which row, and what is wrong with it.
type Fault = (i64, String);

/// What is wrong with rows and their values; `sealed` are the hashes their block has for them.
async fn rows(
    db: &mut PgConnection,
    seqs: &[i64],
    sealed: Option<&[u8]>,
    report: &mut InvariantReport,
) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let stored = sql::stored_rows(db, seqs).await?;
    let mut values = sql::stored_values(db, seqs).await?;
    let mut by_seq: BTreeMap<i64, Stored> = BTreeMap::new();
    for row in stored {
        let seq = row.seq;
        if by_seq.insert(seq, row).is_some() {
            faults.push((seq, "it exists twice".to_owned()));
        }
    }
    for (i, seq) in seqs.iter().enumerate() {
        let Some(row) = by_seq.get(seq) else {
            faults.push((*seq, "it is missing".to_owned()));
            continue;
        };
        let expected = sealed.map_or(row.hash.as_slice(), |hashes| &hashes[i * 32..(i + 1) * 32]);
        match check_row(row, values.remove(seq).unwrap_or_default(), expected, report) {
            Some(what) => faults.push((*seq, what)),
            None => report.rows += 1,
        }
    }
    Ok(faults)
}

/// The row against the hash that was sealed, and its values against the row.
fn check_row(row: &Stored, values: Vec<StoredValue>, expected: &[u8], report: &mut InvariantReport) -> Option<String> {
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
            report.erased += erased as i64;
            None
        }
        Err(fault) => Some(fault),
    }
}

/// The rows that wait for their block.
async fn queue(db: &mut PgConnection, report: &mut InvariantReport) -> Result<()> {
    let mut last = i64::MIN;
    loop {
        let seqs = sql::unsealed_after(db, last, super::sealer::BLOCK).await?;
        let Some(newest) = seqs.last() else { return Ok(()) };
        last = *newest;
        for (row, what) in rows(db, &seqs, None, report).await? {
            report.add(Violation { block: None, row: Some(row), what });
        }
        report.unsealed += seqs.len() as i64;
    }
}

/// What walking the blocks cannot see: rows in two places, or in none.
async fn strays(db: &mut PgConnection, report: &mut InvariantReport, now: Timestamp) -> Result<()> {
    let mut broken = |row: Option<i64>, what: &str| {
        if row.is_some() {
            report.add(Violation { block: None, row, what: what.to_owned() });
        }
    };
    broken(sql::sealed_twice(db).await?, "it is sealed twice");
    broken(sql::orphan(db, now.0 - PATIENCE).await?, "it is in no block, and does not wait for one");
    broken(sql::stray_value(db).await?, "there are values of it, but it is missing");
    Ok(())
}

/// Blanks one field's values before and after. The commitment stays, so the proof stands. The caller
/// records in the audit log that it did so.
pub async fn erase(tx: &mut Tx, audit_seq: i64, field: &str) -> Result<()> {
    let now = tx.now;
    if sql::value_erase(tx.conn(), audit_seq, field, now).await? { Ok(()) } else { Err(not_found()) }
}
