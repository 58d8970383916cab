//! Reading a guest list: a CSV file as spreadsheets write it, or cells copied out of one.

use crate::kernel::error::{Result, invalid_input};
use crate::kernel::text::{Email, Note, PersonName, Phone};
use crate::tickets::{ImportCells, ImportRow};

mod columns;
mod text;

use columns::{Column, Columns};

/// How many guests one list may hold.
const MOST: usize = 5_000;
/// How many seats they may take together.
const SEATS: i32 = 10_000;

/// One guest of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The row in the file, the one that names the columns being 1.
    pub row: u64,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub seats: i32,
    pub ticket_type: Option<String>,
    pub note: Option<String>,
}

/// What a list says.
pub struct Sheet {
    /// Its guests.
    pub lines: Vec<Line>,
    /// What is wrong, row by row.
    pub faults: Vec<ImportRow>,
    /// Columns that mean nothing to us.
    pub ignored: Vec<String>,
    /// All rows as they were read.
    pub rows: Vec<ImportCells>,
}

impl Sheet {
    /// With the country's codes of its phone numbers, where they are known from where the list is for.
    pub fn given_in(mut self, zone: &str) -> Self {
        for line in &mut self.lines {
            let number = line.phone.as_deref().and_then(|phone| Phone::parse(phone).ok());
            line.phone = number.map(|number| number.given_in(zone));
        }
        self
    }
}

/// A word on one cell.
pub fn fault(row: u64, column: &str, message: impl Into<String>) -> ImportRow {
    ImportRow { row: i64::try_from(row).unwrap_or_default(), column: column.to_owned(), message: message.into() }
}

/// What somebody typed, short enough to be read.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    if short == text { format!("“{text}”") } else { format!("“{short}…”") }
}

/// The name of a row: one cell, or first and last.
fn name_in(cell: impl Fn(Column) -> String) -> String {
    match cell(Column::Name) {
        name if name.is_empty() => format!("{} {}", cell(Column::First), cell(Column::Last)).trim().to_owned(),
        name => name,
    }
}

/// A row as it was read.
fn cells(row: u64, cell: impl Fn(Column) -> String) -> ImportCells {
    ImportCells {
        row: i64::try_from(row).unwrap_or_default(),
        name: name_in(&cell),
        email: cell(Column::Email),
        phone: cell(Column::Phone),
        seats: cell(Column::Seats),
        ticket_type: cell(Column::TicketType),
        note: cell(Column::Note),
    }
}

/// The guest of a row, or everything that is wrong with it.
fn line(row: u64, cell: impl Fn(Column) -> String) -> Result<Line, Vec<ImportRow>> {
    let mut faults = Vec::new();
    let mut say = |column: &str, message: String| faults.push(fault(row, column, message));
    let given = |column| Some(cell(column)).filter(|text| !text.is_empty());
    let name = name_in(&cell);
    let name = PersonName::parse(&name).map(String::from).unwrap_or_else(|error| {
        say("name", if name.is_empty() { error } else { format!("{} {error}", quoted(&name)) });
        String::new()
    });
    let email = given(Column::Email).and_then(|text| match Email::parse(&text) {
        Ok(email) => Some(String::from(email)),
        Err(_) => {
            say("email", format!("{} is not an email address", quoted(&text)));
            None
        }
    });
    let phone = given(Column::Phone).and_then(|text| match Phone::parse(&text) {
        Ok(phone) => Some(String::from(phone)),
        Err(_) => {
            say("phone", format!("{} is not a phone number", quoted(&text)));
            None
        }
    });
    let seats = match given(Column::Seats).map(|text| (text.parse::<i32>(), text)) {
        None => 1,
        Some((Ok(seats), _)) if (1..=100).contains(&seats) => seats,
        Some((_, text)) => {
            say("seats", format!("{} is not a number from 1 to 100", quoted(&text)));
            1
        }
    };
    let note = given(Column::Note).and_then(|text| match Note::parse(&text) {
        Ok(note) => Some(String::from(note)),
        Err(error) => {
            say("note", error);
            None
        }
    });
    let ticket_type = given(Column::TicketType);
    if faults.is_empty() { Ok(Line { row, name, email, phone, seats, ticket_type, note }) } else { Err(faults) }
}

/// The line on which a row stands. Where lines before it are empty, the reader counts from the first of them.
fn line_of(text: &str, at: &csv::Position) -> u64 {
    let begin = usize::try_from(at.byte()).unwrap_or_default();
    let empty = text.as_bytes().iter().skip(begin).take_while(|byte| **byte == b'\n').count();
    at.line() + empty as u64
}

