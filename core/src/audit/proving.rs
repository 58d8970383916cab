//! Making proofs: what [`super::proof`] checks.

use ed25519_dalek::{Signer, SigningKey};

use super::proof::{AuditProof, BlockName, FORMAT, MOST_ENTRIES, ProofEntry, ProofStatement};
use super::{AuditFilter, sql};
use crate::kernel::app::App;
use crate::kernel::context::{Db, Reader};
use crate::kernel::error::{Error, Result, internal, invalid_input};
use crate::organisation;

/// Entries whose hashes stand in the blocks of one proof at most.
const MOST_SEALED: i64 = 200_000;

/// Derived from the server's own key: the same on every process of one installation, and kept nowhere.
fn key(app: &App) -> SigningKey {
    SigningKey::from_bytes(&app.keys.derive("audit proof", &[]))
}

/// What proofs of this installation are checked with, in hex.
pub fn public_key(app: &App) -> String {
    hex::encode(key(app).verifying_key().as_bytes())
}

/// Proves the entries of the filter that are sealed.
pub async fn prove(db: &mut Reader, filter: AuditFilter) -> Result<AuditProof> {
    let filter = AuditFilter { cursor: None, limit: None, ..filter };
    let (app, now) = (db.app().clone(), db.now);
    let seqs = sql::sealed_seqs(db.conn(), &filter, MOST_ENTRIES as i64 + 1).await?;
    if seqs.len() > MOST_ENTRIES || sql::sealed_beside(db.conn(), &seqs).await? > MOST_SEALED {
        return Err(too_many());
    }
    let head = sql::block_head(db.conn()).await?;
    let mut values = sql::stored_values(db.conn(), &seqs).await?;
    let mut entries = Vec::new();
    for row in sql::stored_rows(db.conn(), &seqs).await? {
        let entry = row.shown(values.remove(&row.seq).unwrap_or_default());
        entries.push(entry.ok_or_else(|| internal().internal(format!("audit row {} has no change set", row.seq)))?);
    }
    let blocks: Vec<_> = sql::blocks_of(db.conn(), &seqs).await?.iter().map(sql::Block::shown).collect();
    let statement = ProofStatement {
        format: FORMAT.to_owned(),
        organisation: organisation::current(&app).await?.name.to_string(),
        exported_at: now,
        filter,
        entries: seqs,
        blocks: blocks.iter().map(|block| BlockName { no: block.no, hash: block.hash.clone() }).collect(),
        head: head.map(|(no, hash)| BlockName { no, hash: hex::encode(hash) }),
        erased: entries.iter().flat_map(ProofEntry::erased).collect(),
    };
    let signature = hex::encode(key(&app).sign(&statement.signed()).to_bytes());
    Ok(AuditProof { statement, key: public_key(&app), signature, entries, blocks })
}

fn too_many() -> Error {
    invalid_input().field("from", "must leave at most 5,000 entries: choose fewer days, or one record")
}
