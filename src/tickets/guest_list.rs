//! Reading a guest list: a CSV file as spreadsheets write it.

use serde::Deserialize;

use crate::kernel::error::{Result, invalid_input};
use crate::kernel::text::{Email, Note, PersonName, Phone};

/// How many guests one list may hold.
const MOST: usize = 5_000;
/// How many wrong lines are named.
const NAMED: usize = 50;

/// One guest of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The line in the file, the header being 1.
    pub number: u64,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub seats: i32,
    pub ticket_type: Option<String>,
    pub note: Option<String>,
}

#[derive(Deserialize)]
struct Raw {
    name: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    seats: Option<String>,
    #[serde(default)]
    ticket_type: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn checked(number: u64, raw: Raw) -> Result<Line, String> {
    let named = |field: &str, error: String| format!("{field} {error}");
    let seats = match filled(raw.seats) {
        None => 1,
        Some(seats) => match seats.parse() {
            Ok(seats) if (1..=100).contains(&seats) => seats,
            _ => return Err("seats must be between 1 and 100".to_owned()),
        },
    };
    Ok(Line {
        number,
        name: PersonName::parse(&raw.name).map_err(|error| named("name", error))?.into(),
        email: filled(raw.email)
            .map(|email| Email::parse(&email).map(String::from))
            .transpose()
            .map_err(|error| named("email", error))?,
        phone: filled(raw.phone)
            .map(|phone| Phone::parse(&phone).map(String::from))
            .transpose()
            .map_err(|error| named("phone", error))?,
        seats,
        ticket_type: filled(raw.ticket_type),
        note: filled(raw.note)
            .map(|note| Note::parse(&note).map(String::from))
            .transpose()
            .map_err(|error| named("note", error))?,
    })
}

/// The guests of a list; 422 naming every line that is wrong. One e-mail address stands once.
pub fn read(bytes: &[u8]) -> Result<Vec<Line>> {
    // Spreadsheets put a mark before UTF-8.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // The reader numbers a line before it has taken the whole of the CRLF that ends the one above.
    let bytes = String::from_utf8_lossy(bytes).replace("\r\n", "\n").into_bytes();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(bytes.as_slice());
    let headers = reader.headers().map_err(|error| invalid_input().field("line 1", error.to_string()))?.clone();
    let lower: csv::StringRecord = headers.iter().map(|name| name.to_lowercase().replace(' ', "_")).collect();
    if !lower.iter().any(|name| name == "name") {
        return Err(invalid_input().field("line 1", "must name the columns, `name` among them"));
    }
    let (mut lines, mut wrong, mut errors) = (Vec::<Line>::new(), 0, invalid_input());
    for record in reader.records() {
        let outcome = record.map_err(|error| (0, error.to_string())).and_then(|record| {
            let number = record.position().map_or(0, csv::Position::line);
            let raw = record.deserialize(Some(&lower)).map_err(|error| (number, error.to_string()))?;
            let line = checked(number, raw).map_err(|error| (number, error))?;
            let twice = line.email.is_some() && lines.iter().any(|other| other.email == line.email);
            if twice { Err((number, "email stands on the list twice".to_owned())) } else { Ok(line) }
        });
        match outcome {
            Ok(line) => lines.push(line),
            Err((number, message)) => {
                wrong += 1;
                if wrong <= NAMED {
                    errors = errors.field(format!("line {number}"), message);
                }
            }
        }
        if lines.len() > MOST {
            return Err(invalid_input().field("body", format!("must be at most {MOST} guests")));
        }
    }
    match (wrong, lines.is_empty()) {
        (0, false) => Ok(lines),
        (0, true) => Err(invalid_input().field("body", "has no guests")),
        (wrong, _) => Err(errors.detail(format!("{wrong} lines are wrong; nobody was added."))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_list_as_spreadsheets_write_it() {
        let list =
            "\u{feff}Name,E-Mail,email,Ticket Type,Seats\r\n\"Rao, Asha\",x,Asha@Example.com,VIP,2\r\nDev,,,,\r\n";
        let lines = read(list.as_bytes()).unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].name.as_str(), lines[0].email.as_deref()), ("Rao, Asha", Some("asha@example.com")));
        assert_eq!((lines[0].seats, lines[0].ticket_type.as_deref()), (2, Some("VIP")));
        assert_eq!((lines[1].seats, lines[1].email.as_deref(), lines[1].number), (1, None, 3));
    }

    #[test]
    fn every_wrong_line_is_named() {
        let list = "name,email,seats\n,a@b.co,1\nOk,a@b.co,1\nTwo,a@b.co,1\nThree,nonsense,1\nFour,,many\n";
        let error = read(list.as_bytes()).unwrap_err();
        let named: Vec<&str> = error.field_errors().keys().map(String::as_str).collect();
        assert_eq!(named, ["line 2", "line 4", "line 5", "line 6"]);
        assert!(read(b"email\na@b.co\n").is_err() && read(b"name\n").is_err() && read(b"").is_err());
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
