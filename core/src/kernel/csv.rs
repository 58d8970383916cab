//! A list as CSV: every row of its filter, written as it is read, a page of rows in memory at a time. Some lists have
//! columns of their own, which are here; those of all others are what they answer ([`listed`]).

pub mod listed;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;
use futures::future::BoxFuture;
use futures::{Stream, StreamExt, stream};
use operation::Answer;

use super::context::{Reader, RequestContext};
use super::error::{Error, Result, internal, invalid_input};
use super::page::Page;
use super::runner::still_permitted;
use super::timestamp::Timestamp;

/// A column of a record in CSV: its key, which is also its heading, and the text of its value.
pub type CsvColumn<T> = (&'static str, fn(&T) -> String);

/// A record that can be written as CSV.
pub trait CsvRow: Sized + Send + 'static {
    /// All of its columns, in order.
    const COLUMNS: &'static [CsvColumn<Self>];
}

struct Export<T: 'static, P> {
    cx: RequestContext,
    pages: P,
    columns: Arc<[&'static CsvColumn<T>]>,
}

/// The columns of these keys, in this order; all where none are named.
fn chosen<T: CsvRow>(keys: Option<Vec<String>>) -> Result<Arc<[&'static CsvColumn<T>]>> {
    let Some(keys) = keys.filter(|keys| !keys.is_empty()) else { return Ok(T::COLUMNS.iter().collect()) };
    let find = |key: &String| T::COLUMNS.iter().find(|(known, _)| known == key);
    let found: Option<_> = keys.iter().map(find).collect();
    found.ok_or_else(|| unknown_column(T::COLUMNS.iter().map(|(key, _)| *key)))
}

/// Says which columns there are.
fn unknown_column<'k>(known: impl Iterator<Item = &'k str>) -> Error {
    invalid_input().field("columns", format!("must be some of {}", known.collect::<Vec<_>>().join(", ")))
}

/// The file. What is wrong with the filter is answered before the first byte; what fails later cuts the file
/// off, so that nobody takes a part for the whole. `pages` reads the page that starts at a cursor.
pub async fn answer<T, P>(cx: &RequestContext, name: &str, columns: Option<Vec<String>>, pages: P) -> Result<Answer>
where
    T: CsvRow,
    P: for<'r> Fn(&'r mut Reader, Option<String>) -> BoxFuture<'r, Result<Page<T>>> + Send + Sync + 'static,
{
    let export = Export { cx: cx.clone(), pages, columns: chosen::<T>(columns)? };
    let first = export.page(None).await?;
    let mut head = heading(export.columns.iter().map(|(key, _)| *key))?;
    head.extend(export.lines(&first)?);
    let rest = stream::try_unfold((export, first.next_cursor), |(export, cursor)| async move {
        let Some(cursor) = cursor else { return Ok(None) };
        still_permitted(&export.cx).await?;
        let page = export.page(Some(cursor)).await?;
        let lines = Bytes::from(export.lines(&page)?);
        Ok::<_, Error>(Some((lines, (export, page.next_cursor))))
    });
    Ok(Answer { response: file(name, cx.now, head, rest)? })
}

/// A file whose beginning is known, and whose rest is read as it is sent.
pub fn file(
    name: &str,
    now: Timestamp,
    head: Vec<u8>,
    rest: impl Stream<Item = Result<Bytes>> + Send + 'static,
) -> Result<Response> {
    let body = stream::once(async { Ok(Bytes::from(head)) }).chain(rest).map(|part| {
        part.map_err(|error: Error| {
            tracing::warn!(code = error.code(), detail = error.internal_detail(), "an export was cut off");
            std::io::Error::other(error.code().to_owned())
        })
    });
    Response::builder()
        .header(CONTENT_TYPE, "text/csv; charset=utf-8; header=present")
        .header(CONTENT_DISPOSITION, format!("attachment; filename=\"{name}-{}.csv\"", &now.rfc3339()[..10]))
        .header(CACHE_CONTROL, "private, no-store")
        .body(Body::from_stream(body))
        .map_err(|error| internal().internal(error))
}

/// The first line, after the mark that spreadsheets know UTF-8 by.
fn heading<'k>(keys: impl Iterator<Item = &'k str>) -> Result<Vec<u8>> {
    let mut head = b"\xEF\xBB\xBF".to_vec();
    head.extend(line(keys.map(str::to_owned))?);
    Ok(head)
}

impl<T, P> Export<T, P>
where
    T: CsvRow,
    P: for<'r> Fn(&'r mut Reader, Option<String>) -> BoxFuture<'r, Result<Page<T>>>,
{
    /// A connection is held for one page only: whoever reads slowly holds none.
    async fn page(&self, cursor: Option<String>) -> Result<Page<T>> {
        let mut db = self.cx.reader().await?;
        (self.pages)(&mut db, cursor).await
    }

    fn lines(&self, page: &Page<T>) -> Result<Vec<u8>> {
        let mut lines = Vec::with_capacity(page.items.len() * 100);
        for item in &page.items {
            lines.extend(line(self.columns.iter().map(|(_, value)| value(item)))?);
        }
        Ok(lines)
    }
}

fn line(fields: impl Iterator<Item = String>) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let fields: Vec<String> = fields.map(harmless).collect();
    writer.write_record(&fields).map_err(|error| internal().internal(error))?;
    writer.into_inner().map_err(|error| internal().internal(error))
}

/// Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay numbers.
fn harmless(text: String) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    if formula { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let cells = ["=1+1", "a,b", "say \"hi\"", "-12.50", "@x", "-a"].map(str::to_owned).into_iter();
        let written = String::from_utf8(line(cells).expect("a line")).expect("text");
        assert_eq!(written, "'=1+1,\"a,b\",\"say \"\"hi\"\"\",-12.50,'@x,'-a\r\n");
    }
}
