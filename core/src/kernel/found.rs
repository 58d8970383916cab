//! Narrowing a list by what was typed and by when its rows changed, written once for all lists.

use std::borrow::Cow;

use sqlx::{Postgres, QueryBuilder};

use super::text::{Phone, SearchText, is_phone_mark};
use super::timestamp::Timestamp;

/// Narrows a list to rows that were changed at or after this time: the latest of these, one for each record of which a
/// row tells something.
pub fn push_updated_since(query: &mut QueryBuilder<Postgres>, changed: &[&'static str], since: Option<Timestamp>) {
    let Some(since) = since else { return };
    match changed {
        [one] => query.push(format_args!(" and {one} >= ")),
        all => query.push(format_args!(" and greatest({}) >= ", all.join(", "))),
    };
    query.push_bind(since);
}

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
pub fn number_or_words(typed: &str) -> Cow<'_, str> {
    match Phone::parse(typed) {
        // Within a country it is dialled with a zero that is not part of it.
        Ok(number) if number.as_str().bytes().any(|digit| (b'1'..=b'9').contains(&digit)) => {
            number.as_str().trim_start_matches('0').to_owned().into()
        }
        Ok(_) => typed.into(),
        Err(_) if typed.chars().filter(char::is_ascii_digit).count() < 3 => typed.into(),
        Err(_) if typed.chars().any(|c| !c.is_ascii_digit() && !is_phone_mark(c)) => typed.into(),
        Err(_) => typed.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>().into(),
    }
}
