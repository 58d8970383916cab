//! Guest lists from a file.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::tickets::{ImportOutcome, ImportQuery};

#[cfg(feature = "ssr")]
use {
    crate::events::{
        Event,
        rules::{find_run, lock},
    },
    crate::kernel::{
        context::{Cx, Db, Tx},
        error::{body_too_large, internal, invalid_input},
        money::Money,
        permissions::Permission::TicketsManage,
    },
    crate::tickets::{
        AttendeeSource, TicketTypeId,
        guest_list::{self, Line},
        rules,
        seats::{self, Going, Wish},
        sql,
    },
};

/// The largest list that is taken.
#[cfg(feature = "ssr")]
const LARGEST: usize = 1024 * 1024;

/// Import a guest list
///
/// The body is a CSV file with a header: `name` and, where there are some, `email`, `phone`, `seats`,
/// `ticket_type` (a name; else the one of the query) and `note`. It is all or nothing: where a line is
/// wrong, or there are not enough seats, nobody is added and `errors` names the lines. Who is on the
/// list by e-mail address already is passed over, so a list can be sent again. Guests with an e-mail
/// address get their tickets by mail.
#[operation(POST "/events/{id}/attendees/import", staff = TicketsManage, end_user, scoped, body = Csv)]
pub async fn attendee_import(cx: &Cx, id: EventId, query: ImportQuery) -> Result<ImportOutcome> {
    {
        let mut db = cx.reader().await?;
        find_run(&mut db, id, TicketsManage).await?;
    }
    let body = cx.request.body.lock().ok().and_then(|mut slot| slot.take());
    let body = body.ok_or_else(|| internal().internal("the untouched body is not there"))?;
    let too_large = |_| body_too_large().detail("A guest list has at most 1 MiB.");
    let bytes = axum::body::to_bytes(body, LARGEST).await.map_err(too_large)?;
    let lines = guest_list::read(&bytes)?;
    cx.write(move |tx| Box::pin(add(tx, id, query.ticket_type_id, lines))).await
}

#[cfg(feature = "ssr")]
async fn add(tx: &mut Tx, id: EventId, default: TicketTypeId, lines: Vec<Line>) -> Result<ImportOutcome> {
    let event = lock(tx, id, TicketsManage).await?;
    rules::must_be_open(tx, &event).await?;
    let now = tx.now;
    let types = sql::type_list(tx.conn(), id, now, true).await?;
    rules::chosen(&types, default)?;
    let emails: Vec<String> = lines.iter().filter_map(|line| line.email.clone()).collect();
    let known = sql::imported_emails(tx.conn(), id, &emails).await?;
    let mut outcome = ImportOutcome { imported: 0, seats: 0, skipped: 0 };
    let names = types.iter().map(|kind| (kind.name.to_lowercase(), kind.id)).collect::<Vec<_>>();
    for line in lines {
        if line.email.as_ref().is_some_and(|email| known.contains(email)) {
            outcome.skipped += 1;
            continue;
        }
        let kind = match &line.ticket_type {
            None => default,
            Some(name) => match names.iter().find(|(known, _)| *known == name.to_lowercase()) {
                Some((_, kind)) => *kind,
                None => {
                    let field = format!("line {}", line.number);
                    return Err(invalid_input().field(field, format!("there is no ticket type “{name}”")));
                }
            },
        };
        outcome.imported += 1;
        outcome.seats += line.seats;
        one(tx, &event, kind, line).await?;
    }
    tx.audit("attendee.list_imported", &event, &event)
        .note("imported", outcome.imported)
        .note("seats", outcome.seats)
        .note("skipped", outcome.skipped);
    Ok(outcome)
}

#[cfg(feature = "ssr")]
async fn one(tx: &mut Tx, event: &Event, kind: TicketTypeId, line: Line) -> Result<()> {
    let free = Money { minor: 0, currency: event.ticket_price.currency.clone() };
    let wish = Wish::new(kind, None, line.seats, free, 1);
    let (name, email, phone, note) = (Some(line.name), line.email, line.phone, line.note);
    let going = Going { source: AttendeeSource::Import, name, email, phone, note, tell: true };
    seats::take(tx, event, wish, going).await.map_err(|error| match error.status() {
        409 => {
            let message = error.message().to_owned();
            error.field(format!("line {}", line.number), message)
        }
        _ => error,
    })?;
    Ok(())
}
