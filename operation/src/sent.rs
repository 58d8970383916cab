//! JSON as it is sent to us. A name that is given twice in one object is refused: readers differ in which of the two
//! they take, and what was checked before it came here may have been the other.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads it; the error names what was given twice.
pub fn json(bytes: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(bytes).map(|Sent(value)| value)
}

struct Sent(Value);

impl<'de> Deserialize<'de> for Sent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading).map(Sent)
    }
}

struct Reading;

macro_rules! plain {
    ($($visit:ident $type:ty),*) => {$(
        fn $visit<E: Error>(self, value: $type) -> Result<Value, E> {
            Ok(value.into())
        }
    )*};
}

impl<'de> Visitor<'de> for Reading {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    plain!(visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str, visit_string String);

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Sent(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if values.contains_key(&name) {
                return Err(A::Error::custom(format_args!("`{name}` is given twice")));
            }
            let Sent(value) = map.next_value()?;
            values.insert(name, value);
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_given_once_at_every_depth() {
        for body in [
            r#"{"amount_minor":100,"amount_minor":200}"#,
            r#"{"a":[{"b":{"amount_minor":1,"c":2,"amount_minor":1}}]}"#,
            r#"{"amount_minor":null,"amount\u005fminor":1}"#,
        ] {
            let refused = json(body.as_bytes()).unwrap_err().to_string();
            assert!(refused.starts_with("`amount_minor` is given twice at line 1 column"), "{refused}");
        }
        assert!(json(br#"{"a":{"b":1},"c":{"b":1},"d":[{"b":1},{"b":1}]}"#).is_ok(), "in objects of their own");
    }

    #[test]
    fn all_else_is_read_as_ever() {
        let body = r#"{"a":[1,-2,1.5,18446744073709551615,-9223372036854775808,1e300,0.1,123456789012345678901234,true,
                       false,null,"x\u0000\n😀",[],{}],"b":{"c":{"d":""}}}"#;
        assert_eq!(json(body.as_bytes()).unwrap(), serde_json::from_str::<Value>(body).unwrap());
        for broken in ["", "{", "{\"a\"}", "[1,]", "1e999", "\u{1}", "{\"a\":1} x", &"[".repeat(200)] {
            let (ours, theirs) = (json(broken.as_bytes()).unwrap_err(), serde_json::from_str::<Value>(broken));
            assert_eq!(ours.to_string(), theirs.unwrap_err().to_string(), "{broken}");
        }
    }

    proptest! {
        #[test]
        fn no_input_panics(body in ".{0,60}") {
            let _ = json(body.as_bytes());
        }
    }
}
