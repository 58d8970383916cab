//! What guests are asked on their way in.

use operation::operation;

use crate::events::{EventId, Question, QuestionList};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::events::{bus::EventChanged, rules, sql},
    crate::kernel::{
        context::{Db, Reader, Tx},
        permissions::Permission::EventsManage,
    },
};

/// List the questions guests of an event are asked
///
/// In order, in one page: at most 20.
#[operation(GET "/events/{id}/questions", staff = EventsRead, end_user, public, scoped)]
pub async fn event_question_list(db: &mut Reader, id: EventId) -> Result<Page<Question>> {
    let event = rules::find(db, id).await?;
    Ok(sql::question_list(db.conn(), event.id).await?.into())
}

/// Set the questions guests of an event are asked
///
/// Questions that are left out are no longer asked; existing answers are kept.
#[operation(PUT "/events/{id}/questions", staff = EventsManage, end_user, scoped, errors(invalid_transition))]
pub async fn event_question_set(tx: &mut Tx, id: EventId, input: QuestionList) -> Result<Page<Question>> {
    let event = rules::lock(tx, id, EventsManage).await?;
    let (before, now) = (sql::question_list(tx.conn(), id).await?, tx.now);
    sql::questions_set(tx.conn(), id, &input.questions, now).await?;
    sql::event_touch(tx.conn(), id).await?;
    let after = sql::question_list(tx.conn(), id).await?;
    let labels = |list: &[Question]| list.iter().map(|question| question.label.clone()).collect::<Vec<_>>();
    tx.audit("event.questions_set", &event, &event)
        .note("questions_before", labels(&before))
        .note("questions", labels(&after));
    tx.emit(&EventChanged { event_id: id });
    Ok(after.into())
}
