//! Database failures as problems: constraint names become field errors in one place.

use crate::Error;

/// What a violated constraint means to the caller. Register with `inventory::submit!`.
pub struct Constraint {
    /// The constraint's or unique index's name.
    pub name: &'static str,
    /// The field it speaks of.
    pub field: &'static str,
    /// The stable code word.
    pub code: &'static str,
    /// What would be right.
    pub message: &'static str,
}
inventory::collect!(Constraint);

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => Error::new("not_found", 404, "Not found"),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => unavailable(&error),
            sqlx::Error::Database(database) => {
                let known = database
                    .constraint()
                    .and_then(|name| inventory::iter::<Constraint>.into_iter().find(|c| c.name == name));
                match (known, database.code().as_deref()) {
                    (Some(known), _) => Error::new(known.code, 409, "This clashes with an existing record")
                        .detail(known.message)
                        .field(known.field, known.message),
                    // serialization failure, deadlock, lock or statement timeout, server going down
                    (None, Some("40001" | "40P01" | "55P03" | "57014" | "57P01" | "57P03")) => unavailable(&error),
                    _ => Error::new("internal", 500, "Something went wrong on our side").internal(error),
                }
            }
            _ => Error::new("internal", 500, "Something went wrong on our side").internal(error),
        }
    }
}

fn unavailable(error: &sqlx::Error) -> Error {
    Error::new("try_again", 503, "Too busy just now")
        .detail("Nothing was changed. Try again in a moment.")
        .retry_after(1)
        .internal(error)
}
