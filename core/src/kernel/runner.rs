//! What every operation goes through: who, may they, is it valid, not too often; then its handler,
//! in a transaction that also holds its audit entries, events, jobs and kept answer.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::{Instrument, Span, info_span};
use uuid::Uuid;

use super::caller::{Caller, Scope, ScopeKey};
use super::context::{Db, Reader, RequestContext, Tx};
use super::error::{self, Error, Result};
use super::permissions::Permission;
use super::registry::{Access, OperationMeta};
use super::request::Request;
use super::{components, idempotency};

/// A handler with its arguments.
///
/// Boxed, as are the futures of the functions that take one: the compiler checks and builds the runner once for each
/// type of answer instead of once more within every operation.
pub type Handler<'h, C, T> = Box<dyn for<'c> FnOnce(&'c mut C) -> BoxFuture<'c, Result<T>> + Send + 'h>;

/// Runs a write in one transaction; one that many want at once waits for its turn at the `row` first.
pub fn write<T>(
    operation: &'static OperationMeta,
    valid: Result<()>,
    input_hash: Option<[u8; 32]>,
    row: Option<Uuid>,
    handler: Handler<'static, Tx, T>,
) -> BoxFuture<'static, Result<T>>
where
    T: Serialize + DeserializeOwned + Send + 'static,
{
    call(operation, valid, move |cx| async move {
        let app = cx.request.app.clone();
        let _turn = match row {
            Some(row) => Some(app.per_key.acquire(row).await?),
            None => None,
        };
        let key = input_hash.zip(cx.request.idempotency_key.clone());
        let Some((hash, key)) = key else {
            return transaction(cx, handler).await;
        };
        transaction(cx, Box::new(move |tx| Box::pin(once(tx, key, hash, handler)))).await
    })
}

/// Runs the handler, or answers what it answered the last time with this key.
async fn once<T>(tx: &mut Tx, key: String, hash: [u8; 32], handler: Handler<'static, Tx, T>) -> Result<T>
where
    T: Serialize + DeserializeOwned,
{
    let subject = tx.caller.subject(tx.request.ip);
    let (operation, now) = (tx.operation, tx.now);
    if let Some(answer) = idempotency::begin(tx.conn(), &subject, operation, &key, &hash, now).await? {
        tx.replayed();
        return serde_json::from_value(answer).map_err(|e| error::internal().internal(e));
    }
    let answer = handler(tx).await?;
    let stored = if operation.secret_answer {
        serde_json::Value::Null
    } else {
        serde_json::to_value(&answer).map_err(|e| error::internal().internal(e))?
    };
    idempotency::finish(tx.conn(), &subject, operation, &key, &hash, &stored, now).await?;
    Ok(answer)
}

/// Runs a read on a read-only connection.
pub fn read<T: Send + 'static>(
    operation: &'static OperationMeta,
    valid: Result<()>,
    handler: Handler<'static, Reader, T>,
) -> BoxFuture<'static, Result<T>> {
    call(operation, valid, |cx| async move { handler(&mut cx.reader().await?).await })
}

/// Runs a handler that does slow work first and opens its own transaction.
pub fn open<T: Send + 'static>(
    operation: &'static OperationMeta,
    valid: Result<()>,
    handler: Handler<'static, RequestContext, T>,
) -> BoxFuture<'static, Result<T>> {
    call(operation, valid, |mut cx| async move { handler(&mut cx).await })
}

