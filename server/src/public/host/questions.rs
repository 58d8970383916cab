//! What guests are asked on their way in: all questions on one form, with room for two more.

use axum::response::Response;
use eventify::events::operations::{event_question_list, event_question_set};
use eventify::events::{Question, QuestionInput, QuestionKind, QuestionLabel, QuestionList, QuestionOption};
use eventify::kernel::error::{Error, Result};
use maud::{Markup, html};

use super::super::fields::Fields;
use super::super::sent::{Reading, Sent, new_key};
use super::super::view::{Head, refusal};
use super::super::visitor::Visitor;
use super::{Pairs, find, outcome, path, top};
use crate::web::parts::{Form, Path};

/// The most an event may ask, as the operation has it.
const MOST: usize = 20;
/// Empty ones at the end of the form.
const SPARE: usize = 2;

/// `GET /host/{id}/questions`
pub async fn show(visitor: Visitor, Path(event): Path<String>) -> Response {
    page(&visitor, &event, None, None).await
}

/// `POST /host/{id}/questions`
pub async fn save(visitor: Visitor, Path(event): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = packed(&Sent::typed(pairs));
    let saved = async {
        let event = find(&visitor, &event).await?;
        let questions = read(&sent)?;
        visitor.own(event_question_set(event.id, QuestionList { questions })).await
    };
    match outcome(&visitor, &visitor.here, &format!("/host/{event}"), saved.await) {
        Ok(response) => response,
        Err(error) => page(&visitor, &event, Some(&sent), Some(&error)).await,
    }
}

/// The name of one field of the question at that place; refusals of the operation name it alike.
fn name(at: usize, field: &str) -> String {
    format!("questions[{at}].{field}")
}

/// What was typed without the questions that were emptied: those behind move up.
fn packed(sent: &Sent) -> Sent {
    let filled = (0..MOST + SPARE).filter(|at| !sent.get(&name(*at, "label")).is_empty());
    let pairs = filled.enumerate().flat_map(|(to, from)| {
        ["id", "label", "kind", "options", "required"]
            .map(|field| (name(to, field), sent.get(&name(from, field)).to_owned()))
    });
    Sent(pairs.collect())
}

fn count(sent: &Sent) -> usize {
    (0..MOST + SPARE).filter(|at| !sent.get(&name(*at, "label")).is_empty()).count()
}

fn read(sent: &Sent) -> Result<Vec<QuestionInput>> {
    let mut reading = Reading::of(sent);
    let mut questions = Vec::new();
    for at in 0..count(sent) {
        let id = reading.chosen(&name(at, "id"));
        let label = reading.one(&name(at, "label"), QuestionLabel::parse);
        let kind = kind(sent.get(&name(at, "kind")));
        let lines = |text: &str| {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.map(QuestionOption::parse).collect::<Result<Vec<_>, _>>()
        };
        let options = match kind {
            QuestionKind::Choice => reading.one(&name(at, "options"), lines).unwrap_or_default(),
            _ => Vec::new(),
        };
        if let Some(label) = label {
            let required = sent.ticked(&name(at, "required"));
            questions.push(QuestionInput { id, label, kind, options, required });
        }
    }
    reading.checked().map(|()| questions)
}

fn kind(word: &str) -> QuestionKind {
    QuestionKind::ALL.iter().copied().find(|kind| kind.as_str() == word).unwrap_or(QuestionKind::Text)
}

/// The questions there are as the form holds them.
fn values(questions: &[Question]) -> Sent {
    let pairs = questions.iter().enumerate().flat_map(|(at, question)| {
        let required = if question.required { "yes" } else { "" };
        [
            (name(at, "id"), question.id.to_string()),
            (name(at, "label"), question.label.clone()),
            (name(at, "kind"), question.kind.as_str().to_owned()),
            (name(at, "options"), question.options.join("\n")),
            (name(at, "required"), required.to_owned()),
        ]
    });
    Sent(pairs.collect())
}

async fn page(visitor: &Visitor, event: &str, sent: Option<&Sent>, error: Option<&Error>) -> Response {
    let read = async {
        let event = find(visitor, event).await?;
        let questions = visitor.own(event_question_list(event.id)).await?.items;
        Ok::<_, Error>((event, questions))
    };
    let (event, questions) = match read.await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let present = values(&questions);
    let sent = sent.unwrap_or(&present);
    let fields = Fields::new(sent, error);
    let rows = (count(sent) + SPARE).min(MOST);
    let body = html! {
        (top(visitor, &event, "Questions to guests"))
        (refusal(error))
        p { "Guests answer these when they get a ticket. Clear a question to stop asking it; answers already given are kept." }
        form method="post" action={ (path(&event)) "/questions" } {
            (new_key())
            @for at in 0..rows { (row(&fields, at)) }
            button { "Save" }
        }
    };
    visitor.page(error.map_or(200, Error::status), &Head::own(&format!("Questions: {}", event.title)), &body)
}

fn row(fields: &Fields<'_>, at: usize) -> Markup {
    let kinds = [("text", "Text"), ("yes_no", "Yes or no"), ("choice", "Choose one")];
    let kinds = kinds.map(|(word, text)| (word.to_owned(), text.to_owned()));
    html! {
        fieldset .group {
            legend { "Question " (at + 1) }
            input type="hidden" name=(name(at, "id")) value=(fields.sent.get(&name(at, "id")));
            (fields.may(&name(at, "label"), "Question", "text", ""))
            (fields.pick(&name(at, "kind"), "Answer type", &kinds, ""))
            (fields.area(&name(at, "options"), "Choices", 3, "For “Choose one”: one choice per line", false))
            (fields.tick(&name(at, "required"), "Required"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emptied_questions_leave_no_gap() {
        let pair = |at, field, value: &str| (name(at, field), value.to_owned());
        let sent = packed(&Sent(vec![
            pair(0, "label", ""),
            pair(0, "kind", "yes_no"),
            pair(1, "label", "Which dish?"),
            pair(1, "kind", "choice"),
            pair(1, "options", "Fish\n\n Rice "),
            pair(1, "required", "yes"),
        ]));
        let questions = read(&sent).unwrap();
        assert_eq!(questions.len(), 1);
        assert_eq!(questions[0].label.as_str(), "Which dish?");
        assert_eq!(questions[0].options.iter().map(|one| one.as_str()).collect::<Vec<_>>(), ["Fish", "Rice"]);
        assert!(questions[0].required && questions[0].kind == QuestionKind::Choice);
        let refused = read(&packed(&Sent(vec![pair(3, "label", "?")]))).unwrap_err();
        assert!(refused.for_field("questions[0].label").is_some());
    }
}
