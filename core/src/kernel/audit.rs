//! Recording who did what. Entries are collected while an operation runs and written in its own
//! transaction; `audit_logs` holds salted commitments, `audit_values` the values themselves.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::app::App;
use super::caller::Caller;
use super::clock::{new_uuid, random_bytes};
use super::context::RequestContext;
use super::error::{Error, Result, internal};
use super::outbox::{self, BusEvent, EventType};
pub use super::sealed::{Sealed, commitment};
use super::timestamp::Timestamp;

/// A record whose changes are audited: its wire form, which never holds a secret.
pub trait Audited: Serialize {
    /// What kind of thing it is, such as `staff`.
    const OBJECT: &'static str;
    /// Its id.
    fn audit_id(&self) -> String;
}

/// Says of records what kind of thing they are; their id is their field `id`.
#[macro_export]
macro_rules! audited {
    ($($type:ident $object:literal),* $(,)?) => {$(
        impl $crate::kernel::audit::Audited for $type {
            const OBJECT: &'static str = $object;
            fn audit_id(&self) -> String {
                self.id.to_string()
            }
        }
    )*};
}
pub use crate::audited;

/// Fields of an entry's values that are not the record's: why it was done, and from which address an end user did it.
/// They are committed to like all others and never stand in the chain itself, so that they can be erased.
pub const REASON: &str = "$reason";
/// See [`REASON`].
pub const ADDRESS: &str = "$ip";

/// One thing that was done.
pub struct Entry {
    action: &'static str,
    object_type: &'static str,
    object_id: String,
    changes: BTreeMap<String, (Option<Value>, Option<Value>)>,
    reason: Option<String>,
}

impl Entry {
    /// The fields in which before and after differ.
    pub fn new<T: Audited>(action: &'static str, before: Option<&T>, after: Option<&T>) -> Self {
        let mut changes: BTreeMap<String, (Option<Value>, Option<Value>)> = BTreeMap::new();
        for (name, value) in fields(before) {
            changes.entry(name).or_default().0 = Some(value);
        }
        for (name, value) in fields(after) {
            changes.entry(name).or_default().1 = Some(value);
        }
        changes.retain(|_, (before, after)| before != after);
        // What every save touches says nothing.
        changes.remove("updated_at");
        let object_id = after.or(before).map(T::audit_id).unwrap_or_default();
        Self { action, object_type: T::OBJECT, object_id, changes, reason: None }
    }

    /// Why it was done.
    pub fn reason(&mut self, reason: impl Into<String>) -> &mut Self {
        self.reason = Some(reason.into());
        self
    }

    /// A fact that is not a field of the record, such as how many sessions were ended.
    pub fn note(&mut self, name: &str, value: impl Serialize) -> &mut Self {
        self.changes.insert(name.to_owned(), (None, serde_json::to_value(value).ok()));
        self
    }

    /// The action.
    pub fn action(&self) -> &'static str {
        self.action
    }
    /// To what.
    pub fn object(&self) -> (&'static str, &str) {
        (self.object_type, &self.object_id)
    }
}

fn fields<T: Serialize>(record: Option<&T>) -> Vec<(String, Value)> {
    match record.map(serde_json::to_value) {
        Some(Ok(Value::Object(map))) => map.into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Who and where, the same for all entries of a request.
pub struct Origin<'a> {
    /// Who did it.
    pub caller: &'a Caller,
    /// The IP address.
    pub ip: IpAddr,
    /// The request it was part of.
    pub request_id: &'a str,
    /// When.
    pub at: Timestamp,
}

impl Origin<'_> {
    /// Kind, id and name of the actor, as the row keeps them.
    pub fn actor(&self) -> (&'static str, Option<Uuid>, String) {
        match self.caller {
            Caller::Staff(staff) => ("staff", Some(staff.id.0), staff.email.clone()),
            // No name: what stands in the chain cannot be erased.
            Caller::EndUser(user) => ("end_user", Some(user.id.0), "end user".to_owned()),
            Caller::ApiKey(key) => ("api_key", Some(key.id.0), key.name.clone()),
            Caller::Device(device) => ("device", Some(device.id.0), device.name.clone()),
            Caller::System | Caller::Anonymous => ("system", None, "system".to_owned()),
        }
    }
}

