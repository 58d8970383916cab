//! All SQL of search.

use sqlx::PgConnection;

use super::{Hit, HitKind, Numbered, SearchText};
use crate::kernel::caller::{Caller, ScopeKey};
use crate::kernel::error::Result;
use crate::kernel::found::number_or_words;
use crate::kernel::text::is_phone_mark;

/// How many of those that fit are ranked: one letter fits nearly everything, and whoever types it wants no more
/// than a start.
const RANKED: i64 = 500;

/// So many digits are a phone number, or the better part of one.
const DIGITS: usize = 5;

/// What was typed as phone numbers are kept, where it is one; else nothing.
fn typed_number(typed: &str) -> Option<String> {
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    (digits >= DIGITS && typed.chars().all(|c| c.is_ascii_digit() || is_phone_mark(c)))
        .then(|| number_or_words(typed).into_owned())
}

/// The number of a document, as it is printed, where that was typed: `EV-XJHM251HHY`, `INV/26-27/000041`.
fn typed_document(typed: &str) -> Option<String> {
    let number = typed.trim().to_uppercase();
    let marks = number.contains(['-', '/']) && number.bytes().any(|byte| byte.is_ascii_digit());
    let plain = number.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/'));
    (marks && plain && number.starts_with(|first: char| first.is_ascii_uppercase())).then_some(number)
}

/// What fits and the caller may see, the best first.
pub async fn find(db: &mut PgConnection, typed: &SearchText, caller: &Caller) -> Result<Vec<Hit>> {
    let Some(staff) = caller.staff() else { return Ok(Vec::new()) };
    if let Some(number) = typed_document(typed.as_str()) {
        let mut found = Vec::new();
        for numbered in inventory::iter::<Numbered>().filter(|one| staff.permissions.contains(&one.permission)) {
            found.extend((numbered.find)(&mut *db, &number).await?);
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let everywhere: Vec<&str> = staff.permissions.iter().map(|permission| permission.code()).collect();
    let (mut partners, mut there) = (Vec::new(), Vec::new());
    let (mut events, mut at) = (Vec::new(), Vec::new());
    for (key, permissions) in &staff.scoped {
        let codes = permissions.iter().map(|permission| permission.code());
        match key {
            ScopeKey::Partner(partner) => {
                partners.extend(permissions.iter().map(|_| *partner));
                there.extend(codes);
            }
            ScopeKey::Event(event) => {
                events.extend(permissions.iter().map(|_| *event));
                at.extend(codes);
            }
            _ => {}
        }
    }
    Ok(sqlx::query_as!(
        Hit,
        r#"select kind as "kind: HitKind", object_id as id, title, detail
           from (select e.kind, e.object_id, e.title, e.detail, e.terms from search_entries e
           where (terms @@ search_terms($1) or e.kind = 'user' and e.object_id in
                      (select u.id from end_users u where u.search_text like search_pattern($8) limit $7)) and (permission_id = any($2::text[])
               or exists (select 1 from unnest($3::uuid[], $4::text[]) as s (partner, permission)
                          where s.partner = e.partner_id and s.permission = e.permission_id)
               or e.kind = 'event' and exists (select 1 from unnest($5::uuid[], $6::text[]) as s (event, permission)
                          where s.event = e.object_id and s.permission = e.permission_id))
           limit $7) e
           order by ts_rank(terms, search_terms($1)) desc, title, object_id limit 20"#,
        typed.as_str(),
        &everywhere as &[&str],
        &partners,
        &there as &[&str],
        &events,
        &at as &[&str],
        RANKED,
        typed_number(typed.as_str()),
    )
    .fetch_all(db)
    .await?)
}

#[cfg(test)]
mod tests {
    use super::typed_document;

    #[test]
    fn numbers_of_documents_are_known_by_their_marks() {
        for (typed, number) in [
            (" ev-xjhm251hhy", "EV-XJHM251HHY"),
            ("INV/26-27/000041", "INV/26-27/000041"),
            ("crn/2026/000001", "CRN/2026/000001"),
        ] {
            assert_eq!(typed_document(typed).as_deref(), Some(number));
        }
        for words in ["Marigold Halls", "o'neil-smith", "98450-12345", "EV", "asha@example.com"] {
            assert_eq!(typed_document(words), None, "{words}");
        }
    }
}
