//! Blocks that seal entries, and what verifying and proving them reads.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use super::narrow;
use crate::audit::AuditFilter;
use crate::audit::proof::{ProofBlock, ProofEntry, ProofValue, block_hash};
use crate::kernel::error::Result;
use crate::kernel::locks::AdvisoryLock;
use crate::kernel::timestamp::Timestamp;
/// Held to the end of the transaction: one block is made at a time, whoever makes it.
pub async fn sealing_lock(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock($1)", AdvisoryLock::Sealing.key()).execute(db).await?;
    Ok(())
}

/// A row that waits for its block.
pub struct Unsealed {
    pub seq: i64,
    pub hash: Vec<u8>,
}

/// Takes the oldest visible rows out of the queue.
pub async fn unsealed_take(db: &mut PgConnection, limit: i64) -> Result<Vec<Unsealed>> {
    Ok(sqlx::query_as!(
        Unsealed,
        r#"with next as (
               select u.audit_seq, l.hash from audit_unsealed u join audit_logs l on l.seq = u.audit_seq
               order by u.audit_seq limit $1),
           taken as (
               delete from audit_unsealed u using next n where u.audit_seq = n.audit_seq
               returning u.audit_seq, n.hash)
           select audit_seq as seq, hash from taken order by audit_seq"#,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// Number and hash of the newest block.
pub async fn block_head(db: &mut PgConnection) -> Result<Option<(i64, Vec<u8>)>> {
    let head = sqlx::query!("select no, hash from audit_blocks order by no desc limit 1").fetch_optional(db).await?;
    Ok(head.map(|head| (head.no, head.hash)))
}

/// A block of the chain.
#[derive(Clone, Debug)]
pub struct Block {
    pub no: i64,
    pub prev_hash: Vec<u8>,
    pub row_seqs: Vec<i64>,
    pub row_hashes: Vec<u8>,
    pub hash: Vec<u8>,
    pub sealed_at: OffsetDateTime,
}

impl Block {
    /// Its hash, as it follows from its content.
    pub fn computed_hash(&self) -> [u8; 32] {
        block_hash(&self.prev_hash, self.no, &self.row_seqs, &self.row_hashes, Timestamp(self.sealed_at))
    }

    /// As proofs show it.
    pub fn shown(&self) -> ProofBlock {
        ProofBlock {
            no: self.no,
            prev_hash: hex::encode(&self.prev_hash),
            seqs: self.row_seqs.clone(),
            hashes: hex::encode(&self.row_hashes),
            sealed_at: Timestamp(self.sealed_at),
            hash: hex::encode(&self.hash),
        }
    }
}

pub async fn block_insert(db: &mut PgConnection, block: &Block) -> Result<()> {
    sqlx::query!(
        "insert into audit_blocks (no, prev_hash, row_seqs, row_hashes, hash, sealed_at) values ($1, $2, $3, $4, $5, $6)",
        block.no,
        block.prev_hash,
        &block.row_seqs,
        block.row_hashes,
        block.hash,
        block.sealed_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

// Verifying --------------------------------------------------------------------------------------

/// What follows in this transaction sees one state of the database, however long it takes.
pub async fn one_view(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("set transaction isolation level repeatable read, read only").execute(&mut *db).await?;
    sqlx::query!("set local statement_timeout = 0").execute(db).await?;
    Ok(())
}

pub async fn blocks_after(db: &mut PgConnection, no: i64, limit: i64) -> Result<Vec<Block>> {
    Ok(sqlx::query_as!(
        Block,
        "select no, prev_hash, row_seqs, row_hashes, hash, sealed_at from audit_blocks
         where no > $1 order by no limit $2",
        no,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// A row as it is stored, for its hash to be computed again.
pub struct Stored {
    pub seq: i64,
    pub id: Uuid,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub actor_label: String,
    pub action: String,
    pub object_type: String,
    pub object_id: String,
    pub change_set: Value,
    pub reason: Option<String>,
    pub ip: Option<String>,
    pub request_id: Option<String>,
    pub hash: Vec<u8>,
    pub created_at: OffsetDateTime,
}

impl Stored {
    /// As proofs show it, with these values; nothing if its change set is not one.
    pub fn shown(&self, values: Vec<StoredValue>) -> Option<ProofEntry> {
        Some(ProofEntry {
            seq: self.seq,
            id: self.id,
            actor_kind: self.actor_kind.clone(),
            actor_id: self.actor_id,
            actor_label: self.actor_label.clone(),
            action: self.action.clone(),
            object_type: self.object_type.clone(),
            object_id: self.object_id.clone(),
            change_set: serde_json::from_value(self.change_set.clone()).ok()?,
            reason: self.reason.clone(),
            // As it was written when it was hashed; PostgreSQL prints some IPv6 addresses differently.
            ip: self.ip.as_ref().map(|ip| ip.parse::<IpAddr>().map_or_else(|_| ip.clone(), |ip| ip.to_string())),
            request_id: self.request_id.clone(),
            created_at: Timestamp(self.created_at),
            values: values.into_iter().map(StoredValue::shown).collect(),
        })
    }
}

pub async fn stored_rows(db: &mut PgConnection, seqs: &[i64]) -> Result<Vec<Stored>> {
    Ok(sqlx::query_as!(
        Stored,
        "select seq, id, actor_kind, actor_id, actor_label, action, object_type, object_id, change_set, reason,
                host(ip_address) as ip, request_id, hash, created_at
         from audit_logs where seq = any($1) order by seq",
        seqs,
    )
    .fetch_all(db)
    .await?)
}

/// A stored value, and whether it was erased.
pub struct StoredValue {
    pub audit_seq: i64,
    pub field: String,
    pub salt: Option<Vec<u8>>,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub erased_at: Option<OffsetDateTime>,
}

impl StoredValue {
    fn shown(self) -> ProofValue {
        ProofValue {
            field: self.field,
            salt: self.salt.map(hex::encode),
            before: self.before,
            after: self.after,
            erased_at: self.erased_at.map(Timestamp),
        }
    }
}

/// The values of these rows, by row.
pub async fn stored_values(db: &mut PgConnection, seqs: &[i64]) -> Result<BTreeMap<i64, Vec<StoredValue>>> {
    let values = sqlx::query_as!(
        StoredValue,
        "select audit_seq, field, salt, before, after, erased_at from audit_values
         where audit_seq = any($1) order by audit_seq, field",
        seqs,
    )
    .fetch_all(db)
    .await?;
    let mut by_row: BTreeMap<i64, Vec<StoredValue>> = BTreeMap::new();
    for value in values {
        by_row.entry(value.audit_seq).or_default().push(value);
    }
    Ok(by_row)
}

/// Sealed entries of the filter, oldest first.
pub async fn sealed_seqs(db: &mut PgConnection, filter: &AuditFilter, limit: i64) -> Result<Vec<i64>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select a.seq from audit_logs a where not exists (select from audit_unsealed u where u.audit_seq = a.seq)",
    );
    narrow(&mut query, filter);
    query.push(" order by a.seq limit ").push_bind(limit);
    Ok(query.build_query_scalar().fetch_all(db).await?)
}

/// How many rows the blocks hold that seal these.
pub async fn sealed_beside(db: &mut PgConnection, seqs: &[i64]) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select coalesce(sum(cardinality(row_seqs)), 0)::bigint as "rows!" from audit_blocks where row_seqs && $1"#,
        seqs,
    )
    .fetch_one(db)
    .await?)
}

/// The blocks that seal these rows.
pub async fn blocks_of(db: &mut PgConnection, seqs: &[i64]) -> Result<Vec<Block>> {
    Ok(sqlx::query_as!(
        Block,
        "select no, prev_hash, row_seqs, row_hashes, hash, sealed_at from audit_blocks
         where row_seqs && $1 order by no",
        seqs,
    )
    .fetch_all(db)
    .await?)
}

/// The queue, in portions.
pub async fn unsealed_after(db: &mut PgConnection, seq: i64, limit: i64) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar!(
        "select audit_seq from audit_unsealed where audit_seq > $1 order by audit_seq limit $2",
        seq,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// The first row that two blocks claim.
pub async fn sealed_twice(db: &mut PgConnection) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        r#"select s.seq as "seq!" from audit_blocks b cross join unnest(b.row_seqs) as s (seq)
           group by s.seq having count(*) > 1 order by s.seq limit 1"#
    )
    .fetch_optional(db)
    .await?)
}

/// The first row, older than `before`, that is in no block and not in the queue.
pub async fn orphan(db: &mut PgConnection, before: OffsetDateTime) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        r#"select l.seq as "seq!" from audit_logs l
           left join (select s.seq from audit_blocks b cross join unnest(b.row_seqs) as s (seq)) sealed
               on sealed.seq = l.seq
           left join audit_unsealed u on u.audit_seq = l.seq
           where sealed.seq is null and u.audit_seq is null and l.created_at < $1
           order by l.seq limit 1"#,
        before,
    )
    .fetch_optional(db)
    .await?)
}

/// The first value that belongs to no row.
pub async fn stray_value(db: &mut PgConnection) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        "select v.audit_seq from audit_values v left join audit_logs l on l.seq = v.audit_seq
         where l.seq is null order by v.audit_seq limit 1"
    )
    .fetch_optional(db)
    .await?)
}
