//! What several forms choose from: currencies and time zones, by name. Nobody types the letters of either.

use eventify_core::kernel::currencies::CURRENCIES;

use super::Options;

/// All currencies, by their letters: `INR · Indian rupee`.
pub fn currencies() -> Options {
    CURRENCIES.iter().map(|(letters, name)| ((*letters).to_owned(), format!("{letters} · {name}"))).collect()
}

/// Time zones, as people read their names.
pub fn zones(names: Vec<String>) -> Options {
    names.into_iter().map(|name| (name.clone(), name.replace('_', " "))).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn choices_say_what_their_letters_mean() {
        let rupee = super::currencies().into_iter().find(|(letters, _)| letters == "INR");
        assert_eq!(rupee.map(|(_, name)| name).as_deref(), Some("INR · Indian rupee"));
        assert_eq!(super::zones(vec!["America/New_York".to_owned()])[0].1, "America/New York");
    }
}
