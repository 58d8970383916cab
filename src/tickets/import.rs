//! A guest list becomes guests: what is already known of them, what is wrong, and then all of them in a few
//! statements, so that the event is locked for a moment and no longer, however long the list is.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::bus::AttendeeConfirmed;
use super::guest_list::{Line, Sheet, fault};
use super::secrets::{self, TicketHashes};
use super::sql::{self, Issued, NewGuest};
use super::waiting_list::Free;
use super::{AttendeeId, ImportOutcome, ImportQuery, ImportRow, TicketId, TicketType, mails, rules, seats};
use crate::events::{Event, EventId, rules as events};
use crate::kernel::app::App;
use crate::kernel::context::{Db, Tx};
use crate::kernel::crypto::Keys;
use crate::kernel::error::{Result, invalid_input};
use crate::kernel::jobs::Job;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::tickets::errors::sold_out;

/// How many wrong rows a refusal names.
const NAMED: usize = 50;
/// How many of them it says in words.
const SAID: usize = 5;
/// Guests whose tickets are mailed in one transaction.
const PORTION: usize = 200;
/// The column of rows for which there are not enough seats.
const SEATS: &str = "seats";

/// Who is added, and what is said about the rest.
pub struct Plan {
    /// Each with their ticket type.
    guests: Vec<(Line, TicketType)>,
    /// What the answer will be.
    pub outcome: ImportOutcome,
    /// Rows that are right, and for which no seat is left.
    without_seats: usize,
}

/// The secrets of all tickets a list can need: made before the event is locked, as they take their time.
pub fn secrets(keys: &Keys, event: EventId, sheet: &Sheet) -> Vec<TicketHashes> {
    let seats: i32 = sheet.lines.iter().map(|line| line.seats).sum();
    (0..seats).map(|_| secrets::seal(keys, event, TicketId::new(), 1)).collect()
}

/// Who is known already, by what a list says of people.
#[derive(Default)]
struct Known {
    emails: HashSet<String>,
    /// Phones, and whether somebody who has it has no email address.
    phones: HashMap<String, bool>,
    /// How many have this name and nothing else.
    names: HashMap<String, i64>,
}

/// Digits alone, whichever way the country's code was written.
fn digits(phone: &str) -> &str {
    phone.strip_prefix('+').or_else(|| phone.strip_prefix("00")).unwrap_or(phone)
}

impl Known {
    fn note(&mut self, email: Option<&str>, phone: Option<&str>) {
        self.emails.extend(email.map(str::to_owned));
        if let Some(phone) = phone {
            *self.phones.entry(digits(phone).to_owned()).or_default() |= email.is_none();
        }
    }

    /// What gives a guest away as one who is known. Two who share a phone are two where both have an email
    /// address of their own.
    fn by(&self, line: &Line) -> Option<&'static str> {
        let email = line.email.as_ref();
        if email.is_some_and(|email| self.emails.contains(email)) {
            return Some("email");
        }
        let without_email = line.phone.as_ref().and_then(|phone| self.phones.get(digits(phone)));
        without_email.is_some_and(|without| *without || email.is_none()).then_some("phone")
    }

    /// Of guests without email and phone, as many as there are of that name are those who are there.
    fn by_name(&mut self, line: &Line) -> bool {
        let left = match (&line.email, &line.phone) {
            (None, None) => self.names.get_mut(&line.name.to_lowercase()).filter(|left| **left > 0),
            _ => None,
        };
        left.map(|left| *left -= 1).is_some()
    }
}

async fn known(db: &mut impl Db, event: EventId, sheet: &Sheet) -> Result<Known> {
    let emails: Vec<String> = sheet.lines.iter().filter_map(|line| line.email.clone()).collect();
    let phones: Vec<String> =
        sheet.lines.iter().filter_map(|line| line.phone.as_deref()).map(|p| digits(p).to_owned()).collect();
    let bare = sheet.lines.iter().filter(|line| line.email.is_none() && line.phone.is_none());
    let names: Vec<String> = bare.map(|line| line.name.to_lowercase()).collect();
    let mut known = Known::default();
    for guest in sql::guests_known(db.conn(), event, &emails, &phones).await? {
        known.note(guest.email.as_deref(), guest.phone.as_deref());
    }
    known.names = sql::guests_of_name(db.conn(), event, &names).await?.into_iter().collect();
    Ok(known)
}

