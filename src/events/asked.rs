//! What guests are asked, for the areas they come in by.

use sqlx::PgConnection;

use super::{EventId, Question, sql};
use crate::kernel::error::Result;

/// The questions of an event, in order.
pub async fn questions(db: &mut PgConnection, event: EventId) -> Result<Vec<Question>> {
    sql::question_list(db, event).await
}
