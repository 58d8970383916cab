//! Guest lists from a file.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::tickets::{ImportOutcome, ImportQuery};

#[cfg(feature = "ssr")]
use {
    crate::events::rules::{find_run, lock},
    crate::kernel::{context::RequestContext, permissions::Permission::TicketsManage},
    crate::tickets::{guest_list, import, rules, waiting_list},
};

/// The largest list that is taken.
#[cfg(feature = "ssr")]
const LARGEST: usize = 1024 * 1024;

/// Import a guest list
///
/// Send a CSV file with commas, semicolons or tabs, in UTF-8, UTF-16 or Windows-1252. The first row names the columns:
/// Name (or First name and Last name), Email, Phone, Seats, Ticket type (by name; the one in the query if absent) and
/// Note. Without `skip_errors`, nothing is imported if a row is wrong, a column is unknown or there are not enough
/// seats; `errors` names the rows and columns. Guests already on the list are skipped and counted, so a list can be
/// sent again: they are matched by email address, by phone if one side has no email address, or else by name. With
/// `dry_run`, the answer says what would happen. Guests with an email address are sent their tickets.
#[operation(POST "/events/{id}/attendees/import", staff = TicketsManage, end_user, scoped, body = Csv,
    errors(event_closed, sold_out, unknown_reference))]
pub async fn attendee_import(cx: &RequestContext, id: EventId, query: ImportQuery) -> Result<ImportOutcome> {
    let event = {
        let mut db = cx.reader().await?;
        find_run(&mut db, id, TicketsManage).await?
    };
    let bytes = cx.request.whole_body(LARGEST).await.map_err(|error| match error.status() {
        413 => error.detail("A guest list has at most 1 MiB."),
        _ => error,
    })?;
    let sheet = guest_list::read(&bytes)?.given_in(&event.timezone);
    if query.dry_run {
        let mut db = cx.reader().await?;
        rules::takes_guests(&event, db.now)?;
        let free = waiting_list::free(&mut db, &event).await?;
        return Ok(import::plan(&mut db, &event, &query, &sheet, free).await?.outcome);
    }
    let secrets = import::secrets(&cx.app().keys, id, &sheet);
    cx.write(move |tx| {
        Box::pin(async move {
            let event = lock(tx, id, TicketsManage).await?;
            rules::must_be_open(tx, &event).await?;
            // Those in line come first.
            let free = waiting_list::promote_waiters(tx, &event).await?;
            let plan = import::plan(tx, &event, &query, &sheet, free).await?;
            import::refuse(&plan, query.skip_errors)?;
            import::add(tx, &event, plan, secrets).await
        })
    })
    .await
}
