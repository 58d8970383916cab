//! An object of JSON that is read field by field: what `#[record]` makes of a type in the browser.

use std::fmt::Display;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde_json::{Map, Value};

/// Why it could not be read.
pub type Misread = serde_json::Error;

/// The fields that are left of an object.
pub struct Fields(Map<String, Value>);

impl Fields {
    /// All of them.
    pub fn of<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Map::deserialize(from).map(Fields)
    }

    /// One of them; where it is absent, what is nothing in JSON.
    pub fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, Misread> {
        T::deserialize(self.value(name).unwrap_or_default()).map_err(|error| named(name, &error))
    }

    /// One of them, or what stands for it.
    pub fn take_or<T: DeserializeOwned>(&mut self, name: &'static str, otherwise: T) -> Result<T, Misread> {
        match self.value(name) {
            Some(value) => T::deserialize(value).map_err(|error| named(name, &error)),
            None => Ok(otherwise),
        }
    }

    /// One of them, or its default.
    pub fn take_or_default<T: DeserializeOwned + Default>(&mut self, name: &'static str) -> Result<T, Misread> {
        self.take_or(name, T::default())
    }

    /// One of them, read by a function.
    pub fn take_with<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Value) -> Result<T, Misread>,
    ) -> Result<T, Misread> {
        read(self.value(name).unwrap_or_default()).map_err(|error| named(name, &error))
    }

    /// One of them, read by a function, or its default.
    pub fn take_with_or_default<T: Default>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Value) -> Result<T, Misread>,
    ) -> Result<T, Misread> {
        match self.value(name) {
            Some(value) => read(value).map_err(|error| named(name, &error)),
            None => Ok(T::default()),
        }
    }

    fn value(&mut self, name: &str) -> Option<Value> {
        self.0.get_mut(name).map(Value::take)
    }
}

fn named(name: &str, error: &dyn Display) -> Misread {
    Misread::custom(format_args!("{name}: {error}"))
}

/// Reads JSON from the server.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Misread> {
    T::deserialize(serde_json::from_str::<Value>(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Fields {
        let mut json = serde_json::Deserializer::from_str(json);
        Fields::of(&mut json).expect("an object")
    }

    #[test]
    fn a_field_is_read_as_what_it_is() {
        let mut seen = fields(r#"{"name":"Asha","age":null,"tags":["a","b"],"more":1}"#);
        assert_eq!(seen.take::<String>("name").unwrap(), "Asha");
        assert_eq!(seen.take::<Option<u8>>("age").unwrap(), None);
        assert_eq!(seen.take::<Vec<String>>("tags").unwrap(), ["a", "b"]);
        assert_eq!(seen.take::<Option<u8>>("absent").unwrap(), None);
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let mut seen = fields(r#"{"age":"old"}"#);
        let wrong = seen.take::<u8>("age").unwrap_err().to_string();
        assert!(wrong.starts_with("age: invalid type: string \"old\""), "{wrong}");
        let missing = seen.take::<String>("name").unwrap_err().to_string();
        assert!(missing.starts_with("name: invalid type: null"), "{missing}");
    }

    #[test]
    fn a_default_stands_only_for_what_is_absent() {
        let mut seen = fields(r#"{"here":7,"null":null}"#);
        assert_eq!(seen.take_or("here", 1).unwrap(), 7);
        assert_eq!(seen.take_or("absent", 1).unwrap(), 1);
        assert_eq!(seen.take_or_default::<u8>("absent").unwrap(), 0);
        assert!(seen.take_or_default::<u8>("null").is_err());
        let twice = |value: Value| u8::deserialize(value).map(|number| number * 2);
        let mut seen = fields(r#"{"here":7}"#);
        assert_eq!(seen.take_with("here", twice).unwrap(), 14);
        assert_eq!(seen.take_with_or_default("absent", twice).unwrap(), 0);
        assert!(fields("{}").take_with("absent", twice).is_err());
    }

    #[test]
    fn json_is_read_whole() {
        assert_eq!(from_json::<Vec<u8>>("[1,2]").unwrap(), [1, 2]);
        assert!(from_json::<Vec<u8>>("[1,2").is_err());
    }
}
