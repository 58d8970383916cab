//! Path, query and body merged into one tree, and typed arguments read from it.

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer, StringDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde_json::Value;

use crate::Error;
use crate::error::invalid_input;
use crate::plain::{in_plain_words, kind_of, one_of};

/// One argument, or a group of them: text from the URL is parsed into what the type asks for, JSON
/// from the body is taken as it stands.
#[derive(Clone, Debug)]
pub enum ArgumentNode {
    /// From the path or the query.
    Text(String),
    /// From the body.
    Json(Value),
    /// Named arguments.
    Map(Vec<(String, ArgumentNode)>),
    /// A query parameter that was given several times.
    List(Vec<ArgumentNode>),
}

impl ArgumentNode {
    /// Query pairs as a map; a repeated name becomes a list, an empty value counts as absent.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut map: Vec<(String, ArgumentNode)> = Vec::new();
        for (name, value) in pairs.into_iter().filter(|(_, v)| !v.is_empty()) {
            match map.iter_mut().find(|(n, _)| *n == name) {
                None => map.push((name, ArgumentNode::Text(value))),
                Some((_, ArgumentNode::List(list))) => list.push(ArgumentNode::Text(value)),
                Some((_, slot)) => {
                    let first = std::mem::replace(slot, ArgumentNode::List(Vec::new()));
                    *slot = ArgumentNode::List(vec![first, ArgumentNode::Text(value)]);
                }
            }
        }
        ArgumentNode::Map(map)
    }

    /// `1.0` is a whole number too: JSON does not tell them apart, and some languages write them so.
    fn whole(self) -> Self {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match &self {
            ArgumentNode::Json(Value::Number(number)) => match number.as_f64() {
                Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() <= EXACT => {
                    ArgumentNode::Json(Value::from(value as i64))
                }
                _ => self,
            },
            _ => self,
        }
    }
}

/// What a newtype is called to serde that takes a value of the body just as it was sent, NUL and all: for what is read
/// one by one, where one that cannot be read must not refuse the rest.
pub const VERBATIM: &str = "operation::Verbatim";

/// No database keeps NUL, whatever the type that the text is for: not in a word, a filter or free JSON.
fn storable(text: String) -> Result<String, ParseError> {
    match text.contains('\0') {
        true => Err(ParseError("must not contain control characters (U+0000)".to_owned())),
        false => Ok(text),
    }
}

/// Reads typed arguments; an error names the field and what would be right.
pub fn parse_arguments<T: DeserializeOwned>(node: ArgumentNode) -> Result<T, Error> {
    serde_path_to_error::deserialize(node).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().0;
        let field = field_name(&path, &message);
        let message = in_plain_words(message);
        invalid_input().detail(format!("{field}: {message}")).field(field, message)
    })
}

/// `input.address.city` → `address.city`; a missing or unknown field is named by the message.
fn field_name(path: &str, message: &str) -> String {
    let path = path
        .strip_prefix("input")
        .or_else(|| path.strip_prefix("query"))
        .map(|rest| rest.trim_start_matches('.'))
        .unwrap_or(path);
    let path = if path == "." || path == "?" { "" } else { path };
    let named = message.starts_with("missing field") || message.starts_with("unknown field");
    let inner = named.then(|| message.split('`').nth(1)).flatten();
    match (path, inner) {
        ("", Some(inner)) => inner.to_owned(),
        (path, Some(inner)) if path != inner && !path.ends_with(&format!(".{inner}")) => {
            format!("{path}.{inner}")
        }
        ("", None) => "body".to_owned(),
        (path, _) => path.to_owned(),
    }
}

/// The message of a failed parse.
#[derive(Debug)]
pub struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for ParseError {}
impl serde::de::Error for ParseError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        ParseError(message.to_string())
    }
}
impl From<serde_json::Error> for ParseError {
    fn from(error: serde_json::Error) -> Self {
        ParseError(error.to_string())
    }
}

