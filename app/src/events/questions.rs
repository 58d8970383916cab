//! What guests of an event are asked on their way in.

use eventify::events::operations::event_question_set;
use eventify::events::{
    Event, EventId, Question, QuestionInput, QuestionKind, QuestionLabel, QuestionList, QuestionOption,
};
use eventify::kernel::error::{FieldErrors, Validate};
use eventify::kernel::page::Page;
use leptos::prelude::*;
use serde::Deserialize;

use super::afterwards;
use super::data::Data;
use super::head::Rights;
use crate::ui::{Area, Confirm, Field, Flag, Icon, Loading, Nothing, Pick, Tone, badge, card, rule, submit};

fn kind_title(kind: QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Text => "Text",
        QuestionKind::Choice => "Multiple choice",
        QuestionKind::YesNo => "Yes–no",
    }
}

/// A question as the form holds it: options stand on lines of their own.
#[derive(Clone, Debug, Deserialize)]
struct Fields {
    label: QuestionLabel,
    kind: QuestionKind,
    #[serde(default)]
    lines: String,
    required: bool,
}
impl Fields {
    fn options(&self) -> Result<Vec<QuestionOption>, String> {
        let lines = self.lines.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(QuestionOption::parse).collect()
    }
}
impl Validate for Fields {
    fn check(&self, errors: &mut FieldErrors) {
        let wrong = match (self.kind, self.options()) {
            (_, Err(message)) => Some(message),
            (QuestionKind::Choice, Ok(options)) if options.len() < 2 => Some("must be two or more choices".to_owned()),
            (QuestionKind::Text | QuestionKind::YesNo, Ok(options)) if !options.is_empty() => {
                Some("are for multiple choice only".to_owned())
            }
            _ => None,
        };
        if let Some(message) = wrong {
            errors.entry("lines".to_owned()).or_default().push(message);
        }
    }
}

/// The questions that are there, as the operation takes them. They held when they were written.
fn kept(list: &[Question], but: Option<usize>) -> Vec<QuestionInput> {
    let one = |question: &Question| {
        Some(QuestionInput {
            id: Some(question.id),
            label: QuestionLabel::parse(&question.label).ok()?,
            kind: question.kind,
            options: question.options.iter().filter_map(|option| QuestionOption::parse(option).ok()).collect(),
            required: question.required,
        })
    };
    list.iter().enumerate().filter(|(at, _)| Some(*at) != but).filter_map(|(_, question)| one(question)).collect()
}

/// The part of the overview.
pub fn part(data: Loading<Data>, event: &Event, list: Vec<Question>, rights: Rights) -> AnyView {
    let id = event.id;
    let one = |at: usize| {
        let question = &list[at];
        let must = question.required.then(|| badge(Tone::Info, "Required"));
        let how = match question.options.is_empty() {
            true => kind_title(question.kind).to_owned(),
            false => question.options.join(" · "),
        };
        let gone = rights.manages.then(|| remove(data, id, &list, at));
        view! { <li class="row spread"><span>{question.label.clone()}" "{must}<br/><small class="muted">{how}</small></span>{gone}</li> }
    };
    let body = match list.is_empty() {
        true => view! { <p class="muted">"No questions yet"</p> }.into_any(),
        false => {
            let items = (0..list.len()).map(one).collect_view();
            view! { <ol class="stack tight" role="list">{items}</ol> }.into_any()
        }
    };
    let over = event.status.is_over();
    let add = (rights.manages && !over).then(|| add(data, id, kept(&list, None)));
    card("event-questions", "Questions to guests", add, body)
}

fn remove(data: Loading<Data>, id: EventId, list: &[Question], at: usize) -> AnyView {
    let (left, label) = (kept(list, Some(at)), list[at].label.clone());
    let run = submit(
        move |_: Nothing| event_question_set(id, QuestionList { questions: left.clone() }),
        afterwards::<_, Page<Question>>(data, "Question removed"),
    );
    view! {
        <Confirm id=format!("question-{at}") label="Remove" icon=Icon::TRASH title=format!("Remove “{label}”?") confirm="Remove question" keep="Keep question" run=run in_row=format!("Remove {label}")>
            <p>"Guests are no longer asked. Answers already given are kept."</p>
        </Confirm>
    }
    .into_any()
}

fn add(data: Loading<Data>, id: EventId, before: Vec<QuestionInput>) -> AnyView {
    let call = move |fields: Fields| {
        let options = fields.options().unwrap_or_default();
        let new =
            QuestionInput { id: None, label: fields.label, kind: fields.kind, options, required: fields.required };
        let questions = before.iter().cloned().chain([new]).collect();
        event_question_set(id, QuestionList { questions })
    };
    let run = submit(call, afterwards::<_, Page<Question>>(data, "Question added"));
    let kinds = QuestionKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind_title(*kind).to_owned())).collect();
    view! {
        <Confirm id="question-add" label="Add" icon=Icon::PLUS title="Add question" confirm="Add question" run=run danger=false class="btn small">
            <Field name="label" label="Question" check={rule::<QuestionLabel>} required=true/>
            <Pick name="kind" label="Answer type" options=kinds value="text" required=true/>
            <Area name="lines" label="Choices" hint="One per line, for multiple choice"/>
            <Flag name="required" label="Required"/>
        </Confirm>
    }
    .into_any()
}
