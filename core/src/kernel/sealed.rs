//! What binds an entry of the audit log: its hash, and the commitment to each value. Pure: whoever checks a proof
//! computes them as whoever wrote the entry did.

use std::collections::BTreeMap;

use serde_json::{Number, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::timestamp::Timestamp;

/// SHA-256 over parts; each part is preceded by its length, so that parts cannot run together.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Sha256::new();
    for part in parts {
        context.update((part.len() as u64).to_be_bytes());
        context.update(part);
    }
    context.finalize().into()
}

/// What a row's hash covers, in this order. The sealer chains these hashes; the verifier computes
/// them again from the stored columns.
pub struct Sealed<'a> {
    /// Row id.
    pub id: Uuid,
    /// Kind of actor.
    pub actor_kind: &'a str,
    /// Actor's id.
    pub actor_id: Option<Uuid>,
    /// Actor's name at the time.
    pub actor_label: &'a str,
    /// The action.
    pub action: &'a str,
    /// The type of object.
    pub object_type: &'a str,
    /// To which.
    pub object_id: &'a str,
    /// Field → commitment.
    pub change_set: &'a BTreeMap<String, String>,
    /// Why; of rows that were written before reasons were values.
    pub reason: Option<&'a str>,
    /// From where.
    pub ip: Option<String>,
    /// The request it was part of.
    pub request_id: Option<&'a str>,
    /// When.
    pub created_at: Timestamp,
}

impl Sealed<'_> {
    /// The row's hash.
    pub fn hash(&self) -> [u8; 32] {
        let changes = serde_json::to_vec(self.change_set).unwrap_or_default();
        let actor_id = self.actor_id.map(|id| id.to_string());
        // Nothing and an empty text must not hash alike.
        let marked = |text: Option<&str>| text.map_or(String::new(), |text| format!("={text}"));
        sha256(&[
            b"eventify/audit/v1",
            self.id.as_bytes(),
            self.actor_kind.as_bytes(),
            marked(actor_id.as_deref()).as_bytes(),
            self.actor_label.as_bytes(),
            self.action.as_bytes(),
            self.object_type.as_bytes(),
            self.object_id.as_bytes(),
            &changes,
            marked(self.reason).as_bytes(),
            marked(self.ip.as_deref()).as_bytes(),
            marked(self.request_id).as_bytes(),
            &(self.created_at.0.unix_timestamp_nanos() / 1000).to_be_bytes(),
        ])
    }
}

/// The commitment to one field's change.
pub fn commitment(salt: &[u8], field: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let bytes = |value: Option<&Value>| value.map(canonical).unwrap_or_default();
    let presence = [u8::from(before.is_some()), u8::from(after.is_some())];
    hex::encode(sha256(&[salt, field.as_bytes(), &presence, &bytes(before), &bytes(after)]))
}

/// JSON with sorted keys and numbers in one form, whatever they came in: PostgreSQL's jsonb keeps neither order nor form.
pub fn canonical(value: &Value) -> Vec<u8> {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let ordered: BTreeMap<_, _> = map.iter().map(|(k, v)| (k.clone(), sorted(v))).collect();
                Value::Object(ordered.into_iter().collect())
            }
            Value::Array(list) => Value::Array(list.iter().map(sorted).collect()),
            Value::Number(number) => Value::Number(kept(number)),
            other => other.clone(),
        }
    }
    serde_json::to_vec(&sorted(value)).unwrap_or_default()
}

/// A number as it is read again from jsonb, which writes no exponents and knows no zero below zero.
fn kept(number: &Number) -> Number {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else { return number.clone() };
    if float == 0.0 {
        return Number::from_f64(0.0).unwrap_or_else(|| number.clone());
    }
    if !number.to_string().contains('e') {
        return number.clone();
    }
    // Rust's own form has no exponent either: what it says without a point is read as a whole number, if there is room.
    let plain = float.to_string();
    let whole = plain.parse::<u64>().map(Number::from).or_else(|_| plain.parse::<i64>().map(Number::from));
    whole.unwrap_or_else(|_| number.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_bound_in_the_form_it_is_read_again() {
        let bound = |text: &str| String::from_utf8(canonical(&serde_json::from_str(text).unwrap())).unwrap();
        for (said, read) in [
            ("1e19", "10000000000000000000"),
            ("-1e16", "-10000000000000000"),
            ("1.2345678901234566e17", "123456789012345660"),
            ("-0.0", "0.0"),
            ("1.076006359453542e+24", "1076006359453542000000000"),
            ("123456789012345678901234", "123456789012345680000000"),
            ("-6.1764138915299615e-09", "-0.0000000061764138915299615"),
            ("12.50", "12.5"),
            ("12.0", "12.0"),
            ("12", "12"),
        ] {
            assert_eq!(bound(said), bound(read), "{said}");
        }
        assert_ne!(bound("12.0"), bound("12"), "what jsonb tells apart");
    }
}