fn call<T, F, Fut>(operation: &'static OperationMeta, valid: Result<()>, run: F) -> BoxFuture<'static, Result<T>>
where
    T: Send + 'static,
    F: FnOnce(RequestContext) -> Fut + Send + 'static,
    Fut: Future<Output = Result<T>> + Send,
{
    Box::pin(async move {
        let request = Request::current()?;
        let span = info_span!("operation", id = operation.id, request = %request.id, caller = tracing::field::Empty);
        async {
            let outcome = match admit(operation, &request, valid).await {
                Ok(cx) => {
                    Span::current().record("caller", cx.caller.subject(request.ip));
                    run(cx).await
                }
                Err(error) => Err(error),
            };
            outcome.map_err(|error| report(operation, &request, error))
        }
        .instrument(span)
        .await
    })
}

/// Everything before the handler; nothing here writes.
async fn admit(operation: &'static OperationMeta, request: &Arc<Request>, valid: Result<()>) -> Result<RequestContext> {
    let now = request.app.clock.now();
    let caller = match (components::recogniser()?.cached)(request, operation.access).await {
        // Nobody in particular. Whatever else went wrong says nothing about who calls, and is answered.
        Err(error) if operation.is_public() && error.status() == 401 => Arc::new(Caller::Anonymous),
        other => other?,
    };
    if !request.goes_on() {
        request.app.limiter.check(operation.rate, &caller, request)?;
    }
    let caller = as_known(operation, caller);
    let scope = permit(operation, &caller)?;
    valid?;
    Ok(RequestContext { operation, request: request.clone(), caller, scope, now })
}

/// Whether the caller may still do what it began; for answers that take their time.
pub async fn still_permitted(cx: &RequestContext) -> Result<()> {
    let caller = as_known(cx.operation, (components::recogniser()?.cached)(&cx.request, cx.operation.access).await?);
    permit(cx.operation, &caller).map(drop)
}

/// Who calls, as this operation knows them: people of a suspended partner see all that they saw before, also what it
/// takes more than a permission to read to see. Their own account says what they may do now.
fn as_known(operation: &OperationMeta, caller: Arc<Caller>) -> Arc<Caller> {
    // What hands out a secret is no mere looking.
    let looks = !operation.writes() && operation.permission().is_some() && !operation.secret_answer;
    let looking = match &*caller {
        Caller::Staff(staff) if looks && !staff.withheld.is_empty() => Some(staff.looking()),
        _ => None,
    };
    looking.map_or(caller, |staff| Arc::new(Caller::Staff(staff)))
}

/// Whether the caller may, and within which scope.
fn permit(operation: &OperationMeta, caller: &Caller) -> Result<Scope> {
    let mut refusal = match caller {
        Caller::Anonymous => error::unauthenticated(),
        Caller::EndUser(_) => error::forbidden().detail("This is for team members."),
        Caller::Device(_) => error::forbidden().detail("This is not for phones at a gate."),
        _ if !operation.access.iter().any(|access| matches!(access, Access::EndUser | Access::Staff(_))) => {
            error::forbidden().detail("This is for phones that are paired with a gate.")
        }
        _ if operation.access == [Access::EndUser] => error::forbidden().detail("This is for signed-in end users."),
        _ => error::forbidden().detail("This is for signed-in team members, not for API keys."),
    };
    for access in operation.access {
        match (access, caller) {
            (Access::Public, _) => return Ok(Scope::All),
            (Access::EndUser, Caller::EndUser(user)) => return Ok(Scope::of_end_user(user.id)),
            (Access::EndUser | Access::Device, Caller::System) => return Ok(Scope::All),
            (Access::Device, Caller::Device(device)) if device.revoked => refusal = error::device_revoked(),
            (Access::Device | Access::RevokedDevice, Caller::Device(device)) => {
                return Ok(Scope::Only(vec![ScopeKey::Event(device.event)]));
            }
            (Access::Device | Access::RevokedDevice, _) => {}
            (Access::Staff(_), Caller::Device(_)) => {}
            (Access::Staff(_), Caller::Anonymous | Caller::EndUser(_)) => {}
            (Access::Staff(_), caller) if caller.outside_allowlist() => refusal = error::ip_not_allowed(),
            (Access::Staff(None), Caller::Staff(_) | Caller::System) => return Ok(Scope::All),
            (Access::Staff(Some(permission)), caller) => {
                if caller.staff().is_some_and(|staff| staff.needs_second_factor) {
                    refusal = error::two_factor_required();
                    continue;
                }
                match caller.scope_for(*permission) {
                    Some(scope) if scope == Scope::All || operation.scoped => return Ok(scope),
                    _ if caller.staff().is_some_and(|staff| staff.is_withheld(*permission)) => {
                        refusal = error::partner_suspended();
                    }
                    _ => refusal = caller.lacks(*permission),
                }
            }
            _ => {}
        }
    }
    Err(refusal)
}

/// One transaction with its three endings: committed, rolled back, or refused but kept.
pub fn transaction<'w, T: Send + 'w>(cx: RequestContext, work: Handler<'w, Tx, T>) -> BoxFuture<'w, Result<T>> {
    Box::pin(async move {
        let recognised = !matches!(*cx.caller, Caller::Anonymous | Caller::System);
        let (operation, request) = (cx.operation, cx.request.clone());
        let mut tx = Tx::begin(cx).await?;
        if recognised {
            // The authoritative check: whoever was revoked a moment ago cannot write any more.
            let caller = (components::recogniser()?.fresh)(&request, operation.access, tx.conn()).await?;
            let scope = permit(operation, &caller)?;
            tx.recognised(caller, scope);
        }
        match work(&mut tx).await {
            Ok(answer) => {
                must_be_audited(operation, &tx)?;
                tx.commit().await?;
                Ok(answer)
            }
            Err(refused) if refused.is_kept() => {
                tx.commit().await?;
                Err(refused)
            }
            Err(failed) => Err(who_changed_it(&mut tx, failed).await),
        }
    })
}

/// Of two who change one record, the second is told who the first was; the name of a colleague is for those who may read
/// the team.
async fn who_changed_it(tx: &mut Tx, failed: Error) -> Error {
    let id = failed.current_record().and_then(|record| record["id"].as_str()).map(str::to_owned);
    let Some(id) = id.filter(|_| failed.code() == "conflict") else { return failed };
    if tx.caller.scope_for(Permission::StaffRead) != Some(Scope::All) {
        return failed;
    }
    // Without the name it is as good an answer.
    match components::last_to_change(tx.conn(), &id).await {
        Ok(Some(name)) => failed.current_field("changed_by", name),
        _ => failed,
    }
}

/// A staff write that recorded no audit entry is a mistake of ours, not the caller's. What end users do to what
/// is theirs is not privileged, also where staff may do the same.
fn must_be_audited(operation: &OperationMeta, tx: &Tx) -> Result<()> {
    let privileged = operation.writes() && operation.access.iter().any(|a| matches!(a, Access::Staff(_)));
    let theirs = matches!(*tx.caller, Caller::EndUser(_));
    if privileged && !theirs && operation.unaudited.is_none() && !tx.is_audited() {
        return Err(error::internal().internal(format!("{} recorded no audit entry", operation.id)));
    }
    Ok(())
}

/// Internal detail goes to the log with the request's id, never to the caller.
fn report(operation: &OperationMeta, request: &Request, failure: Error) -> Error {
    let failure = failure.with_request_id(&request.id);
    if cfg!(debug_assertions) && !operation.can_refuse_with(failure.code()) {
        tracing::warn!(code = failure.code(), "{} gives an error it does not declare: errors(…)", operation.id);
    }
    if failure.status() >= 500 {
        tracing::error!(code = failure.code(), detail = failure.internal_detail(), "operation failed");
    } else {
        tracing::debug!(code = failure.code(), "operation refused");
    }
    failure
}
