//! The demo organisation's team. The same every time.

use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;

use super::start::{Post, account_id, is_empty, make_account};
use super::{EndUserId, EndUserSessionId, SessionId, StaffId, sql};
use crate::kernel::app::App;
use crate::kernel::caller::{Caller, EndUserCaller, StaffCaller};
use crate::kernel::error::{Result, internal};
use crate::kernel::permissions::{Permission, SUPER_ADMIN};
use crate::kernel::text::{Email, NewPassword, PersonName};
use crate::kernel::timestamp::Timestamp;

/// The password of every demo account.
pub const PASSWORD: &str = "velvet rope 2026";

/// Email, name and role of the demo accounts.
pub const TEAM: &[(&str, &str, &str)] = &[
    ("asha@demo.eventify.test", "Asha Rao", SUPER_ADMIN),
    ("jonas@demo.eventify.test", "Jonas Weber", SUPER_ADMIN),
    ("meera@demo.eventify.test", "Meera Iyer", "event_manager"),
    ("luca@demo.eventify.test", "Luca Moretti", "finance"),
    ("nia@demo.eventify.test", "Nia Okafor", "moderator"),
    ("tomas@demo.eventify.test", "Tomás Herrera", "production_manager"),
    ("yuki@demo.eventify.test", "Yuki Tanaka", "staffing_manager"),
    ("priya@demo.eventify.test", "Priya Nair", "talent_manager"),
    ("sam@demo.eventify.test", "Sam Whitfield", "content_editor"),
    ("ines@demo.eventify.test", "Inês Duarte", "author"),
    ("greta@demo.eventify.test", "Greta Lindqvist", "auditor"),
];

/// Those who work at the gates of one event of the demo.
const GATE: &[(&str, &str, &str)] = &[
    ("omar@demo.eventify.test", "Omar Haddad", "gate_supervisor"),
    ("ravi@demo.eventify.test", "Ravi Menon", "gate_staff"),
];

/// Fills an empty database; anything in it already, and nothing happens.
pub async fn seed(app: &Arc<App>) -> Result<()> {
    if !is_empty(app).await? {
        return Ok(());
    }
    let mut tx = app.begin().await?;
    let now = app.clock.now();
    for (at, (email, name, role)) in TEAM.iter().enumerate() {
        let joined = now.0 - time::Duration::days(90 - 6 * at as i64);
        let id = one(&mut tx, email, name, Post::from(*role), joined.into()).await?;
        // Those who act in the demo were here just now, others last month, and one never since.
        let minutes = if at < 6 { 3 + 11 * at as i64 } else { 17 + 53 * (at * at * at) as i64 };
        if at != 9 {
            sql::staff_signed_in(&mut tx, id, (now.0 - time::Duration::minutes(minutes)).into()).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Adds the people at the gates of this event.
pub async fn seed_gate(db: &mut PgConnection, event: Uuid, now: Timestamp) -> Result<()> {
    for (email, name, role) in GATE {
        if account_id(db, email).await?.is_some() {
            continue;
        }
        let joined = now.0 - time::Duration::days(9);
        let id = one(db, email, name, Post::at_event(role, event), joined.into()).await?;
        sql::staff_signed_in(db, id, (now.0 - time::Duration::minutes(4)).into()).await?;
    }
    Ok(())
}

/// The artist of the demo who signs in.
const ARTIST: (&str, &str) = ("kabir@demo.eventify.test", "Kabir Sethi");

/// Lets the artist sign in to what is theirs.
pub async fn seed_artist(db: &mut PgConnection, talent: Uuid, now: Timestamp) -> Result<()> {
    let (email, name) = ARTIST;
    if account_id(db, email).await?.is_none() {
        one(db, email, name, Post::of_talent("talent", talent), now).await?;
    }
    Ok(())
}

async fn one(db: &mut PgConnection, email: &str, name: &str, post: Post<'_>, joined: Timestamp) -> Result<StaffId> {
    let wrong = |m: String| internal().internal(m);
    let password = NewPassword::parse(PASSWORD).map_err(wrong)?;
    let (email, name) = (Email::parse(email).map_err(wrong)?, PersonName::parse(name).map_err(wrong)?);
    make_account(db, &email, &name, &password, post, joined).await
}

/// Whoever of the demo does something, by email, as its activity tells it; Eventify itself where nobody has it. Nothing
/// of the demo is beyond what they may do.
pub async fn doer(db: &mut PgConnection, email: &str, now: Timestamp) -> Result<Arc<Caller>> {
    let Some(id) = account_id(db, email).await? else { return Ok(Arc::new(Caller::System)) };
    Ok(Arc::new(Caller::Staff(StaffCaller {
        id,
        session: SessionId::new(),
        email: email.to_owned(),
        name: String::new(),
        permissions: Permission::ALL.iter().copied().collect(),
        scoped: Vec::new(),
        withheld: Default::default(),
        needs_second_factor: false,
        mfa: false,
        last_seen_at: now,
        session_expires_at: now,
        outside_allowlist: false,
    })))
}

/// The same of an end user: whoever hosts an event, or comes to one.
pub fn guest(id: EndUserId, now: Timestamp) -> Arc<Caller> {
    Arc::new(Caller::EndUser(EndUserCaller {
        id,
        session: EndUserSessionId::new(),
        phone: String::new(),
        name: String::new(),
        mfa: false,
        last_seen_at: now,
        session_expires_at: now,
    }))
}

/// Who plans our own events.
pub const PLANNER: &str = "meera@demo.eventify.test";

/// Who looks after the money.
pub const FINANCE: &str = "luca@demo.eventify.test";

/// Who plans what happens at them.
pub const PRODUCER: &str = "tomas@demo.eventify.test";

/// What to type, for people who try Eventify.
pub fn logins() -> String {
    let line = |(email, _, role): &(&str, &str, &str)| format!("    {email:<28} {}", role.replace('_', " "));
    let artist = (ARTIST.0, ARTIST.1, "talent");
    let some: Vec<String> = TEAM.iter().take(5).chain([&artist]).map(line).collect();
    format!("  Sign in with the password “{PASSWORD}” as\n{}", some.join("\n"))
}
