//! The one conflict engine: what an entry of a plan clashes with, whoever and whatever it is about.
//!
//! An entry is written first, holding nothing; then it is judged among its neighbours, and holds what it takes only
//! if nothing stands against it. So a dry run is the same code in a transaction that is not committed, and what the
//! answer names is what the exclusion constraint would have refused.

use std::collections::{BTreeMap, HashMap};

use futures::future::BoxFuture;
use uuid::Uuid;

use super::judge::judge;
use super::{Clash, ClashSide, EntryKind, Severity, sql};
use crate::events::{Event, EventId};
use crate::kernel::caller::Scope;
use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::planning::errors::clash;

/// What an entry takes, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    pub kind: EntryKind,
    pub id: Uuid,
    pub event: EventId,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// It is decided: it holds what it takes.
    pub firm: bool,
    /// It was not cancelled, declined or brought back.
    pub alive: bool,
    /// People, artists, stages and units.
    pub takes: Vec<(&'static str, Uuid)>,
    /// Equipment that is counted, and how many of it.
    pub counted: Option<(Uuid, i32)>,
}

/// One that is held near an entry, by another one.
pub struct Near {
    pub entry: Uuid,
    pub other: Uuid,
    pub kind: String,
    pub name: Option<String>,
    pub changeover: i64,
}

/// An entry, as a clash names it.
#[derive(Clone)]
pub struct Side {
    pub kind: EntryKind,
    pub id: Uuid,
    pub event_id: EventId,
    pub event: String,
    pub name: String,
    pub title: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub firm: bool,
    pub venue: Option<Uuid>,
    pub place: Option<(f64, f64)>,
}

/// What there is of the equipment an entry needs.
pub struct Stock {
    pub entry: Uuid,
    pub name: String,
    pub units: i64,
    pub usable: i64,
    pub peak: i64,
    pub other: Option<Uuid>,
}

/// What is known of the person in an entry.
pub struct Crew {
    pub entry: Uuid,
    pub name: String,
    pub skill: Option<String>,
    pub can: bool,
    pub away: bool,
    pub other_minutes: i64,
}

/// All that is known of some entries.
pub struct Facts {
    pub sides: HashMap<Uuid, Side>,
    pub near: Vec<Near>,
    pub stocks: Vec<Stock>,
    pub crew: Vec<Crew>,
    pub rules: BTreeMap<super::ClashRule, (Severity, i64)>,
}

/// What stands against these entries, the most serious first. What belongs to events that the caller does not run is
/// named no closer than that it is there.
pub async fn clashes(db: &mut impl Db, entries: &[Uuid]) -> Result<Vec<Clash>> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let everything = db.cx().scope == Scope::All;
    let conn = db.conn();
    let (near, stocks) = (sql::near(conn, entries).await?, sql::stocks(conn, entries).await?);
    let mut ids: Vec<Uuid> = entries.to_vec();
    ids.extend(near.iter().map(|near| near.other));
    ids.extend(stocks.iter().filter_map(|stock| stock.other));
    ids.sort_unstable();
    ids.dedup();
    let sides = sql::sides(conn, &ids).await?.into_iter().map(|side| (side.id, side)).collect();
    let crew = sql::crew_of(conn, entries).await?;
    let rules = sql::rule_list(conn).await?.into_iter();
    let rules = rules.map(|rule| (rule.rule, (rule.severity, i64::from(rule.minutes.unwrap_or(0))))).collect();
    let mut clashes = judge(&Facts { sides, near, stocks, crew, rules });
    if !everything {
        for clash in &mut clashes {
            veil(clash);
        }
    }
    Ok(clashes)
}

/// Says of another event's entry no more than that there is one.
fn veil(clash: &mut Clash) {
    let own = clash.entry.event_id;
    if let Some(other) = clash.other.as_mut().filter(|other| other.event_id != own) {
        clash.sentence = format!("{} is taken at another event at that time", clash.resource);
        (other.event, other.title, other.link) = ("Another event".to_owned(), "Taken".to_owned(), String::new());
    }
}

/// Whether it keeps the entry from being confirmed: what is pencilled stands in nobody's way.
fn blocks(clash: &Clash, entry: Uuid) -> bool {
    let theirs = if clash.entry.id == entry { clash.other.as_ref() } else { Some(&clash.entry) };
    clash.severity == Severity::MustFix && theirs.is_none_or(|other| other.firm)
}