/// What a list says. What is no list at all is refused here; what is wrong with a row stands in the answer.
pub fn read(bytes: &[u8]) -> Result<Sheet> {
    let text = text::read(bytes)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(text.delimiter)
        .trim(csv::Trim::All)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.text.as_bytes());
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| invalid_input().field("body", error.to_string()))?;
        let row = record.position().map_or(1, |at| line_of(&text.text, at)) + text.first_row - 1;
        if record.iter().any(|cell| !cell.is_empty()) {
            records.push((row, record));
        }
        if records.len() > MOST + 1 {
            return Err(invalid_input().field("body", format!("has more than {MOST} guests: split the list")));
        }
    }
    let Some((_, first)) = records.first() else { return Err(invalid_input().field("body", "has no guests")) };
    let columns = Columns::of(first)?;
    let guests = if columns.named { &records[1..] } else { &records[..] };
    if guests.is_empty() {
        return Err(invalid_input().field("body", "has no guests"));
    }
    let mut sheet = Sheet { lines: Vec::new(), faults: Vec::new(), ignored: Vec::new(), rows: Vec::new() };
    for (row, record) in guests {
        let cell = |column| columns.at(column).and_then(|at| record.get(at)).unwrap_or_default().to_owned();
        sheet.rows.push(cells(*row, cell));
        let beyond = record.iter().skip(columns.count).any(|cell| !cell.is_empty());
        if beyond {
            let message = "has more cells than there are columns; put what contains a comma in quotation marks";
            sheet.faults.push(fault(*row, "", message));
            continue;
        }
        match line(*row, cell) {
            Ok(line) => sheet.lines.push(line),
            Err(faults) => sheet.faults.extend(faults),
        }
    }
    sheet.ignored = columns.unknown(guests.iter().map(|(_, record)| record));
    if sheet.lines.iter().map(|line| line.seats).sum::<i32>() > SEATS {
        return Err(invalid_input().field("body", format!("has more than {SEATS} seats: split the list")));
    }
    Ok(sheet)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(sheet: &Sheet) -> Vec<String> {
        sheet.faults.iter().map(|fault| format!("{} {}: {}", fault.row, fault.column, fault.message)).collect()
    }

    #[test]
    fn a_list_as_spreadsheets_write_it() {
        let list = "\u{feff}Full Name,E-Mail,Ticket Type,Seats\r\n\"Rao, Asha\",Asha@Example.com,VIP,2\r\nDev,,,\r\n";
        let sheet = read(list.as_bytes()).unwrap();
        let lines = &sheet.lines;
        assert_eq!((lines.len(), said(&sheet).len(), sheet.ignored.len()), (2, 0, 0));
        assert_eq!((lines[0].name.as_str(), lines[0].email.as_deref()), ("Rao, Asha", Some("asha@example.com")));
        assert_eq!((lines[0].seats, lines[0].ticket_type.as_deref()), (2, Some("VIP")));
        assert_eq!((lines[1].seats, lines[1].email.as_deref(), lines[1].row), (1, None, 3));
    }

    #[test]
    fn columns_by_the_names_people_use() {
        for head in ["Name,Email,Phone", "full name,Email,Mobile", "GUEST NAME,email address,Phone number"] {
            let sheet = read(format!("{head}\nAsha,a@x.test,+91 98450 12345\n").as_bytes()).unwrap();
            let line = &sheet.lines[0];
            assert_eq!(line.email.as_deref(), Some("a@x.test"), "{head}");
            assert_eq!(line.phone.as_deref(), Some("+919845012345"), "{head}");
        }
        let sheet = read(b"Last name;First name;Company;;Email\nRao;Asha;Acme;;a@x.test\n").unwrap();
        assert_eq!((sheet.lines[0].name.as_str(), sheet.ignored.as_slice()), ("Asha Rao", &["Company".to_owned()][..]));
        let twice = read(b"Name,Email,Email\nA,a@x.test,b@x.test\n").unwrap();
        assert_eq!(
            (twice.ignored.as_slice(), twice.lines[0].email.as_deref()),
            (&["Email".to_owned()][..], Some("a@x.test"))
        );
        // Pasted without a first row that names the columns.
        let bare = read("Asha Rao\ta@x.test\nDev\td@x.test\n".as_bytes()).unwrap();
        assert_eq!((bare.lines.len(), bare.lines[1].name.as_str(), bare.lines[0].row), (2, "Dev", 1));
        for list in ["email\na@b.co\n", "name\n", "", "\n\n", "Nom\nAsha\n"] {
            assert!(read(list.as_bytes()).is_err(), "{list}");
        }
    }

    #[test]
    fn rows_are_counted_as_the_file_shows_them() {
        let rows = |list: &str| read(list.as_bytes()).unwrap().rows.iter().map(|row| row.row).collect::<Vec<_>>();
        assert_eq!(rows("name\nA\n\n\nB\n\nC\n"), [2, 5, 7]);
        assert_eq!(rows("\n\nname,email\n\nA,a@x.test\n,\nB,b@x.test\n"), [5, 7]);
        assert_eq!(rows("sep=;\nname;note\nA;\"two\nlines\"\n\nB;\n"), [3, 6]);
    }

    #[test]
    fn every_wrong_row_is_named_with_its_column() {
        let list = "name,email,seats\n,a@b.co,1\nOk,a@b.co,1\nThree,nonsense,1\nFour,,many\nRao, Asha,a@x.test,1\n";
        let said = said(&read(list.as_bytes()).unwrap());
        assert_eq!(said[0], "2 name: is required");
        assert_eq!(said[1], "4 email: “nonsense” is not an email address");
        assert_eq!(said[2], "5 seats: “many” is not a number from 1 to 100");
        assert!(said[3].starts_with("6 : has more cells"), "{said:?}");
    }

    proptest! {
        #[test]
        fn anything_can_be_sent(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes);
            let mut named = b"name,email\n".to_vec();
            named.extend(bytes);
            let _ = read(&named);
        }
    }
}