/// What a list comes to. Nothing is written.
pub async fn plan(db: &mut impl Db, event: &Event, query: &ImportQuery, sheet: &Sheet, mut free: Free) -> Result<Plan> {
    rules::chosen(&free.types, query.ticket_type_id)?;
    let mut there = known(db, event.id, sheet).await?;
    let mut listed = Known::default();
    let mut plan = Plan { guests: Vec::new(), without_seats: 0, outcome: ImportOutcome::begun(query, sheet) };
    for line in &sheet.lines {
        let wanted = line.ticket_type.as_deref().map(str::to_lowercase);
        let ticket_type = free.types.iter().find(|ticket_type| match &wanted {
            None => ticket_type.id == query.ticket_type_id,
            Some(name) => ticket_type.name.to_lowercase() == *name,
        });
        let Some(ticket_type) = ticket_type.cloned() else {
            let name = line.ticket_type.as_deref().unwrap_or_default();
            let message = format!("there is no ticket type “{name}”");
            plan.outcome.errors.push(fault(line.row, "ticket_type", message));
            continue;
        };
        if let Some(row) = passed_over(&mut there, &listed, line) {
            plan.outcome.skipped_rows.push(row);
            continue;
        }
        if !free.take(ticket_type.id, line.seats) {
            plan.outcome.errors.push(fault(line.row, SEATS, rules::too_few(&ticket_type.name, ticket_type.available)));
            plan.without_seats += 1;
            continue;
        }
        listed.note(line.email.as_deref(), line.phone.as_deref());
        plan.guests.push((line.clone(), ticket_type));
    }
    plan.outcome.count(&plan.guests);
    Ok(plan)
}

/// Why a row is passed over, if it is.
fn passed_over(there: &mut Known, listed: &Known, line: &Line) -> Option<ImportRow> {
    if let Some(by) = there.by(line) {
        return Some(fault(line.row, by, "is on the guest list already"));
    }
    if let Some(by) = listed.by(line) {
        return Some(fault(line.row, by, "is in this list twice"));
    }
    there.by_name(line).then(|| fault(line.row, "name", "is on the guest list already"))
}

impl ImportOutcome {
    fn begun(query: &ImportQuery, sheet: &Sheet) -> Self {
        Self {
            imported: 0,
            seats: 0,
            skipped: 0,
            failed: 0,
            unreachable: 0,
            skipped_rows: Vec::new(),
            errors: sheet.faults.clone(),
            ignored_columns: sheet.ignored.clone(),
            dry_run: query.dry_run,
            rows: if query.dry_run { sheet.rows.clone() } else { Vec::new() },
        }
    }

    fn count(&mut self, guests: &[(Line, TicketType)]) {
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        self.errors.sort_by_key(|fault| fault.row);
        let rows: HashSet<i64> = self.errors.iter().map(|fault| fault.row).collect();
        self.imported = number(guests.len());
        self.seats = guests.iter().map(|(line, _)| line.seats).sum();
        let reached = |line: &Line| line.email.is_some() || line.phone.is_some();
        self.unreachable = number(guests.iter().filter(|(line, _)| !reached(line)).count());
        self.skipped = number(self.skipped_rows.len());
        self.failed = number(rows.len());
    }
}