/// Waits until nobody else books what the entry takes. Before the entry is written.
pub async fn lock_resources(tx: &mut Tx, taken: &Taken) -> Result<()> {
    let counted = taken.counted.iter().map(|(id, _)| *id);
    let resources: Vec<Uuid> = taken.takes.iter().map(|(_, id)| *id).chain(counted).collect();
    sql::lock_resources(tx.conn(), &resources).await
}

/// Judges an entry that was just written, and holds what it takes; 409 `clash` with all that stands against it.
pub async fn place(tx: &mut Tx, taken: &Taken) -> Result<Vec<Clash>> {
    sql::holds_set(tx.conn(), taken).await?;
    if !taken.alive {
        return Ok(Vec::new());
    }
    let clashes = clashes(tx, &[taken.id]).await?;
    if taken.firm {
        refuse(&clashes, taken.id)?;
        sql::holds_firm(tx.conn(), &[taken.id]).await?;
    }
    Ok(clashes)
}

/// The same for an entry that was changed: what stands as it stood is not judged anew.
pub async fn replace(tx: &mut Tx, before: &Taken, after: &Taken) -> Result<Vec<Clash>> {
    if before == after {
        return clashes(tx, &[after.id]).await;
    }
    place(tx, after).await
}

fn refuse(all: &[Clash], entry: Uuid) -> Result<()> {
    let against: Vec<&Clash> = all.iter().filter(|clash| blocks(clash, entry)).collect();
    let Some(first) = against.first() else { return Ok(()) };
    let more = match against.len() - 1 {
        0 => String::new(),
        1 => " 1 more clash.".to_owned(),
        n => format!(" {n} more clashes."),
    };
    let detail = format!("{}: {}.{more}", first.rule.label(), first.sentence);
    let mut error = clash().detail(detail).current(&all);
    for clash in against {
        error = error.field(field(clash), format!("{}: {}", clash.rule.label(), clash.sentence));
    }
    Err(error)
}

/// Which field a clash is about.
fn field(clash: &Clash) -> &'static str {
    match clash.rule {
        super::ClashRule::ShortOfUnits => "units",
        _ => "starts_at",
    }
}

/// Does the work, or says what it would come to: then nothing of it is kept.
pub async fn run<T, F>(cx: &RequestContext, check: bool, work: F) -> Result<T>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
{
    if !check {
        return cx.write(work).await;
    }
    let mut tx = Tx::begin(cx.clone()).await?;
    work(&mut tx).await
}

/// Moves a plan along with its event. What cannot be held then becomes pencilled, for a person to decide.
pub async fn carry(tx: &mut Tx, event: EventId, seconds: f64) -> Result<(i64, Vec<Clash>)> {
    let (entries, resources) = sql::event_takes(tx.conn(), event).await?;
    sql::lock_resources(tx.conn(), &resources).await?;
    let moved = sql::plan_move(tx.conn(), event, seconds).await?;
    sql::tasks_move(tx.conn(), event, seconds).await?;
    let clashes = clashes(tx, &entries).await?;
    let blocked: Vec<Uuid> = entries
        .into_iter()
        .filter(|id| clashes.iter().any(|clash| concerns(clash, *id) && blocks(clash, *id)))
        .collect();
    sql::entries_pencil(tx.conn(), &blocked).await?;
    sql::plan_hold(tx.conn(), event).await?;
    Ok((moved, clashes))
}

/// Whether the entry is one of its sides.
fn concerns(clash: &Clash, entry: Uuid) -> bool {
    clash.entry.id == entry || clash.other.as_ref().is_some_and(|other| other.id == entry)
}

/// What stands against the plan of an event as it is, for those who see all events with what others have pencilled of the
/// same equipment: it is short at both.
pub async fn of_event(db: &mut impl Db, event: &Event) -> Result<Vec<Clash>> {
    let (mut entries, _) = sql::event_takes(db.conn(), event.id).await?;
    if db.cx().scope == Scope::All {
        entries.extend(sql::pencilled_elsewhere(db.conn(), event.id).await?);
    }
    let mut all = clashes(db, &entries).await?;
    let own = |side: &ClashSide| side.event_id == event.id;
    all.retain(|clash| own(&clash.entry) || clash.other.as_ref().is_some_and(own));
    // What is pencilled there cannot be confirmed there; what is planned here stands.
    for clash in all.iter_mut().filter(|clash| !own(&clash.entry) && clash.severity == Severity::MustFix) {
        clash.severity = Severity::Check;
    }
    Ok(all)
}
