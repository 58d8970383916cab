//! Supervisors: a phone that was paired as theirs, whoever may manage tickets, or a PIN of their own.

use time::Duration;
use uuid::Uuid;

use super::{reach, sql};
use crate::gate::errors::pin_wrong;
use crate::kernel::caller::Scope;
use crate::kernel::context::{RequestContext, Tx};
use crate::kernel::crypto::{Keys, verify_password};
use crate::kernel::error::{Result, rate_limited};
use crate::kernel::permissions::Permission::TicketsManage;
use crate::kernel::rate;

/// Wrong PINs of one phone or account within a quarter of an hour.
const MOST: i32 = 5;
const WINDOW: Duration = Duration::minutes(15);
const COUNTER: &str = "gate_pin";

/// By which right somebody supervises.
#[derive(Clone, Copy, Debug)]
pub enum Supervisor {
    /// The phone's own.
    Phone,
    /// The caller's, within the events it may manage.
    Caller,
    /// That of whoever typed a PIN.
    Pin(Uuid),
}

impl Supervisor {
    /// The member of staff who answers for it.
    pub fn staff(self, cx: &RequestContext) -> Option<Uuid> {
        match self {
            Supervisor::Pin(id) => Some(id),
            Supervisor::Caller => cx.caller.person().map(|id| id.0),
            Supervisor::Phone => None,
        }
    }

    /// Refuses where the right does not reach this event.
    pub async fn must_reach(self, tx: &mut Tx, event: Uuid) -> Result<()> {
        match self {
            Supervisor::Caller => reach::must_run(tx, event, TicketsManage).await,
            Supervisor::Phone | Supervisor::Pin(_) => Ok(()),
        }
    }
}

/// What leads to a PIN's row: keyed, as a PIN is too short for a plain hash to hide it.
pub fn tag(keys: &Keys, pin: &str) -> [u8; 32] {
    keys.derive("gate_pin_tag", &[pin.as_bytes()])
}

/// Who supervises this call. Slow, as a PIN is hashed like a password: outside of any transaction.
pub async fn supervisor(cx: &RequestContext, pin: Option<&str>) -> Result<Supervisor> {
    if cx.caller.device().is_some_and(|device| device.supervisor) {
        return Ok(Supervisor::Phone);
    }
    let manages = match cx.caller.scope_for(TicketsManage) {
        Some(Scope::All) => true,
        Some(Scope::Only(_)) => pin.is_none(),
        None => false,
    };
    if manages {
        return Ok(Supervisor::Caller);
    }
    let pin = pin.ok_or_else(|| pin_wrong().detail("Only a supervisor can do this: enter their PIN."))?;
    let subject = cx.caller.subject(cx.request.ip);
    let tag = tag(&cx.app().keys, pin);
    let pins = {
        let mut db = cx.app().pool.acquire().await?;
        // Counted before it is looked at: guesses at the same time see each other.
        if rate::count(&mut db, COUNTER, &subject, WINDOW, cx.now).await? > MOST {
            return Err(rate_limited()
                .detail("Too many wrong PINs. Wait before trying again.")
                .retry_after(rate::window_remaining(WINDOW, cx.now)));
        }
        sql::pins(&mut db, reach::only_event(cx), &tag, cx.now).await?
    };
    for row in pins {
        if verify_password(pin, Some(row.pin_hash.clone())).await? {
            let mut db = cx.app().pool.acquire().await?;
            if !row.is_tagged {
                sql::pin_tag(&mut db, &row, &tag).await?;
            }
            rate::uncount(&mut db, COUNTER, &subject, WINDOW, cx.now).await?;
            return Ok(Supervisor::Pin(row.user_id));
        }
    }
    Err(pin_wrong())
}
