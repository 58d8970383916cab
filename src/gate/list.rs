//! The manifest: what a phone takes along to judge tickets by itself. Nothing in it can be read without a ticket's code.

use std::collections::HashMap;

use eventify_gate::{Entry, Manifest, ManifestBody, Row, Used, mark_of, seal, tag_of};
use sqlx::PgConnection;
use uuid::Uuid;

use super::moment;
use super::scans::{is_cancelled, plain, state};
use super::sql::{self, ListRow, Settled};
use crate::events::{EventId, Question, questions};
use crate::kernel::context::{Db, RequestContext};
use crate::kernel::error::{Result, internal};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::TicketId;
use crate::tickets::secrets::{secret, short_code, signer};

/// The name of a state of the tickets: of which database, and how far.
fn version(settled: &Settled) -> String {
    format!("{}-{}", settled.epoch, settled.xid)
}

/// The present version.
pub async fn present(db: &mut PgConnection) -> Result<String> {
    Ok(version(&sql::settled(db).await?))
}

/// What a version says of this database; none if it is another's, or one that was not reached yet: then everything has
/// to be sent.
fn known<'v>(since: &'v str, settled: &Settled) -> Option<&'v str> {
    let (epoch, xid) = since.split_once('-')?;
    let (then, now) = (xid.parse::<u64>().ok()?, settled.xid.parse::<u64>().ok()?);
    (epoch == settled.epoch && then <= now).then_some(xid)
}

/// The list of an event, or what has changed since a version.
pub async fn manifest(cx: &RequestContext, event: EventId, since: Option<&str>) -> Result<Manifest> {
    let (mut body, rows, asked, signer) = {
        let mut db = cx.reader().await?;
        let settled = sql::settled(db.conn()).await?;
        let since = since.and_then(|since| known(since, &settled).map(|xid| (since, xid)));
        let world = sql::world(db.conn(), event.0, cx.now).await?;
        let types = sql::type_facts(db.conn(), event.0).await?;
        let rows = sql::list_rows(db.conn(), event.0, since.map(|(_, xid)| xid), cx.now).await?;
        let asked = questions(db.conn(), event).await?;
        let body = ManifestBody {
            event: world.event,
            version: version(&settled),
            since: since.map(|(version, _)| version.to_owned()),
            made_at: moment(cx.now),
            keys: world.keys,
            gates: world.gates,
            types,
            beyond: sql::beyond(db.conn(), event.0).await?,
            count: 0,
            rows: String::new(),
        };
        (body, rows, asked, signer(&mut db).await?)
    };
    let app = cx.app().clone();
    // Seals for tens of thousands of tickets take a second: beside the threads that answer.
    let sealed = tokio::task::spawn_blocking(move || {
        let sealing = Sealing::new(&body, &asked, event);
        let rows: Vec<Row> = rows.iter().map(|row| sealing.row(&app.keys, row)).collect();
        body.set_rows(&rows);
        Manifest::signed(&body, signer.id.0, |bytes| signer.sign(bytes))
    });
    sealed.await.map_err(|error| internal().internal(error))
}

struct Sealing<'s> {
    event: EventId,
    types: HashMap<Uuid, usize>,
    gates: HashMap<Uuid, usize>,
    asked: &'s [Question],
}

impl<'s> Sealing<'s> {
    fn new(body: &ManifestBody, asked: &'s [Question], event: EventId) -> Self {
        let types = body.types.iter().enumerate().map(|(at, kind)| (kind.id, at)).collect();
        let gates = body.gates.iter().enumerate().map(|(at, gate)| (gate.id, at)).collect();
        Self { event, types, gates, asked }
    }

    fn row(&self, keys: &crate::kernel::crypto::Keys, row: &ListRow) -> Row {
        let (ticket, generation) = (TicketId(row.id), row.generation);
        let answers: Vec<(String, String)> = self
            .asked
            .iter()
            .filter_map(|question| {
                let answer = row.answers.get(question.id.to_string()).map(plain)?;
                (!answer.is_empty()).then(|| (question.label.clone(), answer))
            })
            .collect();
        let must_be_seen =
            self.asked.iter().any(|question| question.required && row.answers.get(question.id.to_string()).is_some());
        let look = row.note.is_some() || must_be_seen;
        let entry = Entry { name: row.name.clone().unwrap_or_default(), note: row.note.clone(), answers };
        let state = state(&row.status);
        let void = matches!(state, eventify_gate::State::Revoked | eventify_gate::State::Refunded);
        // Whoever holds a void ticket is told nothing: nothing is taken along of them.
        let sealed = match void {
            true => Vec::new(),
            false => seal(&secret(keys, self.event, ticket, generation), row.id, generation.unsigned_abs(), &entry),
        };
        let attendee = row.attendee_id.as_bytes();
        let used = row.used_at.map(|at| Used {
            at: moment(Timestamp(at)),
            gate: row.used_gate.and_then(|gate| self.gates.get(&gate).copied()),
        });
        Row {
            tag: tag_of(row.id),
            mark: mark_of(self.event.0, &short_code(keys, self.event, ticket, generation)),
            generation: generation.unsigned_abs(),
            ticket_type: self.types.get(&row.ticket_type_id).copied().unwrap_or(usize::MAX >> 1),
            state,
            cancelled: is_cancelled(&row.attendee_status, row.seats),
            blocked: row.blocked,
            unpaid: row.price_paid_minor > 0 && !row.is_paid,
            look: look && !void,
            party: (row.seats > 1).then(|| [attendee[12], attendee[13], attendee[14], attendee[15]]),
            used,
            sealed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_another_database_is_none_of_this_one() {
        let settled = Settled { epoch: "7.1".to_owned(), xid: "500".to_owned() };
        assert_eq!(known("7.1-400", &settled), Some("400"));
        assert_eq!(known("7.1-500", &settled), Some("500"));
        // Restored from a backup: the same database, which has not come so far yet; or another.
        assert_eq!(known("7.1-501", &settled), None);
        assert_eq!(known("7.2-400", &settled), None);
        assert_eq!(known("nonsense", &settled), None);
    }
}
