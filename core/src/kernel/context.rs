//! What a handler is given: the call's context, and a transaction or a reader.

use std::ops::Deref;
use std::sync::Arc;

use futures::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Transaction};

use super::app::App;
use super::audit::{self, Audited, Entry};
use super::caller::{Caller, Scope};
use super::error::{Result, internal};
use super::jobs::{self, Job};
use super::outbox::{self, BusEvent};
use super::registry::OperationMeta;
use super::request::Request;
use super::timestamp::Timestamp;

/// One call of one operation.
#[derive(Clone)]
pub struct RequestContext {
    /// The operation.
    pub operation: &'static OperationMeta,
    /// The request.
    pub request: Arc<Request>,
    /// Who calls.
    pub caller: Arc<Caller>,
    /// What the caller may see here.
    pub scope: Scope,
    /// When the call began.
    pub now: Timestamp,
}

impl RequestContext {
    /// A call by Eventify itself, outside any request: jobs and the demo.
    pub fn system(app: &Arc<App>, operation: &'static OperationMeta) -> RequestContext {
        RequestContext {
            operation,
            request: Arc::new(Request::internal(app.clone())),
            caller: Arc::new(Caller::System),
            scope: Scope::All,
            now: app.clock.now(),
        }
    }

    /// The process.
    pub fn app(&self) -> &Arc<App> {
        &self.request.app
    }

    /// The calling staff member; operations open to `staff` only can rely on it.
    pub fn staff(&self) -> Result<&super::caller::StaffCaller> {
        self.caller.staff().ok_or_else(|| internal().internal("this operation needs a staff caller"))
    }

    /// The calling end user; operations open to `end_user` only can rely on it.
    pub fn end_user(&self) -> Result<&super::caller::EndUserCaller> {
        self.caller.end_user().ok_or_else(|| internal().internal("this operation needs an end user"))
    }

    /// The staff member who answers for the call: the caller, or whoever made the key that calls.
    pub fn actor(&self) -> Option<super::ids::StaffId> {
        match &*self.caller {
            Caller::ApiKey(key) => Some(key.made_by),
            caller => caller.staff().map(|staff| staff.id),
        }
    }

    /// Runs `work` in one transaction, with everything the runner sees to: the caller is checked
    /// again inside it, audit, events and jobs are written with it.
    pub fn write<'w, T, F>(&self, work: F) -> BoxFuture<'w, Result<T>>
    where
        T: Send + 'w,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'w,
    {
        super::runner::transaction(self.clone(), Box::new(work))
    }

    /// A read-only connection.
    pub async fn reader(&self) -> Result<Reader> {
        let pool = if self.operation.stale_ok { &self.app().stale_reader } else { &self.app().reader };
        Ok(Reader { connection: pool.acquire().await?, cx: self.clone() })
    }
}

/// A connection that finders can use, whether it writes or not.
pub trait Db: Send {
    /// The connection.
    fn conn(&mut self) -> &mut PgConnection;
    /// The call.
    fn cx(&self) -> &RequestContext;
}

/// A read-only connection and the call it serves.
pub struct Reader {
    connection: PoolConnection<Postgres>,
    cx: RequestContext,
}

impl Db for Reader {
    fn conn(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
    fn cx(&self) -> &RequestContext {
        &self.cx
    }
}
impl Deref for Reader {
    type Target = RequestContext;
    fn deref(&self) -> &RequestContext {
        &self.cx
    }
}

/// One open transaction and what will be written with it.
pub struct Tx {
    transaction: Transaction<'static, Postgres>,
    cx: RequestContext,
    entries: Vec<Entry>,
    events: Vec<outbox::Pending>,
    jobs: Vec<jobs::Pending>,
    access_changed: bool,
    replayed: bool,
}

impl Db for Tx {
    fn conn(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
    fn cx(&self) -> &RequestContext {
        &self.cx
    }
}
impl Deref for Tx {
    type Target = RequestContext;
    fn deref(&self) -> &RequestContext {
        &self.cx
    }
}

impl Tx {
    /// Begins a transaction for a call.
    pub async fn begin(cx: RequestContext) -> Result<Tx> {
        let transaction = cx.app().begin().await?;
        Ok(Tx {
            transaction,
            cx,
            entries: Vec::new(),
            events: Vec::new(),
            jobs: Vec::new(),
            access_changed: false,
            replayed: false,
        })
    }

    /// Records a change: before and after, of which the fields that differ are kept.
    pub fn audit<T: Audited>(&mut self, action: &'static str, before: &T, after: &T) -> &mut Entry {
        self.push_entry(Entry::new(action, Some(before), Some(after)))
    }
    /// Records that something came to be.
    pub fn audit_created<T: Audited>(&mut self, action: &'static str, after: &T) -> &mut Entry {
        self.push_entry(Entry::new(action, None, Some(after)))
    }
    /// Records that something is gone.
    pub fn audit_deleted<T: Audited>(&mut self, action: &'static str, before: &T) -> &mut Entry {
        self.push_entry(Entry::new(action, Some(before), None))
    }
    fn push_entry(&mut self, entry: Entry) -> &mut Entry {
        let at = self.entries.len();
        self.entries.push(entry);
        &mut self.entries[at]
    }

    /// Says that something happened; published if and only if this transaction commits.
    pub fn emit<E: BusEvent>(&mut self, event: &E) {
        self.events.push(outbox::Pending::new(event));
    }

    /// Queues work; run if and only if this transaction commits.
    pub fn enqueue<J: Job>(&mut self, job: &J) -> &mut jobs::Pending {
        self.enqueue_pending(jobs::Pending::new(job))
    }
    /// The same for a job that has its queue, key or time already.
    pub fn enqueue_pending(&mut self, job: jobs::Pending) -> &mut jobs::Pending {
        let at = self.jobs.len();
        self.jobs.push(job);
        &mut self.jobs[at]
    }

    /// Somebody's access changes with this: this process forgets what it knew of callers.
    pub fn access_changed(&mut self) {
        self.access_changed = true;
    }

    pub(super) fn recognised(&mut self, caller: Caller, scope: Scope) {
        self.cx.caller = Arc::new(caller);
        self.cx.scope = scope;
    }

    /// The answer is a stored one: nothing is done a second time.
    pub(super) fn replayed(&mut self) {
        self.replayed = true;
    }

    pub(super) fn is_audited(&self) -> bool {
        self.replayed || !self.entries.is_empty()
    }

    /// Writes what was collected and commits.
    pub async fn commit(mut self) -> Result<()> {
        let cx = self.cx.clone();
        for entry in std::mem::take(&mut self.entries).into_iter().filter_map(|entry| audit::kept(&cx, entry)) {
            self.events.push(audit::written(&mut self.transaction, &cx, &entry).await?);
        }
        if !self.events.is_empty() {
            let by = cx.caller.staff().map(|staff| staff.id);
            outbox::insert(&mut self.transaction, &cx.request.id, by, &self.events).await?;
        }
        jobs::insert_all(&mut self.transaction, &cx.request.id, cx.now, &self.jobs).await?;
        self.transaction.commit().await?;
        cx.app().changed();
        if self.access_changed {
            cx.app().callers.invalidate_all();
        }
        Ok(())
    }
}
