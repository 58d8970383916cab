//! An export of the audit log that proves itself: entries as they were sealed, the blocks that seal them, and a signed
//! statement of what was exported. Everything is checked by arithmetic alone, in a browser as on the server.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::AuditFilter;
use crate::kernel::sealed::{Sealed, canonical, commitment, sha256};
use crate::kernel::timestamp::Timestamp;

#[cfg(all(test, feature = "ssr"))]
mod tests;

/// What a statement calls itself.
pub const FORMAT: &str = "eventify-audit-proof/1";
/// Entries of one proof at most.
pub const MOST_ENTRIES: usize = 5_000;
/// Faults that are told of one file.
const MOST_FAULTS: usize = 50;

/// Entries of the audit log with what proves that nobody changed them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AuditProof {
    /// The contents of the export.
    pub statement: ProofStatement,
    /// The key that signed the statement, in hex.
    pub key: String,
    /// The Ed25519 signature over `eventify/audit-proof/v1`, a line feed and the statement as JSON with sorted keys and
    /// without spaces, in hex.
    pub signature: String,
    /// The entries, oldest first.
    pub entries: Vec<ProofEntry>,
    /// The blocks that seal them, oldest first.
    pub blocks: Vec<ProofBlock>,
}

/// The contents and time of the export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProofStatement {
    /// Always `eventify-audit-proof/1`.
    pub format: String,
    /// The installation of the audit log.
    pub organisation: String,
    /// When it was exported.
    pub exported_at: Timestamp,
    /// The filter of the export.
    pub filter: AuditFilter,
    /// The entries by their place in the log, oldest first.
    pub entries: Vec<i64>,
    /// The blocks, oldest first.
    pub blocks: Vec<BlockName>,
    /// The newest block there was; absent before the first.
    pub head: Option<BlockName>,
    /// Values that had been erased by then.
    pub erased: Vec<ErasedValue>,
}

/// A value that was erased.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ErasedValue {
    /// The entry's place in the log.
    pub seq: i64,
    /// The field.
    pub field: String,
}

/// A block by its number and hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BlockName {
    /// Its number.
    pub no: i64,
    /// Its hash, in hex.
    pub hash: String,
}

/// An entry with all that its hash covers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProofEntry {
    /// Its place in the log.
    pub seq: i64,
    /// Its id.
    pub id: Uuid,
    /// Kind of actor.
    pub actor_kind: String,
    /// Actor's id.
    pub actor_id: Option<Uuid>,
    /// Actor's name at the time.
    pub actor_label: String,
    /// The action.
    pub action: String,
    /// The type of object.
    pub object_type: String,
    /// To which.
    pub object_id: String,
    /// The commitment to each value, by field.
    pub change_set: BTreeMap<String, String>,
    /// The reason, for old entries; newer ones have it among the values.
    pub reason: Option<String>,
    /// The IP address.
    pub ip: Option<String>,
    /// The request it was part of.
    pub request_id: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// The values before and after.
    pub values: Vec<ProofValue>,
}

/// A field's values, and what binds them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProofValue {
    /// The field.
    pub field: String,
    /// The salt of the commitment, in hex; absent once the values were erased.
    pub salt: Option<String>,
    /// The value before; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    pub before: Option<Value>,
    /// The value after; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    pub after: Option<Value>,
    /// When the values were erased, if they were.
    pub erased_at: Option<Timestamp>,
}

/// A value that is there, be it `null`.
fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A block of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProofBlock {
    /// Its number.
    pub no: i64,
    /// The hash of the block before it, in hex.
    pub prev_hash: String,
    /// The entries it seals, by their place in the log.
    pub seqs: Vec<i64>,
    /// Their hashes, in hex, one after the other.
    pub hashes: String,
    /// When it was sealed.
    pub sealed_at: Timestamp,
    /// Its own hash, in hex.
    pub hash: String,
}