impl<'de> IntoDeserializer<'de, ParseError> for ArgumentNode {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parse_text {
    ($($method:ident $visit:ident $expected:literal),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParseError> {
            match self {
                ArgumentNode::Text(text) => match text.parse() {
                    Ok(value) => visitor.$visit(value),
                    Err(_) => Err(ParseError(format!("must be {}, not `{text}`", $expected))),
                },
                other => other.whole().deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for ArgumentNode {
    type Error = ParseError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParseError> {
        match self {
            ArgumentNode::Text(text) => visitor.visit_string(storable(text)?),
            ArgumentNode::Json(Value::String(text)) => visitor.visit_string(storable(text)?),
            // Step by step, so that a path inside the body is known when something is wrong there.
            ArgumentNode::Json(Value::Object(map)) => {
                if map.keys().any(|name| name.contains('\0')) {
                    return Err(ParseError("must not have names with control characters (U+0000)".to_owned()));
                }
                visitor.visit_map(MapDeserializer::new(map.into_iter().map(|(k, v)| (k, ArgumentNode::Json(v)))))
            }
            ArgumentNode::Json(Value::Array(list)) => {
                visitor.visit_seq(SeqDeserializer::new(list.into_iter().map(ArgumentNode::Json)))
            }
            ArgumentNode::Json(value) => Ok(value.deserialize_any(visitor)?),
            ArgumentNode::Map(map) => visitor.visit_map(MapDeserializer::new(map.into_iter())),
            ArgumentNode::List(list) => visitor.visit_seq(SeqDeserializer::new(list.into_iter())),
        }
    }

    parse_text! {
        deserialize_bool visit_bool "true or false",
        deserialize_i8 visit_i8 "a whole number",
        deserialize_i16 visit_i16 "a whole number",
        deserialize_i32 visit_i32 "a whole number",
        deserialize_i64 visit_i64 "a whole number",
        deserialize_u8 visit_u8 "a whole number, 0 or more",
        deserialize_u16 visit_u16 "a whole number, 0 or more",
        deserialize_u32 visit_u32 "a whole number, 0 or more",
        deserialize_u64 visit_u64 "a whole number, 0 or more",
        deserialize_f32 visit_f32 "a number",
        deserialize_f64 visit_f64 "a number",
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParseError> {
        match self {
            ArgumentNode::Json(Value::Null) => visitor.visit_none(),
            other => visitor.visit_some(other),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParseError> {
        match self {
            // `?status=a,b` is the same as `?status=a&status=b`.
            ArgumentNode::Text(text) => visitor.visit_seq(SeqDeserializer::new(
                text.split(',').map(|part| ArgumentNode::Text(part.trim().to_owned())).collect::<Vec<_>>().into_iter(),
            )),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ParseError> {
        match self {
            ArgumentNode::Json(value) if name == VERBATIM => Ok(visitor.visit_newtype_struct(value)?),
            other => visitor.visit_newtype_struct(other),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ParseError> {
        match self {
            ArgumentNode::Text(text) => visitor.visit_enum(StringDeserializer::new(text)),
            ArgumentNode::Json(value @ (Value::String(_) | Value::Object(_))) => {
                Ok(value.deserialize_enum(name, variants, visitor)?)
            }
            _ => Err(ParseError(one_of(variants))),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ParseError> {
        match self {
            ArgumentNode::Map(mut map) => {
                // An argument of its own is not also a field of the group `query`.
                if let Some((_, ArgumentNode::Map(query))) = map.iter_mut().find(|(name, _)| name == "query") {
                    query.retain(|(name, _)| !fields.contains(&name.as_str()));
                }
                ArgumentNode::Map(map).deserialize_any(visitor)
            }
            // A list would be taken as the values of the fields, in their order.
            ArgumentNode::Json(value) if !value.is_object() => {
                Err(ParseError(format!("must be an object, not {}", kind_of(&value))))
            }
            other => other.deserialize_any(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple tuple_struct map
        identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Status {
        Active,
        Inactive,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Filter {
        limit: Option<u32>,
        status: Option<Vec<Status>>,
        live: Option<bool>,
        q: Option<String>,
    }
    #[derive(Debug, Deserialize)]
    struct Listing {
        query: Filter,
    }
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Address {
        city: String,
        floor: u8,
    }
    #[derive(Debug, Deserialize)]
    struct Change {
        id: u64,
        input: Address,
    }

    fn filter(query: &[(&str, &str)]) -> Result<Filter, Error> {
        let pairs = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let node = ArgumentNode::Map(vec![("query".into(), ArgumentNode::from_pairs(pairs))]);
        parse_arguments::<Listing>(node).map(|l| l.query)
    }
    fn change(id: &str, body: Value) -> Result<Change, Error> {
        parse_arguments(ArgumentNode::Map(vec![
            ("id".into(), ArgumentNode::Text(id.into())),
            ("input".into(), ArgumentNode::Json(body)),
        ]))
    }

    #[test]
    fn text_becomes_what_the_type_asks_for() {
        let got = filter(&[("limit", "25"), ("status", "active,inactive"), ("live", "true"), ("q", "7")]);
        let want = Filter {
            limit: Some(25),
            status: Some(vec![Status::Active, Status::Inactive]),
            live: Some(true),
            q: Some("7".into()),
        };
        assert_eq!(got.unwrap(), want);
        let repeated = filter(&[("status", "inactive"), ("status", "active")]).unwrap();
        assert_eq!(repeated.status, Some(vec![Status::Inactive, Status::Active]));
        assert_eq!(filter(&[("limit", "")]).unwrap().limit, None, "empty counts as absent");
    }

    #[test]
    fn errors_name_the_field() {
        let error = filter(&[("limit", "many")]).unwrap_err();
        assert_eq!(error.status(), 422);
        assert!(error.for_field("limit").unwrap()[0].contains("whole number"));
        let missing = change("4", json!({"city": "Pune"})).unwrap_err();
        assert_eq!(missing.for_field("floor").unwrap(), ["is required"]);
        let wrong = change("4", json!({"city": "Pune", "floor": 900})).unwrap_err();
        assert!(wrong.for_field("floor").is_some(), "{wrong:?}");
        let unknown = change("4", json!({"city": "Pune", "floor": 1, "flor": 2})).unwrap_err();
        assert_eq!(unknown.for_field("flor").unwrap(), ["is not a known field: there are city, floor"]);
        assert!(change("x", json!({"city": "Pune", "floor": 1})).unwrap_err().for_field("id").is_some());
        let good = change("4", json!({"city": "Pune", "floor": 1})).unwrap();
        assert_eq!((good.id, good.input.city.as_str(), good.input.floor), (4, "Pune", 1));
    }

    #[test]
    fn an_object_is_an_object_wherever_it_is_asked_for() {
        #[derive(Debug, Deserialize, PartialEq)]
        #[serde(default)]
        #[derive(Default)]
        struct Marks {
            ids: Vec<u8>,
            place: Option<Place>,
        }
        #[derive(Debug, Deserialize, PartialEq)]
        struct Place {
            city: String,
        }
        #[derive(Debug, Deserialize)]
        struct Read {
            input: Marks,
        }
        let read = |body: Value| {
            let map = ArgumentNode::Map(vec![("input".into(), ArgumentNode::Json(body))]);
            parse_arguments::<Read>(map).map(|read| read.input)
        };
        assert_eq!(read(json!({})).unwrap(), Marks::default());
        for (body, kind) in [
            (json!([]), "a list"),
            (json!([[1], { "city": "Pune" }]), "a list"),
            (json!(null), "null"),
            (json!("x"), "text"),
            (json!(7), "a number"),
            (json!(true), "true or false"),
        ] {
            let refused = read(body).unwrap_err();
            assert_eq!(refused.status(), 422);
            assert_eq!(refused.for_field("body").unwrap(), [format!("must be an object, not {kind}")]);
        }
        let refused = read(json!({ "place": ["Pune"] })).unwrap_err();
        assert_eq!(refused.for_field("place").unwrap(), ["must be an object, not a list"]);
    }

    #[test]
    fn a_word_that_is_none_is_told_the_ones_there_are() {
        #[derive(Debug, Deserialize)]
        enum Method {
            #[serde(rename = "cash", alias = "Cash")]
            Cash,
            #[serde(rename = "comp", alias = "Comp")]
            Comp,
            #[serde(rename = "card", alias = "Card")]
            Card,
        }
        #[derive(Debug, Deserialize)]
        struct Sale {
            input: Sold,
        }
        #[derive(Debug, Deserialize)]
        struct Sold {
            method: Method,
        }
        let sell = |method: Value| {
            let input = ArgumentNode::Json(json!({ "method": method }));
            parse_arguments::<Sale>(ArgumentNode::Map(vec![("input".into(), input)])).map(|sale| sale.input.method)
        };
        assert!(matches!(sell(json!("cash")), Ok(Method::Cash)) && matches!(sell(json!("Comp")), Ok(Method::Comp)));
        assert!(matches!(sell(json!("card")), Ok(Method::Card)));
        for wrong in [json!("CASH"), json!("gift`, expected `"), json!(""), json!(7), json!([]), json!(null)] {
            let refused = sell(wrong.clone()).unwrap_err();
            assert_eq!(refused.for_field("method").unwrap(), ["must be cash, comp or card"], "{wrong}");
        }
        let refused = filter(&[("status", "Active")]).unwrap_err();
        assert_eq!(refused.for_field("status[0]").unwrap(), ["must be active or inactive"]);
    }

    #[test]
    fn what_is_of_another_kind_is_told_what_would_be_right() {
        for (floor, told) in [
            (json!("high"), "must be a whole number from 0 to 255, not text"),
            (json!(900), "must be a whole number from 0 to 255"),
            (json!(-1), "must be a whole number from 0 to 255"),
            (json!(1.5), "must be a whole number from 0 to 255"),
            (json!(null), "must be a whole number from 0 to 255, not null"),
            (json!({ "a": 1 }), "must be a whole number from 0 to 255, not an object"),
        ] {
            let refused = change("4", json!({ "city": "Pune", "floor": floor })).unwrap_err();
            assert_eq!(refused.for_field("floor").unwrap(), [told], "{floor}");
        }
        for (city, told) in [
            (json!(7), "must be text, not a number"),
            (json!(["Pune, expected"]), "must be text, not a list"),
            (json!(true), "must be text, not true or false"),
        ] {
            let refused = change("4", json!({ "city": city, "floor": 1 })).unwrap_err();
            assert_eq!(refused.for_field("city").unwrap(), [told], "{city}");
        }
    }

    #[test]
    fn nul_is_refused_wherever_it_stands() {
        let refused = filter(&[("q", "a\0b")]).unwrap_err();
        assert!(refused.for_field("q").unwrap()[0].contains("control characters"), "{refused:?}");
        #[derive(Debug, Deserialize)]
        struct Free {
            #[allow(dead_code)]
            input: Metadata,
        }
        #[derive(Debug, Deserialize)]
        struct Metadata {
            #[allow(dead_code)]
            metadata: Value,
        }
        let free = |metadata: Value| {
            let input = ArgumentNode::Json(json!({ "metadata": metadata }));
            parse_arguments::<Free>(ArgumentNode::Map(vec![("input".into(), input)]))
        };
        assert!(free(json!({"a": {"b": ["x", 1.5, null]}})).is_ok());
        let inside = free(json!({"a": {"b": ["x", "y\0"]}})).unwrap_err();
        assert!(inside.for_field("metadata.a.b[1]").is_some(), "{inside:?}");
        assert!(free(json!({"a\0": 1})).unwrap_err().for_field("metadata").is_some());
    }

    #[test]
    fn verbatim_takes_what_it_is_given() {
        #[derive(Debug, Deserialize, PartialEq)]
        #[serde(rename = "operation::Verbatim")]
        struct Verbatim(Value);
        #[derive(Debug, Deserialize)]
        struct Sent {
            all: Vec<Verbatim>,
        }
        let body = json!({ "all": [{ "code": "a\0", "b\0": 1.0 }, null, "\0"] });
        let read = parse_arguments::<Sent>(ArgumentNode::Json(body.clone())).unwrap();
        assert_eq!(json!(read.all.into_iter().map(|one| one.0).collect::<Vec<_>>()), body["all"]);
    }

    #[test]
    fn whole_numbers_may_be_written_with_a_point() {
        assert_eq!(change("4", json!({"city": "Pune", "floor": 3.0})).unwrap().input.floor, 3);
        for wrong in [json!(3.5), json!(300.0), json!(-1.0), json!(1e300)] {
            assert!(change("4", json!({"city": "Pune", "floor": wrong})).unwrap_err().for_field("floor").is_some());
        }
    }

    proptest! {
        #[test]
        fn no_input_panics(text in ".{0,40}", body in ".{0,60}") {
            let _ = filter(&[("limit", &text), ("status", &text), ("live", &text)]);
            let body = serde_json::from_str(&body).unwrap_or(Value::String(body));
            let _ = change(&text, body);
        }
    }
}
