//! Fields of a PATCH: absent is left alone, `null` clears, a value sets.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One field of a PATCH. Use with `#[serde(default, skip_serializing_if = "Patch::is_absent")]`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Not in the body: leave it alone.
    #[default]
    Absent,
    /// `null`: clear it.
    Null,
    /// Set it.
    Value(T),
}

impl<T> Patch<T> {
    /// Whether the field was not in the body.
    pub fn is_absent(&self) -> bool {
        matches!(self, Patch::Absent)
    }
    /// The same of something else.
    pub fn map<U>(self, into: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Patch::Absent => Patch::Absent,
            Patch::Null => Patch::Null,
            Patch::Value(value) => Patch::Value(into(value)),
        }
    }
    /// The field's new value, given what it was.
    pub fn apply(self, before: Option<T>) -> Option<T> {
        match self {
            Patch::Absent => before,
            Patch::Null => None,
            Patch::Value(value) => Some(value),
        }
    }
}
impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Patch::Value(value) => value.serialize(serializer),
            _ => serializer.serialize_none(),
        }
    }
}
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::<T>::deserialize(deserializer)? {
            Some(value) => Patch::Value(value),
            None => Patch::Null,
        })
    }
}
#[cfg(feature = "ssr")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Patch<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Patch_{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Option::<T>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Change {
        #[serde(default)]
        note: Patch<String>,
    }

    #[test]
    fn absent_null_and_value_differ() {
        let note = |json: &str| serde_json::from_str::<Change>(json).unwrap().note;
        assert_eq!(note("{}"), Patch::Absent);
        assert_eq!(note(r#"{"note":null}"#), Patch::Null);
        assert_eq!(note(r#"{"note":"x"}"#), Patch::Value("x".into()));
        assert_eq!(Patch::Absent.apply(Some(1)), Some(1));
        assert_eq!(Patch::Null.apply(Some(1)), None);
    }
}
