//! What guessing at the door comes to. Failures are counted by account and by where they come from: a
//! device the account has signed in on is a door of its own, everybody else shares that of their network.
//! So nobody can keep an account's owner out, and over all networks guesses stay few.

use serde_json::json;
use time::Duration;

use super::sql::{self, KnownDevice, Login};
use super::{StaffId, sessions};
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::error::{Error, Result, account_locked, rate_limited};
use crate::kernel::rate;
use crate::kernel::timestamp::Timestamp;

/// Failures are counted over this time.
const WINDOW: Duration = Duration::minutes(15);
/// Failures at one door in that time before it is shut for the rest of it.
const FAILURES: i32 = 5;
/// Failures of one account, from wherever it does not know, before further ones are slowed down.
const MANY: i32 = 20;
/// One of those is let through in this time.
const PAUSE: Duration = Duration::seconds(10);

/// Where somebody stands who wants to sign in to an account.
pub struct Door {
    email: String,
    /// A device of the account, or a network.
    place: String,
    /// The second step: who knows the password guesses codes, of which there are few.
    code: bool,
    /// The account's own device, where it is one.
    pub device: Option<KnownDevice>,
}

impl Door {
    /// The door this request stands at. It costs the same whether there is such an account or not.
    pub async fn find(db: &mut impl Db, email: &str, account: Option<&Login>, code: bool) -> Result<Door> {
        let (request, now) = (db.cx().request.clone(), db.cx().now);
        let user = StaffId(account.map_or_else(new_uuid, |account| account.id));
        let fingerprint = sessions::fingerprint(&request).unwrap_or_default();
        let device = sql::device_known(db.conn(), user, &fingerprint, now).await?;
        let place = match &device {
            Some(device) => format!("device {}", device.id),
            None => rate::network(request.ip).to_string(),
        };
        Ok(Door { email: email.to_owned(), place, code, device })
    }

    /// Whether the device stands in for the second factor.
    pub fn is_trusted(&self) -> bool {
        self.device.as_ref().is_some_and(|device| device.trusted)
    }

    /// Codes are guessed at one door for the whole account, unless at a device of its own.
    fn subject(&self) -> String {
        match (self.code, &self.device) {
            (false, _) => format!("{} {}", self.email, self.place),
            (true, Some(_)) => format!("{} code {}", self.email, self.place),
            (true, None) => format!("{} code", self.email),
        }
    }

    /// Refuses where there were too many failures.
    pub async fn refuse_if_shut(&self, db: &mut impl Db) -> Result<()> {
        let (now, network, most) = (db.cx().now, network(db.cx()), db.cx().app().config.login_failures);
        let here = rate::counted(db.conn(), "login_failure", &self.subject(), WINDOW, now).await?;
        let from_network = rate::counted(db.conn(), "login_failure_ip", &network, WINDOW, now).await?;
        let in_all = rate::counted(db.conn(), "login_failure_all", &self.email, WINDOW, now).await?;
        let just_now = rate::counted(db.conn(), "login_failure_slow", &self.email, PAUSE, now).await?;
        let stranger = self.device.is_none();
        if here >= FAILURES {
            return Err(shut(WINDOW, now));
        }
        if stranger && from_network >= most {
            return Err(crowded(now));
        }
        if stranger && in_all >= MANY && just_now > 0 { Err(shut(PAUSE, now)) } else { Ok(()) }
    }

    /// Counts a failure and keeps the count although the call is refused. Past the limit every guess is
    /// answered alike, so that many at once do not tell which of them was right.
    pub async fn failed<T>(&self, tx: &mut Tx, refusal: Error) -> Result<T> {
        let (now, network, most) = (tx.now, network(tx), tx.app().config.login_failures);
        let here = rate::count(tx.conn(), "login_failure", &self.subject(), WINDOW, now).await?;
        let mut refused = (here > FAILURES).then(|| shut(WINDOW, now));
        let mut slowed = false;
        if self.device.is_none() {
            let from_network = rate::count(tx.conn(), "login_failure_ip", &network, WINDOW, now).await?;
            let in_all = rate::count(tx.conn(), "login_failure_all", &self.email, WINDOW, now).await?;
            slowed = in_all >= MANY;
            if slowed && rate::count(tx.conn(), "login_failure_slow", &self.email, PAUSE, now).await? > 1 {
                refused = refused.or_else(|| Some(shut(PAUSE, now)));
            }
            if from_network > most {
                refused = refused.or_else(|| Some(crowded(now)));
            }
        }
        let until = Timestamp(now.0 + remaining(WINDOW, now));
        self.note(tx, here, slowed.then_some(until)).await?;
        Err(refused.unwrap_or(refusal).commit_on_error())
    }

    /// Writes it to the account, if there is one, and mails its owner when a door shuts: once in the time.
    async fn note(&self, tx: &mut Tx, failures: i32, slowed_until: Option<Timestamp>) -> Result<()> {
        let (now, ip) = (tx.now, tx.request.ip.to_string());
        let note = json!({ "failures": failures, "second_step": self.code });
        let account = sql::login_failed(tx.conn(), &self.email, new_uuid(), slowed_until, note, &ip, now).await?;
        if failures != FAILURES || rate::count(tx.conn(), "login_failure_mail", &self.email, WINDOW, now).await? > 1 {
            return Ok(());
        }
        if let Some(account) = account.filter(|account| account.status == "active") {
            let until = Timestamp(now.0 + remaining(WINDOW, now));
            let told = Some(sql::moment_told(tx.conn(), None, account.id, until).await?);
            let mail = super::templates::AccountLocked { name: account.full_name, ip, until, told };
            crate::notify::mail(tx, &self.email, mail);
        }
        Ok(())
    }

    /// Somebody who could do it: the failures here were slips.
    pub async fn forget(&self, tx: &mut Tx) -> Result<()> {
        for code in [false, true] {
            let door = Door { email: self.email.clone(), place: self.place.clone(), code, device: self.device.clone() };
            sql::failures_forget(tx.conn(), &door.subject()).await?;
        }
        Ok(())
    }
}

/// Opens every door of an account.
pub async fn lift(tx: &mut Tx, email: &str) -> Result<()> {
    sql::failures_forget_all(tx.conn(), email).await
}

fn network(cx: &RequestContext) -> String {
    rate::network(cx.request.ip).to_string()
}

fn remaining(window: Duration, now: Timestamp) -> Duration {
    Duration::seconds(i64::try_from(rate::window_remaining(window, now)).unwrap_or(900))
}

/// A whole office may be behind one address: it is refused only where far more went wrong than people mistype, and
/// nobody's account is locked by it.
fn crowded(now: Timestamp) -> Error {
    rate_limited()
        .detail("Too many failed sign-ins came from this network.")
        .retry_after(rate::window_remaining(WINDOW, now))
}

fn shut(window: Duration, now: Timestamp) -> Error {
    account_locked()
        .detail("Wait a while, sign in on a device you have used before, or reset the password.")
        .retry_after(rate::window_remaining(window, now))
}
