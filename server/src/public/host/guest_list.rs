//! A whole list of guests, pasted out of a spreadsheet: looked at first where the host wants to, then added.

use axum::body::Body;
use axum::response::Response;
use eventify::events::Event;
use eventify::kernel::error::Error;
use eventify::kernel::text::counted;
use eventify::tickets::operations::attendee_import;
use eventify::tickets::{ImportCells, ImportOutcome, ImportQuery, ImportRow};
use maud::{Markup, html};

use super::super::fields::Fields;
use super::super::sent::{Reading, Sent};
use super::super::view::{Head, refusal};
use super::super::visitor::Visitor;
use super::{Pairs, find, outcome, path, ticket_types, top};
use crate::web::parts::{Form, Path};

/// How many rows are named.
const NAMED: usize = 50;

/// `GET /host/{id}/guests/list`
pub async fn show(visitor: Visitor, Path(event): Path<String>) -> Response {
    page(&visitor, &event, &Sent::default(), None, None).await
}

/// `POST /host/{id}/guests/list`
pub async fn import(visitor: Visitor, Path(event): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let imported = async {
        let event = find(&visitor, &event).await?;
        let mut reading = Reading::of(&sent);
        let Some(ticket_type_id) = reading.chosen("ticket_type_id") else { return Err(reading.refusal()) };
        let dry_run = sent.get("act") == "check";
        let query = ImportQuery { ticket_type_id, dry_run, skip_errors: sent.ticked("skip_errors") };
        visitor.with_body(Body::from(sent.get("list").to_owned()), attendee_import(event.id, query)).await
    };
    match imported.await {
        // What was added is done: sent again, the list adds nobody twice.
        Ok(done) => page(&visitor, &event, &sent, Some(&done), None).await,
        Err(error) => match outcome::<()>(&visitor, &visitor.here, "", Err(error)) {
            Ok(response) => response,
            Err(error) => page(&visitor, &event, &sent, None, Some(&error)).await,
        },
    }
}

async fn page(
    visitor: &Visitor,
    event: &str,
    sent: &Sent,
    done: Option<&ImportOutcome>,
    error: Option<&Error>,
) -> Response {
    let (event, kinds) = match ticket_types::choices(visitor, event).await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let added = done.is_some_and(|done| !done.dry_run);
    let body = html! {
        (top(visitor, &event, "Paste a list"))
        (refusal(error))
        @if let Some(done) = done { (became(&event, done, sent.ticked("skip_errors"))) }
        @if !added { (form(&Fields::new(sent, error), &kinds)) }
    };
    visitor.page(error.map_or(200, Error::status), &Head::own(&format!("Paste a list: {}", event.title)), &body)
}

fn form(fields: &Fields<'_>, kinds: &[(String, String)]) -> Markup {
    let hint = "Copy the cells of a spreadsheet with their first row: Name, Email, Phone, Seats. Only the name is needed; tickets are sent to those with an email or phone.";
    html! {
        p { "Guests already on the list are skipped." }
        form method="post" {
            (fields.area("list", "The list", 10, hint, true))
            (fields.pick("ticket_type_id", "Ticket type", kinds, ""))
            (fields.tick("skip_errors", "Leave out rows that are wrong and add the rest"))
            div .acts {
                button name="act" value="add" { "Add guests" }
                button .quiet name="act" value="check" { "Check the list" }
            }
        }
    }
}

fn rows(title: &str, rows: &[ImportRow]) -> Markup {
    html! {
        @if !rows.is_empty() {
            section {
                h2 { (title) }
                ul { @for row in rows.iter().take(NAMED) { li { (row.sentence()) } } }
                @if rows.len() > NAMED { p { "And " (rows.len() - NAMED) " more." } }
            }
        }
    }
}

/// Of a list that was only looked at: who would be added without any way to send a ticket.
fn unreachable(done: &ImportOutcome) -> Markup {
    let left_out = |at: i64| done.errors.iter().chain(&done.skipped_rows).any(|row| row.row == at);
    let without = |row: &&ImportCells| row.email.trim().is_empty() && row.phone.trim().is_empty() && !left_out(row.row);
    let found: Vec<_> = done.rows.iter().filter(without).collect();
    html! {
        @if !found.is_empty() {
            section {
                h2 { "No email or phone" }
                ul { @for row in found.iter().take(NAMED) { li { "Row " (row.row) ": " bdi { (row.name) } } } }
                @if found.len() > NAMED { p { "And " (found.len() - NAMED) " more." } }
            }
        }
    }
}

/// What became of the list, or would.
fn became(event: &Event, done: &ImportOutcome, skips: bool) -> Markup {
    let refused = done.dry_run && !skips && (done.failed > 0 || !done.ignored_columns.is_empty());
    let tone = if done.failed == 0 && done.ignored_columns.is_empty() { "ok" } else { "warn" };
    html! {
        div .note data-tone=(tone) role="status" {
            p {
                @if refused { "Nobody is added until this is right, or wrong rows are left out." }
                @else { (counted(done.imported, "guest")) @if done.dry_run { " would be added." } @else { " added." } }
                @if done.skipped > 0 { " Already on the list: " (done.skipped) "." }
                @if done.failed > 0 { " Wrong: " (done.failed) "." }
            }
            @if done.unreachable > 0 {
                p { "No tickets can be sent to " (counted(done.unreachable, "guest")) " with neither email nor phone. Add one on their page." }
            }
            @if !done.ignored_columns.is_empty() { p { "Not used: " (done.ignored_columns.join(", ")) "." } }
        }
        (rows("Wrong", &done.errors))
        (rows("Already on the list", &done.skipped_rows))
        (unreachable(done))
        @if !done.dry_run { p { a .button href={ (path(event)) "/guests" } { "See the guests" } } }
    }
}