impl ProofStatement {
    /// What is signed.
    pub fn signed(&self) -> Vec<u8> {
        let statement = serde_json::to_value(self).unwrap_or_default();
        [b"eventify/audit-proof/v1\n".as_slice(), &canonical(&statement)].concat()
    }
}

impl ProofEntry {
    /// Which of its values were erased.
    pub fn erased(&self) -> impl Iterator<Item = ErasedValue> {
        let gone = self.values.iter().filter(|value| value.salt.is_none());
        gone.map(|value| ErasedValue { seq: self.seq, field: value.field.clone() })
    }

    /// Its hash, as it follows from its content.
    pub fn hash(&self) -> [u8; 32] {
        Sealed {
            id: self.id,
            actor_kind: &self.actor_kind,
            actor_id: self.actor_id,
            actor_label: &self.actor_label,
            action: &self.action,
            object_type: &self.object_type,
            object_id: &self.object_id,
            change_set: &self.change_set,
            reason: self.reason.as_deref(),
            ip: self.ip.clone(),
            request_id: self.request_id.as_deref(),
            created_at: self.created_at,
        }
        .hash()
    }

    /// What is wrong with its content, given the hash that was sealed.
    pub fn content_fault(&self, sealed: &[u8]) -> Option<String> {
        (self.hash() != sealed).then(|| "its content is not what was recorded".to_owned())
    }

    /// How many values were erased, or what is wrong with one.
    pub fn check_values(&self) -> Result<usize, String> {
        let (mut promised, mut erased) = (self.change_set.clone(), 0);
        for value in &self.values {
            let field = &value.field;
            let Some(promise) = promised.remove(field) else {
                return Err(format!("it has a value for `{field}`, which it does not speak of"));
            };
            match (&value.salt, value.erased_at) {
                (None, Some(_)) if value.before.is_none() && value.after.is_none() => erased += 1,
                (Some(salt), None) if value.fits(salt, &promise) => {}
                (Some(_), None) => return Err(format!("the value of `{field}` is not the one that was recorded")),
                _ => return Err(format!("the value of `{field}` is neither whole nor erased")),
            }
        }
        match promised.keys().next() {
            Some(field) => Err(format!("the value of `{field}` is missing")),
            None => Ok(erased),
        }
    }
}

impl ProofValue {
    fn fits(&self, salt: &str, promise: &str) -> bool {
        let made = |salt: Vec<u8>| commitment(&salt, &self.field, self.before.as_ref(), self.after.as_ref());
        hex::decode(salt).is_ok_and(|salt| made(salt) == promise)
    }
}

impl ProofBlock {
    /// The hash that was sealed for each entry.
    fn sealed(&self) -> impl Iterator<Item = (i64, [u8; 32])> {
        let hash = |at: usize| {
            let mut hash = [0; 32];
            hex::decode_to_slice(self.hashes.get(at * 64..(at + 1) * 64)?, &mut hash).ok()?;
            Some(hash)
        };
        self.seqs.iter().enumerate().filter_map(move |(at, seq)| Some((*seq, hash(at)?)))
    }

    /// What is wrong with the block by itself.
    pub fn fault(&self) -> Option<String> {
        if self.hashes.len() != self.seqs.len() * 64 {
            return Some("it has not one hash for each row".to_owned());
        }
        let (Ok(prev_hash), Ok(hashes)) = (hex::decode(&self.prev_hash), hex::decode(&self.hashes)) else {
            return Some("its hashes cannot be read".to_owned());
        };
        let hash = block_hash(&prev_hash, self.no, &self.seqs, &hashes, self.sealed_at);
        (hex::encode(hash) != self.hash).then(|| "its hash does not fit its content".to_owned())
    }
}

