use super::sql::tsquery;

#[test]
fn typed_text_becomes_beginnings_of_words() {
    assert_eq!(tsquery("Nord licht").as_deref(), Some("'Nord':* & 'licht':*"));
    assert_eq!(tsquery("o'Neil@demo").as_deref(), Some("'o':* & 'Neil':* & 'demo':*"));
    assert_eq!(tsquery(" !&|:* "), None);
}
