//! All SQL of search.

use std::borrow::Cow;

use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::{Hit, HitKind, SearchText};
use crate::kernel::caller::{Caller, ScopeKey};
use crate::kernel::error::Result;
use crate::kernel::text::{Phone, is_phone_mark};

/// Narrows a list to rows of which one of these texts holds what was typed, accents, case and normal forms aside.
/// The texts are in the form of `search_fold`, kept so or made so.
pub fn push_found(query: &mut QueryBuilder<Postgres>, texts: &[&'static str], typed: Option<&SearchText>) {
    if let Some(typed) = typed {
        push_pattern(query, texts, typed.as_str());
    }
}

/// The same for texts that hold phone numbers: one is found however it is written.
pub fn push_person_found(query: &mut QueryBuilder<Postgres>, texts: &[&'static str], typed: Option<&SearchText>) {
    if let Some(typed) = typed {
        push_pattern(query, texts, &number_or_words(typed.as_str()));
    }
}

fn push_pattern(query: &mut QueryBuilder<Postgres>, texts: &[&'static str], typed: &str) {
    if typed.is_empty() {
        return;
    }
    for (at, text) in texts.iter().enumerate() {
        query.push(if at == 0 { " and (" } else { " or " });
        query.push(text).push(" like search_pattern(").push_bind(typed.to_owned()).push(")");
    }
    query.push(")");
}

/// A phone number as it is kept, or at least its digits; other text as it is.
fn number_or_words(typed: &str) -> Cow<'_, str> {
    match Phone::parse(typed) {
        // Within a country it is dialled with a zero that is not part of it.
        Ok(number) => number.as_str().trim_start_matches('0').to_owned().into(),
        Err(_) if typed.chars().filter(char::is_ascii_digit).count() < 3 => typed.into(),
        Err(_) if typed.chars().any(|c| !c.is_ascii_digit() && !is_phone_mark(c)) => typed.into(),
        Err(_) => typed.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>().into(),
    }
}

/// Letters and digits become words, each of which must begin a word that is found. No words, no query.
pub fn tsquery(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(|word| format!("'{word}':*")).collect();
    (!words.is_empty()).then(|| words.join(" & "))
}

/// How many of those that fit are ranked: one letter fits nearly everything, and whoever types it wants no more
/// than a start.
const RANKED: i64 = 500;

/// What fits and the caller may see, the best first.
pub async fn find(db: &mut PgConnection, terms: &str, caller: &Caller) -> Result<Vec<Hit>> {
    let Some(staff) = caller.staff() else { return Ok(Vec::new()) };
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
           where terms @@ to_tsquery('simple', search_fold($1::text)) and (permission_id = any($2::text[])
               or exists (select 1 from unnest($3::uuid[], $4::text[]) as s (partner, permission)
                          where s.partner = e.partner_id and s.permission = e.permission_id)
               or e.kind = 'event' and exists (select 1 from unnest($5::uuid[], $6::text[]) as s (event, permission)
                          where s.event = e.object_id and s.permission = e.permission_id))
           limit $7) e
           order by ts_rank(terms, to_tsquery('simple', search_fold($1::text))) desc, title, object_id limit 20"#,
        terms,
        &everywhere as &[&str],
        &partners,
        &there as &[&str],
        &events,
        &at as &[&str],
        RANKED,
    )
    .fetch_all(db)
    .await?)
}
