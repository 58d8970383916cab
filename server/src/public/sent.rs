//! What a form has sent, and reading it into what operations take.

use eventify::kernel::clock::new_uuid;
use eventify::kernel::error::{Error, Result, invalid_input};
use eventify::kernel::text::Note;
use eventify::tickets::{AnswerText, Answers, Party, PromoWord, TicketTypeId};
use maud::{Markup, html};

/// Names and values, as they were typed.
#[derive(Default)]
pub struct Sent(pub Vec<(String, String)>);

fn wrong(field: &str, message: impl Into<String>) -> Error {
    invalid_input().detail("Something is missing or not quite right").field(field, message)
}

impl Sent {
    /// The value of that name, trimmed; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim())
    }

    /// The key that makes sending it twice harmless.
    pub fn key(&self) -> &str {
        self.get("key")
    }

    /// The kind of ticket, where one was chosen.
    pub fn kind(&self) -> Result<Option<TicketTypeId>> {
        match self.get("kind") {
            "" => Ok(None),
            id => id.parse().map(Some).map_err(|_| wrong("kind", "choose one of the kinds")),
        }
    }

    /// The kind of ticket, where one must be chosen.
    pub fn one_kind(&self) -> Result<TicketTypeId> {
        self.kind()?.ok_or_else(|| wrong("kind", "choose one of the kinds"))
    }

    /// How many seats; one if nothing is said.
    pub fn seats(&self) -> Result<Party> {
        let count = match self.get("seats") {
            "" => Ok(1),
            text => text.parse::<i32>().map_err(|_| wrong("seats", "must be a number")),
        };
        Party::try_from(count?).map_err(|message| wrong("seats", message))
    }

    /// The promo code, where one was typed.
    pub fn promo(&self) -> Result<Option<PromoWord>> {
        match self.get("promo") {
            "" => Ok(None),
            text => PromoWord::parse(text).map(Some).map_err(|message| wrong("promo", message)),
        }
    }

    /// A line to the organiser.
    pub fn message(&self) -> Result<Option<Note>> {
        match self.get("message") {
            "" => Ok(None),
            text => Note::parse(text).map(Some).map_err(|message| wrong("message", message)),
        }
    }

    /// The answers to the event's questions.
    pub fn answers(&self) -> Result<Answers> {
        let mut answers = Answers::new();
        for (name, value) in &self.0 {
            let question = name.strip_prefix("answer-").and_then(|id| id.parse().ok());
            if let (Some(question), false) = (question, value.trim().is_empty()) {
                let text = AnswerText::parse(value);
                answers.insert(question, text.map_err(|message| wrong(&format!("answers.{question}"), message))?);
            }
        }
        Ok(answers)
    }
}

/// A key of its own for a form.
pub fn new_key() -> Markup {
    html! { input type="hidden" name="key" value=(new_uuid()); }
}

/// What an idempotency key refuses, for people.
pub fn plainly(error: Error) -> Error {
    match error.code() {
        "idempotency_mismatch" => error.detail("You have sent this form before. Look at the event's page first"),
        "idempotency_in_progress" => error.detail("What you sent is being worked on. Wait a moment"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_read_or_named() {
        let question = new_uuid();
        let sent = Sent(vec![
            ("seats".into(), " 2 ".into()),
            (format!("answer-{question}"), " No nuts ".into()),
            ("answer-x".into(), "ignored".into()),
        ]);
        assert_eq!(sent.seats().unwrap().count(), 2);
        assert_eq!(sent.answers().unwrap()[&question].as_str(), "No nuts");
        assert!(sent.kind().unwrap().is_none() && sent.message().unwrap().is_none());
        assert!(sent.one_kind().unwrap_err().for_field("kind").is_some());
        let bad = Sent(vec![("seats".into(), "0".into()), ("kind".into(), "x".into())]);
        assert!(bad.seats().is_err() && bad.kind().is_err());
    }
}