/// What binds a block: its predecessor, its number, its rows and its time.
pub fn block_hash(prev_hash: &[u8], no: i64, seqs: &[i64], hashes: &[u8], sealed_at: Timestamp) -> [u8; 32] {
    let seqs: Vec<u8> = seqs.iter().flat_map(|seq| seq.to_be_bytes()).collect();
    sha256(&[
        b"eventify/audit-block/v1",
        prev_hash,
        &no.to_be_bytes(),
        &seqs,
        hashes,
        &(sealed_at.0.unix_timestamp_nanos() / 1000).to_be_bytes(),
    ])
}

/// Whose signature a proof bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// This installation's.
    Here,
    /// Another key's: somebody else's, or one that was made up.
    Elsewhere,
    /// None that fits what was exported.
    Nobody,
}

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The entry, if one is to blame.
    pub entry: Option<i64>,
    /// What is wrong with it, or with the whole file.
    pub what: String,
}

/// What came of checking a proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The contents of the export.
    pub statement: ProofStatement,
    /// The key that signed.
    pub key: String,
    /// Whose signature it is.
    pub signed: Signed,
    /// When the first and the last of the entries was recorded.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Values that were erased since and cannot be checked any more.
    pub erased: usize,
    /// What does not hold; nothing: all of it does.
    pub faults: Vec<Fault>,
}

/// Checks an exported file against the key of this installation. An error says why it is no proof at all.
pub fn check(file: &str, own_key: &str) -> Result<Checked, String> {
    let file = file.trim_start_matches('\u{feff}');
    let value: Value = serde_json::from_str(file).map_err(|error| format!("it is not JSON ({error})"))?;
    if value["statement"]["format"] != FORMAT {
        return Err("it was not exported from an audit log of Eventify".to_owned());
    }
    // Nothing stands in it that is not looked at.
    let unreadable = |error: serde_json::Error| format!("a part of it cannot be read ({error})");
    operation::json(file.as_bytes()).map_err(unreadable)?;
    let proof: AuditProof = serde_json::from_str(file).map_err(unreadable)?;
    let mut faults = Faults::default();
    let signed = signature(&proof, &proof.statement.signed(), own_key);
    match signed {
        Signed::Here => {}
        Signed::Elsewhere => faults.file("It is signed with a different key from this installation's"),
        Signed::Nobody => faults.file("Its signature is invalid: its statement was changed after the export"),
    }
    check_form(&value, &proof, &mut faults);
    let sealed = check_blocks(&proof, &mut faults);
    check_contents(&proof, &mut faults);
    let erased = proof.entries.iter().map(|entry| check_entry(entry, sealed.get(&entry.seq), &mut faults)).sum();
    let times = proof.entries.iter().map(|entry| entry.created_at);
    let span = times.clone().min().zip(times.max());
    let Faults(faults) = faults;
    Ok(Checked { statement: proof.statement, key: proof.key, signed, span, erased, faults })
}

#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, entry: Option<i64>, what: String) {
        if self.0.len() < MOST_FAULTS {
            self.0.push(Fault { entry, what });
        }
    }
    fn file(&mut self, what: impl Into<String>) {
        self.add(None, what.into());
    }
    fn entry(&mut self, seq: i64, what: impl Into<String>) {
        self.add(Some(seq), what.into());
    }
}

fn signature(proof: &AuditProof, signed: &[u8], own_key: &str) -> Signed {
    let (mut key, mut bytes) = ([0; 32], [0; 64]);
    let read = hex::decode_to_slice(&proof.key, &mut key).and(hex::decode_to_slice(&proof.signature, &mut bytes));
    let fits = read.is_ok()
        && VerifyingKey::from_bytes(&key)
            .is_ok_and(|key| key.verify_strict(signed, &Signature::from_bytes(&bytes)).is_ok());
    match fits {
        true if proof.key.eq_ignore_ascii_case(own_key) => Signed::Here,
        true => Signed::Elsewhere,
        false => Signed::Nobody,
    }
}

