//! The text of a guest list, whatever program wrote it: its encoding, and what stands between its cells.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::kernel::error::{Result, invalid_input};

/// A list that can be read: its text, what separates cells, and the row its first line is.
pub struct Text {
    pub text: String,
    pub delimiter: u8,
    pub first_row: u64,
}

fn refused<T>(row: u64, message: &str) -> Result<T> {
    let detail = format!("Row {row}: {message}; nobody was added.");
    Err(invalid_input().detail(detail).field(format!("row {row}"), message))
}

fn row_of(text: &str, at: usize) -> u64 {
    1 + text[..at].bytes().filter(|byte| *byte == b'\n').count() as u64
}

/// The text of a list: UTF-8, UTF-16 with its mark, or what spreadsheets on Windows write otherwise. Control
/// characters, and a quote that nothing closes, are refused with their row.
pub fn read(bytes: &[u8]) -> Result<Text> {
    let text = match (Encoding::for_bom(bytes), std::str::from_utf8(bytes)) {
        (Some((encoding, mark)), _) => {
            let (text, broken) = encoding.decode_without_bom_handling(&bytes[mark..]);
            if broken {
                let at = text.find('\u{fffd}').unwrap_or(0);
                let name = if encoding == UTF_8 { "UTF-8" } else { "UTF-16" };
                return refused(row_of(&text, at), &format!("is not {name}, as the beginning of the file says"));
            }
            text.into_owned()
        }
        (None, Ok(text)) => text.to_owned(),
        (None, Err(_)) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    };
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if let Some(at) = text.find(|c: char| c.is_control() && c != '\n' && c != '\t') {
        let message = match text[at..].starts_with('\0') {
            true => "has a NUL character; save the list as “CSV UTF-8”",
            false => "has a control character",
        };
        return refused(row_of(&text, at), message);
    }
    let mut first_row = 1;
    // Spreadsheets say themselves what stands between cells, in a line of its own.
    let said =
        text.lines().next().and_then(|line| line.trim().strip_prefix("sep=")).and_then(|rest| rest.chars().next());
    let delimiter = match said.filter(char::is_ascii) {
        Some(said) => {
            text = text.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
            first_row = 2;
            said as u8
        }
        None => sniffed(&text),
    };
    match broken_quote(&text, char::from(delimiter)) {
        Some(row) => refused(row + first_row - 1, "has a quotation mark that is not closed"),
        None => Ok(Text { text, delimiter, first_row }),
    }
}

/// What separates the cells of the first line that says something.
fn sniffed(text: &str) -> u8 {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in line.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| *delimiter == byte && !quoted) {
            *count += 1;
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| delimiter)
}

/// The line of a quote that opens a cell, and is not closed where the cell ends.
fn broken_quote(text: &str, delimiter: char) -> Option<u64> {
    let (mut line, mut opened, mut at_start, mut quoted) = (1, 1, true, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        line += u64::from(c == '\n');
        match (quoted, c) {
            (true, '"') if chars.peek() == Some(&'"') => _ = chars.next(),
            (true, '"') => {
                quoted = false;
                while chars.next_if(|c| *c == ' ').is_some() {}
                if chars.peek().is_some_and(|next| *next != delimiter && *next != '\n') {
                    return Some(opened);
                }
            }
            (true, _) => {}
            (false, '"') if at_start => (quoted, opened) = (true, line),
            (false, _) => at_start = c == delimiter || c == '\n',
        }
    }
    quoted.then_some(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_program_wrote_it() {
        let utf16 = |little: bool| -> Vec<u8> {
            let units = "\u{feff}Name\tEmail\nMüller\tm@x.test\n".encode_utf16();
            units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
        };
        for (bytes, delimiter) in [
            ("Name,Email\nMüller,m@x.test\n".as_bytes().to_vec(), b','),
            ("\u{feff}Name;Email\r\nMüller;m@x.test".as_bytes().to_vec(), b';'),
            (b"Name,Email\r\nM\xfcller,m@x.test".to_vec(), b','),
            ("sep=;\r\nName;Email\r\nMüller;m@x.test".as_bytes().to_vec(), b';'),
            ("Name\tEmail\rMüller\tm@x.test\r".as_bytes().to_vec(), b'\t'),
            (utf16(true), b'\t'),
            (utf16(false), b'\t'),
            ("\"Name, full\";Email\nMüller;x".as_bytes().to_vec(), b';'),
            ("Name\nMüller".as_bytes().to_vec(), b','),
        ] {
            let read = read(&bytes).unwrap();
            assert_eq!(read.delimiter, delimiter, "{}", read.text);
            assert!(read.text.contains("Müller") && !read.text.contains('\r'), "{}", read.text);
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_row() {
        for (bytes, row) in [
            (&b"Name,Email\n\"Open,o@x.test\nDev,d@x.test\n"[..], "row 2"),
            (b"Name,Email\n\"Open,o@x.test\n\"Rao, Dev\",d@x.test\n", "row 2"),
            (b"sep=,\nName,Email\n\"Open,o@x.test\n", "row 3"),
            (b"Name\nA\nB\0\n", "row 3"),
            (b"Name\nA\x07\n", "row 2"),
            (b"\xef\xbb\xbfName\nM\xfcller\n", "row 2"),
        ] {
            let error = read(bytes).err().expect("refused");
            assert!(error.for_field(row).is_some(), "{error:?}");
        }
        assert!(read(b"Name\n\"Rao \"\"Ash\"\" Asha\" ,\n").is_ok());
        assert!(read(b"Name\nAsha \"Ash\" Rao\n").is_ok(), "a quote within a cell opens nothing");
    }
}
