use super::sql::tsquery;

#[test]
fn typed_text_becomes_beginnings_of_words() {
    assert_eq!(tsquery("Nord licht").as_deref(), Some("'nord':* & 'licht':*"));
    assert_eq!(tsquery("o'Neil@demo").as_deref(), Some("'o':* & 'neil':* & 'demo':*"));
    assert_eq!(tsquery(" !&|:* "), None);
}
