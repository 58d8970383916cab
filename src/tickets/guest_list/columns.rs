//! What the columns of a guest list are, by the names people give them.

use csv::StringRecord;

use crate::kernel::error::{Result, invalid_input};
use crate::kernel::text::{Email, Phone};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Name,
    First,
    Last,
    Email,
    Phone,
    Seats,
    TicketType,
    Note,
}

/// Names in small letters, without anything that is neither letter nor digit.
const NAMES: &[(Column, &[&str])] = &[
    (Column::Name, &["name", "fullname", "guest", "guestname", "attendee", "attendeename"]),
    (Column::First, &["firstname", "first", "givenname", "forename"]),
    (Column::Last, &["lastname", "last", "surname", "familyname"]),
    (Column::Email, &["email", "emailaddress", "emailid", "mail", "mailaddress"]),
    (
        Column::Phone,
        &[
            "phone",
            "phonenumber",
            "phoneno",
            "mobile",
            "mobilenumber",
            "mobilephone",
            "mobileno",
            "cell",
            "cellphone",
            "telephone",
            "tel",
            "contactnumber",
            "whatsapp",
        ],
    ),
    (Column::Seats, &["seats", "seat", "tickets", "numberofseats", "numberoftickets", "quantity", "qty", "partysize"]),
    (Column::TicketType, &["tickettype", "ticket", "type", "category", "ticketcategory"]),
    (Column::Note, &["note", "notes", "comment", "comments", "remark", "remarks"]),
];

fn known(title: &str) -> Option<Column> {
    let plain: String = title.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    NAMES.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(column, _)| *column)
}

/// Which cell of a row is what.
pub struct Columns {
    /// What each means, and what it is called.
    all: Vec<(Option<Column>, String)>,
    /// Whether the first row names them; else it is a guest.
    pub named: bool,
    /// How many there are.
    pub count: usize,
}

impl Columns {
    /// The columns as the first row names them; of a list without such a row, as its cells look.
    pub fn of(first: &StringRecord) -> Result<Columns> {
        let mut all: Vec<(Option<Column>, String)> = Vec::new();
        for title in first {
            let column = known(title).filter(|column| !all.iter().any(|(other, _)| *other == Some(*column)));
            all.push((column, title.to_owned()));
        }
        let named = all.iter().any(|(column, _)| column.is_some());
        if !named {
            all = guessed(first);
        }
        let has = |column| all.iter().any(|(other, _)| *other == Some(column));
        if has(Column::Name) || has(Column::First) || has(Column::Last) {
            return Ok(Columns { count: all.len(), all, named });
        }
        let message = "must name the columns, Name among them: Name, Email, Phone, Seats, Ticket type, Note";
        Err(invalid_input().detail(format!("Row 1 {message}.")).field("row 1", message))
    }

    /// Where this column is.
    pub fn at(&self, column: Column) -> Option<usize> {
        self.all.iter().position(|(other, _)| *other == Some(column))
    }

    /// The columns that mean nothing to us, of those in which something stands.
    pub fn unknown<'r>(&self, rows: impl Iterator<Item = &'r StringRecord> + Clone) -> Vec<String> {
        let filled = |at: usize| rows.clone().any(|row| row.get(at).is_some_and(|cell| !cell.is_empty()));
        let strange = self.all.iter().enumerate().filter(|(at, (column, _))| column.is_none() && filled(*at));
        strange
            .map(|(at, (_, title))| if title.is_empty() { format!("column {}", at + 1) } else { title.clone() })
            .collect()
    }
}

/// What each cell looks like, where one is clearly how to reach somebody: the first other one is the name.
fn guessed(first: &StringRecord) -> Vec<(Option<Column>, String)> {
    let mut all: Vec<(Option<Column>, String)> = Vec::new();
    for cell in first {
        let column = match cell {
            cell if Email::parse(cell).is_ok() => Some(Column::Email),
            cell if Phone::parse(cell).is_ok() => Some(Column::Phone),
            _ => None,
        };
        let column = column.filter(|column| !all.iter().any(|(other, _)| *other == Some(*column)));
        all.push((column, String::new()));
    }
    let reached = all.iter().any(|(column, _)| column.is_some());
    if let Some((column, _)) = all.iter_mut().find(|(column, _)| column.is_none() && reached) {
        *column = Some(Column::Name);
    }
    all
}
