//! Guest lists that are imported. [004 §2.9]

use operation::Validate;
use serde::Serialize;

use super::TicketTypeId;
use crate::access::wire;

wire! {
    /// Options of a guest list import.
    #[serde(deny_unknown_fields)]
    pub struct ImportQuery {
        /// The ticket type of guests whose row names none.
        pub ticket_type_id: TicketTypeId,
        /// Says what would happen; nobody is added.
        #[serde(default)]
        pub dry_run: bool,
        /// Adds the other guests where rows are wrong, and passes over unknown columns; else one wrong row
        /// refuses the list.
        #[serde(default)]
        pub skip_errors: bool,
    }

    /// A row of a guest list, and what is to be said of it.
    pub struct ImportRow {
        /// The row in the file; the one that names the columns is row 1.
        pub row: i64,
        /// The column, such as `email`; empty if it is the whole row.
        pub column: String,
        pub message: String,
    }

    /// A row of a guest list as it was read, for a preview.
    pub struct ImportCells {
        /// The row in the file; the one that names the columns is row 1.
        pub row: i64,
        /// The guest's name.
        pub name: String,
        /// The guest's email, as it was typed.
        pub email: String,
        /// The guest's phone, as it was typed.
        pub phone: String,
        /// The number of seats, as entered.
        pub seats: String,
        /// The name of the ticket type; empty for the default.
        pub ticket_type: String,
        /// The organiser's note.
        pub note: String,
    }

    /// The result of an import, or with `dry_run` its preview.
    pub struct ImportOutcome {
        /// Guests who are new.
        pub imported: i32,
        /// Seats they take.
        pub seats: i32,
        /// Rows of guests who are on the list already: see `skipped_rows`.
        pub skipped: i32,
        /// Rows that are wrong: see `errors`.
        pub failed: i32,
        /// New guests with neither email nor phone: no ticket can be sent to them.
        #[serde(default)]
        pub unreachable: i32,
        pub skipped_rows: Vec<ImportRow>,
        pub errors: Vec<ImportRow>,
        /// Columns that mean nothing to us.
        pub ignored_columns: Vec<String>,
        /// Nobody was added: it was only asked what would happen.
        pub dry_run: bool,
        /// With `dry_run`, every row as it was read.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub rows: Vec<ImportCells>,
    }
}

impl ImportRow {
    /// As people read it: "Row 3, email: “x” is not an email address".
    pub fn sentence(&self) -> String {
        format!("{}: {}", self.place(), self.message)
    }

    /// Where it is: "Row 3, email".
    pub fn place(&self) -> String {
        match self.column.as_str() {
            "" => format!("Row {}", self.row),
            column => format!("Row {}, {}", self.row, column.replace('_', " ")),
        }
    }
}

impl Validate for ImportQuery {}
