//! What a form has sent, and reading it into what operations take.

use std::str::FromStr;

use eventify::kernel::clock::new_uuid;
use eventify::kernel::error::{Error, FieldErrors, Result, invalid_input};
use eventify::kernel::money::{Amount, Currency, Money};
use eventify::kernel::patch::Patch;
use eventify::kernel::text::Note;
use eventify::tickets::{AnswerText, Answers, Party, PromoWord, TicketTypeId};
use maud::{Markup, html};

/// Names and values, as they were typed.
#[derive(Default)]
pub struct Sent(pub Vec<(String, String)>);

/// Said of a form of which something could not be read; what, is said at its fields.
pub const UNREADABLE: &str = "Something is missing or not quite right";

/// One field that is not right.
pub fn wrong(field: &str, message: impl Into<String>) -> Error {
    invalid_input().detail(UNREADABLE).field(field, message)
}

/// A whole number.
pub fn number<T: TryFrom<i32, Error = String>>(text: &str) -> Result<T, String> {
    text.parse::<i32>().map_err(|_| "must be a number".to_owned()).and_then(T::try_from)
}

/// An amount of this currency.
pub fn amount(text: &str, currency: &Currency) -> Result<Money, String> {
    Amount::try_from(text.to_owned())?.exactly_in(currency)
}

impl Sent {
    /// What came with a form; browsers send lines with an end of two characters.
    pub fn typed(pairs: Vec<(String, String)>) -> Sent {
        Sent(pairs.into_iter().map(|(name, value)| (name, value.replace("\r\n", "\n"))).collect())
    }

    /// The value of that name, trimmed; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim())
    }

    /// Every value of that name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(n, _)| n == name).map(|(_, value)| value.trim()).collect()
    }

    /// Whether the box of that name is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.get(name) == "yes"
    }

    /// The key that makes sending it twice harmless.
    pub fn key(&self) -> &str {
        self.get("key")
    }

    /// The ticket type, where one was chosen.
    pub fn kind(&self) -> Result<Option<TicketTypeId>> {
        match self.get("kind") {
            "" => Ok(None),
            id => id.parse().map(Some).map_err(|_| wrong("kind", "choose a ticket")),
        }
    }

    /// The ticket type, where one must be chosen.
    pub fn one_kind(&self) -> Result<TicketTypeId> {
        self.kind()?.ok_or_else(|| wrong("kind", "choose a ticket"))
    }

    /// How many seats; one if nothing is said.
    pub fn seats(&self) -> Result<Party> {
        match self.get("seats") {
            "" => Ok(Party::ONE),
            text => number(text).map_err(|message| wrong("seats", message)),
        }
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

/// Reads what was typed field by field, and keeps what is wrong with each.
pub struct Reading<'a> {
    sent: &'a Sent,
    faults: FieldErrors,
}

impl Reading<'_> {
    pub fn of(sent: &Sent) -> Reading<'_> {
        Reading { sent, faults: FieldErrors::new() }
    }

    /// What was typed into a field, as the operation takes it.
    pub fn one<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        read(self.sent.get(name)).map_err(|message| self.say(name, message)).ok()
    }

    /// The same of a field that may be left empty.
    pub fn maybe<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        if self.sent.get(name).is_empty() { None } else { self.one(name, read) }
    }

    /// The same for a change: a field that was left empty is cleared.
    pub fn patch<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Patch<T> {
        self.maybe(name, read).map_or(Patch::Null, Patch::Value)
    }

    /// The choice of an id, where one was made.
    pub fn chosen<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.maybe(name, |id| id.parse().map_err(|_| "choose one of these".to_owned()))
    }

    pub fn say(&mut self, name: &str, message: impl Into<String>) {
        self.faults.entry(name.to_owned()).or_default().push(message.into());
    }

    /// All that is wrong, in one refusal.
    pub fn refusal(self) -> Error {
        invalid_input().detail(UNREADABLE).fields(self.faults)
    }

    /// Whether everything could be read.
    pub fn checked(self) -> Result<()> {
        if self.faults.is_empty() { Ok(()) } else { Err(self.refusal()) }
    }
}

/// Of an answer that a second click gives again: what was asked for is done already.
pub fn done_before(error: &Error) -> bool {
    error.code() == "invalid_transition"
}

/// A step that is taken, or was taken already: the second click of two.
pub fn done_already<T>(step: Result<T>) -> Result<()> {
    match step {
        Err(error) if done_before(&error) => Ok(()),
        step => step.map(drop),
    }
}

/// A key of its own for a form.
pub fn new_key() -> Markup {
    html! { input type="hidden" name="key" value=(new_uuid()); }
}

/// What an idempotency key refuses, for people.
pub fn plainly(error: Error) -> Error {
    match error.code() {
        "idempotency_mismatch" => error.detail("You have sent this form before. Check the event page first"),
        "idempotency_in_progress" => error.detail("Your form is being processed. Wait a moment"),
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

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let sent = Sent(vec![("seats".into(), "many".into()), ("kind".into(), "x".into())]);
        let mut reading = Reading::of(&sent);
        assert!(reading.one("seats", number::<Party>).is_none() && reading.chosen::<TicketTypeId>("kind").is_none());
        assert!(reading.maybe("message", Note::parse).is_none());
        let refused = reading.checked().unwrap_err();
        assert_eq!(refused.field_errors().keys().collect::<Vec<_>>(), ["kind", "seats"]);
    }
}
