//! Addresses and numbers as those are shown them who may not reach anybody by them.

use serde_json::Value;

use super::{E164Phone, Email};

/// `re•••@example.com`, `+91•••••0011`.
pub fn masked(address: &str) -> String {
    match address.split_once('@') {
        Some((local, domain)) => format!("{}•••@{domain}", local.chars().take(2).collect::<String>()),
        None => {
            let (start, end) = (address.get(..3), address.len().checked_sub(4).and_then(|at| address.get(at..)));
            format!("{}•••••{}", start.unwrap_or_default(), end.unwrap_or_default())
        }
    }
}

/// Masks every text in it that is an email address or a phone number.
pub fn mask_within(value: &mut Value) {
    match value {
        Value::String(text) if Email::parse(text).is_ok() || E164Phone::parse(text).is_ok() => *text = masked(text),
        Value::Array(list) => list.iter_mut().for_each(mask_within),
        Value::Object(map) => map.values_mut().for_each(mask_within),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_address_is_known_again_and_not_reached() {
        assert_eq!(masked("rehana@example.com"), "re•••@example.com");
        assert_eq!(masked("+919000010011"), "+91•••••0011");
        assert_eq!(masked("é@x.example"), "é•••@x.example");
        assert_eq!(masked("+1"), "•••••");
    }

    #[test]
    fn they_are_masked_wherever_they_stand() {
        let mut told =
            json!({ "to": ["rehana@example.com"], "vars": { "phone": "+919000010011", "seats": 2 }, "n": "R" });
        mask_within(&mut told);
        let masked = json!({ "to": ["re•••@example.com"], "vars": { "phone": "+91•••••0011", "seats": 2 }, "n": "R" });
        assert_eq!(told, masked);
    }
}