/// Writes one entry: the row, its values and its place in the sealer's queue, in one statement.
pub async fn insert(db: &mut PgConnection, origin: &Origin<'_>, entry: &Entry) -> Result<Uuid> {
    let id = new_uuid();
    let (actor_kind, actor_id, actor_label) = origin.actor();
    let mut change_set = BTreeMap::new();
    let (mut names, mut salts, mut befores, mut afters) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let own = entry.reason.as_ref().map(|reason| (REASON.to_owned(), (None, Some(Value::from(reason.as_str())))));
    // An address is somebody's: of end users it goes with them.
    let theirs = matches!(origin.caller, Caller::EndUser(_));
    let address = theirs.then(|| (ADDRESS.to_owned(), (None, Some(Value::from(origin.ip.to_string())))));
    let apart: BTreeMap<String, (Option<Value>, Option<Value>)> = own.into_iter().chain(address).collect();
    for (name, (before, after)) in entry.changes.iter().chain(&apart) {
        let salt = random_bytes::<16>();
        change_set.insert(name.clone(), commitment(&salt, name, before.as_ref(), after.as_ref()));
        names.push(name.clone());
        salts.push(salt.to_vec());
        befores.push(before.clone());
        afters.push(after.clone());
    }
    let ip = (!theirs).then(|| origin.ip.to_string());
    let hash = Sealed {
        id,
        actor_kind,
        actor_id,
        actor_label: &actor_label,
        action: entry.action,
        object_type: entry.object_type,
        object_id: &entry.object_id,
        change_set: &change_set,
        reason: None,
        ip: ip.clone(),
        request_id: Some(origin.request_id),
        created_at: origin.at,
    }
    .hash();
    sqlx::query!(
        r#"with row as (
               insert into audit_logs (id, actor_kind, actor_id, actor_label, action, object_type, object_id,
                                       change_set, ip_address, request_id, hash, created_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::inet, $10, $11, $12)
               returning seq),
           queued as (insert into audit_unsealed (audit_seq) select seq from row)
           insert into audit_values (audit_seq, field, salt, before, after)
           select row.seq, v.field, v.salt, v.before, v.after
           from row, unnest($13::text[], $14::bytea[], $15::jsonb[], $16::jsonb[]) as v (field, salt, before, after)"#,
        id,
        actor_kind,
        actor_id,
        actor_label,
        entry.action,
        entry.object_type,
        entry.object_id,
        serde_json::to_value(&change_set).unwrap_or_default(),
        ip,
        origin.request_id,
        hash.as_slice(),
        origin.at.0,
        &names,
        &salts,
        &befores as &[Option<Value>],
        &afters as &[Option<Value>],
    )
    .execute(db)
    .await?;
    Ok(id)
}

/// An entry that is written later, with who did it, where and when.
struct Later {
    cx: RequestContext,
    entry: Entry,
}

tokio::task_local! {
    static LATER: Mutex<Vec<Later>>;
}

/// Does what `work` does and writes its entries when all of it is done, in the order of their times: the demo tells of
/// months, one area after another, and the log is a chain.
pub async fn in_order_of_time<T>(app: &Arc<App>, work: impl Future<Output = Result<T>> + Send) -> Result<T> {
    let collected = async {
        let done = work.await?;
        let entries = LATER.with(|later| later.lock().map(|mut later| std::mem::take(&mut *later)).ok());
        Ok::<_, Error>((done, entries.ok_or_else(|| internal().internal("entries were lost"))?))
    };
    let (done, mut entries) = LATER.scope(Mutex::default(), collected).await?;
    entries.sort_by_key(|later| later.cx.now);
    let mut transaction = app.begin().await?;
    for Later { cx, entry } in &entries {
        let logged = written(&mut transaction, cx, entry).await?;
        outbox::insert(&mut transaction, &cx.request.id, cx.caller.staff().map(|staff| staff.id), &[logged]).await?;
    }
    transaction.commit().await?;
    if !entries.is_empty() {
        app.changed();
    }
    Ok(done)
}

/// Keeps an entry where entries are written later; gives it back where they are not.
pub(super) fn kept(cx: &RequestContext, entry: Entry) -> Option<Entry> {
    let mut entry = Some(entry);
    let keep = |later: &Mutex<Vec<Later>>| {
        if let Ok(mut later) = later.lock() {
            later.extend(entry.take().map(|entry| Later { cx: cx.clone(), entry }));
        }
    };
    // Outside of such work there is nowhere to keep it.
    LATER.try_with(keep).unwrap_or_default();
    entry
}

/// Writes an entry as its call's, and answers what the bus is told of it.
pub(super) async fn written(db: &mut PgConnection, cx: &RequestContext, entry: &Entry) -> Result<outbox::Pending> {
    let origin = Origin { caller: &cx.caller, ip: cx.request.ip, request_id: &cx.request.id, at: cx.now };
    let id = insert(db, &origin, entry).await?;
    Ok(outbox::Pending::new(&AdminActionLogged::new(id, &origin, entry)))
}

/// An action was recorded in the audit log. The values stay in the audit log: the bus has other
/// readers.
#[derive(Serialize, JsonSchema)]
pub struct AdminActionLogged {
    audit_id: Uuid,
    action: &'static str,
    object_type: &'static str,
    object_id: String,
    actor_kind: &'static str,
    actor_id: Option<Uuid>,
    actor_label: String,
}

impl AdminActionLogged {
    /// For an entry that was just written.
    pub fn new(audit_id: Uuid, origin: &Origin<'_>, entry: &Entry) -> Self {
        let (actor_kind, actor_id, actor_label) = origin.actor();
        let (object_type, object_id) = entry.object();
        let object_id = object_id.to_owned();
        Self { audit_id, action: entry.action(), object_type, object_id, actor_kind, actor_id, actor_label }
    }
}

impl BusEvent for AdminActionLogged {
    const TYPE: &'static str = "admin.action.logged";
    const AGGREGATE: &'static str = "audit";
    fn aggregate_id(&self) -> String {
        self.audit_id.to_string()
    }
}
inventory::submit!(EventType::of::<AdminActionLogged>("An action was recorded in the audit log."));
