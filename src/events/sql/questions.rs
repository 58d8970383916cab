use sqlx::PgConnection;
use uuid::Uuid;

use crate::events::{EventId, Question, QuestionId, QuestionInput, QuestionKind};
use crate::kernel::error::{Result, internal, not_found};
use crate::kernel::timestamp::Timestamp;

/// The questions that are asked, in order.
pub async fn question_list(db: &mut PgConnection, event: EventId) -> Result<Vec<Question>> {
    let rows = sqlx::query!(
        r#"select id, label, kind as "kind: QuestionKind", options, required, position from event_questions
           where event_id = $1 and retired_at is null order by position"#,
        event.0,
    )
    .fetch_all(db)
    .await?;
    let mut list = Vec::with_capacity(rows.len());
    for row in rows {
        list.push(Question {
            id: QuestionId(row.id),
            event_id: event,
            label: row.label,
            kind: row.kind,
            options: serde_json::from_value(row.options).map_err(|e| internal().internal(e))?,
            required: row.required,
            position: row.position,
        });
    }
    Ok(list)
}

/// Makes the list what is asked from now on.
pub async fn questions_set(
    db: &mut PgConnection,
    event: EventId,
    questions: &[QuestionInput],
    now: Timestamp,
) -> Result<()> {
    let kept: Vec<Uuid> = questions.iter().filter_map(|question| question.id).map(|id| id.0).collect();
    sqlx::query!(
        "update event_questions set retired_at = $3 where event_id = $1 and retired_at is null and id <> all($2)",
        event.0,
        &kept,
        now.0,
    )
    .execute(&mut *db)
    .await?;
    for (at, question) in questions.iter().enumerate() {
        let options = serde_json::to_value(&question.options).map_err(|e| internal().internal(e))?;
        let id = question.id.unwrap_or_else(QuestionId::new);
        let done = sqlx::query!(
            "insert into event_questions (id, event_id, label, kind, options, required, position)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (id) do update
             set label = excluded.label, kind = excluded.kind, options = excluded.options,
                 required = excluded.required, position = excluded.position
             where event_questions.event_id = excluded.event_id and event_questions.retired_at is null",
            id.0,
            event.0,
            question.label.as_str(),
            question.kind.as_str(),
            options,
            question.required,
            i32::try_from(at).unwrap_or(i32::MAX),
        )
        .execute(&mut *db)
        .await?;
        if done.rows_affected() == 0 {
            return Err(not_found().detail("One of the questions is not one of this event."));
        }
    }
    Ok(())
}

/// The same questions for another event.
pub async fn questions_copy(db: &mut PgConnection, from: EventId, to: EventId) -> Result<()> {
    for question in question_list(&mut *db, from).await? {
        let options = serde_json::to_value(&question.options).map_err(|e| internal().internal(e))?;
        sqlx::query!(
            "insert into event_questions (id, event_id, label, kind, options, required, position)
             values ($1, $2, $3, $4, $5, $6, $7)",
            QuestionId::new().0,
            to.0,
            question.label,
            question.kind.as_str(),
            options,
            question.required,
            question.position,
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}