/// The list is refused where something is wrong with it and nobody said to take the rest.
pub fn refuse(plan: &Plan, skip_errors: bool) -> Result<()> {
    let outcome = &plan.outcome;
    if skip_errors || outcome.errors.is_empty() && outcome.ignored_columns.is_empty() {
        return Ok(());
    }
    let only_seats = outcome.ignored_columns.is_empty() && plan.without_seats == outcome.errors.len();
    let mut refusal = if only_seats { sold_out() } else { invalid_input() };
    let mut words = Vec::new();
    for column in &outcome.ignored_columns {
        let message = "is not a column of guest lists: Name, Email, Phone, Seats, Ticket type, Note are";
        words.push(format!("Row 1: “{column}” {message}"));
        refusal = refusal.field("row 1", format!("“{column}” {message}"));
    }
    words.extend(outcome.errors.iter().map(ImportRow::sentence));
    for row in outcome.errors.iter().take(NAMED) {
        refusal = refusal.field(row.place().replacen('R', "r", 1), row.message.clone());
    }
    let more = match words.len().saturating_sub(SAID) {
        0 => String::new(),
        1 => " One more is wrong.".to_owned(),
        more => format!(" {more} more are wrong."),
    };
    words.truncate(SAID);
    Err(refusal.detail(format!("{}.{more} Nobody was added.", words.join(". "))))
}

/// Adds all guests of a plan; the event is locked.
pub async fn add(tx: &mut Tx, event: &Event, plan: Plan, secrets: Vec<TicketHashes>) -> Result<ImportOutcome> {
    let (mut guests, mut tickets, mut secrets) = (Vec::new(), Vec::new(), secrets.into_iter());
    let mut sold: HashMap<_, i32> = HashMap::new();
    for (line, ticket_type) in plan.guests {
        let id = AttendeeId::new();
        *sold.entry(ticket_type.id).or_default() += line.seats;
        let count = usize::try_from(line.seats).unwrap_or_default();
        tickets.extend(secrets.by_ref().take(count).map(|hashes| Issued {
            hashes,
            attendee: id,
            ticket_type: ticket_type.id,
            user: None,
        }));
        guests.push(NewGuest { id, kind: ticket_type.id, kind_name: ticket_type.name, line });
    }
    let (now, currency) = (tx.now, event.ticket_price.currency.clone());
    secrets::ensure_key(tx).await?;
    sql::guests_insert(tx.conn(), event.id, &currency, &guests, now).await?;
    sql::tickets_insert(tx.conn(), event.id, &tickets, now).await?;
    for (ticket_type, seats) in sold {
        seats::count(tx, event.id, ticket_type, seats).await?;
    }
    for guest in &guests {
        tx.emit(&AttendeeConfirmed { event_id: event.id, attendee_id: guest.id, seats: guest.line.seats });
    }
    let told: Vec<AttendeeId> =
        guests.iter().filter(|g| g.line.email.is_some() || g.line.phone.is_some()).map(|g| g.id).collect();
    for portion in told.chunks(PORTION) {
        tx.enqueue(&MailTickets { event: event.id, guests: portion.to_vec() });
    }
    let outcome = plan.outcome;
    tx.audit("attendee.list_imported", event, event)
        .note("imported", outcome.imported)
        .note("seats", outcome.seats)
        .note("skipped", outcome.skipped)
        .note("failed", outcome.failed);
    Ok(outcome)
}

/// Mails the tickets of a portion of a list; who does not go any more gets none.
#[derive(Serialize, Deserialize)]
struct MailTickets {
    event: EventId,
    guests: Vec<AttendeeId>,
}
impl Job for MailTickets {
    const TYPE: &'static str = "tickets.mail_tickets";
}
inventory::submit!(JobHandler::of::<MailTickets>());

impl Run for MailTickets {
    async fn run(self, app: std::sync::Arc<App>, context: JobContext) -> Result<(), Failure> {
        let mut tx = Tx::begin(events::system_cx(&app, &super::operations::TICKET_RESEND_META)).await?;
        let event = events::by_id(tx.conn(), self.event).await?;
        for guest in sql::guests_to_mail(tx.conn(), &self.guests).await? {
            mails::tickets(&mut tx, &event, guest).await?;
        }
        let now = tx.now;
        context.done(tx.conn(), now).await?;
        tx.commit().await?;
        Ok(())
    }
}
