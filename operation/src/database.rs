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
                    (Some(known), _) => match known.code {
                        UNKNOWN => unknown(known.field, known.message),
                        code => Error::new(code, 409, "This clashes with an existing record")
                            .detail(known.message)
                            .field(known.field, known.message),
                    },
                    // a row that is referred to is not there; no sentence of ours stands for this column
                    (None, Some("23503")) if database.message().starts_with("insert or update") => {
                        unknown(column(database.as_ref()), "does not exist").internal(&error)
                    }
                    // serialization failure, deadlock, lock or statement timeout, server going down
                    (None, Some("40001" | "40P01" | "55P03" | "57014" | "57P01" | "57P03")) => unavailable(&error),
                    _ => Error::new("internal", 500, "Something went wrong on our side").internal(error),
                }
            }
            _ => Error::new("internal", 500, "Something went wrong on our side").internal(error),
        }
    }
}

/// The code of input that names a row there is not.
const UNKNOWN: &str = "unknown_reference";

fn unknown(field: &str, message: &str) -> Error {
    Error::new(UNKNOWN, 422, "It refers to something that does not exist").detail(message).field(field, message)
}

/// The column of a foreign key, by the name PostgreSQL gives its constraint: `<table>_<column>_fkey`.
fn column(error: &dyn sqlx::error::DatabaseError) -> &str {
    let name = error.constraint().unwrap_or_default();
    let column = error.table().and_then(|table| name.strip_prefix(table)).and_then(|rest| rest.strip_prefix('_'));
    column.and_then(|rest| rest.strip_suffix("_fkey")).unwrap_or(name)
}

fn unavailable(error: &sqlx::Error) -> Error {
    Error::new("try_again", 503, "Too busy just now")
        .detail("Nothing was changed. Try again in a moment.")
        .retry_after(1)
        .internal(error)
}