/// The blocks: each by itself, as the statement names it, and linked to the one before where that is there. Answers the
/// hash that was sealed for each entry.
fn check_blocks(proof: &AuditProof, faults: &mut Faults) -> BTreeMap<i64, [u8; 32]> {
    let named = &proof.statement.blocks;
    let there = proof.blocks.iter().map(|block| BlockName { no: block.no, hash: block.hash.clone() });
    if !there.eq(named.iter().cloned()) {
        faults.file("Its seals are not the exported ones");
    }
    let mut before: Option<&ProofBlock> = None;
    for block in &proof.blocks {
        if let Some(what) = block.fault() {
            faults.file(format!("Seal {}: {what}", block.no));
        }
        if before.is_some_and(|before| before.no + 1 == block.no && before.hash != block.prev_hash) {
            faults.file(format!("Seal {}: it does not link to the one before it", block.no));
        }
        let head = proof.statement.head.as_ref();
        if head.is_none_or(|head| head.no < block.no || head.no == block.no && head.hash != block.hash) {
            faults.file(format!("Seal {}: it did not exist at the time of the export", block.no));
        }
        before = Some(block);
    }
    proof.blocks.iter().flat_map(ProofBlock::sealed).collect()
}

/// It is written as it was exported: a time with digits that nobody recorded reads like the time without them.
fn check_form(file: &Value, proof: &AuditProof, faults: &mut Faults) {
    let Ok(again) = serde_json::to_value(proof) else { return };
    if again == *file {
        return;
    }
    let entries = |of: &Value| of["entries"].as_array().cloned().unwrap_or_default();
    let pairs = entries(file).into_iter().zip(entries(&again));
    let odd: Vec<i64> = proof.entries.iter().zip(pairs).filter(|(_, (a, b))| a != b).map(|(one, _)| one.seq).collect();
    for seq in &odd {
        faults.entry(*seq, "its content is not what was recorded");
    }
    if odd.is_empty() {
        faults.file("A part of it was not written as exported");
    }
}

/// Every entry that was exported is there once, in its place, and no other is; only what had been erased is not there.
fn check_contents(proof: &AuditProof, faults: &mut Faults) {
    let exported: BTreeSet<i64> = proof.statement.entries.iter().copied().collect();
    let mut seen = BTreeSet::new();
    let mut highest = i64::MIN;
    for ProofEntry { seq, .. } in &proof.entries {
        if !exported.contains(seq) {
            faults.entry(*seq, "it was not exported: it was added later");
        } else if !seen.insert(*seq) {
            faults.entry(*seq, "it is there twice");
        } else if *seq < highest {
            faults.entry(*seq, format!("it is out of order: it follows entry {highest}"));
        }
        highest = highest.max(*seq);
    }
    for seq in exported.difference(&seen) {
        faults.entry(*seq, "it was exported and is missing: it was removed");
    }
    let gone: BTreeSet<ErasedValue> = proof.entries.iter().flat_map(ProofEntry::erased).collect();
    let said: BTreeSet<ErasedValue> = proof.statement.erased.iter().cloned().collect();
    for ErasedValue { seq, field } in gone.difference(&said) {
        faults.entry(*seq, format!("the value of `{field}` was exported and is missing: it was removed"));
    }
    for ErasedValue { seq, field } in said.difference(&gone).filter(|value| seen.contains(&value.seq)) {
        faults.entry(*seq, format!("the value of `{field}` was erased before the export: it was added later"));
    }
}

/// How many of the entry's values were erased.
fn check_entry(entry: &ProofEntry, sealed: Option<&[u8; 32]>, faults: &mut Faults) -> usize {
    let Some(sealed) = sealed else {
        faults.entry(entry.seq, "no seal in this file holds it");
        return 0;
    };
    if let Some(what) = entry.content_fault(sealed) {
        faults.entry(entry.seq, what);
        return 0;
    }
    entry.check_values().unwrap_or_else(|what| {
        faults.entry(entry.seq, what);
        0
    })
}
