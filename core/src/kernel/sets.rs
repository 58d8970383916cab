//! Lists whose entries differ. As the schema says (`uniqueItems`), one that names an entry twice is refused: who
//! sends it meant something else.

use std::collections::BTreeSet;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// For `#[serde(deserialize_with)]` on a set.
pub fn distinct<'de, T, D>(deserializer: D) -> Result<BTreeSet<T>, D::Error>
where
    T: Deserialize<'de> + Serialize + Ord,
    D: Deserializer<'de>,
{
    all_once(Vec::deserialize(deserializer)?)
}

/// The same where the set may be absent.
pub fn distinct_if_any<'de, T, D>(deserializer: D) -> Result<Option<BTreeSet<T>>, D::Error>
where
    T: Deserialize<'de> + Serialize + Ord,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer)?.map(all_once).transpose()
}

fn all_once<T: Serialize + Ord, E: Error>(entries: Vec<T>) -> Result<BTreeSet<T>, E> {
    let mut set = BTreeSet::new();
    for entry in entries {
        if let Some(again) = set.replace(entry) {
            let word = serde_json::to_string(&again).unwrap_or_default();
            return Err(E::custom(format!("names {} twice; name it once", word.trim_matches('"'))));
        }
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Input {
        #[serde(deserialize_with = "distinct")]
        kinds: BTreeSet<String>,
        #[serde(default, deserialize_with = "distinct_if_any")]
        more: Option<BTreeSet<i32>>,
    }

    #[test]
    fn an_entry_named_twice_is_refused() {
        let good: Input = serde_json::from_str(r#"{"kinds": ["b", "a"]}"#).unwrap();
        assert_eq!((good.kinds.len(), good.more), (2, None));
        let good: Input = serde_json::from_str(r#"{"kinds": [], "more": [2, 1]}"#).unwrap();
        assert_eq!(good.more.map(|set| set.len()), Some(2));
        for (bad, word) in
            [(r#"{"kinds": ["a", "b", "a"]}"#, "names a twice"), (r#"{"kinds": [], "more": [1, 1]}"#, "1 twice")]
        {
            let refused = serde_json::from_str::<Input>(bad).err().expect("refused").to_string();
            assert!(refused.contains(word), "{refused}");
        }
    }
}
